/*
 * Stress of the SMMUv2 model by several threads
 *
 * Masters access memory from threads of their own while registers are written:
 * pages change and are invalidated in every way there is, tables are replaced,
 * streams and banks are moved.  Each page has a generation, which is where it
 * is mapped to.  Once an invalidation has returned, no access that starts then
 * may see an older one.  Built with ThreadSanitizer whatever QEMU is built
 * with, which finds what is shared without care.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "machine-setup.h"

#define PAGES       64
#define THREADS     4
#define VA          0x40200000ull
#define ROOT        0x10000         /* level 1, then level 2 */
#define LEAVES(n)   (ROOT + 0x2000 + 0x1000 * (n))  /* two to choose from */
#define OTHER_ROOT  0x20000         /* the same for another TTBR */
#define IPA_ROOT    0x30000         /* stage 2: a block for all tables */

static struct {
    uint32_t oldest[PAGES];         /* generation that may still be seen */
    bool stop;
} shared;

typedef struct Master {
    QemuThread thread;
    unsigned tbu;
    uint64_t rng, accesses, stale, refused;
} Master;

static uint64_t next(uint64_t *rng)
{
    *rng ^= *rng << 13;
    *rng ^= *rng >> 7;
    *rng ^= *rng << 17;
    return *rng;
}

static void *master(void *opaque)
{
    Master *s = opaque;

    while (!qatomic_read(&shared.stop)) {
        unsigned page = next(&s->rng) % PAGES, times = next(&s->rng) % 4 + 1;

        while (times--) {
            uint32_t oldest = qatomic_load_acquire(&shared.oldest[page]);
            IOMMUTLBEntry e = machine_translate(m, s->tbu, VA + page * 0x1000,
                                                next(&s->rng) & 1 ? RO : WO);

            s->accesses++;
            s->refused += e.perm != IOMMU_RW;
            s->stale += e.translated_addr >> 12 < oldest;
        }
    }
    return NULL;
}

static void put(uint64_t addr, uint64_t desc)
{
    qatomic_set_u64((uint64_t *)(m->ram + addr), cpu_to_le64(desc));
}

static void map(unsigned table, unsigned page, uint64_t generation)
{
    put(LEAVES(table) + page * 8, generation << 12 | S1_LEAF | NG | PAGE);
}

static void use_table(unsigned table)
{
    put(ROOT + 0x1000 + 8, LEAVES(table) | TABLE);
    put(OTHER_ROOT + 0x1000 + 8, LEAVES(table) | TABLE);
}

static void setup(bool nested)
{
    new_machine(&machine_default);
    put(ROOT + 8, (ROOT + 0x1000) | TABLE);
    put(OTHER_ROOT + 8, (OTHER_ROOT + 0x1000) | TABLE);
    use_table(0);
    for (unsigned page = 0; page < PAGES; page++) {
        map(0, page, 1);
        shared.oldest[page] = 1;
    }
    for (unsigned i = 0; i < 512; i++) {
        put(IPA_ROOT + i * 8, (uint64_t)i << 30 | S2_LEAF);
    }
    setup_bank(2, 0 << 16 | 7, 0, IPA_ROOT);
    for (unsigned bank = 0; bank < 2; bank++) {
        setup_bank(bank, nested ? 3 << 16 | 2 << 8 : 1 << 16 | 7, 1, ROOT);
    }
    /* Two masters, each at times in the other's bank */
    gr0(S2CR, 0);
    gr0(S2CR + 4, 1);
}

/* Make all that is cached of a page go, in one way or another */
static void invalidate(unsigned how, unsigned page, bool nested)
{
    uint64_t va = 1ull << 48 | ((VA >> 12) + page);
    static const uint64_t roots[] = { ROOT, OTHER_ROOT };

    switch (how % 12) {
    case 0:
        cb4(0, TLBIASID, 1);
        break;
    case 1:
        cb4(1, TLBIALL, 0);
        break;
    case 2:
        gr0(TLBIVMID, 7);
        break;
    case 3:
        gr0(TLBIALLNSNH, 0);
        break;
    case 4:
        /* Each bank gets another root, which leads to the same leaves */
        cb8(0, TTBR0, 1ull << 48 | roots[how / 12 % 2]);
        cb8(1, TTBR0, 1ull << 48 | roots[how / 24 % 2]);
        break;
    case 5:
        cb8(0, TLBIVA, va);
        break;
    case 6:
        cb8(1, TLBIVAA, va);
        break;
    case 7:
        if (nested) {
            cb8(2, TLBIIPAS2, 0);
        } else {
            gr0(STLBIALL, 0);
        }
        break;
    case 8:
        /* Both streams to one bank, or across: no new entry is stale */
        gr0(S2CR, how / 12 % 2);
        gr0(S2CR + 4, how / 24 % 2);
        /* fall through */
    default:
        cb8(0, TLBIVAL, va);
        break;
    }
    cb4(0, 0x7f0, 0);
    g_assert_cmphex(cb_read(0, 0x7f4), ==, 0);
}

static void stress(const void *data)
{
    bool nested = *(const bool *)data;
    uint64_t rng = g_test_rand_int() | 1ull << 40;
    uint32_t generation = 1;
    unsigned table = 0, rounds = g_test_slow() ? 2000000 : 60000;
    Master masters[THREADS] = { 0 };
    uint64_t accesses = 0;

    setup(nested);
    qatomic_set(&shared.stop, false);
    for (unsigned i = 0; i < THREADS; i++) {
        masters[i].tbu = i % 2;
        masters[i].rng = next(&rng);
        qemu_thread_create(&masters[i].thread, "master", master, &masters[i],
                           QEMU_THREAD_JOINABLE);
    }
    for (unsigned n = 0; n < rounds; n++) {
        unsigned page = next(&rng) % PAGES, how = next(&rng) % 1024;

        map(table, page, ++generation);
        if (how % 64 == 63) {
            /* The other table takes over */
            for (unsigned i = 0; i < PAGES; i++) {
                put(LEAVES(table ^ 1) + i * 8,
                    qatomic_read_u64((uint64_t *)(m->ram + LEAVES(table) +
                                                  i * 8)));
            }
            table ^= 1;
            use_table(table);
            cb8(0, TLBIVA, 1ull << 48 | ((VA >> 12) + page));
        }
        invalidate(how, page, nested);
        qatomic_store_release(&shared.oldest[page], generation);
    }
    qatomic_set(&shared.stop, true);
    for (unsigned i = 0; i < THREADS; i++) {
        qemu_thread_join(&masters[i].thread);
        g_assert_cmpuint(masters[i].stale, ==, 0);
        g_assert_cmpuint(masters[i].refused, ==, 0);
        g_assert_cmpuint(masters[i].accesses, >, 0);
        accesses += masters[i].accesses;
    }
    g_test_message("%" PRIu64 " accesses beside %u invalidations, %" PRIu64
                   " hits", accesses, rounds, smmuv2_tbu_hits(m->tbu[0]) +
                   smmuv2_tbu_hits(m->tbu[1]));
    /* Each thread counts in its own slot: nothing is lost */
    g_assert_cmpuint(smmuv2_tbu_translations(m->tbu[0]) +
                     smmuv2_tbu_translations(m->tbu[1]), ==, accesses);
}

int main(int argc, char **argv)
{
    static const bool nested[] = { false, true };

    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/smmuv2/stress/stage1", &nested[0], stress);
    g_test_add_data_func("/smmuv2/stress/nested", &nested[1], stress);
    return g_test_run();
}
