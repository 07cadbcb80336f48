/*
 * Payload: posted interrupts and a guest's states
 *
 * A hypervisor gives each of two guests a test device and a descriptor.  What
 * VMX does in hardware when a notification finds the guest running, SVM leaves
 * to the hypervisor: the notification makes the guest leave, and the
 * hypervisor takes PIR and offers the vectors as virtual interrupts.  All that
 * the IOMMU does is the same:
 *
 *   running   SN 0, NV "look at PIR", NDST the guest's CPU
 *   ready     SN 1: posted, nobody is disturbed
 *   halted    SN 0, NV "wake up", NDST a CPU that sees to it
 *
 * CPU 0 plays the outside world, CPUs 1 and 2 have a guest each, CPU 3 is the
 * one that wakes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "svm.h"
#include "vtd.h"
#include "x86.h"

#define NV_RUNNING  0xe2
#define NV_WAKEUP   0xe1
#define MARKER      0xe0            /* an interrupt that is not posted */
#define VECTOR      0x51            /* the guest's, from here on */
#define DONE        1               /* guest_call() */

enum state { GONE, RUNNING, READY, HALTED };

static struct vm {
    struct vcpu v;
    struct posted pd;
    struct testdev *d;
    unsigned cpu, wake_cpu;
    enum state state;
    bool preempt, woken;            /* to its CPU: be ready; go on */
    bool waiting;                   /* for the latter */
    bool fidget;                    /* preempted now and then by itself */
    bool hold;                      /* stays halted whatever comes */
    unsigned halts;

    /* To and from the guest */
    bool stop, halt;
    unsigned woke;
} vms[2];

/* ---- The hypervisor ---- */

static void running(struct vm *vm)
{
    posted_control(&vm->pd, POSTED_NV(NV_RUNNING) |
                   POSTED_NDST(cpus[vm->cpu].mpidr));
    mem_write(&vm->state, RUNNING);
}

/* Another has the CPU for a while */
static void ready(struct vm *vm)
{
    posted_control(&vm->pd, POSTED_SN | POSTED_NV(NV_RUNNING) |
                   POSTED_NDST(cpus[vm->cpu].mpidr));
    mem_write(&vm->state, READY);
    if (vm->fidget) {
        for (unsigned i = 0; i < 50; i++) {
            yield();
        }
    }
    while (mem_read(&vm->preempt)) {
        yield();
    }
    running(vm);
}

static bool something_waits(struct vm *vm)
{
    return mem_read(&vm->pd.control) & POSTED_ON || posted_count(&vm->pd) ||
           vm->v.irr[0] | vm->v.irr[1] | vm->v.irr[2] | vm->v.irr[3];
}

/* It has executed HLT */
static void halted(struct vm *vm)
{
    vm->halts++;
    mem_write(&vm->woken, false);
    mem_write(&vm->waiting, true);
    posted_control(&vm->pd, POSTED_NV(NV_WAKEUP) |
                   POSTED_NDST(cpus[vm->wake_cpu].mpidr));
    if (!something_waits(vm)) {
        irq_mask();
        mem_write(&vm->state, HALTED);
        while (!mem_read(&vm->woken) || mem_read(&vm->hold)) {
            wait_for_irq();
        }
        irq_unmask();
    }
    mem_write(&vm->waiting, false);
    running(vm);
}

static void on_wakeup(unsigned vector)
{
    for (unsigned i = 0; i < ARRAY_SIZE(vms); i++) {
        struct vm *vm = &vms[i];

        if (mem_read(&vm->waiting) && vm->wake_cpu == cpu_index() &&
            mem_read(&vm->pd.control) & POSTED_ON) {
            mem_write(&vm->woken, true);
            if (vm->cpu != cpu_index()) {
                cpu_kick(vm->cpu);
            }
        }
    }
}

static bool before(void *arg)
{
    struct vm *vm = arg;

    posted_take(&vm->pd, vm->v.irr);
    return !mem_read(&vm->preempt);
}

