/*
 * Arm SMMUv2 translation control unit
 *
 * Holds the programming state, the macro TLB and the walkers, and serves the
 * TBUs: stream to route, access to mapping.
 *
 * Locking: @lock covers the registers, the bank configurations and every write
 * to a TLB.  It nests inside the BQL; inside it there is only logging: tables
 * are read, notifiers called and interrupt lines moved without it.  Fields
 * marked atomic are also read without it.  A hit in a TBU takes no lock.
 *
 * What is cached: whole translations in the macro TLB and in the TBUs' micro
 * TLBs, and last-level tables, so that most walks read one descriptor.  Entries
 * are tagged with the numbers that their bank has at the time; what a nested
 * walk learns of stage 2 is kept as entries of stage 2's bank.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_TCU_H
#define HW_ARM_SMMUV2_TCU_H

#include "exec/memory.h"
#include "qemu/bitmap.h"
#include "qemu/queue.h"
#include "qemu/thread.h"
#include "smmuv2-cb.h"
#include "smmuv2-counters.h"
#include "smmuv2-fault.h"
#include "smmuv2-pmu.h"
#include "smmuv2-stall.h"
#include "smmuv2-stream.h"
#include "smmuv2-tlb.h"

/* What has become stale, for those who cache translations themselves */
typedef struct SMMUv2Invalidation {
    DECLARE_BITMAP(banks, SMMUV2_MAX_CB);
    bool streams;               /* the stream mapping changed: all masters */
    uint64_t addr;              /* first address; size 0: all addresses */
    uint64_t size;              /* bytes, a power of two */
} SMMUv2Invalidation;

typedef struct SMMUv2Listener SMMUv2Listener;
struct SMMUv2Listener {
    SMMUv2TLB *utlb;            /* kept free of stale entries, under the lock */
    /* Called under the BQL without the lock, while notifying; never NULL */
    void (*invalidated)(SMMUv2Listener *listener,
                        const SMMUv2Invalidation *inv);

    /* The TCU's */
    DECLARE_BITMAP(banks, SMMUV2_MAX_CB);       /* that ever filled @utlb */
    bool filled;                                /* any did */
    bool gone;                                  /* unlistened */
    QLIST_ENTRY(SMMUv2Listener) next, next_filled, next_notifying;
};

typedef struct SMMUv2Bank {
    aligned_uint64_t ctx;       /* context number of its entries; atomic */
    aligned_uint64_t open_ctx;  /* the same; 0 while a fault blocks; atomic */
    uint64_t tables_ctx;        /* the same of its tables */
    /* What its entries may be, for want of knowing each: */
    bool has_global;            /* for all ASIDs */
    bool has_pieces;            /* stage 1 blocks, cut up by stage 2 */
    SMMUv2BankConfig cfg;
} SMMUv2Bank;

typedef struct SMMUv2TCU {
    QemuMutex lock;
    SMMUv2Regs regs;
    unsigned num_smrg, num_cb;
    SMMUv2Bank bank[SMMUV2_MAX_CB];
    /* Banks that may have entries, or of which somebody must be told */
    DECLARE_BITMAP(live, SMMUV2_MAX_CB);
    SMMUv2TLB tlb;              /* translations, by a bank's ctx */
    SMMUv2TLB tables;           /* last-level tables, by a bank's tables_ctx */
    uint64_t last_ctx;          /* numbers handed out so far */
    aligned_uint64_t epoch;     /* counts changes of anything cached; atomic */
    uint32_t stream_gen;        /* counts changes of streams; atomic */
    SMMUv2PMU pmu;              /* @live beside what each transaction reads */
    QLIST_HEAD(, SMMUv2Listener) listeners;     /* all; under the BQL */
    QLIST_HEAD(, SMMUv2Listener) filled;        /* those with entries */
    QLIST_HEAD(, SMMUv2Listener) notifying;     /* under the BQL */
    AddressSpace *as;           /* of tables and of translated accesses */
    AddressSpace *secure_as;    /* of Secure ones */
    SMMUv2FaultLines lines;
    SMMUv2Stalls stalls;

    /* Statistics since reset */
    SMMUv2Count tlb_hits, tlb_misses, walks, tlb_invalidations;
    SMMUv2Count tlb_broadcasts;
    SMMUv2Count context_faults, global_faults;
} SMMUv2TCU;

/* @num_entries: of the macro TLB, see smmuv2_tlb_init() */
void smmuv2_tcu_init(SMMUv2TCU *tcu, uint32_t num_entries);
void smmuv2_tcu_destroy(SMMUv2TCU *tcu);

/* Decode everything afresh and drop all that is cached: reset, migration */
void smmuv2_tcu_reload(SMMUv2TCU *tcu);

/* TBUs come and go, under the BQL */
void smmuv2_tcu_listen(SMMUv2TCU *tcu, SMMUv2Listener *listener);
void smmuv2_tcu_unlisten(SMMUv2TCU *tcu, SMMUv2Listener *listener);

