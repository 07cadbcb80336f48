/*
 * Driver of the passthrough test device, for qtests
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/pci/pci_regs.h"
#include "testdev-lib.h"

/* Seconds until a request that should end is given up */
#define PATIENCE    30

TestDev testdev_find(QPCIBus *bus, int bdf)
{
    TestDev dev;

    dev.pci = qpci_device_find(bus, bdf);
    g_assert_nonnull(dev.pci);
    g_assert_cmphex(qpci_config_readw(dev.pci, PCI_VENDOR_ID), ==,
                    PTD_VENDOR_ID);
    g_assert_cmphex(qpci_config_readw(dev.pci, PCI_DEVICE_ID), ==,
                    PTD_DEVICE_ID);
    dev.regs = qpci_iomap(dev.pci, PTD_BAR_REGS, NULL);
    dev.buffer = qpci_iomap(dev.pci, PTD_BAR_BUFFER, NULL);
    qpci_device_enable(dev.pci);
    g_assert_cmphex(testdev_reg(&dev, PTD_ID), ==, PTD_ID_VALUE);
    return dev;
}

TestDev testdev_sysbus(QPCIBus *bus, uint64_t regs, uint64_t buffer)
{
    TestDev dev = {
        .pci = g_new0(QPCIDevice, 1),
        .regs = { .addr = regs },
        .buffer = { .addr = buffer },
    };

    dev.pci->bus = bus;
    g_assert_cmphex(testdev_reg(&dev, PTD_ID), ==, PTD_ID_VALUE);
    return dev;
}

void testdev_free(TestDev *dev)
{
    g_free(dev->pci);
    dev->pci = NULL;
}

uint32_t testdev_reg(TestDev *dev, unsigned offset)
{
    return qpci_io_readl(dev->pci, dev->regs, offset);
}

void testdev_set(TestDev *dev, unsigned offset, uint32_t value)
{
    qpci_io_writel(dev->pci, dev->regs, offset, value);
}

static unsigned channel_base(unsigned channel)
{
    return PTD_CHANNEL + channel * PTD_CHANNEL_STRIDE;
}

uint32_t testdev_channel_reg(TestDev *dev, unsigned channel, unsigned offset)
{
    return testdev_reg(dev, channel_base(channel) + offset);
}

void testdev_channel_set(TestDev *dev, unsigned channel, unsigned offset,
                         uint32_t value)
{
    testdev_set(dev, channel_base(channel) + offset, value);
}

static uint64_t channel_reg64(TestDev *dev, unsigned channel, unsigned offset)
{
    return qpci_io_readq(dev->pci, dev->regs, channel_base(channel) + offset);
}

static void channel_set64(TestDev *dev, unsigned channel, unsigned offset,
                          uint64_t value)
{
    qpci_io_writeq(dev->pci, dev->regs, channel_base(channel) + offset, value);
}

void testdev_go(TestDev *dev, unsigned channel, const TestDevRequest *req)
{
    uint32_t list = PTD_NO_LIST;

    if (req->list) {
        list = testdev_reg(dev, PTD_BUFFER_SIZE) - 8 * req->span;
        for (unsigned i = 0; i < req->span; i++) {
            qpci_io_writeq(dev->pci, dev->buffer, list + 8 * i, req->list[i]);
        }
    }
    channel_set64(dev, channel, PTD_ADDR_LO, req->addr);
    channel_set64(dev, channel, PTD_STRIDE_LO, req->stride);
    testdev_channel_set(dev, channel, PTD_OFFSET, req->offset);
    testdev_channel_set(dev, channel, PTD_LENGTH, req->length);
    testdev_channel_set(dev, channel, PTD_OP, req->op);
    testdev_channel_set(dev, channel, PTD_VECTOR, req->vector - 1);
    testdev_channel_set(dev, channel, PTD_FLAGS, req->flags);
    testdev_channel_set(dev, channel, PTD_ATTRS, req->attrs);
    testdev_channel_set(dev, channel, PTD_REPEAT, req->repeat);
    testdev_channel_set(dev, channel, PTD_SPAN, req->span);
    testdev_channel_set(dev, channel, PTD_LIST, list);
    testdev_channel_set(dev, channel, PTD_REQUESTER, req->requester);
    testdev_channel_set(dev, channel, PTD_GO, 1);
}

TestDevOutcome testdev_outcome(TestDev *dev, unsigned channel)
{
    return (TestDevOutcome) {
        .status = testdev_channel_reg(dev, channel, PTD_STATUS),
        .result = testdev_channel_reg(dev, channel, PTD_RESULT),
        .count = testdev_channel_reg(dev, channel, PTD_COUNT),
        .done = testdev_channel_reg(dev, channel, PTD_DONE),
        .failed = testdev_channel_reg(dev, channel, PTD_FAILED),
        .ns = channel_reg64(dev, channel, PTD_NS_LO),
        .fail_addr = channel_reg64(dev, channel, PTD_FAIL_ADDR_LO),
        .xlat = channel_reg64(dev, channel, PTD_XLAT_LO),
        .xlat_mask = channel_reg64(dev, channel, PTD_XLAT_MASK_LO),
    };
}

TestDevOutcome testdev_wait(TestDev *dev, unsigned channel, uint32_t status)
{
    int64_t until = g_get_monotonic_time() + PATIENCE * G_USEC_PER_SEC;
    uint32_t now;

    do {
        now = testdev_channel_reg(dev, channel, PTD_STATUS);
    } while (now != status && g_get_monotonic_time() < until);
    g_assert_cmpuint(now, ==, status);
    return testdev_outcome(dev, channel);
}

TestDevOutcome testdev_run(TestDev *dev, const TestDevRequest *req)
{
    testdev_go(dev, 0, req);
    return testdev_wait(dev, 0, PTD_STATUS_DONE);
}

uint32_t dma(TestDev *dev, unsigned op, uint64_t iova, uint32_t length)
{
    channel_set64(dev, 0, PTD_ADDR_LO, iova);
    testdev_channel_set(dev, 0, PTD_LENGTH, length);
    testdev_channel_set(dev, 0, PTD_OP, op);
    testdev_channel_set(dev, 0, PTD_GO, 1);
    g_assert_cmpuint(testdev_channel_reg(dev, 0, PTD_STATUS), ==,
                     PTD_STATUS_DONE);
    return testdev_channel_reg(dev, 0, PTD_RESULT);
}

uint32_t dma_count(TestDev *dev)
{
    return testdev_channel_reg(dev, 0, PTD_COUNT);
}

uint32_t dma_read64(TestDev *dev, uint64_t iova, uint64_t *value)
{
    uint32_t res = dma(dev, PTD_OP_READ, iova, 8);

    *value = qpci_io_readq(dev->pci, dev->buffer, 0);
    return res;
}

uint32_t dma_write64(TestDev *dev, uint64_t iova, uint64_t value)
{
    qpci_io_writeq(dev->pci, dev->buffer, 0, value);
    return dma(dev, PTD_OP_WRITE, iova, 8);
}
