/*
 * Arm SMMUv2 translation table walks: unit tests
 *
 * Directed: tables laid by hand, for each granule, level and stage, and one
 * test for each rule.  test-smmuv2-walk-random.c has the random ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "walk-util.h"

/* A stage as reset leaves it no bit of: all fields that matter at one value */
static SMMUv2StageConfig stage1(unsigned granule, unsigned tsz, uint64_t ttb)
{
    return (SMMUv2StageConfig) {
        .stage = 1,
        .enabled = true,
        .sep = 7,
        .out_bits = 48,
        .oas_bits = 48,
        .mair = 0x00000000004404ffull,
        .tt[0] = { .ttb = ttb, .tsz = tsz, .granule = granule },
        .tt[1] = { .disabled = true },
    };
}

static SMMUv2StageConfig stage2(unsigned granule, unsigned tsz, unsigned sl0,
                                uint64_t ttb)
{
    return (SMMUv2StageConfig) {
        .stage = 2,
        .enabled = true,
        .sl0 = sl0,
        .in_bits = 48,
        .out_bits = 48,
        .oas_bits = 48,
        .tt[0] = { .ttb = ttb, .tsz = tsz, .granule = granule },
    };
}

/* Stage 1: AF, SH inner, AttrIndx 0, unprivileged read and write */
#define S1_PAGE     (0x400 | 0x300 | 0x40 | 3)
#define S1_BLOCK    (0x400 | 0x300 | 0x40 | 1)
/* Stage 2: AF, SH inner, MemAttr Write-Back, read and write */
#define S2_PAGE     (0x400 | 0x300 | 0x3c | 0xc0 | 3)
#define S2_BLOCK    (0x400 | 0x300 | 0x3c | 0xc0 | 1)
#define TABLE       3

/*
 * One row for each way from a start level to a leaf.  Indices of the address
 * are 1, 9, 3 and 5 from level 0 on where the level has the bits.  Addresses
 * of descriptors and outputs are worked out by hand:
 *
 *   4K  0x8240605678 = 1<<39 | 9<<30 | 3<<21 | 5<<12 | 0x678
 *   16K 0x909006017678, 1<<47 | 0x109<<36 | 3<<25 | 5<<14 | 0x3678 ...
 */
typedef struct DirectedWalk {
    const char *name;
    uint8_t stage, granule, tsz, sl0;
    uint64_t ttb, addr;
    Descriptor desc[4];
    uint64_t out;
    uint8_t shift, level;
} DirectedWalk;

