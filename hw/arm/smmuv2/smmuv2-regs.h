/*
 * Arm SMMUv2 register offsets and fields
 *
 * Documents: Arm System MMU Architecture Specification, SMMU architecture
 * version 2.0 (IHI 0062); MMU-500 Technical Reference Manual (DDI 0517) for
 * what is implementation defined.
 *
 * Offsets are relative to the frame that holds the register, a page of 4 KiB
 * or 64 KiB (IDR1.PAGESIZE).  Shared by the model and its tests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_REGS_H
#define HW_ARM_SMMUV2_REGS_H

#include "hw/registerfields.h"

/* Frames of the global address space, in pages from its base */
enum {
    SMMUV2_PAGE_GR0 = 0,    /* Global Register Space 0 */
    SMMUV2_PAGE_GR1 = 1,    /* Global Register Space 1 */
    SMMUV2_PAGE_ID = 2,     /* implementation defined */
    SMMUV2_PAGE_PM = 3,     /* performance monitors */
    SMMUV2_PAGE_SSD = 4,    /* security state determination */
};

#define SMMUV2_FRAME_SIZE   0x1000  /* registers live in the first 4 KiB */
#define SMMUV2_NUM_SSDR     2048    /* SSDRn: a bit for each SSD_Index */
#define SMMUV2_MAX_SMRG     128
#define SMMUV2_MAX_CB       128

/* ---- Global Register Space 0 ---- */

REG32(CR0, 0x000)
    FIELD(CR0, CLIENTPD, 0, 1)
    FIELD(CR0, GFRE, 1, 1)
    FIELD(CR0, GFIE, 2, 1)
    FIELD(CR0, EXIDENABLE, 3, 1)
    FIELD(CR0, GCFGFRE, 4, 1)
    FIELD(CR0, GCFGFIE, 5, 1)
    FIELD(CR0, TRANSIENTCFG, 6, 2)
    FIELD(CR0, STALLD, 8, 1)
    FIELD(CR0, GSE, 9, 1)
    FIELD(CR0, USFCFG, 10, 1)
    FIELD(CR0, VMIDPNE, 11, 1)
    FIELD(CR0, PTM, 12, 1)
    FIELD(CR0, FB, 13, 1)
    FIELD(CR0, BSU, 14, 2)
    FIELD(CR0, MEMATTR, 16, 4)
    FIELD(CR0, MTCFG, 20, 1)
    FIELD(CR0, SMCFCFG, 21, 1)
    FIELD(CR0, SHCFG, 22, 2)
    FIELD(CR0, RACFG, 24, 2)
    FIELD(CR0, WACFG, 26, 2)
    FIELD(CR0, NSCFG, 28, 2)
    FIELD(CR0, HYPMODE, 30, 1)
    FIELD(CR0, VMID16EN, 31, 1)
REG32(SCR1, 0x004)                  /* secure only */
    FIELD(SCR1, NSNUMCBO, 0, 8)
    FIELD(SCR1, NSNUMSMRGO, 8, 8)
    FIELD(SCR1, NSNUMIRPTO, 16, 8)
    FIELD(SCR1, GASRAE, 24, 1)
    FIELD(SCR1, GEFFS, 25, 1)
    FIELD(SCR1, SIF, 26, 1)
    FIELD(SCR1, SPMEN, 27, 1)
    FIELD(SCR1, NSCAFNFS, 28, 1)
REG32(CR2, 0x008)
    FIELD(CR2, BPVMID, 0, 8)
REG32(ACR, 0x010)                   /* implementation defined: MMU-500 */
    FIELD(ACR, S1WC2EN, 2, 1)
    FIELD(ACR, S2WC2EN, 3, 1)
    FIELD(ACR, IPA2PA_CEN, 4, 1)
    FIELD(ACR, SMTNMB_TLBEN, 8, 1)
    FIELD(ACR, MMUDISB_TLBEN, 9, 1)
    FIELD(ACR, S2CRB_TLBEN, 10, 1)
    FIELD(ACR, CACHE_LOCK, 26, 1)

