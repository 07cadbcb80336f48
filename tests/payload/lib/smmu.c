/*
 * Payloads: a driver of the SMMUv2
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "gic.h"
#include "smmu.h"

/* Banks that EXPECT_NO_FAULT() looks at: tests use low ones, and reads cost */
#define NUM_WATCHED 16

static struct {
    uint64_t base, page, banks;     /* page: size of a frame */
    unsigned num_cb, num_smrg;
    const uint32_t *irqs;           /* cells: type, number, flags */
    unsigned num_irqs;
} smmu;

/* ---- Registers ---- */

uint64_t smmu_reg(unsigned page, unsigned offset)
{
    return smmu.base + smmu.page * page + offset;
}

uint64_t smmu_cb_reg(unsigned cb, unsigned offset)
{
    return smmu.banks + smmu.page * cb + offset;
}

uint32_t gr0_read(unsigned offset)
{
    return mmio_read32(smmu_reg(SMMUV2_PAGE_GR0, offset));
}

void gr0_write(unsigned offset, uint32_t value)
{
    mmio_write32(smmu_reg(SMMUV2_PAGE_GR0, offset), value);
}

uint64_t gr0_read64(unsigned offset)
{
    return mmio_read64(smmu_reg(SMMUV2_PAGE_GR0, offset));
}

uint32_t gr1_read(unsigned offset)
{
    return mmio_read32(smmu_reg(SMMUV2_PAGE_GR1, offset));
}

void gr1_write(unsigned offset, uint32_t value)
{
    mmio_write32(smmu_reg(SMMUV2_PAGE_GR1, offset), value);
}

uint32_t cb_read(unsigned cb, unsigned offset)
{
    return mmio_read32(smmu_cb_reg(cb, offset));
}

void cb_write(unsigned cb, unsigned offset, uint32_t value)
{
    mmio_write32(smmu_cb_reg(cb, offset), value);
}

uint64_t cb_read64(unsigned cb, unsigned offset)
{
    return mmio_read64(smmu_cb_reg(cb, offset));
}

void cb_write64(unsigned cb, unsigned offset, uint64_t value)
{
    mmio_write64(smmu_cb_reg(cb, offset), value);
}

static unsigned irq(unsigned n)
{
    if (n >= smmu.num_irqs) {
        bail_out("interrupt %u of the SMMU is not in the device tree", n);
    }
    return SPI(__builtin_bswap32(smmu.irqs[3 * n + 1]));
}

unsigned smmu_global_irq(void)
{
    return irq(0);
}

unsigned smmu_context_irq(unsigned cb)
{
    return irq(1 + cb);
}

static void find(void)
{
    uint64_t size;
    uint32_t idr1;

    if (!dt_reg("arm,mmu-500", 0, &smmu.base, &size)) {
        bail_out("no SMMUv2: -M virt,iommu=smmuv2");
    }
    smmu.irqs = dt_cells("arm,mmu-500", "interrupts", &smmu.num_irqs);
    smmu.num_irqs /= 3;
    idr1 = gr0_read(A_IDR1);
    smmu.page = FIELD_EX32(idr1, IDR1, PAGESIZE) ? 64 * KiB : 4 * KiB;
    smmu.banks = smmu.base + (smmu.page << FIELD_EX32(idr1, IDR1, NUMPAGENDXB))
                 * 2;
}

void smmu_reset(uint32_t cr0)
{
    if (!smmu.base) {
        find();
        testdevs_find(num_cpus());
    }
    /* What secure software leaves */
    smmu.num_cb = FIELD_EX32(gr0_read(A_IDR1), IDR1, NUMCB);
    smmu.num_smrg = FIELD_EX32(gr0_read(A_IDR0), IDR0, NUMSMRG);
    for (unsigned n = 0; n < smmu.num_smrg; n++) {
        stream_off(n);
    }
    for (unsigned cb = 0; cb < smmu.num_cb; cb++) {
        bank_off(cb);
        fault_clear(cb);
    }
    gr0_write(A_GFSR, ~0u);
    tlbi_all();
    tlb_gsync();
    gr0_write(A_CR0, cr0);
}

/* ---- Tables ---- */

