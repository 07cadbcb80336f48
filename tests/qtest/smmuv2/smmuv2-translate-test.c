/*
 * SMMUv2 qtest: translation of real DMA
 *
 * A PCI device reads and writes guest memory through tables of all granules,
 * sizes, stages and block levels; what it gets is compared with memory itself.
 * Then permissions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/pci/pci_regs.h"
#include "smmuv2-lib.h"

static const unsigned granules[] = { 12, 14, 16 };

/* Data of the tests, away from the tables: in each block size at an offset */
#define DATA    (RAM_BASE + 0x15432000)
/* A nested context's IPAs are not its PAs */
#define BIAS    (UINT64_C(1) << 36)

/* ---- Matrices ---- */

/*
 * Map DATA by one leaf at @level and try its block: at both ends of a page, in
 * the next block, and outside of the table's range.
 */
static void check_leaf(SMMUTest *t, SMMUTable *tab, int level, uint64_t top,
                       uint64_t forms, uint64_t out, const char *what)
{
    uint64_t size = 1ull << smmu_level_shift(tab->granule, level);
    uint64_t half = 1ull << (tab->bits - 1);
    uint64_t in = half | (0x5a5a5a5a5a5a5a5a & (half - 1) & ~(size - 1));
    uint64_t at = (top | in) + (DATA & (size - 1));
    uint64_t next = (top | (in ^ size)) + (DATA & (size - 1));

    smmu_map(tab, in, out & ~(size - 1), level,
             tab->stage == 1 ? LEAF_S1 : LEAF_S2);
    assert_maps(t, &t->dev, at & forms, DATA, what);
    assert_maps(t, &t->dev, (at & forms) + 0xff8, DATA + 0xff8, what);
    assert_refused(t, &t->dev, next & forms, what);
    if (tab->bits < 47) {
        assert_refused(t, &t->dev, (at ^ (1ull << tab->bits)) & forms, what);
    }
}

static void test_s1_matrix(void)
{
    SMMUTest *t = smmu_start(NULL);
    uint64_t mark = t->next;
    unsigned cases = 0;

    smmu_use_bank(t, 1);
    for (size_t g = 0; g < ARRAY_SIZE(granules); g++) {
        for (unsigned bits = 25; bits <= 48; bits++) {
            int start = smmu_start_level(granules[g], bits);

            for (int level = start; level <= 3; level++) {
                if (!smmu_leaf_level(granules[g], level)) {
                    continue;
                }
                for (unsigned tt = 0; tt < 2; tt++) {
                    SMMUTable tab = smmu_table(t, 1, granules[g], bits, start,
                                               0);
                    uint64_t top = tt ? ~0ull << bits : 0;
                    g_autofree char *what =
                        g_strdup_printf("stage 1, TTBR%u, granule 2^%u, %u "
                                        "bits, leaf at level %d", tt,
                                        granules[g], bits, level);

                    smmu_bank_s1(t, 1, tt ? NULL : &tab, tt ? &tab : NULL,
                                 1, 0);
                    /* Upper addresses have a form of 49 bits, too */
                    check_leaf(t, &tab, level, top,
                               tt && bits & 1 ? MAKE_64BIT_MASK(0, 49) : ~0ull,
                               DATA, what);
                    smmu_release(t, mark);
                    cases++;
                }
            }
        }
    }
    g_test_message("%u cases", cases);
    smmu_quit(t);
}

/* Where stage 2 may start: as stage 1, or a level below by concatenation */
static bool s2_start_ok(unsigned granule, unsigned bits, int start)
{
    int excess = bits - smmu_level_shift(granule, start) - (granule - 3);

    return start >= (granule == 12 ? 0 : 1) &&
           start <= (granule == 12 ? 2 : 3) &&
           smmu_level_shift(granule, start) < bits && excess <= 4;
}

