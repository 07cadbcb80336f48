/*
 * Tables and banks for the machine of machine.h
 *
 * One machine, @m; its masters go to banks of the same number, which translate
 * 39 bits in pages of 4 KiB by tables of one page for each level.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_UNIT_SMMUV2_MACHINE_SETUP_H
#define TESTS_UNIT_SMMUV2_MACHINE_SETUP_H

#include "machine.h"

#define RO      IOMMU_RO
#define WO      IOMMU_WO

/* Registers, as offsets: see test-smmuv2-regtable.c */
enum {
    CR0 = 0, GFSR = 0x48, GFSRRESTORE = 0x4c, GFAR = 0x40, GFSYNR1 = 0x54,
    STLBIALL = 0x60, TLBIVMID = 0x64, TLBIALLNSNH = 0x68, TLBIALLH = 0x6c,
    TLBIVAH = 0x78, TLBIVALH64 = 0xb0, TLBIVMIDS1 = 0xb8, TLBIVAH64 = 0xc0,
    SMR = 0x800, S2CR = 0xc00,
    CBAR = 0, CBFRSYNRA = 0x400, CBA2R = 0x800,
    SCTLR = 0, TCR2 = 0x10, TTBR0 = 0x20, TTBR1 = 0x28, TCR = 0x30,
    MAIR0 = 0x38, FSR = 0x58, FSRRESTORE = 0x5c, FAR = 0x60, FSYNR0 = 0x68,
    IPAFAR = 0x70,
    TLBIVA = 0x600, TLBIVAA = 0x608, TLBIASID = 0x610, TLBIALL = 0x618,
    TLBIVAL = 0x620, TLBIVAAL = 0x628, TLBIIPAS2 = 0x630, TLBIIPAS2L = 0x638,
};

/* SCTLR: M, CFRE, CFIE, HUPCF: a fault leaves other accesses alone */
#define ENABLE      0x161
/* Leaves: AF, inner shareable, and user or S2AP read and write */
#define S1_LEAF     (0x400 | 0x300 | 0x40 | 1)
#define S2_LEAF     (0x400 | 0x300 | 0xfc | 1)
#define PAGE        2
#define TABLE       3
#define NG          0x800

extern Machine *m;

/* In place of the last one */
void new_machine(const MachineConfig *config);

/* Registers; cb4() and cb8() write 4 and 8 bytes */
void gr0(unsigned offset, uint64_t value);
void cb4(unsigned cb, unsigned offset, uint32_t value);
void cb8(unsigned cb, unsigned offset, uint64_t value);
uint64_t cb_read(unsigned cb, unsigned offset);

/* Streams to banks of the same number; all faults are reported */
void setup_streams(void);
/* A bank with the tables at @root: a page of level 1, one of 2, one of 3 */
void setup_bank(unsigned cb, uint32_t cbar, unsigned asid, uint64_t root);

/* A descriptor */
void store(uint64_t addr, uint64_t desc);
/* Map a page, or 2 MiB, in the tables at @root */
void map_page(uint64_t root, uint64_t va, uint64_t leaf);
void map_2m(uint64_t root, uint64_t va, uint64_t leaf);

/* Bank 1 nested in bank 2, with 0x40201000 -> 0x14000 -> 0x12345678000 */
void setup_nested(void);

/* Where a read of @addr goes */
uint64_t out(unsigned master, uint64_t addr);
/* Whether the master gets a bus error */
bool aborts(unsigned master, uint64_t addr, IOMMUAccessFlags flag);

#endif
