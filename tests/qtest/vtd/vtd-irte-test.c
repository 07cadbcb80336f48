/*
 * VT-d qtest: interrupt remapping table entries in posted format
 *
 * Each field, each check, the fault of each and whether FPD keeps it quiet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "vtd-lib.h"

#define INDEX       7
#define VECTOR      0x51
#define NV          0xe3

static void prepare(VTDTest *t)
{
    vtd_enable(t, false);
    vtd_pd(t, PD, PD_NV(NV) | PD_XAPIC(0));
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
}

/* Nothing was posted, and only @fault (0: none) was recorded */
static void assert_blocked(VTDTest *t, uint8_t fault)
{
    const uint64_t before = vtd_counter(t, "intr-faults");
    const uint64_t posted = vtd_counter(t, "intr-posted");

    vtd_send(t, INDEX);
    if (fault) {
        assert_fault(t, fault, INDEX, PTD_SID);
    } else {
        assert_no_fault(t);
    }
    g_assert_cmpint(vtd_counter(t, "intr-faults"), ==, before + 1);
    g_assert_cmpint(vtd_counter(t, "intr-posted"), ==, posted);
    g_assert_cmpint(vtd_pir_count(t, PD), ==, 0);
}

static void assert_posted(VTDTest *t)
{
    vtd_pd(t, PD, PD_NV(NV) | PD_XAPIC(0));
    vtd_send(t, INDEX);
    assert_no_fault(t);
    g_assert_true(vtd_pir(t, PD, VECTOR));
    g_assert_cmpint(vtd_pir_count(t, PD), ==, 1);
    g_assert_cmphex(vtd_pd_control(t, PD), ==,
                    PD_NV(NV) | PD_XAPIC(0) | PD_ON);
    vtd_pd(t, PD, 0);
}

/* ---- What is offered ---- */

static void test_capability(void)
{
    static const struct {
        const char *iommu;
        bool pi;
    } rows[] = {
        { "", false },
        { ",intremap=on", false },
        { ",intremap=on,posted-intr=off", false },
        { ",intremap=on,posted-intr=on", true },
        { ",posted-intr=on", true },        /* intremap is on under TCG */
        { ",intremap=on,posted-intr=on,eim=on", true },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        VTDTest *t = vtd_start(rows[i].iommu, NULL);

        g_assert_cmpint(!!(vtd_read64(t, VTD_CAP) & CAP_PI), ==, rows[i].pi);
        vtd_quit(t);
    }
}

static void test_wrong_options(void)
{
    g_autofree char *args = vtd_args(",intremap=off,posted-intr=on", NULL);
    g_autofree char *output = NULL;

    g_assert_cmpint(vtd_run(args, &output), ==, 1);
    g_assert_nonnull(strstr(output, "posted-intr=on cannot be selected "
                            "without intremap=on"));
}

/* Without posted-intr bit 15 means nothing, as ever */
static void test_off(void)
{
    VTDTest *t = vtd_start(",intremap=on", NULL);

    vtd_enable(t, false);
    vtd_pd(t, PD, PD_NV(NV));
    vtd_irte(t, INDEX, IRTE_P | IRTE_IM | IRTE_VECTOR(VECTOR) | 2ull << 40,
             IRTE_SVT(1) | PTD_SID);
    vtd_send(t, INDEX);
    assert_no_fault(t);
    g_assert_true(vtd_irr(t, 2, VECTOR));
    g_assert_cmpint(vtd_pir_count(t, PD), ==, 0);
    g_assert_cmpint(vtd_counter(t, "intr-posted"), ==, 0);
    g_assert_cmpint(vtd_counter(t, "intr-remapped"), ==, 1);
    vtd_quit(t);
}

/* ---- Fields ---- */

static void test_vector(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    prepare(t);
    for (unsigned v = 0; v < 256; v++) {
        vtd_pd(t, PD, PD_SN);
        vtd_posted_irte(t, INDEX, v, PD, 0);
        vtd_send(t, INDEX);
        g_assert_true(vtd_pir(t, PD, v));
        g_assert_cmpint(vtd_pir_count(t, PD), ==, 1);
    }
    assert_no_fault(t);
    g_assert_cmpint(vtd_counter(t, "intr-posted"), ==, 256);
    vtd_quit(t);
}