static void test_s2_matrix(void)
{
    SMMUTest *t = smmu_start(NULL);
    uint64_t mark = t->next;
    unsigned cases = 0, concatenated = 0;

    smmu_use_bank(t, 2);
    for (size_t g = 0; g < ARRAY_SIZE(granules); g++) {
        for (unsigned bits = 25; bits <= 48; bits++) {
            for (int start = 0; start <= 3; start++) {
                if (!s2_start_ok(granules[g], bits, start)) {
                    continue;
                }
                for (int level = start; level <= 3; level++) {
                    SMMUTable tab;
                    g_autofree char *what =
                        g_strdup_printf("stage 2, granule 2^%u, %u bits, "
                                        "start level %d, leaf at level %d",
                                        granules[g], bits, start, level);

                    if (!smmu_leaf_level(granules[g], level)) {
                        continue;
                    }
                    tab = smmu_table(t, 2, granules[g], bits, start, 0);
                    smmu_bank_s2(t, 2, &tab, 3);
                    check_leaf(t, &tab, level, 0, ~0ull, DATA, what);
                    smmu_release(t, mark);
                    cases++;
                    concatenated += start > smmu_start_level(granules[g], bits);
                }
            }
        }
    }
    g_test_message("%u cases, %u with concatenated tables", cases,
                   concatenated);
    g_assert_cmpuint(concatenated, >, 0);
    smmu_quit(t);
}

/* Identity but for BIAS: stage 2 for memory from @from to @to */
static void map_s2(SMMUTable *s2, uint64_t from, uint64_t to, int level)
{
    uint64_t size = 1ull << smmu_level_shift(s2->granule, level);

    for (uint64_t pa = from & ~(size - 1); pa < to; pa += size) {
        smmu_map(s2, pa + BIAS, pa, level, LEAF_S2);
    }
}

static void nested_case(SMMUTest *t, unsigned g1, unsigned bits, int level1,
                        unsigned g2, int start2, int level2)
{
    uint64_t mark = t->next, tables;
    SMMUTable s1, s2;
    g_autofree char *what =
        g_strdup_printf("nested, stage 1 granule 2^%u, %u bits, leaf at level "
                        "%d, stage 2 granule 2^%u, start level %d, leaf at "
                        "level %d", g1, bits, level1, g2, start2, level2);

    s2 = smmu_table(t, 2, g2, 40, start2, 0);
    /* Stage 1's tables start a page of stage 2 */
    t->next = tables = ROUND_UP(t->next, 64 * KiB);
    s1 = smmu_table(t, 1, g1, bits, smmu_start_level(g1, bits), BIAS);
    smmu_map(&s1, 1ull << (bits - 1), 0, level1, 0);    /* make the tables */
    smmu_map(&s1, 0, 0, level1, 0);
    t->next += 512 * KiB;                               /* and leave room */
    map_s2(&s2, tables, t->next, level2);
    map_s2(&s2, DATA, DATA + 4 * KiB, level2);

    smmu_bank_s1(t, 4, &s1, NULL, 1, 0);
    smmu_bank_s2(t, 5, &s2, 7);
    smmu_bank_nest(t, 4, 5);
    t->next -= 512 * KiB;
    check_leaf(t, &s1, level1, 0, ~0ull, DATA + BIAS, what);
    t->next += 512 * KiB;
    smmu_release(t, mark);
}

static void test_nested_matrix(void)
{
    static const unsigned sizes[] = { 32, 39, 48 };
    SMMUTest *t = smmu_start(NULL);
    unsigned cases = 0;

    smmu_use_bank(t, 4);
    for (size_t i = 0; i < ARRAY_SIZE(granules) * ARRAY_SIZE(granules); i++) {
        unsigned g1 = granules[i / 3], g2 = granules[i % 3];

        for (size_t n = 0; n < ARRAY_SIZE(sizes); n++) {
            int start1 = smmu_start_level(g1, sizes[n]);

            for (int l1 = start1; l1 <= 3; l1++) {
                for (int start2 = 0; start2 <= 3; start2++) {
                    for (int l2 = start2; l2 <= 3; l2++) {
                        if (smmu_leaf_level(g1, l1) &&
                            s2_start_ok(g2, 40, start2) &&
                            smmu_leaf_level(g2, l2)) {
                            nested_case(t, g1, sizes[n], l1, g2, start2, l2);
                            cases++;
                        }
                    }
                }
            }
        }
    }
    g_test_message("%u cases", cases);
    smmu_quit(t);
}

