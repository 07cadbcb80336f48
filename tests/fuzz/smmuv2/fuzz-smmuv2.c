/*
 * Fuzzer of the SMMUv2 model: an input is a program
 *
 * Bytes are read as operations on a small machine (machine.h of the unit
 * tests): writes of registers, raw accesses of any size and place, bytes and
 * tables in memory, accesses of masters, TLB maintenance.  An operation is a
 * record of FUZZ_OP_SIZE bytes, its number first; before all a byte says which
 * features the SMMU has.  Some operations do at once what chance would seldom
 * do (a stream, a bank, a path of tables to a leaf), so that most programs
 * translate something.  Any bytes are a valid program.
 *
 * Besides what sanitizers find, checked are:
 * - an access while no table was changed since the TLBs were emptied gets what
 *   the reference walker gives (fuzz-expect.c): output, size and permissions,
 *   or the fault with its syndrome;
 * - so does one to an address whose leaf was changed and then invalidated, if
 *   no table above it was changed or the operation is for those too, and
 *   masters that cache translations were told of it;
 * - reserved offsets read as zero;
 * - interrupt lines are what status and enable bits say;
 * - a master that holds an access does so while the bank's FSR.SS is set, and
 *   is told once.
 *
 * fuzz-inputs.c generates programs.  LLVMFuzzerTestOneInput() is all that
 * libFuzzer needs to do it instead.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/main-loop.h"
#include "fuzz-program.h"
#include "hw/arm/smmuv2/smmuv2-secure.h"
#include "../driver.h"

FuzzStats fuzz_stats;
FuzzState f;

void fail(const char *format, ...)
{
    va_list ap;

    fprintf(stderr, "fuzz-smmuv2: ");
    va_start(ap, format);
    vfprintf(stderr, format, ap);
    va_end(ap);
    fprintf(stderr, "\n");
    abort();
}

/* ---- The program ---- */

uint8_t next8(void)
{
    return f.data < f.end ? *f.data++ : 0;
}

uint64_t next(unsigned bytes)
{
    uint64_t value = 0;

    while (bytes--) {
        value = value << 8 | next8();
    }
    return value;
}

/* @size: of a descriptor, 4 or 8 */
void store_desc(uint64_t addr, unsigned size, uint64_t value, bool big_endian)
{
    if (addr > RAM_SIZE - 8 || f.num_written == ARRAY_SIZE(f.written)) {
        return;
    }
    f.written[f.num_written++] = addr;
    if (big_endian) {
        stn_be_p(f.m->ram + addr, size, value);
    } else {
        stn_le_p(f.m->ram + addr, size, value);
    }
    f.stale = true;
}

uint64_t load_desc(uint64_t addr, unsigned size, bool big_endian)
{
    if (addr > RAM_SIZE - 8) {
        return 0;
    }
    return big_endian ? ldn_be_p(f.m->ram + addr, size) :
                        ldn_le_p(f.m->ram + addr, size);
}

/* ---- Operations ---- */

/* An access of a CPU, which may be a secure one */
static uint64_t cpu_access(uint64_t at, uint64_t value, unsigned size,
                           bool write, bool secure)
{
    const MemoryRegionOps *ops = f.m->mmio.iomem.ops;
    MemTxAttrs attrs = { .secure = secure };

    if (write) {
        ops->write_with_attrs(&f.m->mmio, at, value, size, attrs);
    } else {
        ops->read_with_attrs(&f.m->mmio, at, &value, size, attrs);
    }
    return value;
}

/* A Non-secure one; it may be refused, if GCFGFRE is set */
static void cpu_write(uint64_t at, uint64_t value, unsigned size)
{
    cpu_access(at, value, size, true, false);
}

static void gr0(unsigned offset, uint32_t value)
{
    cpu_write(machine_gr0(f.m, offset), value, 4);
}

static void cb_write(unsigned cb, unsigned offset, uint64_t value,
                     unsigned size)
{
    cpu_write(machine_cb(f.m, cb, offset), value, size);
}

static void invalidate_everything(void)
{
    /* Two states have STLBIALL to one of them, which leaves the other's */
    cpu_access(machine_gr0(f.m, 0x60), 0, 4, true, true);
    if (smmuv2_has_secure(&f.m->tcu.regs)) {
        gr0(0x68, 0);
        gr0(0x6c, 0);
    }
    f.stale = false;
}

