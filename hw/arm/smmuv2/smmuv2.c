/*
 * Arm System MMU version 2: the device
 *
 * Realize, reset, migration and properties; what the device does is in the
 * other files of this folder, one for each block of the specification:
 *
 *   DMA -> pci -> tbu -> tcu -> (stream, cb, tlb, walk) -> memory
 *                         tcu -> fault, pmu -> interrupt; stall -> master
 *   MMIO -> mmio -> regtable, tlbi, pmu -> tcu
 *
 * docs/specs/smmuv2.rst lists every feature, and what is left out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/host-utils.h"
#include "qemu/lockable.h"
#include "qemu/units.h"
#include "exec/address-spaces.h"
#include "hw/arm/smmuv2.h"
#include "hw/pci/pci_device.h"
#include "hw/qdev-properties.h"
#include "hw/sysbus.h"
#include "migration/vmstate.h"
#include "smmuv2-dvm.h"
#include "smmuv2-mmio.h"
#include "smmuv2-mmu500.h"
#include "smmuv2-pci.h"
#include "smmuv2-query.h"
#include "smmuv2-tcu.h"

struct SMMUv2State {
    SysBusDevice parent_obj;

    SMMUv2MMIO mmio;
    SMMUv2TCU tcu;
    SMMUv2PCI pci;
    SMMUv2DVM dvm;
    MemoryRegion raz_mr;        /* where transactions go that CFRE = 0 hides */
    AddressSpace raz_as;
    AddressSpace memory_as;     /* of @memory, if that was given */
    AddressSpace secure_as;     /* likewise */

    /* Properties */
    PCIBus *primary_bus;
    MemoryRegion *memory, *secure_memory;
    char *stage;
    char *aarch32;
    bool stream_matching;
    uint32_t num_smrg;
    uint32_t num_cb;
    uint32_t num_context_irqs;
    uint32_t page_size;
    uint32_t oas;
    bool exids;
    bool vmid16;
    bool atos;
    bool config_faults;
    bool secure;
    OnOffAuto btm;
    uint32_t tlb_entries;
    uint32_t utlb_entries;
};

hwaddr smmuv2_mmio_size(SMMUv2State *s)
{
    return memory_region_size(&s->mmio.iomem);
}

unsigned smmuv2_num_context_banks(SMMUv2State *s)
{
    return s->tcu.num_cb;
}

unsigned smmuv2_num_context_irqs(SMMUv2State *s)
{
    return s->tcu.lines.num_context_irqs;
}

SMMUv2State *smmuv2_find(PCIBus *bus)
{
    Object *owner = smmuv2_pci_owner(bus);

    return owner ? ARM_SMMUV2(owner) : NULL;
}

static uint32_t max_stream_id(SMMUv2State *s)
{
    uint32_t idr0 = s->tcu.regs.idr[0];

    return FIELD_EX32(idr0, IDR0, EXIDS) ? UINT16_MAX :
           MAKE_64BIT_MASK(0, FIELD_EX32(idr0, IDR0, NUMSIDB));
}

/* A TBU of which the StreamID is *@opaque ends the search */
static int find_stream(Object *child, void *opaque)
{
    uint32_t *stream_id = opaque;
    Object *tbu = object_dynamic_cast(child, TYPE_ARM_SMMUV2_TBU);

    return tbu && ARM_SMMUV2_TBU(tbu)->ops->stream_id(ARM_SMMUV2_TBU(tbu)) ==
                  *stream_id;
}

/*
 * Functions get their TBUs when the machine is complete, so those that are
 * there by now are looked for on their buses, as these are numbered now.
 */
static bool has_stream(SMMUv2State *s, uint32_t stream_id)
{
    PCIDevice *dev = pci_find_device(s->primary_bus, PCI_BUS_NUM(stream_id),
                                     stream_id & 0xff);

    return object_child_foreach(OBJECT(s), find_stream, &stream_id) ||
           (dev && smmuv2_find(pci_get_bus(dev)) == s);
}

