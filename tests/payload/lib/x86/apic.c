/*
 * Payloads: local APICs in xAPIC mode, and who was interrupted how often
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "x86.h"

#define APIC            0xfee00000ull
#define APIC_ID         0x20
#define APIC_TPR        0x80
#define APIC_EOI        0xb0
#define APIC_SVR        0xf0
#define APIC_ICR        0x300
#define APIC_ICR_HI     0x310
#define APIC_LVT_TIMER  0x320
#define APIC_LVT_LINT0  0x350
#define APIC_LVT_LINT1  0x360
#define LVT_MASKED      BIT(16)
#define ICR_BUSY        BIT(12)
#define CODE64          0x08
/* Both 8259s */
#define PIC_MASK0       0x21
#define PIC_MASK1       0xa1

static unsigned counts[MAX_CPUS][256];
static void (*handlers[256])(unsigned vector);

void idt_fill(struct gate *idt, const char *code)
{
    for (unsigned v = 0; v < 256; v++) {
        uint64_t to = (uintptr_t)code + 16 * v;

        /* Present, interrupt gate */
        idt[v].lo = (to & 0xffff) | CODE64 << 16 | 0x8eull << 40 |
                    (to >> 16 & 0xffff) << 48;
        idt[v].hi = to >> 32;
    }
}

void apic_init(void)
{
    if (!cpu_index()) {
        out8(PIC_MASK0, 0xff);
        out8(PIC_MASK1, 0xff);
    }
    mmio_write32(APIC + APIC_LVT_TIMER, LVT_MASKED);
    mmio_write32(APIC + APIC_LVT_LINT0, LVT_MASKED);
    mmio_write32(APIC + APIC_LVT_LINT1, LVT_MASKED);
    mmio_write32(APIC + APIC_TPR, 0);
    mmio_write32(APIC + APIC_SVR, BIT(8) | VECTOR_SPURIOUS);
    this_cpu()->mpidr = mmio_read32(APIC + APIC_ID) >> 24;
}

void apic_send(unsigned apic_id, uint32_t icr)
{
    mmio_write32(APIC + APIC_ICR_HI, apic_id << 24);
    mmio_write32(APIC + APIC_ICR, icr);
    while (mmio_read32(APIC + APIC_ICR) & ICR_BUSY) {
        yield();
    }
}

void irq_handle(unsigned vector, void (*handler)(unsigned vector))
{
    mem_write(&handlers[vector], handler);
}

unsigned irqs(unsigned cpu, unsigned vector)
{
    return mem_read(&counts[cpu][vector]);
}

unsigned irqs_all(unsigned cpu)
{
    unsigned n = 0;

    for (unsigned v = 32; v < 256; v++) {
        n += v == VECTOR_KICK ? 0 : irqs(cpu, v);
    }
    return n;
}

void irq_forget(void)
{
    for (unsigned cpu = 0; cpu < MAX_CPUS; cpu++) {
        for (unsigned v = 0; v < 256; v++) {
            mem_write(&counts[cpu][v], 0);
        }
    }
}

void interrupt(uint64_t vector, struct frame *f)
{
    void (*handler)(unsigned vector);

    if (vector < 32) {
        char name[] = "vector 0x00";

        name[9] = "01"[vector >> 4];
        name[10] = "0123456789abcdef"[vector & 15];
        exception_report(name, f->error, f->rip, read_cr(2));
    }
    mem_add(&counts[cpu_index()][vector], 1);
    handler = mem_read(&handlers[vector]);
    if (handler) {
        handler(vector);
    }
    if (vector != VECTOR_SPURIOUS) {
        mmio_write32(APIC + APIC_EOI, 0);
    }
}
