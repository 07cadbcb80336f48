/*
 * SMMUv2 payload: domains side by side, and streams without one
 *
 * Two guests with a device each, at the same addresses, with one of them gone
 * mad; devices that change hands; streams that bypass the SMMU or fault, as the
 * hypervisor chose, while others are translated.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "gic.h"
#include "noise.h"
#include "pci.h"
#include "smmu.h"

#define A       1               /* banks; VMIDs too */
#define B       2
#define IOVA    0x80000000ull

struct domain {
    struct testdev *d;
    struct table tab;
    uint64_t pa;
};

static struct domain domain(unsigned n, unsigned stage)
{
    struct domain m = {
        .d = &testdevs[n - A],
        .tab = table_new(stage, 0),
        .pa = mem_alloc(2 * PAGE_SIZE, PAGE_SIZE),
    };

    table_map(&m.tab, IOVA, m.pa);
    if (stage == 1) {
        /* One VMID, ASIDs apart: processes; else guests */
        bank_s1(n, &m.tab, n, 0);
    } else {
        bank_s2(n, &m.tab, n);
    }
    stream_to_bank(n, m.d, n);
    return m;
}

/* Each sees its own memory, and no way leads to the other's */
static void test_two(void)
{
    for (unsigned stage = 1; stage <= 2; stage++) {
        struct domain a, b;

        smmu_reset(CR0_ON);
        a = domain(A, stage);
        b = domain(B, stage);
        for (unsigned i = 0; i < 4; i++) {
            EXPECT_MAPS(a.d, IOVA, a.pa);
            EXPECT_MAPS(b.d, IOVA, b.pa);
        }
        EXPECT_REFUSED(a.d, PTD_OP_WRITE, IOVA + PAGE_SIZE, b.pa);
        EXPECT_FAULT(A, a.d, FSR(TF), LEVEL(3) | WRITE, IOVA + PAGE_SIZE,
                     stage == 2 ? IOVA + PAGE_SIZE : 0);
        EXPECT_REFUSED(a.d, PTD_OP_READ, b.pa, b.pa);
        EXPECT_FAULT(A, a.d, FSR(TF), LEVEL(1), b.pa, stage == 2 ? b.pa : 0);

        /* What is taken from one, the other keeps */
        table_unmap(&a.tab, IOVA);
        if (stage == 1) {
            tlbi_asid(A, A);
            tlb_sync(A);
        } else {
            tlbi_vmid(A);
            tlb_gsync();
        }
        EXPECT_REFUSED(a.d, PTD_OP_WRITE, IOVA, a.pa);
        EXPECT_FAULT(A, a.d, FSR(TF), LEVEL(3) | WRITE, IOVA,
                     stage == 2 ? IOVA : 0);
        EXPECT_MAPS(b.d, IOVA, b.pa);
        EXPECT_NO_FAULT();
    }
}

/* A mad device costs its neighbours neither data nor an interrupt */
static bool stop;
static struct domain mad;

static void rage(void *arg)
{
    struct domain *m = arg;

    for (unsigned i = 0; !mem_read(&stop); i++) {
        td_dma(m->d, i % 2 ? PTD_OP_WRITE : PTD_OP_READ,
               i % 3 ? pattern() : RAM_BASE + pattern() % RAM_SIZE, 0, 4);
    }
}

static void test_mad(void)
{
    struct domain a;
    unsigned irq;

    smmu_reset(CR0_ON);
    a = domain(A, 2);
    mad = domain(B, 2);
    irq = smmu_context_irq(A);
    irq_handle(irq, irq_note, NULL);
    spi_enable(irq, 0);
    mem_write(&stop, false);
    smp_start(1, rage, &mad);
    for (unsigned i = 0; i < 200 && !failures(); i++) {
        EXPECT_MAPS(a.d, IOVA + i % 512 * 8, a.pa + i % 512 * 8);
    }
    CHECK(WAIT_FOR(cb_read(B, A_CB_FSR) & R_CB_FSR_MULTI_MASK));
    mem_write(&stop, true);
    smp_wait(1);
    CHECK_EQ(irq_count(irq), 0);
    CHECK_EQ(cb_read(A, A_CB_FSR) & CB_FSR_W1C, 0);
    CHECK_EQ(FIELD_EX32(gr1_read(A_CBFRSYNRA0 + 4 * B), CBFRSYNRA0, STREAM_ID),
             mad.d->rid);
    spi_disable(irq);
    irq_handle(irq, NULL, NULL);
}

/* A device that changes hands takes nothing with it: no flush is needed */
static void test_hand_over(void)
{
    for (unsigned stage = 1; stage <= 2; stage++) {
        struct domain a, b;

        smmu_reset(CR0_ON);
        a = domain(A, stage);
        b = domain(B, stage);
        stream_off(B);              /* CPU 1 makes noise with that device */
        noise_start();
        for (unsigned i = 0; i < 10; i++) {
            stream_to_bank(A, a.d, i % 2 ? B : A);
            EXPECT_MAPS(a.d, IOVA, i % 2 ? b.pa : a.pa);
        }
        EXPECT_NO_FAULT();
        noise_stop();
    }
}

