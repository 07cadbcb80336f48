/*
 * SMMUv2 payload: stage 1 and stage 2 nested
 *
 * What no OS does yet: a device's addresses go through a guest's stage 1, whose
 * tables are in guest memory, and the hypervisor's stage 2.  CPU 0 tests with
 * device 0; all along the other CPUs have transfers and invalidations of their
 * own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "noise.h"
#include "pci.h"
#include "smmu.h"

#define S1          1               /* banks */
#define S2          2
#define ASID        7
#define VMID        9
#define IOVA        0x12345000ull
#define IPA         0x2000000000ull /* of the page at IOVA */
#define BIAS        0x1000000000ull /* of the tables: IPA - PA */
#define NESTED_S1   NESTED(S1)

struct nested {
    struct testdev *d;
    struct table s1, s2;
    uint64_t pa;                    /* of the page */
    uint64_t walk[4];               /* IPA of stage 1's table of a level */
};

/* Stage 2 gives the guest the tables of stage 1 that IOVA needs */
static struct nested set_up(void)
{
    struct nested n = {
        .d = &testdevs[0],
        .s1 = table_new(1, BIAS),
        .s2 = table_new(2, 0),
        .pa = mem_alloc(PAGE_SIZE, PAGE_SIZE),
    };

    smmu_reset(CR0_ON);
    table_map(&n.s1, IOVA, IPA);
    table_map(&n.s2, IPA, n.pa);
    for (int l = 1; l <= 3; l++) {
        uint64_t pa = (uintptr_t)table_desc(&n.s1, IOVA, l) & -PAGE_SIZE;

        n.walk[l] = pa + BIAS;
        table_map(&n.s2, n.walk[l], pa);
    }
    bank_s2(S2, &n.s2, VMID);
    bank_nested(S1, &n.s1, ASID, S2);
    stream_to_bank(0, n.d, S1);
    noise_start();
    return n;
}

static void invalidate(void)
{
    tlbi_vmid(VMID);
    tlb_gsync();
}

static void test_both(void)
{
    struct nested n = set_up();

    EXPECT_MAPS(n.d, IOVA, n.pa);
    EXPECT_MAPS(n.d, IOVA + 0xff8, n.pa + 0xff8);
    EXPECT_NO_FAULT();
    noise_stop();
}

/* The guest's tables are read at IPAs: each level can miss in stage 2 */
static void test_walk_faults(void)
{
    struct nested n = set_up();

    for (int l = 1; l <= 3; l++) {
        table_unmap(&n.s2, n.walk[l]);
        invalidate();
        EXPECT_REFUSED(n.d, PTD_OP_READ, IOVA, n.pa);
        EXPECT_FAULT(S2, n.d, FSR(TF), LEVEL(3) | NESTED_S1 | S1PTW, IOVA,
                     n.walk[l]);
        EXPECT_NO_FAULT();

        /* The hypervisor gives it, as for memory that was not resident */
        table_map(&n.s2, n.walk[l], n.walk[l] - BIAS);
        EXPECT_MAPS(n.d, IOVA, n.pa);
    }
    EXPECT_NO_FAULT();
    noise_stop();
}

/* Readable is enough for tables: the walk writes nothing */
static void test_read_only_tables(void)
{
    struct nested n = set_up();

    for (int l = 1; l <= 3; l++) {
        table_map_at(&n.s2, n.walk[l], n.walk[l] - BIAS, 3,
                     LEAF_S2 & ~DESC_S2AP_W);
    }
    invalidate();
    EXPECT_MAPS(n.d, IOVA, n.pa);
    /* Unreadable is not */
    table_map_at(&n.s2, n.walk[2], n.walk[2] - BIAS, 3,
                 LEAF_S2 & ~DESC_S2AP_R);
    invalidate();
    EXPECT_REFUSED(n.d, PTD_OP_READ, IOVA, n.pa);
    EXPECT_FAULT(S2, n.d, FSR(PF), LEVEL(3) | NESTED_S1 | S1PTW, IOVA,
                 n.walk[2]);
    noise_stop();
}

