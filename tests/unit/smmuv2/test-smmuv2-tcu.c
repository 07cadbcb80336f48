/*
 * Arm SMMUv2 translation and registers together: unit tests
 *
 * The whole model but its shell, in a small machine (machine.h), driven through
 * MMIO and the accesses of masters: stages, permissions, nested contexts,
 * faults and interrupts, and accesses to what is not there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "machine-setup.h"

/* ---- Translation ---- */

static void test_stage1(void)
{
    uint64_t reads;
    IOMMUTLBEntry e;

    new_machine(&machine_default);
    setup_bank(0, 1 << 16, 1, 0x10000);
    map_page(0x10000, 0x40201000, 0x12345678000 | S1_LEAF);
    map_2m(0x10000, 0x40400000, 0x12345600000 | S1_LEAF);
    g_assert_cmphex(out(0, 0x40201abc), ==, 0x12345678abc);
    e = machine_translate(m, 0, 0x40201abc, WO);
    g_assert_cmphex(e.addr_mask, ==, 0xfff);
    g_assert_cmpint(e.perm, ==, IOMMU_RW);
    e = machine_translate(m, 0, 0x40412345, RO);
    g_assert_cmphex(e.addr_mask, ==, 0x1fffff);
    g_assert_cmphex(e.translated_addr, ==, 0x12345600000);

    /* Not walked again, nor for its neighbours in the block */
    reads = m->descriptors;
    g_assert_cmphex(out(0, 0x40201000), ==, 0x12345678000);
    g_assert_cmphex(out(0, 0x405fffff), ==, 0x123457fffff);
    g_assert_cmpuint(m->descriptors, ==, reads);

    /* A bank's entries are not another's */
    g_assert_true(aborts(1, 0x40201000, RO) || out(1, 0x40201000) ==
                  0x40201000);
}

/* An address of 49 bits and its extension are one */
static void test_upper_half(void)
{
    uint64_t reads;

    new_machine(&machine_default);
    setup_bank(0, 1 << 16, 1, 0x10000);
    map_page(0x10000, 0xffffffc040201000, 0x12345678000 | S1_LEAF);
    g_assert_cmphex(out(0, 0xffffffc040201abc), ==, 0x12345678abc);
    reads = m->descriptors;
    g_assert_cmphex(out(0, 0x1ffc040201abc), ==, 0x12345678abc);
    g_assert_cmpuint(m->descriptors, ==, reads);
    map_page(0x10000, 0xffffffc040201000, 0x55555555000 | S1_LEAF);
    /* VA[55:12] */
    cb8(0, TLBIVA, 1ull << 48 | (0xffffffc040201000 >> 12 & 0xfffffffffff));
    g_assert_cmphex(out(0, 0x1ffc040201abc), ==, 0x55555555abc);
    g_assert_cmphex(out(0, 0xffffffc040201abc), ==, 0x55555555abc);
}

/* A hit does not stand in for a permission that it lacks */
static void test_permission(void)
{
    new_machine(&machine_default);
    setup_bank(0, 1 << 16, 1, 0x10000);
    map_page(0x10000, 0x40201000, 0x12345678000 | S1_LEAF | 0x80);
    g_assert_cmphex(out(0, 0x40201abc), ==, 0x12345678abc);
    g_assert_cmpint(machine_translate(m, 0, 0x40201abc, RO).perm, ==, RO);
    g_assert_true(aborts(0, 0x40201abc, WO));
    g_assert_cmphex(cb_read(0, FSR), ==, 0x408);
    g_assert_cmphex(cb_read(0, FSYNR0), ==, 0x13);
    /* More permission in the tables is seen at once, or after a TLBI */
    map_page(0x10000, 0x40201000, 0x12345678000 | S1_LEAF);
    cb4(0, TLBIALL, 0);
    g_assert_cmpint(machine_translate(m, 0, 0x40201abc, WO).perm, ==,
                    IOMMU_RW);
}