/* A guest's life, on its CPU */
static void live(void *arg)
{
    struct vm *vm = arg;

    running(vm);
    for (;;) {
        uint64_t why = vcpu_run(&vm->v, before, vm);

        if (mem_read(&vm->preempt) || (vm->fidget && vm->v.exits % 5 == 0)) {
            ready(vm);
        }
        if (why == EXIT_HLT) {
            vm->v.vmcb->rip++;
            halted(vm);
        } else if (why == EXIT_VMMCALL) {
            if (vcpu_call(&vm->v) != CALL_EOI) {
                break;
            }
        } else if (!CHECK_EQ(why, EXIT_INTR)) {
            say("RIP 0x%lx, information 0x%lx 0x%lx", vm->v.vmcb->rip,
                vm->v.vmcb->exit_info1, vm->v.vmcb->exit_info2);
            break;
        }
    }
    CHECK_EQ(vm->v.vmcb->rax, DONE);
    posted_control(&vm->pd, POSTED_SN);
    mem_write(&vm->state, GONE);
}

/* ---- Guests ---- */

/* Takes what comes; halts when it is told to */
static void idle_guest(void *arg)
{
    struct vm *vm = arg;

    irq_unmask();
    while (!mem_read(&vm->stop)) {
        if (mem_read(&vm->halt)) {
            mem_write(&vm->halt, false);
            irq_mask();
            wait_for_irq();
            irq_unmask();
            mem_add(&vm->woke, 1);
        }
        yield();
    }
    irq_mask();
    guest_call(DONE);
}

/* Halts whenever it has nothing to do */
static void sleepy_guest(void *arg)
{
    struct vm *vm = arg;
    unsigned seen = 0;

    while (!mem_read(&vm->stop)) {
        irq_mask();
        if (mem_read(&vm->v.taken_all) == seen) {
            wait_for_irq();
        }
        seen = mem_read(&vm->v.taken_all);
        irq_unmask();
    }
    irq_mask();
    guest_call(DONE);
}

#define MESSAGES    200

/* Has its own device send messages, and waits for each */
static void busy_guest(void *arg)
{
    struct vm *vm = arg;

    irq_unmask();
    for (unsigned i = 0; i < MESSAGES; i++) {
        td_msi(vm->d, 0);
        while (mem_read(&vm->v.taken[VECTOR]) == i) {
            yield();
        }
    }
    irq_mask();
    guest_call(DONE);
}

/* ---- Its making ---- */

/* Entries of the table: eight for each device, for its MSI-X vectors */
static unsigned entry(struct vm *vm, unsigned msix)
{
    return 16 + 8 * (vm - vms) + msix;
}

static void vms_begin(void)
{
    testdevs_find(2);
    vtd_init();
    if (num_cpus() < 4) {
        bail_out("%u CPUs, not 4", num_cpus());
    }
    irq_handle(NV_WAKEUP, on_wakeup);
    irq_forget();
}

/* Guest @n on CPU n + 1, with its device, whose vectors come in as VECTOR + n */
static struct vm *make(unsigned n, void (*code)(void *arg))
{
    struct vm *vm = &vms[n];

    *vm = (struct vm) {
        .d = &testdevs[n],
        .cpu = n + 1,
        .wake_cpu = 3,
    };
    vcpu_init(&vm->v, n + 1, code, vm);
    npt_map(&vm->v, vm->d->regs, vm->d->regs, PTD_REGS_SIZE, NPT_WRITE);
    td_msix_enable(vm->d, true);
    for (unsigned i = 0; i < PTD_NUM_VECTORS; i++) {
        vtd_post(vm->d, entry(vm, i), VECTOR + i, &vm->pd, 0);
        vtd_message(vm->d, i, entry(vm, i));
    }
    return vm;
}

