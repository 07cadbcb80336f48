/*
 * Arm SMMUv2 register table: unit tests
 *
 * Every row is compared with a second source: offsets and bits were written
 * down from Linux (drivers/iommu/arm/arm-smmu/arm-smmu.h), from the SMMU-500 of
 * Xilinx's QEMU (hw/misc/arm-smmu.c), from Cavium's description of the SMMU of
 * ThunderX and from IHI 0062D, as numbers.  Then each row is driven: reset,
 * bits that a write reaches, ones that a one clears, halves, and what is not
 * there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/arm/smmuv2/smmuv2-mmu500.h"
#include "hw/arm/smmuv2/smmuv2-regtable.h"
#include "test-util.h"

#define GR0     SMMUV2_FRAME_GR0
#define GR1     SMMUV2_FRAME_GR1
#define CB      SMMUV2_FRAME_CB
#define PM      SMMUV2_FRAME_PM
#define SMRG    SMMUV2_PER_SMRG
#define ALL     UINT64_MAX

/* What a row has to be.  rw: with all that IDR0, IDR2 and options add. */
static const struct {
    SMMUv2Frame frame;
    uint16_t offset;
    uint8_t size;
    SMMUv2RegCount count;
    uint64_t reset, rw, w1c, w1s;
} rows[] = {
    { GR0, 0x000, 4, 0, 0x00200001, 0x8ffffdff },       /* CR0 */
    { GR0, 0x008, 4, 0, 0, 0xff },                      /* CR2 */
    { GR0, 0x010, 4, 0, 0x0400001c, 0x0700071c },       /* ACR */
    { GR0, 0x020, 4 }, { GR0, 0x024, 4 }, { GR0, 0x028, 4 },    /* IDR0.. */
    { GR0, 0x02c, 4 }, { GR0, 0x030, 4 }, { GR0, 0x034, 4 },
    { GR0, 0x038, 4 }, { GR0, 0x03c, 4 },
    { GR0, 0x040, 8, 0, 0, ALL },                       /* GFAR */
    { GR0, 0x048, 4, 0, 0, 0, 0x800001ff },             /* GFSR */
    { GR0, 0x04c, 4 },                                  /* GFSRRESTORE */
    { GR0, 0x050, 4, 0, 0, 0x7f },                      /* GFSYNR0 */
    { GR0, 0x054, 4, 0, 0, 0xffffffff },                /* GFSYNR1 */
    { GR0, 0x058, 4 },                                  /* GFSYNR2 */
    { GR0, 0x060, 4 }, { GR0, 0x064, 4 },       /* STLBIALL, TLBIVMID */
    { GR0, 0x068, 4 }, { GR0, 0x06c, 4 },       /* TLBIALLNSNH, TLBIALLH */
    { GR0, 0x070, 4 }, { GR0, 0x074, 4 },       /* TLBGSYNC, TLBGSTATUS */
    { GR0, 0x078, 4 },                                  /* TLBIVAH */
    { GR0, 0x080, 4 }, { GR0, 0x084, 4 },       /* DBGR{PTR,DATA}TBU */
    { GR0, 0x088, 4 }, { GR0, 0x08c, 4 },       /* DBGR{PTR,DATA}TCU */
    { GR0, 0x0b0, 8 },                                  /* TLBIVALH64 */
    { GR0, 0x0b8, 4 },                                  /* TLBIVMIDS1 */
    { GR0, 0x0c0, 8 },                                  /* TLBIVAH64 */
    { GR0, 0x800, 4, SMRG, 0, 0xffffffff },             /* SMR */
    { GR0, 0xc00, 4, SMRG, 0, 0x3fffffff },             /* S2CR */
    { GR0, 0xfd0, 4, 0, 0x04 },                         /* PIDR4 */
    { GR0, 0xfd4, 4, 0, 0x00 },                         /* PIDR5 */
    { GR0, 0xfd8, 4, 0, 0x00 },                         /* PIDR6 */
    { GR0, 0xfdc, 4, 0, 0x00 },                         /* PIDR7 */
    { GR0, 0xfe0, 4, 0, 0x81 },                         /* PIDR0 */
    { GR0, 0xfe4, 4, 0, 0xb4 },                         /* PIDR1 */
    { GR0, 0xfe8, 4, 0, 0x1b },                         /* PIDR2 */
    { GR0, 0xfec, 4, 0, 0x00 },                         /* PIDR3 */
    { GR0, 0xff0, 4, 0, 0x0d },                         /* CIDR0 */
    { GR0, 0xff4, 4, 0, 0xf0 },                         /* CIDR1 */
    { GR0, 0xff8, 4, 0, 0x05 },                         /* CIDR2 */
    { GR0, 0xffc, 4, 0, 0xb1 },                         /* CIDR3 */
    { GR1, 0x000, 4, SMMUV2_PER_CB, 0, 0x00ffffff },    /* CBAR */
    { GR1, 0x400, 4, SMMUV2_PER_CB, 0, 0xffffffff },    /* CBFRSYNRA */
    { GR1, 0x800, 4, SMMUV2_PER_CB, 0, 0xffff0007 },    /* CBA2R */
    { PM, 0x000, 4, SMMUV2_PER_COUNTER, 0, 0xffffffff }, /* PMEVCNTR */
    { PM, 0x400, 4, SMMUV2_PER_COUNTER, 0, 0xf00000ff }, /* PMEVTYPER */
    { PM, 0x800, 4, SMMUV2_PER_GROUP, 0x04000000, 0xfff }, /* PMCGCR */
    { PM, 0xa00, 4, SMMUV2_PER_GROUP, 0, 0xffffffff },  /* PMCGSMR */
    { PM, 0xc00, 4, 0, 0, 0, 0, 0x00ffffff },           /* PMCNTENSET */
    { PM, 0xc20, 4, 0, 0, 0, 0x00ffffff },              /* PMCNTENCLR */
    { PM, 0xc40, 4, 0, 0, 0, 0, 0x00ffffff },           /* PMINTENSET */
    { PM, 0xc60, 4, 0, 0, 0, 0x00ffffff },              /* PMINTENCLR */
    { PM, 0xc80, 4, 0, 0, 0, 0x00ffffff },              /* PMOVSCLR */
    { PM, 0xcc0, 4, 0, 0, 0, 0, 0x00ffffff },           /* PMOVSSET */
    { PM, 0xe00, 4, 0, 0x05001f17 },                    /* PMCFGR */
    { PM, 0xe04, 4, 0, 0, 0x1 },                        /* PMCR */
    { PM, 0xe20, 4, 0, 0x00070703 }, { PM, 0xe24, 4 },  /* PMCEID */
    { PM, 0xfb8, 4, 0, 0xc0 },                          /* PMAUTHSTATUS */
    { PM, 0xfcc, 4, 0, 0x56 },                          /* PMDEVTYPE */
    { CB, 0x000, 4, 0, 0, 0x3ffff7ff },                 /* SCTLR */
    { CB, 0x004, 4, 0, 0x3, 0x3 },                      /* ACTLR */
    { CB, 0x008, 4 },                                   /* RESUME */
    { CB, 0x010, 4, 0, 0, 0x4003c077 },                 /* TCR2 */
    { CB, 0x020, 8, 0, 0, ALL },                        /* TTBR0 */
    { CB, 0x028, 8, 0, 0, ALL },                        /* TTBR1 */
    { CB, 0x030, 4, 0, 0, 0xffffffff },                 /* TCR */
    { CB, 0x034, 4, 0, 0, 0xffffffff },                 /* CONTEXTIDR */
    { CB, 0x038, 4, 0, 0, 0xffffffff },                 /* MAIR0 */
    { CB, 0x03c, 4, 0, 0, 0xffffffff },                 /* MAIR1 */
    { CB, 0x058, 4, 0, 0, 0, 0x800001fe },              /* FSR */
    { CB, 0x05c, 4 },                                   /* FSRRESTORE */
    { CB, 0x060, 8, 0, 0, ALL },                        /* FAR */
    { CB, 0x068, 4, 0, 0, 0x00ff0f7f },                 /* FSYNR0 */
    { CB, 0x06c, 4, 0, 0, 0xffffffff },                 /* FSYNR1 */
    { CB, 0x070, 8, 0, 0, ALL },                        /* IPAFAR */
    { CB, 0x600, 8 }, { CB, 0x608, 8 },         /* TLBIVA, TLBIVAA */
    { CB, 0x610, 4 }, { CB, 0x618, 4 },         /* TLBIASID, TLBIALL */
    { CB, 0x620, 8 }, { CB, 0x628, 8 },         /* TLBIVAL, TLBIVAAL */
    { CB, 0x630, 8 }, { CB, 0x638, 8 },         /* TLBIIPAS2, ..L */
    { CB, 0x7f0, 4 }, { CB, 0x7f4, 4 },         /* TLBSYNC, TLBSTATUS */
};