/* S2CR.PRIVCFG and INSTCFG */
static void test_overrides(void)
{
    /* AP, XN: privileged data alone; S2CR; whether reads and writes pass */
    static const struct {
        uint64_t leaf;
        uint32_t s2cr;
        bool read, write;
    } rows[] = {
        { 0, 0, false, false },
        { 0, 3 << 24, true, true },                     /* PRIV */
        { 0x80, 3 << 24, true, false },
        { 0, 2 << 24, false, false },                   /* UNPRIV */
        { 0x40, 2 << 24, true, true },
        { 0, 1 << 24, false, false },                   /* reserved: UNPRIV */
        { 0x40, 1 << 24, true, true },
        /* Instruction fetches, privileged and not; writes are data */
        { 0x40 | 1ull << 54, 3 << 26, false, true },
        { 0x40, 3 << 26, true, true },
        { 0x80 | 1ull << 53, 3 << 26 | 3 << 24, false, false },
        { 0x00, 3 << 26 | 3 << 24, true, true },
        { 0x40 | 1ull << 54, 1 << 26, false, true },    /* reserved: inst */
        /* Data, said so */
        { 0x40 | 3ull << 53, 2 << 26, true, true },
    };

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        new_machine(&machine_default);
        setup_bank(0, 1 << 16, 1, 0x10000);
        map_page(0x10000, 0x40201000, 0x5000 | 0x701 | rows[i].leaf);
        gr0(S2CR, rows[i].s2cr);
        g_assert_cmpint(!aborts(0, 0x40201000, RO), ==, rows[i].read);
        g_assert_cmpint(!aborts(0, 0x40201000, WO), ==, rows[i].write);
        /* And again, from the TLB if it is there */
        g_assert_cmpint(!aborts(0, 0x40201000, RO), ==, rows[i].read);
        g_assert_cmpint(!aborts(0, 0x40201000, WO), ==, rows[i].write);
    }
    /* FSYNR0 tells: WNR, PNU, IND, at level 3 */
    for (int write = 0; write < 2; write++) {
        new_machine(&machine_default);
        setup_bank(0, 1 << 16, 1, 0x10000);
        map_page(0x10000, 0x40201000, 0);
        store(0x12000 + 8, 0);
        gr0(S2CR, 3 << 26 | 3 << 24);
        g_assert_true(aborts(0, 0x40201000, write ? WO : RO));
        g_assert_cmphex(cb_read(0, FSYNR0), ==, write ? 0x33 : 0x63);
    }
}

static void test_flat(void)
{
    static const MachineConfig oas40 = {
        .num_smrg = 16, .num_cb = 8, .num_context_irqs = 8, .page_shift = 12,
        .idr0 = 0x7e001f00, .idr2 = 0xf525, .tlb_entries = 64,
        .utlb_entries = 16, .ram_size = 1 << 20,
    };

    for (int type = 0; type < 2; type++) {
        new_machine(&oas40);
        setup_bank(0, type << 16, 1, 0x10000);
        cb4(0, SCTLR, ENABLE & ~1);
        g_assert_cmphex(out(0, 0x123456789), ==, 0x123456789);
        g_assert_cmphex(out(0, 0xffffffffff), ==, 0xffffffffff);
        g_assert_true(aborts(0, 0x10000000000, RO));
        g_assert_cmphex(cb_read(0, FSR), ==, 0x480);
        g_assert_cmphex(cb_read(0, FSYNR0), ==, 0);
    }
}

/* Stage 1 with a stage 2 that faults: CBAR.TYPE = 2 */
static void test_stage2_fault(void)
{
    new_machine(&machine_default);
    setup_bank(0, 2 << 16, 1, 0x10000);
    map_page(0x10000, 0x40201000, 0x5000 | S1_LEAF);
    g_assert_true(aborts(0, 0x40201000, RO));
    g_assert_cmphex(machine_read(m, GFSR, 4), ==, 1);
    g_assert_cmphex(machine_read(m, GFAR, 8), ==, 0x40201000);
    g_assert_true(aborts(0, 0x40202000, RO));
    g_assert_cmphex(machine_read(m, GFSR, 4), ==, 0x80000001);
    /* Nothing gets as far as stage 1 */
    g_assert_cmphex(cb_read(0, FSR), ==, 0);
    g_assert_cmpuint(m->descriptors, ==, 0);
}

