/*
 * GICv4 payload: vPEs and events that move, change and go
 *
 * Whatever the hypervisor does while interrupts come, each arrives once; what
 * is pending when a vPE or an event is taken away is where it should be.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "vpe.h"

#define DONE        1               /* guest_call() */
#define ROUNDS      200
#define EVENTS      16

static struct vm vm;
static struct vpe vpes[MAX_VPES];

static struct vpe *new_vpe(unsigned id, unsigned cpu, void (*code)(void *arg),
                           void *arg)
{
    if (!vm.config) {
        vm_init(&vm);
    }
    vpe_init(&vpes[id], &vm, id, cpu, code, arg);
    return &vpes[id];
}

/* ---- Runs ---- */

/* Takes interrupts for ever */
static void idle_guest(void *arg)
{
    guest_enable_irqs();
    for (;;) {
        yield();
    }
}

/* Takes those that are pending now, one after the other, without a handler */
static struct poll {
    unsigned num;
    uint32_t intid[8];
} poll_of[MAX_VPES];

static void poll_guest(void *arg)
{
    struct poll *found = arg;

    write_sysreg(0xff, ICC_PMR_EL1);
    write_sysreg(1, ICC_IGRPEN1_EL1);
    isb();
    for (;;) {
        uint32_t intid;

        found->num = 0;
        while (found->num < ARRAY_SIZE(found->intid)) {
            intid = read_sysreg(ICC_IAR1_EL1) & 0xffffff;
            if (intid == 1023) {
                break;
            }
            found->intid[found->num++] = intid;
            write_sysreg(intid, ICC_EOIR1_EL1);
        }
        guest_call(DONE);
    }
}

static void poll_here(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    CHECK_EQ(vcpu_run_to_call(&p->vcpu), DONE);
    vpe_put(p, false);
}

/* What is pending for @p, as its guest sees it */
static const struct poll *poll(struct vpe *p)
{
    smp_start(p->cpu, poll_here, p);
    smp_wait(p->cpu);
    return &poll_of[p->id];
}

/* ---- A vPE that moves ---- */

/*
 * It goes round the CPUs while CPU 0 sends.  An event is sent again when its
 * last one was taken, so that none is merged: the counts must be equal.
 */
static unsigned host, moves;        /* the CPU that has it */
static bool over;

static void travel(void *arg)
{
    struct vpe *p = arg;
    unsigned me = cpu_index(), next = me % 3 + 1;
    struct vcpu *v = &p->vcpu;

    while (!mem_read(&over)) {
        unsigned kicks;

        if (mem_read(&host) != me) {
            yield();
            continue;
        }
        kicks = irq_count(SGI_KICK);
        vpe_load(p);
        /* Until CPU 0 has kicked this or any other */
        for (;;) {
            irq_mask();
            if (irq_count(SGI_KICK) != kicks || mem_read(&over)) {
                break;
            }
            vcpu_run(v);
        }
        irq_unmask();
        vpe_put(p, false);
        vpe_move(p, next);
        mem_write(&moves, moves + 1);
        mem_write(&host, next);
    }
}

static void test_travel(void)
{
    unsigned sent[EVENTS] = {};
    struct vpe *p;

    if (!vpe_begin(false)) {
        return;
    }
    p = new_vpe(0, 1, idle_guest, NULL);
    for (unsigned e = 0; e < EVENTS; e++) {
        vpe_event(p, SOFT_DEVICE, e, VLPI(e));
    }
    mem_write(&over, false);
    mem_write(&host, 1);
    for (unsigned cpu = 1; cpu < 4; cpu++) {
        smp_start(cpu, travel, p);
    }
    for (unsigned i = 0; i < ROUNDS && !failures(); i++) {
        unsigned e = pattern() % EVENTS;

        CHECK(WAIT_FOR(mem_read(&p->vcpu.lpis[e]) == sent[e]));
        if (i % 2) {
            /* Sent while it is on its way, or about to be */
            gic_send_sgi(mem_read(&host), SGI_KICK);
        }
        its_int(SOFT_DEVICE, e);
        sent[e]++;
    }
    for (unsigned e = 0; e < EVENTS; e++) {
        CHECK(WAIT_FOR(mem_read(&p->vcpu.lpis[e]) == sent[e]));
    }
    mem_write(&over, true);
    for (unsigned cpu = 1; cpu < 4; cpu++) {
        gic_send_sgi(cpu, SGI_KICK);
        smp_wait(cpu);
    }
    for (unsigned e = 0; e < EVENTS; e++) {
        CHECK_EQ(p->vcpu.lpis[e], sent[e]);
    }
    CHECK_EQ(p->vcpu.others, 0);
    CHECK(moves > 10);
    say("%u interrupts, %u moves", ROUNDS, moves);
    vpe_unmap(p);
}

