/*
 * Reference walker of VMSAv8-32 translation tables
 *
 * See reference-walk.h.  Tables quoted here are those of the Arm ARM's sections
 * on the VMSAv8-32 short and long descriptor formats (chapter G5) and on the
 * registers TTBR0, TTBCR, VTTBR, VTCR, PRRR and NMRR.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "reference-walk.h"

/* x<hi:lo>, which is 0 if there are no such bits */
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

static bool ones(uint64_t x, int hi, int lo)
{
    for (int i = lo; i <= hi; i++) {
        if (!bit(x, i)) {
            return false;
        }
    }
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

static bool unreadable(const SMMUv2StageConfig *cfg, SMMUv2WalkFault *fault,
                       const SMMUv2WalkFault *other, int level, uint64_t addr)
{
    if (other->kind == SMMUV2_FAULT_NONE) {
        return fails(cfg, fault, SMMUV2_FAULT_EXTERNAL, level, addr);
    }
    *fault = *other;
    return false;
}

/*
 * Data access without and with privilege, as letters, and the bits that take
 * away execution: from both, from privilege
 */
static uint8_t permissions(const SMMUv2StageConfig *cfg, const char *user,
                           const char *priv, bool xn, bool pxn)
{
    bool ur = strchr(user, 'r'), uw = strchr(user, 'w');
    bool pr = strchr(priv, 'r'), pw = strchr(priv, 'w');
    bool ux = ur && !xn, px = pr && !xn && !pxn;
    uint8_t perm = 0;

    if (uw && cfg->wxn) {
        ux = false;
    }
    if (pw && cfg->wxn) {
        px = false;
    }
    if (uw && cfg->uwxn) {
        px = false;
    }
    perm |= ur ? SMMUV2_PERM_UR : 0;
    perm |= uw ? SMMUV2_PERM_UW : 0;
    perm |= ux ? SMMUV2_PERM_UX : 0;
    perm |= pr ? SMMUV2_PERM_PR : 0;
    perm |= pw ? SMMUV2_PERM_PW : 0;
    perm |= px ? SMMUV2_PERM_PX : 0;
    return perm;
}

/* ---- Long descriptors ---- */

static uint8_t long_s1_permissions(const SMMUv2StageConfig *cfg,
                                   uint64_t leaf, const uint64_t *table,
                                   int tables)
{
    /* AP[2:1]: access of PL0, of PL1 */
    static const char *const user[4] = { "", "rw", "", "r" };
    static const char *const priv[4] = { "rw", "rw", "r", "r" };
    unsigned ap = bits(leaf, 7, 6);
    bool xn = bit(leaf, 54), pxn = bit(leaf, 53);

    for (int i = 0; i < tables; i++) {
        /* APTable: 1 and 3 nothing for PL0, 2 and 3 no writes */
        if (bits(table[i], 62, 61) & 1) {
            ap &= 2;
        }
        if (bits(table[i], 62, 61) & 2) {
            ap |= 2;
        }
        xn |= bit(table[i], 60);
        pxn |= bit(table[i], 59);
    }
    if (cfg->hyp) {
        /* PL2: AP[2] alone, and no PXN; the same at any privilege */
        SMMUv2StageConfig plain = { .wxn = cfg->wxn };
        const char *all = ap & 2 ? "r" : "rw";

        return permissions(&plain, all, all, xn, false);
    }
    return permissions(cfg, user[ap], priv[ap], xn, pxn);
}

static uint8_t long_s2_permissions(uint64_t leaf)
{
    /* HAP[1:0]; XN; what cannot be read is not executed */
    static const SMMUv2StageConfig plain;
    static const char *const hap[4] = { "", "r", "w", "rw" };
    const char *all = hap[bits(leaf, 7, 6)];

    return permissions(&plain, all, all, bit(leaf, 54), false);
}

static bool walk_long(const SMMUv2StageConfig *cfg, uint64_t addr,
                      SMMUv2ReadDescriptor *read, void *opaque,
                      SMMUv2Mapping *map, SMMUv2WalkFault *fault)
{
    static const int lowest[4] = { 0, 30, 21, 12 };
    int size[2], level, x, top, n = -1, tables = 0;
    uint64_t base, desc, table[2];

    /* T0SZ and T1SZ as the registers have them */
    for (int i = 0; i < 2; i++) {
        size[i] = cfg->tt[i].tsz - 32;
    }
    reference_root_tables = 1;

    if (cfg->stage == 1) {
        bool bad = size[0] < 0 || size[0] > 7 ||
                   (!cfg->hyp && (size[1] < 0 || size[1] > 7));

        if (!bad && !bits(addr, 63, 32)) {
            if (size[0] == 0 || !bits(addr, 31, 32 - size[0])) {
                n = 0;
            }
            if (!cfg->hyp &&
                ((size[1] == 0 && n < 0) ||
                 (size[1] > 0 && ones(addr, 31, 32 - size[1])))) {
                n = 1;
            }
        }
        if (n < 0 || cfg->tt[n].disabled) {
            return fails(cfg, fault, SMMUV2_FAULT_TRANSLATION, 1, addr);
        }
        level = size[n] < 2 ? 1 : 2;
        x = size[n] < 2 ? 5 - size[n] : 14 - size[n];
    } else {
        /* SL0, and T0SZ that it goes with */
        static const int from[2] = { -2, -8 }, to[2] = { 7, 1 };

        n = 0;
        if (cfg->tt[0].disabled || cfg->sl0 > 1 || size[0] < from[cfg->sl0] ||
            size[0] > to[cfg->sl0] || 32 - size[0] > cfg->in_bits ||
            bits(addr, 63, 32 - size[0])) {
            return fails(cfg, fault, SMMUV2_FAULT_TRANSLATION, 1, addr);
        }
        level = cfg->sl0 == 0 ? 2 : 1;
        x = cfg->sl0 == 0 ? 14 - size[0] : 5 - size[0];
        if (x > 12) {
            reference_root_tables = 1 << (x - 12);
        }
    }
    base = bits(cfg->tt[n].ttb, 47, 0);
    if (bits(base, 47, cfg->out_bits)) {
        return fails(cfg, fault, SMMUV2_FAULT_ADDRESS_SIZE, 0, addr);
    }
    base = bits(base, 47, x) << x;

    for (top = 31 - size[n]; ; top = lowest[level] - 1, level++) {
        uint64_t index = bits(addr, top, lowest[level]);
        SMMUv2WalkFault other = { 0 };

        if (!read(opaque, base + 8 * index, 8, cfg->big_endian, &desc,
                  &other)) {
            return unreadable(cfg, fault, &other, level, addr);
        }
        /* 00, 10: invalid; 01: block, reserved at level 3; 11: table, page */
        if (!(desc & 1) || (level == 3 && (desc & 3) == 1)) {
            return fails(cfg, fault, SMMUV2_FAULT_TRANSLATION, level, addr);
        }
        if (bits(desc, 47, cfg->out_bits)) {
            return fails(cfg, fault, SMMUV2_FAULT_ADDRESS_SIZE, level, addr);
        }
        if (level == 3 || (desc & 3) == 1) {
            break;
        }
        table[tables++] = desc;
        base = bits(desc, 47, 12) << 12;
    }
    if (!bit(desc, 10) && !cfg->affd) {
        return fails(cfg, fault, SMMUV2_FAULT_ACCESS_FLAG, level, addr);
    }

    memset(map, 0, sizeof(*map));
    map->shift = lowest[level];
    map->level = level;
    map->out = bits(desc, 47, map->shift) << map->shift;
    /* A block ends where the range of the other TTBR begins */
    while (cfg->stage == 1 && !cfg->hyp && size[n] == 0 && size[1 - n] > 0 &&
           map->shift > 32 - size[1 - n]) {
        map->shift--;
        map->out += bits(addr, map->shift, map->shift) << map->shift;
        map->piece = true;
    }
    map->in = addr - bits(addr, map->shift - 1, 0);
    if (cfg->stage == 2) {
        map->perm = long_s2_permissions(desc);
        map->attrs = reference_attrs_s2(bits(desc, 5, 2), bits(desc, 9, 8));
    } else {
        int attr = bits(desc, 4, 2);

        map->perm = long_s1_permissions(cfg, desc, table, tables);
        map->global = !bit(desc, 11);
        map->attrs.memattr = bits(cfg->mair, 8 * attr + 7, 8 * attr);
        map->attrs.sh = map->attrs.memattr < 0x10 ||
                        map->attrs.memattr == 0x44 ? 2 : bits(desc, 9, 8);
    }
    return true;
}

/* ---- Short descriptors ---- */

/* Where a descriptor has what; bits of TEX and AP from the highest */
typedef struct ShortFormat {
    int level, shift;
    int tex, ap2, ap1, s, ng, xn;       /* numbers of the highest bit of each */
} ShortFormat;

static const ShortFormat section = { 1, 20, 14, 15, 11, 16, 17, 4 };
static const ShortFormat supersection = { 1, 24, 14, 15, 11, 16, 17, 4 };
static const ShortFormat large_page = { 2, 16, 14, 9, 5, 10, 11, 15 };
static const ShortFormat small_page = { 2, 12, 8, 9, 5, 10, 11, 0 };

static SMMUv2Attrs of_kind(const char *kind, int s, bool inner)
{
    static const struct {
        const char *kind;
        uint8_t memattr;
    } rows[] = {
        { "SO", 0x00 }, { "Device", 0x04 }, { "NC", 0x44 }, { "WBWA", 0xff },
        { "WT", 0xaa }, { "WB", 0xee },
    };
    SMMUv2Attrs attrs = { 0 };

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        if (!strcmp(rows[i].kind, kind)) {
            attrs.memattr = rows[i].memattr;
        }
    }
    attrs.sh = !s ? 0 : inner ? 3 : 2;
    if (attrs.memattr < 0x10 || attrs.memattr == 0x44) {
        attrs.sh = 2;
    }
    return attrs;
}

