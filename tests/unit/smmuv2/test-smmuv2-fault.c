/*
 * Arm SMMUv2 fault reporting: unit tests
 *
 * What each kind of fault leaves in the registers, what the master gets, and
 * the interrupt lines, which are a function of the registers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/main-loop.h"
#include "hw/arm/smmuv2/smmuv2-fault.h"
#include "hw/misc/iommu-stall.h"
#include "test-util.h"

/* A line: its level, and how often that was set */
typedef struct Line {
    struct IRQState irq;
    int level, count;
} Line;

/* In place of hw/core/irq.c */
void qemu_set_irq(qemu_irq irq, int level)
{
    Line *line = container_of(irq, Line, irq);

    line->level = level;
    line->count++;
}

/* Bits as numbers: see test-smmuv2-regtable.c */
#define MULTI           BIT(31)
#define FORMAT_AARCH64  0x400
#define SS              BIT(30)
#define STALLD          0x100
#define CFCFG           0x80
#define HUPCF           0x100
#define CFRE            0x20
#define CFIE            0x40
#define GFRE            0x2
#define GFIE            0x4
#define GCFGFRE         0x10
#define GCFGFIE         0x20

static SMMUv2Regs regs;

static const SMMUv2Access access_1 = {
    .addr = 0x123456789abc, .stream_id = 0x1234,
};

static void reset(void)
{
    memset(&regs, 0, sizeof(regs));
    for (int cb = 0; cb < SMMUV2_MAX_CB; cb++) {
        regs.cb[cb].cba2r = 1;          /* VA64 */
    }
}

static void test_kinds(void)
{
    static const struct {
        SMMUv2FaultKind kind;
        uint32_t fsr, fsynr0;
    } rows[] = {
        { SMMUV2_FAULT_TRANSLATION, 0x2, 0 },
        { SMMUV2_FAULT_ACCESS_FLAG, 0x4, 0 },
        { SMMUV2_FAULT_PERMISSION, 0x8, 0 },
        { SMMUV2_FAULT_EXTERNAL, 0x10, 0x400 },     /* PTWF */
        { SMMUV2_FAULT_ADDRESS_SIZE, 0x80, 0 },
    };

    static SMMUv2Regs rest;

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        for (int level = 0; level < 4; level++) {
            SMMUv2WalkFault fault = {
                .kind = rows[i].kind, .stage = 1, .level = level,
            };

            reset();
            rest = regs;
            regs.cb[5].fsynr[1] = 0x55;
            regs.cb[5].ipafar = 0x55;
            smmuv2_fault_context(&regs, 5, 5, &access_1, &fault);
            g_assert_cmphex(regs.cb[5].fsr, ==, rows[i].fsr | FORMAT_AARCH64);
            g_assert_cmphex(regs.cb[5].fsynr[0], ==, rows[i].fsynr0 | level);
            g_assert_cmphex(regs.cb[5].fsynr[1], ==, 0);
            g_assert_cmphex(regs.cb[5].far, ==, 0x123456789abc);
            g_assert_cmphex(regs.cb[5].cbfrsynra, ==, 0x1234);
            /* Nothing elsewhere */
            regs.cb[5] = rest.cb[5];
            g_assert_cmpmem(&regs, sizeof(regs), &rest, sizeof(rest));
        }
    }
}

/* FSR.FORMAT is that of the bank which reports: CBA2R, CBAR.TYPE, TCR.EAE */
static void test_format(void)
{
    static const SMMUv2WalkFault s1 = { SMMUV2_FAULT_TRANSLATION, 1, 1 };
    static const SMMUv2WalkFault s2 = { SMMUV2_FAULT_TRANSLATION, 2, 1 };

    reset();
    regs.cb[5].cbar = 1 << 16;
    regs.cb[5].cba2r = 0;
    smmuv2_fault_context(&regs, 5, 5, &access_1, &s1);
    g_assert_cmphex(regs.cb[5].fsr, ==, 0x2);
    regs.cb[5].fsr = 0x600;
    regs.cb[5].tcr = 0x80000000;
    smmuv2_fault_context(&regs, 5, 5, &access_1, &s1);
    g_assert_cmphex(regs.cb[5].fsr, ==, 0x202);
    /* Stage 2's bank, with stage 1 of another format */
    regs.cb[6].cba2r = 0;
    smmuv2_fault_context(&regs, 6, 5, &access_1, &s2);
    g_assert_cmphex(regs.cb[6].fsr, ==, 0x202);
    regs.cb[6].cba2r = 1;
    regs.cb[6].fsr = 0;
    smmuv2_fault_context(&regs, 6, 5, &access_1, &s2);
    g_assert_cmphex(regs.cb[6].fsr, ==, 0x402);
}

