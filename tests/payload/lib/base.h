/*
 * Payloads: what all of them and their libraries count in
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_BASE_H
#define PAYLOAD_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a)       (sizeof(a) / sizeof((a)[0]))
#define BIT(n)              (1ull << (n))
#define ROUND_UP(x, to)     (((x) + (to) - 1) & ~((uint64_t)(to) - 1))
#define KiB                 1024ull
#define MiB                 (1024 * KiB)
#define GiB                 (1024 * MiB)
#define PAGE_SIZE           (4 * KiB)

#endif
