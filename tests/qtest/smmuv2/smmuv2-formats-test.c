/*
 * SMMUv2 qtest: AArch32 table formats
 *
 * A PCI device reads and writes guest memory through tables of short and of
 * long descriptors, alone and nested; banks are set up with the register
 * values that Linux has for each format, in its order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/units.h"
#include "smmuv2-lib.h"

/* Data of the tests, away from the tables: in each block size at an offset */
#define DATA        (RAM_BASE + 0x15432000)

#define FORMAT_SHORT    0x000
#define FORMAT_LONG     0x200
#define FORMAT_AARCH64  0x400

/* ---- What Linux writes ---- */

/* Stage 1 of short descriptors; @n: TTBCR.N, @ttb1: 0 as Linux has it */
static void bank_short(SMMUTest *t, unsigned cb, uint32_t tcr, uint64_t ttb0,
                       uint64_t ttb1, uint8_t asid)
{
    gr1_write(t, A_CBA2R0 + 4 * cb, 0);
    gr1_write(t, A_CBAR0 + 4 * cb, 0x1f300);
    cb_write(t, cb, A_CB_TCR2, 0);
    cb_write(t, cb, A_CB_TCR, tcr);
    cb_write(t, cb, A_CB_CONTEXTIDR, asid);
    /* Shareable, write-back: bits 6, 5, 3, 1 */
    cb_write(t, cb, A_CB_TTBR0, ttb0 | 0x6a);
    cb_write(t, cb, A_CB_TTBR1, ttb1);
    /* PRRR, NMRR */
    cb_write(t, cb, A_CB_MAIR0, 0x800b8204);
    cb_write(t, cb, A_CB_MAIR1, 0x40004000);
    /* ASIDPNE CFIE CFRE AFE TRE M */
    cb_write(t, cb, A_CB_SCTLR, 0x1167);
}

/* Stage 1 of long descriptors */
static void bank_long(SMMUTest *t, unsigned cb, uint64_t ttb0, uint8_t asid)
{
    gr1_write(t, A_CBA2R0 + 4 * cb, 0);
    gr1_write(t, A_CBAR0 + 4 * cb, 0x1f300);
    /* 40 bits, SEP 7; EAE, EPD1, SH0 inner, write-back, 64 less 32 bits */
    cb_write(t, cb, A_CB_TCR2, 0x38002);
    cb_write(t, cb, A_CB_TCR, 0x80803520);
    cb_write64(t, cb, A_CB_TTBR0, (uint64_t)asid << 48 | ttb0);
    cb_write64(t, cb, A_CB_TTBR1, (uint64_t)asid << 48);
    cb_write(t, cb, A_CB_MAIR0, 0xf404ff44);
    cb_write(t, cb, A_CB_MAIR1, 0);
    cb_write(t, cb, A_CB_SCTLR, 0x1167);
}

/* Stage 2 of long descriptors, 40 bits: 64 less 40 is -8 and its sign */
static void bank_long_s2(SMMUTest *t, unsigned cb, uint64_t ttb, uint8_t vmid)
{
    gr1_write(t, A_CBA2R0 + 4 * cb, 0);
    gr1_write(t, A_CBAR0 + 4 * cb, vmid);
    cb_write(t, cb, A_CB_TCR, 0x80023558);
    cb_write64(t, cb, A_CB_TTBR0, ttb);
    cb_write(t, cb, A_CB_SCTLR, 0x167);
}

/* ---- Short descriptors ---- */

#define SECTION     0x20c02     /* nG, AP = 3, which has the access flag */
#define SUPER       0x60c02
#define SMALL       0x832
#define LARGE       0x831

static void l1_store(SMMUTest *t, uint64_t table, uint32_t va, uint32_t desc)
{
    qtest_writel(t->qts, table + (va >> 20) * 4, desc);
}

static void l2_store(SMMUTest *t, uint64_t table, uint32_t va, uint32_t desc)
{
    qtest_writel(t->qts, table + (va >> 12 & 0xff) * 4, desc);
}

/* Invalidate as Linux does in a bank of AArch32 */
static void tlbi_va(SMMUTest *t, unsigned cb, uint32_t va, uint8_t asid)
{
    cb_write(t, cb, A_CB_TLBIVAL, (va & 0xfffff000) | asid);
    cb_write(t, cb, A_CB_TLBSYNC, 0);
    g_assert_cmphex(cb_read(t, cb, A_CB_TLBSTATUS), ==, 0);
}

