/*
 * Payloads: guests on SVM
 *
 * A guest is a C function of the payload in 64-bit mode, with the hypervisor's
 * page tables behind nested ones of its own, which map the program and its
 * stack to themselves and nothing else.  It leaves by guest_call(), by what it
 * may not do, or for an interrupt of the host.  Its interrupts are virtual
 * ones: the hypervisor sets bits of `irr`, the library has the guest take one
 * after the other and counts them.
 *
 * AMD64 Architecture Programmer's Manual, volume 2: chapter 15, appendices B
 * (VMCB) and C (exit codes).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_SVM_H
#define PAYLOAD_SVM_H

#include "asm.h"

struct segment {
    uint16_t selector, attributes;
    uint32_t limit;
    uint64_t base;
};

struct vmcb {
    uint32_t cr_intercepts, dr_intercepts, exceptions;
    uint32_t intercepts[2];     /* INTERCEPT_*, INTERCEPT2_* */
    uint8_t reserved0[0x2c];
    uint64_t iopm, msrpm, tsc_offset;
    uint32_t asid, tlb_control;
    uint32_t int_control;       /* V_* */
    uint32_t int_vector;
    uint64_t int_shadow;
    uint64_t exit_code;         /* EXIT_* */
    uint64_t exit_info1, exit_info2, exit_int_info;
    uint64_t nested_control;
    uint8_t reserved1[0x10];
    uint64_t event_injection, nested_cr3;
    uint8_t reserved2[0x348];

    struct segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
    uint8_t reserved3[0x2b];
    uint8_t cpl;
    uint32_t reserved4;
    uint64_t efer;
    uint8_t reserved5[0x70];
    uint64_t cr4, cr3, cr0, dr7, dr6, rflags, rip;
    uint8_t reserved6[0x58];
    uint64_t rsp;
    uint8_t reserved7[0x18];
    uint64_t rax;
    uint8_t reserved8[0x40];
    uint64_t cr2;
    uint8_t reserved9[0x20];
    uint64_t pat;
    uint8_t reserved10[0x990];
};
_Static_assert(offsetof(struct vmcb, iopm) == 0x40, "VMCB");
_Static_assert(offsetof(struct vmcb, exit_code) == 0x70, "VMCB");
_Static_assert(offsetof(struct vmcb, nested_control) == 0x90, "VMCB");
_Static_assert(offsetof(struct vmcb, nested_cr3) == 0xb0, "VMCB");
_Static_assert(offsetof(struct vmcb, es) == 0x400, "VMCB");
_Static_assert(offsetof(struct vmcb, cpl) == 0x4cb, "VMCB");
_Static_assert(offsetof(struct vmcb, cr4) == 0x548, "VMCB");
_Static_assert(offsetof(struct vmcb, rsp) == 0x5d8, "VMCB");
_Static_assert(offsetof(struct vmcb, rax) == 0x5f8, "VMCB");
_Static_assert(offsetof(struct vmcb, cr2) == 0x640, "VMCB");
_Static_assert(offsetof(struct vmcb, pat) == 0x668, "VMCB");
_Static_assert(sizeof(struct vmcb) == 4096, "VMCB");

enum {
    INTERCEPT_INTR = 1 << 0,
    INTERCEPT_HLT = 1 << 24,
    INTERCEPT_IOIO = 1 << 27,
    INTERCEPT_SHUTDOWN = 1u << 31,
    INTERCEPT2_VMRUN = 1 << 0,
    INTERCEPT2_VMMCALL = 1 << 1,

    V_IRQ = 1 << 8,
    V_IGN_TPR = 1 << 20,
    V_INTR_MASKING = 1 << 24,

    EXIT_INTR = 0x60,
    EXIT_HLT = 0x78,
    EXIT_IOIO = 0x7b,
    EXIT_SHUTDOWN = 0x7f,
    EXIT_VMMCALL = 0x81,
    EXIT_NPF = 0x400,
};

/* exit_info1 of EXIT_IOIO, bits that say what; the port is in 31:16 */
#define IOIO_IN             BIT(0)
#define IOIO_STRING         BIT(2)
#define IOIO_REP            BIT(3)
#define IOIO_SIZE(n)        ((uint64_t)(n) << 4)    /* 1, 2 or 4 bytes */
#define IOIO_WHAT           0x7d
#define IOIO_PORT(info)     ((uint16_t)((info) >> 16))
/* exit_info1 of EXIT_NPF */
#define NPF_WRITE           BIT(1)

struct vcpu {
    /* start.S knows these: RBX, RCX, RDX, RSI, RDI, RBP, R8 to R15 */
    uint64_t regs[14];
    uint64_t vmcb_pa, host_pa;

    struct vcpu *self;          /* what the guest's GS points to */
    struct vmcb *vmcb;
    uint64_t *nested;           /* its nested page tables */

    uint64_t irr[4];            /* virtual interrupts that wait */
    int offered;                /* the one that V_IRQ offers; -1: none */

    unsigned exits;             /* how often it left */
    unsigned exits_intr;        /* of those: for an interrupt of the host */
    /* What the guest has taken */
    unsigned taken[256], taken_all;
};

/* A guest that will run @code(@arg), with a stack of its own; ASIDs from 1 */
void vcpu_init(struct vcpu *v, unsigned asid, void (*code)(void *arg),
               void *arg);
/*
 * Run it on this CPU until it leaves, and take the host's interrupts; returns
 * why.  @before, if any, is called when no interrupt can come any more: what it
 * adds to irr is offered.  It returns false to have the guest not run now: the
 * answer is EXIT_INTR then.
 */
uint64_t vcpu_run(struct vcpu *v, bool (*before)(void *arg), void *arg);
/*
 * Run it, over interrupts, until it calls; returns the number, or -1 for what
 * is not a call: v->vmcb->exit_code tells.
 */
int vcpu_run_to_call(struct vcpu *v);
/* The number that it has called, after EXIT_VMMCALL; it goes on behind that */
int vcpu_call(struct vcpu *v);

#define NPT_READ    0x05ull     /* present, user */
#define NPT_WRITE   0x07ull     /* and writable */
#define NPT_NONE    0ull
/* Map pages of guest-physical @from to @to */
void npt_map(struct vcpu *v, uint64_t from, uint64_t to, uint64_t size,
             uint64_t how);

/* Ports: all intercepted; bit n is port n, three pages */
uint8_t *iopm_new(void);
void iopm_pass(uint8_t *iopm, unsigned port, bool pass);

/* ---- In the guest ---- */

/* Not a CALL: the library's, interrupts have an end */
#define CALL_EOI    0xe01

static inline void guest_call(unsigned number)
{
    asm volatile("vmmcall" : : "a"((uint64_t)number) : "memory");
}

/* Who runs */
static inline struct vcpu *guest_self(void)
{
    struct vcpu *v;

    asm volatile("mov %%gs:0, %0" : "=r"(v));
    return v;
}

#endif
