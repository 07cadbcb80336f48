/*
 * SMMUv2 qtest: registers
 *
 * Every row of the model's register table is held against a list of our own,
 * made from the register summaries of IHI 0062 and DDI 0517, and then tried
 * from the bus: reset value, writable bits, write-one-to-clear bits, widths.
 * What is in neither is reserved and must read as zero.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/units.h"
#include "smmuv2-lib.h"
#include "smmuv2-regtable.h"

#define ALL32   0xffffffffu
#define ALL64   UINT64_MAX

enum { ONE = SMMUV2_ONE, SMRG = SMMUV2_PER_SMRG, BANKS = SMMUV2_PER_CB,
       COUNTERS = SMMUV2_PER_COUNTER, GROUPS = SMMUV2_PER_GROUP };
enum { GR0 = SMMUV2_FRAME_GR0, GR1 = SMMUV2_FRAME_GR1, CB = SMMUV2_FRAME_CB,
       PM = SMMUV2_FRAME_PM };

typedef struct Row {
    const char *name;
    unsigned frame, offset, size, count;
    uint64_t reset, rw, w1c;
    bool wo;                    /* writes do something, nothing is kept */
    unsigned restore;           /* W1C: the register that sets its bits */
    bool pair;                  /* SET or CLR of a pair: /pairs */
} Row;

/* Those whose value properties make: see idr() */
#define ID(n)   { "IDR" #n, GR0, 0x020 + 4 * n, 4 }
#define TLBI(frame, offset, size, name) \
    { name, frame, offset, size, .wo = true }