/* A bank that names what is not there: an invalid context fault */
static void test_invalid_bank(void)
{
    new_machine(&machine_default);
    setup_bank(3, 3 << 16 | 3 << 8, 1, 0x10000);
    g_assert_true(aborts(3, 0x40201000, WO));
    g_assert_cmphex(machine_read(m, GFSR, 4), ==, 1);
    g_assert_cmphex(machine_read(m, GFAR, 8), ==, 0x40201000);
    g_assert_cmphex(machine_read(m, GFSYNR1, 4), ==, 3);
    g_assert_cmphex(cb_read(3, FSR), ==, 0);
}

/* ---- Nested ---- */

static void test_nested(void)
{
    setup_nested();
    g_assert_cmphex(out(1, 0x40201abc), ==, 0x12345678abc);
    /* Both must permit */
    map_page(0x20000, 0x14000, (0x12345678000 | S2_LEAF) & ~0x80);
    cb8(2, TLBIIPAS2, 0x14);
    g_assert_cmphex(out(1, 0x40201abc), ==, 0x12345678abc);
    g_assert_true(aborts(1, 0x40201abc, WO));
    g_assert_cmphex(cb_read(1, FSR), ==, 0);
    g_assert_cmphex(cb_read(2, FSR), ==, 0x408);
    g_assert_cmphex(cb_read(2, FSYNR0) & ~4u, ==, 0x10013);
    g_assert_cmphex(cb_read(2, FAR), ==, 0x40201abc);
    g_assert_cmphex(cb_read(2, IPAFAR), ==, 0x14abc);
    g_assert_cmphex(machine_read(m, machine_gr1(m, CBFRSYNRA + 8), 4), ==, 1);
}

/* Faults of stage 2 while stage 1's tables are read */
static void test_nested_table(void)
{
    for (int level = 1; level <= 3; level++) {
        uint64_t table = 0x10000 + 0x1000 * (level - 1);

        setup_nested();
        map_page(0x20000, table, 0);
        store(0x22000 + (table >> 12) * 8, 0);
        g_assert_true(aborts(1, 0x40201abc, RO));
        g_assert_cmphex(cb_read(2, FSR), ==, 0x402);
        /* S1PTWF; the level is stage 2's */
        g_assert_cmphex(cb_read(2, FSYNR0) & ~4u, ==, 0x1000b);
        g_assert_cmphex(cb_read(2, FAR), ==, 0x40201abc);
        g_assert_cmphex(cb_read(2, IPAFAR) & ~0xfff, ==, table);
    }
    /* No permission to read them */
    setup_nested();
    map_page(0x20000, 0x12000, (0x12000 | S2_LEAF) & ~0x40);
    g_assert_true(aborts(1, 0x40201abc, RO));
    g_assert_cmphex(cb_read(2, FSR), ==, 0x408);
    g_assert_cmphex(cb_read(2, FSYNR0) & ~4u, ==, 0x1000b);
    /* In Device memory, which matters with SCTLR.PTW */
    setup_nested();
    map_page(0x20000, 0x12000, (0x12000 | S2_LEAF) & ~0x3c);
    g_assert_cmphex(out(1, 0x40201abc), ==, 0x12345678abc);
    cb4(2, SCTLR, ENABLE | 0x2000);
    g_assert_true(aborts(1, 0x40201abc, RO));
    g_assert_cmphex(cb_read(2, FSR), ==, 0x408);
    g_assert_cmphex(cb_read(2, FSYNR0) & ~4u, ==, 0x1000b);
    /* An external abort is stage 1's when its descriptor cannot be read .. */
    setup_nested();
    m->bad = 0x12000 + 8;
    g_assert_true(aborts(1, 0x40201abc, RO));
    g_assert_cmphex(cb_read(1, FSR), ==, 0x410);
    g_assert_cmphex(cb_read(1, FSYNR0), ==, 0x403);
    /* .. and stage 2's when that of stage 2 cannot */
    setup_nested();
    m->bad = 0x22000 + 0x12 * 8;
    g_assert_true(aborts(1, 0x40201abc, RO));
    g_assert_cmphex(cb_read(2, FSR), ==, 0x410);
    g_assert_cmphex(cb_read(2, FSYNR0) & ~4u, ==, 0x1040b);
}

