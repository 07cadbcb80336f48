/*
 * GICv4 qtest: what GICv4.0 does right, and what it once did wrong
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "gicv4-lib.h"

#define VINTID      (LPI + 100)
#define DOORBELL    (LPI + 7)

/* A vLPI of a vPE that runs, of one that does not, and of one that blocks */
static void test_direct_and_doorbell(void)
{
    GICTest *t = gic_start("4");

    enable_lpi(t, DOORBELL);
    configure(t, VCONF, VINTID, true, 0xa0);
    its_vmapp40(t, 3, 1);
    its_vmapti(t, 0, 5, 3, VINTID, DOORBELL);

    its_int(t, 0, 5);
    g_assert_true(pending(t, VPT(3), VINTID));
    g_assert_true(pending(t, LPI_PEND(1), DOORBELL));

    schedule40(t, 1, 3, 15);
    g_assert_cmphex(deschedule40(t, 1) & VPEND_LAST, ==, VPEND_LAST);
    gic_quit(t);
}

/* What is pending already rings no second time */
static void test_doorbell_rings_once(void)
{
    GICTest *t = gic_start("4");

    enable_lpi(t, DOORBELL);
    its_vmapp40(t, 3, 1);
    its_vmapti(t, 0, 5, 3, VINTID, DOORBELL);
    its_mapti(t, 0, 6, DOORBELL, 1);

    its_int(t, 0, 5);
    g_assert_true(pending(t, LPI_PEND(1), DOORBELL));
    its_clear(t, 0, 6);
    g_assert_false(pending(t, LPI_PEND(1), DOORBELL));
    its_int(t, 0, 5);
    g_assert_false(pending(t, LPI_PEND(1), DOORBELL));

    its_clear(t, 0, 5);
    its_int(t, 0, 5);
    g_assert_true(pending(t, LPI_PEND(1), DOORBELL));
    gic_quit(t);
}

/* VMOVI takes the pending state along */
static void test_vmovi(void)
{
    GICTest *t = gic_start("4");

    its_vmapp40(t, 3, 1);
    its_vmapp40(t, 4, 2);
    its_vmapti(t, 0, 5, 3, VINTID, NO_DOORBELL);
    its_int(t, 0, 5);
    its_vmovi(t, 0, 5, 4);
    g_assert_false(pending(t, VPT(3), VINTID));
    g_assert_true(pending(t, VPT(4), VINTID));
    gic_quit(t);
}

/* IDbits beyond 16 bits are 16 bits: what lies behind is no pending table */
static void test_idbits(void)
{
    static const unsigned idbits[] = { 15, 16, 31 };
    GICTest *t = gic_start("4");

    configure(t, VCONF, 0x10005, true, 0xa0);
    set_pending(t, VPT(3), 0x10005, true);
    for (unsigned i = 0; i < ARRAY_SIZE(idbits); i++) {
        schedule40(t, 1, 3, idbits[i]);
        g_assert_cmphex(deschedule40(t, 1) & VPEND_LAST, ==, 0);
    }
    configure(t, VCONF, 0xffff, true, 0xa0);
    set_pending(t, VPT(3), 0xffff, true);
    for (unsigned i = 0; i < ARRAY_SIZE(idbits); i++) {
        schedule40(t, 1, 3, idbits[i]);
        g_assert_cmphex(deschedule40(t, 1) & VPEND_LAST, ==, VPEND_LAST);
    }
    gic_quit(t);
}

/* The best vLPI of a resident vPE is known after migration */
static void test_migrate_resident(void)
{
    GICTest *t = gic_start("4");

    configure(t, VCONF, VINTID, true, 0xa0);
    its_vmapp40(t, 3, 1);
    its_vmapti(t, 0, 5, 3, VINTID, NO_DOORBELL);
    schedule40(t, 1, 3, 15);
    its_int(t, 0, 5);
    gic_migrate(t, "4", "");
    g_assert_cmphex(deschedule40(t, 1) & VPEND_LAST, ==, VPEND_LAST);
    gic_quit(t);
}

static void disable_its(GICTest *t)
{
    qtest_writel(t->qts, t->its + GITS_CTLR, 0);
}

static void enable_its(GICTest *t)
{
    qtest_writel(t->qts, t->its + GITS_CTLR, 1);
}

/* A table that cannot be read stalls the command that needs it */
static void test_unreadable_collection(void)
{
    static const struct {
        const char *name;
        unsigned cmd;
    } cmds[] = { { "INT", 0x03 }, { "CLEAR", 0x04 }, { "DISCARD", 0x0f } };

    for (unsigned i = 0; i < ARRAY_SIZE(cmds); i++) {
        GICTest *t = gic_start("4");
        uint64_t creadr;

        g_test_message("%s", cmds[i].name);
        its_mapti(t, 0, 5, VINTID, 1);
        disable_its(t);
        its_write64(t, GITS_BASER(1), VALID | PAGE_64K | NOWHERE);
        enable_its(t);
        creadr = its_read64(t, GITS_CREADR);
        g_assert_false(its_try(t, cmds[i].cmd, 5, 0, 0));
        g_assert_cmphex(its_read64(t, GITS_CREADR), ==, creadr | STALLED);
        gic_quit(t);
    }
}

