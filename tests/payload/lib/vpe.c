/*
 * Payloads: virtual PEs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "vpe.h"

#define ID_BITS             14          /* of vINTIDs */
#define CACHED              (7ull << 7 | 1ull << 10)
#define VALID               BIT(63)
#define PRIORITY            0xa0
#define TYPER_RVPEID        BIT(7)

/* GICR_VPENDBASER; DB and the groups: GICv4.1 */
#define VPEND_IDAI          BIT(62)
#define VPEND_DB            BIT(62)
#define VPEND_PENDINGLAST   BIT(61)
#define VPEND_DIRTY         BIT(60)
#define VPEND_GROUPS        (BIT(59) | BIT(58))

/* VMAPP of GICv4.1 */
#define VMAPP_ALLOC         BIT(8)
#define VMAPP_PTZ           BIT(9)

/* LPIs: doorbells, then fences, which must have the larger numbers */
#define DOORBELL(id)        (LPI_BASE + 256 + (id))
#define FENCE(cpu)          (LPI_BASE + 256 + MAX_VPES + (cpu))
#define FENCE_EVENT(cpu)    (MAX_VPES + (cpu))
#define DEVICE(d)           ((uint64_t)(d) << 32)
#define VPE(p)              ((uint64_t)(p)->id << 32)

static bool v41;

bool gic_is_v41(void)
{
    return v41;
}

/* The vPE table of the ITS is that of each redistributor: they share it */
static void share_vpe_table(void)
{
    for (unsigned i = 0; i < 8; i++) {
        uint64_t v = mmio_read64(its_base() + GITS_BASER + 8 * i);

        if ((v >> 56 & 7) != 2) {
            continue;
        }
        for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
            mmio_write64(gicr(cpu) + GICR_VPROPBASER, VALID | CACHED |
                         (v >> 8 & 3) << 53 | (v & 0xfffffffff000ull) |
                         (v & 0x7f));
        }
    }
}

bool vpe_begin(bool wanted)
{
    static bool ready;

    if (!lpi_init() || !its_has_vlpis() ||
        !(mmio_read64(gicr(0) + GICR_TYPER) & GICR_TYPER_VLPIS)) {
        skip("no GICv4");
        return false;
    }
    if (!ready) {
        v41 = mmio_read64(gicr(0) + GICR_TYPER) & TYPER_RVPEID;
        if (v41) {
            share_vpe_table();
        }
        its_map_device(PROXY, 8);
        for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
            lpi_configure(FENCE(cpu), true);
            irq_handle(FENCE(cpu), irq_note, NULL);
            its_map_event(PROXY, FENCE_EVENT(cpu), FENCE(cpu), cpu);
        }
        ready = true;
    }
    if (wanted && !v41) {
        skip("no GICv4.1");
        return false;
    }
    /* No event of an earlier test is left */
    its_map_device(SOFT_DEVICE, SOFT_BITS);
    return true;
}

void lpi_fence(unsigned cpu)
{
    unsigned n = irq_count(FENCE(cpu));

    its_int(PROXY, FENCE_EVENT(cpu));
    CHECK(WAIT_FOR(irq_count(FENCE(cpu)) != n));
}

/* ---- Guests ---- */

void vm_init(struct vm *vm)
{
    vm->config = mem_alloc(1 << ID_BITS, 64 * KiB);
}

void vm_configure(struct vm *vm, unsigned vintid, bool enabled,
                  uint8_t priority)
{
    mem_write(at(uint8_t, vm->config + vintid - LPI_BASE), priority | enabled);
}

unsigned vpe_doorbell(unsigned id)
{
    return DOORBELL(id);
}

unsigned vpe_rings(struct vpe *p)
{
    lpi_fence(p->cpu);
    return irq_count(DOORBELL(p->id));
}

/* GICv4.0: the doorbell is an LPI of the proxy device, masked through it */
static void enable_doorbell(struct vpe *p, bool on)
{
    lpi_configure(DOORBELL(p->id), on);
    its_inv(PROXY, p->id);
}

bool vpe_map(struct vpe *p, bool zeroed)
{
    uint64_t w0 = ITS_VMAPP, w1 = VPE(p);

    if (v41) {
        w0 |= p->vm->config | VMAPP_ALLOC | (zeroed ? VMAPP_PTZ : 0);
        w1 |= DOORBELL(p->id);
    }
    return its_command(w0, w1, VALID | its_target(p->cpu),
                       p->vpt | (ID_BITS - 1));
}

void vpe_unmap(struct vpe *p)
{
    its_command(ITS_VMAPP | (v41 ? VMAPP_ALLOC : 0), VPE(p),
                its_target(p->cpu), 0);
    if (!v41) {                         /* which waits by itself */
        its_command(ITS_VSYNC, VPE(p), 0, 0);
    }
}