/* Fields, as masks: of the model and of the other sources */
#define SAME(reg, field, mask) \
    { #reg "." #field, R_##reg##_##field##_MASK, mask }

static const struct {
    const char *name;
    uint64_t ours, theirs;
} fields[] = {
    /* Linux */
    SAME(CR0, VMID16EN, 0x80000000), SAME(CR0, BSU, 0xc000),
    SAME(CR0, FB, 0x2000), SAME(CR0, PTM, 0x1000), SAME(CR0, VMIDPNE, 0x800),
    SAME(CR0, USFCFG, 0x400), SAME(CR0, GCFGFIE, 0x20),
    SAME(CR0, GCFGFRE, 0x10), SAME(CR0, EXIDENABLE, 0x8),
    SAME(CR0, GFIE, 0x4), SAME(CR0, GFRE, 0x2), SAME(CR0, CLIENTPD, 0x1),
    SAME(IDR0, S1TS, 0x40000000), SAME(IDR0, S2TS, 0x20000000),
    SAME(IDR0, NTS, 0x10000000), SAME(IDR0, SMS, 0x08000000),
    SAME(IDR0, ATOSNS, 0x04000000), SAME(IDR0, PTFS, 0x03000000),
    SAME(IDR0, NUMIRPT, 0x00ff0000), SAME(IDR0, CTTW, 0x4000),
    SAME(IDR0, NUMSIDB, 0x1e00), SAME(IDR0, EXIDS, 0x100),
    SAME(IDR0, NUMSMRG, 0xff),
    SAME(IDR1, PAGESIZE, 0x80000000), SAME(IDR1, NUMPAGENDXB, 0x70000000),
    SAME(IDR1, NUMS2CB, 0x00ff0000), SAME(IDR1, NUMCB, 0xff),
    SAME(IDR2, VMID16S, 0x8000), SAME(IDR2, PTFSV8_64KB, 0x4000),
    SAME(IDR2, PTFSV8_16KB, 0x2000), SAME(IDR2, PTFSV8_4KB, 0x1000),
    SAME(IDR2, UBS, 0xf00), SAME(IDR2, OAS, 0xf0), SAME(IDR2, IAS, 0xf),
    SAME(IDR7, MAJOR, 0xf0), SAME(IDR7, MINOR, 0xf),
    SAME(GFSR, USF, 0x2), SAME(TLBGSTATUS, GSACTIVE, 0x1),
    SAME(SMR0, VALID, 0x80000000), SAME(SMR0, EXMASK, 0xffff0000),
    SAME(SMR0, EXID, 0xffff),
    SAME(S2CR0, PRIVCFG, 0x03000000), SAME(S2CR0, TYPE, 0x00030000),
    SAME(S2CR0, EXIDVALID, 0x400), SAME(S2CR0, CBNDX, 0xff),
    SAME(CBAR0, IRPTNDX, 0xff000000), SAME(CBAR0, TYPE, 0x00030000),
    SAME(CBAR0, MEMATTR, 0xf000), SAME(CBAR0, BPSHCFG, 0x300),
    SAME(CBAR0, VMID, 0xff),
    SAME(CBA2R0, VMID16, 0xffff0000), SAME(CBA2R0, VA64, 0x1),
    SAME(CB_SCTLR, ASIDPNE, 0x1000), SAME(CB_SCTLR, CFCFG, 0x80),
    SAME(CB_SCTLR, HUPCF, 0x100), SAME(CB_SCTLR, CFIE, 0x40),
    SAME(CB_SCTLR, CFRE, 0x20), SAME(CB_SCTLR, E, 0x10),
    SAME(CB_SCTLR, AFE, 0x4), SAME(CB_SCTLR, TRE, 0x2),
    SAME(CB_SCTLR, M, 0x1), SAME(CB_RESUME, TNR, 0x1),
    SAME(CB_TCR2, SEP, 0x38000), SAME(CB_TCR2, AS, 0x10),
    SAME(CB_TTBR0, ASID, 0xffff000000000000),
    SAME(CB_TCR, EAE, 0x80000000), SAME(CB_TCR, EPD1, 0x00800000),
    SAME(CB_TCR, A1, 0x00400000), SAME(CB_TCR, TG0, 0xc000),
    SAME(CB_TCR, SH0, 0x3000), SAME(CB_TCR, ORGN0, 0xc00),
    SAME(CB_TCR, IRGN0, 0x300), SAME(CB_TCR, EPD0, 0x80),
    SAME(CB_TCR, T0SZ, 0x3f), SAME(CB_TCR, PASIZE, 0x70000),
    SAME(CB_TCR, SL0, 0xc0),
    SAME(CB_FSR, MULTI, 0x80000000), SAME(CB_FSR, SS, 0x40000000),
    SAME(CB_FSR, UUT, 0x100), SAME(CB_FSR, ASF, 0x80),
    SAME(CB_FSR, TLBLKF, 0x40), SAME(CB_FSR, TLBMCF, 0x20),
    SAME(CB_FSR, EF, 0x10), SAME(CB_FSR, PF, 0x8), SAME(CB_FSR, AFF, 0x4),
    SAME(CB_FSR, TF, 0x2), SAME(CB_FSYNR0, WNR, 0x10),
    /* Xilinx */
    SAME(CR0, WACFG, 0x0c000000), SAME(CR0, RACFG, 0x03000000),
    SAME(CR0, SHCFG, 0x00c00000), SAME(CR0, SMCFCFG, 0x00200000),
    SAME(CR0, MTCFG, 0x00100000), SAME(CR0, MEMATTR, 0x000f0000),
    SAME(CR0, GSE, 0x200), SAME(CR0, STALLD, 0x100),
    SAME(CR0, TRANSIENTCFG, 0xc0), SAME(CR0, NSCFG, 0x30000000),
    SAME(ACR, CACHE_LOCK, 0x04000000), SAME(ACR, S2CRB_TLBEN, 0x400),
    SAME(ACR, MMUDISB_TLBEN, 0x200), SAME(ACR, SMTNMB_TLBEN, 0x100),
    SAME(ACR, IPA2PA_CEN, 0x10), SAME(ACR, S2WC2EN, 0x8),
    SAME(ACR, S1WC2EN, 0x4),
    SAME(IDR0, SES, 0x80000000), SAME(IDR0, BTM, 0x2000),
    SAME(IDR1, SMCD, 0x8000), SAME(IDR1, NUMSSDNDXB, 0xf00),
    SAME(GFSR, MULTI, 0x80000000), SAME(GFSR, UUT, 0x100),
    SAME(GFSR, PF, 0x80), SAME(GFSR, EF, 0x40), SAME(GFSR, CAF, 0x20),
    SAME(GFSR, UCIF, 0x10), SAME(GFSR, UCBF, 0x8), SAME(GFSR, SMCF, 0x4),
    SAME(GFSR, ICF, 0x1),
    SAME(GFSYNR0, ATS, 0x40), SAME(GFSYNR0, NSATTR, 0x20),
    SAME(GFSYNR0, NSSTATE, 0x10), SAME(GFSYNR0, IND, 0x8),
    SAME(GFSYNR0, PNU, 0x4), SAME(GFSYNR0, WNR, 0x2),
    SAME(GFSYNR0, NESTED, 0x1),
    SAME(S2CR0, TRANSIENTCFG, 0x30000000), SAME(S2CR0, INSTCFG, 0x0c000000),
    SAME(S2CR0, WACFG, 0x00c00000), SAME(S2CR0, RACFG, 0x00300000),
    SAME(S2CR0, NSCFG, 0x000c0000), SAME(S2CR0, MEMATTR, 0xf000),
    SAME(S2CR0, MTCFG, 0x800), SAME(S2CR0, SHCFG, 0x300),
    SAME(SMR0, MASK, 0x7fff0000), SAME(SMR0, ID, 0x7fff),
    SAME(CBAR0, WACFG, 0x00c00000), SAME(CBAR0, RACFG, 0x00300000),
    SAME(CBAR0, BSU, 0x000c0000), SAME(CBAR0, FB, 0x800),
    SAME(CBAR0, HYPC, 0x400), SAME(CBAR0, CBNDX, 0xff00),
    SAME(CBA2R0, MONC, 0x2),
    SAME(CB_SCTLR, NSCFG, 0x30000000), SAME(CB_SCTLR, WACFG, 0x0c000000),
    SAME(CB_SCTLR, RACFG, 0x03000000), SAME(CB_SCTLR, SHCFG, 0x00c00000),
    SAME(CB_SCTLR, FB, 0x00200000), SAME(CB_SCTLR, MTCFG, 0x00100000),
    SAME(CB_SCTLR, MEMATTR, 0x000f0000),
    SAME(CB_SCTLR, TRANSIENTCFG, 0xc000), SAME(CB_SCTLR, PTW, 0x2000),
    SAME(CB_SCTLR, UWXN, 0x400), SAME(CB_SCTLR, WXN, 0x200),
    SAME(CB_SCTLR, AFFD, 0x8),
    SAME(CB_ACTLR, CPRE, 0x2), SAME(CB_ACTLR, CMTLB, 0x1),
    SAME(CB_TCR2, NSCFG1, 0x40000000), SAME(CB_TCR2, NSCFG0, 0x4000),
    SAME(CB_TCR2, TBI1, 0x40), SAME(CB_TCR2, TBI0, 0x20),
    SAME(CB_TCR2, PASIZE, 0x7),
    SAME(CB_TCR, SH1, 0x30000000), SAME(CB_TCR, ORGN1, 0x0c000000),
    SAME(CB_TCR, IRGN1, 0x03000000),
    SAME(CB_FSR, FORMAT, 0x600),
    SAME(CB_FSYNR0, S1CBNDX, 0x00ff0000), SAME(CB_FSYNR0, AFR, 0x800),
    SAME(CB_FSYNR0, PTWF, 0x400), SAME(CB_FSYNR0, ATOF, 0x200),
    SAME(CB_FSYNR0, NSATTR, 0x100), SAME(CB_FSYNR0, IND, 0x40),
    SAME(CB_FSYNR0, PNU, 0x20), SAME(CB_FSYNR0, PLVL, 0x3),
    /* Cavium */
    SAME(CB_FSYNR0, S1PTWF, 0x8),
    SAME(CB_TLBIVA, VA, 0x00000fffffffffff),
    SAME(CB_TLBIVA, ASID, 0xffff000000000000),
    SAME(CB_TLBIIPAS2, IPA, 0x0000000fffffffff),
    SAME(CB_TCR, T1SZ, 0x003f0000), SAME(CB_TCR, TG1, 0xc0000000),
    /* IHI 0062D, and for most of them Arm's SMMU PMU driver */
    SAME(PMEVTYPER0, P, 0x80000000), SAME(PMEVTYPER0, U, 0x40000000),
    SAME(PMEVTYPER0, NSP, 0x20000000), SAME(PMEVTYPER0, NSU, 0x10000000),
    SAME(PMEVTYPER0, EVENT, 0xff),
    SAME(PMCGCR0, CGNC, 0x0f000000), SAME(PMCGCR0, SIDG, 0x007f0000),
    SAME(PMCGCR0, X, 0x1000), SAME(PMCGCR0, E, 0x800),
    SAME(PMCGCR0, CBAEN, 0x400), SAME(PMCGCR0, TCEFCFG, 0x300),
    SAME(PMCGCR0, NDX, 0xff),
    SAME(PMCGSMR0, MASK, 0xffff0000), SAME(PMCGSMR0, ID, 0xffff),
    SAME(PMCFGR, NCG, 0xff000000), SAME(PMCFGR, UEN, 0x00080000),
    SAME(PMCFGR, EX, 0x00010000), SAME(PMCFGR, CCD, 0x8000),
    SAME(PMCFGR, CC, 0x4000), SAME(PMCFGR, SIZE, 0x3f00),
    SAME(PMCFGR, N, 0xff),
    SAME(PMCR, X, 0x10), SAME(PMCR, P, 0x2), SAME(PMCR, E, 0x1),
};

static SMMUv2Regs regs;

static SMMUv2RegRef find(SMMUv2Frame frame, unsigned bank, unsigned offset)
{
    return smmuv2_reg_find(frame, bank, offset, SMMUV2_MAX_SMRG,
                           SMMUV2_MAX_CB);
}

static unsigned count_of(int row)
{
    return rows[row].count == SMRG ? 128 :
           rows[row].count == SMMUV2_PER_CB ? 128 :
           rows[row].count == SMMUV2_PER_COUNTER ? 24 :
           rows[row].count == SMMUV2_PER_GROUP ? 6 : 1;
}

/* Counter group n is affiliated with StreamID group n: PMCGCRn.SIDG */
static uint64_t reset_of(int row, unsigned n)
{
    return rows[row].reset +
           (rows[row].count == SMMUV2_PER_GROUP && rows[row].reset ?
            n << 16 : 0);
}

/* All optional features there, and all registers at reset */
static void setup(void)
{
    memset(&regs, 0xa5, sizeof(regs));
    memset(regs.idr, 0, sizeof(regs.idr));
    regs.idr[0] = 0x08000100;
    regs.idr[2] = 0x8000;
    regs.options = SMMUV2_CONFIG_FAULTS;
    smmuv2_regs_reset(&regs);
    /* So that SMR has all bits */
    regs.cr0 |= 0x8;
}

static void test_fields(void)
{
    for (int i = 0; i < ARRAY_SIZE(fields); i++) {
        if (fields[i].ours != fields[i].theirs) {
            g_test_message("%s: 0x%" PRIx64 ", elsewhere 0x%" PRIx64,
                           fields[i].name, fields[i].ours, fields[i].theirs);
            g_test_fail();
        }
    }
}

/* Table and list have the same rows, in any order */
static void test_rows(void)
{
    g_assert_cmpint(smmuv2_num_regs, ==, ARRAY_SIZE(rows));
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        SMMUv2RegRef ref = find(rows[i].frame, 0, rows[i].offset);

        if (!ref.reg) {
            g_test_message("frame %d offset 0x%x: missing", rows[i].frame,
                           rows[i].offset);
            g_test_fail();
            continue;
        }
        g_assert_cmphex(ref.reg->offset, ==, rows[i].offset);
        g_assert_cmpint(ref.reg->frame, ==, rows[i].frame);
        g_assert_cmpint(ref.reg->size, ==, rows[i].size);
        g_assert_cmpint(ref.reg->count, ==, rows[i].count);
        g_assert_cmphex(ref.reg->reset, ==, rows[i].reset);
        g_assert_cmphex(ref.reg->w1c, ==, rows[i].w1c);
        g_assert_cmphex(ref.reg->w1s, ==, rows[i].w1s);
        if (ref.reg->rw != rows[i].rw) {
            g_test_message("%s: bits 0x%" PRIx64 " can be written, should be "
                           "0x%" PRIx64, ref.reg->name, ref.reg->rw,
                           rows[i].rw);
            g_test_fail();
        }
    }
}

