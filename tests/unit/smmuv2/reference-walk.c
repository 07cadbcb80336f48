/*
 * Reference walker of VMSAv8-64 translation tables
 *
 * See reference-walk.h.  Tables quoted here are those of the Arm ARM's section
 * on the VMSAv8-64 translation table format and on access control; the rules
 * for the bits of an address that reach stage 1 are those of IHI 0062 (TCR2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "reference-walk.h"

unsigned reference_root_tables;

typedef struct Level {
    int hi, lo;                 /* bits of the address that index the table */
    bool block;                 /* whether a block descriptor is allowed */
} Level;

/* T0SZ from .. to, and where a walk then starts; pa: least size of addresses */
typedef struct Start {
    int from, to, level, pa;
} Start;

typedef struct Granule {
    int bits;
    Level level[4];
    Start s1[4];                /* by range */
    Start s2[3];                /* by SL0 */
} Granule;

static const Granule granules[] = {
    {
        .bits = 12,
        .level = {
            { 47, 39, false }, { 38, 30, true }, { 29, 21, true },
            { 20, 12, false },
        },
        .s1 = { { 16, 24, 0 }, { 25, 33, 1 }, { 34, 39, 2 } },
        .s2 = { { 30, 39, 2 }, { 21, 33, 1 }, { 16, 24, 0, 44 } },
    }, {
        .bits = 14,
        .level = {
            { 47, 47, false }, { 46, 36, false }, { 35, 25, true },
            { 24, 14, false },
        },
        .s1 = { { 16, 16, 0 }, { 17, 27, 1 }, { 28, 38, 2 }, { 39, 39, 3 } },
        .s2 = { { 35, 39, 3 }, { 24, 38, 2 }, { 16, 27, 1, 42 } },
    }, {
        .bits = 16,
        .level = {
            { 0, 0, false }, { 47, 42, false }, { 41, 29, true },
            { 28, 16, false },
        },
        .s1 = { { 16, 21, 1 }, { 22, 34, 2 }, { 35, 39, 3 } },
        .s2 = { { 31, 39, 3 }, { 18, 34, 2 }, { 16, 21, 1, 44 } },
    },
};

/* x<hi:lo> */
static uint64_t bits(uint64_t x, int hi, int lo)
{
    uint64_t result = 0;

    for (int i = hi; i >= lo; i--) {
        result = result << 1 | (x >> i & 1);
    }
    return result;
}

static bool bit(uint64_t x, int n)
{
    return bits(x, n, n);
}

/* x with the bits hi .. lo all equal to @value */
static uint64_t fill(uint64_t x, int hi, int lo, bool value)
{
    for (int i = lo; i <= hi; i++) {
        x = value ? x | 1ull << i : x & ~(1ull << i);
    }
    return x;
}

static bool all(uint64_t x, int hi, int lo, bool value)
{
    return fill(x, hi, lo, value) == x;
}

/* What stage 1 makes of the address on the bus; false: none */
static bool upstream(const SMMUv2StageConfig *cfg, uint64_t addr, uint64_t *va)
{
    static const int sign[] = { 31, 35, 39, 41, 43, 47, 47, 48 };
    int s = sign[cfg->sep];

    if (cfg->tt[cfg->hyp ? 0 : bit(addr, 55)].tbi) {
        addr = fill(addr, 63, 56, bit(addr, 55));
    }
    /* 49 bits, or those extended to 64 */
    if (!all(addr, 63, 49, false) && !all(addr, 63, 48, true)) {
        return false;
    }
    /* Contexts of EL2 have no sign: the address is what it is */
    *va = cfg->hyp ? addr : fill(addr, 63, s, bit(addr, s));
    return true;
}

static bool fails(const SMMUv2StageConfig *cfg, SMMUv2WalkFault *fault,
                  SMMUv2FaultKind kind, int level, uint64_t addr)
{
    memset(fault, 0, sizeof(*fault));
    fault->kind = kind;
    fault->stage = cfg->stage;
    fault->level = level;
    if (cfg->stage == 2) {
        fault->ipa = addr;
    }
    return false;
}

/*
 * AP[2:1] gives   EL1   EL0
 *          00     RW    -
 *          01     RW    RW
 *          10     RO    -
 *          11     RO    RO
 * and for EL2, which has one level of privilege, RW or RO by AP[2].  UXN (XN
 * for EL2) and PXN keep an exception level from executing, as does being
 * writable there with WXN set, as does being writable from EL0 for EL1.
 * Execution needs no permission to read.
 */
