/*
 * Driver of the passthrough test device, for qtests
 *
 * Works with libqos's PCI, on any board; with memory-mapped BARs that are where
 * the CPU sees them it does for a device on the system bus as well.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_QTEST_TESTDEV_LIB_H
#define TESTS_QTEST_TESTDEV_LIB_H

#include "../libqtest.h"
#include "../libqos/pci.h"
#include "hw/misc/passthrough-testdev.h"

typedef struct TestDev {
    QPCIDevice *pci;
    QPCIBar regs, buffer;
} TestDev;

/* What to ask of a channel; what is not set stays as after reset */
typedef struct TestDevRequest {
    uint32_t op, flags, attrs;
    uint64_t addr;
    uint32_t length, offset;
    uint64_t stride;
    uint32_t repeat, span;
    const uint64_t *list;       /* @span addresses, for the buffer's end */
    uint32_t requester;
    uint32_t vector;            /* plus one; 0: none */
} TestDevRequest;

/* What came of it */
typedef struct TestDevOutcome {
    uint32_t status, result, count, done, failed;
    uint64_t ns, fail_addr, xlat, xlat_mask;
} TestDevOutcome;

/* Find one, map its BARs and make it a master; @bdf: bus << 8 too */
TestDev testdev_find(QPCIBus *bus, int bdf);
/* The same of its twin on the system bus; @bus: of the same machine */
TestDev testdev_sysbus(QPCIBus *bus, uint64_t regs, uint64_t buffer);
void testdev_free(TestDev *dev);

/* Any register: of the device, or of a channel */
uint32_t testdev_reg(TestDev *dev, unsigned offset);
void testdev_set(TestDev *dev, unsigned offset, uint32_t value);
uint32_t testdev_channel_reg(TestDev *dev, unsigned channel, unsigned offset);
void testdev_channel_set(TestDev *dev, unsigned channel, unsigned offset,
                         uint32_t value);

/* Fill in a channel and start it */
void testdev_go(TestDev *dev, unsigned channel, const TestDevRequest *req);
/* What it says now */
TestDevOutcome testdev_outcome(TestDev *dev, unsigned channel);
/* Look until a channel's status is @status; fails the test if it never is */
TestDevOutcome testdev_wait(TestDev *dev, unsigned channel, uint32_t status);
/* Start and wait until it is done, by channel 0 */
TestDevOutcome testdev_run(TestDev *dev, const TestDevRequest *req);

/* A transfer of channel 0 that ends by itself; returns PTD_RESULT_* */
uint32_t dma(TestDev *dev, unsigned op, uint64_t iova, uint32_t length);
/* Bytes that the last one moved */
uint32_t dma_count(TestDev *dev);
/* Read or write 8 bytes */
uint32_t dma_read64(TestDev *dev, uint64_t iova, uint64_t *value);
uint32_t dma_write64(TestDev *dev, uint64_t iova, uint64_t value);

#endif
