/*
 * Payloads: GICv3 distributor, redistributors and CPU interface
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "gic.h"
#include "start.h"

enum {
    GICD_IGROUPR = 0x0080, GICD_ISENABLER = 0x0100, GICD_ICENABLER = 0x0180,
    GICD_IPRIORITYR = 0x0400, GICD_ICFGR = 0x0c00, GICD_IROUTER = 0x6000,
};
#define GICD_CTLR_ENABLE    (BIT(4) | BIT(1))       /* ARE, Group 1 */
#define GICR_WAKER_SLEEP    BIT(1)
#define GICR_WAKER_ASLEEP   BIT(2)
#define GICR_CTLR_LPIS      BIT(0)
#define PRIORITY            0xa0
#define CACHED              (7ull << 7 | 1ull << 10) /* write-back, inner */
#define NUM_HANDLERS        1024

struct irq {
    irq_handler *handler;
    void *arg;
    unsigned count, cpu;
};

static struct irq irqs[2 * NUM_HANDLERS];   /* INTIDs, then LPIs */
static uint64_t dist, redists[MAX_CPUS];
static uint64_t lpi_config, lpi_pending[MAX_CPUS];

uint64_t gicd(void)
{
    return dist;
}

uint64_t gicr(unsigned cpu)
{
    return redists[cpu];
}

/* ---- Handlers ---- */

static struct irq *find(unsigned intid)
{
    if (intid < NUM_HANDLERS) {
        return &irqs[intid];
    }
    if (intid >= LPI_BASE && intid < LPI_BASE + NUM_HANDLERS) {
        return &irqs[NUM_HANDLERS + intid - LPI_BASE];
    }
    return NULL;
}

void irq_handle(unsigned intid, irq_handler *handler, void *arg)
{
    struct irq *irq = find(intid);

    irq->arg = arg;
    mem_write(&irq->count, 0);
    mem_write(&irq->handler, handler);
}

void irq_note(unsigned intid, void *arg)
{
}

unsigned irq_count(unsigned intid)
{
    return mem_read(&find(intid)->count);
}

unsigned irq_cpu(unsigned intid)
{
    return mem_read(&find(intid)->cpu);
}

void irq_dispatch(void)
{
    unsigned intid = read_sysreg(ICC_IAR1_EL1) & 0xffffff;
    struct irq *irq = find(intid);

    if (intid >= 1020 && intid < LPI_BASE) {
        return;
    }
    if (irq && irq->handler) {
        irq->cpu = cpu_index();
        irq->handler(intid, irq->arg);
        mem_add(&irq->count, 1);
    } else {
        say("CPU %u: interrupt %u without a handler", cpu_index(), intid);
        CHECK(!"an unexpected interrupt");
        if (intid >= 32 && intid < 1020) {
            spi_disable(intid);
        }
    }
    write_sysreg(intid, ICC_EOIR1_EL1);
    isb();
}

/* ---- Set-up ---- */

static void find_redists(void)
{
    uint64_t frame, size, step;
    unsigned n = 0;

    for (unsigned region = 1; dt_reg("arm,gic-v3", region, &frame, &size) &&
         n < MAX_CPUS; region++) {
        for (uint64_t end = frame + size; frame < end && n < MAX_CPUS;
             frame += step) {
            uint64_t typer = mmio_read64(frame + GICR_TYPER);

            step = typer & GICR_TYPER_VLPIS ? 256 * KiB : 128 * KiB;
            redists[n++] = frame;
            if (typer & GICR_TYPER_LAST) {
                break;
            }
        }
    }
}

void gic_init(void)
{
    uint64_t size;
    unsigned num;

    if (!dt_reg("arm,gic-v3", 0, &dist, &size)) {
        bail_out("no GICv3: -M virt,gic-version=3");
    }
    find_redists();
    num = 32 * ((mmio_read32(dist + GICD_TYPER) & 31) + 1);
    mmio_write32(dist + GICD_CTLR, GICD_CTLR_ENABLE);
    for (unsigned i = 32; i < num; i += 32) {
        mmio_write32(dist + GICD_IGROUPR + i / 8, ~0u);
        mmio_write32(dist + GICD_ICENABLER + i / 8, ~0u);
    }
    irq_handle(SGI_JOB, irq_note, NULL);
    irq_handle(SGI_KICK, irq_note, NULL);
}

void gic_cpu_init(void)
{
    uint64_t frame = gicr(cpu_index()), sgi = frame + GICR_SGI;

    mmio_write32(frame + GICR_WAKER, 0);
    while (mmio_read32(frame + GICR_WAKER) & GICR_WAKER_ASLEEP) {
        yield();
    }
    mmio_write32(sgi + GICD_IGROUPR, ~0u);
    for (unsigned i = 0; i < 32; i += 4) {
        mmio_write32(sgi + GICD_IPRIORITYR + i, PRIORITY * 0x01010101u);
    }
    mmio_write32(sgi + GICD_ISENABLER, 0xffff);     /* SGIs */

    write_sysreg(0xf, ICC_SRE_EL2);         /* system registers, EL1's too */
    isb();
    write_sysreg(7, ICC_SRE_EL1);
    isb();
    write_sysreg(0xff, ICC_PMR_EL1);
    write_sysreg(0, ICC_CTLR_EL1);          /* EOI deactivates */
    write_sysreg(1, ICC_IGRPEN1_EL1);
    isb();
}

void gic_send_sgi(unsigned cpu, unsigned sgi)
{
    dsb();
    write_sysreg((uint64_t)sgi << 24 | BIT(cpu), ICC_SGI1R_EL1);
    isb();
}

void spi_enable(unsigned intid, unsigned cpu)
{
    uint64_t icfgr = dist + GICD_ICFGR + intid / 16 * 4;

    mmio_write8(dist + GICD_IPRIORITYR + intid, PRIORITY);
    mmio_write32(icfgr, mmio_read32(icfgr) & ~(2u << 2 * (intid % 16)));
    mmio_write64(dist + GICD_IROUTER + 8 * intid, cpus[cpu].mpidr);
    mmio_write32(dist + GICD_ISENABLER + intid / 32 * 4, 1u << intid % 32);
}

void spi_disable(unsigned intid)
{
    mmio_write32(dist + GICD_ICENABLER + intid / 32 * 4, 1u << intid % 32);
}

/* ---- LPIs ---- */

void lpi_configure(unsigned intid, bool enabled)
{
    mem_write(at(uint8_t, lpi_config + intid - LPI_BASE), PRIORITY | enabled);
}

bool lpi_pending_in_ram(unsigned cpu, unsigned intid)
{
    return mem_read(at(uint8_t, lpi_pending[cpu] + intid / 8)) >>
           intid % 8 & 1;
}

bool lpi_init(void)
{
    static int there;

    if (!there) {
        lpi_config = mem_alloc(NUM_LPIS, 64 * KiB);
        for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
            uint64_t frame = gicr(cpu);

            lpi_pending[cpu] = mem_alloc((LPI_BASE + NUM_LPIS) / 8, 64 * KiB);
            mmio_write64(frame + GICR_PROPBASER, lpi_config | CACHED | 13);
            mmio_write64(frame + GICR_PENDBASER, lpi_pending[cpu] | CACHED |
                         BIT(62));          /* PTZ: it is zeroed */
            mmio_write32(frame + GICR_CTLR, GICR_CTLR_LPIS);
        }
        there = its_init() ? 1 : -1;
    }
    return there > 0;
}
