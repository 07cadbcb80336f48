/*
 * GICv4 payload: interrupts that go straight to a guest
 *
 * The vPE runs: it takes its interrupt and the hypervisor hears nothing.  It
 * does not: the interrupt is kept, and the doorbell rings if somebody waits.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "pci.h"
#include "vpe.h"

#define DONE        1               /* guest_call() */
#define BLOCK       2
#define MESSAGES    120

static struct vm vm;

/* A guest that takes as many interrupts as are wanted, then calls */
static unsigned wanted[MAX_VPES], running[MAX_VPES];

static unsigned taken(struct vcpu *v)
{
    unsigned n = 0;

    for (unsigned i = 0; i < GUEST_LPIS; i++) {
        n += mem_read(&v->lpis[i]);
    }
    return n;
}

static void count_guest(void *arg)
{
    unsigned *want = arg;

    guest_enable_irqs();
    mem_write(&running[want - wanted], 1);
    while (taken(guest_self()) < mem_read(want)) {
        yield();
    }
    irq_mask();
    guest_call(DONE);
}

static struct vpe *new_vpe(unsigned id, unsigned cpu, void (*code)(void *arg))
{
    static struct vpe vpes[MAX_VPES];

    if (!vm.config) {
        vm_init(&vm);
    }
    running[id] = 0;
    vpe_init(&vpes[id], &vm, id, cpu, code, &wanted[id]);
    return &vpes[id];
}

/* Run it here until it is done */
static void run_resident(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    CHECK_EQ(vcpu_run_to_call(&p->vcpu), DONE);
    vpe_put(p, false);
}

/* ---- Running ---- */

/* One exit, at the end, for as many interrupts of a device as there are */
static void test_running(void)
{
    struct testdev *d = &testdevs[0];
    struct vpe *p;

    if (!vpe_begin(false)) {
        return;
    }
    testdevs_find(1);
    p = new_vpe(0, 1, count_guest);
    its_map_device(d->rid, 4);
    for (unsigned i = 0; i < 8; i++) {
        vpe_event(p, d->rid, i, VLPI(i));
        td_msix_set(d, i, its_doorbell(), i);
    }
    td_msix_enable(d, true);
    wanted[0] = MESSAGES;
    smp_start(1, run_resident, p);
    CHECK(WAIT_FOR(mem_read(&running[0])));
    for (unsigned i = 0; i < MESSAGES && !failures(); i++) {
        td_msi(d, i % 8);
        CHECK(WAIT_FOR(mem_read(&p->vcpu.lpis[i % 8]) == i / 8 + 1));
    }
    smp_wait(1);
    CHECK_EQ(taken(&p->vcpu), MESSAGES);
    CHECK_EQ(p->vcpu.others, 0);
    CHECK_EQ(p->vcpu.exits[EXIT_SYNC], 1);
    CHECK_EQ(p->vcpu.exits[EXIT_IRQ], 0);
    CHECK_EQ(vpe_rings(p), 0);
    its_unmap_device(d->rid);
    vpe_unmap(p);
}

/* Three at a time, each on a CPU of its own */
static void test_several_running(void)
{
    struct vpe *p[4];

    if (!vpe_begin(false)) {
        return;
    }
    for (unsigned cpu = 1; cpu < 4; cpu++) {
        p[cpu] = new_vpe(cpu, cpu, count_guest);
        vpe_event(p[cpu], SOFT_DEVICE, cpu, VLPI(cpu));
        wanted[cpu] = MESSAGES / 2;
        smp_start(cpu, run_resident, p[cpu]);
        CHECK(WAIT_FOR(mem_read(&running[cpu])));
    }
    for (unsigned i = 0; i < MESSAGES / 2 && !failures(); i++) {
        for (unsigned cpu = 1; cpu < 4; cpu++) {
            its_int(SOFT_DEVICE, cpu);
        }
        for (unsigned cpu = 1; cpu < 4; cpu++) {
            CHECK(WAIT_FOR(mem_read(&p[cpu]->vcpu.lpis[cpu]) == i + 1));
        }
    }
    for (unsigned cpu = 1; cpu < 4; cpu++) {
        smp_wait(cpu);
        CHECK_EQ(taken(&p[cpu]->vcpu), MESSAGES / 2);
        CHECK_EQ(p[cpu]->vcpu.exits[EXIT_SYNC], 1);
        CHECK_EQ(p[cpu]->vcpu.exits[EXIT_IRQ], 0);
        CHECK_EQ(vpe_rings(p[cpu]), 0);
        vpe_unmap(p[cpu]);
    }
}

