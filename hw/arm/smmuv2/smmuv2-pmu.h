/*
 * Arm SMMUv2 performance monitors
 *
 * See smmuv2-pmu.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_PMU_H
#define HW_ARM_SMMUV2_PMU_H

#include "qemu/timer.h"
#include "hw/irq.h"
#include "smmuv2-fault.h"
#include "smmuv2-regtable.h"

/* What happened to a transaction; the sum of some of these */
typedef enum SMMUv2PMUWhat {
    SMMUV2_PMU_ACCESS = 1 << 0,         /* it is a new one */
    SMMUV2_PMU_TLB_ALLOC = 1 << 1,      /* its translation went into a TLB */
    SMMUV2_PMU_TBU_HIT = 1 << 2,        /* found in the micro TLB, or not */
    SMMUV2_PMU_TBU_MISS = 1 << 3,
    SMMUV2_PMU_TCU_HIT = 1 << 4,        /* then in the macro TLB, or not */
    SMMUV2_PMU_TCU_MISS = 1 << 5,
    SMMUV2_PMU_WALK = 1 << 6,           /* tables were walked */
} SMMUv2PMUWhat;

/* Covered by the lock of the registers, except as noted */
typedef struct SMMUv2PMU {
    uint32_t live;              /* counters that count transactions; atomic */
    uint32_t cycling;           /* counters that count time */
    int64_t since[SMMUV2_PMU_COUNTERS]; /* ns; time up to here is counted */
    SMMUv2Regs *regs;
    QEMUTimer *timer;           /* when a counter of time overflows; or NULL */
    QEMUBH *update;
    qemu_irq irq;
    bool level;                 /* under the BQL */
} SMMUv2PMU;

/**
 * smmuv2_pmu_init: timer and interrupt line
 * @regs: the registers
 * @expired: called with @opaque when a counter of time may have overflowed; has
 *           to call smmuv2_pmu_sync() and smmuv2_pmu_changed(), with the lock,
 *           and then smmuv2_pmu_line_update()
 *
 * Without it nothing but the interrupts of counters of time is missing, once
 * @pmu->regs is set.
 */
void smmuv2_pmu_init(SMMUv2PMU *pmu, DeviceState *dev, SMMUv2Regs *regs,
                     QEMUTimerCB *expired, void *opaque);

/* Bring the counters of time up to date; before their registers are used */
void smmuv2_pmu_sync(SMMUv2PMU *pmu);

/* Registers have been written, or all are new: reset, migration */
void smmuv2_pmu_changed(SMMUv2PMU *pmu);

/* Effect of a write of @value to PMCR: counters back to zero */
void smmuv2_pmu_control(SMMUv2PMU *pmu, uint32_t value);

/**
 * smmuv2_pmu_count: count what happened to a transaction
 * @what: SMMUV2_PMU_* bits
 * @access: the transaction
 * @cb: the context bank that translates it, or -1
 * @s2_cb: the bank of its stage 2, or -1
 *
 * To be called if @pmu->live is not 0.  Returns whether the line has to be
 * brought in step.
 */
bool smmuv2_pmu_count(SMMUv2PMU *pmu, unsigned what,
                      const SMMUv2Access *access, int cb, int s2_cb);

/* As smmuv2_fault_lines_update(): must not hold the lock */
void smmuv2_pmu_line_update(SMMUv2PMU *pmu);

/*
 * The counter group that is revealed in a context bank, seen from there.
 * @offset: of a register in the bank, from 0xe00 on, aligned to 4.  What is
 * not there reads as zero and ignores writes.
 */
uint32_t smmuv2_pmu_bank_read(const SMMUv2PMU *pmu, unsigned cb,
                              unsigned offset);
void smmuv2_pmu_bank_write(SMMUv2PMU *pmu, unsigned cb, unsigned offset,
                           uint32_t value);

#endif