static const Row rows[] = {
    /* GCFGFIE and GCFGFRE come with config-faults: smmuv2-fault-test */
    { "CR0", GR0, 0x000, 4, ONE, 0x00200001, 0x8ffffdcf },
    { "CR2", GR0, 0x008, 4, ONE, 0, 0xff },
    { "ACR", GR0, 0x010, 4, ONE, 0x0400001c, 0x0700071c },
    ID(0), ID(1), ID(2), ID(3), ID(4), ID(5), ID(6), ID(7),
    { "GFAR", GR0, 0x040, 8, ONE, 0, ALL64 },
    { "GFSR", GR0, 0x048, 4, .w1c = 0x800001ff, .restore = 0x04c },
    { "GFSRRESTORE", GR0, 0x04c, 4, .wo = true },
    { "GFSYNR0", GR0, 0x050, 4, ONE, 0, 0x7f },
    { "GFSYNR1", GR0, 0x054, 4, ONE, 0, ALL32 },
    { "GFSYNR2", GR0, 0x058, 4 },
    TLBI(GR0, 0x060, 4, "STLBIALL"),
    TLBI(GR0, 0x064, 4, "TLBIVMID"),
    TLBI(GR0, 0x068, 4, "TLBIALLNSNH"),
    TLBI(GR0, 0x06c, 4, "TLBIALLH"),
    TLBI(GR0, 0x070, 4, "TLBGSYNC"),
    { "TLBGSTATUS", GR0, 0x074, 4 },
    TLBI(GR0, 0x078, 4, "TLBIVAH"),
    { "DBGRPTRTBU", GR0, 0x080, 4 }, { "DBGRDATATBU", GR0, 0x084, 4 },
    { "DBGRPTRTCU", GR0, 0x088, 4 }, { "DBGRDATATCU", GR0, 0x08c, 4 },
    TLBI(GR0, 0x0b0, 8, "TLBIVALH64"),
    TLBI(GR0, 0x0b8, 4, "TLBIVMIDS1"),
    TLBI(GR0, 0x0c0, 8, "TLBIVAH64"),
    /* Bit 15 comes with CR0.EXIDENABLE: /exids */
    { "SMR0", GR0, 0x800, 4, SMRG, 0, 0xffff7fff },
    { "S2CR0", GR0, 0xc00, 4, SMRG, 0, 0x3fffffff },
    /* A CoreLink MMU-500: part 0x481 of Arm, SMMUv2 */
    { "PIDR4", GR0, 0xfd0, 4, ONE, 0x04 },
    { "PIDR5", GR0, 0xfd4, 4, ONE, 0x00 },
    { "PIDR6", GR0, 0xfd8, 4, ONE, 0x00 },
    { "PIDR7", GR0, 0xfdc, 4, ONE, 0x00 },
    { "PIDR0", GR0, 0xfe0, 4, ONE, 0x81 },
    { "PIDR1", GR0, 0xfe4, 4, ONE, 0xb4 },
    { "PIDR2", GR0, 0xfe8, 4, ONE, 0x1b },
    { "PIDR3", GR0, 0xfec, 4, ONE, 0x00 },
    { "CIDR0", GR0, 0xff0, 4, ONE, 0x0d },
    { "CIDR1", GR0, 0xff4, 4, ONE, 0xf0 },
    { "CIDR2", GR0, 0xff8, 4, ONE, 0x05 },
    { "CIDR3", GR0, 0xffc, 4, ONE, 0xb1 },

    { "CBAR0", GR1, 0x000, 4, BANKS, 0, 0x00ffffff },
    { "CBFRSYNRA0", GR1, 0x400, 4, BANKS, 0, ALL32 },
    { "CBA2R0", GR1, 0x800, 4, BANKS, 0, 0xffff0007 },

    { "PMEVCNTR0", PM, 0x000, 4, COUNTERS, 0, ALL32 },
    { "PMEVTYPER0", PM, 0x400, 4, COUNTERS, 0, 0xf00000ff },
    { "PMCGCR0", PM, 0x800, 4, GROUPS, 0x04000000, 0xfff },
    { "PMCGSMR0", PM, 0xa00, 4, GROUPS, 0, 0x7fff7fff },
    { "PMCNTENSET", PM, 0xc00, 4, .pair = true },
    { "PMCNTENCLR", PM, 0xc20, 4, .pair = true },
    { "PMINTENSET", PM, 0xc40, 4, .pair = true },
    { "PMINTENCLR", PM, 0xc60, 4, .pair = true },
    { "PMOVSCLR", PM, 0xc80, 4, .pair = true },
    { "PMOVSSET", PM, 0xcc0, 4, .pair = true },
    /* 6 groups, 24 counters of 32 bits, no export */
    { "PMCFGR", PM, 0xe00, 4, ONE, 0x05001f17 },
    { "PMCR", PM, 0xe04, 4, ONE, 0, 0x1 },
    /* Events 0, 1, 8 to 10, 16 to 18 */
    { "PMCEID0", PM, 0xe20, 4, ONE, 0x00070703 },
    { "PMCEID1", PM, 0xe24, 4 },
    { "PMAUTHSTATUS", PM, 0xfb8, 4, ONE, 0xc0 },
    { "PMDEVTYPE", PM, 0xfcc, 4, ONE, 0x56 },

    { "CB_SCTLR", CB, 0x000, 4, ONE, 0, 0x3ffff7ff },
    /* Read-only while ACR.CACHE_LOCK: /cache-lock */
    { "CB_ACTLR", CB, 0x004, 4, ONE, 0x3, 0x3 },
    { "CB_RESUME", CB, 0x008, 4, .wo = true },
    { "CB_TCR2", CB, 0x010, 4, ONE, 0, 0x4003c077 },
    { "CB_TTBR0", CB, 0x020, 8, ONE, 0, ALL64 },
    { "CB_TTBR1", CB, 0x028, 8, ONE, 0, ALL64 },
    { "CB_TCR", CB, 0x030, 4, ONE, 0, ALL32 },
    { "CB_CONTEXTIDR", CB, 0x034, 4, ONE, 0, ALL32 },
    { "CB_MAIR0", CB, 0x038, 4, ONE, 0, ALL32 },
    { "CB_MAIR1", CB, 0x03c, 4, ONE, 0, ALL32 },
    { "CB_FSR", CB, 0x058, 4, .w1c = 0x800001fe, .restore = 0x05c },
    { "CB_FSRRESTORE", CB, 0x05c, 4, .wo = true },
    { "CB_FAR", CB, 0x060, 8, ONE, 0, ALL64 },
    { "CB_FSYNR0", CB, 0x068, 4, ONE, 0, 0x00ff0f7f },
    { "CB_FSYNR1", CB, 0x06c, 4, ONE, 0, ALL32 },
    { "CB_IPAFAR", CB, 0x070, 8, ONE, 0, ALL64 },
    TLBI(CB, 0x600, 8, "CB_TLBIVA"),
    TLBI(CB, 0x608, 8, "CB_TLBIVAA"),
    TLBI(CB, 0x610, 4, "CB_TLBIASID"),
    TLBI(CB, 0x618, 4, "CB_TLBIALL"),
    TLBI(CB, 0x620, 8, "CB_TLBIVAL"),
    TLBI(CB, 0x628, 8, "CB_TLBIVAAL"),
    TLBI(CB, 0x630, 8, "CB_TLBIIPAS2"),
    TLBI(CB, 0x638, 8, "CB_TLBIIPAS2L"),
    TLBI(CB, 0x7f0, 4, "CB_TLBSYNC"),
    { "CB_TLBSTATUS", CB, 0x7f4, 4 },
};

/* ---- Identification ---- */

typedef struct Config {
    const char *args;
    unsigned smrg, banks;
    uint32_t idr0, idr1, idr2;
} Config;

/* SMS ATOSNS PTFS=0 CTTW NUMSIDB=15, and NUMSMRG */
#define IDR0(stages, exids, smrg) \
    ((stages) << 28 | 1u << 27 | 1u << 26 | 1u << 14 | 15u << 9 | \
     (exids) << 8 | (smrg))
