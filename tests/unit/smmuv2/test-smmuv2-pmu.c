/*
 * Arm SMMUv2 performance monitors: unit tests
 *
 * Transactions of masters through a whole SMMU, and what counters make of
 * them.  Counters of time are in smmuv2-pmu-test.c, where time stands still.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "machine-setup.h"

/* Registers of the page, as offsets: see test-smmuv2-regtable.c */
enum {
    EVCNTR = 0, EVTYPER = 0x400, CGCR = 0x800, CGSMR = 0xa00,
    CNTENSET = 0xc00, CNTENCLR = 0xc20, INTENSET = 0xc40, INTENCLR = 0xc60,
    OVSCLR = 0xc80, OVSSET = 0xcc0, PMCR = 0xe04,
};

/* A bank's view */
enum {
    CB_EVCNTR = 0xe00, CB_EVTYPER = 0xe80, CB_CFGR = 0xf00, CB_CR = 0xf04,
    CB_CEID0 = 0xf20, CB_CNTENSET = 0xf40, CB_CNTENCLR = 0xf44,
    CB_INTENSET = 0xf48, CB_INTENCLR = 0xf4c, CB_OVSCLR = 0xf50,
    CB_OVSSET = 0xf58, CB_AUTHSTATUS = 0xfb8,
};

/* PMCGCR */
#define BY_STREAM   0x100
#define BY_BANK     0x200
#define CBAEN       0x400
#define E           0x800

#define VA          0x40201000

static void pm(unsigned offset, uint32_t value)
{
    machine_write(m, 0x3000 + offset, value, 4);
}

static uint32_t pm_read(unsigned offset)
{
    return machine_read(m, 0x3000 + offset, 4);
}

static uint32_t counter(unsigned n)
{
    return pm_read(EVCNTR + 4 * n);
}

/* Counter @n counts @event, from zero; all are on that were set up */
static void start(unsigned n, uint32_t event)
{
    pm(EVTYPER + 4 * n, event);
    pm(EVCNTR + 4 * n, 0);
    pm(CNTENSET, 1u << n);
    pm(PMCR, 1);
}

/* Masters 0 and 1 are stream 0, by bank 0; master 2 is stream 2, by bank 2 */
static void setup(void)
{
    new_machine(&machine_default);
    for (unsigned cb = 0; cb <= 2; cb += 2) {
        setup_bank(cb, 1 << 16, cb + 1, 0x10000);
    }
    map_page(0x10000, VA, 0x5000 | S1_LEAF);
    m->stream_id[1] = 0;
}

static void read_va(unsigned master)
{
    g_assert_false(aborts(master, VA, RO));
}

static void write_va(unsigned master)
{
    g_assert_false(aborts(master, VA, WO));
}

/* Every event, by a history in which all of them happen */
static void test_events(void)
{
    static const struct {
        uint32_t event, count;
    } rows[] = {
        { 0x08, 2 }, { 0x09, 1 }, { 0x0a, 1 },  /* TLB entries allocated */
        { 0x10, 7 }, { 0x11, 4 }, { 0x12, 3 },  /* accesses */
        { 0x80, 2 }, { 0x81, 3 },               /* micro TLB */
        { 0x82, 1 }, { 0x83, 2 },               /* macro TLB */
        { 0x84, 2 },                            /* walks */
        /* Numbers that mean nothing */
        { 0x02, 0 }, { 0x07, 0 }, { 0x0b, 0 }, { 0x0f, 0 }, { 0x13, 0 },
        { 0x7f, 0 }, { 0x85, 0 }, { 0xff, 0 },
    };

    setup();
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        start(i, rows[i].event);
    }
    read_va(0);         /* misses both, walks, fills both */
    read_va(0);         /* hits */
    write_va(1);        /* misses its own TLB, hits the other, fills its own */
    write_va(1);        /* hits */
    g_assert_true(aborts(0, VA + 0x1000, RO));  /* misses, walks, faults */
    m->stream_id[3] = 0x77;
    g_assert_true(aborts(3, VA, WO));           /* matches nothing */
    gr0(S2CR + 4 * 4, 1 << 16);
    g_assert_false(aborts(4, VA, RO));          /* bypasses */
    /* Who only asks is no transaction */
    machine_translate(m, 0, VA, IOMMU_NONE);
    machine_translate(m, 5, VA, IOMMU_NONE);
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        if (counter(i) != rows[i].count) {
            g_test_message("event 0x%x: %u, not %u", rows[i].event,
                           counter(i), rows[i].count);
            g_test_fail();
        }
    }
}

