/*
 * Arm SMMUv2 context banks
 *
 * CBAR says which stages a bank has, CBA2R and TCR which format; SCTLR, TCR,
 * TCR2, TTBR and MAIR describe its tables (IHI 0062, translation context
 * banks).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "smmuv2-cb.h"
#include "smmuv2-secure.h"

unsigned smmuv2_addr_bits(unsigned encoding)
{
    static const uint8_t bits[] = { 32, 36, 40, 42, 44, 48 };

    return bits[MIN(encoding, ARRAY_SIZE(bits) - 1)];
}

uint16_t smmuv2_cb_vmid(const SMMUv2Regs *regs, unsigned cb)
{
    return FIELD_EX32(regs->cr0, CR0, VMID16EN) ?
           FIELD_EX32(regs->cb[cb].cba2r, CBA2R0, VMID16) :
           FIELD_EX32(regs->cb[cb].cbar, CBAR0, VMID);
}

/* Granule of a TG field if the SMMU implements it, else 0 */
static uint8_t granule(const SMMUv2Regs *regs, uint8_t shift)
{
    uint32_t idr2 = regs->idr[2];
    bool have = shift == 12 ? FIELD_EX32(idr2, IDR2, PTFSV8_4KB) :
                shift == 14 ? FIELD_EX32(idr2, IDR2, PTFSV8_16KB) :
                shift == 16 ? FIELD_EX32(idr2, IDR2, PTFSV8_64KB) : false;

    return have ? shift : 0;
}

SMMUv2Format smmuv2_cb_format(const SMMUv2BankRegs *r)
{
    unsigned type = FIELD_EX32(r->cbar, CBAR0, TYPE);

    if (FIELD_EX32(r->cba2r, CBA2R0, VA64)) {
        return SMMUV2_FORMAT_AARCH64;
    }
    /* Stage 2 and EL2 have long descriptors alone: EAE is RES1 */
    return type == CBAR_TYPE_S2 || FIELD_EX32(r->tcr, CB_TCR, EAE) ||
           (type == CBAR_TYPE_S1_S2_BYPASS && FIELD_EX32(r->cbar, CBAR0, HYPC))
           ? SMMUV2_FORMAT_AARCH32_LONG : SMMUV2_FORMAT_AARCH32_SHORT;
}

/* Whether IDR0.PTFS has it; IDR2 tells of AArch64's by granule */
static bool format_offered(const SMMUv2Regs *regs, SMMUv2Format format)
{
    unsigned ptfs = FIELD_EX32(regs->idr[0], IDR0, PTFS);

    switch (format) {
    case SMMUV2_FORMAT_AARCH32_SHORT:
        return ptfs == IDR0_PTFS_AARCH32_SHORT_LONG;
    case SMMUV2_FORMAT_AARCH32_LONG:
        return ptfs <= IDR0_PTFS_AARCH32_LONG;
    default:
        return true;
    }
}

/* @size: what limits the output, as IDR2.IAS and OAS encode it */
static void decode_common(const SMMUv2Regs *regs, unsigned cb, unsigned pasize,
                          unsigned size, SMMUv2StageConfig *cfg)
{
    uint32_t sctlr = regs->cb[cb].sctlr;

    cfg->format = smmuv2_cb_format(&regs->cb[cb]);
    cfg->enabled = FIELD_EX32(sctlr, CB_SCTLR, M);
    cfg->affd = FIELD_EX32(sctlr, CB_SCTLR, AFFD);
    cfg->big_endian = FIELD_EX32(sctlr, CB_SCTLR, E);
    cfg->oas_bits = smmuv2_addr_bits(FIELD_EX32(regs->idr[2], IDR2, OAS));
    /* VMSAv8-32 has 40 bits and no field that says less */
    cfg->out_bits = MIN(smmuv2_addr_bits(size),
                        cfg->format == SMMUV2_FORMAT_AARCH64 ?
                        smmuv2_addr_bits(pasize) : 40);
}

/* TTBRn and their fields of TCR, as VMSAv8-64 has them */
static void decode_s1_aarch64(const SMMUv2Regs *regs, const SMMUv2BankRegs *r,
                              SMMUv2BankConfig *cfg)
{
    static const uint8_t tg0[4] = { 12, 16, 14, 0 };
    static const uint8_t tg1[4] = { 0, 14, 12, 16 };
    uint64_t asid_ttbr = r->ttbr[FIELD_EX32(r->tcr, CB_TCR, A1)];

    /* EL2 has neither a sign nor EPD0 */
    cfg->s1.sep = cfg->hyp ? CB_TCR2_SEP_UPSTREAM :
                             FIELD_EX32(r->tcr2, CB_TCR2, SEP);
    cfg->s1.tt[0] = (SMMUv2TableConfig) {
        .ttb = extract64(r->ttbr[0], 0, 48),
        .tsz = FIELD_EX32(r->tcr, CB_TCR, T0SZ),
        .granule = granule(regs, tg0[FIELD_EX32(r->tcr, CB_TCR, TG0)]),
        .disabled = !cfg->hyp && FIELD_EX32(r->tcr, CB_TCR, EPD0),
        .tbi = FIELD_EX32(r->tcr2, CB_TCR2, TBI0),
    };
    cfg->s1.tt[1] = (SMMUv2TableConfig) {
        .ttb = extract64(r->ttbr[1], 0, 48),
        .tsz = FIELD_EX32(r->tcr, CB_TCR, T1SZ),
        .granule = granule(regs, tg1[FIELD_EX32(r->tcr, CB_TCR, TG1)]),
        .disabled = FIELD_EX32(r->tcr, CB_TCR, EPD1),
        .tbi = FIELD_EX32(r->tcr2, CB_TCR2, TBI1),
    };
    cfg->asid_mask = FIELD_EX32(r->tcr2, CB_TCR2, AS) ? 0xffff : 0xff;
    cfg->asid = FIELD_EX64(asid_ttbr, CB_TTBR0, ASID) & cfg->asid_mask;
}

