/*
 * SMMUv2 qtest: faults
 *
 * Each way in which a transaction can fail, made to happen, and what the SMMU
 * then tells: status, address, syndrome, level, stream, the interrupt line and
 * the device's bus error.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/units.h"
#include "smmuv2-lib.h"

#define DATA    (RAM_BASE + 0x15432000)
#define BIAS    (UINT64_C(1) << 36)
/* No memory there */
#define HOLE    UINT64_C(0x800000000000)

/* Interrupts: sysbus IRQ 0 is the global one, 1 + n % 64 is bank n's */
#define NUM_LINES   64
#define GLOBAL_LINE 0
#define LINE(cb)    (1 + (cb) % NUM_LINES)

static SMMUTest *start(const char *extra)
{
    SMMUTest *t = smmu_start(extra);

    qtest_irq_intercept_out_named(t->qts, SMMU_QOM, "sysbus-irq");
    return t;
}

static uint32_t level(unsigned plvl)
{
    return plvl << R_CB_FSYNR0_PLVL_SHIFT;
}

static void show(const char *what, const char *reg, uint64_t got,
                 uint64_t want, bool *ok)
{
    if (got != want) {
        g_test_message("%s: %s is 0x%" PRIx64 ", not 0x%" PRIx64, what, reg,
                       got, want);
        *ok = false;
    }
}

/* What bank @cb reports, and that its line follows; clears it */
static void expect(SMMUTest *t, unsigned cb, const char *what, uint32_t fsr,
                   uint64_t far, uint32_t fsynr0, uint64_t ipafar)
{
    SMMUFault f = smmu_fault(t, cb);
    bool ok = true;

    show(what, "FSR", f.fsr, fsr, &ok);
    show(what, "FAR", f.far, far, &ok);
    show(what, "FSYNR0", f.fsynr0, fsynr0, &ok);
    show(what, "CBFRSYNRA", f.cbfrsynra, PTD_SID, &ok);
    /* Below the page they are one: which descriptor was read is not told */
    if (ipafar) {
        ipafar = (ipafar & ~0xfffull) | (far & 0xfff);
    }
    show(what, "IPAFAR", f.ipafar, ipafar, &ok);
    show(what, "line", qtest_get_irq(t->qts, LINE(cb)), true, &ok);
    show(what, "GFSR", gr0_read(t, A_GFSR), 0, &ok);
    smmu_fault_clear(t, cb);
    show(what, "FSR, cleared,", cb_read(t, cb, A_CB_FSR) & CB_FSR_W1C, 0, &ok);
    show(what, "line, cleared,", qtest_get_irq(t->qts, LINE(cb)), false, &ok);
    g_assert_true(ok);
}

/* A refused read and a refused write, each reported the same but for WNR */
static void expect_both(SMMUTest *t, unsigned cb, uint64_t iova,
                        const char *what, uint32_t fsr, uint32_t fsynr0,
                        uint64_t ipafar)
{
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, iova, 4), ==,
                    PTD_RESULT_DECODE_ERROR);
    expect(t, cb, what, fsr, iova, fsynr0, ipafar);
    g_assert_cmphex(dma(&t->dev, PTD_OP_WRITE, iova, 4), ==,
                    PTD_RESULT_DECODE_ERROR);
    expect(t, cb, what, fsr, iova, fsynr0 | R_CB_FSYNR0_WNR_MASK, ipafar);
}

/* ---- One stage ---- */

#define IOVA    UINT64_C(0x123456789abc)    /* a page at each level */
#define PAGE    (IOVA & ~UINT64_C(0xfff))

typedef struct Stage {
    unsigned stage;
    unsigned cb;
    SMMUTable tab;
    uint64_t desc[4];           /* where the descriptor of each level is */
    uint64_t valid[4];          /* and what makes it work */
} Stage;

static Stage make_stage(SMMUTest *t, unsigned stage)
{
    Stage s = {
        .stage = stage,
        .cb = 10 + stage,
        .tab = smmu_table(t, stage, 12, 48, 0, 0),
    };

    smmu_map(&s.tab, PAGE, DATA, 3, stage == 1 ? LEAF_S1 : LEAF_S2);
    for (int l = 0; l < 4; l++) {
        s.desc[l] = smmu_desc(&s.tab, PAGE, l);
        s.valid[l] = qtest_readq(t->qts, s.desc[l]);
    }
    if (stage == 1) {
        smmu_bank_s1(t, s.cb, &s.tab, NULL, 1, 0);
    } else {
        smmu_bank_s2(t, s.cb, &s.tab, 1);
    }
    smmu_use_bank(t, s.cb);
    return s;
}

/* Change a descriptor; nothing is cached, as what faults never is */
static void put(SMMUTest *t, const Stage *s, int l, uint64_t desc)
{
    qtest_writeq(t->qts, s->desc[l], desc);
}

static void restore(SMMUTest *t, const Stage *s)
{
    for (int l = 0; l < 4; l++) {
        put(t, s, l, s->valid[l]);
    }
}

