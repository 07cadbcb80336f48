/*
 * SMMUv2 qtest: migration
 *
 * An SMMU at work, with faults pending, is saved and loaded by another QEMU:
 * registers, lines and translations are there, and an SMMU that is not what
 * the guest was told is refused.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "qemu/bitops.h"
#include "qemu/units.h"
#include "qobject/qdict.h"
#include "smmuv2-lib.h"

#define DATA        (RAM_BASE + 0x15432000)
#define OTHER       (RAM_BASE + 0x16543000)
#define FAULTY_CB   65
#define FAULTY_LINE 2

static char *state_file(void)
{
    char *path = g_strdup_printf("%s/smmuv2-migration-XXXXXX",
                                 g_get_tmp_dir());
    int fd = g_mkstemp(path);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    return path;
}

static void enable_events(QTestState *qts)
{
    qtest_qmp_assert_success(qts,
        "{'execute': 'migrate-set-capabilities', 'arguments': "
        "{'capabilities': [{'capability': 'events', 'state': true}]}}");
}

/* Wait until a migration has come to its end; how it ended does not matter */
static void wait_completed(QTestState *qts)
{
    for (;;) {
        QDict *event = qtest_qmp_eventwait_ref(qts, "MIGRATION");
        g_autofree char *status =
            g_strdup(qdict_get_str(qdict_get_qdict(event, "data"), "status"));

        qobject_unref(event);
        g_assert_cmpstr(status, !=, "failed");
        if (!strcmp(status, "completed")) {
            return;
        }
    }
}

static void save(SMMUTest *t, const char *path)
{
    g_autofree char *uri = g_strdup_printf("file:%s", path);

    enable_events(t->qts);
    qtest_qmp_assert_success(t->qts, "{'execute': 'migrate', 'arguments': "
                             "{'uri': %s}}", uri);
    wait_completed(t->qts);
}

/* A second QEMU, with the state of the first; its lines are watched */
static QTestState *load(const char *extra, const char *path)
{
    g_autofree char *more = g_strdup_printf("%s -incoming defer", extra);
    g_autofree char *args = smmu_args(more);
    g_autofree char *uri = g_strdup_printf("file:%s", path);
    QTestState *qts = qtest_init(args);

    qtest_irq_intercept_out_named(qts, SMMU_QOM, "sysbus-irq");
    enable_events(qts);
    qtest_qmp_assert_success(qts, "{'execute': 'migrate-incoming', "
                             "'arguments': {'uri': %s}}", uri);
    wait_completed(qts);
    return qts;
}

/* The same guest, as the second QEMU has it: nothing is set up again */
static void move(SMMUTest *t, QTestState *qts)
{
    qtest_quit(t->qts);
    t->qts = t->pci.bus.qts = qts;
}

/* All registers that there are, and all that there are not */
static GArray *dump(SMMUTest *t)
{
    GArray *words = g_array_new(false, false, sizeof(uint32_t));
    uint32_t value;

    for (unsigned offset = 0; offset < SMMUV2_FRAME_SIZE; offset += 4) {
        value = gr0_read(t, offset);
        g_array_append_val(words, value);
        value = gr1_read(t, offset);
        g_array_append_val(words, value);
    }
    for (unsigned cb = 0; cb < 128; cb++) {
        for (unsigned offset = 0; offset < 0x80; offset += 4) {
            value = cb_read(t, cb, offset);
            g_array_append_val(words, value);
        }
    }
    return words;
}

