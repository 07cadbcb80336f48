/*
 * Fuzzer of the SMMUv2 model: inputs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "fuzz-smmuv2.h"
#include "../driver.h"
#include "../../unit/smmuv2/test-util.h"

#define MAX_OPS     256

/* Random operations, after some that set up a bank and its stream */
static size_t generate(uint64_t seed, uint64_t run, uint8_t *data)
{
    uint64_t rng = mix64(seed) ^ mix64(run + 1);
    unsigned ops = 4 + rnd(&rng, one_in(&rng, 8) ? MAX_OPS - 4 : 48);
    unsigned banks = rnd(&rng, 5), cb = 0;

    data[0] = rnd64(&rng);
    for (unsigned i = 0; i < ops; i++) {
        uint8_t *op = data + 1 + i * FUZZ_OP_SIZE;

        for (unsigned n = 0; n < FUZZ_OP_SIZE; n++) {
            op[n] = rnd64(&rng);
        }
        if (i >= 3 * banks) {
            continue;
        }
        /* Plain banks, mostly, streams of one master, tables */
        if (i % 3 == 0) {
            op[0] = 1;
            op[1] = cb = rnd(&rng, 8);
            op[2] &= one_in(&rng, 4) ? 0x7f : 0x03;
        } else if (i % 3 == 1) {
            op[0] = 0;
            op[2] &= one_in(&rng, 4) ? 0xff : 0x02;
            op[3] = cb;
        } else {
            op[0] = one_in(&rng, 2) ? 2 : 4;
            op[1] = cb;
        }
    }
    return 1 + ops * FUZZ_OP_SIZE;
}

static char *progress(void)
{
    return g_strdup_printf("%" PRIu64 " translations, %" PRIu64 " compared (%"
                           PRIu64 " mapped, %" PRIu64 " faulted)",
                           fuzz_stats.translations, fuzz_stats.checked,
                           fuzz_stats.mapped, fuzz_stats.faults);
}

static const char *objection(uint64_t runs)
{
    return fuzz_stats.mapped < runs / 4 || fuzz_stats.faults < runs / 4 ?
           "hardly anything was translated" : NULL;
}

const FuzzTarget fuzz_target = {
    .name = "fuzz-smmuv2",
    .about = "the SMMUv2 model",
    .max_size = 1 + MAX_OPS * FUZZ_OP_SIZE,
    .generate = generate,
    .progress = progress,
    .objection = objection,
};