static void test_find(void)
{
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        for (unsigned n = 0; n < count_of(i); n++) {
            unsigned offset = rows[i].offset + n * rows[i].size;
            unsigned bank = rows[i].frame == CB ? 5 : 0;

            for (unsigned half = 0; half < rows[i].size; half += 4) {
                SMMUv2RegRef ref = find(rows[i].frame, bank, offset + half);

                g_assert_nonnull(ref.reg);
                g_assert_cmphex(ref.reg->offset, ==, rows[i].offset);
                g_assert_cmpint(ref.index, ==, bank ?: n);
            }
        }
    }
}

/* No two rows share an offset; the rest is reserved */
static void test_reserved(void)
{
    static uint8_t owners[SMMUV2_NUM_FRAMES][0x4000];

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        unsigned bytes = count_of(i) * rows[i].size;

        g_assert_cmpint(rows[i].offset + bytes, <=, SMMUV2_FRAME_SIZE);
        for (unsigned b = 0; b < bytes; b++) {
            owners[rows[i].frame][rows[i].offset + b]++;
        }
    }
    for (int frame = 0; frame < SMMUV2_NUM_FRAMES; frame++) {
        for (unsigned offset = 0; offset < 0x4000; offset += 4) {
            g_assert_cmpint(owners[frame][offset], <=, 1);
            g_assert_true(!!find(frame, 0, offset).reg ==
                          owners[frame][offset]);
        }
    }
    g_assert_null(find(CB, 0, 0x10000).reg);
    g_assert_null(find(CB, 0, UINT_MAX & ~3u).reg);
}

