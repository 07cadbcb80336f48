/*
 * Arm SMMUv2 register table
 *
 * Every register is a row: where it is, where its value is kept, what reset
 * makes of it and which bits a write reaches.  What a write does besides is
 * its effect, carried out by the owner (smmuv2-mmio.c dispatches).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_REGTABLE_H
#define HW_ARM_SMMUV2_REGTABLE_H

#include "smmuv2-regs.h"

/* Registers of one translation context bank, with its CBAR and kin */
typedef struct SMMUv2BankRegs {
    uint32_t cbar;
    uint32_t cba2r;
    uint32_t cbfrsynra;
    uint32_t sctlr;
    uint32_t actlr;
    uint32_t tcr;
    uint32_t tcr2;
    uint32_t contextidr;
    uint32_t mair[2];
    uint32_t fsr;
    uint32_t fsynr[2];
    uint64_t ttbr[2];
    uint64_t far;
    uint64_t ipafar;
    uint64_t par;
} SMMUv2BankRegs;

/* What the SMMU has that no identification register tells */
enum {
    SMMUV2_CONFIG_FAULTS = 1 << 0,      /* GFSR.CAF */
    SMMUV2_SECURE = 1 << 1,             /* two security states: SES */
};

/* The secure ones of banked registers, and those that are secure alone */
typedef struct SMMUv2SecureRegs {
    uint32_t cr0, cr1, cr2, acr;
    uint32_t gfsr;
    uint32_t gfsynr[3];
    uint64_t gfar;
    uint32_t ssdr[SMMUV2_NUM_SSDR];
} SMMUv2SecureRegs;

typedef struct SMMUv2Regs {
    uint32_t options;
    uint32_t cr0;
    uint32_t cr2;
    uint32_t acr;
    uint32_t idr[8];
    uint32_t gfsr;
    uint32_t gfsynr[3];
    uint64_t gfar;
    uint64_t gpar;
    uint32_t smr[SMMUV2_MAX_SMRG];
    uint32_t s2cr[SMMUV2_MAX_SMRG];
    uint32_t pmevcntr[SMMUV2_PMU_COUNTERS];
    uint32_t pmevtyper[SMMUV2_PMU_COUNTERS];
    uint32_t pmcgcr[SMMUV2_PMU_GROUPS];
    uint32_t pmcgsmr[SMMUV2_PMU_GROUPS];
    uint32_t pmcnten, pminten, pmovs;   /* a bit for each counter */
    uint32_t pmcr;
    SMMUv2SecureRegs s;
    SMMUv2BankRegs cb[SMMUV2_MAX_CB];
} SMMUv2Regs;

typedef enum SMMUv2Frame {
    SMMUV2_FRAME_GR0,
    SMMUV2_FRAME_GR1,
    SMMUV2_FRAME_PM,
    SMMUV2_FRAME_CB,
    SMMUV2_FRAME_SGR0,          /* GR0 for secure accesses; not in the table */
    SMMUV2_NUM_FRAMES,
} SMMUv2Frame;

/* What a write does besides storing */
typedef enum SMMUv2Effect {
    SMMUV2_EFFECT_NONE,
    SMMUV2_EFFECT_CR0,          /* stream mapping, VMID width, fault lines */
    SMMUV2_EFFECT_STREAM,       /* SMR, S2CR */
    SMMUV2_EFFECT_BANK,         /* configuration of a context bank */
    SMMUV2_EFFECT_FAULT,        /* fault status: interrupt lines */
    SMMUV2_EFFECT_GFSRRESTORE,
    SMMUV2_EFFECT_FSRRESTORE,
    SMMUV2_EFFECT_RESUME,
    SMMUV2_EFFECT_TLBI,
    SMMUV2_EFFECT_ATOS,         /* smmuv2-atos.c, whose rows these are */
    SMMUV2_EFFECT_PMU,          /* counters, which depend on time */
    SMMUV2_EFFECT_PMCR,
} SMMUv2Effect;

typedef enum SMMUv2RegCount {
    SMMUV2_ONE,                 /* one register */
    SMMUV2_PER_SMRG,            /* one per stream match register group */
    SMMUV2_PER_CB,              /* GR1: one per context bank */
    SMMUV2_PER_COUNTER,         /* PM: all are implemented */
    SMMUV2_PER_GROUP,
} SMMUv2RegCount;

typedef struct SMMUv2Reg {
    const char *name;
    SMMUv2Frame frame;
    uint16_t offset;            /* of the first one; the stride is 4 */
    uint8_t size;               /* 4 or 8 bytes */
    SMMUv2RegCount count;
    int32_t store;              /* offset in SMMUv2Regs, negative: not kept */
    uint32_t step;              /* bytes of store from one index to the next */
    uint64_t reset;
    uint64_t rw;                /* bits that a write sets */
    uint64_t w1c;               /* bits that a one clears */
    uint64_t w1s;               /* bits that a one sets */
    SMMUv2Effect effect;
} SMMUv2Reg;

/* A register, and which of its row */
typedef struct SMMUv2RegRef {
    const SMMUv2Reg *reg;       /* NULL: reserved */
    unsigned index;             /* SMR, bank, ... */
} SMMUv2RegRef;

/* All rows; a test walks them */
extern const SMMUv2Reg smmuv2_regs[];
extern const unsigned smmuv2_num_regs;

/**
 * smmuv2_reg_find: which register is at an offset
 * @frame: the frame
 * @bank: context bank, for SMMUV2_FRAME_CB; below the number implemented
 * @offset: offset in the frame, aligned to 4
 * @num_smrg, @num_cb: how many the SMMU implements
 *
 * The upper half of a 64-bit register finds that register.
 */
SMMUv2RegRef smmuv2_reg_find(SMMUv2Frame frame, unsigned bank, unsigned offset,
                             unsigned num_smrg, unsigned num_cb);

/* The value of a register; its reset value if it is not kept */
uint64_t smmuv2_reg_read(const SMMUv2Regs *regs, SMMUv2RegRef ref);

/**
 * smmuv2_reg_write: store what a write may change
 * @value: what was written, in place
 * @mask: which bits were written (a half of a 64-bit register, or all)
 *
 * Bits whose feature the SMMU lacks (IDR0, IDR2, options) stay zero.
 */
void smmuv2_reg_write(SMMUv2Regs *regs, SMMUv2RegRef ref, uint64_t value,
                      uint64_t mask);

/* Reset values for all but the options and the identification registers */
void smmuv2_regs_reset(SMMUv2Regs *regs);

#endif
