/*
 * Arm SMMUv2 unit tests: random numbers that can be had again
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_UNIT_SMMUV2_TEST_UTIL_H
#define TESTS_UNIT_SMMUV2_TEST_UTIL_H

/* splitmix64: one word of state, any seed will do */
static inline uint64_t mix64(uint64_t x)
{
    x += 0x9e3779b97f4a7c15ull;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

static inline uint64_t rnd64(uint64_t *state)
{
    *state += 0x9e3779b97f4a7c15ull;
    return mix64(*state);
}

/* 0 to @n - 1 */
static inline unsigned rnd(uint64_t *state, unsigned n)
{
    return (rnd64(state) >> 32) % n;
}

/* True once in @n times */
static inline bool one_in(uint64_t *state, unsigned n)
{
    return rnd(state, n) == 0;
}

static inline uint64_t test_env(const char *name, uint64_t otherwise)
{
    const char *value = g_getenv(name);

    return value ? g_ascii_strtoull(value, NULL, 0) : otherwise;
}

/* SMMUV2_TEST_SEED, or another one each day; printed, to be had again */
static inline uint64_t test_seed(void)
{
    static uint64_t seed;

    if (!seed) {
        seed = test_env("SMMUV2_TEST_SEED",
                        g_get_real_time() / G_USEC_PER_SEC / (24 * 3600));
        g_test_message("SMMUV2_TEST_SEED=%" PRIu64, seed);
    }
    return seed;
}

/* How many random cases: SMMUV2_TEST_COUNT */
static inline uint64_t test_count(uint64_t otherwise)
{
    return test_env("SMMUV2_TEST_COUNT", otherwise);
}

#endif