static void test_beyond_implemented(void)
{
    for (unsigned n = 1; n <= SMMUV2_MAX_SMRG; n++) {
        g_assert_nonnull(smmuv2_reg_find(GR0, 0, 0x800 + 4 * (n - 1), n,
                                         1).reg);
        g_assert_nonnull(smmuv2_reg_find(GR0, 0, 0xc00 + 4 * (n - 1), n,
                                         1).reg);
        g_assert_null(smmuv2_reg_find(GR0, 0, 0x800 + 4 * n, n, 128).reg);
        g_assert_null(smmuv2_reg_find(GR0, 0, 0xc00 + 4 * n, n, 128).reg);
        g_assert_nonnull(smmuv2_reg_find(GR1, 0, 4 * (n - 1), 1, n).reg);
        for (unsigned offset = 0; offset <= 0x800; offset += 0x400) {
            g_assert_null(smmuv2_reg_find(GR1, 0, offset + 4 * n, 128, n).reg);
        }
    }
}

static void test_reset(void)
{
    uint32_t idr[8] = { 1, 2, 3, 4, 5, 6, 7, 8 };

    memset(&regs, 0xff, sizeof(regs));
    memcpy(regs.idr, idr, sizeof(idr));
    regs.options = 1;
    smmuv2_regs_reset(&regs);
    g_assert_cmpmem(regs.idr, sizeof(idr), idr, sizeof(idr));
    g_assert_cmphex(regs.options, ==, 1);
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        bool id = rows[i].frame == GR0 && rows[i].offset >= 0x20 &&
                  rows[i].offset < 0x40;

        for (unsigned n = 0;
             n < (rows[i].frame == CB ? 128 : count_of(i)) && !id; n++) {
            SMMUv2RegRef ref = find(rows[i].frame,
                                    rows[i].frame == CB ? n : 0,
                                    rows[i].offset + (rows[i].count ?
                                                      4 * n : 0));

            g_assert_cmphex(smmuv2_reg_read(&regs, ref), ==,
                            reset_of(i, n));
        }
    }
}

