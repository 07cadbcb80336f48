/*
 * The SMMUv2s of the virt board
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_VIRT_SMMUV2_H
#define HW_ARM_VIRT_SMMUV2_H

#include "hw/acpi/aml-build.h"
#include "hw/acpi/bios-linker-loader.h"
#include "hw/arm/smmuv2.h"
#include "hw/arm/virt.h"
#include "hw/pci/pci.h"

/*
 * SPIs of the board: one for global faults, then those of context faults, then
 * that of the performance counters and that of secure global faults
 */
#define VIRT_SMMUV2_NUM_CONTEXT_IRQS    64
#define VIRT_SMMUV2_PMU_IRQ             (1 + VIRT_SMMUV2_NUM_CONTEXT_IRQS)
#define VIRT_SMMUV2_SECURE_IRQ          (2 + VIRT_SMMUV2_NUM_CONTEXT_IRQS)
/* Of one that the user plugs: eight of them share the platform bus's 64 */
#define VIRT_SMMUV2_PLUGGED_CONTEXT_IRQS 5

/**
 * virt_smmuv2_create: the board's own SMMU and its wiring
 * @vms: the board
 * @bus: PCI root bus to serve
 *
 * Exits with a message if a property that the user gave is wrong.
 */
void virt_smmuv2_create(VirtMachineState *vms, PCIBus *bus);

/* Before an SMMU is realized: whether it may be, and what its defaults are */
void virt_smmuv2_pre_plug(VirtMachineState *vms, DeviceState *dev,
                          Error **errp);

/* Whether the machine has any */
bool virt_smmuv2_present(void);

/**
 * virt_smmuv2_add_fdt_nodes: their nodes in the device tree
 *
 * And the property iommu-map of the PCI host bridge.  All devices are there.
 */
void virt_smmuv2_add_fdt_nodes(VirtMachineState *vms);

/* Path of an SMMU's node; the caller frees it */
char *virt_smmuv2_fdt_node(SMMUv2State *s);

/* Give a master's node its property iommus; after the SMMUs have nodes */
void virt_smmuv2_add_fdt_iommus(void *fdt, const char *node, SMMUv2State *s,
                                uint16_t stream_id);

/* The passthrough test devices of the system bus in the DSDT */
void virt_smmuv2_dsdt_add(Aml *scope);

/* The IORT of a machine that has SMMUv2s: they and their masters */
void virt_smmuv2_build_iort(GArray *table_data, BIOSLinker *linker,
                            VirtMachineState *vms);

#endif
