/*
 * A machine around the SMMUv2 model, for tests
 *
 * All of the model but its QOM shell (smmuv2.c) and PCI: registers behind
 * MMIO, masters with a TBU each, memory from address 0 on that is an array,
 * interrupt lines that are numbers.  What the model needs of QEMU's system
 * emulation is stubbed in machine.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_UNIT_SMMUV2_MACHINE_H
#define TESTS_UNIT_SMMUV2_MACHINE_H

#include "hw/arm/smmuv2/smmuv2-mmio.h"
#include "hw/arm/smmuv2/smmuv2-tbu.h"

#define MACHINE_MASTERS     8

typedef struct MachineConfig {
    unsigned num_smrg, num_cb, num_context_irqs;
    unsigned page_shift;
    uint32_t idr0;              /* the features; NUMSMRG is added */
    uint32_t idr2;
    uint32_t tlb_entries, utlb_entries;
    size_t ram_size;
} MachineConfig;

/* Everything offered, small TLBs */
extern const MachineConfig machine_default;

/* A line: its level, and how often that was set */
typedef struct Line {
    struct IRQState irq;
    int level, count;
} Line;

/* What a master's notifier was told */
typedef struct Unmapped {
    IOMMUNotifier notifier;
    bool all;
    unsigned events;
    uint64_t addr, size;        /* of the last one that was not of all */
} Unmapped;

typedef struct Machine Machine;
struct Machine {
    SMMUv2TCU tcu;
    SMMUv2MMIO mmio;
    AddressSpace as, secure_as, raz;
    SMMUv2TBU *tbu[MACHINE_MASTERS];
    uint16_t stream_id[MACHINE_MASTERS];
    Unmapped unmapped[MACHINE_MASTERS];
    Line global_irq, secure_irq, pmu_irq, context_irq[SMMUV2_MAX_CB];
    qemu_irq context_irqs[SMMUV2_MAX_CB];
    uint8_t *ram;
    size_t ram_size;
    uint64_t bad;               /* descriptor that cannot be read; odd: none */
    aligned_uint64_t descriptors;       /* that were read; about */
    uint64_t secure_descriptors;        /* of those, by secure accesses */
    void (*on_read)(Machine *m);        /* before a descriptor is read */
};

Machine *machine_new(const MachineConfig *config);
void machine_free(Machine *m);

/* As a reset of the device; memory stays */
void machine_reset(Machine *m);

/* MMIO by offset in the region */
uint64_t machine_read(Machine *m, uint64_t offset, unsigned size);
void machine_write(Machine *m, uint64_t offset, uint64_t value, unsigned size);

/* Offset of a register in the region */
uint64_t machine_gr0(Machine *m, unsigned offset);
uint64_t machine_gr1(Machine *m, unsigned offset);
uint64_t machine_cb(Machine *m, unsigned cb, unsigned offset);

/* One access, as the memory core asks for it */
IOMMUTLBEntry machine_translate(Machine *m, unsigned master, uint64_t addr,
                                IOMMUAccessFlags flag);

/* Forget what a master was told */
void machine_told_nothing(Machine *m, unsigned master);

/* Have masters told of invalidations, in m->unmapped */
void machine_notify(Machine *m, unsigned master, bool on);

#endif