static uint8_t s1_permissions(const SMMUv2StageConfig *cfg, uint64_t leaf,
                              const uint64_t *table, int tables)
{
    bool ap2 = bit(leaf, 7), ap1 = bit(leaf, 6);
    bool xn = bit(leaf, 54), pxn = bit(leaf, 53);
    bool r[2], w[2], x[2];      /* [0] user, [1] privileged */
    uint8_t perm = 0;

    for (int i = 0; i < tables; i++) {
        if (bit(table[i], 62)) {
            ap2 = true;                 /* APTable[1]: no writes */
        }
        if (bit(table[i], 61)) {
            ap1 = false;                /* APTable[0]: nothing from EL0 */
        }
        if (bit(table[i], 60)) {
            xn = true;
        }
        if (bit(table[i], 59)) {
            pxn = true;
        }
    }
    if (cfg->hyp) {
        r[0] = r[1] = true;
        w[0] = w[1] = !ap2;
        x[0] = x[1] = !xn && !(cfg->wxn && w[0]);
    } else {
        r[1] = true;
        w[1] = !ap2;
        r[0] = ap1;
        w[0] = ap1 && !ap2;
        x[0] = !xn && !(cfg->wxn && w[0]);
        x[1] = !pxn && !(cfg->wxn && w[1]) && !w[0];
    }
    for (int p = 0; p < 2; p++) {
        perm |= (r[p] ? (p ? SMMUV2_PERM_PR : SMMUV2_PERM_UR) : 0) |
                (w[p] ? (p ? SMMUV2_PERM_PW : SMMUV2_PERM_UW) : 0) |
                (x[p] ? (p ? SMMUV2_PERM_PX : SMMUV2_PERM_UX) : 0);
    }
    return perm;
}

/* S2AP[1:0] is write, read; XN keeps from executing, whatever S2AP says */
static uint8_t s2_permissions(uint64_t leaf)
{
    return (bit(leaf, 6) ? SMMUV2_PERM_UR | SMMUV2_PERM_PR : 0) |
           (bit(leaf, 7) ? SMMUV2_PERM_UW | SMMUV2_PERM_PW : 0) |
           (bit(leaf, 54) ? 0 : SMMUV2_PERM_UX | SMMUV2_PERM_PX);
}

/* Shareability is a property of Normal cacheable memory alone */
static SMMUv2Attrs with_shareability(uint8_t memattr, uint8_t sh)
{
    SMMUv2Attrs attrs = { .memattr = memattr, .sh = sh };

    if (memattr < 0x10 || memattr == 0x44) {
        attrs.sh = 2;
    }
    return attrs;
}

