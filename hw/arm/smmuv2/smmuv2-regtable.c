/*
 * Arm SMMUv2 register table
 *
 * Names are those of IHI 0062's register summaries, which are in this order,
 * without the prefixes SMMU_, SMMU_s and SMMU_CBn_.  The MMU-500 manual (DDI
 * 0517) has the reset values and what is implementation defined: ACR, ACTLR,
 * TLB debug (RAZ/WI here), PIDR and CIDR.
 *
 * Elsewhere: secure registers, in smmuv2-secure.c, address translation
 * operations, in smmuv2-atos.c, and counters that are revealed in a context
 * bank, in smmuv2-pmu.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "smmuv2-regtable.h"
#include "smmuv2-secure.h"

#define ALL32   0xffffffffu
#define ALL64   UINT64_MAX
#define COUNTERS    MAKE_64BIT_MASK(0, SMMUV2_PMU_COUNTERS)

/* Kept in a field of SMMUv2Regs */
#define KEPT(f)         .store = offsetof(SMMUv2Regs, f)
#define KEPT_SMRG(f)    .store = offsetof(SMMUv2Regs, f[0]), \
                        .step = sizeof(uint32_t), .count = SMMUV2_PER_SMRG
#define KEPT_CB(f)      .store = offsetof(SMMUv2Regs, cb[0].f), \
                        .step = sizeof(SMMUv2BankRegs)
#define KEPT_N(f, n)    .store = offsetof(SMMUv2Regs, f[0]), \
                        .step = sizeof(uint32_t), .count = SMMUV2_PER_ ## n
#define NOT_KEPT        .store = -1
#define CONSTANT(v)     NOT_KEPT, .reset = (v)

#define GR0(r, sz)      .name = #r, .size = sz, \
                        .frame = SMMUV2_FRAME_GR0, .offset = A_ ## r
#define GR1(r, sz)      .name = #r, .size = sz, \
                        .frame = SMMUV2_FRAME_GR1, .offset = A_ ## r, \
                        .count = SMMUV2_PER_CB
#define PM(r)           .name = #r, .size = 4, \
                        .frame = SMMUV2_FRAME_PM, .offset = A_ ## r
#define CB(r, sz)       .name = #r, .size = sz, \
                        .frame = SMMUV2_FRAME_CB, .offset = A_ ## r

#define ID(n)   { .name = "IDR" #n, .size = 4, \
                  .frame = SMMUV2_FRAME_GR0, .offset = A_IDR0 + 4 * n, \
                  KEPT(idr[n]) }

