/*
 * GICv4 qtest: the vPEs of GICv4.1
 *
 * Each test is a piece of a hypervisor: it maps vPEs, runs and blocks them on
 * CPUs that do nothing else, and looks where interrupts and doorbells are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "gicv4-lib.h"

#define DOORBELL    (LPI + 7)
#define VINTID      (LPI + 100)
#define VINTID2     (LPI + 101)
#define VPE         3
#define CPU         1

#define REAL_DB(value) ((value) & (VPEND_DB | VPEND_LAST))

/* A GIC with vPE 3 on CPU 1, and events 5 and 6 that are its vLPIs */
static GICTest *start(void)
{
    GICTest *t = gic_start("4.1");

    enable_lpi(t, DOORBELL);
    configure(t, VCONF, VINTID, true, 0xa0);
    configure(t, VCONF, VINTID2, true, 0xa0);
    its_vmapp(t, VPE, CPU, DOORBELL);
    its_vmapti(t, 0, 5, VPE, VINTID, NO_DOORBELL);
    its_vmapti(t, 0, 6, VPE, VINTID2, NO_DOORBELL);
    return t;
}

static bool rung(GICTest *t, unsigned cpu)
{
    return pending(t, LPI_PEND(cpu), DOORBELL);
}

static void silence(GICTest *t, unsigned cpu)
{
    gicr_write64(t, cpu, GICR_CLRLPIR, DOORBELL);
    g_assert_false(rung(t, cpu));
}

/* The vPE ran, found nothing to do, and waits for its doorbell */
static void wait_for_doorbell(GICTest *t)
{
    schedule(t, CPU, VPE);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);
    g_assert_false(rung(t, CPU));
}

/* ---- Residency and doorbells ---- */

/* For a vPE that runs, the bit is set and nobody else is told */
static void test_direct(void)
{
    GICTest *t = start();

    schedule(t, CPU, VPE);
    its_int(t, 0, 5);
    g_assert_true(pending(t, VPT(VPE), VINTID));
    g_assert_false(rung(t, CPU));
    g_assert_cmphex(gicr_read64(t, CPU, GICR_VPENDBASER) & VPEND_DIRTY, ==, 0);
    /* It has something to do: it should not have blocked */
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_LAST);
    its_int(t, 0, 6);
    g_assert_false(rung(t, CPU));
    gic_quit(t);
}

/* A blocked vPE is woken by what comes first, and by that alone */
static void test_doorbell_once(void)
{
    GICTest *t = start();

    wait_for_doorbell(t);
    its_int(t, 0, 5);
    g_assert_true(rung(t, CPU));
    silence(t, CPU);
    its_int(t, 0, 6);
    its_clear(t, 0, 5);
    its_int(t, 0, 5);
    g_assert_false(rung(t, CPU));
    g_assert_true(pending(t, VPT(VPE), VINTID2));

    /* Until it waits again */
    its_clear(t, 0, 5);
    its_clear(t, 0, 6);
    wait_for_doorbell(t);
    its_int(t, 0, 6);
    g_assert_true(rung(t, CPU));
    gic_quit(t);
}

/* A preempted vPE will be back without one */
static void test_preempt(void)
{
    GICTest *t = start();

    schedule(t, CPU, VPE);
    preempt(t, CPU);
    its_int(t, 0, 5);
    g_assert_false(rung(t, CPU));

    /* PendingLast wins over DB */
    its_clear(t, 0, 5);
    schedule(t, CPU, VPE);
    gicr_write64(t, CPU, GICR_VPENDBASER, VPEND_DB | VPEND_LAST | VPE);
    its_int(t, 0, 5);
    g_assert_false(rung(t, CPU));
    gic_quit(t);
}

/* A vPE that never ran has asked for nothing */
static void test_never_ran(void)
{
    GICTest *t = start();

    its_int(t, 0, 5);
    g_assert_true(pending(t, VPT(VPE), VINTID));
    g_assert_false(rung(t, CPU));
    schedule(t, CPU, VPE);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_LAST);
    gic_quit(t);
}

