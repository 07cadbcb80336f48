/*
 * Arm SMMUv2 memory attributes
 *
 * Decodes stage 2 attributes and combines two stages (Arm ARM DDI 0487,
 * chapter D8).  QEMU's memory is always coherent, so attributes only
 * show in traces and in SCTLR.PTW's protection of device memory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "smmuv2-walk.h"

SMMUv2Attrs smmuv2_attrs_make(uint8_t memattr, uint8_t sh)
{
    if (!(memattr & 0xf0) || memattr == 0x44) {
        sh = 2;                 /* Device and Non-cacheable: Outer Shareable */
    } else if (sh == 1) {
        sh = 0;                 /* reserved */
    }
    return (SMMUv2Attrs) { .memattr = memattr, .sh = sh };
}

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
        /* Device: nGnRnE, nGnRE, nGRE, GRE */
        return smmuv2_attrs_make(inner << 2, sh);
    }
    /* Inner 0 is reserved with a Normal outer; taken as Non-cacheable */
    return smmuv2_attrs_make(s2_half(outer) << 4 | s2_half(inner ? inner : 1),
                             sh);
}

/*
 * Half a MAIR byte of both stages: the less cacheable of the two, with the
 * allocation hints of stage 1, which alone has real ones.
 */
static uint8_t combine_half(uint8_t s1, uint8_t s2)
{
    bool wb1 = (s1 & 0x4) && s1 != 0x4, wt2 = !(s2 & 0x4);

    if (s1 == 0x4 || s2 == 0x4) {
        return 0x4;                         /* Non-cacheable */
    }
    return wb1 && wt2 ? 0x8 | (s1 & 0x3) : s1;
}

SMMUv2Attrs smmuv2_attrs_combine(SMMUv2Attrs s1, SMMUv2Attrs s2)
{
    bool dev1 = smmuv2_attrs_device(s1), dev2 = smmuv2_attrs_device(s2);
    uint8_t sh = s1.sh == 2 || s2.sh == 2 ? 2 :
                 s1.sh == 3 || s2.sh == 3 ? 3 : 0;

    if (dev1 || dev2) {
        /* Device wins; of two, the one with fewer liberties */
        return smmuv2_attrs_make(dev1 && dev2 ? MIN(s1.memattr, s2.memattr) :
                                 dev1 ? s1.memattr : s2.memattr, sh);
    }
    return smmuv2_attrs_make(combine_half(s1.memattr >> 4,
                                          s2.memattr >> 4) << 4 |
                             combine_half(s1.memattr & 0xf,
                                          s2.memattr & 0xf), sh);
}