#define PTFS(n) ((n) << 24)
#define NESTED  7u
#define S1_ONLY 4u
#define S2_ONLY 2u
/* PAGESIZE, NUMPAGENDXB, SMCD, NUMCB */
#define IDR1(kib64, pages, banks) \
    ((kib64) << 31 | (pages) << 28 | 1u << 15 | (banks))
/* 49-bit upstream bus, 48-bit input, three granules */
#define IDR2(oas, vmid16)   ((vmid16) << 15 | 7u << 12 | 5u << 8 | \
                             (oas) << 4 | 5u)

#define SMMU(property)  " -global arm-smmuv2." property

static const Config configs[] = {
    { "", 128, 128,
      IDR0(NESTED, 1u, 128u), IDR1(0u, 6u, 128u), IDR2(5u, 1u) },
    { SMMU("page-size=65536"), 128, 128,
      IDR0(NESTED, 1u, 128u), IDR1(1u, 6u, 128u), IDR2(5u, 1u) },
    { SMMU("num-smrg=5") SMMU("num-context-banks=3"), 5, 3,
      IDR0(NESTED, 1u, 5u), IDR1(0u, 2u, 3u), IDR2(5u, 1u) },
    { SMMU("num-context-banks=9") SMMU("num-context-irqs=2"), 128, 9,
      IDR0(NESTED, 1u, 128u), IDR1(0u, 3u, 9u), IDR2(5u, 1u) },
    { SMMU("stage=1") SMMU("exids=off") SMMU("oas=32"), 128, 128,
      IDR0(S1_ONLY, 0u, 128u), IDR1(0u, 6u, 128u), IDR2(0u, 1u) },
    { SMMU("stage=2") SMMU("vmid16=off") SMMU("oas=36"), 128, 128,
      IDR0(S2_ONLY, 1u, 128u), IDR1(0u, 6u, 128u), IDR2(1u, 0u) },
    { SMMU("stage=nested") SMMU("oas=40"), 128, 128,
      IDR0(NESTED, 1u, 128u), IDR1(0u, 6u, 128u), IDR2(2u, 1u) },
    { SMMU("aarch32-formats=all") SMMU("oas=42"), 128, 128,
      IDR0(NESTED, 1u, 128u), IDR1(0u, 6u, 128u), IDR2(3u, 1u) },
    { SMMU("aarch32-formats=long"), 128, 128,
      IDR0(NESTED, 1u, 128u) | PTFS(1u), IDR1(0u, 6u, 128u), IDR2(5u, 1u) },
    { SMMU("aarch32-formats=none"), 128, 128,
      IDR0(NESTED, 1u, 128u) | PTFS(2u), IDR1(0u, 6u, 128u), IDR2(5u, 1u) },
    { SMMU("oas=44") SMMU("tlb-entries=16") SMMU("utlb-entries=16"), 128, 128,
      IDR0(NESTED, 1u, 128u), IDR1(0u, 6u, 128u), IDR2(4u, 1u) },
};

static void check_idr(SMMUTest *t, const Config *c)
{
    g_assert_cmphex(gr0_read(t, 0x020), ==, c->idr0);
    g_assert_cmphex(gr0_read(t, 0x024), ==, c->idr1);
    g_assert_cmphex(gr0_read(t, 0x028), ==, c->idr2);
    g_assert_cmphex(gr0_read(t, 0x02c), ==, 0);
    g_assert_cmphex(gr0_read(t, 0x030), ==, 0);
    g_assert_cmphex(gr0_read(t, 0x034), ==, 0);
    g_assert_cmphex(gr0_read(t, 0x038), ==, 0);
    /* MMU-500 r2p4 */
    g_assert_cmphex(gr0_read(t, 0x03c), ==, 0x24);
}

static void test_idr(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(configs); i++) {
        SMMUTest *t = smmu_start(configs[i].args);

        g_test_message("configuration:%s", configs[i].args);
        check_idr(t, &configs[i]);
        /* Read-only */
        for (unsigned offset = 0x020; offset < 0x040; offset += 4) {
            gr0_write(t, offset, ~gr0_read(t, offset));
        }
        check_idr(t, &configs[i]);
        smmu_quit(t);
    }
}

/* ---- Access to a row ---- */

static unsigned row_instances(const Row *row, const Config *c)
{
    return row->count == SMRG ? c->smrg :
           row->count == COUNTERS ? 24 : row->count == GROUPS ? 6 :
           row->count == BANKS || row->frame == CB ? c->banks : 1;
}

/* Counter group n is affiliated with StreamID group n */
static uint64_t row_reset(const Row *row, unsigned n)
{
    return row->reset + (row->offset == 0x800 && row->frame == PM ?
                         n << 16 : 0);
}

