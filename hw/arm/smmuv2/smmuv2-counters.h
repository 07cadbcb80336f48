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

typedef struct SMMUv2CounterProperty {
    const char *name, *description;
    size_t offset;              /* of an SMMUv2Count in the object */
} SMMUv2CounterProperty;

/* One more; another thread's may be lost, which statistics can bear */
static inline void smmuv2_count(SMMUv2Count *counter)
{
    qatomic_set_u64(counter, qatomic_read_u64(counter) + 1);
}

/*
 * For what each thread keeps in a line of the cache of its own: a number that
 * no other running thread has, or, when they are used up, SMMUV2_SLOTS - 1,
 * which threads share.
 */
#define SMMUV2_SLOTS    16

extern __thread unsigned smmuv2_slot_plus_1;
unsigned smmuv2_new_slot(void);

static inline unsigned smmuv2_slot(void)
{
    unsigned slot = smmuv2_slot_plus_1;

    return likely(slot) ? slot - 1 : smmuv2_new_slot();
}

/* Make @n of them read-only properties of a class */
void smmuv2_add_counters(ObjectClass *oc, const SMMUv2CounterProperty *counters,
                         size_t n);

#endif
