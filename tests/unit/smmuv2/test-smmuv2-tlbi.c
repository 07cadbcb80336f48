/*
 * Arm SMMUv2 TLB maintenance: unit tests
 *
 * Which entries each TLBI operation must remove and which it should keep, what
 * a walk that an invalidation overtakes must not cache, and what masters that
 * cache translations themselves are told.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/arm/smmuv2/smmuv2-dvm.h"
#include "machine-setup.h"

/* Two addresses are cached, then changed, in each of these banks */
#define A   0x40205000
#define B   0x40206000

enum {
    S1_V1_A1, S1_V1_A2, S1_V2_A1, S2_V1, HYP, NESTED_V1_A3, BANKS,
};

static uint64_t root(unsigned bank)
{
    return 0x10000 * (bank + 1);
}

static void map_both(unsigned bank, uint64_t where, bool block)
{
    uint64_t leaf = bank == S2_V1 ? S2_LEAF :
                    bank == HYP ? S1_LEAF : S1_LEAF | NG;

    if (block) {
        map_2m(root(bank), A, (where << 32) | leaf);
    } else {
        map_page(root(bank), A, (where << 32) | 0x5000 | leaf);
        map_page(root(bank), B, (where << 32) | 0x6000 | leaf);
    }
}

static void setup_tlbi(bool block)
{
    new_machine(&machine_default);
    setup_bank(S1_V1_A1, 1 << 16 | 1, 1, root(S1_V1_A1));
    setup_bank(S1_V1_A2, 1 << 16 | 1, 2, root(S1_V1_A2));
    setup_bank(S1_V2_A1, 1 << 16 | 2, 1, root(S1_V2_A1));
    setup_bank(S2_V1, 0 << 16 | 1, 0, root(S2_V1));
    setup_bank(HYP, 1 << 16 | 0x400 | 1, 0, root(HYP));
    setup_bank(NESTED_V1_A3, 3 << 16 | S2_V1 << 8 | 1, 3,
               root(NESTED_V1_A3));
    for (int bank = 0; bank < BANKS; bank++) {
        map_both(bank, 1 + bank, block);
    }
    /* Stage 2 has nested stage 1's tables and outputs at themselves */
    store(root(S2_V1), 0 | S2_LEAF);
    store(root(S2_V1) + (0x600000000 >> 30) * 8, 0x600000000 | S2_LEAF);
    store(root(S2_V1) + (0xe00000000 >> 30) * 8, 0xe00000000 | S2_LEAF);
    for (int bank = 0; bank < BANKS; bank++) {
        g_assert_cmphex(out(bank, A) >> 32, ==, 1 + bank);
        g_assert_cmphex(out(bank, B) >> 32, ==, 1 + bank);
        map_both(bank, 9 + bank, block);
    }
}

/* Sets of banks, of A in bits 7:0 and of B in 15:8 */
#define OF_A(bank)      (1 << (bank))
#define OF_B(bank)      (0x100 << (bank))
#define OF(bank)        (OF_A(bank) | OF_B(bank))
#define EVERY           0x3f3f

typedef struct Tlbi {
    const char *name;
    int bank;                   /* -1: global */
    unsigned offset, size;
    uint64_t value;
    unsigned removes, keeps;    /* of pages; blocks hold A and B */
} Tlbi;

