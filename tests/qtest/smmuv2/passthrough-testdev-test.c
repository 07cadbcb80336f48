/*
 * Passthrough test device qtest
 *
 * The device by itself, with no IOMMU before it: what it refuses, what it
 * reports, and that it stays within its bounds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/pci/pci_regs.h"
#include "smmuv2-lib.h"

#define DATA    (RAM_BASE + 0x15432000)
#define HOLE    UINT64_C(0x800000000000)

static SMMUTest *start(const char *properties)
{
    SMMUTest *t = g_new0(SMMUTest, 1);

    t->qts = qtest_initf("-M virt,gic-version=3 -m 512M -nodefaults "
                         "-device passthrough-testdev,addr=4.0%s", properties);
    qpci_init_generic(&t->pci, t->qts, NULL, true);
    t->dev = smmu_find_dev(t, PTD_DEVFN);
    return t;
}

static uint32_t reg(SMMUTest *t, unsigned offset)
{
    return testdev_reg(&t->dev, offset);
}

static void set(SMMUTest *t, unsigned offset, uint32_t value)
{
    testdev_set(&t->dev, offset, value);
}

static void test_registers(void)
{
    SMMUTest *t = start(",buffer-size=8192");

    g_assert_cmphex(reg(t, PTD_VERSION), ==, PTD_VERSION_VALUE);
    g_assert_cmpuint(reg(t, PTD_BUFFER_SIZE), ==, 8 * KiB);
    g_assert_cmpuint(reg(t, PTD_CHANNELS), ==, PTD_NUM_CHANNELS);
    g_assert_cmpuint(reg(t, PTD_VECTORS), ==, PTD_NUM_VECTORS);
    g_assert_cmphex(reg(t, PTD_CHANNEL + PTD_VECTOR), ==, PTD_NO_VECTOR);
    g_assert_cmphex(reg(t, PTD_CHANNEL + PTD_LIST), ==, PTD_NO_LIST);
    g_assert_cmpuint(reg(t, PTD_CHANNEL + PTD_STATUS), ==, PTD_STATUS_IDLE);
    /* What is not there, and what is read-only */
    for (unsigned offset = 0; offset < PTD_REGS_SIZE; offset += 4) {
        bool request = offset >= PTD_CHANNEL &&
                       offset < PTD_CHANNEL + 8 * PTD_CHANNEL_STRIDE &&
                       offset % PTD_CHANNEL_STRIDE <= PTD_GO;
        uint32_t before = reg(t, offset);

        if (!request && offset != PTD_NOTIFY) {
            set(t, offset, ~before);
            g_assert_cmphex(reg(t, offset), ==, before);
        }
    }
    smmu_quit(t);
}

static void test_bounds(void)
{
    static const struct {
        uint32_t op, offset, length, result, count;
    } cases[] = {
        { PTD_OP_NONE, 0, 4, PTD_RESULT_BAD_REQUEST },
        { 6, 0, 4, PTD_RESULT_BAD_REQUEST },
        { ~0u, 0, 4, PTD_RESULT_BAD_REQUEST },
        { PTD_OP_READ, 0, 0x2001, PTD_RESULT_BAD_REQUEST },
        { PTD_OP_READ, 1, 0x2000, PTD_RESULT_BAD_REQUEST },
        { PTD_OP_READ, 0x2001, 0, PTD_RESULT_BAD_REQUEST },
        { PTD_OP_READ, ~0u, 1, PTD_RESULT_BAD_REQUEST },
        { PTD_OP_WRITE, 1, ~0u, PTD_RESULT_BAD_REQUEST },
        { PTD_OP_VERIFY, ~0u, ~0u, PTD_RESULT_BAD_REQUEST },
        { PTD_OP_READ, 0x2000, 0, PTD_RESULT_OK, 0 },
        { PTD_OP_READ, 0, 0x2000, PTD_RESULT_OK, 0x2000 },
        { PTD_OP_WRITE, 0x1fff, 1, PTD_RESULT_OK, 1 },
    };
    SMMUTest *t = start(",buffer-size=8192");

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        set(t, PTD_CHANNEL + PTD_OFFSET, cases[i].offset);
        g_assert_cmphex(dma(&t->dev, cases[i].op, DATA, cases[i].length), ==,
                        cases[i].result);
        g_assert_cmpuint(dma_count(&t->dev), ==, cases[i].count);
    }
    smmu_quit(t);
}