/* Each register that can be written has a value of its own */
static void scribble(SMMUTest *t)
{
    uint32_t n = 0x01020304;

    for (unsigned i = 0; i < 128; i++, n += 0x00110011) {
        gr0_write(t, A_SMR0 + 4 * i, n & ~R_SMR0_VALID_MASK);
        gr0_write(t, A_S2CR0 + 4 * i, n);
        gr1_write(t, A_CBAR0 + 4 * i, n);
        gr1_write(t, A_CBFRSYNRA0 + 4 * i, n);
        gr1_write(t, A_CBA2R0 + 4 * i, n);
        for (unsigned offset = 0; offset < 0x78; offset += 4) {
            if (offset != A_CB_FSR && offset != A_CB_FSRRESTORE) {
                cb_write(t, i, offset, n + offset);
            }
        }
        cb_write(t, i, A_CB_SCTLR, 0);
        cb_write(t, i, A_CB_FSRRESTORE, n);
    }
    gr0_write(t, A_CR2, 0x5a);
    gr0_write(t, A_GFSYNR0, 0x35);
    gr0_write(t, A_GFSYNR1, 0x12345678);
    gr0_write64(t, A_GFAR, 0x123456789abcdef0);
    gr0_write(t, A_GFSRRESTORE, 0x155);
}

static void test_registers(void)
{
    SMMUTest *t = smmu_start(NULL);
    g_autofree char *path = state_file();
    g_autoptr(GArray) before = NULL;
    g_autoptr(GArray) after = NULL;

    gr0_write(t, A_ACR, 0x00000104);
    gr0_write(t, A_CR0, R_CR0_CLIENTPD_MASK | R_CR0_VMID16EN_MASK |
                        R_CR0_BSU_MASK);
    scribble(t);
    before = dump(t);
    save(t, path);
    move(t, load("", path));
    after = dump(t);
    g_assert_cmpmem(before->data, before->len * 4, after->data,
                    after->len * 4);
    g_unlink(path);
    smmu_quit(t);
}

