/*
 * Arm SMMUv2 translation lookaside buffer
 *
 * A set-associative cache of mappings that knows no device: the TCU has one
 * for all masters (the macro TLB), each TBU a small one (the micro TLB).
 *
 * Entries are tagged with a context, a number that stands for one state of one
 * translation context: its bank, VMID, ASID and registers.  Whoever owns the
 * TLB takes a fresh number whenever all entries of a context must go, so that
 * invalidation by ASID, by VMID or of everything costs nothing per entry; the
 * dead ones fall to replacement.  Numbers are never used twice.
 *
 * Locking: lookups take no lock and may run in any thread.  Insertions and
 * invalidations of one TLB must be serialised by its owner.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_TLB_H
#define HW_ARM_SMMUV2_TLB_H

#include "qemu/atomic.h"
#include "smmuv2-walk.h"

#define SMMUV2_TLB_WAYS 4
/* Entries of a TLB: a power of two in this range */
#define SMMUV2_TLB_MIN  16
#define SMMUV2_TLB_MAX  (1 << 20)

typedef struct SMMUv2TLBEntry SMMUv2TLBEntry;

typedef struct SMMUv2TLB {
    SMMUv2TLBEntry *entries;
    uint32_t num_sets;          /* a power of two */
    uint32_t victim;            /* replaces the ways of a set in turn */
    aligned_uint64_t sizes;     /* bit n: a block of 2^n bytes was inserted */
} SMMUv2TLB;

/* @num_entries: power of two within the range above */
void smmuv2_tlb_init(SMMUv2TLB *tlb, uint32_t num_entries);
void smmuv2_tlb_destroy(SMMUv2TLB *tlb);

/**
 * smmuv2_tlb_lookup: find the mapping of an address
 * @ctx: context number, not 0
 * @addr: any address
 * @map: filled in on a hit, except for its level, which the TLB does not keep
 *
 * Returns whether it hit.
 */
bool smmuv2_tlb_lookup(const SMMUv2TLB *tlb, uint64_t ctx, uint64_t addr,
                       SMMUv2Mapping *map);

/* Insert @map for @ctx (not 0), in place of an entry for the same block */
void smmuv2_tlb_insert(SMMUv2TLB *tlb, uint64_t ctx, const SMMUv2Mapping *map);

/* Remove whatever maps @addr in @ctx, whatever its size */
void smmuv2_tlb_invalidate_addr(SMMUv2TLB *tlb, uint64_t ctx, uint64_t addr);

/* Remove everything, and forget which sizes were in use */
void smmuv2_tlb_invalidate_all(SMMUv2TLB *tlb);

#endif
