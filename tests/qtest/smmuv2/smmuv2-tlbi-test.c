/*
 * SMMUv2 qtest: TLB maintenance
 *
 * A translation is used, its descriptor is changed and nothing is said: the
 * old one must still be in use, or there is no TLB and the rest proves nothing.
 * Then one operation, and everything in its scope is new while what is out of
 * its scope is still old.  (The architecture lets a TLB forget what it likes;
 * this one does not.)
 *
 * Two masters look: the first has entries in its micro TLB, the second was
 * served by the macro TLB.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/units.h"
#include "tlb-lib.h"

#define BIAS    (UINT64_C(1) << 36)

/* ---- Scopes ---- */

/* Contexts; bank numbers are these, too */
enum {
    S1_V1_A1,                   /* stage 1, VMID 1, ASID 1 */
    S1_V1_A2,
    S1_V2_A1,
    S2_V1,                      /* stage 2, VMID 1 */
    S2_V2,
    NESTED_V1_A1,               /* stage 1 on S2_V1 */
    HYP,
    NUM_CONTEXTS,
};

#define ASID1   0xa1
#define ASID2   0xa2

#define CTX(c)  (1u << (c))
#define ALL     (CTX(NUM_CONTEXTS) - 1)
#define VMID1_S1    (CTX(S1_V1_A1) | CTX(S1_V1_A2) | CTX(NESTED_V1_A1))

static const uint64_t vas[2] = { 0x12345000, 0x12346000 };

typedef struct Banks {
    SMMUTest *t;
    TestDev *dev[2];
    TestDev dev2;
    SMMUTable tab[NUM_CONTEXTS];
} Banks;

/* Point what maps @va in a context at @pa */
static void point(Banks *b, unsigned ctx, unsigned va, uint64_t pa)
{
    SMMUTable *tab = &b->tab[ctx];

    if (ctx == NESTED_V1_A1) {
        pa += BIAS;             /* both pages are there in S2_V1, unchanged */
    }
    smmu_map(tab, vas[va], pa, 3, tab->stage == 1 ? LEAF_S1 : LEAF_S2);
}

static void setup(Banks *b, SMMUTest *t)
{
    static const struct {
        unsigned stage, vmid, asid;
    } ctx[NUM_CONTEXTS] = {
        [S1_V1_A1] = { 1, VMID1, ASID1 },
        [S1_V1_A2] = { 1, VMID1, ASID2 },
        [S1_V2_A1] = { 1, VMID2, ASID1 },
        [S2_V1] = { 2, VMID1 },
        [S2_V2] = { 2, VMID2 },
        [NESTED_V1_A1] = { 1, VMID1, ASID1 },
        [HYP] = { 1, 0, 0 },
    };
    uint64_t tables;

    b->t = t;
    b->dev2 = smmu_find_dev(t, PTD2_DEVFN);
    b->dev[0] = &t->dev;
    b->dev[1] = &b->dev2;
    t->next = tables = ROUND_UP(t->next, 2 * MiB);
    for (unsigned c = 0; c < NUM_CONTEXTS; c++) {
        b->tab[c] = smmu_table(t, ctx[c].stage, 12, 39, 1,
                               c == NESTED_V1_A1 ? BIAS : 0);
        if (ctx[c].stage == 1) {
            smmu_bank_s1(t, c, &b->tab[c], NULL, ctx[c].asid, ctx[c].vmid);
        } else {
            smmu_bank_s2(t, c, &b->tab[c], ctx[c].vmid);
        }
        for (unsigned va = 0; va < 2; va++) {
            point(b, c, va, OLD);
        }
    }
    g_assert_cmphex(t->next, <, tables + 2 * MiB);
    smmu_map(&b->tab[S2_V1], tables + BIAS, tables, 2, LEAF_S2);
    smmu_map(&b->tab[S2_V1], OLD + BIAS, OLD, 3, LEAF_S2);
    smmu_map(&b->tab[S2_V1], NEW + BIAS, NEW, 3, LEAF_S2);
    smmu_bank_nest(t, NESTED_V1_A1, S2_V1);
    gr1_write(t, A_CBAR0 + 4 * HYP, R_CBAR0_HYPC_MASK |
              CBAR_TYPE_S1_S2_BYPASS << R_CBAR0_TYPE_SHIFT);
    gr0_write(t, A_CR0, CR0_ON);
}