/* A stream of a master to a bank, mostly alone in its group */
static void op_stream(void)
{
    unsigned master = next8() % MACHINE_MASTERS, how = next8();
    unsigned group = how & 0x80 ? next8() % NUM_SMRG : master;

    f.m->stream_id[master] = how & 0x40 ? next(2) : master;
    gr0(0x800 + 4 * group, 0x80000000 | f.m->stream_id[master] |
        (how & 0x20 ? next(2) << 16 : 0));
    gr0(0xc00 + 4 * group, next8() % (how & 0x10 ? 256 : NUM_CB) | 0x400 |
        (how & 0x8 ? next8() % 4 << 16 : 0) |
        (how & 0x4 ? next8() % 16 << 24 : 0));
    gr0(0, 0x200436 | (how & 0x2 ? 0 : 0x8) | (how & 0x1 ? next(4) & ~1u : 0));
}

/* T0SZ and SL0 that fit one another, mostly */
static uint32_t fitting_tcr(bool s1, uint8_t choice, uint8_t tsz)
{
    static const struct {
        uint8_t tg0, tg1, sl0, from, to;
    } rows[] = {
        { 0, 2, 0, 30, 39 }, { 0, 2, 1, 21, 33 }, { 0, 2, 2, 16, 24 },
        { 2, 1, 0, 35, 39 }, { 2, 1, 1, 24, 38 }, { 2, 1, 2, 16, 27 },
        { 1, 3, 0, 31, 39 }, { 1, 3, 1, 18, 34 }, { 1, 3, 2, 16, 21 },
    };
    unsigned row = choice % ARRAY_SIZE(rows);
    unsigned size = rows[row].from +
                    tsz % (rows[row].to - rows[row].from + 1);

    if (s1) {
        return size | rows[row].tg0 << 14 | size << 16 |
               (uint32_t)rows[row].tg1 << 30;
    }
    return size | rows[row].sl0 << 6 | rows[row].tg0 << 14 | 5 << 16;
}

/* The same of AArch32: N, PD0 and PD1, or T0SZ and T1SZ, or VTCR */
static uint32_t aarch32_tcr(bool s1, bool is_long, uint8_t choice, uint8_t tsz)
{
    unsigned sl0 = choice & 1;
    int t0sz = sl0 ? 1 - tsz % 10 : tsz % 10 - 2;

    if (!s1) {
        return (t0sz & 0xf) | (t0sz < 0 ? 0x10 : 0) | sl0 << 6;
    }
    return (choice & 7) |
           (is_long ? BIT(31) | (choice & 8 ? tsz & 7 : 0) << 16 :
                      choice & 8 ? tsz & 0x30 : 0);
}

static void op_bank(void)
{
    unsigned cb = next8() % NUM_CB, how = next8(), type = how & 3;
    unsigned format = next8() & 3, choice = next8(), tsz = next8();
    bool va64 = format < 2;
    uint32_t tcr = va64 ? fitting_tcr(type, choice, tsz) :
                          aarch32_tcr(type, format == 2, choice, tsz);
    uint32_t sctlr = 0x161;
    uint64_t root = (uint64_t)(next8() & 1) << 20;

    cpu_write(machine_gr1(f.m, 4 * cb), type << 16 |
              (type == 3 ? next8() % NUM_CB << 8 : 0) |
              (how & 0x4 ? 0x400 : 0) | (next8() & 3), 4);
    cpu_write(machine_gr1(f.m, 0x800 + 4 * cb), va64, 4);
    cb_write(cb, 0x34, next8() & 3, 4);
    cb_write(cb, 0x10, 7 << 15 | 5 | (how & 0x8 ? next(4) : 0), 4);
    cb_write(cb, 0x30, tcr ^ (how & 0x10 ? next(4) & next(4) & next(4) : 0), 4);
    cb_write(cb, 0x38, 0xff440400bb0c08ff, 8);
    cb_write(cb, 0x20, root | (uint64_t)(next8() & 3) << 48, 8);
    cb_write(cb, 0x28, root ^ (how & 0x20 ? 1 << 20 : 0), 8);
    if (how & 0x40) {
        sctlr ^= next(2) & 0x279e;
    }
    cb_write(cb, 0, how & 0x80 ? sctlr ^ next(4) : sctlr, 4);
}

