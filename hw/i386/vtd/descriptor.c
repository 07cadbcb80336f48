/*
 * VT-d posted-interrupt descriptor
 *
 * The specification has one atomic update of the whole descriptor.  Here it
 * is two, of the PIR word and of the control word, in this order, and whoever
 * takes interrupts out does it the other way round: clear ON (or SN), then
 * look at PIR.  With a full barrier between the two steps on both sides,
 * either we see that ON was cleared and notify, or they see the bit in PIR.
 * What can be seen of it being two is a notification without anything new in
 * PIR, which one atomic update allows as well: a bit that is posted between
 * the clearing of ON and the look at PIR is taken by that look, and notified.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "descriptor.h"

VTDPostResult vtd_descriptor_post(VTDPostedDescriptor *pd, uint8_t vector,
                                  bool urgent, uint64_t *control)
{
    const uint64_t on = cpu_to_le64(R_VTD_PD_ON_MASK);
    uint64_t seen = qatomic_read(&pd->control), expected;

    *control = le64_to_cpu(seen);
    if (*control & VTD_PD_RESERVED) {
        return VTD_POST_RESERVED;
    }

    qatomic_or(&pd->pir[vector / 64], cpu_to_le64(BIT_ULL(vector % 64)));
    smp_mb__after_rmw();

    seen = qatomic_read(&pd->control);
    do {
        expected = seen;
        *control = le64_to_cpu(seen);
        if (*control & R_VTD_PD_ON_MASK) {
            return VTD_POST_PENDING;
        }
        if ((*control & R_VTD_PD_SN_MASK) && !urgent) {
            return VTD_POST_SUPPRESSED;
        }
        seen = qatomic_cmpxchg(&pd->control, expected, expected | on);
    } while (seen != expected);

    return VTD_POST_NOTIFY;
}
