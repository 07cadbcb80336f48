/*
 * Fuzzer of VT-d posting: guest memory
 *
 * What posting.c calls of QEMU's memory core.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "exec/address-spaces.h"
#include "exec/memory.h"
#include "migration/vmstate.h"
#include "fuzz-memory.h"

/* Aligned as the memory of a guest is */
uint8_t fuzz_ram[RAM_SIZE + ROM_SIZE] QEMU_ALIGNED(4096);

AddressSpace address_space_memory;
const VMStateInfo vmstate_info_uint64;

static MemoryRegion ram, rom, mmio, nothing;
static uint64_t dirty_addr, dirty_len;
static int refs;

void fuzz_memory_init(void)
{
    ram.ram = true;
    rom.ram = true;
    rom.readonly = true;
}

bool fuzz_dirty(uint64_t *addr, uint64_t *len)
{
    const bool dirty = dirty_len;

    *addr = dirty_addr;
    *len = dirty_len;
    dirty_len = 0;
    return dirty;
}

static MemoryRegion *find(hwaddr addr, hwaddr *xlat, hwaddr *len)
{
    static const struct {
        MemoryRegion *mr;
        hwaddr end;
    } map[] = {
        { &ram, RAM_SIZE },
        { &rom, RAM_SIZE + ROM_SIZE },
        { &mmio, RAM_SIZE + ROM_SIZE + MMIO_SIZE },
    };
    hwaddr start = 0;

    for (unsigned i = 0; i < ARRAY_SIZE(map); i++) {
        if (addr < map[i].end) {
            *xlat = addr - start;
            *len = MIN(*len, map[i].end - addr);
            return map[i].mr;
        }
        start = map[i].end;
    }
    *xlat = 0;
    return &nothing;
}

static uint8_t *host(const MemoryRegion *mr, hwaddr xlat)
{
    return fuzz_ram + (mr == &rom ? RAM_SIZE : 0) + xlat;
}

MemoryRegion *flatview_translate(FlatView *fv, hwaddr addr, hwaddr *xlat,
                                 hwaddr *len, bool is_write, MemTxAttrs attrs)
{
    MemoryRegion *mr = find(addr, xlat, len);

    /* qemu_map_ram_ptr() wants to know which */
    mr->ram_block = mr->ram ? (RAMBlock *)mr : NULL;
    return mr;
}

bool memory_region_is_ram_device(MemoryRegion *mr)
{
    return false;
}

void *qemu_map_ram_ptr(RAMBlock *block, ram_addr_t addr)
{
    g_assert_nonnull(block);
    return host((MemoryRegion *)block, addr);
}

void memory_region_ref(MemoryRegion *mr)
{
    refs++;
}

/* How a write ends: what was written is dirty */
void address_space_unmap(AddressSpace *as, void *buffer, hwaddr len,
                         bool is_write, hwaddr access_len)
{
    const uint64_t addr = (uint8_t *)buffer - fuzz_ram;

    g_assert_cmpint(refs--, ==, 1);
    g_assert_true(is_write && len == access_len);
    g_assert_cmpuint(addr + len, <=, RAM_SIZE);
    dirty_addr = addr;
    dirty_len = len;
}