/* ---- Not running ---- */

static void let_block(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    CHECK(!vpe_put(p, true));
}

/* Kept; one ring for one interrupt, however often it comes; taken at last */
static void test_doorbell(void)
{
    struct vpe *p;

    if (!vpe_begin(false)) {
        return;
    }
    p = new_vpe(4, 2, count_guest);
    vpe_event(p, SOFT_DEVICE, 0, VLPI(0));
    smp_start(2, let_block, p);
    smp_wait(2);
    CHECK_EQ(vpe_rings(p), 0);
    for (unsigned i = 0; i < 3; i++) {
        its_int(SOFT_DEVICE, 0);
        CHECK_EQ(vpe_rings(p), 1);
    }
    CHECK_EQ(irq_cpu(vpe_doorbell(4)), 2);
    CHECK_EQ(taken(&p->vcpu), 0);

    wanted[4] = 1;
    smp_start(2, run_resident, p);
    smp_wait(2);
    CHECK_EQ(p->vcpu.lpis[0], 1);
    CHECK_EQ(taken(&p->vcpu), 1);
    CHECK_EQ(vpe_rings(p), 1);
    vpe_unmap(p);
}

/* Nobody waits: kept, and no ring */
static void let_preempt(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    vpe_put(p, false);
}

static void test_preempted(void)
{
    struct vpe *p;

    if (!vpe_begin(false)) {
        return;
    }
    p = new_vpe(5, 3, count_guest);
    vpe_event(p, SOFT_DEVICE, 0, VLPI(0));
    vpe_event(p, SOFT_DEVICE, 1, VLPI(1));
    smp_start(3, let_preempt, p);
    smp_wait(3);
    its_int(SOFT_DEVICE, 0);
    its_int(SOFT_DEVICE, 1);
    CHECK_EQ(vpe_rings(p), 0);

    wanted[5] = 2;
    smp_start(3, run_resident, p);
    smp_wait(3);
    CHECK_EQ(p->vcpu.lpis[0], 1);
    CHECK_EQ(p->vcpu.lpis[1], 1);
    CHECK_EQ(vpe_rings(p), 0);
    vpe_unmap(p);
}

/* What came before it could block: PendingLast, instead of a ring */
static void block_late(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    its_int(SOFT_DEVICE, 0);
    CHECK(vpe_put(p, true));
    vpe_load(p);
    its_clear(SOFT_DEVICE, 0);
    CHECK(!vpe_put(p, true));
}

static void test_pending_last(void)
{
    struct vpe *p;

    if (!vpe_begin(false)) {
        return;
    }
    p = new_vpe(6, 1, count_guest);
    vpe_event(p, SOFT_DEVICE, 0, VLPI(0));
    smp_start(1, block_late, p);
    smp_wait(1);
    CHECK_EQ(vpe_rings(p), 0);
    vpe_unmap(p);
}

/*
 * A guest that sleeps after each interrupt, and a hypervisor that lets the CPU
 * sleep with it: each interrupt wakes it, be it by doorbell or by PendingLast.
 */
static bool over;

static void sleepy_guest(void *arg)
{
    guest_enable_irqs();
    for (;;) {
        guest_call(BLOCK);
    }
}

static void hypervisor(void *arg)
{
    struct vpe *p = arg;
    unsigned bell = vpe_doorbell(p->id);

    while (!mem_read(&over)) {
        unsigned rung;

        vpe_load(p);
        CHECK_EQ(vcpu_run_to_call(&p->vcpu), BLOCK);
        rung = irq_count(bell);
        if (vpe_put(p, true)) {
            continue;
        }
        irq_mask();
        while (irq_count(bell) == rung && !mem_read(&over)) {
            wfi();
            irq_unmask();
            isb();
            irq_mask();
        }
        irq_unmask();
    }
}

