/*
 * Payloads: x86 CPUs, and where q35 has PCI
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "pci.h"
#include "x86.h"

#define TRAMPOLINE      0x8000ull
#define ICR_INIT        0x4500
#define ICR_STARTUP     0x4600
#define ICR_FIXED       0x4000

/* start.S knows them */
_Static_assert(sizeof(struct cpu) == 48, "CPU_SIZE of start.S");
_Static_assert(offsetof(struct cpu, index) == 8, "start.S");

static uint64_t tsc_khz;

/* ---- Time: the TSC, whose frequency the 8254 tells ---- */

static uint16_t pit_count(void)
{
    uint8_t lo;

    out8(0x43, 0);                  /* latch channel 0 */
    lo = in8(0x40);
    return lo | in8(0x40) << 8;
}

static void find_tsc_khz(void)
{
    uint64_t from;
    uint16_t start;

    out8(0x43, 0x34);               /* channel 0: rate, from 65536 down */
    out8(0x40, 0);
    out8(0x40, 0);
    start = pit_count();
    from = rdtsc();
    /* 1193182 Hz: 10 ms */
    while ((uint16_t)(start - pit_count()) < 11932) {
        yield();
    }
    tsc_khz = (rdtsc() - from) / 10;
}

uint64_t now_us(void)
{
    return rdtsc() / (tsc_khz / 1000);
}

/* ---- Start ---- */

static void copy(uint64_t to, const char *from, const char *end)
{
    while (from < end) {
        *at(volatile char, to++) = *from++;
    }
}

/* SeaBIOS knows how many there are; so does fw_cfg, by key 5 */
static unsigned count_cpus(void)
{
    uint8_t lo;

    out16(0x510, 5);
    lo = in8(0x511);
    return lo | in8(0x511) << 8;
}

/* APIC IDs are numbers of CPUs */
void smp_boot(void)
{
    const unsigned present = count_cpus();

    if (present > MAX_CPUS) {
        bail_out("%u CPUs are too many", present);
    }
    copy(TRAMPOLINE, trampoline, trampoline_end);
    for (unsigned i = 1; i < present; i++) {
        *at(volatile uint32_t, TRAMPOLINE + (trampoline_cpu - trampoline)) = i;
        apic_send(i, ICR_INIT);
        apic_send(i, ICR_STARTUP | TRAMPOLINE >> 12);
        if (!WAIT_FOR(num_cpus() == i + 1)) {
            bail_out("CPU %u does not start", i);
        }
    }
}

void cpu_kick(unsigned cpu)
{
    apic_send(cpus[cpu].mpidr, ICR_FIXED | VECTOR_KICK);
}

void cpu_main(void)
{
    const bool boot = cpu_index() == 0;

    if (boot) {
        console_init();
        idt_fill(host_idt, host_gates);
        find_tsc_khz();
    }
    apic_init();
    irq_unmask();
    if (boot) {
        smp_boot();
        run_tests();
    }
    smp_online();
}

/* ---- PCI ---- */

void pci_host(uint64_t *ecam, uint64_t *window, uint64_t *end)
{
    uint64_t base;

    out32(0xcf8, BIT(31) | 0x60);       /* PCIEXBAR of 00:00.0 */
    base = in32(0xcfc);
    if (!(base & 1)) {
        bail_out("no PCIEXBAR: is this a q35?");
    }
    *ecam = base & 0xf0000000;
    /* SeaBIOS fills its window from above, and that is not nearly full */
    *window = 0xd0000000;
    *end = 0xe0000000;
}
