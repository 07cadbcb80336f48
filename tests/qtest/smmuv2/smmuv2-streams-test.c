/*
 * SMMUv2 qtest: what decides whether DMA is translated
 *
 * The stream mapping, the bits that switch translation off, and where
 * transactions end that are not of memory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/pci/pci_regs.h"
#include "smmuv2-lib.h"

#define DATA    (RAM_BASE + 0x15432000)

#define TYPE(type)  (S2CR_TYPE_ ## type << R_S2CR0_TYPE_SHIFT)

static void test_streams(void)
{
    SMMUTest *t = smmu_start(PTD2_ARG);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    SMMUTable tab2 = smmu_table(t, 1, 12, 39, 1, 0);
    TestDev dev2 = smmu_find_dev(t, PTD2_DEVFN);
    TestDev *dev = &t->dev;

    smmu_map(&tab, 0x5000, DATA, 3, LEAF_S1);
    smmu_map(&tab2, 0x5000, DATA + 4 * KiB, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_bank_s1(t, 127, &tab2, NULL, 2, 0);

    /* CLIENTPD, as after reset: all pass, whatever the rest says */
    smmu_stream(t, 0, PTD_SID, 0, TYPE(FAULT));
    assert_maps(t, dev, DATA, DATA, "after reset");
    gr0_write(t, A_CR0, CR0_ON | R_CR0_CLIENTPD_MASK);
    assert_maps(t, dev, DATA, DATA, "CLIENTPD");

    /* No match, USFCFG both ways */
    gr0_write(t, A_SMR0, 0);
    gr0_write(t, A_CR0, CR0_ON);
    assert_refused(t, dev, DATA, "no match, USFCFG=1");
    gr0_write(t, A_CR0, CR0_ON & ~R_CR0_USFCFG_MASK);
    assert_maps(t, dev, DATA, DATA, "no match, USFCFG=0");
    gr0_write(t, A_CR0, CR0_ON);

    /* TYPE */
    smmu_stream(t, 9, PTD_SID, 0, TYPE(BYPASS));
    assert_maps(t, dev, DATA, DATA, "bypass");
    gr0_write(t, A_S2CR0 + 4 * 9, TYPE(TRANSLATE));
    assert_maps(t, dev, 0x5000, DATA, "translate");
    assert_refused(t, dev, DATA, "translate");
    gr0_write(t, A_S2CR0 + 4 * 9, TYPE(TRANSLATE) | 127);
    assert_maps(t, dev, 0x5000, DATA + 4 * KiB, "translate, last bank");
    gr0_write(t, A_S2CR0 + 4 * 9, TYPE(TRANSLATE) | 128);
    assert_refused(t, dev, 0x5000, "bank that does not exist");
    gr0_write(t, A_S2CR0 + 4 * 9, TYPE(FAULT));
    assert_refused(t, dev, DATA, "fault");
    gr0_write(t, A_S2CR0 + 4 * 9, TYPE(RESERVED));
    assert_refused(t, dev, DATA, "reserved type");

    /* Two matches, SMCFCFG both ways */
    gr0_write(t, A_S2CR0 + 4 * 9, TYPE(TRANSLATE));
    smmu_stream(t, 100, PTD_SID, 0x3, TYPE(TRANSLATE));
    assert_refused(t, dev, 0x5000, "conflict, SMCFCFG=1");
    gr0_write(t, A_CR0, CR0_ON & ~R_CR0_SMCFCFG_MASK);
    assert_maps(t, dev, DATA, DATA, "conflict, SMCFCFG=0");
    gr0_write(t, A_CR0, CR0_ON);
    gr0_write(t, A_SMR0 + 4 * 100, 0);
    assert_maps(t, dev, 0x5000, DATA, "conflict resolved");

    /* Masks, and a bank for each of two devices */
    assert_refused(t, &dev2, 0x5000, "other device, no match");
    smmu_stream(t, 127, PTD2_SID, 0, TYPE(TRANSLATE) | 127);
    assert_maps(t, dev, 0x5000, DATA, "one device");
    assert_maps(t, &dev2, 0x5000, DATA + 4 * KiB, "other device");
    gr0_write(t, A_SMR0 + 4 * 127, 0);
    smmu_stream(t, 9, PTD_SID & ~0x8, 0x8, TYPE(TRANSLATE));
    assert_maps(t, dev, 0x5000, DATA, "masked bit is 0");
    assert_maps(t, &dev2, 0x5000, DATA, "masked bit is 1");
    smmu_stream(t, 9, 0, 0x7fff, TYPE(TRANSLATE));
    assert_maps(t, &dev2, 0x5000, DATA, "all bits masked");
    smmu_stream(t, 9, PTD2_SID, 0x7, TYPE(TRANSLATE));
    assert_refused(t, dev, 0x5000, "bit outside the mask differs");

    /* EXIDENABLE: VALID is in S2CR, and SMR[31] masks */
    gr0_write(t, A_CR0, CR0_ON | R_CR0_EXIDENABLE_MASK);
    gr0_write(t, A_SMR0 + 4 * 9, PTD_SID);
    assert_refused(t, dev, 0x5000, "EXIDENABLE, not valid");
    gr0_write(t, A_S2CR0 + 4 * 9, R_S2CR0_EXIDVALID_MASK);
    assert_maps(t, dev, 0x5000, DATA, "EXIDENABLE");
    gr0_write(t, A_SMR0 + 4 * 9, PTD_SID | 0x8000);
    assert_refused(t, dev, 0x5000, "EXIDENABLE, bit 15 differs");
    gr0_write(t, A_SMR0 + 4 * 9, PTD_SID | 0x8000 | 0x80000000);
    assert_maps(t, dev, 0x5000, DATA, "EXIDENABLE, bit 15 is masked");
    smmu_free_dev(&dev2);
    smmu_quit(t);
}

