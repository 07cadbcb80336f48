/*
 * Arm SMMUv2 walks of AArch32 tables: unit tests
 *
 * Directed: tables of short and of long descriptors laid by hand, one test for
 * each rule.  test-smmuv2-walk-random.c has the random ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "reference-walk.h"
#include "walk-util.h"

/* @n: TTBCR.N */
static SMMUv2StageConfig stage_short(unsigned n, uint64_t ttb0, uint64_t ttb1)
{
    return (SMMUv2StageConfig) {
        .format = SMMUV2_FORMAT_AARCH32_SHORT,
        .stage = 1,
        .enabled = true,
        .sep = 7,
        .out_bits = 40,
        .oas_bits = 48,
        .tt[0] = { .ttb = ttb0, .tsz = n, .granule = 12 },
        .tt[1] = { .ttb = ttb1, .tsz = n, .granule = 12 },
    };
}

/* Sizes as the registers have them: T0SZ, T1SZ */
static SMMUv2StageConfig stage1_long(unsigned t0sz, unsigned t1sz,
                                     uint64_t ttb0, uint64_t ttb1)
{
    return (SMMUv2StageConfig) {
        .format = SMMUV2_FORMAT_AARCH32_LONG,
        .stage = 1,
        .enabled = true,
        .sep = 7,
        .out_bits = 40,
        .oas_bits = 48,
        .mair = 0x00000000004404ffull,
        .tt[0] = { .ttb = ttb0, .tsz = 32 + t0sz, .granule = 12 },
        .tt[1] = { .ttb = ttb1, .tsz = 32 + t1sz, .granule = 12 },
    };
}

static SMMUv2StageConfig stage2_long(int t0sz, unsigned sl0, uint64_t ttb)
{
    return (SMMUv2StageConfig) {
        .format = SMMUV2_FORMAT_AARCH32_LONG,
        .stage = 2,
        .enabled = true,
        .sl0 = sl0,
        .in_bits = 48,
        .out_bits = 40,
        .oas_bits = 48,
        .tt[0] = { .ttb = ttb, .tsz = 32 + t0sz, .granule = 12 },
    };
}

static void expect_out(const SMMUv2StageConfig *cfg, uint64_t addr,
                       const Descriptor *desc, int count, uint64_t out,
                       int shift, int level)
{
    SMMUv2Mapping map = expect_map(cfg, addr, desc, count);

    g_assert_cmphex(map.in, ==, addr >> shift << shift);
    g_assert_cmphex(map.out, ==, out);
    g_assert_cmpint(map.shift, ==, shift);
    g_assert_cmpint(map.level, ==, level);
}

/* ---- Short descriptors ---- */

/* AP[1:0] = 3: all may read and write; at level 1 and 2 */
#define L1_RW       0xc00
#define L2_RW       0x30
#define SECTION     2
#define SUPER       (2 | 1 << 18)
#define SMALL       2
#define LARGE       1

/* 0x12345678: index 0x123 of level 1, 0x45 of level 2 */
static void test_short_leaves(void)
{
    static const Descriptor sec[] = { { 0x8000048c, 0xabc00000 | L1_RW | 2 } };
    /* 40 bits: 0x5a_34000000, PA[35:32] in 23:20, PA[39:36] in 8:5 */
    static const Descriptor super[] = {
        { 0x8000048c, 0x34a00000 | 5 << 5 | L1_RW | SUPER },
    };
    static const Descriptor pages[] = {
        { 0x8000048c, 0x90000400 | 1 }, { 0x90000514, 0xabcde000 | L2_RW | 2 },
    };
    static const Descriptor large[] = {
        { 0x8000048c, 0x90000400 | 1 }, { 0x90000514, 0xabcd0000 | L2_RW | 1 },
    };
    SMMUv2StageConfig cfg = stage_short(0, 0x80000000, 0);

    expect_out(&cfg, 0x12345678, sec, 1, 0xabc00000, 20, 1);
    expect_out(&cfg, 0x12345678, super, 1, 0x5a34000000, 24, 1);
    expect_out(&cfg, 0x12345678, pages, 2, 0xabcde000, 12, 2);
    expect_out(&cfg, 0x12345678, large, 2, 0xabcd0000, 16, 2);
}

