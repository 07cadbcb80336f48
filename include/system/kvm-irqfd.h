/*
 * KVM: irqfds that someone else may take
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef SYSTEM_KVM_IRQFD_H
#define SYSTEM_KVM_IRQFD_H

#include "qemu/event_notifier.h"
#include "system/kvm.h"

/*
 * Someone who may keep eventfds of routes from KVM: called when one comes
 * (@assign) or goes; true if KVM is not to see it.
 */
typedef bool KVMIrqfdTakeover(EventNotifier *n, int virq, bool assign);
void kvm_irqchip_set_takeover(KVMIrqfdTakeover *takeover);

/* Give an eventfd to KVM or take it away, past that someone */
int kvm_irqchip_irqfd_direct(KVMState *s, EventNotifier *n, int virq,
                             bool assign);

#endif