static void check_stage(SMMUTest *t, unsigned stage)
{
    Stage s = make_stage(t, stage);
    uint64_t ipa = stage == 2 ? IOVA : 0, leaf = stage == 1 ? LEAF_S1 : LEAF_S2;
    unsigned tcr = stage == 1 ? A_CB_TCR2 : A_CB_TCR;
    uint32_t pasize_mask = stage == 1 ? R_CB_TCR2_PASIZE_MASK :
                                        R_CB_TCR_PASIZE_MASK;
    uint32_t old;

    /* Translation: an invalid descriptor, whatever its other bits */
    for (int l = 0; l < 4; l++) {
        put(t, &s, l, 0);
        expect_both(t, s.cb, IOVA, "invalid", FSR(TF), level(l), ipa);
        put(t, &s, l, s.valid[l] & ~1ull);
        expect_both(t, s.cb, IOVA, "not valid", FSR(TF), level(l), ipa);
        restore(t, &s);
    }
    /* A block where none may be, and the reserved type of level 3 */
    put(t, &s, 0, leaf | 1);
    expect_both(t, s.cb, IOVA, "block at level 0", FSR(TF), level(0), ipa);
    restore(t, &s);
    put(t, &s, 3, s.valid[3] & ~2ull);
    expect_both(t, s.cb, IOVA, "reserved type at level 3", FSR(TF), level(3),
                ipa);
    restore(t, &s);

    /* Access flag, on each kind of leaf; PFNs of blocks are aligned */
    for (int l = 1; l < 4; l++) {
        uint64_t bad = (leaf & ~DESC_AF) | RAM_BASE | (l == 3 ? 3 : 1);

        put(t, &s, l, bad);
        expect_both(t, s.cb, IOVA, "access flag", FSR(AFF), level(l), ipa);
        /* Which AFFD switches off */
        if (l == 3) {
            cb_write(t, s.cb, A_CB_SCTLR, SCTLR_ON | R_CB_SCTLR_AFFD_MASK);
            assert_maps(t, &t->dev, IOVA & ~7ull,
                        RAM_BASE | (IOVA & 0xff8), "AFFD");
            cb_write(t, s.cb, A_CB_SCTLR, SCTLR_ON);
        }
        restore(t, &s);
    }

    /* Permission, on each kind of leaf */
    for (int l = 1; l < 4; l++) {
        put(t, &s, l, DESC_AF | DESC_SH_INNER | RAM_BASE |
            (stage == 2 ? DESC_S2_NORMAL : 0) | (l == 3 ? 3 : 1));
        expect_both(t, s.cb, IOVA, "permission", FSR(PF), level(l), ipa);
        restore(t, &s);
    }

    /* Address size, of a leaf and of tables: PASIZE says 32 bits */
    old = cb_read(t, s.cb, tcr);
    cb_write(t, s.cb, tcr, old & ~pasize_mask);
    for (int l = 0; l < 4; l++) {
        put(t, &s, l, s.valid[l] | 1ull << 32);
        expect_both(t, s.cb, IOVA, "address size", FSR(ASF), level(l), ipa);
        restore(t, &s);
    }
    cb_write64(t, s.cb, A_CB_TTBR0, s.tab.root | 1ull << 32);
    expect_both(t, s.cb, IOVA, "address size of TTBR0", FSR(ASF), level(0),
                ipa);
    cb_write64(t, s.cb, A_CB_TTBR0, s.tab.root);
    cb_write(t, s.cb, tcr, old);

    /* External: the next table is in no memory */
    for (int l = 0; l < 3; l++) {
        put(t, &s, l, HOLE | 3);
        expect_both(t, s.cb, IOVA, "external", FSR(EF),
                    level(l + 1) | R_CB_FSYNR0_PTWF_MASK, ipa);
        restore(t, &s);
    }
    cb_write64(t, s.cb, A_CB_TTBR0, HOLE);
    expect_both(t, s.cb, IOVA, "external at TTBR0", FSR(EF),
                level(0) | R_CB_FSYNR0_PTWF_MASK, ipa);
    cb_write64(t, s.cb, A_CB_TTBR0, s.tab.root);

    /* Sizes that are reserved: nothing is mapped */
    old = cb_read(t, s.cb, A_CB_TCR);
    for (unsigned tsz = 40; tsz < 64; tsz += 23) {
        cb_write(t, s.cb, A_CB_TCR, (old & ~R_CB_TCR_T0SZ_MASK) | tsz);
        expect_both(t, s.cb, IOVA, "T0SZ too large", FSR(TF), level(0), ipa);
    }
    cb_write(t, s.cb, A_CB_TCR, (old & ~R_CB_TCR_T0SZ_MASK) | 15);
    expect_both(t, s.cb, IOVA, "T0SZ too small", FSR(TF), level(0), ipa);
    cb_write(t, s.cb, A_CB_TCR, old | R_CB_TCR_TG0_MASK);
    expect_both(t, s.cb, IOVA, "TG0 reserved", FSR(TF), level(0), ipa);
    /* And addresses out of the range of those that are not */
    cb_write(t, s.cb, A_CB_TCR, (old & ~R_CB_TCR_T0SZ_MASK) |
             (stage == 2 ? 24 : 17));
    expect_both(t, s.cb, 1ull << 47, "address too large", FSR(TF), level(0),
                stage == 2 ? 1ull << 47 : 0);
    cb_write(t, s.cb, A_CB_TCR, old);

    /* All is as it was */
    assert_maps(t, &t->dev, IOVA & ~7ull, DATA + (IOVA & 0xff8), "restored");
    assert_no_faults(t, 128);
}