/* What may change in a register with @old when @value is written to @mask */
static uint64_t after(int row, const SMMUv2Reg *reg, uint64_t old,
                      uint64_t value, uint64_t mask)
{
    uint64_t result = 0;

    if (reg->store < 0) {
        return rows[row].reset;
    }
    for (int bit = 0; bit < 8 * rows[row].size; bit++) {
        uint64_t b = 1ull << bit;
        bool is = old & b;

        if (mask & reg->rw & b) {
            is = value & b;
        } else if (mask & rows[row].w1c & value & b) {
            is = false;
        } else if (mask & rows[row].w1s & value & b) {
            is = true;
        }
        result |= is ? b : 0;
    }
    return result;
}

static void test_write(void)
{
    uint64_t rng = test_seed();
    static const uint64_t patterns[] = {
        0, UINT64_MAX, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa,
        0x0123456789abcdef,
    };

    for (int i = 0; i < ARRAY_SIZE(rows) && !g_test_failed(); i++) {
        for (int n = 0; n < 200; n++) {
            unsigned index = rnd(&rng, count_of(i));
            unsigned bank = rows[i].frame == CB ? rnd(&rng, 128) : 0;
            SMMUv2RegRef ref = find(rows[i].frame, bank,
                                    rows[i].offset + 4 * index);
            uint64_t old, value, mask, expected;
            SMMUv2Regs before;

            setup();
            regs.gfsr = rnd64(&rng);
            regs.cb[bank].fsr = rnd64(&rng);
            regs.idr[3] = rnd64(&rng);
            regs.pmcnten = regs.pmovs = rnd64(&rng);
            before = regs;
            old = smmuv2_reg_read(&regs, ref);
            value = n < ARRAY_SIZE(patterns) ? patterns[n] : rnd64(&rng);
            mask = rows[i].size == 4 ? MAKE_64BIT_MASK(0, 32) :
                   one_in(&rng, 3) ? MAKE_64BIT_MASK(0, 32) :
                   one_in(&rng, 2) ? MAKE_64BIT_MASK(32, 32) : UINT64_MAX;
            if (rows[i].size == 4) {
                value &= MAKE_64BIT_MASK(0, 32);
            }
            smmuv2_reg_write(&regs, ref, value, mask);
            expected = after(i, ref.reg, old, value, mask);
            if (ref.reg->offset == 0 && rows[i].frame == GR0) {
                regs.cr0 |= 8;
                expected |= 8;
            }
            g_assert_cmphex(smmuv2_reg_read(&regs, ref), ==, expected);

            /* And nothing else */
            smmuv2_reg_write(&before, ref, value, mask);
            if (ref.reg->store >= 0) {
                memcpy((char *)&before + ref.reg->store +
                       ref.index * ref.reg->step,
                       (char *)&regs + ref.reg->store +
                       ref.index * ref.reg->step, rows[i].size);
            }
            g_assert_cmpmem(&regs, sizeof(regs), &before, sizeof(before));
        }
    }
}