/* Running again takes back a doorbell that has rung */
static void test_schedule_clears_doorbell(void)
{
    GICTest *t = start();

    wait_for_doorbell(t);
    its_int(t, 0, 5);
    g_assert_true(rung(t, CPU));
    schedule(t, CPU, VPE);
    g_assert_false(rung(t, CPU));
    gic_quit(t);
}

/* And so does running again before: nobody waits any more */
static void test_schedule_cancels_wait(void)
{
    GICTest *t = start();

    wait_for_doorbell(t);
    schedule(t, CPU, VPE);
    preempt(t, CPU);
    its_int(t, 0, 5);
    g_assert_false(rung(t, CPU));
    gic_quit(t);
}

/* What is disabled wakes nobody; what becomes enabled does, however told */
static void test_disabled(void)
{
    static const char *const names[] = {
        "INV", "VINVALL", "GICR_INVLPIR", "GICR_INVALLR"
    };

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        GICTest *t = start();
        uint64_t vpe = VALID | (uint64_t)VPE << 32;

        g_test_message("%s", names[i]);
        configure(t, VCONF, VINTID, false, 0xa0);
        wait_for_doorbell(t);
        its_int(t, 0, 5);
        g_assert_true(pending(t, VPT(VPE), VINTID));
        g_assert_false(rung(t, CPU));

        configure(t, VCONF, VINTID, true, 0xa0);
        g_assert_false(rung(t, CPU));
        switch (i) {
        case 0:
            its_inv(t, 0, 5);
            break;
        case 1:
            its_vinvall(t, VPE);
            break;
        case 2:
            gicr_write64(t, CPU, GICR_INVLPIR, vpe | VINTID);
            break;
        default:
            gicr_write64(t, CPU, GICR_INVALLR, vpe);
            break;
        }
        g_assert_cmphex(gicr_read(t, CPU, GICR_SYNCR) & 1, ==, 0);
        g_assert_true(rung(t, CPU));
        gic_quit(t);
    }
}

/* The same for a vPE that runs: seen by what blocking reports */
static void test_disabled_resident(void)
{
    static const char *const names[] = {
        "INV", "VINVALL", "GICR_INVLPIR", "GICR_INVALLR"
    };

    for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
        GICTest *t = start();
        uint64_t vpe = VALID | (uint64_t)VPE << 32;

        g_test_message("%s", names[i]);
        schedule(t, CPU, VPE);
        its_int(t, 0, 5);
        configure(t, VCONF, VINTID, false, 0xa0);
        switch (i) {
        case 0:
            its_inv(t, 0, 5);
            break;
        case 1:
            its_vinvall(t, VPE);
            break;
        case 2:
            gicr_write64(t, CPU, GICR_INVLPIR, vpe | VINTID);
            break;
        default:
            gicr_write64(t, CPU, GICR_INVALLR, vpe);
            break;
        }
        g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);
        gic_quit(t);
    }
}

/* Group 1 not forwarded: nothing is pending for the vPE, nothing wakes it */
static void test_group_disabled(void)
{
    GICTest *t = start();

    gicr_write64(t, CPU, GICR_VPENDBASER, VPEND_VALID | VPEND_G0 | VPE);
    its_int(t, 0, 5);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);
    its_int(t, 0, 6);
    its_vinvall(t, VPE);
    g_assert_false(rung(t, CPU));
    gic_quit(t);
}

