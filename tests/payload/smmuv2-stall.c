/*
 * SMMUv2 payload: memory that is not resident
 *
 * A device asks for a page that is not there.  The SMMU holds the transaction
 * and interrupts the hypervisor, which brings the page in, maps it and has the
 * transaction tried again; the device notices nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "gic.h"
#include "pci.h"
#include "smmu.h"

#define CB          1               /* of device 0; one more for each */
#define S2          8
#define VMID        1
#define IOVA        0x40000000ull
#define BIAS        0x1000000000ull
#define NUM_PAGES   8
#define STALLING    (SCTLR_ON | R_CB_SCTLR_CFCFG_MASK)
#define RETRY       0
#define TERMINATE   R_CB_RESUME_TNR_MASK

/* ---- The hypervisor: a pager ---- */

/* What a bank's addresses from @base on are backed by, when they are */
struct pager {
    unsigned cb;
    struct table *tab;
    uint64_t base, memory;
    unsigned pages;
    uint32_t resume;
    bool idle;                      /* resume without a page */
    unsigned ins, odd;
    struct fault last;
};

static void page_in(struct pager *g, uint64_t address)
{
    uint64_t offset = (address & -PAGE_SIZE) - g->base;

    if (offset >= g->pages * PAGE_SIZE) {
        mem_add(&g->odd, 1);
        return;
    }
    table_map(g->tab, g->base + offset, g->memory + offset);
}

/* Any CPU; the interrupt is level triggered and goes down with RESUME */
static void on_stall(unsigned intid, void *arg)
{
    struct pager *g = arg;
    struct fault f = fault_read(g->cb);

    g->last = f;
    if (f.fsr & R_CB_FSR_TF_MASK && !g->idle) {
        page_in(g, g->tab->stage == 2 ? f.ipafar : f.far);
    }
    /* Before the device can be done */
    mem_add(&g->ins, 1);
    cb_write(g->cb, A_CB_FSR, ~0u);
    if (f.fsr & R_CB_FSR_SS_MASK) {
        cb_write(g->cb, A_CB_RESUME, g->resume);
    }
}

static void serve(struct pager *g, unsigned cb, unsigned cpu,
                  struct table *tab, uint64_t base, uint64_t memory)
{
    *g = (struct pager) {
        .cb = cb, .tab = tab, .base = base, .memory = memory,
        .pages = NUM_PAGES, .resume = RETRY,
    };
    cb_write(cb, A_CB_SCTLR, STALLING);
    irq_handle(smmu_context_irq(cb), on_stall, g);
    spi_enable(smmu_context_irq(cb), cpu);
}

static void no_more(struct pager *g)
{
    spi_disable(smmu_context_irq(g->cb));
    irq_handle(smmu_context_irq(g->cb), NULL, NULL);
}

/* ---- A device that can wait ---- */

static void begin(struct testdev *d, unsigned op, uint64_t address,
                  unsigned length)
{
    const struct td_request r = {
        .op = op, .address = address, .length = length,
        .flags = PTD_FLAG_STALL,
    };

    td_go(d, &r);
}

static void fill(struct testdev *d, unsigned length)
{
    for (unsigned i = 0; i < length; i += 8) {
        mmio_write64(d->buffer + i, pattern());
    }
}

static void compare(struct testdev *d, uint64_t pa, unsigned length)
{
    for (unsigned i = 0; i < length && !failures(); i += 8) {
        CHECK_EQ(mem_read(at(uint64_t, pa + i)), mmio_read64(d->buffer + i));
    }
}

/* ---- Tests ---- */