REG32(IDR0, 0x020)
    FIELD(IDR0, NUMSMRG, 0, 8)
    FIELD(IDR0, EXIDS, 8, 1)
    FIELD(IDR0, NUMSIDB, 9, 4)
    FIELD(IDR0, BTM, 13, 1)
    FIELD(IDR0, CTTW, 14, 1)
    FIELD(IDR0, EXSMRGS, 15, 1)
    FIELD(IDR0, NUMIRPT, 16, 8)
    FIELD(IDR0, PTFS, 24, 2)
    FIELD(IDR0, ATOSNS, 26, 1)
    FIELD(IDR0, SMS, 27, 1)
    FIELD(IDR0, NTS, 28, 1)
    FIELD(IDR0, S2TS, 29, 1)
    FIELD(IDR0, S1TS, 30, 1)
    FIELD(IDR0, SES, 31, 1)
#define IDR0_PTFS_AARCH32_SHORT_LONG    0
#define IDR0_PTFS_AARCH32_LONG          1
#define IDR0_PTFS_NO_AARCH32            2
REG32(IDR1, 0x024)
    FIELD(IDR1, NUMCB, 0, 8)
    FIELD(IDR1, NUMSSDNDXB, 8, 4)
    FIELD(IDR1, SSDTP, 12, 2)
    FIELD(IDR1, SMCD, 15, 1)
    FIELD(IDR1, NUMS2CB, 16, 8)
    FIELD(IDR1, NUMPAGENDXB, 28, 3)
    FIELD(IDR1, PAGESIZE, 31, 1)
REG32(IDR2, 0x028)
    FIELD(IDR2, IAS, 0, 4)
    FIELD(IDR2, OAS, 4, 4)
    FIELD(IDR2, UBS, 8, 4)
    FIELD(IDR2, PTFSV8_4KB, 12, 1)
    FIELD(IDR2, PTFSV8_16KB, 13, 1)
    FIELD(IDR2, PTFSV8_64KB, 14, 1)
    FIELD(IDR2, VMID16S, 15, 1)
REG32(IDR7, 0x03c)
    FIELD(IDR7, MINOR, 0, 4)
    FIELD(IDR7, MAJOR, 4, 4)

REG64(GFAR, 0x040)
REG32(GFSR, 0x048)
    FIELD(GFSR, ICF, 0, 1)          /* invalid context */
    FIELD(GFSR, USF, 1, 1)          /* unidentified stream */
    FIELD(GFSR, SMCF, 2, 1)         /* stream match conflict */
    FIELD(GFSR, UCBF, 3, 1)         /* unimplemented context bank */
    FIELD(GFSR, UCIF, 4, 1)         /* unimplemented context interrupt */
    FIELD(GFSR, CAF, 5, 1)          /* configuration access */
    FIELD(GFSR, EF, 6, 1)           /* external */
    FIELD(GFSR, PF, 7, 1)           /* permission */
    FIELD(GFSR, UUT, 8, 1)          /* unsupported upstream transaction */
    FIELD(GFSR, MULTI, 31, 1)
#define GFSR_ALL    0x800001ffu
/* Not governed by CR0.GFRE and GFIE but by GCFGFRE and GCFGFIE (3.8.3) */
#define GFSR_CONFIG R_GFSR_CAF_MASK
REG32(GFSRRESTORE, 0x04c)
REG32(GFSYNR0, 0x050)
    FIELD(GFSYNR0, NESTED, 0, 1)
    FIELD(GFSYNR0, WNR, 1, 1)
    FIELD(GFSYNR0, PNU, 2, 1)
    FIELD(GFSYNR0, IND, 3, 1)
    FIELD(GFSYNR0, NSSTATE, 4, 1)
    FIELD(GFSYNR0, NSATTR, 5, 1)
    FIELD(GFSYNR0, ATS, 6, 1)
REG32(GFSYNR1, 0x054)
    FIELD(GFSYNR1, STREAM_ID, 0, 16)
    FIELD(GFSYNR1, SSD_INDEX, 16, 16)
REG32(GFSYNR2, 0x058)

/* Global TLB maintenance; values written are the VMID or the VA, or ignored */
REG32(STLBIALL, 0x060)
REG32(TLBIVMID, 0x064)
REG32(TLBIALLNSNH, 0x068)
REG32(TLBIALLH, 0x06c)
REG32(TLBGSYNC, 0x070)
REG32(TLBGSTATUS, 0x074)
    FIELD(TLBGSTATUS, GSACTIVE, 0, 1)