static void test_access(void)
{
    for (int i = 0; i < 8; i++) {
        SMMUv2WalkFault fault = {
            .kind = SMMUV2_FAULT_TRANSLATION, .stage = 1, .level = 3,
        };
        SMMUv2Access access = access_1;

        access.write = i & 1;
        access.priv = i & 2;
        access.inst = i & 4;
        reset();
        smmuv2_fault_context(&regs, 0, 0, &access, &fault);
        /* WNR, PNU, IND are bits 4 to 6 */
        g_assert_cmphex(regs.cb[0].fsynr[0], ==, i << 4 | 3);
    }
}

/* Stage 2 alone: FAR and IPAFAR have the IPA */
static void test_stage2(void)
{
    SMMUv2WalkFault fault = {
        .kind = SMMUV2_FAULT_PERMISSION, .stage = 2, .level = 2,
        .ipa = 0x123456789abc,
    };

    reset();
    smmuv2_fault_context(&regs, 7, 7, &access_1, &fault);
    g_assert_cmphex(regs.cb[7].fsr, ==, 0x8 | FORMAT_AARCH64);
    g_assert_cmphex(regs.cb[7].far, ==, 0x123456789abc);
    g_assert_cmphex(regs.cb[7].ipafar, ==, 0x123456789abc);
    g_assert_cmphex(regs.cb[7].fsynr[0], ==, 2);
}

/* Of a nested context: to the bank of stage 2, which learns of stage 1's */
static void test_nested(void)
{
    SMMUv2WalkFault fault = {
        .kind = SMMUV2_FAULT_TRANSLATION, .stage = 2, .level = 1,
        .ipa = 0x800abc,
    };

    reset();
    smmuv2_fault_context(&regs, 7, 3, &access_1, &fault);
    g_assert_cmphex(regs.cb[3].fsr, ==, 0);
    g_assert_cmphex(regs.cb[7].fsr, ==, 0x2 | FORMAT_AARCH64);
    g_assert_cmphex(regs.cb[7].far, ==, 0x123456789abc);
    g_assert_cmphex(regs.cb[7].ipafar, ==, 0x800abc);
    /* S1CBNDX; NESTED is the next test's */
    g_assert_cmphex(regs.cb[7].fsynr[0] & ~4u, ==, 3 << 16 | 1);
    g_assert_cmphex(regs.cb[7].cbfrsynra, ==, 0x1234);

    /* On a walk of stage 1's tables: S1PTWF */
    fault.s1ptw = true;
    reset();
    smmuv2_fault_context(&regs, 7, 3, &access_1, &fault);
    g_assert_cmphex(regs.cb[7].fsynr[0] & ~4u, ==, 3 << 16 | 8 | 1);
}

/* FSYNR0.NESTED tells that FAR has a VA and S1CBNDX means something */
static void test_nested_bit(void)
{
    SMMUv2WalkFault fault = {
        .kind = SMMUV2_FAULT_TRANSLATION, .stage = 2, .level = 1,
    };

    /* Bank 0 for stage 1: S1CBNDX alone could not tell */
    reset();
    smmuv2_fault_context(&regs, 7, 0, &access_1, &fault);
    g_assert_cmphex(regs.cb[7].fsynr[0] & 4, ==, 4);
    reset();
    smmuv2_fault_context(&regs, 7, 7, &access_1, &fault);
    g_assert_cmphex(regs.cb[7].fsynr[0] & 4, ==, 0);
}

