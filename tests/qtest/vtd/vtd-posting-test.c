/*
 * VT-d qtest: what posting does, and whom it notifies
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "vtd-lib.h"

#define INDEX       7
#define VECTOR      0x51

typedef struct Counters {
    uint64_t remapped, posted, notified, suppressed, urgent, faults;
} Counters;

static void assert_counters(VTDTest *t, Counters c)
{
    g_assert_cmpint(vtd_counter(t, "intr-remapped"), ==, c.remapped);
    g_assert_cmpint(vtd_counter(t, "intr-posted"), ==, c.posted);
    g_assert_cmpint(vtd_counter(t, "intr-notified"), ==, c.notified);
    g_assert_cmpint(vtd_counter(t, "intr-suppressed"), ==, c.suppressed);
    g_assert_cmpint(vtd_counter(t, "intr-urgent"), ==, c.urgent);
    g_assert_cmpint(vtd_counter(t, "intr-faults"), ==, c.faults);
}

static unsigned pending_anywhere(VTDTest *t)
{
    unsigned n = 0;

    for (unsigned cpu = 0; cpu < 4; cpu++) {
        n += vtd_irr_count(t, cpu);
    }
    return n;
}

/* ON, SN and URG; a notification vector of its own for each row */
static void test_rules(void)
{
    static const struct {
        uint64_t control, urgent;
        bool notified;
    } rows[] = {
        { 0,             0,        true },
        { 0,             IRTE_URG, true },
        { PD_SN,         0,        false },
        { PD_SN,         IRTE_URG, true },
        { PD_ON,         0,        false },
        { PD_ON,         IRTE_URG, false },
        { PD_ON | PD_SN, 0,        false },
        { PD_ON | PD_SN, IRTE_URG, false },
    };
    VTDTest *t = vtd_start(POSTED, NULL);
    unsigned sent = 0;

    vtd_enable(t, false);
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        const uint8_t nv = 0x60 + i;
        const uint64_t control = rows[i].control | PD_NV(nv) | PD_XAPIC(1);

        g_test_message("row %u", i);
        vtd_pd(t, PD, control);
        vtd_posted_irte(t, INDEX, VECTOR, PD, rows[i].urgent);
        vtd_send(t, INDEX);
        g_assert_true(vtd_pir(t, PD, VECTOR));
        g_assert_cmphex(vtd_pd_control(t, PD), ==,
                        control | (rows[i].notified ? PD_ON : 0));
        g_assert_cmpint(vtd_irr(t, 1, nv), ==, rows[i].notified);
        sent += rows[i].notified;
        g_assert_cmpint(pending_anywhere(t), ==, sent);
    }
    assert_no_fault(t);
    assert_counters(t, (Counters) {
        .posted = 8, .notified = 3, .suppressed = 1, .urgent = 4,
    });
    vtd_quit(t);
}

/* The interrupt itself goes to no CPU, only its notification does */
static void test_coalescing(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    vtd_enable(t, false);
    vtd_pd(t, PD, PD_NV(0xf2) | PD_XAPIC(2));
    for (unsigned v = 0x30; v < 0x40; v++) {
        vtd_posted_irte(t, v, v, PD, 0);
        vtd_send(t, v);
        vtd_send(t, v);
    }
    g_assert_cmpint(vtd_pir_count(t, PD), ==, 16);
    g_assert_true(vtd_irr(t, 2, 0xf2));
    g_assert_cmpint(pending_anywhere(t), ==, 1);
    assert_counters(t, (Counters) { .posted = 32, .notified = 1 });
    vtd_quit(t);
}

/* ---- Destinations ---- */

/* In xAPIC mode the destination is bits 15:8 of NDST, and those alone */
static void test_xapic(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    vtd_enable(t, false);
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    for (unsigned cpu = 0; cpu < 4; cpu++) {
        vtd_pd(t, PD, PD_NV(0x90 + cpu) | PD_XAPIC(cpu) |
               UINT64_C(0xffff00ff) << 32);
        vtd_send(t, INDEX);
        g_assert_true(vtd_irr(t, cpu, 0x90 + cpu));
        g_assert_cmpint(vtd_irr_count(t, cpu), ==, 1);
    }
    vtd_quit(t);
}

/* In x2APIC mode it is all of NDST */
static void test_x2apic(void)
{
    VTDTest *t = vtd_start(POSTED ",eim=on", NULL);

    vtd_enable(t, true);
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    for (unsigned cpu = 0; cpu < 4; cpu++) {
        vtd_pd(t, PD, PD_NV(0x90 + cpu) | PD_X2APIC(cpu));
        vtd_send(t, INDEX);
        g_assert_true(vtd_irr(t, cpu, 0x90 + cpu));
        g_assert_cmpint(vtd_irr_count(t, cpu), ==, 1);
    }
    g_assert_cmpint(vtd_counter(t, "intr-notified"), ==, 4);
    vtd_quit(t);
}

