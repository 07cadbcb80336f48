/*
 * A machine around the SMMUv2 model, for tests
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "qemu/main-loop.h"
#include "qemu/module.h"
#include "migration/vmstate.h"
#include "machine.h"

const MachineConfig machine_default = {
    .num_smrg = 16,
    .num_cb = 8,
    .num_context_irqs = 8,
    .page_shift = 12,
    /* S1TS S2TS NTS SMS ATOSNS PTFS=0 NUMSIDB=15 EXIDS */
    .idr0 = 0x7c001f00,
    /* 16-bit VMIDs, all granules, 48 bits of input and output, UBS 49 */
    .idr2 = 0xf555,
    .tlb_entries = 64,
    .utlb_entries = 16,
    .ram_size = 1 << 20,
};

/* ---- In place of QEMU's ---- */

/* Nothing migrates here */
const VMStateInfo vmstate_info_uint8, vmstate_info_uint32;

void qemu_set_irq(qemu_irq irq, int level)
{
    Line *line = container_of(irq, Line, irq);

    line->level = level;
    line->count++;
}

void memory_region_init_io(MemoryRegion *mr, Object *owner,
                           const MemoryRegionOps *ops, void *opaque,
                           const char *name, uint64_t size)
{
    mr->ops = ops;
    mr->opaque = opaque;
    mr->size = int128_make64(size);
}

void memory_region_init_iommu(void *iommu_mr, size_t instance_size,
                              const char *type, Object *owner,
                              const char *name, uint64_t size)
{
    IOMMUMemoryRegion *mr = iommu_mr;

    object_initialize(iommu_mr, instance_size, type);
    QLIST_INIT(&mr->iommu_notify);
}

void address_space_init(AddressSpace *as, MemoryRegion *root, const char *name)
{
}

void address_space_destroy(AddressSpace *as)
{
}

static char secure_name[] = "secure";

/* Both address spaces are the same array */
static bool load(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,
                 MemTxResult *result, uint8_t *bytes, unsigned size)
{
    bool secure = as->name == secure_name;
    Machine *m = secure ? container_of(as, Machine, secure_as) :
                          container_of(as, Machine, as);
    bool ok = addr <= m->ram_size - size && addr != m->bad;

    g_assert_cmpint(attrs.secure, ==, secure);
    qatomic_set_u64(&m->descriptors, qatomic_read_u64(&m->descriptors) + 1);
    if (secure) {
        m->secure_descriptors++;
    }
    if (m->on_read) {
        m->on_read(m);
    }
    *result = ok ? MEMTX_OK : MEMTX_DECODE_ERROR;
    if (ok) {
        /* Whole, as hardware does, beside others who write */
        if (size == 8) {
            stq_he_p(bytes, qatomic_read_u64((uint64_t *)(m->ram + addr)));
        } else {
            stl_he_p(bytes, qatomic_read((uint32_t *)(m->ram + addr)));
        }
    }
    return ok;
}

uint64_t address_space_ldq_le(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,
                              MemTxResult *result)
{
    uint8_t bytes[8];

    return load(as, addr, attrs, result, bytes, 8) ? ldq_le_p(bytes) : 0;
}

uint64_t address_space_ldq_be(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,
                              MemTxResult *result)
{
    uint8_t bytes[8];

    return load(as, addr, attrs, result, bytes, 8) ? ldq_be_p(bytes) : 0;
}

uint32_t address_space_ldl_le(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,
                              MemTxResult *result)
{
    uint8_t bytes[4];

    return load(as, addr, attrs, result, bytes, 4) ? ldl_le_p(bytes) : 0;
}

uint32_t address_space_ldl_be(AddressSpace *as, hwaddr addr, MemTxAttrs attrs,
                              MemTxResult *result)
{
    uint8_t bytes[4];

    return load(as, addr, attrs, result, bytes, 4) ? ldl_be_p(bytes) : 0;
}

void memory_region_notify_iommu_one(IOMMUNotifier *n,
                                    const IOMMUTLBEvent *event)
{
    Unmapped *u = container_of(n, Unmapped, notifier);

    u->events++;
    if (event->entry.iova == 0 && event->entry.addr_mask == UINT64_MAX) {
        u->all = true;
    } else {
        u->addr = event->entry.iova;
        u->size = event->entry.addr_mask + 1;
    }
}

static const TypeInfo region_types[] = {
    {
        .name = TYPE_MEMORY_REGION,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(MemoryRegion),
    }, {
        .name = TYPE_IOMMU_MEMORY_REGION,
        .parent = TYPE_MEMORY_REGION,
        .class_size = sizeof(IOMMUMemoryRegionClass),
        .instance_size = sizeof(IOMMUMemoryRegion),
        .abstract = true,
    },
};

/* ---- The machine ---- */

static uint16_t stream_id(SMMUv2TBU *tbu)
{
    return *(uint16_t *)tbu->bus;
}

static char *describe(SMMUv2TBU *tbu)
{
    return g_strdup("master");
}

static const SMMUv2MasterOps master_ops = {
    .stream_id = stream_id,
    .describe = describe,
};

static void set_idr(Machine *m, const MachineConfig *c)
{
    uint32_t *idr = m->tcu.regs.idr;

    idr[0] = c->idr0 | c->num_smrg;
    idr[1] = (uint32_t)(c->page_shift == 16) << 31 |
             (ctz32(m->mmio.num_pages) - 1) << 28 | 0x8000 | c->num_cb;
    idr[2] = c->idr2;
    idr[7] = 0x24;
}

