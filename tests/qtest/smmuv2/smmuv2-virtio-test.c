/*
 * Arm SMMUv2 qtest: virtio rings in memory that the SMMU scatters
 *
 * A virtio device reaches its rings through QEMU's memory region caches, which
 * translate for themselves.  A used ring that spans pages has an element
 * across their boundary: its id belongs to one page, its len to the next, and
 * what the next page is, only the SMMU knows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/pci/pci_regs.h"
#include "standard-headers/linux/virtio_config.h"
#include "standard-headers/linux/virtio_pci.h"
#include "standard-headers/linux/virtio_ring.h"
#include "smmuv2-lib.h"

#define RNG_DEVFN       QPCI_DEVFN(6, 0)
#define RNG_SID         0x30
#define RNG_ARG         "-device virtio-rng-pci,addr=6.0,disable-legacy=on," \
                        "iommu_platform=on"

/* What the device is told */
#define IOVA_DESC       0x10000
#define IOVA_AVAIL      0x10800
#define IOVA_USED       0x11ff8     /* element 0: id at 0x11ffc, len after it */
#define IOVA_DATA       0x13000
#define DATA_SIZE       16
#define CANARY          0x5afe5afe

typedef struct VirtIORegs {
    QPCIDevice *pci;
    QPCIBar bar;
    uint32_t common, notify, notify_multiplier;
} VirtIORegs;

/* Where the structures of a modern virtio device are; all in one BAR here */
static VirtIORegs find_regs(SMMUTest *t)
{
    VirtIORegs v = { .pci = qpci_device_find(&t->pci.bus, RNG_DEVFN) };
    uint8_t cap = 0;
    int bar = -1;

    g_assert_nonnull(v.pci);
    while ((cap = qpci_find_capability(v.pci, PCI_CAP_ID_VNDR, cap))) {
        uint8_t type = qpci_config_readb(v.pci, cap + VIRTIO_PCI_CAP_CFG_TYPE);
        uint32_t at = qpci_config_readl(v.pci, cap + VIRTIO_PCI_CAP_OFFSET);

        if (type == VIRTIO_PCI_CAP_COMMON_CFG) {
            bar = qpci_config_readb(v.pci, cap + VIRTIO_PCI_CAP_BAR);
            v.common = at;
        } else if (type == VIRTIO_PCI_CAP_NOTIFY_CFG) {
            v.notify = at;
            v.notify_multiplier =
                qpci_config_readl(v.pci, cap + VIRTIO_PCI_NOTIFY_CAP_MULT);
        }
    }
    g_assert_cmpint(bar, >=, 0);
    v.bar = qpci_iomap(v.pci, bar, NULL);
    qpci_device_enable(v.pci);
    return v;
}

static void set_status(VirtIORegs *v, uint8_t status)
{
    qpci_io_writeb(v->pci, v->bar, v->common + VIRTIO_PCI_COMMON_STATUS,
                   status);
}

/* Negotiate what the SMMU needs and set queue 0 up, of 8 elements */
static void start_device(VirtIORegs *v)
{
    static const struct {
        unsigned offset;
        uint64_t iova;
    } rings[] = {
        { VIRTIO_PCI_COMMON_Q_DESCLO, IOVA_DESC },
        { VIRTIO_PCI_COMMON_Q_AVAILLO, IOVA_AVAIL },
        { VIRTIO_PCI_COMMON_Q_USEDLO, IOVA_USED },
    };
    uint8_t status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;
    uint32_t at = v->common;

    set_status(v, 0);
    set_status(v, status);
    qpci_io_writel(v->pci, v->bar, at + VIRTIO_PCI_COMMON_GFSELECT, 1);
    qpci_io_writel(v->pci, v->bar, at + VIRTIO_PCI_COMMON_GF,
                   1u << (VIRTIO_F_VERSION_1 - 32) |
                   1u << (VIRTIO_F_ACCESS_PLATFORM - 32));
    status |= VIRTIO_CONFIG_S_FEATURES_OK;
    set_status(v, status);
    g_assert_cmphex(qpci_io_readb(v->pci, v->bar,
                                  at + VIRTIO_PCI_COMMON_STATUS), ==, status);

    qpci_io_writew(v->pci, v->bar, at + VIRTIO_PCI_COMMON_Q_SELECT, 0);
    qpci_io_writew(v->pci, v->bar, at + VIRTIO_PCI_COMMON_Q_SIZE, 8);
    for (int i = 0; i < ARRAY_SIZE(rings); i++) {
        qpci_io_writel(v->pci, v->bar, at + rings[i].offset, rings[i].iova);
        qpci_io_writel(v->pci, v->bar, at + rings[i].offset + 4, 0);
    }
    qpci_io_writew(v->pci, v->bar, at + VIRTIO_PCI_COMMON_Q_ENABLE, 1);
    set_status(v, status | VIRTIO_CONFIG_S_DRIVER_OK);
}

static void kick(VirtIORegs *v)
{
    uint16_t off = qpci_io_readw(v->pci, v->bar,
                                 v->common + VIRTIO_PCI_COMMON_Q_NOFF);

    qpci_io_writew(v->pci, v->bar, v->notify + off * v->notify_multiplier, 0);
}

static void test_used_across_pages(void)
{
    SMMUTest *t = smmu_start(RNG_ARG);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    uint64_t ring = smmu_alloc(t, 4 * KiB, 4 * KiB);
    /* The first page of the used ring, and what lies behind it in memory */
    uint64_t first = smmu_alloc(t, 8 * KiB, 4 * KiB);
    uint64_t second = smmu_alloc(t, 4 * KiB, 4 * KiB);
    uint64_t data = smmu_alloc(t, 4 * KiB, 4 * KiB);
    uint64_t avail = ring + (IOVA_AVAIL - IOVA_DESC);
    uint64_t used = first + (IOVA_USED & 0xfff);
    VirtIORegs v;

    smmu_map(&tab, IOVA_DESC, ring, 3, LEAF_S1);
    smmu_map(&tab, IOVA_USED & ~0xfffull, first, 3, LEAF_S1);
    smmu_map(&tab, (IOVA_USED & ~0xfffull) + 4 * KiB, second, 3, LEAF_S1);
    smmu_map(&tab, IOVA_DATA, data, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_stream(t, 0, RNG_SID, 0, 0);
    gr0_write(t, A_CR0, CR0_ON);
    qtest_writel(t->qts, first + 4 * KiB, CANARY);

    v = find_regs(t);
    start_device(&v);
    qtest_writeq(t->qts, ring, IOVA_DATA);
    qtest_writel(t->qts, ring + 8, DATA_SIZE);
    qtest_writew(t->qts, ring + 12, VRING_DESC_F_WRITE);
    qtest_writew(t->qts, avail + 4, 0);             /* ring[0] */
    qtest_writew(t->qts, avail + 2, 1);             /* idx */
    kick(&v);

    /* The backend answers from the main loop, which runs between commands */
    g_test_timer_start();
    while (!qtest_readw(t->qts, used + 2)) {
        g_assert_cmpfloat(g_test_timer_elapsed(), <, 60);
    }
    g_assert_cmphex(qtest_readl(t->qts, used + 4), ==, 0);
    g_assert_cmphex(qtest_readl(t->qts, second), ==, DATA_SIZE);
    g_assert_cmphex(qtest_readl(t->qts, first + 4 * KiB), ==, CANARY);
    assert_no_faults(t, 1);

    g_free(v.pci);
    smmu_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/smmuv2/virtio/used-element-across-pages",
                    test_used_across_pages);
    return g_test_run();
}