/* ---- Translation switched off ---- */

static void test_disabled(void)
{
    SMMUTest *t = smmu_start(NULL);
    SMMUTable s2 = smmu_table(t, 2, 12, 40, 1, 0);
    SMMUTable s1 = smmu_table(t, 1, 12, 39, 1, 0);

    smmu_map(&s1, 0x5000, DATA, 3, LEAF_S1);
    smmu_map(&s2, RAM_BASE, RAM_BASE, 1, LEAF_S2);
    smmu_map(&s2, 0x5000, DATA + 4 * KiB, 3, LEAF_S2);
    smmu_bank_s1(t, 0, &s1, NULL, 1, 0);
    smmu_bank_s2(t, 1, &s2, 1);

    /* SCTLR.M = 0: addresses pass through */
    smmu_use_bank(t, 0);
    cb_write(t, 0, A_CB_SCTLR, SCTLR_ON & ~R_CB_SCTLR_M_MASK);
    assert_maps(t, &t->dev, DATA, DATA, "stage 1 off");
    cb_write(t, 1, A_CB_SCTLR, SCTLR_ON & ~R_CB_SCTLR_M_MASK);
    smmu_use_bank(t, 1);
    assert_maps(t, &t->dev, DATA, DATA, "stage 2 off");

    /* Nested, each stage by itself */
    smmu_bank_nest(t, 0, 1);
    smmu_use_bank(t, 0);
    assert_maps(t, &t->dev, DATA, DATA, "both off");
    cb_write(t, 0, A_CB_SCTLR, SCTLR_ON);
    assert_maps(t, &t->dev, 0x5000, DATA, "stage 1 alone");
    cb_write(t, 1, A_CB_SCTLR, SCTLR_ON);
    assert_maps(t, &t->dev, 0x5000, DATA, "both on");
    cb_write(t, 0, A_CB_SCTLR, SCTLR_ON & ~R_CB_SCTLR_M_MASK);
    assert_maps(t, &t->dev, 0x5000, DATA + 4 * KiB, "stage 2 alone");
    assert_no_faults(t, 2);
    smmu_quit(t);
}