static struct vm *start(unsigned n, void (*code)(void *arg))
{
    struct vm *vm = make(n, code);

    smp_start(vm->cpu, live, vm);
    CHECK(WAIT_FOR(mem_read(&vm->state) == RUNNING));
    return vm;
}

static void stop(struct vm *vm)
{
    mem_write(&vm->stop, true);
    smp_wait(vm->cpu);
    CHECK_EQ(posted_count(&vm->pd), 0);
}

static void preempt(struct vm *vm)
{
    mem_write(&vm->preempt, true);
    cpu_kick(vm->cpu);
    CHECK(WAIT_FOR(mem_read(&vm->state) == READY));
}

static void resume(struct vm *vm)
{
    mem_write(&vm->preempt, false);
    CHECK(WAIT_FOR(mem_read(&vm->state) == RUNNING));
}

static void send(struct vm *vm, unsigned msix)
{
    td_msi(vm->d, msix);
}

static bool wait_taken(struct vm *vm, unsigned vector, unsigned n)
{
    return WAIT_FOR(mem_read(&vm->v.taken[vector]) == n);
}

/* Interrupts of the host: on @cpu @n times @vector, and on no CPU another */
static void expect_irqs(unsigned cpu, unsigned vector, unsigned n)
{
    for (unsigned c = 0; c < num_cpus(); c++) {
        CHECK_EQ(irqs(c, vector), c == cpu ? n : 0);
        CHECK_EQ(irqs_all(c), c == cpu ? n : 0);
    }
}

/*
 * When this returns each CPU has taken what was sent to it before: an
 * interrupt that is not posted has come after it.
 */
static void settle(void)
{
    for (unsigned c = 1; c < num_cpus(); c++) {
        unsigned n = irqs(c, MARKER);

        apic_send(cpus[c].mpidr, 0x4000 | MARKER);
        CHECK(WAIT_FOR(irqs(c, MARKER) == n + 1));
    }
}

static unsigned irqs_but_markers(unsigned cpu)
{
    return irqs_all(cpu) - irqs(cpu, MARKER);
}

/* ---- The states ---- */

static void test_running(void)
{
    struct vm *vm;

    vms_begin();
    vm = start(0, idle_guest);
    for (unsigned i = 1; i <= 100; i++) {
        send(vm, 0);
        CHECK(wait_taken(vm, VECTOR, i));
    }
    /* Its CPU alone was told, once for each */
    CHECK(WAIT_FOR(irqs(vm->cpu, NV_RUNNING) == 100));
    expect_irqs(vm->cpu, NV_RUNNING, 100);
    CHECK_EQ(vm->v.taken_all, 100);
    stop(vm);
    CHECK_EQ(vm->halts, 0);
    EXPECT_NO_FAULT();
}

/* What comes while one is outstanding is taken with it */
static void test_together(void)
{
    struct vm *vm;

    vms_begin();
    vm = start(0, idle_guest);
    for (unsigned i = 1; i <= 20; i++) {
        for (unsigned n = 0; n < PTD_NUM_VECTORS; n++) {
            send(vm, n);
        }
        for (unsigned n = 0; n < PTD_NUM_VECTORS; n++) {
            CHECK(wait_taken(vm, VECTOR + n, i));
        }
    }
    CHECK(irqs(vm->cpu, NV_RUNNING) >= 20);
    CHECK(irqs(vm->cpu, NV_RUNNING) <= 20 * PTD_NUM_VECTORS);
    CHECK_EQ(vm->v.taken_all, 20 * PTD_NUM_VECTORS);
    stop(vm);
    EXPECT_NO_FAULT();
}