static void test_results(void)
{
    SMMUTest *t = start("");
    uint8_t byte = 0x5a;

    assert_maps(t, &t->dev, DATA, DATA, "memory");
    assert_refused(t, &t->dev, HOLE, "no memory");

    /* Where two memories differ: across a page, at the first byte, nowhere */
    qtest_memset(t->qts, DATA, 0, 16 * KiB);
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, DATA, 8 * KiB), ==,
                    PTD_RESULT_OK);
    g_assert_cmphex(dma(&t->dev, PTD_OP_VERIFY, DATA + 8, 8 * KiB), ==,
                    PTD_RESULT_OK);
    g_assert_cmpuint(dma_count(&t->dev), ==, 8 * KiB);
    qtest_memwrite(t->qts, DATA + 0x1234, &byte, 1);
    g_assert_cmphex(dma(&t->dev, PTD_OP_VERIFY, DATA + 0x34, 8 * KiB), ==,
                    PTD_RESULT_MISMATCH);
    g_assert_cmphex(dma_count(&t->dev), ==, 0x1200);
    g_assert_cmphex(dma(&t->dev, PTD_OP_VERIFY, DATA + 0x1234, 1), ==,
                    PTD_RESULT_MISMATCH);
    g_assert_cmphex(dma_count(&t->dev), ==, 0);

    /* The end of memory, in the middle of a transfer */
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, RAM_BASE + RAM_SIZE - 0x100,
                        0x200), ==, PTD_RESULT_DECODE_ERROR);
    g_assert_cmphex(dma_count(&t->dev), ==, 0x100);

    /* Its own memory is memory, its own registers are not to be re-entered */
    qpci_io_writeq(t->dev.pci, t->dev.buffer, 0x800, 0x1122334455667788);
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, t->dev.buffer.addr + 0x800, 8),
                    ==, PTD_RESULT_OK);
    g_assert_cmphex(qpci_io_readq(t->dev.pci, t->dev.buffer, 0), ==,
                    0x1122334455667788);
    g_assert_cmphex(dma(&t->dev, PTD_OP_WRITE, t->dev.regs.addr + PTD_CHANNEL +
                        PTD_GO, 4), ==, PTD_RESULT_ACCESS_ERROR);

    /* Not a master: nothing is reached */
    qpci_config_writew(t->dev.pci, PCI_COMMAND, PCI_COMMAND_MEMORY);
    assert_refused(t, &t->dev, DATA, "bus mastering is off");
    smmu_quit(t);
}

/* Bounds of what is asked at once */
static void test_request_bounds(void)
{
    static const uint64_t here[3] = { 0, 8, 0 };
    static const struct {
        TestDevRequest req;
        bool ok;
    } asked[] = {
        { { .length = 1, .repeat = PTD_ACCESSES_MAX - 1 }, true },
        { { .length = 1, .repeat = PTD_ACCESSES_MAX } },
        { { .length = 0, .repeat = ~0u } },
        { { .length = 0x1000, .repeat = PTD_BYTES_MAX / 0x1000 } },
        { { .length = 8, .repeat = 0x3ff, .flags = PTD_FLAG_ADVANCE }, true },
        { { .length = 8, .repeat = 0x400, .flags = PTD_FLAG_ADVANCE } },
        { { .length = 8, .list = here, .span = 3 }, true },
        { { .length = 8, .flags = PTD_FLAG_ALL + 1 } },
        { { .length = 8, .flags = PTD_FLAG_IOTHREAD } },
        { { .length = 8, .attrs = PTD_ATTRS_ALL + 1 } },
        { { .length = 8, .attrs = PTD_ATTRS_SECURE }, true },
        { { .length = 8, .requester = 1 } },
        { { .length = 8, .requester = PTD_REQUESTER_OTHER | 0x100 } },
        { { .length = 8, .requester = PTD_REQUESTER_OTHER | 0x28 }, true },
    };
    static const struct {
        uint32_t list, span;
        bool ok;
    } lists[] = {
        { 0, 0 }, { 4, 1 }, { 0x1ff8, 1, true }, { 0x1ff8, 2 }, { 0x2000, 1 },
        { 0, ~0u }, { ~7u, 1 }, { 0, 0x400, true }, { 0, 0x401 },
    };
    SMMUTest *t = start(",buffer-size=8192");

    for (size_t i = 0; i < ARRAY_SIZE(asked); i++) {
        uint32_t want = asked[i].ok ? PTD_RESULT_OK : PTD_RESULT_BAD_REQUEST;
        TestDevRequest req = asked[i].req;
        TestDevOutcome o;

        req.addr = DATA;
        req.op = PTD_OP_READ;
        o = testdev_run(&t->dev, &req);
        g_assert_cmphex(o.result, ==, want);
        g_assert_cmpuint(o.done, ==, asked[i].ok ? req.repeat + 1 : 0);
    }
    for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
        uint32_t want;

        testdev_go(&t->dev, 0, &(TestDevRequest) { });
        set(t, PTD_CHANNEL + PTD_LIST, lists[i].list);
        set(t, PTD_CHANNEL + PTD_SPAN, lists[i].span);
        want = lists[i].ok ? PTD_RESULT_OK : PTD_RESULT_BAD_REQUEST;
        g_assert_cmphex(dma(&t->dev, PTD_OP_READ, DATA, 0), ==, want);
    }
    smmu_quit(t);
}