/* Let both masters use a context's bank */
static void use(Banks *b, unsigned ctx)
{
    smmu_stream(b->t, 0, PTD_SID, 0, ctx);
    smmu_stream(b->t, 1, PTD2_SID, 0, ctx);
}

/* All entries live and old in both masters, all tables new */
static void make_stale(Banks *b)
{
    for (unsigned c = 0; c < NUM_CONTEXTS; c++) {
        for (unsigned va = 0; va < 2; va++) {
            point(b, c, va, OLD);
        }
    }
    gr0_write(b->t, A_STLBIALL, 0);
    for (unsigned c = 0; c < NUM_CONTEXTS; c++) {
        use(b, c);
        for (unsigned va = 0; va < 2; va++) {
            g_assert_true(is_old(b->dev[0], vas[va]));
            point(b, c, va, NEW);
            /* The micro TLB of one, the macro TLB for the other */
            g_assert_true(is_old(b->dev[0], vas[va]));
            g_assert_true(is_old(b->dev[1], vas[va]));
        }
    }
}

static void check(Banks *b, const char *name, unsigned all, unsigned va0)
{
    bool ok = true;

    for (unsigned c = 0; c < NUM_CONTEXTS; c++) {
        use(b, c);
        for (unsigned va = 0; va < 2; va++) {
            bool gone = (all & CTX(c)) || (va == 0 && (va0 & CTX(c)));

            for (unsigned d = 0; d < 2; d++) {
                if (is_old(b->dev[d], vas[va]) == gone) {
                    g_test_message("%s: context %u, VA %u, master %u: entry %s",
                                   name, c, va, d,
                                   gone ? "is still there" : "has gone");
                    ok = false;
                }
            }
        }
    }
    g_assert_true(ok);
}

typedef struct Op {
    const char *name;
    unsigned bank;              /* GLOBAL, or whose register it is */
    unsigned offset;
    uint64_t value;
    unsigned size;
    unsigned all;               /* contexts that lose everything */
    unsigned va0;               /* and those that lose the first address */
} Op;

#define GLOBAL      NUM_CONTEXTS
#define VA(asid)    ((uint64_t)(asid) << 48 | 0x12345)