AddressSpace *smmuv2_add_master(SMMUv2State *s, const char *name,
                                uint32_t stream_id, Error **errp)
{
    SMMUv2TBU *tbu;

    if (stream_id > max_stream_id(s)) {
        error_setg(errp, "StreamID 0x%x is out of range: this SMMUv2 has 0 to "
                   "0x%x, see its properties exids and stream-matching",
                   stream_id, max_stream_id(s));
        return NULL;
    }
    if (has_stream(s, stream_id)) {
        error_setg(errp, "StreamID 0x%x is another master's already (%02x:%02x"
                   ".%x if it is a PCI function); choose one that no other "
                   "master of this SMMUv2 has", stream_id,
                   PCI_BUS_NUM(stream_id), PCI_SLOT(stream_id),
                   PCI_FUNC(stream_id));
        return NULL;
    }
    tbu = smmuv2_tbu_new(OBJECT(s), &s->tcu, &s->raz_as, s->utlb_entries, name,
                         &smmuv2_plain_master, NULL, 0);
    tbu->last_stream_id = stream_id;
    tbu->fixed_stream_id = true;
    return &tbu->as;
}

Smmuv2Info *smmuv2_query(SMMUv2State *s)
{
    return smmuv2_query_tcu(&s->tcu, OBJECT(s));
}

/* ---- RAZ/WI ---- */

static uint64_t raz_read(void *opaque, hwaddr addr, unsigned size)
{
    return 0;
}

static void wi_write(void *opaque, hwaddr addr, uint64_t value, unsigned size)
{
}

