/*
 * Arm SMMUv2 translation buffer units: unit tests
 *
 * What a TBU does beside translating: streams that bypass, transactions that
 * come in pieces, notifiers it refuses, and what people can ask it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/misc/iommu-stall.h"
#include "migration/vmstate.h"
#include "machine-setup.h"

static void expect_bypass(unsigned master)
{
    static const uint64_t addrs[] = {
        0, 0x40201abc, 0xffffffffffff, 0xfffffffffffff, 0xfedcba9876543210,
    };

    for (int i = 0; i < ARRAY_SIZE(addrs); i++) {
        IOMMUTLBEntry e = machine_translate(m, master, addrs[i], WO);

        g_assert_cmphex(out(master, addrs[i]), ==, addrs[i]);
        g_assert_cmpint(e.perm, ==, IOMMU_RW);
    }
}

static void test_bypass(void)
{
    new_machine(&machine_default);
    gr0(S2CR, 1 << 16);
    expect_bypass(0);
    /* Nor are faults recorded for streams that nobody knows */
    m->stream_id[1] = 0x1234;
    gr0(CR0, 0x200036);
    expect_bypass(1);
    gr0(CR0, 0x200437);
    expect_bypass(1);
    g_assert_cmphex(machine_read(m, GFSR, 4), ==, 0);
}

/* A route is remembered, but not beyond a change of stream or mapping */
static void test_route_changes(void)
{
    new_machine(&machine_default);
    setup_bank(0, 1 << 16, 1, 0x10000);
    setup_bank(1, 1 << 16, 2, 0x20000);
    map_page(0x10000, 0x40201000, 0x100000000 | S1_LEAF);
    map_page(0x20000, 0x40201000, 0x200000000 | S1_LEAF);
    g_assert_cmphex(out(0, 0x40201000), ==, 0x100000000);
    /* The bus is renumbered */
    m->stream_id[0] = 1;
    g_assert_cmphex(out(0, 0x40201000), ==, 0x200000000);
    m->stream_id[0] = 0;
    g_assert_cmphex(out(0, 0x40201000), ==, 0x100000000);
    gr0(S2CR, 1);
    g_assert_cmphex(out(0, 0x40201000), ==, 0x200000000);
    gr0(S2CR, 2 << 16);
    g_assert_true(aborts(0, 0x40201000, RO));
    gr0(S2CR, 0);
    g_assert_cmphex(out(0, 0x40201000), ==, 0x100000000);
    /* Two groups for one stream */
    gr0(SMR + 4 * 9, 0x80000000);
    g_assert_true(aborts(0, 0x40201000, RO));
    gr0(SMR + 4 * 9, 0);
    g_assert_cmphex(out(0, 0x40201000), ==, 0x100000000);
}

/* Four bytes after four bytes of a transaction that is refused: one fault */
static void test_pieces(void)
{
    new_machine(&machine_default);
    setup_bank(0, 1 << 16, 1, 0x10000);
    for (uint64_t at = 0x40201ff0; at < 0x40202000; at += 4) {
        g_assert_true(aborts(0, at, WO));
    }
    g_assert_cmphex(cb_read(0, FSR), ==, 0x402);
    g_assert_cmphex(cb_read(0, FAR), ==, 0x40201ff0);
    /* The next page is another */
    g_assert_true(aborts(0, 0x40202000, WO));
    g_assert_cmphex(cb_read(0, FSR), ==, 0x80000402);
    /* Each piece gets what the first got */
    cb4(0, FSR, 0xffffffff);
    g_assert_true(aborts(0, 0x40203000, RO));
    cb4(0, SCTLR, ENABLE & ~0x20);
    g_assert_true(aborts(0, 0x40203004, RO));
    /* Of another master it is another fault */
    gr0(S2CR + 4, 0);
    machine_translate(m, 1, 0x40203008, RO);
    g_assert_cmphex(cb_read(0, FSR), ==, 0x80000402);

    m->stream_id[2] = 0x77;
    g_assert_true(aborts(2, 0x1000, RO));
    g_assert_true(aborts(2, 0x1004, RO));
    g_assert_cmphex(machine_read(m, GFSR, 4), ==, 2);
    g_assert_true(aborts(2, 0x1004, RO));
    g_assert_cmphex(machine_read(m, GFSR, 4), ==, 0x80000002);
}