static uint64_t row_addr(SMMUTest *t, const Row *row, unsigned index)
{
    switch (row->frame) {
    case GR0:
        return smmu_gr0(t, row->offset + (row->count == ONE ? 0 : 4 * index));
    case GR1:
        return smmu_gr1(t, row->offset + 4 * index);
    case PM:
        return smmu_pm(t, row->offset + 4 * index);
    default:
        return smmu_cb(t, index, row->offset);
    }
}

static uint64_t row_read(SMMUTest *t, const Row *row, unsigned index)
{
    uint64_t addr = row_addr(t, row, index);

    return row->size == 8 ? qtest_readq(t->qts, addr) :
                            qtest_readl(t->qts, addr);
}

static void row_write(SMMUTest *t, const Row *row, unsigned index,
                      uint64_t value)
{
    uint64_t addr = row_addr(t, row, index);

    if (row->size == 8) {
        qtest_writeq(t->qts, addr, value);
    } else {
        qtest_writel(t->qts, addr, value);
    }
}

static bool is_idr(const Row *row)
{
    return row->frame == GR0 && row->offset >= 0x020 && row->offset < 0x040;
}

/* The list has what the table has, and the table what the list has */
static void test_table(void)
{
    g_assert_cmpuint(ARRAY_SIZE(rows), ==, smmuv2_num_regs);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const Row *row = &rows[i];
        SMMUv2RegRef ref = smmuv2_reg_find(row->frame, 0, row->offset, 128,
                                           128);

        g_test_message("%s", row->name);
        g_assert_nonnull(ref.reg);
        g_assert_cmpstr(ref.reg->name, ==, row->name);
        g_assert_cmpuint(ref.reg->offset, ==, row->offset);
        g_assert_cmpuint(ref.reg->size, ==, row->size);
        g_assert_cmpuint(ref.reg->count, ==, row->count);
    }
}

static void check_reset(SMMUTest *t, const Config *c)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const Row *row = &rows[i];

        for (unsigned n = 0; n < row_instances(row, c); n++) {
            if (!is_idr(row) && row_read(t, row, n) != row_reset(row, n)) {
                g_test_message("%s[%u] is 0x%" PRIx64 " after reset",
                               row->name, n, row_read(t, row, n));
                g_assert_not_reached();
            }
        }
    }
    check_idr(t, c);
}

/* Write everything everywhere, except what would start something */
static void scribble(SMMUTest *t, const Config *c)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        for (unsigned n = 0; n < row_instances(&rows[i], c); n++) {
            row_write(t, &rows[i], n, ALL64);
        }
    }
}

static void test_reset(void)
{
    SMMUTest *t = smmu_start(NULL);

    check_reset(t, &configs[0]);
    scribble(t, &configs[0]);
    g_assert_cmphex(gr0_read(t, A_CR0), !=, 0x00200001);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].wo) {
            g_assert_cmphex(row_read(t, &rows[i], 0), ==, 0);
        }
    }
    qtest_system_reset(t->qts);
    check_reset(t, &configs[0]);
    smmu_quit(t);
}

/* Each register alone: bits that stick, bits that do not */
static void check_bits(SMMUTest *t, const Row *row, unsigned n)
{
    static const uint64_t values[] = {
        ALL64, 0, 0xa5a5a5a5a5a5a5a5, 0x5a5a5a5a5a5a5a5a,
    };

    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        uint64_t want = (row_reset(row, n) & ~row->rw) |
                        (values[i] & row->rw);

        row_write(t, row, n, values[i]);
        if (row_read(t, row, n) != want) {
            g_test_message("%s[%u]: wrote 0x%" PRIx64 ", reads as 0x%" PRIx64
                           ", not 0x%" PRIx64, row->name, n, values[i],
                           row_read(t, row, n), want);
            g_assert_not_reached();
        }
    }
    row_write(t, row, n, row->reset);
}

static void test_writable(const void *opaque)
{
    const Config *c = opaque;
    SMMUTest *t = smmu_start(c->args);

    /* ACTLR can be written */
    gr0_write(t, A_ACR, 0);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const Row *row = &rows[i];
        unsigned num = row_instances(row, c);

        if (row->wo || row->w1c || row->pair || is_idr(row)) {
            continue;
        }
        check_bits(t, row, 0);
        if (num > 1) {
            check_bits(t, row, num / 2);
            check_bits(t, row, num - 1);
        }
        gr0_write(t, A_ACR, 0);
    }
    gr0_write(t, A_ACR, 0x0400001c);
    check_reset(t, c);
    smmu_quit(t);
}