/* At work: translations in the TLBs, a fault of each kind not yet handled */
static void test_live(void)
{
    SMMUTest *t = smmu_start(PTD2_ARG);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    SMMUTable faulty = smmu_table(t, 2, 14, 40, 1, 0);
    TestDev dev2 = smmu_find_dev(t, PTD2_DEVFN);
    g_autofree char *path = state_file();
    QPCIDevice *pci = t->dev.pci;
    SMMUFault fault;

    qtest_irq_intercept_out_named(t->qts, SMMU_QOM, "sysbus-irq");
    smmu_map(&tab, 0x5000, DATA, 3, LEAF_S1);
    smmu_bank_s1(t, 3, &tab, NULL, 1, 0);
    smmu_bank_s2(t, FAULTY_CB, &faulty, 1);
    smmu_use_bank(t, 3);
    assert_maps(t, &t->dev, 0x5000, DATA, "before");
    /* Changed without an invalidation: old or new are right from here on */
    smmu_map(&tab, 0x5000, OTHER, 3, LEAF_S1);
    assert_maps(t, &t->dev, 0x5000, DATA, "stale");

    /* A global fault, then a context fault, then another on top */
    g_assert_cmphex(dma(&dev2, PTD_OP_WRITE, 0x1000, 4), !=, PTD_RESULT_OK);
    smmu_stream(t, 1, PTD2_SID, 0, FAULTY_CB);
    g_assert_cmphex(dma(&dev2, PTD_OP_WRITE, 0x7654320, 4), !=,
                    PTD_RESULT_OK);
    g_assert_cmphex(dma(&dev2, PTD_OP_READ, 0x3000, 4), !=, PTD_RESULT_OK);
    g_assert_true(qtest_get_irq(t->qts, 0));
    g_assert_true(qtest_get_irq(t->qts, FAULTY_LINE));
    /* And the device has a buffer, a request and an ear for events */
    qpci_io_writeq(pci, t->dev.buffer, 0x100, 0x1122334455667788);
    qpci_io_writel(pci, t->dev.regs, PTD_CHANNEL + PTD_OFFSET, 0x40);
    qpci_io_writel(pci, t->dev.regs, PTD_NOTIFY, PTD_NOTIFY_UNMAP);

    save(t, path);
    move(t, load(PTD2_ARG, path));

    /* Lines are as they were, and fall when they should */
    for (unsigned i = 0; i <= 64; i++) {
        g_assert_true(qtest_get_irq(t->qts, i) ==
                      (i == 0 || i == FAULTY_LINE));
    }
    g_assert_cmphex(gr0_read(t, A_GFSR), ==, R_GFSR_USF_MASK);
    g_assert_cmphex(gr0_read64(t, A_GFAR), ==, 0x1000);
    g_assert_cmphex(gr0_read(t, A_GFSYNR1), ==, PTD2_SID);
    fault = smmu_fault(t, FAULTY_CB);
    g_assert_cmphex(fault.fsr, ==, FSR(TF) | R_CB_FSR_MULTI_MASK);
    g_assert_cmphex(fault.far, ==, 0x7654320);
    g_assert_cmphex(fault.fsynr0, ==,
                    R_CB_FSYNR0_WNR_MASK | 1 << R_CB_FSYNR0_PLVL_SHIFT);
    g_assert_cmphex(fault.cbfrsynra, ==, PTD2_SID);
    gr0_write(t, A_GFSR, ~0u);
    g_assert_false(qtest_get_irq(t->qts, 0));
    g_assert_true(qtest_get_irq(t->qts, FAULTY_LINE));
    smmu_fault_clear(t, FAULTY_CB);
    g_assert_false(qtest_get_irq(t->qts, FAULTY_LINE));

    /* The device is the same, and the invalidation reaches it */
    g_assert_cmphex(qpci_io_readq(pci, t->dev.buffer, 0x100), ==,
                    0x1122334455667788);
    g_assert_cmphex(qpci_io_readl(pci, t->dev.regs, PTD_CHANNEL + PTD_OFFSET),
                    ==, 0x40);
    qpci_io_writel(pci, t->dev.regs, PTD_CHANNEL + PTD_OFFSET, 0);
    cb_write64(t, 3, A_CB_TLBIVA, 1ull << 48 | 5);
    g_assert_cmpuint(qpci_io_readl(pci, t->dev.regs, PTD_NOTIFY_COUNT), ==, 1);

    /* DMA works, new faults are seen */
    assert_maps(t, &t->dev, 0x5000, OTHER, "after");
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, 0x9000, 4), !=, PTD_RESULT_OK);
    g_assert_cmphex(cb_read64(t, 3, A_CB_FAR), ==, 0x9000);
    g_assert_true(qtest_get_irq(t->qts, 1 + 3));
    assert_refused(t, &dev2, 0x5000, "the other's bank");
    g_unlink(path);
    smmu_free_dev(&dev2);
    smmu_quit(t);
}

static uint32_t stall_status(SMMUTest *t, unsigned channel)
{
    return testdev_channel_reg(&t->dev, channel, PTD_STATUS);
}

/*
 * DMA under way: two accesses that a bank has stalled, one that it has just
 * terminated without the device knowing, and a long one in a thread
 */