static const DirectedWalk directed[] = {
    /* 4K: L0 47:39, L1 38:30, L2 29:21, L3 20:12 */
    {
        "s1/4K/L0-L3", 1, 12, 16, 0, 0x1000, 0x8240605678,
        { { 0x1008, 0x2000 | TABLE }, { 0x2048, 0x3000 | TABLE },
          { 0x3018, 0x4000 | TABLE }, { 0x4028, 0x123456789000 | S1_PAGE } },
        0x123456789000, 12, 3,
    }, {
        "s1/4K/L0-L2", 1, 12, 24, 0, 0x1010, 0x8240605678,
        { { 0x1018, 0x2000 | TABLE }, { 0x2048, 0x3000 | TABLE },
          { 0x3018, 0x123456600000 | S1_BLOCK } },
        0x123456600000, 21, 2,
    }, {
        "s1/4K/L0-L1", 1, 12, 20, 0, 0x1000, 0x8240605678,
        { { 0x1008, 0x2000 | TABLE }, { 0x2048, 0x123440000000 | S1_BLOCK } },
        0x123440000000, 30, 1,
    }, {
        "s1/4K/L1-L3", 1, 12, 25, 0, 0x1000, 0x240605678,
        { { 0x1048, 0x3000 | TABLE }, { 0x3018, 0x4000 | TABLE },
          { 0x4028, 0x123456789000 | S1_PAGE } },
        0x123456789000, 12, 3,
    }, {
        "s1/4K/L1-L2", 1, 12, 30, 0, 0x1080, 0x240605678,
        { { 0x10c8, 0x3000 | TABLE }, { 0x3018, 0x123456600000 | S1_BLOCK } },
        0x123456600000, 21, 2,
    }, {
        "s1/4K/L1-L1", 1, 12, 33, 0, 0x1010, 0x40605678,
        { { 0x1018, 0x123440000000 | S1_BLOCK } },
        0x123440000000, 30, 1,
    }, {
        "s1/4K/L2-L3", 1, 12, 34, 0, 0x1000, 0x605678,
        { { 0x1018, 0x4000 | TABLE }, { 0x4028, 0x123456789000 | S1_PAGE } },
        0x123456789000, 12, 3,
    }, {
        "s1/4K/L2-L2", 1, 12, 39, 0, 0x1080, 0x605678,
        { { 0x1098, 0x123456600000 | S1_BLOCK } },
        0x123456600000, 21, 2,
    },
    /* 16K: L0 47, L1 46:36, L2 35:25, L3 24:14 */
    {
        "s1/16K/L0-L3", 1, 14, 16, 0, 0x4010, 0x809006017678,
        { { 0x4018, 0x8000 | TABLE }, { 0x8048, 0xc000 | TABLE },
          { 0xc018, 0x10000 | TABLE }, { 0x10028, 0x123456788000 | S1_PAGE } },
        0x123456788000, 14, 3,
    }, {
        "s1/16K/L0-L2", 1, 14, 16, 0, 0x4000, 0x809006017678,
        { { 0x4008, 0x8000 | TABLE }, { 0x8048, 0xc000 | TABLE },
          { 0xc018, 0x123456000000 | S1_BLOCK } },
        0x123456000000, 25, 2,
    }, {
        "s1/16K/L1-L3", 1, 14, 17, 0, 0x8000, 0x9006017678,
        { { 0x8048, 0xc000 | TABLE }, { 0xc018, 0x10000 | TABLE },
          { 0x10028, 0x123456788000 | S1_PAGE } },
        0x123456788000, 14, 3,
    }, {
        "s1/16K/L1-L2", 1, 14, 24, 0, 0x8080, 0x9006017678,
        { { 0x80c8, 0xc000 | TABLE }, { 0xc018, 0x123456000000 | S1_BLOCK } },
        0x123456000000, 25, 2,
    }, {
        "s1/16K/L2-L3", 1, 14, 28, 0, 0xc000, 0x6017678,
        { { 0xc018, 0x10000 | TABLE }, { 0x10028, 0x123456788000 | S1_PAGE } },
        0x123456788000, 14, 3,
    }, {
        "s1/16K/L2-L2", 1, 14, 37, 0, 0xc020, 0x6017678,
        { { 0xc038, 0x123456000000 | S1_BLOCK } },
        0x123456000000, 25, 2,
    }, {
        "s1/16K/L3-L3", 1, 14, 39, 0, 0x10000, 0x17678,
        { { 0x10028, 0x123456788000 | S1_PAGE } },
        0x123456788000, 14, 3,
    },
    /* 64K: L1 47:42, L2 41:29, L3 28:16 */
    {
        "s1/64K/L1-L3", 1, 16, 16, 0, 0x10000, 0x240060055678,
        { { 0x10048, 0x20000 | TABLE }, { 0x20018, 0x30000 | TABLE },
          { 0x30028, 0x123456780000 | S1_PAGE } },
        0x123456780000, 16, 3,
    }, {
        "s1/64K/L1-L2", 1, 16, 18, 0, 0x10080, 0x240060055678,
        { { 0x100c8, 0x20000 | TABLE },
          { 0x20018, 0x123460000000 | S1_BLOCK } },
        0x123460000000, 29, 2,
    }, {
        "s1/64K/L2-L3", 1, 16, 22, 0, 0x20000, 0x60055678,
        { { 0x20018, 0x30000 | TABLE }, { 0x30028, 0x123456780000 | S1_PAGE } },
        0x123456780000, 16, 3,
    }, {
        "s1/64K/L2-L2", 1, 16, 32, 0, 0x20040, 0x60055678,
        { { 0x20058, 0x123460000000 | S1_BLOCK } },
        0x123460000000, 29, 2,
    }, {
        "s1/64K/L3-L3", 1, 16, 39, 0, 0x30000, 0x55678,
        { { 0x30028, 0x123456780000 | S1_PAGE } },
        0x123456780000, 16, 3,
    },
    /* Stage 2: SL0 says where to start; roots are concatenated from there */
    {
        "s2/4K/L0-L3", 2, 12, 16, 2, 0x1000, 0x8240605678,
        { { 0x1008, 0x2000 | TABLE }, { 0x2048, 0x3000 | TABLE },
          { 0x3018, 0x4000 | TABLE }, { 0x4028, 0x123456789000 | S2_PAGE } },
        0x123456789000, 12, 3,
    }, {
        /* 43 bits in 16 tables: 0x82405 is table 0x10, that is, 8, entry 9 */
        "s2/4K/L1-L3/16-tables", 2, 12, 21, 1, 0x10000, 0x40240605678,
        { { 0x18048, 0x3000 | TABLE }, { 0x3018, 0x4000 | TABLE },
          { 0x4028, 0x123456789000 | S2_PAGE } },
        0x123456789000, 12, 3,
    }, {
        "s2/4K/L1-L1", 2, 12, 25, 1, 0x1000, 0x240605678,
        { { 0x1048, 0x123440000000 | S2_BLOCK } },
        0x123440000000, 30, 1,
    }, {
        /* 40 bits, as hypervisors have it: two tables */
        "s2/4K/L1-L2/2-tables", 2, 12, 24, 1, 0x2000, 0x8240605678,
        { { 0x3048, 0x4000 | TABLE }, { 0x4018, 0x123456600000 | S2_BLOCK } },
        0x123456600000, 21, 2,
    }, {
        "s2/4K/L2-L3/16-tables", 2, 12, 30, 0, 0x10000, 0x200605678,
        { { 0x18018, 0x4000 | TABLE }, { 0x4028, 0x123456789000 | S2_PAGE } },
        0x123456789000, 12, 3,
    }, {
        "s2/4K/L2-L2", 2, 12, 39, 0, 0x1000, 0x605678,
        { { 0x1018, 0x123456600000 | S2_BLOCK } },
        0x123456600000, 21, 2,
    }, {
        /* 48 bits need two tables of level 1 */
        "s2/16K/L1-L3/2-tables", 2, 14, 16, 2, 0x8000, 0x809006017678,
        { { 0xc048, 0x10000 | TABLE }, { 0x10018, 0x14000 | TABLE },
          { 0x14028, 0x123456788000 | S2_PAGE } },
        0x123456788000, 14, 3,
    }, {
        "s2/16K/L2-L3/16-tables", 2, 14, 24, 1, 0x40000, 0x8006017678,
        { { 0x60018, 0x14000 | TABLE }, { 0x14028, 0x123456788000 | S2_PAGE } },
        0x123456788000, 14, 3,
    }, {
        "s2/16K/L2-L2", 2, 14, 28, 1, 0xc000, 0x6017678,
        { { 0xc018, 0x123456000000 | S2_BLOCK } },
        0x123456000000, 25, 2,
    }, {
        "s2/16K/L3-L3/16-tables", 2, 14, 35, 0, 0x40000, 0x10017678,
        { { 0x60028, 0x123456788000 | S2_PAGE } },
        0x123456788000, 14, 3,
    }, {
        "s2/64K/L1-L3", 2, 16, 16, 2, 0x10000, 0x240060055678,
        { { 0x10048, 0x20000 | TABLE }, { 0x20018, 0x30000 | TABLE },
          { 0x30028, 0x123456780000 | S2_PAGE } },
        0x123456780000, 16, 3,
    }, {
        "s2/64K/L2-L3/16-tables", 2, 16, 18, 1, 0x100000, 0x200060055678,
        { { 0x180018, 0x30000 | TABLE },
          { 0x30028, 0x123456780000 | S2_PAGE } },
        0x123456780000, 16, 3,
    }, {
        "s2/64K/L2-L2", 2, 16, 24, 1, 0x20000, 0x60055678,
        { { 0x20018, 0x123460000000 | S2_BLOCK } },
        0x123460000000, 29, 2,
    }, {
        "s2/64K/L3-L3/16-tables", 2, 16, 31, 0, 0x100000, 0x100055678,
        { { 0x180028, 0x123456780000 | S2_PAGE } },
        0x123456780000, 16, 3,
    },
};

