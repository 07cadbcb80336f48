/*
 * Payloads: what CPUs do for one another, and what they agree by
 *
 * CPU 0 runs the tests.  The others wait for jobs, asleep; cpu_kick() wakes
 * one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"

struct cpu cpus[MAX_CPUS];
static unsigned online = 1;

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

uint64_t pattern(void)
{
    static uint64_t n;
    /* splitmix64 */
    uint64_t x = mem_add(&n, 1) * 0x9e3779b97f4a7c15ull;

    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

/* ---- Jobs ---- */

void smp_online(void)
{
    struct cpu *me = this_cpu();

    mem_add(&online, 1);
    for (;;) {
        irq_mask();
        while (mem_read(&me->jobs) == me->done) {
            wait_for_irq();
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

void smp_start(unsigned cpu, void (*job)(void *arg), void *arg)
{
    struct cpu *c = &cpus[cpu];

    c->job = job;
    c->arg = arg;
    mem_write(&c->jobs, c->jobs + 1);
    cpu_kick(cpu);
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