/* One transfer over pages of which none is there; nobody polls the SMMU */
static void demand(unsigned stage)
{
    struct testdev *d = &testdevs[0];
    struct table tab = table_new(stage, 0);
    uint64_t memory = mem_alloc(NUM_PAGES * PAGE_SIZE, PAGE_SIZE);
    struct pager g;

    smmu_reset(CR0_ON);
    if (stage == 1) {
        bank_s1(CB, &tab, 1, 0);
    } else {
        bank_s2(CB, &tab, VMID);
    }
    stream_to_bank(0, d, CB);
    serve(&g, CB, 1, &tab, IOVA, memory);
    fill(d, 4 * PAGE_SIZE);
    begin(d, PTD_OP_WRITE, IOVA, 4 * PAGE_SIZE);
    CHECK_EQ(td_finish(d), PTD_RESULT_OK);
    CHECK_EQ(td_read(d, PTD_CHANNEL + PTD_COUNT), 4 * PAGE_SIZE);
    CHECK_EQ(td_read(d, PTD_CHANNEL + PTD_STALLS), 4);
    CHECK_EQ(mem_read(&g.ins), 4);
    CHECK_EQ(irq_cpu(smmu_context_irq(CB)), 1);
    CHECK_EQ(g.last.far, IOVA + 3 * PAGE_SIZE);
    CHECK_EQ(g.last.fsr, FSR(TF) | R_CB_FSR_SS_MASK);
    CHECK_EQ(g.last.sid, d->rid);
    compare(d, memory, 4 * PAGE_SIZE);

    /* Two that are there and two that are not; read back */
    begin(d, PTD_OP_VERIFY, IOVA, 4 * PAGE_SIZE);
    CHECK_EQ(td_finish(d), PTD_RESULT_OK);
    CHECK_EQ(mem_read(&g.ins), 4);
    begin(d, PTD_OP_READ, IOVA + 2 * PAGE_SIZE, 4 * PAGE_SIZE);
    CHECK_EQ(td_finish(d), PTD_RESULT_OK);
    CHECK_EQ(mem_read(&g.ins), 6);
    compare(d, memory + 2 * PAGE_SIZE, 4 * PAGE_SIZE);
    CHECK_EQ(mem_read(&g.odd), 0);
    no_more(&g);
    EXPECT_NO_FAULT();
}

static void test_stage1(void)
{
    demand(1);
}

static void test_stage2(void)
{
    demand(2);
}

/* A guest's page, and the guest's tables: stage 2 brings in what it needs */
static void test_nested(void)
{
    struct testdev *d = &testdevs[0];
    struct table s1 = table_new(1, BIAS), s2 = table_new(2, 0);
    uint64_t pa = mem_alloc(PAGE_SIZE, PAGE_SIZE);
    struct pager g;

    table_map(&s1, IOVA, pa + BIAS);
    smmu_reset(CR0_ON);
    bank_s2(S2, &s2, VMID);
    bank_nested(CB, &s1, 1, S2);
    stream_to_bank(0, d, CB);
    serve(&g, S2, 2, &s2, RAM_BASE + BIAS, RAM_BASE);
    g.pages = RAM_SIZE / PAGE_SIZE;
    fill(d, 64);
    begin(d, PTD_OP_WRITE, IOVA, 64);
    CHECK_EQ(td_finish(d), PTD_RESULT_OK);
    /* Three tables and the page, each when it was its turn */
    CHECK_EQ(mem_read(&g.ins), 4);
    CHECK_EQ(td_read(d, PTD_CHANNEL + PTD_STALLS), 4);
    CHECK_EQ(mem_read(&g.odd), 0);
    CHECK_EQ(g.last.fsynr0, LEVEL(3) | WRITE | NESTED(CB));
    CHECK_EQ(g.last.ipafar & -PAGE_SIZE, pa + BIAS);
    compare(d, pa, 64);
    no_more(&g);
    EXPECT_NO_FAULT();
}

/* The hypervisor says no: a bus error, and nothing has changed */
static void test_terminate(void)
{
    struct testdev *d = &testdevs[0];
    struct table tab = table_new(1, 0);
    uint64_t memory = mem_alloc(NUM_PAGES * PAGE_SIZE, PAGE_SIZE);
    uint64_t secret = pattern();
    struct pager g;

    smmu_reset(CR0_ON);
    bank_s1(CB, &tab, 1, 0);
    stream_to_bank(0, d, CB);
    serve(&g, CB, 3, &tab, IOVA, memory);
    g.idle = true;
    g.resume = TERMINATE;
    mem_write(at(uint64_t, memory), secret);
    fill(d, 8);
    begin(d, PTD_OP_WRITE, IOVA, 4);
    CHECK_EQ(td_finish(d), PTD_RESULT_DECODE_ERROR);
    CHECK_EQ(mem_read(at(uint64_t, memory)), secret);
    CHECK_EQ(mem_read(&g.ins), 1);
    no_more(&g);
    EXPECT_NO_FAULT();
}