/* Outer and inner of their own: RGN of each */
static SMMUv2Attrs of_rgn(int outer, int inner, bool s, bool inner_shareable)
{
    static const char *const rgn[4] = { "NC", "WBWA", "WT", "WB" };
    SMMUv2Attrs o = of_kind(rgn[outer], s, inner_shareable);
    SMMUv2Attrs i = of_kind(rgn[inner], s, inner_shareable);

    o.memattr = (o.memattr & 0xf0) | (i.memattr & 0xf);
    o.sh = o.memattr == 0x44 ? 2 : !s ? 0 : inner_shareable ? 3 : 2;
    return o;
}

SMMUv2Attrs reference_attrs_short(bool tre, uint64_t mair, uint8_t texcb,
                                  bool s)
{
    uint64_t prrr = bits(mair, 31, 0), nmrr = bits(mair, 63, 32);
    int tex = bits(texcb, 4, 2), c = bit(texcb, 1), b = bit(texcb, 0);
    int n = bits(texcb, 2, 0);

    if (tre) {
        switch (bits(prrr, 2 * n + 1, 2 * n)) {
        case 1:
            return of_kind("Device", 0, false);
        case 2:
            return of_rgn(bits(nmrr, 2 * n + 17, 2 * n + 16),
                          bits(nmrr, 2 * n + 1, 2 * n),
                          s ? bit(prrr, 19) : bit(prrr, 18),
                          bit(prrr, 24 + n));
        default:
            return of_kind("SO", 0, false);
        }
    }
    if (tex >= 4) {
        return of_rgn(tex & 3, c * 2 + b, s, false);
    }
    switch (tex * 100 + c * 10 + b) {
    case 1:
        return of_kind("Device", s, false);
    case 10:
        return of_kind("WT", s, false);
    case 11:
        return of_kind("WB", s, false);
    case 100:
    case 110:                           /* IMPLEMENTATION DEFINED */
        return of_kind("NC", s, false);
    case 111:
        return of_kind("WBWA", s, false);
    case 200:
        return of_kind("Device", s, false);
    default:                            /* 000, and what is reserved */
        return of_kind("SO", s, false);
    }
}

