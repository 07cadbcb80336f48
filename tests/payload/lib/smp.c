/*
 * Payloads: CPUs, through PSCI
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "gic.h"
#include "secure.h"
#include "start.h"

#define PSCI_CPU_ON     0xc4000003

/* start.S knows them */
_Static_assert(sizeof(struct cpu) == 48, "CPU_SIZE of start.S");
_Static_assert(offsetof(struct cpu, vcpu) == 0, "start.S");
_Static_assert(offsetof(struct cpu, index) == 8, "start.S");

uint64_t now_us(void)
{
    isb();
    /* Frequencies are multiples of 500 kHz */
    return read_sysreg(cntvct_el0) * 2 / (read_sysreg(cntfrq_el0) / 500000);
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
        console_init();
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
    smp_online();
}

void cpu_kick(unsigned cpu)
{
    gic_send_sgi(cpu, SGI_JOB);
}