/* Neighbours of what is written keep their values */
static void test_storage_is_apart(void)
{
    uint64_t value = 0x1111111111111111;

    /* Each register of bank 9 and each of group 3 at a value of its own */
    setup();
    for (int pass = 0; pass < 2; pass++) {
        uint64_t v = value;

        for (int i = 0; i < ARRAY_SIZE(rows); i++) {
            unsigned n = rows[i].count ? 9 % count_of(i) : 0;
            SMMUv2RegRef ref = find(rows[i].frame, 9 * (rows[i].frame == CB),
                                    rows[i].offset + 4 * n);

            if (ref.reg->store < 0 || !ref.reg->rw ||
                ref.reg->effect == SMMUV2_EFFECT_TLBI ||
                rows[i].count == SMMUV2_PER_GROUP ||
                (rows[i].frame == GR0 && rows[i].offset == 0)) {
                continue;
            }
            v += 0x0123456789abcdef;
            if (pass == 0) {
                smmuv2_reg_write(&regs, ref, v, rows[i].size == 8 ? ALL :
                                 MAKE_64BIT_MASK(0, 32));
            } else {
                g_assert_cmphex(smmuv2_reg_read(&regs, ref), ==,
                                v & ref.reg->rw);
            }
        }
    }
    /* Bank 8 and 10 are as reset left them */
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        for (unsigned n = 8; n <= 10; n += 2) {
            if (rows[i].frame == CB || count_of(i) > n) {
                SMMUv2RegRef ref = find(rows[i].frame, n, rows[i].offset +
                                        (rows[i].count ? 4 * n : 0));

                g_assert_cmphex(smmuv2_reg_read(&regs, ref), ==,
                                rows[i].reset);
            }
        }
    }
}

