/*
 * Arm SMMUv2 walks of tables with short descriptors
 *
 * Stage 1 of VMSAv8-32's 4-byte descriptors (Arm ARM DDI 0487, chapter G5;
 * IHI 0062 on what SMMUv2 takes of it): 32 bits of input, sections of 1 MiB and
 * supersections of 16 MiB at level 1, pages of 4 and 64 KiB at level 2.  Only
 * supersections have more than 32 bits of output: 40.
 *
 * Tables of level 2 have 1 KiB; which quarter of a page one is goes with its
 * limits in SMMUv2LastTable.
 *
 * An SMMU has no DACR: domains are not looked at, and permissions are checked
 * always, as for a client of the domain.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "smmuv2-walk.h"

#define L1_SHIFT        20      /* log2 of what an entry of level 1 maps */

/* Level 1: what bits 1:0 say, bit 0 being PXN where bit 1 is set */
#define L1_TABLE        1
#define L1_SECTION      BIT(1)
#define L1_SUPER        BIT(18)
#define L1_TABLE_PXN    BIT(2)
#define L1_TABLE_NS     BIT(3)
#define L1_SECTION_NS   BIT(19)
#define L1_SECTION_PXN  BIT(0)
#define L1_SECTION_XN   BIT(4)
/* Level 2: bit 0 is XN where bit 1 is set */
#define L2_LARGE        1
#define L2_SMALL        BIT(1)
#define L2_SMALL_XN     BIT(0)
#define L2_LARGE_XN     BIT(15)

/* A leaf of either level; fields have other places in each */
typedef struct Leaf {
    uint64_t out;
    uint8_t shift;
    uint8_t level;
    uint8_t ap;                 /* AP[2:0] */
    uint8_t texcb;              /* TEX[2:0], C, B */
    bool s, ng, xn, pxn, ns;
} Leaf;

static bool fail(SMMUv2WalkFault *fault, SMMUv2FaultKind kind, int level)
{
    *fault = (SMMUv2WalkFault) { .kind = kind, .stage = 1, .level = level };
    return false;
}

static Leaf section(uint32_t desc)
{
    Leaf leaf = {
        .out = desc & MAKE_64BIT_MASK(20, 12),
        .shift = 20,
        .level = 1,
        .ap = extract32(desc, 15, 1) << 2 | extract32(desc, 10, 2),
        .texcb = extract32(desc, 12, 3) << 2 | extract32(desc, 2, 2),
        .s = extract32(desc, 16, 1),
        .ng = extract32(desc, 17, 1),
        .xn = desc & L1_SECTION_XN,
        .pxn = desc & L1_SECTION_PXN,
        .ns = desc & L1_SECTION_NS,
    };

    if (desc & L1_SUPER) {
        leaf.shift = 24;
        leaf.out = (desc & MAKE_64BIT_MASK(24, 8)) |
                   (uint64_t)extract32(desc, 20, 4) << 32 |
                   (uint64_t)extract32(desc, 5, 4) << 36;
    }
    return leaf;
}

static Leaf page(uint32_t desc, uint32_t table)
{
    bool small = desc & L2_SMALL;

    return (Leaf) {
        .out = desc & (small ? MAKE_64BIT_MASK(12, 20) :
                               MAKE_64BIT_MASK(16, 16)),
        .shift = small ? 12 : 16,
        .level = 2,
        .ap = extract32(desc, 9, 1) << 2 | extract32(desc, 4, 2),
        .texcb = extract32(desc, small ? 6 : 12, 3) << 2 |
                 extract32(desc, 2, 2),
        .s = extract32(desc, 10, 1),
        .ng = extract32(desc, 11, 1),
        .xn = desc & (small ? L2_SMALL_XN : L2_LARGE_XN),
        .pxn = table & L1_TABLE_PXN,
        .ns = table & L1_TABLE_NS,
    };
}