/* Whether a listener wants to be told of invalidations; under the BQL */
void smmuv2_tcu_set_notifying(SMMUv2TCU *tcu, SMMUv2Listener *listener,
                              bool notifying);

/* Tell those who want to be; under the BQL, without the lock */
void smmuv2_tcu_notify(SMMUv2TCU *tcu, const SMMUv2Invalidation *inv);

/*
 * Count SMMUV2_PMU_* events of a transaction in context bank @cb, or -1; to be
 * called if tcu->pmu.live is not 0
 */
void smmuv2_tcu_count(SMMUv2TCU *tcu, unsigned what,
                      const SMMUv2Access *access, int cb);

/*
 * A number that changes with whatever makes a translation stale, but not before
 * the TLBs are rid of it: read it before what goes with it
 */
static inline uint64_t smmuv2_tcu_epoch(const SMMUv2TCU *tcu)
{
    uint64_t epoch = qatomic_read_u64(&tcu->epoch);

    smp_rmb(); /* pairs with new_epoch() */
    return epoch;
}

/* Where a stream goes, as CR0, SMR and S2CR say now */
SMMUv2Route smmuv2_tcu_route(SMMUv2TCU *tcu, uint16_t stream_id);

/* Record a global fault and raise its interrupt */
SMMUv2Response smmuv2_tcu_global_fault(SMMUv2TCU *tcu, uint32_t gfsr,
                                       const SMMUv2Access *access);

/**
 * smmuv2_tcu_translate: translate an access that the micro TLB could not
 * @cb: context bank, below num_cb
 * @access: the access
 * @listener: a registered one, whose micro TLB is filled
 * @map: the mapping, when SMMUV2_OK is returned; it permits the access unless
 *       that is a probe
 *
 * Any thread, with or without the BQL, inside an RCU critical section.
 * Faults are recorded and raised, except for a probe.
 */
SMMUv2Response smmuv2_tcu_translate(SMMUv2TCU *tcu, unsigned cb,
                                    const SMMUv2Access *access,
                                    SMMUv2Listener *listener,
                                    SMMUv2Mapping *map);

/**
 * smmuv2_tcu_walk: translate by the tables alone, past all TLBs
 * @cfg: a valid configuration
 * @perm: what is wanted
 * @both: both stages if there are two, not the first alone
 *
 * Inside an RCU critical section, without the lock; nothing is recorded.
 */
bool smmuv2_tcu_walk(SMMUv2TCU *tcu, const SMMUv2BankConfig *cfg, uint64_t addr,
                     uint8_t perm, bool both, SMMUv2Mapping *map,
                     SMMUv2WalkFault *fault);

/* For the banks whose invalidation matters, as @cb; lock held */
#define SMMUV2_FOREACH_LIVE(tcu, cb)                                \
    for ((cb) = find_first_bit((tcu)->live, (tcu)->num_cb);         \
         (cb) < (tcu)->num_cb;                                      \
         (cb) = find_next_bit((tcu)->live, (tcu)->num_cb, (cb) + 1))

/* The following want the lock held, and add to @inv what they made stale */

/* A register of a bank changed: decode it and those nested upon it */
void smmuv2_tcu_bank_changed(SMMUv2TCU *tcu, unsigned cb,
                             SMMUv2Invalidation *inv);
/* FSR of a bank changed: whether it blocks transactions */
void smmuv2_tcu_fault_changed(SMMUv2TCU *tcu, unsigned cb);
/* Something that all banks depend on changed */
void smmuv2_tcu_banks_changed(SMMUv2TCU *tcu, SMMUv2Invalidation *inv);
/* CR0, SMR or S2CR changed */
void smmuv2_tcu_streams_changed(SMMUv2TCU *tcu, SMMUv2Invalidation *inv);
/* All entries of a bank go */
void smmuv2_tcu_drop_bank(SMMUv2TCU *tcu, unsigned cb,
                          SMMUv2Invalidation *inv);
/* Entries of a bank that map an address go; its tables too unless @leaf */
void smmuv2_tcu_drop_addr(SMMUv2TCU *tcu, unsigned cb, uint64_t addr, bool leaf,
                          SMMUv2Invalidation *inv);

/*
 * smmuv2-tlbi.c: carry out a write to a TLBI register; lock held.  @half: of
 * the lower half of one of 64 bits, zero-extended in @value
 */
void smmuv2_tlbi_write(SMMUv2TCU *tcu, SMMUv2RegRef ref, uint64_t value,
                       bool half, SMMUv2Invalidation *inv);

/*
 * smmuv2-atos.c: carry out a write to a register of address translation; must
 * not hold the lock
 */
void smmuv2_atos_write(SMMUv2TCU *tcu, SMMUv2RegRef ref, uint64_t value);

/* Those registers, for an SMMU that has them (IDR0.ATOSNS = 0) */
SMMUv2RegRef smmuv2_atos_find(SMMUv2Frame frame, unsigned bank,
                              unsigned offset);

#endif