static const MemoryRegionOps raz_ops = {
    .read = raz_read,
    .write = wi_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

/* ---- Properties ---- */

/* The encoding of IDR2.IAS and OAS, or -1 */
static int encode_addr_bits(unsigned bits)
{
    for (int i = 0; i <= 5; i++) {
        if (smmuv2_addr_bits(i) == bits) {
            return i;
        }
    }
    return -1;
}

/* The value of IDR0.PTFS, or -1 */
static int encode_aarch32(const char *formats)
{
    return !strcmp(formats, "all") ? IDR0_PTFS_AARCH32_SHORT_LONG :
           !strcmp(formats, "long") ? IDR0_PTFS_AARCH32_LONG :
           !strcmp(formats, "none") ? IDR0_PTFS_NO_AARCH32 : -1;
}

static bool check_range(const char *name, uint32_t value, uint32_t min,
                        uint32_t max, Error **errp)
{
    if (value < min || value > max) {
        error_setg(errp, "Property '%s' is %u, must be %u to %u", name, value,
                   min, max);
        return false;
    }
    return true;
}

static bool check_tlb(const char *name, uint32_t entries, Error **errp)
{
    if (!is_power_of_2(entries) || entries < SMMUV2_TLB_MIN ||
        entries > SMMUV2_TLB_MAX) {
        error_setg(errp, "Property '%s' is %u, must be a power of two from %u "
                   "to %u", name, entries, SMMUV2_TLB_MIN, SMMUV2_TLB_MAX);
        return false;
    }
    return true;
}

static bool check_properties(SMMUv2State *s, Error **errp)
{
    if (!check_range("num-smrg", s->num_smrg, 1, SMMUV2_MAX_SMRG, errp) ||
        !check_range("num-context-banks", s->num_cb, 1, SMMUV2_MAX_CB, errp) ||
        !check_range("num-context-irqs", s->num_context_irqs, 0, s->num_cb,
                     errp) ||
        !check_tlb("tlb-entries", s->tlb_entries, errp) ||
        !check_tlb("utlb-entries", s->utlb_entries, errp)) {
        return false;
    }
    if (s->page_size != 4 * KiB && s->page_size != 64 * KiB) {
        error_setg(errp, "Property 'page-size' is %u, must be 4096 or 65536",
                   s->page_size);
        return false;
    }
    if (encode_addr_bits(s->oas) < 0) {
        error_setg(errp, "Property 'oas' is %u, must be 32, 36, 40, 42, 44 or "
                   "48", s->oas);
        return false;
    }
    if (strcmp(s->stage, "1") && strcmp(s->stage, "2") &&
        strcmp(s->stage, "nested")) {
        error_setg(errp, "Property 'stage' is '%s', must be '1', '2' or "
                   "'nested'", s->stage);
        return false;
    }
    if (encode_aarch32(s->aarch32) < 0) {
        error_setg(errp, "Property 'aarch32-formats' is '%s', must be 'all', "
                   "'long' or 'none'", s->aarch32);
        return false;
    }
    if (s->btm == ON_OFF_AUTO_ON && !smmuv2_dvm_available()) {
        error_setg(errp, "Property 'btm' is on, but CPUs tell QEMU of their "
                   "TLB maintenance only with -accel tcg");
        return false;
    }
    if (!s->primary_bus) {
        error_setg(errp, "%s is not attached to any PCI bus; give it a root "
                   "bus by primary-bus=ID, or use -machine virt,iommu=smmuv2",
                   TYPE_ARM_SMMUV2);
        return false;
    }
    if (!pci_bus_is_root(s->primary_bus)) {
        error_setg(errp, "Property 'primary-bus' is '%s', which is no PCI root "
                   "bus", BUS(s->primary_bus)->name);
        return false;
    }
    if (s->primary_bus->iommu_ops) {
        error_setg(errp, "Property 'primary-bus' is '%s', which has an IOMMU "
                   "already", BUS(s->primary_bus)->name);
        return false;
    }
    return true;
}

/* The identification registers and options: what the properties chose */
static void set_idr(SMMUv2State *s)
{
    bool s1 = strcmp(s->stage, "2");
    bool s2 = strcmp(s->stage, "1");
    unsigned oas = encode_addr_bits(s->oas);
    uint32_t *idr = s->tcu.regs.idr;
    uint32_t r = 0;

    r = FIELD_DP32(r, IDR0, S1TS, s1);
    r = FIELD_DP32(r, IDR0, S2TS, s2);
    r = FIELD_DP32(r, IDR0, NTS, s1 && s2);
    r = FIELD_DP32(r, IDR0, SMS, s->stream_matching);
    r = FIELD_DP32(r, IDR0, ATOSNS, !s->atos);
    r = FIELD_DP32(r, IDR0, PTFS, encode_aarch32(s->aarch32));
    r = FIELD_DP32(r, IDR0, CTTW, 1);
    r = FIELD_DP32(r, IDR0, BTM, s->btm == ON_OFF_AUTO_ON);
    /* With indexing StreamIDs have as many bits as S2CRs can be told by */
    r = FIELD_DP32(r, IDR0, NUMSIDB, s->stream_matching ? 15 :
                                     ctz32(pow2ceil(s->num_smrg)));
    r = FIELD_DP32(r, IDR0, EXIDS, s->exids && s->stream_matching);
    r = FIELD_DP32(r, IDR0, NUMSMRG, s->num_smrg);
    r = FIELD_DP32(r, IDR0, SES, s->secure);
    idr[0] = r;

    r = FIELD_DP32(0, IDR1, PAGESIZE, s->page_size == 64 * KiB);
    r = FIELD_DP32(r, IDR1, NUMPAGENDXB, ctz32(s->mmio.num_pages) - 1);
    r = FIELD_DP32(r, IDR1, NUMCB, s->num_cb);
    r = FIELD_DP32(r, IDR1, SMCD, s->stream_matching);
    /* An SSD table of 16-bit indices */
    r = FIELD_DP32(r, IDR1, SSDTP, s->secure ? 3 : 0);
    r = FIELD_DP32(r, IDR1, NUMSSDNDXB, s->secure ? 15 : 0);
    idr[1] = r;

    r = FIELD_DP32(0, IDR2, IAS, 5);
    r = FIELD_DP32(r, IDR2, OAS, oas);
    r = FIELD_DP32(r, IDR2, UBS, 5);
    r = FIELD_DP32(r, IDR2, PTFSV8_4KB, 1);
    r = FIELD_DP32(r, IDR2, PTFSV8_16KB, 1);
    r = FIELD_DP32(r, IDR2, PTFSV8_64KB, 1);
    r = FIELD_DP32(r, IDR2, VMID16S, s->vmid16);
    idr[2] = r;

    r = FIELD_DP32(0, IDR7, MAJOR, MMU500_IDR7_MAJOR);
    idr[7] = FIELD_DP32(r, IDR7, MINOR, MMU500_IDR7_MINOR);

    s->tcu.regs.options = (s->config_faults ? SMMUV2_CONFIG_FAULTS : 0) |
                          (s->secure ? SMMUV2_SECURE : 0);
}

/* A counter of time may have overflowed */
static void pmu_expired(void *opaque)
{
    SMMUv2TCU *tcu = opaque;

    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        smmuv2_pmu_sync(&tcu->pmu);
        smmuv2_pmu_changed(&tcu->pmu);
    }
    smmuv2_pmu_line_update(&tcu->pmu);
}

