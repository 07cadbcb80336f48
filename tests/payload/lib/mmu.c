/*
 * Payloads: memory, mapped to itself
 *
 * 39 bits of addresses in blocks of 1 GiB: the first and what is above RAM is
 * device memory, RAM is write-back and executable.  The first 2 MiB are not
 * mapped, so that a null pointer shows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"

#define DESC_BLOCK      1ull
#define DESC_TABLE      3ull
#define DESC_DEVICE     (0ull << 2)
#define DESC_NORMAL     (1ull << 2)
#define DESC_AP         (1ull << 6)         /* RES1 at EL2 */
#define DESC_INNER      (3ull << 8)
#define DESC_AF         (1ull << 10)
#define DESC_XN         (1ull << 54)

#define MAIR            0xff04ull           /* 0: nGnRE, 1: write-back */
/* T0SZ 25, tables write-back and inner shareable, 40 bits of PA; RES1 */
#define TCR             (25 | 1 << 8 | 1 << 10 | 3 << 12 | 2 << 16 | \
                         1u << 23 | 1u << 31)
/* RES1, I, SA, C, M */
#define SCTLR           (0x30c50830ull | 1 << 12 | 1 << 3 | 1 << 2 | 1)

static uint64_t root[512] __attribute__((aligned(4096)));
static uint64_t low[512] __attribute__((aligned(4096)));

void mmu_init(void)
{
    const uint64_t device = DESC_DEVICE | DESC_AF | DESC_AP | DESC_XN |
                            DESC_BLOCK;

    for (uint64_t i = 1; i < 512; i++) {
        low[i] = i * 2 * MiB | device;
        root[i] = i * GiB | device;
    }
    root[0] = (uintptr_t)low | DESC_TABLE;
    root[1] = GiB | DESC_NORMAL | DESC_INNER | DESC_AF | DESC_AP | DESC_BLOCK;
}

void mmu_enable(void)
{
    write_sysreg(MAIR, mair_el2);
    write_sysreg(TCR, tcr_el2);
    write_sysreg((uintptr_t)root, ttbr0_el2);
    isb();
    asm volatile("tlbi alle2; dsb sy; isb" : : : "memory");
    write_sysreg(SCTLR, sctlr_el2);
    isb();
}
