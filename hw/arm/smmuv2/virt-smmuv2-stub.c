/*
 * The virt board built without SMMUv2s
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "hw/arm/virt-smmuv2.h"

void virt_smmuv2_create(VirtMachineState *vms, PCIBus *bus)
{
    error_report("iommu=smmuv2 needs a QEMU built with CONFIG_ARM_SMMUV2");
    exit(EXIT_FAILURE);
}

void virt_smmuv2_pre_plug(VirtMachineState *vms, DeviceState *dev,
                          Error **errp)
{
    g_assert_not_reached();
}

bool virt_smmuv2_present(void)
{
    return false;
}

void virt_smmuv2_add_fdt_nodes(VirtMachineState *vms)
{
}

void virt_smmuv2_dsdt_add(Aml *scope)
{
}

void virt_smmuv2_build_iort(GArray *table_data, BIOSLinker *linker,
                            VirtMachineState *vms)
{
    g_assert_not_reached();
}