static SMMUv2StageConfig directed_config(const DirectedWalk *d)
{
    return d->stage == 1 ? stage1(d->granule, d->tsz, d->ttb) :
                           stage2(d->granule, d->tsz, d->sl0, d->ttb);
}

static int num_desc(const DirectedWalk *d)
{
    int n = 0;

    while (n < ARRAY_SIZE(d->desc) && d->desc[n].value) {
        n++;
    }
    return n;
}

/* The mapping; each descriptor in turn invalid, absent, or out of range */
static void test_directed(const void *data)
{
    const DirectedWalk *d = data;
    SMMUv2StageConfig cfg = directed_config(d);
    int n = num_desc(d), first = d->level + 1 - n;
    Descriptor desc[4];
    SMMUv2Mapping map;

    map = expect_map(&cfg, d->addr, d->desc, n);
    g_assert_cmphex(map.in, ==, d->addr >> d->shift << d->shift);
    g_assert_cmphex(map.out, ==, d->out);
    g_assert_cmpint(map.shift, ==, d->shift);
    g_assert_cmpint(map.level, ==, d->level);
    g_assert_cmphex(map.attrs.memattr, ==, 0xff);
    g_assert_cmphex(map.attrs.sh, ==, 3);
    g_assert_cmphex(map.perm, ==, d->stage == 2 ? SMMUV2_PERM_ALL :
                    SMMUV2_PERM_ALL & ~SMMUV2_PERM_PX);

    for (int i = 0; i < n; i++) {
        memcpy(desc, d->desc, sizeof(desc));
        desc[i].value &= ~1ull;
        expect_fault(&cfg, d->addr, desc, n, SMMUV2_FAULT_TRANSLATION,
                     first + i);
        desc[i].addr = UINT64_MAX;
        expect_fault(&cfg, d->addr, desc, n, SMMUV2_FAULT_EXTERNAL, first + i);

        /* 2^44 is beyond 44 bits, 2^43 is not */
        cfg.out_bits = 44;
        memcpy(desc, d->desc, sizeof(desc));
        for (int j = 0; j < n; j++) {
            desc[j].value &= MAKE_64BIT_MASK(0, 44);
        }
        desc[i].value |= 1ull << 44;
        expect_fault(&cfg, d->addr, desc, n, SMMUV2_FAULT_ADDRESS_SIZE,
                     first + i);
        cfg.out_bits = 48;
    }

    /* The access flag is the leaf's alone */
    memcpy(desc, d->desc, sizeof(desc));
    desc[n - 1].value &= ~0x400ull;
    expect_fault(&cfg, d->addr, desc, n, SMMUV2_FAULT_ACCESS_FLAG, d->level);
    cfg.affd = true;
    expect_map(&cfg, d->addr, desc, n);
    cfg.affd = false;

    /* A leaf without bit 1 is reserved at level 3, and blocks at level 0 */
    if (d->level == 3) {
        desc[n - 1].value = d->desc[n - 1].value & ~2ull;
        expect_fault(&cfg, d->addr, desc, n, SMMUV2_FAULT_TRANSLATION, 3);
    }
    if (first == 0) {
        memcpy(desc, d->desc, sizeof(desc));
        desc[0].value = S1_BLOCK;
        expect_fault(&cfg, d->addr, desc, n, SMMUV2_FAULT_TRANSLATION, 0);
    }

    /* The root */
    cfg.out_bits = 36;
    cfg.tt[0].ttb |= 1ull << 36;
    expect_fault(&cfg, d->addr, d->desc, n, SMMUV2_FAULT_ADDRESS_SIZE, 0);
    cfg = directed_config(d);
    cfg.tt[0].granule = 0;
    expect_fault(&cfg, d->addr, d->desc, n, SMMUV2_FAULT_TRANSLATION, 0);

    /* One bit more than the table translates */
    cfg = directed_config(d);
    expect_fault(&cfg, d->addr | 1ull << (64 - d->tsz), d->desc, n,
                 SMMUV2_FAULT_TRANSLATION, 0);
}

