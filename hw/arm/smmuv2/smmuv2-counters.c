/*
 * Arm SMMUv2 statistics
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/visitor.h"
#include "smmuv2-counters.h"

__thread unsigned smmuv2_stripe;

unsigned smmuv2_new_stripe(void)
{
    static unsigned threads;

    smmuv2_stripe = qatomic_fetch_inc(&threads) % SMMUV2_STRIPES + 1;
    return smmuv2_stripe;
}

uint64_t smmuv2_fast_count(const SMMUv2FastCount *counter)
{
    uint64_t sum = 0;

    for (int i = 0; i < SMMUV2_STRIPES; i++) {
        sum += qatomic_read_u64(&counter->stripe[i].n);
    }
    return sum;
}

void smmuv2_fast_count_reset(SMMUv2FastCount *counter)
{
    for (int i = 0; i < SMMUV2_STRIPES; i++) {
        qatomic_set_u64(&counter->stripe[i].n, 0);
    }
}

static void get_counter(Object *obj, Visitor *v, const char *name,
                        void *opaque, Error **errp)
{
    SMMUv2Count *counter = (void *)((char *)obj + (uintptr_t)opaque);
    uint64_t value = qatomic_read_u64(counter);

    visit_type_uint64(v, name, &value, errp);
}

void smmuv2_add_counters(ObjectClass *oc, const SMMUv2CounterProperty *counters,
                         size_t n)
{
    for (size_t i = 0; i < n; i++) {
        object_class_property_add(oc, counters[i].name, "uint64", get_counter,
                                  NULL, NULL,
                                  (void *)(uintptr_t)counters[i].offset);
        object_class_property_set_description(oc, counters[i].name,
                                              counters[i].description);
    }
}
