/*
 * Arm SMMUv2 stalled transactions
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_STALL_H
#define HW_ARM_SMMUV2_STALL_H

#include "hw/misc/iommu-stall.h"
#include "smmuv2-fault.h"

typedef QTAILQ_HEAD(, IOMMUStall) IOMMUStallQueue;

/* Covered by the register lock; IOMMUStall.where is the bank */
typedef struct SMMUv2Stalls {
    IOMMUStallQueue parked;     /* until their bank's RESUME */
    IOMMUStallQueue resumed;    /* with a verdict that the master waits for */
    QEMUBH *tell;
} SMMUv2Stalls;

/* @dev: whose registers a resumed access must not reach */
void smmuv2_stalls_init(SMMUv2Stalls *stalls, DeviceState *dev);

/* The following want the register lock held */

/* @access waits for @cb's RESUME, as @response (HELD or QUEUED) says */
void smmuv2_stall_park(SMMUv2Stalls *stalls, unsigned cb,
                       const SMMUv2Access *access, SMMUv2Response response);

/* A write of RESUME */
void smmuv2_stall_resume(SMMUv2Stalls *stalls, SMMUv2Regs *regs, unsigned cb,
                         uint32_t value);

/* Nothing is stalled any more: the SMMU is reset */
void smmuv2_stalls_reset(SMMUv2Stalls *stalls);

/* IOMMUStallerClass: the same, of a TBU's stalls */
void smmuv2_stall_wait(SMMUv2Stalls *stalls, IOMMUStall *stall);
void smmuv2_stall_cancel(SMMUv2Stalls *stalls, IOMMUStall *stall);
bool smmuv2_stall_restore(SMMUv2Stalls *stalls, const SMMUv2Regs *regs,
                          unsigned num_cb, IOMMUStall *stall);

#endif