/* The same of long descriptors: 3 bits of size, of a space of 32 bits */
static void decode_s1_long(const SMMUv2BankRegs *r, SMMUv2BankConfig *cfg)
{
    uint64_t asid_ttbr = r->ttbr[FIELD_EX32(r->tcr, CB_TCR, A1)];

    cfg->s1.tt[0] = (SMMUv2TableConfig) {
        .ttb = extract64(r->ttbr[0], 0, 48),
        .tsz = 32 + FIELD_EX32(r->tcr, CB_TCR_AARCH32, T0SZ),
        .granule = 12,
        .disabled = !cfg->hyp && FIELD_EX32(r->tcr, CB_TCR, EPD0),
    };
    cfg->s1.tt[1] = (SMMUv2TableConfig) {
        .ttb = extract64(r->ttbr[1], 0, 48),
        .tsz = 32 + FIELD_EX32(r->tcr, CB_TCR_AARCH32, T1SZ),
        .granule = 12,
        .disabled = FIELD_EX32(r->tcr, CB_TCR, EPD1),
    };
    cfg->asid = FIELD_EX64(asid_ttbr, CB_TTBR0, ASID) & cfg->asid_mask;
}

/* And of short ones, which have their ASID in a register of its own */
static void decode_s1_short(const SMMUv2BankRegs *r, SMMUv2BankConfig *cfg)
{
    cfg->s1.afe = FIELD_EX32(r->sctlr, CB_SCTLR, AFE);
    cfg->s1.tre = FIELD_EX32(r->sctlr, CB_SCTLR, TRE);
    for (int i = 0; i < 2; i++) {
        cfg->s1.tt[i] = (SMMUv2TableConfig) {
            .ttb = extract64(r->ttbr[i], 0, 32),
            .tsz = FIELD_EX32(r->tcr, CB_TCR_AARCH32, T0SZ),
            .granule = 12,
            .disabled = r->tcr & (i ? R_CB_TCR_AARCH32_PD1_MASK :
                                      R_CB_TCR_AARCH32_PD0_MASK),
        };
    }
    cfg->asid = FIELD_EX32(r->contextidr, CB_CONTEXTIDR, ASID);
}

static void decode_s1(const SMMUv2Regs *regs, unsigned cb,
                      SMMUv2BankConfig *cfg)
{
    const SMMUv2BankRegs *r = &regs->cb[cb];
    SMMUv2StageConfig *s1 = &cfg->s1;

    decode_common(regs, cb, FIELD_EX32(r->tcr2, CB_TCR2, PASIZE),
                  /* Nested: what comes out are intermediate addresses */
                  cfg->has_s2 ? FIELD_EX32(regs->idr[2], IDR2, IAS) :
                                FIELD_EX32(regs->idr[2], IDR2, OAS), s1);
    s1->stage = 1;
    s1->wxn = FIELD_EX32(r->sctlr, CB_SCTLR, WXN);
    s1->uwxn = FIELD_EX32(r->sctlr, CB_SCTLR, UWXN);
    s1->hyp = cfg->hyp;
    s1->mair = (uint64_t)r->mair[1] << 32 | r->mair[0];
    /* What AArch32 has: no sign, and ASIDs of 8 bits */
    s1->sep = CB_TCR2_SEP_UPSTREAM;
    cfg->asid_mask = 0xff;

    switch (s1->format) {
    case SMMUV2_FORMAT_AARCH64:
        decode_s1_aarch64(regs, r, cfg);
        break;
    case SMMUV2_FORMAT_AARCH32_LONG:
        decode_s1_long(r, cfg);
        break;
    case SMMUV2_FORMAT_AARCH32_SHORT:
        decode_s1_short(r, cfg);
        break;
    }
}

