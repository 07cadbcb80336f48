/*
 * Arm SMMUv2 translation lookaside buffer: unit tests
 *
 * A TLB may forget a mapping at any time, but must never return one that is
 * wrong or was removed.  Random operations are compared with a model that
 * forgets nothing; readers beside a writer check what they get for its age and
 * for being of one piece.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/thread.h"
#include "hw/arm/smmuv2/smmuv2-tlb.h"
#include "test-util.h"

static const uint8_t shifts[] = { 12, 14, 16, 21, 25, 29, 30 };
static const unsigned capacities[] = { 256, 65536, SMMUV2_TLB_MAX };

#define NUM_SHIFTS  ARRAY_SIZE(shifts)

static SMMUv2Mapping mapping(uint64_t addr, unsigned shift, uint64_t id)
{
    uint64_t r = mix64(id);

    return (SMMUv2Mapping) {
        .in = addr >> shift << shift,
        .out = (r & MAKE_64BIT_MASK(0, 48)) >> shift << shift,
        .shift = shift,
        .perm = r >> 48 & SMMUV2_PERM_ALL,
        .level = 3,
        .attrs = { .memattr = r >> 56, .sh = r >> 54 & 3 },
    };
}

static bool same(const SMMUv2Mapping *a, const SMMUv2Mapping *b)
{
    return a->in == b->in && a->out == b->out && a->shift == b->shift &&
           a->perm == b->perm && a->attrs.memattr == b->attrs.memattr &&
           a->attrs.sh == b->attrs.sh;
}

static void test_empty(void)
{
    SMMUv2TLB tlb;
    SMMUv2Mapping map;

    smmuv2_tlb_init(&tlb, SMMUV2_TLB_MIN);
    g_assert_false(smmuv2_tlb_lookup(&tlb, 1, 0, &map));
    smmuv2_tlb_invalidate_addr(&tlb, 1, 0);
    smmuv2_tlb_invalidate_all(&tlb);
    g_assert_false(smmuv2_tlb_lookup(&tlb, 1, UINT64_MAX, &map));
    smmuv2_tlb_destroy(&tlb);
}

static void test_hit(const void *data)
{
    const uint8_t *shift = data;
    uint64_t size = 1ull << *shift, addr = 0x1234567ull << 25;
    SMMUv2Mapping map = mapping(addr, *shift, *shift), got = { 0 };
    SMMUv2TLB tlb;

    addr = map.in;
    for (uint32_t n = SMMUV2_TLB_MIN; n <= 4096; n *= 2) {
        smmuv2_tlb_init(&tlb, n);
        smmuv2_tlb_insert(&tlb, 7, &map);
        /* First and last byte, not the ones beside, nor another context */
        g_assert_true(smmuv2_tlb_lookup(&tlb, 7, addr, &got));
        g_assert_true(same(&map, &got));
        g_assert_true(smmuv2_tlb_lookup(&tlb, 7, addr + size - 1, &got));
        g_assert_true(same(&map, &got));
        g_assert_false(smmuv2_tlb_lookup(&tlb, 7, addr - 1, &got));
        g_assert_false(smmuv2_tlb_lookup(&tlb, 7, addr + size, &got));
        g_assert_false(smmuv2_tlb_lookup(&tlb, 8, addr, &got));

        /* Removed by any address in it, in its context only */
        for (int ctx = 8; ctx < 40; ctx++) {
            smmuv2_tlb_invalidate_addr(&tlb, ctx, addr);
        }
        smmuv2_tlb_invalidate_addr(&tlb, 7, addr - 1);
        smmuv2_tlb_invalidate_addr(&tlb, 7, addr + size);
        g_assert_true(smmuv2_tlb_lookup(&tlb, 7, addr, &got));
        smmuv2_tlb_invalidate_addr(&tlb, 7, addr + size - 1);
        g_assert_false(smmuv2_tlb_lookup(&tlb, 7, addr, &got));
        smmuv2_tlb_insert(&tlb, 7, &map);
        smmuv2_tlb_invalidate_all(&tlb);
        g_assert_false(smmuv2_tlb_lookup(&tlb, 7, addr, &got));
        smmuv2_tlb_destroy(&tlb);
    }
}

