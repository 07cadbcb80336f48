/*
 * Arm SMMUv2 walks of tables with 8-byte descriptors
 *
 * Stage 1 and stage 2, of VMSAv8-64 with granules of 4, 16 and 64 KiB (Arm ARM
 * DDI 0487, chapter D8) and of VMSAv8-32's long descriptors (chapter G5), which
 * are the former with less address and other rules of execution; IHI 0062 on
 * what SMMUv2 takes of them.  Addresses have up to 48 bits; the SMMU has
 * neither 52-bit addresses nor hardware update of the access flag and dirty
 * state.  The contiguous bit is a hint and is not taken.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "smmuv2-walk.h"
#include "smmuv2-regs.h"

/* Descriptor bits */
#define DESC_VALID      BIT_ULL(0)
#define DESC_TABLE      BIT_ULL(1)      /* at level 3: page */
#define DESC_AF         BIT_ULL(10)
#define DESC_NG         BIT_ULL(11)
#define DESC_NS         BIT_ULL(5)
#define DESC_NSTABLE    BIT_ULL(63)
#define DESC_PXN        BIT_ULL(53)
#define DESC_UXN        BIT_ULL(54)     /* stage 2: XN */
#define DESC_PXNTABLE   BIT_ULL(59)
#define DESC_UXNTABLE   BIT_ULL(60)
#define DESC_APTABLE_U  BIT_ULL(61)     /* no unprivileged access */
#define DESC_APTABLE_RO BIT_ULL(62)
#define LIMITS_SHIFT    59              /* all four, for SMMUv2LastTable */

#define DESC_AP_U       BIT_ULL(6)      /* AP[1] */
#define DESC_AP_RO      BIT_ULL(7)      /* AP[2] */
#define DESC_S2AP_R     BIT_ULL(6)
#define DESC_S2AP_W     BIT_ULL(7)

#define MAX_BITS        48      /* of an address that a table translates */

static bool fail(SMMUv2WalkFault *fault, const SMMUv2StageConfig *cfg,
                 SMMUv2FaultKind kind, int level, uint64_t addr)
{
    *fault = (SMMUv2WalkFault) {
        .kind = kind,
        .stage = cfg->stage,
        .level = level,
        .ipa = cfg->stage == 2 ? addr : 0,
    };
    return false;
}

static bool aarch32(const SMMUv2StageConfig *cfg)
{
    return cfg->format == SMMUV2_FORMAT_AARCH32_LONG;
}

/* No table translates @addr: at level 1 in AArch32, which has no level 0 */
static bool no_table(SMMUv2WalkFault *fault, const SMMUv2StageConfig *cfg,
                     uint64_t addr)
{
    return fail(fault, cfg, SMMUV2_FAULT_TRANSLATION, aarch32(cfg) ? 1 : 0,
                addr);
}

/*
 * The address as stage 1 sees it.  The bus upstream has 49 bits (IDR2.UBS) and
 * TCR2.SEP says which of them is the sign; EL2 has none.  A PCI master drives
 * 64: what is neither a 49-bit address nor its extension names memory that no
 * table can map, so it must not be cut down to one that can.
 */
static bool sign_extend(const SMMUv2StageConfig *cfg, uint64_t addr,
                        uint64_t *va)
{
    uint64_t key;

    if (cfg->tt[cfg->hyp ? 0 : addr >> 55 & 1].tbi) {
        addr = sextract64(addr, 0, 56);
    }
    if (!smmuv2_tlb_key(addr, &key)) {
        return false;
    }
    *va = cfg->hyp ? addr :
          sextract64(addr, 0, smmuv2_sep_bit(cfg->sep) + 1);
    return true;
}

/*
 * Which table translates the 32 bits of an AArch32 stage 1: TTBR1 those with
 * T1SZ leading ones or, if T1SZ is 0, those that are not TTBR0's.
 */
static const SMMUv2TableConfig *select_aarch32(const SMMUv2StageConfig *cfg,
                                               uint64_t va, uint64_t *ia)
{
    const SMMUv2TableConfig *tt = NULL;
    unsigned t0sz = cfg->tt[0].tsz - 32, t1sz = cfg->tt[1].tsz - 32;

    if (va >> 32 || t0sz > 7 || (t1sz > 7 && !cfg->hyp)) {
        return NULL;
    }
    if (!(va >> (32 - t0sz))) {
        tt = &cfg->tt[0];
    }
    if (!cfg->hyp &&
        (t1sz ? !((uint32_t)~va >> (32 - t1sz)) : !tt)) {
        tt = &cfg->tt[1];
    }
    if (!tt || tt->disabled || tt->granule != 12) {
        return NULL;
    }
    *ia = extract64(va, 0, 64 - tt->tsz);
    return tt;
}

/*
 * Which table translates @addr, or NULL; @ia is the address within it.  For
 * stage 1 all bits above the table's size must equal bit 63.
 */