REG32(TLBIVAH, 0x078)
/* TLB debug: implementation defined, MMU-500 */
REG32(DBGRPTRTBU, 0x080)
REG32(DBGRDATATBU, 0x084)
REG32(DBGRPTRTCU, 0x088)
REG32(DBGRDATATCU, 0x08c)
REG64(TLBIVALH64, 0x0b0)
REG32(TLBIVMIDS1, 0x0b8)
REG64(TLBIVAH64, 0x0c0)

/* Address translation operations (IDR0.ATOSNS = 0) */
REG64(GATS1UR, 0x100)
    FIELD(GATS1UR, NDX, 0, 8)       /* the stage 1 bank; the address above */
REG64(GATS1UW, 0x108)
REG64(GATS1PR, 0x110)
REG64(GATS1PW, 0x118)
REG64(GATS12UR, 0x120)
REG64(GATS12UW, 0x128)
REG64(GATS12PR, 0x130)
REG64(GATS12PW, 0x138)
REG64(GPAR, 0x180)                  /* as CB_PAR, but for ATOT */
REG32(GATSR, 0x188)
    FIELD(GATSR, ACTIVE, 0, 1)

REG32(SMR0, 0x800)                  /* SMRn, stride 4 */
    FIELD(SMR0, ID, 0, 15)
    FIELD(SMR0, MASK, 16, 15)
    FIELD(SMR0, VALID, 31, 1)
    /* the same with CR0.EXIDENABLE; S2CRn.EXIDVALID then holds VALID */
    FIELD(SMR0, EXID, 0, 16)
    FIELD(SMR0, EXMASK, 16, 16)
REG32(S2CR0, 0xc00)                 /* S2CRn, stride 4 */
    FIELD(S2CR0, CBNDX, 0, 8)
    FIELD(S2CR0, SHCFG, 8, 2)
    FIELD(S2CR0, EXIDVALID, 10, 1)
    FIELD(S2CR0, MTCFG, 11, 1)
    FIELD(S2CR0, MEMATTR, 12, 4)
    FIELD(S2CR0, TYPE, 16, 2)
    FIELD(S2CR0, NSCFG, 18, 2)
    FIELD(S2CR0, RACFG, 20, 2)
    FIELD(S2CR0, WACFG, 22, 2)
    FIELD(S2CR0, PRIVCFG, 24, 2)
    FIELD(S2CR0, INSTCFG, 26, 2)
    FIELD(S2CR0, TRANSIENTCFG, 28, 2)
enum {
    S2CR_TYPE_TRANSLATE = 0,
    S2CR_TYPE_BYPASS = 1,
    S2CR_TYPE_FAULT = 2,
    S2CR_TYPE_RESERVED = 3,
};
/* NSCFG of CR0, S2CR and SCTLR, where a stream is secure */
enum {
    NSCFG_DEFAULT = 0,
    NSCFG_SECURE = 2,
    NSCFG_NONSECURE = 3,
};
enum {
    S2CR_PRIVCFG_DEFAULT = 0,
    S2CR_PRIVCFG_RESERVED = 1,      /* DIPAN where IDR2.DIPANS is set */
    S2CR_PRIVCFG_UNPRIV = 2,
    S2CR_PRIVCFG_PRIV = 3,
};
enum {
    S2CR_INSTCFG_DEFAULT = 0,
    S2CR_INSTCFG_RESERVED = 1,
    S2CR_INSTCFG_DATA = 2,
    S2CR_INSTCFG_INSTRUCTION = 3,
};

/* Identification of the component: implementation defined, MMU-500 */
REG32(PIDR4, 0xfd0)
REG32(PIDR5, 0xfd4)
REG32(PIDR6, 0xfd8)
REG32(PIDR7, 0xfdc)
REG32(PIDR0, 0xfe0)
REG32(PIDR1, 0xfe4)
REG32(PIDR2, 0xfe8)
    FIELD(PIDR2, ARCH, 4, 4)        /* less one: the SMMU architecture */