static void test_short_faults(void)
{
    Descriptor desc[] = {
        { 0x8000048c, 0x90000400 | 1 }, { 0x90000514, 0xabcde000 | L2_RW | 2 },
    };
    SMMUv2StageConfig cfg = stage_short(0, 0x80000000, 0);

    expect_fault(&cfg, 0x12345678, desc, 0, SMMUV2_FAULT_EXTERNAL, 1);
    expect_fault(&cfg, 0x12345678, desc, 1, SMMUV2_FAULT_EXTERNAL, 2);
    desc[1].value &= ~3;
    expect_fault(&cfg, 0x12345678, desc, 2, SMMUV2_FAULT_TRANSLATION, 2);
    desc[0].value &= ~3;
    expect_fault(&cfg, 0x12345678, desc, 2, SMMUV2_FAULT_TRANSLATION, 1);
    /* What is above 32 bits is not cut off, nor is a sign */
    desc[0].value = L1_RW | SECTION;
    expect_map(&cfg, 0x12345678, desc, 1);
    expect_fault(&cfg, 0x112345678, desc, 1, SMMUV2_FAULT_TRANSLATION, 1);
    desc[0].addr = 0x80003ffc;
    expect_map(&cfg, 0xffffffff, desc, 1);
    expect_fault(&cfg, 0xffffffffffffffff, desc, 1,
                 SMMUV2_FAULT_TRANSLATION, 1);
}

/* Only supersections have addresses that may be too large */
static void test_short_address_size(void)
{
    Descriptor desc = { 0x8000048c, 0x34000000 | L1_RW | SUPER };
    SMMUv2StageConfig cfg = stage_short(0, 0x80000000, 0);

    cfg.out_bits = 36;
    desc.value |= 0xf << 20;
    expect_out(&cfg, 0x12345678, &desc, 1, 0xf34000000, 24, 1);
    desc.value |= 1 << 5;
    expect_fault(&cfg, 0x12345678, &desc, 1, SMMUV2_FAULT_ADDRESS_SIZE, 1);
    cfg.out_bits = 32;
    desc.value &= ~(1 << 5);
    expect_fault(&cfg, 0x12345678, &desc, 1, SMMUV2_FAULT_ADDRESS_SIZE, 1);
    /* Bits 8:5 of a section are its domain, which nobody looks at */
    desc.value = 0xabc00000 | 0xf << 5 | L1_RW | SECTION;
    expect_out(&cfg, 0x12345678, &desc, 1, 0xabc00000, 20, 1);
}

/* TTBCR.N: TTBR0 has N zeroes at the top, and a table of 16 KiB >> N */
static void test_short_split(void)
{
    for (unsigned n = 0; n < 8; n++) {
        /* Low bits of a TTBR are attributes; each table is as aligned */
        uint64_t size0 = 0x4000 >> n, last = n ? UINT32_MAX >> n : UINT32_MAX;
        SMMUv2StageConfig cfg = stage_short(n, 0x80000000 + size0 + 0x6a,
                                            0x9000406a);
        Descriptor low = { 0x80000000 + 2 * size0 - 4, L1_RW | SECTION };
        Descriptor first = { 0x80000000 + size0, L1_RW | SECTION };
        Descriptor high = { 0x90004000 + (0x1000ull >> n) * 4,
                            L1_RW | SECTION };
        Descriptor top = { 0x90007ffc, L1_RW | SECTION };

        expect_map(&cfg, 0x12345 >> n, &first, 1);
        expect_map(&cfg, last, &low, 1);
        cfg.tt[0].disabled = true;                      /* PD0 */
        expect_fault(&cfg, last, &low, 1, SMMUV2_FAULT_TRANSLATION, 1);
        cfg.tt[0].disabled = false;
        if (!n) {
            continue;
        }
        expect_map(&cfg, last + 1, &high, 1);
        expect_map(&cfg, 0xffffffff, &top, 1);
        cfg.tt[1].disabled = true;                      /* PD1 */
        expect_fault(&cfg, last + 1, &high, 1, SMMUV2_FAULT_TRANSLATION, 1);
        expect_map(&cfg, last, &low, 1);
    }
}