/* Held for as long as it takes: the rest of the machine goes on */
static void test_held(void)
{
    struct testdev *d = &testdevs[0], *other = &testdevs[1];
    struct table tab = table_new(1, 0), its = table_new(1, 0);
    uint64_t memory = mem_alloc(2 * PAGE_SIZE, PAGE_SIZE);
    uint64_t page = memory + PAGE_SIZE;

    smmu_reset(CR0_ON);
    bank_s1(CB, &tab, 1, 0);
    cb_write(CB, A_CB_SCTLR, STALLING);
    table_map(&its, IOVA, page);
    bank_s1(CB + 1, &its, 2, 0);
    stream_to_bank(0, d, CB);
    stream_to_bank(1, other, CB + 1);
    fill(d, 8);
    begin(d, PTD_OP_WRITE, IOVA, 8);
    CHECK(WAIT_FOR(cb_read(CB, A_CB_FSR) & R_CB_FSR_SS_MASK));
    for (unsigned i = 0; i < 20; i++) {
        EXPECT_MAPS(other, IOVA, page);
        CHECK_EQ(td_read(d, PTD_CHANNEL + PTD_STATUS), PTD_STATUS_STALLED);
    }

    /* Tried again too early: held again */
    cb_write(CB, A_CB_FSR, ~0u);
    cb_write(CB, A_CB_RESUME, RETRY);
    CHECK(WAIT_FOR(td_read(d, PTD_CHANNEL + PTD_STALLS) == 2));
    CHECK_EQ(cb_read(CB, A_CB_FSR), FSR(TF) | R_CB_FSR_SS_MASK);

    /* TLB maintenance neither waits for it nor lets it go */
    table_map(&tab, IOVA, memory);
    tlbi_all();
    tlb_gsync();
    tlb_sync(CB);
    CHECK_EQ(td_read(d, PTD_CHANNEL + PTD_STATUS), PTD_STATUS_STALLED);
    cb_write(CB, A_CB_FSR, ~0u);
    cb_write(CB, A_CB_RESUME, RETRY);
    CHECK_EQ(td_finish(d), PTD_RESULT_OK);
    compare(d, memory, 8);
    EXPECT_NO_FAULT();
}

/* While it waits its domain is taken away: the retry finds that out */
static void test_taken_away(void)
{
    struct testdev *d = &testdevs[0];
    struct table tab = table_new(1, 0);
    uint64_t memory = mem_alloc(PAGE_SIZE, PAGE_SIZE), secret = pattern();

    smmu_reset(CR0_ON);
    bank_s1(CB, &tab, 1, 0);
    cb_write(CB, A_CB_SCTLR, STALLING);
    stream_to_bank(0, d, CB);
    mem_write(at(uint64_t, memory), secret);
    begin(d, PTD_OP_WRITE, IOVA, 4);
    CHECK(WAIT_FOR(cb_read(CB, A_CB_FSR) & R_CB_FSR_SS_MASK));
    stream_to(0, d, S2CR_TYPE_FAULT);
    table_map(&tab, IOVA, memory);
    cb_write(CB, A_CB_FSR, ~0u);
    cb_write(CB, A_CB_RESUME, RETRY);
    CHECK_EQ(td_finish(d), PTD_RESULT_DECODE_ERROR);
    CHECK_EQ(mem_read(at(uint64_t, memory)), secret);
    EXPECT_GLOBAL_FAULT(d, R_GFSR_ICF_MASK, GLOBAL_WRITE, IOVA);
    EXPECT_NO_FAULT();
}

/*
 * Four devices over pages that come and go: each CPU drives one, hears of the
 * faults of its neighbour's, and pages out behind its own back.
 */