/* IPAFAR shares its bits 11 to 0 with FAR */
static void test_ipafar_low_bits(void)
{
    SMMUv2WalkFault fault = {
        .kind = SMMUV2_FAULT_TRANSLATION, .stage = 2, .level = 1,
        .s1ptw = true, .ipa = 0x801018,
    };

    reset();
    smmuv2_fault_context(&regs, 7, 3, &access_1, &fault);
    g_assert_cmphex(regs.cb[7].ipafar, ==, 0x801abc);
}

/* The first syndrome stays; MULTI tells that there was another fault */
static void test_multi(void)
{
    SMMUv2WalkFault fault = {
        .kind = SMMUV2_FAULT_TRANSLATION, .stage = 1, .level = 3,
    };
    SMMUv2Access second = {
        .addr = 0x5555, .stream_id = 5, .write = true,
    };
    SMMUv2BankRegs first;

    reset();
    regs.cb[0].sctlr = HUPCF;
    smmuv2_fault_context(&regs, 0, 0, &access_1, &fault);
    first = regs.cb[0];
    fault = (SMMUv2WalkFault) {
        .kind = SMMUV2_FAULT_PERMISSION, .stage = 1, .level = 1,
    };
    smmuv2_fault_context(&regs, 0, 0, &second, &fault);
    first.fsr |= MULTI;
    g_assert_cmpmem(&regs.cb[0], sizeof(first), &first, sizeof(first));
    /* Another bank is not concerned */
    smmuv2_fault_context(&regs, 1, 1, &second, &fault);
    g_assert_cmphex(regs.cb[1].fsr, ==, 0x8 | FORMAT_AARCH64);
    /* Once cleared (FORMAT stays), the next is the first again */
    regs.cb[0].fsr = FORMAT_AARCH64;
    smmuv2_fault_context(&regs, 0, 0, &second, &fault);
    g_assert_cmphex(regs.cb[0].fsr, ==, 0x8 | FORMAT_AARCH64);
    g_assert_cmphex(regs.cb[0].far, ==, 0x5555);
    g_assert_cmphex(regs.cb[0].cbfrsynra, ==, 5);
    /* MULTI alone takes the registers, too */
    regs.cb[0].fsr = MULTI | FORMAT_AARCH64;
    smmuv2_fault_context(&regs, 0, 0, &access_1, &fault);
    g_assert_cmphex(regs.cb[0].fsr, ==, MULTI | FORMAT_AARCH64);
    g_assert_cmphex(regs.cb[0].far, ==, 0x5555);
    /* With HUPCF = 0 what comes after a fault leaves no trace at all */
    regs.cb[0].sctlr = 0;
    regs.cb[0].fsr = 0x2 | FORMAT_AARCH64;
    smmuv2_fault_context(&regs, 0, 0, &access_1, &fault);
    g_assert_cmphex(regs.cb[0].fsr, ==, 0x2 | FORMAT_AARCH64);
}

/* Who goes on, who waits and who is refused while FSR says something */
static void test_check(void)
{
    static const struct {
        uint32_t fsr, sctlr;
        SMMUv2Response can, cannot;         /* hold its transactions */
    } rows[] = {
        { 0, 0, SMMUV2_OK, SMMUV2_OK },
        { FORMAT_AARCH64, CFRE, SMMUV2_OK, SMMUV2_OK },
        { 0x2, HUPCF, SMMUV2_OK, SMMUV2_OK },
        { 0x2 | SS, HUPCF | CFCFG, SMMUV2_OK, SMMUV2_OK },
        { 0x2, CFRE, SMMUV2_ABORT, SMMUV2_ABORT },
        { 0x2, 0, SMMUV2_RAZ_WI, SMMUV2_RAZ_WI },
        { MULTI, CFRE, SMMUV2_ABORT, SMMUV2_ABORT },
        { 0x2, CFRE | CFCFG, SMMUV2_ABORT, SMMUV2_ABORT },
        { 0x2 | SS, CFRE | CFCFG, SMMUV2_QUEUED, SMMUV2_ABORT },
        { SS, CFCFG, SMMUV2_QUEUED, SMMUV2_RAZ_WI },
        /* The mode was changed: the stall is obeyed */
        { 0x2 | SS, CFRE, SMMUV2_QUEUED, SMMUV2_ABORT },
    };
    IOMMUStall stall = { 0 };
    SMMUv2Access access = { .addr = 0x1000, .stall = &stall };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        reset();
        regs.cb[3].fsr = rows[i].fsr;
        regs.cb[3].sctlr = rows[i].sctlr;
        g_assert_cmpint(smmuv2_fault_check(&regs, 3, &access), ==,
                        rows[i].can);
        access.stall = NULL;
        g_assert_cmpint(smmuv2_fault_check(&regs, 3, &access), ==,
                        rows[i].cannot);
        access.stall = &stall;
        g_assert_cmpint(smmuv2_fault_check(&regs, 2, &access), ==, SMMUV2_OK);
        g_assert_cmpint(smmuv2_fault_blocks(&regs, 3), ==,
                        rows[i].can != SMMUV2_OK);
        g_assert_cmphex(regs.cb[3].fsr, ==, rows[i].fsr);
    }
}

