/*
 * Payloads: an x86 machine: local APICs, interrupts, COM1
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_X86_H
#define PAYLOAD_X86_H

#include "asm.h"

/* ---- Interrupts (apic.c) ---- */

#define VECTOR_KICK     0xf0        /* look for a job */
#define VECTOR_SPURIOUS 0xff

/* An interrupt as a gate stores it */
struct frame {
    uint64_t error, rip, cs, rflags, rsp, ss;
};

void apic_init(void);
/* A fixed interrupt, an INIT or STARTUP: bits 31:0 of ICR, without the CPU */
void apic_send(unsigned apic_id, uint32_t icr);
/*
 * Run @handler on the CPU that takes @vector, with interrupts masked; without
 * one it is counted only.
 */
void irq_handle(unsigned vector, void (*handler)(unsigned vector));
/* How often @cpu has taken @vector, since irq_forget() */
unsigned irqs(unsigned cpu, unsigned vector);
/* All vectors from 32 on, but for VECTOR_KICK */
unsigned irqs_all(unsigned cpu);
void irq_forget(void);

/* A gate of an IDT */
struct gate {
    uint64_t lo, hi;
};
/* Gates that are 16 bytes of code apart, from @code on */
void idt_fill(struct gate *idt, const char *code);

/* ---- start.S ---- */

struct vcpu;

extern uint64_t page_tables[];
extern struct gate host_idt[256];
extern char host_gates[], guest_gates[], gdt[], gdt_end[];
extern char trampoline[], trampoline_cpu[], trampoline_end[];
void guest_enter(struct vcpu *v);
/* For start.S */
void cpu_main(void);
void interrupt(uint64_t vector, struct frame *f);
void guest_irq(uint64_t vector, struct frame *f);

#endif