REG32(PIDR3, 0xfec)
REG32(CIDR0, 0xff0)
REG32(CIDR1, 0xff4)
REG32(CIDR2, 0xff8)
REG32(CIDR3, 0xffc)

/* ---- Global Register Space 1 ---- */

REG32(CBAR0, 0x000)                 /* CBARn, stride 4 */
    FIELD(CBAR0, VMID, 0, 8)
    FIELD(CBAR0, CBNDX, 8, 8)       /* TYPE = nested: the stage 2 bank */
    FIELD(CBAR0, BPSHCFG, 8, 2)     /* TYPE = stage 1, stage 2 bypass */
    FIELD(CBAR0, HYPC, 10, 1)
    FIELD(CBAR0, FB, 11, 1)
    FIELD(CBAR0, MEMATTR, 12, 4)
    FIELD(CBAR0, TYPE, 16, 2)
    FIELD(CBAR0, BSU, 18, 2)
    FIELD(CBAR0, RACFG, 20, 2)
    FIELD(CBAR0, WACFG, 22, 2)
    FIELD(CBAR0, IRPTNDX, 24, 8)    /* SMMUv1 only: RES0 here */
enum {
    CBAR_TYPE_S2 = 0,
    CBAR_TYPE_S1_S2_BYPASS = 1,
    CBAR_TYPE_S1_S2_FAULT = 2,
    CBAR_TYPE_S1_S2 = 3,
};
REG32(CBFRSYNRA0, 0x400)            /* CBFRSYNRAn, stride 4 */
    FIELD(CBFRSYNRA0, STREAM_ID, 0, 16)
    FIELD(CBFRSYNRA0, SSD_INDEX, 16, 16)
REG32(CBA2R0, 0x800)                /* CBA2Rn, stride 4 */
    FIELD(CBA2R0, VA64, 0, 1)
    FIELD(CBA2R0, MONC, 1, 1)
    FIELD(CBA2R0, E2HC, 2, 1)
    FIELD(CBA2R0, VMID16, 16, 16)

/* ---- Performance monitors ---- */

/* In the size of an MMU-500 with six TBUs */
#define SMMUV2_PMU_GROUPS       6
#define SMMUV2_PMU_PER_GROUP    4
#define SMMUV2_PMU_COUNTERS     (SMMUV2_PMU_GROUPS * SMMUV2_PMU_PER_GROUP)

REG32(PMEVCNTR0, 0x000)             /* PMEVCNTRn, stride 4 */
REG32(PMEVTYPER0, 0x400)            /* PMEVTYPERn, stride 4 */
    FIELD(PMEVTYPER0, EVENT, 0, 8)
    FIELD(PMEVTYPER0, NSU, 28, 1)
    FIELD(PMEVTYPER0, NSP, 29, 1)
    FIELD(PMEVTYPER0, U, 30, 1)
    FIELD(PMEVTYPER0, P, 31, 1)
#define SMMUV2_PMEVTYPER_RW     0xf00000ffu
REG32(PMCGCR0, 0x800)               /* PMCGCRn, stride 4: counter groups */
    FIELD(PMCGCR0, NDX, 0, 8)
    FIELD(PMCGCR0, TCEFCFG, 8, 2)
    FIELD(PMCGCR0, CBAEN, 10, 1)
    FIELD(PMCGCR0, E, 11, 1)
    FIELD(PMCGCR0, X, 12, 1)
    FIELD(PMCGCR0, SIDG, 16, 7)
    FIELD(PMCGCR0, CGNC, 24, 4)
enum {
    PMCGCR_TCEFCFG_ALL = 0,
    PMCGCR_TCEFCFG_STREAM = 1,
    PMCGCR_TCEFCFG_BANK = 2,
};
REG32(PMCGSMR0, 0xa00)              /* PMCGSMRn, stride 4 */
    FIELD(PMCGSMR0, ID, 0, 16)
    FIELD(PMCGSMR0, MASK, 16, 16)
