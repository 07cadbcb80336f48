/*
 * Arm SMMUv2 table formats in nested contexts, and their TLB maintenance
 *
 * The whole model but its shell, in a small machine (machine.h).  Each format
 * of stage 1 alone and over each of stage 2, in both byte orders: bank 1 has
 * 32 bits of input by tables at IPA TABLES, which stage 2, bank 2, puts
 * elsewhere, no two neighbouring pages side by side.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "machine-setup.h"

#define CONTEXTIDR  0x34
#define ASID        0x21
#define TABLES      0x100000    /* of stage 1, as IPA */
#define TABLES_PA   0x400000
#define TABLES2     0x800000    /* of stage 2 */
#define TABLE_SPACE 0x10000     /* for each */
#define NUM_TABLES  24          /* of stage 1 */

typedef struct Format {
    const char *name;
    bool va64;
    uint32_t s1_tcr, s2_tcr;
    uint32_t fsr;               /* FORMAT */
    unsigned granule;           /* log2 of the smallest page */
    unsigned desc_size;
    uint8_t shift[4];           /* what an entry maps, from the root; 0: end */
    uint32_t s1_table, s1_leaf, s2_table, s2_leaf;
} Format;

/* Sizes for 32 bits of input; EPD1 in stage 1, SL0 = 1 in stage 2 */
static const Format formats[] = {
    {
        "4K", true, 0x80a00020, 0x50060, 0x400, 12, 8, { 30, 21, 12 },
        3, 0xf43, 3, 0x7ff,
    }, {
        "16K", true, 0x40a08020, 0x58060, 0x400, 14, 8, { 25, 14 },
        3, 0xf43, 3, 0x7ff,
    }, {
        "64K", true, 0xc0a04020, 0x54060, 0x400, 16, 8, { 29, 16 },
        3, 0xf43, 3, 0x7ff,
    }, {
        "long", false, 0x80800000, 0x80000040, 0x200, 12, 8, { 30, 21, 12 },
        3, 0xf43, 3, 0x7ff,
    }, {
        /* nG, AP = 3, and AP[0] is the access flag */
        "short", false, 0, 0, 0, 12, 4, { 20, 12 },
        1, 0x832, 0, 0,
    },
};

typedef struct Combination {
    const Format *s1, *s2;      /* s2: NULL for stage 1 alone */
    bool be1, be2;
} Combination;

static const Combination *c;

static void put(uint64_t addr, uint64_t value, unsigned size, bool big_endian)
{
    g_assert_cmphex(addr, <=, m->ram_size - size);
    if (big_endian) {
        stn_be_p(m->ram + addr, size, value);
    } else {
        stn_le_p(m->ram + addr, size, value);
    }
}

static uint64_t get(uint64_t addr, unsigned size, bool big_endian)
{
    g_assert_cmphex(addr, <=, m->ram_size - size);
    return big_endian ? ldn_be_p(m->ram + addr, size) :
                        ldn_le_p(m->ram + addr, size);
}

/* Where stage 2 puts the tables of stage 1 */
static uint64_t table_pa(uint64_t ipa)
{
    if (!c->s2) {
        return ipa;
    }
    return (ipa ^ 1ull << c->s2->granule) - TABLES + TABLES_PA;
}

static uint64_t s1_tables_used, s2_tables_used;

/* Returns where the leaf of stage 1 is, as IPA */
static uint64_t s1_map(uint64_t va, uint64_t leaf)
{
    const Format *f = c->s1;
    uint64_t table = TABLES, at, desc;

    for (int level = 0; ; level++) {
        unsigned hi = level ? f->shift[level - 1] : 32;

        at = table + extract64(va, f->shift[level], hi - f->shift[level]) *
                     f->desc_size;
        if (!f->shift[level + 1]) {
            put(table_pa(at), leaf, f->desc_size, c->be1);
            return at;
        }
        desc = get(table_pa(at), f->desc_size, c->be1);
        if (!desc) {
            desc = (TABLES + ++s1_tables_used * TABLE_SPACE) | f->s1_table;
            put(table_pa(at), desc, f->desc_size, c->be1);
        }
        table = desc & ~0x3ffull;
    }
}

