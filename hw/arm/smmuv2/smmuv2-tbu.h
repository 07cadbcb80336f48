/*
 * Arm SMMUv2 translation buffer unit
 *
 * One per master: an IOMMU memory region in front of the TCU, with a micro TLB
 * and a memory of where the master's stream goes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_TBU_H
#define HW_ARM_SMMUV2_TBU_H

#include "qemu/rcu.h"
#include "smmuv2-tcu.h"

#define TYPE_ARM_SMMUV2_TBU "arm-smmuv2-tbu"
OBJECT_DECLARE_SIMPLE_TYPE(SMMUv2TBU, ARM_SMMUV2_TBU)

/* What a kind of master knows of itself */
typedef struct SMMUv2MasterOps {
    /* Its StreamID now: a PCI bus may be renumbered */
    uint16_t (*stream_id)(SMMUv2TBU *tbu);
    /* What the guest calls it; the caller frees the string */
    char *(*describe)(SMMUv2TBU *tbu);
    /* The TBU is about to be freed; may be NULL */
    void (*release)(SMMUv2TBU *tbu);
} SMMUv2MasterOps;

/*
 * What one thread counts, and its last translation.  Wherever the first one is,
 * no two of them share a line of the cache.
 */
typedef struct SMMUv2TBUSlot {
    SMMUv2Count hits, misses, bypasses;
    uint64_t epoch;             /* of the TCU, when the rest was true; or 0 */
    uint64_t page;              /* of 4 KiB */
    uint64_t mask, out;
    uint16_t stream_id;
    uint8_t perm;               /* IOMMUAccessFlags */
    uint8_t room[128 - 7 * 8 - 3];
} SMMUv2TBUSlot;

/* A master that has always the same name and StreamID, .last_stream_id */
extern const SMMUv2MasterOps smmuv2_plain_master;

struct SMMUv2TBU {
    IOMMUMemoryRegion parent_obj;

    AddressSpace as;            /* what the master sees */
    SMMUv2TCU *tcu;
    AddressSpace *raz;          /* reads zeroes, ignores writes */
    const SMMUv2MasterOps *ops;
    char *name;                 /* of the master, by where it is plugged */
    void *bus;                  /* PCI: the master's bus and devfn */
    uint8_t devfn;
    uint16_t last_stream_id;    /* PCI: while the bus could be asked */
    bool fixed_stream_id;       /* @last_stream_id is the only one */
    struct rcu_head rcu;

    SMMUv2Listener listener;
    SMMUv2TLB utlb;
    aligned_uint64_t route;     /* packed, see smmuv2-tbu.c; atomic */
    bool notifying;             /* somebody caches our translations */
    SMMUv2Refusal refusal;

    /* Statistics since reset; the rest of them is in @slot */
    SMMUv2Count blocked, faults;
    SMMUv2TBUSlot slot[SMMUV2_SLOTS];
};

/**
 * smmuv2_tbu_new: a TBU for a master
 * @owner: the SMMU; the TBU lives as long, or until smmuv2_tbu_delete()
 * @tcu: where misses go
 * @raz: address space for faults that the master is not told of
 * @utlb_entries: see smmuv2_tlb_init()
 * @name: of the master: becomes the QOM child "tbu-@name[0]"
 * @ops: the master's kind
 * @bus, @devfn: a PCI master's; else NULL and 0
 */
SMMUv2TBU *smmuv2_tbu_new(Object *owner, SMMUv2TCU *tcu, AddressSpace *raz,
                          uint32_t utlb_entries, const char *name,
                          const SMMUv2MasterOps *ops, void *bus,
                          uint8_t devfn);

/* Translations that the master asked for since reset; of these, both kinds */
uint64_t smmuv2_tbu_translations(SMMUv2TBU *tbu);
uint64_t smmuv2_tbu_hits(SMMUv2TBU *tbu);
uint64_t smmuv2_tbu_misses(SMMUv2TBU *tbu);

/* Where the stream goes now, for people: no use of what is remembered */
SMMUv2Route smmuv2_tbu_route_now(SMMUv2TBU *tbu);

/* Stages that translate it now: "1", "2", "1+2" or "-"; the caller frees it */
char *smmuv2_tbu_stage(SMMUv2TBU *tbu);

/* The TBU's StreamID has changed: whoever cached translations is told */
void smmuv2_tbu_stream_changed(SMMUv2TBU *tbu);

/*
 * The master has gone for good: the TBU goes once nobody can be using it.
 * Under the BQL; nobody listens to it any more.
 */
void smmuv2_tbu_delete(SMMUv2TBU *tbu);

/* Statistics back to zero */
void smmuv2_tbu_reset(SMMUv2TBU *tbu);

#endif