/* A block of stage 1 over pages of stage 2 that are in no order */
static void test_nested_scatter(void)
{
    SMMUTest *t = smmu_start(NULL);
    SMMUTable s2 = smmu_table(t, 2, 12, 40, 1, 0);
    uint64_t tables = ROUND_UP(t->next, 4 * KiB);
    uint64_t block = ROUND_UP(DATA, 2 * MiB), va = 0x12400000;
    SMMUTable s1;

    t->next = tables;
    s1 = smmu_table(t, 1, 12, 39, 1, BIAS);
    smmu_map(&s1, va, block + BIAS, 2, LEAF_S1);
    map_s2(&s2, tables, t->next, 3);
    for (unsigned i = 0; i < 512; i++) {
        smmu_map(&s2, block + BIAS + i * 4 * KiB,
                 block + (511 - i) * 4 * KiB, 3, LEAF_S2);
    }
    smmu_bank_s1(t, 0, &s1, NULL, 1, 0);
    smmu_bank_s2(t, 1, &s2, 7);
    smmu_bank_nest(t, 0, 1);
    smmu_use_bank(t, 0);
    for (unsigned i = 0; i < 512; i += 73) {
        assert_maps(t, &t->dev, va + i * 4 * KiB + 0x10,
                    block + (511 - i) * 4 * KiB + 0x10, "scattered");
    }
    assert_no_faults(t, 2);
    smmu_quit(t);
}

/* One transfer over pages that are not neighbours, and one that ends early */
static void test_span(void)
{
    SMMUTest *t = smmu_start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    g_autofree uint8_t *want = g_malloc(3 * 4 * KiB);
    g_autofree uint8_t *got = g_malloc(3 * 4 * KiB);

    for (unsigned i = 0; i < 3; i++) {
        smmu_map(&tab, 0x10000 + i * 4 * KiB, DATA + (3 - i) * 64 * KiB, 3,
                 LEAF_S1);
        for (unsigned j = 0; j < 4 * KiB; j++) {
            want[i * 4 * KiB + j] = smmu_pattern(t) >> 56;
        }
        qtest_memwrite(t->qts, DATA + (3 - i) * 64 * KiB, want + i * 4 * KiB,
                       4 * KiB);
    }
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_use_bank(t, 0);

    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, 0x10000, 3 * 4 * KiB), ==,
                    PTD_RESULT_OK);
    qpci_memread(t->dev.pci, t->dev.buffer, 0, got, 3 * 4 * KiB);
    g_assert_cmpmem(got, 3 * 4 * KiB, want, 3 * 4 * KiB);
    g_assert_cmphex(dma(&t->dev, PTD_OP_VERIFY, 0x10000, 3 * 4 * KiB), ==,
                    PTD_RESULT_OK);

    /* The other way, from the middle of a page on */
    qtest_memset(t->qts, DATA, 0, 4 * 64 * KiB);
    g_assert_cmphex(dma(&t->dev, PTD_OP_WRITE, 0x10800, 4 * KiB), ==,
                    PTD_RESULT_OK);
    qtest_memread(t->qts, DATA + 3 * 64 * KiB + 0x800, got, 2 * KiB);
    qtest_memread(t->qts, DATA + 2 * 64 * KiB, got + 2 * KiB, 2 * KiB);
    g_assert_cmpmem(got, 4 * KiB, want, 4 * KiB);

    /* Into the page that is not there */
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, 0x12c00, 4 * KiB), ==,
                    PTD_RESULT_DECODE_ERROR);
    g_assert_cmphex(dma_count(&t->dev), ==, 0x400);
    g_assert_cmphex(cb_read64(t, 0, A_CB_FAR), ==, 0x13000);
    smmu_quit(t);
}

/* TTBR0 and TTBR1 of one bank, of different granules and sizes */
static void test_split(void)
{
    SMMUTest *t = smmu_start(NULL);
    SMMUTable lo = smmu_table(t, 1, 12, 39, 1, 0);
    SMMUTable hi = smmu_table(t, 1, 16, 42, 2, 0);

    smmu_map(&lo, 0x5000, DATA, 3, LEAF_S1);
    smmu_map(&hi, 0xfffffffffffe0000, ROUND_UP(DATA, 64 * KiB), 3, LEAF_S1);
    smmu_bank_s1(t, 3, &lo, &hi, 1, 0);
    smmu_use_bank(t, 3);
    assert_maps(t, &t->dev, 0x5008, DATA + 8, "lower half");
    assert_maps(t, &t->dev, 0xfffffffffffe0008, ROUND_UP(DATA, 64 * KiB) + 8,
                "upper half");
    assert_no_faults(t, 4);

    /* EPDn switches one off */
    cb_write(t, 3, A_CB_TCR,
             smmu_tcr(&lo, 0) | smmu_tcr(&hi, 1) | R_CB_TCR_EPD0_MASK);
    assert_refused(t, &t->dev, 0x5008, "EPD0");
    assert_maps(t, &t->dev, 0xfffffffffffe0008, ROUND_UP(DATA, 64 * KiB) + 8,
                "EPD0, upper half");
    cb_write(t, 3, A_CB_TCR,
             smmu_tcr(&lo, 0) | smmu_tcr(&hi, 1) | R_CB_TCR_EPD1_MASK);
    assert_refused(t, &t->dev, 0xfffffffffffe0008, "EPD1");
    assert_maps(t, &t->dev, 0x5008, DATA + 8, "EPD1, lower half");
    smmu_quit(t);
}