static const Op ops[] = {
    { "STLBIALL", GLOBAL, A_STLBIALL, 0, 4, ALL },
    { "TLBIALLNSNH", GLOBAL, A_TLBIALLNSNH, 0, 4, ALL & ~CTX(HYP) },
    { "TLBIALLH", GLOBAL, A_TLBIALLH, 0, 4, CTX(HYP) },
    { "TLBIVMID", GLOBAL, A_TLBIVMID, VMID1, 4, VMID1_S1 | CTX(S2_V1) },
    { "TLBIVMID, other", GLOBAL, A_TLBIVMID, VMID2, 4,
      CTX(S1_V2_A1) | CTX(S2_V2) },
    { "TLBIVMID, unknown", GLOBAL, A_TLBIVMID, 0x77, 4 },
    { "TLBIVMIDS1", GLOBAL, A_TLBIVMIDS1, VMID1, 4, VMID1_S1 },
    { "TLBIVAH", GLOBAL, A_TLBIVAH, 0x12345000, 4, .va0 = CTX(HYP) },
    { "TLBIVAH64", GLOBAL, A_TLBIVAH64, VA(0), 8, .va0 = CTX(HYP) },
    { "TLBIVALH64", GLOBAL, A_TLBIVALH64, VA(0), 8, .va0 = CTX(HYP) },
    { "TLBGSYNC", GLOBAL, A_TLBGSYNC, 0, 4 },

    { "TLBIALL, stage 1", S1_V1_A1, A_CB_TLBIALL, 0, 4, VMID1_S1 },
    { "TLBIALL, other VMID", S1_V2_A1, A_CB_TLBIALL, 0, 4, CTX(S1_V2_A1) },
    { "TLBIALL, stage 2", S2_V1, A_CB_TLBIALL, 0, 4, VMID1_S1 | CTX(S2_V1) },
    { "TLBIALL, nested", NESTED_V1_A1, A_CB_TLBIALL, 0, 4, VMID1_S1 },
    { "TLBIALL, hypervisor", HYP, A_CB_TLBIALL, 0, 4, CTX(HYP) },
    { "TLBIASID", S1_V1_A1, A_CB_TLBIASID, ASID1, 4,
      CTX(S1_V1_A1) | CTX(NESTED_V1_A1) },
    { "TLBIASID, other's", S1_V1_A1, A_CB_TLBIASID, ASID2, 4, CTX(S1_V1_A2) },
    { "TLBIASID, unknown", S1_V1_A1, A_CB_TLBIASID, 0x77, 4 },
    { "TLBIVA", S1_V1_A1, A_CB_TLBIVA, VA(ASID1), 8,
      .va0 = CTX(S1_V1_A1) | CTX(NESTED_V1_A1) },
    { "TLBIVA, other's", S1_V1_A1, A_CB_TLBIVA, VA(ASID2), 8,
      .va0 = CTX(S1_V1_A2) },
    { "TLBIVA, unknown ASID", S1_V1_A1, A_CB_TLBIVA, VA(0x77), 8 },
    { "TLBIVA, unknown VA", S1_V1_A1, A_CB_TLBIVA, VA(ASID1) + 7, 8 },
    { "TLBIVAL", S1_V2_A1, A_CB_TLBIVAL, VA(ASID1), 8,
      .va0 = CTX(S1_V2_A1) },
    { "TLBIVA, nested", NESTED_V1_A1, A_CB_TLBIVA, VA(ASID1), 8,
      .va0 = CTX(S1_V1_A1) | CTX(NESTED_V1_A1) },
    { "TLBIVA, hypervisor", HYP, A_CB_TLBIVA, VA(0), 8, .va0 = CTX(HYP) },
    { "TLBIVAA", S1_V1_A1, A_CB_TLBIVAA, VA(0), 8, .va0 = VMID1_S1 },
    { "TLBIVAAL", S1_V1_A2, A_CB_TLBIVAAL, VA(0), 8, .va0 = VMID1_S1 },
    { "CB_TLBSYNC", S1_V1_A1, A_CB_TLBSYNC, 0, 4 },

    /* What came through stage 2 goes, too: all of it, as its IPA is lost */
    { "TLBIIPAS2", S2_V1, A_CB_TLBIIPAS2, 0x12345, 8,
      .all = CTX(NESTED_V1_A1), .va0 = CTX(S2_V1) },
    { "TLBIIPAS2L", S2_V1, A_CB_TLBIIPAS2L, 0x12345, 8,
      .all = CTX(NESTED_V1_A1), .va0 = CTX(S2_V1) },
    { "TLBIIPAS2, other VMID", S2_V2, A_CB_TLBIIPAS2, 0x12345, 8,
      .va0 = CTX(S2_V2) },
    /* Operations of the stage that a bank does not have */
    { "TLBIIPAS2, stage 1", S1_V1_A1, A_CB_TLBIIPAS2, 0x12345, 8 },
    { "TLBIVA, stage 2", S2_V1, A_CB_TLBIVA, VA(ASID1), 8 },
    { "TLBIASID, stage 2", S2_V1, A_CB_TLBIASID, ASID1, 4 },
};

