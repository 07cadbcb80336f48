/*
 * SMMUv2 qtest: performance monitors
 *
 * Counters of time, which runs only when the test says so, and the interrupt on
 * its way to the GIC.  Events of transactions are in test-smmuv2-pmu.c; here is
 * one, of a real device.  For migration see smmuv2-migration-test.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "smmuv2-lib.h"

/* sysbus IRQs: the global one, those of the banks, and the counters' */
#define PMU_LINE    65
/* SPI 241 in the distributor's GICD_ISPENDR */
#define GICD_BASE   0x08000000
#define SPI         (176 + 65)

static void pm_write(SMMUTest *t, unsigned offset, uint32_t value)
{
    qtest_writel(t->qts, smmu_pm(t, offset), value);
}

static uint32_t pm_read(SMMUTest *t, unsigned offset)
{
    return qtest_readl(t->qts, smmu_pm(t, offset));
}

static void count(SMMUTest *t, unsigned n, uint32_t event, uint32_t from)
{
    pm_write(t, A_PMEVTYPER0 + 4 * n, event);
    pm_write(t, A_PMEVCNTR0 + 4 * n, from);
    pm_write(t, A_PMCNTENSET, 1u << n);
    pm_write(t, A_PMCR, R_PMCR_E_MASK);
}

static uint32_t counter(SMMUTest *t, unsigned n)
{
    return pm_read(t, A_PMEVCNTR0 + 4 * n);
}

/* 1 GHz of virtual time, and a 64th of it */
static void test_cycles(const void *args)
{
    SMMUTest *t = smmu_start(args);

    count(t, 0, 0x00, 0);
    count(t, 7, 0x01, 0);
    g_assert_cmpuint(counter(t, 0), ==, 0);
    qtest_clock_step(t->qts, 1000);
    g_assert_cmpuint(counter(t, 0), ==, 1000);
    g_assert_cmpuint(counter(t, 7), ==, 15);
    /* Remainders are not lost by looking */
    qtest_clock_step(t->qts, 24);
    g_assert_cmpuint(counter(t, 7), ==, 16);
    g_assert_cmpuint(counter(t, 0), ==, 1024);
    /* Off, on */
    pm_write(t, A_PMCR, 0);
    qtest_clock_step(t->qts, 5000);
    g_assert_cmpuint(counter(t, 0), ==, 1024);
    pm_write(t, A_PMCR, R_PMCR_E_MASK);
    qtest_clock_step(t->qts, 64);
    g_assert_cmpuint(counter(t, 0), ==, 1088);
    g_assert_cmpuint(counter(t, 7), ==, 17);
    pm_write(t, A_PMCNTENCLR, 1);
    qtest_clock_step(t->qts, 64);
    g_assert_cmpuint(counter(t, 0), ==, 1088);
    g_assert_cmpuint(counter(t, 7), ==, 18);
    /* Set, and reset */
    pm_write(t, A_PMEVCNTR0 + 28, 100);
    qtest_clock_step(t->qts, 640);
    g_assert_cmpuint(counter(t, 7), ==, 110);
    pm_write(t, A_PMCR, R_PMCR_E_MASK | R_PMCR_P_MASK);
    g_assert_cmpuint(counter(t, 0), ==, 0);
    qtest_clock_step(t->qts, 64);
    g_assert_cmpuint(counter(t, 7), ==, 1);
    qtest_system_reset(t->qts);
    qtest_clock_step(t->qts, 6400);
    g_assert_cmpuint(counter(t, 7), ==, 0);
    smmu_quit(t);
}