static void s2_map(uint64_t ipa, uint64_t leaf)
{
    const Format *f = c->s2;
    uint64_t table = TABLES2, at, desc;

    for (int level = 0; ; level++) {
        unsigned hi = level ? f->shift[level - 1] : 32;

        at = table + extract64(ipa, f->shift[level], hi - f->shift[level]) * 8;
        if (!f->shift[level + 1]) {
            put(at, leaf, 8, c->be2);
            return;
        }
        desc = get(at, 8, c->be2);
        if (!desc) {
            desc = (TABLES2 + ++s2_tables_used * TABLE_SPACE) | f->s2_table;
            put(at, desc, 8, c->be2);
        }
        table = desc & ~0xfffull;
    }
}

static void tlbi_va(unsigned offset, uint64_t va, unsigned asid)
{
    if (c->s1->va64) {
        cb8(1, offset, (uint64_t)asid << 48 | va >> 12);
    } else {
        cb4(1, offset, (va & 0xfffff000) | asid);
    }
}

static void tlbi_ipa(unsigned offset, uint64_t ipa)
{
    if (c->s2->va64) {
        cb8(2, offset, ipa >> 12);
    } else {
        cb4(2, offset, ipa >> 12);
    }
}

static void setup(const Combination *combination)
{
    MachineConfig config = machine_default;

    c = combination;
    config.ram_size = 16 << 20;
    new_machine(&config);
    s1_tables_used = s2_tables_used = 0;

    machine_write(m, machine_gr1(m, CBAR + 4), c->s2 ? 3 << 16 | 2 << 8 :
                                                       1 << 16, 4);
    machine_write(m, machine_gr1(m, CBA2R + 4), c->s1->va64, 4);
    cb4(1, TCR2, c->s1->va64 ? 7 << 15 | 5 : 0);
    cb4(1, TCR, c->s1->s1_tcr);
    if (c->s1->desc_size == 4) {
        cb4(1, CONTEXTIDR, 0xffffff00 | ASID);
        cb4(1, TTBR0, TABLES | 0x6a);
        cb4(1, TTBR1, 0);
    } else {
        cb8(1, TTBR0, (uint64_t)ASID << 48 | TABLES);
    }
    cb4(1, MAIR0, 0xff);
    cb4(1, SCTLR, ENABLE | 4 | (c->be1 ? 0x10 : 0));
    if (c->s2) {
        machine_write(m, machine_gr1(m, CBAR + 8), 7, 4);
        machine_write(m, machine_gr1(m, CBA2R + 8), c->s2->va64, 4);
        cb4(2, TCR, c->s2->s2_tcr);
        cb8(2, TTBR0, TABLES2);
        cb4(2, SCTLR, ENABLE | (c->be2 ? 0x10 : 0));
        for (uint64_t ipa = TABLES; ipa < TABLES + NUM_TABLES * TABLE_SPACE;
             ipa += 1 << c->s2->granule) {
            s2_map(ipa, table_pa(ipa) | c->s2->s2_leaf);
        }
    }
}

/* Addresses whose descriptors lie all over the tables; aligned to 64 KiB */
static const uint32_t vas[] = {
    0x00000000, 0x00010000, 0x12340000, 0x3fff0000, 0x40000000, 0x7ff80000,
    0x80000000, 0xc0550000, 0xfff00000,
};

/* Each address goes to a page of its own, by an IPA of its own if nested */
static uint64_t ipa_of(int i)
{
    return 0x9a340000 + 0x10000 * i;
}

static uint64_t pa_of(int i)
{
    return c->s2 ? 0x45678a0000 + 0x10000 * i : ipa_of(i);
}