static IOMMUAccessFlags any_flag(unsigned how)
{
    static const IOMMUAccessFlags flags[] = {
        IOMMU_RO, IOMMU_WO, IOMMU_RO, IOMMU_NONE,
    };

    return flags[how & 3];
}

static void op_translate(void)
{
    unsigned how = next8();

    translate(how >> 2 & (MACHINE_MASTERS - 1), any_addr(), any_flag(how),
              false);
}

/* The leaves that were made, by masters of their banks, and near them */
static void use_leaves(unsigned how, bool fresh)
{
    for (unsigned i = 0; i < MIN(f.num_leaves, 8); i++) {
        for (unsigned master = 0; master < MACHINE_MASTERS; master++) {
            uint64_t addr = f.leaf[i].addr;

            if (master_of(master, f.leaf[i].cb)) {
                translate(master, addr, any_flag(how), fresh);
                translate(master, addr ^ 0x1000, any_flag(how + 1), fresh);
                translate(master, addr, any_flag(how + 1), fresh);
            }
        }
    }
}

/* Most accesses to where something is mapped */
static void op_use(void)
{
    use_leaves(next8(), false);
}

static void told(IOMMUStall *stall, IOMMUStallState verdict)
{
    struct Held *h = container_of(stall, struct Held, stall);

    if (!h->parked || verdict < IOMMU_STALL_RETRY) {
        fail("told %u of what is not held", verdict);
    }
    h->parked = false;
}

/* An access that its master can hold, or give up */
static void op_stall(void)
{
    unsigned how = next8(), master = how >> 2 & (MACHINE_MASTERS - 1);
    struct Held *h = &f.held[how & 3];
    IOMMUTLBEntry entry;
    IOMMUStall *outer;

    if (h->parked) {
        if (how & 0x80) {
            iommu_stall_cancel(&h->stall);
            h->parked = false;
        } else {
            iommu_stall_wait(&h->stall);
        }
        return;
    }
    h->stall.resumed = told;
    outer = iommu_stall_begin(&h->stall, MEMORY_REGION(f.m->tbu[master]));
    entry = machine_translate(f.m, master, any_addr(), any_flag(how >> 5));
    iommu_stall_end(outer);
    h->parked = iommu_stall_parked(&h->stall);
    if (h->parked && entry.perm != IOMMU_NONE) {
        fail("a held access may go on");
    }
    if (h->parked && how & 0x10) {
        iommu_stall_wait(&h->stall);
    }
    /* What it was refused is not checked */
    f.m->tbu[master]->refusal = (SMMUv2Refusal) { 0 };
    f.refused[master].cb = -2;
}

static void check_held(void)
{
    for (int i = 0; i < ARRAY_SIZE(f.held); i++) {
        const IOMMUStall *stall = &f.held[i].stall;

        if (!f.held[i].parked) {
            continue;
        }
        if (stall->state == IOMMU_STALL_NONE ||
            (stall->state < IOMMU_STALL_RETRY &&
             !(f.m->tcu.regs.cb[stall->where].fsr & BIT(30)))) {
            fail("an access is held by bank %u, whose FSR is 0x%x",
                 stall->where, f.m->tcu.regs.cb[stall->where].fsr);
        }
    }
    while (aio_poll(qemu_get_aio_context(), false)) {
        /* Masters are told */
    }
}

static void let_go(void)
{
    for (int i = 0; i < ARRAY_SIZE(f.held); i++) {
        iommu_stall_cancel(&f.held[i].stall);
        f.held[i].parked = false;
    }
}

/* With empty TLBs at first, so that all of it can be compared */
static void op_check(void)
{
    invalidate_everything();
    use_leaves(next8(), true);
}

