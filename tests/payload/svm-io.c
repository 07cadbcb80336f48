/*
 * Payload: a guest's ports and device memory, passed through or trapped
 *
 * A bitmap says of each port whether the guest uses it itself or leaves, and
 * nested page tables say it of each page of device memory.  Ports: the DMA
 * controller's page registers, which keep what is written.  Device memory: two
 * test devices.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "pci.h"
#include "svm.h"
#include "x86.h"

#define DONE        1               /* guest_call() */

/* Page registers, one after the other: 0x81 to 0x83; 0x80 to 0x8f all keep */
#define PORT        0x81

static struct vcpu v;
static uint8_t *iopm;

/* What the guest is to do, and what it has found */
static struct {
    uint16_t port;
    unsigned size;
    bool in;
    uint64_t address;
    uint32_t value;
} job;

static void begin(void (*code)(void *arg))
{
    testdevs_find(2);
    vcpu_init(&v, 1, code, NULL);
    iopm = at(uint8_t, v.vmcb->iopm);
}

/* ---- Ports ---- */

static void port_guest(void *arg)
{
    for (;;) {
        const uint16_t port = job.port;

        if (job.in) {
            switch (job.size) {
            case 1:
                job.value = in8(port);
                break;
            case 2:
                job.value = in16(port);
                break;
            default:
                job.value = in32(port);
            }
        } else {
            switch (job.size) {
            case 1:
                out8(port, job.value);
                break;
            case 2:
                out16(port, job.value);
                break;
            default:
                out32(port, job.value);
            }
        }
        guest_call(DONE);
    }
}

/* One access of the guest; true: it left for it */
static bool traps(bool in, unsigned size, uint16_t port, uint32_t value)
{
    struct vmcb *c = v.vmcb;
    int call;

    job.in = in;
    job.size = size;
    job.port = port;
    job.value = value;
    call = vcpu_run_to_call(&v);
    if (call == DONE) {
        return false;
    }
    CHECK_EQ(call, -1);
    CHECK_EQ(c->exit_code, EXIT_IOIO);
    CHECK_EQ(c->exit_info1 & IOIO_WHAT, IOIO_SIZE(size) | (in ? IOIO_IN : 0));
    CHECK_EQ(IOIO_PORT(c->exit_info1), port);
    /* in and out with DX are one byte, two with 16 bits */
    CHECK_EQ(c->exit_info2, c->rip + (size == 2 ? 2 : 1));
    if (in) {
        /* The hypervisor's own answer */
        c->rax = 0xc0ffee00 + size;
    } else {
        CHECK_EQ((uint32_t)c->rax, value);
    }
    c->rip = c->exit_info2;
    CHECK_EQ(vcpu_run_to_call(&v), DONE);
    return true;
}

static void test_port_passed(void)
{
    unsigned exits;

    begin(port_guest);
    iopm_pass(iopm, PORT, true);
    exits = v.exits;
    for (unsigned i = 0; i < 50; i++) {
        CHECK(!traps(false, 1, PORT, 0x30 + i));
        CHECK_EQ(in8(PORT), 0x30 + i);
        out8(PORT, 0x90 + i);
        CHECK(!traps(true, 1, PORT, 0));
        CHECK_EQ(job.value, 0x90 + i);
    }
    /* It has left to say that it is done, each time */
    CHECK_EQ(v.exits - v.exits_intr - exits, 100);
}

static void test_port_trapped(void)
{
    begin(port_guest);
    out8(PORT, 0x77);
    CHECK(traps(false, 1, PORT, 0x12));
    CHECK_EQ(in8(PORT), 0x77);
    CHECK(traps(true, 1, PORT, 0));
    CHECK_EQ(job.value, 0xc0ffee01 & 0xff);
    CHECK_EQ(in8(PORT), 0x77);
}

/* Neighbours: each port has its own bit, and a wide access needs all of its */
static void test_port_neighbours(void)
{
    begin(port_guest);
    for (unsigned size = 1; size <= 4; size *= 2) {
        for (unsigned passed = 0; passed < 256; passed++) {
            bool all = true;

            /* Ports 0x84 to 0x8b, which are in two bytes of the bitmap */
            for (unsigned b = 0; b < 8; b++) {
                iopm_pass(iopm, 0x84 + b, passed & 1 << b);
            }
            for (unsigned b = 0; b < size; b++) {
                all = all && passed & 1 << (2 + b);
            }
            CHECK_EQ(traps(true, size, 0x86, 0), !all);
            if (failures()) {
                say("size %u, passed 0x%x", size, passed);
                return;
            }
        }
    }
}

/* The last ports: the bitmap has a third page for what reaches beyond */
static void test_port_last(void)
{
    begin(port_guest);
    iopm_pass(iopm, 0xffff, true);
    CHECK(!traps(true, 1, 0xffff, 0));
    CHECK(traps(true, 2, 0xffff, 0));
    CHECK(traps(true, 4, 0xfffd, 0));
    for (unsigned port = 0xfffc; port < 0x10000; port++) {
        iopm_pass(iopm, port, true);
    }
    CHECK(!traps(true, 4, 0xfffc, 0));
    CHECK(traps(true, 4, 0xfffd, 0));
}