static void map_one(int i)
{
    s1_map(vas[i], ipa_of(i) | c->s1->s1_leaf);
    if (c->s2) {
        s2_map(ipa_of(i), pa_of(i) | c->s2->s2_leaf);
    }
}

static void expect_syndrome(unsigned cb, uint32_t fsr, uint32_t fsynr0,
                            uint64_t far, uint64_t ipa)
{
    g_assert_cmphex(cb_read(cb, FSR), ==, fsr);
    g_assert_cmphex(cb_read(cb, FSYNR0) & ~4u, ==, fsynr0);
    g_assert_cmphex(machine_read(m, machine_cb(m, cb, FAR), 8), ==, far);
    g_assert_cmphex(machine_read(m, machine_cb(m, cb, IPAFAR), 8) & ~0xfffull,
                    ==, ipa & ~0xfffull);
    cb4(cb, FSR, 0xffffffff);
}

static void test_translate(void)
{
    uint64_t page = 1ull << MIN(c->s1->granule, c->s2 ? c->s2->granule : 16);

    for (int i = 0; i < ARRAY_SIZE(vas); i++) {
        map_one(i);
    }
    for (int i = 0; i < ARRAY_SIZE(vas); i++) {
        IOMMUTLBEntry e = machine_translate(m, 1, vas[i] + 0xabc, WO);

        g_assert_cmphex(out(1, vas[i] + 0xabc), ==, pa_of(i) + 0xabc);
        g_assert_cmpint(e.perm, ==, IOMMU_RW);
        g_assert_cmphex(e.addr_mask, ==, page - 1);
    }
    /* Nothing else, and nothing that is cut down to 32 bits */
    g_assert_true(aborts(1, 0xa5a50000, RO));
    g_assert_cmphex(cb_read(1, FSR), ==, 0x2 | c->s1->fsr);
    cb4(1, FSR, 2);
    g_assert_true(aborts(1, vas[2] | 1ull << 32, WO));
    expect_syndrome(1, 0x2 | c->s1->fsr, c->s1->va64 ? 0x10 : 0x11,
                    vas[2] | 1ull << 32, 0);
}

/* Leaves that are invalid, or not to be written, in either stage */
static void test_leaf_faults(void)
{
    unsigned leaf_level = c->s1->desc_size == 4 ? 2 : 3;

    map_one(2);
    g_assert_cmphex(out(1, vas[2]), ==, pa_of(2));
    s1_map(vas[2], 0);
    tlbi_va(TLBIVA, vas[2], ASID);
    g_assert_true(aborts(1, vas[2] + 8, RO));
    expect_syndrome(1, 0x2 | c->s1->fsr, leaf_level, vas[2] + 8, 0);
    /* AP[2] */
    s1_map(vas[2], ipa_of(2) | c->s1->s1_leaf |
                   (c->s1->desc_size == 4 ? 0x200 : 0x80));
    g_assert_true(aborts(1, vas[2] + 8, WO));
    expect_syndrome(1, 0x8 | c->s1->fsr, leaf_level | 0x10, vas[2] + 8, 0);
    /* The access flag */
    s1_map(vas[2], ipa_of(2) | (c->s1->s1_leaf &
                                ~(c->s1->desc_size == 4 ? 0x10 : 0x400)));
    g_assert_true(aborts(1, vas[2], RO));
    expect_syndrome(1, 0x4 | c->s1->fsr, leaf_level, vas[2], 0);
    s1_map(vas[2], ipa_of(2) | c->s1->s1_leaf);
    if (!c->s2) {
        return;
    }
    s2_map(ipa_of(2), 0);
    tlbi_ipa(TLBIIPAS2, ipa_of(2));
    g_assert_true(aborts(1, vas[2] + 8, RO));
    expect_syndrome(2, 0x2 | c->s2->fsr, 0x10003, vas[2] + 8, ipa_of(2));
    s2_map(ipa_of(2), pa_of(2) | (c->s2->s2_leaf & ~0x80));
    g_assert_true(aborts(1, vas[2] + 8, WO));
    expect_syndrome(2, 0x8 | c->s2->fsr, 0x10013, vas[2] + 8, ipa_of(2));
    g_assert_cmphex(cb_read(1, FSR) & 0x1fe, ==, 0);
}