static void test_stalled(void)
{
    static const char args[] = "-object iothread,id=io0 -device "
                               "passthrough-testdev,addr=5.0,iothread=io0";
    TestDevRequest req = { .op = PTD_OP_READ, .flags = PTD_FLAG_STALL,
                           .addr = 0x9000, .length = 8 };
    TestDevRequest busy = { .op = PTD_OP_VERIFY, .flags = PTD_FLAG_IOTHREAD,
                            .addr = 0x5000, .length = 4096, .repeat = 0x3fff,
                            .offset = 0x1000 };
    SMMUTest *t = smmu_start(args);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    TestDev dev2 = smmu_find_dev(t, PTD2_DEVFN);
    g_autofree char *path = state_file();
    uint32_t ss = R_CB_FSR_SS_MASK;
    TestDevOutcome o;

    smmu_map(&tab, 0x5000, DATA, 3, LEAF_S1);
    for (int cb = 3; cb < 5; cb++) {
        smmu_bank_s1(t, cb, &tab, NULL, 1, 0);
        cb_write(t, cb, A_CB_SCTLR, SCTLR_ON | R_CB_SCTLR_CFCFG_MASK);
    }
    smmu_use_bank(t, 3);
    smmu_stream(t, 1, PTD2_SID, 0, 4);
    qtest_writeq(t->qts, DATA, 0x1122334455667788);
    qpci_io_writeq(dev2.pci, dev2.buffer, 0x1000, 0x1122334455667788);

    testdev_go(&t->dev, 0, &req);
    req.addr = 0xa000;
    testdev_go(&t->dev, 1, &req);
    testdev_go(&dev2, 0, &req);
    testdev_go(&dev2, 1, &busy);
    g_assert_cmpuint(stall_status(t, 0), ==, PTD_STATUS_STALLED);
    g_assert_cmpuint(stall_status(t, 1), ==, PTD_STATUS_STALLED);
    g_assert_cmphex(cb_read(t, 4, A_CB_FSR), ==, FSR(TF) | ss);
    qtest_qmp_assert_success(t->qts, "{'execute': 'stop'}");
    cb_write(t, 4, A_CB_FSR, ~0u);
    cb_write(t, 4, A_CB_RESUME, R_CB_RESUME_TNR_MASK);

    save(t, path);
    move(t, load(args, path));
    qtest_qmp_assert_success(t->qts, "{'execute': 'cont'}");

    /* What was terminated is over, what was busy goes on */
    o = testdev_wait(&dev2, 0, PTD_STATUS_DONE);
    g_assert_cmphex(o.result, ==, PTD_RESULT_DECODE_ERROR);
    o = testdev_wait(&dev2, 1, PTD_STATUS_DONE);
    g_assert_cmphex(o.result, ==, PTD_RESULT_OK);
    g_assert_cmpuint(o.done, ==, 0x4000);
    /* What is stalled is, and is not another's business */
    g_assert_cmpuint(stall_status(t, 0), ==, PTD_STATUS_STALLED);
    g_assert_cmpuint(stall_status(t, 1), ==, PTD_STATUS_STALLED);
    g_assert_cmphex(cb_read(t, 3, A_CB_FSR), ==, FSR(TF) | ss);
    g_assert_cmphex(cb_read64(t, 3, A_CB_FAR), ==, 0x9000);
    smmu_map(&tab, 0xa000, DATA, 3, LEAF_S1);
    cb_write(t, 3, A_CB_FSR, ~0u);
    cb_write(t, 3, A_CB_RESUME, R_CB_RESUME_TNR_MASK);
    /* The held one is terminated, the one behind it is tried again */
    o = testdev_wait(&t->dev, 0, PTD_STATUS_DONE);
    g_assert_cmphex(o.result, ==, PTD_RESULT_DECODE_ERROR);
    g_assert_cmphex(o.fail_addr, ==, 0x9000);
    o = testdev_wait(&t->dev, 1, PTD_STATUS_DONE);
    g_assert_cmphex(o.result, ==, PTD_RESULT_OK);
    g_assert_cmpuint(o.count, ==, 8);
    g_assert_cmphex(qpci_io_readq(t->dev.pci, t->dev.buffer, 0), ==,
                    0x1122334455667788);
    g_unlink(path);
    smmu_free_dev(&dev2);
    smmu_quit(t);
}

