/*
 * Arm SMMUv2 translation table walks
 *
 * A walk is a function: decoded configuration of one stage and an input
 * address in, a mapping or a typed fault out.  It knows no device state and
 * reads descriptors through a callback, which is how a nested walk sends them
 * through stage 2 and how tests walk tables of their own.
 *
 * Formats: VMSAv8-64 (Arm ARM DDI 0487, chapter D8) and the short and long
 * descriptors of VMSAv8-32 (chapter G5), as SMMUv2 takes them (IHI 0062).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_WALK_H
#define HW_ARM_SMMUV2_WALK_H

#include "qemu/bitops.h"

/* Bits of an address on the bus, sign included (IDR2.UBS = 5) */
#define SMMUV2_UPSTREAM_BITS    49

/* What a mapping permits.  Data reads and writes, and instruction fetches. */
enum {
    SMMUV2_PERM_UR = 1 << 0,
    SMMUV2_PERM_UW = 1 << 1,
    SMMUV2_PERM_UX = 1 << 2,
    SMMUV2_PERM_PR = 1 << 3,
    SMMUV2_PERM_PW = 1 << 4,
    SMMUV2_PERM_PX = 1 << 5,
    SMMUV2_PERM_R = SMMUV2_PERM_UR | SMMUV2_PERM_PR,
    SMMUV2_PERM_W = SMMUV2_PERM_UW | SMMUV2_PERM_PW,
    SMMUV2_PERM_X = SMMUV2_PERM_UX | SMMUV2_PERM_PX,
    SMMUV2_PERM_ALL = SMMUV2_PERM_R | SMMUV2_PERM_W | SMMUV2_PERM_X,
};

/* Memory attributes in the encoding of PAR and MAIR_EL1 */
typedef struct SMMUv2Attrs {
    uint8_t memattr;            /* one MAIR byte; bits 7:4 zero mean Device */
    uint8_t sh;                 /* 0 Non-, 2 Outer, 3 Inner Shareable */
} SMMUv2Attrs;

typedef enum SMMUv2Format {
    SMMUV2_FORMAT_AARCH64,
    SMMUV2_FORMAT_AARCH32_LONG,
    SMMUV2_FORMAT_AARCH32_SHORT,        /* stage 1 alone */
} SMMUv2Format;

typedef enum SMMUv2FaultKind {
    SMMUV2_FAULT_NONE,
    SMMUV2_FAULT_TRANSLATION,
    SMMUV2_FAULT_ACCESS_FLAG,
    SMMUV2_FAULT_PERMISSION,
    SMMUV2_FAULT_EXTERNAL,      /* on a table walk */
    SMMUV2_FAULT_ADDRESS_SIZE,
} SMMUv2FaultKind;

typedef struct SMMUv2WalkFault {
    SMMUv2FaultKind kind;
    uint8_t stage;              /* 1 or 2: whose tables faulted */
    uint8_t level;              /* 0 to 3, as FSYNR0.PLVL reports it */
    bool s1ptw;                 /* stage 2, while fetching a stage 1 entry */
    uint64_t ipa;               /* stage 2: the address that faulted */
} SMMUv2WalkFault;

/* One table of a stage: TTBR0 or, for stage 1, TTBR1 */
typedef struct SMMUv2TableConfig {
    uint64_t ttb;               /* TTBRn as written, without the ASID */
    uint8_t tsz;                /* 64 less the bits translated; short: N */
    uint8_t granule;            /* log2 of bytes: 12, 14, 16; 0 is reserved */
    bool disabled;              /* TCR.EPDn, PDn */
    bool tbi;                   /* TCR2.TBIn */
} SMMUv2TableConfig;