static void smmuv2_realize(DeviceState *dev, Error **errp)
{
    SMMUv2State *s = ARM_SMMUV2(dev);
    SysBusDevice *sbd = SYS_BUS_DEVICE(dev);
    SMMUv2TCU *tcu = &s->tcu;
    SMMUv2FaultLines *lines = &tcu->lines;

    if (!check_properties(s, errp)) {
        return;
    }
    if (s->btm == ON_OFF_AUTO_AUTO) {
        s->btm = smmuv2_dvm_available() ? ON_OFF_AUTO_ON : ON_OFF_AUTO_OFF;
    }

    /* Global pages must reach the last one that is not a bank */
    s->mmio.tcu = tcu;
    s->mmio.page_shift = ctz32(s->page_size);
    s->mmio.num_pages = MAX(pow2ceil(s->num_cb), 8);
    smmuv2_mmio_init(&s->mmio, OBJECT(s));
    sysbus_init_mmio(sbd, &s->mmio.iomem);

    memory_region_init_io(&s->raz_mr, OBJECT(s), &raz_ops, s, "smmuv2-raz",
                          UINT64_MAX);
    address_space_init(&s->raz_as, &s->raz_mr, "smmuv2-raz");

    smmuv2_tcu_init(tcu, s->tlb_entries);
    tcu->num_smrg = s->num_smrg;
    tcu->num_cb = s->num_cb;
    tcu->as = &address_space_memory;
    if (s->memory) {
        address_space_init(&s->memory_as, s->memory, "smmuv2-memory");
        tcu->as = &s->memory_as;
    }
    tcu->secure_as = tcu->as;
    if (s->secure_memory) {
        address_space_init(&s->secure_as, s->secure_memory,
                           "smmuv2-secure-memory");
        tcu->secure_as = &s->secure_as;
    }
    set_idr(s);
    smmuv2_regs_reset(&tcu->regs);

    lines->regs = &tcu->regs;
    lines->num_cb = s->num_cb;
    if (!s->num_context_irqs) {
        s->num_context_irqs = s->num_cb;
    }
    lines->num_context_irqs = s->num_context_irqs;
    lines->context = g_new0(qemu_irq, lines->num_context_irqs);
    smmuv2_fault_lines_init(lines, dev);
    smmuv2_stalls_init(&tcu->stalls, dev);
    sysbus_init_irq(sbd, &lines->global);
    for (unsigned i = 0; i < lines->num_context_irqs; i++) {
        sysbus_init_irq(sbd, &lines->context[i]);
    }
    smmuv2_pmu_init(&tcu->pmu, dev, &tcu->regs, pmu_expired, tcu);
    sysbus_init_irq(sbd, &tcu->pmu.irq);
    sysbus_init_irq(sbd, &lines->secure_global);

    s->pci = (SMMUv2PCI) {
        .owner = OBJECT(s),
        .tcu = tcu,
        .raz = &s->raz_as,
        .utlb_entries = s->utlb_entries,
    };
    smmuv2_pci_init(&s->pci, s->primary_bus);
    if (s->btm == ON_OFF_AUTO_ON) {
        smmuv2_dvm_init(&s->dvm, tcu);
    }
}

static int reset_tbu(Object *child, void *opaque)
{
    if (object_dynamic_cast(child, TYPE_ARM_SMMUV2_TBU)) {
        smmuv2_tbu_reset(ARM_SMMUV2_TBU(child));
    }
    return 0;
}

/*
 * In the exit phase: masters are quiet once they have been through the others,
 * and their last accesses must not see a disabled SMMU, which lets all pass.
 */
