/*
 * DMA that an IOMMU may stall
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/misc/iommu-stall.h"
#include "migration/vmstate.h"

static __thread IOMMUStall *current;

static IOMMUStallerClass *staller(IOMMUStall *stall)
{
    return IOMMU_STALLER_GET_CLASS(stall->iommu);
}

IOMMUStall *iommu_stall_begin(IOMMUStall *stall, MemoryRegion *iommu)
{
    IOMMUStall *outer = current;

    stall->iommu = iommu;
    stall->state = IOMMU_STALL_NONE;
    stall->waiting = false;
    current = stall;
    return outer;
}

void iommu_stall_end(IOMMUStall *outer)
{
    current = outer;
}

bool iommu_stall_parked(const IOMMUStall *stall)
{
    return qatomic_read(&stall->state) != IOMMU_STALL_NONE;
}

void iommu_stall_wait(IOMMUStall *stall)
{
    staller(stall)->wait(stall->iommu, stall);
}

void iommu_stall_cancel(IOMMUStall *stall)
{
    if (!stall->iommu) {
        stall->state = IOMMU_STALL_NONE;        /* loaded, but not restored */
    } else if (qatomic_read(&stall->state) != IOMMU_STALL_NONE) {
        staller(stall)->cancel(stall->iommu, stall);
    }
    stall->iommu = NULL;        /* nor is what may come of the same access */
}

bool iommu_stall_restore(IOMMUStall *stall, MemoryRegion *iommu)
{
    stall->iommu = iommu;
    stall->waiting = false;
    if (stall->state != IOMMU_STALL_NONE &&
        stall->state <= IOMMU_STALL_IGNORE &&
        iommu && object_dynamic_cast(OBJECT(iommu), TYPE_IOMMU_STALLER) &&
        staller(stall)->restore(iommu, stall)) {
        return true;
    }
    stall->state = IOMMU_STALL_NONE;
    return false;
}

IOMMUStall *iommu_stall_current(MemoryRegion *mr)
{
    return current && current->iommu == mr ? current : NULL;
}

/* No IOMMU has what is loaded, until iommu_stall_restore() */
static int pre_load(void *opaque)
{
    IOMMUStall *stall = opaque;

    stall->iommu = NULL;
    return 0;
}

const VMStateDescription vmstate_iommu_stall = {
    .name = "iommu-stall",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_load = pre_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT8(state, IOMMUStall),
        VMSTATE_UINT32(where, IOMMUStall),
        VMSTATE_END_OF_LIST()
    },
};

static const TypeInfo staller_info = {
    .name = TYPE_IOMMU_STALLER,
    .parent = TYPE_INTERFACE,
    .class_size = sizeof(IOMMUStallerClass),
};

static void register_types(void)
{
    type_register_static(&staller_info);
}

type_init(register_types)
