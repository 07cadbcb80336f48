/*
 * Payload: the whole of passthrough
 *
 * Three guests at EL1, each with a CPU, a test device and memory of its own.
 * They program the devices by themselves, the DMA goes through stage 2 of the
 * SMMU, and the interrupts straight to the vPE.  The hypervisor sets that up,
 * and from then on it hears of guests that want more and of nothing else.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "pci.h"
#include "smmu.h"
#include "start.h"
#include "vpe.h"

#define NUM         3               /* guests; CPUs 1 to 3 */
#define DONE        1               /* guest_call() */
#define READY       2
#define TRANSFERS   60
#define MSI_IOVA    0x3000000000ull
#define MSI_VECTOR  2
#define EVENT       5
#define MEMORY      (64 * KiB)
#define STACK_SIZE  (16 * KiB)
/* Device-nGnRE, AF, read and write, not to be executed */
#define S2_DEVICE   (1ull << 54 | DESC_AF | DESC_S2AP_R | DESC_S2AP_W | \
                     1ull << 2)

static struct guest {
    struct vpe vpe;
    struct vm vm;
    struct testdev *d;
    struct table cpu, smmu;         /* stage 2 of each */
    uint64_t memory;
    uint64_t target;                /* of its DMA */
    unsigned moved, refused;
    unsigned cb;
    /* What the hypervisor has heard */
    unsigned faults;
    struct fault fault;
} guests[NUM];

/* ---- A guest: all it knows is its device and its memory ---- */

static bool transfer(struct guest *g, unsigned i)
{
    uint64_t value = (uint64_t)g->d->rid << 32 | i;
    unsigned lpi = 0;

    mmio_write64(g->d->buffer, value);
    lpi = mem_read(&g->vpe.vcpu.lpis[1]);
    td_start(g->d, PTD_OP_WRITE, g->target + i * 8, 0, 8);
    while (mem_read(&g->vpe.vcpu.lpis[1]) == lpi) {
        yield();
    }
    return td_read(g->d, PTD_CHANNEL + PTD_RESULT) == PTD_RESULT_OK &&
           mem_read(at(uint64_t, g->target + i * 8)) == value;
}

static void good_guest(void *arg)
{
    struct guest *g = arg;

    guest_enable_irqs();
    guest_call(READY);
    td_write(g->d, PTD_CHANNEL + PTD_VECTOR, MSI_VECTOR);
    for (unsigned i = 0; i < TRANSFERS; i++) {
        mem_add(&g->moved, transfer(g, i));
    }
    irq_mask();
    guest_call(DONE);
}

/* Where the other guests' memory is, and the hypervisor's, and the devices' */
static uint64_t loot[8];
static unsigned num_loot;

static void bad_guest(void *arg)
{
    struct guest *g = arg;

    guest_enable_irqs();
    guest_call(READY);
    td_write(g->d, PTD_CHANNEL + PTD_VECTOR, PTD_NO_VECTOR);
    for (unsigned i = 0; i < TRANSFERS; i++) {
        td_start(g->d, i % 3 ? PTD_OP_WRITE : PTD_OP_READ,
                 loot[i % num_loot], 0, 4);
        while (td_read(g->d, PTD_CHANNEL + PTD_STATUS) != PTD_STATUS_DONE) {
            yield();
        }
        mem_add(&g->refused, td_read(g->d, PTD_CHANNEL + PTD_RESULT) ==
                             PTD_RESULT_DECODE_ERROR);
    }
    irq_mask();
    guest_call(DONE);
}

/* By itself, not by its device */
static void curious_guest(void *arg)
{
    struct guest *g = arg;

    guest_call(READY);
    mem_write(at(uint64_t, g->target), 1);
    guest_call(DONE);
}

/* ---- The hypervisor ---- */

static void on_fault(unsigned intid, void *arg)
{
    struct guest *g = arg;

    g->fault = fault_read(g->cb);
    fault_clear(g->cb);
    mem_add(&g->faults, 1);
}

