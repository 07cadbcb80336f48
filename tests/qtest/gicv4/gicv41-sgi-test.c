/*
 * GICv4 qtest: virtual SGIs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "gicv4-lib.h"

#define DOORBELL    (LPI + 7)
#define VPE         3
#define CPU         1
#define REAL_DB(value) ((value) & (VPEND_DB | VPEND_LAST))

static GICTest *start(void)
{
    GICTest *t = gic_start("4.1");

    enable_lpi(t, DOORBELL);
    its_vmapp(t, VPE, CPU, DOORBELL);
    return t;
}

/* The pending SGIs, as a redistributor tells them */
static uint32_t sgis(GICTest *t, unsigned cpu, unsigned vpe)
{
    gicr_write(t, cpu, GICR_VSGIR, vpe);
    return gicr_read(t, cpu, GICR_VSGIPENDR);
}

static bool rung(GICTest *t)
{
    return pending(t, LPI_PEND(CPU), DOORBELL);
}

static void wait_for_doorbell(GICTest *t, uint64_t groups)
{
    gicr_write64(t, CPU, GICR_VPENDBASER, VPEND_VALID | groups | VPE);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);
}

/* Each SGI is set by GITS_SGIR, cleared by VSGI, and seen from any CPU */
static void test_pending(void)
{
    GICTest *t = start();
    uint32_t all = 0;

    its_vmapp(t, 4, 2, NO_DOORBELL);
    for (unsigned sgi = 0; sgi < 16; sgi++) {
        its_sgir(t, VPE, sgi);
        all |= 1 << sgi;
        g_assert_cmphex(sgis(t, sgi % GIC_CPUS, VPE), ==, all);
        g_assert_cmphex(sgis(t, 0, 4), ==, 0);
    }
    for (unsigned sgi = 0; sgi < 16; sgi += 2) {
        its_vsgi_clear(t, VPE, sgi);
        all &= ~(1 << sgi);
        g_assert_cmphex(sgis(t, 0, VPE), ==, all);
    }
    /* They are no LPIs */
    for (unsigned intid = LPI; intid < 0x10000; intid += 8) {
        g_assert_cmphex(qtest_readb(t->qts, VPT(VPE) + intid / 8), ==, 0);
    }
    g_assert_cmphex(sgis(t, 0, 5), ==, 0);
    g_assert_cmphex(sgis(t, 0, 0xffff), ==, 0);
    gic_quit(t);
}

/* Only what is enabled, of a group that is forwarded, is the vPE's business */
static void test_forwarded(void)
{
    static const struct {
        bool enable;
        unsigned group;
        uint64_t groups;
        uint64_t last;
    } rows[] = {
        { false, 1, VPEND_G0 | VPEND_G1, 0 },
        { true, 1, VPEND_G0 | VPEND_G1, VPEND_LAST },
        { true, 1, VPEND_G1, VPEND_LAST },
        { true, 1, VPEND_G0, 0 },
        { false, 0, VPEND_G0 | VPEND_G1, 0 },
        { true, 0, VPEND_G0 | VPEND_G1, VPEND_LAST },
        { true, 0, VPEND_G0, VPEND_LAST },
        { true, 0, VPEND_G1, 0 },
        { true, 0, 0, 0 },
    };
    GICTest *t = start();

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        for (unsigned pend_first = 0; pend_first < 2; pend_first++) {
            g_test_message("row %u, pending %s", i,
                           pend_first ? "before" : "while it runs");
            its_vsgi(t, VPE, 9, rows[i].enable, rows[i].group, 0x80);
            if (pend_first) {
                its_sgir(t, VPE, 9);
            }
            gicr_write64(t, CPU, GICR_VPENDBASER,
                         VPEND_VALID | rows[i].groups | VPE);
            if (!pend_first) {
                its_sgir(t, VPE, 9);
            }
            g_assert_cmphex(block(t, CPU) & VPEND_LAST, ==, rows[i].last);
            g_assert_cmphex(sgis(t, CPU, VPE), ==, 1 << 9);
            its_vsgi_clear(t, VPE, 9);
        }
    }
    gic_quit(t);
}

