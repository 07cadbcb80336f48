/*
 * Arm SMMUv2 stalled transactions
 *
 * Life of a stall: a transaction faults in a bank whose SCTLR.CFCFG says so,
 * and its master can hold it; FSR gets the fault and SS.  Others that fault in
 * the bank, or with SCTLR.HUPCF = 0 all that use it, wait behind it.  The
 * driver clears FSR, which leaves SS, and writes RESUME, which clears it: the
 * held transaction is tried again, or ends as SCTLR.CFRE says, and all that
 * waited are tried again.  (IHI 0062, 3.7.3, whose pseudocode decides in
 * smmuv2-fault.c who waits; SMMU_CBn_RESUME.)
 *
 * The masters hold the transactions, see hw/misc/iommu-stall.h; here is who
 * waits for which bank.  They are told from a bottom half: a master may do as
 * much DMA as it likes then, and must not do it within a write of a register.
 *
 * A transaction that is tried again starts anew, at stream matching.  Writes of
 * CBAR and CBA2R do not retry, which the architecture would permit.  A master
 * that forgets a transaction leaves FSR as it is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/lockable.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "smmuv2-tcu.h"
#include "trace.h"

static SMMUv2TCU *tcu_of(SMMUv2Stalls *stalls)
{
    return container_of(stalls, SMMUv2TCU, stalls);
}

static bool has_verdict(const IOMMUStall *stall)
{
    return stall->state >= IOMMU_STALL_RETRY;
}

/* Take a verdict that somebody waits for; lock held */
static IOMMUStall *next_resumed(SMMUv2Stalls *stalls, IOMMUStallState *verdict)
{
    IOMMUStall *stall;

    QTAILQ_FOREACH(stall, &stalls->resumed, next) {
        if (stall->waiting) {
            QTAILQ_REMOVE(&stalls->resumed, stall, next);
            *verdict = stall->state;
            qatomic_set(&stall->state, IOMMU_STALL_NONE);
            break;
        }
    }
    return stall;
}

/* Main loop */
static void tell(void *opaque)
{
    SMMUv2Stalls *stalls = opaque;
    IOMMUStallState verdict;
    IOMMUStall *stall;

    do {
        WITH_QEMU_LOCK_GUARD(&tcu_of(stalls)->lock) {
            stall = next_resumed(stalls, &verdict);
        }
        if (stall) {
            stall->resumed(stall, verdict);
        }
    } while (stall);
}

void smmuv2_stalls_init(SMMUv2Stalls *stalls, DeviceState *dev)
{
    QTAILQ_INIT(&stalls->parked);
    QTAILQ_INIT(&stalls->resumed);
    stalls->tell = qemu_bh_new_guarded(tell, stalls,
                                       dev ? &dev->mem_reentrancy_guard : NULL);
}

void smmuv2_stall_park(SMMUv2Stalls *stalls, unsigned cb,
                       const SMMUv2Access *access, SMMUv2Response response)
{
    IOMMUStall *stall = access->stall;

    trace_smmuv2_stall(access->stream_id, cb, access->addr, access->write,
                       response == SMMUV2_HELD);
    stall->where = cb;
    qatomic_set(&stall->state, response == SMMUV2_HELD ? IOMMU_STALL_HELD :
                                                         IOMMU_STALL_QUEUED);
    QTAILQ_INSERT_TAIL(&stalls->parked, stall, next);
}

static void give_verdict(SMMUv2Stalls *stalls, IOMMUStall *stall,
                         IOMMUStallState verdict)
{
    QTAILQ_REMOVE(&stalls->parked, stall, next);
    qatomic_set(&stall->state, verdict);
    QTAILQ_INSERT_TAIL(&stalls->resumed, stall, next);
    qemu_bh_schedule(stalls->tell);
}

void smmuv2_stall_resume(SMMUv2Stalls *stalls, SMMUv2Regs *regs, unsigned cb,
                         uint32_t value)
{
    SMMUv2BankRegs *r = &regs->cb[cb];
    IOMMUStallState verdict = IOMMU_STALL_RETRY;
    IOMMUStall *stall, *after;

    if (!(r->fsr & R_CB_FSR_SS_MASK)) {
        qemu_log_mask(LOG_GUEST_ERROR,
                      "smmuv2: RESUME of context bank %u, which has no "
                      "stalled transaction\n", cb);
        return;
    }
    r->fsr &= ~R_CB_FSR_SS_MASK;
    if (value & R_CB_RESUME_TNR_MASK) {
        verdict = r->sctlr & R_CB_SCTLR_CFRE_MASK ? IOMMU_STALL_ABORT :
                                                    IOMMU_STALL_IGNORE;
    }
    trace_smmuv2_resume(cb, verdict != IOMMU_STALL_RETRY);
    QTAILQ_FOREACH_SAFE(stall, &stalls->parked, next, after) {
        if (stall->where == cb) {
            give_verdict(stalls, stall, stall->state == IOMMU_STALL_HELD ?
                                        verdict : IOMMU_STALL_RETRY);
        }
    }
}

void smmuv2_stalls_reset(SMMUv2Stalls *stalls)
{
    IOMMUStall *stall, *after;

    QTAILQ_FOREACH_SAFE(stall, &stalls->parked, next, after) {
        give_verdict(stalls, stall, IOMMU_STALL_ABORT);
    }
}

void smmuv2_stall_wait(SMMUv2Stalls *stalls, IOMMUStall *stall)
{
    QEMU_LOCK_GUARD(&tcu_of(stalls)->lock);
    stall->waiting = true;
    if (has_verdict(stall)) {
        qemu_bh_schedule(stalls->tell);
    }
}

void smmuv2_stall_cancel(SMMUv2Stalls *stalls, IOMMUStall *stall)
{
    QEMU_LOCK_GUARD(&tcu_of(stalls)->lock);
    if (has_verdict(stall)) {
        QTAILQ_REMOVE(&stalls->resumed, stall, next);
    } else {
        QTAILQ_REMOVE(&stalls->parked, stall, next);
    }
    qatomic_set(&stall->state, IOMMU_STALL_NONE);
}

bool smmuv2_stall_restore(SMMUv2Stalls *stalls, const SMMUv2Regs *regs,
                          unsigned num_cb, IOMMUStall *stall)
{
    IOMMUStall *other;

    QEMU_LOCK_GUARD(&tcu_of(stalls)->lock);
    if (has_verdict(stall)) {
        QTAILQ_INSERT_TAIL(&stalls->resumed, stall, next);
        return true;
    }
    if (stall->where >= num_cb ||
        !(regs->cb[stall->where].fsr & R_CB_FSR_SS_MASK)) {
        return false;
    }
    /* A bank reports one fault: a second one is not what was saved */
    QTAILQ_FOREACH(other, &stalls->parked, next) {
        if (other->where == stall->where &&
            other->state == IOMMU_STALL_HELD) {
            stall->state = IOMMU_STALL_QUEUED;
        }
    }
    QTAILQ_INSERT_TAIL(&stalls->parked, stall, next);
    return true;
}