static void map_pages(struct table *tab, uint64_t from, uint64_t size,
                      uint64_t leaf)
{
    for (uint64_t p = from & -PAGE_SIZE; p < from + size; p += PAGE_SIZE) {
        table_map_at(tab, p, p, 3, leaf);
    }
}

/*
 * Guest @n, on CPU n + 1, and its device.  The device has the guest's memory
 * and the doorbell; the guest has the program and a stack besides, and of the
 * device all but the MSI-X table.
 */
static void make(unsigned n, void (*code)(void *arg))
{
    struct guest *g = &guests[n];
    uint64_t stack;

    *g = (struct guest) {
        .d = &testdevs[n + 1],
        .cpu = table_new(2, 0), .smmu = table_new(2, 0),
        .memory = mem_alloc(MEMORY, PAGE_SIZE),
        .cb = n + 1,
    };
    g->target = g->memory;
    vm_init(&g->vm);
    vpe_init(&g->vpe, &g->vm, n, n + 1, code, g);
    stack = g->vpe.vcpu.sp - STACK_SIZE;

    map_pages(&g->smmu, g->memory, MEMORY, LEAF_S2);
    table_map(&g->smmu, MSI_IOVA, its_doorbell() & -PAGE_SIZE);
    bank_s2(g->cb, &g->smmu, n + 1);
    stream_to_bank(n, g->d, g->cb);
    irq_handle(smmu_context_irq(g->cb), on_fault, g);
    spi_enable(smmu_context_irq(g->cb), 0);

    map_pages(&g->cpu, g->memory, MEMORY, LEAF_S2);
    map_pages(&g->cpu, stack, STACK_SIZE, LEAF_S2);
    map_pages(&g->cpu, (uintptr_t)_start,
              (uintptr_t)image_end - (uintptr_t)_start, LEAF_S2);
    map_pages(&g->cpu, g->d->regs, PTD_REGS_SIZE, S2_DEVICE);
    map_pages(&g->cpu, g->d->buffer, PAGE_SIZE, S2_DEVICE);
    g->vpe.vcpu.vttbr = (uint64_t)(n + 1) << 48 | g->cpu.root;

    its_map_device(g->d->rid, 4);
    vpe_event(&g->vpe, g->d->rid, EVENT, VLPI(1));
    td_msix_set(g->d, MSI_VECTOR, MSI_IOVA | (its_doorbell() & 0xfff), EVENT);
    td_msix_enable(g->d, true);
}

static void unmake(unsigned n)
{
    struct guest *g = &guests[n];

    spi_disable(smmu_context_irq(g->cb));
    irq_handle(smmu_context_irq(g->cb), NULL, NULL);
    td_write(g->d, PTD_CHANNEL + PTD_VECTOR, PTD_NO_VECTOR);
    its_unmap_device(g->d->rid);
    vpe_unmap(&g->vpe);
    stream_off(n);
    /* VMIDs are used again */
    asm volatile("dsb sy; tlbi alle1is; dsb sy; isb" : : : "memory");
}

static struct barrier start;

static void run(void *arg)
{
    struct guest *g = arg;

    vpe_load(&g->vpe);
    CHECK_EQ(vcpu_run_to_call(&g->vpe.vcpu), READY);
    barrier_wait(&start, NUM);
    CHECK_EQ(vcpu_run_to_call(&g->vpe.vcpu), DONE);
    vpe_put(&g->vpe, false);
}

static bool begin(void)
{
    if (!vpe_begin(false)) {
        return false;
    }
    smmu_reset(CR0_ON);
    return true;
}

static void run_all(void)
{
    for (unsigned n = 0; n < NUM; n++) {
        smp_start(n + 1, run, &guests[n]);
    }
    for (unsigned n = 0; n < NUM; n++) {
        smp_wait(n + 1);
    }
}

