/*
 * Arm SMMUv2 context banks
 *
 * The context bank table: registers of a bank in, decoded configuration out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_CB_H
#define HW_ARM_SMMUV2_CB_H

#include "smmuv2-regtable.h"
#include "smmuv2-walk.h"

typedef struct SMMUv2BankConfig {
    bool valid;
    uint16_t gfsr;              /* else: the global fault that it makes */
    bool nested_invalid;        /* because of the other bank that CBAR names */
    bool has_s1, has_s2;
    bool hyp;                   /* CBAR.HYPC */
    bool secure;                /* claimed by secure software */
    bool flat_secure;           /* secure, and stage 1 is off: goes out so */
    uint8_t s2_bank;            /* where stage 2 comes from and faults go */
    uint16_t vmid;              /* of stage 2's bank when there is one */
    uint16_t asid;              /* stage 1 */
    uint16_t asid_mask;         /* bits that count: 8 or 16 */
    SMMUv2StageConfig s1, s2;
} SMMUv2BankConfig;

/**
 * smmuv2_cb_decode: configuration of a bank
 * @regs: its registers, CR0 and the ID registers, and those of the bank that
 *        a nested context names; the caller keeps them still
 * @num_cb: banks implemented
 * @cb: which bank, below @num_cb
 *
 * Any register value gives a configuration; one that names what is not
 * implemented is not valid.
 */
SMMUv2BankConfig smmuv2_cb_decode(const SMMUv2Regs *regs, unsigned num_cb,
                                  unsigned cb);

/* Format of a bank's own tables */
SMMUv2Format smmuv2_cb_format(const SMMUv2BankRegs *r);

/* VMID of a bank's own registers, as wide as CR0.VMID16EN makes it */
uint16_t smmuv2_cb_vmid(const SMMUv2Regs *regs, unsigned cb);

/* Address size in bits of an encoding of IDR2.IAS and OAS, TCR.PASIZE */
unsigned smmuv2_addr_bits(unsigned encoding);

#endif
