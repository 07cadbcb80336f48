/*
 * Fuzzer of VT-d posting: guest memory
 *
 * RAM, ROM above it, device registers above that, then nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_FUZZ_VTD_FUZZ_MEMORY_H
#define TESTS_FUZZ_VTD_FUZZ_MEMORY_H

#define RAM_SIZE    0x2000u
#define ROM_SIZE    0x1000u
#define MMIO_SIZE   0x1000u

extern uint8_t fuzz_ram[RAM_SIZE + ROM_SIZE];

void fuzz_memory_init(void);

/* Where memory was marked dirty since the last call; false: nowhere */
bool fuzz_dirty(uint64_t *addr, uint64_t *len);

#endif
