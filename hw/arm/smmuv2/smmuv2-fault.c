/*
 * Arm SMMUv2 fault reporting
 *
 * Life of a fault: the TCU finds that a transaction cannot be translated; the
 * syndrome goes to the registers of the context bank (or to the global ones
 * when no bank is responsible), the interrupt line follows, the master gets a
 * bus error or zeroes, and the driver clears the status, which lowers the line.
 * A second fault before that only sets MULTI: its syndrome is lost, as in
 * hardware.
 *
 * Or the transaction is stalled, until software has dealt with it; what becomes
 * of it then is in smmuv2-stall.c.  Masters that cannot hold a transaction have
 * it terminated instead.  Who waits, who is refused and what is recorded is
 * what the pseudocode of the context fault model says (IHI 0062, 3.7.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "hw/qdev-core.h"
#include "smmuv2-cb.h"
#include "smmuv2-fault.h"

/* Faults in FSR and in GFSR alike, without MULTI */
#define STATUS_FAULTS   0x1ff

/* FORMAT says nothing, all else in FSR does */
static bool fault_set(const SMMUv2BankRegs *r)
{
    return r->fsr & ~R_CB_FSR_FORMAT_MASK;
}

static SMMUv2Response terminated(const SMMUv2BankRegs *r)
{
    return r->sctlr & R_CB_SCTLR_CFRE_MASK ? SMMUV2_ABORT : SMMUV2_RAZ_WI;
}

uint32_t smmuv2_fsr_bit(SMMUv2FaultKind kind)
{
    switch (kind) {
    case SMMUV2_FAULT_ACCESS_FLAG:
        return R_CB_FSR_AFF_MASK;
    case SMMUV2_FAULT_PERMISSION:
        return R_CB_FSR_PF_MASK;
    case SMMUV2_FAULT_EXTERNAL:
        return R_CB_FSR_EF_MASK;
    case SMMUV2_FAULT_ADDRESS_SIZE:
        return R_CB_FSR_ASF_MASK;
    default:
        return R_CB_FSR_TF_MASK;
    }
}

uint32_t smmuv2_fsr_format(const SMMUv2BankRegs *r)
{
    static const uint8_t format[] = {
        [SMMUV2_FORMAT_AARCH64] = CB_FSR_FORMAT_AARCH64,
        [SMMUV2_FORMAT_AARCH32_LONG] = CB_FSR_FORMAT_AARCH32_LONG,
        [SMMUV2_FORMAT_AARCH32_SHORT] = CB_FSR_FORMAT_AARCH32_SHORT,
    };

    return format[smmuv2_cb_format(r)];
}

bool smmuv2_fault_continues(const SMMUv2Access *access,
                            const uint32_t *status)
{
    SMMUv2Refusal *r = access->refusal;

    if (!r || r->status != status || !(*status & STATUS_FAULTS) ||
        access->probe || access->write != r->write ||
        access->addr - r->addr - 1 >= 4 ||
        (access->addr ^ r->addr) >> 12) {
        return false;
    }
    r->addr = access->addr;
    return true;
}

static SMMUv2Response refuse(const SMMUv2Access *access, const uint32_t *status,
                             SMMUv2Response response)
{
    if (access->refusal) {
        *access->refusal = (SMMUv2Refusal) {
            .status = status,
            .addr = access->addr,
            .write = access->write,
            .response = response,
        };
    }
    return response;
}

bool smmuv2_fault_blocks(const SMMUv2Regs *regs, unsigned cb)
{
    const SMMUv2BankRegs *r = &regs->cb[cb];

    return fault_set(r) && !(r->sctlr & R_CB_SCTLR_HUPCF_MASK);
}

SMMUv2Response smmuv2_fault_check(const SMMUv2Regs *regs, unsigned cb,
                                  const SMMUv2Access *access)
{
    const SMMUv2BankRegs *r = &regs->cb[cb];

    if (!smmuv2_fault_blocks(regs, cb)) {
        return SMMUV2_OK;
    }
    return r->fsr & R_CB_FSR_SS_MASK && access->stall ? SMMUV2_QUEUED :
                                                        terminated(r);
}

