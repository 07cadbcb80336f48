/*
 * Passthrough bench device: qtest
 *
 * What the device does of its steps, what it refuses, and what an IOMMU's entry
 * lets those do who keep it (vhost).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/units.h"
#include "hw/misc/passthrough-bench.h"
#include "smmuv2-lib.h"

#define BENCH_DEVFN     QPCI_DEVFN(6, 0)
#define BENCH_SID       0x30
#define BENCH_ARG       "-device passthrough-bench,addr=6.0"

typedef struct Bench {
    SMMUTest *t;
    QPCIDevice *pci;
    QPCIBar bar;
} Bench;

static Bench start(const char *args)
{
    Bench b = { .t = smmu_start(args) };

    b.pci = qpci_device_find(&b.t->pci.bus, BENCH_DEVFN);
    g_assert_nonnull(b.pci);
    b.bar = qpci_iomap(b.pci, 0, NULL);
    qpci_device_enable(b.pci);
    return b;
}

static void stop(Bench *b)
{
    g_free(b->pci);
    smmu_quit(b->t);
}

static uint64_t get(Bench *b, unsigned reg)
{
    return qpci_io_readq(b->pci, b->bar, reg);
}

static void set(Bench *b, unsigned reg, uint64_t value)
{
    qpci_io_writeq(b->pci, b->bar, reg, value);
}

static void set_step(Bench *b, unsigned n, unsigned op, uint64_t length,
                     uint64_t repeat, uint64_t addr, uint64_t stride,
                     uint64_t count)
{
    unsigned at = PTB_STEP + n * PTB_STEP_STRIDE;

    set(b, at + PTB_STEP_OP, op);
    set(b, at + PTB_STEP_LENGTH, length);
    set(b, at + PTB_STEP_REPEAT, repeat);
    set(b, at + PTB_STEP_ADDR, addr);
    set(b, at + PTB_STEP_STRIDE_BY, stride);
    set(b, at + PTB_STEP_COUNT, count);
}

/* Returns how many accesses were refused */
static uint64_t run(Bench *b, uint64_t steps, uint64_t loops, uint64_t threads)
{
    set(b, PTB_STEPS, steps);
    set(b, PTB_LOOPS, loops);
    set(b, PTB_THREADS, threads);
    set(b, PTB_GO, 1);
    return get(b, PTB_ERRORS);
}

static void test_steps(void)
{
    Bench b = start(BENCH_ARG ",identity=on");
    uint64_t at = smmu_alloc(b.t, 64 * KiB, 64 * KiB);
    unsigned step = PTB_STEP;

    /* Twelve stores over five places, each with a value of its own */
    set_step(&b, 0, PTB_OP_STORE, 8, 4, at, 16, 5);
    set(&b, step + PTB_STEP_VALUE, 0x1122334455667700);
    set(&b, step + PTB_STEP_ADD, 0x11);
    set(&b, step + PTB_STEP_MASK, UINT64_MAX >> 4);
    g_assert_cmpuint(run(&b, 1, 3, 1), ==, 0);
    for (int i = 0; i < 5; i++) {
        g_assert_cmphex(qtest_readq(b.t->qts, at + i * 16), ==,
                        0x0122334455667700 + i * 0x11);
        g_assert_cmphex(qtest_readq(b.t->qts, at + i * 16 + 8), ==, 0);
    }
    g_assert_cmphex(qtest_readq(b.t->qts, at + 5 * 16), ==, 0);
    g_assert_cmpuint(get(&b, PTB_NS), >, 0);
    g_assert_cmphex(get(&b, step + PTB_STEP_NS), ==, UINT64_MAX);

    /* Threads have a place each; a step can be timed */
    set_step(&b, 0, PTB_OP_WRITE, 4, 1, at, 0, 1);
    set(&b, step + PTB_STEP_THREAD, 8);
    set(&b, step + PTB_STEP_TIMED, 1);
    g_assert_cmpuint(run(&b, 1, 100, 4), ==, 0);
    g_assert_cmpuint(get(&b, step + PTB_STEP_NS), <, UINT64_MAX);
    for (int i = 0; i < 4; i++) {
        g_assert_cmphex(qtest_readl(b.t->qts, at + i * 8), ==, 0);
    }
    stop(&b);
}

/* A run gives up the BQL, so it is not for accesses of others to begin */
static void test_not_within_another(void)
{
    Bench b = start(BENCH_ARG);
    uint64_t at = smmu_alloc(b.t, 64, 64);

    gr0_write(b.t, A_CR0, R_CR0_CLIENTPD_MASK);
    set_step(&b, 0, PTB_OP_STORE, 8, 1, at, 0, 1);
    set(&b, PTB_STEP + PTB_STEP_VALUE, 0x55);
    set(&b, PTB_STEP + PTB_STEP_MASK, UINT64_MAX);
    set(&b, PTB_STEPS, 1);
    set(&b, PTB_LOOPS, 1);
    set(&b, PTB_THREADS, 1);
    g_assert_cmphex(dma(&b.t->dev, PTD_OP_WRITE, b.bar.addr + PTB_GO, 8), ==,
                    PTD_RESULT_OK);
    g_assert_cmphex(get(&b, PTB_ERRORS), ==, UINT64_MAX);
    g_assert_cmphex(qtest_readq(b.t->qts, at), ==, 0);
    set(&b, PTB_GO, 1);
    g_assert_cmphex(get(&b, PTB_ERRORS), ==, 0);
    g_assert_cmphex(qtest_readq(b.t->qts, at), ==, 0x55);
    stop(&b);
}