static const Tlbi tlbis[] = {
    { "stlbiall", -1, STLBIALL, 4, 0, EVERY, 0 },
    { "tlbivmid", -1, TLBIVMID, 4, 1,
      OF(S1_V1_A1) | OF(S1_V1_A2) | OF(S2_V1) | OF(NESTED_V1_A3),
      OF(S1_V2_A1) | OF(HYP) },
    { "tlbivmid-other", -1, TLBIVMID, 4, 2, OF(S1_V2_A1),
      EVERY & ~OF(S1_V2_A1) },
    { "tlbiallnsnh", -1, TLBIALLNSNH, 4, 0, EVERY & ~OF(HYP), OF(HYP) },
    { "tlbiallh", -1, TLBIALLH, 4, 0, OF(HYP), EVERY & ~OF(HYP) },
    { "tlbivah", -1, TLBIVAH, 4, A, OF_A(HYP), EVERY & ~OF_A(HYP) },
    { "tlbivalh64", -1, TLBIVALH64, 8, A >> 12, OF_A(HYP),
      EVERY & ~OF_A(HYP) },
    { "tlbivah64", -1, TLBIVAH64, 8, A >> 12, OF_A(HYP), EVERY & ~OF_A(HYP) },
    { "tlbivmids1", -1, TLBIVMIDS1, 4, 1,
      OF(S1_V1_A1) | OF(S1_V1_A2) | OF(NESTED_V1_A3),
      OF(S1_V2_A1) | OF(S2_V1) | OF(HYP) },
    { "tlbiva", S1_V1_A1, TLBIVA, 8, 1ull << 48 | A >> 12, OF_A(S1_V1_A1),
      OF_B(S1_V1_A1) | OF(S1_V2_A1) | OF(S2_V1) | OF(HYP) },
    { "tlbival", S1_V1_A1, TLBIVAL, 8, 1ull << 48 | A >> 12, OF_A(S1_V1_A1),
      OF_B(S1_V1_A1) | OF(S1_V2_A1) | OF(S2_V1) | OF(HYP) },
    { "tlbiva-other-asid", S1_V1_A1, TLBIVA, 8, 2ull << 48 | A >> 12,
      OF_A(S1_V1_A2), OF_B(S1_V1_A2) | OF(S1_V2_A1) | OF(S2_V1) | OF(HYP) },
    { "tlbivaa", S1_V1_A1, TLBIVAA, 8, A >> 12,
      OF_A(S1_V1_A1) | OF_A(S1_V1_A2) | OF_A(NESTED_V1_A3),
      OF_B(S1_V1_A1) | OF(S1_V2_A1) | OF(S2_V1) | OF(HYP) },
    { "tlbivaal", S1_V2_A1, TLBIVAAL, 8, A >> 12, OF_A(S1_V2_A1),
      EVERY & ~OF_A(S1_V2_A1) },
    { "tlbiasid", S1_V1_A1, TLBIASID, 4, 1, OF(S1_V1_A1),
      OF(S1_V2_A1) | OF(S1_V1_A2) | OF(S2_V1) | OF(HYP) | OF(NESTED_V1_A3) },
    { "tlbiasid-other", S1_V1_A1, TLBIASID, 4, 2, OF(S1_V1_A2),
      OF(S1_V2_A1) | OF(S1_V1_A1) | OF(S2_V1) | OF(HYP) },
    { "tlbiall", S1_V1_A1, TLBIALL, 4, 0,
      OF(S1_V1_A1) | OF(S1_V1_A2) | OF(NESTED_V1_A3),
      OF(S1_V2_A1) | OF(HYP) },
    { "tlbiva-hyp", HYP, TLBIVA, 8, A >> 12, OF_A(HYP), EVERY & ~OF_A(HYP) },
    { "tlbiall-hyp", HYP, TLBIALL, 4, 0, OF(HYP), EVERY & ~OF(HYP) },
    { "tlbiipas2", S2_V1, TLBIIPAS2, 8, A >> 12, OF_A(S2_V1),
      OF_B(S2_V1) | OF(S1_V1_A1) | OF(S1_V2_A1) | OF(HYP) },
    { "tlbiipas2l", S2_V1, TLBIIPAS2L, 8, A >> 12, OF_A(S2_V1),
      OF_B(S2_V1) | OF(S1_V1_A1) | OF(S1_V2_A1) | OF(HYP) },
    { "tlbiva-nested", NESTED_V1_A3, TLBIVA, 8, 3ull << 48 | A >> 12,
      OF_A(NESTED_V1_A3), OF(S1_V2_A1) | OF(S2_V1) | OF(HYP) },
    { "tlbiasid-nested", NESTED_V1_A3, TLBIASID, 4, 3, OF(NESTED_V1_A3),
      OF(S1_V2_A1) | OF(S2_V1) | OF(HYP) },
};

static void issue(const Tlbi *t)
{
    machine_write(m, t->bank < 0 ? machine_gr0(m, t->offset) :
                  machine_cb(m, t->bank, t->offset), t->value, t->size);
}

static void check_tlbi(const Tlbi *t)
{
    for (int bank = 0; bank < BANKS; bank++) {
        for (int b = 0; b < 2; b++) {
            unsigned bit = b ? OF_B(bank) : OF_A(bank);
            bool fresh = out(bank, b ? B : A) >> 32 == 9 + bank;

            if (!fresh && t->removes & bit) {
                g_test_message("%s leaves address %c of bank %d", t->name,
                               'A' + b, bank);
                g_test_fail();
            }
            if (fresh && t->keeps & bit) {
                g_test_message("%s removes address %c of bank %d", t->name,
                               'A' + b, bank);
                g_test_fail();
            }
        }
    }
}

