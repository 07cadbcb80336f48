/*
 * CoreLink MMU-500: what SMMUv2 leaves to the implementation
 *
 * ACR and ACTLR steer caches of the hardware that the model does not have, so
 * they are storage; but drivers read them back, and from r2p0 on ACR.CACHE_LOCK
 * makes ACTLR read-only until it is cleared (DDI 0517, ACR).
 *
 * Left out, and reserved: the integration registers, TBUQOS, PER and
 * TBU_PWR_STATUS of the implementation defined page.  The TLB debug registers
 * are RAZ/WI.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "smmuv2-mmu500.h"
#include "smmuv2-secure.h"

bool smmuv2_mmu500_may_write(const SMMUv2Regs *regs, SMMUv2RegRef ref)
{
    bool ns = ref.index < smmuv2_ns_cb(regs, SMMUV2_MAX_CB);

    return ref.reg->frame != SMMUV2_FRAME_CB ||
           ref.reg->offset != A_CB_ACTLR ||
           !FIELD_EX32(ns ? regs->acr : regs->s.acr, ACR, CACHE_LOCK);
}