/* The page itself: each stage has its say, and its own fault */
static void test_page_faults(void)
{
    struct nested n = set_up();

    table_unmap(&n.s2, IPA);
    invalidate();
    EXPECT_REFUSED(n.d, PTD_OP_WRITE, IOVA, n.pa);
    EXPECT_FAULT(S2, n.d, FSR(TF), LEVEL(3) | NESTED_S1 | WRITE, IOVA, IPA);

    table_map_at(&n.s2, IPA, n.pa, 3, LEAF_S2 & ~DESC_S2AP_W);
    invalidate();
    EXPECT_REFUSED(n.d, PTD_OP_WRITE, IOVA + 8, n.pa + 8);
    EXPECT_FAULT(S2, n.d, FSR(PF), LEVEL(3) | NESTED_S1 | WRITE, IOVA + 8,
                 IPA);
    CHECK_EQ(td_dma(n.d, PTD_OP_READ, IOVA, 0, 8), PTD_RESULT_OK);

    table_map(&n.s2, IPA, n.pa);
    table_map_at(&n.s1, IOVA, IPA, 3, LEAF_S1 | DESC_AP_RO);
    invalidate();
    EXPECT_REFUSED(n.d, PTD_OP_WRITE, IOVA, n.pa);
    EXPECT_FAULT(S1, n.d, FSR(PF), LEVEL(3) | WRITE, IOVA, 0);

    table_unmap(&n.s1, IOVA);
    invalidate();
    EXPECT_REFUSED(n.d, PTD_OP_READ, IOVA, n.pa);
    EXPECT_FAULT(S1, n.d, FSR(TF), LEVEL(3), IOVA, 0);
    EXPECT_NO_FAULT();
    noise_stop();
}

/* A guest cannot name memory of others: table or page, at any level */
static void test_outside(void)
{
    struct nested n = set_up();
    uint64_t secret = mem_alloc(PAGE_SIZE, PAGE_SIZE);
    uint64_t *desc, old;

    /* A page: the physical address of another's memory */
    table_map(&n.s1, IOVA, secret);
    tlbi_va(S1, IOVA, ASID);
    tlb_sync(S1);
    EXPECT_REFUSED(n.d, PTD_OP_WRITE, IOVA, secret);
    EXPECT_FAULT(S2, n.d, FSR(TF), LEVEL(1) | NESTED_S1 | WRITE, IOVA, secret);

    /* A block that covers all of RAM */
    desc = table_desc(&n.s1, IOVA, 1);
    old = *desc;
    mem_write(desc, RAM_BASE | LEAF_S1 | 1);
    tlbi_va(S1, IOVA, ASID);
    tlb_sync(S1);
    EXPECT_REFUSED(n.d, PTD_OP_READ, IOVA, RAM_BASE + (IOVA & (GiB - 1)));
    EXPECT_FAULT(S2, n.d, FSR(TF), LEVEL(1) | NESTED_S1, IOVA,
                 RAM_BASE | (IOVA & (GiB - 1)));

    /* Tables: the hypervisor's own */
    mem_write(desc, n.s2.root | 3);
    tlbi_va(S1, IOVA, ASID);
    tlb_sync(S1);
    EXPECT_REFUSED(n.d, PTD_OP_READ, IOVA, secret);
    EXPECT_FAULT(S2, n.d, FSR(TF), LEVEL(1) | NESTED_S1 | S1PTW, IOVA,
                 n.s2.root);
    mem_write(desc, old);

    /* TTBR */
    cb_write64(S1, A_CB_TTBR0, (uint64_t)ASID << 48 | n.s1.root);
    EXPECT_REFUSED(n.d, PTD_OP_READ, IOVA, secret);
    EXPECT_FAULT(S2, n.d, FSR(TF), LEVEL(1) | NESTED_S1 | S1PTW, IOVA,
                 n.s1.root);
    EXPECT_NO_FAULT();
    noise_stop();
}

