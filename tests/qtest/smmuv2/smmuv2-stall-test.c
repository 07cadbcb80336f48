/*
 * SMMUv2 qtests: what a fault means for other transactions, and stalls
 *
 * A device that can hold its transactions, before banks that stall
 * (SCTLR.CFCFG) and that do not; in the names of the tests the rules of IHI
 * 0062, 3.7.3.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/units.h"
#include "smmuv2-lib.h"

#define PAGE        UINT64_C(0x1000)
#define IOVA        UINT64_C(0x40000000)    /* mapped */
#define HOLE        (IOVA + 0x100 * PAGE)   /* not yet */
#define STALLS      (SCTLR_ON | R_CB_SCTLR_CFCFG_MASK)
#define NO_HUPCF    R_CB_SCTLR_HUPCF_MASK
#define SS          R_CB_FSR_SS_MASK
#define MULTI       R_CB_FSR_MULTI_MASK
#define RETRY       0
#define TERMINATE   R_CB_RESUME_TNR_MASK
#define LINE(cb)    (1 + (cb))

typedef struct StallTest {
    SMMUTest *t;
    TestDev *dev;
    SMMUTable tab;
    uint64_t pa;                /* of IOVA; of HOLE once it is mapped */
} StallTest;

static void map_page(StallTest *s, uint64_t iova)
{
    smmu_map(&s->tab, iova, s->pa, 3, LEAF_S1);
}

/* Bank 0, stage 1, for the first device and those of @extra */
static StallTest start(const char *extra, uint32_t sctlr)
{
    StallTest s = { .t = smmu_start(extra) };

    s.dev = &s.t->dev;
    s.tab = smmu_table(s.t, 1, 12, 39, 1, 0);
    s.pa = smmu_alloc(s.t, PAGE, PAGE);
    map_page(&s, IOVA);
    smmu_bank_s1(s.t, 0, &s.tab, NULL, 1, 0);
    cb_write(s.t, 0, A_CB_SCTLR, sctlr);
    smmu_use_bank(s.t, 0);
    qtest_irq_intercept_out_named(s.t->qts, SMMU_QOM, "sysbus-irq");
    qtest_writeq(s.t->qts, s.pa, 0x1122334455667788);
    return s;
}

static TestDevRequest request(uint32_t op, uint64_t addr)
{
    return (TestDevRequest) {
        .op = op, .flags = PTD_FLAG_STALL, .addr = addr, .length = 8,
    };
}

static void go(StallTest *s, unsigned channel, uint32_t op, uint64_t addr)
{
    TestDevRequest req = request(op, addr);

    testdev_go(s->dev, channel, &req);
}

static uint32_t status(StallTest *s, unsigned channel)
{
    return testdev_channel_reg(s->dev, channel, PTD_STATUS);
}

static uint32_t fsr(StallTest *s)
{
    return cb_read(s->t, 0, A_CB_FSR) & ~R_CB_FSR_FORMAT_MASK;
}

static void resume(StallTest *s, uint32_t how)
{
    cb_write(s->t, 0, A_CB_RESUME, how);
}

/* As drivers do: FSR first, then RESUME */
static void clear_and_resume(StallTest *s, uint32_t how)
{
    cb_write(s->t, 0, A_CB_FSR, ~0u);
    g_assert_cmphex(fsr(s), ==, SS);
    resume(s, how);
}

static TestDevOutcome done(StallTest *s, unsigned channel)
{
    return testdev_wait(s->dev, channel, PTD_STATUS_DONE);
}

/* A device that was told to try again does, and stalls again */
static void wait_held(StallTest *s)
{
    int64_t until = g_get_monotonic_time() + 30 * G_USEC_PER_SEC;

    while (!(fsr(s) & SS) && g_get_monotonic_time() < until) {
        /* It is on its way */
    }
    g_assert_cmphex(fsr(s), ==, SS | R_CB_FSR_TF_MASK);
}

static void quit(StallTest *s)
{
    smmu_quit(s->t);
}

