/*
 * Payloads: the other CPUs keep the SMMU busy
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "noise.h"
#include "pci.h"
#include "smmu.h"

#define IOVA        0x10000000ull
#define NUM_PAGES   16

static struct noise {
    struct table tab;
    uint64_t memory;
    unsigned rounds;
} noises[MAX_CPUS];
static bool stop;

static void round(struct noise *n, unsigned cpu)
{
    const unsigned cb = NOISE_BANK + cpu, asid = cb;
    struct testdev *d = &testdevs[cpu];
    uint64_t iova = IOVA + n->rounds % NUM_PAGES * PAGE_SIZE;
    uint64_t pa = n->memory + pattern() % NUM_PAGES * PAGE_SIZE;

    table_map(&n->tab, iova, pa);
    EXPECT_MAPS(d, iova, pa);
    table_unmap(&n->tab, iova);
    switch (n->rounds % 4) {
    case 0:
        tlbi_asid(cb, asid);
        tlb_sync(cb);
        break;
    case 1:
        tlbi_va(cb, iova, asid);
        tlb_gsync();
        break;
    default:
        tlbi_va(cb, iova, asid);
        tlb_sync(cb);
    }
    EXPECT_REFUSED(d, PTD_OP_WRITE, iova, pa);
    EXPECT_FAULT(cb, d, FSR(TF), LEVEL(3) | WRITE, iova, 0);
    mem_add(&n->rounds, 1);
}

static void make_noise(void *arg)
{
    unsigned cpu = cpu_index();
    struct noise *n = &noises[cpu];

    while (!mem_read(&stop) && !failures()) {
        round(n, cpu);
    }
}

void noise_start(void)
{
    mem_write(&stop, false);
    for (unsigned cpu = 1; cpu < num_cpus(); cpu++) {
        struct noise *n = &noises[cpu];
        unsigned cb = NOISE_BANK + cpu;

        if (!n->memory) {
            n->tab = table_new(1, 0);
            n->memory = mem_alloc(NUM_PAGES * PAGE_SIZE, PAGE_SIZE);
        }
        n->rounds = 0;
        bank_s1(cb, &n->tab, cb, 0);
        stream_to_bank(NOISE_STREAM + cpu, &testdevs[cpu], cb);
        smp_start(cpu, make_noise, NULL);
    }
}

void noise_stop(void)
{
    for (unsigned cpu = 1; cpu < num_cpus(); cpu++) {
        CHECK(WAIT_FOR(mem_read(&noises[cpu].rounds) > 8 || failures()));
    }
    mem_write(&stop, true);
    for (unsigned cpu = 1; cpu < num_cpus(); cpu++) {
        smp_wait(cpu);
    }
}