/* The mode is the table's, not the capability's */
static void test_eim_without_eime(void)
{
    VTDTest *t = vtd_start(POSTED ",eim=on", NULL);

    vtd_enable(t, false);
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    vtd_pd(t, PD, PD_NV(0x90) | PD_XAPIC(3) | UINT64_C(1) << 32);
    vtd_send(t, INDEX);
    g_assert_true(vtd_irr(t, 3, 0x90));
    g_assert_cmpint(pending_anywhere(t), ==, 1);
    vtd_quit(t);
}

/* ---- A vCPU's states, as a hypervisor writes them ---- */

#define NV_RUNNING  0xf2
#define NV_WAKEUP   0xf1

static void test_running(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    vtd_enable(t, false);
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    vtd_pd(t, PD, PD_NV(NV_RUNNING) | PD_XAPIC(1));
    vtd_send(t, INDEX);
    g_assert_true(vtd_pir(t, PD, VECTOR));
    g_assert_true(vtd_irr(t, 1, NV_RUNNING));
    g_assert_cmpint(pending_anywhere(t), ==, 1);
    vtd_quit(t);
}

static void test_ready(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    vtd_enable(t, false);
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    vtd_pd(t, PD, PD_SN | PD_NV(NV_RUNNING) | PD_XAPIC(1));
    vtd_send(t, INDEX);
    g_assert_true(vtd_pir(t, PD, VECTOR));
    g_assert_cmpint(pending_anywhere(t), ==, 0);
    vtd_quit(t);
}

static void test_halted(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    vtd_enable(t, false);
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    vtd_pd(t, PD, PD_NV(NV_WAKEUP) | PD_XAPIC(3));
    vtd_send(t, INDEX);
    g_assert_true(vtd_pir(t, PD, VECTOR));
    g_assert_true(vtd_irr(t, 3, NV_WAKEUP));
    g_assert_cmpint(pending_anywhere(t), ==, 1);
    vtd_quit(t);
}

/* NV and NDST change under way: old or new, at the moment ON is set */
static void test_transit(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    vtd_enable(t, false);
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    vtd_pd(t, PD, PD_NV(NV_RUNNING) | PD_XAPIC(1));
    vtd_send(t, INDEX);
    g_assert_true(vtd_irr(t, 1, NV_RUNNING));

    /* Elsewhere now, and one is outstanding: not told again */
    qtest_writeq(t->qts, PD + 32, PD_ON | PD_NV(NV_WAKEUP) | PD_XAPIC(2));
    vtd_send(t, INDEX);
    g_assert_cmpint(vtd_irr_count(t, 2), ==, 0);
    g_assert_cmphex(vtd_pd_control(t, PD), ==,
                    PD_ON | PD_NV(NV_WAKEUP) | PD_XAPIC(2));

    /* ON is cleared and PIR taken: the next one goes there */
    vtd_pd(t, PD, PD_NV(NV_WAKEUP) | PD_XAPIC(2));
    vtd_send(t, INDEX);
    g_assert_true(vtd_irr(t, 2, NV_WAKEUP));
    g_assert_cmpint(vtd_irr_count(t, 1), ==, 1);

    /* Silence begins: what comes waits in PIR, ON stays clear */
    vtd_pd(t, PD, PD_SN | PD_NV(NV_WAKEUP) | PD_XAPIC(3));
    vtd_send(t, INDEX);
    g_assert_true(vtd_pir(t, PD, VECTOR));
    g_assert_cmphex(vtd_pd_control(t, PD), ==,
                    PD_SN | PD_NV(NV_WAKEUP) | PD_XAPIC(3));
    g_assert_cmpint(vtd_irr_count(t, 3), ==, 0);
    vtd_quit(t);
}

/* Two vCPUs, a descriptor each: what is for one does not reach the other */
static void test_two(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    vtd_enable(t, false);
    vtd_posted_irte(t, 1, 0x41, PD, 0);
    vtd_posted_irte(t, 2, 0x42, PD + 64, 0);
    vtd_pd(t, PD, PD_NV(0xf2) | PD_XAPIC(1));
    vtd_pd(t, PD + 64, PD_SN);
    vtd_send(t, 1);
    vtd_send(t, 2);
    g_assert_true(vtd_pir(t, PD, 0x41));
    g_assert_true(vtd_pir(t, PD + 64, 0x42));
    g_assert_cmpint(vtd_pir_count(t, PD), ==, 1);
    g_assert_cmpint(vtd_pir_count(t, PD + 64), ==, 1);
    g_assert_cmpint(pending_anywhere(t), ==, 1);
    vtd_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/vtd/posting/rules", test_rules);
    qtest_add_func("/vtd/posting/coalescing", test_coalescing);
    qtest_add_func("/vtd/posting/xapic", test_xapic);
    qtest_add_func("/vtd/posting/x2apic", test_x2apic);
    qtest_add_func("/vtd/posting/eim-without-eime", test_eim_without_eime);
    qtest_add_func("/vtd/posting/running", test_running);
    qtest_add_func("/vtd/posting/ready", test_ready);
    qtest_add_func("/vtd/posting/halted", test_halted);
    qtest_add_func("/vtd/posting/transit", test_transit);
    qtest_add_func("/vtd/posting/two", test_two);
    return g_test_run();
}