/* A fault stalls; software maps the page and has it tried again */
static void test_retry(void)
{
    StallTest s = start(NULL, STALLS);
    TestDevOutcome o;

    go(&s, 0, PTD_OP_READ, HOLE);
    g_assert_cmpuint(status(&s, 0), ==, PTD_STATUS_STALLED);
    g_assert_cmphex(fsr(&s), ==, SS | R_CB_FSR_TF_MASK);
    g_assert_cmphex(cb_read64(s.t, 0, A_CB_FAR), ==, HOLE);
    g_assert_cmphex(gr1_read(s.t, A_CBFRSYNRA0), ==, PTD_SID);
    map_page(&s, HOLE);
    clear_and_resume(&s, RETRY);
    o = done(&s, 0);
    g_assert_cmphex(o.result, ==, PTD_RESULT_OK);
    g_assert_cmpuint(o.count, ==, 8);
    g_assert_cmpuint(testdev_channel_reg(s.dev, 0, PTD_STALLS), ==, 1);
    g_assert_cmphex(qpci_io_readq(s.dev->pci, s.dev->buffer, 0), ==,
                    0x1122334455667788);
    g_assert_cmphex(fsr(&s), ==, 0);
    /* Tried again without being mapped it stalls again, as a first fault */
    go(&s, 0, PTD_OP_WRITE, HOLE + PAGE);
    clear_and_resume(&s, RETRY);
    for (int i = 0; i < 3; i++) {
        wait_held(&s);
        testdev_wait(s.dev, 0, PTD_STATUS_STALLED);
        clear_and_resume(&s, i < 2 ? RETRY : TERMINATE);
    }
    g_assert_cmphex(done(&s, 0).result, ==, PTD_RESULT_DECODE_ERROR);
    g_assert_cmpuint(testdev_channel_reg(s.dev, 0, PTD_STALLS), ==, 4);
    quit(&s);
}

/* SCTLR.CFRE decides what a transaction gets that RESUME terminates */
static void test_terminate(void)
{
    StallTest s = start(NULL, STALLS);
    TestDevOutcome o;

    go(&s, 0, PTD_OP_READ, HOLE);
    clear_and_resume(&s, TERMINATE);
    o = done(&s, 0);
    g_assert_cmphex(o.result, ==, PTD_RESULT_DECODE_ERROR);
    g_assert_cmphex(o.fail_addr, ==, HOLE);
    g_assert_cmphex(fsr(&s), ==, 0);

    cb_write(s.t, 0, A_CB_SCTLR, STALLS & ~R_CB_SCTLR_CFRE_MASK);
    qpci_io_writeq(s.dev->pci, s.dev->buffer, 0, ~0ull);
    go(&s, 0, PTD_OP_READ, HOLE);
    clear_and_resume(&s, TERMINATE);
    g_assert_cmphex(done(&s, 0).result, ==, PTD_RESULT_OK);
    g_assert_cmphex(qpci_io_readq(s.dev->pci, s.dev->buffer, 0), ==, 0);
    qpci_io_writeq(s.dev->pci, s.dev->buffer, 0, ~0ull);
    go(&s, 0, PTD_OP_VERIFY, HOLE);
    clear_and_resume(&s, TERMINATE);
    g_assert_cmphex(done(&s, 0).result, ==, PTD_RESULT_MISMATCH);
    go(&s, 0, PTD_OP_WRITE, HOLE);
    map_page(&s, HOLE);
    clear_and_resume(&s, TERMINATE);
    g_assert_cmphex(done(&s, 0).result, ==, PTD_RESULT_OK);
    g_assert_cmphex(qtest_readq(s.t->qts, s.pa), ==, 0x1122334455667788);
    quit(&s);
}

/* The middle page of three, by a transfer that began before it */
static void test_middle(void)
{
    StallTest s = start(NULL, STALLS);
    TestDevRequest req = request(PTD_OP_WRITE, IOVA + 0x800);
    TestDevOutcome o;

    req.length = 2 * PAGE;
    map_page(&s, IOVA + 2 * PAGE);
    qtest_memset(s.t->qts, s.pa, 0, PAGE);
    qpci_io_writeq(s.dev->pci, s.dev->buffer, 0x800, 0xabcdef);
    testdev_go(s.dev, 0, &req);
    g_assert_cmpuint(status(&s, 0), ==, PTD_STATUS_STALLED);
    g_assert_cmphex(cb_read64(s.t, 0, A_CB_FAR), ==, IOVA + PAGE);
    map_page(&s, IOVA + PAGE);
    clear_and_resume(&s, RETRY);
    o = done(&s, 0);
    g_assert_cmphex(o.result, ==, PTD_RESULT_OK);
    g_assert_cmpuint(o.count, ==, 2 * PAGE);
    g_assert_cmphex(qtest_readq(s.t->qts, s.pa), ==, 0);
    quit(&s);
}

