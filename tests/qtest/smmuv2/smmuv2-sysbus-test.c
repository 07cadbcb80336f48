/*
 * SMMUv2 qtest: masters of the system bus
 *
 * Test devices on the platform bus, each with a StreamID of its own: what the
 * SMMU makes of their DMA, what the device tree says of them, and what users
 * may get wrong.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/units.h"
#include "smmuv2-lib.h"

#define DATA    (RAM_BASE + 0x15432000)
#define IOVA    UINT64_C(0x5000)
#define HOLE    UINT64_C(0x9000)

#define TWIN    "-device passthrough-testdev-sysbus"
#define SID     0x7f10
#define ONE     TWIN ",id=one,stream-id=0x7f10"
#define SID2    0x7f11
#define TWO     ONE " " TWIN ",id=two,stream-id=0x7f11"

/* On the platform bus, in the order of the command line */
#define REGS    0x0c000000
#define BUFFER  0x0c010000
#define REGS2   0x0c001000
#define BUFFER2 0x0c020000

static TestDev find(SMMUTest *t)
{
    return testdev_sysbus(&t->pci.bus, REGS, BUFFER);
}

/* Bank @cb maps IOVA to @pa for @sid, by way of entry @cb */
static SMMUTable set_up(SMMUTest *t, unsigned cb, uint16_t sid, uint64_t pa)
{
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);

    smmu_map(&tab, IOVA, pa, 3, LEAF_S1);
    smmu_bank_s1(t, cb, &tab, NULL, cb + 1, 0);
    smmu_stream(t, cb, sid, 0, cb);
    gr0_write(t, A_CR0, CR0_ON);
    return tab;
}

/* ---- At work ---- */

static void test_identity(void)
{
    SMMUTest *t = smmu_start(TWO);
    TestDev dev = find(t), dev2 = testdev_sysbus(&t->pci.bus, REGS2, BUFFER2);

    g_assert_cmphex(testdev_reg(&dev, PTD_ID), ==, 0x31445450);
    g_assert_cmphex(testdev_reg(&dev, PTD_BUFFER_SIZE), ==, 0x10000);
    g_assert_cmphex(testdev_reg(&dev2, PTD_ID), ==, 0x31445450);
    g_assert_cmphex(smmu_qom_uint(t, SMMU_QOM "/tbu-one[0]", "stream-id"), ==,
                    0x7f10);
    g_assert_cmphex(smmu_qom_uint(t, SMMU_QOM "/tbu-two[0]", "stream-id"), ==,
                    0x7f11);
    smmu_free_dev(&dev);
    smmu_free_dev(&dev2);
    smmu_quit(t);
}

static void test_translates(void)
{
    SMMUTest *t = smmu_start(ONE);
    TestDev dev = find(t);

    set_up(t, 0, SID, DATA);
    assert_maps(t, &dev, IOVA, DATA, "stage 1");
    assert_no_faults(t, 1);
    assert_refused(t, &dev, HOLE, "unmapped");
    g_assert_cmphex(cb_read(t, 0, A_CB_FSR) & CB_FSR_FAULTS, ==,
                    R_CB_FSR_TF_MASK);
    g_assert_cmphex(cb_read64(t, 0, A_CB_FAR) & ~7ull, ==, HOLE);
    g_assert_cmphex(gr1_read(t, A_CBFRSYNRA0), ==, SID);
    smmu_free_dev(&dev);
    smmu_quit(t);
}

/* Without an entry of its own it passes or not, as sCR0.USFCFG says */
static void test_no_entry(void)
{
    SMMUTest *t = smmu_start(ONE);
    TestDev dev = find(t);

    assert_maps(t, &dev, DATA, DATA, "SMMU off");
    set_up(t, 0, PTD_SID, DATA + 4 * KiB);
    gr0_write(t, A_CR0, CR0_ON & ~R_CR0_USFCFG_MASK);
    assert_maps(t, &dev, DATA, DATA, "bypass");
    assert_no_faults(t, 1);
    gr0_write(t, A_CR0, CR0_ON);
    assert_refused(t, &dev, DATA, "unidentified stream");
    g_assert_cmphex(gr0_read(t, A_GFSR) & R_GFSR_USF_MASK, ==,
                    R_GFSR_USF_MASK);
    g_assert_cmphex(gr0_read(t, A_GFSYNR1), ==, SID);
    smmu_free_dev(&dev);
    smmu_quit(t);
}