static void smmuv2_reset_exit(Object *obj, ResetType type)
{
    SMMUv2State *s = ARM_SMMUV2(obj);
    SMMUv2TCU *tcu = &s->tcu;

    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        smmuv2_regs_reset(&tcu->regs);
        smmuv2_stalls_reset(&tcu->stalls);
    }
    smmuv2_tcu_reload(tcu);
    tcu->tlb_hits = tcu->tlb_misses = tcu->walks = 0;
    tcu->tlb_invalidations = tcu->tlb_broadcasts = 0;
    tcu->context_faults = tcu->global_faults = 0;
    object_child_foreach(obj, reset_tbu, NULL);
}

/* ---- Migration: the registers; all else follows from them ---- */

static const VMStateDescription vmstate_bank = {
    .name = "arm-smmuv2/bank",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(cbar, SMMUv2BankRegs),
        VMSTATE_UINT32(cba2r, SMMUv2BankRegs),
        VMSTATE_UINT32(cbfrsynra, SMMUv2BankRegs),
        VMSTATE_UINT32(sctlr, SMMUv2BankRegs),
        VMSTATE_UINT32(actlr, SMMUv2BankRegs),
        VMSTATE_UINT32(tcr, SMMUv2BankRegs),
        VMSTATE_UINT32(tcr2, SMMUv2BankRegs),
        VMSTATE_UINT32(contextidr, SMMUv2BankRegs),
        VMSTATE_UINT32_ARRAY(mair, SMMUv2BankRegs, 2),
        VMSTATE_UINT32(fsr, SMMUv2BankRegs),
        VMSTATE_UINT32_ARRAY(fsynr, SMMUv2BankRegs, 2),
        VMSTATE_UINT64_ARRAY(ttbr, SMMUv2BankRegs, 2),
        VMSTATE_UINT64(far, SMMUv2BankRegs),
        VMSTATE_UINT64(ipafar, SMMUv2BankRegs),
        VMSTATE_UINT64(par, SMMUv2BankRegs),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_regs = {
    .name = "arm-smmuv2/regs",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(cr0, SMMUv2Regs),
        VMSTATE_UINT32(cr2, SMMUv2Regs),
        VMSTATE_UINT32(acr, SMMUv2Regs),
        /* What the guest was told it has must be what it gets */
        VMSTATE_UINT32_EQUAL(options, SMMUv2Regs,
                             "config-faults and secure must be the same"),
        VMSTATE_UINT32_EQUAL(idr[0], SMMUv2Regs,
                             "num-smrg, stream-matching, stage, "
                             "aarch32-formats, exids, atos and btm must be "
                             "the same"),
        VMSTATE_UINT32_EQUAL(idr[1], SMMUv2Regs,
                             "num-context-banks and page-size must be the "
                             "same"),
        VMSTATE_UINT32_EQUAL(idr[2], SMMUv2Regs,
                             "oas and vmid16 must be the same"),
        VMSTATE_UINT32(gfsr, SMMUv2Regs),
        VMSTATE_UINT32_ARRAY(gfsynr, SMMUv2Regs, 3),
        VMSTATE_UINT64(gfar, SMMUv2Regs),
        VMSTATE_UINT64(gpar, SMMUv2Regs),
        VMSTATE_UINT32_ARRAY(smr, SMMUv2Regs, SMMUV2_MAX_SMRG),
        VMSTATE_UINT32_ARRAY(s2cr, SMMUv2Regs, SMMUV2_MAX_SMRG),
        VMSTATE_UINT32_ARRAY(pmevcntr, SMMUv2Regs, SMMUV2_PMU_COUNTERS),
        VMSTATE_UINT32_ARRAY(pmevtyper, SMMUv2Regs, SMMUV2_PMU_COUNTERS),
        VMSTATE_UINT32_ARRAY(pmcgcr, SMMUv2Regs, SMMUV2_PMU_GROUPS),
        VMSTATE_UINT32_ARRAY(pmcgsmr, SMMUv2Regs, SMMUV2_PMU_GROUPS),
        VMSTATE_UINT32(pmcnten, SMMUv2Regs),
        VMSTATE_UINT32(pminten, SMMUv2Regs),
        VMSTATE_UINT32(pmovs, SMMUv2Regs),
        VMSTATE_UINT32(pmcr, SMMUv2Regs),
        VMSTATE_STRUCT_ARRAY(cb, SMMUv2Regs, SMMUV2_MAX_CB, 1, vmstate_bank,
                             SMMUv2BankRegs),
        VMSTATE_END_OF_LIST()
    },
};

