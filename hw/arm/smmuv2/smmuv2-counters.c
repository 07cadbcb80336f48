/*
 * Arm SMMUv2 statistics
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/visitor.h"
#include "smmuv2-counters.h"

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