/* Several vPEs take turns on a CPU, each with its own interrupts */
static void test_turns(void)
{
    GICTest *t = start();
    uint64_t value;

    its_vmapp(t, 4, CPU, DOORBELL + 1);
    enable_lpi(t, DOORBELL + 1);
    its_vmapti(t, 0, 9, 4, VINTID, NO_DOORBELL);

    schedule(t, CPU, 4);
    its_int(t, 0, 5);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);
    schedule(t, CPU, VPE);
    its_int(t, 0, 9);
    g_assert_true(pending(t, LPI_PEND(CPU), DOORBELL + 1));
    g_assert_false(rung(t, CPU));
    value = block(t, CPU);
    g_assert_cmphex(REAL_DB(value), ==, VPEND_LAST);
    g_assert_cmphex(value & 0xffff, ==, VPE);
    schedule(t, CPU, 4);
    g_assert_false(pending(t, LPI_PEND(CPU), DOORBELL + 1));
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_LAST);
    gic_quit(t);
}

/* Individual doorbells, which an event may have besides, ring each time */
static void test_individual_doorbell(void)
{
    GICTest *t = start();

    enable_lpi(t, DOORBELL + 1);
    its_vmapti(t, 0, 9, VPE, VINTID, DOORBELL + 1);
    its_int(t, 0, 9);
    g_assert_true(pending(t, LPI_PEND(CPU), DOORBELL + 1));
    g_assert_false(rung(t, CPU));
    gic_quit(t);
}

/* What is written while a vPE is resident leaves it be */
static void test_resident_is_fixed(void)
{
    GICTest *t = start();
    uint64_t table = gicr_read64(t, CPU, GICR_VPROPBASER);

    its_vmapp(t, 4, CPU, DOORBELL);
    schedule(t, CPU, VPE);
    schedule(t, CPU, 4);
    g_assert_cmphex(gicr_read64(t, CPU, GICR_VPENDBASER), ==,
                    VPEND_VALID | VPEND_G1 | VPE);
    gicr_write64(t, CPU, GICR_VPROPBASER, 0);
    g_assert_cmphex(gicr_read64(t, CPU, GICR_VPROPBASER), ==, table);

    /* Nor does what comes with Valid = 0 change whose state is kept */
    gicr_write64(t, CPU, GICR_VPENDBASER, VPEND_DB | 4);
    g_assert_cmphex(gicr_read64(t, CPU, GICR_VPENDBASER), ==,
                    VPEND_DB | VPEND_G1 | VPE);
    its_int(t, 0, 5);
    g_assert_true(rung(t, CPU));
    gic_quit(t);
}

/* The register by halves */
static void test_halves(void)
{
    GICTest *t = start();

    gicr_write(t, CPU, GICR_VPENDBASER, VPE);
    gicr_write(t, CPU, GICR_VPENDBASER + 4, (VPEND_VALID | VPEND_G1) >> 32);
    its_int(t, 0, 5);
    gicr_write(t, CPU, GICR_VPENDBASER + 4, VPEND_G1 >> 32);
    g_assert_cmphex(gicr_read(t, CPU, GICR_VPENDBASER + 4), ==,
                    (VPEND_LAST | VPEND_G1) >> 32);
    g_assert_cmphex(gicr_read(t, CPU, GICR_VPENDBASER), ==, VPE);
    gic_quit(t);
}

/* A vPE that is not there, or a table that is not, can be scheduled in vain */
static void test_schedule_nobody(void)
{
    static const unsigned nobody[] = { 4, 4095, 4096, 65535 };
    GICTest *t = start();

    for (unsigned i = 0; i < ARRAY_SIZE(nobody); i++) {
        schedule(t, CPU, nobody[i]);
        its_int(t, 0, 5);
        g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);
    }
    gicr_write64(t, CPU, GICR_VPROPBASER, 0);
    schedule(t, CPU, VPE);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);
    gicr_write64(t, CPU, GICR_VPROPBASER,
                 VALID | 1ull << 55 | 2ull << 53 | NOWHERE);
    schedule(t, CPU, VPE);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);
    gic_quit(t);
}

/* ---- Moving ---- */