static void test_woken(void)
{
    struct vpe *p;

    if (!vpe_begin(false)) {
        return;
    }
    p = new_vpe(7, 1, sleepy_guest);
    vpe_event(p, SOFT_DEVICE, 0, VLPI(0));
    mem_write(&over, false);
    smp_start(1, hypervisor, p);
    for (unsigned i = 0; i < MESSAGES / 2 && !failures(); i++) {
        its_int(SOFT_DEVICE, 0);
        CHECK(WAIT_FOR(mem_read(&p->vcpu.lpis[0]) == i + 1));
    }
    mem_write(&over, true);
    gic_send_sgi(1, SGI_KICK);
    smp_wait(1);
    CHECK_EQ(taken(&p->vcpu), MESSAGES / 2);
    CHECK(irq_count(vpe_doorbell(7)) > 0);
    CHECK(irq_count(vpe_doorbell(7)) <= MESSAGES / 2);
    say("%u interrupts, %u doorbells", taken(&p->vcpu),
        irq_count(vpe_doorbell(7)));
    vpe_unmap(p);
}

/* Three that sleep on one CPU: whose doorbell rings runs next */
#define SLEEPERS    3

static struct vpe *sleepers[SLEEPERS];

static void scheduler(void *arg)
{
    unsigned seen[SLEEPERS] = {};
    bool ready[SLEEPERS] = { true, true, true };

    while (!mem_read(&over)) {
        bool idle = true;

        for (unsigned n = 0; n < SLEEPERS; n++) {
            struct vpe *p = sleepers[n];
            unsigned bell = vpe_doorbell(p->id);

            if (!ready[n] && irq_count(bell) == seen[n]) {
                continue;
            }
            idle = false;
            vpe_load(p);
            CHECK_EQ(vcpu_run_to_call(&p->vcpu), BLOCK);
            seen[n] = irq_count(bell);
            ready[n] = vpe_put(p, true);
        }
        irq_mask();
        while (idle && !mem_read(&over)) {
            for (unsigned n = 0; n < SLEEPERS; n++) {
                idle &= irq_count(vpe_doorbell(sleepers[n]->id)) == seen[n];
            }
            if (idle) {
                wfi();
                irq_unmask();
                isb();
                irq_mask();
            }
        }
        irq_unmask();
    }
}

static void test_sleepers(void)
{
    unsigned sent[SLEEPERS] = {};

    if (!vpe_begin(false)) {
        return;
    }
    for (unsigned n = 0; n < SLEEPERS; n++) {
        sleepers[n] = new_vpe(11 + n, 1, sleepy_guest);
        vpe_event(sleepers[n], SOFT_DEVICE, n, VLPI(n));
    }
    mem_write(&over, false);
    smp_start(1, scheduler, NULL);
    for (unsigned i = 0; i < MESSAGES / 2 && !failures(); i++) {
        unsigned who = 1 + pattern() % 7;

        for (unsigned n = 0; n < SLEEPERS; n++) {
            if (who >> n & 1) {
                its_int(SOFT_DEVICE, n);
                sent[n]++;
            }
        }
        for (unsigned n = 0; n < SLEEPERS; n++) {
            CHECK(WAIT_FOR(mem_read(&sleepers[n]->vcpu.lpis[n]) == sent[n]));
        }
    }
    mem_write(&over, true);
    gic_send_sgi(1, SGI_KICK);
    smp_wait(1);
    for (unsigned n = 0; n < SLEEPERS; n++) {
        CHECK_EQ(taken(&sleepers[n]->vcpu), sent[n]);
        CHECK(irq_count(vpe_doorbell(11 + n)) <= sent[n]);
        vpe_unmap(sleepers[n]);
    }
}

/* ---- Two on one CPU ---- */

static struct vpe *pair[2];
static unsigned asked, served;

/* Each runs until it is asked to make room; what is for the other waits */
static void take_turns(void *arg)
{
    while (!mem_read(&over)) {
        struct vpe *p = pair[served % 2];

        vpe_load(p);
        for (;;) {
            /* A kick from here on makes it leave at once */
            irq_mask();
            if (mem_read(&asked) != served) {
                break;
            }
            vcpu_run(&p->vcpu);
        }
        irq_unmask();
        vpe_put(p, false);
        mem_write(&served, served + 1);
    }
}