/* Pending before the move, there after it; and its doorbell has moved too */
static void block_here(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    vpe_put(p, true);
}

static void test_move_pending(void)
{
    struct vpe *p;

    if (!vpe_begin(false)) {
        return;
    }
    p = new_vpe(1, 1, poll_guest, &poll_of[1]);
    vpe_event(p, SOFT_DEVICE, 0, VLPI(5));
    vpe_event(p, SOFT_DEVICE, 1, VLPI(6));
    its_int(SOFT_DEVICE, 0);
    vpe_move(p, 3);
    CHECK_EQ(poll(p)->num, 1);
    CHECK_EQ(poll_of[1].intid[0], VLPI(5));
    smp_start(3, block_here, p);
    smp_wait(3);
    vpe_move(p, 2);
    its_int(SOFT_DEVICE, 1);
    CHECK_EQ(vpe_rings(p), 1);
    CHECK_EQ(irq_cpu(vpe_doorbell(1)), 2);
    CHECK_EQ(poll(p)->num, 1);
    CHECK_EQ(poll_of[1].intid[0], VLPI(6));
    CHECK_EQ(poll(p)->num, 0);
    vpe_unmap(p);
}

/* ---- Events that move, and go ---- */

/* VMOVI takes a pending interrupt along */
static void test_move_event(void)
{
    struct vpe *a, *b;

    if (!vpe_begin(false)) {
        return;
    }
    a = new_vpe(2, 1, poll_guest, &poll_of[2]);
    b = new_vpe(3, 2, poll_guest, &poll_of[3]);
    vpe_event(a, SOFT_DEVICE, 0, VLPI(7));
    vpe_event(a, SOFT_DEVICE, 1, VLPI(8));
    its_int(SOFT_DEVICE, 0);
    its_int(SOFT_DEVICE, 1);
    vpe_move_event(b, SOFT_DEVICE, 0);
    CHECK_EQ(poll(a)->num, 1);
    CHECK_EQ(poll_of[2].intid[0], VLPI(8));
    CHECK_EQ(poll(b)->num, 1);
    CHECK_EQ(poll_of[3].intid[0], VLPI(7));

    /* And all that come from now on; back again, nothing is pending */
    its_int(SOFT_DEVICE, 0);
    CHECK_EQ(poll(a)->num, 0);
    CHECK_EQ(poll(b)->num, 1);
    vpe_move_event(a, SOFT_DEVICE, 0);
    CHECK_EQ(poll(a)->num, 0);
    CHECK_EQ(poll(b)->num, 0);
    its_int(SOFT_DEVICE, 0);
    CHECK_EQ(poll(a)->num, 1);
    CHECK_EQ(poll(b)->num, 0);
    vpe_unmap(a);
    vpe_unmap(b);
}

/* DISCARD: what is pending goes, and the event with it; CLEAR: that alone */
static void test_discard(void)
{
    struct vpe *p;

    if (!vpe_begin(false)) {
        return;
    }
    p = new_vpe(4, 1, poll_guest, &poll_of[4]);
    vpe_event(p, SOFT_DEVICE, 0, VLPI(0));
    vpe_event(p, SOFT_DEVICE, 1, VLPI(1));
    its_int(SOFT_DEVICE, 0);
    its_int(SOFT_DEVICE, 1);
    its_clear(SOFT_DEVICE, 0);
    CHECK_EQ(poll(p)->num, 1);
    CHECK_EQ(poll_of[4].intid[0], VLPI(1));
    its_int(SOFT_DEVICE, 0);
    CHECK_EQ(poll(p)->num, 1);
    CHECK_EQ(poll_of[4].intid[0], VLPI(0));

    its_int(SOFT_DEVICE, 0);
    its_int(SOFT_DEVICE, 1);
    its_discard(SOFT_DEVICE, 0);
    its_int(SOFT_DEVICE, 0);
    CHECK_EQ(poll(p)->num, 1);
    CHECK_EQ(poll_of[4].intid[0], VLPI(1));
    vpe_unmap(p);
}

/* The same while the vPE runs, with its interrupts masked */
static struct vpe *resident;
static bool go;