/* Two masters of the system bus: their buffers, and what one has parked */
static void test_sysbus(void)
{
    static const char args[] = "-device passthrough-testdev-sysbus,"
                               "stream-id=0x7f10 -device "
                               "passthrough-testdev-sysbus,stream-id=0x7f11";
    TestDevRequest req = { .op = PTD_OP_WRITE, .flags = PTD_FLAG_STALL,
                           .addr = 0x9000, .length = 8 };
    SMMUTest *t = smmu_start(args);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    TestDev dev = testdev_sysbus(&t->pci.bus, 0xc000000, 0xc010000);
    TestDev dev2 = testdev_sysbus(&t->pci.bus, 0xc001000, 0xc020000);
    g_autofree char *path = state_file();

    smmu_map(&tab, 0x5000, DATA, 3, LEAF_S1);
    smmu_bank_s1(t, 3, &tab, NULL, 1, 0);
    cb_write(t, 3, A_CB_SCTLR, SCTLR_ON | R_CB_SCTLR_CFCFG_MASK);
    smmu_stream(t, 0, 0x7f10, 0, 3);
    gr0_write(t, A_CR0, CR0_ON);
    qpci_io_writeq(dev.pci, dev.buffer, 0, 0x1122334455667788);
    qpci_io_writeq(dev2.pci, dev2.buffer, 0, 0x99);
    testdev_go(&dev, 0, &req);
    testdev_wait(&dev, 0, PTD_STATUS_STALLED);
    save(t, path);
    move(t, load(args, path));
    g_assert_cmpuint(testdev_channel_reg(&dev, 0, PTD_STATUS), ==,
                     PTD_STATUS_STALLED);
    g_assert_cmphex(qpci_io_readq(dev.pci, dev.buffer, 0), ==,
                    0x1122334455667788);
    g_assert_cmphex(qpci_io_readq(dev2.pci, dev2.buffer, 0), ==, 0x99);
    smmu_map(&tab, 0x9000, DATA, 3, LEAF_S1);
    cb_write(t, 3, A_CB_FSR, ~0u);
    cb_write(t, 3, A_CB_RESUME, 0);
    g_assert_cmphex(testdev_wait(&dev, 0, PTD_STATUS_DONE).result, ==,
                    PTD_RESULT_OK);
    g_assert_cmphex(qtest_readq(t->qts, DATA), ==, 0x1122334455667788);
    assert_maps(t, &dev, 0x5000, DATA, "after migration");
    g_unlink(path);
    smmu_free_dev(&dev);
    smmu_free_dev(&dev2);
    smmu_quit(t);
}

/* A state is loaded over one that was there: nothing of that stays */
static void test_again(void)
{
    SMMUTest *t = smmu_start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    g_autofree char *path = state_file();

    smmu_map(&tab, 0x5000, DATA, 3, LEAF_S1);
    smmu_bank_s1(t, 3, &tab, NULL, 1, 0);
    smmu_use_bank(t, 3);
    save(t, path);
    move(t, load("", path));
    assert_maps(t, &t->dev, 0x5000, DATA, "once");
    save(t, path);
    move(t, load("", path));
    assert_maps(t, &t->dev, 0x5000, DATA, "twice");
    assert_no_faults(t, 4);
    g_unlink(path);
    smmu_quit(t);
}

/* Another SMMU than the guest was told of: an error that says which property */
static void test_mismatch(void)
{
    static const struct {
        const char *property, *value;
    } cases[] = {
        { "num-smrg", "127" },
        { "stage", "1" },
        { "aarch32-formats", "long" },
        { "exids", "off" },
        { "config-faults", "on" },
        { "stream-matching", "off" },
        { "num-context-banks", "64" },
        { "page-size", "65536" },
        { "oas", "44" },
        { "vmid16", "off" },
        { "num-context-irqs", "32" },
    };
    SMMUTest *t = smmu_start(NULL);
    g_autofree char *path = state_file();

    save(t, path);
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autofree char *extra =
            g_strdup_printf("-global arm-smmuv2.%s=%s -incoming file:%s",
                            cases[i].property, cases[i].value, path);
        g_autofree char *args = smmu_args(extra);
        g_autofree char *output = NULL;

        g_assert_cmpint(smmu_run(args, &output), ==, 1);
        g_assert_nonnull(strstr(output, cases[i].property));
        g_assert_nonnull(strstr(output, "must be the same"));
    }
    g_unlink(path);
    smmu_quit(t);
}

