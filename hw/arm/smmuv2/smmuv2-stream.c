/*
 * Arm SMMUv2 stream mapping table
 *
 * A stream matches a group n if its StreamID equals SMRn.ID in the bits that
 * SMRn.MASK leaves; S2CRn then says where it goes.  (IHI 0062, stream mapping;
 * registers CR0, SMRn, S2CRn.)
 *
 * Left out: stream indexing, the alternative to matching (IDR0.SMS = 1 always).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "smmuv2-stream.h"

static bool smr_matches(const SMMUv2Regs *regs, unsigned n, uint16_t stream_id)
{
    uint32_t smr = regs->smr[n];
    uint16_t mask, id;

    if (FIELD_EX32(regs->cr0, CR0, EXIDENABLE)) {
        if (!FIELD_EX32(regs->s2cr[n], S2CR0, EXIDVALID)) {
            return false;
        }
        mask = FIELD_EX32(smr, SMR0, EXMASK);
        id = FIELD_EX32(smr, SMR0, EXID);
    } else {
        if (!FIELD_EX32(smr, SMR0, VALID) || stream_id & 0x8000) {
            return false;
        }
        mask = FIELD_EX32(smr, SMR0, MASK);
        id = FIELD_EX32(smr, SMR0, ID);
    }
    return !((id ^ stream_id) & ~mask & 0xffff);
}

static SMMUv2Route fault(uint16_t gfsr)
{
    return (SMMUv2Route) { .kind = SMMUV2_ROUTE_FAULT, .gfsr = gfsr };
}

/* A configuration error that CR0 may let pass */
static SMMUv2Route fault_unless(bool bypass, uint16_t gfsr)
{
    return bypass ? (SMMUv2Route) { .kind = SMMUV2_ROUTE_BYPASS } :
                    fault(gfsr);
}

SMMUv2Route smmuv2_stream_route(const SMMUv2Regs *regs, unsigned num_smrg,
                                unsigned num_cb, uint16_t stream_id)
{
    int match = -1;
    uint32_t s2cr;
    uint8_t cb;

    if (FIELD_EX32(regs->cr0, CR0, CLIENTPD)) {
        return (SMMUv2Route) { .kind = SMMUV2_ROUTE_BYPASS };
    }
    for (unsigned n = 0; n < num_smrg; n++) {
        if (!smr_matches(regs, n, stream_id)) {
            continue;
        }
        if (match >= 0) {
            /* Conflict: SMCFCFG = 0 lets the transaction pass */
            return fault_unless(!FIELD_EX32(regs->cr0, CR0, SMCFCFG),
                                R_GFSR_SMCF_MASK);
        }
        match = n;
    }
    if (match < 0) {
        return fault_unless(!FIELD_EX32(regs->cr0, CR0, USFCFG),
                            R_GFSR_USF_MASK);
    }

    s2cr = regs->s2cr[match];
    cb = FIELD_EX32(s2cr, S2CR0, CBNDX);
    switch (FIELD_EX32(s2cr, S2CR0, TYPE)) {
    case S2CR_TYPE_TRANSLATE:
        if (cb >= num_cb) {
            return fault(R_GFSR_UCBF_MASK);
        }
        return (SMMUv2Route) {
            .kind = SMMUV2_ROUTE_TRANSLATE,
            .cb = cb,
            .privcfg = FIELD_EX32(s2cr, S2CR0, PRIVCFG),
            .instcfg = FIELD_EX32(s2cr, S2CR0, INSTCFG),
        };
    case S2CR_TYPE_BYPASS:
        return (SMMUv2Route) { .kind = SMMUV2_ROUTE_BYPASS };
    default:
        /* Fault; so is the reserved type, as nothing safer could be meant */
        return fault(R_GFSR_ICF_MASK);
    }
}
