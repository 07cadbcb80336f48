/*
 * Arm SMMUv2 performance monitors
 *
 * The Performance Monitors Extension (IHI 0062, chapters 6 and 12) in the size
 * that the MMU-500 has with six TBUs: 24 counters in six groups.  A group
 * filters what its counters see by StreamID or by context bank and may be
 * revealed in the bank's page, for a guest to use.
 *
 * Events are those of the architecture, and where the TLBs find translations:
 *
 *   0x00 cycles, 0x01 cycles / 64: the clock is 1 GHz, of virtual time
 *   0x08 TLB entry allocated, 0x09 for a read, 0x0a for a write
 *   0x10 access, 0x11 read, 0x12 write
 *   0x80 micro TLB hit, 0x81 miss     (implementation defined: here, not on
 *   0x82 macro TLB hit, 0x83 miss      an MMU-500)
 *   0x84 translation table walk
 *
 * Life of an event: TBU or TCU sees that @live is not 0, takes the lock and
 * says what happened; each counter that wants it, and whose filter lets it by,
 * is one more; one that wraps sets its overflow bit, which is the line.  While
 * @live is 0 a transaction costs the look at it.  Time is not counted but read,
 * and a timer tells when it overflows.
 *
 * Choices: StreamID group n, which counter group n is affiliated with, has all
 * StreamIDs, as has any other (an MMU-500 has those of TBU n).  The interrupts
 * of all groups are one line.
 *
 * Left out: event export (PMCFGR.EX = 0), CoreSight identification (PMPID,
 * PMCID).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "hw/qdev-core.h"
#include "smmuv2-pmu.h"
#include "trace.h"

enum {
    EVENT_CYCLES = 0x00,
    EVENT_CYCLES_64 = 0x01,
    EVENT_TLB_ALLOC = 0x08,     /* then: for a read, for a write */
    EVENT_ACCESS = 0x10,        /* likewise */
    EVENT_TBU_HIT = 0x80,
    EVENT_TBU_MISS,
    EVENT_TCU_HIT,
    EVENT_TCU_MISS,
    EVENT_WALK,
};

#define GROUP_MASK      MAKE_64BIT_MASK(0, SMMUV2_PMU_PER_GROUP)

static unsigned group_of(unsigned counter)
{
    return counter / SMMUV2_PMU_PER_GROUP;
}

static uint32_t event_of(const SMMUv2Regs *regs, unsigned counter)
{
    return FIELD_EX32(regs->pmevtyper[counter], PMEVTYPER0, EVENT);
}

/* Counters that PMCR, or their bank's, lets count: their overflows, too */
static uint32_t enabled(const SMMUv2Regs *regs)
{
    uint32_t mask = 0;

    for (unsigned g = 0; g < SMMUV2_PMU_GROUPS; g++) {
        bool own = FIELD_EX32(regs->pmcgcr[g], PMCGCR0, CBAEN);

        if (own ? FIELD_EX32(regs->pmcgcr[g], PMCGCR0, E) :
                  FIELD_EX32(regs->pmcr, PMCR, E)) {
            mask |= GROUP_MASK << (g * SMMUV2_PMU_PER_GROUP);
        }
    }
    return mask;
}

/* ---- Time ---- */

