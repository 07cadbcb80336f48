/*
 * Arm SMMUv2 context banks
 *
 * CBAR says which stages a bank has, CBA2R which format; SCTLR, TCR, TCR2,
 * TTBR and MAIR describe its tables (IHI 0062, translation context banks).
 *
 * Left out: the AArch32 formats (CBA2R.VA64 = 0; IDR0.PTFS says so).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "smmuv2-cb.h"

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

static void decode_common(const SMMUv2Regs *regs, unsigned cb, unsigned pasize,
                          SMMUv2StageConfig *cfg)
{
    uint32_t sctlr = regs->cb[cb].sctlr;

    cfg->enabled = FIELD_EX32(sctlr, CB_SCTLR, M);
    cfg->affd = FIELD_EX32(sctlr, CB_SCTLR, AFFD);
    cfg->big_endian = FIELD_EX32(sctlr, CB_SCTLR, E);
    cfg->oas_bits = smmuv2_addr_bits(FIELD_EX32(regs->idr[2], IDR2, OAS));
    cfg->out_bits = MIN(cfg->oas_bits, smmuv2_addr_bits(pasize));
}

static void decode_s1(const SMMUv2Regs *regs, unsigned cb,
                      SMMUv2BankConfig *cfg)
{
    static const uint8_t tg0[4] = { 12, 16, 14, 0 };
    static const uint8_t tg1[4] = { 0, 14, 12, 16 };
    const SMMUv2BankRegs *r = &regs->cb[cb];
    uint64_t asid_ttbr = r->ttbr[FIELD_EX32(r->tcr, CB_TCR, A1)];
    unsigned pasize = FIELD_EX32(r->tcr2, CB_TCR2, PASIZE);
    SMMUv2StageConfig *s1 = &cfg->s1;

    decode_common(regs, cb, pasize, s1);
    if (cfg->has_s2) {
        /* What comes out are intermediate addresses */
        s1->out_bits = MIN(smmuv2_addr_bits(FIELD_EX32(regs->idr[2], IDR2,
                                                       IAS)),
                           smmuv2_addr_bits(pasize));
    }
    s1->stage = 1;
    s1->wxn = FIELD_EX32(r->sctlr, CB_SCTLR, WXN);
    s1->hyp = cfg->hyp;
    s1->sep = FIELD_EX32(r->tcr2, CB_TCR2, SEP);
    s1->mair = (uint64_t)r->mair[1] << 32 | r->mair[0];
    s1->tt[0] = (SMMUv2TableConfig) {
        .ttb = extract64(r->ttbr[0], 0, 48),
        .tsz = FIELD_EX32(r->tcr, CB_TCR, T0SZ),
        .granule = granule(regs, tg0[FIELD_EX32(r->tcr, CB_TCR, TG0)]),
        .disabled = FIELD_EX32(r->tcr, CB_TCR, EPD0),
        .tbi = FIELD_EX32(r->tcr2, CB_TCR2, TBI0),
    };
    s1->tt[1] = (SMMUv2TableConfig) {
        .ttb = extract64(r->ttbr[1], 0, 48),
        .tsz = FIELD_EX32(r->tcr, CB_TCR, T1SZ),
        .granule = granule(regs, tg1[FIELD_EX32(r->tcr, CB_TCR, TG1)]),
        .disabled = FIELD_EX32(r->tcr, CB_TCR, EPD1),
        .tbi = FIELD_EX32(r->tcr2, CB_TCR2, TBI1),
    };
    cfg->asid_mask = FIELD_EX32(r->tcr2, CB_TCR2, AS) ? 0xffff : 0xff;
    cfg->asid = FIELD_EX64(asid_ttbr, CB_TTBR0, ASID) & cfg->asid_mask;
}

static void decode_s2(const SMMUv2Regs *regs, unsigned cb,
                      SMMUv2BankConfig *cfg)
{
    static const uint8_t tg0[4] = { 12, 16, 14, 0 };
    const SMMUv2BankRegs *r = &regs->cb[cb];
    SMMUv2StageConfig *s2 = &cfg->s2;

    decode_common(regs, cb, FIELD_EX32(r->tcr, CB_TCR, PASIZE), s2);
    s2->stage = 2;
    s2->ptw = FIELD_EX32(r->sctlr, CB_SCTLR, PTW);
    s2->sl0 = FIELD_EX32(r->tcr, CB_TCR, SL0);
    s2->in_bits = smmuv2_addr_bits(FIELD_EX32(regs->idr[2], IDR2, IAS));
    s2->tt[0] = (SMMUv2TableConfig) {
        .ttb = extract64(r->ttbr[0], 0, 48),
        .tsz = FIELD_EX32(r->tcr, CB_TCR, T0SZ),
        .granule = granule(regs, tg0[FIELD_EX32(r->tcr, CB_TCR, TG0)]),
    };
}

SMMUv2BankConfig smmuv2_cb_decode(const SMMUv2Regs *regs, unsigned num_cb,
                                  unsigned cb)
{
    uint32_t idr0 = regs->idr[0], cbar = regs->cb[cb].cbar;
    bool va64 = FIELD_EX32(regs->cb[cb].cba2r, CBA2R0, VA64);
    unsigned type = FIELD_EX32(cbar, CBAR0, TYPE);
    SMMUv2BankConfig cfg = { .s2_bank = cb };

    cfg.has_s1 = type != CBAR_TYPE_S2;
    cfg.has_s2 = type == CBAR_TYPE_S2 || type == CBAR_TYPE_S1_S2;
    cfg.hyp = type == CBAR_TYPE_S1_S2_BYPASS &&
              FIELD_EX32(cbar, CBAR0, HYPC);
    /* Type 2: all accesses of stage 2 fault, those of table walks too */
    cfg.valid = type != CBAR_TYPE_S1_S2_FAULT &&
                (va64 || !FIELD_EX32(regs->cb[cb].sctlr, CB_SCTLR, M)) &&
                (!cfg.has_s1 || FIELD_EX32(idr0, IDR0, S1TS)) &&
                (!cfg.has_s2 || FIELD_EX32(idr0, IDR0, S2TS)) &&
                (type != CBAR_TYPE_S1_S2 || FIELD_EX32(idr0, IDR0, NTS));

    if (type == CBAR_TYPE_S1_S2) {
        cfg.s2_bank = FIELD_EX32(cbar, CBAR0, CBNDX);
        /* The other bank must be there and be a valid one of stage 2 */
        if (cfg.s2_bank >= num_cb ||
            FIELD_EX32(regs->cb[cfg.s2_bank].cbar, CBAR0, TYPE) !=
            CBAR_TYPE_S2 ||
            !smmuv2_cb_decode(regs, num_cb, cfg.s2_bank).valid) {
            cfg.valid = false;
            cfg.s2_bank = cb;
        }
    }
    cfg.vmid = smmuv2_cb_vmid(regs, cfg.s2_bank);
    if (cfg.has_s1) {
        decode_s1(regs, cb, &cfg);
    }
    if (cfg.has_s2) {
        decode_s2(regs, cfg.s2_bank, &cfg);
    }
    return cfg;
}
