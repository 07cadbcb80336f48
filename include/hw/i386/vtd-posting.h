/*
 * VT-d posted interrupts
 *
 * From an interrupt remapping table entry (IRTE) in posted format to the
 * posted-interrupt descriptor in guest memory, and to the notification that
 * goes out instead of the interrupt.  hw/i386/vtd/posting.c tells how.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_I386_VTD_POSTING_H
#define HW_I386_VTD_POSTING_H

#include "exec/hwaddr.h"
#include "hw/pci/msi.h"
#include "qom/object.h"

/*
 * What became of interrupt requests.  Under the BQL, as all that writes to the
 * interrupt address range is.
 */
typedef struct VTDPosting {
    bool enabled;               /* posted-intr=on */
    uint64_t remapped;          /* sent on; posting had no part in it */
    uint64_t posted;            /* to a descriptor */
    uint64_t notified;          /* of those: a notification was sent */
    uint64_t suppressed;        /* of those: SN kept it back */
    uint64_t urgent;            /* of those: by an entry with URG */
    uint64_t faults;            /* blocked, recorded or not */
} VTDPosting;

extern const VMStateDescription vmstate_vtd_posting;

/* An IRTE in the order of the host: [0] is bits 63:0 */
typedef uint64_t VTDIrte[2];

/* Whether @irte is in posted format, and posting is there to use it */
static inline bool vtd_irte_is_posted(const VTDPosting *p, const VTDIrte irte)
{
    return p->enabled && (irte[0] & (1ull << 15));
}

/* Whether a reserved bit of a posted-format @irte is set */
bool vtd_posted_irte_reserved(const VTDIrte irte);

/*
 * Read the IRTE at guest-physical @addr as one unit, whatever writes it at
 * the same time.  False: there is no memory.
 */
bool vtd_irte_read(hwaddr addr, VTDIrte irte);

typedef enum VTDPostOutcome {
    VTD_POSTED,                 /* that was all */
    VTD_POSTED_NOTIFY,          /* and the notification is to be sent */
    VTD_POSTED_FAULT_ACCESS,    /* fault 27h: the descriptor is not in memory */
    VTD_POSTED_FAULT_RSVD,      /* fault 28h: its reserved bits */
} VTDPostOutcome;

/*
 * Post the interrupt of @irte, a posted-format entry that has passed all its
 * own checks.  @x2apic: extended interrupt mode; @index: for traces.
 */
VTDPostOutcome vtd_post(VTDPosting *p, uint16_t index, const VTDIrte irte,
                        bool x2apic, MSIMessage *notification);

/* Counters as read-only properties; @offset of the VTDPosting in the object */
void vtd_posting_class_init(ObjectClass *oc, size_t offset);
/* For `info pic` */
void vtd_posting_print(const VTDPosting *p, GString *buf);

#endif