static void test_stage1(void)
{
    SMMUTest *t = start(NULL);
    Stage s;

    check_stage(t, 1);

    s = make_stage(t, 1);
    /* The privilege that S2CR gives, and instruction fetches */
    put(t, &s, 3, s.valid[3] | DESC_AP_RO);
    gr0_write(t, A_S2CR0, S2CR_PRIVCFG_PRIV << R_S2CR0_PRIVCFG_SHIFT | s.cb);
    g_assert_cmphex(dma(&t->dev, PTD_OP_WRITE, IOVA, 4), ==,
                    PTD_RESULT_DECODE_ERROR);
    expect(t, s.cb, "privileged write", FSR(PF), IOVA,
           level(3) | R_CB_FSYNR0_WNR_MASK | R_CB_FSYNR0_PNU_MASK, 0);
    put(t, &s, 3, s.valid[3] | 1ull << 54);
    gr0_write(t, A_S2CR0,
              S2CR_INSTCFG_INSTRUCTION << R_S2CR0_INSTCFG_SHIFT | s.cb);
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, IOVA, 4), ==,
                    PTD_RESULT_DECODE_ERROR);
    expect(t, s.cb, "fetch", FSR(PF), IOVA,
           level(3) | R_CB_FSYNR0_IND_MASK, 0);
    /* Tables that are switched off */
    gr0_write(t, A_S2CR0, s.cb);
    cb_write(t, s.cb, A_CB_TCR,
             smmu_tcr(&s.tab, 0) | TCR_EPD1 | R_CB_TCR_EPD0_MASK);
    expect_both(t, s.cb, IOVA, "EPD0", FSR(TF), level(0), 0);
    expect_both(t, s.cb, ~0xfffull, "EPD1", FSR(TF), level(0), 0);
    smmu_quit(t);
}

static void test_stage2(void)
{
    SMMUTest *t = start(NULL);
    Stage s;
    uint32_t tcr;

    check_stage(t, 2);

    /* SL0 that contradicts T0SZ */
    s = make_stage(t, 2);
    tcr = smmu_tcr(&s.tab, 0) & ~R_CB_TCR_SL0_MASK;
    for (unsigned sl0 = 0; sl0 < 4; sl0++) {
        if (sl0 != 2) {
            cb_write(t, s.cb, A_CB_TCR, tcr | sl0 << R_CB_TCR_SL0_SHIFT);
            expect_both(t, s.cb, IOVA, "SL0", FSR(TF), level(0), IOVA);
        }
    }
    smmu_quit(t);
}

/* ---- Two stages ---- */

#define VA      UINT64_C(0x5678)
#define S1_CB   20
#define S2_CB   84              /* shares S1_CB's interrupt: the FSR tells */

typedef struct Nested {
    SMMUTable s1, s2;
    uint64_t tables;            /* page of stage 1's tables, the first of 3 */
} Nested;

static Nested make_nested(SMMUTest *t)
{
    Nested n;
    uint64_t from;

    n.s2 = smmu_table(t, 2, 12, 40, 1, 0);
    t->next = from = ROUND_UP(t->next, 4 * KiB);
    n.s1 = smmu_table(t, 1, 12, 39, 1, BIAS);
    n.tables = n.s1.root;
    smmu_map(&n.s1, VA & ~0xfffull, DATA + BIAS, 3, LEAF_S1);
    for (uint64_t pa = from; pa < t->next; pa += 4 * KiB) {
        smmu_map(&n.s2, pa + BIAS, pa, 3, LEAF_S2);
    }
    smmu_map(&n.s2, DATA + BIAS, DATA, 3, LEAF_S2);
    smmu_bank_s1(t, S1_CB, &n.s1, NULL, 1, 0);
    smmu_bank_s2(t, S2_CB, &n.s2, 1);
    smmu_bank_nest(t, S1_CB, S2_CB);
    smmu_use_bank(t, S1_CB);
    return n;
}