const SMMUv2Reg smmuv2_regs[] = {
    /* CLIENTPD resets to 1: all streams pass.  GSE, HYPMODE: not there. */
    { GR0(CR0, 4), KEPT(cr0), .reset = 0x00200001,
      .rw = 0x8ffffdff, .effect = SMMUV2_EFFECT_CR0 },
    { GR0(CR2, 4), KEPT(cr2), .rw = R_CR2_BPVMID_MASK },
    { GR0(ACR, 4), KEPT(acr), .reset = 0x0400001c,
      .rw = 0x0700071c },
    ID(0), ID(1), ID(2), ID(3), ID(4), ID(5), ID(6), ID(7),
    { GR0(GFAR, 8), KEPT(gfar), .rw = ALL64 },
    { GR0(GFSR, 4), KEPT(gfsr), .w1c = GFSR_ALL,
      .effect = SMMUV2_EFFECT_FAULT },
    { GR0(GFSRRESTORE, 4), NOT_KEPT,
      .effect = SMMUV2_EFFECT_GFSRRESTORE },
    { GR0(GFSYNR0, 4), KEPT(gfsynr[0]), .rw = 0x7f },
    { GR0(GFSYNR1, 4), KEPT(gfsynr[1]), .rw = ALL32 },
    { GR0(GFSYNR2, 4), KEPT(gfsynr[2]) },
    { GR0(STLBIALL, 4), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { GR0(TLBIVMID, 4), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { GR0(TLBIALLNSNH, 4), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { GR0(TLBIALLH, 4), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { GR0(TLBGSYNC, 4), NOT_KEPT },
    { GR0(TLBGSTATUS, 4), NOT_KEPT },
    { GR0(TLBIVAH, 4), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { GR0(DBGRPTRTBU, 4), NOT_KEPT },
    { GR0(DBGRDATATBU, 4), NOT_KEPT },
    { GR0(DBGRPTRTCU, 4), NOT_KEPT },
    { GR0(DBGRDATATCU, 4), NOT_KEPT },
    { GR0(TLBIVALH64, 8), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { GR0(TLBIVMIDS1, 4), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { GR0(TLBIVAH64, 8), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { GR0(SMR0, 4), KEPT_SMRG(smr), .rw = ALL32,
      .effect = SMMUV2_EFFECT_STREAM },
    { GR0(S2CR0, 4), KEPT_SMRG(s2cr), .rw = 0x3fffffff,
      .effect = SMMUV2_EFFECT_STREAM },

    { GR0(PIDR4, 4), CONSTANT(0x04) },
    { GR0(PIDR5, 4), CONSTANT(0) },
    { GR0(PIDR6, 4), CONSTANT(0) },
    { GR0(PIDR7, 4), CONSTANT(0) },
    { GR0(PIDR0, 4), CONSTANT(0x81) },
    { GR0(PIDR1, 4), CONSTANT(0xb4) },
    { GR0(PIDR2, 4), CONSTANT(0x1b) },
    { GR0(PIDR3, 4), CONSTANT(0) },
    { GR0(CIDR0, 4), CONSTANT(0x0d) },
    { GR0(CIDR1, 4), CONSTANT(0xf0) },
    { GR0(CIDR2, 4), CONSTANT(0x05) },
    { GR0(CIDR3, 4), CONSTANT(0xb1) },

    { GR1(CBAR0, 4), KEPT_CB(cbar), .rw = 0x00ffffff,
      .effect = SMMUV2_EFFECT_BANK },
    { GR1(CBFRSYNRA0, 4), KEPT_CB(cbfrsynra), .rw = ALL32 },
    { GR1(CBA2R0, 4), KEPT_CB(cba2r), .rw = 0xffff0007,
      .effect = SMMUV2_EFFECT_BANK },

    { PM(PMEVCNTR0), KEPT_N(pmevcntr, COUNTER), .rw = ALL32,
      .effect = SMMUV2_EFFECT_PMU },
    { PM(PMEVTYPER0), KEPT_N(pmevtyper, COUNTER), .rw = SMMUV2_PMEVTYPER_RW,
      .effect = SMMUV2_EFFECT_PMU },
    /* SIDG: see smmuv2_regs_reset() */
    { PM(PMCGCR0), KEPT_N(pmcgcr, GROUP),
      .reset = SMMUV2_PMU_PER_GROUP << R_PMCGCR0_CGNC_SHIFT, .rw = 0xfff,
      .effect = SMMUV2_EFFECT_PMU },
    { PM(PMCGSMR0), KEPT_N(pmcgsmr, GROUP), .rw = ALL32,
      .effect = SMMUV2_EFFECT_PMU },
    { PM(PMCNTENSET), KEPT(pmcnten), .w1s = COUNTERS,
      .effect = SMMUV2_EFFECT_PMU },
    { PM(PMCNTENCLR), KEPT(pmcnten), .w1c = COUNTERS,
      .effect = SMMUV2_EFFECT_PMU },
    { PM(PMINTENSET), KEPT(pminten), .w1s = COUNTERS,
      .effect = SMMUV2_EFFECT_PMU },
    { PM(PMINTENCLR), KEPT(pminten), .w1c = COUNTERS,
      .effect = SMMUV2_EFFECT_PMU },
    { PM(PMOVSCLR), KEPT(pmovs), .w1c = COUNTERS,
      .effect = SMMUV2_EFFECT_PMU },
    { PM(PMOVSSET), KEPT(pmovs), .w1s = COUNTERS,
      .effect = SMMUV2_EFFECT_PMU },
    { PM(PMCFGR), CONSTANT(SMMUV2_PMCFGR(SMMUV2_PMU_GROUPS,
                                         SMMUV2_PMU_COUNTERS)) },
    { PM(PMCR), KEPT(pmcr), .rw = R_PMCR_E_MASK,
      .effect = SMMUV2_EFFECT_PMCR },
    { PM(PMCEID0), CONSTANT(SMMUV2_PMCEID0) },
    { PM(PMCEID1), CONSTANT(0) },
    { PM(PMAUTHSTATUS), CONSTANT(SMMUV2_PMAUTHSTATUS) },
    { PM(PMDEVTYPE), CONSTANT(0x56) },

    { CB(CB_SCTLR, 4), KEPT_CB(sctlr), .rw = 0x3ffff7ff,
      .effect = SMMUV2_EFFECT_BANK },
    { CB(CB_ACTLR, 4), KEPT_CB(actlr), .reset = 0x3, .rw = 0x3 },
    { CB(CB_RESUME, 4), NOT_KEPT, .effect = SMMUV2_EFFECT_RESUME },
    { CB(CB_TCR2, 4), KEPT_CB(tcr2), .rw = 0x4003c077,
      .effect = SMMUV2_EFFECT_BANK },
    { CB(CB_TTBR0, 8), KEPT_CB(ttbr[0]), .rw = ALL64,
      .effect = SMMUV2_EFFECT_BANK },
    { CB(CB_TTBR1, 8), KEPT_CB(ttbr[1]), .rw = ALL64,
      .effect = SMMUV2_EFFECT_BANK },
    { CB(CB_TCR, 4), KEPT_CB(tcr), .rw = ALL32,
      .effect = SMMUV2_EFFECT_BANK },
    { CB(CB_CONTEXTIDR, 4), KEPT_CB(contextidr), .rw = ALL32,
      .effect = SMMUV2_EFFECT_BANK },
    { CB(CB_MAIR0, 4), KEPT_CB(mair[0]), .rw = ALL32,
      .effect = SMMUV2_EFFECT_BANK },
    { CB(CB_MAIR1, 4), KEPT_CB(mair[1]), .rw = ALL32,
      .effect = SMMUV2_EFFECT_BANK },
    { CB(CB_FSR, 4), KEPT_CB(fsr), .w1c = CB_FSR_W1C,
      .effect = SMMUV2_EFFECT_FAULT },
    { CB(CB_FSRRESTORE, 4), NOT_KEPT,
      .effect = SMMUV2_EFFECT_FSRRESTORE },
    { CB(CB_FAR, 8), KEPT_CB(far), .rw = ALL64 },
    { CB(CB_FSYNR0, 4), KEPT_CB(fsynr[0]), .rw = 0x00ff0f7f },
    { CB(CB_FSYNR1, 4), KEPT_CB(fsynr[1]), .rw = ALL32 },
    { CB(CB_IPAFAR, 8), KEPT_CB(ipafar), .rw = ALL64 },
    { CB(CB_TLBIVA, 8), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { CB(CB_TLBIVAA, 8), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { CB(CB_TLBIASID, 4), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { CB(CB_TLBIALL, 4), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { CB(CB_TLBIVAL, 8), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { CB(CB_TLBIVAAL, 8), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { CB(CB_TLBIIPAS2, 8), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { CB(CB_TLBIIPAS2L, 8), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { CB(CB_TLBSYNC, 4), NOT_KEPT },
    { CB(CB_TLBSTATUS, 4), NOT_KEPT },
};

const unsigned smmuv2_num_regs = ARRAY_SIZE(smmuv2_regs);

/* Row of each word of each frame, plus one; 0 is reserved */
static uint8_t row_of[SMMUV2_NUM_FRAMES][SMMUV2_FRAME_SIZE / 4];

QEMU_BUILD_BUG_ON(ARRAY_SIZE(smmuv2_regs) > UINT8_MAX);

static unsigned max_count(const SMMUv2Reg *reg)
{
    static const uint8_t max[] = {
        [SMMUV2_ONE] = 1,
        [SMMUV2_PER_SMRG] = SMMUV2_MAX_SMRG,
        [SMMUV2_PER_CB] = SMMUV2_MAX_CB,
        [SMMUV2_PER_COUNTER] = SMMUV2_PMU_COUNTERS,
        [SMMUV2_PER_GROUP] = SMMUV2_PMU_GROUPS,
    };

    return max[reg->count];
}

static void __attribute__((constructor)) index_rows(void)
{
    for (unsigned row = 0; row < smmuv2_num_regs; row++) {
        const SMMUv2Reg *reg = &smmuv2_regs[row];
        unsigned words = max_count(reg) * reg->size / 4;

        for (unsigned i = 0; i < words; i++) {
            row_of[reg->frame][reg->offset / 4 + i] = row + 1;
        }
    }
}

SMMUv2RegRef smmuv2_reg_find(SMMUv2Frame frame, unsigned bank, unsigned offset,
                             unsigned num_smrg, unsigned num_cb)
{
    SMMUv2RegRef none = { NULL, 0 };
    const SMMUv2Reg *reg;
    unsigned row, index;

    if (offset >= SMMUV2_FRAME_SIZE) {
        return none;
    }
    row = row_of[frame][offset / 4];
    if (!row) {
        return none;
    }
    reg = &smmuv2_regs[row - 1];
    index = frame == SMMUV2_FRAME_CB ? bank :
            (offset - reg->offset) / reg->size;
    if ((reg->count == SMMUV2_PER_SMRG && index >= num_smrg) ||
        (reg->count == SMMUV2_PER_CB && index >= num_cb)) {
        return none;
    }
    return (SMMUv2RegRef) { reg, index };
}

static void *storage(const SMMUv2Regs *regs, SMMUv2RegRef ref)
{
    return (char *)regs + ref.reg->store + ref.reg->step * ref.index;
}

uint64_t smmuv2_reg_read(const SMMUv2Regs *regs, SMMUv2RegRef ref)
{
    if (ref.reg->store < 0) {
        return ref.reg->reset;
    }
    return ref.reg->size == 8 ? *(uint64_t *)storage(regs, ref) :
                                *(uint32_t *)storage(regs, ref);
}

static void store(SMMUv2Regs *regs, SMMUv2RegRef ref, uint64_t value)
{
    if (ref.reg->store < 0) {
        return;
    }
    if (ref.reg->size == 8) {
        *(uint64_t *)storage(regs, ref) = value;
    } else {
        *(uint32_t *)storage(regs, ref) = value;
    }
}

/* Bits of a row that this SMMU implements, of those whose presence varies */
static uint64_t implemented(const SMMUv2Regs *regs, SMMUv2RegRef ref)
{
    const SMMUv2Reg *reg = ref.reg;
    bool ns = ref.index < smmuv2_ns_smrg(regs, SMMUV2_MAX_SMRG);
    bool exids = FIELD_EX32(regs->idr[0], IDR0, EXIDS);
    bool vmid16 = FIELD_EX32(regs->idr[2], IDR2, VMID16S);
    uint64_t absent = 0;

    if (reg->store == offsetof(SMMUv2Regs, cr0) ||
        reg->store == offsetof(SMMUv2Regs, s.cr0)) {
        absent |= exids ? 0 : R_CR0_EXIDENABLE_MASK;
        absent |= vmid16 ? 0 : R_CR0_VMID16EN_MASK;
        absent |= regs->options & SMMUV2_CONFIG_FAULTS ? 0 :
                  R_CR0_GCFGFRE_MASK | R_CR0_GCFGFIE_MASK;
    } else if (reg->frame == SMMUV2_FRAME_GR0 && reg->offset == A_S2CR0) {
        absent |= exids ? 0 : R_S2CR0_EXIDVALID_MASK;
    } else if (reg->frame == SMMUV2_FRAME_GR0 && reg->offset == A_SMR0) {
        /* Stream indexing has none; bit 15 exists while IDs have 16 bits */
        absent |= FIELD_EX32(regs->idr[0], IDR0, SMS) ? 0 : ALL32;
        absent |= FIELD_EX32(ns ? regs->cr0 : regs->s.cr0, CR0, EXIDENABLE) ?
                  0 : BIT(15);
    } else if (reg->frame == SMMUV2_FRAME_GR1 && reg->offset == A_CBA2R0) {
        absent |= vmid16 ? 0 : R_CBA2R0_VMID16_MASK;
    } else if (reg->frame == SMMUV2_FRAME_PM && reg->offset == A_PMCGSMR0) {
        absent |= FIELD_EX32(regs->cr0, CR0, EXIDENABLE) ? 0 :
                  BIT(15) | BIT(31);
    }
    return ~absent;
}

void smmuv2_reg_write(SMMUv2Regs *regs, SMMUv2RegRef ref, uint64_t value,
                      uint64_t mask)
{
    uint64_t rw = ref.reg->rw & mask & implemented(regs, ref);
    uint64_t old = smmuv2_reg_read(regs, ref);
    uint64_t new = (old & ~rw) | (value & rw);

    new |= value & mask & ref.reg->w1s;
    store(regs, ref, new & ~(value & mask & ref.reg->w1c));
}

void smmuv2_regs_reset(SMMUv2Regs *regs)
{
    uint32_t idr[ARRAY_SIZE(regs->idr)];
    uint32_t options = regs->options;

    memcpy(idr, regs->idr, sizeof(idr));
    memset(regs, 0, sizeof(*regs));
    for (unsigned row = 0; row < smmuv2_num_regs; row++) {
        SMMUv2RegRef ref = { &smmuv2_regs[row], 0 };
        unsigned n = ref.reg->frame == SMMUV2_FRAME_CB ? SMMUV2_MAX_CB :
                     max_count(ref.reg);

        for (; ref.index < n; ref.index++) {
            store(regs, ref, ref.reg->reset);
        }
    }
    for (unsigned g = 0; g < SMMUV2_PMU_GROUPS; g++) {
        regs->pmcgcr[g] = FIELD_DP32(regs->pmcgcr[g], PMCGCR0, SIDG, g);
    }
    memcpy(regs->idr, idr, sizeof(idr));
    regs->options = options;
    smmuv2_secure_reset(regs);
}