/* Without the intercept the bitmap is not looked at */
static void test_port_no_bitmap(void)
{
    begin(port_guest);
    v.vmcb->intercepts[0] &= ~INTERCEPT_IOIO;
    CHECK(!traps(false, 1, PORT, 0x5a));
    CHECK_EQ(in8(PORT), 0x5a);
}

/* Another bitmap at the next entry */
static void test_port_switch(void)
{
    uint8_t *other;

    begin(port_guest);
    other = iopm_new();
    iopm_pass(other, PORT, true);
    for (unsigned i = 0; i < 10; i++) {
        v.vmcb->iopm = (uintptr_t)(i & 1 ? other : iopm);
        CHECK_EQ(traps(true, 1, PORT, 0), !(i & 1));
    }
}

/* ---- Device memory ---- */

static void memory_guest(void *arg)
{
    for (;;) {
        if (job.in) {
            job.value = mmio_read32(job.address);
        } else {
            mmio_write32(job.address, job.value);
        }
        guest_call(DONE);
    }
}

enum outcome { PASSES, TRAPS };

/* One access of the guest; after TRAPS it is still to be done, or emulated */
static enum outcome touch(bool in, uint64_t address, uint32_t value)
{
    int call;

    job.in = in;
    job.address = address;
    job.value = value;
    call = vcpu_run_to_call(&v);
    if (call == DONE) {
        return PASSES;
    }
    CHECK_EQ(call, -1);
    CHECK_EQ(v.vmcb->exit_code, EXIT_NPF);
    CHECK_EQ(v.vmcb->exit_info2, address);
    CHECK_EQ(v.vmcb->exit_info1 & NPF_WRITE, in ? 0 : NPF_WRITE);
    return TRAPS;
}

/* The hypervisor does what was trapped: the access has two bytes of code */
static void emulate(uint32_t value)
{
    if (job.in) {
        v.vmcb->rax = value;
    } else {
        CHECK_EQ((uint32_t)v.vmcb->rax, job.value);
    }
    v.vmcb->rip += 2;
    CHECK_EQ(vcpu_run_to_call(&v), DONE);
}

static void test_memory_passed(void)
{
    struct testdev *d;
    unsigned exits;

    begin(memory_guest);
    d = &testdevs[0];
    npt_map(&v, d->buffer, d->buffer, PAGE_SIZE, NPT_WRITE);
    npt_map(&v, d->regs, d->regs, PTD_REGS_SIZE, NPT_WRITE);
    exits = v.exits;
    CHECK_EQ(touch(true, d->regs + PTD_ID, 0), PASSES);
    CHECK_EQ(job.value, PTD_ID_VALUE);
    for (unsigned i = 0; i < 50; i++) {
        CHECK_EQ(touch(false, d->buffer + 4 * i, 0xabc00000 + i), PASSES);
        CHECK_EQ(mmio_read32(d->buffer + 4 * i), 0xabc00000 + i);
    }
    CHECK_EQ(v.exits - v.exits_intr - exits, 51);
}

/* The guest makes its device do DMA, and nobody hears of it */
static void dma_guest(void *arg)
{
    struct testdev *d = arg;

    for (;;) {
        mmio_write32(d->buffer, job.value);
        td_start(d, PTD_OP_WRITE, job.address, 0, 4);
        while (td_read(d, PTD_CHANNEL + PTD_STATUS) != PTD_STATUS_DONE) {
            yield();
        }
        guest_call(DONE);
    }
}

static void test_device(void)
{
    uint64_t to = mem_alloc(8, 8);
    struct testdev *d;

    begin(dma_guest);
    d = &testdevs[0];
    v.regs[4] = (uintptr_t)d;
    npt_map(&v, d->regs, d->regs, PTD_REGS_SIZE, NPT_WRITE);
    npt_map(&v, d->buffer, d->buffer, PAGE_SIZE, NPT_WRITE);
    for (unsigned i = 1; i <= 50; i++) {
        job.address = to;
        job.value = 0x1234000 + i;
        CHECK_EQ(vcpu_run_to_call(&v), DONE);
        CHECK_EQ(mem_read(at(uint32_t, to)), 0x1234000 + i);
        CHECK_EQ(v.exits - v.exits_intr, i);
    }
}

