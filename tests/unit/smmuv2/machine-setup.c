/*
 * Tables and banks for the machine of machine.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "machine-setup.h"

Machine *m;

void store(uint64_t addr, uint64_t desc)
{
    stq_le_p(m->ram + addr, desc);
}

void gr0(unsigned offset, uint64_t value)
{
    machine_write(m, machine_gr0(m, offset), value, 4);
}

void cb4(unsigned cb, unsigned offset, uint32_t value)
{
    machine_write(m, machine_cb(m, cb, offset), value, 4);
}

void cb8(unsigned cb, unsigned offset, uint64_t value)
{
    machine_write(m, machine_cb(m, cb, offset), value, 8);
}

uint64_t cb_read(unsigned cb, unsigned offset)
{
    return machine_read(m, machine_cb(m, cb, offset), 4);
}

void setup_streams(void)
{
    for (int i = 0; i < MACHINE_MASTERS; i++) {
        gr0(SMR + 4 * i, 0x80000000 | i);
        gr0(S2CR + 4 * i, i);
    }
    /* Faults are reported, conflicts and unknown streams are faults */
    gr0(CR0, 0x200436);
}

void setup_bank(unsigned cb, uint32_t cbar, unsigned asid,
                       uint64_t root)
{
    unsigned type = cbar >> 16 & 3;

    machine_write(m, machine_gr1(m, CBAR + 4 * cb), cbar, 4);
    machine_write(m, machine_gr1(m, CBA2R + 4 * cb), 1, 4);
    cb4(cb, MAIR0, 0xff);
    if (type == 0) {
        cb4(cb, TCR, 5 << 16 | 1 << 6 | 25);
    } else {
        cb4(cb, TCR2, 7 << 15 | 5);
        cb4(cb, TCR, 2u << 30 | 25 << 16 | 25);
    }
    cb8(cb, TTBR0, (uint64_t)asid << 48 | root);
    cb8(cb, TTBR1, root);
    cb4(cb, SCTLR, ENABLE);
}

void map_page(uint64_t root, uint64_t va, uint64_t leaf)
{
    store(root + (va >> 30 & 511) * 8, (root + 0x1000) | TABLE);
    store(root + 0x1000 + (va >> 21 & 511) * 8, (root + 0x2000) | TABLE);
    store(root + 0x2000 + (va >> 12 & 511) * 8, leaf | PAGE);
}

void map_2m(uint64_t root, uint64_t va, uint64_t leaf)
{
    store(root + (va >> 30 & 511) * 8, (root + 0x1000) | TABLE);
    store(root + 0x1000 + (va >> 21 & 511) * 8, leaf);
}

void new_machine(const MachineConfig *config)
{
    if (m) {
        machine_free(m);
    }
    m = machine_new(config);
    setup_streams();
}

uint64_t out(unsigned master, uint64_t addr)
{
    IOMMUTLBEntry e = machine_translate(m, master, addr, RO);

    g_assert_cmpint(e.perm & RO, ==, RO);
    g_assert_true(e.target_as == &m->as);
    g_assert_cmphex(e.iova, ==, addr & ~e.addr_mask);
    return e.translated_addr + (addr & e.addr_mask);
}

bool aborts(unsigned master, uint64_t addr, IOMMUAccessFlags flag)
{
    return machine_translate(m, master, addr, flag).perm == IOMMU_NONE;
}

void setup_nested(void)
{
    new_machine(&machine_default);
    setup_bank(1, 3 << 16 | 2 << 8, 1, 0x10000);
    setup_bank(2, 0 << 16 | 7, 0, 0x20000);
    /* IPA 0x10000..0x12fff, where stage 1's tables are, to itself */
    map_page(0x20000, 0, 0);
    for (uint64_t page = 0x10000; page < 0x13000; page += 0x1000) {
        map_page(0x20000, page, page | S2_LEAF);
    }
    map_page(0x10000, 0x40201000, 0x14000 | S1_LEAF);
    map_page(0x20000, 0x14000, 0x12345678000 | S2_LEAF);
}
