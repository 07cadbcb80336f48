/*
 * SMMUv2 payload: interrupts
 *
 * Faults reach the CPU that is to hear of them, once each; messages of a device
 * go through the SMMU to the ITS and arrive at the CPU that they are for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "gic.h"
#include "noise.h"
#include "pci.h"
#include "smmu.h"

#define CB          4
#define IOVA        0x1000000000ull
#define IPA         0x2000000000ull
#define MSI_IOVA    0x3000000000ull /* of the ITS's doorbell */
#define BIAS        0x1000000000ull
#define LPI(cpu)    (LPI_BASE + (cpu))
#define EVENT(cpu)  (4 + (cpu))

/* ---- Faults ---- */

/* What a handler has found, and cleared */
struct heard {
    unsigned cb, count;
    struct fault fault;
};

static void on_fault(unsigned intid, void *arg)
{
    struct heard *h = arg;

    h->fault = fault_read(h->cb);
    fault_clear(h->cb);
    mem_add(&h->count, 1);
}

static void listen(struct heard *h, unsigned cb, unsigned cpu)
{
    *h = (struct heard) { .cb = cb };
    irq_handle(smmu_context_irq(cb), on_fault, h);
    spi_enable(smmu_context_irq(cb), cpu);
}

static void no_more(unsigned cb)
{
    spi_disable(smmu_context_irq(cb));
    irq_handle(smmu_context_irq(cb), NULL, NULL);
}

/* To each of the CPUs, which does not ask for it; once */
static void test_fault(void)
{
    struct testdev *d = &testdevs[0];
    struct table tab = table_new(1, 0);
    struct heard h;

    smmu_reset(CR0_ON);
    bank_s1(CB, &tab, 1, 0);
    stream_to_bank(0, d, CB);
    for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
        uint64_t iova = IOVA + cpu * 0x10010;

        listen(&h, CB, cpu);
        CHECK_EQ(td_dma(d, cpu % 2 ? PTD_OP_WRITE : PTD_OP_READ, iova, 0, 4),
                 PTD_RESULT_DECODE_ERROR);
        CHECK(WAIT_FOR(mem_read(&h.count)));
        CHECK_EQ(irq_cpu(smmu_context_irq(CB)), cpu);
        CHECK_EQ(h.fault.fsr, FSR(TF));
        CHECK_EQ(h.fault.far, iova);
        CHECK_EQ(h.fault.sid, d->rid);
        CHECK_EQ(h.fault.fsynr0, LEVEL(1) | (cpu % 2 ? WRITE : 0));
        /* The line is low again, so this was all */
        EXPECT_NO_FAULT();
        CHECK_EQ(mem_read(&h.count), 1);
        no_more(CB);
    }
}

/* CFIE decides; what was recorded before it was set counts too */
static void test_cfie(void)
{
    struct testdev *d = &testdevs[0];
    struct table tab = table_new(1, 0);
    struct heard h;

    smmu_reset(CR0_ON);
    bank_s1(CB, &tab, 1, 0);
    cb_write(CB, A_CB_SCTLR, SCTLR_ON & ~R_CB_SCTLR_CFIE_MASK);
    stream_to_bank(0, d, CB);
    listen(&h, CB, 2);
    CHECK_EQ(td_dma(d, PTD_OP_READ, IOVA, 0, 4), PTD_RESULT_DECODE_ERROR);
    CHECK_EQ(cb_read(CB, A_CB_FSR), FSR(TF));
    CHECK_EQ(mem_read(&h.count), 0);
    cb_write(CB, A_CB_SCTLR, SCTLR_ON);
    CHECK(WAIT_FOR(mem_read(&h.count)));
    CHECK_EQ(h.fault.far, IOVA);
    no_more(CB);
}

/* FSRRESTORE raises it for a hypervisor that brings a guest's state back */
static void test_restore(void)
{
    struct table tab = table_new(1, 0);
    struct heard h;

    smmu_reset(CR0_ON);
    bank_s1(CB, &tab, 1, 0);
    listen(&h, CB, 1);
    cb_write(CB, A_CB_FSRRESTORE, FSR(PF));
    CHECK(WAIT_FOR(mem_read(&h.count)));
    CHECK_EQ(h.fault.fsr & CB_FSR_FAULTS, R_CB_FSR_PF_MASK);
    no_more(CB);
}

static uint32_t global_heard;