/* ---- Faults ---- */

static void test_report(void)
{
    IOMMUTLBEntry e;

    new_machine(&machine_default);
    setup_bank(0, 1 << 16, 1, 0x10000);
    g_assert_true(aborts(0, 0x40201000, RO));
    /* SCTLR.CFRE = 0: zeroes are read, writes go nowhere */
    cb4(0, SCTLR, ENABLE & ~0x20);
    e = machine_translate(m, 0, 0x40201000, WO);
    g_assert_true(e.target_as == &m->raz);
    g_assert_cmpint(e.perm, ==, IOMMU_RW);
    /* CR0.GFRE = 0 */
    gr0(S2CR, 2 << 16);
    g_assert_true(aborts(0, 0x40201000, RO));
    gr0(CR0, 0x200434);
    e = machine_translate(m, 0, 0x40201000, RO);
    g_assert_true(e.target_as == &m->raz);
}

static void test_interrupts(void)
{
    new_machine(&machine_default);
    setup_bank(4, 1 << 16, 1, 0x10000);
    g_assert_true(aborts(4, 0x40201000, RO));
    g_assert_cmpint(m->context_irq[4].level, ==, 1);
    cb4(4, FSR, 0x2);
    g_assert_cmpint(m->context_irq[4].level, ==, 0);
    /* As after a suspend: the fault is put back, and the line with it */
    cb4(4, FSRRESTORE, 0x8000008);
    g_assert_cmphex(cb_read(4, FSR) & 0x1fe, ==, 0x8);
    g_assert_cmpint(m->context_irq[4].level, ==, 1);
    cb4(4, SCTLR, ENABLE & ~0x40);
    g_assert_cmpint(m->context_irq[4].level, ==, 0);
    cb4(4, SCTLR, ENABLE);
    g_assert_cmpint(m->context_irq[4].level, ==, 1);
    machine_reset(m);
    g_assert_cmpint(m->context_irq[4].level, ==, 0);

    setup_streams();
    m->stream_id[0] = 0x99;
    g_assert_true(aborts(0, 0x1234, WO));
    g_assert_cmphex(machine_read(m, GFSR, 4), ==, 2);
    g_assert_cmphex(machine_read(m, GFSYNR1, 4), ==, 0x99);
    g_assert_cmpint(m->global_irq.level, ==, 1);
    gr0(GFSR, 2);
    g_assert_cmpint(m->global_irq.level, ==, 0);
    gr0(GFSRRESTORE, 2);
    g_assert_cmpint(m->global_irq.level, ==, 1);
    gr0(CR0, 0x200432);
    g_assert_cmpint(m->global_irq.level, ==, 0);
}