static uint32_t write_ones(SMMUv2Frame frame, unsigned offset)
{
    SMMUv2RegRef ref = find(frame, 0, offset);

    smmuv2_reg_write(&regs, ref, 0xffffffff, 0xffffffff);
    return smmuv2_reg_read(&regs, ref);
}

static void test_exids(void)
{
    setup();
    g_assert_cmphex(write_ones(GR0, 0), ==, 0x8ffffdff);
    g_assert_cmphex(write_ones(GR0, 0xc00) & 0x400, ==, 0x400);
    g_assert_cmphex(write_ones(GR0, 0x800), ==, 0xffffffff);

    setup();
    regs.idr[0] = 0x08000000;
    regs.cr0 = 0;
    g_assert_cmphex(write_ones(GR0, 0), ==, 0x8ffffdf7);
    g_assert_cmphex(write_ones(GR0, 0xc00) & 0x400, ==, 0);
    g_assert_cmphex(write_ones(GR0, 0x800), ==, 0xffff7fff);
}

/* SMR has a bit 15 of ID only while CR0.EXIDENABLE is set */
static void test_smr_bit_15(void)
{
    setup();
    regs.cr0 = 0;
    g_assert_cmphex(write_ones(GR0, 0x800), ==, 0xffff7fff);
    regs.cr0 = 8;
    g_assert_cmphex(write_ones(GR0, 0x800), ==, 0xffffffff);
}

