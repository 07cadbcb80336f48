/*
 * TLB invalidations that CPUs broadcast
 *
 * When an emulated CPU invalidates TLB entries of all CPUs, those who cache
 * translations of the same tables without being CPUs (an IOMMU in a system with
 * distributed virtual memory) are told as well.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef EXEC_TLB_BROADCAST_H
#define EXEC_TLB_BROADCAST_H

#include "exec/vaddr.h"
#include "qemu/notify.h"

typedef struct TLBBroadcast {
    uint16_t idxmap;            /* regimes: MMU indices of the target */
    vaddr addr;                 /* first address; size 0: all addresses */
    vaddr size;
    unsigned bits;              /* of the address that count */
} TLBBroadcast;

/**
 * tlb_broadcast_add_notifier: be told of each broadcast invalidation
 * @n: gets a TLBBroadcast, in the thread of the CPU that broadcasts and mostly
 *     without the BQL; the CPU goes on when it returns
 *
 * Before CPUs run, and for good.  Accelerators other than TCG broadcast
 * nothing that QEMU sees.
 */
void tlb_broadcast_add_notifier(Notifier *n);

#endif
