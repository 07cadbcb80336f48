/*
 * Arm SMMUv2 cached tables and cached stage 2: unit tests
 *
 * How many descriptors a walk reads when it knows the last-level table or the
 * stage 2 of an address already, and which invalidations make it forget: none
 * that must may leave anything behind.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "machine-setup.h"

#define ROOT    0x10000         /* map_page() puts level 3 at ROOT + 0x2000 */
#define OTHER   0x30000         /* another table of level 3 */
#define VA      0x40201000

/* Descriptors read by an access, which must give @to */
static uint64_t reads(unsigned master, uint64_t addr, uint64_t to)
{
    uint64_t before = m->descriptors;

    g_assert_cmphex(out(master, addr), ==, to);
    return m->descriptors - before;
}

static void tlbi(unsigned cb, unsigned offset, uint64_t va)
{
    cb8(cb, offset, 1ull << 48 | va >> 12);
}

static void setup(uint64_t nr_pages)
{
    new_machine(&machine_default);
    setup_bank(0, 1 << 16, 1, ROOT);
    for (uint64_t i = 0; i < nr_pages; i++) {
        map_page(ROOT, VA + i * 0x1000, (0x50000 + i * 0x1000) | S1_LEAF | NG);
    }
}

static void test_one_descriptor(void)
{
    setup(8);
    g_assert_cmpuint(reads(0, VA, 0x50000), ==, 3);
    for (uint64_t i = 1; i < 8; i++) {
        g_assert_cmpuint(reads(0, VA + i * 0x1000, 0x50000 + i * 0x1000), ==,
                         1);
    }
    /* Another table, another bank */
    store(ROOT + 0x1000 + 2 * 8, OTHER | TABLE);
    store(OTHER, 0x77000 | S1_LEAF | PAGE);
    g_assert_cmpuint(reads(0, 0x40400000, 0x77000), ==, 3);
    setup_bank(1, 1 << 16, 2, ROOT);
    g_assert_cmpuint(reads(1, VA, 0x50000), ==, 3);
}

/* Table 2 MiB to OTHER, where @VA is at 0x66000 */
static void replace_table(void)
{
    store(ROOT + 0x1000 + 8, OTHER | TABLE);
    store(OTHER + 8, 0x66000 | S1_LEAF | NG | PAGE);
    store(OTHER + 16, 0x67000 | S1_LEAF | NG | PAGE);
}

/* The last level alone: the table stays, the page is read again */
static void test_leaf(void)
{
    static const unsigned ops[] = { TLBIVAL, TLBIVAAL };

    for (int i = 0; i < ARRAY_SIZE(ops); i++) {
        setup(2);
        g_assert_cmpuint(reads(0, VA, 0x50000), ==, 3);
        map_page(ROOT, VA, 0x66000 | S1_LEAF | NG);
        tlbi(0, ops[i], VA);
        g_assert_cmpuint(reads(0, VA, 0x66000), ==, 1);
    }
}

/* Whatever else makes an entry go makes the table go */
static void test_tables_go(void)
{
    for (int op = 0; op < 9; op++) {
        setup(2);
        reads(0, VA, 0x50000);
        reads(0, VA + 0x1000, 0x51000);
        replace_table();
        switch (op) {
        case 0:
            tlbi(0, TLBIVA, VA);
            break;
        case 1:
            tlbi(0, TLBIVAA, VA);
            break;
        case 2:
            cb4(0, TLBIASID, 1);
            break;
        case 3:
            cb4(0, TLBIALL, 0);
            break;
        case 4:
            gr0(TLBIVMID, 0);
            break;
        case 5:
            gr0(TLBIALLNSNH, 0);
            break;
        case 6:
            gr0(STLBIALL, 0);
            break;
        case 7:
            cb8(0, TTBR0, 1ull << 48 | ROOT);
            break;
        case 8:
            gr0(TLBIVMIDS1, 0);
            break;
        }
        g_assert_cmpuint(reads(0, VA, 0x66000), ==, 3);
        if (op > 1) {
            g_assert_cmphex(out(0, VA + 0x1000), ==, 0x67000);
        }
    }
}