static void on_global(unsigned intid, void *arg)
{
    mem_write(&global_heard, gr0_read(A_GFSR));
    gr0_write(A_GFSR, ~0u);
}

static void test_global(void)
{
    struct testdev *d = &testdevs[0];

    smmu_reset(CR0_ON);
    irq_handle(smmu_global_irq(), on_global, NULL);
    spi_enable(smmu_global_irq(), 3);
    CHECK_EQ(td_dma(d, PTD_OP_WRITE, IOVA, 0, 4), PTD_RESULT_DECODE_ERROR);
    CHECK(WAIT_FOR(irq_count(smmu_global_irq())));
    CHECK_EQ(irq_cpu(smmu_global_irq()), 3);
    CHECK_EQ(mem_read(&global_heard), R_GFSR_USF_MASK);
    CHECK_EQ(FIELD_EX32(gr0_read(A_GFSYNR1), GFSYNR1, STREAM_ID), d->rid);
    CHECK_EQ(irq_count(smmu_global_irq()), 1);
    spi_disable(smmu_global_irq());
    irq_handle(smmu_global_irq(), NULL, NULL);
}

/* Stage 2 of a nested context tells the hypervisor, stage 1 the guest */
static void test_nested(void)
{
    struct testdev *d = &testdevs[0];
    struct table s1 = table_new(1, 0), s2 = table_new(2, 0);
    struct heard guest, host;

    smmu_reset(CR0_ON);
    table_map_at(&s2, RAM_BASE, RAM_BASE, 1, LEAF_S2);
    bank_s2(CB + 1, &s2, 1);
    bank_nested(CB, &s1, 1, CB + 1);
    stream_to_bank(0, d, CB);
    listen(&guest, CB, 1);
    listen(&host, CB + 1, 2);

    td_dma(d, PTD_OP_READ, IOVA, 0, 4);
    CHECK(WAIT_FOR(mem_read(&guest.count)));
    CHECK_EQ(mem_read(&host.count), 0);
    CHECK_EQ(guest.fault.far, IOVA);

    table_map(&s1, IOVA, IPA);
    td_dma(d, PTD_OP_READ, IOVA, 0, 4);
    CHECK(WAIT_FOR(mem_read(&host.count)));
    CHECK_EQ(mem_read(&guest.count), 1);
    CHECK_EQ(host.fault.ipafar & ~0xfffull, IPA);
    CHECK_EQ(host.fault.fsynr0, LEVEL(1) | NESTED(CB));
    no_more(CB);
    no_more(CB + 1);
}

/*
 * All devices fault at once, each in a bank of its own, whose interrupt goes to
 * another CPU.  A device makes its next one when the last was heard of: none is
 * lost, none is told twice.
 */
#define STORM   50

static struct heard heard[MAX_CPUS];

static void make_faults(void *arg)
{
    unsigned cpu = cpu_index();
    struct testdev *d = &testdevs[cpu];
    struct heard *h = &heard[cpu];

    for (unsigned i = 0; i < STORM && !failures(); i++) {
        uint64_t iova = IOVA + pattern() % GiB / 4 * 4;

        td_dma(d, PTD_OP_WRITE, iova, 0, 4);
        if (CHECK(WAIT_FOR(mem_read(&h->count) == i + 1))) {
            CHECK_EQ(h->fault.far, iova);
            CHECK_EQ(h->fault.sid, d->rid);
            CHECK_EQ(h->fault.fsr, FSR(TF));
        }
    }
}

static void test_fault_storm(void)
{
    struct table tab = table_new(1, 0);

    smmu_reset(CR0_ON);
    for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
        bank_s1(cpu, &tab, cpu, 0);
        stream_to_bank(cpu, &testdevs[cpu], cpu);
        listen(&heard[cpu], cpu, (cpu + 1) % num_cpus());
    }
    smp_all(make_faults, NULL);
    for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
        CHECK_EQ(mem_read(&heard[cpu].count), STORM);
        no_more(cpu);
    }
    EXPECT_NO_FAULT();
}

/* ---- Messages ---- */

/* Device @d's event of a CPU is that CPU's LPI; vector 0 to 3 for each CPU */
static bool set_up_msis(struct testdev *d, uint64_t doorbell)
{
    if (!lpi_init()) {
        skip("no ITS");
        return false;
    }
    its_map_device(d->rid, 5);
    for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
        lpi_configure(LPI(cpu), true);
        irq_handle(LPI(cpu), irq_note, NULL);
        its_map_event(d->rid, EVENT(cpu), LPI(cpu), cpu);
        td_msix_set(d, cpu, doorbell, EVENT(cpu));
    }
    td_msix_enable(d, true);
    return true;
}

