/*
 * GICv4 qtests: an ITS remembers where events go, and forgets it in time
 *
 * Each test has a message raise an event until it is known, changes where the
 * event goes, or whether, and looks where the next message has gone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "gicv4-lib.h"

#define EVENT       5
#define INTID       (LPI + 100)
#define INTID2      (LPI + 200)
#define VPE         3
#define VPE2        4

static void message_of(GICTest *t, unsigned event)
{
    qtest_writel(t->qts, t->its + 0x10040, event);
}

static void message(GICTest *t)
{
    message_of(t, EVENT);
}

static uint64_t counter(GICTest *t, const char *name)
{
    g_autofree char *info = qtest_hmp(t->qts, "info pic");
    unsigned long known, looked_up;
    const char *line = strstr(info, "ITS 0: ");

    g_assert_nonnull(line);
    g_assert_cmpint(sscanf(line, "ITS 0: %lu events were known, %lu looked up",
                           &known, &looked_up), ==, 2);
    return !strcmp(name, "known") ? known : looked_up;
}

/* Messages until the event is known; it is not pending then */
static void make_known(GICTest *t, uint64_t table, unsigned intid)
{
    uint64_t known = counter(t, "known");
    uint64_t looked_up = counter(t, "looked up");

    for (unsigned i = 0; i < 3; i++) {
        g_assert_false(pending(t, table, intid));
        message(t);
        g_assert_true(pending(t, table, intid));
        its_clear(t, 0, EVENT);
    }
    g_assert_false(pending(t, table, intid));
    g_assert_cmpuint(counter(t, "looked up"), ==, looked_up + 1);
    g_assert_cmpuint(counter(t, "known"), ==, known + 2);
}

/* ---- LPIs ---- */

static GICTest *start_lpi(void)
{
    GICTest *t = gic_start("4");

    its_mapti(t, 0, EVENT, INTID, 1);
    make_known(t, LPI_PEND(1), INTID);
    return t;
}

static void change_mapti(GICTest *t)
{
    its_mapti(t, 0, EVENT, INTID2, 2);
}

static void change_movi(GICTest *t)
{
    its_cmd(t, 0x01, EVENT, 2, 0);
}

static void change_mapc(GICTest *t)
{
    its_mapc(t, 1, 2);
}

static void change_mapd(GICTest *t)
{
    its_mapd(t, 0, ITT2, 8);
    /* That table has nothing yet */
    message(t);
    g_assert_false(pending(t, LPI_PEND(1), INTID));
    its_mapti(t, 0, EVENT, INTID2, 2);
}

static void change_baser(GICTest *t)
{
    qtest_writel(t->qts, t->its + GITS_CTLR, 0);
    its_write64(t, GITS_BASER(1), VALID | PAGE_64K | COL_TABLE2);
    qtest_writeq(t->qts, COL_TABLE2 + 8, 2 << 1 | 1);
    qtest_writel(t->qts, t->its + GITS_CTLR, 1);
}

static void change_to_virtual(GICTest *t)
{
    its_vmapp40(t, VPE, 1);
    its_vmapti(t, 0, EVENT, VPE, INTID2, NO_DOORBELL);
}