/* An operation on another page of the table, which is not one of leaves */
static void test_neighbour(void)
{
    setup(2);
    reads(0, VA, 0x50000);
    replace_table();
    tlbi(0, TLBIVA, VA + 0x1000);
    g_assert_cmphex(out(0, VA + 0x1000), ==, 0x67000);
    /* @VA itself is in the TLB, and may be */
    tlbi(0, TLBIVAL, VA);
    g_assert_cmphex(out(0, VA), ==, 0x66000);
}

/* A fault is decided by a walk from the root */
static void test_fault(void)
{
    setup(1);
    reads(0, VA, 0x50000);
    g_assert_true(aborts(0, VA + 0x1000, RO));
    g_assert_cmphex(cb_read(0, FSYNR0), ==, 3);
    cb4(0, FSR, ~0u);
    replace_table();
    g_assert_cmphex(out(0, VA + 0x1000), ==, 0x67000);

    /* Nor does a limit that the tables above no longer have deny anything */
    setup(2);
    store(ROOT + 0x1000 + 8, (ROOT + 0x2000) | 1ull << 62 | TABLE);
    g_assert_cmphex(out(0, VA), ==, 0x50000);
    g_assert_true(aborts(0, VA + 0x1000, WO));
    store(ROOT + 0x1000 + 8, (ROOT + 0x2000) | TABLE);
    g_assert_false(aborts(0, VA + 0x1000, WO));
}

/* What the tables above take away is kept with the table */
static void test_limits(void)
{
    static const struct {
        uint64_t table;
        bool read, write;
    } rows[] = {
        { 0, true, true },
        { 1ull << 62, true, false },            /* read-only */
        { 1ull << 61, false, false },           /* no unprivileged access */
        { 3ull << 59, true, true },             /* no execution */
    };

    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        setup(2);
        store(ROOT + 0x1000 + 8, (ROOT + 0x2000) | rows[i].table | TABLE);
        machine_translate(m, 0, VA, RO);
        g_assert_cmpint(!aborts(0, VA + 0x1000, RO), ==, rows[i].read);
        g_assert_cmpint(!aborts(0, VA + 0x1000, WO), ==, rows[i].write);
    }
}

static void invalidate_table_once(Machine *machine)
{
    machine->on_read = NULL;
    replace_table();
    tlbi(0, TLBIVA, VA);
}

/* A table that an invalidation overtook is not kept */
static void test_overtaken(void)
{
    setup(2);
    m->on_read = invalidate_table_once;
    machine_translate(m, 0, VA, RO);
    g_assert_cmphex(out(0, VA), ==, 0x66000);
    g_assert_cmphex(out(0, VA + 0x1000), ==, 0x67000);
}

/* ---- Stage 2 ---- */

static void test_stage2_only(void)
{
    new_machine(&machine_default);
    setup_bank(2, 0 << 16 | 7, 0, ROOT);
    map_page(ROOT, VA, 0x50000 | S2_LEAF);
    map_page(ROOT, VA + 0x1000, 0x51000 | S2_LEAF);
    g_assert_cmpuint(reads(2, VA, 0x50000), ==, 3);
    g_assert_cmpuint(reads(2, VA + 0x1000, 0x51000), ==, 1);
    store(ROOT + 0x1000 + 8, OTHER | TABLE);
    store(OTHER + 8, 0x66000 | S2_LEAF | PAGE);
    store(OTHER + 16, 0x67000 | S2_LEAF | PAGE);
    cb8(2, TLBIIPAS2, VA >> 12);
    g_assert_cmpuint(reads(2, VA, 0x66000), ==, 3);
    store(OTHER + 8, 0x68000 | S2_LEAF | PAGE);
    cb8(2, TLBIIPAS2L, VA >> 12);
    g_assert_cmpuint(reads(2, VA, 0x68000), ==, 1);
}

