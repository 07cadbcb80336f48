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
extern char guest_vectors[];

/* For start.S */
void cpu_main(void);
void irq_dispatch(void);
void guest_irq(void);

#endif