SMMUv2Response smmuv2_fault_context(SMMUv2Regs *regs, unsigned cb,
                                    unsigned s1_cb, const SMMUv2Access *access,
                                    const SMMUv2WalkFault *fault)
{
    SMMUv2BankRegs *r = &regs->cb[cb];
    bool nested = cb != s1_cb, held = false;
    uint32_t syn = 0;

    if (fault_set(r)) {
        if (r->fsr & R_CB_FSR_SS_MASK && access->stall) {
            return SMMUV2_QUEUED;
        }
        if (r->sctlr & R_CB_SCTLR_HUPCF_MASK) {
            r->fsr |= R_CB_FSR_MULTI_MASK;
        }
    } else {
        held = access->stall && r->sctlr & R_CB_SCTLR_CFCFG_MASK &&
               !((regs->cr0 | regs->s.cr0) & R_CR0_STALLD_MASK);
        r->fsr = smmuv2_fsr_bit(fault->kind) | (held ? R_CB_FSR_SS_MASK : 0);
        r->fsr = FIELD_DP32(r->fsr, CB_FSR, FORMAT, smmuv2_fsr_format(r));
        r->far = access->addr;
        /* Its bits 11:0 are those of FAR */
        r->ipafar = fault->stage == 2 ? deposit64(fault->ipa, 0, 12,
                                                  access->addr) : 0;
        syn = FIELD_DP32(syn, CB_FSYNR0, PLVL, fault->level);
        syn = FIELD_DP32(syn, CB_FSYNR0, NESTED, nested);
        syn = FIELD_DP32(syn, CB_FSYNR0, S1PTWF, fault->s1ptw);
        syn = FIELD_DP32(syn, CB_FSYNR0, WNR, access->write);
        syn = FIELD_DP32(syn, CB_FSYNR0, PNU, access->priv);
        syn = FIELD_DP32(syn, CB_FSYNR0, IND, access->inst);
        syn = FIELD_DP32(syn, CB_FSYNR0, PTWF,
                         fault->kind == SMMUV2_FAULT_EXTERNAL);
        syn = FIELD_DP32(syn, CB_FSYNR0, S1CBNDX, nested ? s1_cb : 0);
        r->fsynr[0] = syn;
        r->fsynr[1] = 0;
        r->cbfrsynra = access->stream_id;
    }
    return held ? SMMUV2_HELD : refuse(access, &r->fsr, terminated(r));
}

/* With MULTI alone the registers are taken, too (3.8.1) */
static void record_global(SMMUv2Regs *regs, bool secure, uint32_t fault,
                          uint64_t addr, uint32_t syn0, uint32_t syn1)
{
    uint32_t *gfsr = secure ? &regs->s.gfsr : &regs->gfsr;
    uint32_t *gfsynr = secure ? regs->s.gfsynr : regs->gfsynr;

    if (*gfsr) {
        *gfsr |= R_GFSR_MULTI_MASK;
        return;
    }
    *gfsr = fault;
    *(secure ? &regs->s.gfar : &regs->gfar) = addr;
    gfsynr[0] = syn0;
    gfsynr[1] = syn1;
}

SMMUv2Response smmuv2_fault_global(SMMUv2Regs *regs, uint32_t gfsr,
                                   const SMMUv2Access *access)
{
    uint32_t cr0 = access->secure ? regs->s.cr0 : regs->cr0;
    uint32_t syn = 0, streams = access->stream_id;

    syn = FIELD_DP32(syn, GFSYNR0, NESTED, access->nested);
    syn = FIELD_DP32(syn, GFSYNR0, WNR, access->write);
    syn = FIELD_DP32(syn, GFSYNR0, PNU, access->priv);
    syn = FIELD_DP32(syn, GFSYNR0, IND, access->inst);
    /* Masters mark their transactions Non-secure */
    syn = FIELD_DP32(syn, GFSYNR0, NSATTR, access->secure);
    if (regs->options & SMMUV2_SECURE) {
        streams = FIELD_DP32(streams, GFSYNR1, SSD_INDEX, access->stream_id);
    }
    record_global(regs, access->secure, gfsr, access->addr, syn, streams);
    return refuse(access, smmuv2_gfsr(regs, access),
                  cr0 & R_CR0_GFRE_MASK ? SMMUV2_ABORT : SMMUV2_RAZ_WI);
}