static void test_short(void)
{
    static const struct {
        const char *name;
        bool l2;
        uint32_t desc;
        uint64_t size;
    } rows[] = {
        { "supersection", false, SUPER, 16 * MiB },
        { "section", false, SECTION, 1 * MiB },
        { "large page", true, LARGE, 64 * KiB },
        { "small page", true, SMALL, 4 * KiB },
    };
    SMMUTest *t = smmu_start(NULL);
    uint64_t mark = t->next;

    smmu_use_bank(t, 3);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        uint64_t l1 = smmu_alloc(t, 16 * KiB, 16 * KiB);
        uint64_t l2 = smmu_alloc(t, 1 * KiB, 1 * KiB);
        uint64_t block = DATA & -rows[i].size;
        uint32_t va = 0xa5000000, at = va + (DATA - block);
        unsigned step = rows[i].l2 ? 4 * KiB : 1 * MiB;
        SMMUFault fault;

        bank_short(t, 3, 0, l1, 0, 0x42);
        for (uint64_t n = 0; n < rows[i].size; n += step) {
            if (rows[i].l2) {
                l1_store(t, l1, va, l2 | 1);
                l2_store(t, l2, va + n, block | rows[i].desc);
            } else {
                l1_store(t, l1, va + n, block | rows[i].desc);
            }
        }
        assert_maps(t, &t->dev, at, DATA, rows[i].name);
        assert_maps(t, &t->dev, at + 0xff8, DATA + 0xff8, rows[i].name);
        assert_maps(t, &t->dev, va + rows[i].size - 8, block + rows[i].size - 8,
                    rows[i].name);
        assert_refused(t, &t->dev, va + rows[i].size, rows[i].name);
        fault = smmu_fault(t, 3);
        g_assert_cmphex(fault.fsr & ~0x80000000, ==, FORMAT_SHORT | 0x2);
        g_assert_cmphex(fault.far, ==, va + rows[i].size);
        smmu_fault_clear(t, 3);
        /* What is above 32 bits is not cut off */
        assert_refused(t, &t->dev, 1ull << 32 | at, rows[i].name);
        smmu_fault_clear(t, 3);

        /* Unmapped, by another address of the block */
        for (uint64_t n = 0; n < rows[i].size; n += step) {
            if (rows[i].l2) {
                l2_store(t, l2, va + n, 0);
            } else {
                l1_store(t, l1, va + n, 0);
            }
        }
        assert_maps(t, &t->dev, at, DATA, "not invalidated yet");
        tlbi_va(t, 3, at, 0x43);
        assert_maps(t, &t->dev, at, DATA, "another ASID's");
        tlbi_va(t, 3, va + rows[i].size - 4 * KiB, 0x42);
        assert_refused(t, &t->dev, at, rows[i].name);
        fault = smmu_fault(t, 3);
        g_assert_cmphex(fault.fsynr0 & 3, ==, rows[i].l2 ? 2 : 1);
        smmu_fault_clear(t, 3);
        smmu_release(t, mark);
    }
    smmu_quit(t);
}

/* TTBCR.N: half a GiB by TTBR0's 2 KiB, the rest by TTBR1 */
static void test_short_split(void)
{
    SMMUTest *t = smmu_start(NULL);
    uint64_t low = smmu_alloc(t, 2 * KiB, 2 * KiB);
    uint64_t high = smmu_alloc(t, 16 * KiB, 16 * KiB);
    uint64_t block = DATA & -(uint64_t)MiB;

    bank_short(t, 3, 3, low, high, 0x42);
    smmu_use_bank(t, 3);
    l1_store(t, low, 0x1ff00000, block | SECTION);
    l1_store(t, high, 0x20000000, (block + MiB) | SECTION);
    l1_store(t, high, 0xfff00000, (block + 2 * MiB) | SECTION);
    assert_maps(t, &t->dev, 0x1ff00000, block, "TTBR0");
    assert_maps(t, &t->dev, 0x20000000, block + MiB, "TTBR1");
    assert_maps(t, &t->dev, 0xfffffff8, block + 3 * MiB - 8, "TTBR1's end");
    assert_no_faults(t, 4);
    /* PD0 and PD1 */
    cb_write(t, 3, A_CB_TCR, 3 | 0x10);
    assert_refused(t, &t->dev, 0x1ff00000, "PD0");
    assert_maps(t, &t->dev, 0x20000000, block + MiB, "not PD1");
    cb_write(t, 3, A_CB_TCR, 3 | 0x20);
    assert_refused(t, &t->dev, 0x20000000, "PD1");
    assert_maps(t, &t->dev, 0x1ff00000, block, "not PD0");
    smmu_quit(t);
}