static bool walk_short(const SMMUv2StageConfig *cfg, uint64_t addr,
                       SMMUv2ReadDescriptor *read, void *opaque,
                       SMMUv2Mapping *map, SMMUv2WalkFault *fault)
{
    /* AP[2:0], access of PL0 and of PL1; 4 is reserved */
    static const char *const user[8] = { "", "", "r", "rw", "", "", "r", "r" };
    static const char *const priv[8] = {
        "", "rw", "rw", "rw", "", "r", "r", "r",
    };
    int n = bits(cfg->tt[0].tsz, 2, 0), ap;
    bool ttbr1 = n > 0 && bits(addr, 31, 32 - n);
    uint64_t l1, l2 = 0, desc, at;
    const ShortFormat *format;
    SMMUv2WalkFault other = { 0 };
    bool pxn;

    reference_root_tables = 1;
    if (bits(addr, 63, 32) || cfg->tt[ttbr1].disabled) {
        return fails(cfg, fault, SMMUV2_FAULT_TRANSLATION, 1, addr);
    }
    at = ttbr1 ?
         bits(cfg->tt[1].ttb, 31, 14) << 14 | bits(addr, 31, 20) << 2 :
         bits(cfg->tt[0].ttb, 31, 14 - n) << (14 - n) |
         bits(addr, 31 - n, 20) << 2;
    if (!read(opaque, at, 4, cfg->big_endian, &l1, &other)) {
        return unreadable(cfg, fault, &other, 1, addr);
    }
    switch (l1 & 3) {
    case 0:
        return fails(cfg, fault, SMMUV2_FAULT_TRANSLATION, 1, addr);
    case 1:
        at = bits(l1, 31, 10) << 10 | bits(addr, 19, 12) << 2;
        if (!read(opaque, at, 4, cfg->big_endian, &l2, &other)) {
            return unreadable(cfg, fault, &other, 2, addr);
        }
        if ((l2 & 3) == 0) {
            return fails(cfg, fault, SMMUV2_FAULT_TRANSLATION, 2, addr);
        }
        format = (l2 & 3) == 1 ? &large_page : &small_page;
        desc = l2;
        pxn = bit(l1, 2);
        break;
    default:
        format = bit(l1, 18) ? &supersection : &section;
        desc = l1;
        pxn = bit(l1, 0);
        break;
    }

    memset(map, 0, sizeof(*map));
    map->out = bits(desc, 31, format->shift) << format->shift;
    if (format == &supersection) {
        map->out += bits(desc, 23, 20) << 32;
        map->out += bits(desc, 8, 5) << 36;
    }
    if (bits(map->out, 39, cfg->out_bits)) {
        return fails(cfg, fault, SMMUV2_FAULT_ADDRESS_SIZE, format->level,
                     addr);
    }
    ap = bit(desc, format->ap2) * 4 + bits(desc, format->ap1, format->ap1 - 1);
    if (cfg->afe) {
        if (!(ap & 1) && !cfg->affd) {
            return fails(cfg, fault, SMMUV2_FAULT_ACCESS_FLAG, format->level,
                         addr);
        }
        /* AP[2:1]: 00 rw of PL1, 01 rw, 10 r of PL1, 11 r */
        ap = (ap >> 1) * 2 + 1;
    }
    map->in = addr - bits(addr, format->shift - 1, 0);
    map->shift = format->shift;
    map->level = format->level;
    map->perm = permissions(cfg, user[ap], priv[ap], bit(desc, format->xn),
                            pxn);
    map->global = !bit(desc, format->ng);
    map->attrs = reference_attrs_short(cfg->tre, cfg->mair,
                                       bits(desc, format->tex,
                                            format->tex - 2) << 2 |
                                       bits(desc, 3, 2),
                                       bit(desc, format->s));
    return true;
}

bool reference_walk_aarch32(const SMMUv2StageConfig *cfg, uint64_t addr,
                            SMMUv2ReadDescriptor *read, void *opaque,
                            SMMUv2Mapping *map, SMMUv2WalkFault *fault)
{
    return cfg->format == SMMUV2_FORMAT_AARCH32_SHORT ?
           walk_short(cfg, addr, read, opaque, map, fault) :
           walk_long(cfg, addr, read, opaque, map, fault);
}