/* Each instance is a register of its own */
static void test_instances(void)
{
    SMMUTest *t = smmu_start(NULL);

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const Row *row = &rows[i];
        unsigned num = row_instances(row, &configs[0]);

        if (num == 1 || row->wo || !row->rw || row->offset == A_CB_ACTLR) {
            continue;
        }
        for (unsigned n = 0; n < num; n++) {
            row_write(t, row, n, (n + 1) * 0x0101010101010101ull);
        }
        for (unsigned n = 0; n < num; n++) {
            g_assert_cmphex(row_read(t, row, n) & row->rw, ==,
                            (n + 1) * 0x0101010101010101ull & row->rw &
                            (row->size == 8 ? ALL64 : ALL32));
        }
    }
    smmu_quit(t);
}

/* Fault status: set by the RESTORE register alone, cleared bit by bit */
static void test_w1c(void)
{
    SMMUTest *t = smmu_start(NULL);

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const Row *row = &rows[i];

        if (!row->w1c) {
            continue;
        }
        for (unsigned n = 0; n < row_instances(row, &configs[0]); n += 127) {
            uint64_t addr = row_addr(t, row, n);
            uint64_t restore = addr - row->offset + row->restore;
            uint32_t left = row->w1c;

            /* Ones set nothing */
            qtest_writel(t->qts, addr, ALL32);
            g_assert_cmphex(qtest_readl(t->qts, addr) & row->w1c, ==, 0);

            qtest_writel(t->qts, restore, ALL32);
            g_assert_cmphex(qtest_readl(t->qts, addr) & ALL32, ==, row->w1c);
            /* Zeroes clear nothing */
            qtest_writel(t->qts, addr, 0);
            g_assert_cmphex(qtest_readl(t->qts, addr), ==, row->w1c);
            for (unsigned bit = 0; bit < 32; bit++) {
                left &= ~(1u << bit);
                qtest_writel(t->qts, addr, 1u << bit);
                g_assert_cmphex(qtest_readl(t->qts, addr), ==, left);
            }
            /* RESTORE replaces, it does not add */
            qtest_writel(t->qts, restore, ALL32);
            qtest_writel(t->qts, restore, 0x2);
            g_assert_cmphex(qtest_readl(t->qts, addr), ==, 0x2);
            qtest_writel(t->qts, restore, 0);
            g_assert_cmphex(qtest_readl(t->qts, addr), ==, 0);
        }
    }
    smmu_quit(t);
}

/* Pairs of registers that set and clear bits of one */
static void test_pairs(void)
{
    static const unsigned pairs[][2] = {
        { 0xc00, 0xc20 }, { 0xc40, 0xc60 }, { 0xcc0, 0xc80 },
    };
    SMMUTest *t = smmu_start(NULL);

    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
        uint64_t set = smmu_pm(t, pairs[i][0]), clr = smmu_pm(t, pairs[i][1]);

        qtest_writel(t->qts, set, 0x5);
        qtest_writel(t->qts, set, 0x2);
        g_assert_cmphex(qtest_readl(t->qts, set), ==, 0x7);
        g_assert_cmphex(qtest_readl(t->qts, clr), ==, 0x7);
        qtest_writel(t->qts, clr, 0x4);
        qtest_writel(t->qts, clr, 0);
        g_assert_cmphex(qtest_readl(t->qts, set), ==, 0x3);
        /* As many bits as counters */
        qtest_writel(t->qts, set, ALL32);
        g_assert_cmphex(qtest_readl(t->qts, clr), ==, 0x00ffffff);
        qtest_writel(t->qts, clr, ALL32);
        g_assert_cmphex(qtest_readl(t->qts, set), ==, 0);
    }
    smmu_quit(t);
}

/* 64-bit registers whole and by halves; pairs of 32-bit ones in one access */
static void test_halves(void)
{
    SMMUTest *t = smmu_start(NULL);
    uint64_t addr = smmu_cb(t, 7, A_CB_TTBR0);

    qtest_writeq(t->qts, addr, 0x0123456789abcdef);
    g_assert_cmphex(qtest_readl(t->qts, addr), ==, 0x89abcdef);
    g_assert_cmphex(qtest_readl(t->qts, addr + 4), ==, 0x01234567);
    qtest_writel(t->qts, addr + 4, 0xfedcba98);
    g_assert_cmphex(qtest_readq(t->qts, addr), ==, 0xfedcba9889abcdef);
    qtest_writel(t->qts, addr, 0x76543210);
    g_assert_cmphex(qtest_readq(t->qts, addr), ==, 0xfedcba9876543210);
    /* The neighbour is untouched */
    g_assert_cmphex(qtest_readq(t->qts, addr + 8), ==, 0);

    addr = smmu_cb(t, 7, A_CB_MAIR0);
    qtest_writeq(t->qts, addr, 0x1122334455667788);
    g_assert_cmphex(cb_read(t, 7, A_CB_MAIR0), ==, 0x55667788);
    g_assert_cmphex(cb_read(t, 7, A_CB_MAIR1), ==, 0x11223344);
    g_assert_cmphex(qtest_readq(t->qts, addr), ==, 0x1122334455667788);

    /* A register and a hole */
    qtest_writeq(t->qts, smmu_gr0(t, A_CR2), 0xffffffff000000aa);
    g_assert_cmphex(qtest_readq(t->qts, smmu_gr0(t, A_CR2)), ==, 0xaa);
    /* SMRs in pairs */
    qtest_writeq(t->qts, smmu_gr0(t, A_SMR0 + 8), 0x8000000280000001);
    g_assert_cmphex(gr0_read(t, A_SMR0 + 8), ==, 0x80000001);
    g_assert_cmphex(gr0_read(t, A_SMR0 + 12), ==, 0x80000002);
    smmu_quit(t);
}

