/*
 * Payloads: PCI functions, and our test device
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "pci.h"

enum {
    PCI_ID = 0x00, PCI_COMMAND = 0x04, PCI_STATUS = 0x06, PCI_BAR = 0x10,
    PCI_CAPABILITIES = 0x34,
};
#define COMMAND_MEMORY_MASTER   6
#define BAR_IO                  BIT(0)
#define BAR_64                  BIT(2)
#define CAP_MSIX                0x11
#define MSIX_ENABLE             BIT(15)
#define MSIX_ENTRY_SIZE         16

struct testdev testdevs[MAX_TESTDEVS];

static uint64_t window_next, window_end;

/* Place a function's memory BARs; their addresses go to @bars */
static void place_bars(uint64_t config, uint64_t *bars)
{
    for (unsigned i = 0; i < 6; i++) {
        uint64_t reg = config + PCI_BAR + 4 * i;
        uint32_t old = mmio_read32(reg), mask;
        uint64_t size;

        bars[i] = 0;
        mmio_write32(reg, ~0u);
        mask = mmio_read32(reg);
        if (!mask || old & BAR_IO) {
            continue;
        }
        size = (uint32_t)~(mask & ~15u) + 1ull;
        window_next = ROUND_UP(window_next, size);
        bars[i] = window_next;
        window_next += size;
        if (window_next > window_end) {
            bail_out("no room for BARs");
        }
        mmio_write32(reg, bars[i]);
        if (old & BAR_64) {
            mmio_write32(reg + 4, 0);
            i++;
        }
    }
    mmio_write16(config + PCI_COMMAND, COMMAND_MEMORY_MASTER);
}

static uint64_t find_capability(uint64_t config, uint8_t id)
{
    uint8_t next = mmio_read32(config + PCI_CAPABILITIES);

    while (next) {
        uint32_t cap = mmio_read32(config + next);

        if ((cap & 0xff) == id) {
            return config + next;
        }
        next = cap >> 8;
    }
    return 0;
}

void testdevs_find(unsigned num)
{
    uint64_t ecam;
    unsigned n = 0;

    if (testdevs[0].regs) {
        return;
    }
    pci_host(&ecam, &window_next, &window_end);
    for (unsigned rid = 0; rid < 256 && n < MAX_TESTDEVS; rid++) {
        struct testdev *d = &testdevs[n];
        uint64_t config = ecam + rid * 4096, bars[6];

        if (mmio_read32(config + PCI_ID) !=
            (PTD_DEVICE_ID << 16 | PTD_VENDOR_ID)) {
            continue;
        }
        place_bars(config, bars);
        d->rid = rid;
        d->config = config;
        d->regs = bars[PTD_BAR_REGS];
        d->buffer = bars[PTD_BAR_BUFFER];
        d->msix = bars[PTD_BAR_MSIX];
        if (td_read(d, PTD_ID) != PTD_ID_VALUE) {
            bail_out("test device %x does not answer", rid);
        }
        n++;
    }
    if (n < num) {
        bail_out("%u test devices, not %u: -device passthrough-testdev", n,
                 num);
    }
}

/* ---- The test device ---- */

uint32_t td_read(struct testdev *d, unsigned reg)
{
    return mmio_read32(d->regs + reg);
}

void td_write(struct testdev *d, unsigned reg, uint32_t value)
{
    mmio_write32(d->regs + reg, value);
}

void td_go(struct testdev *d, const struct td_request *r)
{
    mmio_write64(d->regs + PTD_CHANNEL + PTD_ADDR_LO, r->address);
    mmio_write64(d->regs + PTD_CHANNEL + PTD_STRIDE_LO, r->stride);
    td_write(d, PTD_CHANNEL + PTD_OFFSET, r->offset);
    td_write(d, PTD_CHANNEL + PTD_LENGTH, r->length);
    td_write(d, PTD_CHANNEL + PTD_OP, r->op);
    td_write(d, PTD_CHANNEL + PTD_FLAGS, r->flags);
    td_write(d, PTD_CHANNEL + PTD_REPEAT, r->repeat);
    td_write(d, PTD_CHANNEL + PTD_SPAN, r->span);
    td_write(d, PTD_CHANNEL + PTD_LIST, r->list ? r->list : PTD_NO_LIST);
    td_write(d, PTD_CHANNEL + PTD_REQUESTER, r->requester);
    td_write(d, PTD_CHANNEL + PTD_GO, 1);
}

void td_start(struct testdev *d, unsigned op, uint64_t address,
              unsigned offset, unsigned length)
{
    const struct td_request r = {
        .op = op, .address = address, .offset = offset, .length = length,
    };

    td_go(d, &r);
}

uint32_t td_finish(struct testdev *d)
{
    if (!WAIT_FOR(td_read(d, PTD_CHANNEL + PTD_STATUS) == PTD_STATUS_DONE)) {
        say("DMA of device %x is not done in time", d->rid);
        td_write(d, PTD_CHANNEL + PTD_CANCEL, 1);
        return ~0u;
    }
    return td_read(d, PTD_CHANNEL + PTD_RESULT);
}

uint32_t td_dma(struct testdev *d, unsigned op, uint64_t address,
                unsigned offset, unsigned length)
{
    td_start(d, op, address, offset, length);
    return td_finish(d);
}

uint32_t td_dma_read(struct testdev *d, uint64_t address, uint64_t *value)
{
    uint32_t result = td_dma(d, PTD_OP_READ, address, 0, 8);

    *value = mmio_read64(d->buffer);
    return result;
}

uint32_t td_dma_write(struct testdev *d, uint64_t address, uint64_t value)
{
    mmio_write64(d->buffer, value);
    return td_dma(d, PTD_OP_WRITE, address, 0, 8);
}

void td_msix_enable(struct testdev *d, bool on)
{
    uint64_t cap = find_capability(d->config, CAP_MSIX);
    uint16_t control = mmio_read32(cap) >> 16;

    mmio_write16(cap + 2, on ? control | MSIX_ENABLE : control & ~MSIX_ENABLE);
}

void td_msix_set(struct testdev *d, unsigned vector, uint64_t address,
                 uint32_t data)
{
    uint64_t entry = d->msix + MSIX_ENTRY_SIZE * vector;

    mmio_write32(entry, address);
    mmio_write32(entry + 4, address >> 32);
    mmio_write32(entry + 8, data);
    mmio_write32(entry + 12, 0);            /* unmasked */
}

void td_msi(struct testdev *d, unsigned vector)
{
    td_write(d, PTD_MSI, vector);
}