/* Masters that cannot hold a transaction, and CR0.STALLD */
static void test_cannot(void)
{
    StallTest s = start(NULL, STALLS);
    uint64_t value;

    g_assert_cmphex(dma_read64(s.dev, HOLE, &value), ==,
                    PTD_RESULT_DECODE_ERROR);
    g_assert_cmphex(fsr(&s), ==, R_CB_FSR_TF_MASK);
    cb_write(s.t, 0, A_CB_FSR, ~0u);
    gr0_write(s.t, A_CR0, CR0_ON | R_CR0_STALLD_MASK);
    go(&s, 0, PTD_OP_READ, HOLE);
    g_assert_cmphex(done(&s, 0).result, ==, PTD_RESULT_DECODE_ERROR);
    g_assert_cmphex(fsr(&s), ==, R_CB_FSR_TF_MASK);
    /* Global faults never stall */
    gr0_write(s.t, A_CR0, CR0_ON);
    gr0_write(s.t, A_S2CR0, S2CR_TYPE_FAULT << R_S2CR0_TYPE_SHIFT);
    go(&s, 0, PTD_OP_READ, IOVA);
    g_assert_cmphex(done(&s, 0).result, ==, PTD_RESULT_DECODE_ERROR);
    quit(&s);
}

/* SCTLR.HUPCF = 0, nothing stalls: all is refused until FSR is clear */
static void test_hupcf_terminate(void)
{
    StallTest s = start(PTD2_ARG, SCTLR_ON & ~NO_HUPCF);
    TestDev dev2 = smmu_find_dev(s.t, PTD2_DEVFN);
    uint64_t value;

    smmu_stream(s.t, 1, PTD2_SID, 0, 0);
    /* Cached by both, in their TBUs */
    g_assert_cmphex(dma_read64(s.dev, IOVA, &value), ==, PTD_RESULT_OK);
    g_assert_cmphex(dma_read64(&dev2, IOVA, &value), ==, PTD_RESULT_OK);
    g_assert_cmphex(dma_read64(s.dev, HOLE, &value), ==,
                    PTD_RESULT_DECODE_ERROR);
    assert_refused(s.t, s.dev, IOVA, "after its own fault");
    assert_refused(s.t, &dev2, IOVA, "after another's fault");
    /* Silently */
    g_assert_cmphex(fsr(&s), ==, R_CB_FSR_TF_MASK);
    g_assert_cmphex(cb_read64(s.t, 0, A_CB_FAR), ==, HOLE);
    g_assert_cmpuint(smmu_qom_uint(s.t, SMMU_QOM, "context-faults"), ==, 1);
    /* Without abort if CFRE says so */
    cb_write(s.t, 0, A_CB_SCTLR, SCTLR_ON & ~NO_HUPCF & ~R_CB_SCTLR_CFRE_MASK);
    g_assert_cmphex(dma_read64(&dev2, IOVA, &value), ==, PTD_RESULT_OK);
    g_assert_cmphex(value, ==, 0);
    /* Until HUPCF is 1, or FSR is clear */
    cb_write(s.t, 0, A_CB_SCTLR, SCTLR_ON);
    g_assert_cmphex(dma_read64(&dev2, IOVA, &value), ==, PTD_RESULT_OK);
    g_assert_cmphex(value, ==, 0x1122334455667788);
    cb_write(s.t, 0, A_CB_SCTLR, SCTLR_ON & ~NO_HUPCF);
    assert_refused(s.t, &dev2, IOVA, "HUPCF is 0 again");
    cb_write(s.t, 0, A_CB_FSR, ~0u);
    assert_maps(s.t, s.dev, IOVA, s.pa, "FSR is clear");
    assert_maps(s.t, &dev2, IOVA, s.pa, "FSR is clear");
    /* A fault that software restores is one, too */
    cb_write(s.t, 0, A_CB_FSRRESTORE, R_CB_FSR_PF_MASK);
    assert_refused(s.t, s.dev, IOVA, "FSRRESTORE");
    smmu_free_dev(&dev2);
    quit(&s);
}