/* AP[2:0] as they are and simplified; XN does not matter to data */
static void test_short_permission(void)
{
    SMMUTest *t = smmu_start(NULL);
    uint64_t l1 = smmu_alloc(t, 16 * KiB, 16 * KiB);
    uint64_t block = DATA & -(uint64_t)MiB;
    /* What a PCI master, which has no privilege, may do */
    static const char full[8][3] = { "", "", "r", "rw", "", "", "r", "r" };
    static const char simple[8][3] = { "", "", "", "rw", "", "", "", "r" };

    bank_short(t, 3, 0, l1, 0, 1);
    smmu_use_bank(t, 3);
    for (uint32_t ap = 0; ap < 8; ap++) {
        for (int afe = 0; afe < 2; afe++) {
            const char *may = afe ? simple[ap] : full[ap];
            bool flag = afe && !(ap & 1);
            SMMUFault fault;

            l1_store(t, l1, 0x12300000, block | 0x12 | (ap & 3) << 10 |
                                        (ap & 4) << 13);
            cb_write(t, 3, A_CB_SCTLR, 0x161 | afe << 2);
            if (strchr(may, 'r')) {
                assert_reads(t, &t->dev, 0x12300000, block, "AP");
            } else {
                g_assert_cmphex(dma(&t->dev, PTD_OP_READ, 0x12300000, 8), ==,
                                PTD_RESULT_DECODE_ERROR);
                fault = smmu_fault(t, 3);
                g_assert_cmphex(fault.fsr, ==, flag ? 0x4 : 0x8);
                g_assert_cmphex(fault.fsynr0, ==, 1);
                smmu_fault_clear(t, 3);
            }
            if (strchr(may, 'w')) {
                assert_writes(t, &t->dev, 0x12300000, block, "AP");
            } else {
                g_assert_cmphex(dma(&t->dev, PTD_OP_WRITE, 0x12300000, 8), ==,
                                PTD_RESULT_DECODE_ERROR);
                fault = smmu_fault(t, 3);
                g_assert_cmphex(fault.fsr, ==, flag ? 0x4 : 0x8);
                g_assert_cmphex(fault.fsynr0, ==, 0x11);
                smmu_fault_clear(t, 3);
            }
        }
    }
    smmu_quit(t);
}

/* ---- Long descriptors: tables like AArch64's of 4 KiB ---- */

static void test_long(void)
{
    SMMUTest *t = smmu_start(NULL);
    uint64_t mark = t->next;

    smmu_use_bank(t, 2);
    for (int level = 1; level <= 3; level++) {
        uint64_t size = 1ull << smmu_level_shift(12, level);
        uint64_t block = DATA & -size;
        SMMUTable tab = smmu_table(t, 1, 12, 32, 1, 0);
        uint32_t va = 0x80000000, at = va + (DATA - block);
        SMMUFault fault;

        smmu_map(&tab, va, block, level, LEAF_S1);
        bank_long(t, 2, tab.root, 0x42);
        assert_maps(t, &t->dev, at, DATA, "long descriptors");
        assert_refused(t, &t->dev, va - 8, "below");
        fault = smmu_fault(t, 2);
        g_assert_cmphex(fault.fsr & ~0x80000000, ==, FORMAT_LONG | 0x2);
        smmu_fault_clear(t, 2);
        assert_refused(t, &t->dev, 1ull << 32 | at, "above 32 bits");
        g_assert_cmphex(smmu_fault(t, 2).fsynr0 & 3, ==, 1);
        smmu_fault_clear(t, 2);

        qtest_writeq(t->qts, smmu_desc(&tab, va, level), 0);
        assert_maps(t, &t->dev, at, DATA, "not invalidated yet");
        tlbi_va(t, 2, at, 0x43);
        assert_maps(t, &t->dev, at, DATA, "another ASID's");
        tlbi_va(t, 2, va, 0x42);
        assert_refused(t, &t->dev, at, "long descriptors");
        g_assert_cmphex(smmu_fault(t, 2).fsynr0 & 3, ==, level);
        smmu_fault_clear(t, 2);
        smmu_release(t, mark);
    }
    smmu_quit(t);
}

