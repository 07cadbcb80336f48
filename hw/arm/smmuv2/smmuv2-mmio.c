/*
 * Arm SMMUv2 register access
 *
 * The lower half of the region is the global address space, the upper half one
 * page per context bank.  Registers are 4 or 8 bytes; 8 are reached whole or
 * by halves.  Whatever else is tried (other sizes, a page or an offset with
 * nothing in it) is logged, reads as zero and changes nothing.  With the
 * option config_faults, what is not there in the global address space is a
 * configuration access fault besides (IHI 0062, 3.9; never in a bank).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/lockable.h"
#include "smmuv2-mmio.h"
#include "smmuv2-mmu500.h"
#include "smmuv2-secure.h"
#include "trace.h"

/* Whether an access is Secure, to an SMMU that knows the difference */
static bool is_secure(const SMMUv2MMIO *m, MemTxAttrs attrs)
{
    return attrs.secure && smmuv2_has_secure(&m->tcu->regs);
}

static SMMUv2RegRef find(const SMMUv2MMIO *m, hwaddr addr, bool secure)
{
    const SMMUv2TCU *tcu = m->tcu;
    const SMMUv2Regs *regs = &tcu->regs;
    unsigned num_smrg = secure ? tcu->num_smrg :
                        smmuv2_ns_smrg(regs, tcu->num_smrg);
    unsigned num_cb = secure ? tcu->num_cb : smmuv2_ns_cb(regs, tcu->num_cb);
    unsigned page = addr >> m->page_shift;
    unsigned offset = addr & MAKE_64BIT_MASK(0, m->page_shift);
    SMMUv2RegRef ref = { NULL, 0 };
    SMMUv2Frame frame;
    unsigned bank = 0;

    if (page >= m->num_pages) {
        bank = page - m->num_pages;
        frame = SMMUV2_FRAME_CB;
    } else if (page == SMMUV2_PAGE_GR0) {
        frame = SMMUV2_FRAME_GR0;
        if (secure) {
            ref = smmuv2_secure_find(offset);
        }
    } else if (page == SMMUV2_PAGE_GR1) {
        frame = SMMUV2_FRAME_GR1;
    } else if (page == SMMUV2_PAGE_PM) {
        frame = SMMUV2_FRAME_PM;
    } else {
        return ref;
    }
    if (!ref.reg && (bank == 0 || bank < num_cb)) {
        ref = smmuv2_reg_find(frame, bank, offset, num_smrg, num_cb);
    }
    if (!ref.reg && !FIELD_EX32(regs->idr[0], IDR0, ATOSNS)) {
        ref = smmuv2_atos_find(frame, bank, offset);
    }
    if (ref.reg && frame == SMMUV2_FRAME_CB && bank >= num_cb) {
        ref.reg = NULL;
    }
    if (ref.reg && !secure && smmuv2_has_secure(regs) &&
        smmuv2_secure_only(regs, ref)) {
        ref.reg = NULL;
    }
    return ref;
}

/* Whether @addr is where a bank shows a counter group; which bank, where */
static bool find_pmu(const SMMUv2MMIO *m, hwaddr addr, bool secure,
                     unsigned *bank, unsigned *offset)
{
    unsigned page = addr >> m->page_shift;

    *bank = page - m->num_pages;
    *offset = addr & MAKE_64BIT_MASK(0, m->page_shift);
    /* As open as the bank's first register */
    return page >= m->num_pages && *offset >= SMMUV2_CB_PMU &&
           *offset < SMMUV2_FRAME_SIZE &&
           find(m, addr - *offset, secure).reg;
}

/* The SSD table: for secure accesses of 4 bytes */
static uint32_t *find_ssdr(const SMMUv2MMIO *m, hwaddr addr, bool secure)
{
    hwaddr base = (hwaddr)SMMUV2_PAGE_SSD << m->page_shift;

    return secure && addr >= base && addr >> m->page_shift < m->num_pages ?
           smmuv2_ssdr(&m->tcu->regs, addr - base) : NULL;
}

static void read_pmu(SMMUv2TCU *tcu, unsigned bank, unsigned offset,
                     uint64_t *value)
{
    QEMU_LOCK_GUARD(&tcu->lock);
    smmuv2_pmu_sync(&tcu->pmu);
    *value = smmuv2_pmu_bank_read(&tcu->pmu, bank, offset);
}

static void write_pmu(SMMUv2TCU *tcu, unsigned bank, unsigned offset,
                      uint32_t value)
{
    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        smmuv2_pmu_sync(&tcu->pmu);
        smmuv2_pmu_bank_write(&tcu->pmu, bank, offset, value);
        smmuv2_pmu_changed(&tcu->pmu);
    }
    smmuv2_pmu_line_update(&tcu->pmu);
}

