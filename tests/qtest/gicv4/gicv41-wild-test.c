/*
 * GICv4.1 tests: tables where no table should be, state that does not fit
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "gicv4-lib.h"

#define REDIST_VPES 0x40200000ull   /* level 1 of the redistributor's table */
#define ITS_VPES    0x41000000ull   /* the ITS has another one */
#define FORGED      0x40070000ull

/*
 * A vPE's entry lies at the ITS's command queue registers, so that writing it
 * back when the vPE becomes resident runs commands.  They make the level 1
 * entry point to memory where the entry names CPU 65535, and have it read.
 */
static void test_residency(void)
{
    GICTest *t = gic_start_bare("4.1", "", "");
    QTestState *qts = t->qts;

    its_write64(t, GITS_BASER(2), VALID | PAGE_64K | ITS_VPES);
    its_write64(t, GITS_CBASER, VALID | CMDQ | 0x1b);
    qtest_writeq(qts, CMDQ, 0x05);                      /* SYNC, twice */
    qtest_writeq(qts, CMDQ + 32, 0x05);
    qtest_writel(qts, t->its + GITS_CTLR, 1);
    /* As an entry this has a doorbell, 8192; it stands where CREADR will */
    its_write64(t, GITS_CWRITER, 1ull << 60 | 8192ull << 36 | 0x40);
    its_write64(t, GITS_CREADR, 0);

    qtest_writeq(qts, ITS_VPES + 16, 1 | 15 << 1 | 0x4020ull << 6);
    qtest_writeq(qts, ITS_VPES + 24, 0);
    /* VSGI of vPE 1, whose configuration is the level 1 entry's byte 3 */
    qtest_writeq(qts, CMDQ, 0x23 | 4 << 20 | 3ull << 32);
    qtest_writeq(qts, CMDQ + 8, 1ull << 32);
    /* VMAPP of vPE 0, which is being made resident */
    qtest_writeq(qts, CMDQ + 32, 0x29);
    qtest_writeq(qts, CMDQ + 40, 8192);
    qtest_writeq(qts, CMDQ + 48, VALID);
    qtest_writeq(qts, CMDQ + 56, 15 | 0x4060ull << 16);

    qtest_writeq(qts, REDIST_VPES, VALID | (t->its + GITS_CBASER));
    qtest_writeq(qts, FORGED + 0x80, 1 | 15 << 1 | 0xffffull << 42);
    qtest_writeq(qts, FORGED + 0x88, 8192ull << 36);
    gicr_write64(t, 0, GICR_VPROPBASER,
                 VALID | 1ull << 55 | 2ull << 53 | REDIST_VPES);
    gicr_write64(t, 0, GICR_VPENDBASER, VALID);

    /* All of it was gone through, and QEMU is there */
    g_assert_cmphex(qtest_readq(qts, REDIST_VPES) & 0xff000000, !=, 0x08000000);
    g_assert_cmphex(its_read64(t, GITS_CREADR), !=, 0);
    gic_quit(t);
}

/* A GICv4.1's state for another GIC: refused, not fatal */
static void test_other_version(const void *version)
{
    GICTest *t = gic_start("4.1");

    gic_migrate_to(t, version, "", "failed");
    gic_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("gicv4/wild/residency", test_residency);
    qtest_add_data_func("gicv4/wild/state-for-4", "4", test_other_version);
    qtest_add_data_func("gicv4/wild/state-for-3", "3", test_other_version);
    return g_test_run();
}