static bool secure_needed(void *opaque)
{
    return ((SMMUv2State *)opaque)->secure;
}

static const VMStateDescription vmstate_secure = {
    .name = TYPE_ARM_SMMUV2 "/secure",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = secure_needed,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(tcu.regs.s.cr0, SMMUv2State),
        VMSTATE_UINT32(tcu.regs.s.cr1, SMMUv2State),
        VMSTATE_UINT32(tcu.regs.s.cr2, SMMUv2State),
        VMSTATE_UINT32(tcu.regs.s.acr, SMMUv2State),
        VMSTATE_UINT32(tcu.regs.s.gfsr, SMMUv2State),
        VMSTATE_UINT32_ARRAY(tcu.regs.s.gfsynr, SMMUv2State, 3),
        VMSTATE_UINT64(tcu.regs.s.gfar, SMMUv2State),
        VMSTATE_UINT32_ARRAY(tcu.regs.s.ssdr, SMMUv2State, SMMUV2_NUM_SSDR),
        VMSTATE_END_OF_LIST()
    },
};

static int smmuv2_pre_save(void *opaque)
{
    SMMUv2State *s = opaque;

    QEMU_LOCK_GUARD(&s->tcu.lock);
    smmuv2_pmu_sync(&s->tcu.pmu);
    return 0;
}

static int smmuv2_post_load(void *opaque, int version_id)
{
    SMMUv2State *s = opaque;

    smmuv2_tcu_reload(&s->tcu);
    return 0;
}

static const VMStateDescription vmstate_smmuv2 = {
    .name = TYPE_ARM_SMMUV2,
    .version_id = 1,
    .minimum_version_id = 1,
    /* Before the devices behind it */
    .priority = MIG_PRI_IOMMU,
    .pre_save = smmuv2_pre_save,
    .post_load = smmuv2_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT(tcu.regs, SMMUv2State, 1, vmstate_regs, SMMUv2Regs),
        VMSTATE_UINT32_EQUAL(num_context_irqs, SMMUv2State,
                             "num-context-irqs must be the same"),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription * const []) {
        &vmstate_secure,
        NULL
    },
};

static const Property smmuv2_properties[] = {
    DEFINE_PROP_LINK("primary-bus", SMMUv2State, primary_bus, TYPE_PCI_BUS,
                     PCIBus *),
    DEFINE_PROP_LINK("memory", SMMUv2State, memory, TYPE_MEMORY_REGION,
                     MemoryRegion *),
    DEFINE_PROP_LINK("secure-memory", SMMUv2State, secure_memory,
                     TYPE_MEMORY_REGION, MemoryRegion *),
    DEFINE_PROP_STRING("stage", SMMUv2State, stage),
    DEFINE_PROP_STRING("aarch32-formats", SMMUv2State, aarch32),
    DEFINE_PROP_BOOL("stream-matching", SMMUv2State, stream_matching, true),
    DEFINE_PROP_UINT32("num-smrg", SMMUv2State, num_smrg, 128),
    DEFINE_PROP_UINT32("num-context-banks", SMMUv2State, num_cb, 128),
    DEFINE_PROP_UINT32("num-context-irqs", SMMUv2State, num_context_irqs, 0),
    DEFINE_PROP_UINT32("page-size", SMMUv2State, page_size, 4 * KiB),
    DEFINE_PROP_UINT32("oas", SMMUv2State, oas, 48),
    DEFINE_PROP_BOOL("exids", SMMUv2State, exids, true),
    DEFINE_PROP_BOOL("vmid16", SMMUv2State, vmid16, true),
    DEFINE_PROP_BOOL("atos", SMMUv2State, atos, false),
    DEFINE_PROP_BOOL("secure", SMMUv2State, secure, false),
    DEFINE_PROP_BOOL("config-faults", SMMUv2State, config_faults, false),
    DEFINE_PROP_ON_OFF_AUTO("btm", SMMUv2State, btm, ON_OFF_AUTO_AUTO),
    DEFINE_PROP_UINT32("tlb-entries", SMMUv2State, tlb_entries, 4096),
    DEFINE_PROP_UINT32("utlb-entries", SMMUv2State, utlb_entries, 64),
};