static void setup_nested_pages(void)
{
    setup_nested();
    for (uint64_t i = 1; i < 4; i++) {
        map_page(0x10000, VA + i * 0x1000, 0x14000 | S1_LEAF | NG);
    }
}

/* Three levels of stage 1, each of them and the output through stage 2 */
static void test_nested(void)
{
    setup_nested_pages();
    /* All four are in one table of stage 2, which is found once */
    g_assert_cmpuint(reads(1, VA, 0x12345678000), ==, 3 + 3 + 3 * 1);
    /* One descriptor: where it is and where it points to are known */
    g_assert_cmpuint(reads(1, VA + 0x1000, 0x12345678000), ==, 1);
    tlbi(1, TLBIVAL, VA);
    g_assert_cmpuint(reads(1, VA, 0x12345678000), ==, 1);
    /* Stage 1 from the root, stage 2 from what is known of it */
    tlbi(1, TLBIVA, VA);
    g_assert_cmpuint(reads(1, VA, 0x12345678000), ==, 3);
}

/* Stage 2 moves: the output, and each of stage 1's tables */
static void test_nested_stage2_moves(void)
{
    static const unsigned ops[] = { TLBIIPAS2, TLBIIPAS2L, 0 };

    for (int op = 0; op < ARRAY_SIZE(ops); op++) {
        for (uint64_t ipa = 0x10000; ipa <= 0x14000; ipa += 0x1000) {
            setup_nested_pages();
            reads(1, VA, 0x12345678000);
            reads(1, VA + 0x1000, 0x12345678000);
            if (ipa == 0x13000) {
                continue;
            } else if (ipa == 0x14000) {
                map_page(0x20000, ipa, 0x55555555000 | S2_LEAF);
            } else {
                memcpy(m->ram + 0x80000, m->ram + ipa, 0x1000);
                memset(m->ram + ipa, 0, 0x1000);
                map_page(0x20000, ipa, 0x80000 | S2_LEAF);
            }
            if (ops[op]) {
                cb8(2, ops[op], ipa >> 12);
            } else {
                gr0(TLBIVMID, 7);
            }
            for (uint64_t i = 0; i < 3; i++) {
                g_assert_cmphex(out(1, VA + i * 0x1000), ==, ipa == 0x14000 ?
                                0x55555555000 : 0x12345678000);
            }
        }
    }
}

/* Stage 2's bank has other tables now */
static void test_nested_stage2_bank(void)
{
    setup_nested_pages();
    reads(1, VA, 0x12345678000);
    map_page(0x30000, 0, 0);
    for (uint64_t page = 0x10000; page < 0x13000; page += 0x1000) {
        map_page(0x30000, page, page | S2_LEAF);
    }
    map_page(0x30000, 0x14000, 0x66666666000 | S2_LEAF);
    cb8(2, TTBR0, 0x30000);
    g_assert_cmphex(out(1, VA), ==, 0x66666666000);
    g_assert_cmphex(out(1, VA + 0x1000), ==, 0x66666666000);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    g_test_add_func("/smmuv2/walk-cache/one-descriptor", test_one_descriptor);
    g_test_add_func("/smmuv2/walk-cache/leaf", test_leaf);
    g_test_add_func("/smmuv2/walk-cache/tables-go", test_tables_go);
    g_test_add_func("/smmuv2/walk-cache/neighbour", test_neighbour);
    g_test_add_func("/smmuv2/walk-cache/fault", test_fault);
    g_test_add_func("/smmuv2/walk-cache/limits", test_limits);
    g_test_add_func("/smmuv2/walk-cache/overtaken", test_overtaken);
    g_test_add_func("/smmuv2/walk-cache/stage2", test_stage2_only);
    g_test_add_func("/smmuv2/walk-cache/nested", test_nested);
    g_test_add_func("/smmuv2/walk-cache/nested-stage2-moves",
                    test_nested_stage2_moves);
    g_test_add_func("/smmuv2/walk-cache/nested-stage2-bank",
                    test_nested_stage2_bank);
    return g_test_run();
}