static void test_tlbi_pages(const void *data)
{
    setup_tlbi(false);
    issue(data);
    check_tlbi(data);
}

static void test_tlbi_blocks(const void *data)
{
    Tlbi t = *(const Tlbi *)data;

    /* One entry for both: it goes by either address */
    t.removes |= (t.removes & 0xff) << 8 | t.removes >> 8;
    t.keeps &= ~t.removes;
    setup_tlbi(true);
    issue(&t);
    check_tlbi(&t);
}

/*
 * The lower half of 64 bits is zero-extended, whatever went before, and takes
 * all ASIDs, as it has none; the upper half does nothing
 */
static void test_tlbi_halves(const void *data)
{
    const Tlbi *t = data;
    uint64_t at;

    setup_tlbi(false);
    at = t->bank < 0 ? machine_gr0(m, t->offset) :
                       machine_cb(m, t->bank, t->offset);
    machine_write(m, at, t->value, 8);
    for (int bank = 0; bank < BANKS; bank++) {
        map_both(bank, 1 + bank, false);
        g_assert_cmphex(out(bank, A) >> 32, ==, 1 + bank);
        map_both(bank, 9 + bank, false);
    }
    machine_write(m, at + 4, t->value >> 32, 4);
    machine_write(m, at + 4, 0xfff, 4);
    for (int bank = 0; bank < BANKS; bank++) {
        g_assert_cmphex(out(bank, A) >> 32, ==, 1 + bank);
    }
    machine_write(m, at, (uint32_t)t->value, 4);
    for (int bank = 0; bank < BANKS; bank++) {
        if (t->removes & OF_A(bank)) {
            g_assert_cmphex(out(bank, A) >> 32, ==, 9 + bank);
        }
    }
}

/* Global entries (nG = 0) go whatever the ASID that is written */
static void test_tlbi_global_entries(void)
{
    static const unsigned ops[] = { TLBIVA, TLBIVAL };

    for (int i = 0; i < ARRAY_SIZE(ops); i++) {
        setup_tlbi(false);
        cb4(S1_V1_A1, TLBIALL, 0);
        map_page(root(S1_V1_A1), A, 0x100005000 | S1_LEAF);
        g_assert_cmphex(out(S1_V1_A1, A), ==, 0x100005000);
        map_page(root(S1_V1_A1), A, 0x900005000 | S1_LEAF);
        cb8(S1_V1_A1, ops[i], 0x55ull << 48 | A >> 12);
        g_assert_cmphex(out(S1_V1_A1, A), ==, 0x900005000);
    }
}

/* An operation of the other stage, and one that is read, do nothing */
static void test_tlbi_refused(void)
{
    setup_tlbi(false);
    cb8(S2_V1, TLBIVA, A >> 12);
    cb8(S2_V1, TLBIVAA, A >> 12);
    cb4(S2_V1, TLBIASID, 0);
    cb8(S1_V1_A1, TLBIIPAS2, A >> 12);
    for (unsigned at = TLBIVA; at <= TLBIIPAS2L; at += 4) {
        g_assert_cmphex(cb_read(S1_V1_A1, at), ==, 0);
    }
    for (unsigned at = STLBIALL; at <= TLBIVAH64 + 4; at += 4) {
        g_assert_cmphex(machine_read(m, machine_gr0(m, at), 4), ==, 0);
    }
    for (int bank = 0; bank < BANKS; bank++) {
        g_assert_cmphex(out(bank, A) >> 32, ==, 1 + bank);
    }
}

/* ASIDs of 8 bits are compared in 8, of 16 in 16 */
static void test_tlbi_asid_size(void)
{
    setup_tlbi(false);
    cb4(S1_V1_A2, TCR2, 7 << 15 | 5 | 0x10);
    cb8(S1_V1_A2, TTBR0, 0x102ull << 48 | root(S1_V1_A2));
    map_both(S1_V1_A2, 2, false);
    g_assert_cmphex(out(S1_V1_A2, A) >> 32, ==, 2);
    map_both(S1_V1_A2, 10, false);
    cb4(S1_V1_A1, TLBIASID, 2);
    g_assert_cmphex(out(S1_V1_A2, A) >> 32, ==, 2);
    cb4(S1_V1_A1, TLBIASID, 0x102);
    g_assert_cmphex(out(S1_V1_A2, A) >> 32, ==, 10);
}