static void test_address_zero(void)
{
    SMMUv2Mapping map = mapping(0, 12, 1), got = { 0 };
    SMMUv2TLB tlb;

    smmuv2_tlb_init(&tlb, SMMUV2_TLB_MIN);
    smmuv2_tlb_insert(&tlb, 1, &map);
    g_assert_true(smmuv2_tlb_lookup(&tlb, 1, 0xfff, &got));
    g_assert_true(same(&map, &got));
    smmuv2_tlb_invalidate_addr(&tlb, 1, 0);
    g_assert_false(smmuv2_tlb_lookup(&tlb, 1, 0, &got));
    smmuv2_tlb_destroy(&tlb);
}

/* An insertion for the same block replaces, wherever the old one is */
static void test_replace_same_block(void)
{
    SMMUv2Mapping a = mapping(0x5000, 12, 1), b = mapping(0x5000, 12, 2), got;
    SMMUv2TLB tlb;

    smmuv2_tlb_init(&tlb, SMMUV2_TLB_MIN);
    for (int other = 0; other < 64; other++) {
        SMMUv2Mapping c = mapping(0x100000 + (other << 12), 12, 3 + other);

        smmuv2_tlb_insert(&tlb, 1, &a);
        smmuv2_tlb_insert(&tlb, 1, &c);
        smmuv2_tlb_insert(&tlb, 1, &b);
        if (smmuv2_tlb_lookup(&tlb, 1, 0x5000, &got)) {
            g_assert_true(same(&b, &got));
        }
        /* Nor does the old one come back */
        smmuv2_tlb_invalidate_addr(&tlb, 1, 0x5000);
        g_assert_false(smmuv2_tlb_lookup(&tlb, 1, 0x5000, &got));
    }
    smmuv2_tlb_destroy(&tlb);
}

/* All sizes of an address at once go with one invalidation */
static void test_invalidate_all_sizes(void)
{
    SMMUv2Mapping got;
    SMMUv2TLB tlb;

    smmuv2_tlb_init(&tlb, 1024);
    for (int i = 0; i < NUM_SHIFTS; i++) {
        SMMUv2Mapping map = mapping(0x123456789000, shifts[i], i);

        smmuv2_tlb_insert(&tlb, 1, &map);
    }
    g_assert_true(smmuv2_tlb_lookup(&tlb, 1, 0x123456789000, &got));
    smmuv2_tlb_invalidate_addr(&tlb, 1, 0x123456789000);
    g_assert_false(smmuv2_tlb_lookup(&tlb, 1, 0x123456789000, &got));
    smmuv2_tlb_destroy(&tlb);
}

/* As many entries as were asked for can be used, within what sets allow */
static unsigned hits(const SMMUv2TLB *tlb, unsigned pages)
{
    SMMUv2Mapping got;
    unsigned n = 0;

    for (unsigned i = 0; i < pages; i++) {
        n += smmuv2_tlb_lookup(tlb, 1, (uint64_t)i << 12, &got);
    }
    return n;
}

/* Neighbouring pages fill it evenly, and one too many costs one */
static void test_capacity(const void *data)
{
    unsigned size = *(const unsigned *)data, filled;
    SMMUv2Mapping map;
    SMMUv2TLB tlb;

    smmuv2_tlb_init(&tlb, size);
    for (unsigned i = 0; i < size; i++) {
        map = mapping((uint64_t)i << 12, 12, i);
        smmuv2_tlb_insert(&tlb, 1, &map);
    }
    filled = hits(&tlb, size);
    g_assert_cmpuint(filled, >=, size / 16 * 15);
    for (unsigned i = size; i < size + 4; i++) {
        map = mapping((uint64_t)i << 12, 12, i);
        smmuv2_tlb_insert(&tlb, 1, &map);
        g_assert_true(smmuv2_tlb_lookup(&tlb, 1, map.in, &map));
    }
    g_assert_cmpuint(hits(&tlb, size), >=, filled - 4);
    smmuv2_tlb_destroy(&tlb);
}

/* ---- Against a model that forgets nothing ---- */

#define POOL        512         /* addresses used */
#define CONTEXTS    8           /* at a time */

static struct {
    uint64_t addr[POOL];
    int first[NUM_SHIFTS][POOL];        /* lowest in the same block */
    uint64_t ctx[CONTEXTS], last_ctx;
    bool valid[CONTEXTS][NUM_SHIFTS][POOL];
    SMMUv2Mapping map[CONTEXTS][NUM_SHIFTS][POOL];
} model;