/* The same of stage 2's bank holds up those that nest upon it */
static void test_hupcf_nested(void)
{
    StallTest s = start(NULL, SCTLR_ON);
    SMMUTable s2 = smmu_table(s.t, 2, 12, 39, 1, 0);

    for (uint64_t pa = RAM_BASE; pa < RAM_BASE + RAM_SIZE; pa += 2 * MiB) {
        smmu_map(&s2, pa, pa, 2, LEAF_S2);
    }
    smmu_bank_s2(s.t, 1, &s2, 0);
    cb_write(s.t, 1, A_CB_SCTLR, SCTLR_ON & ~NO_HUPCF);
    smmu_bank_nest(s.t, 0, 1);
    assert_maps(s.t, s.dev, IOVA, s.pa, "nested");
    cb_write(s.t, 1, A_CB_FSRRESTORE, R_CB_FSR_TF_MASK);
    assert_refused(s.t, s.dev, IOVA, "stage 2 has a fault");
    g_assert_cmphex(fsr(&s), ==, 0);
    cb_write(s.t, 1, A_CB_FSR, ~0u);
    assert_maps(s.t, s.dev, IOVA, s.pa, "stage 2 is clear");
    /* Not those that do not */
    cb_write(s.t, 1, A_CB_FSRRESTORE, R_CB_FSR_TF_MASK);
    smmu_bank_s1(s.t, 2, &s.tab, NULL, 3, 0);
    smmu_use_bank(s.t, 2);
    assert_maps(s.t, s.dev, IOVA, s.pa, "a bank of its own");
    quit(&s);
}

/* HUPCF = 0 and a stalled transaction: all wait, and go on together */
static void test_hupcf_stall(void)
{
    StallTest s = start(NULL, STALLS & ~NO_HUPCF);
    uint64_t value;

    go(&s, 0, PTD_OP_READ, HOLE);
    go(&s, 1, PTD_OP_READ, IOVA);
    go(&s, 2, PTD_OP_READ, HOLE + PAGE);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpuint(status(&s, i), ==, PTD_STATUS_STALLED);
    }
    /* One gives up; those who cannot wait are refused */
    go(&s, 3, PTD_OP_READ, IOVA);
    testdev_channel_set(s.dev, 3, PTD_CANCEL, 1);
    g_assert_cmphex(done(&s, 3).result, ==, PTD_RESULT_CANCELLED);
    testdev_go(s.dev, 3, &(TestDevRequest) {
        .op = PTD_OP_READ, .addr = IOVA, .length = 8 });
    g_assert_cmphex(done(&s, 3).result, ==, PTD_RESULT_DECODE_ERROR);
    /* Only the first is reported, and there is no MULTI */
    g_assert_cmphex(fsr(&s), ==, SS | R_CB_FSR_TF_MASK);
    clear_and_resume(&s, TERMINATE);
    g_assert_cmphex(done(&s, 0).result, ==, PTD_RESULT_DECODE_ERROR);
    /* The second went on; the third is reported now */
    g_assert_cmphex(done(&s, 1).result, ==, PTD_RESULT_OK);
    wait_held(&s);
    g_assert_cmphex(cb_read64(s.t, 0, A_CB_FAR), ==, HOLE + PAGE);
    /* RESUME while FSR is not clear: what is tried again is refused */
    resume(&s, RETRY);
    g_assert_cmphex(done(&s, 2).result, ==, PTD_RESULT_DECODE_ERROR);
    g_assert_cmphex(fsr(&s), ==, R_CB_FSR_TF_MASK);
    cb_write(s.t, 0, A_CB_FSR, ~0u);
    g_assert_cmphex(dma_read64(s.dev, IOVA, &value), ==, PTD_RESULT_OK);
    quit(&s);
}