/* AP[2:0] as they are, and AP[2:1] with AP[0] the access flag */
static void test_short_ap(void)
{
    static const uint8_t full[8] = {
        0, PR | PW, PR | PW | UR, PR | PW | UR | UW, 0, PR, PR | UR, PR | UR,
    };
    static const uint8_t simple[4] = {
        PR | PW, PR | PW | UR | UW, PR, PR | UR,
    };

    for (int ap = 0; ap < 8; ap++) {
        SMMUv2StageConfig cfg = stage_short(0, 0x80000000, 0);
        Descriptor sec = {
            0x8000048c, SECTION | 1 << 4 | (ap & 4) << 13 | (ap & 3) << 10,
        };
        Descriptor page[] = {
            { 0x8000048c, 0x90000000 | 1 },
            { 0x90000114, SMALL | 1 | (ap & 4) << 7 | (ap & 3) << 4 },
        };
        Descriptor large[] = {
            { 0x8000048c, 0x90000000 | 1 },
            { 0x90000114, LARGE | 0x8000 | (ap & 4) << 7 | (ap & 3) << 4 },
        };

        g_assert_cmphex(expect_map(&cfg, 0x12345678, &sec, 1).perm, ==,
                        full[ap]);
        g_assert_cmphex(expect_map(&cfg, 0x12345678, page, 2).perm, ==,
                        full[ap]);
        g_assert_cmphex(expect_map(&cfg, 0x12345678, large, 2).perm, ==,
                        full[ap]);
        cfg.afe = true;
        if (!(ap & 1)) {
            expect_fault(&cfg, 0x12345678, &sec, 1,
                         SMMUV2_FAULT_ACCESS_FLAG, 1);
            expect_fault(&cfg, 0x12345678, page, 2,
                         SMMUV2_FAULT_ACCESS_FLAG, 2);
            expect_fault(&cfg, 0x12345678, large, 2,
                         SMMUV2_FAULT_ACCESS_FLAG, 2);
            cfg.affd = true;
        }
        g_assert_cmphex(expect_map(&cfg, 0x12345678, &sec, 1).perm, ==,
                        simple[ap >> 1]);
        g_assert_cmphex(expect_map(&cfg, 0x12345678, page, 2).perm, ==,
                        simple[ap >> 1]);
    }
}

/* XN, PXN, WXN, UWXN; what cannot be read is never executed */
static void test_short_execute(void)
{
    static const struct {
        uint32_t ap, sec, table, page, large;   /* AP; the bits of XN, PXN */
        bool wxn, uwxn;
        uint8_t perm;
    } rows[] = {
        { 3, 0, 0, 0, 0, false, false, SMMUV2_PERM_ALL },
        /* XN: bit 4, 0, 15 */
        { 3, 0x10, 0, 1, 0x8000, false, false, PR | PW | UR | UW },
        /* PXN: bit 0 of a section, 2 of a table */
        { 3, 1, 4, 0, 0, false, false, PR | PW | UR | UW | UX },
        { 0, 0, 0, 0, 0, false, false, 0 },
        { 1, 0, 0, 0, 0, false, false, PR | PW | PX },
        { 2, 0, 0, 0, 0, false, false, PR | PW | PX | UR | UX },
        { 2, 0, 0, 0, 0, true, false, PR | PW | UR | UX },
        { 2, 0, 0, 0, 0, false, true, PR | PW | PX | UR | UX },
        { 3, 0, 0, 0, 0, true, false, PR | PW | UR | UW },
        { 3, 0, 0, 0, 0, false, true, PR | PW | UR | UW | UX },
        { 7, 0, 0, 0, 0, true, true, PR | PX | UR | UX },
    };

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        uint32_t ap = rows[i].ap;
        SMMUv2StageConfig cfg = stage_short(0, 0x80000000, 0);
        Descriptor sec = {
            0x8000048c, SECTION | rows[i].sec | (ap & 4) << 13 | (ap & 3) << 10,
        };
        Descriptor page[] = {
            { 0x8000048c, 0x90000000 | 1 | rows[i].table },
            {
                0x90000114,
                SMALL | rows[i].page | (ap & 4) << 7 | (ap & 3) << 4,
            },
        };

        cfg.wxn = rows[i].wxn;
        cfg.uwxn = rows[i].uwxn;
        g_assert_cmphex(expect_map(&cfg, 0x12345678, &sec, 1).perm, ==,
                        rows[i].perm);
        sec.value |= SUPER;
        g_assert_cmphex(expect_map(&cfg, 0x12345678, &sec, 1).perm, ==,
                        rows[i].perm);
        g_assert_cmphex(expect_map(&cfg, 0x12345678, page, 2).perm, ==,
                        rows[i].perm);
        page[1].value = LARGE | rows[i].large | (ap & 4) << 7 | (ap & 3) << 4;
        g_assert_cmphex(expect_map(&cfg, 0x12345678, page, 2).perm, ==,
                        rows[i].perm);
    }
}