void smmuv2_fault_operation(SMMUv2Regs *regs, uint32_t gfsr, uint64_t addr)
{
    record_global(regs, false, gfsr, addr,
                  R_GFSYNR0_NESTED_MASK | R_GFSYNR0_ATS_MASK, 0);
}

bool smmuv2_fault_config(SMMUv2Regs *regs, uint64_t offset, bool write,
                         bool priv, bool secure, bool ns)
{
    uint32_t syn = 0;

    syn = FIELD_DP32(syn, GFSYNR0, WNR, write);
    syn = FIELD_DP32(syn, GFSYNR0, PNU, priv);
    syn = FIELD_DP32(syn, GFSYNR0, NSATTR, secure && ns);
    syn = FIELD_DP32(syn, GFSYNR0, NSSTATE, secure && ns);
    record_global(regs, secure, R_GFSR_CAF_MASK, offset, syn, 0);
    return (secure ? regs->s.cr0 : regs->cr0) & R_CR0_GCFGFRE_MASK;
}

/* SMMU_gIrpt and SMMU_gCfgIrpt of a state share a line (3.6) */
static bool global_line(uint32_t gfsr, uint32_t cr0)
{
    return (gfsr & GFSR_CONFIG && cr0 & R_CR0_GCFGFIE_MASK) ||
           (gfsr & ~GFSR_CONFIG && cr0 & R_CR0_GFIE_MASK);
}

/* All of FSR but FORMAT raises it; that SS does is MMU-500's choice (3.6.3) */
static bool context_line(const SMMUv2Regs *regs, unsigned cb)
{
    return qatomic_read(&regs->cb[cb].fsr) & ~R_CB_FSR_FORMAT_MASK &&
           regs->cb[cb].sctlr & R_CB_SCTLR_CFIE_MASK;
}

/* Main loop or MMIO, under the BQL */
static void update_lines(void *opaque)
{
    SMMUv2FaultLines *lines = opaque;
    uint8_t level[SMMUV2_MAX_CB] = { 0 };
    const SMMUv2Regs *regs = lines->regs;
    bool global = global_line(qatomic_read(&regs->gfsr), regs->cr0);
    bool secure = global_line(qatomic_read(&regs->s.gfsr), regs->s.cr0);

    for (unsigned cb = 0; cb < lines->num_cb; cb++) {
        level[cb % lines->num_context_irqs] |= context_line(lines->regs, cb);
    }
    if (global != lines->global_level) {
        lines->global_level = global;
        qemu_set_irq(lines->global, global);
    }
    if (secure != lines->secure_global_level) {
        lines->secure_global_level = secure;
        qemu_set_irq(lines->secure_global, secure);
    }
    for (unsigned i = 0; i < lines->num_context_irqs; i++) {
        if (level[i] != lines->context_level[i]) {
            lines->context_level[i] = level[i];
            qemu_set_irq(lines->context[i], level[i]);
        }
    }
}

void smmuv2_fault_lines_init(SMMUv2FaultLines *lines, DeviceState *dev)
{
    lines->update = qemu_bh_new_guarded(update_lines, lines,
                                        &dev->mem_reentrancy_guard);
}

void smmuv2_fault_lines_update(SMMUv2FaultLines *lines)
{
    if (bql_locked()) {
        update_lines(lines);
    } else {
        qemu_bh_schedule(lines->update);
    }
}