static void test_ready(void)
{
    struct vm *vm;
    unsigned exits;

    vms_begin();
    vm = start(0, idle_guest);
    preempt(vm);
    irq_forget();
    exits = mem_read(&vm->v.exits);
    for (unsigned n = 0; n < 4; n++) {
        send(vm, n);
        send(vm, n);
    }
    /* Posted, and nobody knows */
    CHECK_EQ(posted_count(&vm->pd), 4);
    CHECK_EQ(mem_read(&vm->pd.pir[VECTOR / 64]), 0xfull << VECTOR % 64);
    CHECK_EQ(mem_read(&vm->pd.control) & (POSTED_ON | POSTED_SN), POSTED_SN);
    settle();
    for (unsigned c = 0; c < num_cpus(); c++) {
        CHECK_EQ(irqs_but_markers(c), 0);
    }
    CHECK_EQ(mem_read(&vm->v.exits), exits);
    CHECK_EQ(mem_read(&vm->v.taken_all), 0);

    /* It has the CPU again, and takes each once */
    resume(vm);
    for (unsigned n = 0; n < 4; n++) {
        CHECK(wait_taken(vm, VECTOR + n, 1));
    }
    CHECK_EQ(vm->v.taken_all, 4);
    for (unsigned c = 0; c < num_cpus(); c++) {
        CHECK_EQ(irqs_but_markers(c), 0);
    }
    stop(vm);
    EXPECT_NO_FAULT();
}

/* An urgent one is notified nevertheless */
static void test_urgent(void)
{
    struct vm *vm;

    vms_begin();
    vm = start(0, idle_guest);
    preempt(vm);
    vtd_post(vm->d, entry(vm, 1), VECTOR + 1, &vm->pd, IRTE_URG);
    irq_forget();
    send(vm, 0);
    CHECK_EQ(mem_read(&vm->pd.control) & POSTED_ON, 0);
    send(vm, 1);
    CHECK_EQ(mem_read(&vm->pd.control) & POSTED_ON, POSTED_ON);
    CHECK(WAIT_FOR(irqs(vm->cpu, NV_RUNNING) == 1));
    /* One is outstanding: once */
    send(vm, 1);
    CHECK_EQ(posted_count(&vm->pd), 2);
    settle();
    CHECK_EQ(irqs(vm->cpu, NV_RUNNING), 1);
    for (unsigned c = 0; c < num_cpus(); c++) {
        CHECK_EQ(irqs_but_markers(c), c == vm->cpu);
    }
    resume(vm);
    CHECK(wait_taken(vm, VECTOR, 1));
    CHECK(wait_taken(vm, VECTOR + 1, 1));
    stop(vm);
    EXPECT_NO_FAULT();
}

/* The wake-up goes to CPU @wake_cpu, which need not be the guest's */
static void halt_and_wake(unsigned wake_cpu)
{
    struct vm *vm;

    vms_begin();
    vm = start(0, idle_guest);
    vm->wake_cpu = wake_cpu;
    for (unsigned i = 1; i <= 10; i++) {
        unsigned exits;

        mem_write(&vm->halt, true);
        CHECK(WAIT_FOR(mem_read(&vm->state) == HALTED));
        exits = mem_read(&vm->v.exits);
        settle();
        CHECK_EQ(mem_read(&vm->v.exits), exits);
        irq_forget();

        send(vm, 2);
        CHECK(wait_taken(vm, VECTOR + 2, i));
        CHECK(WAIT_FOR(mem_read(&vm->woke) == i));
        expect_irqs(wake_cpu, NV_WAKEUP, 1);
        CHECK_EQ(mem_read(&vm->state), RUNNING);
    }
    /* And now that it runs, the one for those that run */
    irq_forget();
    send(vm, 2);
    CHECK(wait_taken(vm, VECTOR + 2, 11));
    CHECK(WAIT_FOR(irqs(vm->cpu, NV_RUNNING) == 1));
    expect_irqs(vm->cpu, NV_RUNNING, 1);
    stop(vm);
    CHECK_EQ(vm->halts, 10);
    EXPECT_NO_FAULT();
}

static void test_halted(void)
{
    halt_and_wake(3);
}

static void test_halted_here(void)
{
    halt_and_wake(1);
}