static void test_long_s2(void)
{
    SMMUTest *t = smmu_start(NULL);
    uint64_t mark = t->next;

    smmu_use_bank(t, 2);
    for (int level = 1; level <= 3; level++) {
        uint64_t size = 1ull << smmu_level_shift(12, level);
        uint64_t block = DATA & -size, ipa = 0xc000000000;
        uint64_t at = ipa + (DATA - block);
        SMMUTable tab = smmu_table(t, 2, 12, 40, 1, 0);
        SMMUFault fault;

        smmu_map(&tab, ipa, block, level, LEAF_S2);
        bank_long_s2(t, 2, tab.root, 5);
        assert_maps(t, &t->dev, at, DATA, "long descriptors of stage 2");
        assert_refused(t, &t->dev, at + (1ull << 40), "above 40 bits");
        fault = smmu_fault(t, 2);
        g_assert_cmphex(fault.fsr & ~0x80000000, ==, FORMAT_LONG | 0x2);
        g_assert_cmphex(fault.ipafar, ==, at + (1ull << 40));
        smmu_fault_clear(t, 2);

        qtest_writeq(t->qts, smmu_desc(&tab, ipa, level), 0);
        assert_maps(t, &t->dev, at, DATA, "not invalidated yet");
        cb_write(t, 2, A_CB_TLBIIPAS2L, at >> 12);
        assert_refused(t, &t->dev, at, "long descriptors of stage 2");
        smmu_fault_clear(t, 2);
        smmu_release(t, mark);
    }
    smmu_quit(t);
}

/* ---- Nested ---- */

/* Short descriptors have 32 bits of IPA, so stage 2 moves 1 GiB down */
#define IPA(pa)     ((pa) - RAM_BASE + 0x10000000)

static void map_s2(SMMUTable *s2, uint64_t from, uint64_t to)
{
    uint64_t page = 1ull << s2->granule;

    for (uint64_t pa = from & -page; pa < to; pa += page) {
        smmu_map(s2, IPA(pa), pa, 3, LEAF_S2);
    }
}

static void nested_case(SMMUTest *t, const char *s1, unsigned granule1,
                        unsigned granule2, bool long2)
{
    uint64_t mark = t->next, from, l1, l2, end;
    SMMUTable tab2 = smmu_table(t, 2, granule2, 40, granule2 == 12 ? 1 : 2, 0);
    uint32_t format1 = granule1 ? FORMAT_AARCH64 :
                       !strcmp(s1, "short") ? FORMAT_SHORT : FORMAT_LONG;
    uint32_t format2 = long2 ? FORMAT_LONG : FORMAT_AARCH64, va = 0x80042000;
    uint64_t data = DATA & ~0xffffull;
    SMMUFault fault;
    g_autofree char *what = g_strdup_printf("%s over %s, granule 2^%u", s1,
                                            long2 ? "long" : "AArch64",
                                            granule2);

    va &= -(1u << (granule1 ?: 12));
    from = t->next = ROUND_UP(t->next, 64 * KiB);
    if (format1 == FORMAT_SHORT) {
        l1 = smmu_alloc(t, 16 * KiB, 16 * KiB);
        l2 = smmu_alloc(t, 1 * KiB, 1 * KiB);
        l1_store(t, l1, va, IPA(l2) | 1);
        l2_store(t, l2, va, IPA(data) | SMALL);
        bank_short(t, 4, 0, IPA(l1), 0, 9);
    } else {
        unsigned g = granule1 ?: 12;
        SMMUTable tab1 = smmu_table(t, 1, g, 32, smmu_start_level(g, 32),
                                    IPA(0ull));

        smmu_map(&tab1, va, IPA(data), 3, LEAF_S1);
        if (granule1) {
            smmu_bank_s1(t, 4, &tab1, NULL, 9, 0);
        } else {
            bank_long(t, 4, IPA(tab1.root), 9);
        }
    }
    end = t->next;
    map_s2(&tab2, from, end);
    map_s2(&tab2, data, data + 1);
    if (long2) {
        bank_long_s2(t, 5, tab2.root, 7);
    } else {
        smmu_bank_s2(t, 5, &tab2, 7);
    }
    smmu_bank_nest(t, 4, 5);

    assert_maps(t, &t->dev, va, data, what);
    assert_maps(t, &t->dev, va + 0xff8, data + 0xff8, what);
    assert_refused(t, &t->dev, va + 0x10000, what);
    fault = smmu_fault(t, 4);
    g_assert_cmphex(fault.fsr & ~0x80000000, ==, format1 | 0x2);
    smmu_fault_clear(t, 4);

    /* Stage 2 loses the data, then a table of stage 1 */
    qtest_writeq(t->qts, smmu_desc(&tab2, IPA(data), 3), 0);
    assert_maps(t, &t->dev, va, data, what);
    if (long2) {
        cb_write(t, 5, A_CB_TLBIIPAS2L, IPA(data) >> 12);
    } else {
        cb_write64(t, 5, A_CB_TLBIIPAS2L, IPA(data) >> 12);
    }
    g_assert_cmphex(dma(&t->dev, PTD_OP_WRITE, va + 16, 8), ==,
                    PTD_RESULT_DECODE_ERROR);
    fault = smmu_fault(t, 5);
    g_assert_cmphex(fault.fsr, ==, format2 | 0x2);
    g_assert_cmphex(fault.fsynr0, ==, 4 << 16 | 0x10 | 0x4 | 3);
    g_assert_cmphex(fault.far, ==, va + 16);
    g_assert_cmphex(fault.ipafar, ==, IPA(data) + 16);
    smmu_fault_clear(t, 5);
    for (uint64_t pa = from; pa < end; pa += 1ull << granule2) {
        qtest_writeq(t->qts, smmu_desc(&tab2, IPA(pa), 3), 0);
    }
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, va, 8), ==,
                    PTD_RESULT_DECODE_ERROR);
    fault = smmu_fault(t, 5);
    g_assert_cmphex(fault.fsr, ==, format2 | 0x2);
    g_assert_cmphex(fault.fsynr0, ==, 4 << 16 | 0x8 | 0x4 | 3);
    g_assert_cmphex(fault.ipafar, >=, IPA(from) & ~0xffffull);
    g_assert_cmphex(fault.ipafar, <, IPA(end));
    smmu_fault_clear(t, 5);
    assert_no_faults(t, 6);
    smmu_release(t, mark);
}