static void test_memory_trapped(void)
{
    struct testdev *d;

    begin(memory_guest);
    d = &testdevs[0];
    mmio_write32(d->buffer, 0x600df00d);
    CHECK_EQ(touch(true, d->buffer, 0), TRAPS);
    emulate(0x5ca1ab1e);
    CHECK_EQ(job.value, 0x5ca1ab1e);
    CHECK_EQ(touch(false, d->buffer, 0xbad), TRAPS);
    emulate(0);
    CHECK_EQ(mmio_read32(d->buffer), 0x600df00d);

    /* Mapped at last, the access is done again and is the device's */
    CHECK_EQ(touch(false, d->buffer, 0xfeed), TRAPS);
    npt_map(&v, d->buffer, d->buffer, PAGE_SIZE, NPT_WRITE);
    CHECK_EQ(vcpu_run_to_call(&v), DONE);
    CHECK_EQ(mmio_read32(d->buffer), 0xfeed);
    /* And taken away again */
    npt_map(&v, d->buffer, d->buffer, PAGE_SIZE, NPT_NONE);
    CHECK_EQ(touch(true, d->buffer, 0), TRAPS);
}

/* Of four pages each is passed or not by itself */
static void test_memory_pages(void)
{
    struct testdev *d;

    begin(memory_guest);
    d = &testdevs[0];
    for (unsigned mask = 0; mask < 16; mask++) {
        for (unsigned page = 0; page < 4; page++) {
            npt_map(&v, d->buffer + page * PAGE_SIZE,
                    d->buffer + page * PAGE_SIZE, PAGE_SIZE,
                    mask & 1 << page ? NPT_WRITE : NPT_NONE);
        }
        for (unsigned page = 0; page < 4; page++) {
            uint64_t last = d->buffer + page * PAGE_SIZE + PAGE_SIZE - 4;

            for (unsigned end = 0; end < 2; end++) {
                uint64_t address = end ? last : last - PAGE_SIZE + 4;
                enum outcome is = touch(true, address, 0);

                CHECK_EQ(is, mask & 1 << page ? PASSES : TRAPS);
                if (is == TRAPS) {
                    emulate(0);
                }
            }
        }
    }
}

/* Readable pages: reads pass, writes trap */
static void test_memory_readonly(void)
{
    struct testdev *d;

    begin(memory_guest);
    d = &testdevs[0];
    npt_map(&v, d->buffer, d->buffer, PAGE_SIZE, NPT_READ);
    mmio_write32(d->buffer, 0x1dea);
    CHECK_EQ(touch(true, d->buffer, 0), PASSES);
    CHECK_EQ(job.value, 0x1dea);
    CHECK_EQ(touch(false, d->buffer, 0xbad), TRAPS);
    emulate(0);
    CHECK_EQ(mmio_read32(d->buffer), 0x1dea);
}

/* The guest finds its device where the hypervisor likes */
static void test_memory_elsewhere(void)
{
    struct testdev *d;

    begin(memory_guest);
    d = &testdevs[0];
    npt_map(&v, 0xc8000000, testdevs[1].buffer, PAGE_SIZE, NPT_WRITE);
    npt_map(&v, d->buffer, testdevs[1].buffer, PAGE_SIZE, NPT_WRITE);
    mmio_write32(d->buffer, 0);
    CHECK_EQ(touch(false, 0xc8000010, 0x77), PASSES);
    CHECK_EQ(mmio_read32(testdevs[1].buffer + 0x10), 0x77);
    CHECK_EQ(touch(false, d->buffer, 0x78), PASSES);
    CHECK_EQ(mmio_read32(testdevs[1].buffer), 0x78);
    CHECK_EQ(mmio_read32(d->buffer), 0);
}

/* What is not its own: the other device, its MSI-X table, APIC and IOMMU, RAM */
static void test_memory_others(void)
{
    struct testdev *d;

    begin(memory_guest);
    d = &testdevs[0];
    npt_map(&v, d->regs, d->regs, PTD_REGS_SIZE, NPT_WRITE);
    CHECK_EQ(touch(true, d->regs + PTD_ID, 0), PASSES);
    for (unsigned i = 0; i < 8; i++) {
        const uint64_t others[] = {
            testdevs[1].regs, testdevs[1].buffer, d->msix, 0xfee00020,
            0xfed90000, 0xfec00000, d->config, RAM_SIZE - PAGE_SIZE,
        };

        CHECK_EQ(touch(true, others[i], 0), TRAPS);
        emulate(0);
        CHECK_EQ(touch(false, others[i], 0), TRAPS);
        emulate(0);
    }
}

const struct test tests[] = {
    { "a port is passed: no exit, the device answers", test_port_passed },
    { "a port is trapped: the hypervisor answers", test_port_trapped },
    { "each port by itself, wide accesses need all", test_port_neighbours },
    { "the last ports", test_port_last },
    { "no intercept, no bitmap", test_port_no_bitmap },
    { "another bitmap at the next entry", test_port_switch },
    { "device memory is passed: no exit", test_memory_passed },
    { "a guest drives its device, no exit", test_device },
    { "device memory is trapped, until it is mapped", test_memory_trapped },
    { "each page by itself", test_memory_pages },
    { "pages to read", test_memory_readonly },
    { "a page of another device elsewhere", test_memory_elsewhere },
    { "what is not the guest's", test_memory_others },
    {}
};
