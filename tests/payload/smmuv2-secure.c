/*
 * SMMUv2 payload: Secure and Non-secure
 *
 * Secure software, which is a few secure accesses through EL3, claims streams,
 * groups and banks.  The hypervisor can neither see nor take them, its devices
 * do not reach secure memory, and secure ones are none of its business.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "noise.h"
#include "pci.h"
#include "secure.h"
#include "smmu.h"

#define NS_BANKS    112             /* banks and groups below are Non-secure */
#define S_BANK      120             /* of secure software; groups likewise */
#define S_GROUP     120
#define NS_BANK     3
#define IOVA        0x40000000ull
/* Secure memory: three tables, a page, another one */
#define ROOT        SECURE_RAM
#define PAGE        (SECURE_RAM + 3 * PAGE_SIZE)
#define OTHER       (SECURE_RAM + 4 * PAGE_SIZE)
#define DESC_NS     BIT(5)

/* ---- The secure side ---- */

static uint32_t s_gr0(unsigned offset)
{
    return secure_read32(smmu_reg(SMMUV2_PAGE_GR0, offset));
}

static void s_gr0_write(unsigned offset, uint32_t value)
{
    secure_write32(smmu_reg(SMMUV2_PAGE_GR0, offset), value);
}

static void s_gr1_write(unsigned offset, uint32_t value)
{
    secure_write32(smmu_reg(SMMUV2_PAGE_GR1, offset), value);
}

static uint32_t s_cb(unsigned offset)
{
    return secure_read32(smmu_cb_reg(S_BANK, offset));
}

static void s_cb_write(unsigned offset, uint32_t value)
{
    secure_write32(smmu_cb_reg(S_BANK, offset), value);
}

/* A stream is Secure, or no longer */
static void claim_stream(const struct testdev *d, bool secure)
{
    uint64_t reg = smmu_reg(SMMUV2_PAGE_SSD, d->rid / 32 * 4);
    uint32_t bits = secure_read32(reg), bit = 1u << d->rid % 32;

    secure_write32(reg, secure ? bits & ~bit : bits | bit);
}

static void s_group(const struct testdev *d, unsigned cb)
{
    s_gr0_write(A_S2CR0 + 4 * S_GROUP, cb);
    s_gr0_write(A_SMR0 + 4 * S_GROUP, R_SMR0_VALID_MASK | d->rid);
}

/* The secure bank maps IOVA to @pa; tables are in secure memory */
static void s_map(uint64_t pa, uint64_t leaf)
{
    secure_write64(ROOT + 8 * (IOVA >> 30), (ROOT + PAGE_SIZE) | 3);
    secure_write64(ROOT + PAGE_SIZE, (ROOT + 2 * PAGE_SIZE) | 3);
    secure_write64(ROOT + 2 * PAGE_SIZE, leaf ? pa | leaf | 3 : 0);
    s_gr0_write(A_STLBIALL, 0);
    s_gr0_write(A_TLBGSYNC, 0);
    CHECK(WAIT_FOR(!(s_gr0(A_TLBGSTATUS) & R_TLBGSTATUS_GSACTIVE_MASK)));
}

static void s_bank(void)
{
    s_gr1_write(A_CBA2R0 + 4 * S_BANK, R_CBA2R0_VA64_MASK);
    s_gr1_write(A_CBAR0 + 4 * S_BANK,
                CBAR_TYPE_S1_S2_BYPASS << R_CBAR0_TYPE_SHIFT);
    s_cb_write(A_CB_TCR2, 5 | CB_TCR2_SEP_UPSTREAM << R_CB_TCR2_SEP_SHIFT);
    s_cb_write(A_CB_TCR, 25 | 3 << R_CB_TCR_SH0_SHIFT | R_CB_TCR_EPD1_MASK);
    s_cb_write(A_CB_TTBR0, ROOT);
    s_cb_write(A_CB_TTBR0 + 4, 0);
    s_cb_write(A_CB_MAIR0, ~0u);
    s_cb_write(A_CB_FSR, ~0u);
    s_cb_write(A_CB_SCTLR, SCTLR_ON);
}

/* No stream is secure; banks and groups are shared out; the rest makes noise */
static bool begin(void)
{
    if (!secure_there()) {
        skip("no EL3");
        return false;
    }
    smmu_reset(CR0_ON);
    for (unsigned i = 0; i < 4; i++) {
        claim_stream(&testdevs[i], false);
    }
    s_gr0_write(A_SCR1, (s_gr0(A_SCR1) & ~0xffffu) | NS_BANKS << 8 | NS_BANKS);
    for (unsigned n = NS_BANKS; n < 128; n++) {
        s_gr0_write(A_SMR0 + 4 * n, 0);
    }
    s_gr0_write(A_GFSR, ~0u);
    s_gr0_write(A_CR0, CR0_ON);
    s_bank();
    s_map(PAGE, LEAF_S1);
    noise_start();
    return true;
}