static void expect_good(unsigned n)
{
    struct guest *g = &guests[n];

    CHECK_EQ(mem_read(&g->moved), TRANSFERS);
    CHECK_EQ(g->vpe.vcpu.lpis[1], TRANSFERS);
    CHECK_EQ(g->vpe.vcpu.others, 0);
    /* It has called twice; nothing else made it leave */
    CHECK_EQ(g->vpe.vcpu.exits[EXIT_SYNC], 2);
    CHECK_EQ(g->vpe.vcpu.exits[EXIT_IRQ], 0);
    CHECK_EQ(vpe_rings(&g->vpe), 0);
    CHECK_EQ(mem_read(&g->faults), 0);
}

/* Transfers and interrupts without end, and no exit */
static void test_three(void)
{
    if (!begin()) {
        return;
    }
    for (unsigned n = 0; n < NUM; n++) {
        make(n, good_guest);
    }
    run_all();
    for (unsigned n = 0; n < NUM; n++) {
        expect_good(n);
        unmake(n);
    }
    EXPECT_NO_FAULT();
}

/* One wants what is not its own: it gets nothing, the others notice nothing */
static void test_bad(void)
{
    uint64_t secrets[3], victims[3];
    struct guest *bad = &guests[1];

    if (!begin()) {
        return;
    }
    for (unsigned n = 0; n < NUM; n++) {
        make(n, n == 1 ? bad_guest : good_guest);
    }
    victims[0] = guests[0].memory + MEMORY - 8;
    victims[1] = guests[2].memory + MEMORY - 8;
    victims[2] = mem_alloc(8, 8);
    num_loot = 0;
    for (unsigned i = 0; i < 3; i++) {
        secrets[i] = pattern();
        mem_write(at(uint64_t, victims[i]), secrets[i]);
        loot[num_loot++] = victims[i];
    }
    loot[num_loot++] = (uintptr_t)&guests[1];
    loot[num_loot++] = guests[0].d->regs;
    loot[num_loot++] = its_doorbell();
    loot[num_loot++] = bad->smmu.root;
    run_all();
    CHECK_EQ(mem_read(&bad->refused), TRANSFERS);
    CHECK_EQ(bad->vpe.vcpu.exits[EXIT_SYNC], 2);
    /* The interrupt may come after the device has its answer */
    CHECK(WAIT_FOR(mem_read(&bad->fault.sid) == bad->d->rid));
    CHECK(mem_read(&bad->faults) > 0);
    CHECK_EQ(irq_cpu(smmu_context_irq(bad->cb)), 0);
    for (unsigned i = 0; i < 3; i++) {
        CHECK_EQ(mem_read(at(uint64_t, victims[i])), secrets[i]);
    }
    expect_good(0);
    expect_good(2);
    for (unsigned n = 0; n < NUM; n++) {
        unmake(n);
    }
    EXPECT_NO_FAULT();
}

/* And not by itself either */
static void run_curious(void *arg)
{
    struct guest *g = arg;

    CHECK_EQ(vcpu_run_to_call(&g->vpe.vcpu), READY);
    CHECK_EQ(vcpu_run_to_call(&g->vpe.vcpu), -1);
    CHECK_EQ(ESR_EC(g->vpe.vcpu.esr), EC_DATA_ABORT);
    CHECK_EQ(g->vpe.vcpu.far, g->target);
    CHECK_EQ((g->vpe.vcpu.hpfar >> 4) << 12, g->target & -PAGE_SIZE);
}

static void test_curious(void)
{
    const unsigned n = 0;

    if (!begin()) {
        return;
    }
    make(n, curious_guest);
    for (unsigned i = 0; i < 4; i++) {
        const uint64_t targets[] = {
            guests[n].memory + MEMORY, testdevs[2].regs, gicd(),
            guests[n].d->msix,
        };

        guests[n].vpe.vcpu.pc = (uintptr_t)curious_guest;
        guests[n].vpe.vcpu.x[0] = (uintptr_t)&guests[n];
        guests[n].target = targets[i];
        smp_start(1, run_curious, &guests[n]);
        smp_wait(1);
    }
    unmake(n);
}

const struct test tests[] = {
    { "three guests, three devices, no exits", test_three },
    { "a guest whose device wants more", test_bad },
    { "a guest that wants more", test_curious },
    {}
};