static void next_turn(void)
{
    mem_write(&asked, asked + 1);
    gic_send_sgi(1, SGI_KICK);
    CHECK(WAIT_FOR(mem_read(&served) == asked));
}

static void idle_guest(void *arg)
{
    guest_enable_irqs();
    for (;;) {
        yield();
    }
}

static void test_two_on_a_cpu(void)
{
    if (!vpe_begin(false)) {
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        pair[i] = new_vpe(8 + i, 1, idle_guest);
        vpe_event(pair[i], SOFT_DEVICE, i, VLPI(3));
    }
    mem_write(&over, false);
    smp_start(1, take_turns, NULL);
    for (unsigned i = 0; i < 50 && !failures(); i++) {
        unsigned *got = &pair[i % 2]->vcpu.lpis[3];

        /* What came while the other ran; one now; one for the other */
        CHECK(WAIT_FOR(mem_read(got) == (i + 1) / 2 + i / 2));
        its_int(SOFT_DEVICE, i % 2);
        CHECK(WAIT_FOR(mem_read(got) == (i + 1) / 2 + i / 2 + 1));
        its_int(SOFT_DEVICE, !(i % 2));
        next_turn();
    }
    mem_write(&over, true);
    next_turn();
    smp_wait(1);
    for (unsigned i = 0; i < 2; i++) {
        CHECK_EQ(pair[i]->vcpu.others, 0);
        CHECK_EQ(vpe_rings(pair[i]), 0);
        vpe_unmap(pair[i]);
    }
}

/* A List Register and a vLPI, side by side: the better priority first */
static void ordered_guest(void *arg)
{
    struct vcpu *v = guest_self();
    uint32_t *order = arg;

    write_sysreg(0xff, ICC_PMR_EL1);
    write_sysreg(1, ICC_IGRPEN1_EL1);
    isb();
    for (unsigned i = 0; i < 4; i++) {
        order[i] = read_sysreg(ICC_IAR1_EL1) & 0xffffff;
        if (order[i] != 1023) {
            write_sysreg(order[i], ICC_EOIR1_EL1);
        }
    }
    mem_add(&v->others, 1);
    guest_call(DONE);
}

static void run_ordered(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    its_int(SOFT_DEVICE, 0);
    its_int(SOFT_DEVICE, 1);
    /* Pending, Group 1, priority 0x60, INTID 40 */
    p->vcpu.lr[0] = BIT(62) | BIT(60) | 0x60ull << 48 | 40;
    CHECK_EQ(vcpu_run_to_call(&p->vcpu), DONE);
    vpe_put(p, false);
}

static void test_order(void)
{
    static uint32_t order[4];
    static struct vpe p;

    if (!vpe_begin(false)) {
        return;
    }
    vm_init(&vm);
    vpe_init(&p, &vm, 10, 1, ordered_guest, order);
    vpe_event(&p, SOFT_DEVICE, 0, VLPI(0));
    vpe_event(&p, SOFT_DEVICE, 1, VLPI(1));
    vm_configure(&vm, VLPI(0), true, 0xa0);
    vm_configure(&vm, VLPI(1), true, 0x40);
    its_inv(SOFT_DEVICE, 0);
    its_inv(SOFT_DEVICE, 1);
    smp_start(1, run_ordered, &p);
    smp_wait(1);
    CHECK_EQ(order[0], VLPI(1));
    CHECK_EQ(order[1], 40);
    CHECK_EQ(order[2], VLPI(0));
    CHECK_EQ(order[3], 1023);
    vpe_unmap(&p);
}

const struct test tests[] = {
    { "a running vPE takes a device's vLPIs, no exit", test_running },
    { "three vPEs run", test_several_running },
    { "not resident: pending, and one doorbell", test_doorbell },
    { "preempted: pending, no doorbell", test_preempted },
    { "PendingLast", test_pending_last },
    { "a blocked vPE is woken", test_woken },
    { "three vPEs sleep on a CPU", test_sleepers },
    { "two vPEs take turns on a CPU", test_two_on_a_cpu },
    { "vLPIs and List Registers, by priority", test_order },
    {}
};