/* PDA bits 31:6 and 63:32, in memory below and above 4 GiB */
static void test_address(void)
{
    static const uint64_t pda[] = {
        0x40, 0x01010040, 0x01010fc0, 0x0fffffc0, 0x7fffffc0,
        0x100000000, 0x13fffffc0,
    };
    VTDTest *t = vtd_start(POSTED, "-m 3G");

    vtd_enable(t, false);
    for (unsigned i = 0; i < ARRAY_SIZE(pda); i++) {
        vtd_pd(t, pda[i], PD_SN);
        vtd_posted_irte(t, INDEX, VECTOR, pda[i], 0);
        vtd_send(t, INDEX);
        g_assert_true(vtd_pir(t, pda[i], VECTOR));
        g_assert_cmpint(vtd_pir_count(t, pda[i]), ==, 1);
    }
    assert_no_fault(t);
    vtd_quit(t);
}

/* Every bit of the entry: reserved ones fault, available ones do not */
static void test_reserved(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    prepare(t);
    for (unsigned bit = 0; bit < 128; bit++) {
        const bool reserved = (bit >= 2 && bit <= 7) ||
                              bit == 12 || bit == 13 ||
                              (bit >= 24 && bit <= 37) ||
                              (bit >= 84 && bit <= 95);
        const bool free = (bit >= 8 && bit <= 11) || bit == 14;
        const uint64_t lo = bit < 64 ? 1ull << bit : 0;
        const uint64_t hi = bit < 64 ? 0 : 1ull << (bit - 64);

        if (!reserved && !free) {
            continue;
        }
        for (unsigned fpd = 0; fpd < 2; fpd++) {
            vtd_irte(t, INDEX,
                     IRTE_P | IRTE_IM | IRTE_VECTOR(VECTOR) | IRTE_PDA_LO(PD) |
                     lo | (fpd ? IRTE_FPD : 0),
                     IRTE_PDA_HI(PD) | IRTE_SVT(1) | PTD_SID | hi);
            if (reserved) {
                assert_blocked(t, fpd ? 0 : 0x24);
            } else {
                assert_posted(t);
            }
        }
    }
    vtd_quit(t);
}

/* ---- Other checks of the entry, 21h to 26h ---- */

static void test_present(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    prepare(t);
    vtd_irte(t, INDEX, IRTE_IM | IRTE_VECTOR(VECTOR) | IRTE_PDA_LO(PD), 0);
    assert_blocked(t, 0x22);
    vtd_irte(t, INDEX, IRTE_IM | IRTE_FPD | IRTE_VECTOR(VECTOR) |
             IRTE_PDA_LO(PD), 0);
    assert_blocked(t, 0);
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    assert_posted(t);
    vtd_quit(t);
}

static void test_index(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    prepare(t);
    vtd_posted_irte(t, 255, VECTOR, PD, 0);
    vtd_send(t, 255);
    assert_no_fault(t);
    g_assert_true(vtd_pir(t, PD, VECTOR));
    /* The table has 256 entries */
    vtd_send(t, 256);
    assert_fault(t, 0x21, 256, PTD_SID);
    vtd_quit(t);
}

static void test_table(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    prepare(t);
    qtest_writeq(t->qts, VTD_BASE + VTD_IRTA,
                 UINT64_C(0x700000000000) | IRT_SIZE_FIELD);
    qtest_writel(t->qts, VTD_BASE + VTD_GCMD, GCMD_IRE | GCMD_SIRTP);
    vtd_send(t, INDEX);
    assert_fault(t, 0x23, INDEX, PTD_SID);
    vtd_quit(t);
}

/* Reserved bits of the request */
static void test_request(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    prepare(t);
    vtd_send_raw(t, 0xfee00000u | INDEX << 5 | 1 << 4 | 1 << 3, 0x10000);
    assert_fault(t, 0x20, 0, PTD_SID);
    g_assert_cmpint(vtd_pir_count(t, PD), ==, 0);
    vtd_quit(t);
}

/* The handle is 16 bits of the address, and the subhandle is added to it */
static void test_subhandle(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    prepare(t);
    vtd_send_raw(t, 0xfee00000u | (INDEX - 3) << 5 | 1 << 4 | 1 << 3, 3);
    assert_no_fault(t);
    g_assert_true(vtd_pir(t, PD, VECTOR));
    vtd_quit(t);
}