/* nG: bit 17 of level 1, 11 of level 2; NS and IMPLEMENTATION DEFINED: none */
static void test_short_global(void)
{
    SMMUv2StageConfig cfg = stage_short(0, 0x80000000, 0);
    Descriptor desc[] = {
        { 0x8000048c, L1_RW | SECTION | 1 << 19 },
        { 0x90000114, L2_RW | SMALL },
    };

    g_assert_true(expect_map(&cfg, 0x12345678, desc, 1).global);
    desc[0].value |= 1 << 17;
    g_assert_false(expect_map(&cfg, 0x12345678, desc, 1).global);
    desc[0].value = 0x90000000 | 1 | 1 << 3 | 1 << 9;
    g_assert_true(expect_map(&cfg, 0x12345678, desc, 2).global);
    desc[1].value |= 1 << 11;
    g_assert_false(expect_map(&cfg, 0x12345678, desc, 2).global);
}

/* Each value of TEX, C, B and S from each kind of leaf */
static void test_short_attrs(void)
{
    SMMUv2StageConfig cfg = stage_short(0, 0x80000000, 0);

    cfg.mair = 0x1b2d93e6ff0da4e8ull;
    for (uint32_t i = 0; i < 128; i++) {
        uint32_t tex = i >> 2 & 7, cb = i & 3, s = i >> 5 & 1;
        SMMUv2Attrs is, should;
        Descriptor sec = {
            0x8000048c, L1_RW | SECTION | tex << 12 | cb << 2 | s << 16,
        };
        Descriptor page[] = {
            { 0x8000048c, 0x90000000 | 1 },
            { 0x90000114, L2_RW | SMALL | tex << 6 | cb << 2 | s << 10 },
        };

        cfg.tre = i >> 6;
        should = reference_attrs_short(cfg.tre, cfg.mair, i & 31, s);
        is = expect_map(&cfg, 0x12345678, &sec, 1).attrs;
        g_assert_cmphex(is.memattr, ==, should.memattr);
        g_assert_cmpint(is.sh, ==, should.sh);
        is = expect_map(&cfg, 0x12345678, page, 2).attrs;
        g_assert_cmphex(is.memattr, ==, should.memattr);
        g_assert_cmpint(is.sh, ==, should.sh);
        page[1].value = L2_RW | LARGE | tex << 12 | cb << 2 | s << 10;
        is = expect_map(&cfg, 0x12345678, page, 2).attrs;
        g_assert_cmphex(is.memattr, ==, should.memattr);
        g_assert_cmpint(is.sh, ==, should.sh);
    }
}

/* What Linux sets up: TEX remap that means what it does without */
static void test_short_remap_linux(void)
{
    /* TR1 Device, TR4 and TR7 Normal, DS0, DS1, NS1, NOS7; IR7, OR7 WBWA */
    uint64_t mair = 0x40004000800b8204ull;

    /* TEX = 1: 4 is Non-cacheable, 7 Write-Back; TEX = 0, B: Device */
    g_assert_cmphex(smmuv2_attrs_short(true, mair, 4, true).memattr, ==, 0x44);
    g_assert_cmphex(smmuv2_attrs_short(true, mair, 7, true).memattr, ==, 0xff);
    g_assert_cmphex(smmuv2_attrs_short(true, mair, 7, true).sh, ==, 3);
    g_assert_cmphex(smmuv2_attrs_short(true, mair, 7, false).sh, ==, 0);
    g_assert_cmphex(smmuv2_attrs_short(true, mair, 1, true).memattr, ==, 0x04);
    g_assert_cmphex(smmuv2_attrs_short(true, mair, 0, true).memattr, ==, 0x00);
    g_assert_cmphex(smmuv2_attrs_short(false, mair, 4, true).memattr, ==, 0x44);
    g_assert_cmphex(smmuv2_attrs_short(false, mair, 7, true).memattr, ==, 0xff);
    g_assert_cmphex(smmuv2_attrs_short(false, mair, 1, true).memattr, ==, 0x04);
}