static void test_tlbi_vmid16(void)
{
    setup_tlbi(false);
    machine_write(m, machine_gr1(m, CBA2R + 4 * S1_V1_A1), 0x1234 << 16 | 1,
                  4);
    gr0(CR0, 0x80200436);
    map_both(S1_V1_A1, 1, false);
    g_assert_cmphex(out(S1_V1_A1, A) >> 32, ==, 1);
    map_both(S1_V1_A1, 9, false);
    gr0(TLBIVMID, 0x34);
    g_assert_cmphex(out(S1_V1_A1, A) >> 32, ==, 1);
    gr0(TLBIVMID, 0x1234);
    g_assert_cmphex(out(S1_V1_A1, A) >> 32, ==, 9);
}

/*
 * Bits above the one that TCR2.SEP makes the sign are not part of the address:
 * all addresses that differ in them go together
 */
static void test_tlbi_sep(void)
{
    setup_tlbi(false);
    cb4(S1_V1_A1, TCR2, 5);
    map_both(S1_V1_A1, 1, false);
    g_assert_cmphex(out(S1_V1_A1, A) >> 32, ==, 1);
    g_assert_cmphex(out(S1_V1_A1, 0x700000000 | A) >> 32, ==, 1);
    map_both(S1_V1_A1, 9, false);
    cb8(S1_V1_A1, TLBIVA, 1ull << 48 | A >> 12);
    g_assert_cmphex(out(S1_V1_A1, 0x700000000 | A) >> 32, ==, 9);
    g_assert_cmphex(out(S1_V1_A1, A) >> 32, ==, 9);
}

/* So do all tags, if the top byte is ignored (TCR2.TBI0) */
static void test_tlbi_tags(void)
{
    const uint64_t tag = 0xab00000000000000;

    setup_tlbi(false);
    cb4(S1_V1_A1, TCR2, 7 << 15 | 5 | 0x20);
    map_both(S1_V1_A1, 1, false);
    g_assert_cmphex(out(S1_V1_A1, A) >> 32, ==, 1);
    g_assert_cmphex(out(S1_V1_A1, tag | A) >> 32, ==, 1);
    map_both(S1_V1_A1, 9, false);
    cb8(S1_V1_A1, TLBIVA, 1ull << 48 | A >> 12);
    g_assert_cmphex(out(S1_V1_A1, tag | A) >> 32, ==, 9);
    g_assert_cmphex(out(S1_V1_A1, A) >> 32, ==, 9);
}

static void invalidate_once(Machine *machine)
{
    machine->on_read = NULL;
    map_page(0x10000, 0x40201000, 0x55555555000 | S1_LEAF);
    cb8(0, TLBIVA, 1ull << 48 | 0x40201000 >> 12);
}

static void invalidate_all_once(Machine *machine)
{
    machine->on_read = NULL;
    map_page(0x10000, 0x40201000, 0x55555555000 | S1_LEAF);
    gr0(STLBIALL, 0);
}

static void change_ttbr_once(Machine *machine)
{
    machine->on_read = NULL;
    map_page(0x30000, 0x40201000, 0x55555555000 | S1_LEAF);
    cb8(0, TTBR0, 1ull << 48 | 0x30000);
}

/* What was read before an invalidation is not cached after it */
static void test_tlbi_during_walk(void)
{
    static void (*const hooks[])(Machine *m) = {
        invalidate_once, invalidate_all_once, change_ttbr_once,
    };

    for (int i = 0; i < ARRAY_SIZE(hooks); i++) {
        new_machine(&machine_default);
        setup_bank(0, 1 << 16, 1, 0x10000);
        map_page(0x10000, 0x40201000, 0x12345678000 | S1_LEAF);
        m->on_read = hooks[i];
        machine_translate(m, 0, 0x40201000, RO);
        g_assert_cmphex(out(0, 0x40201000), ==, 0x55555555000);
        g_assert_cmphex(out(0, 0x40201000), ==, 0x55555555000);
    }
}

/*
 * A block of stage 1 over pages of stage 2 is cached in pieces.  An operation
 * on any address of the block removes the block, so all of its pieces.
 */