static int64_t now(void)
{
    return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

static unsigned tick_shift(const SMMUv2Regs *regs, unsigned counter)
{
    return event_of(regs, counter) == EVENT_CYCLES_64 ? 6 : 0;
}

static void add(SMMUv2Regs *regs, unsigned counter, uint64_t n)
{
    uint64_t sum = regs->pmevcntr[counter] + n;

    regs->pmevcntr[counter] = sum;
    if (sum >> 32) {
        regs->pmovs |= 1u << counter;
        trace_smmuv2_pmu_overflow(counter);
    }
}

void smmuv2_pmu_sync(SMMUv2PMU *pmu)
{
    int64_t t = pmu->cycling ? now() : 0;

    for (uint32_t left = pmu->cycling; left; left &= left - 1) {
        unsigned i = ctz32(left), shift = tick_shift(pmu->regs, i);
        uint64_t ticks = (uint64_t)(t - pmu->since[i]) >> shift;

        add(pmu->regs, i, ticks);
        pmu->since[i] += ticks << shift;
    }
}

static void set_timer(SMMUv2PMU *pmu)
{
    const SMMUv2Regs *regs = pmu->regs;
    int64_t first = INT64_MAX;

    for (uint32_t left = pmu->cycling & regs->pminten & ~regs->pmovs; left;
         left &= left - 1) {
        unsigned i = ctz32(left);
        uint64_t ticks = (1ull << 32) - regs->pmevcntr[i];
        uint64_t ns = ticks << tick_shift(regs, i);

        first = MIN(first, pmu->since[i] + (int64_t)ns);
    }
    if (!pmu->timer) {
        return;
    }
    if (first == INT64_MAX) {
        timer_del(pmu->timer);
    } else {
        timer_mod(pmu->timer, first);
    }
}

/* ---- Configuration ---- */

void smmuv2_pmu_changed(SMMUv2PMU *pmu)
{
    const SMMUv2Regs *regs = pmu->regs;
    uint32_t on = regs->pmcnten & enabled(regs), cycling = 0;

    for (uint32_t left = on; left; left &= left - 1) {
        unsigned i = ctz32(left);
        uint32_t event = event_of(regs, i);

        if (event == EVENT_CYCLES || event == EVENT_CYCLES_64) {
            cycling |= 1u << i;
            if (!(pmu->cycling & 1u << i)) {
                pmu->since[i] = now();
            }
        }
    }
    pmu->cycling = cycling;
    qatomic_set(&pmu->live, on & ~cycling);
    set_timer(pmu);
}

static void clear_group(SMMUv2Regs *regs, unsigned group)
{
    memset(&regs->pmevcntr[group * SMMUV2_PMU_PER_GROUP], 0,
           SMMUV2_PMU_PER_GROUP * sizeof(uint32_t));
}

/* PMCR leaves alone what has been given to a bank (6.7.2) */
void smmuv2_pmu_control(SMMUv2PMU *pmu, uint32_t value)
{
    SMMUv2Regs *regs = pmu->regs;

    for (unsigned g = 0; g < SMMUV2_PMU_GROUPS; g++) {
        if (FIELD_EX32(value, PMCR, P) &&
            !FIELD_EX32(regs->pmcgcr[g], PMCGCR0, CBAEN)) {
            clear_group(regs, g);
        }
    }
}

/* ---- Events ---- */

static bool wanted(uint32_t event, unsigned what, bool write)
{
    switch (event) {
    case EVENT_TLB_ALLOC ... EVENT_TLB_ALLOC + 2:
        return what & SMMUV2_PMU_TLB_ALLOC &&
               (event == EVENT_TLB_ALLOC ||
                event == EVENT_TLB_ALLOC + 1 + write);
    case EVENT_ACCESS ... EVENT_ACCESS + 2:
        return what & SMMUV2_PMU_ACCESS &&
               (event == EVENT_ACCESS || event == EVENT_ACCESS + 1 + write);
    case EVENT_TBU_HIT:
        return what & SMMUV2_PMU_TBU_HIT;
    case EVENT_TBU_MISS:
        return what & SMMUV2_PMU_TBU_MISS;
    case EVENT_TCU_HIT:
        return what & SMMUV2_PMU_TCU_HIT;
    case EVENT_TCU_MISS:
        return what & SMMUV2_PMU_TCU_MISS;
    case EVENT_WALK:
        return what & SMMUV2_PMU_WALK;
    default:
        return false;
    }
}

static bool group_sees(const SMMUv2Regs *regs, unsigned group,
                       uint16_t stream_id, int cb, int s2_cb)
{
    uint32_t cgcr = regs->pmcgcr[group], smr = regs->pmcgsmr[group];
    int ndx = FIELD_EX32(cgcr, PMCGCR0, NDX);

    switch (FIELD_EX32(cgcr, PMCGCR0, TCEFCFG)) {
    case PMCGCR_TCEFCFG_ALL:
        return true;
    case PMCGCR_TCEFCFG_STREAM:
        return !((FIELD_EX32(smr, PMCGSMR0, ID) ^ stream_id) &
                 ~FIELD_EX32(smr, PMCGSMR0, MASK) & 0xffff);
    case PMCGCR_TCEFCFG_BANK:
        return ndx == cb || ndx == s2_cb;
    default:
        return false;
    }
}

/* Secure ones count if P (or U) is 0, others if NSP (or NSU) equals it */
static bool privilege_counts(uint32_t evtyper, bool priv, bool secure)
{
    bool no = priv ? FIELD_EX32(evtyper, PMEVTYPER0, P) :
                     FIELD_EX32(evtyper, PMEVTYPER0, U);
    bool ns = priv ? FIELD_EX32(evtyper, PMEVTYPER0, NSP) :
                     FIELD_EX32(evtyper, PMEVTYPER0, NSU);

    return secure ? !no : ns == no;
}

bool smmuv2_pmu_count(SMMUv2PMU *pmu, unsigned what,
                      const SMMUv2Access *access, int cb, int s2_cb)
{
    SMMUv2Regs *regs = pmu->regs;
    uint32_t before = regs->pmovs;

    if (access->secure && !FIELD_EX32(regs->s.cr1, SCR1, SPMEN)) {
        return false;
    }
    for (uint32_t left = pmu->live; left; left &= left - 1) {
        unsigned i = ctz32(left);

        if (wanted(event_of(regs, i), what, access->write) &&
            privilege_counts(regs->pmevtyper[i], access->priv,
                             access->secure) &&
            group_sees(regs, group_of(i), access->stream_id, cb, s2_cb)) {
            add(regs, i, 1);
        }
    }
    return regs->pmovs != before;
}

/* ---- Interrupt ---- */

static void update_line(void *opaque)
{
    SMMUv2PMU *pmu = opaque;
    const SMMUv2Regs *regs = pmu->regs;
    bool level = qatomic_read(&regs->pmovs) & regs->pminten & enabled(regs);

    if (level != pmu->level) {
        pmu->level = level;
        qemu_set_irq(pmu->irq, level);
    }
}

void smmuv2_pmu_line_update(SMMUv2PMU *pmu)
{
    if (bql_locked()) {
        update_line(pmu);
    } else {
        qemu_bh_schedule(pmu->update);
    }
}

void smmuv2_pmu_init(SMMUv2PMU *pmu, DeviceState *dev, SMMUv2Regs *regs,
                     QEMUTimerCB *expired, void *opaque)
{
    pmu->regs = regs;
    pmu->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, expired, opaque);
    pmu->update = qemu_bh_new_guarded(update_line, pmu,
                                      &dev->mem_reentrancy_guard);
}