/* A fault of an access that its master could hold */
static void test_stall(void)
{
    static const struct {
        uint32_t cr0, sctlr, fsr;           /* before */
        SMMUv2Response response;
        uint32_t after;                     /* FSR */
    } rows[] = {
        { 0, CFRE | CFCFG, 0, SMMUV2_HELD, SS | 0x2 },
        { 0, CFCFG | HUPCF, 0, SMMUV2_HELD, SS | 0x2 },
        { 0, CFRE, 0, SMMUV2_ABORT, 0x2 },
        { STALLD, CFRE | CFCFG, 0, SMMUV2_ABORT, 0x2 },
        /* Behind one that is held, whatever the mode is now */
        { 0, CFRE | CFCFG | HUPCF, SS | 0x8, SMMUV2_QUEUED, SS | 0x8 },
        { 0, CFRE | HUPCF, SS, SMMUV2_QUEUED, SS },
        /* CFCFG was set after the fault, and counts once that is cleared */
        { 0, CFRE | CFCFG | HUPCF, 0x8, SMMUV2_ABORT, MULTI | 0x8 },
    };
    static const SMMUv2WalkFault fault = {
        .kind = SMMUV2_FAULT_TRANSLATION, .stage = 1, .level = 3,
    };
    IOMMUStall stall = { 0 };
    SMMUv2Access access = { .addr = 0x1000, .stall = &stall };

    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        reset();
        regs.cr0 = rows[i].cr0;
        regs.cb[3].sctlr = rows[i].sctlr;
        regs.cb[3].fsr = rows[i].fsr;
        g_assert_cmpint(smmuv2_fault_context(&regs, 3, 3, &access, &fault), ==,
                        rows[i].response);
        g_assert_cmphex(regs.cb[3].fsr & ~0x600, ==, rows[i].after);
        g_assert_cmphex(regs.cb[3].far, ==, rows[i].fsr ? 0 : 0x1000);
    }
    /* A master that cannot hold it has it terminated, SS or not */
    access.stall = NULL;
    reset();
    regs.cb[3].sctlr = CFRE | CFCFG | HUPCF;
    g_assert_cmpint(smmuv2_fault_context(&regs, 3, 3, &access, &fault), ==,
                    SMMUV2_ABORT);
    g_assert_cmphex(regs.cb[3].fsr & ~0x600, ==, 0x2);
    regs.cb[3].fsr |= SS;
    g_assert_cmpint(smmuv2_fault_context(&regs, 3, 3, &access, &fault), ==,
                    SMMUV2_ABORT);
    g_assert_cmphex(regs.cb[3].fsr & ~0x600, ==, MULTI | SS | 0x2);
}

/*
 * Pieces of one transaction make one fault: those of the same page and
 * direction, each up to four bytes after the last, while the fault stands
 */