/* Each way to tell that stage 2 has changed reaches combined entries */
static void test_stage2_invalidation(void)
{
    struct nested n = set_up();
    uint64_t other = mem_alloc(PAGE_SIZE, PAGE_SIZE), pa = n.pa;

    for (unsigned way = 0; way < 4; way++) {
        EXPECT_MAPS(n.d, IOVA, pa);     /* and cached */
        pa = pa == n.pa ? other : n.pa;
        table_map(&n.s2, IPA, pa);
        switch (way) {
        case 0:
            tlbi_ipa(S2, IPA);
            tlb_sync(S2);
            /* Stage 1 entries too: Arm asks for it, in this order */
            tlbi_va(S1, IOVA, ASID);
            tlb_sync(S1);
            break;
        case 1:
            tlbi_vmid(VMID);
            tlb_gsync();
            break;
        case 2:
            /* One of stage 1 alone would not have to do */
            cb_write64(S2, A_CB_TLBIIPAS2L, IPA >> 12);
            tlb_sync(S2);
            cb_write(S1, A_CB_TLBIALL, 0);
            tlb_sync(S1);
            break;
        case 3:
            tlbi_all();
            tlb_gsync();
            break;
        }
        EXPECT_MAPS(n.d, IOVA, pa);
    }

    table_unmap(&n.s2, IPA);
    tlbi_vmid(VMID);
    tlb_gsync();
    EXPECT_REFUSED(n.d, PTD_OP_WRITE, IOVA, n.pa);
    EXPECT_FAULT(S2, n.d, FSR(TF), LEVEL(3) | NESTED_S1 | WRITE, IOVA, IPA);
    EXPECT_NO_FAULT();
    noise_stop();
}

/* The guest moves a table of its own: a walk cache must not know the old one */
static void test_moved_table(void)
{
    struct nested n = set_up();
    uint64_t table = mem_alloc(PAGE_SIZE, PAGE_SIZE);
    uint64_t page = mem_alloc(PAGE_SIZE, PAGE_SIZE);
    uint64_t *leaf = table_desc(&n.s1, IOVA, 3);

    EXPECT_MAPS(n.d, IOVA, n.pa);
    /* The hypervisor puts another page below the IPA of the leaf's table */
    at(uint64_t, table)[IOVA >> 12 & 511] = (IPA + PAGE_SIZE) | LEAF_S1 | 3;
    table_map(&n.s2, IPA + PAGE_SIZE, page);
    table_map(&n.s2, n.walk[3], table);
    invalidate();
    EXPECT_MAPS(n.d, IOVA, page);

    /* The guest itself names another: TLBI by VA is what it has to do */
    table_map(&n.s2, n.walk[3], (uintptr_t)leaf & -PAGE_SIZE);
    table_map(&n.s2, table + BIAS, table);
    invalidate();
    EXPECT_MAPS(n.d, IOVA, n.pa);
    mem_write(table_desc(&n.s1, IOVA, 2), (table + BIAS) | 3);
    tlbi_va(S1, IOVA, ASID);
    tlb_sync(S1);
    EXPECT_MAPS(n.d, IOVA, page);
    EXPECT_NO_FAULT();
    noise_stop();
}

/* Stage 2 puts another page where a table of stage 1 is, at each level */
static void test_replaced_table(void)
{
    struct nested n = set_up();
    struct table other = table_new(1, BIAS);
    uint64_t page = mem_alloc(PAGE_SIZE, PAGE_SIZE);

    table_map(&other, IOVA, IPA + PAGE_SIZE);
    table_map(&n.s2, IPA + PAGE_SIZE, page);
    for (int l = 1; l <= 3; l++) {
        uint64_t pa = (uintptr_t)table_desc(&other, IOVA, l) & -PAGE_SIZE;

        table_map(&n.s2, pa + BIAS, pa);
    }
    for (int l = 1; l <= 3; l++) {
        uint64_t pa = (uintptr_t)table_desc(&other, IOVA, l) & -PAGE_SIZE;

        for (unsigned i = 0; i < 2; i++) {
            EXPECT_MAPS(n.d, IOVA, i ? page : n.pa);
            table_map(&n.s2, n.walk[l], i ? n.walk[l] - BIAS : pa);
            if (i) {
                tlbi_ipa(S2, n.walk[l]);
            } else {
                cb_write64(S2, A_CB_TLBIIPAS2L, n.walk[l] >> 12);
            }
            tlb_sync(S2);
            tlbi_va(S1, IOVA, ASID);
            tlb_sync(S1);
            EXPECT_MAPS(n.d, IOVA, i ? n.pa : page);
        }
    }
    EXPECT_NO_FAULT();
    noise_stop();
}