/* Other sizes and odd addresses read as zero and change nothing */
static void test_sizes(void)
{
    SMMUTest *t = smmu_start(NULL);
    uint64_t addr = smmu_cb(t, 3, A_CB_TTBR0);

    qtest_writeq(t->qts, addr, ALL64);
    for (unsigned i = 0; i < 8; i++) {
        qtest_writeb(t->qts, addr + i, 0);
        g_assert_cmphex(qtest_readb(t->qts, addr + i), ==, 0);
        g_assert_cmphex(qtest_readq(t->qts, addr), ==, ALL64);
        qtest_writew(t->qts, addr + i, 0);
        g_assert_cmphex(qtest_readw(t->qts, addr + i), ==, 0);
        g_assert_cmphex(qtest_readq(t->qts, addr), ==, ALL64);
        if (i % 4) {
            qtest_writel(t->qts, addr + i, 0);
            g_assert_cmphex(qtest_readl(t->qts, addr + i), ==, 0);
        }
        if (i) {
            qtest_writeq(t->qts, addr + i, 0);
            g_assert_cmphex(qtest_readq(t->qts, addr + i), ==, 0);
        }
        g_assert_cmphex(qtest_readq(t->qts, addr), ==, ALL64);
        g_assert_cmphex(qtest_readq(t->qts, addr + 8), ==, 0);
    }
    smmu_quit(t);
}

/* ---- Reserved ---- */

static bool is_reserved(unsigned frame, unsigned offset, const Config *c)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        const Row *row = &rows[i];
        unsigned n = row->count == ONE ? 1 : row_instances(row, c);

        if (row->frame == frame && offset >= row->offset &&
            offset < row->offset + n * row->size) {
            return false;
        }
    }
    return true;
}

static void check_hole(SMMUTest *t, uint64_t addr)
{
    qtest_writel(t->qts, addr, ALL32);
    if (qtest_readl(t->qts, addr)) {
        g_test_message("0x%" PRIx64 " should be reserved", addr - SMMU_BASE);
        g_assert_not_reached();
    }
}

static void check_holes(SMMUTest *t, unsigned frame, uint64_t base,
                        const Config *c)
{
    for (unsigned offset = 0; offset < SMMUV2_FRAME_SIZE; offset += 4) {
        if (is_reserved(frame, offset, c)) {
            check_hole(t, base + offset);
        }
    }
    /* The rest of a frame of 64 KiB */
    for (unsigned offset = SMMUV2_FRAME_SIZE; offset < t->page_size;
         offset += 0x7fc) {
        check_hole(t, base + offset);
    }
}

static void test_reserved(const void *opaque)
{
    const Config *c = opaque;
    SMMUTest *t = smmu_start(c->args);
    unsigned offset;

    check_holes(t, GR0, smmu_gr0(t, 0), c);
    check_holes(t, GR1, smmu_gr1(t, 0), c);
    check_holes(t, PM, smmu_pm(t, 0), c);
    check_holes(t, CB, smmu_cb(t, 0, 0), c);
    check_holes(t, CB, smmu_cb(t, c->banks - 1, 0), c);
    /* Pages of the global space with nothing in them, and absent banks */
    for (unsigned page = 2; page < 2 * t->num_pages; page++) {
        if ((page >= t->num_pages && page < t->num_pages + c->banks) ||
            page == SMMUV2_PAGE_PM) {
            continue;
        }
        for (offset = 0; offset < t->page_size; offset += 0x3fc) {
            check_hole(t, SMMU_BASE + page * t->page_size + offset);
        }
    }
    /* None of this has reached a register */
    check_reset(t, c);
    smmu_quit(t);
}

/* ---- Behaviour of single bits ---- */