/* A request that starts another's, a million times, would never end */
static void test_request_nested(void)
{
    SMMUTest *t = start(" -device passthrough-testdev,addr=5.0");
    TestDev other = smmu_find_dev(t, QPCI_DEVFN(5, 0));
    uint64_t go = other.regs.addr + PTD_CHANNEL + PTD_GO;

    g_assert_cmphex(dma(&other, PTD_OP_READ, DATA, 8), ==, PTD_RESULT_OK);
    g_assert_cmphex(dma(&t->dev, PTD_OP_WRITE, go, 4), ==, PTD_RESULT_OK);
    g_assert_cmphex(testdev_outcome(&other, 0).result, ==,
                    PTD_RESULT_BAD_REQUEST);
    g_assert_cmpuint(testdev_outcome(&other, 0).done, ==, 0);
    g_assert_cmphex(dma(&other, PTD_OP_READ, DATA, 8), ==, PTD_RESULT_OK);
    smmu_free_dev(&other);
    smmu_quit(t);
}

static void test_addresses(void)
{
    static const uint64_t list[] = { 0x3000, 0, 0x10008 };
    SMMUTest *t = start("");
    TestDev *dev = &t->dev;
    TestDevOutcome o;

    /* A stride: each access its part of the buffer */
    for (int i = 0; i < 4; i++) {
        qpci_io_writeq(dev->pci, dev->buffer, 0x100 + 8 * i, 0xaa00 + i);
    }
    o = testdev_run(dev, &(TestDevRequest) {
        .op = PTD_OP_WRITE, .flags = PTD_FLAG_ADVANCE, .addr = DATA,
        .length = 8, .offset = 0x100, .stride = -0x1000ull, .repeat = 3 });
    g_assert_cmphex(o.result, ==, PTD_RESULT_OK);
    g_assert_cmpuint(o.count, ==, 32);
    for (int i = 0; i < 4; i++) {
        g_assert_cmphex(qtest_readq(t->qts, DATA - 0x1000 * i), ==,
                        0xaa00 + i);
    }
    /* They come again: the third and fourth go where the first two went */
    o = testdev_run(dev, &(TestDevRequest) {
        .op = PTD_OP_WRITE, .flags = PTD_FLAG_ADVANCE, .addr = DATA,
        .length = 8, .offset = 0x100, .stride = 0x10, .repeat = 3, .span = 2 });
    g_assert_cmpuint(o.done, ==, 4);
    g_assert_cmphex(qtest_readq(t->qts, DATA), ==, 0xaa02);
    g_assert_cmphex(qtest_readq(t->qts, DATA + 0x10), ==, 0xaa03);
    /* A list, relative to the address; all from the same place */
    o = testdev_run(dev, &(TestDevRequest) {
        .op = PTD_OP_WRITE, .addr = DATA, .length = 8, .offset = 0x108,
        .list = list, .span = 3, .repeat = 2 });
    g_assert_cmpuint(o.done, ==, 3);
    for (int i = 0; i < 3; i++) {
        g_assert_cmphex(qtest_readq(t->qts, DATA + list[i]), ==, 0xaa01);
    }
    smmu_quit(t);
}

