/*
 * Payloads: the interrupt translation service
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "gic.h"

#define QUEUE_SIZE      (64 * KiB)
#define VALID           BIT(63)
#define CACHED          (7ull << 59 | 1ull << 10)
#define STALLED         BIT(0)
#define RETRY           BIT(0)

static uint64_t base, queue, tail, typer;
static struct spinlock lock;

uint64_t its_base(void)
{
    return base;
}

uint64_t its_doorbell(void)
{
    return base + GITS_TRANSLATER;
}

bool its_has_vlpis(void)
{
    return typer & GITS_TYPER_VIRTUAL;
}

/* Flat tables with pages of 64 KiB: IDs of 16 bits */
static void set_up_tables(void)
{
    for (unsigned i = 0; i < 8; i++) {
        uint64_t reg = base + GITS_BASER + 8 * i;
        uint64_t v = mmio_read64(reg);
        uint64_t size = ((v >> 48 & 31) + 1) * 64 * KiB;

        if (v >> 56 & 7) {
            mmio_write64(reg, VALID | CACHED | mem_alloc(size, 64 * KiB) |
                         2 << 8 | (size / (64 * KiB) - 1));
        }
    }
}

void its_queue_reset(void)
{
    tail = 0;
    mmio_write64(base + GITS_CWRITER, 0);
}

bool its_init(void)
{
    uint64_t size;

    if (!dt_reg("arm,gic-v3-its", 0, &base, &size)) {
        return false;
    }
    typer = mmio_read64(base + GITS_TYPER);
    set_up_tables();
    queue = mem_alloc(QUEUE_SIZE, 64 * KiB);
    mmio_write64(base + GITS_CBASER, VALID | CACHED | queue |
                 (QUEUE_SIZE / (4 * KiB) - 1));
    mmio_write64(base + GITS_CWRITER, 0);
    mmio_write32(base + GITS_CTLR, 1);
    for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
        its_map_collection(cpu, cpu);
    }
    return true;
}

static bool caught_up(void)
{
    uint64_t creadr = mmio_read64(base + GITS_CREADR);

    return creadr == tail || creadr & STALLED;
}

bool its_command(uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3)
{
    uint64_t *slot;
    bool stalled;

    spin_lock(&lock);
    slot = at(uint64_t, queue + tail);
    slot[0] = w0;
    slot[1] = w1;
    slot[2] = w2;
    slot[3] = w3;
    tail = (tail + 32) % QUEUE_SIZE;
    mmio_write64(base + GITS_CWRITER, tail);
    if (!WAIT_FOR(caught_up())) {
        bail_out("the ITS does not read its queue");
    }
    stalled = mmio_read64(base + GITS_CREADR) & STALLED;
    if (stalled) {
        /* In the place of what it could not do, a SYNC; then again */
        slot[0] = ITS_SYNC;
        slot[1] = slot[3] = 0;
        slot[2] = its_target(0);
        mmio_write64(base + GITS_CWRITER, tail | RETRY);
        if (!WAIT_FOR(mmio_read64(base + GITS_CREADR) == tail)) {
            bail_out("the ITS does not resume after a stall");
        }
    }
    spin_unlock(&lock);
    return !stalled;
}

uint64_t its_target(unsigned cpu)
{
    if (typer & GITS_TYPER_PTA) {
        return gicr(cpu);
    }
    return (mmio_read64(gicr(cpu) + GICR_TYPER) >> 8 & 0xffff) << 16;
}

void its_sync(unsigned cpu)
{
    its_command(ITS_SYNC, 0, its_target(cpu), 0);
}

#define DEVICE(d)   ((uint64_t)(d) << 32)

void its_map_device(uint32_t device, unsigned bits)
{
    uint64_t entry = (typer >> 4 & 15) + 1;
    uint64_t itt = mem_alloc(entry << bits, 256);

    its_command(ITS_MAPD | DEVICE(device), bits - 1, VALID | itt, 0);
}

void its_unmap_device(uint32_t device)
{
    its_command(ITS_MAPD | DEVICE(device), 0, 0, 0);
}

void its_map_collection(unsigned collection, unsigned cpu)
{
    its_command(ITS_MAPC, 0, VALID | its_target(cpu) | collection, 0);
    its_sync(cpu);
}

void its_map_event(uint32_t device, uint32_t event, uint32_t lpi,
                   unsigned collection)
{
    its_command(ITS_MAPTI | DEVICE(device), (uint64_t)lpi << 32 | event,
                collection, 0);
    its_inv(device, event);
}

void its_move_event(uint32_t device, uint32_t event, unsigned collection)
{
    its_command(ITS_MOVI | DEVICE(device), event, collection, 0);
}

void its_discard(uint32_t device, uint32_t event)
{
    its_command(ITS_DISCARD | DEVICE(device), event, 0, 0);
}

void its_inv(uint32_t device, uint32_t event)
{
    its_command(ITS_INV | DEVICE(device), event, 0, 0);
}

void its_int(uint32_t device, uint32_t event)
{
    its_command(ITS_INT | DEVICE(device), event, 0, 0);
}

void its_clear(uint32_t device, uint32_t event)
{
    its_command(ITS_CLEAR | DEVICE(device), event, 0, 0);
}