typedef struct SMMUv2StageConfig {
    SMMUv2Format format;
    uint8_t stage;              /* 1 or 2 */
    bool enabled;               /* SCTLR.M */
    bool affd;                  /* SCTLR.AFFD: no access flag faults */
    bool big_endian;            /* SCTLR.E */
    bool wxn;                   /* stage 1: SCTLR.WXN */
    bool uwxn;                  /* stage 1, AArch32: SCTLR.UWXN */
    bool afe;                   /* short: SCTLR.AFE, AP[0] is the access flag */
    bool tre;                   /* short: SCTLR.TRE, TEX remap */
    bool hyp;                   /* stage 1: EL2 regime, one privilege level */
    bool ptw;                   /* stage 2: no stage 1 walks in Device memory */
    uint8_t sep;                /* stage 1: TCR2.SEP; 7 where it is ignored */
    uint8_t sl0;                /* stage 2: TCR.SL0 */
    uint8_t in_bits;            /* stage 2: largest input size, IDR2.IAS */
    uint8_t out_bits;           /* output size: min(PASIZE, OAS), in bits */
    uint8_t oas_bits;           /* what the SMMU implements, in bits */
    uint64_t mair;              /* stage 1: MAIR1:MAIR0; short: NMRR:PRRR */
    SMMUv2TableConfig tt[2];
} SMMUv2StageConfig;

typedef struct SMMUv2Mapping {
    uint64_t in;                /* first input address of the block */
    uint64_t out;               /* what it maps to */
    uint8_t shift;              /* log2 of the block's size in bytes */
    uint8_t perm;               /* SMMUV2_PERM_* */
    uint8_t level;              /* of the leaf descriptor */
    bool piece;                 /* of a larger block, the rest of which .. */
                                /* .. another table maps */
    bool global;                /* stage 1: for all ASIDs (nG = 0) */
    bool ns;                    /* of a secure bank: goes out Non-secure */
    SMMUv2Attrs attrs;
} SMMUv2Mapping;

/*
 * Read the descriptor of @size bytes, 8 or 4 (short), at @addr, which is
 * aligned to that and is an IPA when the walk is stage 1 of a nested context.
 * @value gets it in host order.  Returns false when the read fails: with @fault
 * untouched for an external abort, which the walk then reports, or filled in
 * for a fault of stage 2.
 */
typedef bool SMMUv2ReadDescriptor(void *opaque, uint64_t addr, unsigned size,
                                  bool big_endian, uint64_t *value,
                                  SMMUv2WalkFault *fault);

/*
 * The table of the last level that maps an address, to start other walks of
 * the same configuration from
 */
typedef struct SMMUv2LastTable {
    uint64_t addr;              /* aligned to 4 KiB: a TLB may hold it */
    uint8_t shift;              /* log2 of the bytes it maps; 0: none known */
    uint8_t limits;             /* of it by the tables above, in 6 bits */
} SMMUv2LastTable;

/* Tables of 8-byte descriptors, and of 4-byte ones: see smmuv2_walk_from() */
bool smmuv2_walk_lpae(const SMMUv2StageConfig *cfg, uint64_t addr,
                      SMMUv2LastTable *last, SMMUv2ReadDescriptor *read,
                      void *opaque, SMMUv2Mapping *map, SMMUv2WalkFault *fault);
bool smmuv2_walk_short(const SMMUv2StageConfig *cfg, uint64_t addr,
                       SMMUv2LastTable *last, SMMUv2ReadDescriptor *read,
                       void *opaque, SMMUv2Mapping *map,
                       SMMUv2WalkFault *fault);

/**
 * smmuv2_walk_from: walk the tables of a stage, from and to a last-level one
 * @cfg: the stage; must be enabled
 * @addr: input address, all 64 bits as the master drove them
 * @last: the table for @addr if it is known, as left by an earlier walk of the
 *        same configuration; set to the one that the walk came to, if it is not
 *        the first table anyway
 * @read: descriptor fetch
 * @opaque: passed to @read
 * @map: the mapping, on success; covers @addr
 * @fault: the fault, on failure
 *
 * Checks everything but the permission of the access itself, which is the
 * caller's as only he knows what access it is: see smmuv2_perm_needed().
 * Any value of any field in @cfg and any table contents are safe; a walk reads
 * at most four descriptors.  Returns true on success.
 */