static void test_keep_going(void)
{
    static const uint64_t list[] = { DATA, HOLE, DATA + 0x1ffc, HOLE + 8,
                                     DATA };
    TestDevRequest req = { .op = PTD_OP_READ, .length = 8, .list = list,
                           .span = 5, .repeat = 4 };
    SMMUTest *t = start("");
    TestDevOutcome o;

    o = testdev_run(&t->dev, &req);
    g_assert_cmphex(o.result, ==, PTD_RESULT_DECODE_ERROR);
    g_assert_cmphex(o.fail_addr, ==, HOLE);
    g_assert_cmpuint(o.done, ==, 1);
    g_assert_cmpuint(o.failed, ==, 1);
    g_assert_cmpuint(o.count, ==, 8);
    req.flags = PTD_FLAG_KEEP_GOING;
    o = testdev_run(&t->dev, &req);
    g_assert_cmphex(o.result, ==, PTD_RESULT_DECODE_ERROR);
    g_assert_cmphex(o.fail_addr, ==, HOLE);
    g_assert_cmpuint(o.done, ==, 3);
    g_assert_cmpuint(o.failed, ==, 2);
    g_assert_cmpuint(o.count, ==, 24);
    smmu_quit(t);
}

static void test_translate(void)
{
    SMMUTest *t = start("");
    TestDevOutcome o;

    /* No IOMMU: all goes where it says; the flat view has pages of no size */
    o = testdev_run(&t->dev, &(TestDevRequest) {
        .op = PTD_OP_TRANSLATE, .addr = DATA + 0x123 });
    g_assert_cmphex(o.result, ==, PTD_RESULT_OK);
    g_assert_cmphex(o.xlat, ==, DATA + 0x123);
    g_assert_cmpuint(o.count, ==, 0);
    o = testdev_run(&t->dev, &(TestDevRequest) {
        .op = PTD_OP_TRANSLATE_W, .addr = HOLE });
    g_assert_cmphex(o.result, ==, PTD_RESULT_DECODE_ERROR);
    g_assert_cmphex(o.fail_addr, ==, HOLE);
    /* Time passes */
    o = testdev_run(&t->dev, &(TestDevRequest) {
        .op = PTD_OP_TRANSLATE, .addr = DATA, .repeat = 9999 });
    g_assert_cmpuint(o.done, ==, 10000);
    g_assert_cmpuint(o.ns, >=, 10000);
    smmu_quit(t);
}

/* Channels at work in a thread, while the guest does something else */
static void test_iothread(void)
{
    TestDevRequest req = { .op = PTD_OP_VERIFY, .flags = PTD_FLAG_IOTHREAD,
                           .addr = DATA, .length = 4096, .repeat = 0xfff };
    SMMUTest *t = g_new0(SMMUTest, 1);
    TestDev *dev = &t->dev;
    TestDevOutcome o;

    t->qts = qtest_init("-M virt,gic-version=3 -m 512M -nodefaults "
                        "-object iothread,id=io0 "
                        "-device passthrough-testdev,addr=4.0,iothread=io0");
    qpci_init_generic(&t->pci, t->qts, NULL, true);
    t->dev = smmu_find_dev(t, PTD_DEVFN);
    qtest_memset(t->qts, DATA, 0, 4096);

    /* Busy until it is done; its request cannot change */
    testdev_go(dev, 0, &req);
    if (testdev_channel_reg(dev, 0, PTD_STATUS) == PTD_STATUS_BUSY) {
        testdev_channel_set(dev, 0, PTD_OFFSET, 0x1234);
        testdev_channel_set(dev, 0, PTD_GO, 1);
    }
    o = testdev_wait(dev, 0, PTD_STATUS_DONE);
    g_assert_cmphex(o.result, ==, PTD_RESULT_OK);
    g_assert_cmpuint(o.done, ==, 0x1000);
    g_assert_cmphex(o.count, ==, 0x1000000);

    /* Given up: in the middle, or it was quicker */
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        testdev_go(dev, i, &req);
    }
    testdev_channel_set(dev, 7, PTD_CANCEL, 1);
    o = testdev_wait(dev, 7, PTD_STATUS_DONE);
    g_assert_cmphex(o.result, ==, o.done == 0x1000 ? PTD_RESULT_OK :
                                  PTD_RESULT_CANCELLED);

    /* Stopped with the machine, and no further than that */
    testdev_go(dev, 7, &req);
    qtest_qmp_assert_success(t->qts, "{'execute': 'stop'}");
    qtest_qmp_assert_success(t->qts, "{'execute': 'cont'}");
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        o = testdev_wait(dev, i, PTD_STATUS_DONE);
        g_assert_cmphex(o.result, ==, PTD_RESULT_OK);
        g_assert_cmpuint(o.done, ==, 0x1000);
    }

    /* Reset while busy: nothing of it is left */
    testdev_go(dev, 0, &req);
    qtest_system_reset(t->qts);
    smmu_free_dev(&t->dev);
    t->pci.bus.mmio_alloc_ptr = 0x10000000;
    t->dev = smmu_find_dev(t, PTD_DEVFN);
    g_assert_cmpuint(testdev_outcome(dev, 0).status, ==, PTD_STATUS_IDLE);
    /* And QEMU goes while it is busy */
    testdev_go(dev, 0, &req);
    smmu_quit(t);
}