/* HUPCF = 1: others go on, and those that fault wait without a trace */
static void test_hit_under_fault(void)
{
    StallTest s = start(PTD2_ARG, STALLS);
    TestDev dev2 = smmu_find_dev(s.t, PTD2_DEVFN);
    TestDevRequest req = request(PTD_OP_READ, HOLE + PAGE);
    uint64_t value;

    smmu_stream(s.t, 1, PTD2_SID, 0, 0);
    go(&s, 0, PTD_OP_READ, HOLE);
    g_assert_cmphex(dma_read64(&dev2, IOVA, &value), ==, PTD_RESULT_OK);
    testdev_go(&dev2, 1, &req);
    g_assert_cmpuint(testdev_outcome(&dev2, 1).status, ==,
                     PTD_STATUS_STALLED);
    g_assert_cmphex(fsr(&s), ==, SS | R_CB_FSR_TF_MASK);
    /* One that cannot be held is refused and sets MULTI */
    g_assert_cmphex(dma_read64(&dev2, HOLE, &value), ==,
                    PTD_RESULT_DECODE_ERROR);
    g_assert_cmphex(fsr(&s), ==, SS | MULTI | R_CB_FSR_TF_MASK);
    g_assert_cmphex(cb_read64(s.t, 0, A_CB_FAR), ==, HOLE);
    map_page(&s, HOLE);
    map_page(&s, HOLE + PAGE);
    /* Of two masters */
    clear_and_resume(&s, RETRY);
    g_assert_cmphex(done(&s, 0).result, ==, PTD_RESULT_OK);
    g_assert_cmphex(testdev_wait(&dev2, 1, PTD_STATUS_DONE).result, ==,
                    PTD_RESULT_OK);
    g_assert_cmphex(fsr(&s), ==, 0);
    smmu_free_dev(&dev2);
    quit(&s);
}

/* What software may do while one is held: it stays until RESUME */
static void test_meanwhile(void)
{
    StallTest s = start(NULL, STALLS);
    unsigned line = LINE(0);

    /* RESUME with nothing held */
    resume(&s, RETRY);
    resume(&s, TERMINATE);
    g_assert_cmphex(fsr(&s), ==, 0);

    go(&s, 0, PTD_OP_READ, HOLE);
    g_assert_true(qtest_get_irq(s.t->qts, line));
    /* SS alone raises the line, and only RESUME clears it */
    cb_write(s.t, 0, A_CB_FSR, ~0u);
    g_assert_cmphex(fsr(&s), ==, SS);
    g_assert_true(qtest_get_irq(s.t->qts, line));
    /* TLB maintenance, of the bank and of all */
    cb_write(s.t, 0, A_CB_TLBIALL, 0);
    cb_write64(s.t, 0, A_CB_TLBIVA, HOLE >> 12);
    cb_write(s.t, 0, A_CB_TLBSYNC, 0);
    g_assert_cmphex(cb_read(s.t, 0, A_CB_TLBSTATUS), ==, 0);
    gr0_write(s.t, A_TLBIALLNSNH, 0);
    /* The terminate model from now on; the stream goes elsewhere; no bank */
    cb_write(s.t, 0, A_CB_SCTLR, SCTLR_ON);
    gr0_write(s.t, A_S2CR0, 5);
    gr1_write(s.t, A_CBAR0, CBAR_TYPE_S2 << R_CBAR0_TYPE_SHIFT);
    cb_write(s.t, 0, A_CB_SCTLR, 0);
    g_assert_cmpuint(status(&s, 0), ==, PTD_STATUS_STALLED);
    g_assert_cmphex(fsr(&s), ==, SS);
    /* Back again, with the bank off: addresses pass */
    gr0_write(s.t, A_S2CR0, 0);
    smmu_bank_s1(s.t, 0, &s.tab, NULL, 1, 0);
    cb_write(s.t, 0, A_CB_SCTLR, STALLS & ~R_CB_SCTLR_M_MASK);
    g_assert_cmpuint(status(&s, 0), ==, PTD_STATUS_STALLED);
    resume(&s, RETRY);
    g_assert_false(qtest_get_irq(s.t->qts, line));
    g_assert_cmphex(done(&s, 0).result, ==, PTD_RESULT_OK);
    quit(&s);
}

