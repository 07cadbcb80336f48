/*
 * Payloads: bare-metal test programs, hypervisors
 *
 * What each of them has: the machine, memory, CPUs, TAP.  A payload defines `const struct test tests[]`, ended by an empty row;
 * the library boots, runs them on CPU 0 in order, and ends the machine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_H
#define PAYLOAD_H

#include "asm.h"

/* ---- Tests (tap.c) ---- */

struct test {
    const char *name;
    void (*run)(void);
};
extern const struct test tests[];

/* Lines of TAP: whole ones, whatever CPU they come from */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* This test cannot run here */
void skip(const char *why);
/* Something that all tests need is not there: end */
void bail_out(const char *format, ...)
    __attribute__((format(printf, 1, 2), noreturn));
/* End the machine: 0 is success */
void machine_exit(int status) __attribute__((noreturn));

/* The rest of a test goes on after a failed check, from whatever CPU */
bool check_that(bool ok, const char *file, int line, const char *what);
bool check_equal(uint64_t got, uint64_t want, const char *file, int line,
                 const char *what);
#define CHECK(cond)         check_that(cond, __FILE__, __LINE__, #cond)
#define CHECK_EQ(got, want) check_equal(got, want, __FILE__, __LINE__, #got)
/* Failed checks of this test so far */
unsigned failures(void);
void run_tests(void) __attribute__((noreturn));
/* The end: an exception that nobody expects, and EXCEPTION_REGISTERS */
void exception_report(const char *what, uint64_t r0, uint64_t r1, uint64_t r2)
    __attribute__((noreturn));

/* ---- The machine (console.c; Arm: dt.c) ---- */

void console_init(void);
void console_put(char c);

/* Address and size number @n of the first node that is @compatible */
bool dt_reg(const char *compatible, unsigned n, uint64_t *base, uint64_t *size);
/* A property of the first node that is @compatible: big-endian cells */
const uint32_t *dt_cells(const char *compatible, const char *property,
                         unsigned *num);

/* ---- Memory (mem.c, mmu.c) ---- */

extern char image_end[];        /* from the linker script */
#define RAM_SIZE        (512 * MiB)     /* the runner says so to QEMU */

/* Zeroed memory, for ever; @size and @align are powers of two or multiples */
uint64_t mem_alloc(uint64_t size, uint64_t align);
/* What @address points to */
#define at(type, address)   ((type *)(uintptr_t)(address))
void mmu_init(void);
void mmu_enable(void);

/* ---- CPUs (jobs.c, smp.c) ---- */

#define MAX_CPUS        8

struct vcpu;
struct cpu {
    struct vcpu *vcpu;          /* start.S wants it first: the one that runs */
    unsigned index;
    uint64_t mpidr;             /* or APIC ID */
    void (*job)(void *arg);
    void *arg;
    unsigned jobs, done;        /* given, finished */
};
extern struct cpu cpus[MAX_CPUS];

static inline unsigned cpu_index(void)
{
    return this_cpu()->index;
}

unsigned num_cpus(void);
void smp_boot(void);
/* A CPU is there; it takes jobs for ever */
void smp_online(void) __attribute__((noreturn));
/* Have it look for a job */
void cpu_kick(unsigned cpu);
/* Run @job on another CPU, which must have none; its end is waited for apart */
void smp_start(unsigned cpu, void (*job)(void *arg), void *arg);
void smp_wait(unsigned cpu);
/* On all CPUs, this one included; returns when all have finished */
void smp_all(void (*job)(void *arg), void *arg);

struct spinlock {
    uint32_t taken;
};
void spin_lock(struct spinlock *lock);
void spin_unlock(struct spinlock *lock);

/* All of @num CPUs come here before any leaves; use it again at will */
struct barrier {
    uint32_t count, round;
};
void barrier_wait(struct barrier *b, unsigned num);

/* Microseconds since the machine's start */
uint64_t now_us(void);
/*
 * Wait until @cond holds; false if it does not within ten seconds, which no
 * host should be slow enough for.  The time is no part of what is tested.
 */
#define WAIT_FOR(cond) ({ \
    uint64_t end_ = now_us() + 10 * 1000 * 1000; \
    while (!(cond) && now_us() < end_) { \
        yield(); \
    } \
    (cond); \
})

/* A different number each time, the same ones in each run */
uint64_t pattern(void);

#endif