/* What -device arm-smmuv2,help says of each */
static const struct {
    const char *name, *description;
} descriptions[] = {
    { "primary-bus", "PCI root bus whose functions are translated" },
    { "memory", "memory of the tables and of translated accesses" },
    { "secure-memory", "memory of Secure tables and accesses" },
    { "stage", "stages of translation offered: 1, 2 or nested (both)" },
    { "aarch32-formats", "AArch32 table formats offered: all, long or none" },
    { "stream-matching", "streams match registers; off: they are indices" },
    { "num-smrg", "stream match register groups (1 to 128)" },
    { "num-context-banks", "context banks (1 to 128)" },
    { "num-context-irqs", "context interrupts that the banks share "
                          "(0: one for each bank)" },
    { "page-size", "size of a register frame (4096 or 65536)" },
    { "oas", "output address size in bits (32, 36, 40, 42, 44 or 48)" },
    { "exids", "16-bit StreamIDs, for more than 128 PCI buses" },
    { "vmid16", "16-bit VMIDs" },
    { "atos", "address translation operations" },
    { "secure", "two security states" },
    { "config-faults", "accesses to absent global registers are faults" },
    { "btm", "TLB maintenance of the CPUs reaches it (auto: with TCG)" },
    { "tlb-entries", "entries of the TCU's TLB (a power of two)" },
    { "utlb-entries", "entries of each TBU's TLB (a power of two)" },
};

static void smmuv2_init(Object *obj)
{
    ARM_SMMUV2(obj)->stage = g_strdup("nested");
    ARM_SMMUV2(obj)->aarch32 = g_strdup("all");
}

static void smmuv2_class_init(ObjectClass *oc, void *data)
{
    static const SMMUv2CounterProperty counters[] = {
        { "tlb-hits", "accesses of a TBU found in the TCU's TLB",
          offsetof(SMMUv2State, tcu.tlb_hits) },
        { "tlb-misses", "accesses of a TBU not found there",
          offsetof(SMMUv2State, tcu.tlb_misses) },
        { "walks", "translation table walks",
          offsetof(SMMUv2State, tcu.walks) },
        { "tlb-invalidations", "TLB invalidation operations",
          offsetof(SMMUv2State, tcu.tlb_invalidations) },
        { "tlb-broadcasts", "TLB invalidations that CPUs broadcast",
          offsetof(SMMUv2State, tcu.tlb_broadcasts) },
        { "context-faults", "faults reported by context banks",
          offsetof(SMMUv2State, tcu.context_faults) },
        { "global-faults", "global faults",
          offsetof(SMMUv2State, tcu.global_faults) },
    };
    DeviceClass *dc = DEVICE_CLASS(oc);
    ResettableClass *rc = RESETTABLE_CLASS(oc);

    dc->desc = "Arm SMMUv2 (MMU-500)";
    dc->realize = smmuv2_realize;
    dc->vmsd = &vmstate_smmuv2;
    /* Where the board tells the guest of it */
    dc->user_creatable = true;
    dc->hotpluggable = false;
    rc->phases.exit = smmuv2_reset_exit;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, smmuv2_properties);
    for (size_t i = 0; i < ARRAY_SIZE(descriptions); i++) {
        object_class_property_set_description(oc, descriptions[i].name,
                                              descriptions[i].description);
    }
    smmuv2_add_counters(oc, counters, ARRAY_SIZE(counters));
}

static const TypeInfo smmuv2_info = {
    .name = TYPE_ARM_SMMUV2,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(SMMUv2State),
    .instance_init = smmuv2_init,
    .class_init = smmuv2_class_init,
};

static void smmuv2_register_types(void)
{
    type_register_static(&smmuv2_info);
    smmuv2_hmp_register();
}

type_init(smmuv2_register_types)
