/*
 * ITS: unit tests of the events that it remembers (hw/intc/gicv4/events.c)
 *
 *   GICV4_TEST_SEED=N GICV4_TEST_COUNT=N test-gicv4-events
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/intc/gicv4/events.h"
#include "../smmuv2/test-util.h"

static void add(GICv4Events *events, uint32_t devid, uint32_t eventid,
                uint32_t intid)
{
    GICv4Event event = {
        .generation = events->generation,
        .devid = devid,
        .eventid = eventid,
        .intid = intid,
    };

    gicv4_events_add(events, &event);
}

static void test_found(void)
{
    g_autofree GICv4Events *events = gicv4_events_new();

    /* Neither is the event that an unused slot may be taken for */
    g_assert_null(gicv4_events_find(events, 0, 0));
    add(events, 0, 0, 8192);
    add(events, 1, 7, 9000);
    g_assert_cmpuint(gicv4_events_find(events, 0, 0)->intid, ==, 8192);
    g_assert_cmpuint(gicv4_events_find(events, 1, 7)->intid, ==, 9000);
    g_assert_null(gicv4_events_find(events, 7, 1));
    g_assert_null(gicv4_events_find(events, 1, 7 + GICV4_EVENT_SLOTS));
    g_assert_cmpuint(events->hits, ==, 2);
    g_assert_cmpuint(events->misses, ==, 3);
}

/* Events of one device do not drive each other out */
static void test_one_device(void)
{
    g_autofree GICv4Events *events = gicv4_events_new();

    for (unsigned i = 0; i < GICV4_EVENT_SLOTS; i++) {
        add(events, 0x1234, i, 8192 + i);
    }
    for (unsigned i = 0; i < GICV4_EVENT_SLOTS; i++) {
        g_assert_cmpuint(gicv4_events_find(events, 0x1234, i)->intid, ==,
                         8192 + i);
    }
}

static void test_flush(void)
{
    g_autofree GICv4Events *events = gicv4_events_new();

    add(events, 1, 7, 9000);
    g_assert_nonnull(gicv4_events_find(events, 1, 7));
    gicv4_events_flush(events);
    g_assert_null(gicv4_events_find(events, 1, 7));
    add(events, 1, 7, 9001);
    g_assert_cmpuint(gicv4_events_find(events, 1, 7)->intid, ==, 9001);
}

/* Something changed while the tables were read: what came of it is not kept */
static void test_too_late(void)
{
    g_autofree GICv4Events *events = gicv4_events_new();
    GICv4Event event = { .generation = events->generation, .devid = 1 };

    gicv4_events_flush(events);
    gicv4_events_add(events, &event);
    g_assert_null(gicv4_events_find(events, 1, 0));
}

/*
 * Any operations, against a table of what was mapped when: what is found was
 * added since the last flush, and is the last that was
 */
static void test_random(void)
{
    uint64_t seed = test_env("GICV4_TEST_SEED", g_get_real_time() /
                             G_USEC_PER_SEC / (24 * 3600));
    uint64_t count = test_env("GICV4_TEST_COUNT", 1000000);
    g_autofree GICv4Events *events = gicv4_events_new();
    static struct {
        uint32_t intid;
        unsigned epoch;
    } model[64][512];
    uint64_t rng = mix64(seed), found = 0, flushes = 0;
    unsigned epoch = 1;

    g_test_message("GICV4_TEST_SEED=%" PRIu64, seed);
    for (uint64_t n = 0; n < count; n++) {
        unsigned devid = rnd(&rng, 64), eventid = rnd(&rng, 512);
        GICv4Event *event;

        if (one_in(&rng, 2000)) {
            gicv4_events_flush(events);
            epoch++;
            flushes++;
        }
        if (one_in(&rng, 2)) {
            uint32_t intid = rnd64(&rng);

            add(events, devid << 4, eventid, intid);
            model[devid][eventid].intid = intid;
            model[devid][eventid].epoch = epoch;
            event = gicv4_events_find(events, devid << 4, eventid);
            g_assert_nonnull(event);
        } else {
            event = gicv4_events_find(events, devid << 4, eventid);
        }
        if (event) {
            found++;
            g_assert_cmpuint(event->devid, ==, devid << 4);
            g_assert_cmpuint(event->eventid, ==, eventid);
            g_assert_cmpuint(event->intid, ==, model[devid][eventid].intid);
            g_assert_cmpuint(model[devid][eventid].epoch, ==, epoch);
        }
    }
    g_assert_cmpuint(events->hits, ==, found);
    g_assert_cmpuint(flushes, >, 0);
    g_test_message("%" PRIu64 " operations, %" PRIu64 " found, %" PRIu64
                   " times forgotten", count, found, flushes);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gicv4/events/found", test_found);
    g_test_add_func("/gicv4/events/one-device", test_one_device);
    g_test_add_func("/gicv4/events/flush", test_flush);
    g_test_add_func("/gicv4/events/too-late", test_too_late);
    g_test_add_func("/gicv4/events/random", test_random);
    return g_test_run();
}
