/*
 * SMMUv2 qtest: the TLBs
 *
 * Who answers (the counters tell), what is kept when there is no room, and what
 * those are told of invalidations who cache translations themselves.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/units.h"
#include "tlb-lib.h"

/* ---- Counters ---- */

typedef struct Counters {
    uint64_t translations, hits, misses, tlb_hits, tlb_misses, walks,
             invalidations;
} Counters;

static Counters counters(SMMUTest *t, const char *tbu)
{
    return (Counters) {
        .translations = smmu_qom_uint(t, tbu, "translations"),
        .hits = smmu_qom_uint(t, tbu, "hits"),
        .misses = smmu_qom_uint(t, tbu, "misses"),
        .tlb_hits = smmu_qom_uint(t, SMMU_QOM, "tlb-hits"),
        .tlb_misses = smmu_qom_uint(t, SMMU_QOM, "tlb-misses"),
        .walks = smmu_qom_uint(t, SMMU_QOM, "walks"),
        .invalidations = smmu_qom_uint(t, SMMU_QOM, "tlb-invalidations"),
    };
}

/* Who answered: the micro TLB, the macro TLB or a walk */
enum { MICRO, MACRO, WALK };

static void check_answer(SMMUTest *t, TestDev *dev, const char *tbu,
                         uint64_t iova, int who)
{
    Counters a = counters(t, tbu), b;

    g_assert_cmphex(dma(dev, PTD_OP_READ, iova, 4), ==, PTD_RESULT_OK);
    b = counters(t, tbu);
    g_assert_cmpuint(b.translations - a.translations, ==, 1);
    g_assert_cmpuint(b.hits - a.hits, ==, who == MICRO);
    g_assert_cmpuint(b.misses - a.misses, ==, who != MICRO);
    g_assert_cmpuint(b.tlb_hits - a.tlb_hits, ==, who == MACRO);
    g_assert_cmpuint(b.tlb_misses - a.tlb_misses, ==, who == WALK);
    g_assert_cmpuint(b.walks - a.walks, ==, who == WALK);
    g_assert_cmpuint(b.invalidations, ==, a.invalidations);
}

static void test_counters(void)
{
    SMMUTest *t = start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    TestDev dev2 = smmu_find_dev(t, PTD2_DEVFN);
    g_autofree char *route = NULL, *stage = NULL;
    uint64_t before;

    smmu_map(&tab, 0x5000, OLD, 3, LEAF_S1);
    smmu_map(&tab, 0x200000, OLD & ~0x1fffffull, 2, LEAF_S1);
    smmu_bank_s1(t, 9, &tab, NULL, 1, 0);
    smmu_use_bank(t, 9);
    smmu_stream(t, 1, PTD2_SID, 0, 9);

    check_answer(t, &t->dev, PTD_TBU, 0x5000, WALK);
    check_answer(t, &t->dev, PTD_TBU, 0x5ff0, MICRO);
    check_answer(t, &dev2, PTD2_TBU, 0x5000, MACRO);
    check_answer(t, &dev2, PTD2_TBU, 0x5000, MICRO);
    /* One entry for all of a block */
    check_answer(t, &t->dev, PTD_TBU, 0x200000, WALK);
    check_answer(t, &t->dev, PTD_TBU, 0x3ff000, MICRO);

    before = counters(t, PTD_TBU).invalidations;
    cb_write64(t, 9, A_CB_TLBIVA, 1ull << 48 | 5);
    g_assert_cmpuint(counters(t, PTD_TBU).invalidations, ==, before + 1);
    check_answer(t, &t->dev, PTD_TBU, 0x200000, MICRO);
    check_answer(t, &dev2, PTD2_TBU, 0x5000, WALK);
    check_answer(t, &t->dev, PTD_TBU, 0x5000, MACRO);

    /* What people see */
    route = smmu_qom_str(t, PTD_TBU, "route");
    stage = smmu_qom_str(t, PTD_TBU, "stage");
    g_assert_cmpstr(route, ==, "translate");
    g_assert_cmpstr(stage, ==, "1");
    g_assert_cmpuint(smmu_qom_uint(t, PTD_TBU, "stream-id"), ==, PTD_SID);
    g_assert_cmpuint(smmu_qom_uint(t, PTD_TBU, "context-bank"), ==, 9);
    smmu_free_dev(&dev2);
    smmu_quit(t);
}

/* More pages than both TLBs have entries, through several rounds */
static void test_capacity(void)
{
    SMMUTest *t = start("-global arm-smmuv2.tlb-entries=16 "
                        "-global arm-smmuv2.utlb-entries=16");
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    const unsigned num = 100;
    uint64_t pages = smmu_alloc(t, 2 * num * 4 * KiB, 4 * KiB);

    for (unsigned i = 0; i < 2 * num; i++) {
        qtest_writeq(t->qts, pages + i * 4 * KiB, i);
    }
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_use_bank(t, 0);
    for (unsigned round = 0; round < 4; round++) {
        unsigned first = round % 2 * num;

        for (unsigned i = 0; i < num; i++) {
            smmu_map(&tab, i * 4 * KiB, pages + (first + i) * 4 * KiB, 3,
                     LEAF_S1);
            cb_write64(t, 0, A_CB_TLBIVAL, 1ull << 48 | i);
        }
        for (unsigned i = 0; i < num; i++) {
            unsigned n = i * 37 % num;

            g_assert_cmphex(peek(&t->dev, n * 4 * KiB), ==, first + n);
        }
    }
    smmu_quit(t);
}

/* ---- Those who cache translations themselves ---- */

static unsigned notify_count(SMMUTest *t)
{
    return qpci_io_readl(t->dev.pci, t->dev.regs, PTD_NOTIFY_COUNT);
}

