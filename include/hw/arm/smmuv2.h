/*
 * Arm System MMU version 2
 *
 * Model of an Arm SMMUv2 (IHI 0062), presenting itself as a CoreLink MMU-500
 * (DDI 0517).  docs/system/arm/smmuv2.rst is the manual.
 *
 * QEMU interface:
 *  + sysbus MMIO region 0: the registers; size 2 * 2 ^ (IDR1.NUMPAGENDXB + 1)
 *    pages of page-size bytes, see smmuv2_mmio_size()
 *  + sysbus IRQ 0: global fault, level
 *  + sysbus IRQ 1 .. num-context-irqs: context faults, levels; bank n raises
 *    number 1 + n % num-context-irqs
 *  + sysbus IRQ 1 + num-context-irqs: a performance counter has overflowed,
 *    level; of all counter groups
 *  + sysbus IRQ 2 + num-context-irqs: secure global fault, level
 *  + QOM link "primary-bus": PCI root bus whose functions are masters; buses
 *    behind it are served too, unless they have an SMMU of their own
 *  + other masters: see smmuv2_add_master()
 *  + QOM link "memory": MemoryRegion where tables live and translated accesses
 *    go; default system memory
 *  + QOM link "secure-memory": the same of Secure ones; default: as "memory"
 *  + QOM property "stage": "1", "2" or "nested": the stages of translation
 *    offered; default "nested", which is both, each alone and together
 *  + QOM property "stream-matching": off: stream indexing, StreamID n goes to
 *    S2CRn, and exids is off
 *  + QOM property "num-smrg": stream match register groups, 1 to 128
 *  + QOM property "num-context-banks": 1 to 128
 *  + QOM property "num-context-irqs": 1 to num-context-banks; 0: as many
 *  + QOM property "page-size": of the register frames, 4096 or 65536
 *  + QOM property "oas": output address size in bits: 32, 36, 40, 42, 44, 48
 *  + QOM property "exids": 16-bit StreamIDs, not 15
 *  + QOM property "vmid16": 16-bit VMIDs can be enabled
 *  + QOM property "atos": address translation operations; default off
 *  + QOM property "secure": two security states; default off
 *  + QOM property "btm": on, off, auto (on with TCG): TLB maintenance that CPUs
 *    broadcast reaches it while CR0.PTM = 0
 *  + QOM property "config-faults": global registers that are not there make
 *    configuration access faults; default off, as on the MMU-500
 *  + QOM property "tlb-entries": of the TCU's TLB, a power of two
 *  + QOM property "utlb-entries": of each TBU's TLB, a power of two
 *  + QOM properties, read-only, for people: tlb-hits, tlb-misses, walks,
 *    tlb-invalidations, context-faults, global-faults; and of each child of
 *    type "arm-smmuv2-tbu", one for each master: device, stream-id, route,
 *    context-bank, stage, translations, hits, misses, faults
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_H
#define HW_ARM_SMMUV2_H

#include "exec/hwaddr.h"
#include "exec/memory.h"
#include "hw/pci/pci.h"
#include "qom/object.h"

#define TYPE_ARM_SMMUV2 "arm-smmuv2"
OBJECT_DECLARE_SIMPLE_TYPE(SMMUv2State, ARM_SMMUV2)

/* Bytes of the register region; the device is realized */
hwaddr smmuv2_mmio_size(SMMUv2State *s);
/* Context banks, and the interrupts they share; the device is realized */
unsigned smmuv2_num_context_banks(SMMUv2State *s);
unsigned smmuv2_num_context_irqs(SMMUv2State *s);

/* The SMMU that translates for the functions on a PCI bus, or NULL */
SMMUv2State *smmuv2_find(PCIBus *bus);

/**
 * smmuv2_add_master: an address space for a master that is no PCI function
 * @s: a realized SMMU
 * @name: of the master, as the guest calls it; copied
 * @stream_id: its StreamID.  Requester IDs are StreamIDs too: it should be none
 *             that a PCI function behind the same SMMU will have.
 *
 * The address space stays as long as the SMMU does.  NULL with @errp set: there
 * is no such StreamID, or it is another master's.
 */
AddressSpace *smmuv2_add_master(SMMUv2State *s, const char *name,
                                uint32_t stream_id, Error **errp);

#endif