static void test_short_endianness(void)
{
    static const Descriptor desc = { 0x8000048c, L1_RW | SECTION };
    SMMUv2StageConfig cfg = stage_short(0, 0x80000000, 0);

    cfg.big_endian = true;
    expect_map(&cfg, 0x12345678, &desc, 1);
}

/* ---- Long descriptors ---- */

/* AF, SH inner, AttrIndx 0, AP[1] */
#define S1_PAGE     (0x400 | 0x300 | 0x40 | 3)
#define S1_BLOCK    (0x400 | 0x300 | 0x40 | 1)
/* AF, SH inner, MemAttr Write-Back, read and write */
#define S2_PAGE     (0x400 | 0x300 | 0x3c | 0xc0 | 3)
#define S2_BLOCK    (0x400 | 0x300 | 0x3c | 0xc0 | 1)
#define TABLE       3

/* 0x52345678: entry 1 of level 1, 0x91 of level 2, 0x145 of level 3 */
static void test_long_s1_leaves(void)
{
    static const Descriptor pages[] = {
        { 0x1008, 0x2000 | TABLE }, { 0x2488, 0x3000 | TABLE },
        { 0x3a28, 0xab12345000 | S1_PAGE },
    };
    static const Descriptor block2[] = {
        { 0x1008, 0x2000 | TABLE }, { 0x2488, 0xab12200000 | S1_BLOCK },
    };
    static const Descriptor block1[] = {
        { 0x1008, 0xab00000000 | (1 << 30) | S1_BLOCK },
    };
    SMMUv2StageConfig cfg = stage1_long(0, 0, 0x1000, 0);

    expect_out(&cfg, 0x52345678, pages, 3, 0xab12345000, 12, 3);
    expect_out(&cfg, 0x52345678, block2, 2, 0xab12200000, 21, 2);
    expect_out(&cfg, 0x52345678, block1, 1, 0xab40000000, 30, 1);
    for (int i = 0; i < 3; i++) {
        Descriptor bad[3];

        memcpy(bad, pages, sizeof(bad));
        expect_fault(&cfg, 0x52345678, bad, i, SMMUV2_FAULT_EXTERNAL, 1 + i);
        bad[i].value |= 1ull << 40;
        expect_fault(&cfg, 0x52345678, bad, 3, SMMUV2_FAULT_ADDRESS_SIZE,
                     1 + i);
        bad[i].value &= ~1ull;
        expect_fault(&cfg, 0x52345678, bad, 3, SMMUV2_FAULT_TRANSLATION,
                     1 + i);
    }
    cfg.tt[0].ttb |= 1ull << 40;
    expect_fault(&cfg, 0x52345678, pages, 3, SMMUV2_FAULT_ADDRESS_SIZE, 0);
}