static void test_nested(void)
{
    static const struct {
        const char *what;
        uint64_t leaf;          /* of stage 2 */
        uint32_t fsr;
    } cases[] = {
        { "translation", 0, FSR(TF) },
        { "access flag", LEAF_S2 & ~DESC_AF, FSR(AFF) },
        { "permission", LEAF_S2 & ~(DESC_S2AP_R | DESC_S2AP_W), FSR(PF) },
        { "address size", LEAF_S2 | 1ull << 44, FSR(ASF) },
    };
    const uint32_t s1cb = S1_CB << R_CB_FSYNR0_S1CBNDX_SHIFT |
                          R_CB_FSYNR0_NESTED_MASK;
    SMMUTest *t = start(NULL);
    Nested n = make_nested(t);
    uint64_t walk[4];

    assert_maps(t, &t->dev, VA & ~7ull, DATA + (VA & 0xff8), "nested");
    assert_no_faults(t, 128);
    /* Nothing is cached from here on */
    cb_write(t, S2_CB, A_CB_TCR,
             (smmu_tcr(&n.s2, 0) & ~R_CB_TCR_PASIZE_MASK) |
             3u << R_CB_TCR_PASIZE_SHIFT);

    for (int l = 1; l <= 3; l++) {
        walk[l] = smmu_desc(&n.s1, VA, l) + BIAS;
    }
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        uint64_t at = smmu_desc(&n.s2, DATA + BIAS, 3);
        uint64_t bad = cases[i].leaf | (cases[i].leaf != 0) * 3;

        /* The access itself */
        qtest_writeq(t->qts, at, DATA | bad);
        expect_both(t, S2_CB, VA, cases[i].what, cases[i].fsr,
                    level(3) | s1cb, (DATA + BIAS) | (VA & 0xfff));
        qtest_writeq(t->qts, at, DATA | LEAF_S2 | 3);

        /* Stage 1's walk, at each of its levels */
        for (int l = 1; l <= 3; l++) {
            g_autofree char *what =
                g_strdup_printf("%s on stage 1's walk, level %d",
                                cases[i].what, l);
            uint64_t pa = (walk[l] - BIAS) & ~0xfffull;

            at = smmu_desc(&n.s2, walk[l], 3);
            qtest_writeq(t->qts, at, pa | bad);
            g_assert_cmphex(dma(&t->dev, PTD_OP_READ, VA, 4), ==,
                            PTD_RESULT_DECODE_ERROR);
            expect(t, S2_CB, what, cases[i].fsr, VA,
                   level(3) | s1cb | R_CB_FSYNR0_S1PTWF_MASK, walk[l]);
            g_assert_cmphex(cb_read(t, S1_CB, A_CB_FSR) & CB_FSR_W1C, ==, 0);
            qtest_writeq(t->qts, at, pa | LEAF_S2 | 3);
        }
    }

    /* Tables that stage 2 does not let be written serve all the same */
    qtest_writeq(t->qts, smmu_desc(&n.s2, walk[3], 3),
                 ((walk[3] - BIAS) & ~0xfffull) |
                 (LEAF_S2 & ~DESC_S2AP_W) | 3);
    assert_maps(t, &t->dev, VA & ~7ull, DATA + (VA & 0xff8),
                "read-only tables");
    cb_write(t, S1_CB, A_CB_TLBIALL, 0);

    /* SCTLR.PTW: no tables in Device memory */
    qtest_writeq(t->qts, smmu_desc(&n.s2, walk[2], 3),
                 ((walk[2] - BIAS) & ~0xfffull) |
                 (LEAF_S2 & ~DESC_S2_NORMAL) | 3);
    assert_maps(t, &t->dev, VA & ~7ull, DATA + (VA & 0xff8),
                "tables in Device memory, PTW=0");
    cb_write(t, S2_CB, A_CB_SCTLR, SCTLR_ON | R_CB_SCTLR_PTW_MASK);
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, VA, 4), ==,
                    PTD_RESULT_DECODE_ERROR);
    expect(t, S2_CB, "tables in Device memory, PTW=1", FSR(PF), VA,
           level(3) | s1cb | R_CB_FSYNR0_S1PTWF_MASK, walk[2]);
    smmu_quit(t);
}

/* Stage 1 denies: that is stage 1's business, and stage 2 is not asked */
static void test_nested_stage1(void)
{
    SMMUTest *t = start(NULL);
    Nested n = make_nested(t);

    expect_both(t, S1_CB, VA + 4 * KiB, "stage 1", FSR(TF), level(3), 0);
    smmu_map(&n.s1, 0x9000, DATA + BIAS + 4 * KiB, 3, LEAF_S1 | DESC_AP_RO);
    g_assert_cmphex(dma(&t->dev, PTD_OP_WRITE, 0x9000, 4), ==,
                    PTD_RESULT_DECODE_ERROR);
    expect(t, S1_CB, "stage 1 denies before stage 2", FSR(PF), 0x9000,
           level(3) | R_CB_FSYNR0_WNR_MASK, 0);
    g_assert_cmphex(cb_read(t, S2_CB, A_CB_FSR) & CB_FSR_W1C, ==, 0);
    smmu_quit(t);
}

/* ---- Registers and lines ---- */

static void test_multi(void)
{
    SMMUTest *t = start(NULL);
    Stage s = make_stage(t, 1);

    dma(&t->dev, PTD_OP_READ, 0x1000, 4);
    g_assert_cmphex(cb_read(t, s.cb, A_CB_FSR), ==, FSR(TF));
    /* The second leaves the first's syndrome alone, whatever its kind */
    put(t, &s, 3, s.valid[3] & ~DESC_AF);
    dma(&t->dev, PTD_OP_WRITE, IOVA, 4);
    expect(t, s.cb, "the first of two", FSR(TF) | R_CB_FSR_MULTI_MASK, 0x1000,
           level(0), 0);
    /* After that a third is a first */
    dma(&t->dev, PTD_OP_WRITE, IOVA, 4);
    expect(t, s.cb, "after clearing", FSR(AFF), IOVA,
           level(3) | R_CB_FSYNR0_WNR_MASK, 0);

    /* Counted all the same, in the SMMU and in the TBU */
    g_assert_cmpuint(smmu_qom_uint(t, SMMU_QOM, "context-faults"), ==, 3);
    g_assert_cmpuint(smmu_qom_uint(t, PTD_TBU, "faults"), ==, 3);

    /* QEMU tries a refused page by pieces of 4 bytes: still one transaction */
    dma(&t->dev, PTD_OP_READ, 0x7000, 4 * KiB);
    expect(t, s.cb, "a page", FSR(TF), 0x7000, level(0), 0);
    gr0_write(t, A_S2CR0, S2CR_TYPE_FAULT << R_S2CR0_TYPE_SHIFT);
    dma(&t->dev, PTD_OP_WRITE, 0x7000, 4 * KiB);
    g_assert_cmphex(gr0_read(t, A_GFSR), ==, R_GFSR_ICF_MASK);
    g_assert_cmphex(gr0_read64(t, A_GFAR), ==, 0x7000);
    g_assert_cmpuint(smmu_qom_uint(t, SMMU_QOM, "context-faults"), ==, 4);
    g_assert_cmpuint(smmu_qom_uint(t, SMMU_QOM, "global-faults"), ==, 1);
    smmu_quit(t);
}