static void end(void)
{
    EXPECT_NO_FAULT();
    CHECK_EQ(s_gr0(A_GFSR), 0);
    noise_stop();
    claim_stream(&testdevs[0], false);
}

/* DMA of 4 bytes; what secure memory has is not what it had */
static bool changes(struct testdev *d, uint64_t address, uint64_t memory)
{
    uint64_t old = pattern();

    secure_write64(memory, old);
    mmio_write64(d->buffer, pattern());
    td_dma(d, PTD_OP_WRITE, address, 0, 4);
    return secure_read64(memory) != old;
}

/* ---- Tests ---- */

/* What is secure is not there for the hypervisor */
static void test_hidden(void)
{
    struct testdev *d = &testdevs[0];
    uint32_t idr0, smr, s2cr, ssd;

    if (!begin()) {
        return;
    }
    idr0 = gr0_read(A_IDR0);
    CHECK_EQ(FIELD_EX32(idr0, IDR0, NUMSMRG), NS_BANKS);
    CHECK_EQ(FIELD_EX32(gr0_read(A_IDR1), IDR1, NUMCB), NS_BANKS);
    CHECK_EQ(FIELD_EX32(s_gr0(A_IDR0), IDR0, NUMSMRG), 128);
    CHECK_EQ(FIELD_EX32(s_gr0(A_IDR1), IDR1, NUMCB), 128);
    CHECK(s_gr0(A_IDR0) & R_IDR0_SES_MASK);
    CHECK_EQ(gr0_read(A_SCR1), 0);

    s_group(d, S_BANK);
    smr = s_gr0(A_SMR0 + 4 * S_GROUP);
    s2cr = s_gr0(A_S2CR0 + 4 * S_GROUP);
    ssd = secure_read32(smmu_reg(SMMUV2_PAGE_SSD, 4));
    CHECK_EQ(smr, R_SMR0_VALID_MASK | d->rid);
    CHECK_EQ(gr0_read(A_SMR0 + 4 * S_GROUP), 0);
    CHECK_EQ(gr0_read(A_S2CR0 + 4 * S_GROUP), 0);
    CHECK_EQ(cb_read(S_BANK, A_CB_SCTLR), 0);
    CHECK_EQ(cb_read64(S_BANK, A_CB_TTBR0), 0);

    gr0_write(A_SCR1, 0);
    gr0_write(A_SMR0 + 4 * S_GROUP, 0);
    gr0_write(A_S2CR0 + 4 * S_GROUP, 0x20005);
    gr1_write(A_CBAR0 + 4 * S_BANK, 0);
    cb_write(S_BANK, A_CB_SCTLR, 0);
    cb_write64(S_BANK, A_CB_TTBR0, RAM_BASE);
    mmio_write32(smmu_reg(SMMUV2_PAGE_SSD, 4), 0);
    CHECK_EQ(s_gr0(A_SCR1) & 0xffff, NS_BANKS << 8 | NS_BANKS);
    CHECK_EQ(s_gr0(A_SMR0 + 4 * S_GROUP), smr);
    CHECK_EQ(s_gr0(A_S2CR0 + 4 * S_GROUP), s2cr);
    CHECK_EQ(s_cb(A_CB_SCTLR), SCTLR_ON);
    CHECK_EQ(s_cb(A_CB_TTBR0), ROOT);
    CHECK_EQ(secure_read32(smmu_reg(SMMUV2_PAGE_SSD, 4)), ssd);
    end();
}

/* A device of the hypervisor's, whatever that maps, gets no secure memory */
static void test_non_secure(void)
{
    struct testdev *d = &testdevs[0];
    struct table tab = table_new(1, 0), s2 = table_new(2, 0);

    if (!begin()) {
        return;
    }
    table_map(&tab, IOVA, PAGE);
    table_map_at(&tab, IOVA + PAGE_SIZE, PAGE, 3, LEAF_S1 | DESC_NS);
    bank_s1(NS_BANK, &tab, 1, 0);
    stream_to_bank(0, d, NS_BANK);
    CHECK(!changes(d, IOVA, PAGE));
    CHECK(!changes(d, IOVA + PAGE_SIZE, PAGE));
    table_map(&s2, PAGE, PAGE);
    bank_s2(NS_BANK, &s2, 1);
    CHECK(!changes(d, PAGE, PAGE));
    stream_to(0, d, S2CR_TYPE_BYPASS);
    CHECK(!changes(d, PAGE, PAGE));
    stream_off(0);
    gr0_write(A_CR0, CR0_BYPASS);
    CHECK(!changes(d, PAGE, PAGE));
    gr0_write(A_CR0, CR0_ON);

    /* Nor a secure group or bank, even if that names it */
    s_group(d, S_BANK);
    CHECK(!changes(d, IOVA, PAGE));
    EXPECT_GLOBAL_FAULT(d, R_GFSR_USF_MASK, GLOBAL_WRITE, IOVA);
    stream_to_bank(0, d, S_BANK);
    CHECK(!changes(d, IOVA, PAGE));
    EXPECT_GLOBAL_FAULT(d, R_GFSR_UCBF_MASK, GLOBAL_WRITE, IOVA);
    stream_off(0);
    end();
}