static void hold_here(void *arg)
{
    vpe_load(resident);
    mem_write(&go, false);
    CHECK(WAIT_FOR(mem_read(&go)));
    CHECK_EQ(vcpu_run_to_call(&resident->vcpu), DONE);
    vpe_put(resident, false);
}

static void test_discard_resident(void)
{
    struct vpe *p;

    if (!vpe_begin(false)) {
        return;
    }
    resident = p = new_vpe(5, 1, poll_guest, &poll_of[5]);
    for (unsigned i = 0; i < 4; i++) {
        vpe_event(p, SOFT_DEVICE, i, VLPI(i));
    }
    mem_write(&go, true);
    smp_start(1, hold_here, NULL);
    CHECK(WAIT_FOR(!mem_read(&go)));
    for (unsigned i = 0; i < 4; i++) {
        its_int(SOFT_DEVICE, i);
    }
    its_clear(SOFT_DEVICE, 0);
    its_discard(SOFT_DEVICE, 1);
    its_int(SOFT_DEVICE, 1);
    mem_write(&go, true);
    smp_wait(1);
    CHECK_EQ(poll_of[5].num, 2);
    CHECK_EQ(poll_of[5].intid[0], VLPI(2));
    CHECK_EQ(poll_of[5].intid[1], VLPI(3));
    vpe_unmap(p);
}

/* ---- Configuration ---- */

/* The table says it, INV makes it so: by event, and for a whole vPE */
static void inv(struct vpe *p, bool all)
{
    if (all) {
        its_command(ITS_VINVALL, (uint64_t)p->id << 32, 0, 0);
    } else {
        for (unsigned i = 0; i < 3; i++) {
            its_inv(SOFT_DEVICE, i);
        }
    }
    its_command(ITS_VSYNC, (uint64_t)p->id << 32, 0, 0);
}

static void test_configure(void)
{
    struct vpe *p;

    if (!vpe_begin(false)) {
        return;
    }
    p = new_vpe(6, 1, poll_guest, &poll_of[6]);
    for (unsigned i = 0; i < 3; i++) {
        vpe_event(p, SOFT_DEVICE, i, VLPI(i));
    }
    for (unsigned all = 0; all < 2; all++) {
        /* Disabled: it stays pending and is not taken */
        vm_configure(&vm, VLPI(1), false, 0xa0);
        inv(p, all);
        for (unsigned i = 0; i < 3; i++) {
            its_int(SOFT_DEVICE, i);
        }
        CHECK_EQ(poll(p)->num, 2);
        CHECK_EQ(poll_of[6].intid[0], VLPI(0));
        CHECK_EQ(poll_of[6].intid[1], VLPI(2));
        vm_configure(&vm, VLPI(1), true, 0xa0);
        inv(p, all);
        CHECK_EQ(poll(p)->num, 1);
        CHECK_EQ(poll_of[6].intid[0], VLPI(1));

        /* Priorities */
        vm_configure(&vm, VLPI(0), true, 0xc0);
        vm_configure(&vm, VLPI(1), true, 0x80);
        vm_configure(&vm, VLPI(2), true, 0x40);
        inv(p, all);
        for (unsigned i = 0; i < 3; i++) {
            its_int(SOFT_DEVICE, i);
        }
        CHECK_EQ(poll(p)->num, 3);
        for (unsigned i = 0; i < 3; i++) {
            CHECK_EQ(poll_of[6].intid[i], VLPI(2 - i));
            vm_configure(&vm, VLPI(i), true, 0xa0);
        }
        inv(p, all);
    }
    vpe_unmap(p);
}

/* A running guest: what it has disabled comes when it is enabled, no exit */
static void run_until_over(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    for (;;) {
        irq_mask();
        if (mem_read(&over)) {
            break;
        }
        vcpu_run(&p->vcpu);
    }
    irq_unmask();
    vpe_put(p, false);
}

