/*
 * KVM's interrupt routes and VT-d interrupt remapping
 *
 * hw/i386/vtd/routes.c tells how.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_I386_VTD_ROUTES_H
#define HW_I386_VTD_ROUTES_H

#include "exec/memory.h"
#include "hw/pci/msi.h"
#include "qemu/event_notifier.h"

/* Ask KVM to tell of eventfds, before any is there; @as: the IOAPIC's */
void vtd_routes_init(AddressSpace *as);

/*
 * KVM's route @virq is about to stand for @msg of @dev (NULL: the IOAPIC).
 * @userspace: KVM cannot deliver it, so its eventfds are to end here; else
 * they go (back) to KVM.  Returns @userspace.
 */
bool vtd_route_set(int virq, bool userspace, PCIDevice *dev, MSIMessage msg);

/* Whether @virq ends in userspace */
bool vtd_route_in_userspace(int virq);

/* @virq is given back; its eventfds are gone */
void vtd_route_release(int virq);

/* A message that no APIC takes, for a route whose interrupts end here */
MSIMessage vtd_route_nobody(void);

#endif
