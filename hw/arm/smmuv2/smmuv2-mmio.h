/*
 * Arm SMMUv2 register access
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_MMIO_H
#define HW_ARM_SMMUV2_MMIO_H

#include "smmuv2-tcu.h"

typedef struct SMMUv2MMIO {
    MemoryRegion iomem;
    SMMUv2TCU *tcu;
    unsigned page_shift;        /* 12 or 16: IDR1.PAGESIZE */
    unsigned num_pages;         /* of each half: 2 ^ (IDR1.NUMPAGENDXB + 1) */
} SMMUv2MMIO;

/* The fields but @iomem are set by the owner; the region is 2 * num_pages */
void smmuv2_mmio_init(SMMUv2MMIO *mmio, Object *owner);

#endif