static void test_unreadable_vpe_table(void)
{
    static const struct {
        const char *name;
        uint64_t dw[4];
    } cmds[] = {
        { "VINVALL", { 0x2d, 3ull << 32 } },
        { "INT", { 0x03, 5 } },
        { "INV", { 0x0c, 5 } },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cmds); i++) {
        GICTest *t = gic_start("4");

        g_test_message("%s", cmds[i].name);
        its_vmapti(t, 0, 5, 3, VINTID, NO_DOORBELL);
        disable_its(t);
        its_write64(t, GITS_BASER(2), VALID | INDIRECT | PAGE_64K | NOWHERE);
        enable_its(t);
        g_assert_false(its_try(t, cmds[i].dw[0], cmds[i].dw[1], 0, 0));
        gic_quit(t);
    }
}

/* A vPE that is not mapped is no reason to stall */
static void test_unmapped_vpe(void)
{
    GICTest *t = gic_start("4");

    its_vmapti(t, 0, 5, 3, VINTID, DOORBELL);
    its_int(t, 0, 5);
    its_inv(t, 0, 5);
    its_vinvall(t, 3);
    g_assert_false(pending(t, VPT(3), VINTID));
    gic_quit(t);
}

/* A stalled queue stands still until Retry, and then goes on */
static void test_retry(void)
{
    GICTest *t = gic_start("4");
    uint64_t creadr;

    its_mapti(t, 0, 5, VINTID, 1);
    disable_its(t);
    its_write64(t, GITS_BASER(1), VALID | PAGE_64K | INDIRECT | COL_TABLE);
    qtest_writeq(t->qts, COL_TABLE, VALID | NOWHERE);
    enable_its(t);
    creadr = its_read64(t, GITS_CREADR);
    g_assert_false(its_try(t, 0x03, 5, 0, 0));

    /* What was wrong is put right, but the ITS does not look */
    qtest_writeq(t->qts, COL_TABLE, VALID | VPE_L2);
    qtest_writeq(t->qts, VPE_L2 + 8, 2 << 1 | 1);   /* collection 1: CPU 2 */
    its_write64(t, GITS_CWRITER, t->head[0]);
    g_assert_cmphex(its_read64(t, GITS_CREADR), ==, creadr | STALLED);
    g_assert_false(pending(t, LPI_PEND(2), VINTID));

    its_write64(t, GITS_CWRITER, t->head[0] | 1);
    g_assert_cmphex(its_read64(t, GITS_CREADR), ==, t->head[0]);
    g_assert_cmphex(its_read64(t, GITS_CWRITER), ==, t->head[0]);
    g_assert_true(pending(t, LPI_PEND(2), VINTID));
    gic_quit(t);
}

/*
 * The best pending LPI is the enabled one of the highest priority, and of
 * several the one with the lowest INTID, wherever in the tables it is
 */
static void test_best(void)
{
    const unsigned num = 0x10000 - LPI;
    g_autofree uint8_t *bits = g_malloc0(0x2000);
    g_autofree uint8_t *conf = g_malloc0(num);
    g_autoptr(GRand) rand = g_rand_new_with_seed(42);
    GICTest *t = gic_start("4");

    for (unsigned round = 0; round < 150; round++) {
        /* From a single LPI, first and last among them, to all of them */
        unsigned pend = round < 20 ? 1 : 1u << round % 17;
        g_autofree char *expected = NULL;
        g_autofree char *info = NULL;
        int best = -1;

        memset(bits, 0, 0x2000);
        for (unsigned i = 0; i < num; i++) {
            conf[i] = g_rand_int_range(rand, 0, 256);
        }
        for (unsigned i = 0; i < pend; i++) {
            unsigned irq = round == 0 ? LPI : round == 1 ? 0xffff :
                g_rand_int_range(rand, LPI, 0x10000);

            bits[irq / 8] |= 1 << irq % 8;
            if (round < 2) {
                conf[irq - LPI] = 0xa1;
            }
        }
        /* Bits of what are no LPIs, and are not in use */
        memset(bits, 0xff, 1024);

        for (unsigned irq = LPI; irq < 0x10000; irq++) {
            if ((bits[irq / 8] >> irq % 8 & 1) && (conf[irq - LPI] & 1) &&
                (best < 0 || (conf[irq - LPI] & 0xfc) <
                 (conf[best - LPI] & 0xfc))) {
                best = irq;
            }
        }
        qtest_bufwrite(t->qts, LPI_PEND(2), bits, 0x2000);
        qtest_bufwrite(t->qts, LPI_CONF, conf, num);
        gicr_write64(t, 2, GICR_INVALLR, 0);
        info = qtest_hmp(t->qts, "info pic");
        expected = best < 0 ? g_strdup("  CPU 2\r\n") :
            g_strdup_printf("  CPU 2; pending %d, priority 0x%x\r\n", best,
                            conf[best - LPI] & 0xfc);
        if (!strstr(info, expected)) {
            g_test_message("round %u: expected%s got %s", round, expected,
                           info);
        }
        g_assert_nonnull(strstr(info, expected));
    }
    gic_quit(t);
}