#define TRANSFERS   12

static struct pager pagers[MAX_CPUS];
static struct table tables[MAX_CPUS];

static void page_out(struct pager *g, unsigned cb, uint64_t address)
{
    table_unmap(g->tab, address);
    tlbi_va(cb, address, cb);
    tlb_sync(cb);
}

static void transfers(void *arg)
{
    unsigned cpu = cpu_index();
    struct testdev *d = &testdevs[cpu];
    struct pager *g = &pagers[cpu];

    fill(d, 2 * PAGE_SIZE);
    for (unsigned i = 0; i < TRANSFERS && !failures(); i++) {
        uint64_t offset = i % (NUM_PAGES - 1) * PAGE_SIZE;

        mmio_write64(d->buffer + 8 * i, pattern());
        begin(d, PTD_OP_WRITE, IOVA + offset, 2 * PAGE_SIZE);
        CHECK_EQ(td_finish(d), PTD_RESULT_OK);
        page_out(g, g->cb, IOVA + offset);
        begin(d, PTD_OP_VERIFY, IOVA + offset, 2 * PAGE_SIZE);
        CHECK_EQ(td_finish(d), PTD_RESULT_OK);
        page_out(g, g->cb, IOVA + offset + PAGE_SIZE);
    }
}

static void test_paging(void)
{
    smmu_reset(CR0_ON);
    for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
        unsigned cb = CB + cpu;

        tables[cpu] = table_new(1, 0);
        table_desc(&tables[cpu], IOVA, 3);
        bank_s1(cb, &tables[cpu], cb, 0);
        stream_to_bank(cpu, &testdevs[cpu], cb);
        serve(&pagers[cpu], cb, (cpu + 1) % num_cpus(), &tables[cpu], IOVA,
              mem_alloc(NUM_PAGES * PAGE_SIZE, PAGE_SIZE));
    }
    smp_all(transfers, NULL);
    for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
        CHECK(mem_read(&pagers[cpu].ins) >= 2 * TRANSFERS);
        CHECK_EQ(mem_read(&pagers[cpu].odd), 0);
        no_more(&pagers[cpu]);
    }
    EXPECT_NO_FAULT();
}

/* Four devices of one bank wait, each for its page; all get theirs */
static void one_bank(void *arg)
{
    unsigned cpu = cpu_index();
    struct testdev *d = &testdevs[cpu];
    struct pager *g = arg;

    for (unsigned i = 0; i < TRANSFERS && !failures(); i++) {
        uint64_t offset = cpu * PAGE_SIZE;

        mmio_write64(d->buffer, pattern());
        begin(d, PTD_OP_WRITE, IOVA + offset, 8);
        CHECK_EQ(td_finish(d), PTD_RESULT_OK);
        compare(d, g->memory + offset, 8);
        page_out(g, CB, IOVA + offset);
    }
}

static void test_one_bank(void)
{
    struct table tab = table_new(1, 0);
    uint64_t memory = mem_alloc(NUM_PAGES * PAGE_SIZE, PAGE_SIZE);
    static struct pager g;

    smmu_reset(CR0_ON);
    table_desc(&tab, IOVA, 3);          /* made before they race for it */
    bank_s1(CB, &tab, CB, 0);
    for (unsigned n = 0; n < num_cpus(); n++) {
        stream_to_bank(n, &testdevs[n], CB);
    }
    serve(&g, CB, 1, &tab, IOVA, memory);
    smp_all(one_bank, &g);
    CHECK_EQ(mem_read(&g.odd), 0);
    no_more(&g);
    EXPECT_NO_FAULT();
}

const struct test tests[] = {
    { "pages on demand, stage 1", test_stage1 },
    { "pages on demand, stage 2", test_stage2 },
    { "pages and tables on demand, nested", test_nested },
    { "terminated", test_terminate },
    { "held, while others go on", test_held },
    { "the domain is taken away meanwhile", test_taken_away },
    { "four devices over pages that come and go", test_paging },
    { "four devices wait in one bank", test_one_bank },
    {}
};