static inline bool smmuv2_walk_from(const SMMUv2StageConfig *cfg,
                                    uint64_t addr, SMMUv2LastTable *last,
                                    SMMUv2ReadDescriptor *read, void *opaque,
                                    SMMUv2Mapping *map, SMMUv2WalkFault *fault)
{
    return cfg->format == SMMUV2_FORMAT_AARCH32_SHORT ?
           smmuv2_walk_short(cfg, addr, last, read, opaque, map, fault) :
           smmuv2_walk_lpae(cfg, addr, last, read, opaque, map, fault);
}

/* The same from the first table */
static inline bool smmuv2_walk(const SMMUv2StageConfig *cfg, uint64_t addr,
                               SMMUv2ReadDescriptor *read, void *opaque,
                               SMMUv2Mapping *map, SMMUv2WalkFault *fault)
{
    SMMUv2LastTable last = { 0 };

    return smmuv2_walk_from(cfg, addr, &last, read, opaque, map, fault);
}

/**
 * smmuv2_combine: stage 1 followed by stage 2 as one mapping
 * @s1: mapping of the input address
 * @s2: mapping of @s1's output for the input address @addr
 * @addr: the input address both mappings were made for
 *
 * The result covers what both cover; permissions are those both grant,
 * attributes the stricter of the two (Arm ARM, chapter D8).
 */
SMMUv2Mapping smmuv2_combine(const SMMUv2Mapping *s1, const SMMUv2Mapping *s2,
                             uint64_t addr);

/**
 * smmuv2_tlb_key: the address under which mappings of @addr are cached
 *
 * The 49 bits of the upstream bus, so that an address and its extension to 64
 * bits, which are one virtual address, share entries and are invalidated
 * together.  Returns false if @addr is neither (a tag in the top byte): such
 * accesses walk each time.
 */
static inline bool smmuv2_tlb_key(uint64_t addr, uint64_t *key)
{
    *key = extract64(addr, 0, SMMUV2_UPSTREAM_BITS);
    return addr == *key || addr == sextract64(addr, 0, SMMUV2_UPSTREAM_BITS);
}

/* The bit that TCR2.SEP makes the sign */
static inline unsigned smmuv2_sep_bit(uint8_t sep)
{
    static const uint8_t bit[8] = { 31, 35, 39, 41, 43, 47, 47, 48 };

    return bit[sep & 7];
}

/* The SMMUV2_PERM_* bit that an access needs */
static inline uint8_t smmuv2_perm_needed(bool write, bool priv, bool inst)
{
    uint8_t bit = write ? SMMUV2_PERM_UW :
                  inst ? SMMUV2_PERM_UX : SMMUV2_PERM_UR;

    return priv ? bit << 3 : bit;
}

/* smmuv2-attrs.c */

/* Attributes of a MAIR byte and SH[1:0] */
SMMUv2Attrs smmuv2_attrs_make(uint8_t memattr, uint8_t sh);
/* Attributes of a stage 2 descriptor, MemAttr[3:0] and SH[1:0] */
SMMUv2Attrs smmuv2_attrs_s2(uint8_t memattr, uint8_t sh);
/*
 * Attributes of a short descriptor: TEX[2:0], C and B as five bits, and S.
 * @mair is NMRR:PRRR, which say what TEX[0], C and B mean when @tre is set.
 */
SMMUv2Attrs smmuv2_attrs_short(bool tre, uint64_t mair, uint8_t texcb, bool s);
/* Attributes of stage 1 and stage 2 together */
SMMUv2Attrs smmuv2_attrs_combine(SMMUv2Attrs s1, SMMUv2Attrs s2);

static inline bool smmuv2_attrs_device(SMMUv2Attrs a)
{
    return !(a.memattr & 0xf0);
}

#endif