/* What is pending, and what comes, is where the vPE goes */
static void test_move(void)
{
    GICTest *t = start();

    schedule(t, CPU, VPE);
    its_int(t, 0, 5);
    preempt(t, CPU);
    its_vmovp_db(t, VPE, 2, DOORBELL);
    its_int(t, 0, 6);
    schedule(t, 2, VPE);
    g_assert_true(pending(t, VPT(VPE), VINTID));
    g_assert_true(pending(t, VPT(VPE), VINTID2));
    its_clear(t, 0, 5);
    g_assert_cmphex(REAL_DB(preempt(t, 2)), ==, VPEND_LAST);
    its_clear(t, 0, 6);
    schedule(t, 2, VPE);
    g_assert_cmphex(REAL_DB(block(t, 2)), ==, VPEND_DB);

    its_int(t, 0, 5);
    g_assert_true(rung(t, 2));
    g_assert_false(rung(t, CPU));
    gic_quit(t);
}

/* A blocked vPE that moves waits on, for the doorbell it is given */
static void test_move_blocked(void)
{
    GICTest *t = start();

    enable_lpi(t, DOORBELL + 1);
    wait_for_doorbell(t);
    its_vmovp_db(t, VPE, 2, DOORBELL + 1);
    its_int(t, 0, 5);
    g_assert_true(pending(t, LPI_PEND(2), DOORBELL + 1));
    g_assert_false(rung(t, 2));
    g_assert_false(rung(t, CPU));
    gic_quit(t);
}

/* DB = 0 in VMOVP: the doorbell stays the one it was */
static void test_move_without_doorbell(void)
{
    GICTest *t = start();

    wait_for_doorbell(t);
    its_cmd(t, 0x22, (uint64_t)VPE << 32, 2 << 16, DOORBELL + 1);
    its_int(t, 0, 5);
    g_assert_true(rung(t, 2));
    gic_quit(t);
}

/* A doorbell that has rung unheard goes along */
static void test_move_rung(void)
{
    GICTest *t = start();

    wait_for_doorbell(t);
    its_int(t, 0, 5);
    g_assert_true(rung(t, CPU));
    its_vmovp_db(t, VPE, 2, DOORBELL);
    g_assert_false(rung(t, CPU));
    g_assert_true(rung(t, 2));
    gic_quit(t);
}

/* Moved while it runs, or run where it is not mapped: it gets its interrupts */
static void test_move_resident(void)
{
    GICTest *t = start();

    schedule(t, CPU, VPE);
    its_vmovp_db(t, VPE, 2, DOORBELL);
    its_int(t, 0, 5);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_LAST);
    its_clear(t, 0, 5);

    schedule(t, CPU, VPE);
    its_int(t, 0, 6);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_LAST);
    its_clear(t, 0, 6);

    /* The doorbell is that of where it is mapped */
    schedule(t, CPU, VPE);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);
    its_int(t, 0, 6);
    g_assert_true(rung(t, 2));
    g_assert_false(rung(t, CPU));
    schedule(t, CPU, VPE);
    g_assert_false(rung(t, 2));
    gic_quit(t);
}

static void test_vmovi(void)
{
    GICTest *t = start();

    its_vmapp(t, 4, 2, DOORBELL + 1);
    enable_lpi(t, DOORBELL + 1);
    schedule(t, 2, 4);
    g_assert_cmphex(REAL_DB(block(t, 2)), ==, VPEND_DB);
    its_int(t, 0, 5);
    its_vmovi(t, 0, 5, 4);
    g_assert_false(pending(t, VPT(VPE), VINTID));
    g_assert_true(pending(t, VPT(4), VINTID));
    g_assert_true(pending(t, LPI_PEND(2), DOORBELL + 1));
    its_clear(t, 0, 5);
    g_assert_false(pending(t, VPT(4), VINTID));
    gic_quit(t);
}

static void test_discard(void)
{
    GICTest *t = start();

    its_int(t, 0, 5);
    its_discard(t, 0, 5);
    g_assert_false(pending(t, VPT(VPE), VINTID));
    its_int(t, 0, 5);
    g_assert_false(pending(t, VPT(VPE), VINTID));
    gic_quit(t);
}