static void test_context_lines(void)
{
    SMMUTest *t = start(PTD2_ARG);
    Stage s = make_stage(t, 1);
    TestDev dev2 = smmu_find_dev(t, PTD2_DEVFN);
    unsigned other = s.cb + NUM_LINES, line = LINE(s.cb);

    /* Not enabled: no line, until it is */
    cb_write(t, s.cb, A_CB_SCTLR, SCTLR_ON & ~R_CB_SCTLR_CFIE_MASK);
    dma(&t->dev, PTD_OP_READ, 0x1000, 4);
    g_assert_cmphex(cb_read(t, s.cb, A_CB_FSR), ==, FSR(TF));
    g_assert_false(qtest_get_irq(t->qts, line));
    cb_write(t, s.cb, A_CB_SCTLR, SCTLR_ON);
    g_assert_true(qtest_get_irq(t->qts, line));
    cb_write(t, s.cb, A_CB_SCTLR, SCTLR_ON & ~R_CB_SCTLR_CFIE_MASK);
    g_assert_false(qtest_get_irq(t->qts, line));
    cb_write(t, s.cb, A_CB_SCTLR, SCTLR_ON);
    /* Writing zero clears nothing; MULTI alone keeps it raised (3.6.3) */
    cb_write(t, s.cb, A_CB_FSR, 0);
    g_assert_true(qtest_get_irq(t->qts, line));
    cb_write(t, s.cb, A_CB_FSRRESTORE, R_CB_FSR_MULTI_MASK);
    g_assert_true(qtest_get_irq(t->qts, line));
    /* SS cannot be restored, as there would be nothing to resume (16.5.10) */
    cb_write(t, s.cb, A_CB_FSRRESTORE, R_CB_FSR_SS_MASK);
    g_assert_false(qtest_get_irq(t->qts, line));
    g_assert_cmphex(cb_read(t, s.cb, A_CB_FSR) & R_CB_FSR_SS_MASK, ==, 0);
    cb_write(t, s.cb, A_CB_FSRRESTORE, R_CB_FSR_PF_MASK);
    g_assert_true(qtest_get_irq(t->qts, line));
    cb_write(t, s.cb, A_CB_FSR, ~0u);
    g_assert_false(qtest_get_irq(t->qts, line));

    /* Two banks on one line: it falls when both are done */
    smmu_bank_s1(t, other, &s.tab, NULL, 2, 0);
    smmu_stream(t, 1, PTD2_SID, 0, other);
    dma(&t->dev, PTD_OP_READ, 0x1000, 4);
    dma(&dev2, PTD_OP_READ, 0x1000, 4);
    g_assert_cmphex(gr1_read(t, A_CBFRSYNRA0 + 4 * s.cb), ==, PTD_SID);
    g_assert_cmphex(gr1_read(t, A_CBFRSYNRA0 + 4 * other), ==, PTD2_SID);
    g_assert_true(qtest_get_irq(t->qts, line));
    cb_write(t, s.cb, A_CB_FSR, ~0u);
    g_assert_true(qtest_get_irq(t->qts, line));
    cb_write(t, other, A_CB_FSR, ~0u);
    g_assert_false(qtest_get_irq(t->qts, line));

    /* No other line has moved, and reset lowers this one */
    dma(&t->dev, PTD_OP_READ, 0x1000, 4);
    for (unsigned i = 0; i <= NUM_LINES; i++) {
        g_assert_true(qtest_get_irq(t->qts, i) == (i == line));
    }
    qtest_system_reset(t->qts);
    g_assert_false(qtest_get_irq(t->qts, line));
    smmu_free_dev(&dev2);
    smmu_quit(t);
}