void vpe_init(struct vpe *p, struct vm *vm, unsigned id, unsigned cpu,
              void (*code)(void *arg), void *arg)
{
    *p = (struct vpe) { .vm = vm, .id = id, .cpu = cpu };
    vcpu_init(&p->vcpu, id + 1, code, arg);
    p->vpt = mem_alloc((1 << ID_BITS) / 8, 64 * KiB);
    irq_handle(DOORBELL(id), irq_note, NULL);
    lpi_configure(DOORBELL(id), v41);
    its_map_event(PROXY, id, DOORBELL(id), cpu);
    its_clear(PROXY, id);
    vpe_map(p, true);
}

void vpe_move(struct vpe *p, unsigned cpu)
{
    p->cpu = cpu;
    its_command(ITS_VMOVP, VPE(p),
                its_target(cpu) | (v41 ? VALID : 0),    /* DB */
                v41 ? DOORBELL(p->id) : 0);
    its_command(ITS_VSYNC, VPE(p), 0, 0);
    its_move_event(PROXY, p->id, cpu);
}

void vpe_event(struct vpe *p, uint32_t device, uint32_t event,
               unsigned vintid)
{
    uint64_t doorbell = v41 ? NO_DOORBELL : DOORBELL(p->id);

    vm_configure(p->vm, vintid, true, PRIORITY);
    its_command(ITS_VMAPTI | DEVICE(device), VPE(p) | event,
                doorbell << 32 | vintid, 0);
    its_inv(device, event);
    its_command(ITS_VSYNC, VPE(p), 0, 0);
}

void vpe_move_event(struct vpe *p, uint32_t device, uint32_t event)
{
    uint64_t doorbell = v41 ? NO_DOORBELL : DOORBELL(p->id);

    its_command(ITS_VMOVI | DEVICE(device), VPE(p) | event,
                doorbell << 32 | 1, 0);
    its_command(ITS_VSYNC, VPE(p), 0, 0);
}

/* ---- Virtual SGIs ---- */

static void vsgi(struct vpe *p, unsigned sgi, uint64_t what)
{
    /* Group 1 */
    its_command(ITS_VSGI | (uint64_t)sgi << 32 | BIT(10) | what, VPE(p), 0, 0);
    its_command(ITS_VSYNC, VPE(p), 0, 0);
}

void vpe_sgi(struct vpe *p, unsigned sgi, bool enabled, uint8_t priority)
{
    vsgi(p, sgi, (uint64_t)(priority >> 4) << 20 | (enabled ? BIT(8) : 0));
}

void vpe_sgi_clear(struct vpe *p, unsigned sgi)
{
    vsgi(p, sgi, BIT(9));
}

void vpe_sgi_send(struct vpe *p, unsigned sgi)
{
    mmio_write64(its_base() + GITS_SGIR, VPE(p) | sgi);
}

uint32_t vpe_sgis_pending(struct vpe *p)
{
    uint64_t frame = gicr(p->cpu);
    uint32_t v;

    mmio_write32(frame + GICR_VSGIR, p->id);
    if (!WAIT_FOR(!(mmio_read32(frame + GICR_VSGIPENDR) & BIT(31)))) {
        bail_out("GICR_VSGIPENDR stays busy");
    }
    v = mmio_read32(frame + GICR_VSGIPENDR);
    return v & 0xffff;
}

/* ---- Residency ---- */

static uint64_t settled(uint64_t reg)
{
    if (!WAIT_FOR(!(mmio_read64(reg) & VPEND_DIRTY))) {
        bail_out("GICR_VPENDBASER stays dirty");
    }
    return mmio_read64(reg);
}

void vpe_load(struct vpe *p)
{
    uint64_t frame = gicr(cpu_index()), reg = frame + GICR_VPENDBASER;

    if (v41) {
        mmio_write64(reg, VALID | VPEND_GROUPS | p->id);
    } else {
        mmio_write64(frame + GICR_VPROPBASER, p->vm->config | CACHED |
                     (ID_BITS - 1));
        mmio_write64(reg, VALID | VPEND_PENDINGLAST | VPEND_IDAI | CACHED |
                     p->vpt);
        /* It would be late */
        enable_doorbell(p, false);
        its_clear(PROXY, p->id);
    }
    settled(reg);
}

bool vpe_put(struct vpe *p, bool wait)
{
    uint64_t reg = gicr(cpu_index()) + GICR_VPENDBASER, v = mmio_read64(reg);

    v &= ~(VALID | VPEND_PENDINGLAST);
    if (v41) {
        v = (v & ~VPEND_DB) | (wait ? VPEND_DB : VPEND_PENDINGLAST);
    }
    mmio_write64(reg, v);
    p->pending_last = settled(reg) & VPEND_PENDINGLAST;
    if (!v41 && wait) {
        enable_doorbell(p, true);
    }
    return p->pending_last;
}

bool vpe_pending_in_ram(struct vpe *p, unsigned vintid)
{
    return mem_read(at(uint8_t, p->vpt + vintid / 8)) >> vintid % 8 & 1;
}
