/*
 * Payloads: CPUs, through PSCI, and what they agree by
 *
 * CPU 0 runs the tests.  The others wait for jobs, asleep: a job is announced
 * by an SGI.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "gic.h"
#include "secure.h"
#include "start.h"

#define PSCI_CPU_ON     0xc4000003

struct cpu cpus[MAX_CPUS];
static unsigned online = 1;

/* start.S knows them */
_Static_assert(sizeof(struct cpu) == 48, "CPU_SIZE of start.S");
_Static_assert(offsetof(struct cpu, vcpu) == 0, "start.S");
_Static_assert(offsetof(struct cpu, index) == 8, "start.S");

/* ---- Locks ---- */

void spin_lock(struct spinlock *l)
{
    while (__atomic_exchange_n(&l->taken, 1, __ATOMIC_ACQUIRE)) {
        while (mem_read(&l->taken)) {
            yield();
        }
    }
}

void spin_unlock(struct spinlock *l)
{
    mem_write(&l->taken, 0);
}

void barrier_wait(struct barrier *b, unsigned num)
{
    uint32_t round = mem_read(&b->round);

    if (mem_add(&b->count, 1) == num) {
        mem_write(&b->count, 0);
        mem_write(&b->round, round + 1);
    } else {
        while (mem_read(&b->round) == round) {
            yield();
        }
    }
}

uint64_t now_us(void)
{
    isb();
    /* Frequencies are multiples of 500 kHz */
    return read_sysreg(cntvct_el0) * 2 / (read_sysreg(cntfrq_el0) / 500000);
}

uint64_t pattern(void)
{
    static uint64_t n;
    /* splitmix64 */
    uint64_t x = mem_add(&n, 1) * 0x9e3779b97f4a7c15ull;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

/* ---- Start ---- */

static int64_t smc(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    register uint64_t x0 asm("x0") = function;
    register uint64_t x1 asm("x1") = a;
    register uint64_t x2 asm("x2") = b;
    register uint64_t x3 asm("x3") = c;

    asm volatile("smc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : :
                 "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12",
                 "x13", "x14", "x15", "x16", "x17", "memory");
    return x0;
}

/* ---- The secure side: functions of el3.S ---- */

bool secure_there(void)
{
    return el3_booted;
}

uint32_t secure_read32(uint64_t address)
{
    return smc(0xc2000001, address, 0, 0);
}

void secure_write32(uint64_t address, uint32_t value)
{
    smc(0xc2000002, address, value, 0);
}

uint64_t secure_read64(uint64_t address)
{
    return smc(0xc2000003, address, 0, 0);
}

void secure_write64(uint64_t address, uint64_t value)
{
    smc(0xc2000004, address, value, 0);
}

/* ---- CPUs ---- */

static void wait_for_jobs(void)
{
    struct cpu *me = this_cpu();

    for (;;) {
        irq_mask();
        while (mem_read(&me->jobs) == me->done) {
            wfi();
            irq_unmask();
            isb();
            irq_mask();
        }
        irq_unmask();
        me->job(me->arg);
        mem_write(&me->done, me->done + 1);
    }
}

unsigned num_cpus(void)
{
    return mem_read(&online);
}

/* The virt board: a CPU's affinity is its number; each has a redistributor */
void smp_boot(void)
{
    for (unsigned i = 1; i < MAX_CPUS && gicr(i); i++) {
        if (smc(PSCI_CPU_ON, i, (uintptr_t)secondary_start, i) ||
            !WAIT_FOR(num_cpus() == i + 1)) {
            bail_out("CPU %u does not start", i);
        }
    }
}

void cpu_main(void)
{
    struct cpu *me = this_cpu();
    bool boot = me->index == 0;

    if (boot) {
        tap_init();
        mmu_init();
    }
    mmu_enable();
    me->mpidr = read_sysreg(mpidr_el1) & 0xff00ffffffull;
    /* No traps; IRQs come here, whatever the EL */
    write_sysreg(BIT(31) | BIT(4) | BIT(3), hcr_el2);
    isb();
    if (boot) {
        gic_init();
    }
    gic_cpu_init();
    irq_unmask();
    if (boot) {
        smp_boot();
        run_tests();
    }
    mem_add(&online, 1);
    wait_for_jobs();
}

/* ---- Jobs ---- */

void smp_start(unsigned cpu, void (*job)(void *arg), void *arg)
{
    struct cpu *c = &cpus[cpu];

    c->job = job;
    c->arg = arg;
    mem_write(&c->jobs, c->jobs + 1);
    gic_send_sgi(cpu, SGI_JOB);
}

void smp_wait(unsigned cpu)
{
    struct cpu *c = &cpus[cpu];

    while (mem_read(&c->done) != c->jobs) {
        yield();
    }
}

void smp_all(void (*job)(void *arg), void *arg)
{
    for (unsigned i = 1; i < num_cpus(); i++) {
        smp_start(i, job, arg);
    }
    job(arg);
    for (unsigned i = 1; i < num_cpus(); i++) {
        smp_wait(i);
    }
}