/* TCR2: the sign bit of incoming addresses, and tags */
static void test_address_forms(void)
{
    SMMUTest *t = smmu_start(NULL);
    SMMUTable lo = smmu_table(t, 1, 12, 39, 1, 0);
    SMMUTable hi = smmu_table(t, 1, 12, 39, 1, 0);
    uint32_t sep31 = R_CB_TCR2_AS_MASK | 5;

    smmu_map(&lo, 0x5000, DATA, 3, LEAF_S1);
    smmu_map(&lo, 0xfff05000, DATA + 4 * KiB, 3, LEAF_S1);
    smmu_map(&hi, 0xfffffffffff05000, DATA + 8 * KiB, 3, LEAF_S1);
    smmu_bank_s1(t, 3, &lo, &hi, 1, 0);
    smmu_use_bank(t, 3);

    /* SEP = 7, the 49-bit bus: bit 31 is a bit like others */
    assert_maps(t, &t->dev, 0xfff05008, DATA + 4 * KiB + 8, "SEP=7");
    assert_maps(t, &t->dev, 0x1fffffff05008, DATA + 8 * KiB + 8,
                "SEP=7, 49 bits");
    assert_maps(t, &t->dev, 0xfffffffffff05008, DATA + 8 * KiB + 8,
                "SEP=7, 64 bits");
    /* Neither a 49-bit address nor the extension of one */
    assert_refused(t, &t->dev, 0x0003fffffff05008, "SEP=7, 50 bits");
    assert_refused(t, &t->dev, 0x0200000000005008, "a tag without TBI0");

    /* SEP = 0: bit 31 is the sign */
    cb_write(t, 3, A_CB_TCR2, sep31);
    assert_maps(t, &t->dev, 0xfff05008, DATA + 8 * KiB + 8, "SEP=0");
    assert_maps(t, &t->dev, 0x5008, DATA + 8, "SEP=0, positive");

    /* Tags in the top byte */
    cb_write(t, 3, A_CB_TCR2, TCR2_FULL | R_CB_TCR2_AS_MASK |
                              R_CB_TCR2_TBI0_MASK);
    assert_maps(t, &t->dev, 0xab00000000005008, DATA + 8, "TBI0");
    assert_maps(t, &t->dev, 0x5008, DATA + 8, "TBI0, no tag");
    assert_refused(t, &t->dev, 0xabfffffffff05008, "TBI0, upper half");
    cb_write(t, 3, A_CB_TCR2, TCR2_FULL | R_CB_TCR2_AS_MASK |
                              R_CB_TCR2_TBI1_MASK);
    assert_maps(t, &t->dev, 0xabfffffffff05008, DATA + 8 * KiB + 8, "TBI1");
    assert_refused(t, &t->dev, 0xab00000000005008, "TBI1, lower half");
    smmu_quit(t);
}

/* SCTLR.E: tables are big endian */
static void test_big_endian(void)
{
    SMMUTest *t = smmu_start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);

    smmu_map(&tab, 0x5000, DATA, 3, LEAF_S1);
    for (int level = 3; level >= 1; level--) {
        uint64_t at = smmu_desc(&tab, 0x5000, level);

        qtest_writeq(t->qts, at, bswap64(qtest_readq(t->qts, at)));
        /* The builder reads little endian: top level last */
    }
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_use_bank(t, 0);
    assert_refused(t, &t->dev, 0x5000, "little endian");
    cb_write(t, 0, A_CB_SCTLR, SCTLR_ON | R_CB_SCTLR_E_MASK);
    assert_maps(t, &t->dev, 0x5000, DATA, "big endian");
    smmu_quit(t);
}

/* ---- Permissions ---- */

enum { NO = 0, R = 1, W = 2, RW = 3 };