/* ---- The view from a context bank (6.7, 16.1) ---- */

static int revealed(const SMMUv2Regs *regs, unsigned cb)
{
    for (unsigned g = 0; g < SMMUV2_PMU_GROUPS; g++) {
        if (FIELD_EX32(regs->pmcgcr[g], PMCGCR0, CBAEN) &&
            FIELD_EX32(regs->pmcgcr[g], PMCGCR0, NDX) == cb) {
            return g;
        }
    }
    return -1;
}

/* One of the registers of four bytes for each counter that start at @base */
static bool in_row(unsigned offset, unsigned base)
{
    return offset >= base && offset < base + 4 * SMMUV2_PMU_PER_GROUP;
}

uint32_t smmuv2_pmu_bank_read(const SMMUv2PMU *pmu, unsigned cb,
                              unsigned offset)
{
    const SMMUv2Regs *regs = pmu->regs;
    int group = revealed(regs, cb);
    unsigned first = group * SMMUV2_PMU_PER_GROUP;

    if (group < 0) {
        return 0;
    }
    if (in_row(offset, A_CB_PMEVCNTR0)) {
        return regs->pmevcntr[first + (offset - A_CB_PMEVCNTR0) / 4];
    }
    if (in_row(offset, A_CB_PMEVTYPER0)) {
        return regs->pmevtyper[first + (offset - A_CB_PMEVTYPER0) / 4];
    }
    switch (offset) {
    case A_CB_PMCFGR:
        return SMMUV2_PMCFGR(1, SMMUV2_PMU_PER_GROUP);
    case A_CB_PMCR:
        return FIELD_DP32(0, PMCR, E,
                          FIELD_EX32(regs->pmcgcr[group], PMCGCR0, E));
    case A_CB_PMCEID0:
        return SMMUV2_PMCEID0;
    case A_CB_PMCNTENSET:
    case A_CB_PMCNTENCLR:
        return regs->pmcnten >> first & GROUP_MASK;
    case A_CB_PMINTENSET:
    case A_CB_PMINTENCLR:
        return regs->pminten >> first & GROUP_MASK;
    case A_CB_PMOVSCLR:
    case A_CB_PMOVSSET:
        return regs->pmovs >> first & GROUP_MASK;
    case A_CB_PMAUTHSTATUS:
        return SMMUV2_PMAUTHSTATUS;
    default:
        return 0;
    }
}

void smmuv2_pmu_bank_write(SMMUv2PMU *pmu, unsigned cb, unsigned offset,
                           uint32_t value)
{
    SMMUv2Regs *regs = pmu->regs;
    int group = revealed(regs, cb);
    unsigned first = group * SMMUV2_PMU_PER_GROUP;
    uint32_t bits;

    if (group < 0) {
        return;
    }
    bits = (value & GROUP_MASK) << first;
    if (in_row(offset, A_CB_PMEVCNTR0)) {
        regs->pmevcntr[first + (offset - A_CB_PMEVCNTR0) / 4] = value;
        return;
    }
    if (in_row(offset, A_CB_PMEVTYPER0)) {
        regs->pmevtyper[first + (offset - A_CB_PMEVTYPER0) / 4] =
            value & SMMUV2_PMEVTYPER_RW;
        return;
    }
    switch (offset) {
    case A_CB_PMCR:
        regs->pmcgcr[group] = FIELD_DP32(regs->pmcgcr[group], PMCGCR0, E,
                                         FIELD_EX32(value, PMCR, E));
        if (FIELD_EX32(value, PMCR, P)) {
            clear_group(regs, group);
        }
        break;
    case A_CB_PMCNTENSET:
        regs->pmcnten |= bits;
        break;
    case A_CB_PMCNTENCLR:
        regs->pmcnten &= ~bits;
        break;
    case A_CB_PMINTENSET:
        regs->pminten |= bits;
        break;
    case A_CB_PMINTENCLR:
        regs->pminten &= ~bits;
        break;
    case A_CB_PMOVSSET:
        regs->pmovs |= bits;
        break;
    case A_CB_PMOVSCLR:
        regs->pmovs &= ~bits;
        break;
    }
}
