/*
 * Arm SMMUv2 register access
 *
 * The lower half of the region is the global address space, the upper half one
 * page per context bank.  Registers are 4 or 8 bytes; 8 are reached whole or
 * by halves.  Whatever else is tried (other sizes, a page or an offset with
 * nothing in it) is logged, reads as zero and changes nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/lockable.h"
#include "smmuv2-mmio.h"
#include "smmuv2-mmu500.h"
#include "trace.h"

static SMMUv2RegRef find(const SMMUv2MMIO *m, hwaddr addr)
{
    const SMMUv2TCU *tcu = m->tcu;
    unsigned page = addr >> m->page_shift;
    unsigned offset = addr & MAKE_64BIT_MASK(0, m->page_shift);
    SMMUv2Frame frame;
    unsigned bank = 0;

    if (page >= m->num_pages) {
        bank = page - m->num_pages;
        frame = SMMUV2_FRAME_CB;
    } else if (page == SMMUV2_PAGE_GR0) {
        frame = SMMUV2_FRAME_GR0;
    } else if (page == SMMUV2_PAGE_GR1) {
        frame = SMMUV2_FRAME_GR1;
    } else {
        return (SMMUv2RegRef) { NULL, 0 };
    }
    if (bank >= tcu->num_cb) {
        return (SMMUv2RegRef) { NULL, 0 };
    }
    return smmuv2_reg_find(frame, bank, offset, tcu->num_smrg, tcu->num_cb);
}

/* Effects; lock held */

static void changed(SMMUv2TCU *tcu, SMMUv2RegRef ref, uint64_t value,
                    SMMUv2Invalidation *inv)
{
    SMMUv2Regs *regs = &tcu->regs;

    switch (ref.reg->effect) {
    case SMMUV2_EFFECT_NONE:
    case SMMUV2_EFFECT_FAULT:
        break;
    case SMMUV2_EFFECT_CR0:
        smmuv2_tcu_streams_changed(tcu, inv);
        /* VMID16EN: where the VMID of each bank is */
        smmuv2_tcu_banks_changed(tcu, inv);
        break;
    case SMMUV2_EFFECT_STREAM:
        smmuv2_tcu_streams_changed(tcu, inv);
        break;
    case SMMUV2_EFFECT_BANK:
        smmuv2_tcu_bank_changed(tcu, ref.index, inv);
        break;
    case SMMUV2_EFFECT_GFSRRESTORE:
        regs->gfsr = value & GFSR_ALL;
        break;
    case SMMUV2_EFFECT_FSRRESTORE:
        regs->cb[ref.index].fsr = (regs->cb[ref.index].fsr &
                                   R_CB_FSR_FORMAT_MASK) |
                                  (value & CB_FSR_W1C);
        break;
    case SMMUV2_EFFECT_RESUME:
        /* Nothing is ever stalled */
        qemu_log_mask(LOG_GUEST_ERROR,
                      "smmuv2: RESUME of context bank %u, which has no "
                      "stalled transaction\n", ref.index);
        break;
    case SMMUV2_EFFECT_TLBI:
        smmuv2_tlbi_write(tcu, ref, ref.reg->size == 8 ?
                          smmuv2_reg_read(regs, ref) : value, inv);
        break;
    }
}

static uint64_t read_word(SMMUv2MMIO *m, hwaddr addr)
{
    SMMUv2RegRef ref = find(m, addr);
    unsigned shift;

    if (!ref.reg) {
        qemu_log_mask(LOG_GUEST_ERROR, "smmuv2: read of reserved offset 0x%"
                      HWADDR_PRIx "\n", addr);
        return 0;
    }
    if (ref.reg->effect == SMMUV2_EFFECT_TLBI) {
        return 0;                       /* write-only */
    }
    shift = ref.reg->size == 8 && addr & 4 ? 32 : 0;
    return extract64(smmuv2_reg_read(&m->tcu->regs, ref), shift, 32);
}

/* @size: 4, or 8 for the whole of a register of 8 */
static void write_reg(SMMUv2MMIO *m, hwaddr addr, uint64_t value,
                      unsigned size)
{
    SMMUv2TCU *tcu = m->tcu;
    SMMUv2RegRef ref = find(m, addr);
    SMMUv2Invalidation inv = { 0 };
    unsigned shift;

    if (!ref.reg) {
        qemu_log_mask(LOG_GUEST_ERROR, "smmuv2: write of 0x%" PRIx64
                      " to reserved offset 0x%" HWADDR_PRIx "\n", value, addr);
        return;
    }
    shift = ref.reg->size == 8 && addr & 4 ? 32 : 0;
    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        if (smmuv2_mmu500_may_write(&tcu->regs, ref.reg)) {
            smmuv2_reg_write(&tcu->regs, ref, value << shift,
                             MAKE_64BIT_MASK(shift, size * 8));
            changed(tcu, ref, value, &inv);
        }
    }
    smmuv2_tcu_notify(tcu, &inv);
    if (ref.reg->effect != SMMUV2_EFFECT_NONE &&
        ref.reg->effect != SMMUV2_EFFECT_TLBI) {
        smmuv2_fault_lines_update(&tcu->lines);
    }
}

static bool access_ok(hwaddr addr, unsigned size)
{
    if (size >= 4 && QEMU_IS_ALIGNED(addr, size)) {
        return true;
    }
    qemu_log_mask(LOG_GUEST_ERROR, "smmuv2: access of %u bytes at 0x%"
                  HWADDR_PRIx "\n", size, addr);
    return false;
}

static MemTxResult mmio_read(void *opaque, hwaddr addr, uint64_t *value,
                             unsigned size, MemTxAttrs attrs)
{
    SMMUv2MMIO *m = opaque;

    *value = 0;
    if (access_ok(addr, size)) {
        QEMU_LOCK_GUARD(&m->tcu->lock);
        *value = read_word(m, addr);
        if (size == 8) {
            *value |= read_word(m, addr + 4) << 32;
        }
    }
    trace_smmuv2_mmio_read(addr, *value, size);
    return MEMTX_OK;
}

static MemTxResult mmio_write(void *opaque, hwaddr addr, uint64_t value,
                              unsigned size, MemTxAttrs attrs)
{
    SMMUv2MMIO *m = opaque;
    SMMUv2RegRef ref;

    trace_smmuv2_mmio_write(addr, value, size);
    if (!access_ok(addr, size)) {
        return MEMTX_OK;
    }
    ref = find(m, addr);
    if (size == 8 && !(ref.reg && ref.reg->size == 8)) {
        /* Two registers of 4 bytes at once */
        write_reg(m, addr, extract64(value, 0, 32), 4);
        write_reg(m, addr + 4, extract64(value, 32, 32), 4);
    } else {
        write_reg(m, addr, value, size);
    }
    return MEMTX_OK;
}

static const MemoryRegionOps mmio_ops = {
    .read_with_attrs = mmio_read,
    .write_with_attrs = mmio_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

void smmuv2_mmio_init(SMMUv2MMIO *mmio, Object *owner)
{
    memory_region_init_io(&mmio->iomem, owner, &mmio_ops, mmio, "smmuv2",
                          2ull * mmio->num_pages << mmio->page_shift);
}
