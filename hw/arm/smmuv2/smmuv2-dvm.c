/*
 * Arm SMMUv2 and the TLB maintenance that CPUs broadcast
 *
 * See smmuv2-dvm.h.  An operation drops what it names in all banks of its
 * regime, whatever the VMID and the ASID: TCG does not tell them, as its own
 * TLBs do not keep them.  For the same reason CR0.VMIDPNE and SCTLR.ASIDPNE,
 * which spare private VMIDs and ASIDs, change nothing.  A TLB may drop more
 * than it must.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/lockable.h"
#include "qemu/main-loop.h"
#include "smmuv2-dvm.h"
#include "trace.h"

static void drop(SMMUv2TCU *tcu, unsigned cb, const SMMUv2Broadcast *b,
                 SMMUv2Invalidation *inv)
{
    const SMMUv2BankConfig *cfg = &tcu->bank[cb].cfg;
    bool s1, s2;

    s1 = cfg->has_s1 && (cfg->hyp ? b->hyp : b->s1);
    s2 = cfg->has_s2 && b->s2;
    if (b->all ? s1 || s2 : s2 && cfg->has_s1) {
        /* Nested entries are kept by VA: an IPA says nothing of them */
        smmuv2_tcu_drop_bank(tcu, cb, inv);
    } else if (s1 || s2) {
        smmuv2_tcu_drop_addr(tcu, cb, b->addr, false, inv);
    }
}

bool smmuv2_dvm_drop(SMMUv2TCU *tcu, const SMMUv2Broadcast *b,
                     SMMUv2Invalidation *inv)
{
    unsigned cb;

    *inv = (SMMUv2Invalidation) { 0 };
    if (!b->all) {
        /* The page may be of any granule */
        inv->addr = b->addr & ~0xffffull;
        inv->size = 0x10000;
    }
    QEMU_LOCK_GUARD(&tcu->lock);
    if (FIELD_EX32(tcu->regs.cr0, CR0, PTM)) {
        return false;
    }
    SMMUV2_FOREACH_LIVE(tcu, cb) {
        drop(tcu, cb, b, inv);
    }
    trace_smmuv2_broadcast(b->s1, b->s2, b->hyp, b->all, b->addr);
    smmuv2_count(&tcu->tlb_broadcasts);
    /* After the drop: who listens later finds nothing stale to cache */
    return !QLIST_EMPTY(&tcu->notifying);
}

void smmuv2_dvm_tell(SMMUv2TCU *tcu, SMMUv2Invalidation *inv)
{
    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        for (unsigned cb = 0; cb < tcu->num_cb; cb++) {
            if (test_bit(cb, inv->banks) && tcu->bank[cb].has_pieces) {
                inv->size = 0;
            }
        }
    }
    smmuv2_tcu_notify(tcu, inv);
}

void smmuv2_dvm_invalidate(SMMUv2TCU *tcu, const SMMUv2Broadcast *b)
{
    SMMUv2Invalidation inv;

    if (smmuv2_dvm_drop(tcu, b, &inv)) {
        BQL_LOCK_GUARD();
        smmuv2_dvm_tell(tcu, &inv);
    }
}
