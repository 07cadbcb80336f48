/*
 * GICv4 qtests: a few instructions for a CPU to run
 *
 * The CPU interface of a GIC is system registers, which only a CPU can reach.
 * A test assembles a program into guest memory, lets CPU 0 run it, and reads
 * what it has put into memory.  The program begins in EL2, may go to EL1 and
 * back, and stops where it is told to until the test lets it go on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_QTEST_GICV4_A64_H
#define TESTS_QTEST_GICV4_A64_H

#include "gicv4-lib.h"

/* For the command line: CPU 0 begins at CODE */
#define A64_BOOT    "-device loader,addr=0x40080000,cpu-num=0"

#define CODE        UINT64_C(0x40080000)
#define VECTORS     UINT64_C(0x40088000)
#define RESULTS     UINT64_C(0x40090000)
#define FLAGS       UINT64_C(0x40098000)


/* System registers as MSR and MRS encode them */
#define REG(op0, op1, crn, crm, op2) \
    (((op0) - 2) << 19 | (op1) << 16 | (crn) << 12 | (crm) << 8 | (op2) << 5)
#define ID_AA64PFR0_EL1 REG(3, 0, 0, 4, 0)
#define CNTFRQ_EL0      REG(3, 3, 14, 0, 0)
#define CNTVCT_EL0      REG(3, 3, 14, 0, 2)
#define CNTP_TVAL_EL0   REG(3, 3, 14, 2, 0)
#define CNTP_CTL_EL0    REG(3, 3, 14, 2, 1)
#define CNTV_TVAL_EL0   REG(3, 3, 14, 3, 0)
#define CNTV_CTL_EL0    REG(3, 3, 14, 3, 1)
#define ICC_PMR_EL1     REG(3, 0, 4, 6, 0)
#define ISR_EL1         REG(3, 0, 12, 1, 0)
#define ICC_IAR0_EL1    REG(3, 0, 12, 8, 0)
#define ICC_EOIR0_EL1   REG(3, 0, 12, 8, 1)
#define ICC_DIR_EL1     REG(3, 0, 12, 11, 1)
#define ICC_IAR1_EL1    REG(3, 0, 12, 12, 0)
#define ICC_EOIR1_EL1   REG(3, 0, 12, 12, 1)
#define ICC_HPPIR1_EL1  REG(3, 0, 12, 12, 2)
#define ICC_IGRPEN0_EL1 REG(3, 0, 12, 12, 6)
#define ICC_IGRPEN1_EL1 REG(3, 0, 12, 12, 7)
#define HCR_EL2         REG(3, 4, 1, 1, 0)
#define SPSR_EL2        REG(3, 4, 4, 0, 0)
#define ELR_EL2         REG(3, 4, 4, 0, 1)
#define VBAR_EL2        REG(3, 4, 12, 0, 0)
#define CNTHP_TVAL_EL2  REG(3, 4, 14, 2, 0)
#define CNTHP_CTL_EL2   REG(3, 4, 14, 2, 1)
#define CNTHV_TVAL_EL2  REG(3, 4, 14, 3, 0)
#define CNTHV_CTL_EL2   REG(3, 4, 14, 3, 1)
#define ICH_AP1R0_EL2   REG(3, 4, 12, 9, 0)
#define ICC_SRE_EL2     REG(3, 4, 12, 9, 5)
#define ICH_HCR_EL2     REG(3, 4, 12, 11, 0)
#define ICH_VTR_EL2     REG(3, 4, 12, 11, 1)
#define ICH_MISR_EL2    REG(3, 4, 12, 11, 2)
#define ICH_VMCR_EL2    REG(3, 4, 12, 11, 7)


typedef struct Program {
    GICTest *t;
    uint64_t pc;
    unsigned results;
    unsigned flags;
} Program;

static inline void emit(Program *p, uint32_t instruction)
{
    qtest_writel(p->t->qts, p->pc, instruction);
    p->pc += 4;
}

static inline void mov(Program *p, unsigned rd, uint64_t value)
{
    emit(p, 0xd2800000 | (value & 0xffff) << 5 | rd);
    for (unsigned hw = 1; hw < 4; hw++) {
        emit(p, 0xf2800000 | hw << 21 | (value >> 16 * hw & 0xffff) << 5 | rd);
    }
}

static inline void msr(Program *p, uint32_t reg, uint64_t value)
{
    mov(p, 0, value);
    emit(p, 0xd5100000 | reg);
    emit(p, 0xd5033fdf);                        /* isb */
}

/* Read a register; returns the number of the result */
static inline unsigned mrs(Program *p, uint32_t reg)
{
    emit(p, 0xd5300000 | reg);
    emit(p, 0xf9000000 | p->results << 10 | 20 << 5);   /* str x0, [x20] */
    return p->results++;
}

/* Tell that this is reached, and wait until the test says go on */
static inline unsigned stop(Program *p)
{
    unsigned n = p->flags++;

    mov(p, 0, 1);
    emit(p, 0xb9000000 | (2 * n) << 10 | 21 << 5);      /* str w0, [x21] */
    emit(p, 0xb9400000 | (2 * n + 1) << 10 | 21 << 5);  /* ldr w0, [x21] */
    emit(p, 0x34000000 | 0x7ffff << 5);                 /* cbz w0, the ldr */
    return n;
}

/* From here on the vPE */
static inline void to_el1(Program *p)
{
    uint64_t pc = p->pc + 3 * 6 * 4 + 4;

    msr(p, HCR_EL2, 1u << 31 | 1 << 5 | 1 << 4 | 1 << 3);
    msr(p, SPSR_EL2, 0x3c5);                    /* EL1h, all masked */
    msr(p, ELR_EL2, pc);
    emit(p, 0xd69f03e0);                        /* eret */
    g_assert_cmphex(p->pc, ==, pc);
}

/* And from here on the hypervisor again */
static inline void to_el2(Program *p)
{
    uint64_t pc = p->pc + 4;

    emit(p, 0xd4000002);                        /* hvc */
    p->pc = VECTORS + 0x400;
    mov(p, 1, pc);
    emit(p, 0xd61f0020);                        /* br x1 */
    p->pc = pc;
}

/* Begin the program of CPU 0 of @t, which was started with -S and A64_BOOT */
static inline Program program(GICTest *t)
{
    Program p = { .t = t, .pc = CODE };

    mov(&p, 20, RESULTS);
    mov(&p, 21, FLAGS);
    msr(&p, VBAR_EL2, VECTORS);
    msr(&p, ICC_SRE_EL2, 0xf);
    return p;
}

static inline void run(Program *p)
{
    emit(p, 0x14000000);                        /* b . */
    qtest_qmp_assert_success(p->t->qts, "{'execute': 'cont'}");
}

static inline bool reached(Program *p, unsigned n)
{
    return qtest_readl(p->t->qts, FLAGS + 8 * n);
}

static inline void wait_for(Program *p, unsigned n)
{
    int64_t end = g_get_monotonic_time() + 60 * G_TIME_SPAN_SECOND;

    while (!reached(p, n)) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
    }
}

static inline void go_on(Program *p, unsigned n)
{
    qtest_writel(p->t->qts, FLAGS + 8 * n + 4, 1);
}

static inline uint64_t result(Program *p, unsigned n)
{
    return qtest_readq(p->t->qts, RESULTS + 8 * n);
}

#endif