static void test_no_block_at_level_1(void)
{
    /* 16K and 64K: blocks at level 2 alone */
    static const Descriptor d16 = { 0x8048, S1_BLOCK };
    static const Descriptor d64 = { 0x10048, S1_BLOCK };
    SMMUv2StageConfig cfg = stage1(14, 17, 0x8000);

    expect_fault(&cfg, 0x9006017678, &d16, 1, SMMUV2_FAULT_TRANSLATION, 1);
    cfg = stage1(16, 16, 0x10000);
    expect_fault(&cfg, 0x240060055678, &d64, 1, SMMUV2_FAULT_TRANSLATION, 1);
}

static void test_t0sz_range(void)
{
    static const Descriptor root = { 0x1000, S1_BLOCK };
    static const uint8_t bad[] = { 0, 1, 14, 15, 40, 41, 63 };
    SMMUv2StageConfig cfg;

    for (int i = 0; i < ARRAY_SIZE(bad); i++) {
        cfg = stage1(12, bad[i], 0x1000);
        expect_fault(&cfg, 0, &root, 1, SMMUV2_FAULT_TRANSLATION, 0);
        cfg = stage2(12, bad[i], 0, 0x1000);
        expect_fault(&cfg, 0, &root, 1, SMMUV2_FAULT_TRANSLATION, 0);
    }
    cfg = stage1(12, 39, 0x1000);
    expect_map(&cfg, 0, &root, 1);
}