/* SCTLR.CFRE = 0, CR0.GFRE = 0: reads give zero, writes are lost */
static void test_raz_wi(void)
{
    SMMUTest *t = smmu_start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    uint64_t value;

    smmu_map(&tab, 0x5000, DATA, 3, LEAF_S1 | DESC_AP_RO);
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    cb_write(t, 0, A_CB_SCTLR, SCTLR_ON & ~R_CB_SCTLR_CFRE_MASK);
    smmu_use_bank(t, 0);

    g_assert_cmphex(dma_write64(&t->dev, 0x7000, ~0ull), ==, PTD_RESULT_OK);
    g_assert_cmphex(dma_read64(&t->dev, 0x7000, &value), ==, PTD_RESULT_OK);
    g_assert_cmphex(value, ==, 0);
    g_assert_cmphex(cb_read(t, 0, A_CB_FSR), ==,
                    FSR(TF) | R_CB_FSR_MULTI_MASK);
    /* Not where the page would be */
    qtest_writeq(t->qts, DATA, 0x1122334455667788);
    g_assert_cmphex(dma_write64(&t->dev, 0x5000, 0), ==, PTD_RESULT_OK);
    g_assert_cmphex(qtest_readq(t->qts, DATA), ==, 0x1122334455667788);
    /* Nor at the address itself */
    qtest_writeq(t->qts, DATA, 0x1122334455667788);
    g_assert_cmphex(dma_write64(&t->dev, DATA, 0), ==, PTD_RESULT_OK);
    g_assert_cmphex(qtest_readq(t->qts, DATA), ==, 0x1122334455667788);

    gr0_write(t, A_S2CR0, TYPE(FAULT));
    gr0_write(t, A_CR0, CR0_ON & ~R_CR0_GFRE_MASK);
    g_assert_cmphex(dma_write64(&t->dev, DATA, 0), ==, PTD_RESULT_OK);
    g_assert_cmphex(qtest_readq(t->qts, DATA), ==, 0x1122334455667788);
    g_assert_cmphex(dma_read64(&t->dev, DATA, &value), ==, PTD_RESULT_OK);
    g_assert_cmphex(value, ==, 0);
    smmu_quit(t);
}

/* A change of any register of the path takes effect without a TLBI */
static void test_reprogram(void)
{
    SMMUTest *t = smmu_start(NULL);
    SMMUTable a = smmu_table(t, 1, 12, 39, 1, 0);
    SMMUTable b = smmu_table(t, 1, 14, 36, 2, 0);

    smmu_map(&a, 0x8000, DATA & ~0x3fffull, 3, LEAF_S1);
    smmu_map(&b, 0x8000, (DATA & ~0x3fffull) + 16 * KiB, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &a, NULL, 1, 0);
    smmu_use_bank(t, 0);
    for (unsigned i = 0; i < 4; i++) {
        assert_maps(t, &t->dev, 0x8000, DATA & ~0x3fffull, "4 KiB");
        smmu_bank_s1(t, 0, &b, NULL, 1, 0);
        assert_maps(t, &t->dev, 0x8000, (DATA & ~0x3fffull) + 16 * KiB,
                    "16 KiB");
        smmu_bank_s1(t, 0, &a, NULL, 1, 0);
    }
    smmu_quit(t);
}

