/*
 * Arm SMMUv2 with two security states
 *
 * An option (IHI 0062, 2.2 and chapter 7).  Secure software claims stream
 * mapping groups and context banks from the top of both, by SCR1, and says in
 * the SSD table which streams are secure: those find the secure groups alone,
 * which send them to secure banks or let them pass.  Global control and fault
 * registers are banked: the security of an access to GR0 tells which it
 * reaches, and from offset 0x400 on secure software reaches the others.
 *
 * Choices: the SSD_Index of a transaction is its StreamID, of 16 bits; all are
 * Non-secure after reset.  A secure group that sends a stream to a Non-secure
 * bank is an unimplemented context bank fault.  GASRAE leaves open the
 * identification registers of the component.
 *
 * Left out: SIF; NSNUMIRPTO (RAZ/WI, each bank has its interrupt); GEFFS, as no
 * external fault is a global one; sACR.PAGESIZE.  NSTable makes the output
 * Non-secure, but the tables below are read by Secure accesses.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "smmuv2-secure.h"

#define ALL32   0xffffffffu

#define SECURE(r, off, sz)  .name = #r, .size = sz, .offset = off, \
                            .frame = SMMUV2_FRAME_SGR0
#define KEPT(f)             .store = offsetof(SMMUv2Regs, f)
#define NOT_KEPT            .store = -1
/* Registers of GR0, once more */
#define SCR0_RW             0x3ffff5ffu
#define CR0_RW              0x8ffffdffu
#define ACR_RW              0x0700071cu

