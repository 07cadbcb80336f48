/*
 * VT-d posted interrupts
 *
 * VT-d specification: "Interrupt posting" (the operation), "Interrupt
 * Remapping Table Entry (IRTE) for Posted Interrupts" (the format), "Interrupt
 * Remapping Fault Conditions" (20h to 28h).
 *
 * The life of a posted interrupt: a device writes its MSI, or the IOAPIC its
 * message, to the interrupt address range.  hw/i386/intel_iommu.c decodes the
 * request, finds the IRTE and checks it as it does for remapped interrupts;
 * vtd_irte_is_posted() tells it that there is no message to be sent on.
 * vtd_post() then sets the vector's bit in the descriptor that the IRTE names.
 * If none is outstanding and software has not asked for silence (or the IRTE
 * is urgent), a notification goes out: an ordinary fixed interrupt with the
 * vector and to the CPU that the descriptor names at that moment.  So a
 * hypervisor turns the four states of a vCPU into fields of the descriptor:
 *
 *   running     SN 0, NV the vector that its CPU or handler knows as "look at
 *               PIR", NDST that CPU: delivered without more ado
 *   ready       SN 1: the bit waits in PIR, nobody is disturbed
 *   halted      SN 0, NV a wake-up vector: the hypervisor is woken
 *   in transit  SN and NV change by compare-and-swap; ours never overwrites
 *               theirs, as it only ever sets ON, by compare-and-swap too
 *
 * Left out: the interrupt entry cache.  Each request reads the IRTE anew, so
 * invalidations have nothing to do here but to tell routes.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/atomic128.h"
#include "qemu/bswap.h"
#include "qemu/rcu.h"
#include "qapi/visitor.h"
#include "exec/address-spaces.h"
#include "exec/memory.h"
#include "hw/i386/apic-msidef.h"
#include "hw/i386/vtd-posting.h"
#include "hw/registerfields.h"
#include "migration/vmstate.h"
#include "descriptor.h"
#include "trace.h"

/* Posted format, bits 63:0 */
FIELD(PIRTE_LO, P, 0, 1)
FIELD(PIRTE_LO, FPD, 1, 1)
FIELD(PIRTE_LO, RSVD0, 2, 6)
FIELD(PIRTE_LO, AVAIL, 8, 4)
FIELD(PIRTE_LO, RSVD1, 12, 2)
FIELD(PIRTE_LO, URG, 14, 1)
FIELD(PIRTE_LO, IM, 15, 1)
FIELD(PIRTE_LO, VECTOR, 16, 8)
FIELD(PIRTE_LO, RSVD2, 24, 14)
FIELD(PIRTE_LO, PDA_LO, 38, 26)     /* bits 31:6 of the address */
/* and 127:64; the source ID's fields are those of the remapped format */
FIELD(PIRTE_HI, SID, 0, 16)
FIELD(PIRTE_HI, SQ, 16, 2)
FIELD(PIRTE_HI, SVT, 18, 2)
FIELD(PIRTE_HI, RSVD3, 20, 12)
FIELD(PIRTE_HI, PDA_HI, 32, 32)     /* bits 63:32 */

/* ---- Guest memory ---- */

/*
 * @size bytes at guest-physical @addr, aligned to their size; NULL if they
 * cannot be reached directly: device registers, nothing, ROM for @write.
 * For use within an RCU critical section.
 */
static void *guest_ram(hwaddr addr, hwaddr size, bool write, MemoryRegion **mr)
{
    const MemTxAttrs attrs = MEMTXATTRS_UNSPECIFIED;
    hwaddr xlat, len = size;

    *mr = address_space_translate(&address_space_memory, addr, &xlat, &len,
                                  write, attrs);
    if (len < size || !memory_access_is_direct(*mr, write, attrs)) {
        return NULL;
    }
    return qemu_map_ram_ptr((*mr)->ram_block, xlat);
}

/* Written: dirty for migration, and code in it is translated anew */
static void guest_ram_written(MemoryRegion *mr, void *host, hwaddr size)
{
    /* As the end of a mapping, which there has not been */
    memory_region_ref(mr);
    address_space_unmap(&address_space_memory, host, size, true, size);
}

/* ---- The entry ---- */

bool vtd_posted_irte_reserved(const VTDIrte irte)
{
    return (irte[0] & (R_PIRTE_LO_RSVD0_MASK | R_PIRTE_LO_RSVD1_MASK |
                       R_PIRTE_LO_RSVD2_MASK)) ||
           (irte[1] & R_PIRTE_HI_RSVD3_MASK);
}

/*
 * Software changes entries by 16-byte compare-and-swap: never see a half.
 * Some hosts read so much at once only by such an instruction, which wants
 * memory that may be written.
 */
static void read_whole(uint64_t *from, bool writable, VTDIrte irte)
{
    union {
        Int128 whole;
        uint64_t word[2];
    } v;

    if (HAVE_ATOMIC128_RO) {
        v.whole = atomic16_read_ro((const Int128 *)from);
    } else if (HAVE_ATOMIC128_RW && writable) {
        v.whole = atomic16_read_rw((Int128 *)from);
    } else {
        /* Nobody writes it, or a 32-bit host: twice the same must do */
        do {
            v.word[0] = qatomic_read(&from[0]);
            smp_rmb();      /* low, high, then both again, in this order */
            v.word[1] = qatomic_read(&from[1]);
            smp_rmb();      /* as above */
        } while (v.word[0] != qatomic_read(&from[0]) ||
                 v.word[1] != qatomic_read(&from[1]));
    }
    irte[0] = le64_to_cpu(v.word[0]);
    irte[1] = le64_to_cpu(v.word[1]);
}