static void test_msi(void)
{
    SMMUTest *t = start("");
    QPCIDevice *pci = t->dev.pci;
    uint8_t cap = qpci_find_capability(pci, PCI_CAP_ID_MSI, 0);
    uint16_t flags;

    g_assert_cmpuint(cap, !=, 0);
    /* Nothing is enabled: nothing is sent, and nothing breaks */
    for (unsigned vector = 0; vector <= PTD_NUM_VECTORS; vector++) {
        set(t, PTD_MSI, vector);
    }
    flags = qpci_config_readw(pci, cap + PCI_MSI_FLAGS);
    g_assert_true(flags & PCI_MSI_FLAGS_64BIT);
    qpci_config_writel(pci, cap + PCI_MSI_ADDRESS_LO, DATA);
    qpci_config_writel(pci, cap + PCI_MSI_ADDRESS_HI, 0);
    qpci_config_writew(pci, cap + PCI_MSI_DATA_64, 0x5a50);
    /* Four of eight */
    qpci_config_writew(pci, cap + PCI_MSI_FLAGS,
                       flags | PCI_MSI_FLAGS_ENABLE | 2 << 4);
    set(t, PTD_MSI, 3);
    g_assert_cmphex(qtest_readl(t->qts, DATA), ==, 0x5a53);
    set(t, PTD_MSI, 4);
    set(t, PTD_MSI, ~0u);
    g_assert_cmphex(qtest_readl(t->qts, DATA), ==, 0x5a53);
    /* A vector on completion that is not enabled hurts nobody */
    set(t, PTD_CHANNEL + PTD_VECTOR, 7);
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, DATA, 4), ==, PTD_RESULT_OK);
    g_assert_cmphex(qtest_readl(t->qts, DATA), ==, 0x5a53);
    set(t, PTD_CHANNEL + PTD_VECTOR, 1);
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, DATA, 4), ==, PTD_RESULT_OK);
    g_assert_cmphex(qtest_readl(t->qts, DATA), ==, 0x5a51);
    smmu_quit(t);
}

static void test_notify(void)
{
    SMMUTest *t = start("");

    /* There is no IOMMU to hear from */
    set(t, PTD_NOTIFY, ~0u);
    g_assert_cmphex(reg(t, PTD_NOTIFY), ==, PTD_NOTIFY_ALL);
    g_assert_cmpuint(reg(t, PTD_NOTIFY_STATUS), ==, 0);
    set(t, PTD_NOTIFY, PTD_NOTIFY_UNMAP);
    qpci_config_writew(t->dev.pci, PCI_COMMAND, 0);
    qpci_device_enable(t->dev.pci);
    g_assert_cmphex(reg(t, PTD_NOTIFY), ==, PTD_NOTIFY_UNMAP);
    g_assert_cmpuint(reg(t, PTD_NOTIFY_COUNT), ==, 0);
    smmu_quit(t);
}

static void test_reset(void)
{
    SMMUTest *t = start("");

    dma_write64(&t->dev, DATA, ~0ull);
    set(t, PTD_CHANNEL + PTD_VECTOR, 3);
    set(t, PTD_NOTIFY, PTD_NOTIFY_UNMAP);
    qtest_system_reset(t->qts);
    smmu_free_dev(&t->dev);
    t->pci.bus.mmio_alloc_ptr = 0x10000000;
    t->dev = smmu_find_dev(t, PTD_DEVFN);
    g_assert_cmphex(reg(t, PTD_NOTIFY), ==, 0);
    g_assert_cmphex(qpci_io_readq(t->dev.pci, t->dev.buffer, 0), ==, 0);
    for (unsigned offset = 0; offset < PTD_CHANNEL_STRIDE; offset += 4) {
        g_assert_cmphex(reg(t, PTD_CHANNEL + offset), ==,
                        offset == PTD_VECTOR ? PTD_NO_VECTOR :
                        offset == PTD_LIST ? PTD_NO_LIST : 0);
    }
    smmu_quit(t);
}