/* T0SZ and T1SZ; the rows of the Arm ARM's table of TTBR boundaries */
static void test_long_split(void)
{
    static const struct {
        uint8_t t0sz, t1sz;
        uint32_t addr;
        int ttbr;               /* -1: neither */
    } rows[] = {
        { 0, 0, 0x00000000, 0 }, { 0, 0, 0xffffffff, 0 },
        { 3, 0, 0x1fffffff, 0 }, { 3, 0, 0x20000000, 1 },
        { 3, 0, 0xffffffff, 1 },
        { 0, 2, 0xbfffffff, 0 }, { 0, 2, 0xc0000000, 1 },
        { 0, 7, 0xfdffffff, 0 }, { 0, 7, 0xfe000000, 1 },
        { 1, 1, 0x7fffffff, 0 }, { 1, 1, 0x80000000, 1 },
        { 2, 2, 0x3fffffff, 0 }, { 2, 2, 0x40000000, -1 },
        { 2, 2, 0xbfffffff, -1 }, { 2, 2, 0xc0000000, 1 },
        { 7, 1, 0x01ffffff, 0 }, { 7, 1, 0x02000000, -1 },
        { 7, 1, 0x80000000, 1 },
    };

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        SMMUv2StageConfig cfg = stage1_long(rows[i].t0sz, rows[i].t1sz, 0,
                                            0x100000);
        /* Where a table of level 1 or 2 is read; both are aligned to 4 KiB */
        uint8_t sz = rows[i].ttbr == 1 ? rows[i].t1sz : rows[i].t0sz;
        uint64_t ia = sz ? rows[i].addr & (UINT32_MAX >> sz) : rows[i].addr;
        Descriptor desc = {
            (rows[i].ttbr == 1 ? 0x100000 : 0) + (ia >> (sz < 2 ? 30 : 21)) * 8,
            S1_BLOCK,
        };

        if (rows[i].ttbr < 0) {
            expect_fault(&cfg, rows[i].addr, &desc, 1,
                         SMMUV2_FAULT_TRANSLATION, 1);
            continue;
        }
        g_assert_cmpint(expect_map(&cfg, rows[i].addr, &desc, 1).level, ==,
                        sz < 2 ? 1 : 2);
        cfg.tt[rows[i].ttbr].disabled = true;
        expect_fault(&cfg, rows[i].addr, &desc, 1,
                     SMMUV2_FAULT_TRANSLATION, 1);
        cfg.tt[rows[i].ttbr].disabled = false;
        /* What is above 32 bits is neither cut off nor a sign */
        expect_fault(&cfg, rows[i].addr | 1ull << 32, &desc, 1,
                     SMMUV2_FAULT_TRANSLATION, 1);
        expect_fault(&cfg, rows[i].addr | 0xffffffffull << 32, &desc, 1,
                     SMMUV2_FAULT_TRANSLATION, 1);
        /* EL2 has TTBR0 alone */
        cfg.hyp = true;
        if (rows[i].ttbr == 0) {
            expect_map(&cfg, rows[i].addr, &desc, 1);
        } else if (rows[i].t0sz) {
            expect_fault(&cfg, rows[i].addr, &desc, 1,
                         SMMUV2_FAULT_TRANSLATION, 1);
        }
    }
}

/* A block of 1 GiB does not reach into what the other TTBR maps */
static void test_long_split_block(void)
{
    static const Descriptor block = { 0x100000, 0xab00000000 | S1_BLOCK };
    static const Descriptor top = { 0x1018, 0xabc0000000 | S1_BLOCK };
    SMMUv2StageConfig cfg = stage1_long(5, 0, 0x1000, 0x100000);
    SMMUv2Mapping map;

    /* TTBR0 has 128 MiB */
    expect_out(&cfg, 0x08000000, &block, 1, 0xab08000000, 27, 1);
    expect_out(&cfg, 0x3fffffff, &block, 1, 0xab38000000, 27, 1);
    map = expect_map(&cfg, 0x3fffffff, &block, 1);
    g_assert_true(map.piece);
    /* TTBR1 has the last 64 MiB */
    cfg = stage1_long(0, 6, 0x1000, 0x100000);
    expect_out(&cfg, 0xfbffffff, &top, 1, 0xabf8000000, 26, 1);
    cfg.hyp = true;
    expect_out(&cfg, 0xfbffffff, &top, 1, 0xabc0000000, 30, 1);
    /* TTBR1 has 1 GiB or more */
    for (unsigned t1sz = 0; t1sz < 3; t1sz++) {
        cfg = stage1_long(0, t1sz, 0x1000, 0x100000);
        map = expect_map(&cfg, 0x3fffffff, &(Descriptor) { 0x1000, S1_BLOCK },
                         1);
        g_assert_cmpint(map.shift, ==, 30);
        g_assert_false(map.piece);
    }
}

