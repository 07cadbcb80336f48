/*
 * Payloads: memory
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"

static struct spinlock lock;
static uint64_t next;

uint64_t mem_alloc(uint64_t size, uint64_t align)
{
    uint64_t start;

    spin_lock(&lock);
    if (!next) {
        next = (uintptr_t)image_end;
    }
    start = ROUND_UP(next, align);
    next = start + ROUND_UP(size, 8);
    spin_unlock(&lock);
    if (start + size > RAM_BASE + RAM_SIZE) {
        bail_out("out of memory");
    }
    for (uint64_t i = 0; i < size; i += 8) {
        *at(uint64_t, start + i) = 0;
    }
    return start;
}