/* PMCGCR.TCEFCFG = 1: PMCGSMR.ID in the bits that its MASK leaves */
static void test_by_stream(void)
{
    setup();
    for (int g = 0; g < 6; g++) {
        start(4 * g, 0x10);
        pm(CGCR + 4 * g, BY_STREAM);
    }
    pm(CGSMR + 0, 0);
    pm(CGSMR + 4, 2);
    pm(CGSMR + 8, 2u << 16 | 2);                /* 0 and 2 */
    pm(CGSMR + 12, 0x7fff7fff);                 /* all */
    pm(CGSMR + 16, 0x102);
    pm(CGCR + 20, 0x300);                       /* reserved: none */
    read_va(0);
    read_va(2);
    write_va(2);
    g_assert_cmpuint(counter(0), ==, 1);
    g_assert_cmpuint(counter(4), ==, 2);
    g_assert_cmpuint(counter(8), ==, 3);
    g_assert_cmpuint(counter(12), ==, 3);
    g_assert_cmpuint(counter(16), ==, 0);
    g_assert_cmpuint(counter(20), ==, 0);
}

/* TCEFCFG = 2: the context bank, as stage 1 or as stage 2 */
static void test_by_bank(void)
{
    setup();
    for (int g = 0; g < 3; g++) {
        start(4 * g, 0x10);
        pm(CGCR + 4 * g, BY_BANK | g);
    }
    read_va(0);
    read_va(1);
    read_va(2);
    /* No bank: bypass, and no match */
    gr0(S2CR, 1 << 16);
    read_va(0);
    m->stream_id[3] = 0x77;
    g_assert_true(aborts(3, VA, RO));
    g_assert_cmpuint(counter(0), ==, 2);
    g_assert_cmpuint(counter(4), ==, 0);
    g_assert_cmpuint(counter(8), ==, 1);

    setup_nested();
    for (int g = 0; g < 3; g++) {
        start(4 * g, 0x10);
        pm(CGCR + 4 * g, BY_BANK | g);
    }
    read_va(1);
    g_assert_cmpuint(counter(0), ==, 0);
    g_assert_cmpuint(counter(4), ==, 1);
    g_assert_cmpuint(counter(8), ==, 1);
}

/* PMEVTYPER: non-secure transactions count if NSP == P, or NSU == U */
static void test_by_privilege(void)
{
    setup();
    for (uint32_t bits = 0; bits < 16; bits++) {
        start(bits, bits << 28 | 0x10);
    }
    read_va(0);
    gr0(S2CR, 3 << 24);                         /* privileged */
    read_va(0);
    read_va(0);
    for (uint32_t bits = 0; bits < 16; bits++) {
        bool p = bits & 8, u = bits & 4, nsp = bits & 2, nsu = bits & 1;

        g_assert_cmpuint(counter(bits), ==, (u == nsu) + 2 * (p == nsp));
    }
}

