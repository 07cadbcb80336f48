/*
 * Payloads: the secure side, through the monitor in el3.S
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_SECURE_H
#define PAYLOAD_SECURE_H

#include "asm.h"

/* The virt board's; nobody reaches it but by secure accesses */
#define SECURE_RAM      0x0e000000ull

/* Whether there is one: -M virt,secure=on */
bool secure_there(void);
uint32_t secure_read32(uint64_t address);
void secure_write32(uint64_t address, uint32_t value);
uint64_t secure_read64(uint64_t address);
void secure_write64(uint64_t address, uint64_t value);

#endif
