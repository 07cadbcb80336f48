/*
 * KVM's interrupt routes and VT-d interrupt remapping
 *
 * With the APICs in KVM and the IOMMU in QEMU (kernel-irqchip=split), devices
 * whose interrupts do not come from QEMU's own threads (vhost, vfio) signal an
 * eventfd that KVM turns into a message: a route.  Its message is what the
 * IRTE said when the route was made or the entry last invalidated.
 *
 * A posted entry has no message, and an entry that faults has none either.  A
 * route of theirs ends in userspace: its eventfds are taken from KVM and
 * watched here, and each event is sent as the device's own message through the
 * IOMMU, which posts, or records the fault.  When the entry becomes a remapped
 * one, the eventfds go back to KVM.  An event in between stays in the eventfd's
 * count, where the new side finds it.
 *
 * The caller (target/i386/kvm) says which route is which; this file keeps
 * track.  All of it runs under the BQL.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "exec/address-spaces.h"
#include "hw/i386/apic-msidef.h"
#include "hw/i386/vtd-routes.h"
#include "system/kvm-irqfd.h"
#include "trace.h"

#define INTERRUPT_ADDRESS   0xfee00000

typedef struct Route {
    int virq;
    bool userspace;
    PCIDevice *dev;             /* NULL: the IOAPIC */
    MSIMessage msg;
    QLIST_HEAD(, Eventfd) eventfds;
} Route;

typedef struct Eventfd {
    EventNotifier event;        /* a copy, the owner's may move */
    Route *route;
    QLIST_ENTRY(Eventfd) next;
} Eventfd;

/* By virq */
static GHashTable *routes;
static AddressSpace *ioapic_as;

static Route *find(int virq)
{
    return routes ? g_hash_table_lookup(routes, GINT_TO_POINTER(virq)) : NULL;
}

static Route *find_or_add(int virq)
{
    Route *route = find(virq);

    if (!route) {
        if (!routes) {
            routes = g_hash_table_new(NULL, NULL);
        }
        route = g_new0(Route, 1);
        route->virq = virq;
        g_hash_table_insert(routes, GINT_TO_POINTER(virq), route);
    }
    return route;
}

/* As the device itself would: the IOMMU decides what becomes of it */
static void send_message(Route *route)
{
    trace_vtd_route_send(route->virq, route->msg.address, route->msg.data);
    if (route->dev) {
        msi_send_message(route->dev, route->msg);
    } else {
        address_space_stl_le(ioapic_as, route->msg.address, route->msg.data,
                             MEMTXATTRS_UNSPECIFIED, NULL);
    }
}

static void on_event(EventNotifier *event)
{
    Eventfd *e = container_of(event, Eventfd, event);

    if (event_notifier_test_and_clear(event)) {
        send_message(e->route);
    }
}

static void watch(Eventfd *e, bool on)
{
    event_notifier_set_handler(&e->event, on ? on_event : NULL);
    trace_vtd_route_irqfd(e->route->virq, event_notifier_get_fd(&e->event), on);
}

/* An eventfd comes (@assign) or goes; true: it is ours, not KVM's */
static bool take_over(EventNotifier *event, int virq, bool assign)
{
    const int fd = event_notifier_get_fd(event);
    Route *route = assign ? find_or_add(virq) : find(virq);
    Eventfd *e;

    if (!route) {
        return false;
    }
    if (assign) {
        e = g_new0(Eventfd, 1);
        e->route = route;
        event_notifier_init_fd(&e->event, fd);
        QLIST_INSERT_HEAD(&route->eventfds, e, next);
        if (route->userspace) {
            watch(e, true);
        }
        return route->userspace;
    }
    QLIST_FOREACH(e, &route->eventfds, next) {
        if (event_notifier_get_fd(&e->event) == fd) {
            if (route->userspace) {
                watch(e, false);
            }
            QLIST_REMOVE(e, next);
            g_free(e);
            return route->userspace;
        }
    }
    return false;
}

void vtd_routes_init(AddressSpace *as)
{
    ioapic_as = as;
    kvm_irqchip_set_takeover(take_over);
}

bool vtd_route_set(int virq, bool userspace, PCIDevice *dev, MSIMessage msg)
{
    Route *route = userspace ? find_or_add(virq) : find(virq);
    Eventfd *e;

    if (!route) {
        return false;
    }
    route->dev = dev;
    route->msg = msg;
    if (route->userspace == userspace) {
        return userspace;
    }
    trace_vtd_route(virq, userspace);
    route->userspace = userspace;
    QLIST_FOREACH(e, &route->eventfds, next) {
        int ret;

        if (!userspace) {
            watch(e, false);
        }
        ret = kvm_irqchip_irqfd_direct(kvm_state, &e->event, virq, !userspace);
        if (ret) {
            /* The interrupt is lost, nothing else */
            warn_report_once("interrupt route %d cannot be moved %s KVM: %s",
                             virq, userspace ? "out of" : "into",
                             strerror(-ret));
        }
        if (userspace) {
            watch(e, true);
        }
    }
    return userspace;
}

bool vtd_route_in_userspace(int virq)
{
    Route *route = find(virq);

    return route && route->userspace;
}

void vtd_route_release(int virq)
{
    Route *route = find(virq);
    Eventfd *e, *next;

    if (!route) {
        return;
    }
    QLIST_FOREACH_SAFE(e, &route->eventfds, next, next) {
        if (route->userspace) {
            watch(e, false);
        }
        g_free(e);
    }
    g_hash_table_remove(routes, GINT_TO_POINTER(virq));
    g_free(route);
}

/* Fixed, to a set of CPUs (logical destination) that is empty */
MSIMessage vtd_route_nobody(void)
{
    return (MSIMessage) {
        .address = INTERRUPT_ADDRESS | 1 << MSI_ADDR_DEST_MODE_SHIFT,
    };
}