/* ---- Mapping ---- */

/* Unmapped, the pending bits are in memory, and are there when mapped again */
static void test_unmap(void)
{
    GICTest *t = start();

    schedule(t, CPU, VPE);
    its_int(t, 0, 5);
    preempt(t, CPU);
    its_vunmapp(t, VPE, true);
    g_assert_true(pending(t, VPT(VPE), VINTID));
    its_int(t, 0, 6);
    g_assert_false(pending(t, VPT(VPE), VINTID2));
    schedule(t, CPU, VPE);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);

    its_vmapp(t, VPE, 2, DOORBELL);
    schedule(t, 2, VPE);
    g_assert_cmphex(REAL_DB(block(t, 2)), ==, VPEND_LAST);
    gic_quit(t);
}

/* Unmapped while it runs, it is signalled nothing any more */
static void test_unmap_resident(void)
{
    GICTest *t = start();

    schedule(t, CPU, VPE);
    its_int(t, 0, 5);
    its_vunmapp(t, VPE, true);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);
    its_int(t, 0, 6);
    g_assert_false(rung(t, CPU));
    gic_quit(t);
}

/* Alloc = 0: other ITSes still use it */
static void test_unmap_not_last(void)
{
    GICTest *t = start();

    its_vunmapp(t, VPE, false);
    its_int(t, 0, 5);
    g_assert_true(pending(t, VPT(VPE), VINTID));
    gic_quit(t);
}

/* A flat table ends where it ends, whatever number is asked for */
static void test_last_entry(void)
{
    GICTest *t = start();
    uint64_t entry = VPE_TABLE + 4095 * 16;

    its_cmd(t, VCONF | 0x129, 4095ull << 32 | NO_DOORBELL, VALID | 2 << 16,
            VPT(9) | 15);
    g_assert_cmphex(qtest_readb(t->qts, entry) & 1, ==, 1);
    qtest_writeq(t->qts, entry + 16, 0x5555);
    its_cmd(t, VCONF | 0x129, 4096ull << 32 | NO_DOORBELL, VALID | 2 << 16,
            VPT(9) | 15);
    g_assert_cmphex(qtest_readq(t->qts, entry + 16), ==, 0x5555);
    gic_quit(t);
}

/* Two levels of table: 4096 entries of 16 bytes to a page of 64 KiB */
static void test_indirect(void)
{
    GICTest *t = gic_start_bare("4.1", "", "");
    unsigned vpe = 4096 + 904;
    uint64_t last;

    gic_set_up(t, VALID | INDIRECT | PAGE_64K | VPE_TABLE);
    enable_lpi(t, DOORBELL);
    configure(t, VCONF, VINTID, true, 0xa0);

    /* No page for it yet: mapped in vain */
    its_cmd(t, VCONF | 0x129, (uint64_t)vpe << 32 | DOORBELL,
            VALID | CPU << 16, VPT(9) | 15);
    its_vmapti(t, 0, 5, vpe, VINTID, NO_DOORBELL);
    its_int(t, 0, 5);
    g_assert_false(pending(t, VPT(9), VINTID));

    qtest_writeq(t->qts, VPE_TABLE + 8, VALID | VPE_L2);
    its_cmd(t, VCONF | 0x129, (uint64_t)vpe << 32 | DOORBELL,
            VALID | CPU << 16, VPT(9) | 15);
    g_assert_cmphex(qtest_readb(t->qts, VPE_L2 + 904 * 16) & 1, ==, 1);
    schedule(t, CPU, vpe);
    last = block(t, CPU);
    g_assert_cmphex(REAL_DB(last), ==, VPEND_DB);
    its_int(t, 0, 5);
    g_assert_true(pending(t, VPT(9), VINTID));
    g_assert_true(rung(t, CPU));
    schedule(t, CPU, vpe);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_LAST);
    gic_quit(t);
}