/* Stream indexing: no SMR */
static void test_sms(void)
{
    setup();
    regs.idr[0] = 0;
    g_assert_cmphex(write_ones(GR0, 0x800), ==, 0);
    g_assert_cmphex(write_ones(GR0, 0xc00), ==, 0x3ffffbff);
}

static void test_vmid16s(void)
{
    setup();
    g_assert_cmphex(write_ones(GR1, 0x800), ==, 0xffff0007);
    regs.idr[2] = 0;
    regs.cb[0].cba2r = 0;
    g_assert_cmphex(write_ones(GR1, 0x800), ==, 0x7);
    regs.cr0 = 0;
    g_assert_cmphex(write_ones(GR0, 0), ==, 0x0ffffdff);
}

/* Bits 4 and 5 are there with configuration access faults */
static void test_config_faults(void)
{
    setup();
    g_assert_cmphex(write_ones(GR0, 0) & 0x30, ==, 0x30);
    setup();
    regs.options = 0;
    g_assert_cmphex(write_ones(GR0, 0) & 0x30, ==, 0);
}

/* Drivers took the version of the architecture from PIDR2: 1 is SMMUv2 */
static void test_pidr2(void)
{
    g_assert_cmphex(R_PIDR2_ARCH_MASK, ==, 0xf0);
    g_assert_cmphex(FIELD_EX32(smmuv2_reg_read(&regs, find(GR0, 0, 0xfe8)),
                               PIDR2, ARCH), ==, 1);
}

/* FSYNR0[2] is NESTED: the stage 2 fault came by way of stage 1 */
static void test_fsynr0_nested_is_a_bit(void)
{
    setup();
    g_assert_cmphex(write_ones(CB, 0x68) & 0x4, ==, 0x4);
}

/* MMU-500: ACTLR cannot be written while ACR.CACHE_LOCK is set */
static void test_cache_lock(void)
{
    setup();
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        SMMUv2RegRef ref = find(rows[i].frame, 0, rows[i].offset);
        bool actlr = rows[i].frame == CB && rows[i].offset == 4;

        regs.acr = 0x0400001c;
        g_assert_cmpint(smmuv2_mmu500_may_write(&regs, ref), ==, !actlr);
        regs.acr = 0x1c;
        g_assert_true(smmuv2_mmu500_may_write(&regs, ref));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    g_test_add_func("/smmuv2/regs/fields", test_fields);
    g_test_add_func("/smmuv2/regs/rows", test_rows);
    g_test_add_func("/smmuv2/regs/find", test_find);
    g_test_add_func("/smmuv2/regs/reserved", test_reserved);
    g_test_add_func("/smmuv2/regs/beyond-implemented",
                    test_beyond_implemented);
    g_test_add_func("/smmuv2/regs/reset", test_reset);
    g_test_add_func("/smmuv2/regs/write", test_write);
    g_test_add_func("/smmuv2/regs/storage-is-apart", test_storage_is_apart);
    g_test_add_func("/smmuv2/regs/exids", test_exids);
    g_test_add_func("/smmuv2/regs/smr-bit-15", test_smr_bit_15);
    g_test_add_func("/smmuv2/regs/sms", test_sms);
    g_test_add_func("/smmuv2/regs/vmid16s", test_vmid16s);
    g_test_add_func("/smmuv2/regs/config-faults", test_config_faults);
    g_test_add_func("/smmuv2/regs/pidr2", test_pidr2);
    g_test_add_func("/smmuv2/regs/fsynr0-nested-is-a-bit",
                    test_fsynr0_nested_is_a_bit);
    g_test_add_func("/smmuv2/regs/cache-lock", test_cache_lock);
    return g_test_run();
}
