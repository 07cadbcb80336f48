/*
 * The virt board built without an SMMUv2
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

void virt_smmuv2_build_iort(GArray *table, VirtMachineState *vms, uint32_t id,
                            uint32_t its_offset)
{
    g_assert_not_reached();
}