static void model_init(uint64_t *rng)
{
    memset(&model, 0, sizeof(model));
    for (int i = 0; i < POOL; i++) {
        /* A third beside another one, at one of the distances that matter */
        model.addr[i] = rnd64(rng) & MAKE_64BIT_MASK(12, 37);
        if (i && rnd(rng, 3)) {
            model.addr[i] = model.addr[rnd(rng, i)] ^
                            1ull << (12 + rnd(rng, 20));
        }
    }
    for (int s = 0; s < NUM_SHIFTS; s++) {
        for (int i = 0; i < POOL; i++) {
            while (model.addr[model.first[s][i]] >> shifts[s] !=
                   model.addr[i] >> shifts[s]) {
                model.first[s][i]++;
            }
        }
    }
    for (int c = 0; c < CONTEXTS; c++) {
        model.ctx[c] = ++model.last_ctx;
    }
}

static void test_random(const void *data)
{
    uint64_t rng = test_seed(), count = test_count(1000000);
    uint64_t hits = 0, lookups = 0, inserted = 0, at_once = 0;
    SMMUv2Mapping got;
    SMMUv2TLB tlb;

    smmuv2_tlb_init(&tlb, *(const int *)data);
    model_init(&rng);
    for (uint64_t n = 0; n < count && !g_test_failed(); n++) {
        int i = rnd(&rng, POOL), c = rnd(&rng, CONTEXTS);
        int s = rnd(&rng, NUM_SHIFTS), f = model.first[s][i], op;
        uint64_t addr = model.addr[i] | (rnd64(&rng) & 0xfff);
        bool right;

        op = rnd(&rng, 1000);
        if (op < 400) {
            SMMUv2Mapping *map = &model.map[c][s][f];

            /* The same once more, or another one */
            if (!model.valid[c][s][f] || one_in(&rng, 2)) {
                *map = mapping(addr, shifts[s], rnd64(&rng));
                model.valid[c][s][f] = true;
            }
            smmuv2_tlb_insert(&tlb, model.ctx[c], map);
            inserted++;
            at_once += smmuv2_tlb_lookup(&tlb, model.ctx[c], addr, &got);
        } else if (op < 480) {
            smmuv2_tlb_invalidate_addr(&tlb, model.ctx[c], addr);
            for (s = 0; s < NUM_SHIFTS; s++) {
                model.valid[c][s][model.first[s][i]] = false;
            }
        } else if (op < 482) {
            /* How owners drop a context: by another number */
            model.ctx[c] = ++model.last_ctx;
            memset(model.valid[c], 0, sizeof(model.valid[c]));
        } else if (op == 482 && one_in(&rng, 20)) {
            smmuv2_tlb_invalidate_all(&tlb);
            memset(model.valid, 0, sizeof(model.valid));
        }

        lookups++;
        if (!smmuv2_tlb_lookup(&tlb, model.ctx[c], addr, &got)) {
            continue;
        }
        hits++;
        right = false;
        for (s = 0; s < NUM_SHIFTS; s++) {
            f = model.first[s][i];
            right |= model.valid[c][s][f] &&
                     same(&got, &model.map[c][s][f]);
        }
        if (!right) {
            g_test_message("operation %" PRIu64 " of seed %" PRIu64
                           ": context %" PRIu64 " address 0x%" PRIx64
                           " is mapped by 0x%" PRIx64 " shift %d", n,
                           test_seed(), model.ctx[c], addr, got.in, got.shift);
            g_test_fail();
        }
    }
    g_test_message("%" PRIu64 " lookups, %" PRIu64 " hits", lookups, hits);
    /* What was just inserted is there, or the TLB is of no use */
    g_assert_cmpuint(at_once, ==, inserted);
    g_assert_cmpuint(hits, >, lookups / 100);
    smmuv2_tlb_destroy(&tlb);
}

/* ---- Readers beside a writer ---- */

#define READERS     3
#define BLOCKS      64

/*
 * Each block has a generation.  Before one becomes invalid, @oldest says that
 * no older one is to be seen from now on; then the TLB is told.  A reader takes
 * @oldest first, so a hit of an older generation came after its invalidation.
 */
static struct {
    SMMUv2TLB tlb;
    uint32_t oldest[BLOCKS];
    bool stop;
} shared;

static const uint8_t block_shift[4] = { 12, 12, 16, 21 };

static uint64_t block_ctx(int block)
{
    return 1 + block % 3;
}

static uint64_t block_addr(int block)
{
    return (uint64_t)block << 21;
}