static void test_nested_block_in_pieces(void)
{
    setup_nested();
    map_page(0x20000, 0x15000, 0x15555555000 | S2_LEAF);
    store(0x21008, 0x23000 | TABLE);            /* IPA 0x200000, 2 MiB */
    store(0x23000 + 0x14 * 8, 0x16666666000 | S2_LEAF | PAGE);
    store(0x23000 + 0x15 * 8, 0x17777777000 | S2_LEAF | PAGE);
    map_2m(0x10000, 0x40200000, 0x0 | S1_LEAF);
    g_assert_cmphex(out(1, 0x40214000), ==, 0x12345678000);
    g_assert_cmphex(out(1, 0x40215000), ==, 0x15555555000);
    map_2m(0x10000, 0x40200000, 0x200000 | S1_LEAF);
    cb8(1, TLBIVA, 1ull << 48 | 0x40200000 >> 12);
    g_assert_cmphex(out(1, 0x40214000), ==, 0x16666666000);
    g_assert_cmphex(out(1, 0x40215000), ==, 0x17777777000);
}

/* ---- Notifications ---- */

static bool told(unsigned master, uint64_t addr, uint64_t size)
{
    Unmapped u = m->unmapped[master];

    machine_told_nothing(m, master);
    return u.all || (u.events && addr >= u.addr &&
                     addr + size <= u.addr + u.size);
}

/* How a master is told of addresses that have several forms */
static void expect_told_form(uint32_t tcr2, uint64_t form)
{
    setup_tlbi(false);
    cb4(S1_V1_A1, TCR2, tcr2);
    map_both(S1_V1_A1, 1, false);
    g_assert_cmphex(out(S1_V1_A1, form) >> 32, ==, 1);
    machine_notify(m, S1_V1_A1, true);
    cb8(S1_V1_A1, TLBIVA, 1ull << 48 | A >> 12);
    g_assert_true(told(S1_V1_A1, form, 4096));
}

static void test_notify_forms(void)
{
    expect_told_form(7 << 15 | 5, A);
    /* A page of 64 KiB */
    setup_tlbi(false);
    cb4(S1_V1_A1, TCR, 1 << 14 | 16);
    machine_notify(m, S1_V1_A1, true);
    cb8(S1_V1_A1, TLBIVA, 1ull << 48 | A >> 12);
    g_assert_true(told(S1_V1_A1, A & ~0xffff, 0x10000));
    /* With a tag; with bits beyond the sign */
    expect_told_form(7 << 15 | 5 | 0x20, 0xab00000000000000 | A);
    expect_told_form(5, 0x700000000 | A);
}

static void invalidate_other_once(Machine *machine)
{
    machine->on_read = NULL;
    cb4(0, TLBIALL, 0);
}

/* A master may keep what an invalidation kept out of the TLBs */
static void test_notify_not_cached(void)
{
    /* A piece of a block, which any address of the block removes */
    setup_nested();
    map_2m(0x10000, 0x40200000, 0x0 | S1_LEAF);
    machine_notify(m, 1, true);
    m->on_read = invalidate_other_once;
    g_assert_cmphex(out(1, 0x40214000), ==, 0x12345678000);
    g_assert_null(m->on_read);
    told(1, 0, 0);
    cb8(1, TLBIVA, 1ull << 48 | 0x40200000 >> 12);
    g_assert_true(told(1, 0x40214000, 4096));

    /* A global page, which any ASID removes */
    setup_tlbi(false);
    cb4(S1_V2_A1, TLBIALL, 0);
    map_page(root(S1_V2_A1), A, 0x100005000 | S1_LEAF);
    machine_notify(m, S1_V2_A1, true);
    m->on_read = invalidate_other_once;
    g_assert_cmphex(out(S1_V2_A1, A), ==, 0x100005000);
    g_assert_null(m->on_read);
    told(S1_V2_A1, 0, 0);
    cb8(S1_V2_A1, TLBIVA, 0x55ull << 48 | A >> 12);
    g_assert_true(told(S1_V2_A1, A, 4096));
}

static SMMUv2Invalidation overtaking;

static void broadcast_once(Machine *machine)
{
    const SMMUv2Broadcast b = { .s1 = true, .addr = 0x40200000 };

    machine->on_read = NULL;
    g_assert_true(smmuv2_dvm_drop(&machine->tcu, &b, &overtaking));
}