static void listen_to(SMMUTest *t, uint32_t flags)
{
    qpci_io_writel(t->dev.pci, t->dev.regs, PTD_NOTIFY, flags);
}

/* One event since the last time, for this range */
static void expect_event(SMMUTest *t, uint64_t iova, uint64_t mask)
{
    QPCIDevice *pci = t->dev.pci;

    g_assert_cmpuint(notify_count(t), ==, 1);
    g_assert_cmphex(qpci_io_readq(pci, t->dev.regs, PTD_NOTIFY_IOVA_LO), ==,
                    iova);
    g_assert_cmphex(qpci_io_readq(pci, t->dev.regs, PTD_NOTIFY_MASK_LO), ==,
                    mask);
    listen_to(t, PTD_NOTIFY_UNMAP);
}

static void expect_all(SMMUTest *t)
{
    QPCIDevice *pci = t->dev.pci;

    g_assert_cmpuint(notify_count(t), ==, 1);
    g_assert_cmphex(qpci_io_readq(pci, t->dev.regs, PTD_NOTIFY_IOVA_LO), ==,
                    0);
    /* All that a PCI master can address behind this SMMU */
    g_assert_cmphex(qpci_io_readq(pci, t->dev.regs, PTD_NOTIFY_MASK_LO), >=,
                    MAKE_64BIT_MASK(0, 49));
    listen_to(t, PTD_NOTIFY_UNMAP);
}

static void test_notifier(void)
{
    SMMUTest *t = start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    SMMUTable big = smmu_table(t, 1, 16, 42, 2, 0);

    smmu_bank_s1(t, 0, &tab, NULL, 1, VMID1);
    smmu_bank_s1(t, 1, &tab, NULL, 2, VMID1);
    smmu_use_bank(t, 0);
    listen_to(t, PTD_NOTIFY_UNMAP);
    g_assert_cmpuint(qpci_io_readl(t->dev.pci, t->dev.regs,
                                   PTD_NOTIFY_STATUS), ==, 0);

    /* By address: that page and no more */
    cb_write64(t, 0, A_CB_TLBIVA, 1ull << 48 | 0x12345);
    expect_event(t, 0x12345000, 0xfff);
    cb_write64(t, 1, A_CB_TLBIVAA, 0x12346);
    expect_event(t, 0x12346000, 0xfff);
    /* By ASID, by VMID, all */
    cb_write(t, 0, A_CB_TLBIASID, 1);
    expect_all(t);
    gr0_write(t, A_TLBIVMID, VMID1);
    expect_all(t);
    gr0_write(t, A_TLBIALLNSNH, 0);
    expect_all(t);
    /* Others' business */
    cb_write64(t, 1, A_CB_TLBIVA, 2ull << 48 | 0x12345);
    cb_write(t, 1, A_CB_TLBIASID, 2);
    gr0_write(t, A_TLBIVMID, VMID2);
    gr0_write(t, A_TLBIALLH, 0);
    cb_write(t, 1, A_CB_SCTLR, 0);
    g_assert_cmpuint(notify_count(t), ==, 0);
    /* Registers of the bank, and of the stream mapping */
    cb_write(t, 0, A_CB_SCTLR, 0);
    expect_all(t);
    gr0_write(t, A_S2CR0, 1);
    expect_all(t);
    /* A page of the granule */
    smmu_bank_s1(t, 0, &big, NULL, 1, VMID1);
    gr0_write(t, A_S2CR0, 0);
    listen_to(t, PTD_NOTIFY_UNMAP);
    cb_write64(t, 0, A_CB_TLBIVA, 1ull << 48 | 0x12345);
    expect_event(t, 0x12340000, 0xffff);

    /* Nobody listens, nobody is told */
    listen_to(t, 0);
    cb_write64(t, 0, A_CB_TLBIVA, 1ull << 48 | 0x12345);
    g_assert_cmpuint(notify_count(t), ==, 0);

    /* Those with a device IOTLB are told the same */
    listen_to(t, PTD_NOTIFY_DEVIOTLB);
    g_assert_cmpuint(qpci_io_readl(t->dev.pci, t->dev.regs,
                                   PTD_NOTIFY_STATUS), ==, 0);
    cb_write64(t, 0, A_CB_TLBIVA, 1ull << 48 | 0x12345);
    expect_event(t, 0x12340000, 0xffff);
    /* Pages of several addresses, by tags or forms: no range covers them */
    cb_write(t, 0, A_CB_TCR2, TCR2_FULL | R_CB_TCR2_AS_MASK |
                              R_CB_TCR2_TBI0_MASK);
    listen_to(t, PTD_NOTIFY_UNMAP);
    cb_write64(t, 0, A_CB_TLBIVA, 1ull << 48 | 0x12345);
    expect_all(t);
    cb_write(t, 0, A_CB_TCR2, TCR2_FULL | R_CB_TCR2_AS_MASK);
    listen_to(t, PTD_NOTIFY_UNMAP);
    cb_write64(t, 0, A_CB_TLBIVA,
               1ull << 48 | extract64(0xfffffffff12345, 0, 44));
    expect_all(t);

    /* What an SMMUv2 cannot tell of */
    listen_to(t, PTD_NOTIFY_UNMAP | PTD_NOTIFY_MAP);
    g_assert_cmpuint(qpci_io_readl(t->dev.pci, t->dev.regs,
                                   PTD_NOTIFY_STATUS), ==, 1);
    listen_to(t, 0);
    smmu_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/tlb/counters", test_counters);
    qtest_add_func("/smmuv2/tlb/capacity", test_capacity);
    qtest_add_func("/smmuv2/tlb/notifier", test_notifier);
    return g_test_run();
}