static void check_access(SMMUTest *t, uint64_t iova, uint64_t pa,
                         unsigned expect, const char *what)
{
    uint64_t value;

    if (expect & R) {
        assert_reads(t, &t->dev, iova, pa, what);
    } else if (dma_read64(&t->dev, iova, &value) != PTD_RESULT_DECODE_ERROR) {
        g_test_message("%s: read is allowed", what);
        g_assert_not_reached();
    }
    if (expect & W) {
        assert_writes(t, &t->dev, iova, pa, what);
    } else {
        uint64_t before = smmu_pattern(t);

        qtest_writeq(t->qts, pa, before);
        if (dma_write64(&t->dev, iova, smmu_pattern(t)) !=
            PTD_RESULT_DECODE_ERROR) {
            g_test_message("%s: write is allowed", what);
            g_assert_not_reached();
        }
        g_assert_cmphex(qtest_readq(t->qts, pa), ==, before);
    }
}

#define DESC_UXN            (1ull << 54)
#define DESC_PXN            (1ull << 53)
#define DESC_APTABLE_U      (1ull << 61)
#define DESC_APTABLE_RO     (1ull << 62)

static uint32_t outcome(bool allowed)
{
    return allowed ? PTD_RESULT_OK : PTD_RESULT_DECODE_ERROR;
}

static void test_s1_permissions(void)
{
    static const struct {
        uint64_t leaf, table;
        unsigned user, priv;
        /* As an instruction fetch; there is no such write */
        bool user_x, priv_x;
    } cases[] = {
        /* Who may not read may still execute, if UXN does not forbid it */
        { 0,                        0, NO, RW, true, true },
        { DESC_AP_USER,             0, RW, RW, true, false },
        { DESC_UXN,                 0, NO, RW, false, true },
        { DESC_AP_RO,               0, NO, R, true, true },
        { DESC_AP_USER | DESC_AP_RO, 0, R, R, true, true },
        { DESC_AP_USER,             DESC_APTABLE_U, NO, RW, true, true },
        { DESC_AP_USER,             DESC_APTABLE_RO, R, R, true, true },
        { DESC_AP_USER,             DESC_APTABLE_U | DESC_APTABLE_RO,
                                    NO, R, true, true },
        { DESC_AP_USER | DESC_UXN,  0, RW, RW, false, false },
        { DESC_AP_USER | DESC_AP_RO | DESC_UXN,  0, R, R, false, true },
        { DESC_AP_USER | DESC_AP_RO | DESC_PXN,  0, R, R, true, false },
        { DESC_AP_USER | DESC_AP_RO, 1ull << 60, R, R, false, true },
        { DESC_AP_USER | DESC_AP_RO, 1ull << 59, R, R, true, false },
    };
    SMMUTest *t = smmu_start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    uint64_t table, value;

    smmu_map(&tab, 0x5000, DATA, 3, LEAF_S1);
    table = smmu_desc(&tab, 0x5000, 2);
    value = qtest_readq(t->qts, table);
    smmu_use_bank(t, 0);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autofree char *what = g_strdup_printf(
            "leaf 0x%" PRIx64 " table 0x%" PRIx64, cases[i].leaf,
            cases[i].table);
        uint64_t read;

        smmu_map(&tab, 0x5000, DATA, 3, DESC_AF | DESC_SH_INNER |
                                        cases[i].leaf);
        qtest_writeq(t->qts, table, value | cases[i].table);
        smmu_bank_s1(t, 0, &tab, NULL, 1, 0);

        gr0_write(t, A_S2CR0, 0);
        check_access(t, 0x5000, DATA, cases[i].user, what);
        gr0_write(t, A_S2CR0, S2CR_PRIVCFG_UNPRIV << R_S2CR0_PRIVCFG_SHIFT);
        check_access(t, 0x5000, DATA, cases[i].user, what);
        gr0_write(t, A_S2CR0, S2CR_PRIVCFG_PRIV << R_S2CR0_PRIVCFG_SHIFT);
        check_access(t, 0x5000, DATA, cases[i].priv, what);

        /* Reads as fetches; writes stay what they are */
        gr0_write(t, A_S2CR0,
                  S2CR_INSTCFG_INSTRUCTION << R_S2CR0_INSTCFG_SHIFT);
        g_assert_cmphex(dma_read64(&t->dev, 0x5000, &read), ==,
                        outcome(cases[i].user_x));
        g_assert_cmphex(dma_write64(&t->dev, 0x5000, 0), ==,
                        outcome(cases[i].user & W));
        gr0_write(t, A_S2CR0,
                  S2CR_PRIVCFG_PRIV << R_S2CR0_PRIVCFG_SHIFT |
                  S2CR_INSTCFG_INSTRUCTION << R_S2CR0_INSTCFG_SHIFT);
        g_assert_cmphex(dma_read64(&t->dev, 0x5000, &read), ==,
                        outcome(cases[i].priv_x));
    }
    smmu_quit(t);
}