static void test_ttbr1(void)
{
    static const Descriptor low = { 0x1000, 0x40000000 | S1_BLOCK };
    static const Descriptor high = { 0x2ff8, 0x80000000 | S1_BLOCK };
    SMMUv2StageConfig cfg = stage1(12, 25, 0x1000);
    SMMUv2Mapping map;

    cfg.tt[1] = (SMMUv2TableConfig) { .ttb = 0x2000, .tsz = 25, .granule = 12 };
    g_assert_cmphex(expect_map(&cfg, 0x1234, &low, 1).out, ==, 0x40000000);
    map = expect_map(&cfg, 0xffffffffffffffff, &high, 1);
    g_assert_cmphex(map.out, ==, 0x80000000);
    g_assert_cmphex(map.in, ==, 0xffffffffc0000000);
    /* 49 bits, as the bus has them, are the same address */
    map = expect_map(&cfg, 0x1ffffffffffff, &high, 1);
    g_assert_cmphex(map.out, ==, 0x80000000);
    /* Between the halves is nothing */
    expect_fault(&cfg, 0x8000000000, &low, 1, SMMUV2_FAULT_TRANSLATION, 0);
    expect_fault(&cfg, 0xffffff7fffffffff, &high, 1,
                 SMMUV2_FAULT_TRANSLATION, 0);
    expect_fault(&cfg, 0x2000000000000, &low, 1, SMMUV2_FAULT_TRANSLATION, 0);
    expect_fault(&cfg, 0xfffe000000000000, &low, 1,
                 SMMUV2_FAULT_TRANSLATION, 0);

    cfg.tt[0].disabled = true;
    expect_fault(&cfg, 0x1234, &low, 1, SMMUV2_FAULT_TRANSLATION, 0);
    expect_map(&cfg, 0xffffffffffffffff, &high, 1);
    cfg.tt[0].disabled = false;
    cfg.tt[1].disabled = true;
    expect_map(&cfg, 0x1234, &low, 1);
    expect_fault(&cfg, 0xffffffffffffffff, &high, 1,
                 SMMUV2_FAULT_TRANSLATION, 0);
    /* EL2 has one table */
    cfg.tt[1].disabled = false;
    cfg.hyp = true;
    expect_fault(&cfg, 0xffffffffffffffff, &high, 1,
                 SMMUV2_FAULT_TRANSLATION, 0);
    expect_map(&cfg, 0x1234, &low, 1);
}

static void test_tbi(void)
{
    static const Descriptor low = { 0x1000, 0x40000000 | S1_BLOCK };
    static const Descriptor high = { 0x2ff8, 0x80000000 | S1_BLOCK };
    SMMUv2StageConfig cfg = stage1(12, 25, 0x1000);

    cfg.tt[1] = (SMMUv2TableConfig) { .ttb = 0x2000, .tsz = 25, .granule = 12 };
    expect_fault(&cfg, 0xab00000000001234, &low, 1,
                 SMMUV2_FAULT_TRANSLATION, 0);
    expect_fault(&cfg, 0xabffffffffffffff, &high, 1,
                 SMMUV2_FAULT_TRANSLATION, 0);
    cfg.tt[0].tbi = true;
    g_assert_cmphex(expect_map(&cfg, 0xab00000000001234, &low, 1).in, ==,
                    0xab00000000000000);
    expect_fault(&cfg, 0xabffffffffffffff, &high, 1,
                 SMMUV2_FAULT_TRANSLATION, 0);
    cfg.tt[0].tbi = false;
    cfg.tt[1].tbi = true;
    expect_fault(&cfg, 0xab00000000001234, &low, 1,
                 SMMUV2_FAULT_TRANSLATION, 0);
    expect_map(&cfg, 0xabffffffffffffff, &high, 1);
}

static void test_sep(void)
{
    static const uint8_t sign[8] = { 31, 35, 39, 41, 43, 47, 47, 48 };
    static const Descriptor low = { 0x1000, 0x40000000 | S1_BLOCK };
    static const Descriptor high = { 0x2ff8, 0x80000000 | S1_BLOCK };
    SMMUv2StageConfig cfg = stage1(12, 33, 0x1010);

    /* The root has two entries and lies at the end of its page */
    cfg.tt[1] = (SMMUv2TableConfig) { .ttb = 0x2ff0, .tsz = 33, .granule = 12 };
    cfg.tt[0].ttb = 0x1000;
    for (int sep = 0; sep < 8; sep++) {
        cfg.sep = sep;
        expect_map(&cfg, 0x1234, &low, 1);
        expect_map(&cfg, 0xffffffffffffffff, &high, 1);
        /* All bits up to the sign set: a negative number */
        expect_map(&cfg, MAKE_64BIT_MASK(0, sign[sep] + 1), &high, 1);
        /* All but the sign: a positive one, too large for the table */
        if (sign[sep] > 31) {
            expect_fault(&cfg, MAKE_64BIT_MASK(0, sign[sep]), &high, 1,
                         SMMUV2_FAULT_TRANSLATION, 0);
        }
    }
}

/* EL2 has one range of addresses, so no sign: SEP is ignored */
static void test_hyp_ignores_sep(void)
{
    static const Descriptor desc = { 0x1010, 0x40000000 | S1_BLOCK };
    SMMUv2StageConfig cfg = stage1(12, 25, 0x1000);

    cfg.hyp = true;
    for (int sep = 0; sep < 8; sep++) {
        cfg.sep = sep;
        /* Bit 31 is no sign .. */
        expect_map(&cfg, 0x80001234, &desc, 1);
        /* .. and what is above it counts */
        expect_fault(&cfg, 0x1000080001234, &desc, 1,
                     SMMUV2_FAULT_TRANSLATION, 0);
        expect_fault(&cfg, 0x8080001234, &desc, 1,
                     SMMUV2_FAULT_TRANSLATION, 0);
    }
}

