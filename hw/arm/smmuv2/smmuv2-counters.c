/*
 * Arm SMMUv2 statistics
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/visitor.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "qemu/notify.h"
#include "qemu/thread.h"
#include "smmuv2-counters.h"

__thread unsigned smmuv2_slot_plus_1;

static uint32_t used_slots;     /* bits; atomic */
static __thread Notifier slot_exit;

static void free_slot(Notifier *notifier, void *data)
{
    qatomic_and(&used_slots, ~BIT(smmuv2_slot_plus_1 - 1));
    smmuv2_slot_plus_1 = 0;
}

unsigned smmuv2_new_slot(void)
{
    uint32_t used = qatomic_read(&used_slots), old;
    unsigned slot;

    do {
        slot = MIN(cto32(used), SMMUV2_SLOTS - 1);
        old = used;
        used = qatomic_cmpxchg(&used_slots, old, old | BIT(slot));
    } while (used != old);
    smmuv2_slot_plus_1 = slot + 1;
    if (slot < SMMUV2_SLOTS - 1) {
        slot_exit.notify = free_slot;
        qemu_thread_atexit_add(&slot_exit);
    }
    return slot;
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
