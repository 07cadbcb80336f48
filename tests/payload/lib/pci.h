/*
 * Payloads: PCI functions, and our test device
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_PCI_H
#define PAYLOAD_PCI_H

#include "asm.h"
#include "hw/misc/passthrough-testdev.h"

/* A test device; its requester ID, which is its StreamID and DeviceID */
struct testdev {
    uint16_t rid;
    uint64_t config, regs, buffer, msix;
};

#define MAX_TESTDEVS    8

/*
 * Where configuration space is, and a window of memory that is the same on the
 * bus and for the CPU, for BARs below 4 GiB
 */
void pci_host(uint64_t *ecam, uint64_t *window, uint64_t *end);

/*
 * Find the test devices of bus 0, in order of their addresses, give them
 * addresses and make them masters.  Bails out if there are fewer than @num.
 */
void testdevs_find(unsigned num);
extern struct testdev testdevs[MAX_TESTDEVS];

uint32_t td_read(struct testdev *d, unsigned reg);
void td_write(struct testdev *d, unsigned reg, uint32_t value);

/* A request as the device's manual has it; what is 0 is as after reset */
struct td_request {
    unsigned op, offset, length, flags, repeat, span, list, requester;
    uint64_t address, stride;
};
/* Start it in channel 0; addresses are in a list if .list is not 0 */
void td_go(struct testdev *d, const struct td_request *r);
/* Fill in a request and start it; the buffer is used from @offset on */
void td_start(struct testdev *d, unsigned op, uint64_t address,
              unsigned offset, unsigned length);
/* Wait until it is done; returns PTD_RESULT_*, or ~0 if it never is */
uint32_t td_finish(struct testdev *d);
uint32_t td_dma(struct testdev *d, unsigned op, uint64_t address,
                unsigned offset, unsigned length);
/* 8 bytes, from or to the start of the buffer */
uint32_t td_dma_read(struct testdev *d, uint64_t address, uint64_t *value);
uint32_t td_dma_write(struct testdev *d, uint64_t address, uint64_t value);

/* MSI-X: enable it, with nothing masked; what a vector writes, and where */
void td_msix_enable(struct testdev *d, bool on);
void td_msix_set(struct testdev *d, unsigned vector, uint64_t address,
                 uint32_t data);
/* Send one */
void td_msi(struct testdev *d, unsigned vector);

#endif
