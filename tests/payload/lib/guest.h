/*
 * Payloads: guests at EL1
 *
 * A guest is a C function of the payload that runs at EL1, with an MMU that is
 * off and a stage 2 that maps RAM to itself and nothing else.  It leaves by
 * guest_call(), by what it may not do, or for an interrupt of the host.  Its
 * interrupts are virtual ones, counted by the library.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_GUEST_H
#define PAYLOAD_GUEST_H

#include "asm.h"

#define GUEST_LPIS      64          /* LPIs, from LPI_BASE on, it can count */
#define NUM_LRS         4

enum guest_exit {
    EXIT_SYNC, EXIT_IRQ, EXIT_FIQ, EXIT_SERROR,
};

struct vcpu {
    /* start.S knows these three */
    uint64_t x[31], pc, pstate;

    /* The rest of the context */
    uint64_t sp, sctlr, vbar, elr, spsr, tpidr, vttbr, hcr;
    uint64_t vmcr, ap1r, lr[NUM_LRS], ich_hcr;

    /* Why it left last */
    uint64_t esr, far, hpfar;
    /* How often it left */
    unsigned exits[4];

    /* What the guest has taken; 1: spurious ones and what is not counted */
    unsigned sgis[16], lpis[GUEST_LPIS], others;
    uint32_t last;              /* INTID */
};

/* A guest that will run @code(@arg), with a stack of its own; VMIDs from 1 */
void vcpu_init(struct vcpu *v, unsigned vmid, void (*code)(void *arg),
               void *arg);
/* Run it on this CPU until it leaves; interrupts are then taken */
enum guest_exit vcpu_run(struct vcpu *v);
/*
 * Run it, over interrupts, until it calls; returns the number, or -1 for what
 * is not a call: v->esr tells.
 */
int vcpu_run_to_call(struct vcpu *v);
/* Make WFI leave, with EC 1 */
#define HCR_TWI         (1ull << 13)

/* ESR: exception class */
#define ESR_EC(esr)     ((esr) >> 26 & 63)
enum {
    EC_WFX = 0x01, EC_HVC = 0x16, EC_SYSREG = 0x18, EC_DATA_ABORT = 0x24,
};

/* ---- In the guest ---- */

/* Leave: vcpu_run_to_call() returns @number, below 0x8000 */
#define guest_call(number) asm volatile("hvc %0" : : "i"(number) : "memory")
/* Who runs */
static inline struct vcpu *guest_self(void)
{
    struct vcpu *v;

    asm volatile("mrs %0, tpidr_el1" : "=r"(v));
    return v;
}
/* Enable interrupts of Group 1: the CPU interface, and PSTATE */
void guest_enable_irqs(void);

#endif
