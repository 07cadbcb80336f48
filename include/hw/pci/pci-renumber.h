/*
 * PCI buses that change their numbers
 *
 * The guest numbers the buses behind bridges; who has remembered a requester
 * ID, which has the number in it, wants to know.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_PCI_PCI_RENUMBER_H
#define HW_PCI_PCI_RENUMBER_H

#include "qemu/notify.h"

/* @n gets the PCIBus behind a bridge after its number changed; under the BQL */
void pci_bus_add_renumber_notifier(Notifier *n);

#endif