static const SMMUv2TableConfig *select_table(const SMMUv2StageConfig *cfg,
                                             uint64_t addr, uint64_t *ia)
{
    const SMMUv2TableConfig *tt = &cfg->tt[0];
    uint64_t va = addr, above;

    if (aarch32(cfg) && cfg->stage == 1) {
        return select_aarch32(cfg, addr, ia);
    }
    if (cfg->stage == 1) {
        if (!sign_extend(cfg, addr, &va)) {
            return NULL;
        }
        /* EL2 has TTBR0 alone */
        if (va >> 63 && !cfg->hyp) {
            tt = &cfg->tt[1];
        }
    }
    /* Sizes outside 16 to 39 are reserved; such a table maps nothing */
    if (tt->disabled || !tt->granule ||
        tt->tsz < 64 - MAX_BITS || tt->tsz > 39) {
        return NULL;
    }
    above = tt == &cfg->tt[1] ? ~va : va;
    if (above >> (64 - tt->tsz)) {
        return NULL;
    }
    *ia = extract64(va, 0, 64 - tt->tsz);
    return tt;
}

/*
 * Level where stage 2 starts, or -1 when SL0, T0SZ and granule contradict one
 * another: the input must reach into the start level and fit sixteen
 * concatenated tables of it (as the pseudocode's check of SL0 has it).
 */
static int s2_start_level(const SMMUv2StageConfig *cfg, unsigned ia_bits)
{
    unsigned granule = cfg->tt[0].granule, stride = granule - 3;
    int level, covered;

    if (cfg->sl0 == 3 || (aarch32(cfg) && cfg->sl0 == 2)) {
        return -1;
    }
    level = (granule == 12 ? 2 : 3) - cfg->sl0;
    /* The largest tables exist only with an output size that needs them */
    if (cfg->sl0 == 2 && cfg->oas_bits < (granule == 14 ? 42 : 44)) {
        return -1;
    }
    covered = ia_bits - (granule + (3 - level) * stride);
    return covered < 1 || covered > (int)stride + 4 ? -1 : level;
}

/*
 * log2 of how much of a block of 2^@shift bytes is the table's own: in AArch32
 * one of TTBRn with TnSZ = 0 may reach into what the other TTBR maps
 */
static unsigned own_shift(const SMMUv2StageConfig *cfg,
                          const SMMUv2TableConfig *tt, unsigned shift)
{
    const SMMUv2TableConfig *other = &cfg->tt[tt == &cfg->tt[0]];

    return aarch32(cfg) && cfg->stage == 1 && !cfg->hyp && tt->tsz == 32 ?
           MIN(shift, 64 - other->tsz) : shift;
}

static uint8_t s1_perm(const SMMUv2StageConfig *cfg, uint64_t desc,
                       uint64_t tables)
{
    bool ro = (desc & DESC_AP_RO) || (tables & DESC_APTABLE_RO);
    bool user = (desc & DESC_AP_U) && !(tables & DESC_APTABLE_U);
    bool uxn = (desc & DESC_UXN) || (tables & DESC_UXNTABLE);
    bool pxn = (desc & DESC_PXN) || (tables & DESC_PXNTABLE);
    uint8_t perm;

    if (cfg->hyp) {
        /* One privilege level: AP[1] is RES1 and XN is bit 54 */
        perm = SMMUV2_PERM_R | (ro ? 0 : SMMUV2_PERM_W);
        return perm | (uxn || (cfg->wxn && !ro) ? 0 : SMMUV2_PERM_X);
    }
    perm = SMMUV2_PERM_PR | (ro ? 0 : SMMUV2_PERM_PW);
    if (user) {
        perm |= SMMUV2_PERM_UR | (ro ? 0 : SMMUV2_PERM_UW);
    }
    /*
     * Memory that is writable without privilege is never fetched with it; in
     * AArch32 this is a choice, XN is of both, and reading is needed to execute
     */
    if (perm & SMMUV2_PERM_UW && (!aarch32(cfg) || cfg->uwxn)) {
        pxn = true;
    }
    if (aarch32(cfg)) {
        pxn |= uxn;
        uxn |= !user;
    }
    /* In AArch64 it is not: UXN = 0 alone is execute-only */
    if (!uxn && !(cfg->wxn && (perm & SMMUV2_PERM_UW))) {
        perm |= SMMUV2_PERM_UX;
    }
    if (!pxn && !(cfg->wxn && !ro)) {
        perm |= SMMUV2_PERM_PX;
    }
    return perm;
}

static uint8_t s2_perm(const SMMUv2StageConfig *cfg, uint64_t desc)
{
    bool xn = desc & DESC_UXN || (aarch32(cfg) && !(desc & DESC_S2AP_R));

    return (desc & DESC_S2AP_R ? SMMUV2_PERM_R : 0) |
           (desc & DESC_S2AP_W ? SMMUV2_PERM_W : 0) |
           (xn ? 0 : SMMUV2_PERM_X);
}

/* Levels that may hold a block; level 3 holds pages */
static bool leaf_allowed(unsigned granule, int level, uint64_t desc)
{
    if (level == 3) {
        return desc & DESC_TABLE;
    }
    return level == 2 || (level == 1 && granule == 12);
}

