/*
 * Guest memory around GIC sources, for tests: some RAM, registers above it,
 * then nothing
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_UNIT_GICV4_MEMORY_H
#define TESTS_UNIT_GICV4_MEMORY_H

#define RAM_SIZE    0x200000u
#define MMIO        RAM_SIZE
#define MMIO_SIZE   0x10000u

extern uint8_t test_ram[RAM_SIZE];

/* Called at each access to registers, which read as 0 */
extern void (*test_mmio_hook)(void);

#endif
