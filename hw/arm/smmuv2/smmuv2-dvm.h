/*
 * Arm SMMUv2 and the TLB maintenance that CPUs broadcast
 *
 * With IDR0.BTM = 1 and CR0.PTM = 0 the SMMU takes part in broadcast TLB
 * maintenance: TLBI instructions of the Inner Shareable domain (and those that
 * HCR_EL2.FB makes so) reach its TLBs like writes to its own TLBI registers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_DVM_H
#define HW_ARM_SMMUV2_DVM_H

#include "qemu/notify.h"
#include "smmuv2-tcu.h"

/* What a CPU said, whatever VMID and ASID it named */
typedef struct SMMUv2Broadcast {
    bool s1;                    /* stage 1 of the EL1&0 regime */
    bool s2;                    /* stage 2 */
    bool hyp;                   /* EL2 */
    uint64_t addr;              /* in a page: VA or IPA */
    bool all;                   /* all addresses */
} SMMUv2Broadcast;

/**
 * smmuv2_dvm_invalidate: a CPU broadcast a TLB invalidation
 *
 * In the thread of that CPU; takes the BQL itself if notifiers have to be told.
 * Complete when it returns.
 */
void smmuv2_dvm_invalidate(SMMUv2TCU *tcu, const SMMUv2Broadcast *b);

/* Its halves.  Without the BQL; returns whether somebody has to be told */
bool smmuv2_dvm_drop(SMMUv2TCU *tcu, const SMMUv2Broadcast *b,
                     SMMUv2Invalidation *inv);
/*
 * With the BQL, so when no master that listens is in the middle of a walk:
 * such a walk may have found what the page at hand was a piece of
 */
void smmuv2_dvm_tell(SMMUv2TCU *tcu, SMMUv2Invalidation *inv);

/* smmuv2-dvm-cpu.c, the part that knows Arm CPUs */

typedef struct SMMUv2DVM {
    Notifier notifier;
    SMMUv2TCU *tcu;
} SMMUv2DVM;

/* Whether CPUs tell QEMU of their TLB maintenance: those of TCG do */
bool smmuv2_dvm_available(void);
/* Let @dvm hear it from now on */
void smmuv2_dvm_init(SMMUv2DVM *dvm, SMMUv2TCU *tcu);

#endif