/* Each bank has the line that is its own, or shares the one it should */
static void test_line_of_bank(void)
{
    static const struct {
        const char *args;
        unsigned banks, lines;
    } cases[] = {
        { NULL, 128, 64 },
        { "-global arm-smmuv2.num-context-banks=7", 7, 7 },
        { "-global arm-smmuv2.num-context-irqs=3", 128, 3 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        SMMUTest *t = start(cases[i].args);

        for (unsigned cb = 0; cb < cases[i].banks; cb++) {
            unsigned line = 1 + cb % cases[i].lines;

            cb_write(t, cb, A_CB_SCTLR, R_CB_SCTLR_CFIE_MASK);
            cb_write(t, cb, A_CB_FSRRESTORE, R_CB_FSR_TF_MASK);
            for (unsigned l = 0; l <= cases[i].lines; l++) {
                g_assert_true(qtest_get_irq(t->qts, l) == (l == line));
            }
            cb_write(t, cb, A_CB_FSR, R_CB_FSR_TF_MASK);
            g_assert_false(qtest_get_irq(t->qts, line));
        }
        smmu_quit(t);
    }
}

/* The lines reach the GIC as SPIs 176 (global) and 177 onwards */
static bool spi_pending(SMMUTest *t, unsigned spi)
{
    unsigned intid = 32 + spi;
    uint32_t ispendr = qtest_readl(t->qts, 0x08000000 + 0x200 + intid / 32 * 4);

    return ispendr >> (intid % 32) & 1;
}

static void test_gic(void)
{
    SMMUTest *t = smmu_start(NULL);

    gr0_write(t, A_CR0, CR0_ON);
    gr0_write(t, A_GFSRRESTORE, R_GFSR_USF_MASK);
    for (unsigned spi = SMMU_SPI; spi <= SMMU_SPI + NUM_LINES; spi++) {
        g_assert_true(spi_pending(t, spi) == (spi == SMMU_SPI));
    }
    gr0_write(t, A_GFSR, ~0u);
    g_assert_false(spi_pending(t, SMMU_SPI));
    for (unsigned cb = 0; cb < 128; cb += 9) {
        cb_write(t, cb, A_CB_SCTLR, R_CB_SCTLR_CFIE_MASK);
        cb_write(t, cb, A_CB_FSRRESTORE, R_CB_FSR_EF_MASK);
        for (unsigned i = 0; i < NUM_LINES; i++) {
            g_assert_true(spi_pending(t, SMMU_SPI + 1 + i) ==
                          (i == cb % NUM_LINES));
        }
        cb_write(t, cb, A_CB_FSR, ~0u);
        g_assert_false(spi_pending(t, SMMU_SPI + 1 + cb % NUM_LINES));
    }
    smmu_quit(t);
}

/* ---- Global faults ---- */

static void expect_global(SMMUTest *t, const char *what, uint32_t gfsr,
                          uint64_t gfar, uint32_t gfsynr0)
{
    bool ok = true;

    show(what, "GFSR", gr0_read(t, A_GFSR), gfsr, &ok);
    show(what, "GFAR", gr0_read64(t, A_GFAR), gfar, &ok);
    show(what, "GFSYNR0", gr0_read(t, A_GFSYNR0), gfsynr0, &ok);
    show(what, "GFSYNR1", gr0_read(t, A_GFSYNR1), PTD_SID, &ok);
    show(what, "line", qtest_get_irq(t->qts, GLOBAL_LINE), true, &ok);
    gr0_write(t, A_GFSR, gfsr);
    show(what, "GFSR, cleared,", gr0_read(t, A_GFSR), 0, &ok);
    show(what, "line, cleared,", qtest_get_irq(t->qts, GLOBAL_LINE), false,
         &ok);
    gr0_write64(t, A_GFAR, 0);
    gr0_write(t, A_GFSYNR0, 0);
    gr0_write(t, A_GFSYNR1, 0);
    g_assert_true(ok);
}

/* @gfsynr0: what of it does not depend on the access */
static void expect_global_syn(SMMUTest *t, const char *what, uint32_t gfsr,
                              uint32_t gfsynr0)
{
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, 0x123456789abcd8, 4), ==,
                    PTD_RESULT_DECODE_ERROR);
    expect_global(t, what, gfsr, 0x123456789abcd8, gfsynr0);
    g_assert_cmphex(dma(&t->dev, PTD_OP_WRITE, 0x1000, 4), ==,
                    PTD_RESULT_DECODE_ERROR);
    expect_global(t, what, gfsr, 0x1000, gfsynr0 | R_GFSYNR0_WNR_MASK);
}

static void expect_global_both(SMMUTest *t, const char *what, uint32_t gfsr)
{
    expect_global_syn(t, what, gfsr, 0);
}

#define TYPE(type)  (S2CR_TYPE_ ## type << R_S2CR0_TYPE_SHIFT)

