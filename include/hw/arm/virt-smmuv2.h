/*
 * The SMMUv2 of the virt board
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_VIRT_SMMUV2_H
#define HW_ARM_VIRT_SMMUV2_H

#include "hw/arm/virt.h"
#include "hw/pci/pci.h"

/*
 * SPIs of the board: one for global faults, then those of context faults, then
 * that of the performance counters and that of secure global faults
 */
#define VIRT_SMMUV2_NUM_CONTEXT_IRQS    64
#define VIRT_SMMUV2_PMU_IRQ             (1 + VIRT_SMMUV2_NUM_CONTEXT_IRQS)
#define VIRT_SMMUV2_SECURE_IRQ          (2 + VIRT_SMMUV2_NUM_CONTEXT_IRQS)

/**
 * virt_smmuv2_create: the device, its wiring and its device tree node
 * @vms: the board; has a phandle for the node in iommu_phandle
 * @bus: PCI root bus to serve
 *
 * Exits with a message if a property that the user gave is wrong.
 */
void virt_smmuv2_create(VirtMachineState *vms, PCIBus *bus);

/**
 * virt_smmuv2_build_iort: its node in ACPI's IORT
 * @table: where to append
 * @vms: the board
 * @id: identifier of the node
 * @its_offset: of the ITS group node, which all StreamIDs map to
 */
void virt_smmuv2_build_iort(GArray *table, VirtMachineState *vms, uint32_t id,
                            uint32_t its_offset);

#endif