static void test_scopes(void)
{
    SMMUTest *t = start(NULL);
    Banks b;

    setup(&b, t);
    for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
        const Op *op = &ops[i];
        uint64_t addr = op->bank == GLOBAL ? smmu_gr0(t, op->offset) :
                                             smmu_cb(t, op->bank, op->offset);

        make_stale(&b);
        if (op->size == 8) {
            qtest_writeq(t->qts, addr, op->value);
        } else {
            qtest_writel(t->qts, addr, op->value);
        }
        check(&b, op->name, op->all, op->va0);
    }
    assert_no_faults(t, NUM_CONTEXTS);
    smmu_free_dev(&b.dev2);
    smmu_quit(t);
}

/*
 * Half of a 64-bit register: the lower one is zero-extended and, where there
 * would be an ASID, of all ASIDs; the upper one is ignored
 */
static void test_halves(void)
{
    SMMUTest *t = start(NULL);
    uint64_t addr = smmu_cb(t, S1_V1_A1, A_CB_TLBIVA);
    Banks b;

    setup(&b, t);
    make_stale(&b);
    qtest_writel(t->qts, addr + 4, VA(ASID1) >> 32);
    check(&b, "high", 0, 0);
    qtest_writel(t->qts, addr, (uint32_t)VA(ASID1));
    check(&b, "high, low", 0, VMID1_S1);

    make_stale(&b);
    qtest_writeq(t->qts, addr, VA(ASID1));
    check(&b, "both", 0, CTX(S1_V1_A1) | CTX(NESTED_V1_A1));
    qtest_writel(t->qts, addr + 4, VA(ASID2) >> 32);
    check(&b, "both, high", 0, CTX(S1_V1_A1) | CTX(NESTED_V1_A1));

    make_stale(&b);
    qtest_writel(t->qts, addr + 4, 0xfff);
    qtest_writel(t->qts, addr, (uint32_t)VA(ASID1));
    check(&b, "not of what was high", 0, VMID1_S1);
    smmu_free_dev(&b.dev2);
    smmu_quit(t);
}

/* A change of the table under a nested context, and of stage 2 alone */
static void test_nested(void)
{
    SMMUTest *t = start(NULL);
    Banks b;

    setup(&b, t);
    use(&b, NESTED_V1_A1);
    g_assert_true(is_old(b.dev[0], vas[0]));
    smmu_map(&b.tab[S2_V1], OLD + BIAS, NEW, 3, LEAF_S2);
    g_assert_true(is_old(b.dev[0], vas[0]));
    g_assert_true(is_old(b.dev[1], vas[0]));
    /* Stage 1's operations are not it; an IPA elsewhere may be */
    cb_write64(t, NESTED_V1_A1, A_CB_TLBIVA, VA(ASID2));
    g_assert_true(is_old(b.dev[0], vas[0]));
    cb_write64(t, S2_V1, A_CB_TLBIIPAS2, (OLD + BIAS) >> 12);
    g_assert_false(is_old(b.dev[0], vas[0]));
    g_assert_false(is_old(b.dev[1], vas[0]));

    /* Global, by stage 2's VMID */
    smmu_map(&b.tab[S2_V1], OLD + BIAS, OLD, 3, LEAF_S2);
    g_assert_false(is_old(b.dev[0], vas[0]));
    gr0_write(t, A_TLBIVMID, VMID2);
    g_assert_false(is_old(b.dev[0], vas[0]));
    gr0_write(t, A_TLBIVMID, VMID1);
    g_assert_true(is_old(b.dev[0], vas[0]));
    smmu_free_dev(&b.dev2);
    smmu_quit(t);
}