/* Everything in it follows from block and generation */
static SMMUv2Mapping block_mapping(int block, uint32_t generation)
{
    unsigned shift = block_shift[block % ARRAY_SIZE(block_shift)];
    uint64_t check = mix64((uint64_t)block << 32 | generation);

    return (SMMUv2Mapping) {
        .in = block_addr(block),
        .out = (uint64_t)generation << 21,
        .shift = shift,
        .perm = check & SMMUV2_PERM_ALL,
        .attrs = { .memattr = check >> 8, .sh = check >> 16 & 3 },
    };
}

typedef struct Reader {
    QemuThread thread;
    uint64_t rng, hits, torn, stale;
} Reader;

static void *reader(void *opaque)
{
    Reader *r = opaque;

    while (!qatomic_read(&shared.stop)) {
        for (int i = 0; i < 1000; i++) {
            int block = rnd(&r->rng, BLOCKS);
            uint32_t oldest = qatomic_load_acquire(&shared.oldest[block]);
            SMMUv2Mapping got, expected;
            uint32_t generation;

            if (!smmuv2_tlb_lookup(&shared.tlb, block_ctx(block),
                                   block_addr(block), &got)) {
                continue;
            }
            r->hits++;
            generation = got.out >> 21;
            expected = block_mapping(block, generation);
            r->torn += !same(&got, &expected);
            r->stale += generation < oldest;
        }
    }
    return NULL;
}

static void test_concurrent(void)
{
    uint64_t rng = test_seed(), count = test_count(1000000);
    Reader readers[READERS] = { 0 };
    uint64_t hits = 0;

    /* Small, so that entries are replaced all the time */
    smmuv2_tlb_init(&shared.tlb, 32);
    for (int i = 0; i < READERS; i++) {
        readers[i].rng = rnd64(&rng);
        qemu_thread_create(&readers[i].thread, "reader", reader, &readers[i],
                           QEMU_THREAD_JOINABLE);
    }
    for (uint64_t n = 0; n < count; n++) {
        int block = rnd(&rng, BLOCKS);
        SMMUv2Mapping map;

        if (one_in(&rng, 3)) {
            smmuv2_tlb_invalidate_addr(&shared.tlb, block_ctx(block),
                                       block_addr(block));
            qatomic_store_release(&shared.oldest[block],
                                  shared.oldest[block] + 1);
        }
        map = block_mapping(block, shared.oldest[block]);
        smmuv2_tlb_insert(&shared.tlb, block_ctx(block), &map);
        if (one_in(&rng, 20000)) {
            smmuv2_tlb_invalidate_all(&shared.tlb);
        }
    }
    qatomic_set(&shared.stop, true);
    for (int i = 0; i < READERS; i++) {
        qemu_thread_join(&readers[i].thread);
        hits += readers[i].hits;
        g_assert_cmpuint(readers[i].torn, ==, 0);
        g_assert_cmpuint(readers[i].stale, ==, 0);
    }
    g_test_message("%" PRIu64 " hits", hits);
    g_assert_cmpuint(hits, >, 0);
    smmuv2_tlb_destroy(&shared.tlb);
}

int main(int argc, char **argv)
{
    static const int sizes[] = { SMMUV2_TLB_MIN, 64, 4096 };

    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    g_test_add_func("/smmuv2/tlb/empty", test_empty);
    for (int i = 0; i < NUM_SHIFTS; i++) {
        g_autofree char *name = g_strdup_printf("/smmuv2/tlb/hit/%d",
                                                shifts[i]);

        g_test_add_data_func(name, &shifts[i], test_hit);
    }
    g_test_add_func("/smmuv2/tlb/address-zero", test_address_zero);
    g_test_add_func("/smmuv2/tlb/replace-same-block", test_replace_same_block);
    g_test_add_func("/smmuv2/tlb/invalidate-all-sizes",
                    test_invalidate_all_sizes);
    g_test_add_data_func("/smmuv2/tlb/capacity/256", &capacities[0],
                         test_capacity);
    g_test_add_data_func("/smmuv2/tlb/capacity/65536", &capacities[1],
                         test_capacity);
    g_test_add_data_func("/smmuv2/tlb/capacity/1048576", &capacities[2],
                         test_capacity);
    for (int i = 0; i < ARRAY_SIZE(sizes); i++) {
        g_autofree char *name = g_strdup_printf("/smmuv2/tlb/random/%d",
                                                sizes[i]);

        g_test_add_data_func(name, &sizes[i], test_random);
    }
    g_test_add_func("/smmuv2/tlb/concurrent", test_concurrent);
    return g_test_run();
}