static int root_level(const Format *f)
{
    return f->granule == 12 ? 1 : 2;
}

/* Descriptors of stage 1 in a page that stage 2 does not map, or not well */
static void test_table_faults(void)
{
    const Format *f = c->s1;
    uint64_t table = TABLES, at;
    int va = 7;

    if (!c->s2) {
        return;
    }
    map_one(va);
    for (int level = 0; f->shift[level]; level++) {
        unsigned hi = level ? f->shift[level - 1] : 32;
        uint64_t page;

        at = table + extract64(vas[va], f->shift[level], hi - f->shift[level]) *
                     f->desc_size;
        page = at & -(1ull << c->s2->granule);
        s2_map(page, 0);
        tlbi_ipa(TLBIIPAS2, page);
        g_assert_true(aborts(1, vas[va], WO));
        expect_syndrome(2, 0x2 | c->s2->fsr, 0x1001b, vas[va], at);
        /* Not readable; Device, with SCTLR.PTW */
        s2_map(page, table_pa(page) | (c->s2->s2_leaf & ~0x40));
        g_assert_true(aborts(1, vas[va], RO));
        expect_syndrome(2, 0x8 | c->s2->fsr, 0x1000b, vas[va], at);
        s2_map(page, table_pa(page) | (c->s2->s2_leaf & ~0x3c));
        cb4(2, SCTLR, ENABLE | 0x2000 | (c->be2 ? 0x10 : 0));
        g_assert_true(aborts(1, vas[va], RO));
        expect_syndrome(2, 0x8 | c->s2->fsr, 0x1000b, vas[va], at);
        cb4(2, SCTLR, ENABLE | (c->be2 ? 0x10 : 0));
        s2_map(page, table_pa(page) | c->s2->s2_leaf);

        /* A descriptor that cannot be read is stage 1's fault */
        m->bad = table_pa(at);
        g_assert_true(aborts(1, vas[va], RO));
        expect_syndrome(1, 0x10 | f->fsr, 0x400 | (root_level(f) + level),
                        vas[va], 0);
        m->bad = 1;
        table = get(table_pa(at), f->desc_size, c->be1) & ~0x3ffull;
    }
    g_assert_cmphex(out(1, vas[va]), ==, pa_of(va));
}

/* By VA and ASID, by VA, by ASID, as the format of the bank writes them */
static void test_tlbi(void)
{
    static const unsigned offsets[] = { TLBIVA, TLBIVAL, TLBIVAA, TLBIVAAL };
    unsigned leaf_at = 2, asid;

    map_one(leaf_at);
    for (int i = 0; i < ARRAY_SIZE(offsets); i++) {
        bool all = offsets[i] == TLBIVAA || offsets[i] == TLBIVAAL;
        uint64_t other = ipa_of(3 + (i & 1));

        if (c->s2) {
            s2_map(other, other | c->s2->s2_leaf);
        }
        out(1, vas[leaf_at]);
        s1_map(vas[leaf_at], other | c->s1->s1_leaf);
        g_assert_cmphex(out(1, vas[leaf_at]), !=, other);
        /* Of another page, another ASID; pieces of a page go together */
        if (!c->s2 || c->s2->granule >= c->s1->granule) {
            tlbi_va(offsets[i], vas[leaf_at] ^ 0x10000, ASID);
            g_assert_cmphex(out(1, vas[leaf_at]), !=, other);
        }
        asid = all ? 0 : ASID;
        if (!all) {
            tlbi_va(offsets[i], vas[leaf_at], ASID ^ 1);
            g_assert_cmphex(out(1, vas[leaf_at]), !=, other);
        }
        tlbi_va(offsets[i], vas[leaf_at], asid);
        g_assert_cmphex(out(1, vas[leaf_at]), ==, other);
    }
    s1_map(vas[leaf_at], ipa_of(5) | c->s1->s1_leaf);
    if (c->s2) {
        s2_map(ipa_of(5), pa_of(5) | c->s2->s2_leaf);
    }
    cb4(1, TLBIASID, ASID ^ 1);
    g_assert_cmphex(out(1, vas[leaf_at]), !=, pa_of(5));
    cb4(1, TLBIASID, ASID);
    g_assert_cmphex(out(1, vas[leaf_at]), ==, pa_of(5));
}

