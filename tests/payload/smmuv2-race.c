/*
 * SMMUv2 payload: CPUs and devices at the same time
 *
 * What unmap means: once the invalidation is complete the page may be given to
 * somebody else, whatever any device and any other CPU were doing meanwhile.
 * CPU 0 owns tables, the others have a device each that never rests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "pci.h"
#include "smmu.h"

#define CB      1
#define ASID    1
#define VMID    1
#define IOVA    0x40000000ull
#define ROUNDS  20
#define TAG     0xdadadada00000000ull

static bool stop;
static unsigned writes[MAX_CPUS], refusals[MAX_CPUS];

/* The rest of the CPUs write at IOVA all the time, through their devices */
static void storm(void *arg)
{
    unsigned cpu = cpu_index();
    struct testdev *d = &testdevs[cpu];

    while (!mem_read(&stop)) {
        mmio_write64(d->buffer, TAG | pattern() >> 32);
        if (td_dma(d, PTD_OP_WRITE, IOVA, 0, 8) == PTD_RESULT_OK) {
            mem_add(&writes[cpu], 1);
        } else {
            mem_add(&refusals[cpu], 1);
        }
    }
}

static void others(void (*job)(void *arg))
{
    mem_write(&stop, false);
    for (unsigned cpu = 1; cpu < num_cpus(); cpu++) {
        writes[cpu] = refusals[cpu] = 0;
        smp_start(cpu, job, NULL);
    }
}

static void others_stop(void)
{
    mem_write(&stop, true);
    for (unsigned cpu = 1; cpu < num_cpus(); cpu++) {
        smp_wait(cpu);
    }
}

/* All devices in one bank */
static void share(const struct table *tab)
{
    smmu_reset(CR0_ON);
    if (tab->stage == 1) {
        bank_s1(CB, tab, ASID, VMID);
    } else {
        bank_s2(CB, tab, VMID);
    }
    for (unsigned i = 0; i < num_cpus(); i++) {
        stream_to_bank(i, &testdevs[i], CB);
    }
}

static unsigned total(const unsigned *counts)
{
    unsigned sum = 0;

    for (unsigned cpu = 1; cpu < num_cpus(); cpu++) {
        sum += mem_read(&counts[cpu]);
    }
    return sum;
}

/* Until the others have got through, or been stopped, @n times more */
static bool await(const unsigned *counts, unsigned n)
{
    unsigned from = total(counts);

    return WAIT_FOR(total(counts) - from >= n);
}

/* The page is ours again: nobody writes it any more */
static bool is_ours(uint64_t pa)
{
    uint64_t mine = pattern() & ~TAG;
    unsigned tried = total(refusals);
    uint64_t got;

    mem_write(at(uint64_t, pa), mine);
    /* While they try, each at least once */
    WAIT_FOR(total(refusals) - tried >= 3);
    got = mem_read(at(uint64_t, pa));
    return CHECK_EQ(got, mine);
}

static void unmap_while(unsigned stage)
{
    struct table tab = table_new(stage, 0);
    uint64_t pa = mem_alloc(PAGE_SIZE, PAGE_SIZE);

    share(&tab);
    others(storm);
    for (unsigned i = 0; i < ROUNDS && !failures(); i++) {
        table_map(&tab, IOVA, pa);
        CHECK(await(writes, 3));
        table_unmap(&tab, IOVA);
        switch (i % 4) {
        case 0:
            if (stage == 1) {
                tlbi_va(CB, IOVA, ASID);
            } else {
                tlbi_ipa(CB, IOVA);
            }
            tlb_sync(CB);
            break;
        case 1:
            if (stage == 1) {
                tlbi_asid(CB, ASID);
                tlb_sync(CB);
                break;
            }
            /* fall through */
        case 2:
            tlbi_vmid(VMID);
            tlb_gsync();
            break;
        case 3:
            tlbi_all();
            tlb_gsync();
        }
        is_ours(pa);
    }
    others_stop();
}