static unsigned shift_of(const struct table *tab, int level)
{
    return tab->granule + (3 - level) * (tab->granule - 3);
}

struct table table_new_with(unsigned stage, unsigned granule, unsigned bits,
                            int start, uint64_t bias)
{
    struct table tab = {
        .stage = stage, .granule = granule, .bits = bits, .start = start,
        .bias = bias,
    };
    uint64_t size = 8ull << (bits - shift_of(&tab, start));

    size = size < 64 ? 64 : size;
    tab.root = mem_alloc(size, size < PAGE_SIZE ? PAGE_SIZE : size);
    return tab;
}

struct table table_new(unsigned stage, uint64_t bias)
{
    return table_new_with(stage, 12, 39, 1, bias);
}

uint64_t *table_desc(struct table *tab, uint64_t in, int level)
{
    const uint64_t size = 1ull << tab->granule;
    const uint64_t address = 0xfffffffff000ull & ~(size - 1);
    uint64_t table = tab->root;

    in &= (1ull << tab->bits) - 1;
    for (int l = tab->start; ; l++) {
        unsigned shift = shift_of(tab, l);
        uint64_t index = in >> shift;
        uint64_t *desc;

        if (l != tab->start) {
            index &= size / 8 - 1;
        }
        desc = at(uint64_t, table) + index;
        if (l == level) {
            return desc;
        }
        if ((mem_read(desc) & 3) != 3) {
            mem_write(desc, (mem_alloc(size, size) + tab->bias) | 3);
        }
        table = (*desc & address) - tab->bias;
    }
}

void table_map_at(struct table *tab, uint64_t in, uint64_t out, int level,
                  uint64_t leaf)
{
    mem_write(table_desc(tab, in, level), out | leaf | (level == 3 ? 3 : 1));
}

void table_map(struct table *tab, uint64_t in, uint64_t out)
{
    table_map_at(tab, in, out, 3, LEAF(tab));
}

void table_unmap(struct table *tab, uint64_t in)
{
    mem_write(table_desc(tab, in, 3), 0);
}

/* ---- Banks and streams ---- */

static uint32_t tcr_of(const struct table *tab)
{
    static const uint8_t tg0[] = { [12] = 0, [14] = 2, [16] = 1 };
    uint32_t tcr = 64 - tab->bits;          /* T0SZ */

    tcr |= 3u << R_CB_TCR_SH0_SHIFT | 1u << R_CB_TCR_ORGN0_SHIFT |
           1u << R_CB_TCR_IRGN0_SHIFT |
           (uint32_t)tg0[tab->granule] << R_CB_TCR_TG0_SHIFT;
    if (tab->stage == 1) {
        return tcr | R_CB_TCR_EPD1_MASK;
    }
    tcr |= (uint32_t)((tab->granule == 12 ? 2 : 3) - tab->start)
           << R_CB_TCR_SL0_SHIFT;
    return tcr | 5u << R_CB_TCR_PASIZE_SHIFT;
}

static void set_s1(unsigned cb, const struct table *tab, uint16_t asid,
                   uint32_t cbar)
{
    cb_write(cb, A_CB_SCTLR, 0);
    gr1_write(A_CBA2R0 + 4 * cb, R_CBA2R0_VA64_MASK);
    gr1_write(A_CBAR0 + 4 * cb, cbar);
    /* A 48-bit output, ASIDs of 16 bits */
    cb_write(cb, A_CB_TCR2, 5u | CB_TCR2_SEP_UPSTREAM << R_CB_TCR2_SEP_SHIFT |
             R_CB_TCR2_AS_MASK);
    cb_write(cb, A_CB_TCR, tcr_of(tab));
    cb_write64(cb, A_CB_TTBR0, (uint64_t)asid << 48 | (tab->root + tab->bias));
    cb_write64(cb, A_CB_TTBR1, (uint64_t)asid << 48);
    cb_write(cb, A_CB_MAIR0, ~0u);          /* write-back, all of them */
    cb_write(cb, A_CB_MAIR1, ~0u);
    cb_write(cb, A_CB_SCTLR, SCTLR_ON);
}

void bank_s1(unsigned cb, const struct table *tab, uint16_t asid, uint8_t vmid)
{
    set_s1(cb, tab, asid, vmid | CBAR_TYPE_S1_S2_BYPASS << R_CBAR0_TYPE_SHIFT);
}

