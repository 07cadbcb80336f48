/*
 * Arm SMMUv2 with two security states
 *
 * See smmuv2-secure.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_SECURE_H
#define HW_ARM_SMMUV2_SECURE_H

#include "smmuv2-regtable.h"

static inline bool smmuv2_has_secure(const SMMUv2Regs *regs)
{
    return regs->options & SMMUV2_SECURE;
}

/* How many groups and banks are Non-secure, of those implemented */
static inline unsigned smmuv2_ns_smrg(const SMMUv2Regs *regs, unsigned num)
{
    return smmuv2_has_secure(regs) ?
           MIN(num, FIELD_EX32(regs->s.cr1, SCR1, NSNUMSMRGO)) : num;
}

static inline unsigned smmuv2_ns_cb(const SMMUv2Regs *regs, unsigned num)
{
    return smmuv2_has_secure(regs) ?
           MIN(num, FIELD_EX32(regs->s.cr1, SCR1, NSNUMCBO)) : num;
}

/* Security state determination: whether a stream is SSD Secure */
static inline bool smmuv2_ssd_secure(const SMMUv2Regs *regs,
                                     uint16_t stream_id)
{
    return smmuv2_has_secure(regs) &&
           !(regs->s.ssdr[stream_id / 32] >> stream_id % 32 & 1);
}

/* Reset values; the identification registers are there */
void smmuv2_secure_reset(SMMUv2Regs *regs);

/*
 * The register that a Secure access to GR0 finds where a Non-secure one finds
 * another, or nothing: .reg is NULL if both find the same
 */
SMMUv2RegRef smmuv2_secure_find(unsigned offset);

/* Whether a register that all accesses find is closed to Non-secure ones */
bool smmuv2_secure_only(const SMMUv2Regs *regs, SMMUv2RegRef ref);

/* What a read sees of a register that has @value, with two security states */
uint64_t smmuv2_secure_view(const SMMUv2Regs *regs, SMMUv2RegRef ref,
                            bool secure, uint64_t value);

/* The fault status register that a RESTORE register restores */
uint32_t *smmuv2_gfsr_restored(SMMUv2Regs *regs, SMMUv2RegRef ref);

/* SSDRn at @offset of the SSD address space, or NULL */
uint32_t *smmuv2_ssdr(SMMUv2Regs *regs, unsigned offset);

#endif
