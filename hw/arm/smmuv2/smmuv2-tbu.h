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

#include "smmuv2-tcu.h"

#define TYPE_ARM_SMMUV2_TBU "arm-smmuv2-tbu"
OBJECT_DECLARE_SIMPLE_TYPE(SMMUv2TBU, ARM_SMMUV2_TBU)

/* The StreamID of a master now; a PCI bus may be renumbered */
typedef uint16_t SMMUv2StreamIDFn(SMMUv2TBU *tbu);

struct SMMUv2TBU {
    IOMMUMemoryRegion parent_obj;

    AddressSpace as;            /* what the master sees */
    SMMUv2TCU *tcu;
    AddressSpace *raz;          /* reads zeroes, ignores writes */
    SMMUv2StreamIDFn *stream_id;
    char *name;                 /* of the master, for people */
    void *bus;                  /* PCI: the master's bus and devfn */
    uint8_t devfn;

    SMMUv2Listener listener;
    SMMUv2TLB utlb;
    aligned_uint64_t route;     /* packed, see smmuv2-tbu.c; atomic */
    bool notifying;             /* somebody caches our translations */

    /* Statistics since reset; approximate while several threads translate */
    uint64_t translations, hits, misses, faults;
};

/**
 * smmuv2_tbu_new: a TBU for a master
 * @owner: the SMMU; the TBU lives as long
 * @tcu: where misses go
 * @raz: address space for faults that the master is not told of
 * @utlb_entries: see smmuv2_tlb_init()
 * @name: of the master: becomes the QOM child "tbu-@name[0]"
 * @stream_id: says the master's StreamID
 */
SMMUv2TBU *smmuv2_tbu_new(Object *owner, SMMUv2TCU *tcu, AddressSpace *raz,
                          uint32_t utlb_entries, const char *name,
                          SMMUv2StreamIDFn *stream_id);

/* Statistics back to zero */
void smmuv2_tbu_reset(SMMUv2TBU *tbu);

#endif