static void test_configure_running(void)
{
    struct vpe *p;

    if (!vpe_begin(false)) {
        return;
    }
    p = new_vpe(7, 1, idle_guest, NULL);
    vpe_event(p, SOFT_DEVICE, 0, VLPI(0));
    vpe_event(p, SOFT_DEVICE, 1, VLPI(1));
    mem_write(&over, false);
    smp_start(1, run_until_over, p);
    for (unsigned i = 0; i < 50 && !failures(); i++) {
        vm_configure(&vm, VLPI(0), false, 0xa0);
        its_inv(SOFT_DEVICE, 0);
        its_int(SOFT_DEVICE, 0);
        /* The other is behind it and comes through */
        its_int(SOFT_DEVICE, 1);
        CHECK(WAIT_FOR(mem_read(&p->vcpu.lpis[1]) == i + 1));
        CHECK_EQ(mem_read(&p->vcpu.lpis[0]), i);
        vm_configure(&vm, VLPI(0), true, 0xa0);
        its_inv(SOFT_DEVICE, 0);
        CHECK(WAIT_FOR(mem_read(&p->vcpu.lpis[0]) == i + 1));
    }
    CHECK_EQ(p->vcpu.exits[EXIT_IRQ] + p->vcpu.exits[EXIT_SYNC], 0);
    mem_write(&over, true);
    gic_send_sgi(1, SGI_KICK);
    smp_wait(1);
    CHECK_EQ(p->vcpu.exits[EXIT_IRQ], 1);
    vpe_unmap(p);
}

/* ---- Unmapped ---- */

/* VMAPP with V=0 leaves pending bits in memory, wherever they were before */
static void hold_masked(void *arg)
{
    vpe_load(resident);
    mem_write(&go, false);
    CHECK(WAIT_FOR(mem_read(&go)));
    vpe_put(resident, false);
}

static void test_unmap(void)
{
    struct vpe *p;

    if (!vpe_begin(false)) {
        return;
    }
    resident = p = new_vpe(8, 1, poll_guest, &poll_of[8]);
    for (unsigned i = 0; i < 4; i++) {
        vpe_event(p, SOFT_DEVICE, i, VLPI(10 * i));
    }
    its_int(SOFT_DEVICE, 0);            /* not resident */
    mem_write(&go, true);
    smp_start(1, hold_masked, NULL);
    CHECK(WAIT_FOR(!mem_read(&go)));
    its_int(SOFT_DEVICE, 1);            /* resident */
    its_int(SOFT_DEVICE, 3);
    its_clear(SOFT_DEVICE, 3);
    mem_write(&go, true);
    smp_wait(1);
    vpe_unmap(p);
    CHECK(vpe_pending_in_ram(p, VLPI(0)));
    CHECK(vpe_pending_in_ram(p, VLPI(10)));
    CHECK(!vpe_pending_in_ram(p, VLPI(20)));
    CHECK(!vpe_pending_in_ram(p, VLPI(30)));
    for (unsigned n = 40; n < 512; n++) {
        CHECK(!vpe_pending_in_ram(p, VLPI(n)));
    }

    /* A message for it is lost; mapped again, with its table, it goes on */
    its_int(SOFT_DEVICE, 2);
    CHECK(!vpe_pending_in_ram(p, VLPI(20)));
    p->cpu = 2;
    CHECK(vpe_map(p, false));
    its_move_event(PROXY, p->id, 2);
    CHECK_EQ(poll(p)->num, 2);
    CHECK_EQ(poll_of[8].intid[0], VLPI(0));
    CHECK_EQ(poll_of[8].intid[1], VLPI(10));
    its_int(SOFT_DEVICE, 2);
    CHECK_EQ(poll(p)->num, 1);
    CHECK_EQ(poll_of[8].intid[0], VLPI(20));
    vpe_unmap(p);
}

/* As a hypervisor saves a guest: pending bits put there by hand are taken */
static void test_restore(void)
{
    struct vpe *p;

    if (!vpe_begin(false)) {
        return;
    }
    p = new_vpe(9, 3, poll_guest, &poll_of[9]);
    vpe_event(p, SOFT_DEVICE, 0, VLPI(33));
    vpe_unmap(p);
    mem_write(at(uint8_t, p->vpt + VLPI(33) / 8), 1 << VLPI(33) % 8);
    CHECK(vpe_map(p, false));
    CHECK_EQ(poll(p)->num, 1);
    CHECK_EQ(poll_of[9].intid[0], VLPI(33));
    CHECK_EQ(poll(p)->num, 0);
    vpe_unmap(p);
    CHECK(!vpe_pending_in_ram(p, VLPI(33)));
}

const struct test tests[] = {
    { "VMOVP with interrupts in flight", test_travel },
    { "VMOVP takes what is pending, and the doorbell", test_move_pending },
    { "VMOVI takes what is pending", test_move_event },
    { "CLEAR and DISCARD, not resident", test_discard },
    { "CLEAR and DISCARD, resident", test_discard_resident },
    { "INV and VINVALL after a change of configuration", test_configure },
    { "INV while the vPE runs", test_configure_running },
    { "VMAPP with V=0 leaves pending bits in memory", test_unmap },
    { "VMAPP takes pending bits from memory", test_restore },
    {}
};