bool smmuv2_walk_lpae(const SMMUv2StageConfig *cfg, uint64_t addr,
                      SMMUv2LastTable *last, SMMUv2ReadDescriptor *read,
                      void *opaque, SMMUv2Mapping *map, SMMUv2WalkFault *fault)
{
    const SMMUv2TableConfig *tt;
    unsigned ia_bits, granule, stride, shift, index_bits, own;
    uint64_t ia, table, tables = 0, desc, out;
    int level;

    tt = select_table(cfg, addr, &ia);
    if (!tt) {
        return no_table(fault, cfg, addr);
    }
    granule = tt->granule;
    stride = granule - 3;
    ia_bits = 64 - tt->tsz;
    if (cfg->stage == 2) {
        level = ia_bits <= cfg->in_bits ? s2_start_level(cfg, ia_bits) : -1;
        if (level < 0) {
            return no_table(fault, cfg, addr);
        }
    } else {
        level = 4 - DIV_ROUND_UP(ia_bits - granule, stride);
    }

    /* The first table may be smaller than a granule, or sixteen of them */
    shift = granule + (3 - level) * stride;
    index_bits = ia_bits - shift;
    table = extract64(tt->ttb, 0, MAX_BITS) &
            ~MAKE_64BIT_MASK(0, MAX(index_bits + 3, 4));
    if (extract64(tt->ttb, 0, MAX_BITS) >> cfg->out_bits) {
        return fail(fault, cfg, SMMUV2_FAULT_ADDRESS_SIZE, 0, addr);
    }
    if (last->shift == granule + stride) {
        level = 3;
        shift = granule;
        index_bits = stride;
        table = last->addr;
        tables = (uint64_t)last->limits << LIMITS_SHIFT;
    }

    for (;;) {
        uint64_t at = table + (extract64(ia, shift, index_bits) << 3);

        fault->kind = SMMUV2_FAULT_NONE;
        if (!read(opaque, at, 8, cfg->big_endian, &desc, fault)) {
            return fault->kind == SMMUV2_FAULT_NONE ?
                   fail(fault, cfg, SMMUV2_FAULT_EXTERNAL, level, addr) : false;
        }
        if (!(desc & DESC_VALID)) {
            return fail(fault, cfg, SMMUV2_FAULT_TRANSLATION, level, addr);
        }
        if (level == 3 || !(desc & DESC_TABLE)) {
            break;
        }
        table = extract64(desc, granule, MAX_BITS - granule) << granule;
        if (table >> cfg->out_bits) {
            return fail(fault, cfg, SMMUV2_FAULT_ADDRESS_SIZE, level, addr);
        }
        tables |= desc;
        level++;
        shift -= stride;
        index_bits = stride;
        if (level == 3) {
            *last = (SMMUv2LastTable) {
                .addr = table,
                .shift = granule + stride,
                .limits = extract64(tables, LIMITS_SHIFT, 5),
            };
        }
    }

    if (!leaf_allowed(granule, level, desc)) {
        return fail(fault, cfg, SMMUV2_FAULT_TRANSLATION, level, addr);
    }
    out = extract64(desc, shift, MAX_BITS - shift) << shift;
    if (out >> cfg->out_bits) {
        return fail(fault, cfg, SMMUV2_FAULT_ADDRESS_SIZE, level, addr);
    }
    if (!(desc & DESC_AF) && !cfg->affd) {
        return fail(fault, cfg, SMMUV2_FAULT_ACCESS_FLAG, level, addr);
    }

    own = own_shift(cfg, tt, shift);
    *map = (SMMUv2Mapping) {
        .in = addr & ~MAKE_64BIT_MASK(0, own),
        .out = out | (extract64(addr, 0, shift) & ~MAKE_64BIT_MASK(0, own)),
        .shift = own,
        .level = level,
        .piece = own != shift,
    };
    if (cfg->stage == 2) {
        map->perm = s2_perm(cfg, desc);
        map->attrs = smmuv2_attrs_s2(extract64(desc, 2, 4),
                                     extract64(desc, 8, 2));
    } else {
        map->perm = s1_perm(cfg, desc, tables);
        map->attrs = smmuv2_attrs_make(cfg->mair >> (8 * extract64(desc, 2, 3)),
                                       extract64(desc, 8, 2));
        map->global = !(desc & DESC_NG);
        map->ns = desc & DESC_NS || tables & DESC_NSTABLE;
    }
    return true;
}

SMMUv2Mapping smmuv2_combine(const SMMUv2Mapping *s1, const SMMUv2Mapping *s2,
                             uint64_t addr)
{
    uint8_t shift = MIN(s1->shift, s2->shift);
    uint64_t ipa = s1->out | (addr & MAKE_64BIT_MASK(0, s1->shift));
    uint64_t pa = s2->out | (ipa & MAKE_64BIT_MASK(0, s2->shift));

    return (SMMUv2Mapping) {
        .in = addr & ~MAKE_64BIT_MASK(0, shift),
        .out = pa & ~MAKE_64BIT_MASK(0, shift),
        .shift = shift,
        .level = s1->level,
        .global = s1->global,
        .perm = s1->perm & s2->perm,
        .attrs = smmuv2_attrs_combine(s1->attrs, s2->attrs),
    };
}