void bank_nested(unsigned cb, const struct table *tab, uint16_t asid,
                 unsigned s2)
{
    set_s1(cb, tab, asid, s2 << R_CBAR0_CBNDX_SHIFT |
           CBAR_TYPE_S1_S2 << R_CBAR0_TYPE_SHIFT);
}

void bank_s2(unsigned cb, const struct table *tab, uint8_t vmid)
{
    cb_write(cb, A_CB_SCTLR, 0);
    gr1_write(A_CBA2R0 + 4 * cb, R_CBA2R0_VA64_MASK);
    gr1_write(A_CBAR0 + 4 * cb, vmid | CBAR_TYPE_S2 << R_CBAR0_TYPE_SHIFT);
    cb_write(cb, A_CB_TCR, tcr_of(tab));
    cb_write64(cb, A_CB_TTBR0, tab->root);
    cb_write(cb, A_CB_SCTLR, SCTLR_ON);
}

void bank_off(unsigned cb)
{
    cb_write(cb, A_CB_SCTLR, 0);
}

void stream_to_bank(unsigned n, const struct testdev *d, unsigned cb)
{
    gr0_write(A_S2CR0 + 4 * n,
              cb | S2CR_TYPE_TRANSLATE << R_S2CR0_TYPE_SHIFT);
    gr0_write(A_SMR0 + 4 * n, R_SMR0_VALID_MASK | d->rid);
}

void stream_to(unsigned n, const struct testdev *d, unsigned type)
{
    gr0_write(A_S2CR0 + 4 * n, type << R_S2CR0_TYPE_SHIFT);
    gr0_write(A_SMR0 + 4 * n, R_SMR0_VALID_MASK | d->rid);
}

void stream_off(unsigned n)
{
    gr0_write(A_SMR0 + 4 * n, 0);
    gr0_write(A_S2CR0 + 4 * n, S2CR_TYPE_FAULT << R_S2CR0_TYPE_SHIFT);
}

/* ---- TLB ---- */

void tlbi_va(unsigned cb, uint64_t va, uint16_t asid)
{
    cb_write64(cb, A_CB_TLBIVA, (uint64_t)asid << 48 |
               (va >> 12 & ((1ull << 44) - 1)));
}

void tlbi_asid(unsigned cb, uint16_t asid)
{
    cb_write(cb, A_CB_TLBIASID, asid);
}

void tlbi_ipa(unsigned cb, uint64_t ipa)
{
    cb_write64(cb, A_CB_TLBIIPAS2, ipa >> 12);
}

void tlbi_vmid(uint16_t vmid)
{
    gr0_write(A_TLBIVMID, vmid);
}

void tlbi_all(void)
{
    gr0_write(A_TLBIALLNSNH, 0);
}

void tlb_sync(unsigned cb)
{
    cb_write(cb, A_CB_TLBSYNC, 0);
    if (!WAIT_FOR(!(cb_read(cb, A_CB_TLBSTATUS) &
                    R_CB_TLBSTATUS_SACTIVE_MASK))) {
        bail_out("TLBSYNC of bank %u does not end", cb);
    }
}

void tlb_gsync(void)
{
    gr0_write(A_TLBGSYNC, 0);
    if (!WAIT_FOR(!(gr0_read(A_TLBGSTATUS) & R_TLBGSTATUS_GSACTIVE_MASK))) {
        bail_out("TLBGSYNC does not end");
    }
}

/* ---- Faults ---- */

struct fault fault_read(unsigned cb)
{
    return (struct fault) {
        .fsr = cb_read(cb, A_CB_FSR),
        .fsynr0 = cb_read(cb, A_CB_FSYNR0),
        .sid = FIELD_EX32(gr1_read(A_CBFRSYNRA0 + 4 * cb), CBFRSYNRA0,
                          STREAM_ID),
        .far = cb_read64(cb, A_CB_FAR),
        .ipafar = cb_read64(cb, A_CB_IPAFAR),
    };
}