static void decode_s2(const SMMUv2Regs *regs, unsigned cb,
                      SMMUv2BankConfig *cfg)
{
    static const uint8_t tg0[4] = { 12, 16, 14, 0 };
    const SMMUv2BankRegs *r = &regs->cb[cb];
    SMMUv2StageConfig *s2 = &cfg->s2;

    decode_common(regs, cb, FIELD_EX32(r->tcr, CB_TCR, PASIZE),
                  FIELD_EX32(regs->idr[2], IDR2, OAS), s2);
    s2->stage = 2;
    s2->ptw = FIELD_EX32(r->sctlr, CB_SCTLR, PTW);
    s2->sl0 = FIELD_EX32(r->tcr, CB_TCR, SL0);
    s2->in_bits = smmuv2_addr_bits(FIELD_EX32(regs->idr[2], IDR2, IAS));
    s2->tt[0] = (SMMUv2TableConfig) {
        .ttb = extract64(r->ttbr[0], 0, 48),
        .tsz = FIELD_EX32(r->tcr, CB_TCR, T0SZ),
        .granule = granule(regs, tg0[FIELD_EX32(r->tcr, CB_TCR, TG0)]),
    };
    if (s2->format == SMMUV2_FORMAT_AARCH32_LONG) {
        int t0sz = sextract32(r->tcr, R_CB_TCR_AARCH32_S2_T0SZ_SHIFT,
                              R_CB_TCR_AARCH32_S2_T0SZ_LENGTH);

        /* S repeats the sign of T0SZ; one that does not maps nothing */
        s2->tt[0].tsz = FIELD_EX32(r->tcr, CB_TCR_AARCH32_S2, S) == (t0sz < 0) ?
                        32 + t0sz : 0;
        s2->tt[0].granule = 12;
    }
}

/*
 * The global fault of a nested context @cb because of the bank @s2 that it
 * names, or 0.  In the order of 3.8.4; where 3.8 differs from it (a bank that
 * is not there or Secure is an invalid context) we follow 3.8.4, since 3.5,
 * 3.8.1 and 4.2.4 have unimplemented banks of stage 2, too.
 */
static uint16_t nested_fault(const SMMUv2Regs *regs, unsigned num_cb,
                             unsigned cb, unsigned s2)
{
    if (s2 >= smmuv2_ns_cb(regs, num_cb)) {
        return R_GFSR_UCBF_MASK;
    }
    return FIELD_EX32(regs->cb[s2].cbar, CBAR0, TYPE) == CBAR_TYPE_S2 &&
           smmuv2_cb_decode(regs, num_cb, s2).valid &&
           FIELD_EX32(regs->cb[cb].cba2r, CBA2R0, VA64) <=
           FIELD_EX32(regs->cb[s2].cba2r, CBA2R0, VA64) ? 0 : R_GFSR_ICF_MASK;
}

SMMUv2BankConfig smmuv2_cb_decode(const SMMUv2Regs *regs, unsigned num_cb,
                                  unsigned cb)
{
    uint32_t idr0 = regs->idr[0], cbar = regs->cb[cb].cbar;
    unsigned type = FIELD_EX32(cbar, CBAR0, TYPE);
    SMMUv2BankConfig cfg = { .s2_bank = cb };
    uint16_t fault;

    cfg.secure = cb >= smmuv2_ns_cb(regs, num_cb);
    cfg.flat_secure = FIELD_EX32(regs->cb[cb].sctlr, CB_SCTLR, NSCFG) ==
                      NSCFG_SECURE;
    cfg.has_s1 = type != CBAR_TYPE_S2;
    cfg.has_s2 = type == CBAR_TYPE_S2 || type == CBAR_TYPE_S1_S2;
    cfg.hyp = type == CBAR_TYPE_S1_S2_BYPASS &&
              FIELD_EX32(cbar, CBAR0, HYPC);
    /* Type 2: all accesses of stage 2 fault, those of table walks too */
    cfg.valid = type != CBAR_TYPE_S1_S2_FAULT &&
                (!cfg.secure || type == CBAR_TYPE_S1_S2_BYPASS) &&
                (format_offered(regs, smmuv2_cb_format(&regs->cb[cb])) ||
                 !FIELD_EX32(regs->cb[cb].sctlr, CB_SCTLR, M)) &&
                (!cfg.has_s1 || FIELD_EX32(idr0, IDR0, S1TS)) &&
                (!cfg.has_s2 || FIELD_EX32(idr0, IDR0, S2TS)) &&
                (type != CBAR_TYPE_S1_S2 || FIELD_EX32(idr0, IDR0, NTS));
    cfg.gfsr = cfg.valid ? 0 : R_GFSR_ICF_MASK;

    if (type == CBAR_TYPE_S1_S2) {
        cfg.s2_bank = FIELD_EX32(cbar, CBAR0, CBNDX);
        fault = nested_fault(regs, num_cb, cb, cfg.s2_bank);
        if (fault) {
            cfg.nested_invalid = cfg.valid;
            cfg.gfsr = cfg.valid ? fault : cfg.gfsr;
            cfg.valid = false;
            cfg.s2_bank = cb;
        }
    }
    /* Secure entries have no VMID: maintenance in one bank reaches all */
    cfg.vmid = cfg.secure ? 0 : smmuv2_cb_vmid(regs, cfg.s2_bank);
    if (cfg.has_s1) {
        decode_s1(regs, cb, &cfg);
    }
    if (cfg.has_s2) {
        decode_s2(regs, cfg.s2_bank, &cfg);
    }
    return cfg;
}