bool reference_walk(const SMMUv2StageConfig *cfg, uint64_t addr,
                    SMMUv2ReadDescriptor *read, void *opaque,
                    SMMUv2Mapping *map, SMMUv2WalkFault *fault)
{
    const Granule *g = NULL;
    const Start *start = NULL;
    uint64_t va = addr, base, desc, table[4];
    int half = 0, tsz, top, level, tables = 0, lo;

    if (cfg->format != SMMUV2_FORMAT_AARCH64) {
        return reference_walk_aarch32(cfg, addr, read, opaque, map, fault);
    }
    reference_root_tables = 1;

    /* Which table */
    if (cfg->stage == 1) {
        if (!upstream(cfg, addr, &va)) {
            return fails(cfg, fault, SMMUV2_FAULT_TRANSLATION, 0, addr);
        }
        half = cfg->hyp ? 0 : bit(va, 63);
    }
    tsz = cfg->tt[half].tsz;
    for (int i = 0; i < ARRAY_SIZE(granules); i++) {
        if (granules[i].bits == cfg->tt[half].granule) {
            g = &granules[i];
        }
    }
    if (!g || cfg->tt[half].disabled || tsz < 16 || tsz > 39 ||
        !all(va, 63, 64 - tsz, half)) {
        return fails(cfg, fault, SMMUV2_FAULT_TRANSLATION, 0, addr);
    }
    top = 63 - tsz;

    /* Where the walk starts */
    if (cfg->stage == 1) {
        for (int i = 0; i < 4; i++) {
            if (g->s1[i].from && tsz >= g->s1[i].from && tsz <= g->s1[i].to) {
                start = &g->s1[i];
            }
        }
    } else if (cfg->sl0 < 3 && top < cfg->in_bits) {
        start = &g->s2[cfg->sl0];
        if (tsz < start->from || tsz > start->to || cfg->oas_bits < start->pa) {
            start = NULL;
        }
    }
    if (!start) {
        return fails(cfg, fault, SMMUV2_FAULT_TRANSLATION, 0, addr);
    }
    level = start->level;
    if (top > g->level[level].hi) {
        reference_root_tables = 1 << (top - g->level[level].hi);
    }

    /* The root: as aligned as it is large */
    base = bits(cfg->tt[half].ttb, 47, 0);
    if (cfg->out_bits < 48 && bits(base, 47, cfg->out_bits)) {
        return fails(cfg, fault, SMMUV2_FAULT_ADDRESS_SIZE, 0, addr);
    }
    base = fill(base, top - g->level[level].lo + 3, 0, false);

    while (true) {
        const Level *l = &g->level[level];
        SMMUv2WalkFault other = { 0 };

        if (!read(opaque, base | bits(va, top, l->lo) << 3, 8,
                  cfg->big_endian, &desc, &other)) {
            if (other.kind == SMMUV2_FAULT_NONE) {
                return fails(cfg, fault, SMMUV2_FAULT_EXTERNAL, level, addr);
            }
            *fault = other;
            return false;
        }
        lo = l->lo;
        if (!bit(desc, 0) ||
            (!bit(desc, 1) && !l->block)) {
            return fails(cfg, fault, SMMUV2_FAULT_TRANSLATION, level, addr);
        }
        if (cfg->out_bits < 48 && bits(desc, 47, cfg->out_bits)) {
            return fails(cfg, fault, SMMUV2_FAULT_ADDRESS_SIZE, level, addr);
        }
        if (!bit(desc, 1) || level == 3) {
            break;
        }
        base = bits(desc, 47, g->bits) << g->bits;
        table[tables++] = desc;
        top = l->lo - 1;
        level++;
    }

    if (!bit(desc, 10) && !cfg->affd) {
        return fails(cfg, fault, SMMUV2_FAULT_ACCESS_FLAG, level, addr);
    }
    memset(map, 0, sizeof(*map));
    map->in = fill(addr, lo - 1, 0, false);
    map->out = bits(desc, 47, lo) << lo;
    map->shift = lo;
    map->level = level;
    if (cfg->stage == 1) {
        map->perm = s1_permissions(cfg, desc, table, tables);
        map->global = !bit(desc, 11);
        map->attrs = with_shareability(
            bits(cfg->mair, 8 * bits(desc, 4, 2) + 7, 8 * bits(desc, 4, 2)),
            bits(desc, 9, 8));
    } else {
        map->perm = s2_permissions(desc);
        map->attrs = reference_attrs_s2(bits(desc, 5, 2), bits(desc, 9, 8));
    }
    return true;
}

/* MemAttr[3:0]; an inner of 0 with a Normal outer is reserved */
SMMUv2Attrs reference_attrs_s2(uint8_t memattr, uint8_t sh)
{
    static const uint8_t mair[16] = {
        0x00, 0x04, 0x08, 0x0c,         /* nGnRnE, nGnRE, nGRE, GRE */
        0x44, 0x44, 0x4b, 0x4f,         /* outer Non-cacheable */
        0xb4, 0xb4, 0xbb, 0xbf,         /* outer Write-Through */
        0xf4, 0xf4, 0xfb, 0xff,         /* outer Write-Back */
    };

    return with_shareability(mair[memattr], sh);
}

/* Inner or outer: the less cacheable one, with stage 1's allocation hints */
static uint8_t combine_cacheability(uint8_t s1, uint8_t s2)
{
    enum { NC, WT, WB };
    static const uint8_t kind[16] = {
        WT, WT, WT, WT, NC, WB, WB, WB, WT, WT, WT, WT, WB, WB, WB, WB,
    };

    if (kind[s1] == NC || kind[s2] == NC) {
        return 0x4;
    }
    return kind[s2] == WT && kind[s1] == WB ? 0x8 | (s1 & 3) : s1;
}

SMMUv2Attrs reference_attrs_combine(SMMUv2Attrs s1, SMMUv2Attrs s2)
{
    /* By SH of stage 1 and stage 2; encoding 1 is reserved */
    static const uint8_t sh[4][4] = {
        { 0, 0, 2, 3 }, { 0, 0, 2, 3 }, { 2, 2, 2, 2 }, { 3, 3, 2, 3 },
    };
    uint8_t memattr;

    if (s1.memattr < 0x10 && s2.memattr < 0x10) {
        memattr = s1.memattr < s2.memattr ? s1.memattr : s2.memattr;
    } else if (s1.memattr < 0x10) {
        memattr = s1.memattr;
    } else if (s2.memattr < 0x10) {
        memattr = s2.memattr;
    } else {
        memattr = combine_cacheability(s1.memattr >> 4, s2.memattr >> 4) << 4 |
                  combine_cacheability(s1.memattr & 15, s2.memattr & 15);
    }
    return with_shareability(memattr, sh[s1.sh][s2.sh]);
}