/* A bank that changes hands: new tables, another ASID or VMID */
static void test_bank_reuse(void)
{
    for (unsigned stage = 1; stage <= 2; stage++) {
        struct domain a, b;

        smmu_reset(CR0_ON);
        a = domain(A, stage);
        b = domain(B, stage);
        EXPECT_MAPS(a.d, IOVA, a.pa);
        if (stage == 1) {
            bank_s1(A, &b.tab, 77, 0);
        } else {
            bank_s2(A, &b.tab, 77);
        }
        EXPECT_MAPS(a.d, IOVA, b.pa);
        EXPECT_NO_FAULT();
    }
}

/* No entry: CR0.USFCFG decides, at once, and for those without alone */
static void test_no_entry(void)
{
    struct testdev *d = &testdevs[0];
    uint64_t pa = mem_alloc(PAGE_SIZE, PAGE_SIZE);

    smmu_reset(CR0_ON);
    noise_start();
    for (unsigned i = 0; i < 4; i++) {
        gr0_write(A_CR0, CR0_ON);
        EXPECT_REFUSED(d, PTD_OP_WRITE, pa, pa);
        EXPECT_GLOBAL_FAULT(d, R_GFSR_USF_MASK, GLOBAL_WRITE, pa);
        EXPECT_REFUSED(d, PTD_OP_READ, pa, pa);
        EXPECT_GLOBAL_FAULT(d, R_GFSR_USF_MASK, 0, pa);
        gr0_write(A_CR0, CR0_BYPASS);
        EXPECT_MAPS(d, pa, pa);
        EXPECT_NO_FAULT();
    }
    noise_stop();
}

/* An entry that says bypass or fault, whatever USFCFG says */
static void test_entry(void)
{
    struct testdev *d = &testdevs[0];
    uint64_t pa = mem_alloc(PAGE_SIZE, PAGE_SIZE);

    for (unsigned i = 0; i < 2; i++) {
        smmu_reset(i ? CR0_BYPASS : CR0_ON);
        noise_start();
        stream_to(0, d, S2CR_TYPE_BYPASS);
        EXPECT_MAPS(d, pa, pa);
        EXPECT_NO_FAULT();
        stream_to(0, d, S2CR_TYPE_FAULT);
        EXPECT_REFUSED(d, PTD_OP_WRITE, pa, pa);
        EXPECT_GLOBAL_FAULT(d, R_GFSR_ICF_MASK, GLOBAL_WRITE, pa);
        noise_stop();
    }
}

/* An entry with a mask serves a range of streams, and no more */
static void test_mask(void)
{
    struct table tab = table_new(1, 0);
    uint64_t pa = mem_alloc(PAGE_SIZE, PAGE_SIZE);

    smmu_reset(CR0_ON);
    table_map(&tab, IOVA, pa);
    bank_s1(A, &tab, 1, 0);
    /* 00:04.0 to 00:05.7 */
    gr0_write(A_S2CR0, A);
    gr0_write(A_SMR0, R_SMR0_VALID_MASK | 0xfu << R_SMR0_MASK_SHIFT | 0x20);
    EXPECT_MAPS(&testdevs[0], IOVA, pa);
    EXPECT_MAPS(&testdevs[1], IOVA, pa);
    EXPECT_REFUSED(&testdevs[2], PTD_OP_WRITE, IOVA, pa);
    EXPECT_GLOBAL_FAULT(&testdevs[2], R_GFSR_USF_MASK, GLOBAL_WRITE, IOVA);
    EXPECT_NO_FAULT();
}

/* CLIENTPD: the SMMU is not there, as a boot loader leaves it */
static void test_clientpd(void)
{
    struct domain a;

    smmu_reset(CR0_ON);
    a = domain(A, 1);
    EXPECT_MAPS(a.d, IOVA, a.pa);
    gr0_write(A_CR0, CR0_ON | R_CR0_CLIENTPD_MASK);
    EXPECT_MAPS(a.d, a.pa, a.pa);
    EXPECT_MAPS(&testdevs[3], a.pa, a.pa);
    EXPECT_NO_FAULT();
    gr0_write(A_CR0, CR0_ON);
    EXPECT_MAPS(a.d, IOVA, a.pa);
    EXPECT_REFUSED(&testdevs[3], PTD_OP_WRITE, a.pa, a.pa);
    EXPECT_GLOBAL_FAULT(&testdevs[3], R_GFSR_USF_MASK, GLOBAL_WRITE, a.pa);
    EXPECT_REFUSED(a.d, PTD_OP_WRITE, a.pa, a.pa);
    EXPECT_FAULT(A, a.d, FSR(TF), LEVEL(1) | WRITE, a.pa, 0);
    EXPECT_NO_FAULT();
}

const struct test tests[] = {
    { "two domains, the same addresses", test_two },
    { "a neighbour that has gone mad", test_mad },
    { "a device changes hands", test_hand_over },
    { "a bank changes hands", test_bank_reuse },
    { "streams without an entry bypass or fault", test_no_entry },
    { "streams whose entry says bypass or fault", test_entry },
    { "an entry for several streams", test_mask },
    { "CLIENTPD", test_clientpd },
    {}
};