/* What stage 2 was part of goes by IPA, data and tables of stage 1 alike */
static void test_tlbi_ipa(void)
{
    static const unsigned offsets[] = { TLBIIPAS2, TLBIIPAS2L };
    uint64_t at, page, elsewhere = 0x5000000000;

    if (!c->s2) {
        return;
    }
    map_one(2);
    for (int i = 0; i < ARRAY_SIZE(offsets); i++) {
        out(1, vas[2]);
        elsewhere += 0x10000;
        s2_map(ipa_of(2), elsewhere | c->s2->s2_leaf);
        g_assert_cmphex(out(1, vas[2]), !=, elsewhere);
        tlbi_ipa(offsets[i], ipa_of(2));
        g_assert_cmphex(out(1, vas[2]), ==, elsewhere);
    }
    /* The page of the leaf of stage 1, copied and changed */
    at = s1_map(vas[2], ipa_of(2) | c->s1->s1_leaf);
    page = at & -(1ull << c->s2->granule);
    memcpy(m->ram + 0x600000, m->ram + table_pa(page),
           1 << c->s2->granule);
    put(0x600000 + at - page, ipa_of(4) | c->s1->s1_leaf, c->s1->desc_size,
        c->be1);
    s2_map(ipa_of(4), pa_of(4) | c->s2->s2_leaf);
    s2_map(page, 0x600000 | c->s2->s2_leaf);
    g_assert_cmphex(out(1, vas[2]), ==, elsewhere);
    tlbi_ipa(TLBIIPAS2, page);
    g_assert_cmphex(out(1, vas[2]), ==, pa_of(4));
}

static void test_combination(const void *data)
{
    static void (*const tests[])(void) = {
        test_translate, test_leaf_faults, test_table_faults, test_tlbi,
        test_tlbi_ipa,
    };

    for (int i = 0; i < ARRAY_SIZE(tests); i++) {
        setup(data);
        tests[i]();
    }
}

/* ---- Blocks, by any address within ---- */

typedef struct Block {
    const char *name;
    bool l2;                    /* short: in a table of level 2 */
    uint32_t desc;
    uint64_t size;
} Block;

static const Block blocks[] = {
    { "supersection", false, 0x60c02, 16 << 20 },       /* nG, AP = 3 */
    { "section", false, 0x20c02, 1 << 20 },
    { "large-page", true, 0x831, 64 << 10 },
    { "small-page", true, 0x832, 4 << 10 },
};

static void put_block(const Block *b, uint64_t va, uint64_t to)
{
    uint64_t table = TABLES + TABLE_SPACE;
    /* The entry is repeated where it maps more than one of its level */
    unsigned shift = b->l2 ? 12 : 20;

    for (uint64_t i = 0; i < MAX(b->size >> shift, 1); i++) {
        if (b->l2) {
            put(TABLES + (va >> 20) * 4, table | 1, 4, false);
            put(table + ((va >> 12 & 255) + i) * 4, to | b->desc, 4, false);
        } else {
            put(TABLES + ((va >> 20) + i) * 4, to | b->desc, 4, false);
        }
    }
}

