/*
 * Fuzzer of the GIC: a GIC without a board
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "fuzz-machine.h"
#include "hw/intc/intc.h"
#include "migration/vmstate.h"
#include "qapi/visitor.h"

GICv3State gic;
GICv3ITSState *its;

static GICv3CPUState cpus[CPUS];
static GICv3RedistRegion region = { .gic = &gic };
static const MemoryRegionOps *sgi_ops;

/* A GICv4.0 or a GICv4.1, of which there is only one at a time */
static struct {
    GICv41State *v41;
    GICv41CPU *v41_cpu[CPUS];
    GICv3ITSState its[MAX_ITS];
} made[2];

static void make(bool v41)
{
    static bool types;

    if (!types) {
        types = true;
        its_types();
        gic.itslist = g_ptr_array_new();
    }
    if (v41) {
        gicv41_realize(&gic);
        made[v41].v41 = gic.v41;
    }
    for (unsigned i = 0; i < CPUS; i++) {
        made[v41].v41_cpu[i] = cpus[i].v41;
    }
    for (unsigned i = 0; i < MAX_ITS; i++) {
        its_realize(&made[v41].its[i]);
    }
}

void machine_start(bool v41, unsigned num_its)
{
    gic.cpu = cpus;
    gic.num_cpu = CPUS;
    gic.num_irq = 64;
    gic.revision = 4;
    gic.lpi_enable = true;
    gic.gicd_ctlr = GICD_CTLR_DS | GICD_CTLR_EN_GRP1NS;
    gic.gicv41 = v41;
    gic.v41 = NULL;
    for (unsigned i = 0; i < CPUS; i++) {
        GICv3CPUState *cs = &cpus[i];

        *cs = (GICv3CPUState) {
            .gic = &gic,
            .gicr_typer = GICR_TYPER_PLPIS | GICR_TYPER_VLPIS |
                GICR_TYPER_DIRECTLPI | (uint64_t)i << 32 | i << 8,
            .ich_vmcr_el2 = ICH_VMCR_EL2_VENG0 | ICH_VMCR_EL2_VENG1,
            .hppi.prio = 0xff,
            .hpplpi.prio = 0xff,
            .hppvlpi.prio = 0xff,
            .lpis = cs->lpis,
            .vlpis = cs->vlpis,
        };
    }
    if (!made[v41].its[0].gicv3) {
        make(v41);
    }
    gic.v41 = made[v41].v41;
    for (unsigned i = 0; i < CPUS; i++) {
        cpus[i].v41 = made[v41].v41_cpu[i];
    }
    gicv41_reset(&gic);
    its = made[v41].its;
    g_ptr_array_set_size(gic.itslist, 0);
    for (unsigned i = 0; i < num_its; i++) {
        gicv3_add_its(&gic, (DeviceState *)&its[i]);
        its_reset(&its[i]);
    }
}

void machine_post_load(void)
{
    for (unsigned i = 0; i < CPUS; i++) {
        gicv3_redist_update_lpi_only(&cpus[i]);
        gicv3_redist_update_vlpi_only(&cpus[i]);
    }
    for (unsigned i = 0; i < gic.itslist->len; i++) {
        its_post_load(g_ptr_array_index(gic.itslist, i));
    }
}

/* ---- Accesses ---- */

static unsigned frame_size(void)
{
    return gicv3_redist_size(&gic);
}

uint64_t gicr_read(unsigned cpu, unsigned offset, unsigned size)
{
    uint64_t value = 0;

    gicv3_redist_read(&region, cpu * frame_size() +
                      (offset & ~(size - 1)) % frame_size(), &value, size,
                      MEMTXATTRS_UNSPECIFIED);
    return value;
}

void gicr_write(unsigned cpu, unsigned offset, uint64_t value, unsigned size)
{
    gicv3_redist_write(&region, cpu * frame_size() +
                       (offset & ~(size - 1)) % frame_size(), value, size,
                       MEMTXATTRS_UNSPECIFIED);
}