/* What a CPU gets for a global register that is not there, if that faults */
static void test_config_access(void)
{
    const MemoryRegionOps *ops;
    uint64_t value = 0x5a;

    new_machine(&machine_default);
    ops = m->mmio.iomem.ops;
    m->tcu.regs.options = SMMUV2_CONFIG_FAULTS;
    gr0(CR0, 0x200006);
    /* GCFGFRE = 0: nothing */
    g_assert_cmpint(ops->write_with_attrs(&m->mmio, 0xc, 1, 4,
                                          MEMTXATTRS_UNSPECIFIED), ==,
                    MEMTX_OK);
    g_assert_cmphex(machine_read(m, GFSR, 4), ==, 0x20);
    g_assert_cmpint(m->global_irq.level, ==, 0);
    gr0(CR0, 0x200030);
    g_assert_cmpint(m->global_irq.level, ==, 1);
    g_assert_cmpint(ops->write_with_attrs(&m->mmio, 0xc, 1, 4,
                                          MEMTXATTRS_UNSPECIFIED), !=,
                    MEMTX_OK);
    g_assert_cmpint(ops->read_with_attrs(&m->mmio, 0x2000, &value, 8,
                                         MEMTXATTRS_UNSPECIFIED), !=,
                    MEMTX_OK);
    g_assert_cmphex(value, ==, 0);
    /* CR2 and the hole after it: the one gets there, the other faults */
    g_assert_cmpint(ops->write_with_attrs(&m->mmio, 0x8, 0xff000000a5, 8,
                                          MEMTXATTRS_UNSPECIFIED), !=,
                    MEMTX_OK);
    g_assert_cmphex(machine_read(m, 8, 4), ==, 0xa5);
    /* Banks never fault, nor what is no register access at all */
    gr0(GFSR, 0x80000020);
    cb4(0, 0xc, 1);
    cb4(7, 0xffc, 1);
    machine_write(m, 0xc, 1, 1);
    g_assert_cmphex(machine_read(m, GFSR, 4), ==, 0);
}

/* Who only asks gets no fault recorded */
static void test_probe(void)
{
    SMMUv2Regs before;

    new_machine(&machine_default);
    setup_bank(0, 1 << 16, 1, 0x10000);
    m->stream_id[1] = 0x99;
    before = m->tcu.regs;
    g_assert_true(aborts(0, 0x40201000, IOMMU_NONE));
    g_assert_true(aborts(1, 0x40201000, IOMMU_NONE));
    g_assert_cmpmem(&before, sizeof(before), &m->tcu.regs, sizeof(before));
    g_assert_cmpint(m->context_irq[0].count, ==, 0);
    /* Nor is permission asked for */
    map_page(0x10000, 0x40201000, 0x5000 | (S1_LEAF & ~0x40));
    g_assert_cmphex(machine_translate(m, 0, 0x40201000,
                                      IOMMU_NONE).translated_addr, ==, 0x5000);
}

/* ---- Registers ---- */

static void test_mmio_size(void)
{
    new_machine(&machine_default);
    cb8(0, TTBR0, 0x0123456789abcdef);
    g_assert_cmphex(machine_read(m, machine_cb(m, 0, TTBR0), 8), ==,
                    0x0123456789abcdef);
    g_assert_cmphex(machine_read(m, machine_cb(m, 0, TTBR0), 4), ==,
                    0x89abcdef);
    g_assert_cmphex(machine_read(m, machine_cb(m, 0, TTBR0 + 4), 4), ==,
                    0x01234567);
    cb4(0, TTBR0 + 4, 0x55555555);
    g_assert_cmphex(machine_read(m, machine_cb(m, 0, TTBR0), 8), ==,
                    0x5555555589abcdef);
    /* Two registers of 32 bits by one access of 64 */
    machine_write(m, machine_cb(m, 0, MAIR0), 0x1122334455667788, 8);
    g_assert_cmphex(cb_read(0, MAIR0), ==, 0x55667788);
    g_assert_cmphex(cb_read(0, MAIR0 + 4), ==, 0x11223344);
    g_assert_cmphex(machine_read(m, machine_cb(m, 0, MAIR0), 8), ==,
                    0x1122334455667788);
    /* Other sizes, and unaligned: nothing */
    for (unsigned size = 1; size <= 2; size++) {
        machine_write(m, machine_cb(m, 0, MAIR0), UINT64_MAX, size);
        g_assert_cmphex(machine_read(m, machine_cb(m, 0, MAIR0), size), ==, 0);
    }
    for (unsigned at = 1; at < 8; at++) {
        machine_write(m, machine_cb(m, 0, MAIR0 + at), UINT64_MAX, 8);
        g_assert_cmphex(machine_read(m, machine_cb(m, 0, MAIR0 + at), 8), ==,
                        0);
        if (at % 4) {
            machine_write(m, machine_cb(m, 0, MAIR0 + at), UINT64_MAX, 4);
            g_assert_cmphex(machine_read(m, machine_cb(m, 0, MAIR0 + at), 4),
                            ==, 0);
        }
    }
    g_assert_cmphex(machine_read(m, machine_cb(m, 0, MAIR0), 8), ==,
                    0x1122334455667788);
}

