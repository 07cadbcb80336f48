/*
 * Fuzzer of the GIC: inputs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "fuzz-gicv4.h"
#include "../driver.h"
#include "../../unit/smmuv2/test-util.h"

#define MAX_OPS     400

/*
 * Random operations, after some that map vPEs and events; most are about few
 * events and do not change a table
 */
static size_t generate(uint64_t seed, uint64_t run, uint8_t *data)
{
    uint64_t rng = mix64(seed) ^ mix64(run + 1);
    static const uint8_t often[] = {
        FUZZ_OP_EVENT, FUZZ_OP_EVENT, FUZZ_OP_ACKNOWLEDGE,
        FUZZ_OP_ACKNOWLEDGE, FUZZ_OP_SCHEDULE, FUZZ_OP_DESCHEDULE,
    };
    unsigned devs = 1 + rnd(&rng, 4), events = 1 + rnd(&rng, 8);
    unsigned ops = 40 + rnd(&rng, one_in(&rng, 4) ? MAX_OPS - 40 : 100);

    data[0] = rnd64(&rng);
    if (one_in(&rng, 4)) {
        data[0] |= FUZZ_WILD;
    }
    for (unsigned i = 0; i < ops; i++) {
        uint8_t *op = data + 1 + i * FUZZ_OP_SIZE;
        uint64_t bytes = rnd64(&rng);

        memcpy(op, &bytes, FUZZ_OP_SIZE);
        if ((data[0] & FUZZ_WILD) == FUZZ_WILD) {
            continue;
        }
        if (i < 6) {
            op[0] = FUZZ_OP_MAP_VPE;
            op[1] = i;
            op[3] |= 1;
        } else if (i < 24) {
            op[0] = FUZZ_OP_MAP_EVENT;
            op[1] %= devs;
            op[2] %= events;
        } else if (!one_in(&rng, 4)) {
            op[0] = often[rnd(&rng, ARRAY_SIZE(often))];
            if (op[0] == FUZZ_OP_EVENT) {
                op[1] %= devs;
                op[2] %= events;
            }
        }
    }
    return 1 + ops * FUZZ_OP_SIZE;
}

static char *progress(void)
{
    return g_strdup_printf("%" PRIu64 " operations compared (%" PRIu64
                           " events, %" PRIu64 " of them known; %" PRIu64
                           " acknowledged, %" PRIu64 " by vPEs; %" PRIu64
                           " scheduled, %" PRIu64 " doorbells), %" PRIu64
                           " wild", fuzz_stats.operations, fuzz_stats.events,
                           fuzz_stats.known, fuzz_stats.acknowledged,
                           fuzz_stats.acknowledged_virtual,
                           fuzz_stats.residencies, fuzz_stats.doorbells,
                           fuzz_stats.wild);
}

static const char *objection(uint64_t runs)
{
    return fuzz_stats.known < runs || fuzz_stats.acknowledged < runs ||
           fuzz_stats.acknowledged_virtual < runs / 4 ||
           fuzz_stats.doorbells < runs / 4 || !fuzz_stats.wild ?
           "hardly anything has happened" : NULL;
}

const FuzzTarget fuzz_target = {
    .name = "fuzz-gicv4",
    .about = "the GIC",
    .max_size = 1 + MAX_OPS * FUZZ_OP_SIZE,
    .generate = generate,
    .progress = progress,
    .objection = objection,
};