/* ---- Requests whose accesses are the end of them ---- */

#define ECAM            UINT64_C(0x4010000000)
#define PORT(n)         QPCI_DEVFN(2 + (n), 0)
#define PORT_ARGS(n)    "-device pcie-root-port,id=rp" #n ",addr=" #n ".0," \
                        "chassis=" #n " "

static uint64_t port_reg(unsigned port, unsigned offset)
{
    return ECAM + (PORT(port) << 12) + offset;
}

/* Behind port @n, which is bus @n + 1 then */
static TestDev find_behind(SMMUTest *t, unsigned n)
{
    QPCIDevice *port = qpci_device_find(&t->pci.bus, PORT(n));

    qpci_config_writew(port, PCI_BRIDGE_CONTROL, 0);
    g_free(port);
    smmu_set_up_bridge(t, PORT(n), n + 1, n + 1);
    t->pci.bus.mmio_alloc_ptr = 0x10000000 + n * 8 * MiB;
    return smmu_find_dev(t, (n + 1) << 8);
}

static SMMUTest *start_behind_ports(void)
{
    SMMUTest *t = g_new0(SMMUTest, 1);

    t->qts = qtest_init("-M virt,gic-version=3 -m 512M -nodefaults "
                        PORT_ARGS(2) PORT_ARGS(3)
                        "-object iothread,id=io0 -object iothread,id=io1 "
                        "-device passthrough-testdev,bus=rp2,id=ptd0,"
                        "iothread=io0 "
                        "-device passthrough-testdev,bus=rp3,id=ptd1,"
                        "iothread=io1");
    qpci_init_generic(&t->pci, t->qts, NULL, true);
    t->dev = find_behind(t, 0);
    return t;
}

/*
 * All channels write to a register of a bridge, most of them in vain: the first
 * one resets or unplugs their device
 */
static void write_bridge(TestDev *dev, uint64_t addr, uint16_t value,
                         uint32_t flags)
{
    TestDevRequest req = {
        .op = PTD_OP_WRITE, .addr = addr, .length = 2, .vector = 1,
        .flags = flags, .repeat = 9,
    };

    qpci_io_writew(dev->pci, dev->buffer, 0, value);
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        testdev_go(dev, i, &req);
    }
}

static void test_resets_itself(const void *data)
{
    uint32_t flags = GPOINTER_TO_UINT(data);
    SMMUTest *t = start_behind_ports();
    uint64_t control = port_reg(0, PCI_BRIDGE_CONTROL);

    for (int i = 0; i < 3; i++) {
        write_bridge(&t->dev, control, PCI_BRIDGE_CTL_BUS_RESET, flags);
        while (!(qtest_readw(t->qts, control) & PCI_BRIDGE_CTL_BUS_RESET)) {
            /* The thread has not come to it */
        }
        /* With the BQL, so after the reset */
        smmu_free_dev(&t->dev);
        t->dev = find_behind(t, 0);
        for (int c = 0; c < PTD_NUM_CHANNELS; c++) {
            g_assert_cmpuint(testdev_outcome(&t->dev, c).status, ==,
                             PTD_STATUS_IDLE);
            g_assert_cmphex(testdev_channel_reg(&t->dev, c, PTD_ADDR_LO), ==,
                            0);
        }
        g_assert_cmphex(qpci_io_readw(t->dev.pci, t->dev.buffer, 0), ==, 0);
        assert_maps(t, &t->dev, DATA, DATA, "after its reset");
        g_assert_cmphex(testdev_run(&t->dev, &(TestDevRequest) {
            .op = PTD_OP_READ, .flags = flags, .addr = DATA, .length = 64,
        }).result, ==, PTD_RESULT_OK);
    }
    smmu_quit(t);
}