uint64_t its_read(unsigned n, unsigned offset, unsigned size)
{
    uint64_t value = 0;

    its_control(&its[n], false, (offset & ~(size - 1)) % ITS_CONTROL_SIZE,
                &value, size);
    return value;
}

void its_write(unsigned n, unsigned offset, uint64_t value, unsigned size)
{
    its_control(&its[n], true, (offset & ~(size - 1)) % ITS_CONTROL_SIZE,
                &value, size);
}

void its_message(unsigned n, uint32_t devid, uint32_t eventid, unsigned size)
{
    its_translation(&its[n], devid, eventid, size);
}

void its_sgi_write(unsigned n, unsigned offset, uint64_t value, unsigned size)
{
    if (gic.gicv41) {
        sgi_ops->write_with_attrs(&its[n], (offset & ~(size - 1)) %
                                  ITS_SGI_SIZE, value, size,
                                  MEMTXATTRS_UNSPECIFIED);
    }
}

unsigned acknowledge(unsigned cpu)
{
    GICv3CPUState *cs = &cpus[cpu];
    unsigned irq = cs->hpplpi.irq;

    if (!(cs->gicr_ctlr & GICR_CTLR_ENABLE_LPIS) || cs->hpplpi.prio == 0xff) {
        return 0;
    }
    gicv3_redist_lpi_pending(cs, irq, 0);
    return irq;
}

int acknowledge_virtual(unsigned cpu)
{
    GICv3CPUState *cs = &cpus[cpu];
    int irq = cs->hppvlpi.irq;

    if (cs->hppvlpi.prio == 0xff) {
        return -1;
    }
    gicv3_redist_vlpi_pending(cs, irq, 0);
    return irq;
}

/* ---- In place of QEMU's ---- */

void gicv3_redist_update(GICv3CPUState *cs)
{
}

void gicv3_full_update_noirqset(GICv3State *s)
{
}

void gicv3_cpuif_virt_irq_fiq_update(GICv3CPUState *cs)
{
}

const VMStateInfo vmstate_info_uint32;

void memory_region_init_io(MemoryRegion *mr, Object *owner,
                           const MemoryRegionOps *ops, void *opaque,
                           const char *name, uint64_t size)
{
    sgi_ops = ops;
}

void memory_region_set_size(MemoryRegion *mr, uint64_t size)
{
}

void memory_region_add_subregion(MemoryRegion *mr, hwaddr offset,
                                 MemoryRegion *subregion)
{
}

uint64_t address_space_ldq_le(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,
                              MemTxResult *result)
{
    uint8_t bytes[8];
    MemTxResult r = address_space_read_full(as, addr, attrs, bytes, 8);

    if (result) {
        *result = r;
    }
    return ldq_le_p(bytes);
}

void address_space_stq_le(AddressSpace *as, hwaddr addr, uint64_t value,
                          MemTxAttrs attrs, MemTxResult *result)
{
    uint8_t bytes[8];
    MemTxResult r;

    stq_le_p(bytes, value);
    r = address_space_write(as, addr, attrs, bytes, 8);
    if (result) {
        *result = r;
    }
}

void address_space_stl_le(AddressSpace *as, hwaddr addr, uint32_t value,
                          MemTxAttrs attrs, MemTxResult *result)
{
    uint8_t bytes[4];
    MemTxResult r;

    stl_le_p(bytes, value);
    r = address_space_write(as, addr, attrs, bytes, 4);
    if (result) {
        *result = r;
    }
}

/* For reading commands; those in registers get a copy */
void *address_space_map(AddressSpace *as, hwaddr addr, hwaddr *len,
                        bool is_write, MemTxAttrs attrs)
{
    static uint8_t bounce[64];

    g_assert_false(is_write);
    if (addr < RAM_SIZE) {
        *len = MIN(*len, RAM_SIZE - addr);
        return test_ram + addr;
    }
    if (addr >= MMIO + MMIO_SIZE) {
        return NULL;
    }
    address_space_read_full(as, addr, attrs, bounce, sizeof(bounce));
    return bounce;
}

void address_space_unmap(AddressSpace *as, void *buffer, hwaddr len,
                         bool is_write, hwaddr access_len)
{
}
