/*
 * GICv4.1 payload: virtual SGIs
 *
 * Guests interrupt each other: the sender traps, as always, and the receiver,
 * if it runs, hears of it from the GIC alone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "vpe.h"

#define DONE        1               /* guest_call() */
#define STEP        2
#define ROUNDS      100
#define PRIORITY    0xa0
#define VSGIEOICOUNT BIT(8)         /* ICH_HCR_EL2 */
#define EOICOUNT(v) ((v)->ich_hcr >> 27 & 31)
/* ESR of a write of ICC_SGI1R_EL1, S3_0_C12_C11_5, but for Rt */
#define ISS_SGI1R   (3 << 20 | 5 << 17 | 0 << 14 | 12 << 10 | 11 << 1)
#define ISS_RT(esr) ((esr) >> 5 & 31)
#define ISS_MASK    0x3ffc1e

static struct vm vm;
static struct vpe vpes[8];

static struct vpe *new_vpe(unsigned id, unsigned cpu, void (*code)(void *arg),
                           void *arg)
{
    if (!vm.config) {
        vm_init(&vm);
    }
    vpe_init(&vpes[id], &vm, id, cpu, code, arg);
    for (unsigned sgi = 0; sgi < 16; sgi++) {
        vpe_sgi(&vpes[id], sgi, true, PRIORITY);
    }
    return &vpes[id];
}

static void test_identity(void)
{
    uint64_t its;

    if (!vpe_begin(true)) {
        return;
    }
    its = mmio_read64(its_base() + GITS_TYPER);
    CHECK(its & BIT(39));               /* VSGI */
    CHECK(its & BIT(40));               /* VMAPP: of GICv4.1 */
    CHECK(its & BIT(1));                /* Virtual */
    for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
        CHECK(mmio_read64(gicr(cpu) + GICR_TYPER) & BIT(7));    /* RVPEID */
        CHECK(mmio_read64(gicr(cpu) + GICR_TYPER) & BIT(26));   /* VSGI */
    }
    CHECK((read_sysreg(id_aa64pfr0_el1) >> 24 & 15) >= 3);
}

/* ---- Two guests ---- */

static struct vpe *sender, *receiver;

static void send(unsigned sgi)
{
    write_sysreg((uint64_t)sgi << 24 | 1, ICC_SGI1R_EL1);
    isb();
}

static void wait_sgi(unsigned sgi, unsigned n)
{
    while (mem_read(&guest_self()->sgis[sgi]) < n) {
        yield();
    }
}

static void ping(void *arg)
{
    guest_enable_irqs();
    for (unsigned i = 1; i <= ROUNDS; i++) {
        send(5);
        wait_sgi(6, i);
    }
    guest_call(DONE);
}

static void pong(void *arg)
{
    guest_enable_irqs();
    for (unsigned i = 1; i <= ROUNDS; i++) {
        wait_sgi(5, i);
        send(6);
    }
    guest_call(DONE);
}

/* A hypervisor that does nothing but send what its guest wants to send */
static void host(void *arg)
{
    struct vpe *p = arg, *to = p == sender ? receiver : sender;
    struct vcpu *v = &p->vcpu;

    vpe_load(p);
    while (vcpu_run_to_call(v) != DONE && !failures()) {
        uint64_t value;

        CHECK_EQ(ESR_EC(v->esr), EC_SYSREG);
        CHECK_EQ(v->esr & ISS_MASK, ISS_SGI1R);
        value = v->x[ISS_RT(v->esr)];
        vpe_sgi_send(to, value >> 24 & 15);
        v->pc += 4;
    }
    vpe_put(p, false);
}

static void test_two_guests(void)
{
    if (!vpe_begin(true)) {
        return;
    }
    sender = new_vpe(0, 1, ping, NULL);
    receiver = new_vpe(1, 2, pong, NULL);
    smp_start(1, host, sender);
    smp_start(2, host, receiver);
    smp_wait(1);
    smp_wait(2);
    CHECK_EQ(sender->vcpu.sgis[6], ROUNDS);
    CHECK_EQ(receiver->vcpu.sgis[5], ROUNDS);
    CHECK_EQ(sender->vcpu.others + receiver->vcpu.others, 0);
    /* One exit for each that it sends, none for those that come */
    for (unsigned i = 0; i < 2; i++) {
        CHECK_EQ(vpes[i].vcpu.exits[EXIT_SYNC], ROUNDS + 1);
        CHECK_EQ(vpes[i].vcpu.exits[EXIT_IRQ], 0);
        CHECK_EQ(vpe_rings(&vpes[i]), 0);
        vpe_unmap(&vpes[i]);
    }
}

