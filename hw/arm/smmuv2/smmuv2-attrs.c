/*
 * Arm SMMUv2 memory attributes
 *
 * Decodes stage 2 attributes and combines two stages (Arm ARM DDI 0487,
 * chapter D8).  QEMU's memory is always coherent, so attributes only
 * show in PAR, in traces and in SCTLR.PTW's protection of device memory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "smmuv2-walk.h"

/* Two bits of stage 2 cacheability as half a MAIR byte with allocation hints */
static uint8_t s2_half(uint8_t attr)
{
    switch (attr) {
    case 1:
        return 0x4;             /* Non-cacheable */
    case 2:
        return 0xb;             /* Write-Through, allocating */
    default:
        return 0xf;             /* Write-Back, allocating */
    }
}

SMMUv2Attrs smmuv2_attrs_s2(uint8_t memattr, uint8_t sh)
{
    uint8_t outer = memattr >> 2, inner = memattr & 3;

    if (outer == 0) {
        /* Device: nGnRnE, nGnRE, nGRE, GRE; always Outer Shareable */
        return (SMMUv2Attrs) { .memattr = inner << 2, .sh = 2 };
    }
    /* Inner 0 is reserved with a Normal outer; taken as Non-cacheable */
    return (SMMUv2Attrs) {
        .memattr = s2_half(outer) << 4 | s2_half(inner ? inner : 1),
        .sh = sh,
    };
}

/* Rank of half a MAIR byte: the lower one wins when stages combine */
static unsigned half_rank(uint8_t half)
{
    if (half == 0x4) {
        return 0;               /* Non-cacheable */
    }
    return (half & 0x4) ? 2 : 1; /* Write-Back : Write-Through */
}

static uint8_t combine_half(uint8_t a, uint8_t b)
{
    return half_rank(a) <= half_rank(b) ? a : b;
}

SMMUv2Attrs smmuv2_attrs_combine(SMMUv2Attrs s1, SMMUv2Attrs s2)
{
    bool dev1 = smmuv2_attrs_device(s1), dev2 = smmuv2_attrs_device(s2);
    SMMUv2Attrs r;

    if (dev1 || dev2) {
        /* Device wins; of two, the one with fewer liberties */
        uint8_t type = dev1 && dev2 ? MIN(s1.memattr, s2.memattr) :
                       dev1 ? s1.memattr : s2.memattr;

        return (SMMUv2Attrs) { .memattr = type, .sh = 2 };
    }
    r.memattr = combine_half(s1.memattr >> 4, s2.memattr >> 4) << 4 |
                combine_half(s1.memattr & 0xf, s2.memattr & 0xf);
    if (r.memattr == 0x44) {
        r.sh = 2;               /* Non-cacheable is Outer Shareable */
    } else if (s1.sh == 2 || s2.sh == 2) {
        r.sh = 2;
    } else {
        r.sh = s1.sh == 3 || s2.sh == 3 ? 3 : 0;
    }
    return r;
}
