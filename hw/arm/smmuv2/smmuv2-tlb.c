/*
 * Arm SMMUv2 translation lookaside buffer
 *
 * See smmuv2-tlb.h for what it is.  An entry is 32 bytes:
 *
 *   tag    input address of the block | log2 of its size (0: entry is free)
 *   out    memattr[63:56] sh[55:54] output address[51:12] ns[6] perm[5:0]
 *   ctx    context number
 *   seq    odd while the entry is being written
 *
 * A lookup reads the three words between two reads of seq and takes them only
 * if seq was even and did not change: a miss costs a walk, a torn entry would
 * cost the isolation of two domains.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bitops.h"
#include "qemu/host-utils.h"
#include "smmuv2-tlb.h"

#define TAG_SHIFT_MASK  MAKE_64BIT_MASK(0, 6)

struct SMMUv2TLBEntry {
    aligned_uint64_t tag;
    aligned_uint64_t out;
    aligned_uint64_t ctx;
    uint32_t seq;
};

QEMU_BUILD_BUG_ON(sizeof(SMMUv2TLBEntry) != 32);

void smmuv2_tlb_init(SMMUv2TLB *tlb, uint32_t num_entries)
{
    *tlb = (SMMUv2TLB) {
        .entries = g_new0(SMMUv2TLBEntry, num_entries),
        .num_sets = num_entries / SMMUV2_TLB_WAYS,
    };
}

void smmuv2_tlb_destroy(SMMUv2TLB *tlb)
{
    g_free(tlb->entries);
    tlb->entries = NULL;
}

static SMMUv2TLBEntry *tlb_set(const SMMUv2TLB *tlb, uint64_t ctx,
                               uint64_t tag)
{
    /* Fibonacci hashing; neighbouring pages land in different sets */
    uint64_t page = tag >> (tag & TAG_SHIFT_MASK);
    uint64_t h = page + ctx * 0x9e3779b97f4a7c15ull;

    h ^= h >> 29;
    return &tlb->entries[(h & (tlb->num_sets - 1)) * SMMUV2_TLB_WAYS];
}

static uint64_t make_tag(uint64_t addr, unsigned shift)
{
    return (addr & ~MAKE_64BIT_MASK(0, shift)) | shift;
}

static void entry_write(SMMUv2TLBEntry *e, uint64_t ctx, uint64_t tag,
                        uint64_t out)
{
    uint32_t seq = e->seq;

    qatomic_set(&e->seq, seq + 1);
    smp_wmb(); /* odd before the words change: pairs with the acquire */
    qatomic_set_u64(&e->tag, tag);
    qatomic_set_u64(&e->out, out);
    qatomic_set_u64(&e->ctx, ctx);
    smp_wmb(); /* the words before even: pairs with the acquire */
    qatomic_set(&e->seq, seq + 2);
}

/* Read the entry's output if it maps @tag in @ctx and is not being written */
static bool entry_match(const SMMUv2TLBEntry *e, uint64_t ctx, uint64_t tag,
                        uint64_t *out)
{
    uint32_t seq;

    if (qatomic_read_u64(&e->tag) != tag) {
        return false;
    }
    seq = qatomic_load_acquire(&e->seq);
    if (seq & 1 || qatomic_read_u64(&e->tag) != tag ||
        qatomic_read_u64(&e->ctx) != ctx) {
        return false;
    }
    *out = qatomic_read_u64(&e->out);
    smp_rmb(); /* the words before seq again: pairs with the first wmb */
    return qatomic_read(&e->seq) == seq;
}

bool smmuv2_tlb_lookup(const SMMUv2TLB *tlb, uint64_t ctx, uint64_t addr,
                       SMMUv2Mapping *map)
{
    uint64_t sizes = qatomic_read_u64(&tlb->sizes);

    for (; sizes; sizes &= sizes - 1) {
        unsigned shift = ctz64(sizes);
        uint64_t tag = make_tag(addr, shift), out;
        const SMMUv2TLBEntry *set = tlb_set(tlb, ctx, tag);

        for (int way = 0; way < SMMUV2_TLB_WAYS; way++) {
            if (entry_match(&set[way], ctx, tag, &out)) {
                map->in = tag & ~TAG_SHIFT_MASK;
                map->out = out & MAKE_64BIT_MASK(12, 40);
                map->shift = shift;
                map->perm = extract64(out, 0, 6);
                map->attrs.memattr = extract64(out, 56, 8);
                map->attrs.sh = extract64(out, 54, 2);
                map->ns = extract64(out, 6, 1);
                return true;
            }
        }
    }
    return false;
}

void smmuv2_tlb_insert(SMMUv2TLB *tlb, uint64_t ctx, const SMMUv2Mapping *map)
{
    uint64_t tag = make_tag(map->in, map->shift);
    SMMUv2TLBEntry *set = tlb_set(tlb, ctx, tag), *e = NULL;
    uint64_t out = map->out | map->perm |
                   (uint64_t)map->ns << 6 |
                   (uint64_t)map->attrs.memattr << 56 |
                   (uint64_t)map->attrs.sh << 54;

    for (int way = 0; way < SMMUV2_TLB_WAYS; way++) {
        if (set[way].tag == tag && set[way].ctx == ctx) {
            e = &set[way];
            break;
        }
        if (!set[way].tag && !e) {
            e = &set[way];
        }
    }
    if (!e) {
        e = &set[tlb->victim++ % SMMUV2_TLB_WAYS];
    }
    entry_write(e, ctx, tag, out);
    if (!(tlb->sizes & BIT_ULL(map->shift))) {
        qatomic_set_u64(&tlb->sizes, tlb->sizes | BIT_ULL(map->shift));
    }
}

void smmuv2_tlb_invalidate_addr(SMMUv2TLB *tlb, uint64_t ctx, uint64_t addr)
{
    for (uint64_t sizes = tlb->sizes; sizes; sizes &= sizes - 1) {
        uint64_t tag = make_tag(addr, ctz64(sizes));
        SMMUv2TLBEntry *set = tlb_set(tlb, ctx, tag);

        for (int way = 0; way < SMMUV2_TLB_WAYS; way++) {
            if (set[way].tag == tag && set[way].ctx == ctx) {
                entry_write(&set[way], 0, 0, 0);
            }
        }
    }
}

void smmuv2_tlb_invalidate_all(SMMUv2TLB *tlb)
{
    for (uint32_t i = 0; i < tlb->num_sets * SMMUV2_TLB_WAYS; i++) {
        if (tlb->entries[i].tag) {
            entry_write(&tlb->entries[i], 0, 0, 0);
        }
    }
    qatomic_set_u64(&tlb->sizes, 0);
}