static void test_pieces(void)
{
    static const struct {
        uint64_t from, to;
        bool write, probe, cleared, continues;
    } rows[] = {
        { 0x1000, 0x1004, .continues = true },
        { 0x1000, 0x1001, .continues = true },
        { 0x1000, 0x1000 },
        { 0x1000, 0x1005 },
        { 0x1000, 0xfff },
        { 0x1ffc, 0x2000 },
        { 0x1000, 0x1004, .write = true },
        { 0x1000, 0x1004, .probe = true },
        { 0x1000, 0x1004, .cleared = true },
    };
    SMMUv2WalkFault fault = {
        .kind = SMMUV2_FAULT_TRANSLATION, .stage = 1, .level = 3,
    };

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        SMMUv2Refusal refusal = { 0 };
        SMMUv2Access access = { .addr = rows[i].from, .refusal = &refusal };
        const uint32_t *fsr = &regs.cb[2].fsr;

        reset();
        regs.cb[2].sctlr = CFRE;
        g_assert_false(smmuv2_fault_continues(&access, fsr));
        smmuv2_fault_context(&regs, 2, 2, &access, &fault);
        g_assert_cmpint(refusal.response, ==, SMMUV2_ABORT);
        if (rows[i].cleared) {
            regs.cb[2].fsr = FORMAT_AARCH64 | MULTI;
        }
        access.addr = rows[i].to;
        access.write = rows[i].write;
        access.probe = rows[i].probe;
        /* Another bank's fault, or a global one, is no piece of this one */
        g_assert_false(smmuv2_fault_continues(&access, &regs.cb[3].fsr));
        g_assert_false(smmuv2_fault_continues(&access, &regs.gfsr));
        g_assert_cmpint(smmuv2_fault_continues(&access, fsr), ==,
                        rows[i].continues);
        /* The next piece goes on from there */
        access.addr += 4;
        if (rows[i].continues) {
            g_assert_true(smmuv2_fault_continues(&access, fsr));
        }
    }
    /* Global faults alike; a master that keeps none has none */
    {
        SMMUv2Refusal refusal = { 0 };
        SMMUv2Access access = { .addr = 0x1000, .refusal = &refusal };

        reset();
        smmuv2_fault_global(&regs, 0x2, &access);
        access.addr += 4;
        g_assert_true(smmuv2_fault_continues(&access, &regs.gfsr));
        g_assert_cmpint(refusal.response, ==, SMMUV2_RAZ_WI);
        regs.gfsr = 0;
        access.addr += 4;
        g_assert_false(smmuv2_fault_continues(&access, &regs.gfsr));
        access.refusal = NULL;
        g_assert_false(smmuv2_fault_continues(&access, &regs.gfsr));
    }
}

static void test_cfre(void)
{
    SMMUv2WalkFault fault = {
        .kind = SMMUV2_FAULT_TRANSLATION, .stage = 1, .level = 3,
    };

    reset();
    g_assert_cmpint(smmuv2_fault_context(&regs, 0, 0, &access_1, &fault), ==,
                    SMMUV2_RAZ_WI);
    regs.cb[0].sctlr = CFRE;
    g_assert_cmpint(smmuv2_fault_context(&regs, 0, 0, &access_1, &fault), ==,
                    SMMUV2_ABORT);
    regs.cb[0].sctlr = ~CFRE;
    g_assert_cmpint(smmuv2_fault_context(&regs, 0, 0, &access_1, &fault), ==,
                    SMMUV2_RAZ_WI);
}

static void test_global(void)
{
    for (int i = 0; i < 8; i++) {
        SMMUv2Access access = access_1;

        access.write = i & 1;
        access.priv = i & 2;
        access.inst = i & 4;
        reset();
        regs.gfsynr[2] = 0;
        smmuv2_fault_global(&regs, 0x2, &access);
        g_assert_cmphex(regs.gfsr, ==, 0x2);
        g_assert_cmphex(regs.gfar, ==, 0x123456789abc);
        /* WNR, PNU, IND are bits 1 to 3 */
        g_assert_cmphex(regs.gfsynr[0], ==, i << 1);
        g_assert_cmphex(regs.gfsynr[1], ==, 0x1234);
    }
}

static void test_global_multi(void)
{
    SMMUv2Access second = { .addr = 0x5555, .stream_id = 5, .write = true };

    reset();
    smmuv2_fault_global(&regs, 0x2, &access_1);
    smmuv2_fault_global(&regs, 0x8, &second);
    g_assert_cmphex(regs.gfsr, ==, MULTI | 0x2);
    g_assert_cmphex(regs.gfar, ==, 0x123456789abc);
    g_assert_cmphex(regs.gfsynr[0], ==, 0);
    g_assert_cmphex(regs.gfsynr[1], ==, 0x1234);
    regs.gfsr = 0;
    smmuv2_fault_global(&regs, 0x8, &second);
    g_assert_cmphex(regs.gfsr, ==, 0x8);
    g_assert_cmphex(regs.gfar, ==, 0x5555);
}