static void test_nested(void)
{
    static const struct {
        const char *name;
        unsigned granule;       /* AArch64 */
    } s1[] = {
        { "short", 0 }, { "long", 0 }, { "4K", 12 }, { "16K", 14 },
        { "64K", 16 },
    };
    SMMUTest *t = smmu_start(NULL);

    smmu_use_bank(t, 4);
    for (size_t i = 0; i < ARRAY_SIZE(s1); i++) {
        if (!s1[i].granule) {
            nested_case(t, s1[i].name, 0, 12, true);
        }
        for (unsigned granule2 = 12; granule2 <= 16; granule2 += 2) {
            nested_case(t, s1[i].name, s1[i].granule, granule2, false);
        }
    }
    smmu_quit(t);
}

/* What IDR0.PTFS does not offer is an invalid context */
static void test_not_offered(void)
{
    static const struct {
        const char *args;
        bool has_short, has_long;
    } rows[] = {
        { "-global arm-smmuv2.aarch32-formats=all", true, true },
        { "-global arm-smmuv2.aarch32-formats=long", false, true },
        { "-global arm-smmuv2.aarch32-formats=none", false, false },
    };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        SMMUTest *t = smmu_start(rows[i].args);
        uint64_t l1 = smmu_alloc(t, 16 * KiB, 16 * KiB);
        SMMUTable tab = smmu_table(t, 1, 12, 32, 1, 0);

        smmu_use_bank(t, 1);
        l1_store(t, l1, 0, (DATA & -(uint64_t)MiB) | SECTION);
        bank_short(t, 1, 0, l1, 0, 1);
        if (rows[i].has_short) {
            assert_maps(t, &t->dev, 0, DATA & -(uint64_t)MiB, "short");
        } else {
            assert_refused(t, &t->dev, 0, "short");
        }
        g_assert_cmphex(gr0_read(t, A_GFSR) & 1, ==, !rows[i].has_short);
        gr0_write(t, A_GFSR, 0xffffffff);

        smmu_map(&tab, 0, DATA, 3, LEAF_S1);
        bank_long(t, 1, tab.root, 1);
        if (rows[i].has_long) {
            assert_maps(t, &t->dev, 0, DATA, "long");
        } else {
            assert_refused(t, &t->dev, 0, "long");
        }
        g_assert_cmphex(gr0_read(t, A_GFSR) & 1, ==, !rows[i].has_long);
        smmu_quit(t);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);

    qtest_add_func("/smmuv2/formats/short", test_short);
    qtest_add_func("/smmuv2/formats/short-split", test_short_split);
    qtest_add_func("/smmuv2/formats/short-permission", test_short_permission);
    qtest_add_func("/smmuv2/formats/long", test_long);
    qtest_add_func("/smmuv2/formats/long-s2", test_long_s2);
    qtest_add_func("/smmuv2/formats/nested", test_nested);
    qtest_add_func("/smmuv2/formats/not-offered", test_not_offered);
    return g_test_run();
}