/* Entries that are of all ASIDs go with any of them, and for TLBIVAA */
static void test_global_entries(void)
{
    static const struct {
        const char *name;
        unsigned offset;
        uint64_t value;
    } cases[] = {
        { "TLBIVA, other ASID", A_CB_TLBIVA, VA(ASID2) },
        { "TLBIVAL, other ASID", A_CB_TLBIVAL, VA(ASID2) },
        { "TLBIVAA", A_CB_TLBIVAA, VA(0) },
    };
    SMMUTest *t = start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);

    smmu_bank_s1(t, 0, &tab, NULL, ASID1, VMID1);
    smmu_use_bank(t, 0);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        smmu_map(&tab, vas[0], OLD, 3, LEAF_S1 & ~DESC_NG);
        cb_write(t, 0, A_CB_TLBIALL, 0);
        g_assert_true(is_old(&t->dev, vas[0]));
        smmu_map(&tab, vas[0], NEW, 3, LEAF_S1 & ~DESC_NG);
        g_assert_true(is_old(&t->dev, vas[0]));
        cb_write64(t, 0, cases[i].offset, cases[i].value);
        if (is_old(&t->dev, vas[0])) {
            g_test_message("%s: a global entry is still there", cases[i].name);
            g_assert_not_reached();
        }
    }
    smmu_quit(t);
}

/*
 * A block of stage 1 that stage 2 has cut up is one entry to stage 1: by any
 * address in it all of its pieces go
 */
static void test_pieces(void)
{
    SMMUTest *t = start(NULL);
    const uint64_t block = 0x40000000, ipa = 0x80000000;
    SMMUTable s1, s2;
    Banks b;

    setup(&b, t);
    s1 = b.tab[NESTED_V1_A1];
    s2 = b.tab[S2_V1];
    smmu_map(&s1, block, ipa, 2, LEAF_S1);
    smmu_map(&s2, ipa, OLD, 3, LEAF_S2);
    smmu_map(&s2, ipa + 0x155000, OLD, 3, LEAF_S2);
    smmu_map(&s2, ipa + 0x200000, NEW, 3, LEAF_S2);
    smmu_map(&s2, ipa + 0x355000, NEW, 3, LEAF_S2);
    use(&b, NESTED_V1_A1);
    g_assert_true(is_old(b.dev[0], block));
    g_assert_true(is_old(b.dev[0], block + 0x155000));
    /* The block moves to the next one's place */
    smmu_map(&s1, block, ipa + 0x200000, 2, LEAF_S1);
    g_assert_true(is_old(b.dev[0], block));
    cb_write64(t, NESTED_V1_A1, A_CB_TLBIVA,
               (uint64_t)ASID1 << 48 | (block + 0x77000) >> 12);
    g_assert_false(is_old(b.dev[0], block));
    g_assert_false(is_old(b.dev[0], block + 0x155000));
    g_assert_false(is_old(b.dev[1], block + 0x155000));
    smmu_free_dev(&b.dev2);
    smmu_quit(t);
}

/* ---- Sizes and forms of addresses ---- */

/* Any address in a block drops it; one of its neighbour's does not */
static void test_blocks(void)
{
    static const struct {
        unsigned granule, bits;
        int level;
        uint64_t top;
    } cases[] = {
        { 12, 39, 3 }, { 12, 39, 2 }, { 12, 39, 1 },
        { 14, 36, 3 }, { 14, 36, 2 }, { 16, 42, 3 }, { 16, 42, 2 },
        { 12, 39, 3, ~0ull << 39 }, { 16, 42, 2, ~0ull << 42 },
    };
    SMMUTest *t = start(NULL);

    smmu_use_bank(t, 0);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        SMMUTable tab = smmu_table(t, 1, cases[i].granule, cases[i].bits,
                                   smmu_start_level(cases[i].granule,
                                                    cases[i].bits), 0);
        uint64_t size = 1ull << smmu_level_shift(tab.granule, cases[i].level);
        uint64_t va = cases[i].top | 4 * size;
        uint64_t low = va | (OLD & (size - 1));
        uint64_t high = low + size;
        /* NEW is not at OLD's offset in a block: say where it maps instead */
        uint64_t base = OLD & ~(size - 1);
        uint64_t other = base == RAM_BASE ? 0 : base - size;
        uint64_t value;

        smmu_map(&tab, va, base, cases[i].level, LEAF_S1);
        smmu_map(&tab, va + size, base, cases[i].level, LEAF_S1);
        if (cases[i].top) {
            smmu_bank_s1(t, 0, NULL, &tab, ASID1, VMID1);
        } else {
            smmu_bank_s1(t, 0, &tab, NULL, ASID1, VMID1);
        }
        g_assert_cmphex(peek(&t->dev, low), ==, OLD);
        g_assert_cmphex(peek(&t->dev, high), ==, OLD);

        smmu_map(&tab, va, other, cases[i].level, LEAF_S1);
        smmu_map(&tab, va + size, other, cases[i].level, LEAF_S1);
        g_assert_cmphex(peek(&t->dev, low), ==, OLD);
        g_assert_cmphex(peek(&t->dev, high), ==, OLD);
        cb_write64(t, 0, A_CB_TLBIVA,
                   (uint64_t)ASID1 << 48 |
                   extract64((va + size - 1) >> 12, 0, 44));
        /* The first has gone, and the second has not */
        if (other) {
            qtest_writeq(t->qts, other | (OLD & (size - 1)), ~OLD);
            g_assert_cmphex(peek(&t->dev, low), ==, ~OLD);
        } else {
            g_assert_true(dma_read64(&t->dev, low, &value) != PTD_RESULT_OK ||
                          value != OLD);
        }
        g_assert_cmphex(peek(&t->dev, high), ==, OLD);
        cb_write(t, 0, A_CB_TLBIASID, ASID1);
        g_assert_true(dma_read64(&t->dev, high, &value) != PTD_RESULT_OK ||
                      value != OLD);
    }
    smmu_quit(t);
}

