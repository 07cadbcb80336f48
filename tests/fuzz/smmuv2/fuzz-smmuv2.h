/*
 * Fuzzer of the SMMUv2 model
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_FUZZ_SMMUV2_FUZZ_SMMUV2_H
#define TESTS_FUZZ_SMMUV2_FUZZ_SMMUV2_H

/* Bytes of an operation */
#define FUZZ_OP_SIZE    24

/* What was done so far, over all inputs */
typedef struct FuzzStats {
    uint64_t ops;
    uint64_t translations;
    uint64_t checked;           /* of those, compared with the reference */
    uint64_t mapped, faults;    /* of these, that translated and faulted */
} FuzzStats;

extern FuzzStats fuzz_stats;

#endif