static void test_unmap_s1(void)
{
    unmap_while(1);
}

static void test_unmap_s2(void)
{
    unmap_while(2);
}

/* From one page to another: break, invalidate, make; the old one is ours */
static void test_remap(void)
{
    struct table tab = table_new(1, 0);
    uint64_t pa[2] = {
        mem_alloc(PAGE_SIZE, PAGE_SIZE), mem_alloc(PAGE_SIZE, PAGE_SIZE),
    };

    share(&tab);
    others(storm);
    for (unsigned i = 0; i < ROUNDS && !failures(); i++) {
        uint64_t old = pa[i & 1], new = pa[~i & 1], mine = pattern() & ~TAG;

        table_unmap(&tab, IOVA);
        tlbi_va(CB, IOVA, ASID);
        tlb_sync(CB);
        mem_write(at(uint64_t, old), mine);
        table_map(&tab, IOVA, new);
        CHECK(await(writes, 3));
        CHECK_EQ(mem_read(at(uint64_t, old)), mine);
        CHECK_EQ(mem_read(at(uint64_t, new)) & TAG, TAG);
    }
    others_stop();
}

/*
 * A table's page, taken back and used for data: data that would be descriptors,
 * should anybody still walk there.
 */
static void test_table_reuse(void)
{
    struct table tab = table_new(1, 0);
    uint64_t pa = mem_alloc(2 * PAGE_SIZE, PAGE_SIZE), victim = pa + PAGE_SIZE;
    uint64_t *table, *parent;

    share(&tab);
    table_map(&tab, IOVA, pa);
    table = table_desc(&tab, IOVA & -(2 * MiB), 3);
    parent = table_desc(&tab, IOVA, 2);
    others(storm);
    for (unsigned i = 0; i < ROUNDS && !failures(); i++) {
        uint64_t mine = pattern() & ~TAG, tried;

        CHECK(await(writes, 3));
        mem_write(parent, 0);
        tlbi_va(CB, IOVA, ASID);
        tlb_sync(CB);
        mem_write(at(uint64_t, victim), mine);
        for (unsigned n = 0; n < 512; n++) {
            mem_write(&table[n], victim | LEAF_S1 | 3);
        }
        tried = total(refusals);
        WAIT_FOR(total(refusals) - tried >= 3);
        CHECK_EQ(mem_read(at(uint64_t, victim)), mine);
        for (unsigned n = 0; n < 512; n++) {
            mem_write(&table[n], n ? 0 : pa | LEAF_S1 | 3);
        }
        mem_write(parent, (uintptr_t)table | 3);
    }
    others_stop();
}

/* Devices attached and detached, by SMR, S2CR, bank, and CR0 */
static void test_detach(void)
{
    struct table tab = table_new(1, 0), empty = table_new(1, 0);
    uint64_t pa = mem_alloc(PAGE_SIZE, PAGE_SIZE);

    share(&tab);
    table_map(&tab, IOVA, pa);
    bank_s1(CB + 1, &empty, ASID + 1, VMID);
    others(storm);
    for (unsigned i = 0; i < ROUNDS && !failures(); i++) {
        CHECK(await(writes, 3));
        switch (i % 3) {
        case 0:
            for (unsigned n = 1; n < num_cpus(); n++) {
                stream_off(n);
            }
            break;
        case 1:
            for (unsigned n = 1; n < num_cpus(); n++) {
                stream_to_bank(n, &testdevs[n], CB + 1);
            }
            break;
        case 2:
            bank_s1(CB, &empty, ASID, VMID);
            tlbi_asid(CB, ASID);
            tlb_sync(CB);
            break;
        }
        is_ours(pa);
        if (i % 3 == 2) {
            bank_s1(CB, &tab, ASID, VMID);
        }
        for (unsigned n = 1; n < num_cpus(); n++) {
            stream_to_bank(n, &testdevs[n], CB);
        }
        gr0_write(A_GFSR, ~0u);
        fault_clear(CB);
        fault_clear(CB + 1);
    }
    others_stop();
}

