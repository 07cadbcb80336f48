/*
 * Fuzzers: what one gives to the driver
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_FUZZ_DRIVER_H
#define TESTS_FUZZ_DRIVER_H

typedef struct FuzzTarget {
    const char *name;
    const char *about;          /* what it fuzzes */
    size_t max_size;            /* of an input */

    /* Make input @run of @seed, always the same; returns its size */
    size_t (*generate)(uint64_t seed, uint64_t run, uint8_t *data);
    /* What was done so far, in words that follow a comma */
    char *(*progress)(void);
    /* What @runs inputs should have reached and have not, or NULL */
    const char *(*objection)(uint64_t runs);
} FuzzTarget;

/* The program's */
extern const FuzzTarget fuzz_target;

/*
 * Run one input; what is wrong aborts, after a line on stderr that says what.
 * The name is libFuzzer's.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