Machine *machine_new(const MachineConfig *c)
{
    static bool once;
    Machine *m = g_new0(Machine, 1);
    SMMUv2FaultLines *lines = &m->tcu.lines;

    if (!once) {
        once = true;
        rust_bql_mock_lock();
        qemu_init_main_loop(&error_abort);
        type_register_static_array(region_types, ARRAY_SIZE(region_types));
        module_call_init(MODULE_INIT_QOM);
    }
    m->ram = g_malloc0(c->ram_size);
    m->ram_size = c->ram_size;
    m->bad = 1;
    m->mmio.tcu = &m->tcu;
    m->mmio.page_shift = c->page_shift;
    m->mmio.num_pages = MAX(pow2ceil(c->num_cb), 8);
    smmuv2_mmio_init(&m->mmio, NULL);

    smmuv2_tcu_init(&m->tcu, c->tlb_entries);
    smmuv2_stalls_init(&m->tcu.stalls, NULL);
    m->tcu.num_smrg = c->num_smrg;
    m->tcu.num_cb = c->num_cb;
    m->tcu.as = &m->as;
    m->secure_as.name = secure_name;
    m->tcu.secure_as = &m->secure_as;
    set_idr(m, c);
    lines->regs = &m->tcu.regs;
    lines->num_cb = c->num_cb;
    lines->num_context_irqs = c->num_context_irqs;
    lines->global = &m->global_irq.irq;
    lines->secure_global = &m->secure_irq.irq;
    m->tcu.pmu.irq = &m->pmu_irq.irq;
    lines->context = m->context_irqs;
    for (int i = 0; i < SMMUV2_MAX_CB; i++) {
        m->context_irqs[i] = &m->context_irq[i].irq;
    }
    for (int i = 0; i < MACHINE_MASTERS; i++) {
        g_autofree char *name = g_strdup_printf("master-%d", i);

        m->stream_id[i] = i;
        m->tbu[i] = smmuv2_tbu_new(NULL, &m->tcu, &m->raz, c->utlb_entries,
                                   name, &master_ops, &m->stream_id[i], 0);
        m->unmapped[i].notifier.end = UINT64_MAX;
        QLIST_INSERT_HEAD(&m->tbu[i]->parent_obj.iommu_notify,
                          &m->unmapped[i].notifier, node);
    }
    machine_reset(m);
    return m;
}

void machine_free(Machine *m)
{
    for (int i = 0; i < MACHINE_MASTERS; i++) {
        object_unref(OBJECT(m->tbu[i]));
    }
    smmuv2_tcu_destroy(&m->tcu);
    g_free(m->ram);
    g_free(m);
}

void machine_reset(Machine *m)
{
    smmuv2_regs_reset(&m->tcu.regs);
    smmuv2_stalls_reset(&m->tcu.stalls);
    smmuv2_tcu_reload(&m->tcu);
}

uint64_t machine_read(Machine *m, uint64_t offset, unsigned size)
{
    const MemoryRegionOps *ops = m->mmio.iomem.ops;
    uint64_t value = 0x5a5a5a5a5a5a5a5a;

    g_assert_cmpint(ops->read_with_attrs(m->mmio.iomem.opaque, offset, &value,
                                         size, MEMTXATTRS_UNSPECIFIED), ==,
                    MEMTX_OK);
    return value;
}

void machine_write(Machine *m, uint64_t offset, uint64_t value, unsigned size)
{
    const MemoryRegionOps *ops = m->mmio.iomem.ops;

    g_assert_cmpint(ops->write_with_attrs(m->mmio.iomem.opaque, offset, value,
                                          size, MEMTXATTRS_UNSPECIFIED), ==,
                    MEMTX_OK);
}

uint64_t machine_gr0(Machine *m, unsigned offset)
{
    return offset;
}

uint64_t machine_gr1(Machine *m, unsigned offset)
{
    return (1ull << m->mmio.page_shift) + offset;
}

uint64_t machine_cb(Machine *m, unsigned cb, unsigned offset)
{
    return ((uint64_t)(m->mmio.num_pages + cb) << m->mmio.page_shift) + offset;
}

IOMMUTLBEntry machine_translate(Machine *m, unsigned master, uint64_t addr,
                                IOMMUAccessFlags flag)
{
    IOMMUMemoryRegion *mr = &m->tbu[master]->parent_obj;
    IOMMUMemoryRegionClass *imrc =
        IOMMU_MEMORY_REGION_CLASS(OBJECT(mr)->class);

    return imrc->translate(mr, addr, flag, 0);
}

void machine_told_nothing(Machine *m, unsigned master)
{
    m->unmapped[master].all = false;
    m->unmapped[master].events = 0;
}

void machine_notify(Machine *m, unsigned master, bool on)
{
    IOMMUMemoryRegion *mr = &m->tbu[master]->parent_obj;
    IOMMUMemoryRegionClass *imrc =
        IOMMU_MEMORY_REGION_CLASS(OBJECT(mr)->class);
    IOMMUNotifierFlag flag = on ? IOMMU_NOTIFIER_UNMAP : IOMMU_NOTIFIER_NONE;
    Error *err = NULL;

    m->unmapped[master].notifier.notifier_flags = flag;
    g_assert_cmpint(imrc->notify_flag_changed(mr, IOMMU_NOTIFIER_NONE, flag,
                                              &err), ==, 0);
    machine_told_nothing(m, master);
}
