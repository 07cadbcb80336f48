/*
 * Arm SMMUv2 statistics
 *
 * Counters that people read as QOM properties.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_COUNTERS_H
#define HW_ARM_SMMUV2_COUNTERS_H

#include "qemu/atomic.h"
#include "qom/object.h"

/* Approximate while several threads count: see smmuv2_count() */
typedef aligned_uint64_t SMMUv2Count;

/*
 * The same for the fast path: threads that count at the same time write to
 * different lines of the cache.  The sum is exact up to SMMUV2_STRIPES threads.
 */
#define SMMUV2_STRIPES  16
typedef struct SMMUv2FastCount {
    struct {
        SMMUv2Count n;
        uint8_t room[64 - sizeof(SMMUv2Count)];
    } stripe[SMMUV2_STRIPES];
} SMMUv2FastCount;

typedef struct SMMUv2CounterProperty {
    const char *name, *description;
    size_t offset;              /* of an SMMUv2Count in the object */
} SMMUv2CounterProperty;

/* One more; another thread's may be lost, which statistics can bear */
static inline void smmuv2_count(SMMUv2Count *counter)
{
    qatomic_set_u64(counter, qatomic_read_u64(counter) + 1);
}

/* The stripe of the calling thread plus one; 0: it has none yet */
extern __thread unsigned smmuv2_stripe;
unsigned smmuv2_new_stripe(void);

static inline void smmuv2_count_fast(SMMUv2FastCount *counter)
{
    unsigned stripe = smmuv2_stripe;

    if (unlikely(!stripe)) {
        stripe = smmuv2_new_stripe();
    }
    smmuv2_count(&counter->stripe[stripe - 1].n);
}

uint64_t smmuv2_fast_count(const SMMUv2FastCount *counter);
void smmuv2_fast_count_reset(SMMUv2FastCount *counter);

/* Make @n of them read-only properties of a class */
void smmuv2_add_counters(ObjectClass *oc, const SMMUv2CounterProperty *counters,
                         size_t n);

#endif