/*
 * Effects; lock held.  @value: what was written, of @size bytes from @shift on
 * of the register
 */
static void changed(SMMUv2TCU *tcu, SMMUv2RegRef ref, uint64_t value,
                    unsigned shift, unsigned size, SMMUv2Invalidation *inv)
{
    SMMUv2Regs *regs = &tcu->regs;

    switch (ref.reg->effect) {
    case SMMUV2_EFFECT_NONE:
    case SMMUV2_EFFECT_ATOS:            /* without the lock, see write_reg() */
        break;
    case SMMUV2_EFFECT_FAULT:
        if (ref.reg->frame == SMMUV2_FRAME_CB) {
            smmuv2_tcu_fault_changed(tcu, ref.index);
        }
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
        *smmuv2_gfsr_restored(regs, ref) = value & GFSR_ALL;
        break;
    case SMMUV2_EFFECT_FSRRESTORE:
        /* All but FORMAT and SS (16.5.10) */
        regs->cb[ref.index].fsr = (regs->cb[ref.index].fsr & ~CB_FSR_W1C) |
                                  (value & CB_FSR_W1C);
        smmuv2_tcu_fault_changed(tcu, ref.index);
        break;
    case SMMUV2_EFFECT_RESUME:
        smmuv2_stall_resume(&tcu->stalls, regs, ref.index, value);
        smmuv2_tcu_fault_changed(tcu, ref.index);
        break;
    case SMMUV2_EFFECT_TLBI:
        /* The upper half of 64 bits alone is ignored (16.5.32) */
        if (!shift) {
            smmuv2_tlbi_write(tcu, ref, value, size < ref.reg->size, inv);
        }
        break;
    case SMMUV2_EFFECT_PMCR:
        smmuv2_pmu_control(&tcu->pmu, value);
        /* fall through */
    case SMMUV2_EFFECT_PMU:
        smmuv2_pmu_changed(&tcu->pmu);
        break;
    }
}

/* An access where there is no register; must not hold the lock */
static MemTxResult reserved(SMMUv2MMIO *m, hwaddr addr, bool write,
                            MemTxAttrs attrs)
{
    SMMUv2TCU *tcu = m->tcu;
    SMMUv2Regs *regs = &tcu->regs;
    bool secure = is_secure(m, attrs), abort, to_secure = secure;

    qemu_log_mask(LOG_GUEST_ERROR, "smmuv2: %s reserved offset 0x%"
                  HWADDR_PRIx "\n", write ? "write to" : "read of", addr);
    if (!(tcu->regs.options & SMMUV2_CONFIG_FAULTS) ||
        addr >> m->page_shift >= m->num_pages) {
        return MEMTX_OK;
    }
    /* What is there for secure accesses alone is for secure software to know */
    if (!secure && smmuv2_has_secure(regs) &&
        (find(m, addr, true).reg || find_ssdr(m, addr, true))) {
        to_secure = !FIELD_EX32(regs->s.cr1, SCR1, NSCAFNFS);
    }
    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        abort = smmuv2_fault_config(regs, addr, write, !attrs.user, to_secure,
                                    !secure);
    }
    smmuv2_fault_lines_update(&tcu->lines);
    return abort ? MEMTX_DECODE_ERROR : MEMTX_OK;
}

/* Where there is no register: counters of a bank, the SSD table, nothing */
static MemTxResult read_other(SMMUv2MMIO *m, hwaddr addr, uint64_t *value,
                              MemTxAttrs attrs)
{
    bool secure = is_secure(m, attrs);
    uint32_t *ssdr = find_ssdr(m, addr, secure);
    unsigned bank, offset;

    if (find_pmu(m, addr, secure, &bank, &offset)) {
        read_pmu(m->tcu, bank, offset, value);
        return MEMTX_OK;
    }
    if (ssdr) {
        *value = *ssdr;
        return MEMTX_OK;
    }
    return reserved(m, addr, false, attrs);
}

static MemTxResult write_other(SMMUv2MMIO *m, hwaddr addr, uint32_t value,
                               MemTxAttrs attrs)
{
    SMMUv2TCU *tcu = m->tcu;
    bool secure = is_secure(m, attrs);
    uint32_t *ssdr = find_ssdr(m, addr, secure);
    SMMUv2Invalidation inv = { 0 };
    unsigned bank, offset;

    if (find_pmu(m, addr, secure, &bank, &offset)) {
        write_pmu(tcu, bank, offset, value);
        return MEMTX_OK;
    }
    if (ssdr) {
        WITH_QEMU_LOCK_GUARD(&tcu->lock) {
            *ssdr = value;
            smmuv2_tcu_streams_changed(tcu, &inv);
        }
        smmuv2_tcu_notify(tcu, &inv);
        return MEMTX_OK;
    }
    return reserved(m, addr, true, attrs);
}