static void test_global(void)
{
    SMMUTest *t = start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    uint32_t cbar;

    /* Streams */
    gr0_write(t, A_CR0, CR0_ON);
    expect_global_both(t, "no match", R_GFSR_USF_MASK);
    smmu_stream(t, 3, PTD_SID, 0, TYPE(BYPASS));
    smmu_stream(t, 5, PTD_SID, 0, TYPE(BYPASS));
    expect_global_both(t, "conflict", R_GFSR_SMCF_MASK);
    gr0_write(t, A_SMR0 + 4 * 5, 0);
    gr0_write(t, A_S2CR0 + 4 * 3, TYPE(FAULT));
    expect_global_both(t, "fault", R_GFSR_ICF_MASK);
    gr0_write(t, A_S2CR0 + 4 * 3, TYPE(RESERVED));
    expect_global_both(t, "reserved type", R_GFSR_ICF_MASK);
    gr0_write(t, A_S2CR0 + 4 * 3, TYPE(TRANSLATE) | 200);
    expect_global_both(t, "no such bank", R_GFSR_UCBF_MASK);

    /* The syndrome has the access as it came, not what S2CR makes of it */
    gr0_write(t, A_S2CR0 + 4 * 3, TYPE(TRANSLATE) | 7 |
              S2CR_PRIVCFG_PRIV << R_S2CR0_PRIVCFG_SHIFT |
              S2CR_INSTCFG_INSTRUCTION << R_S2CR0_INSTCFG_SHIFT);
    gr1_write(t, A_CBAR0 + 4 * 7,
              CBAR_TYPE_S1_S2_FAULT << R_CBAR0_TYPE_SHIFT);
    dma(&t->dev, PTD_OP_READ, 0x1000, 4);
    expect_global(t, "privileged fetch", R_GFSR_ICF_MASK, 0x1000, 0);
    gr0_write(t, A_S2CR0 + 4 * 3, TYPE(TRANSLATE) | 7);

    /* Banks that make no sense: nested on what is no stage 2 bank */
    smmu_bank_s1(t, 7, &tab, NULL, 1, 0);
    cbar = CBAR_TYPE_S1_S2 << R_CBAR0_TYPE_SHIFT;
    gr1_write(t, A_CBAR0 + 4 * 7, cbar | 200 << R_CBAR0_CBNDX_SHIFT);
    expect_global_syn(t, "nested on no bank", R_GFSR_UCBF_MASK,
                      R_GFSYNR0_NESTED_MASK);
    smmu_bank_s1(t, 8, &tab, NULL, 1, 0);
    gr1_write(t, A_CBAR0 + 4 * 7, cbar | 8 << R_CBAR0_CBNDX_SHIFT);
    expect_global_syn(t, "nested on stage 1", R_GFSR_ICF_MASK,
                      R_GFSYNR0_NESTED_MASK);
    gr1_write(t, A_CBAR0 + 4 * 7, cbar | 7 << R_CBAR0_CBNDX_SHIFT);
    expect_global_syn(t, "nested on itself", R_GFSR_ICF_MASK,
                      R_GFSYNR0_NESTED_MASK);
    smmu_bank_s2(t, 8, &tab, 1);
    gr1_write(t, A_CBA2R0 + 4 * 8, 0);
    gr1_write(t, A_CBAR0 + 4 * 7, cbar | 8 << R_CBAR0_CBNDX_SHIFT);
    expect_global_syn(t, "AArch64 nested on AArch32", R_GFSR_ICF_MASK,
                      R_GFSYNR0_NESTED_MASK);
    g_assert_cmpuint(smmu_qom_uint(t, SMMU_QOM, "global-faults"), ==, 19);
    g_assert_cmpuint(smmu_qom_uint(t, SMMU_QOM, "context-faults"), ==, 0);
    smmu_quit(t);
}

/* Stages that the SMMU does not have */
static void test_absent_stage(void)
{
    SMMUTest *t = start("-global arm-smmuv2.stage=1");
    SMMUTable tab = smmu_table(t, 2, 12, 40, 1, 0);

    smmu_bank_s2(t, 0, &tab, 1);
    smmu_use_bank(t, 0);
    expect_global_both(t, "stage 2 without stage 2", R_GFSR_ICF_MASK);
    smmu_bank_s1(t, 1, &tab, NULL, 1, 0);
    smmu_bank_nest(t, 1, 0);
    smmu_use_bank(t, 1);
    expect_global_both(t, "nested without stage 2", R_GFSR_ICF_MASK);
    smmu_quit(t);

    t = start("-global arm-smmuv2.stage=2");
    tab = smmu_table(t, 1, 12, 39, 1, 0);
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_use_bank(t, 0);
    expect_global_both(t, "stage 1 without stage 1", R_GFSR_ICF_MASK);
    smmu_quit(t);
}

static void test_global_registers(void)
{
    SMMUTest *t = start(NULL);

    /* MULTI, and the first one's syndrome */
    gr0_write(t, A_CR0, CR0_ON);
    dma(&t->dev, PTD_OP_READ, 0x1000, 4);
    smmu_stream(t, 0, PTD_SID, 0, TYPE(FAULT));
    dma(&t->dev, PTD_OP_WRITE, 0x2000, 4);
    expect_global(t, "the first of two",
                  R_GFSR_USF_MASK | R_GFSR_MULTI_MASK, 0x1000, 0);

    /* GFIE, for faults of transactions, MULTI among them */
    gr0_write(t, A_CR0, CR0_ON & ~R_CR0_GFIE_MASK);
    dma(&t->dev, PTD_OP_READ, 0x1000, 4);
    g_assert_cmphex(gr0_read(t, A_GFSR), ==, R_GFSR_ICF_MASK);
    g_assert_false(qtest_get_irq(t->qts, GLOBAL_LINE));
    gr0_write(t, A_CR0, CR0_ON);
    g_assert_true(qtest_get_irq(t->qts, GLOBAL_LINE));
    gr0_write(t, A_GFSRRESTORE, 0);
    g_assert_false(qtest_get_irq(t->qts, GLOBAL_LINE));
    gr0_write(t, A_GFSRRESTORE, R_GFSR_MULTI_MASK);
    g_assert_true(qtest_get_irq(t->qts, GLOBAL_LINE));
    gr0_write(t, A_GFSR, R_GFSR_MULTI_MASK);
    g_assert_false(qtest_get_irq(t->qts, GLOBAL_LINE));
    /* CAF follows GCFGFIE, which is not there */
    gr0_write(t, A_GFSRRESTORE, R_GFSR_CAF_MASK);
    g_assert_false(qtest_get_irq(t->qts, GLOBAL_LINE));
    for (unsigned i = 1; i <= NUM_LINES; i++) {
        g_assert_false(qtest_get_irq(t->qts, i));
    }
    smmu_quit(t);
}