/* What is mapped stays so, however others invalidate */
static void invalidate(void *arg)
{
    for (unsigned i = 0; !mem_read(&stop); i++) {
        switch ((i + cpu_index()) % 5) {
        case 0:
            tlbi_all();
            tlb_gsync();
            break;
        case 1:
            tlbi_va(CB, IOVA, ASID);
            tlb_sync(CB);
            break;
        case 2:
            tlbi_asid(CB, ASID);
            break;
        case 3:
            tlbi_vmid(VMID);
            break;
        case 4:
            /* Another bank comes and goes */
            bank_s1(CB + cpu_index(), arg, ASID, VMID);
            bank_off(CB + cpu_index());
            break;
        }
        mem_add(&writes[cpu_index()], 1);
    }
}

static void test_storm_of_tlbis(void)
{
    struct table tab = table_new(1, 0);
    uint64_t pa = mem_alloc(8 * PAGE_SIZE, PAGE_SIZE);

    share(&tab);
    for (unsigned i = 0; i < 8; i++) {
        table_map(&tab, IOVA + i * PAGE_SIZE, pa + i * PAGE_SIZE);
    }
    mem_write(&stop, false);
    for (unsigned cpu = 1; cpu < num_cpus(); cpu++) {
        writes[cpu] = 0;
        smp_start(cpu, invalidate, &tab);
    }
    for (unsigned i = 0; i < 500 && !failures(); i++) {
        uint64_t offset = i % 8 * PAGE_SIZE + i * 8 % PAGE_SIZE;

        EXPECT_MAPS(&testdevs[0], IOVA + offset, pa + offset);
    }
    CHECK(await(writes, 10));
    others_stop();
    EXPECT_NO_FAULT();
}

/* Each CPU its own pages of one domain: map, use, unmap, use no more */
static struct table shared;
static uint64_t memory;

static void own_pages(void *arg)
{
    unsigned cpu = cpu_index();
    struct testdev *d = &testdevs[cpu];

    for (unsigned i = 0; i < ROUNDS && !failures(); i++) {
        uint64_t iova = IOVA + (i % 4 * num_cpus() + cpu) * PAGE_SIZE;
        uint64_t pa = memory + (i % 8 * num_cpus() + cpu) * PAGE_SIZE;

        table_map(&shared, iova, pa);
        EXPECT_MAPS(d, iova, pa);
        table_unmap(&shared, iova);
        tlbi_va(CB, iova, ASID);
        tlb_sync(CB);
        EXPECT_REFUSED(d, PTD_OP_WRITE, iova, pa);
        EXPECT_REFUSED(d, PTD_OP_READ, iova, pa);
    }
}

static void test_own_pages(void)
{
    shared = table_new(1, 0);
    memory = mem_alloc(8 * num_cpus() * PAGE_SIZE, PAGE_SIZE);
    table_desc(&shared, IOVA, 3);       /* made before they race for it */
    share(&shared);
    smp_all(own_pages, NULL);
    CHECK_EQ(cb_read(CB, A_CB_FSR), FSR(TF) | R_CB_FSR_MULTI_MASK);
    fault_clear(CB);
    EXPECT_NO_FAULT();
}

const struct test tests[] = {
    { "unmap while devices write, stage 1", test_unmap_s1 },
    { "unmap while devices write, stage 2", test_unmap_s2 },
    { "remap while devices write", test_remap },
    { "a table's page used again while devices write", test_table_reuse },
    { "detach while devices write", test_detach },
    { "TLBIs from three CPUs leave a mapping alone", test_storm_of_tlbis },
    { "four CPUs and devices in one domain", test_own_pages },
    {}
};