/* ---- Commands that are wrong ---- */

/* Ignored, with no effect on the vPE that is there */
static void test_bad_parameters(void)
{
    static const struct {
        const char *what;
        uint64_t dw[4];
    } bad[] = {
        { "VMAPP: vPE", { VCONF | 0x129, 4096ull << 32 | NO_DOORBELL,
                          VALID | 2 << 16, VPT(9) | 15 } },
        { "VMAPP: RDbase", { VCONF | 0x129, 3ull << 32 | NO_DOORBELL,
                             VALID | 99 << 16, VPT(9) | 15 } },
        { "VMAPP: size", { VCONF | 0x129, 3ull << 32 | NO_DOORBELL,
                           VALID | 2 << 16, VPT(9) | 16 } },
        { "VMAPP: doorbell", { VCONF | 0x129, 3ull << 32 | 8191,
                               VALID | 2 << 16, VPT(9) | 15 } },
        { "VMAPP: doorbell", { VCONF | 0x129, 3ull << 32 | 0x10000,
                               VALID | 2 << 16, VPT(9) | 15 } },
        { "VMOVP: vPE", { 0x22, 4096ull << 32, 2 << 16 } },
        { "VMOVP: not mapped", { 0x22, 4ull << 32, 2 << 16 } },
        { "VMOVP: RDbase", { 0x22, 3ull << 32, 99 << 16 } },
        { "VMOVP: doorbell", { 0x22, 3ull << 32, VALID | 2 << 16, 8191 } },
        { "VSGI: vPE", { 0x123, 4096ull << 32 } },
        { "VSGI: not mapped", { 0x123, 4ull << 32 } },
        { "INVDB: vPE", { 0x2e, 4096ull << 32 } },
        { "INVDB: not mapped", { 0x2e, 4ull << 32 } },
        { "VINVALL: vPE", { 0x2d, 4096ull << 32 } },
        { "VINVALL: not mapped", { 0x2d, 4ull << 32 } },
        { "VSYNC: vPE", { 0x25, 4096ull << 32 } },
        { "VSYNC: not mapped", { 0x25, 4ull << 32 } },
        { "VMAPTI: vPE", { 0x2a, 4096ull << 32 | 5, VINTID } },
        { "VMOVI: not mapped", { 0x21, 4ull << 32 | 5 } },
        { "VMOVI: vPE", { 0x21, 4096ull << 32 | 5 } },
        { "no command", { 0x3f } },
    };
    GICTest *t = start();
    uint64_t entry = VPE_TABLE + VPE * 16;
    uint64_t w0 = qtest_readq(t->qts, entry);
    uint64_t w1 = qtest_readq(t->qts, entry + 8);

    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        g_test_message("%s", bad[i].what);
        its_cmd(t, bad[i].dw[0], bad[i].dw[1], bad[i].dw[2], bad[i].dw[3]);
        g_assert_cmphex(qtest_readq(t->qts, entry), ==, w0);
        g_assert_cmphex(qtest_readq(t->qts, entry + 8), ==, w1);
    }
    wait_for_doorbell(t);
    its_int(t, 0, 5);
    g_assert_true(rung(t, CPU));
    gic_quit(t);
}

/* An INTID that does not fit the vPE's tables */
static void test_vptsize(void)
{
    GICTest *t = start();

    its_cmd(t, VCONF | 0x129, 4ull << 32 | NO_DOORBELL, VALID | 2 << 16,
            VPT(4) | 13);
    its_vmapti(t, 0, 9, 4, 0x3fff, NO_DOORBELL);
    its_vmapti(t, 0, 10, 4, 0x4000, NO_DOORBELL);
    its_int(t, 0, 9);
    its_int(t, 0, 10);
    its_inv(t, 0, 10);
    g_assert_true(pending(t, VPT(4), 0x3fff));
    g_assert_false(pending(t, VPT(4), 0x4000));

    /* One too large to move stays */
    its_vmapti(t, 0, 11, VPE, 0x4001, NO_DOORBELL);
    its_int(t, 0, 11);
    its_vmovi(t, 0, 11, 4);
    g_assert_true(pending(t, VPT(VPE), 0x4001));
    its_clear(t, 0, 11);
    g_assert_false(pending(t, VPT(VPE), 0x4001));
    gic_quit(t);
}