static void test_isolated(void)
{
    SMMUTest *t = smmu_start(TWO);
    TestDev dev = find(t), dev2 = testdev_sysbus(&t->pci.bus, REGS2, BUFFER2);
    SMMUTable tab = set_up(t, 0, SID, DATA);

    set_up(t, 1, SID2, DATA + 8 * KiB);
    assert_maps(t, &dev, IOVA, DATA, "one");
    assert_maps(t, &dev2, IOVA, DATA + 8 * KiB, "two");
    smmu_map(&tab, HOLE, DATA + 4 * KiB, 3, LEAF_S1);
    assert_maps(t, &dev, HOLE, DATA + 4 * KiB, "one has it");
    assert_refused(t, &dev2, HOLE, "two has not");
    g_assert_cmphex(cb_read(t, 0, A_CB_FSR) & CB_FSR_FAULTS, ==, 0);
    g_assert_cmphex(gr1_read(t, A_CBFRSYNRA0 + 4), ==, SID2);
    smmu_free_dev(&dev);
    smmu_free_dev(&dev2);
    smmu_quit(t);
}

static void test_stall(void)
{
    SMMUTest *t = smmu_start("-object iothread,id=io0 " ONE ",iothread=io0");
    TestDev dev = find(t);
    SMMUTable tab = set_up(t, 0, SID, DATA);
    TestDevRequest req = {
        .op = PTD_OP_READ, .flags = PTD_FLAG_STALL, .addr = HOLE, .length = 8,
    };

    qtest_writeq(t->qts, DATA + 4 * KiB, 0x1122334455667788);
    cb_write(t, 0, A_CB_SCTLR, SCTLR_ON | R_CB_SCTLR_CFCFG_MASK);
    testdev_go(&dev, 0, &req);
    g_assert_cmpuint(testdev_channel_reg(&dev, 0, PTD_STATUS), ==,
                     PTD_STATUS_STALLED);
    g_assert_cmphex(gr1_read(t, A_CBFRSYNRA0), ==, SID);
    cb_write(t, 0, A_CB_FSR, ~0u);
    cb_write(t, 0, A_CB_RESUME, R_CB_RESUME_TNR_MASK);
    g_assert_cmphex(testdev_wait(&dev, 0, PTD_STATUS_DONE).result, ==,
                    PTD_RESULT_DECODE_ERROR);
    /* And from a thread of its own */
    req.flags |= PTD_FLAG_IOTHREAD;
    testdev_go(&dev, 0, &req);
    testdev_wait(&dev, 0, PTD_STATUS_STALLED);
    smmu_map(&tab, HOLE, DATA + 4 * KiB, 3, LEAF_S1);
    cb_write(t, 0, A_CB_FSR, ~0u);
    cb_write(t, 0, A_CB_RESUME, 0);
    g_assert_cmphex(testdev_wait(&dev, 0, PTD_STATUS_DONE).result, ==,
                    PTD_RESULT_OK);
    g_assert_cmpuint(testdev_channel_reg(&dev, 0, PTD_STALLS), ==, 1);
    g_assert_cmphex(qpci_io_readq(dev.pci, dev.buffer, 0), ==,
                    0x1122334455667788);
    smmu_free_dev(&dev);
    smmu_quit(t);
}

/* SPIs 112 and 113 are numbers 144 and 145 of the distributor */
#define GICD_ICPENDR    UINT64_C(0x08000290)
#define GICD_ICFGR      UINT64_C(0x08000c24)

static void test_interrupt(void)
{
    SMMUTest *t = smmu_start(TWO);
    TestDev dev = find(t);
    TestDevRequest req = {
        .op = PTD_OP_READ, .addr = DATA, .length = 8, .vector = 1 + 7,
    };

    qtest_writel(t->qts, GICD_ICFGR, 0xa);
    testdev_set(&dev, PTD_MSI, 0);
    g_assert_cmphex(qtest_readl(t->qts, GICD_ICPENDR), ==, 1u << 16);
    qtest_writel(t->qts, GICD_ICPENDR, 1u << 16);
    /* An edge: nothing to acknowledge at the device */
    g_assert_cmphex(qtest_readl(t->qts, GICD_ICPENDR), ==, 0);
    testdev_set(&dev, PTD_MSI, 8);
    g_assert_cmphex(qtest_readl(t->qts, GICD_ICPENDR), ==, 0);
    testdev_run(&dev, &req);
    g_assert_cmphex(qtest_readl(t->qts, GICD_ICPENDR), ==, 1u << 16);
    qtest_writel(t->qts, REGS2 + PTD_MSI, 0);
    g_assert_cmphex(qtest_readl(t->qts, GICD_ICPENDR), ==, 3u << 16);
    smmu_free_dev(&dev);
    smmu_quit(t);
}

