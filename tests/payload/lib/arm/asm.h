/*
 * Payloads: what an Arm CPU can do that C cannot say, and its machine
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_ASM_H
#define PAYLOAD_ASM_H

#include "../base.h"

#define STRING_(x)          #x
#define STRING(x)           STRING_(x)

#define read_sysreg(r) ({ \
    uint64_t v_; \
    asm volatile("mrs %0, " STRING(r) : "=r"(v_) : : "memory"); \
    v_; \
})
#define write_sysreg(v, r) do { \
    uint64_t v_ = (v); \
    asm volatile("msr " STRING(r) ", %x0" : : "rZ"(v_) : "memory"); \
} while (0)

#define isb()   asm volatile("isb" : : : "memory")
#define dsb()   asm volatile("dsb sy" : : : "memory")
#define wfi()   asm volatile("wfi" : : : "memory")
#define yield() asm volatile("yield" : : : "memory")
/* Asleep until there is an interrupt, which is then taken; masked before, after */
#define wait_for_irq() do { \
    wfi(); \
    irq_unmask(); \
    isb(); \
    irq_mask(); \
} while (0)
#define irq_mask()      asm volatile("msr daifset, #2" : : : "memory")
#define irq_unmask()    asm volatile("msr daifclr, #2" : : : "memory")

#define RAM_BASE    0x40000000ull
/* What is told of an exception that nobody expects */
#define EXCEPTION_REGISTERS { "ESR", "ELR", "FAR" }

struct cpu;
static inline struct cpu *this_cpu(void)
{
    return (struct cpu *)read_sysreg(tpidr_el2);
}

/* Device registers; what memory saw before them is there for the device */
static inline uint32_t mmio_read32(uint64_t at)
{
    uint32_t v;

    asm volatile("ldr %w0, [%1]" : "=r"(v) : "r"(at) : "memory");
    dsb();
    return v;
}

static inline uint64_t mmio_read64(uint64_t at)
{
    uint64_t v;

    asm volatile("ldr %0, [%1]" : "=r"(v) : "r"(at) : "memory");
    dsb();
    return v;
}

static inline void mmio_write8(uint64_t at, uint8_t v)
{
    dsb();
    asm volatile("strb %w0, [%1]" : : "rZ"(v), "r"(at) : "memory");
}

static inline void mmio_write16(uint64_t at, uint16_t v)
{
    dsb();
    asm volatile("strh %w0, [%1]" : : "rZ"(v), "r"(at) : "memory");
}

static inline void mmio_write32(uint64_t at, uint32_t v)
{
    dsb();
    asm volatile("str %w0, [%1]" : : "rZ"(v), "r"(at) : "memory");
}

static inline void mmio_write64(uint64_t at, uint64_t v)
{
    dsb();
    asm volatile("str %x0, [%1]" : : "rZ"(v), "r"(at) : "memory");
}

/* Memory that a device or another CPU uses too */
#define mem_read(p)         __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define mem_write(p, v)     __atomic_store_n(p, v, __ATOMIC_RELEASE)
#define mem_add(p, v)       __atomic_add_fetch(p, v, __ATOMIC_ACQ_REL)

#endif