static void test_short_block(const void *data)
{
    static const Combination alone = { &formats[4] };
    const Block *b = data;
    uint64_t va = 0x21000000, to = 0x42000000, within[4];

    within[0] = va;
    within[1] = va + b->size / 2;
    within[2] = va + b->size - 0x1000;
    within[3] = va + (b->size > 0x100000 ? 0x100000 : 0);
    setup(&alone);
    for (int by = 0; by < ARRAY_SIZE(within); by++) {
        for (int used = 0; used < ARRAY_SIZE(within); used++) {
            uint64_t offset = within[used] - va;

            put_block(b, va, to);
            cb4(1, TLBIALL, 0);
            g_assert_cmphex(out(1, within[used] + 4), ==, to + offset + 4);
            g_assert_cmphex(machine_translate(m, 1, within[used], RO).addr_mask,
                            ==, b->size - 1);
            to ^= 0x04000000;
            put_block(b, va, to);
            g_assert_cmphex(out(1, within[used]), !=, to + offset);
            cb4(1, TLBIVA, within[by] | ASID);
            g_assert_cmphex(out(1, within[used]), ==, to + offset);
        }
    }
    /* A neighbour stays */
    put_block(b, va, to);
    out(1, va);
    put_block(b, va, to ^ 0x04000000);
    cb4(1, TLBIVA, (va + b->size) | ASID);
    cb4(1, TLBIVA, (va - 0x1000) | ASID);
    g_assert_cmphex(out(1, va), ==, to);
}

/* A block of TTBR1 that surrounds what TTBR0 maps: by any of its addresses */
static void test_block_in_two_ranges(void)
{
    static const Combination alone = { &formats[3] };
    uint64_t table = TABLES + TABLE_SPACE;

    setup(&alone);
    /* T0SZ = 7: TTBR0 has 32 MiB, and TTBR1 the rest */
    cb4(1, TCR, 0x80000007);
    cb8(1, TTBR1, table);
    put(TABLES, 0xf41 | 0x55600000, 8, false);
    put(table, 0xf41 | 0x80000000, 8, false);
    g_assert_cmphex(out(1, 0x12345678), ==, 0x92345678);
    g_assert_cmphex(out(1, 0x3ffff678), ==, 0xbffff678);
    g_assert_cmphex(out(1, 0x00123678), ==, 0x55723678);
    put(table, 0xf41 | 0xc0000000, 8, false);
    g_assert_cmphex(out(1, 0x12345678), ==, 0x92345678);
    cb4(1, TLBIVA, 0x20000000 | ASID);
    g_assert_cmphex(out(1, 0x12345678), ==, 0xd2345678);
    g_assert_cmphex(out(1, 0x3ffff678), ==, 0xfffff678);
}

/* Which address is cut in pieces by stage 2 matters not */
static void test_supersection_in_pieces(void)
{
    static const Combination over_4k = { &formats[4], &formats[0] };
    uint64_t at = TABLES + 0x210 * 4;

    setup(&over_4k);
    for (int i = 0; i < 16; i++) {
        put(table_pa(at + 4 * i), 0x42060c02, 4, false);
    }
    s2_map(0x42000000, 0x1100000000 | c->s2->s2_leaf);
    s2_map(0x42fff000, 0x2200000000 | c->s2->s2_leaf);
    g_assert_cmphex(out(1, 0x21000123), ==, 0x1100000123);
    g_assert_cmphex(out(1, 0x21fff123), ==, 0x2200000123);
    g_assert_cmphex(machine_translate(m, 1, 0x21000000, RO).addr_mask, ==,
                    0xfff);
    for (int i = 0; i < 16; i++) {
        put(table_pa(at + 4 * i), 0, 4, false);
    }
    g_assert_cmphex(out(1, 0x21000123), ==, 0x1100000123);
    cb4(1, TLBIVA, 0x21800000 | ASID);
    g_assert_true(aborts(1, 0x21000123, RO));
    g_assert_true(aborts(1, 0x21fff123, RO));
}