/*
 * @ref: what find() says of @addr
 * @size: 4, or 8 for the whole of a register of 8
 */
static MemTxResult read_reg(SMMUv2MMIO *m, hwaddr addr, SMMUv2RegRef ref,
                            uint64_t *value, unsigned size, MemTxAttrs attrs)
{
    unsigned shift;

    if (!ref.reg) {
        return read_other(m, addr, value, attrs);
    }
    if (ref.reg->effect != SMMUV2_EFFECT_TLBI) {        /* write-only */
        QEMU_LOCK_GUARD(&m->tcu->lock);
        if (ref.reg->frame == SMMUV2_FRAME_PM) {
            smmuv2_pmu_sync(&m->tcu->pmu);
        }
        shift = ref.reg->size == 8 && addr & 4 ? 32 : 0;
        *value = extract64(smmuv2_reg_read(&m->tcu->regs, ref), shift,
                           size * 8);
        if (smmuv2_has_secure(&m->tcu->regs)) {
            *value = smmuv2_secure_view(&m->tcu->regs, ref,
                                        is_secure(m, attrs), *value);
        }
    }
    return MEMTX_OK;
}

static MemTxResult write_reg(SMMUv2MMIO *m, hwaddr addr, SMMUv2RegRef ref,
                             uint64_t value, unsigned size, MemTxAttrs attrs)
{
    SMMUv2TCU *tcu = m->tcu;
    SMMUv2Invalidation inv = { 0 };
    unsigned shift;

    if (!ref.reg) {
        return write_other(m, addr, value, attrs);
    }
    shift = ref.reg->size == 8 && addr & 4 ? 32 : 0;
    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        if (ref.reg->frame == SMMUV2_FRAME_PM) {
            smmuv2_pmu_sync(&tcu->pmu);
        }
        if (smmuv2_mmu500_may_write(&tcu->regs, ref)) {
            smmuv2_reg_write(&tcu->regs, ref, value << shift,
                             MAKE_64BIT_MASK(shift, size * 8));
            changed(tcu, ref, value, shift, size, &inv);
        }
    }
    if (ref.reg->effect == SMMUV2_EFFECT_ATOS && !ref.reg->rw && !shift) {
        /* Half a write is a whole one, of an address below 4 GiB */
        smmuv2_atos_write(tcu, ref, value);
    }
    smmuv2_tcu_notify(tcu, &inv);
    if (ref.reg->frame == SMMUV2_FRAME_PM) {
        smmuv2_pmu_line_update(&tcu->pmu);
    } else if (ref.reg->effect != SMMUV2_EFFECT_NONE &&
        ref.reg->effect != SMMUV2_EFFECT_TLBI) {
        smmuv2_fault_lines_update(&tcu->lines);
    }
    return MEMTX_OK;
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

/* Whether an access of 8 bytes is to two registers of 4 */
static bool is_pair(SMMUv2RegRef ref, unsigned size)
{
    return size == 8 && !(ref.reg && ref.reg->size == 8);
}

static MemTxResult mmio_read(void *opaque, hwaddr addr, uint64_t *value,
                             unsigned size, MemTxAttrs attrs)
{
    SMMUv2MMIO *m = opaque;
    bool secure = is_secure(m, attrs);
    MemTxResult res = MEMTX_OK;
    uint64_t high = 0;
    SMMUv2RegRef ref;

    *value = 0;
    if (!access_ok(addr, size)) {
        return MEMTX_OK;
    }
    ref = find(m, addr, secure);
    if (is_pair(ref, size)) {
        res = read_reg(m, addr, ref, value, 4, attrs);
        ref = find(m, addr + 4, secure);
        res |= read_reg(m, addr + 4, ref, &high, 4, attrs);
        *value |= high << 32;
    } else {
        res = read_reg(m, addr, ref, value, size, attrs);
    }
    trace_smmuv2_mmio_read(addr, *value, size);
    return res;
}

static MemTxResult mmio_write(void *opaque, hwaddr addr, uint64_t value,
                              unsigned size, MemTxAttrs attrs)
{
    SMMUv2MMIO *m = opaque;
    bool secure = is_secure(m, attrs);
    SMMUv2RegRef ref;
    MemTxResult res;

    trace_smmuv2_mmio_write(addr, value, size);
    if (!access_ok(addr, size)) {
        return MEMTX_OK;
    }
    ref = find(m, addr, secure);
    if (is_pair(ref, size)) {
        res = write_reg(m, addr, ref, extract64(value, 0, 32), 4, attrs);
        /* The first may decide what the second one is */
        ref = find(m, addr + 4, secure);
        return res | write_reg(m, addr + 4, ref, extract64(value, 32, 32), 4,
                               attrs);
    }
    return write_reg(m, addr, ref, value, size, attrs);
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