/* Two guests with the same ASID and addresses, each behind its own stage 2 */
static void test_two_guests(void)
{
    struct nested n = set_up();
    struct table s2 = table_new(2, 0);
    uint64_t pa = mem_alloc(PAGE_SIZE, PAGE_SIZE);

    table_map(&s2, IPA, pa);
    for (int l = 1; l <= 3; l++) {
        table_map(&s2, n.walk[l], n.walk[l] - BIAS);
    }
    bank_s2(S2 + 2, &s2, VMID + 1);
    bank_nested(S1 + 2, &n.s1, ASID, S2 + 2);
    for (unsigned i = 0; i < 4; i++) {
        stream_to_bank(0, n.d, i % 2 ? S1 + 2 : S1);
        EXPECT_MAPS(n.d, IOVA, i % 2 ? pa : n.pa);
    }

    /* What is invalidated for one is so for one */
    table_unmap(&n.s2, IPA);
    invalidate();
    EXPECT_MAPS(n.d, IOVA, pa);
    stream_to_bank(0, n.d, S1);
    EXPECT_REFUSED(n.d, PTD_OP_READ, IOVA, n.pa);
    EXPECT_FAULT(S2, n.d, FSR(TF), LEVEL(3) | NESTED_S1, IOVA, IPA);
    EXPECT_NO_FAULT();
    noise_stop();
}

/* The stages need not agree on granules: the smaller one rules */
static void test_granules(void)
{
    static const struct {
        unsigned granule, bits;
        int start;
    } stages[] = { { 12, 39, 1 }, { 14, 47, 1 }, { 16, 42, 2 } };

    for (unsigned i = 0; i < 9; i++) {
        unsigned a = i / 3, b = i % 3;
        uint64_t size1 = 1ull << stages[a].granule;
        uint64_t size2 = 1ull << stages[b].granule;
        uint64_t size = size1 > size2 ? size1 : size2;
        uint64_t pa = mem_alloc(2 * size, size);
        struct nested n = set_up();

        n.s1 = table_new_with(1, stages[a].granule, stages[a].bits,
                              stages[a].start, BIAS);
        n.s2 = table_new_with(2, stages[b].granule, stages[b].bits,
                              stages[b].start, 0);
        for (uint64_t o = 0; o < 2 * size; o += size1) {
            table_map(&n.s1, 0x70000000 + o, 0x2080000000 + o);
        }
        for (uint64_t o = 0; o < 2 * size; o += size2) {
            table_map(&n.s2, 0x2080000000 + o, pa + o);
        }
        /* Wherever the tables of stage 1 went: a block for all of RAM */
        table_map_at(&n.s2, RAM_BASE + BIAS, RAM_BASE, 2, LEAF_S2);
        for (uint64_t o = 0; o < RAM_SIZE;
             o += 1ull << (2 * stages[b].granule - 3)) {
            table_map_at(&n.s2, RAM_BASE + BIAS + o, RAM_BASE + o, 2, LEAF_S2);
        }
        bank_s2(S2, &n.s2, VMID);
        bank_nested(S1, &n.s1, ASID, S2);
        for (uint64_t o = 0; o < 2 * size; o += 4 * KiB) {
            EXPECT_MAPS(n.d, 0x70000000 + o, pa + o);
        }
        EXPECT_NO_FAULT();
        noise_stop();
    }
}

const struct test tests[] = {
    { "device addresses go through both stages", test_both },
    { "stage 2 faults on stage 1's walk, at each level", test_walk_faults },
    { "read-only tables", test_read_only_tables },
    { "faults of the page belong to the stage that refuses",
      test_page_faults },
    { "stage 1 cannot leave stage 2", test_outside },
    { "invalidation of stage 2 reaches combined entries",
      test_stage2_invalidation },
    { "tables that move", test_moved_table },
    { "tables of stage 1 replaced by stage 2", test_replaced_table },
    { "two guests, the same addresses", test_two_guests },
    { "granules of 4, 16 and 64 KiB, mixed", test_granules },
    {}
};