/* FSR last: from then on the next fault may report */
void fault_clear(unsigned cb)
{
    cb_write(cb, A_CB_FSYNR0, 0);
    cb_write64(cb, A_CB_FAR, 0);
    cb_write64(cb, A_CB_IPAFAR, 0);
    gr1_write(A_CBFRSYNRA0 + 4 * cb, 0);
    cb_write(cb, A_CB_FSR, ~0u);
}

void expect_no_fault(const char *file, int line)
{
    for (unsigned cb = 0; cb < NUM_WATCHED; cb++) {
        uint32_t fsr = cb_read(cb, A_CB_FSR) & CB_FSR_W1C;

        if (fsr) {
            struct fault f = fault_read(cb);

            say("bank %u: FSR 0x%x FSYNR0 0x%x stream 0x%x FAR 0x%lx "
                "IPAFAR 0x%lx", cb, fsr, f.fsynr0, f.sid, f.far, f.ipafar);
            check_that(false, file, line, "no bank reports a fault");
        }
    }
    check_equal(gr0_read(A_GFSR), 0, file, line, "GFSR");
}

void expect_fault(unsigned cb, const struct testdev *d, uint32_t fsr,
                  uint32_t fsynr0, uint64_t far, uint64_t ipa,
                  const char *file, int line)
{
    struct fault f = fault_read(cb);

    check_equal(f.fsr, fsr, file, line, "FSR");
    check_equal(f.fsynr0, fsynr0, file, line, "FSYNR0");
    check_equal(f.sid, d->rid, file, line, "CBFRSYNRA.StreamID");
    check_equal(f.far, far, file, line, "FAR");
    check_equal(f.ipafar & ~0xfffull, ipa & ~0xfffull, file, line, "IPAFAR");
    fault_clear(cb);
    check_equal(cb_read(cb, A_CB_FSR) & CB_FSR_W1C, 0, file, line,
                "FSR, cleared,");
}

void expect_global_fault(const struct testdev *d, uint32_t gfsr,
                         uint32_t gfsynr0, uint64_t gfar, const char *file,
                         int line)
{
    check_equal(gr0_read(A_GFSR), gfsr, file, line, "GFSR");
    check_equal(gr0_read(A_GFSYNR0), gfsynr0, file, line, "GFSYNR0");
    check_equal(FIELD_EX32(gr0_read(A_GFSYNR1), GFSYNR1, STREAM_ID), d->rid,
                file, line, "GFSYNR1.STREAM_ID");
    check_equal(gr0_read64(A_GFAR), gfar, file, line, "GFAR");
    gr0_write(A_GFSR, ~0u);
    check_equal(gr0_read(A_GFSR), 0, file, line, "GFSR, cleared,");
}

/* ---- What DMA sees ---- */

bool expect_maps(struct testdev *d, uint64_t iova, uint64_t pa,
                 const char *file, int line)
{
    uint64_t in = pattern(), out = pattern(), got;
    uint32_t result;
    bool ok;

    mem_write(at(uint64_t, pa), in);
    result = td_dma_read(d, iova, &got);
    ok = check_equal(result, PTD_RESULT_OK, file, line, "result of a read") &&
         check_equal(got, in, file, line, "what it read");
    result = td_dma_write(d, iova, out);
    got = mem_read(at(uint64_t, pa));
    return ok &
           (check_equal(result, PTD_RESULT_OK, file, line,
                        "result of a write") &&
            check_equal(got, out, file, line, "what it wrote"));
}

bool expect_refused(struct testdev *d, unsigned op, uint64_t iova, uint64_t pa,
                    const char *file, int line)
{
    uint64_t secret = pattern(), bait = pattern();
    uint32_t result;
    bool ok;

    mem_write(at(uint64_t, pa), secret);
    mmio_write64(d->buffer, bait);
    /* 4 bytes: one transaction, as QEMU cuts what is refused */
    result = td_dma(d, op, iova, 0, 4);
    ok = check_equal(result, PTD_RESULT_DECODE_ERROR, file, line,
                     "result of a DMA that should be refused");
    ok &= check_equal(mem_read(at(uint64_t, pa)), secret, file, line,
                      "memory that it must not change");
    if (op == PTD_OP_READ) {
        ok &= check_that((uint32_t)mmio_read64(d->buffer) != (uint32_t)secret,
                         file, line, "the device has not read it");
    }
    return ok;
}
