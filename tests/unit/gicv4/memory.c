/*
 * Guest memory around GIC sources, for tests
 *
 * What the sources call of QEMU's memory core.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exec/address-spaces.h"
#include "exec/memory.h"
#include "memory.h"

uint8_t test_ram[RAM_SIZE] QEMU_ALIGNED(4096);
void (*test_mmio_hook)(void);

static MemoryRegion ram = { .ram = true }, mmio, nothing;

MemoryRegion *flatview_translate(FlatView *fv, hwaddr addr, hwaddr *xlat,
                                 hwaddr *len, bool is_write, MemTxAttrs attrs)
{
    if (addr < RAM_SIZE) {
        *xlat = addr;
        *len = MIN(*len, RAM_SIZE - addr);
        /* qemu_map_ram_ptr() wants to know which */
        ram.ram_block = (RAMBlock *)&ram;
        return &ram;
    }
    if (addr < MMIO + MMIO_SIZE) {
        *xlat = addr - MMIO;
        *len = MIN(*len, MMIO + MMIO_SIZE - addr);
        return &mmio;
    }
    *xlat = 0;
    return &nothing;
}

bool memory_region_is_ram_device(MemoryRegion *mr)
{
    return false;
}

void *qemu_map_ram_ptr(RAMBlock *block, ram_addr_t addr)
{
    g_assert_true((MemoryRegion *)block == &ram);
    return test_ram + addr;
}

/* One byte after the other, whatever they are */
static MemTxResult transfer(hwaddr addr, uint8_t *buf, hwaddr len,
                            bool is_write)
{
    MemTxResult result = MEMTX_OK;
    bool hooked = false;

    for (hwaddr i = 0; i < len; i++) {
        if (addr + i < RAM_SIZE) {
            if (is_write) {
                test_ram[addr + i] = buf[i];
            } else {
                buf[i] = test_ram[addr + i];
            }
            continue;
        }
        if (!is_write) {
            buf[i] = 0;
        }
        if (addr + i >= MMIO + MMIO_SIZE) {
            result |= MEMTX_DECODE_ERROR;
        } else if (test_mmio_hook && !hooked) {
            hooked = true;
            test_mmio_hook();
        }
    }
    return result;
}

MemTxResult flatview_read_continue(FlatView *fv, hwaddr addr, MemTxAttrs attrs,
                                   void *buf, hwaddr len, hwaddr addr1,
                                   hwaddr l, MemoryRegion *mr)
{
    return transfer(addr, buf, len, false);
}

MemTxResult address_space_read_full(AddressSpace *as, hwaddr addr,
                                    MemTxAttrs attrs, void *buf, hwaddr len)
{
    return transfer(addr, buf, len, false);
}

MemTxResult address_space_write(AddressSpace *as, hwaddr addr,
                                MemTxAttrs attrs, const void *buf, hwaddr len)
{
    return transfer(addr, (uint8_t *)buf, len, true);
}
