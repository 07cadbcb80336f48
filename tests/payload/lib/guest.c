/*
 * Payloads: guests at EL1
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "gic.h"
#include "guest.h"
#include "start.h"

#define STACK_SIZE      (16 * KiB)
#define HCR_HOST        (BIT(31) | BIT(4) | BIT(3))
/* RW, DC, IMO, FMO, VM: memory is cached though the guest's MMU is off */
#define HCR_GUEST       (BIT(31) | BIT(12) | BIT(4) | BIT(3) | BIT(0))
#define SCTLR_EL1_OFF   0x30d00800ull
#define PSTATE_EL1H     0x3c5ull            /* all masked */
/* 39 bits from level 1, tables write-back and inner shareable, 40 bits of PA */
#define VTCR            (25 | 1 << 6 | 1 << 8 | 1 << 10 | 3 << 12 | 2 << 16 | \
                         1ull << 31)
/* Write-back, S2AP read and write, inner shareable, AF; a block of 1 GiB */
#define S2_RAM          (RAM_BASE | 15 << 2 | 3 << 6 | 3 << 8 | 1 << 10 | 1)
#define VMCR_ON         (0xffull << 24 | BIT(1))    /* VPMR, VENG1 */

_Static_assert(offsetof(struct vcpu, pc) == 248, "start.S");
_Static_assert(offsetof(struct vcpu, pstate) == 256, "start.S");

static uint64_t stage2[512] __attribute__((aligned(4096))) = {
    [RAM_BASE / GiB] = S2_RAM,
};

void vcpu_init(struct vcpu *v, unsigned vmid, void (*code)(void *arg),
               void *arg)
{
    *v = (struct vcpu) {
        .x = { (uintptr_t)arg },
        .pc = (uintptr_t)code,
        .pstate = PSTATE_EL1H,
        .sp = mem_alloc(STACK_SIZE, 16) + STACK_SIZE,
        .sctlr = SCTLR_EL1_OFF,
        .vbar = (uintptr_t)guest_vectors,
        .tpidr = (uintptr_t)v,
        .vttbr = (uint64_t)vmid << 48 | (uintptr_t)stage2,
        .hcr = HCR_GUEST,
        .vmcr = VMCR_ON,
        .ich_hcr = 1,                       /* En */
    };
}

static void load(struct vcpu *v)
{
    write_sysreg(v->sp, sp_el1);
    write_sysreg(v->sctlr, sctlr_el1);
    write_sysreg(v->vbar, vbar_el1);
    write_sysreg(v->elr, elr_el1);
    write_sysreg(v->spsr, spsr_el1);
    write_sysreg(v->tpidr, tpidr_el1);
    write_sysreg(VTCR, vtcr_el2);
    write_sysreg(v->vttbr, vttbr_el2);
    write_sysreg(v->vmcr, ICH_VMCR_EL2);
    write_sysreg(v->ap1r, ICH_AP1R0_EL2);
    write_sysreg(v->lr[0], S3_4_C12_C12_0);
    write_sysreg(v->lr[1], S3_4_C12_C12_1);
    write_sysreg(v->lr[2], S3_4_C12_C12_2);
    write_sysreg(v->lr[3], S3_4_C12_C12_3);
    write_sysreg(v->ich_hcr, ICH_HCR_EL2);
    write_sysreg(v->hcr, hcr_el2);
    isb();
}

static void save(struct vcpu *v)
{
    v->esr = read_sysreg(esr_el2);
    v->far = read_sysreg(far_el2);
    v->hpfar = read_sysreg(hpfar_el2);
    write_sysreg(HCR_HOST, hcr_el2);
    v->ich_hcr = read_sysreg(ICH_HCR_EL2);
    write_sysreg(0, ICH_HCR_EL2);
    v->lr[0] = read_sysreg(S3_4_C12_C12_0);
    v->lr[1] = read_sysreg(S3_4_C12_C12_1);
    v->lr[2] = read_sysreg(S3_4_C12_C12_2);
    v->lr[3] = read_sysreg(S3_4_C12_C12_3);
    v->ap1r = read_sysreg(ICH_AP1R0_EL2);
    v->vmcr = read_sysreg(ICH_VMCR_EL2);
    v->sp = read_sysreg(sp_el1);
    v->sctlr = read_sysreg(sctlr_el1);
    v->vbar = read_sysreg(vbar_el1);
    v->elr = read_sysreg(elr_el1);
    v->spsr = read_sysreg(spsr_el1);
    v->tpidr = read_sysreg(tpidr_el1);
    isb();
}

enum guest_exit vcpu_run(struct vcpu *v)
{
    int why;

    irq_mask();
    load(v);
    why = guest_enter(v);
    save(v);
    mem_add(&v->exits[why], 1);
    irq_unmask();
    isb();
    return why;
}

int vcpu_run_to_call(struct vcpu *v)
{
    for (;;) {
        enum guest_exit why = vcpu_run(v);

        if (why == EXIT_SYNC && ESR_EC(v->esr) == EC_HVC &&
            (v->esr & 0xffff) < 0x8000) {
            return v->esr & 0xffff;
        }
        if (why != EXIT_IRQ) {
            return -1;
        }
    }
}

/* ---- In the guest ---- */

void guest_enable_irqs(void)
{
    write_sysreg(0xff, ICC_PMR_EL1);
    write_sysreg(1, ICC_IGRPEN1_EL1);
    isb();
    irq_unmask();
}

void guest_irq(void)
{
    struct vcpu *v = guest_self();
    uint32_t intid = read_sysreg(ICC_IAR1_EL1) & 0xffffff;

    mem_write(&v->last, intid);
    if (intid < 16) {
        mem_add(&v->sgis[intid], 1);
    } else if (intid >= LPI_BASE && intid < LPI_BASE + GUEST_LPIS) {
        mem_add(&v->lpis[intid - LPI_BASE], 1);
    } else {
        mem_add(&v->others, 1);
        if (intid == 1023) {
            return;
        }
    }
    write_sysreg(intid, ICC_EOIR1_EL1);
    isb();
}