/* DDI 0517: ACTLR is read-only while ACR.CACHE_LOCK is set, as after reset */
static void test_cache_lock(void)
{
    SMMUTest *t = smmu_start(NULL);

    cb_write(t, 0, A_CB_ACTLR, 0);
    g_assert_cmphex(cb_read(t, 0, A_CB_ACTLR), ==, 3);
    gr0_write(t, A_ACR, gr0_read(t, A_ACR) & ~R_ACR_CACHE_LOCK_MASK);
    cb_write(t, 0, A_CB_ACTLR, 1);
    g_assert_cmphex(cb_read(t, 0, A_CB_ACTLR), ==, 1);
    gr0_write(t, A_ACR, R_ACR_CACHE_LOCK_MASK);
    cb_write(t, 0, A_CB_ACTLR, 2);
    g_assert_cmphex(cb_read(t, 0, A_CB_ACTLR), ==, 1);
    smmu_quit(t);
}

/* EXIDENABLE: SMR has 16-bit IDs, and S2CR.EXIDVALID their VALID */
static void test_exids(void)
{
    SMMUTest *t = smmu_start(NULL);

    gr0_write(t, A_CR0, R_CR0_CLIENTPD_MASK | R_CR0_EXIDENABLE_MASK);
    gr0_write(t, A_SMR0, ALL32);
    g_assert_cmphex(gr0_read(t, A_SMR0), ==, ALL32);
    gr0_write(t, A_S2CR0, R_S2CR0_EXIDVALID_MASK);
    g_assert_cmphex(gr0_read(t, A_S2CR0), ==, R_S2CR0_EXIDVALID_MASK);
    smmu_quit(t);

    t = smmu_start("-global arm-smmuv2.exids=off");
    gr0_write(t, A_CR0, R_CR0_CLIENTPD_MASK | R_CR0_EXIDENABLE_MASK);
    g_assert_cmphex(gr0_read(t, A_CR0), ==, R_CR0_CLIENTPD_MASK);
    gr0_write(t, A_SMR0, ALL32);
    g_assert_cmphex(gr0_read(t, A_SMR0), ==, 0xffff7fff);
    gr0_write(t, A_S2CR0, ALL32);
    g_assert_cmphex(gr0_read(t, A_S2CR0), ==,
                    0x3fffffff & ~R_S2CR0_EXIDVALID_MASK);
    smmu_quit(t);
}

/*
 * Stream indexing: IDR0.SMS = 0, NUMSIDB as wide as the S2CRs need, no SMR, no
 * EXIDS; the device's StreamID is the number of its S2CR.
 */
static void test_indexing(void)
{
    static const struct {
        const char *args;
        unsigned smrg;
        uint32_t sidb;
    } cases[] = {
        { "", 128, 7 }, { " -global arm-smmuv2.num-smrg=64", 64, 6 },
        { " -global arm-smmuv2.num-smrg=41", 41, 6 },
        { " -global arm-smmuv2.num-smrg=1", 1, 0 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autofree char *args =
            g_strdup_printf("-global arm-smmuv2.stream-matching=off%s",
                            cases[i].args);
        SMMUTest *t = smmu_start(args);
        uint32_t idr0 = gr0_read(t, 0x020), own;

        g_test_message("%s", args);
        g_assert_cmphex(idr0 & 0xff, ==, cases[i].smrg);
        g_assert_cmphex(idr0 >> 9 & 0xf, ==, cases[i].sidb);
        g_assert_cmphex(idr0 & (1u << 27 | 1u << 8), ==, 0);
        gr0_write(t, A_CR0, CR0_ON | R_CR0_EXIDENABLE_MASK);
        g_assert_cmphex(gr0_read(t, A_CR0), ==, CR0_ON);
        gr0_write(t, A_SMR0, ALL32);
        g_assert_cmphex(gr0_read(t, A_SMR0), ==, 0);

        own = A_S2CR0 + 4 * PTD_SID;
        if (PTD_SID < cases[i].smrg) {
            gr0_write(t, own, S2CR_TYPE_FAULT << R_S2CR0_TYPE_SHIFT);
            g_assert_cmphex(dma(&t->dev, PTD_OP_READ, RAM_BASE, 4), ==,
                            PTD_RESULT_DECODE_ERROR);
            g_assert_cmphex(gr0_read(t, A_GFSR), ==, R_GFSR_ICF_MASK);
            gr0_write(t, own, S2CR_TYPE_BYPASS << R_S2CR0_TYPE_SHIFT);
            g_assert_cmphex(dma(&t->dev, PTD_OP_READ, RAM_BASE, 4), ==,
                            PTD_RESULT_OK);
        } else {
            g_assert_cmphex(dma(&t->dev, PTD_OP_READ, RAM_BASE, 4), ==,
                            PTD_RESULT_DECODE_ERROR);
            g_assert_cmphex(gr0_read(t, A_GFSR), ==, R_GFSR_USF_MASK);
            gr0_write(t, A_CR0, CR0_ON & ~R_CR0_USFCFG_MASK);
            g_assert_cmphex(dma(&t->dev, PTD_OP_READ, RAM_BASE, 4), ==,
                            PTD_RESULT_OK);
        }
        smmu_quit(t);
    }
}

/*
 * Two security states, as Non-secure software sees them: as one, with nothing
 * behind the secure registers.  The other side: test-smmuv2-secure.c.
 */
static void test_secure(void)
{
    SMMUTest *t = smmu_start("-machine secure=on -global arm-smmuv2.secure=on");
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);

    check_idr(t, &configs[0]);
    gr0_write(t, A_SCR1, ALL32);
    g_assert_cmphex(gr0_read(t, A_SCR1), ==, 0);
    for (unsigned offset = 0x400; offset < 0x800; offset += 4) {
        check_hole(t, smmu_gr0(t, offset));
    }
    for (unsigned offset = 0; offset < 2 * t->page_size; offset += 0x3c) {
        check_hole(t, SMMU_BASE + SMMUV2_PAGE_SSD * t->page_size + offset);
    }
    g_assert_cmphex(qtest_readl(t->qts, smmu_pm(t, A_PMAUTHSTATUS)), ==, 0x8c);
    smmu_map(&tab, 0x5000, RAM_BASE + 0x5432000, 3, LEAF_S1);
    smmu_bank_s1(t, 127, &tab, NULL, 1, 0);
    smmu_use_bank(t, 127);
    assert_maps(t, &t->dev, 0x5000, RAM_BASE + 0x5432000, "a page");
    assert_refused(t, &t->dev, 0x6000, "the next");
    smmu_quit(t);
}