static void test_unreadable(void)
{
    static const uint64_t cmds[][4] = {
        { VCONF | 0x129, 3ull << 32 | NO_DOORBELL, VALID, VPT(3) | 15 },
        { 0x22, 3ull << 32 },
        { 0x123, 3ull << 32 },
        { 0x2e, 3ull << 32 },
        { 0x2d, 3ull << 32 },
        { 0x25, 3ull << 32 },
        { 0x03, 5 },
        { 0x0c, 5 },
        { 0x21, 3ull << 32 | 5 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(cmds); i++) {
        GICTest *t = start();

        qtest_writel(t->qts, t->its + GITS_CTLR, 0);
        its_write64(t, GITS_BASER(2), VALID | INDIRECT | PAGE_64K | NOWHERE);
        qtest_writel(t->qts, t->its + GITS_CTLR, 1);
        g_assert_false(its_try(t, cmds[i][0], cmds[i][1], cmds[i][2],
                               cmds[i][3]));
        gic_quit(t);
    }
}

/* What a guest writes into its own tables is believed only so far */
static void test_corrupt_table(void)
{
    static const uint64_t words[] = { -1ull, 0x0123456789abcdefull, 1 };
    GICTest *t = start();

    for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
        qtest_writeq(t->qts, VPE_TABLE + VPE * 16, words[i]);
        qtest_writeq(t->qts, VPE_TABLE + VPE * 16 + 8, words[i]);
        its_int(t, 0, 5);
        its_inv(t, 0, 5);
        its_vinvall(t, VPE);
        its_vsgi(t, VPE, 3, true, 1, 0x80);
        its_sgir(t, VPE, 3);
        schedule(t, CPU, VPE);
        block(t, CPU);
    }
    gic_quit(t);
}

/* Registers at random, so that tables are anywhere, or are no tables */
static void random_register(GICTest *t, GRand *rand)
{
    static const unsigned registers[] = {
        GICR_SETLPIR, GICR_CLRLPIR, GICR_INVLPIR, GICR_INVALLR, GICR_SYNCR,
        GICR_VPROPBASER, GICR_VPENDBASER, GICR_VSGIR, GICR_VSGIPENDR,
    };
    unsigned cpu = g_rand_int_range(rand, 0, GIC_CPUS);
    unsigned reg = registers[g_rand_int_range(rand, 0,
                                              ARRAY_SIZE(registers))];
    uint64_t value = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);

    if (g_rand_boolean(rand)) {
        gicr_write64(t, cpu, reg, value);
        gicr_read64(t, cpu, reg);
    } else {
        gicr_write(t, cpu, reg + 4 * g_rand_boolean(rand), value);
        gicr_read(t, cpu, reg + 4 * g_rand_boolean(rand));
    }
}

/*
 * Commands at random: the board is alive when they have run. With -m slow
 * there are more of them.
 */
