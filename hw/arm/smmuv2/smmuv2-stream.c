/*
 * Arm SMMUv2 stream mapping table
 *
 * A stream matches a group n if its StreamID equals SMRn.ID in the bits that
 * SMRn.MASK leaves; S2CRn then says where it goes.  (IHI 0062, 2.3; registers
 * CR0, SMRn, S2CRn.)  An SMMU with stream indexing (IDR0.SMS = 0) has no SMRs:
 * StreamID n goes to S2CRn.
 *
 * Left out: extended stream matching (more than 128 groups) and compressed
 * indexing (IDR0.EXSMRGS and IDR2.COMPINDEXS are 0).
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

enum { NONE = -1, MANY = -2 };

/* The group of a stream */
static int find_group(const SMMUv2Regs *regs, unsigned num_smrg,
                      uint16_t stream_id)
{
    int match = NONE;

    if (!FIELD_EX32(regs->idr[0], IDR0, SMS)) {
        return stream_id < num_smrg ? stream_id : NONE;
    }
    for (unsigned n = 0; n < num_smrg; n++) {
        if (smr_matches(regs, n, stream_id)) {
            if (match != NONE) {
                return MANY;
            }
            match = n;
        }
    }
    return match;
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
    int match;
    uint32_t s2cr;
    uint8_t cb;

    if (FIELD_EX32(regs->cr0, CR0, CLIENTPD)) {
        return (SMMUv2Route) { .kind = SMMUV2_ROUTE_BYPASS };
    }
    match = find_group(regs, num_smrg, stream_id);
    if (match == MANY) {
        return fault_unless(!FIELD_EX32(regs->cr0, CR0, SMCFCFG),
                            R_GFSR_SMCF_MASK);
    }
    if (match == NONE) {
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