/* A secure stream: secure tables, secure memory, and the other where NS says */
static void test_secure(void)
{
    struct testdev *d = &testdevs[0];
    uint64_t pa = mem_alloc(PAGE_SIZE, PAGE_SIZE), value;

    if (!begin()) {
        return;
    }
    claim_stream(d, true);
    s_group(d, S_BANK);
    for (unsigned i = 0; i < 2; i++) {
        uint64_t page = i ? OTHER : PAGE, v = pattern();

        s_map(page, LEAF_S1);
        secure_write64(page, v);
        CHECK_EQ(td_dma_read(d, IOVA, &value), PTD_RESULT_OK);
        CHECK_EQ(value, v);
        v = pattern();
        CHECK_EQ(td_dma_write(d, IOVA, v), PTD_RESULT_OK);
        CHECK_EQ(secure_read64(page), v);
    }
    s_map(pa, LEAF_S1 | DESC_NS);
    EXPECT_MAPS(d, IOVA, pa);
    end();
}

/* Its faults are for secure software: of the bank, and the global ones */
static void test_secure_faults(void)
{
    struct testdev *d = &testdevs[0];
    struct table tab = table_new(1, 0);
    uint64_t pa = mem_alloc(PAGE_SIZE, PAGE_SIZE);

    if (!begin()) {
        return;
    }
    claim_stream(d, true);
    s_group(d, S_BANK);
    s_map(PAGE, 0);
    CHECK(!changes(d, IOVA, PAGE));
    CHECK_EQ(s_cb(A_CB_FSR), FSR(TF));
    CHECK_EQ(s_cb(A_CB_FAR), IOVA);
    CHECK_EQ(cb_read(S_BANK, A_CB_FSR), 0);
    CHECK_EQ(gr0_read(A_GFSR), 0);
    s_cb_write(A_CB_FSR, ~0u);

    /* The hypervisor's entry is not for it: its page stays as it is */
    s_gr0_write(A_SMR0 + 4 * S_GROUP, 0);
    table_map(&tab, IOVA, pa);
    bank_s1(NS_BANK, &tab, 1, 0);
    stream_to_bank(0, d, NS_BANK);
    EXPECT_REFUSED(d, PTD_OP_WRITE, IOVA, pa);
    CHECK_EQ(gr0_read(A_GFSR), 0);
    CHECK_EQ(s_gr0(A_GFSR), R_GFSR_USF_MASK);
    CHECK_EQ(s_gr0(A_GFAR), IOVA);
    CHECK_EQ(s_gr0(A_GFSYNR1) & 0xffff, d->rid);
    s_gr0_write(A_GFSR, ~0u);

    /* Nor may its own entry name a bank of the hypervisor's */
    s_group(d, NS_BANK);
    EXPECT_REFUSED(d, PTD_OP_WRITE, IOVA, pa);
    CHECK_EQ(s_gr0(A_GFSR), R_GFSR_UCBF_MASK);
    s_gr0_write(A_GFSR, ~0u);

    /* Given back, it is the hypervisor's */
    claim_stream(d, false);
    EXPECT_MAPS(d, IOVA, pa);
    stream_off(0);
    end();
}

/* A secure mapping taken back is gone, though others invalidate all the time */
static void test_secure_stale(void)
{
    struct testdev *d = &testdevs[0];

    if (!begin()) {
        return;
    }
    claim_stream(d, true);
    s_group(d, S_BANK);
    for (unsigned i = 0; i < 10 && !failures(); i++) {
        s_map(PAGE, LEAF_S1);
        CHECK(changes(d, IOVA, PAGE));
        /* The hypervisor cannot make it be read from elsewhere */
        tlbi_all();
        tlb_gsync();
        CHECK(changes(d, IOVA, PAGE));
        s_map(OTHER, LEAF_S1);
        CHECK(!changes(d, IOVA, PAGE));
        CHECK(changes(d, IOVA, OTHER));
        s_map(OTHER, 0);
        CHECK(!changes(d, IOVA, OTHER));
        s_cb_write(A_CB_FSR, ~0u);
    }
    end();
}

const struct test tests[] = {
    { "secure registers are hidden", test_hidden },
    { "Non-secure devices and secure memory", test_non_secure },
    { "secure devices and memory", test_secure },
    { "faults of secure streams", test_secure_faults },
    { "a stale secure mapping", test_secure_stale },
    {}
};