static const SMMUv2Reg secure_regs[] = {
    { SECURE(SCR0, 0x000, 4), KEPT(s.cr0), .reset = 0x00200001, .rw = SCR0_RW,
      .effect = SMMUV2_EFFECT_CR0 },
    { SECURE(SCR1, 0x004, 4), KEPT(s.cr1),
      .rw = R_SCR1_NSNUMCBO_MASK | R_SCR1_NSNUMSMRGO_MASK |
            R_SCR1_GASRAE_MASK | R_SCR1_SPMEN_MASK | R_SCR1_NSCAFNFS_MASK,
      .effect = SMMUV2_EFFECT_CR0 },
    { SECURE(SCR2, 0x008, 4), KEPT(s.cr2), .rw = 0xff },
    { SECURE(SACR, 0x010, 4), KEPT(s.acr), .reset = 0x04000004, .rw = ACR_RW },
    { SECURE(SGFAR, 0x040, 8), KEPT(s.gfar), .rw = UINT64_MAX },
    { SECURE(SGFSR, 0x048, 4), KEPT(s.gfsr), .w1c = GFSR_ALL,
      .effect = SMMUV2_EFFECT_FAULT },
    { SECURE(SGFSRRESTORE, 0x04c, 4), NOT_KEPT,
      .effect = SMMUV2_EFFECT_GFSRRESTORE },
    { SECURE(SGFSYNR0, 0x050, 4), KEPT(s.gfsynr[0]), .rw = 0x7f },
    { SECURE(SGFSYNR1, 0x054, 4), KEPT(s.gfsynr[1]), .rw = ALL32 },
    { SECURE(SGFSYNR2, 0x058, 4), KEPT(s.gfsynr[2]) },
    { SECURE(STLBIVALM, 0x0a0, 8), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { SECURE(STLBIVAM, 0x0a8, 8), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },
    { SECURE(STLBIALLM, 0x0bc, 4), NOT_KEPT, .effect = SMMUV2_EFFECT_TLBI },

    { SECURE(NSCR0, 0x400, 4), KEPT(cr0), .rw = CR0_RW,
      .effect = SMMUV2_EFFECT_CR0 },
    { SECURE(NSCR2, 0x408, 4), KEPT(cr2), .rw = 0xff },
    { SECURE(NSACR, 0x410, 4), KEPT(acr), .rw = ACR_RW },
    { SECURE(NSGFAR, 0x440, 8), KEPT(gfar), .rw = UINT64_MAX },
    { SECURE(NSGFSR, 0x448, 4), KEPT(gfsr), .w1c = GFSR_ALL,
      .effect = SMMUV2_EFFECT_FAULT },
    { SECURE(NSGFSRRESTORE, 0x44c, 4), NOT_KEPT,
      .effect = SMMUV2_EFFECT_GFSRRESTORE },
    { SECURE(NSGFSYNR0, 0x450, 4), KEPT(gfsynr[0]), .rw = 0x7f },
    { SECURE(NSGFSYNR1, 0x454, 4), KEPT(gfsynr[1]), .rw = ALL32 },
    { SECURE(NSGFSYNR2, 0x458, 4), KEPT(gfsynr[2]) },
    { SECURE(NSTLBGSYNC, 0x470, 4), NOT_KEPT },
    { SECURE(NSTLBGSTATUS, 0x474, 4), NOT_KEPT },
};

SMMUv2RegRef smmuv2_secure_find(unsigned offset)
{
    for (unsigned i = 0; i < ARRAY_SIZE(secure_regs); i++) {
        const SMMUv2Reg *reg = &secure_regs[i];

        if (offset >= reg->offset && offset < reg->offset + reg->size) {
            return (SMMUv2RegRef) { reg, 0 };
        }
    }
    return (SMMUv2RegRef) { NULL, 0 };
}

void smmuv2_secure_reset(SMMUv2Regs *regs)
{
    regs->s.cr0 = 0x00200001;
    regs->s.acr = 0x04000004;
    regs->s.cr1 = FIELD_DP32(0, SCR1, NSNUMSMRGO,
                             FIELD_EX32(regs->idr[0], IDR0, NUMSMRG));
    regs->s.cr1 = FIELD_DP32(regs->s.cr1, SCR1, NSNUMCBO,
                             FIELD_EX32(regs->idr[1], IDR1, NUMCB));
    memset(regs->s.ssdr, 0xff, sizeof(regs->s.ssdr));
}

static bool is_id(SMMUv2RegRef ref)
{
    return ref.reg->frame == SMMUV2_FRAME_GR0 && ref.reg->offset >= A_PIDR4;
}

bool smmuv2_secure_only(const SMMUv2Regs *regs, SMMUv2RegRef ref)
{
    const SMMUv2Reg *reg = ref.reg;

    if (reg->frame == SMMUV2_FRAME_GR0 && reg->offset == A_STLBIALL) {
        return true;
    }
    if (!FIELD_EX32(regs->s.cr1, SCR1, GASRAE)) {
        return false;
    }
    if (reg->frame == SMMUV2_FRAME_CB) {
        return FIELD_EX32(regs->cb[ref.index].cbar, CBAR0, TYPE) ==
               CBAR_TYPE_S2;
    }
    return !is_id(ref);
}

uint64_t smmuv2_secure_view(const SMMUv2Regs *regs, SMMUv2RegRef ref,
                            bool secure, uint64_t value)
{
    uint32_t cr1 = regs->s.cr1;
    unsigned offset = ref.reg->offset;

    if (ref.reg->frame == SMMUV2_FRAME_PM && offset == A_PMAUTHSTATUS) {
        /* Both are implemented; enabled: Non-secure counting */
        return 0x8c;
    }
    if (secure) {
        return value;
    }
    if (ref.reg->frame == SMMUV2_FRAME_GR0 && offset == A_IDR0) {
        value = FIELD_DP32(value, IDR0, SES, 0);
        value = FIELD_DP32(value, IDR0, NUMSMRG,
                           FIELD_EX32(cr1, SCR1, NSNUMSMRGO));
    } else if (ref.reg->frame == SMMUV2_FRAME_GR0 && offset == A_IDR1) {
        value = FIELD_DP32(value, IDR1, SSDTP, 0);
        value = FIELD_DP32(value, IDR1, NUMSSDNDXB, 0);
        value = FIELD_DP32(value, IDR1, NUMCB,
                           FIELD_EX32(cr1, SCR1, NSNUMCBO));
    } else if (ref.reg->frame == SMMUV2_FRAME_GR0 && offset == A_GFSYNR1) {
        value = FIELD_DP32(value, GFSYNR1, SSD_INDEX, 0);
    } else if (ref.reg->frame == SMMUV2_FRAME_GR1 && offset == A_CBFRSYNRA0) {
        value = FIELD_DP32(value, CBFRSYNRA0, SSD_INDEX, 0);
    }
    return value;
}

uint32_t *smmuv2_gfsr_restored(SMMUv2Regs *regs, SMMUv2RegRef ref)
{
    return ref.reg->frame == SMMUV2_FRAME_SGR0 &&
           ref.reg->offset == A_GFSRRESTORE ? &regs->s.gfsr : &regs->gfsr;
}

uint32_t *smmuv2_ssdr(SMMUv2Regs *regs, unsigned offset)
{
    return offset / 4 < SMMUV2_NUM_SSDR ? &regs->s.ssdr[offset / 4] : NULL;
}
