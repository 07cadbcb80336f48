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

void smmuv2_dvm_invalidate(SMMUv2TCU *tcu, const SMMUv2Broadcast *b)
{
    SMMUv2Invalidation inv = { 0 };
    bool told;
    unsigned cb;

    if (!b->all) {
        /* The page may be of any granule */
        inv.addr = b->addr & ~0xffffull;
        inv.size = 0x10000;
    }
    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        if (FIELD_EX32(tcu->regs.cr0, CR0, PTM)) {
            return;
        }
        SMMUV2_FOREACH_LIVE(tcu, cb) {
            drop(tcu, cb, b, &inv);
        }
        /* After the drop: who listens later finds nothing stale to cache */
        told = !QLIST_EMPTY(&tcu->notifying);
    }
    trace_smmuv2_broadcast(b->s1, b->s2, b->hyp, b->all, b->addr);
    smmuv2_count(&tcu->tlb_broadcasts);
    if (told) {
        BQL_LOCK_GUARD();
        smmuv2_tcu_notify(tcu, &inv);
    }
}