/* The line goes up when time has come, not when somebody looks */
static void test_cycles_overflow(void)
{
    SMMUTest *t = smmu_start(NULL);

    qtest_irq_intercept_out_named(t->qts, SMMU_QOM, "sysbus-irq");
    count(t, 1, 0x00, 0xffffff00);
    count(t, 2, 0x01, 0xfffffff0);
    pm_write(t, A_PMINTENSET, 0x6);
    qtest_clock_step(t->qts, 0xff);
    g_assert_false(qtest_get_irq(t->qts, PMU_LINE));
    qtest_clock_step(t->qts, 1);
    g_assert_true(qtest_get_irq(t->qts, PMU_LINE));
    g_assert_cmphex(pm_read(t, A_PMOVSCLR), ==, 0x2);
    g_assert_cmphex(counter(t, 1), ==, 0);
    pm_write(t, A_PMOVSCLR, 0x2);
    g_assert_false(qtest_get_irq(t->qts, PMU_LINE));
    /* 16 * 64 in all */
    qtest_clock_step(t->qts, 0x2ff);
    g_assert_false(qtest_get_irq(t->qts, PMU_LINE));
    qtest_clock_step(t->qts, 1);
    g_assert_true(qtest_get_irq(t->qts, PMU_LINE));
    g_assert_cmphex(pm_read(t, A_PMOVSCLR), ==, 0x4);
    /* Without its interrupt enabled it overflows as well */
    pm_write(t, A_PMOVSCLR, 0x4);
    pm_write(t, A_PMINTENCLR, 0x6);
    pm_write(t, A_PMEVCNTR0 + 4, 0xffffffff);
    qtest_clock_step(t->qts, 1);
    g_assert_false(qtest_get_irq(t->qts, PMU_LINE));
    g_assert_cmphex(pm_read(t, A_PMOVSSET), ==, 0x2);
    pm_write(t, A_PMINTENSET, 0x2);
    g_assert_true(qtest_get_irq(t->qts, PMU_LINE));
    qtest_system_reset(t->qts);
    g_assert_false(qtest_get_irq(t->qts, PMU_LINE));
    smmu_quit(t);
}

/* A device's accesses; the board's SPI */
static void test_device(void)
{
    SMMUTest *t = smmu_start(NULL);
    uint64_t isenabler = GICD_BASE + 0x100 + (SPI + 32) / 32 * 4;
    uint64_t ispendr = GICD_BASE + 0x200 + (SPI + 32) / 32 * 4;
    uint32_t bit = 1u << (SPI + 32) % 32;
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);

    qtest_writel(t->qts, isenabler, bit);
    smmu_map(&tab, 0x5000, RAM_BASE + 0x5432000, 3, LEAF_S1);
    smmu_bank_s1(t, 3, &tab, NULL, 1, 0);
    smmu_use_bank(t, 3);
    pm_write(t, A_PMCGCR0, PMCGCR_TCEFCFG_STREAM << 8);
    pm_write(t, A_PMCGSMR0, PTD_SID);
    pm_write(t, A_PMCGCR0 + 4, PMCGCR_TCEFCFG_STREAM << 8);
    pm_write(t, A_PMCGSMR0 + 4, PTD_SID + 1);
    count(t, 0, 0x12, 0);                       /* writes */
    count(t, 1, 0x84, 0xffffffff);              /* walks */
    count(t, 4, 0x12, 0);
    pm_write(t, A_PMINTENSET, 0x2);
    g_assert_cmphex(qtest_readl(t->qts, ispendr) & bit, ==, 0);
    g_assert_cmphex(dma_write64(&t->dev, 0x5000, 1), ==, PTD_RESULT_OK);
    g_assert_cmpuint(counter(t, 0), ==, 1);
    g_assert_cmpuint(counter(t, 1), ==, 0);
    g_assert_cmpuint(counter(t, 4), ==, 0);
    g_assert_cmphex(qtest_readl(t->qts, ispendr) & bit, ==, bit);
    smmu_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_data_func("/smmuv2/pmu/cycles", NULL, test_cycles);
    qtest_add_data_func("/smmuv2/pmu/cycles/64k",
                        "-global arm-smmuv2.page-size=65536", test_cycles);
    qtest_add_func("/smmuv2/pmu/cycles-overflow", test_cycles_overflow);
    qtest_add_func("/smmuv2/pmu/device", test_device);
    return g_test_run();
}
