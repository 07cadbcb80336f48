/*
 * VT-d posted-interrupt descriptor
 *
 * The 64 bytes of guest memory through which the IOMMU hands interrupts to the
 * software that a vCPU belongs to (VT-d specification, "Interrupt posting",
 * and "Posted Interrupt Descriptor" for the layout).
 *
 * Pure: it knows nothing but the memory that it is given, which others change
 * at the same time: the guest's CPUs with locked instructions, which TCG and
 * hardware run as host atomics, and other devices.
 *
 * Interface: vtd_descriptor_post().
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_I386_VTD_DESCRIPTOR_H
#define HW_I386_VTD_DESCRIPTOR_H

#include "hw/registerfields.h"

/* In guest memory, little endian, aligned to its size */
typedef struct VTDPostedDescriptor {
    uint64_t pir[4];            /* bits 255:0, one for each vector */
    uint64_t control;           /* bits 319:256 */
    uint64_t software[3];       /* bits 511:320, not ours */
} VTDPostedDescriptor;
QEMU_BUILD_BUG_ON(sizeof(VTDPostedDescriptor) != 64);

/* control; bit n here is bit 256 + n of the descriptor */
FIELD(VTD_PD, ON, 0, 1)         /* a notification is outstanding */
FIELD(VTD_PD, SN, 1, 1)         /* suppress notifications */
FIELD(VTD_PD, RSVD0, 2, 14)
FIELD(VTD_PD, NV, 16, 8)        /* notification vector */
FIELD(VTD_PD, RSVD1, 24, 8)
FIELD(VTD_PD, NDST, 32, 32)     /* notification destination: an APIC ID */
/* In xAPIC mode the APIC ID is here */
FIELD(VTD_PD, NDST_XAPIC, 40, 8)

#define VTD_PD_RESERVED (R_VTD_PD_RSVD0_MASK | R_VTD_PD_RSVD1_MASK)

typedef enum VTDPostResult {
    VTD_POST_NOTIFY,            /* posted, ON was clear: send NV to NDST */
    VTD_POST_PENDING,           /* posted, one is outstanding */
    VTD_POST_SUPPRESSED,        /* posted, SN is set and it is not urgent */
    VTD_POST_RESERVED,          /* reserved bits are set: nothing was done */
} VTDPostResult;

/*
 * Post @vector.  *@control: the control word in host order as it decided;
 * NV and NDST in it are those of the moment when ON was set, together.
 */
VTDPostResult vtd_descriptor_post(VTDPostedDescriptor *pd, uint8_t vector,
                                  bool urgent, uint64_t *control);

#endif
