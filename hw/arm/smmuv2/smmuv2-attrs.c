/*
 * Arm SMMUv2 memory attributes
 *
 * Decodes attributes of stage 2 and of short descriptors, and combines two
 * stages (Arm ARM DDI 0487, chapters D8 and G5).  QEMU's memory is always
 * coherent, so attributes only show in traces and in SCTLR.PTW's protection of
 * device memory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
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

/* Two bits of cacheability of VMSAv8-32 (RGN) as half a MAIR byte */
static uint8_t short_half(uint8_t rgn)
{
    static const uint8_t half[4] = {
        0x4,                    /* Non-cacheable */
        0xf,                    /* Write-Back, allocating on read and write */
        0xa,                    /* Write-Through, allocating on read */
        0xe,                    /* Write-Back, allocating on read */
    };

    return half[rgn & 3];
}

/* TEX[0], C and B choose a type in PRRR and cacheability in NMRR */
static SMMUv2Attrs short_remapped(uint32_t prrr, uint32_t nmrr, unsigned n,
                                  bool s)
{
    bool shareable = extract32(prrr, s ? 19 : 18, 1);
    bool inner = extract32(prrr, 24 + n, 1);

    switch (extract32(prrr, 2 * n, 2)) {
    case 1:
        return smmuv2_attrs_make(0x04, 0);      /* Device-nGnRE */
    case 2:
        return smmuv2_attrs_make(short_half(nmrr >> (16 + 2 * n)) << 4 |
                                 short_half(nmrr >> 2 * n),
                                 !shareable ? 0 : inner ? 3 : 2);
    default:
        return smmuv2_attrs_make(0x00, 0);      /* Device-nGnRnE; reserved */
    }
}

SMMUv2Attrs smmuv2_attrs_short(bool tre, uint64_t mair, uint8_t texcb, bool s)
{
    /* TEX = 0 and 1; what is reserved or left to us is Device or uncached */
    static const uint8_t memattr[8] = {
        0x00, 0x04, 0xaa, 0xee, 0x44, 0x00, 0x44, 0xff,
    };

    if (tre) {
        return short_remapped(mair, mair >> 32, texcb & 7, s);
    }
    if (texcb & 0x10) {
        return smmuv2_attrs_make(short_half(texcb >> 2) << 4 |
                                 short_half(texcb), s ? 2 : 0);
    }
    if (texcb & 0x8) {
        /* TEX = 2: Non-shareable Device, else reserved */
        return smmuv2_attrs_make(texcb == 0x8 ? 0x04 : 0x00, 0);
    }
    return smmuv2_attrs_make(memattr[texcb & 7], s ? 2 : 0);
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