/* Several in a row, one wake-up */
static void test_halted_several(void)
{
    struct vm *vm;

    vms_begin();
    vm = start(0, idle_guest);
    mem_write(&vm->hold, true);
    mem_write(&vm->halt, true);
    CHECK(WAIT_FOR(mem_read(&vm->state) == HALTED));
    irq_forget();
    for (unsigned n = 0; n < 4; n++) {
        send(vm, n);
    }
    CHECK_EQ(posted_count(&vm->pd), 4);
    CHECK(WAIT_FOR(irqs(3, NV_WAKEUP) == 1));
    mem_write(&vm->hold, false);
    cpu_kick(vm->cpu);
    for (unsigned n = 0; n < 4; n++) {
        CHECK(wait_taken(vm, VECTOR + n, 1));
    }
    expect_irqs(3, NV_WAKEUP, 1);
    stop(vm);
    EXPECT_NO_FAULT();
}

/* ---- All states in turn while interrupts come ---- */

#define STORM       4000

static void test_storm(void)
{
    unsigned sent[PTD_NUM_VECTORS] = { 0 }, n = 0, notified = 0;
    struct vm *vm;

    vms_begin();
    vm = make(0, sleepy_guest);
    vm->fidget = true;
    smp_start(vm->cpu, live, vm);
    for (unsigned i = 0; i < STORM; i++) {
        /* None that is still on its way: each is to be taken once */
        do {
            n = (n + 1) % PTD_NUM_VECTORS;
        } while (mem_read(&vm->v.taken[VECTOR + n]) != sent[n] &&
                 !failures());
        sent[n]++;
        send(vm, n);
        if (i % 16 == 0 && !CHECK(wait_taken(vm, VECTOR + n, sent[n]))) {
            break;
        }
    }
    for (unsigned k = 0; k < PTD_NUM_VECTORS; k++) {
        CHECK(wait_taken(vm, VECTOR + k, sent[k]));
    }
    CHECK_EQ(vm->v.taken_all, STORM);
    for (unsigned c = 0; c < num_cpus(); c++) {
        notified += irqs(c, NV_RUNNING) + irqs(c, NV_WAKEUP);
    }
    say("%u interrupts, %u notifications, %u halts, %u exits", STORM, notified,
        vm->halts, vm->v.exits);
    CHECK(notified <= STORM);
    CHECK(vm->halts > 0);
    /* It sleeps, so that what wakes it is taken */
    CHECK(WAIT_FOR(mem_read(&vm->state) == HALTED));
    mem_write(&vm->stop, true);
    send(vm, 0);
    stop(vm);
    EXPECT_NO_FAULT();
}

/* ---- Two guests ---- */

/* They drive their devices themselves: all that makes them leave is interrupts */
static void test_two(void)
{
    struct vm *vm;

    vms_begin();
    for (unsigned n = 0; n < 2; n++) {
        make(n, busy_guest);
    }
    for (unsigned n = 0; n < 2; n++) {
        smp_start(vms[n].cpu, live, &vms[n]);
    }
    for (unsigned n = 0; n < 2; n++) {
        vm = &vms[n];
        smp_wait(vm->cpu);
        CHECK_EQ(vm->v.taken[VECTOR], MESSAGES);
        CHECK_EQ(vm->v.taken_all, MESSAGES);
        CHECK_EQ(irqs(vm->cpu, NV_RUNNING), MESSAGES);
        CHECK_EQ(irqs_all(vm->cpu), MESSAGES);
        /* The end of each interrupt, and its own end */
        CHECK_EQ(vm->v.exits - vm->v.exits_intr, MESSAGES + 1);
        CHECK_EQ(posted_count(&vm->pd), 0);
    }
    CHECK_EQ(irqs_all(0), 0);
    CHECK_EQ(irqs_all(3), 0);
    EXPECT_NO_FAULT();
}