static void test_sl0(void)
{
    static const Descriptor root = { 0x100000, S2_PAGE };
    SMMUv2StageConfig cfg;

    /* From the table of SL0 and T0SZ: first and last T0SZ of each */
    static const struct {
        uint8_t granule, sl0, from, to;
    } rows[] = {
        { 12, 0, 30, 39 }, { 12, 1, 21, 33 }, { 12, 2, 16, 24 },
        { 14, 0, 35, 39 }, { 14, 1, 24, 38 }, { 14, 2, 16, 27 },
        { 16, 0, 31, 39 }, { 16, 1, 18, 34 }, { 16, 2, 16, 21 },
    };

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        for (int tsz = 16; tsz <= 39; tsz++) {
            SMMUv2Mapping map;
            SMMUv2WalkFault fault;
            Memory m = { &root, 1, 8 };

            cfg = stage2(rows[i].granule, tsz, rows[i].sl0, 0x100000);
            smmuv2_walk(&cfg, 0, read_memory, &m, &map, &fault);
            g_assert_cmpint(m.reads > 0, ==,
                            tsz >= rows[i].from && tsz <= rows[i].to);
        }
    }
    for (int granule = 12; granule <= 16; granule += 2) {
        cfg = stage2(granule, 25, 3, 0x100000);
        expect_fault(&cfg, 0, &root, 1, SMMUV2_FAULT_TRANSLATION, 0);
    }

    /* Largest roots need large physical addresses */
    cfg = stage2(12, 24, 2, 0x100000);
    cfg.oas_bits = cfg.out_bits = 42;
    expect_fault(&cfg, 0, &root, 1, SMMUV2_FAULT_TRANSLATION, 0);
    cfg.oas_bits = cfg.out_bits = 44;
    expect_fault(&cfg, 0, &root, 0, SMMUV2_FAULT_EXTERNAL, 0);
    cfg = stage2(14, 24, 2, 0x100000);
    cfg.oas_bits = cfg.out_bits = 40;
    expect_fault(&cfg, 0, &root, 1, SMMUV2_FAULT_TRANSLATION, 0);
    cfg.oas_bits = cfg.out_bits = 42;
    expect_fault(&cfg, 0, &root, 0, SMMUV2_FAULT_EXTERNAL, 1);
    cfg = stage2(16, 20, 2, 0x100000);
    cfg.oas_bits = cfg.out_bits = 42;
    expect_fault(&cfg, 0, &root, 1, SMMUV2_FAULT_TRANSLATION, 0);
    cfg.oas_bits = cfg.out_bits = 44;
    expect_fault(&cfg, 0, &root, 0, SMMUV2_FAULT_EXTERNAL, 1);

    /* No more input than the SMMU has */
    cfg = stage2(12, 23, 1, 0x100000);
    cfg.in_bits = 40;
    expect_fault(&cfg, 0, &root, 1, SMMUV2_FAULT_TRANSLATION, 0);
    cfg.tt[0].tsz = 24;
    expect_fault(&cfg, 0, &root, 0, SMMUV2_FAULT_EXTERNAL, 1);
}

/* AP[2:1], and what it permits without and with privilege */
static void test_s1_ap(void)
{
    static const struct {
        uint64_t leaf, table;
        bool wxn, hyp;
        uint8_t perm;
    } rows[] = {
#define XN_BOTH     (3ull << 53)
#define APTABLE(n)  ((uint64_t)(n) << 61)
#define XNTABLE     BIT_ULL(60)
#define PXNTABLE    BIT_ULL(59)
        { XN_BOTH | 0x00, 0, false, false, PR | PW },
        { XN_BOTH | 0x40, 0, false, false, PR | PW | UR | UW },
        { XN_BOTH | 0x80, 0, false, false, PR },
        { XN_BOTH | 0xc0, 0, false, false, PR | UR },
        /* Tables take away: APTable[0] from users, [1] writes */
        { XN_BOTH | 0x40, APTABLE(1), false, false, PR | PW },
        { XN_BOTH | 0x40, APTABLE(2), false, false, PR | UR },
        { XN_BOTH | 0x40, APTABLE(3), false, false, PR },
        { XN_BOTH | 0xc0, APTABLE(1), false, false, PR },
        /* PXN is bit 53, UXN bit 54 */
        { BIT_ULL(53) | 0xc0, 0, false, false, PR | UR | UX },
        { BIT_ULL(54) | 0xc0, 0, false, false, PR | UR | PX },
        { 0xc0, 0, false, false, PR | UR | UX | PX },
        { 0xc0, XNTABLE, false, false, PR | UR | PX },
        { 0xc0, PXNTABLE, false, false, PR | UR | UX },
        { 0xc0, XNTABLE | PXNTABLE, false, false, PR | UR },
        /* What users can write, privilege does not execute */
        { 0x40, 0, false, false, PR | PW | UR | UW | UX },
        /* WXN: what can be written is not executed */
        { 0x40, 0, true, false, PR | PW | UR | UW },
        { 0xc0, 0, true, false, PR | UR | UX | PX },
        { BIT_ULL(54), 0, true, false, PR | PW },
        { 0x40, APTABLE(2), true, false, PR | UR | UX | PX },
        /* EL2: AP[2] and XN (bit 54) alone */
        { 0x40, 0, false, true, SMMUV2_PERM_ALL },
        { 0x00, 0, false, true, SMMUV2_PERM_ALL },
        { 0xc0, 0, false, true, SMMUV2_PERM_R | SMMUV2_PERM_X },
        { BIT_ULL(53) | 0xc0, 0, false, true, SMMUV2_PERM_R | SMMUV2_PERM_X },
        { BIT_ULL(54) | 0xc0, 0, false, true, SMMUV2_PERM_R },
        { 0x40, 0, true, true, SMMUV2_PERM_R | SMMUV2_PERM_W },
        { 0x40, APTABLE(2), true, true, SMMUV2_PERM_R | SMMUV2_PERM_X },
        { 0x40, APTABLE(1), false, true, SMMUV2_PERM_ALL },
    };

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        SMMUv2StageConfig cfg = stage1(12, 34, 0x1000);
        Descriptor desc[] = {
            { 0x1018, 0x4000 | TABLE | rows[i].table },
            { 0x4028, 0x9000 | 0x400 | TABLE | rows[i].leaf },
        };

        cfg.wxn = rows[i].wxn;
        cfg.hyp = rows[i].hyp;
        g_assert_cmphex(expect_map(&cfg, 0x605678, desc, 2).perm, ==,
                        rows[i].perm);
    }
}

