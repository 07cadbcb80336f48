/*
 * Payloads: what an x86 CPU can do that C cannot say, and its machine
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_ASM_H
#define PAYLOAD_ASM_H

#include "../base.h"

#define yield()         asm volatile("pause" : : : "memory")
#define irq_mask()      asm volatile("cli" : : : "memory")
#define irq_unmask()    asm volatile("sti" : : : "memory")
/* Asleep until there is an interrupt, which is then taken; masked before, after */
#define wait_for_irq()  asm volatile("sti; hlt; cli" : : : "memory")

#define RAM_BASE        0ull
/* What is told of an exception that nobody expects */
#define EXCEPTION_REGISTERS { "error code", "RIP", "CR2" }

struct cpu;
static inline struct cpu *this_cpu(void)
{
    struct cpu *cpu;

    /* start.S has put it there */
    asm("mov %%gs:0, %0" : "=r"(cpu));
    return cpu;
}

static inline uint64_t read_msr(uint32_t msr)
{
    uint32_t lo, hi;

    asm volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
    return (uint64_t)hi << 32 | lo;
}

static inline void write_msr(uint32_t msr, uint64_t v)
{
    asm volatile("wrmsr" : : "a"((uint32_t)v), "d"((uint32_t)(v >> 32)),
                 "c"(msr) : "memory");
}

#define read_cr(n) ({ \
    uint64_t v_; \
    asm volatile("mov %%cr" #n ", %0" : "=r"(v_) : : "memory"); \
    v_; \
})

static inline uint64_t rdtsc(void)
{
    uint32_t lo, hi;

    asm volatile("rdtsc" : "=a"(lo), "=d"(hi) : : "memory");
    return (uint64_t)hi << 32 | lo;
}

/* Ports */
#define PORT_IN(name, type) \
static inline type name(uint16_t port) \
{ \
    type v; \
    asm volatile("in %1, %0" : "=a"(v) : "Nd"(port) : "memory"); \
    return v; \
}
#define PORT_OUT(name, type) \
static inline void name(uint16_t port, type v) \
{ \
    asm volatile("out %0, %1" : : "a"(v), "Nd"(port) : "memory"); \
}
PORT_IN(in8, uint8_t)
PORT_IN(in16, uint16_t)
PORT_IN(in32, uint32_t)
PORT_OUT(out8, uint8_t)
PORT_OUT(out16, uint16_t)
PORT_OUT(out32, uint32_t)

/*
 * Device registers, by instructions whose length and operands are known: a
 * guest's may have to be emulated
 */
#define MMIO(bits, type, mov) \
static inline type mmio_read##bits(uint64_t at) \
{ \
    type v; \
    asm volatile(mov " (%1), %0" : "=a"(v) : "b"(at) : "memory"); \
    return v; \
} \
static inline void mmio_write##bits(uint64_t at, type v) \
{ \
    asm volatile(mov " %0, (%1)" : : "a"(v), "b"(at) : "memory"); \
}
MMIO(8, uint8_t, "movb")
MMIO(16, uint16_t, "movw")
MMIO(32, uint32_t, "movl")
MMIO(64, uint64_t, "movq")

/* Memory that a device or another CPU uses too */
#define mem_read(p)         __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define mem_write(p, v)     __atomic_store_n(p, v, __ATOMIC_RELEASE)
#define mem_add(p, v)       __atomic_add_fetch(p, v, __ATOMIC_ACQ_REL)

#endif