static void test_s2_permissions(void)
{
    static const struct {
        uint64_t leaf;
        unsigned expect;
    } cases[] = {
        { 0, NO }, { DESC_S2AP_R, R }, { DESC_S2AP_W, W },
        { DESC_S2AP_R | DESC_S2AP_W, RW },
    };
    SMMUTest *t = smmu_start(NULL);
    SMMUTable s2 = smmu_table(t, 2, 12, 40, 1, 0);
    SMMUTable s1 = smmu_table(t, 1, 12, 39, 1, 0);

    /* Stage 1's tables are where stage 2 leaves them */
    smmu_map(&s2, RAM_BASE, RAM_BASE, 1, LEAF_S2);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        uint64_t ipa = 0x80000000 + i * 4 * KiB;

        smmu_map(&s2, ipa, DATA, 3, DESC_AF | DESC_SH_INNER | DESC_S2_NORMAL |
                                    cases[i].leaf);
        smmu_map(&s1, 0x10000 + i * 8 * KiB, ipa, 3, LEAF_S1);
        smmu_map(&s1, 0x11000 + i * 8 * KiB, ipa, 3, LEAF_S1 | DESC_AP_RO);
    }
    smmu_bank_s2(t, 0, &s2, 1);
    smmu_use_bank(t, 0);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        uint64_t ipa = 0x80000000 + i * 4 * KiB;

        check_access(t, ipa, DATA, cases[i].expect, "stage 2");
        /* Privilege is nothing to stage 2 */
        gr0_write(t, A_S2CR0, S2CR_PRIVCFG_PRIV << R_S2CR0_PRIVCFG_SHIFT);
        check_access(t, ipa, DATA, cases[i].expect, "stage 2, privileged");
        gr0_write(t, A_S2CR0, 0);
    }

    smmu_bank_s1(t, 1, &s1, NULL, 1, 0);
    smmu_bank_nest(t, 1, 0);
    gr0_write(t, A_S2CR0, 1);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        check_access(t, 0x10000 + i * 8 * KiB, DATA, cases[i].expect,
                     "nested, stage 1 allows all");
        check_access(t, 0x11000 + i * 8 * KiB, DATA, cases[i].expect & R,
                     "nested, stage 1 allows reads");
    }
    smmu_quit(t);
}

/* CBAR.HYPC: a regime of one privilege level, with TTBR0 alone */
static void test_hyp(void)
{
    SMMUTest *t = smmu_start(NULL);
    SMMUTable lo = smmu_table(t, 1, 12, 39, 1, 0);
    SMMUTable hi = smmu_table(t, 1, 12, 39, 1, 0);

    smmu_map(&lo, 0x5000, DATA, 3, DESC_AF | DESC_SH_INNER);
    smmu_map(&lo, 0x6000, DATA, 3, DESC_AF | DESC_SH_INNER | DESC_AP_RO);
    smmu_map(&hi, 0x5000, DATA, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &lo, &hi, 1, 0);
    smmu_use_bank(t, 0);
    check_access(t, 0x5000, DATA, NO, "not the hypervisor's");
    gr1_write(t, A_CBAR0, R_CBAR0_HYPC_MASK |
              CBAR_TYPE_S1_S2_BYPASS << R_CBAR0_TYPE_SHIFT);
    check_access(t, 0x5000, DATA, RW, "HYPC");
    check_access(t, 0x6000, DATA, R, "HYPC, read-only");
    assert_refused(t, &t->dev, 0xffffff8000005000, "HYPC, upper half");
    smmu_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/translate/stage1", test_s1_matrix);
    qtest_add_func("/smmuv2/translate/stage2", test_s2_matrix);
    qtest_add_func("/smmuv2/translate/nested", test_nested_matrix);
    qtest_add_func("/smmuv2/translate/nested-scatter", test_nested_scatter);
    qtest_add_func("/smmuv2/translate/span", test_span);
    qtest_add_func("/smmuv2/translate/split", test_split);
    qtest_add_func("/smmuv2/translate/address-forms", test_address_forms);
    qtest_add_func("/smmuv2/translate/big-endian", test_big_endian);
    qtest_add_func("/smmuv2/translate/permissions/stage1",
                   test_s1_permissions);
    qtest_add_func("/smmuv2/translate/permissions/stage2",
                   test_s2_permissions);
    qtest_add_func("/smmuv2/translate/permissions/hyp", test_hyp);
    return g_test_run();
}