/* With two security states there is more to keep; it must not be lost */
static void test_secure(void)
{
    const char *args = "-machine secure=on -global arm-smmuv2.secure=on";
    SMMUTest *a = smmu_start(args);
    g_autofree char *path = state_file();
    SMMUTable tab = smmu_table(a, 1, 12, 39, 1, 0);
    QTestState *b;
    SMMUTest t;

    smmu_map(&tab, 0x5000, DATA, 3, LEAF_S1);
    smmu_bank_s1(a, 5, &tab, NULL, 1, 0);
    smmu_use_bank(a, 5);
    save(a, path);
    b = load(args, path);
    smmu_attach(&t, b);
    g_assert_cmphex(gr0_read(&t, A_IDR0), ==, gr0_read(a, A_IDR0));
    g_assert_cmphex(gr0_read(&t, A_IDR1), ==, gr0_read(a, A_IDR1));
    /* Streams are Non-secure there, too */
    assert_maps(&t, &t.dev, 0x5000, DATA, "after migration");
    smmu_free_dev(&t.dev);
    qtest_quit(b);
    g_unlink(path);
    smmu_quit(a);
}

/* Counters go on from where they were */
static void test_counters(void)
{
    SMMUTest *a = smmu_start(NULL);
    g_autofree char *path = state_file();
    uint64_t pm = smmu_pm(a, 0);
    QTestState *b;

    /* Cycles, and accesses */
    qtest_writel(a->qts, pm + A_PMEVCNTR0, 5);
    qtest_writel(a->qts, pm + A_PMEVCNTR0 + 36, 77);
    qtest_writel(a->qts, pm + A_PMEVTYPER0 + 36, 0x10);
    qtest_writel(a->qts, pm + A_PMCGCR0 + 8, 0x0a03);
    qtest_writel(a->qts, pm + A_PMCGSMR0 + 8, 0x1234);
    qtest_writel(a->qts, pm + A_PMOVSSET, 0x1);
    qtest_writel(a->qts, pm + A_PMINTENSET, 0x1);
    qtest_writel(a->qts, pm + A_PMCNTENSET, 0x201);
    qtest_writel(a->qts, pm + A_PMCR, 1);
    qtest_clock_step(a->qts, 1000);
    save(a, path);
    b = load("", path);
    g_assert_cmpuint(qtest_readl(b, pm + A_PMEVCNTR0), ==, 1005);
    g_assert_cmpuint(qtest_readl(b, pm + A_PMEVCNTR0 + 36), ==, 77);
    g_assert_cmphex(qtest_readl(b, pm + A_PMEVTYPER0 + 36), ==, 0x10);
    g_assert_cmphex(qtest_readl(b, pm + A_PMCGCR0 + 8), ==, 0x04020a03);
    g_assert_cmphex(qtest_readl(b, pm + A_PMCGSMR0 + 8), ==, 0x1234);
    g_assert_cmphex(qtest_readl(b, pm + A_PMOVSCLR), ==, 0x1);
    g_assert_cmphex(qtest_readl(b, pm + A_PMINTENCLR), ==, 0x1);
    g_assert_cmphex(qtest_readl(b, pm + A_PMCNTENCLR), ==, 0x201);
    g_assert_cmphex(qtest_readl(b, pm + A_PMCR), ==, 1);
    g_assert_true(qtest_get_irq(b, 65));
    qtest_clock_step(b, 500);
    g_assert_cmpuint(qtest_readl(b, pm + A_PMEVCNTR0), ==, 1505);
    qtest_quit(b);
    g_unlink(path);
    smmu_quit(a);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/migration/registers", test_registers);
    qtest_add_func("/smmuv2/migration/live", test_live);
    qtest_add_func("/smmuv2/migration/stalled", test_stalled);
    qtest_add_func("/smmuv2/migration/sysbus", test_sysbus);
    qtest_add_func("/smmuv2/migration/again", test_again);
    qtest_add_func("/smmuv2/migration/mismatch", test_mismatch);
    qtest_add_func("/smmuv2/migration/secure", test_secure);
    qtest_add_func("/smmuv2/migration/counters", test_counters);
    return g_test_run();
}