static void test_unplugs_itself(const void *data)
{
    SMMUTest *t = start_behind_ports();
    QPCIDevice *port = qpci_device_find(&t->pci.bus, PORT(0));
    uint8_t cap = qpci_find_capability(port, PCI_CAP_ID_EXP, 0);
    uint64_t slot = port_reg(0, cap + PCI_EXP_SLTCTL);

    qtest_qmp_device_del_send(t->qts, "ptd0");
    write_bridge(&t->dev, slot, PCI_EXP_SLTCTL_PCC | PCI_EXP_SLTCTL_PWR_IND_OFF,
                 GPOINTER_TO_UINT(data));
    qtest_qmp_eventwait(t->qts, "DEVICE_DELETED");
    g_free(port);
    smmu_free_dev(&t->dev);
    /* The slot is free for another */
    qtest_qmp_device_add(t->qts, "passthrough-testdev", "ptd0",
                         "{'bus': 'rp2', 'iothread': 'io0'}");
    qtest_writew(t->qts, slot, PCI_EXP_SLTCTL_PWR_IND_ON);
    t->dev = find_behind(t, 0);
    assert_maps(t, &t->dev, DATA, DATA, "in its place");
    smmu_quit(t);
}

static bool in_reset(SMMUTest *t, unsigned port)
{
    return qtest_readw(t->qts, port_reg(port, PCI_BRIDGE_CONTROL)) &
           PCI_BRIDGE_CTL_BUS_RESET;
}

/* Its requests end, unless another one resets it, then or meanwhile */
static void wait_or_reset(SMMUTest *t, TestDev *dev, int port)
{
    for (int c = 0; c < PTD_NUM_CHANNELS; c++) {
        while (testdev_channel_reg(dev, c, PTD_STATUS) != PTD_STATUS_DONE &&
               !in_reset(t, port)) {
            /* It goes on */
        }
    }
}

/* Two, each in a thread of its own */
static void test_reset_each_other(void)
{
    SMMUTest *t = start_behind_ports();

    for (int i = 0; i < 20; i++) {
        TestDev other = find_behind(t, 1);

        smmu_free_dev(&t->dev);
        t->dev = find_behind(t, 0);
        write_bridge(&t->dev, port_reg(1, PCI_BRIDGE_CONTROL),
                     PCI_BRIDGE_CTL_BUS_RESET, PTD_FLAG_IOTHREAD);
        write_bridge(&other, port_reg(0, PCI_BRIDGE_CONTROL),
                     PCI_BRIDGE_CTL_BUS_RESET, PTD_FLAG_IOTHREAD);
        while (!in_reset(t, 0) && !in_reset(t, 1)) {
            /* Neither has come to it */
        }
        /* One may have been quicker: it goes on */
        wait_or_reset(t, &t->dev, 0);
        wait_or_reset(t, &other, 1);
        smmu_free_dev(&other);
    }
    smmu_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/passthrough-testdev/registers", test_registers);
    qtest_add_func("/passthrough-testdev/bounds", test_bounds);
    qtest_add_func("/passthrough-testdev/results", test_results);
    qtest_add_func("/passthrough-testdev/request-bounds",
                   test_request_bounds);
    qtest_add_func("/passthrough-testdev/request-nested",
                   test_request_nested);
    qtest_add_func("/passthrough-testdev/addresses", test_addresses);
    qtest_add_func("/passthrough-testdev/keep-going", test_keep_going);
    qtest_add_func("/passthrough-testdev/translate", test_translate);
    qtest_add_func("/passthrough-testdev/iothread", test_iothread);
    qtest_add_func("/passthrough-testdev/msi", test_msi);
    qtest_add_func("/passthrough-testdev/notify", test_notify);
    qtest_add_func("/passthrough-testdev/reset", test_reset);
    qtest_add_data_func("/passthrough-testdev/resets-itself",
                        GUINT_TO_POINTER(0), test_resets_itself);
    qtest_add_data_func("/passthrough-testdev/resets-itself/iothread",
                        GUINT_TO_POINTER(PTD_FLAG_IOTHREAD),
                        test_resets_itself);
    qtest_add_data_func("/passthrough-testdev/unplugs-itself",
                        GUINT_TO_POINTER(0), test_unplugs_itself);
    qtest_add_data_func("/passthrough-testdev/unplugs-itself/iothread",
                        GUINT_TO_POINTER(PTD_FLAG_IOTHREAD),
                        test_unplugs_itself);
    qtest_add_func("/passthrough-testdev/reset-each-other",
                   test_reset_each_other);
    return g_test_run();
}
