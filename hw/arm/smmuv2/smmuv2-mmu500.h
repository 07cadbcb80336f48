/*
 * CoreLink MMU-500: what SMMUv2 leaves to the implementation
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_MMU500_H
#define HW_ARM_SMMUV2_MMU500_H

#include "smmuv2-regtable.h"

/* IDR7 of r2p4 */
#define MMU500_IDR7_MAJOR   2
#define MMU500_IDR7_MINOR   4

/* Whether a write takes effect; lock held (registers sACR, CBn_ACTLR) */
bool smmuv2_mmu500_may_write(const SMMUv2Regs *regs, SMMUv2RegRef ref);

#endif