/* 00:04.0 is 0x0020 */
static void test_source(void)
{
    static const struct {
        unsigned svt, sq, sid;
        bool pass;
    } rows[] = {
        { 0, 0, 0xffff, true },             /* no check */
        { 1, 0, 0x0020, true },
        { 1, 0, 0x0021, false },
        { 1, 0, 0x0120, false },
        { 1, 1, 0x0024, true },             /* but for bit 2 */
        { 1, 1, 0x0022, false },
        { 1, 2, 0x0026, true },             /* but for bits 2:1 */
        { 1, 2, 0x0021, false },
        { 1, 3, 0x0027, true },             /* but for bits 2:0 */
        { 1, 3, 0x0028, false },
        { 2, 0, 0x0000, true },             /* buses 0 to 0 */
        { 2, 0, 0x0500, true },             /* 0 to 5 */
        { 2, 0, 0x0501, false },            /* 1 to 5 */
        { 3, 0, 0x0020, false },            /* reserved */
    };
    VTDTest *t = vtd_start(POSTED, NULL);

    prepare(t);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        const uint64_t hi = IRTE_PDA_HI(PD) | IRTE_SVT(rows[i].svt) |
                            IRTE_SQ(rows[i].sq) | rows[i].sid;
        const uint64_t lo = IRTE_P | IRTE_IM | IRTE_VECTOR(VECTOR) |
                            IRTE_PDA_LO(PD);

        g_test_message("row %u", i);
        vtd_irte(t, INDEX, lo, hi);
        if (rows[i].pass) {
            assert_posted(t);
        } else {
            assert_blocked(t, 0x26);
            vtd_irte(t, INDEX, lo | IRTE_FPD, hi);
            assert_blocked(t, 0);
        }
    }
    vtd_quit(t);
}

/* ---- The descriptor, 27h and 28h ---- */

static void test_no_descriptor(void)
{
    /* Behind memory, device registers, ROM, beyond all address widths */
    static const uint64_t pda[] = {
        0x10000000, 0xfed00000, 0xfffff000, 0xffffffffffffffc0,
    };
    VTDTest *t = vtd_start(POSTED, NULL);

    prepare(t);
    for (unsigned i = 0; i < ARRAY_SIZE(pda); i++) {
        vtd_posted_irte(t, INDEX, VECTOR, pda[i], 0);
        assert_blocked(t, 0x27);
        vtd_posted_irte(t, INDEX, VECTOR, pda[i], IRTE_FPD);
        assert_blocked(t, 0);
    }
    vtd_quit(t);
}

static void test_descriptor_reserved(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    prepare(t);
    for (unsigned bit = 2; bit < 32; bit++) {
        if (bit >= 16 && bit <= 23) {
            continue;               /* NV */
        }
        vtd_pd(t, PD, 1ull << bit);
        vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
        assert_blocked(t, 0x28);
        vtd_posted_irte(t, INDEX, VECTOR, PD, IRTE_FPD | IRTE_URG);
        assert_blocked(t, 0);
        g_assert_cmphex(vtd_pd_control(t, PD), ==, 1ull << bit);
    }
    vtd_quit(t);
}

/* Remapped entries go on beside posted ones */
static void test_remapped(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    prepare(t);
    vtd_remapped_irte(t, 9, 0x77, 3);
    vtd_send(t, 9);
    assert_no_fault(t);
    g_assert_true(vtd_irr(t, 3, 0x77));
    g_assert_cmpint(vtd_counter(t, "intr-remapped"), ==, 1);
    g_assert_cmpint(vtd_counter(t, "intr-posted"), ==, 0);
    /* Bits 52 on are reserved in this format and an address in the other */
    vtd_irte(t, INDEX, IRTE_P | IRTE_VECTOR(VECTOR), 1ull << 40 | PTD_SID);
    assert_blocked(t, 0x24);
    vtd_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/vtd/irte/capability", test_capability);
    qtest_add_func("/vtd/irte/wrong-options", test_wrong_options);
    qtest_add_func("/vtd/irte/off", test_off);
    qtest_add_func("/vtd/irte/vector", test_vector);
    qtest_add_func("/vtd/irte/address", test_address);
    qtest_add_func("/vtd/irte/reserved", test_reserved);
    qtest_add_func("/vtd/irte/present", test_present);
    qtest_add_func("/vtd/irte/index", test_index);
    qtest_add_func("/vtd/irte/table", test_table);
    qtest_add_func("/vtd/irte/request", test_request);
    qtest_add_func("/vtd/irte/subhandle", test_subhandle);
    qtest_add_func("/vtd/irte/source", test_source);
    qtest_add_func("/vtd/irte/no-descriptor", test_no_descriptor);
    qtest_add_func("/vtd/irte/descriptor-reserved", test_descriptor_reserved);
    qtest_add_func("/vtd/irte/remapped", test_remapped);
    return g_test_run();
}