static unsigned lpis(void)
{
    unsigned n = 0;

    for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
        n += irq_count(LPI(cpu));
    }
    return n;
}

static void expect_msis(struct testdev *d)
{
    for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
        unsigned n = irq_count(LPI(cpu)), all = lpis();

        td_msi(d, cpu);
        CHECK(WAIT_FOR(irq_count(LPI(cpu)) == n + 1));
        CHECK_EQ(irq_cpu(LPI(cpu)), cpu);
        CHECK_EQ(lpis(), all + 1);
    }
}

/* The message is a write like any other: to where the tables say */
static void test_msi(void)
{
    struct testdev *d = &testdevs[0];
    uint64_t page = its_doorbell() & -PAGE_SIZE, doorbell;
    struct table s1 = table_new(1, BIAS), s2 = table_new(2, 0);
    struct table nested = table_new(1, BIAS);

    if (!set_up_msis(d, 0)) {
        return;
    }
    page = its_doorbell() & -PAGE_SIZE;
    doorbell = MSI_IOVA | (its_doorbell() & 0xfff);
    set_up_msis(d, doorbell);
    smmu_reset(CR0_ON);
    s1.bias = 0;
    table_map(&s1, MSI_IOVA, page);
    table_map(&s2, IPA, page);
    table_map_at(&s2, RAM_BASE + BIAS, RAM_BASE, 1, LEAF_S2);
    table_map(&nested, MSI_IOVA, IPA);
    table_map(&s2, MSI_IOVA, page);

    bank_s1(CB, &s1, 1, 0);
    stream_to_bank(0, d, CB);
    noise_start();
    expect_msis(d);
    bank_s2(CB + 1, &s2, 1);
    stream_to_bank(0, d, CB + 1);
    expect_msis(d);
    bank_nested(CB + 2, &nested, 2, CB + 1);
    stream_to_bank(0, d, CB + 2);
    expect_msis(d);
    EXPECT_NO_FAULT();
    noise_stop();
}

/* A doorbell that the tables do not give, or not to write, cannot be rung */
static void test_msi_refused(void)
{
    struct testdev *d = &testdevs[0];
    struct table tab = table_new(1, 0);
    uint64_t doorbell, page;
    unsigned before;

    if (!set_up_msis(d, 0)) {
        return;
    }
    page = its_doorbell() & -PAGE_SIZE;
    doorbell = MSI_IOVA | (its_doorbell() & 0xfff);
    set_up_msis(d, doorbell);
    smmu_reset(CR0_ON);
    bank_s1(CB, &tab, 1, 0);
    stream_to_bank(0, d, CB);
    before = lpis();
    td_msi(d, 1);
    EXPECT_FAULT(CB, d, FSR(TF), LEVEL(1) | WRITE, doorbell, 0);

    table_map_at(&tab, MSI_IOVA, page, 3, LEAF_S1 | DESC_AP_RO);
    td_msi(d, 1);
    EXPECT_FAULT(CB, d, FSR(PF), LEVEL(3) | WRITE, doorbell, 0);

    /* The physical address is of no use */
    td_msix_set(d, 1, its_doorbell(), EVENT(1));
    td_msi(d, 1);
    EXPECT_FAULT(CB, d, FSR(TF), LEVEL(1) | WRITE, its_doorbell(), 0);
    CHECK_EQ(lpis(), before);

    /* Mapped at last; taken back; and the TLB does not remember */
    td_msix_set(d, 1, doorbell, EVENT(1));
    table_map(&tab, MSI_IOVA, page);
    tlbi_va(CB, MSI_IOVA, 1);
    tlb_sync(CB);
    td_msi(d, 1);
    CHECK(WAIT_FOR(lpis() == before + 1));
    table_unmap(&tab, MSI_IOVA);
    tlbi_va(CB, MSI_IOVA, 1);
    tlb_sync(CB);
    td_msi(d, 1);
    EXPECT_FAULT(CB, d, FSR(TF), LEVEL(3) | WRITE, doorbell, 0);
    CHECK_EQ(lpis(), before + 1);
}