/* Change a leaf, invalidate it, use it */
static void op_unmap(void)
{
    const SMMUv2TCU *tcu = &f.m->tcu;
    const SMMUv2BankConfig *cfg;
    unsigned how = next8();
    bool cached[MACHINE_MASTERS], fresh[MACHINE_MASTERS], partial;
    const Leaf *leaf;
    uint64_t desc;

    if (!f.num_leaves) {
        return;
    }
    leaf = &f.leaf[how & 7 & (MIN(f.num_leaves, 8) - 1)];
    desc = load_desc(leaf->desc, leaf->size, leaf->big_endian);
    cfg = &tcu->bank[leaf->cb].cfg;
    if (leaf->stage != (cfg->has_s1 ? 1 : 2)) {
        return;
    }
    /* Of a bank that was AArch64's: operations of AArch32 cannot name it */
    if (!(tcu->regs.cb[leaf->cb].cba2r & 1) &&
        leaf->addr >> (leaf->stage == 1 ? 32 : 40)) {
        return;
    }
    /* Operations that leave tables or stage 2 alone */
    partial = !(how & 0x20) || (cfg->has_s1 && cfg->has_s2);
    if (f.stale && partial) {
        invalidate_everything();
    }
    for (unsigned master = 0; master < MACHINE_MASTERS; master++) {
        fuzz_watch = (Watch) { leaf->desc, leaf->size, leaf->stage };
        cached[master] = translate(master, leaf->addr, any_flag(how >> 3),
                                   false);
        /* One that is among those, or no leaf by now, may be known still */
        fresh[master] = !partial ||
                        (!fuzz_watch.others &&
                         (!fuzz_watch.reads || how & 0x20 ||
                          (fuzz_watch.reads == 1 && fuzz_watch.last)));
        machine_told_nothing(f.m, master);
    }
    if (leaf->size == 4) {
        desc ^= how & 0x80 ? 3 : how & 0x40 ? 1 << 24 : 0x30;
    } else {
        desc ^= how & 0x80 ? 1 : how & 0x40 ? 1ull << 32 : 0xc0;
    }
    store_desc(leaf->desc, leaf->size, desc, leaf->big_endian);
    if (!(f.m->tcu.regs.cb[leaf->cb].cba2r & 1)) {
        cb_write(leaf->cb, leaf->stage == 1 ? (how & 0x20 ? 0x600 : 0x620) :
                           how & 0x20 ? 0x630 : 0x638,
                 leaf->stage == 1 ? (leaf->addr & 0xfffff000) |
                                    tcu->bank[leaf->cb].cfg.asid :
                                    leaf->addr >> 12, 4);
    } else if (leaf->stage == 1) {
        cb_write(leaf->cb, how & 0x20 ? 0x600 : 0x620,
                 (leaf->addr >> 12 & 0xfffffffffff) |
                 (uint64_t)tcu->bank[leaf->cb].cfg.asid << 48, 8);
    } else {
        cb_write(leaf->cb, how & 0x20 ? 0x630 : 0x638,
                 leaf->addr >> 12 & 0xfffffffff, 8);
    }
    for (unsigned master = 0; master < MACHINE_MASTERS; master++) {
        const Unmapped *u = &f.m->unmapped[master];
        uint64_t page = leaf->addr & ~0xfffull;

        if (!master_of(master, leaf->cb)) {
            continue;
        }
        if (f.m->tbu[master]->notifying && cached[master] && !u->all &&
            !(u->events && page >= u->addr && page - u->addr < u->size)) {
            fail("master %u was not told of 0x%" PRIx64, master, page);
        }
        translate(master, leaf->addr, any_flag(how >> 3), fresh[master]);
    }
}

static void op_tlbi(void)
{
    static const struct {
        uint16_t offset;
        uint8_t size;
        bool bank;
    } ops[] = {
        { 0x60, 4 }, { 0x64, 4 }, { 0x68, 4 }, { 0x6c, 4 }, { 0x78, 4 },
        { 0xb0, 8 }, { 0xb8, 4 }, { 0xc0, 8 },
        { 0x600, 8, true }, { 0x608, 8, true }, { 0x610, 4, true },
        { 0x618, 4, true }, { 0x620, 8, true }, { 0x628, 8, true },
        { 0x630, 8, true }, { 0x638, 8, true },
    };
    unsigned op = next8() % ARRAY_SIZE(ops), how = next8();
    uint64_t value = how & 0x80 ? next(8) : how & 0x40 ? any_addr() >> 12 :
                     next8() & 3;
    uint64_t at = ops[op].bank ? machine_cb(f.m, how % NUM_CB, ops[op].offset) :
                                 machine_gr0(f.m, ops[op].offset);

    if (ops[op].size == 8 && how & 0x20) {
        cpu_write(at, (uint32_t)value, 4);
        cpu_write(at + 4, value >> 32, 4);
    } else {
        cpu_write(at, value, ops[op].size);
    }
    if (ops[op].offset == 0x60 && !(smmuv2_has_secure(&f.m->tcu.regs))) {
        f.stale = false;
    }
}

