/*
 * Payloads: guests on SVM
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "svm.h"
#include "x86.h"

#define STACK_SIZE      (16 * KiB)
#define MSR_EFER        0xc0000080
#define MSR_HSAVE_PA    0xc0010117
#define RFLAGS_RES1     0x2
#define ATTR_CODE64     0xa9b
#define ATTR_DATA       0xc93
#define ATTR_TSS        0x08b
#define PAGE_TABLE      0x07ull         /* present, writable, user */
#define ADDRESS         0x000ffffffffff000ull

_Static_assert(offsetof(struct vcpu, vmcb_pa) == 14 * 8, "start.S");
_Static_assert(offsetof(struct vcpu, host_pa) == 15 * 8, "start.S");

static struct gate guest_idt[256] __attribute__((aligned(16)));
/* Of each CPU: what VMRUN saves, and what VMSAVE does */
static uint64_t save_areas[MAX_CPUS][2];

/* ---- Nested page tables ---- */

static uint64_t *table_at(uint64_t *entry)
{
    if (!*entry) {
        *entry = mem_alloc(PAGE_SIZE, PAGE_SIZE) | PAGE_TABLE;
    }
    return at(uint64_t, *entry & ADDRESS);
}

void npt_map(struct vcpu *v, uint64_t from, uint64_t to, uint64_t size,
             uint64_t how)
{
    to &= -PAGE_SIZE;
    for (uint64_t a = from & -PAGE_SIZE; a < from + size; a += PAGE_SIZE) {
        uint64_t *table = v->nested;

        for (unsigned shift = 39; shift > 12; shift -= 9) {
            table = table_at(&table[a >> shift & 511]);
        }
        mem_write(&table[a >> 12 & 511], how ? to | how : 0);
        to += PAGE_SIZE;
    }
}

/* ---- Ports ---- */

uint8_t *iopm_new(void)
{
    uint8_t *iopm = at(uint8_t, mem_alloc(3 * PAGE_SIZE, PAGE_SIZE));

    for (unsigned i = 0; i < 3 * PAGE_SIZE; i++) {
        iopm[i] = 0xff;
    }
    return iopm;
}

void iopm_pass(uint8_t *iopm, unsigned port, bool pass)
{
    if (pass) {
        iopm[port / 8] &= ~(1 << port % 8);
    } else {
        iopm[port / 8] |= 1 << port % 8;
    }
}

/* ---- A guest ---- */

static void enable_svm(void)
{
    uint64_t *areas = save_areas[cpu_index()];

    if (!areas[0]) {
        areas[0] = mem_alloc(PAGE_SIZE, PAGE_SIZE);
        areas[1] = mem_alloc(PAGE_SIZE, PAGE_SIZE);
        write_msr(MSR_HSAVE_PA, areas[0]);
    }
}

void vcpu_init(struct vcpu *v, unsigned asid, void (*code)(void *arg),
               void *arg)
{
    struct vmcb *c = at(struct vmcb, mem_alloc(PAGE_SIZE, PAGE_SIZE));
    uint64_t stack = mem_alloc(STACK_SIZE, PAGE_SIZE);
    uint64_t nested = mem_alloc(PAGE_SIZE, PAGE_SIZE);

    *v = (struct vcpu) {
        .regs[4] = (uintptr_t)arg,              /* RDI */
        .vmcb_pa = (uintptr_t)c,
        .self = v,
        .vmcb = c,
        .nested = at(uint64_t, nested),
        .offered = -1,
    };
    idt_fill(guest_idt, guest_gates);
    npt_map(v, PAGE_SIZE, PAGE_SIZE, (uintptr_t)image_end - PAGE_SIZE,
            NPT_WRITE);
    npt_map(v, stack, stack, STACK_SIZE, NPT_WRITE);

    c->intercepts[0] = INTERCEPT_INTR | INTERCEPT_HLT | INTERCEPT_IOIO |
                       INTERCEPT_SHUTDOWN;
    c->intercepts[1] = INTERCEPT2_VMRUN | INTERCEPT2_VMMCALL;
    c->iopm = (uintptr_t)iopm_new();
    c->asid = asid;
    c->tlb_control = 1;                         /* all, at each entry */
    c->int_control = V_INTR_MASKING | V_IGN_TPR;
    c->nested_control = 1;
    c->nested_cr3 = nested;

    c->cs = (struct segment) { 0x08, ATTR_CODE64, ~0u, 0 };
    c->ds = (struct segment) { 0x10, ATTR_DATA, ~0u, 0 };
    c->es = c->ss = c->fs = c->gs = c->ds;
    c->gs.base = (uintptr_t)&v->self;
    c->tr = (struct segment) { 0, ATTR_TSS, 0x67, 0 };
    c->gdtr = (struct segment) { 0, 0, gdt_end - gdt - 1, (uintptr_t)gdt };
    c->idtr = (struct segment) { 0, 0, sizeof(guest_idt) - 1,
                                 (uintptr_t)guest_idt };
    c->efer = read_msr(MSR_EFER);
    c->cr0 = read_cr(0);
    c->cr3 = (uintptr_t)page_tables;
    c->cr4 = read_cr(4);
    c->dr6 = 0xffff0ff0;
    c->dr7 = 0x400;
    c->rflags = RFLAGS_RES1;
    c->pat = 0x0007040600070406;
    c->rip = (uintptr_t)code;
    /* As after a call: it does not return */
    c->rsp = stack + STACK_SIZE - 8;
}

/* Offer the highest vector that waits */
static void offer(struct vcpu *v)
{
    struct vmcb *c = v->vmcb;

    c->int_control &= ~V_IRQ;
    for (int w = 3; w >= 0; w--) {
        if (v->irr[w]) {
            v->offered = 64 * w + 63 - __builtin_clzll(v->irr[w]);
            c->int_vector = v->offered;
            c->int_control |= V_IRQ;
            return;
        }
    }
    v->offered = -1;
}

uint64_t vcpu_run(struct vcpu *v, bool (*before)(void *arg), void *arg)
{
    uint64_t why = EXIT_INTR;

    enable_svm();
    v->host_pa = save_areas[cpu_index()][1];
    asm volatile("clgi" : : : "memory");
    if (!before || before(arg)) {
        offer(v);
        guest_enter(v);
        if (v->offered >= 0 && !(v->vmcb->int_control & V_IRQ)) {
            v->irr[v->offered / 64] &= ~BIT(v->offered % 64);
            v->offered = -1;
        }
        why = v->vmcb->exit_code;
        mem_add(&v->exits, 1);
        mem_add(&v->exits_intr, why == EXIT_INTR);
    }
    asm volatile("stgi" : : : "memory");
    return why;
}

int vcpu_call(struct vcpu *v)
{
    v->vmcb->rip += 3;
    return v->vmcb->rax;
}

int vcpu_run_to_call(struct vcpu *v)
{
    for (;;) {
        uint64_t why = vcpu_run(v, NULL, NULL);

        if (why == EXIT_VMMCALL) {
            int number = vcpu_call(v);

            if (number != CALL_EOI) {
                return number;
            }
        } else if (why != EXIT_INTR) {
            return -1;
        }
    }
}

/* ---- In the guest ---- */

/* Exceptions leave: nobody expects them */
void guest_irq(uint64_t vector, struct frame *f)
{
    struct vcpu *v = guest_self();

    if (vector < 32) {
        asm volatile("vmmcall" : : "a"(0xbad00 | vector), "b"(f->rip));
    }
    mem_add(&v->taken[vector], 1);
    mem_add(&v->taken_all, 1);
    guest_call(CALL_EOI);
}