/* The bits of ASID and VMID that count: 8, or 16 where that is enabled */
static void test_widths(void)
{
    SMMUTest *t = start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    const uint64_t va = 0x5000;

    smmu_map(&tab, va, OLD, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &tab, NULL, 0x1234, 0x56);
    smmu_use_bank(t, 0);

    /* AS = 1: sixteen bits */
    g_assert_true(is_old(&t->dev, va));
    smmu_map(&tab, va, NEW, 3, LEAF_S1);
    cb_write(t, 0, A_CB_TLBIASID, 0x34);
    g_assert_true(is_old(&t->dev, va));
    cb_write(t, 0, A_CB_TLBIASID, 0x1234);
    g_assert_false(is_old(&t->dev, va));
    /* AS = 0: eight */
    cb_write(t, 0, A_CB_TCR2, TCR2_FULL);
    g_assert_false(is_old(&t->dev, va));
    smmu_map(&tab, va, OLD, 3, LEAF_S1);
    cb_write(t, 0, A_CB_TLBIASID, 0x12);
    g_assert_false(is_old(&t->dev, va));
    cb_write(t, 0, A_CB_TLBIASID, 0x34);
    g_assert_true(is_old(&t->dev, va));
    /* TCR.A1: the ASID is in TTBR1 */
    cb_write(t, 0, A_CB_TCR2, TCR2_FULL | R_CB_TCR2_AS_MASK);
    cb_write64(t, 0, A_CB_TTBR1, 0x4321ull << 48);
    cb_write(t, 0, A_CB_TCR, smmu_tcr(&tab, 0) | TCR_EPD1 |
                             R_CB_TCR_A1_MASK);
    g_assert_true(is_old(&t->dev, va));
    smmu_map(&tab, va, NEW, 3, LEAF_S1);
    cb_write(t, 0, A_CB_TLBIASID, 0x1234);
    g_assert_true(is_old(&t->dev, va));
    cb_write(t, 0, A_CB_TLBIASID, 0x4321);
    g_assert_false(is_old(&t->dev, va));

    /* VMID16EN: the VMID is in CBA2R */
    gr1_write(t, A_CBA2R0, R_CBA2R0_VA64_MASK |
                           0xabcd << R_CBA2R0_VMID16_SHIFT);
    gr0_write(t, A_CR0, CR0_ON | R_CR0_VMID16EN_MASK);
    g_assert_false(is_old(&t->dev, va));
    smmu_map(&tab, va, OLD, 3, LEAF_S1);
    gr0_write(t, A_TLBIVMID, 0x56);
    g_assert_false(is_old(&t->dev, va));
    gr0_write(t, A_TLBIVMID, 0xcd);
    g_assert_false(is_old(&t->dev, va));
    gr0_write(t, A_TLBIVMID, 0xabcd);
    g_assert_true(is_old(&t->dev, va));
    smmu_quit(t);
}