/* The device gives up, is reset, the SMMU is reset, the device goes */
static void test_gone(void)
{
    StallTest s = start(NULL, STALLS);

    go(&s, 0, PTD_OP_READ, HOLE);
    go(&s, 1, PTD_OP_READ, HOLE);
    testdev_channel_set(s.dev, 0, PTD_CANCEL, 1);
    g_assert_cmphex(done(&s, 0).result, ==, PTD_RESULT_CANCELLED);
    /* Its fault stays, and the other one waits for it */
    g_assert_cmphex(fsr(&s), ==, SS | R_CB_FSR_TF_MASK);
    g_assert_cmpuint(status(&s, 1), ==, PTD_STATUS_STALLED);
    clear_and_resume(&s, TERMINATE);
    wait_held(&s);
    /* Cancelled between the verdict and the news of it, or after */
    clear_and_resume(&s, RETRY);
    testdev_channel_set(s.dev, 1, PTD_CANCEL, 1);
    testdev_wait(s.dev, 1, PTD_STATUS_DONE);

    cb_write(s.t, 0, A_CB_FSR, ~0u);
    resume(&s, TERMINATE);
    go(&s, 0, PTD_OP_READ, HOLE);
    qtest_system_reset(s.t->qts);
    g_assert_cmphex(fsr(&s), ==, 0);
    resume(&s, RETRY);
    smmu_free_dev(s.dev);
    s.t->pci.bus.mmio_alloc_ptr = 0x10000000;
    s.t->dev = smmu_find_dev(s.t, PTD_DEVFN);
    g_assert_cmpuint(status(&s, 0), ==, PTD_STATUS_IDLE);
    /* QEMU ends while one is held */
    smmu_bank_s1(s.t, 0, &s.tab, NULL, 1, 0);
    cb_write(s.t, 0, A_CB_SCTLR, STALLS);
    smmu_use_bank(s.t, 0);
    go(&s, 0, PTD_OP_READ, HOLE);
    g_assert_cmpuint(status(&s, 0), ==, PTD_STATUS_STALLED);
    quit(&s);
}

/* The same from a thread of its own */
static void test_iothread(void)
{
    StallTest s;
    SMMUTest *t = g_new(SMMUTest, 1);
    TestDevRequest req = request(PTD_OP_READ, HOLE);

    smmu_attach(t, qtest_init("-M virt,gic-version=3,iommu=smmuv2 -m 512M "
                              "-nodefaults -object iothread,id=io0 -device "
                              "passthrough-testdev,addr=4.0,iothread=io0"));
    s = (StallTest) { .t = t, .dev = &t->dev };
    s.tab = smmu_table(t, 1, 12, 39, 1, 0);
    s.pa = smmu_alloc(t, PAGE, PAGE);
    smmu_map(&s.tab, HOLE - PAGE, s.pa, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &s.tab, NULL, 1, 0);
    cb_write(t, 0, A_CB_SCTLR, STALLS);
    smmu_use_bank(t, 0);

    req.flags |= PTD_FLAG_IOTHREAD;
    req.stride = PAGE;
    req.repeat = 3;
    testdev_go(&t->dev, 0, &req);
    for (int i = 0; i < 4; i++) {
        testdev_wait(&t->dev, 0, PTD_STATUS_STALLED);
        g_assert_cmphex(cb_read64(t, 0, A_CB_FAR), ==, HOLE + i * PAGE);
        map_page(&s, HOLE + i * PAGE);
        clear_and_resume(&s, RETRY);
        if (i < 3) {
            wait_held(&s);
        }
    }
    g_assert_cmpuint(testdev_wait(&t->dev, 0, PTD_STATUS_DONE).done, ==, 4);
    quit(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/stall/retry", test_retry);
    qtest_add_func("/smmuv2/stall/terminate", test_terminate);
    qtest_add_func("/smmuv2/stall/middle-of-a-transfer", test_middle);
    qtest_add_func("/smmuv2/stall/masters-that-cannot", test_cannot);
    qtest_add_func("/smmuv2/stall/hupcf-0-terminate", test_hupcf_terminate);
    qtest_add_func("/smmuv2/stall/hupcf-0-nested", test_hupcf_nested);
    qtest_add_func("/smmuv2/stall/hupcf-0-stall", test_hupcf_stall);
    qtest_add_func("/smmuv2/stall/hit-under-fault", test_hit_under_fault);
    qtest_add_func("/smmuv2/stall/meanwhile", test_meanwhile);
    qtest_add_func("/smmuv2/stall/gone", test_gone);
    qtest_add_func("/smmuv2/stall/iothread", test_iothread);
    return g_test_run();
}
