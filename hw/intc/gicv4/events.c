/*
 * ITS: where events go, remembered
 *
 * Each event has one slot, which it shares with others. Events of a device are
 * numbered from 0, so those of one device have different slots.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "events.h"

static unsigned slot_of(uint32_t devid, uint32_t eventid)
{
    /* Fibonacci hashing: devices that follow each other are far apart */
    return (((devid * 0x9e3779b9u) >> 16) + eventid) % GICV4_EVENT_SLOTS;
}

GICv4Events *gicv4_events_new(void)
{
    GICv4Events *events = g_new0(GICv4Events, 1);

    events->generation = 1;
    return events;
}

void gicv4_events_flush(GICv4Events *events)
{
    events->generation++;
}

GICv4Event *gicv4_events_find(GICv4Events *events, uint32_t devid,
                              uint32_t eventid)
{
    GICv4Event *event = &events->slot[slot_of(devid, eventid)];

    if (event->generation == events->generation && event->devid == devid &&
        event->eventid == eventid) {
        events->hits++;
        return event;
    }
    events->misses++;
    return NULL;
}

void gicv4_events_add(GICv4Events *events, const GICv4Event *event)
{
    if (event->generation == events->generation) {
        events->slot[slot_of(event->devid, event->eventid)] = *event;
    }
}