/* ---- What needs no operation, and what is not kept ---- */

static void test_no_tlbi(void)
{
    SMMUTest *t = start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);

    smmu_map(&tab, 0x5000, OLD, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_use_bank(t, 0);

    /* Faults are not cached: from invalid to valid */
    assert_refused(t, &t->dev, 0x6000, "invalid");
    smmu_map(&tab, 0x6000, OLD, 3, LEAF_S1);
    g_assert_true(is_old(&t->dev, 0x6000));
    /* Access flag, set */
    smmu_map(&tab, 0x7000, OLD, 3, LEAF_S1 & ~DESC_AF);
    assert_refused(t, &t->dev, 0x7000, "access flag");
    smmu_map(&tab, 0x7000, OLD, 3, LEAF_S1);
    g_assert_true(is_old(&t->dev, 0x7000));

    /* More permission: the entry that denies is looked up again, in tables */
    smmu_map(&tab, 0x8000, OLD, 3, LEAF_S1 | DESC_AP_RO);
    g_assert_true(is_old(&t->dev, 0x8000));
    smmu_map(&tab, 0x8000, OLD, 3, LEAF_S1);
    g_assert_cmphex(dma_write64(&t->dev, 0x8000, OLD), ==, PTD_RESULT_OK);
    /* Less permission wants one */
    smmu_map(&tab, 0x8000, OLD, 3, LEAF_S1 | DESC_AP_RO);
    g_assert_cmphex(dma_write64(&t->dev, 0x8000, OLD), ==, PTD_RESULT_OK);
    cb_write64(t, 0, A_CB_TLBIVA, 1ull << 48 | 8);
    g_assert_cmphex(dma_write64(&t->dev, 0x8000, OLD), ==,
                    PTD_RESULT_DECODE_ERROR);
    g_assert_true(is_old(&t->dev, 0x8000));
    smmu_quit(t);
}

/* What a bank that is turned off and on again, and a reset, leave behind */
static void test_reset(void)
{
    SMMUTest *t = start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);

    smmu_map(&tab, 0x5000, OLD, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_use_bank(t, 0);
    g_assert_true(is_old(&t->dev, 0x5000));
    smmu_map(&tab, 0x5000, NEW, 3, LEAF_S1);
    g_assert_true(is_old(&t->dev, 0x5000));

    qtest_system_reset(t->qts);
    smmu_free_dev(&t->dev);
    t->pci.bus.mmio_alloc_ptr = 0x10000000;
    t->dev = smmu_find_dev(t, PTD_DEVFN);
    g_assert_cmpuint(smmu_qom_uint(t, PTD_TBU, "translations"), ==, 0);
    /* All pass; then the bank does nothing; then it is a new one */
    g_assert_true(is_old(&t->dev, OLD));
    smmu_use_bank(t, 0);
    g_assert_true(is_old(&t->dev, OLD));
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_use_bank(t, 0);
    g_assert_false(is_old(&t->dev, 0x5000));
    smmu_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/tlbi/scopes", test_scopes);
    qtest_add_func("/smmuv2/tlbi/halves", test_halves);
    qtest_add_func("/smmuv2/tlbi/nested", test_nested);
    qtest_add_func("/smmuv2/tlbi/global-entries", test_global_entries);
    qtest_add_func("/smmuv2/tlbi/pieces", test_pieces);
    qtest_add_func("/smmuv2/tlbi/blocks", test_blocks);
    qtest_add_func("/smmuv2/tlbi/widths", test_widths);
    qtest_add_func("/smmuv2/tlbi/no-tlbi", test_no_tlbi);
    qtest_add_func("/smmuv2/tlbi/reset", test_reset);
    return g_test_run();
}