REG32(PMCNTENSET, 0xc00)
REG32(PMCNTENCLR, 0xc20)
REG32(PMINTENSET, 0xc40)
REG32(PMINTENCLR, 0xc60)
REG32(PMOVSCLR, 0xc80)
REG32(PMOVSSET, 0xcc0)
REG32(PMCFGR, 0xe00)
    FIELD(PMCFGR, N, 0, 8)          /* less one */
    FIELD(PMCFGR, SIZE, 8, 6)       /* less one */
    FIELD(PMCFGR, CC, 14, 1)
    FIELD(PMCFGR, CCD, 15, 1)
    FIELD(PMCFGR, EX, 16, 1)
    FIELD(PMCFGR, UEN, 19, 1)
    FIELD(PMCFGR, NCG, 24, 8)       /* less one */
#define SMMUV2_PMCFGR(groups, counters) \
    (((groups) - 1) << R_PMCFGR_NCG_SHIFT | 31 << R_PMCFGR_SIZE_SHIFT | \
     ((counters) - 1))
REG32(PMCR, 0xe04)
    FIELD(PMCR, E, 0, 1)
    FIELD(PMCR, P, 1, 1)
    FIELD(PMCR, X, 4, 1)
REG32(PMCEID0, 0xe20)
/* Events 0x00, 0x01, 0x08 to 0x0a, 0x10 to 0x12 */
#define SMMUV2_PMCEID0          0x00070703u
REG32(PMCEID1, 0xe24)
REG32(PMAUTHSTATUS, 0xfb8)
    FIELD(PMAUTHSTATUS, SNE, 6, 1)
    FIELD(PMAUTHSTATUS, SNI, 7, 1)
/* With one security state */
#define SMMUV2_PMAUTHSTATUS     (R_PMAUTHSTATUS_SNI_MASK | \
                                 R_PMAUTHSTATUS_SNE_MASK)
REG32(PMDEVTYPE, 0xfcc)

/* ---- Translation context bank ---- */

REG32(CB_SCTLR, 0x000)
    FIELD(CB_SCTLR, M, 0, 1)
    FIELD(CB_SCTLR, TRE, 1, 1)
    FIELD(CB_SCTLR, AFE, 2, 1)
    FIELD(CB_SCTLR, AFFD, 3, 1)
    FIELD(CB_SCTLR, E, 4, 1)
    FIELD(CB_SCTLR, CFRE, 5, 1)
    FIELD(CB_SCTLR, CFIE, 6, 1)
    FIELD(CB_SCTLR, CFCFG, 7, 1)
    FIELD(CB_SCTLR, HUPCF, 8, 1)
    FIELD(CB_SCTLR, WXN, 9, 1)
    FIELD(CB_SCTLR, UWXN, 10, 1)
    FIELD(CB_SCTLR, ASIDPNE, 12, 1) /* stage 1 */
    FIELD(CB_SCTLR, PTW, 13, 1)     /* stage 2 */
    FIELD(CB_SCTLR, TRANSIENTCFG, 14, 2)
    FIELD(CB_SCTLR, MEMATTR, 16, 4)
    FIELD(CB_SCTLR, MTCFG, 20, 1)
    FIELD(CB_SCTLR, FB, 21, 1)
    FIELD(CB_SCTLR, SHCFG, 22, 2)
    FIELD(CB_SCTLR, RACFG, 24, 2)
    FIELD(CB_SCTLR, WACFG, 26, 2)
    FIELD(CB_SCTLR, NSCFG, 28, 2)
REG32(CB_ACTLR, 0x004)              /* implementation defined: MMU-500 */
    FIELD(CB_ACTLR, CMTLB, 0, 1)
    FIELD(CB_ACTLR, CPRE, 1, 1)
REG32(CB_RESUME, 0x008)
    FIELD(CB_RESUME, TNR, 0, 1)     /* 1: terminate, 0: retry */
REG32(CB_TCR2, 0x010)               /* stage 1 */
    FIELD(CB_TCR2, PASIZE, 0, 3)
    FIELD(CB_TCR2, AS, 4, 1)
    FIELD(CB_TCR2, TBI0, 5, 1)
    FIELD(CB_TCR2, TBI1, 6, 1)
    FIELD(CB_TCR2, NSCFG0, 14, 1)
    FIELD(CB_TCR2, SEP, 15, 3)
    FIELD(CB_TCR2, NSCFG1, 30, 1)
