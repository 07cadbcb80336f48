/*
 * Arm SMMUv2 in front of PCI buses
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_PCI_H
#define HW_ARM_SMMUV2_PCI_H

#include "hw/pci/pci_bus.h"
#include "smmuv2-tbu.h"

typedef struct SMMUv2PCI {
    GHashTable *tbus;           /* of (bus, devfn), set of SMMUv2TBU */
    Object *owner;
    SMMUv2TCU *tcu;
    AddressSpace *raz;
    uint32_t utlb_entries;
    Notifier renumber;
    DeviceListener listener;
} SMMUv2PCI;

/* Attach to a root bus; the fields but @tbus are set by the owner */
void smmuv2_pci_init(SMMUv2PCI *pci, PCIBus *bus);

/* The owner of the SMMUv2 that serves a bus, or NULL if none does */
Object *smmuv2_pci_owner(PCIBus *bus);

#endif