/* ---- One guest that looks for them by itself ---- */

/* Between two steps it acknowledges, or ends, what there is */
enum { ACK, END };
static struct script {
    uint8_t step[16];
    uint32_t seen[16];
} script;

static void scripted(void *arg)
{
    uint32_t last = 1023;

    write_sysreg(0xff, ICC_PMR_EL1);
    write_sysreg(1, ICC_IGRPEN1_EL1);
    isb();
    for (unsigned i = 0; ; i++) {
        guest_call(STEP);
        if (script.step[i] == ACK) {
            script.seen[i] = read_sysreg(ICC_IAR1_EL1) & 0xffffff;
            last = script.seen[i] == 1023 ? last : script.seen[i];
        } else {
            write_sysreg(last, ICC_EOIR1_EL1);
        }
        isb();
    }
}

/* It stays resident on CPU 1, which makes a step when told to */
static unsigned steps, made;
static bool over;

static void stepper(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    CHECK_EQ(vcpu_run_to_call(&p->vcpu), STEP);
    while (!mem_read(&over)) {
        if (mem_read(&steps) != made) {
            CHECK_EQ(vcpu_run_to_call(&p->vcpu), STEP);
            mem_write(&made, made + 1);
        }
        yield();
    }
    vpe_put(p, false);
}

static void begin_steps(struct vpe *p)
{
    script = (struct script) {};
    steps = made = 0;
    mem_write(&over, false);
    smp_start(1, stepper, p);
}

static void make_step(void)
{
    mem_write(&steps, steps + 1);
    CHECK(WAIT_FOR(mem_read(&made) == steps));
}

static uint32_t ack(void)
{
    script.step[steps] = ACK;
    make_step();
    return script.seen[steps - 1];
}

static void eoi(void)
{
    script.step[steps] = END;
    make_step();
}

static void end_steps(struct vpe *p)
{
    mem_write(&over, true);
    smp_wait(1);
    CHECK_EQ(p->vcpu.exits[EXIT_IRQ], 0);
    vpe_unmap(p);
}

/* Acknowledged it is inactive: it can be sent again before it is ended */
static void test_no_active_state(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    p = new_vpe(2, 1, scripted, NULL);
    p->vcpu.ich_hcr |= VSGIEOICOUNT;
    begin_steps(p);
    vpe_sgi_send(p, 3);
    CHECK_EQ(ack(), 3);
    CHECK_EQ(vpe_sgis_pending(p), 0);
    vpe_sgi_send(p, 3);
    CHECK_EQ(vpe_sgis_pending(p), BIT(3));
    CHECK_EQ(ack(), 1023);              /* the running priority masks it */
    eoi();
    CHECK_EQ(ack(), 3);
    eoi();
    CHECK_EQ(ack(), 1023);
    end_steps(p);
    /* No List Register, and nothing for the hypervisor to do */
    CHECK_EQ(EOICOUNT(&p->vcpu), 0);
    CHECK_EQ(p->vcpu.ap1r, 0);
}

/* Priority, enable, and that it is no longer pending */
static void test_configure(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    p = new_vpe(3, 1, scripted, NULL);
    begin_steps(p);
    vpe_sgi(p, 1, true, 0x80);
    vpe_sgi(p, 2, true, 0x40);
    vpe_sgi(p, 4, false, 0x10);
    for (unsigned sgi = 1; sgi <= 5; sgi++) {
        vpe_sgi_send(p, sgi);
    }
    vpe_sgi_clear(p, 5);
    vpe_sgi(p, 5, true, 0x10);
    CHECK_EQ(vpe_sgis_pending(p), BIT(1) | BIT(2) | BIT(3) | BIT(4));
    CHECK_EQ(ack(), 2);
    eoi();
    CHECK_EQ(ack(), 1);
    eoi();
    /* Better than 3, and enabled at last */
    vpe_sgi(p, 4, true, 0x10);
    CHECK_EQ(ack(), 4);
    eoi();
    CHECK_EQ(ack(), 3);
    eoi();
    CHECK_EQ(vpe_sgis_pending(p), 0);
    end_steps(p);
}