/* IHI 0062, 3.8.3: GFRE for all that a master does, whatever GCFGFRE says */
static void test_global_report(void)
{
    static const uint32_t faults[] = {
        0x1, 0x2, 0x4, 0x8, 0x10, 0x40, 0x80, 0x100,
    };

    for (int i = 0; i < ARRAY_SIZE(faults); i++) {
        reset();
        regs.cr0 = GCFGFRE;
        g_assert_cmpint(smmuv2_fault_global(&regs, faults[i], &access_1), ==,
                        SMMUV2_RAZ_WI);
        regs.cr0 = GFRE;
        g_assert_cmpint(smmuv2_fault_global(&regs, faults[i], &access_1), ==,
                        SMMUV2_ABORT);
    }
}

/* A configuration access fault: GFAR is an offset, GCFGFRE reports it */
static void test_config(void)
{
    for (int i = 0; i < 4; i++) {
        reset();
        regs.gfsynr[1] = 0x99;
        regs.cr0 = GFRE;
        g_assert_false(smmuv2_fault_config(&regs, 0x1044, i & 1, i & 2,
                                           false, true));
        g_assert_cmphex(regs.gfsr, ==, 0x20);
        g_assert_cmphex(regs.gfar, ==, 0x1044);
        g_assert_cmphex(regs.gfsynr[0], ==, i << 1);
        g_assert_cmphex(regs.gfsynr[1], ==, 0);
        regs.cr0 = GCFGFRE;
        g_assert_true(smmuv2_fault_config(&regs, 0x2000, false, false, false,
                                          true));
        g_assert_cmphex(regs.gfsr, ==, MULTI | 0x20);
        g_assert_cmphex(regs.gfar, ==, 0x1044);
    }
}

/* 3.8.1: MULTI that was left alone still keeps others out */
static void test_global_multi_alone(void)
{
    reset();
    regs.gfsr = MULTI;
    regs.gfar = 0x77;
    smmuv2_fault_global(&regs, 0x2, &access_1);
    g_assert_cmphex(regs.gfsr, ==, MULTI);
    g_assert_cmphex(regs.gfar, ==, 0x77);
}

/* ---- Lines ---- */

static Line global_irq, context_irq[SMMUV2_MAX_CB];
static qemu_irq context_irqs[SMMUV2_MAX_CB];
static SMMUv2FaultLines lines;

static void lines_setup(unsigned num_cb, unsigned num_irqs)
{
    reset();
    memset(&global_irq, 0, sizeof(global_irq));
    memset(context_irq, 0, sizeof(context_irq));
    for (int i = 0; i < SMMUV2_MAX_CB; i++) {
        context_irqs[i] = &context_irq[i].irq;
    }
    lines = (SMMUv2FaultLines) {
        .regs = &regs,
        .num_cb = num_cb,
        .num_context_irqs = num_irqs,
        .global = &global_irq.irq,
        .context = context_irqs,
    };
}

static void test_lines_context(void)
{
    lines_setup(16, 16);
    regs.cb[9].fsr = 0x2;
    smmuv2_fault_lines_update(&lines);
    g_assert_cmpint(context_irq[9].level, ==, 0);
    regs.cb[9].sctlr = CFIE;
    smmuv2_fault_lines_update(&lines);
    for (int i = 0; i < 16; i++) {
        g_assert_cmpint(context_irq[i].level, ==, i == 9);
    }
    /* Once is enough */
    smmuv2_fault_lines_update(&lines);
    g_assert_cmpint(context_irq[9].count, ==, 1);
    /* FORMAT is no fault; SS and MULTI alone raise the line like all others */
    regs.cb[9].fsr = FORMAT_AARCH64;
    smmuv2_fault_lines_update(&lines);
    g_assert_cmpint(context_irq[9].level, ==, 0);
    for (uint32_t bit = 0x2; bit; bit = bit == 0x100 ? SS : bit << 1) {
        regs.cb[9].fsr = bit;
        smmuv2_fault_lines_update(&lines);
        g_assert_cmpint(context_irq[9].level, ==, 1);
        regs.cb[9].sctlr = 0;
        smmuv2_fault_lines_update(&lines);
        g_assert_cmpint(context_irq[9].level, ==, 0);
        regs.cb[9].sctlr = CFIE;
    }
    g_assert_cmpint(global_irq.count, ==, 0);
}