static void test_vmid16(void)
{
    SMMUTest *t = smmu_start("-global arm-smmuv2.vmid16=off");

    gr0_write(t, A_CR0, R_CR0_CLIENTPD_MASK | R_CR0_VMID16EN_MASK);
    g_assert_cmphex(gr0_read(t, A_CR0), ==, R_CR0_CLIENTPD_MASK);
    gr1_write(t, A_CBA2R0, ALL32);
    g_assert_cmphex(gr1_read(t, A_CBA2R0), ==, 0x7);
    smmu_quit(t);
}

/* The window is what IDR1 says, and what follows is not the SMMU's */
static void test_window(void)
{
    static const struct {
        const char *args;
        uint64_t size;
    } cases[] = {
        { NULL, 1 * MiB },
        { "-global arm-smmuv2.page-size=65536", 16 * MiB },
        { "-global arm-smmuv2.num-context-banks=3", 64 * KiB },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        SMMUTest *t = smmu_start(cases[i].args);
        g_autofree char *mtree = qtest_hmp(t->qts, "info mtree -f");
        g_autofree char *want =
            g_strdup_printf("%016" PRIx64 "-%016" PRIx64
                            " (prio 0, i/o): smmuv2",
                            SMMU_BASE,
                            SMMU_BASE + cases[i].size - 1);

        g_assert_cmphex(2ull * t->num_pages * t->page_size, ==,
                        cases[i].size);
        if (!strstr(mtree, want)) {
            g_test_message("no \"%s\" in info mtree", want);
            g_assert_not_reached();
        }
        smmu_quit(t);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/regs/table", test_table);
    qtest_add_func("/smmuv2/regs/idr", test_idr);
    qtest_add_func("/smmuv2/regs/reset", test_reset);
    qtest_add_data_func("/smmuv2/regs/writable/default", &configs[0],
                        test_writable);
    qtest_add_data_func("/smmuv2/regs/writable/64k", &configs[1],
                        test_writable);
    qtest_add_data_func("/smmuv2/regs/writable/small", &configs[2],
                        test_writable);
    qtest_add_func("/smmuv2/regs/instances", test_instances);
    qtest_add_func("/smmuv2/regs/w1c", test_w1c);
    qtest_add_func("/smmuv2/regs/pairs", test_pairs);
    qtest_add_func("/smmuv2/regs/halves", test_halves);
    qtest_add_func("/smmuv2/regs/sizes", test_sizes);
    qtest_add_data_func("/smmuv2/regs/reserved/default", &configs[0],
                        test_reserved);
    qtest_add_data_func("/smmuv2/regs/reserved/64k", &configs[1],
                        test_reserved);
    qtest_add_data_func("/smmuv2/regs/reserved/small", &configs[2],
                        test_reserved);
    qtest_add_func("/smmuv2/regs/cache-lock", test_cache_lock);
    qtest_add_func("/smmuv2/regs/exids", test_exids);
    qtest_add_func("/smmuv2/regs/indexing", test_indexing);
    qtest_add_func("/smmuv2/regs/secure", test_secure);
    qtest_add_func("/smmuv2/regs/vmid16", test_vmid16);
    qtest_add_func("/smmuv2/regs/window", test_window);
    return g_test_run();
}
