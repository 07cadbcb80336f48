/*
 * Arm SMMUv2 and the TLB maintenance that CPUs broadcast: the CPUs' side
 *
 * From the MMU indices that TCG flushes to the regimes of the architecture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "cpu.h"
#include "exec/tlb-broadcast.h"
#include "system/tcg.h"
#include "smmuv2-dvm.h"

#define REGIME_S1   (ARMMMUIdxBit_E10_0 | ARMMMUIdxBit_E10_1 | \
                     ARMMMUIdxBit_E10_1_PAN)
#define REGIME_S2   (ARMMMUIdxBit_Stage2 | ARMMMUIdxBit_Stage2_S)
#define REGIME_HYP  (ARMMMUIdxBit_E2 | ARMMMUIdxBit_E20_0 | \
                     ARMMMUIdxBit_E20_2 | ARMMMUIdxBit_E20_2_PAN)

static void broadcast(Notifier *n, void *data)
{
    SMMUv2DVM *dvm = container_of(n, SMMUv2DVM, notifier);
    const TLBBroadcast *t = data;
    SMMUv2Broadcast b = {
        .s1 = t->idxmap & REGIME_S1,
        .s2 = t->idxmap & REGIME_S2,
        .hyp = t->idxmap & REGIME_HYP,
        .addr = t->addr,
        /* One page, all of whose address counts, save for a tag */
        .all = t->size == 0 || t->size > 4096 || t->bits < 56,
    };

    smmuv2_dvm_invalidate(dvm->tcu, &b);
}

bool smmuv2_dvm_available(void)
{
    return tcg_enabled();
}

void smmuv2_dvm_init(SMMUv2DVM *dvm, SMMUv2TCU *tcu)
{
    dvm->tcu = tcu;
    dvm->notifier.notify = broadcast;
    tlb_broadcast_add_notifier(&dvm->notifier);
}