/* Nobody can be told of new mappings: a host device would miss them */
static void test_map_notifier(void)
{
    IOMMUMemoryRegion *mr;
    IOMMUMemoryRegionClass *imrc;
    Error *err = NULL;

    new_machine(&machine_default);
    mr = &m->tbu[0]->parent_obj;
    imrc = IOMMU_MEMORY_REGION_CLASS(OBJECT(mr)->class);
    g_assert_cmpint(imrc->notify_flag_changed(mr, IOMMU_NOTIFIER_NONE,
                                              IOMMU_NOTIFIER_ALL, &err), <, 0);
    g_assert_nonnull(err);
    error_free(err);
}

static void expect_property(unsigned master, const char *name,
                            const char *value)
{
    g_autofree char *is = object_property_get_str(OBJECT(m->tbu[master]), name,
                                                  &error_abort);

    g_assert_cmpstr(is, ==, value);
}

static uint64_t number(unsigned master, const char *name)
{
    return object_property_get_int(OBJECT(m->tbu[master]), name, &error_abort);
}

static void test_properties(void)
{
    new_machine(&machine_default);
    setup_bank(0, 1 << 16, 1, 0x10000);
    setup_bank(1, 3 << 16 | 2 << 8, 1, 0x10000);
    setup_bank(2, 0 << 16, 1, 0x20000);
    setup_bank(3, 1 << 16, 1, 0x10000);
    cb4(3, SCTLR, 0);
    setup_bank(4, 2 << 16, 1, 0x10000);
    gr0(S2CR + 4 * 5, 1 << 16);
    gr0(S2CR + 4 * 6, 2 << 16);
    expect_property(0, "device", "master");
    expect_property(0, "route", "translate");
    expect_property(0, "stage", "1");
    expect_property(1, "stage", "1+2");
    expect_property(2, "stage", "2");
    expect_property(3, "stage", "-");
    expect_property(4, "stage", "-");
    expect_property(5, "route", "bypass");
    expect_property(5, "stage", "-");
    expect_property(6, "route", "fault");
    g_assert_cmpint(number(2, "context-bank"), ==, 2);
    g_assert_cmpint(number(5, "context-bank"), ==, -1);
    m->stream_id[7] = 0xfff8;
    g_assert_cmphex(number(7, "stream-id"), ==, 0xfff8);
}

static void test_counters(void)
{
    new_machine(&machine_default);
    setup_bank(0, 1 << 16, 1, 0x10000);
    map_page(0x10000, 0x40201000, 0x5000 | S1_LEAF);
    out(0, 0x40201000);
    out(0, 0x40201000);
    out(0, 0x40201800);
    aborts(0, 0x40203000, RO);
    g_assert_cmpint(number(0, "translations"), ==, 4);
    g_assert_cmpint(number(0, "hits"), ==, 2);
    g_assert_cmpint(number(0, "misses"), ==, 2);
    g_assert_cmpint(number(0, "faults"), ==, 1);
    g_assert_cmpint(number(1, "translations"), ==, 0);
    smmuv2_tbu_reset(m->tbu[0]);
    g_assert_cmpint(number(0, "translations"), ==, 0);
    g_assert_cmpint(number(0, "faults"), ==, 0);
}

/* Loaded from a stream, but nobody has restored it: nobody has it parked */
static void test_stall_not_restored(void)
{
    IOMMUStall stall = { .state = IOMMU_STALL_NONE };

    new_machine(&machine_default);
    stall.iommu = MEMORY_REGION(m->tbu[0]);
    g_assert_cmpint(vmstate_iommu_stall.pre_load(&stall), ==, 0);
    stall.state = IOMMU_STALL_HELD;
    iommu_stall_cancel(&stall);
    g_assert_cmpint(stall.state, ==, IOMMU_STALL_NONE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    g_test_add_func("/smmuv2/tbu/bypass", test_bypass);
    g_test_add_func("/smmuv2/tbu/route-changes", test_route_changes);
    g_test_add_func("/smmuv2/tbu/pieces", test_pieces);
    g_test_add_func("/smmuv2/tbu/map-notifier", test_map_notifier);
    g_test_add_func("/smmuv2/tbu/properties", test_properties);
    g_test_add_func("/smmuv2/tbu/counters", test_counters);
    g_test_add_func("/smmuv2/tbu/stall-not-restored", test_stall_not_restored);
    return g_test_run();
}