/* Clear leaves the configuration, and a configuration leaves what is pending */
static void test_clear_or_configure(void)
{
    GICTest *t = start();

    its_vsgi(t, VPE, 9, true, 1, 0x80);
    its_sgir(t, VPE, 9);
    its_vsgi(t, VPE, 9, true, 1, 0x40);
    g_assert_cmphex(sgis(t, 0, VPE), ==, 1 << 9);
    its_vsgi_clear(t, VPE, 9);
    g_assert_cmphex(sgis(t, 0, VPE), ==, 0);

    wait_for_doorbell(t, VPEND_G1);
    its_sgir(t, VPE, 9);
    g_assert_true(rung(t));
    gic_quit(t);
}

static void test_doorbell(void)
{
    GICTest *t = start();

    its_vsgi(t, VPE, 9, true, 1, 0x80);
    its_vsgi(t, VPE, 10, true, 0, 0x80);
    wait_for_doorbell(t, VPEND_G1);
    its_sgir(t, VPE, 8);
    g_assert_false(rung(t));
    its_sgir(t, VPE, 10);
    g_assert_false(rung(t));
    its_sgir(t, VPE, 9);
    g_assert_true(rung(t));

    gicr_write64(t, CPU, GICR_CLRLPIR, DOORBELL);
    its_vsgi_clear(t, VPE, 9);
    its_sgir(t, VPE, 9);
    g_assert_false(rung(t));
    gic_quit(t);
}

/* One that is pending and becomes enabled rings too */
static void test_enabled_later(void)
{
    GICTest *t = start();

    wait_for_doorbell(t, VPEND_G1);
    its_sgir(t, VPE, 9);
    g_assert_false(rung(t));
    its_vsgi(t, VPE, 9, true, 1, 0x80);
    g_assert_true(rung(t));
    gic_quit(t);
}

/* SGIs go where the vPE goes, and stay while it is unmapped */
static void test_move_and_unmap(void)
{
    GICTest *t = start();

    its_vsgi(t, VPE, 9, true, 1, 0x80);
    its_sgir(t, VPE, 9);
    its_vmovp_db(t, VPE, 2, DOORBELL);
    schedule(t, 2, VPE);
    g_assert_cmphex(REAL_DB(block(t, 2)), ==, VPEND_LAST);

    its_vunmapp(t, VPE, true);
    its_sgir(t, VPE, 10);
    g_assert_cmphex(sgis(t, 0, VPE), ==, 0);
    its_vmapp(t, VPE, CPU, DOORBELL);
    g_assert_cmphex(sgis(t, 0, VPE), ==, 1 << 9);
    schedule(t, CPU, VPE);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_LAST);
    gic_quit(t);
}

/* GITS_SGIR is 64 bits wide, and deaf while the ITS is disabled */
static void test_sgir(void)
{
    GICTest *t = start();

    qtest_writel(t->qts, t->its + GITS_SGIR, 9);
    qtest_writel(t->qts, t->its + GITS_SGIR + 4, VPE);
    qtest_writeq(t->qts, t->its + GITS_SGIR + 8, (uint64_t)VPE << 32 | 9);
    g_assert_cmphex(sgis(t, 0, VPE), ==, 0);
    g_assert_cmphex(its_read64(t, GITS_SGIR), ==, 0);

    qtest_writel(t->qts, t->its + GITS_CTLR, 0);
    its_sgir(t, VPE, 9);
    qtest_writel(t->qts, t->its + GITS_CTLR, 1);
    g_assert_cmphex(sgis(t, 0, VPE), ==, 0);

    /* Reserved bits, and vPEs that are not there */
    its_write64(t, GITS_SGIR, 0xffff000000000000ull | (uint64_t)VPE << 32 |
                0xfffffff9);
    its_sgir(t, 4, 9);
    its_sgir(t, 0xffff, 9);
    g_assert_cmphex(sgis(t, 0, VPE), ==, 1 << 9);
    gic_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("gicv4/sgi/pending", test_pending);
    qtest_add_func("gicv4/sgi/forwarded", test_forwarded);
    qtest_add_func("gicv4/sgi/clear-or-configure", test_clear_or_configure);
    qtest_add_func("gicv4/sgi/doorbell", test_doorbell);
    qtest_add_func("gicv4/sgi/enabled-later", test_enabled_later);
    qtest_add_func("gicv4/sgi/move-and-unmap", test_move_and_unmap);
    qtest_add_func("gicv4/sgi/sgir", test_sgir);
    return g_test_run();
}