/* A supersection beyond what comes out: 40 bits, here OAS */
static void test_supersection_size(void)
{
    static const Combination alone = { &formats[4] };
    uint64_t at = TABLES + 0x210 * 4;

    setup(&alone);
    put(at, 0x42f60de2 | 0xe0, 4, false);
    g_assert_cmphex(out(1, 0x21000123), ==, 0xff42000123);
    /* 40 bits of IPA, but 32 of stage 2's input */
    static const Combination over_long = { &formats[4], &formats[3] };

    setup(&over_long);
    put(table_pa(at), 0x42f60de2, 4, false);
    g_assert_true(aborts(1, 0x21000123, RO));
    expect_syndrome(2, 0x202, 0x10001, 0x21000123, 0xff42000000);
}

/* Registers of one format while the bank has another: the bank's counts */
static void test_tlbi_other_format(void)
{
    static const Combination alone = { &formats[4] };

    setup(&alone);
    map_one(2);
    g_assert_cmphex(out(1, vas[2]), ==, pa_of(2));
    s1_map(vas[2], 0);
    /* As AArch64 writes it: here VA 0x12000 of ASID 0x34 */
    cb8(1, TLBIVA, (uint64_t)ASID << 48 | vas[2] >> 12);
    g_assert_cmphex(out(1, vas[2]), ==, pa_of(2));
    /* The upper half is none of AArch32's */
    cb8(1, TLBIVA, 0xffffffff00000000 | vas[2] | ASID);
    g_assert_true(aborts(1, vas[2], RO));
}

/* Tables of level 2 have 1 KiB, so four of them share a page */
static void test_quarters(void)
{
    static const Combination alone = { &formats[4] };
    uint64_t table = TABLES + TABLE_SPACE, reads;

    setup(&alone);
    for (int i = 0; i < 4; i++) {
        put(TABLES + 4 * i, (table + 0x400 * i) | 1 | (i & 1 ? 4 : 0), 4,
            false);
        put(table + 0x400 * i, 0x42000032 + 0x10000 * i, 4, false);
        put(table + 0x400 * i + 4, 0x42001032 + 0x10000 * i, 4, false);
    }
    for (int i = 0; i < 4; i++) {
        g_assert_cmphex(out(1, 0x100000 * i), ==, 0x42000000 + 0x10000 * i);
    }
    /* Now that the tables are known; PXN is */
    gr0(S2CR + 4, 3 << 26 | 3 << 24 | 1);
    for (int i = 0; i < 4; i++) {
        reads = m->descriptors;
        if (i & 1) {
            g_assert_true(aborts(1, 0x100000 * i + 0x1000, RO));
        } else {
            g_assert_cmphex(out(1, 0x100000 * i + 0x1000), ==,
                            0x42001000 + 0x10000 * i);
            g_assert_cmpuint(m->descriptors - reads, ==, 1);
        }
    }
}

/* CONTEXTIDR is the ASID of short descriptors, at once */
static void test_contextidr(void)
{
    static const Combination alone = { &formats[4] };

    setup(&alone);
    map_one(2);
    cb4(1, CONTEXTIDR, 0x55);
    g_assert_cmphex(out(1, vas[2]), ==, pa_of(2));
    s1_map(vas[2], 0);
    cb4(1, TLBIVA, vas[2] | ASID);
    cb4(1, TLBIASID, ASID);
    g_assert_cmphex(out(1, vas[2]), ==, pa_of(2));
    cb4(1, TLBIASID, 0x55);
    g_assert_true(aborts(1, vas[2], RO));
}

/* SEP is no sign of a short address, so its upper half is cached too */
static void test_upper_half_is_cached(void)
{
    uint64_t reads;

    for (int i = 3; i < 5; i++) {
        const Combination alone = { &formats[i] };

        setup(&alone);
        map_one(8);
        g_assert_cmphex(out(1, vas[8]), ==, pa_of(8));
        reads = m->descriptors;
        g_assert_cmphex(out(1, vas[8] + 0x800), ==, pa_of(8) + 0x800);
        g_assert_cmpuint(m->descriptors, ==, reads);
    }
}