/* Among LPIs and List Registers, by priority */
static void test_order(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    p = new_vpe(4, 1, scripted, NULL);
    vpe_event(p, SOFT_DEVICE, 0, VLPI(0));
    vm_configure(&vm, VLPI(0), true, 0x40);
    its_inv(SOFT_DEVICE, 0);
    vpe_sgi(p, 9, true, 0x20);
    vpe_sgi(p, 8, true, 0x80);
    its_int(SOFT_DEVICE, 0);
    vpe_sgi_send(p, 8);
    vpe_sgi_send(p, 9);
    p->vcpu.lr[0] = BIT(62) | BIT(60) | 0x60ull << 48 | 40;
    begin_steps(p);
    CHECK_EQ(ack(), 9);
    eoi();
    CHECK_EQ(ack(), VLPI(0));
    eoi();
    CHECK_EQ(ack(), 40);
    eoi();
    CHECK_EQ(ack(), 8);
    end_steps(p);
}

/* ---- Not running ---- */

static void counting(void *arg)
{
    guest_enable_irqs();
    guest_call(STEP);
    for (;;) {
        yield();
    }
}

static void block(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    vpe_put(p, true);
}

static void preempt(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    vpe_put(p, false);
}

static void on(unsigned cpu, void (*job)(void *arg), void *arg)
{
    smp_start(cpu, job, arg);
    smp_wait(cpu);
}

static void run_once(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    CHECK_EQ(vcpu_run_to_call(&p->vcpu), STEP);
    vpe_put(p, false);
}

static void test_not_resident(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    p = new_vpe(5, 1, counting, NULL);
    on(1, preempt, p);
    vpe_sgi_send(p, 1);
    CHECK_EQ(vpe_rings(p), 0);
    CHECK_EQ(vpe_sgis_pending(p), BIT(1));
    vpe_sgi_clear(p, 1);
    vpe_sgi(p, 1, true, PRIORITY);
    CHECK_EQ(vpe_sgis_pending(p), 0);

    /* Blocked: one ring, be it for one or for three */
    on(1, block, p);
    vpe_sgi(p, 7, false, PRIORITY);
    vpe_sgi_send(p, 7);
    CHECK_EQ(vpe_rings(p), 0);          /* disabled */
    vpe_sgi_clear(p, 7);
    for (unsigned sgi = 1; sgi <= 3; sgi++) {
        vpe_sgi_send(p, sgi);
        CHECK_EQ(vpe_rings(p), 1);
    }
    CHECK_EQ(vpe_sgis_pending(p), BIT(1) | BIT(2) | BIT(3));
    CHECK_EQ(irq_cpu(vpe_doorbell(5)), 1);

    /* To another CPU, with what is pending */
    vpe_move(p, 3);
    CHECK_EQ(vpe_sgis_pending(p), BIT(1) | BIT(2) | BIT(3));
    on(3, run_once, p);
    for (unsigned sgi = 0; sgi < 16; sgi++) {
        CHECK_EQ(p->vcpu.sgis[sgi], sgi >= 1 && sgi <= 3);
    }
    CHECK_EQ(vpe_sgis_pending(p), 0);
    vpe_unmap(p);
}

/* To nobody: as if it had not been sent */
static void test_nobody(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    p = new_vpe(6, 2, counting, NULL);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t sgir = its_base() + GITS_SGIR;

        mmio_write64(sgir, 0x77ull << 32 | 3);
        mmio_write64(sgir, 0xffffull << 32 | 3);
        mmio_write64(sgir, ~0ull);
        mmio_write32(sgir, 6);
        mmio_write32(sgir + 4, 6);
    }
    vpe_sgi_clear(p, 6);
    vpe_sgi(p, 6, true, PRIORITY);
    vpe_sgi_send(p, 2);
    CHECK_EQ(vpe_sgis_pending(p) & ~BIT(6), BIT(2));
    on(2, run_once, p);
    CHECK_EQ(p->vcpu.sgis[2], 1);
    vpe_unmap(p);
    vpe_sgi_send(p, 2);
    CHECK_EQ(vpe_rings(p), 0);
}

const struct test tests[] = {
    { "identification", test_identity },
    { "two guests interrupt each other, no exit to receive", test_two_guests },
    { "no active state", test_no_active_state },
    { "priority, enable, clear", test_configure },
    { "SGIs, LPIs and List Registers, by priority", test_order },
    { "not resident", test_not_resident },
    { "SGIs to nobody", test_nobody },
    {}
};