/* Any row of the register table */
static void op_register(void)
{
    const SMMUv2Reg *reg = &smmuv2_regs[next8() % smmuv2_num_regs];
    unsigned index = next8(), how = next8();
    uint64_t value = next(how & 1 ? 1 : 8), at;

    at = reg->frame == SMMUV2_FRAME_CB ?
         machine_cb(f.m, index % NUM_CB, reg->offset) :
         (reg->frame == SMMUV2_FRAME_GR1 ? machine_gr1(f.m, reg->offset) :
          reg->frame == SMMUV2_FRAME_PM ? 0x3000 + reg->offset :
          machine_gr0(f.m, reg->offset)) +
         (reg->count != SMMUV2_ONE ? 4 * (index % NUM_SMRG) : 0);
    if (how & 2) {
        /* Some bits of what it was */
        value = cpu_access(at, 0, reg->size, false, how & 32) ^
                (1ull << (value & 63));
    }
    if (reg->size == 4 && how & 4) {
        value &= 0xffffffff;
    }
    cpu_access(at + (reg->size == 8 && how & 8 ? 4 : 0), value,
               reg->size == 8 && !(how & 8) && !(how & 16) ? 8 : 4, true,
               how & 32);
}

static bool reserved(uint64_t at)
{
    unsigned page = at >> 12;
    SMMUv2Frame frame = page == 0 ? SMMUV2_FRAME_GR0 :
                        page == 1 ? SMMUV2_FRAME_GR1 :
                        page == 3 ? SMMUV2_FRAME_PM : SMMUV2_FRAME_CB;

    if (page >= NUM_CB && (at & 0xfff) >= SMMUV2_CB_PMU) {
        return false;           /* a counter group, perhaps */
    }
    return (page > 1 && page != 3 && page < NUM_CB) ||
           (!smmuv2_reg_find(frame, 0, at & 0xffc, NUM_SMRG, NUM_CB).reg &&
            !smmuv2_atos_find(frame, 0, at & 0xffc).reg);
}

/* Any access that a CPU can make */
static void op_mmio(void)
{
    unsigned how = next8(), size = 1 << (how & 3);
    uint64_t at = next(2) % (2 * NUM_CB << 12), value;

    if (!(how & 4)) {
        at &= -size;
    }
    if (at + size > 2 * NUM_CB << 12) {
        return;
    }
    if (how & 8) {
        cpu_access(at, next(size), size, true, how & 16);
        return;
    }
    value = cpu_access(at, 0x5a5a5a5a5a5a5a5a, size, false, how & 16);
    if (size < 8 && value >> (8 * size)) {
        fail("read of %u bytes at 0x%" PRIx64 " gives 0x%" PRIx64, size, at,
             value);
    }
    if (size == 4 && !(at & 3) && reserved(at) && !(how & 16) && value) {
        fail("reserved 0x%" PRIx64 " reads as 0x%" PRIx64, at, value);
    }
    if ((size < 4 || at & (size - 1)) && value) {
        fail("%u bytes at 0x%" PRIx64 " read as 0x%" PRIx64, size, at, value);
    }
}

/* Any bytes in memory; mostly some bit of a descriptor */
static void op_memory(void)
{
    unsigned how = next8();
    uint64_t at = next(3) & (RAM_SIZE - 8);

    if (how & 1 && f.num_written) {
        at = f.written[at % f.num_written];
    }
    store_desc(at, 8, how & 2 ? load_desc(at, 8, false) ^ (1ull << (how >> 2)) :
                                next(8), false);
}