/* TTBR0 is aligned to its table: 32 bytes with T0SZ = 0, 16 with 1 */
static void test_long_root_alignment(void)
{
    static const Descriptor a = { 0x1020, S1_BLOCK };
    static const Descriptor b = { 0x1030, S1_BLOCK };
    static const Descriptor c = { 0x1080, S1_BLOCK };
    SMMUv2StageConfig cfg = stage1_long(0, 0, 0x103f, 0);

    expect_map(&cfg, 0, &a, 1);
    cfg = stage1_long(1, 0, 0x103f, 0);
    expect_map(&cfg, 0, &b, 1);
    /* Level 2: 14 - T0SZ bits */
    cfg = stage1_long(7, 0, 0x10ff, 0);
    expect_map(&cfg, 0, &c, 1);
}

static void test_long_s1_ap(void)
{
    static const struct {
        uint64_t leaf, table;
        bool wxn, uwxn, hyp;
        uint8_t perm;
    } rows[] = {
#define XN          BIT_ULL(54)
#define PXN         BIT_ULL(53)
#define APTABLE(n)  ((uint64_t)(n) << 61)
#define XNTABLE     BIT_ULL(60)
#define PXNTABLE    BIT_ULL(59)
        { 0x00, 0, false, false, false, PR | PW | PX },
        { 0x40, 0, false, false, false, SMMUV2_PERM_ALL },
        { 0x80, 0, false, false, false, PR | PX },
        { 0xc0, 0, false, false, false, PR | UR | PX | UX },
        /* XN is of both, PXN of privilege */
        { XN | 0x40, 0, false, false, false, PR | PW | UR | UW },
        { PXN | 0x40, 0, false, false, false, PR | PW | UR | UW | UX },
        { 0x40, XNTABLE, false, false, false, PR | PW | UR | UW },
        { 0x40, PXNTABLE, false, false, false, PR | PW | UR | UW | UX },
        { 0x40, APTABLE(1), false, false, false, PR | PW | PX },
        { 0x40, APTABLE(2), false, false, false, PR | PX | UR | UX },
        { 0x40, APTABLE(3), false, false, false, PR | PX },
        /* WXN of both, UWXN of privilege where users write */
        { 0x40, 0, true, false, false, PR | PW | UR | UW },
        { 0x40, 0, false, true, false, PR | PW | UR | UW | UX },
        { 0x00, 0, false, true, false, PR | PW | PX },
        { 0x00, 0, true, false, false, PR | PW },
        { 0xc0, 0, true, true, false, PR | PX | UR | UX },
        /* EL2: AP[2] and XN alone */
        { 0x00, 0, false, false, true, SMMUV2_PERM_ALL },
        { PXN | 0xc0, 0, false, true, true, SMMUV2_PERM_R | SMMUV2_PERM_X },
        { XN | 0x40, 0, false, false, true, SMMUV2_PERM_R | SMMUV2_PERM_W },
        { 0x40, 0, true, false, true, SMMUV2_PERM_R | SMMUV2_PERM_W },
    };

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        SMMUv2StageConfig cfg = stage1_long(0, 0, 0x1000, 0);
        Descriptor desc[] = {
            { 0x1008, 0x2000 | TABLE | rows[i].table },
            { 0x2488, 0x400 | 1 | rows[i].leaf },
        };

        cfg.wxn = rows[i].wxn;
        cfg.uwxn = rows[i].uwxn;
        cfg.hyp = rows[i].hyp;
        g_assert_cmphex(expect_map(&cfg, 0x52345678, desc, 2).perm, ==,
                        rows[i].perm);
    }
}

/* The access flag, nG, MAIR: as in AArch64 */
static void test_long_s1_rest(void)
{
    SMMUv2StageConfig cfg = stage1_long(0, 0, 0x1000, 0);
    Descriptor desc = { 0x1008, 0x801 | 2 << 2 };

    expect_fault(&cfg, 0x52345678, &desc, 1, SMMUV2_FAULT_ACCESS_FLAG, 1);
    cfg.affd = true;
    g_assert_false(expect_map(&cfg, 0x52345678, &desc, 1).global);
    g_assert_cmphex(expect_map(&cfg, 0x52345678, &desc, 1).attrs.memattr, ==,
                    0x44);
    desc.value = 0x401;
    cfg.affd = false;
    cfg.big_endian = true;
    g_assert_true(expect_map(&cfg, 0x52345678, &desc, 1).global);
    g_assert_cmphex(expect_map(&cfg, 0x52345678, &desc, 1).attrs.memattr, ==,
                    0xff);
}

