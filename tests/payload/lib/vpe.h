/*
 * Payloads: virtual PEs, whose LPIs the GIC delivers by itself
 *
 * The same calls for GICv4.0 and GICv4.1, as far as the two agree: a vPE has a
 * doorbell of its own, LPI vpe_doorbell(id), which goes to the CPU that it is
 * mapped to.  With 4.0 each event carries it and the hypervisor masks it while
 * nobody waits; with 4.1 it is the vPE's default doorbell.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_VPE_H
#define PAYLOAD_VPE_H

#include "asm.h"
#include "gic.h"
#include "guest.h"

#define MAX_VPES        64
/* DeviceIDs that no function of bus 0 has */
#define PROXY           0xff00u     /* event n: the doorbell of vPE n; fences */
#define SOFT_DEVICE     0xff01u     /* rung by ITS commands alone */
#define SOFT_BITS       8           /* of its EventIDs */

/* vLPIs: what all vPEs of a guest share */
struct vm {
    uint64_t config;
};

struct vpe {
    struct vcpu vcpu;
    struct vm *vm;
    unsigned id, cpu;
    uint64_t vpt;               /* pending table */
    bool pending_last;          /* what vpe_put() has found */
};

/*
 * Bring up GICv4 on all CPUs: each test starts with it.  False, and the test
 * skipped, if there is none, or not of version 4.1 where that is @wanted.
 */
bool vpe_begin(bool wanted);
bool gic_is_v41(void);

void vm_init(struct vm *vm);
/* A vLPI's configuration; an INV of its event makes it count */
void vm_configure(struct vm *vm, unsigned vintid, bool enabled,
                  uint8_t priority);

/* Map it to a CPU, with an empty pending table, and a guest that runs @code */
void vpe_init(struct vpe *p, struct vm *vm, unsigned id, unsigned cpu,
              void (*code)(void *arg), void *arg);
/* VMAPP with V=1, the table as it is; with V=0 */
bool vpe_map(struct vpe *p, bool zeroed);
void vpe_unmap(struct vpe *p);
/* VMOVP to another CPU; it must not be resident */
void vpe_move(struct vpe *p, unsigned cpu);
/* VMAPTI: an event is now its vLPI @vintid; enabled */
void vpe_event(struct vpe *p, uint32_t device, uint32_t event,
               unsigned vintid);
/* VMOVI: the event goes to another vPE */
void vpe_move_event(struct vpe *p, uint32_t device, uint32_t event);

/* Make it resident on this CPU, which must be the one that it is mapped to */
void vpe_load(struct vpe *p);
/*
 * Take it off this CPU.  @wait: ring the doorbell for what comes; returns
 * whether something is pending already.
 */
bool vpe_put(struct vpe *p, bool wait);

/* GICv4.1: a virtual SGI's configuration, or (@clear) that it is not pending */
void vpe_sgi(struct vpe *p, unsigned sgi, bool enabled, uint8_t priority);
void vpe_sgi_clear(struct vpe *p, unsigned sgi);
/* Send one, through the ITS; those pending, as the redistributor tells */
void vpe_sgi_send(struct vpe *p, unsigned sgi);
uint32_t vpe_sgis_pending(struct vpe *p);

unsigned vpe_doorbell(unsigned id);
/* What the doorbell of @id has rung; after all that the CPU has pending now */
unsigned vpe_rings(struct vpe *p);
/* The bit in the memory of its pending table */
bool vpe_pending_in_ram(struct vpe *p, unsigned vintid);

/* All LPIs pending at @cpu so far have been taken when it returns */
void lpi_fence(unsigned cpu);

#define VLPI(n)         (LPI_BASE + (n))

#endif