static void op_misc(void)
{
    unsigned how = next8();

    switch (how & 7) {
    case 0:
        machine_reset(f.m);
        break;
    case 1:
        /* As after migration */
        smmuv2_tcu_reload(&f.m->tcu);
        f.stale = false;
        break;
    case 2:
    case 3:
        machine_notify(f.m, how >> 4 & (MACHINE_MASTERS - 1), how & 1);
        break;
    case 5:
        /* An address translation operation, of a bank and of all */
        if (f.m->tcu.regs.idr[0] & BIT(26)) {
            break;
        }
        cb_write(how >> 3 & 7, 0x800 + 8 * (how >> 6), any_addr(), 8);
        cpu_write(machine_gr0(f.m, 0x100 + (how >> 2 & 0x38)),
                  (any_addr() & ~0xffull) | (next8() & 0xf), 8);
        break;
    case 4:
        f.m->stream_id[how >> 4 & (MACHINE_MASTERS - 1)] = next(2);
        break;
    default:
        /* Clear faults, so that there is a next first one */
        gr0(0x48, 0xffffffff);
        for (int cb = 0; cb < NUM_CB; cb++) {
            cb_write(cb, 0x58, 0xffffffff, 4);
        }
        break;
    }
}

static void run(const uint8_t *data, size_t size)
{
    static void (*const ops[16])(void) = {
        op_stream, op_bank, op_path, op_path, op_identity, op_translate,
        op_translate, op_use, op_check, op_unmap, op_tlbi, op_register,
        op_mmio, op_memory, op_stall, op_misc,
    };

    for (int n = 0; n < MAX_OPS && size; n++) {
        size_t bytes = MIN(size, FUZZ_OP_SIZE);

        f.data = data;
        f.end = data + bytes;
        ops[next8() & 15]();
        fuzz_stats.ops++;
        check_lines();
        check_held();
        data += bytes;
        size -= bytes;
    }
    let_go();
    invalidate_everything();
    use_leaves(0, true);
}

/* SMMUs that offer more and less */
static Machine *get_machine(unsigned which)
{
    static const struct {
        uint32_t idr0, idr2;
        uint32_t options;
    } kinds[] = {
        { 0x78001f00, 0xf555 },         /* all */
        { 0x7e001f00, 0xf555 },         /* no AArch32 */
        { 0x7d001f00, 0xf515 },         /* long descriptors; 36 bits out */
        { 0x7c001e00, 0x5525 },         /* 40 bits out, no EXIDS, VMID16, 16K */
        { 0x7c001f00, 0xf552 },         /* 40 bits in */
        { 0x4c001f00, 0xf545 },         /* stage 1; 44 bits out */
        { 0x2c001f00, 0xf535 },         /* stage 2; 42 bits out */
        { 0x6c001f00, 0xf505 },         /* not nested; 32 bits out */
        { 0x74000800, 0xf555 },         /* stream indexing */
        { 0xfc001f00, 0xf555, SMMUV2_SECURE },
        { 0xfc001f00, 0xf555, SMMUV2_SECURE | SMMUV2_CONFIG_FAULTS },
    };
    static Machine *machines[ARRAY_SIZE(kinds)];
    MachineConfig config = {
        .num_smrg = NUM_SMRG,
        .num_cb = NUM_CB,
        .num_context_irqs = NUM_CB,
        .page_shift = 12,
        .tlb_entries = 64,
        .utlb_entries = 16,
        .ram_size = RAM_SIZE,
    };

    /* Half of them the first */
    which = which < 0x80 ? 0 : which % ARRAY_SIZE(kinds);
    if (!machines[which]) {
        config.idr0 = kinds[which].idr0;
        config.idr2 = kinds[which].idr2;
        machines[which] = machine_new(&config);
        machines[which]->tcu.regs.options = kinds[which].options;
    }
    return machines[which];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size) {
        return 0;
    }
    f.m = get_machine(*data++);
    size--;
    f.num_leaves = f.num_written = 0;
    f.next_table = TABLES;
    for (unsigned i = 0; i < MACHINE_MASTERS; i++) {
        machine_notify(f.m, i, false);
        f.m->stream_id[i] = i;
        f.refused[i].cb = -2;
        f.m->tbu[i]->refusal = (SMMUv2Refusal) { 0 };
    }
    machine_reset(f.m);
    f.stale = false;
    run(data, size);
    for (unsigned i = 0; i < f.num_written; i++) {
        memset(f.m->ram + f.written[i], 0, 8);
    }
    return 0;
}