#define CB_TCR2_SEP_UPSTREAM    7
REG64(CB_TTBR0, 0x020)
REG64(CB_TTBR1, 0x028)
    FIELD(CB_TTBR0, ASID, 48, 16)   /* AArch64 format */
REG32(CB_TCR, 0x030)
    FIELD(CB_TCR, T0SZ, 0, 6)
    FIELD(CB_TCR, EPD0, 7, 1)       /* stage 1 */
    FIELD(CB_TCR, SL0, 6, 2)        /* stage 2 */
    FIELD(CB_TCR, IRGN0, 8, 2)
    FIELD(CB_TCR, ORGN0, 10, 2)
    FIELD(CB_TCR, SH0, 12, 2)
    FIELD(CB_TCR, TG0, 14, 2)
    FIELD(CB_TCR, T1SZ, 16, 6)      /* stage 1 */
    FIELD(CB_TCR, PASIZE, 16, 3)    /* stage 2 */
    FIELD(CB_TCR, A1, 22, 1)
    FIELD(CB_TCR, EPD1, 23, 1)
    FIELD(CB_TCR, IRGN1, 24, 2)
    FIELD(CB_TCR, ORGN1, 26, 2)
    FIELD(CB_TCR, SH1, 28, 2)
    FIELD(CB_TCR, TG1, 30, 2)
    FIELD(CB_TCR, EAE, 31, 1)       /* AArch32: long descriptors */
    /* AArch32 stage 1; of short descriptors T0SZ (called N), PD0 and PD1 */
    FIELD(CB_TCR_AARCH32, T0SZ, 0, 3)
    FIELD(CB_TCR_AARCH32, PD0, 4, 1)
    FIELD(CB_TCR_AARCH32, PD1, 5, 1)
    FIELD(CB_TCR_AARCH32, T1SZ, 16, 3)
    /* AArch32 stage 2 */
    FIELD(CB_TCR_AARCH32_S2, T0SZ, 0, 4)    /* signed */
    FIELD(CB_TCR_AARCH32_S2, S, 4, 1)       /* its sign */
REG32(CB_CONTEXTIDR, 0x034)
    FIELD(CB_CONTEXTIDR, ASID, 0, 8)        /* short descriptors */
REG32(CB_MAIR0, 0x038)              /* PRRR of short descriptors */
REG32(CB_MAIR1, 0x03c)              /* NMRR */
REG64(CB_PAR, 0x050)
    FIELD(CB_PAR, F, 0, 1)
    /* a fault: kinds in 7:1, where FSR has them */
    FIELD(CB_PAR, FORMAT, 8, 2)
    FIELD(CB_PAR, ICF, 29, 1)
    FIELD(CB_PAR, UCBF, 30, 1)      /* GPAR */
    FIELD(CB_PAR, ATOT, 31, 1)      /* a bank's PAR */
    FIELD(CB_PAR, PLVL, 32, 2)
    FIELD(CB_PAR, STAGE, 35, 1)
    /* an address in 47:12, by tables of 8-byte descriptors */
    FIELD(CB_PAR, SH, 7, 2)
    FIELD(CB_PAR, MATTR, 56, 8)
    /* an address in 31:12, by the short format */
    FIELD(CB_PAR_SHORT, SS, 1, 1)
    FIELD(CB_PAR_SHORT, OUTER, 2, 2)
    FIELD(CB_PAR_SHORT, INNER, 4, 3)
    FIELD(CB_PAR_SHORT, SH, 7, 1)
    FIELD(CB_PAR_SHORT, NOS, 10, 1)
REG32(CB_FSR, 0x058)
    FIELD(CB_FSR, TF, 1, 1)         /* translation */
    FIELD(CB_FSR, AFF, 2, 1)        /* access flag */
    FIELD(CB_FSR, PF, 3, 1)         /* permission */
    FIELD(CB_FSR, EF, 4, 1)         /* external */
    FIELD(CB_FSR, TLBMCF, 5, 1)     /* TLB match conflict */
    FIELD(CB_FSR, TLBLKF, 6, 1)     /* TLB lock */
    FIELD(CB_FSR, ASF, 7, 1)        /* address size */
    FIELD(CB_FSR, UUT, 8, 1)
    FIELD(CB_FSR, FORMAT, 9, 2)
    FIELD(CB_FSR, SS, 30, 1)        /* stalled */
    FIELD(CB_FSR, MULTI, 31, 1)
