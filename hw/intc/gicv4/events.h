/*
 * ITS: where events go, remembered
 *
 * To translate an event, an ITS reads a device table, an interrupt translation
 * table, and a collection or vPE table, all in guest memory. Here is what came
 * of it for recent events. Tables change only by commands, and by those seldom,
 * so whatever changes one makes all of this void at once: nobody needs to know
 * which events are meant.
 *
 * Not here is what is wrong, so that it is looked at, and logged, each time.
 * In a GICv4.1 the vPE's entry is not here either, since redistributors change
 * it; only where the vPE has been mapped to, to look there first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_INTC_GICV4_EVENTS_H
#define HW_INTC_GICV4_EVENTS_H

#define GICV4_EVENT_SLOTS   1024

typedef struct GICv4Event {
    uint64_t generation;        /* of all that is known; 0: unused */
    uint32_t devid;
    uint32_t eventid;
    uint32_t intid;
    bool is_virtual;
    uint32_t cpu;               /* the LPI's; for a vLPI, the vPE's */
    uint16_t vpeid;             /* of a vLPI */
    uint32_t doorbell;
    uint64_t vptaddr;           /* GICv4.0 */
} GICv4Event;

typedef struct GICv4Events {
    uint64_t generation;
    uint64_t hits;
    uint64_t misses;
    GICv4Event slot[GICV4_EVENT_SLOTS];
} GICv4Events;

GICv4Events *gicv4_events_new(void);
/* Forget all; the counters stay */
void gicv4_events_flush(GICv4Events *events);
/* What is known of the event, or NULL; counted as a hit or a miss */
GICv4Event *gicv4_events_find(GICv4Events *events, uint32_t devid,
                              uint32_t eventid);
/*
 * Remember @event, perhaps in the place of another one. Its generation is that
 * of @events when the tables began to be read: if it is another one by now,
 * what was read may be void, and is not kept.
 */
void gicv4_events_add(GICv4Events *events, const GICv4Event *event);

#endif