/* Counts if PMCR.E and PMCNTENSET say so; values stay when it does not */
static void test_enable(void)
{
    setup();
    start(5, 0x10);
    read_va(0);
    g_assert_cmpuint(m->tcu.pmu.live, ==, 1 << 5);
    pm(PMCR, 0);
    g_assert_cmpuint(m->tcu.pmu.live, ==, 0);
    read_va(0);
    pm(PMCR, 1);
    read_va(0);
    pm(CNTENCLR, ~(1u << 5));
    read_va(0);
    pm(CNTENCLR, 1 << 5);
    read_va(0);
    g_assert_cmpuint(counter(5), ==, 3);
    g_assert_cmpuint(m->tcu.pmu.live, ==, 0);
    /* Written while off, too */
    pm(EVCNTR + 20, 0x12345678);
    g_assert_cmphex(counter(5), ==, 0x12345678);
    pm(PMCR, 3);
    g_assert_cmphex(counter(5), ==, 0);
    g_assert_cmphex(pm_read(PMCR), ==, 1);
    machine_reset(m);
    g_assert_cmpuint(m->tcu.pmu.live, ==, 0);
}

static void test_overflow(void)
{
    setup();
    start(23, 0x10);
    start(3, 0x11);
    pm(EVCNTR + 4 * 23, 0xfffffffe);
    pm(INTENSET, 1u << 23);
    read_va(0);
    g_assert_cmphex(pm_read(OVSCLR), ==, 0);
    g_assert_cmpint(m->pmu_irq.level, ==, 0);
    read_va(0);
    g_assert_cmphex(counter(23), ==, 0);
    g_assert_cmphex(pm_read(OVSCLR), ==, 1u << 23);
    g_assert_cmpint(m->pmu_irq.level, ==, 1);
    g_assert_cmpint(m->global_irq.level, ==, 0);
    /* It goes on */
    read_va(0);
    g_assert_cmphex(counter(23), ==, 1);
    /* PMCR.E, PMINTENCLR, PMOVSCLR */
    pm(PMCR, 0);
    g_assert_cmpint(m->pmu_irq.level, ==, 0);
    pm(PMCR, 1);
    g_assert_cmpint(m->pmu_irq.level, ==, 1);
    pm(INTENCLR, 1u << 23);
    g_assert_cmpint(m->pmu_irq.level, ==, 0);
    pm(INTENSET, 1u << 23);
    g_assert_cmpint(m->pmu_irq.level, ==, 1);
    pm(OVSCLR, 1u << 3);
    g_assert_cmpint(m->pmu_irq.level, ==, 1);
    pm(OVSCLR, 1u << 23);
    g_assert_cmpint(m->pmu_irq.level, ==, 0);
    /* By software */
    pm(OVSSET, 1u << 3);
    g_assert_cmpint(m->pmu_irq.level, ==, 0);
    pm(INTENSET, 1u << 3);
    g_assert_cmpint(m->pmu_irq.level, ==, 1);
    machine_reset(m);
    g_assert_cmpint(m->pmu_irq.level, ==, 0);
}