/* Fewer lines than banks: a line is up while one of its banks has a fault */
static void test_lines_shared(void)
{
    lines_setup(8, 3);
    for (int cb = 0; cb < 8; cb++) {
        regs.cb[cb].sctlr = CFIE;
    }
    regs.cb[1].fsr = 0x2;
    regs.cb[7].fsr = 0x2;
    smmuv2_fault_lines_update(&lines);
    g_assert_cmpint(context_irq[0].level, ==, 0);
    g_assert_cmpint(context_irq[1].level, ==, 1);
    g_assert_cmpint(context_irq[2].level, ==, 0);
    regs.cb[1].fsr = 0;
    smmuv2_fault_lines_update(&lines);
    g_assert_cmpint(context_irq[1].level, ==, 1);
    regs.cb[1].fsr = 0x2;
    regs.cb[7].fsr = 0;
    smmuv2_fault_lines_update(&lines);
    g_assert_cmpint(context_irq[1].level, ==, 1);
    regs.cb[1].fsr = 0;
    smmuv2_fault_lines_update(&lines);
    g_assert_cmpint(context_irq[1].level, ==, 0);
}

/* 3.6: CAF with GCFGFIE, all else, MULTI too, with GFIE */
static void test_lines_global(void)
{
    lines_setup(4, 4);
    for (int n = 0; n <= 9; n++) {
        uint32_t bit = n == 9 ? MULTI : 1u << n;
        bool config = bit == 0x20;

        regs.gfsr = bit;
        regs.cr0 = 0;
        smmuv2_fault_lines_update(&lines);
        g_assert_cmpint(global_irq.level, ==, 0);
        regs.cr0 = GCFGFIE;
        smmuv2_fault_lines_update(&lines);
        g_assert_cmpint(global_irq.level, ==, config);
        regs.cr0 = GFIE;
        smmuv2_fault_lines_update(&lines);
        g_assert_cmpint(global_irq.level, ==, !config);
        regs.cr0 = GFIE | GCFGFIE;
        regs.gfsr = 0;
        smmuv2_fault_lines_update(&lines);
        g_assert_cmpint(global_irq.level, ==, 0);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    /* Lines move at once for who has the BQL */
    rust_bql_mock_lock();

    g_test_add_func("/smmuv2/fault/kinds", test_kinds);
    g_test_add_func("/smmuv2/fault/format", test_format);
    g_test_add_func("/smmuv2/fault/access", test_access);
    g_test_add_func("/smmuv2/fault/stage2", test_stage2);
    g_test_add_func("/smmuv2/fault/nested", test_nested);
    g_test_add_func("/smmuv2/fault/nested-bit", test_nested_bit);
    g_test_add_func("/smmuv2/fault/ipafar-low-bits-are-far's",
                    test_ipafar_low_bits);
    g_test_add_func("/smmuv2/fault/multi", test_multi);
    g_test_add_func("/smmuv2/fault/check", test_check);
    g_test_add_func("/smmuv2/fault/stall", test_stall);
    g_test_add_func("/smmuv2/fault/pieces", test_pieces);
    g_test_add_func("/smmuv2/fault/cfre", test_cfre);
    g_test_add_func("/smmuv2/fault/global", test_global);
    g_test_add_func("/smmuv2/fault/global-multi", test_global_multi);
    g_test_add_func("/smmuv2/fault/global-report", test_global_report);
    g_test_add_func("/smmuv2/fault/global-multi-alone",
                    test_global_multi_alone);
    g_test_add_func("/smmuv2/fault/config", test_config);
    g_test_add_func("/smmuv2/fault/lines/context", test_lines_context);
    g_test_add_func("/smmuv2/fault/lines/shared", test_lines_shared);
    g_test_add_func("/smmuv2/fault/lines/global", test_lines_global);
    return g_test_run();
}