/* MOVI with CPU 1 and CPU 2; the latter's tables are for @idbits + 1 bits */
static GICTest *start_movi(unsigned intid, unsigned idbits)
{
    GICTest *t = gic_start("4");

    gicr_write(t, 2, GICR_CTLR, 0);
    gicr_write64(t, 2, GICR_PROPBASER, LPI_CONF | idbits);
    gicr_write(t, 2, GICR_CTLR, 1);
    its_mapti(t, 0, 5, intid, 1);
    its_int(t, 0, 5);
    g_assert_true(pending(t, LPI_PEND(1), intid));
    its_cmd(t, 0x01, 5, 2, 0);
    return t;
}

/* MOVI takes a pending LPI along, but not to where it has no bit */
static void test_movi(void)
{
    static const unsigned intids[] = { 8192, 16383 };
    GICTest *t;

    for (unsigned i = 0; i < ARRAY_SIZE(intids); i++) {
        t = start_movi(intids[i], 13);
        g_assert_false(pending(t, LPI_PEND(1), intids[i]));
        g_assert_true(pending(t, LPI_PEND(2), intids[i]));
        gic_quit(t);
    }
}

static void test_movi_beyond_table(void)
{
    static const unsigned intids[] = { 16384, 65535 };
    GICTest *t;

    for (unsigned i = 0; i < ARRAY_SIZE(intids); i++) {
        t = start_movi(intids[i], 13);
        g_assert_true(pending(t, LPI_PEND(1), intids[i]));
        g_assert_false(pending(t, LPI_PEND(2), intids[i]));
        gic_quit(t);
    }
}

/* MOVALL takes all that are pending, and adds them to those that are */
static void test_movall(void)
{
    static const unsigned intids[] = { 8192, 9000, 40000, 65535 };
    GICTest *t = gic_start("4");

    for (unsigned i = 0; i < ARRAY_SIZE(intids); i++) {
        enable_lpi(t, intids[i]);
        its_mapti(t, 0, i, intids[i], 1);
        its_int(t, 0, i);
    }
    its_mapti(t, 0, 9, 9001, 2);
    its_int(t, 0, 9);
    its_cmd(t, 0x0e, 0, 1 << 16, 2 << 16);
    for (unsigned i = 0; i < ARRAY_SIZE(intids); i++) {
        g_assert_false(pending(t, LPI_PEND(1), intids[i]));
        g_assert_true(pending(t, LPI_PEND(2), intids[i]));
    }
    g_assert_true(pending(t, LPI_PEND(2), 9001));
    gic_quit(t);
}

/* With 57344 LPIs pending, the tables are right after each change */
static void test_all_pending(void)
{
    GICTest *t = gic_start("4");
    char *info;

    gicr_write(t, 2, GICR_CTLR, 0);
    qtest_memset(t->qts, LPI_CONF, 0x81, 0x10000 - LPI);
    qtest_memset(t->qts, LPI_PEND(2) + LPI / 8, 0xff, (0x10000 - LPI) / 8);
    gicr_write(t, 2, GICR_CTLR, 1);
    info = qtest_hmp(t->qts, "info pic");
    g_assert_nonnull(strstr(info, "CPU 2; pending 8192, priority 0x80"));
    g_free(info);

    its_mapti(t, 0, 5, 8192, 2);
    its_clear(t, 0, 5);
    g_assert_false(pending(t, LPI_PEND(2), 8192));
    g_assert_true(pending(t, LPI_PEND(2), 8193));
    info = qtest_hmp(t->qts, "info pic");
    g_assert_nonnull(strstr(info, "CPU 2; pending 8193, priority 0x80"));
    g_free(info);
    gic_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("gicv4/base/direct-and-doorbell", test_direct_and_doorbell);
    qtest_add_func("gicv4/base/doorbell-rings-once", test_doorbell_rings_once);
    qtest_add_func("gicv4/base/vmovi", test_vmovi);
    qtest_add_func("gicv4/base/idbits", test_idbits);
    qtest_add_func("gicv4/base/migrate-resident", test_migrate_resident);
    qtest_add_func("gicv4/base/unreadable-collection",
                   test_unreadable_collection);
    qtest_add_func("gicv4/base/unreadable-vpe-table",
                   test_unreadable_vpe_table);
    qtest_add_func("gicv4/base/unmapped-vpe", test_unmapped_vpe);
    qtest_add_func("gicv4/base/retry", test_retry);
    qtest_add_func("gicv4/base/best", test_best);
    qtest_add_func("gicv4/base/movi", test_movi);
    qtest_add_func("gicv4/base/movi-beyond-table", test_movi_beyond_table);
    qtest_add_func("gicv4/base/movall", test_movall);
    qtest_add_func("gicv4/base/all-pending", test_all_pending);
    return g_test_run();
}
