/*
 * Fuzzer of the GIC: inputs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_FUZZ_GICV4_FUZZ_GICV4_H
#define TESTS_FUZZ_GICV4_FUZZ_GICV4_H

/* The first byte: GICv4.1, a small table, wild; then operations of this size */
#define FUZZ_OP_SIZE    8
#define FUZZ_V41        0x01
#define FUZZ_WILD       0x0e    /* if all are set */
#define FUZZ_SMALL      0x10

/* What the first byte of some operations is */
#define FUZZ_OP_EVENT       0
#define FUZZ_OP_MAP_EVENT   3
#define FUZZ_OP_ACKNOWLEDGE 4
#define FUZZ_OP_SCHEDULE    5
#define FUZZ_OP_DESCHEDULE  6
#define FUZZ_OP_MAP_VPE     7

typedef struct FuzzStats {
    uint64_t operations, wild, events, doorbells, acknowledged,
             acknowledged_virtual, residencies, known;
} FuzzStats;

extern FuzzStats fuzz_stats;

#endif