static void test_random_commands(void)
{
    static const uint8_t codes[] = {
        0x01, 0x03, 0x04, 0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x0f, 0x21, 0x22,
        0x23, 0x25, 0x29, 0x2a, 0x2b, 0x2d, 0x2e,
    };
    GICTest *t = start();
    g_autoptr(GRand) rand = g_rand_new_with_seed(41);
    unsigned rounds = g_test_slow() ? 300000 : 3000;

    for (unsigned i = 0; i < rounds; i++) {
        uint64_t dw[4];

        for (unsigned j = 0; j < 4; j++) {
            dw[j] = (uint64_t)g_rand_int(rand) << 32 | g_rand_int(rand);
            /* Mostly numbers that may be right */
            dw[j] &= g_rand_boolean(rand) ? 0x800000070007000full : -1ull;
        }
        dw[0] = (dw[0] & ~0xffull) |
            codes[g_rand_int_range(rand, 0, ARRAY_SIZE(codes))];
        if (!its_try(t, dw[0], dw[1], dw[2], dw[3])) {
            /* Its tables lie at random, too: skip the command */
            its_write64(t, GITS_CREADR, t->head[0]);
        }
        its_sgir(t, g_rand_int_range(rand, 0, 8), i & 15);
        if (i % 8 == 0) {
            schedule(t, i / 8 % GIC_CPUS, g_rand_int_range(rand, 0, 8));
        } else if (i % 8 == 4) {
            block(t, i / 8 % GIC_CPUS);
        }
        if (i % 16 == 7) {
            random_register(t, rand);
        } else if (i % 16 == 15) {
            /* Back to where it works */
            unsigned cpu = i / 16 % GIC_CPUS;

            gicr_write64(t, cpu, GICR_VPENDBASER, 0);
            gicr_write64(t, cpu, GICR_VPROPBASER,
                         VALID | 2ull << 53 | VPE_TABLE);
        }
    }
    gic_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("gicv4/vpe/direct", test_direct);
    qtest_add_func("gicv4/vpe/doorbell-once", test_doorbell_once);
    qtest_add_func("gicv4/vpe/preempt", test_preempt);
    qtest_add_func("gicv4/vpe/never-ran", test_never_ran);
    qtest_add_func("gicv4/vpe/schedule-clears-doorbell",
                   test_schedule_clears_doorbell);
    qtest_add_func("gicv4/vpe/schedule-cancels-wait",
                   test_schedule_cancels_wait);
    qtest_add_func("gicv4/vpe/disabled", test_disabled);
    qtest_add_func("gicv4/vpe/disabled-resident", test_disabled_resident);
    qtest_add_func("gicv4/vpe/group-disabled", test_group_disabled);
    qtest_add_func("gicv4/vpe/turns", test_turns);
    qtest_add_func("gicv4/vpe/individual-doorbell", test_individual_doorbell);
    qtest_add_func("gicv4/vpe/resident-is-fixed", test_resident_is_fixed);
    qtest_add_func("gicv4/vpe/halves", test_halves);
    qtest_add_func("gicv4/vpe/schedule-nobody", test_schedule_nobody);
    qtest_add_func("gicv4/vpe/move", test_move);
    qtest_add_func("gicv4/vpe/move-blocked", test_move_blocked);
    qtest_add_func("gicv4/vpe/move-without-doorbell",
                   test_move_without_doorbell);
    qtest_add_func("gicv4/vpe/move-rung", test_move_rung);
    qtest_add_func("gicv4/vpe/move-resident", test_move_resident);
    qtest_add_func("gicv4/vpe/vmovi", test_vmovi);
    qtest_add_func("gicv4/vpe/discard", test_discard);
    qtest_add_func("gicv4/vpe/unmap", test_unmap);
    qtest_add_func("gicv4/vpe/unmap-resident", test_unmap_resident);
    qtest_add_func("gicv4/vpe/unmap-not-last", test_unmap_not_last);
    qtest_add_func("gicv4/vpe/last-entry", test_last_entry);
    qtest_add_func("gicv4/vpe/indirect", test_indirect);
    qtest_add_func("gicv4/vpe/bad-parameters", test_bad_parameters);
    qtest_add_func("gicv4/vpe/vptsize", test_vptsize);
    qtest_add_func("gicv4/vpe/unreadable", test_unreadable);
    qtest_add_func("gicv4/vpe/corrupt-table", test_corrupt_table);
    qtest_add_func("gicv4/vpe/random-commands", test_random_commands);
    return g_test_run();
}