/*
 * Permission to execute does not depend on permission to read: AP = 0b00 with
 * UXN = 0 is the Arm ARM's way to execute-only memory of EL0.
 */
static void test_s1_execute_only(void)
{
    SMMUv2StageConfig cfg = stage1(12, 39, 0x1080);
    Descriptor desc = { 0x1098, 0x400 | 1 | BIT_ULL(53) };

    g_assert_cmphex(expect_map(&cfg, 0x605678, &desc, 1).perm, ==,
                    PR | PW | UX);
    desc.value |= 0x80;
    g_assert_cmphex(expect_map(&cfg, 0x605678, &desc, 1).perm, ==, PR | UX);
    desc.value |= BIT_ULL(54);
    g_assert_cmphex(expect_map(&cfg, 0x605678, &desc, 1).perm, ==, PR);
}

static void test_s2_ap(void)
{
    static const uint8_t perm[4] = {
        0, SMMUV2_PERM_R, SMMUV2_PERM_W, SMMUV2_PERM_R | SMMUV2_PERM_W,
    };

    for (int ap = 0; ap < 4; ap++) {
        SMMUv2StageConfig cfg = stage2(12, 39, 0, 0x1000);
        Descriptor desc = { 0x1018, 0x43d | ap << 6 | BIT_ULL(54) };

        g_assert_cmphex(expect_map(&cfg, 0x605678, &desc, 1).perm, ==,
                        perm[ap]);
        desc.value &= ~BIT_ULL(54);
        if (ap & 1) {
            g_assert_cmphex(expect_map(&cfg, 0x605678, &desc, 1).perm, ==,
                            perm[ap] | SMMUV2_PERM_X);
        }
    }
}

/* S2AP and XN are independent: what has XN = 0 can be executed */
static void test_s2_execute_only(void)
{
    SMMUv2StageConfig cfg = stage2(12, 39, 0, 0x1000);
    Descriptor desc = { 0x1018, 0x43d };

    g_assert_cmphex(expect_map(&cfg, 0x605678, &desc, 1).perm, ==,
                    SMMUV2_PERM_X);
    desc.value |= 0x80;
    g_assert_cmphex(expect_map(&cfg, 0x605678, &desc, 1).perm, ==,
                    SMMUV2_PERM_X | SMMUV2_PERM_W);
}

static void test_endianness(void)
{
    static const Descriptor desc = { 0x1098, 0x123456600000 | S1_BLOCK };
    SMMUv2StageConfig cfg = stage1(12, 39, 0x1080);

    /* read_memory() checks that the flag arrives */
    cfg.big_endian = true;
    expect_map(&cfg, 0x605678, &desc, 1);
    cfg.big_endian = false;
    expect_map(&cfg, 0x605678, &desc, 1);
}

/* A fault that the reader reports is passed on as it is */
static bool read_faults(void *opaque, uint64_t addr, unsigned size,
                        bool big_endian, uint64_t *value,
                        SMMUv2WalkFault *fault)
{
    *fault = (SMMUv2WalkFault) {
        .kind = SMMUV2_FAULT_ACCESS_FLAG, .stage = 2, .level = 2,
        .s1ptw = true, .ipa = addr,
    };
    return false;
}

