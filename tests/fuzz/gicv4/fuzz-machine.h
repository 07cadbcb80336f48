/*
 * Fuzzer of the GIC: a GIC without a board
 *
 * The real ITS, redistributors and GICv4.1 code, over the guest memory of
 * tests/unit/gicv4/memory.h. The CPU interface is CPU code; here is as much of
 * it as acknowledges interrupts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_FUZZ_GICV4_FUZZ_MACHINE_H
#define TESTS_FUZZ_GICV4_FUZZ_MACHINE_H

#include "hw/intc/gicv4/gicv41.h"
#include "hw/intc/gicv4/lpis.h"
#include "../../unit/gicv4/memory.h"

#define CPUS        3
#define MAX_ITS     2

extern GICv3State gic;
extern GICv3ITSState *its;      /* those that machine_start() has made */

/* A GIC as reset leaves it; memory stays as it is */
void machine_start(bool v41, unsigned num_its);
/* What migration does to the device that has been migrated */
void machine_post_load(void);

/* Accesses as the bus makes them: aligned, of 4 or 8 bytes, or 2 to events */
uint64_t gicr_read(unsigned cpu, unsigned offset, unsigned size);
void gicr_write(unsigned cpu, unsigned offset, uint64_t value, unsigned size);
uint64_t its_read(unsigned n, unsigned offset, unsigned size);
void its_write(unsigned n, unsigned offset, uint64_t value, unsigned size);
void its_message(unsigned n, uint32_t devid, uint32_t eventid, unsigned size);
void its_sgi_write(unsigned n, unsigned offset, uint64_t value,
                   unsigned size);

/* The CPU interface acknowledges the best; the INTID, or 0 if there is none */
unsigned acknowledge(unsigned cpu);
/* The same for the vPE; -1 if there is none */
int acknowledge_virtual(unsigned cpu);

/* In fuzz-its.c, which sees what the ITS keeps to itself */
void its_types(void);
void its_realize(GICv3ITSState *s);
void its_reset(GICv3ITSState *s);
void its_post_load(GICv3ITSState *s);
MemTxResult its_control(GICv3ITSState *s, bool write, unsigned offset,
                        uint64_t *value, unsigned size);
void its_translation(GICv3ITSState *s, uint32_t devid, uint32_t eventid,
                     unsigned size);

#endif