static void test_lpi(void)
{
    static const struct {
        const char *name;
        void (*change)(GICTest *t);
        uint64_t table;
        unsigned intid;
    } rows[] = {
        { "MAPTI", change_mapti, LPI_PEND(2), INTID2 },
        { "MOVI", change_movi, LPI_PEND(2), INTID },
        { "MAPC", change_mapc, LPI_PEND(2), INTID },
        { "MAPD", change_mapd, LPI_PEND(2), INTID2 },
        { "BASER", change_baser, LPI_PEND(2), INTID },
        { "VMAPTI", change_to_virtual, VPT(VPE), INTID2 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        GICTest *t = start_lpi();

        g_test_message("%s", rows[i].name);
        rows[i].change(t);
        make_known(t, rows[i].table, rows[i].intid);
        g_assert_false(pending(t, LPI_PEND(1), INTID));
        gic_quit(t);
    }
}

/* MAPI: the INTID is the EventID, so that has to be an LPI's */
static void test_mapi(void)
{
    GICTest *t = gic_start("4");
    uint64_t known;

    its_mapd(t, 0, ITT2, 14);
    its_mapti(t, 0, INTID, INTID2, 1);
    message_of(t, INTID);
    known = counter(t, "known");
    message_of(t, INTID);
    g_assert_cmpuint(counter(t, "known"), ==, known + 1);
    g_assert_true(pending(t, LPI_PEND(1), INTID2));
    its_clear(t, 0, INTID);

    its_cmd(t, 0x0b, INTID, 2, 0);
    message_of(t, INTID);
    g_assert_true(pending(t, LPI_PEND(2), INTID));
    g_assert_false(pending(t, LPI_PEND(1), INTID2));
    gic_quit(t);
}

/* What is no longer mapped raises nothing */
static void change_discard(GICTest *t)
{
    its_discard(t, 0, EVENT);
}

static void change_unmapd(GICTest *t)
{
    its_cmd(t, 0x08, 7, ITT, 0);
}

static void change_unmapc(GICTest *t)
{
    its_cmd(t, 0x09, 0, 1, 0);
}

static void change_disable(GICTest *t)
{
    qtest_writel(t->qts, t->its + GITS_CTLR, 0);
}

static void change_no_devices(GICTest *t)
{
    qtest_writel(t->qts, t->its + GITS_CTLR, 0);
    its_write64(t, GITS_BASER(0), 0);
    qtest_writel(t->qts, t->its + GITS_CTLR, 1);
}

static void test_unmapped(void)
{
    static const struct {
        const char *name;
        void (*change)(GICTest *t);
    } rows[] = {
        { "DISCARD", change_discard },
        { "MAPD", change_unmapd },
        { "MAPC", change_unmapc },
        { "CTLR", change_disable },
        { "BASER", change_no_devices },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        GICTest *t = start_lpi();

        g_test_message("%s", rows[i].name);
        rows[i].change(t);
        message(t);
        message(t);
        g_assert_false(pending(t, LPI_PEND(1), INTID));
        gic_quit(t);
    }
}

static void test_reset(void)
{
    GICTest *t = start_lpi();

    qtest_system_reset(t->qts);
    message(t);
    g_assert_false(pending(t, LPI_PEND(1), INTID));
    g_assert_cmpuint(counter(t, "known"), ==, 0);
    g_assert_cmpuint(counter(t, "looked up"), ==, 0);
    /* Other tables */
    t->head[0] = 0;
    qtest_memset(t->qts, DEV_TABLE, 0, 0x10000);
    gic_set_up(t, VALID | PAGE_64K | VPE_TABLE);
    its_mapd(t, 0, ITT2, 8);
    its_mapti(t, 0, EVENT, INTID2, 2);
    make_known(t, LPI_PEND(2), INTID2);
    g_assert_false(pending(t, LPI_PEND(1), INTID));
    gic_quit(t);
}

static void test_migrate(void)
{
    GICTest *t = start_lpi();

    gic_migrate(t, "4", "");
    make_known(t, LPI_PEND(1), INTID);
    gic_quit(t);
}

/* Each ITS has its own events */
static void test_two_its(void)
{
    GICTest *t = gic_start_with("4", ",its-count=2", "");
    uint64_t first = t->its;

    its_mapti(t, 0, EVENT, INTID, 1);
    make_known(t, LPI_PEND(1), INTID);
    gic_set_up_second_its(t);
    its_mapti(t, 0, EVENT, INTID2, 2);
    for (unsigned i = 0; i < 3; i++) {
        message(t);
        g_assert_true(pending(t, LPI_PEND(2), INTID2));
        g_assert_false(pending(t, LPI_PEND(1), INTID));
        its_clear(t, 0, EVENT);
    }
    t->its = first;
    message(t);
    g_assert_true(pending(t, LPI_PEND(1), INTID));
    gic_quit(t);
}

/* ---- Virtual LPIs ---- */

static GICTest *start_vlpi(const char *version)
{
    GICTest *t = gic_start(version);

    configure(t, VCONF, INTID, true, 0xa0);
    configure(t, VCONF, INTID2, true, 0xa0);
    for (unsigned vpe = VPE; vpe <= VPE2; vpe++) {
        if (t->v41) {
            its_vmapp(t, vpe, 1, NO_DOORBELL);
        } else {
            its_vmapp40(t, vpe, 1);
        }
    }
    its_vmapti(t, 0, EVENT, VPE, INTID, NO_DOORBELL);
    make_known(t, VPT(VPE), INTID);
    return t;
}

static void test_vlpi(void)
{
    static const char *const versions[] = { "4", "4.1" };

    for (unsigned i = 0; i < ARRAY_SIZE(versions); i++) {
        GICTest *t = start_vlpi(versions[i]);

        its_vmapti(t, 0, EVENT, VPE, INTID2, NO_DOORBELL);
        make_known(t, VPT(VPE), INTID2);
        its_vmovi(t, 0, EVENT, VPE2);
        make_known(t, VPT(VPE2), INTID2);
        its_mapti(t, 0, EVENT, INTID, 2);
        make_known(t, LPI_PEND(2), INTID);
        g_assert_false(pending(t, VPT(VPE), INTID));
        g_assert_false(pending(t, VPT(VPE), INTID2));
        gic_quit(t);
    }
}

static void test_vmapp(void)
{
    static const char *const versions[] = { "4", "4.1" };

    for (unsigned i = 0; i < ARRAY_SIZE(versions); i++) {
        GICTest *t = start_vlpi(versions[i]);

        if (t->v41) {
            its_vunmapp(t, VPE, true);
        } else {
            its_cmd(t, 0x29, (uint64_t)VPE << 32, 0, 0);
        }
        message(t);
        g_assert_false(pending(t, VPT(VPE), INTID));
        gic_quit(t);
    }
}

/* Where a vPE runs is never out of date: it gets the interrupt there */
static void test_residency_41(void)
{
    GICTest *t = start_vlpi("4.1");

    for (unsigned i = 0; i < 3; i++) {
        uint64_t value;

        /* Both from before and while it runs */
        message(t);
        schedule(t, 1, VPE);
        value = block(t, 1);
        g_assert_cmphex(value & VPEND_LAST, ==, VPEND_LAST);
        its_clear(t, 0, EVENT);

        schedule(t, 1, VPE);
        message(t);
        g_assert_true(pending(t, VPT(VPE), INTID));
        value = block(t, 1);
        g_assert_cmphex(value & VPEND_LAST, ==, VPEND_LAST);
        its_clear(t, 0, EVENT);
    }
    /* Another one runs there now */
    schedule(t, 1, VPE2);
    message(t);
    g_assert_true(pending(t, VPT(VPE), INTID));
    g_assert_cmphex(block(t, 1) & VPEND_LAST, ==, 0);
    its_clear(t, 0, EVENT);

    its_vmovp(t, VPE, 2);
    schedule(t, 2, VPE);
    message(t);
    message(t);
    g_assert_cmphex(block(t, 2) & VPEND_LAST, ==, VPEND_LAST);
    gic_quit(t);
}

static void test_vmovp_40(void)
{
    GICTest *t = start_vlpi("4");

    its_cmd(t, 0x22, (uint64_t)VPE << 32, 2 << 16, 0);
    schedule40(t, 2, VPE, 15);
    message(t);
    g_assert_cmphex(deschedule40(t, 2) & VPEND_LAST, ==, VPEND_LAST);
    gic_quit(t);
}

/* One ITS is told of what the others' events depend on */
static void test_other_its(void)
{
    static const char *const versions[] = { "4", "4.1" };

    for (unsigned i = 0; i < ARRAY_SIZE(versions); i++) {
        GICTest *t = gic_start_with(versions[i], ",its-count=2", "");
        uint64_t first = t->its;

        configure(t, VCONF, INTID, true, 0xa0);
        if (t->v41) {
            its_vmapp(t, VPE, 1, NO_DOORBELL);
        } else {
            its_vmapp40(t, VPE, 1);
        }
        gic_set_up_second_its(t);
        its_vmapti(t, 0, EVENT, VPE, INTID, NO_DOORBELL);
        for (unsigned n = 0; n < 3; n++) {
            message(t);
            g_assert_true(pending(t, VPT(VPE), INTID));
            its_clear(t, 0, EVENT);
        }

        t->its = first;
        its_vmovp(t, VPE, 2);
        t->its = ITS_SECOND;
        if (t->v41) {
            schedule(t, 2, VPE);
            message(t);
            g_assert_cmphex(block(t, 2) & VPEND_LAST, ==, VPEND_LAST);
        } else {
            schedule40(t, 2, VPE, 15);
            message(t);
            g_assert_cmphex(deschedule40(t, 2) & VPEND_LAST, ==, VPEND_LAST);
        }
        its_clear(t, 0, EVENT);
        g_assert_false(pending(t, VPT(VPE), INTID));

        /* The vPE table is one for both here */
        t->its = first;
        if (t->v41) {
            its_vunmapp(t, VPE, true);
            t->its = ITS_SECOND;
            message(t);
            g_assert_false(pending(t, VPT(VPE), INTID));
        }
        gic_quit(t);
    }
}

/* A doorbell rings, whether or not the event is known */
static void test_doorbell_41(void)
{
    GICTest *t = gic_start("4.1");

    enable_lpi(t, INTID2);
    configure(t, VCONF, INTID, true, 0xa0);
    its_vmapp(t, VPE, 1, INTID2);
    its_vmapti(t, 0, EVENT, VPE, INTID, NO_DOORBELL);
    make_known(t, VPT(VPE), INTID);
    for (unsigned i = 0; i < 3; i++) {
        schedule(t, 1, VPE);
        g_assert_cmphex(block(t, 1) & VPEND_DB, ==, VPEND_DB);
        g_assert_false(pending(t, LPI_PEND(1), INTID2));
        message(t);
        g_assert_true(pending(t, LPI_PEND(1), INTID2));
        its_clear(t, 0, EVENT);
    }
    gic_quit(t);
}

/* What is known is counted for the vPE, resident or not */
static void test_counter_41(void)
{
    GICTest *t = start_vlpi("4.1");
    g_autofree char *info = NULL;
    g_autofree char *line = NULL;

    schedule(t, 1, VPE);
    message(t);
    info = qtest_hmp(t->qts, "info pic");
    line = g_strdup_printf("  %-10d %10d %10d %10d %10d %10d %10d\r\n", VPE,
                           1, 0, 3, 3, 0, 1);
    g_assert_nonnull(strstr(info, " vPE             vLPIs      vSGIs     pended"
                            "      known  doorbells   resident\r\n"));
    g_assert_nonnull(strstr(info, line));
    gic_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("gicv4/events/lpi", test_lpi);
    qtest_add_func("gicv4/events/mapi", test_mapi);
    qtest_add_func("gicv4/events/unmapped", test_unmapped);
    qtest_add_func("gicv4/events/reset", test_reset);
    qtest_add_func("gicv4/events/migrate", test_migrate);
    qtest_add_func("gicv4/events/two-its", test_two_its);
    qtest_add_func("gicv4/events/vlpi", test_vlpi);
    qtest_add_func("gicv4/events/vmapp", test_vmapp);
    qtest_add_func("gicv4/events/residency-4.1", test_residency_41);
    qtest_add_func("gicv4/events/vmovp-4.0", test_vmovp_40);
    qtest_add_func("gicv4/events/other-its", test_other_its);
    qtest_add_func("gicv4/events/doorbell-4.1", test_doorbell_41);
    qtest_add_func("gicv4/events/counter-4.1", test_counter_41);
    return g_test_run();
}