static void test_reader_fault(void)
{
    SMMUv2StageConfig cfg = stage1(12, 39, 0x1080);
    SMMUv2Mapping map;
    SMMUv2WalkFault fault;

    g_assert_false(smmuv2_walk(&cfg, 0x605678, read_faults, NULL, &map,
                               &fault));
    g_assert_cmpint(fault.kind, ==, SMMUV2_FAULT_ACCESS_FLAG);
    g_assert_cmpint(fault.stage, ==, 2);
    g_assert_cmpint(fault.level, ==, 2);
    g_assert_true(fault.s1ptw);
    g_assert_cmphex(fault.ipa, ==, 0x1098);
}

static void test_s1_attrs(void)
{
    static const uint8_t mair[] = { 0xff, 0x04, 0x44, 0xbb, 0x00, 0x0c, 0xf4 };
    SMMUv2StageConfig cfg = stage1(12, 39, 0x1080);

    cfg.mair = 0;
    for (int i = 0; i < ARRAY_SIZE(mair); i++) {
        cfg.mair |= (uint64_t)mair[i] << (8 * i);
    }
    for (int i = 0; i < ARRAY_SIZE(mair); i++) {
        for (int sh = 0; sh < 4; sh++) {
            Descriptor desc = { 0x1098, 0x401 | i << 2 | sh << 8 };
            SMMUv2Mapping map = expect_map(&cfg, 0x605678, &desc, 1);

            g_assert_cmphex(map.attrs.memattr, ==, mair[i]);
            if (mair[i] < 0x10) {
                g_assert_cmpint(map.attrs.sh, ==, 2);
            } else if (sh != 1 && mair[i] != 0x44) {
                g_assert_cmpint(map.attrs.sh, ==, sh);
            }
        }
    }
}

/* Memory that is Non-cacheable throughout is Outer Shareable (PAR.SH) */
static void test_non_cacheable_is_outer_shareable(void)
{
    SMMUv2StageConfig cfg = stage1(12, 39, 0x1080);
    Descriptor desc = { 0x1098, 0x401 };

    cfg.mair = 0x44;
    g_assert_cmpint(expect_map(&cfg, 0x605678, &desc, 1).attrs.sh, ==, 2);
    g_assert_cmpint(smmuv2_attrs_s2(5, 0).sh, ==, 2);
    g_assert_cmpint(smmuv2_attrs_s2(5, 3).sh, ==, 2);
}

/* SH = 1 is reserved in descriptors and is no value of SMMUv2Attrs.sh */
static void test_reserved_shareability(void)
{
    SMMUv2StageConfig cfg = stage1(12, 39, 0x1080);
    Descriptor desc = { 0x1098, 0x501 };

    cfg.mair = 0xff;
    g_assert_cmpint(expect_map(&cfg, 0x605678, &desc, 1).attrs.sh, !=, 1);
    g_assert_cmpint(smmuv2_attrs_s2(15, 1).sh, !=, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    for (int i = 0; i < ARRAY_SIZE(directed); i++) {
        g_autofree char *name = g_strdup_printf("/smmuv2/walk/directed/%s",
                                                directed[i].name);

        g_test_add_data_func(name, &directed[i], test_directed);
    }
    g_test_add_func("/smmuv2/walk/no-block-at-level-1",
                    test_no_block_at_level_1);
    g_test_add_func("/smmuv2/walk/t0sz-range", test_t0sz_range);
    g_test_add_func("/smmuv2/walk/ttbr1", test_ttbr1);
    g_test_add_func("/smmuv2/walk/tbi", test_tbi);
    g_test_add_func("/smmuv2/walk/sep", test_sep);
    g_test_add_func("/smmuv2/walk/hyp-ignores-sep", test_hyp_ignores_sep);
    g_test_add_func("/smmuv2/walk/sl0", test_sl0);
    g_test_add_func("/smmuv2/walk/s1-ap", test_s1_ap);
    g_test_add_func("/smmuv2/walk/s1-execute-only", test_s1_execute_only);
    g_test_add_func("/smmuv2/walk/s2-ap", test_s2_ap);
    g_test_add_func("/smmuv2/walk/s2-execute-only", test_s2_execute_only);
    g_test_add_func("/smmuv2/walk/endianness", test_endianness);
    g_test_add_func("/smmuv2/walk/reader-fault", test_reader_fault);
    g_test_add_func("/smmuv2/attrs/s1", test_s1_attrs);
    g_test_add_func("/smmuv2/attrs/non-cacheable-is-outer-shareable",
                    test_non_cacheable_is_outer_shareable);
    g_test_add_func("/smmuv2/attrs/reserved-shareability",
                    test_reserved_shareability);
    return g_test_run();
}