/* MSIs are writes like others: translated */
static void test_msi(void)
{
    SMMUTest *t = smmu_start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    QPCIDevice *pci = t->dev.pci;

    smmu_map(&tab, 0x9000, DATA, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_use_bank(t, 0);

    qpci_msix_enable(pci);
    for (unsigned i = 0; i < PTD_NUM_VECTORS; i++) {
        uint64_t entry = pci->msix_table_off + i * PCI_MSIX_ENTRY_SIZE;

        qpci_io_writel(pci, pci->msix_table_bar,
                       entry + PCI_MSIX_ENTRY_LOWER_ADDR, 0x9000 + 4 * i);
        qpci_io_writel(pci, pci->msix_table_bar,
                       entry + PCI_MSIX_ENTRY_UPPER_ADDR, 0);
        qpci_io_writel(pci, pci->msix_table_bar,
                       entry + PCI_MSIX_ENTRY_DATA, 0xabcd0000 + i);
        qpci_io_writel(pci, pci->msix_table_bar,
                       entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
    }
    qpci_io_writel(pci, t->dev.regs, PTD_MSI, 3);
    g_assert_cmphex(qtest_readl(t->qts, DATA + 12), ==, 0xabcd0003);
    g_assert_cmphex(qtest_readl(t->qts, DATA + 16), ==, 0);
    /* On completion of a transfer */
    qpci_io_writel(pci, t->dev.regs, PTD_CHANNEL + PTD_VECTOR, 7);
    dma(&t->dev, PTD_OP_READ, 0x9000, 4);
    g_assert_cmphex(qtest_readl(t->qts, DATA + 28), ==, 0xabcd0007);
    assert_no_faults(t, 1);

    /* To where it may not: a fault, and nothing written */
    qpci_io_writel(pci, pci->msix_table_bar, pci->msix_table_off +
                   PCI_MSIX_ENTRY_LOWER_ADDR, DATA + 0x100);
    qpci_io_writel(pci, t->dev.regs, PTD_MSI, 0);
    g_assert_cmphex(qtest_readl(t->qts, DATA + 0x100), ==, 0);
    g_assert_cmphex(cb_read(t, 0, A_CB_FSR), ==, FSR(TF));
    g_assert_cmphex(cb_read64(t, 0, A_CB_FAR), ==, DATA + 0x100);
    smmu_quit(t);
}

/*
 * The SMMU before itself: DMA to its registers, tables in its registers, and a
 * device that is told to talk to itself.  Nothing may hang or break.
 */
static void test_self(void)
{
    SMMUTest *t = smmu_start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    const unsigned holder = 50;     /* its FAR is the table entry 12 */
    uint64_t value;

    smmu_map(&tab, 0x5000, smmu_cb(t, holder, 0), 3, LEAF_S1);
    smmu_map(&tab, 0x6000, SMMU_BASE, 3, LEAF_S1);
    smmu_map(&tab, 0x7000, t->dev.regs.addr, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_use_bank(t, 0);

    g_assert_cmphex(dma_write64(&t->dev, 0x5000 + A_CB_FAR, DATA | LEAF_S1 | 3),
                    ==, PTD_RESULT_OK);
    g_assert_cmphex(cb_read64(t, holder, A_CB_FAR), ==, DATA | LEAF_S1 | 3);
    g_assert_cmphex(dma_read64(&t->dev, 0x5000 + A_CB_FAR, &value), ==,
                    PTD_RESULT_OK);
    g_assert_cmphex(value, ==, DATA | LEAF_S1 | 3);

    /* The walk reads it where it is */
    qtest_writeq(t->qts, smmu_desc(&tab, 0, 2), smmu_cb(t, holder, 0) | 3);
    cb_write(t, 0, A_CB_TLBIASID, 1);
    assert_maps(t, &t->dev, A_CB_FAR / 8 * 4 * KiB, DATA, "register as table");
    assert_no_faults(t, 64);
    cb_write64(t, 0, A_CB_TTBR0, SMMU_BASE);
    assert_refused(t, &t->dev, 0x5000, "root in registers");
    cb_write64(t, 0, A_CB_TTBR0, t->dev.regs.addr);
    assert_refused(t, &t->dev, 0x5000, "root in the device");

    /* The stream mapping, changed by the transfer that it lets through */
    qtest_memset(t->qts, tab.root, 0, 4 * KiB);
    t->next = ROUND_UP(t->next, 4 * KiB);
    tab = smmu_table(t, 1, 12, 39, 1, 0);
    smmu_map(&tab, 0x6000, SMMU_BASE, 3, LEAF_S1);
    smmu_map(&tab, 0x7000, t->dev.regs.addr, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    g_assert_cmphex(dma(&t->dev, PTD_OP_WRITE, 0x7000 + PTD_CHANNEL + PTD_GO,
                        4), ==, PTD_RESULT_ACCESS_ERROR);
    qpci_io_writel(t->dev.pci, t->dev.buffer, 0, TYPE(FAULT));
    g_assert_cmphex(dma(&t->dev, PTD_OP_WRITE, 0x6000 + A_S2CR0, 4), ==,
                    PTD_RESULT_OK);
    g_assert_cmphex(gr0_read(t, A_S2CR0), ==, TYPE(FAULT));
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, 0x6000 + A_S2CR0, 4), ==,
                    PTD_RESULT_DECODE_ERROR);
    smmu_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/streams/mapping", test_streams);
    qtest_add_func("/smmuv2/streams/disabled", test_disabled);
    qtest_add_func("/smmuv2/streams/raz-wi", test_raz_wi);
    qtest_add_func("/smmuv2/streams/reprogram", test_reprogram);
    qtest_add_func("/smmuv2/streams/msi", test_msi);
    qtest_add_func("/smmuv2/streams/self", test_self);
    return g_test_run();
}