/* A CPU's operation comes while a master that listens has the BQL, and walks */
static void test_notify_broadcast(void)
{
    setup_nested();
    map_2m(0x10000, 0x40200000, 0x0 | S1_LEAF);
    machine_notify(m, 1, true);
    m->on_read = broadcast_once;
    g_assert_cmphex(out(1, 0x40214000), ==, 0x12345678000);
    g_assert_null(m->on_read);
    told(1, 0, 0);
    smmuv2_dvm_tell(&m->tcu, &overtaking);
    g_assert_true(told(1, 0x40214000, 4096));
    /* Of a page it is that page, of any granule, and no more */
    setup_tlbi(false);
    machine_notify(m, S1_V1_A1, true);
    broadcast_once(m);
    smmuv2_dvm_tell(&m->tcu, &overtaking);
    g_assert_cmpint(m->unmapped[S1_V1_A1].all, ==, false);
    g_assert_true(told(S1_V1_A1, 0x40200000, 0x10000));
}

static void test_notify(void)
{
    setup_tlbi(false);
    machine_notify(m, S1_V1_A1, true);
    machine_notify(m, S1_V2_A1, true);
    cb8(S1_V1_A1, TLBIVA, 1ull << 48 | A >> 12);
    g_assert_true(told(S1_V1_A1, A, 4096));
    g_assert_cmpint(m->unmapped[S1_V2_A1].events, ==, 0);
    cb4(S1_V2_A1, TLBIALL, 0);
    g_assert_true(told(S1_V2_A1, 0, UINT64_MAX));
    g_assert_cmpint(m->unmapped[S1_V1_A1].events, ==, 0);
    gr0(STLBIALL, 0);
    g_assert_true(told(S1_V1_A1, 0, UINT64_MAX));
    g_assert_true(told(S1_V2_A1, 0, UINT64_MAX));
    /* The stream goes elsewhere; the bank changes */
    gr0(S2CR + 4 * S1_V1_A1, S1_V1_A2);
    g_assert_true(told(S1_V1_A1, 0, UINT64_MAX));
    told(S1_V2_A1, 0, 0);
    cb8(S1_V1_A2, TTBR0, 0);
    g_assert_true(told(S1_V1_A1, 0, UINT64_MAX));
    g_assert_cmpint(m->unmapped[S1_V2_A1].events, ==, 0);
    /* Registers that say nothing of translations */
    cb4(S1_V1_A2, FSR, 0xffffffff);
    cb8(S1_V1_A2, FAR, 0);
    g_assert_cmpint(m->unmapped[S1_V1_A1].events, ==, 0);
    machine_notify(m, S1_V1_A1, false);
    gr0(STLBIALL, 0);
    g_assert_cmpint(m->unmapped[S1_V1_A1].events, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    for (int i = 0; i < ARRAY_SIZE(tlbis); i++) {
        g_autofree char *pages = g_strdup_printf("/smmuv2/tlbi/%s/pages",
                                                 tlbis[i].name);
        g_autofree char *blocks = g_strdup_printf("/smmuv2/tlbi/%s/blocks",
                                                  tlbis[i].name);
        g_autofree char *halves = g_strdup_printf("/smmuv2/tlbi/%s/halves",
                                                  tlbis[i].name);

        g_test_add_data_func(pages, &tlbis[i], test_tlbi_pages);
        g_test_add_data_func(blocks, &tlbis[i], test_tlbi_blocks);
        if (tlbis[i].size == 8) {
            g_test_add_data_func(halves, &tlbis[i], test_tlbi_halves);
        }
    }
    g_test_add_func("/smmuv2/tlbi/nested-block-in-pieces",
                    test_nested_block_in_pieces);
    g_test_add_func("/smmuv2/tlbi/global-entries", test_tlbi_global_entries);
    g_test_add_func("/smmuv2/tlbi/refused", test_tlbi_refused);
    g_test_add_func("/smmuv2/tlbi/asid-size", test_tlbi_asid_size);
    g_test_add_func("/smmuv2/tlbi/vmid16", test_tlbi_vmid16);
    g_test_add_func("/smmuv2/tlbi/sep", test_tlbi_sep);
    g_test_add_func("/smmuv2/tlbi/tags", test_tlbi_tags);
    g_test_add_func("/smmuv2/tlbi/during-walk", test_tlbi_during_walk);
    g_test_add_func("/smmuv2/tlbi/notify", test_notify);
    g_test_add_func("/smmuv2/tlbi/notify-forms", test_notify_forms);
    g_test_add_func("/smmuv2/tlbi/notify-not-cached", test_notify_not_cached);
    g_test_add_func("/smmuv2/tlbi/notify-broadcast", test_notify_broadcast);
    return g_test_run();
}