/* VTCR: T0SZ -2 to 7 from level 2, -8 to 1 from level 1 */
static void test_long_sl0(void)
{
    static const Descriptor root = { 0x100000, S2_BLOCK };

    for (unsigned sl0 = 0; sl0 < 4; sl0++) {
        for (int t0sz = -8; t0sz < 8; t0sz++) {
            SMMUv2StageConfig cfg = stage2_long(t0sz, sl0, 0x100000);

            if (sl0 == 0 ? t0sz >= -2 : sl0 == 1 && t0sz <= 1) {
                uint64_t last = (1ull << (32 - t0sz)) - 1;

                g_assert_cmpint(expect_map(&cfg, 0, &root, 1).level, ==,
                                sl0 == 0 ? 2 : 1);
                expect_fault(&cfg, last, NULL, 0, SMMUV2_FAULT_EXTERNAL,
                             sl0 == 0 ? 2 : 1);
                expect_fault(&cfg, last + 1, &root, 1,
                             SMMUV2_FAULT_TRANSLATION, 1);
                cfg.in_bits = 31 - t0sz;
            }
            expect_fault(&cfg, 0, &root, 1, SMMUV2_FAULT_TRANSLATION, 1);
        }
    }
}

/* 40 bits from level 1: two tables, as hypervisors and Linux have it */
static void test_long_s2(void)
{
    /* 0x80_52345678: entry 1 of the second table */
    static const Descriptor pages[] = {
        { 0x5008, 0x2000 | TABLE }, { 0x2488, 0x3000 | TABLE },
        { 0x3a28, 0xab12345000 | S2_PAGE },
    };
    SMMUv2StageConfig cfg = stage2_long(-8, 1, 0x4000);
    static const uint8_t perm[4] = {
        0, SMMUV2_PERM_R | SMMUV2_PERM_X, SMMUV2_PERM_W, SMMUV2_PERM_ALL,
    };

    expect_out(&cfg, 0x8052345678, pages, 3,
               0xab12345000, 12, 3);
    /* What may be read may be executed, unless XN */
    for (int ap = 0; ap < 4; ap++) {
        Descriptor desc = { 0x5008, 0x401 | ap << 6 };

        g_assert_cmphex(expect_map(&cfg, 0x8052345678, &desc, 1).perm, ==,
                        perm[ap]);
        desc.value |= XN;
        g_assert_cmphex(expect_map(&cfg, 0x8052345678, &desc, 1).perm, ==,
                        perm[ap] & ~SMMUV2_PERM_X);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    g_test_add_func("/smmuv2/walk/short/leaves", test_short_leaves);
    g_test_add_func("/smmuv2/walk/short/faults", test_short_faults);
    g_test_add_func("/smmuv2/walk/short/address-size",
                    test_short_address_size);
    g_test_add_func("/smmuv2/walk/short/split", test_short_split);
    g_test_add_func("/smmuv2/walk/short/ap", test_short_ap);
    g_test_add_func("/smmuv2/walk/short/execute", test_short_execute);
    g_test_add_func("/smmuv2/walk/short/global", test_short_global);
    g_test_add_func("/smmuv2/walk/short/attrs", test_short_attrs);
    g_test_add_func("/smmuv2/walk/short/remap-linux", test_short_remap_linux);
    g_test_add_func("/smmuv2/walk/short/endianness", test_short_endianness);
    g_test_add_func("/smmuv2/walk/long/s1-leaves", test_long_s1_leaves);
    g_test_add_func("/smmuv2/walk/long/split", test_long_split);
    g_test_add_func("/smmuv2/walk/long/split-block", test_long_split_block);
    g_test_add_func("/smmuv2/walk/long/root-alignment",
                    test_long_root_alignment);
    g_test_add_func("/smmuv2/walk/long/s1-ap", test_long_s1_ap);
    g_test_add_func("/smmuv2/walk/long/s1-rest", test_long_s1_rest);
    g_test_add_func("/smmuv2/walk/long/sl0", test_long_sl0);
    g_test_add_func("/smmuv2/walk/long/s2", test_long_s2);
    return g_test_run();
}