/* A group that is revealed in a bank: its registers there, from number 0 on */
static void test_bank_view(void)
{
    setup();
    /* Nothing is revealed */
    for (unsigned offset = 0xe00; offset < 0x1000; offset += 4) {
        cb4(2, offset, UINT32_MAX);
        g_assert_cmphex(cb_read(2, offset), ==, 0);
    }
    pm(CGCR + 4 * 3, CBAEN | BY_BANK | 2);
    g_assert_cmphex(cb_read(2, CB_CFGR), ==, 0x1f03);
    g_assert_cmphex(cb_read(2, CB_CEID0), ==, 0x70703);
    g_assert_cmphex(cb_read(2, CB_AUTHSTATUS), ==, 0xc0);
    g_assert_cmphex(cb_read(0, CB_CFGR), ==, 0);

    /* Counter 1 there is 13; the guest's PMCR.E is PMCGCR.E */
    cb4(2, CB_EVTYPER + 4, 0xfffff10);
    g_assert_cmphex(pm_read(EVTYPER + 4 * 13), ==, 0x10);
    g_assert_cmphex(cb_read(2, CB_EVTYPER + 4), ==, 0x10);
    cb4(2, CB_CNTENSET, 0xfff2);
    g_assert_cmphex(pm_read(CNTENSET), ==, 0x2000);
    g_assert_cmphex(cb_read(2, CB_CNTENCLR), ==, 0x2);
    pm(PMCR, 1);
    read_va(2);
    g_assert_cmphex(cb_read(2, CB_EVCNTR + 4), ==, 0);
    cb4(2, CB_CR, 1);
    g_assert_cmphex(pm_read(CGCR + 4 * 3), ==, 0x04030000 | E | CBAEN |
                    BY_BANK | 2);
    pm(PMCR, 0);
    read_va(2);
    read_va(0);
    g_assert_cmphex(cb_read(2, CB_EVCNTR + 4), ==, 1);
    g_assert_cmphex(counter(13), ==, 1);
    /* PMCR.P of the page leaves it alone, the bank's clears its four */
    pm(EVCNTR + 4 * 11, 0x55);
    pm(EVCNTR + 4 * 16, 0x55);
    pm(EVCNTR + 4 * 12, 0x55);
    pm(PMCR, 2);
    g_assert_cmphex(counter(13), ==, 1);
    g_assert_cmphex(counter(11), ==, 0);
    pm(EVCNTR + 4 * 11, 0x55);
    pm(EVCNTR + 4 * 16, 0x55);
    cb4(2, CB_CR, 3);
    g_assert_cmphex(cb_read(2, CB_CR), ==, 1);
    g_assert_cmphex(counter(12), ==, 0);
    g_assert_cmphex(counter(13), ==, 0);
    g_assert_cmphex(counter(11), ==, 0x55);
    g_assert_cmphex(counter(16), ==, 0x55);

    /* Overflow and interrupt */
    cb4(2, CB_EVCNTR + 4, 0xffffffff);
    cb4(2, CB_INTENSET, 2);
    read_va(2);
    g_assert_cmphex(cb_read(2, CB_OVSCLR), ==, 2);
    g_assert_cmphex(pm_read(OVSSET), ==, 0x2000);
    g_assert_cmpint(m->pmu_irq.level, ==, 1);
    cb4(2, CB_CR, 0);
    g_assert_cmpint(m->pmu_irq.level, ==, 0);
    cb4(2, CB_CR, 1);
    g_assert_cmpint(m->pmu_irq.level, ==, 1);
    cb4(2, CB_INTENCLR, 2);
    g_assert_cmpint(m->pmu_irq.level, ==, 0);
    cb4(2, CB_INTENSET, 2);
    cb4(2, CB_OVSCLR, 2);
    g_assert_cmpint(m->pmu_irq.level, ==, 0);
    cb4(2, CB_OVSSET, 2);
    g_assert_cmpint(m->pmu_irq.level, ==, 1);
    cb4(2, CB_CNTENCLR, 2);
    g_assert_cmphex(pm_read(CNTENSET), ==, 0);

    /* What the bank shows is no more than the group; a bank beyond all */
    g_assert_cmphex(cb_read(2, CB_EVCNTR + 16), ==, 0);
    cb4(2, CB_EVCNTR + 16, 0x77);
    g_assert_cmphex(counter(16), ==, 0x55);
    pm(CGCR + 4 * 3, CBAEN | BY_BANK | 0xff);
    g_assert_cmphex(cb_read(2, CB_CFGR), ==, 0);
    g_assert_cmphex(cb_read(7, CB_CFGR), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    g_test_add_func("/smmuv2/pmu/events", test_events);
    g_test_add_func("/smmuv2/pmu/by-stream", test_by_stream);
    g_test_add_func("/smmuv2/pmu/by-bank", test_by_bank);
    g_test_add_func("/smmuv2/pmu/by-privilege", test_by_privilege);
    g_test_add_func("/smmuv2/pmu/enable", test_enable);
    g_test_add_func("/smmuv2/pmu/overflow", test_overflow);
    g_test_add_func("/smmuv2/pmu/bank-view", test_bank_view);
    return g_test_run();
}