bool vtd_irte_read(hwaddr addr, VTDIrte irte)
{
    MemoryRegion *mr;
    uint64_t *host;

    RCU_READ_LOCK_GUARD();
    host = guest_ram(addr, sizeof(VTDIrte), false, &mr);
    if (!host) {
        return false;
    }
    read_whole(host, memory_access_is_direct(mr, true, MEMTXATTRS_UNSPECIFIED),
               irte);
    return true;
}

/* ---- Posting ---- */

#define INTERRUPT_ADDRESS   0xfee00000

/* Fixed, edge, physical, no redirection hint */
static void make_notification(uint64_t control, bool x2apic, MSIMessage *msg)
{
    const uint32_t dest = x2apic ? FIELD_EX64(control, VTD_PD, NDST)
                                 : FIELD_EX64(control, VTD_PD, NDST_XAPIC);

    /* Bits 31:8 of the APIC ID where x86_iommu_irq_to_msi_message() has them */
    msg->address = INTERRUPT_ADDRESS |
                   (dest & 0xff) << MSI_ADDR_DEST_ID_SHIFT |
                   (uint64_t)(dest & ~0xffu) << 32;
    msg->data = FIELD_EX64(control, VTD_PD, NV) << MSI_DATA_VECTOR_SHIFT |
                1 << MSI_DATA_LEVEL_SHIFT;
}

VTDPostOutcome vtd_post(VTDPosting *p, uint16_t index, const VTDIrte irte,
                        bool x2apic, MSIMessage *notification)
{
    const uint8_t vector = FIELD_EX64(irte[0], PIRTE_LO, VECTOR);
    const bool urgent = FIELD_EX64(irte[0], PIRTE_LO, URG);
    const hwaddr pda = FIELD_EX64(irte[1], PIRTE_HI, PDA_HI) << 32 |
                       FIELD_EX64(irte[0], PIRTE_LO, PDA_LO) << 6;
    VTDPostedDescriptor *pd;
    VTDPostResult result;
    MemoryRegion *mr;
    uint64_t control;

    RCU_READ_LOCK_GUARD();
    pd = guest_ram(pda, sizeof(*pd), true, &mr);
    if (!pd) {
        trace_vtd_post_no_access(index, pda);
        return VTD_POSTED_FAULT_ACCESS;
    }
    result = vtd_descriptor_post(pd, vector, urgent, &control);
    if (result != VTD_POST_RESERVED) {
        guest_ram_written(mr, pd, sizeof(*pd));
    }
    trace_vtd_post(index, pda, vector, urgent, control, result);

    if (result == VTD_POST_RESERVED) {
        return VTD_POSTED_FAULT_RSVD;
    }
    p->posted++;
    p->urgent += urgent;
    p->suppressed += result == VTD_POST_SUPPRESSED;
    if (result != VTD_POST_NOTIFY) {
        return VTD_POSTED;
    }
    p->notified++;
    make_notification(control, x2apic, notification);
    trace_vtd_post_notify(index, notification->address, notification->data);
    return VTD_POSTED_NOTIFY;
}

/* ---- Counters ---- */

static const struct {
    const char *name, *description;
    size_t offset;              /* in VTDPosting */
} counters[] = {
    { "intr-remapped", "Interrupt requests that were sent on",
      offsetof(VTDPosting, remapped) },
    { "intr-posted", "Interrupt requests that were posted",
      offsetof(VTDPosting, posted) },
    { "intr-notified", "Posted interrupts that sent a notification",
      offsetof(VTDPosting, notified) },
    { "intr-suppressed", "Posted interrupts whose notification SN kept back",
      offsetof(VTDPosting, suppressed) },
    { "intr-urgent", "Posted interrupts of urgent entries",
      offsetof(VTDPosting, urgent) },
    { "intr-faults", "Interrupt requests that were blocked",
      offsetof(VTDPosting, faults) },
};

static void get_counter(Object *obj, Visitor *v, const char *name,
                        void *opaque, Error **errp)
{
    uint64_t value = *(uint64_t *)((char *)obj + (uintptr_t)opaque);

    visit_type_uint64(v, name, &value, errp);
}

void vtd_posting_class_init(ObjectClass *oc, size_t offset)
{
    for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
        const uintptr_t at = offset + counters[i].offset;

        object_class_property_add(oc, counters[i].name, "uint64", get_counter,
                                  NULL, NULL, (void *)at);
        object_class_property_set_description(oc, counters[i].name,
                                              counters[i].description);
    }
}

void vtd_posting_print(const VTDPosting *p, GString *buf)
{
    g_string_append_printf(buf, "intel-iommu: posted interrupts %s\n",
                           p->enabled ? "on" : "off");
    for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
        g_string_append_printf(buf, "  %-16s %" PRIu64 "\n", counters[i].name,
                               *(uint64_t *)((char *)p + counters[i].offset));
    }
}

const VMStateDescription vmstate_vtd_posting = {
    .name = "iommu-intel/posting",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(remapped, VTDPosting),
        VMSTATE_UINT64(posted, VTDPosting),
        VMSTATE_UINT64(notified, VTDPosting),
        VMSTATE_UINT64(suppressed, VTDPosting),
        VMSTATE_UINT64(urgent, VTDPosting),
        VMSTATE_UINT64(faults, VTDPosting),
        VMSTATE_END_OF_LIST()
    }
};
