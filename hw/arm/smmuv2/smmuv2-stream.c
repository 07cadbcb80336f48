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
#include "smmuv2-secure.h"
#include "smmuv2-stream.h"

static bool smr_matches(const SMMUv2Regs *regs, uint32_t cr0, unsigned n,
                        uint16_t stream_id)
{
    uint32_t smr = regs->smr[n];
    uint16_t mask, id;

    if (FIELD_EX32(cr0, CR0, EXIDENABLE)) {
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

/* The group of a stream, of @first to @last - 1 */
static int find_group(const SMMUv2Regs *regs, uint32_t cr0, unsigned first,
                      unsigned last, uint16_t stream_id)
{
    int match = NONE;

    if (!FIELD_EX32(regs->idr[0], IDR0, SMS)) {
        return stream_id >= first && stream_id < last ? stream_id : NONE;
    }
    for (unsigned n = first; n < last; n++) {
        if (smr_matches(regs, cr0, n, stream_id)) {
            if (match != NONE) {
                return MANY;
            }
            match = n;
        }
    }
    return match;
}

static SMMUv2Route fault(bool secure, uint16_t gfsr)
{
    return (SMMUv2Route) {
        .kind = SMMUV2_ROUTE_FAULT,
        .secure = secure,
        .gfsr = gfsr,
    };
}

/* By default a transaction goes out Non-secure, as masters mark it */
static SMMUv2Route bypass(bool secure, unsigned nscfg)
{
    return (SMMUv2Route) {
        .kind = SMMUV2_ROUTE_BYPASS,
        .secure = secure,
        .out_secure = secure && nscfg == NSCFG_SECURE,
    };
}

SMMUv2Route smmuv2_stream_route(const SMMUv2Regs *regs, unsigned num_smrg,
                                unsigned num_cb, uint16_t stream_id)
{
    bool secure = smmuv2_ssd_secure(regs, stream_id);
    uint32_t cr0 = secure ? regs->s.cr0 : regs->cr0, s2cr;
    unsigned nscfg = FIELD_EX32(cr0, CR0, NSCFG);
    unsigned ns_smrg = smmuv2_ns_smrg(regs, num_smrg);
    unsigned ns_cb = smmuv2_ns_cb(regs, num_cb);
    int match;
    uint8_t cb;

    if (FIELD_EX32(cr0, CR0, CLIENTPD)) {
        return bypass(secure, nscfg);
    }
    match = find_group(regs, cr0, secure ? ns_smrg : 0,
                       secure ? num_smrg : ns_smrg, stream_id);
    if (match == MANY) {
        return FIELD_EX32(cr0, CR0, SMCFCFG) ?
               fault(secure, R_GFSR_SMCF_MASK) : bypass(secure, nscfg);
    }
    if (match == NONE) {
        return FIELD_EX32(cr0, CR0, USFCFG) ?
               fault(secure, R_GFSR_USF_MASK) : bypass(secure, nscfg);
    }

    s2cr = regs->s2cr[match];
    cb = FIELD_EX32(s2cr, S2CR0, CBNDX);
    switch (FIELD_EX32(s2cr, S2CR0, TYPE)) {
    case S2CR_TYPE_TRANSLATE:
        /* Banks of the other security state are none (2.3.9) */
        if (cb >= (secure ? num_cb : ns_cb) || (secure && cb < ns_cb)) {
            return fault(secure, R_GFSR_UCBF_MASK);
        }
        return (SMMUv2Route) {
            .kind = SMMUV2_ROUTE_TRANSLATE,
            .secure = secure,
            .cb = cb,
            .privcfg = FIELD_EX32(s2cr, S2CR0, PRIVCFG),
            .instcfg = FIELD_EX32(s2cr, S2CR0, INSTCFG),
        };
    case S2CR_TYPE_BYPASS:
        return bypass(secure, FIELD_EX32(s2cr, S2CR0, NSCFG));
    default:
        /* Fault; so is the reserved type (9.6.23) */
        return fault(secure, R_GFSR_ICF_MASK);
    }
}