/* One is woken, ready, running: the other does not notice */
static void test_apart(void)
{
    struct vm *a, *b;
    unsigned exits;

    vms_begin();
    a = start(0, idle_guest);
    b = start(1, idle_guest);
    mem_write(&b->halt, true);
    CHECK(WAIT_FOR(mem_read(&b->state) == HALTED));
    settle();
    irq_forget();
    exits = mem_read(&a->v.exits);
    send(b, 0);
    CHECK(wait_taken(b, VECTOR, 1));
    expect_irqs(3, NV_WAKEUP, 1);
    preempt(b);
    send(b, 0);
    CHECK_EQ(posted_count(&b->pd), 1);
    CHECK_EQ(posted_count(&a->pd), 0);
    CHECK_EQ(mem_read(&a->v.exits), exits);

    send(a, 0);
    CHECK(wait_taken(a, VECTOR, 1));
    CHECK_EQ(irqs(a->cpu, NV_RUNNING), 1);
    CHECK_EQ(irqs(b->cpu, NV_RUNNING), 0);
    CHECK_EQ(mem_read(&b->v.taken_all), 1);
    resume(b);
    CHECK(wait_taken(b, VECTOR, 2));
    CHECK_EQ(mem_read(&a->v.taken_all), 1);
    stop(a);
    stop(b);
    EXPECT_NO_FAULT();
}

/* A device that claims the other's entry is refused, by its requester ID */
static void test_foreign(void)
{
    uint16_t sid = 0, index = 0;
    struct vm *a, *b;

    vms_begin();
    a = start(0, idle_guest);
    b = start(1, idle_guest);
    irq_forget();
    vtd_message(a->d, 0, entry(b, 0));
    send(a, 0);
    CHECK_EQ(vtd_fault(&sid, &index), 0x26);
    CHECK_EQ(sid, a->d->rid);
    CHECK_EQ(index, entry(b, 0));
    CHECK_EQ(posted_count(&a->pd), 0);
    CHECK_EQ(posted_count(&b->pd), 0);
    settle();
    for (unsigned c = 0; c < num_cpus(); c++) {
        CHECK_EQ(irqs_but_markers(c), 0);
    }
    CHECK_EQ(mem_read(&a->v.taken_all) + mem_read(&b->v.taken_all), 0);
    stop(a);
    stop(b);
    EXPECT_NO_FAULT();
}

/* From a remapped entry to a posted one and back, at once after IEC */
static void test_formats(void)
{
    struct vm *vm;

    vms_begin();
    vm = start(0, idle_guest);
    for (unsigned i = 1; i <= 20; i++) {
        vtd_remap(vm->d, entry(vm, 0), MARKER, cpus[3].mpidr);
        send(vm, 0);
        CHECK(WAIT_FOR(irqs(3, MARKER) == i));
        CHECK_EQ(mem_read(&vm->v.taken_all), i - 1);
        vtd_post(vm->d, entry(vm, 0), VECTOR, &vm->pd, 0);
        send(vm, 0);
        CHECK(wait_taken(vm, VECTOR, i));
        CHECK_EQ(irqs(3, MARKER), i);
    }
    stop(vm);
    EXPECT_NO_FAULT();
}

const struct test tests[] = {
    { "running: delivered, and only its CPU is told", test_running },
    { "running: several at once, each is taken once", test_together },
    { "ready: posted, nobody is disturbed", test_ready },
    { "ready: an urgent one is notified", test_urgent },
    { "halted: another CPU is told, and wakes it", test_halted },
    { "halted: its own CPU is told", test_halted_here },
    { "halted: several at once, one wake-up", test_halted_several },
    { "all states in turn, none is lost or doubled", test_storm },
    { "two guests, each drives its own device", test_two },
    { "what is for one does not reach the other", test_apart },
    { "a device cannot use the other's entry", test_foreign },
    { "an entry changes between posted and remapped", test_formats },
    {}
};