#define CB_FSR_FAULTS   0x1feu      /* what raises the interrupt */
#define CB_FSR_W1C      (CB_FSR_FAULTS | R_CB_FSR_MULTI_MASK)
enum {
    CB_FSR_FORMAT_AARCH32_SHORT = 0,
    CB_FSR_FORMAT_AARCH32_LONG = 1,
    CB_FSR_FORMAT_AARCH64 = 2,
};
REG32(CB_FSRRESTORE, 0x05c)
REG64(CB_FAR, 0x060)
REG32(CB_FSYNR0, 0x068)
    FIELD(CB_FSYNR0, PLVL, 0, 2)
    FIELD(CB_FSYNR0, NESTED, 2, 1)  /* stage 2, of a nested context */
    FIELD(CB_FSYNR0, S1PTWF, 3, 1)  /* stage 2 fault on a stage 1 table walk */
    FIELD(CB_FSYNR0, WNR, 4, 1)
    FIELD(CB_FSYNR0, PNU, 5, 1)
    FIELD(CB_FSYNR0, IND, 6, 1)
    FIELD(CB_FSYNR0, NSATTR, 8, 1)
    FIELD(CB_FSYNR0, ATOF, 9, 1)
    FIELD(CB_FSYNR0, PTWF, 10, 1)   /* external fault on a table walk */
    FIELD(CB_FSYNR0, AFR, 11, 1)
    FIELD(CB_FSYNR0, S1CBNDX, 16, 8)
REG32(CB_FSYNR1, 0x06c)
REG64(CB_IPAFAR, 0x070)

/* TLB maintenance by context bank */
REG64(CB_TLBIVA, 0x600)
REG64(CB_TLBIVAA, 0x608)
REG32(CB_TLBIASID, 0x610)
REG32(CB_TLBIALL, 0x618)
REG64(CB_TLBIVAL, 0x620)
REG64(CB_TLBIVAAL, 0x628)
    /* AArch64 format: VA[55:12] in [43:0], ASID in [63:48] */
    FIELD(CB_TLBIVA, VA, 0, 44)
    FIELD(CB_TLBIVA, ASID, 48, 16)
    /* AArch32 formats: VA[31:12] in place, ASID below; the upper half unused */
    FIELD(CB_TLBIVA_AARCH32, ASID, 0, 8)
    FIELD(CB_TLBIVA_AARCH32, VA, 12, 20)
REG64(CB_TLBIIPAS2, 0x630)
REG64(CB_TLBIIPAS2L, 0x638)
    FIELD(CB_TLBIIPAS2, IPA, 0, 36)         /* IPA[47:12] */
    FIELD(CB_TLBIIPAS2_AARCH32, IPA, 0, 28) /* IPA[39:12] */
REG64(CB_ATS1PR, 0x800)
REG64(CB_ATS1PW, 0x808)
REG64(CB_ATS1UR, 0x810)
REG64(CB_ATS1UW, 0x818)
REG32(CB_ATSR, 0x8f0)
    FIELD(CB_ATSR, ACTIVE, 0, 1)
REG32(CB_TLBSYNC, 0x7f0)
REG32(CB_TLBSTATUS, 0x7f4)
    FIELD(CB_TLBSTATUS, SACTIVE, 0, 1)

/* A counter group that is revealed in the bank */
#define SMMUV2_CB_PMU   0xe00       /* from here on */
REG32(CB_PMEVCNTR0, 0xe00)          /* stride 4 */
REG32(CB_PMEVTYPER0, 0xe80)         /* stride 4 */
REG32(CB_PMCFGR, 0xf00)
REG32(CB_PMCR, 0xf04)
REG32(CB_PMCEID0, 0xf20)
REG32(CB_PMCNTENSET, 0xf40)
REG32(CB_PMCNTENCLR, 0xf44)
REG32(CB_PMINTENSET, 0xf48)
REG32(CB_PMINTENCLR, 0xf4c)
REG32(CB_PMOVSCLR, 0xf50)
REG32(CB_PMOVSSET, 0xf58)
REG32(CB_PMAUTHSTATUS, 0xfb8)

#endif