static uint8_t permissions(const SMMUv2StageConfig *cfg, const Leaf *leaf)
{
    /* By AP[2:0]; 4 is reserved */
    static const uint8_t data[8] = {
        [1] = SMMUV2_PERM_PR | SMMUV2_PERM_PW,
        [2] = SMMUV2_PERM_PR | SMMUV2_PERM_PW | SMMUV2_PERM_UR,
        [3] = SMMUV2_PERM_R | SMMUV2_PERM_W,
        [5] = SMMUV2_PERM_PR,
        [6] = SMMUV2_PERM_R,
        [7] = SMMUV2_PERM_R,
    };
    /* With AFE, AP[2:1] mean what they do with AP[0] set */
    uint8_t perm = data[leaf->ap | (cfg->afe ? 1 : 0)];
    bool uw = perm & SMMUV2_PERM_UW, pw = perm & SMMUV2_PERM_PW;

    if (leaf->xn) {
        return perm;
    }
    if (perm & SMMUV2_PERM_UR && !(uw && cfg->wxn)) {
        perm |= SMMUV2_PERM_UX;
    }
    if (perm & SMMUV2_PERM_PR && !leaf->pxn && !(pw && cfg->wxn) &&
        !(uw && cfg->uwxn)) {
        perm |= SMMUV2_PERM_PX;
    }
    return perm;
}

bool smmuv2_walk_short(const SMMUv2StageConfig *cfg, uint64_t addr,
                       SMMUv2LastTable *last, SMMUv2ReadDescriptor *read,
                       void *opaque, SMMUv2Mapping *map,
                       SMMUv2WalkFault *fault)
{
    unsigned n = cfg->tt[0].tsz & 7, table_bits;
    const SMMUv2TableConfig *tt;
    uint64_t at, desc;
    bool upper;
    Leaf leaf;

    /* TTBR0 has what begins with N zeroes, and a table that is as small */
    upper = n && addr >> (32 - n);
    tt = &cfg->tt[upper];
    if (addr >> 32 || tt->disabled) {
        return fail(fault, SMMUV2_FAULT_TRANSLATION, 1);
    }
    table_bits = upper ? 14 : 14 - n;
    at = (tt->ttb & MAKE_64BIT_MASK(table_bits, 32 - table_bits)) |
         extract64(addr, L1_SHIFT, table_bits - 2) << 2;

    fault->kind = SMMUV2_FAULT_NONE;
    if (last->shift == L1_SHIFT) {
        desc = L1_TABLE;
    } else {
        if (!read(opaque, at, 4, cfg->big_endian, &desc, fault)) {
            return fault->kind == SMMUV2_FAULT_NONE ?
                   fail(fault, SMMUV2_FAULT_EXTERNAL, 1) : false;
        }
        if ((desc & 3) == L1_TABLE) {
            *last = (SMMUv2LastTable) {
                .addr = desc & MAKE_64BIT_MASK(12, 20),
                .shift = L1_SHIFT,
                .limits = (desc & (L1_TABLE_PXN | L1_TABLE_NS)) |
                          extract32(desc, 10, 2),
            };
        }
    }
    if (desc & L1_SECTION) {
        leaf = section(desc);
    } else if (desc & L1_TABLE) {
        at = last->addr | extract32(last->limits, 0, 2) << 10 |
             extract64(addr, 12, 8) << 2;
        if (!read(opaque, at, 4, cfg->big_endian, &desc, fault)) {
            return fault->kind == SMMUV2_FAULT_NONE ?
                   fail(fault, SMMUV2_FAULT_EXTERNAL, 2) : false;
        }
        if (!(desc & (L2_SMALL | L2_LARGE))) {
            return fail(fault, SMMUV2_FAULT_TRANSLATION, 2);
        }
        leaf = page(desc, last->limits);
    } else {
        return fail(fault, SMMUV2_FAULT_TRANSLATION, 1);
    }

    if (leaf.out >> cfg->out_bits) {
        return fail(fault, SMMUV2_FAULT_ADDRESS_SIZE, leaf.level);
    }
    /* AP[0] is the access flag */
    if (cfg->afe && !cfg->affd && !(leaf.ap & 1)) {
        return fail(fault, SMMUV2_FAULT_ACCESS_FLAG, leaf.level);
    }
    *map = (SMMUv2Mapping) {
        .in = addr & ~MAKE_64BIT_MASK(0, leaf.shift),
        .out = leaf.out,
        .shift = leaf.shift,
        .level = leaf.level,
        .perm = permissions(cfg, &leaf),
        .attrs = smmuv2_attrs_short(cfg->tre, cfg->mair, leaf.texcb, leaf.s),
        .global = !leaf.ng,
        .ns = leaf.ns,
    };
    return true;
}
