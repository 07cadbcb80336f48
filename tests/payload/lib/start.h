/*
 * Payloads: what C and start.S have of each other
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_START_H
#define PAYLOAD_START_H

struct vcpu;

/* From start.S and payload.ld */
extern char _start[];
extern uint64_t el3_booted;
void secondary_start(void);
int guest_enter(struct vcpu *v);
extern char guest_vectors[], image_end[];

/* For start.S */
void cpu_main(void);
void irq_dispatch(void);
void guest_irq(void);
void exception_report(const char *what, uint64_t r0, uint64_t r1, uint64_t r2)
    __attribute__((noreturn));

#endif