/* EL2 of AArch32: long descriptors whatever EAE says; TLBIVAH */
static void test_hyp(void)
{
    static const Combination alone = { &formats[3] };

    setup(&alone);
    machine_write(m, machine_gr1(m, CBAR + 4), 1 << 16 | 1 << 10, 4);
    cb4(1, TCR, 0x80);
    map_one(8);
    g_assert_cmphex(out(1, vas[8]), ==, pa_of(8));
    s1_map(vas[8], 0);
    g_assert_cmphex(out(1, vas[8]), ==, pa_of(8));
    gr0(TLBIVAH, vas[8]);
    g_assert_true(aborts(1, vas[8], RO));
    expect_syndrome(1, 0x202, 3, vas[8], 0);
}

/* A bank of a format that the SMMU has not: an invalid context */
static void test_not_offered(void)
{
    /* PTFS: 1 has no short descriptors, 2 no AArch32 at all */
    for (uint32_t ptfs = 0; ptfs < 3; ptfs++) {
        for (int i = 3; i < 5; i++) {
            Combination alone = { &formats[i] };
            bool have = ptfs == 0 || (ptfs == 1 && i == 3);

            setup(&alone);
            m->tcu.regs.idr[0] |= ptfs << 24;
            smmuv2_tcu_reload(&m->tcu);
            map_one(2);
            if (have) {
                g_assert_cmphex(out(1, vas[2]), ==, pa_of(2));
            } else {
                g_assert_true(aborts(1, vas[2], RO));
            }
            g_assert_cmphex(machine_read(m, GFSR, 4), ==, have ? 0 : 1);
        }
    }
}

int main(int argc, char **argv)
{
    static Combination all[5 * 5 * 4];
    int n = 0;

    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    for (int s1 = 0; s1 < 5; s1++) {
        for (int s2 = 0; s2 < 5; s2++) {
            for (int order = 0; order < 4; order++) {
                g_autofree char *name = NULL;

                /* Stage 2 has no short descriptors: there, stage 1 is alone */
                if (s2 == 4 && order & 2) {
                    continue;
                }
                /* AArch64 over AArch32 there is not, see test-smmuv2-cb.c */
                if (s2 < 4 && formats[s1].va64 && !formats[s2].va64) {
                    continue;
                }
                all[n] = (Combination) {
                    &formats[s1], s2 < 4 ? &formats[s2] : NULL, order & 1,
                    order & 2,
                };
                name = g_strdup_printf("/smmuv2/formats/%s%s%s%s%s",
                                       formats[s1].name, order & 1 ? "be" : "",
                                       s2 < 4 ? "/" : "",
                                       s2 < 4 ? formats[s2].name : "",
                                       order & 2 ? "be" : "");
                g_test_add_data_func(name, &all[n++], test_combination);
            }
        }
    }
    for (int i = 0; i < ARRAY_SIZE(blocks); i++) {
        g_autofree char *name = g_strdup_printf("/smmuv2/formats/block/%s",
                                                blocks[i].name);

        g_test_add_data_func(name, &blocks[i], test_short_block);
    }
    g_test_add_func("/smmuv2/formats/block-in-two-ranges",
                    test_block_in_two_ranges);
    g_test_add_func("/smmuv2/formats/supersection-in-pieces",
                    test_supersection_in_pieces);
    g_test_add_func("/smmuv2/formats/supersection-size",
                    test_supersection_size);
    g_test_add_func("/smmuv2/formats/tlbi-other-format",
                    test_tlbi_other_format);
    g_test_add_func("/smmuv2/formats/quarters", test_quarters);
    g_test_add_func("/smmuv2/formats/contextidr", test_contextidr);
    g_test_add_func("/smmuv2/formats/upper-half-is-cached",
                    test_upper_half_is_cached);
    g_test_add_func("/smmuv2/formats/hyp", test_hyp);
    g_test_add_func("/smmuv2/formats/not-offered", test_not_offered);
    return g_test_run();
}