static void test_reset(void)
{
    SMMUTest *t = smmu_start(ONE);
    TestDev dev = find(t);

    set_up(t, 0, SID, DATA);
    g_assert_cmphex(dma_write64(&dev, IOVA, 0x55), ==, PTD_RESULT_OK);
    qtest_system_reset(t->qts);
    g_assert_cmphex(testdev_channel_reg(&dev, 0, PTD_STATUS), ==,
                    PTD_STATUS_IDLE);
    g_assert_cmphex(testdev_channel_reg(&dev, 0, PTD_ADDR_LO), ==, 0);
    g_assert_cmphex(qpci_io_readq(dev.pci, dev.buffer, 0), ==, 0);
    smmu_free_dev(&dev);
    smmu_quit(t);
}

/* There are no other requesters on this bus, and its own is StreamID alone */
static void test_requester(void)
{
    SMMUTest *t = smmu_start(ONE);
    TestDev dev = find(t);
    TestDevRequest req = {
        .op = PTD_OP_READ, .addr = DATA, .length = 8,
        .requester = PTD_REQUESTER_OTHER | PTD_DEVFN,
    };

    g_assert_cmphex(testdev_run(&dev, &req).result, ==,
                    PTD_RESULT_BAD_REQUEST);
    smmu_free_dev(&dev);
    smmu_quit(t);
}

/* ---- Behind another SMMU, or none ---- */

static void test_second(void)
{
    SMMUTest *t = smmu_start("-device pxb-pcie,id=pcie.1,bus=pcie.0,bus_nr=128 "
                             "-device arm-smmuv2,id=smmu1,primary-bus=pcie.1 "
                             ONE ",iommu=smmu1");
    TestDev dev = testdev_sysbus(&t->pci.bus, REGS + 1 * MiB,
                                 BUFFER + 1 * MiB);

    set_up(t, 0, SID, DATA);
    assert_maps(t, &dev, DATA, DATA, "not the board's");
    t->base = REGS;
    set_up(t, 0, SID, DATA + 4 * KiB);
    assert_maps(t, &dev, IOVA, DATA + 4 * KiB, "the other");
    smmu_free_dev(&dev);
    smmu_quit(t);
}

static void test_none(void)
{
    SMMUTest *t = g_new(SMMUTest, 1);
    TestDev dev;

    smmu_attach(t, qtest_init("-M virt,gic-version=3 -m 512M -nodefaults "
                              "-device passthrough-testdev,addr=4.0 " TWIN));
    dev = find(t);
    assert_maps(t, &dev, DATA, DATA, "system memory");
    smmu_free_dev(&dev);
    smmu_quit(t);
}

/* ---- Mistakes ---- */

static void test_mistakes(void)
{
    static const struct {
        const char *args, *says;
    } cases[] = {
        { "-M virt,iommu=smmuv2 " TWIN, "give it one by stream-id=N" },
        { "-M virt " ONE, "use -machine virt,iommu=smmuv2" },
        { "-M virt " ONE ",iommu=nowhere", "'nowhere' not found" },
        { "-M virt,iommu=smmuv2 " TWIN ",stream-id=0x10000", "0 to 0xffff," },
        { "-M virt,iommu=smmuv2 -global arm-smmuv2.exids=off "
          TWIN ",stream-id=0x8000", "0 to 0x7fff," },
        { "-M virt,iommu=smmuv2 -global arm-smmuv2.stream-matching=off "
          TWIN ",stream-id=0x80", "0 to 0x7f," },
        { "-M virt,iommu=smmuv2 -device passthrough-testdev,addr=4.0 "
          TWIN ",stream-id=0x20", "another master's already (00:04.0" },
        { "-M virt,iommu=smmuv2 " ONE " " TWIN ",stream-id=0x7f10",
          "0x7f10 is another master's already" },
        { "-M virt,iommu=smmuv2 " ONE ",buffer-size=5000", "power of two" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autofree char *output = NULL;

        g_assert_cmpint(smmu_run(cases[i].args, &output), ==, 1);
        g_assert_nonnull(strstr(output, cases[i].says));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/sysbus/identity", test_identity);
    qtest_add_func("/smmuv2/sysbus/translates", test_translates);
    qtest_add_func("/smmuv2/sysbus/no-entry", test_no_entry);
    qtest_add_func("/smmuv2/sysbus/isolated", test_isolated);
    qtest_add_func("/smmuv2/sysbus/stall", test_stall);
    qtest_add_func("/smmuv2/sysbus/interrupt", test_interrupt);
    qtest_add_func("/smmuv2/sysbus/reset", test_reset);
    qtest_add_func("/smmuv2/sysbus/requester", test_requester);
    qtest_add_func("/smmuv2/sysbus/second-smmu", test_second);
    qtest_add_func("/smmuv2/sysbus/no-smmu", test_none);
    qtest_add_func("/smmuv2/sysbus/mistakes", test_mistakes);
    return g_test_run();
}