/* A device that may ring has its own events only, whatever it writes */
static void test_msi_forged(void)
{
    struct testdev *d = &testdevs[0], *other = &testdevs[1];
    struct table tab = table_new(1, 0);
    uint64_t doorbell;
    unsigned before;

    if (!set_up_msis(d, 0)) {
        return;
    }
    doorbell = MSI_IOVA | (its_doorbell() & 0xfff);
    set_up_msis(d, doorbell);
    smmu_reset(CR0_ON);
    table_map(&tab, MSI_IOVA, its_doorbell() & -PAGE_SIZE);
    bank_s1(CB, &tab, 1, 0);
    stream_to_bank(0, d, CB);
    stream_to_bank(1, other, CB);
    before = lpis();

    /* By MSI-X and by DMA: the other device's DeviceID knows no such event */
    its_map_device(other->rid, 1);
    td_msix_enable(other, true);
    td_msix_set(other, 0, doorbell, EVENT(2));
    td_msi(other, 0);
    mmio_write32(other->buffer, EVENT(2));
    td_dma(other, PTD_OP_WRITE, doorbell, 0, 4);
    its_sync(2);
    CHECK_EQ(lpis(), before);

    /* By DMA the owner rings its own */
    mmio_write32(d->buffer, EVENT(2));
    CHECK_EQ(td_dma(d, PTD_OP_WRITE, doorbell, 0, 4), PTD_RESULT_OK);
    CHECK(WAIT_FOR(lpis() == before + 1));
    CHECK_EQ(irq_cpu(LPI(2)), 2);
    EXPECT_NO_FAULT();
}

/*
 * DMA and its interrupt: when the message has arrived the data is there.  Each
 * CPU drives a device and takes its interrupts; all at once.
 */
#define TRANSFERS   40

static struct table dma_tab;
static uint64_t dma_memory;

static void transfers(void *arg)
{
    unsigned cpu = cpu_index();
    struct testdev *d = &testdevs[cpu];
    uint64_t pa = dma_memory + cpu * PAGE_SIZE, iova = IOVA + cpu * PAGE_SIZE;

    for (unsigned i = 0; i < TRANSFERS && !failures(); i++) {
        uint64_t v = pattern();

        mmio_write64(d->buffer, v);
        td_start(d, PTD_OP_WRITE, iova + i * 8, 0, 8);
        if (CHECK(WAIT_FOR(irq_count(LPI(cpu)) == i + 1))) {
            CHECK_EQ(mem_read(at(uint64_t, pa + i * 8)), v);
            CHECK_EQ(irq_cpu(LPI(cpu)), cpu);
        }
        tlbi_va(CB, iova, 1);
        tlb_sync(CB);
    }
}

static void test_dma_and_msi(void)
{
    uint64_t doorbell;

    if (!lpi_init()) {
        skip("no ITS");
        return;
    }
    doorbell = MSI_IOVA | (its_doorbell() & 0xfff);
    smmu_reset(CR0_ON);
    dma_tab = table_new(1, 0);
    dma_memory = mem_alloc(num_cpus() * PAGE_SIZE, PAGE_SIZE);
    table_map(&dma_tab, MSI_IOVA, its_doorbell() & -PAGE_SIZE);
    bank_s1(CB, &dma_tab, 1, 0);
    for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
        struct testdev *d = &testdevs[cpu];

        set_up_msis(d, doorbell);
        table_map(&dma_tab, IOVA + cpu * PAGE_SIZE,
                  dma_memory + cpu * PAGE_SIZE);
        td_write(d, PTD_CHANNEL + PTD_VECTOR, cpu);
        stream_to_bank(cpu, d, CB);
    }
    smp_all(transfers, NULL);
    for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
        td_write(&testdevs[cpu], PTD_CHANNEL + PTD_VECTOR, PTD_NO_VECTOR);
    }
    EXPECT_NO_FAULT();
}

const struct test tests[] = {
    { "a fault interrupts the CPU that is to hear of it", test_fault },
    { "CFIE", test_cfie },
    { "FSRRESTORE", test_restore },
    { "a global fault", test_global },
    { "nested: each stage's own interrupt", test_nested },
    { "four devices fault, four CPUs hear", test_fault_storm },
    { "messages by stage 1, stage 2 and both", test_msi },
    { "messages refused", test_msi_refused },
    { "messages forged", test_msi_forged },
    { "when the message has come the data is there", test_dma_and_msi },
    {}
};