static void test_bounds(void)
{
    Bench b = start(BENCH_ARG ",identity=on");
    static const struct {
        uint64_t op, length, repeat, count, steps, loops, threads;
    } bad[] = {
        { 4, 8, 1, 1, 1, 1, 1 },                    /* no such operation */
        { PTB_OP_READ, PTB_MAX_LENGTH + 1, 1, 1, 1, 1, 1 },
        { PTB_OP_LOAD, 3, 1, 1, 1, 1, 1 },
        { PTB_OP_STORE, 16, 1, 1, 1, 1, 1 },
        { PTB_OP_READ, 8, 1, 0, 1, 1, 1 },          /* modulo 0 */
        { PTB_OP_READ, 8, 1, 1, PTB_MAX_STEPS + 1, 1, 1 },
        { PTB_OP_READ, 8, 1, 1, 1, PTB_MAX_LOOPS + 1, 1 },
        { PTB_OP_READ, 8, PTB_MAX_LOOPS, 1, 1, 2, 1 },
        { PTB_OP_READ, 8, UINT64_MAX, 1, 1, 1, 1 },
        { PTB_OP_READ, 8, 1, 1, 1, 1, PTB_MAX_THREADS + 1 },
        { PTB_OP_READ, 8, 1, 1, 1, 1, 0 },
        { PTB_OP_READ, 8, 1, 1, 0, 1, 1 },
    };

    for (int i = 0; i < ARRAY_SIZE(bad); i++) {
        set_step(&b, 0, bad[i].op, bad[i].length, bad[i].repeat, RAM_BASE, 0,
                 bad[i].count);
        g_assert_cmphex(run(&b, bad[i].steps, bad[i].loops, bad[i].threads),
                        ==, UINT64_MAX);
    }
    stop(&b);
}

/* Errors are counted; DMA goes where the IOMMU says, stores do not */
static void test_smmu(void)
{
    Bench b = start(BENCH_ARG);
    SMMUTable tab = smmu_table(b.t, 1, 12, 39, 1, 0);
    uint64_t page = smmu_alloc(b.t, 4 * KiB, 4 * KiB);

    smmu_map(&tab, 0x5000, page, 3, LEAF_S1);
    smmu_bank_s1(b.t, 0, &tab, NULL, 1, 0);
    smmu_stream(b.t, 0, BENCH_SID, 0, 0);
    gr0_write(b.t, A_CR0, CR0_ON);
    qtest_writel(b.t->qts, page, 0x12345678);
    set_step(&b, 0, PTB_OP_WRITE, 4, 1, 0x5000, 0, 1);
    g_assert_cmpuint(run(&b, 1, 10, 2), ==, 0);
    g_assert_cmphex(qtest_readl(b.t->qts, page), ==, 0);
    set_step(&b, 0, PTB_OP_READ, 4, 1, 0x4000, 0x1000, 2);
    g_assert_cmpuint(run(&b, 1, 10, 1), ==, 5);
    stop(&b);
}

/* What vhost may do by an entry that it asked for to read */
static void test_permission(void)
{
    static const struct {
        uint64_t leaf;
        unsigned perm;
    } rows[] = {
        { LEAF_S1, 3 },
        { LEAF_S1 | DESC_AP_RO, 1 },
        { LEAF_S1 & ~DESC_AP_USER, 0 },
        { 0, 0 },
    };
    Bench b = start(BENCH_ARG);
    SMMUTable tab = smmu_table(b.t, 1, 12, 39, 1, 0);
    uint64_t page = smmu_alloc(b.t, 4 * KiB, 4 * KiB);

    smmu_bank_s1(b.t, 0, &tab, NULL, 1, 0);
    smmu_stream(b.t, 0, BENCH_SID, 0, 0);
    gr0_write(b.t, A_CR0, CR0_ON);
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        smmu_map(&tab, 0x5000 + i * 0x1000, page, 3, rows[i].leaf);
        set(&b, PTB_ASK, 0x5000 + i * 0x1000);
        g_assert_cmphex(get(&b, PTB_PERM), ==, rows[i].perm);
    }
    /* A stream that bypasses may do all */
    gr0_write(b.t, A_S2CR0, S2CR_TYPE_BYPASS << R_S2CR0_TYPE_SHIFT);
    set(&b, PTB_ASK, page);
    g_assert_cmphex(get(&b, PTB_PERM), ==, 3);
    stop(&b);

    /* An IOMMU that does not say, and one that is not there */
    b = start(BENCH_ARG ",identity=on");
    set(&b, PTB_ASK, RAM_BASE);
    g_assert_cmphex(get(&b, PTB_PERM), ==, 3);
    stop(&b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/passthrough-bench/steps", test_steps);
    qtest_add_func("/passthrough-bench/bounds", test_bounds);
    qtest_add_func("/passthrough-bench/not-within-another",
                   test_not_within_another);
    qtest_add_func("/passthrough-bench/smmu", test_smmu);
    qtest_add_func("/passthrough-bench/permission", test_permission);
    return g_test_run();
}