/* Nothing is ever stalled, so there is nothing to resume */
static void test_resume(void)
{
    SMMUv2Regs before;

    new_machine(&machine_default);
    setup_bank(0, 1 << 16, 1, 0x10000);
    cb4(0, SCTLR, ENABLE | 0x80);
    g_assert_true(aborts(0, 0x40201000, RO));
    g_assert_cmphex(cb_read(0, FSR), ==, 0x402);
    before = m->tcu.regs;
    cb4(0, 0x8, 0);
    cb4(0, 0x8, 1);
    g_assert_cmpmem(&before, sizeof(before), &m->tcu.regs, sizeof(before));
    g_assert_cmphex(cb_read(0, 0x8), ==, 0);
}

/* Whatever is not there reads as zero and cannot be written */
static void test_mmio_reserved(const void *data)
{
    const unsigned *page_shift = data;
    MachineConfig config = machine_default;
    SMMUv2Regs before;
    uint64_t end;

    /* Three pages without a bank, three of the global space */
    config.num_cb = config.num_context_irqs = 5;
    config.page_shift = *page_shift;
    new_machine(&config);
    end = int128_get64(m->mmio.iomem.size);
    g_assert_cmphex(end, ==, 16ull << *page_shift);
    for (uint64_t at = 0; at < end; at += 4) {
        uint64_t page = at >> *page_shift;
        unsigned offset = at & MAKE_64BIT_MASK(0, *page_shift);
        SMMUv2Frame frame = page == 0 ? SMMUV2_FRAME_GR0 :
                            page == 1 ? SMMUV2_FRAME_GR1 :
                            page == 3 ? SMMUV2_FRAME_PM : SMMUV2_FRAME_CB;

        if ((page < 2 || page == 3 || (page >= 8 && page < 13)) &&
            smmuv2_reg_find(frame, 0, offset, 16, 5).reg) {
            continue;
        }
        g_assert_cmphex(machine_read(m, at, 4), ==, 0);
        before = m->tcu.regs;
        machine_write(m, at, 0xffffffff, 4);
        g_assert_cmpmem(&before, sizeof(before), &m->tcu.regs,
                        sizeof(before));
        if (g_test_failed()) {
            break;
        }
    }
}

int main(int argc, char **argv)
{
    static const unsigned page_shifts[] = { 12, 16 };

    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    g_test_add_func("/smmuv2/tcu/stage1", test_stage1);
    g_test_add_func("/smmuv2/tcu/upper-half", test_upper_half);
    g_test_add_func("/smmuv2/tcu/permission", test_permission);
    g_test_add_func("/smmuv2/tcu/overrides", test_overrides);
    g_test_add_func("/smmuv2/tcu/flat", test_flat);
    g_test_add_func("/smmuv2/tcu/stage2-fault", test_stage2_fault);
    g_test_add_func("/smmuv2/tcu/invalid-bank", test_invalid_bank);
    g_test_add_func("/smmuv2/tcu/nested", test_nested);
    g_test_add_func("/smmuv2/tcu/nested-table", test_nested_table);
    g_test_add_func("/smmuv2/tcu/report", test_report);
    g_test_add_func("/smmuv2/tcu/interrupts", test_interrupts);
    g_test_add_func("/smmuv2/tcu/config-access", test_config_access);
    g_test_add_func("/smmuv2/tcu/probe", test_probe);
    g_test_add_func("/smmuv2/tcu/resume", test_resume);
    g_test_add_func("/smmuv2/mmio/size", test_mmio_size);
    for (int i = 0; i < ARRAY_SIZE(page_shifts); i++) {
        g_autofree char *name = g_strdup_printf("/smmuv2/mmio/reserved/%d",
                                                1 << page_shifts[i]);

        g_test_add_data_func(name, &page_shifts[i], test_mmio_reserved);
    }
    return g_test_run();
}