/* Configuration access faults: an option */
static void test_config(void)
{
    SMMUTest *t = start("-global arm-smmuv2.config-faults=on "
                        "-global arm-smmuv2.num-context-banks=3");
    uint64_t hole = 0x100c;     /* of GR1, beyond three banks' CBAR */

    gr0_write(t, A_CR0, CR0_ON | R_CR0_GCFGFIE_MASK | R_CR0_GCFGFRE_MASK);
    g_assert_cmphex(gr0_read(t, A_CR0), ==,
                    CR0_ON | R_CR0_GCFGFIE_MASK | R_CR0_GCFGFRE_MASK);
    qtest_writel(t->qts, SMMU_BASE + hole, 1);
    g_assert_cmphex(gr0_read(t, A_GFSR), ==, R_GFSR_CAF_MASK);
    g_assert_cmphex(gr0_read64(t, A_GFAR), ==, hole);
    g_assert_cmphex(gr0_read(t, A_GFSYNR0), ==,
                    R_GFSYNR0_WNR_MASK | R_GFSYNR0_PNU_MASK);
    g_assert_cmphex(gr0_read(t, A_GFSYNR1), ==, 0);
    g_assert_true(qtest_get_irq(t->qts, GLOBAL_LINE));
    /* A second one; a read */
    qtest_readl(t->qts, SMMU_BASE + 0x14);
    g_assert_cmphex(gr0_read(t, A_GFSR), ==,
                    R_GFSR_CAF_MASK | R_GFSR_MULTI_MASK);
    g_assert_cmphex(gr0_read64(t, A_GFAR), ==, hole);
    gr0_write(t, A_GFSR, R_GFSR_CAF_MASK | R_GFSR_MULTI_MASK);
    g_assert_false(qtest_get_irq(t->qts, GLOBAL_LINE));
    qtest_readl(t->qts, SMMU_BASE + 0x14);
    g_assert_cmphex(gr0_read64(t, A_GFAR), ==, 0x14);
    g_assert_cmphex(gr0_read(t, A_GFSYNR0), ==, R_GFSYNR0_PNU_MASK);
    /* GCFGFIE */
    gr0_write(t, A_CR0, CR0_ON | R_CR0_GCFGFRE_MASK);
    g_assert_false(qtest_get_irq(t->qts, GLOBAL_LINE));
    gr0_write(t, A_GFSR, R_GFSR_CAF_MASK);
    /* Never in a bank, not even one that is not there (3.9) */
    qtest_writel(t->qts, smmu_cb(t, 0, 0x14), 1);
    qtest_writel(t->qts, smmu_cb(t, 3, 0), 1);
    /* Nor where a register is */
    gr0_write(t, A_STLBIALL, 0);
    g_assert_cmphex(gr0_read(t, A_GFSR), ==, 0);
    smmu_quit(t);

    /* Off, as on the MMU-500: GCFGFIE and GCFGFRE are RAZ/WI */
    t = start(NULL);
    gr0_write(t, A_CR0, CR0_ON | R_CR0_GCFGFIE_MASK | R_CR0_GCFGFRE_MASK);
    g_assert_cmphex(gr0_read(t, A_CR0), ==, CR0_ON);
    qtest_writel(t->qts, SMMU_BASE + 0x14, 1);
    g_assert_cmphex(gr0_read(t, A_GFSR), ==, 0);
    smmu_quit(t);
}

/* A piece of one bank's transaction is none of another's */
static void test_other_bank(void)
{
    SMMUTest *t = start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);

    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_bank_s1(t, 1, &tab, NULL, 2, 0);
    smmu_use_bank(t, 0);
    dma(&t->dev, PTD_OP_READ, 0x1000, 4);
    g_assert_cmphex(cb_read(t, 0, A_CB_FSR), ==, FSR(TF));
    smmu_use_bank(t, 1);
    dma(&t->dev, PTD_OP_READ, 0x1004, 4);
    g_assert_cmphex(cb_read(t, 1, A_CB_FSR), ==, FSR(TF));
    g_assert_cmphex(cb_read64(t, 1, A_CB_FAR), ==, 0x1004);
    /* And a global fault after it */
    gr0_write(t, A_S2CR0, TYPE(FAULT));
    dma(&t->dev, PTD_OP_READ, 0x1008, 4);
    g_assert_cmphex(gr0_read(t, A_GFSR), ==, R_GFSR_ICF_MASK);
    smmu_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/fault/stage1", test_stage1);
    qtest_add_func("/smmuv2/fault/stage2", test_stage2);
    qtest_add_func("/smmuv2/fault/nested/stage2", test_nested);
    qtest_add_func("/smmuv2/fault/nested/stage1", test_nested_stage1);
    qtest_add_func("/smmuv2/fault/multi", test_multi);
    qtest_add_func("/smmuv2/fault/context-lines", test_context_lines);
    qtest_add_func("/smmuv2/fault/line-of-bank", test_line_of_bank);
    qtest_add_func("/smmuv2/fault/gic", test_gic);
    qtest_add_func("/smmuv2/fault/global", test_global);
    qtest_add_func("/smmuv2/fault/absent-stage", test_absent_stage);
    qtest_add_func("/smmuv2/fault/global-registers", test_global_registers);
    qtest_add_func("/smmuv2/fault/config", test_config);
    qtest_add_func("/smmuv2/fault/other-bank", test_other_bank);
    return g_test_run();
}
