/*
 * GICv4 qtest: what a CPU sees of direct injection
 *
 * A CPU runs a few instructions: it starts in EL2, goes on to EL1 as the vPE,
 * and puts what it reads into memory. Tests program the GIC from outside,
 * before it starts or when it stops to wait.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "gicv4-lib.h"
#include "a64.h"

#define DOORBELL    (LPI + 7)
#define VINTID      (LPI + 100)
#define VINTID2     (LPI + 101)
#define VPE         3
#define SPURIOUS    1023

#define HCR_EN          1
#define HCR_VGRP0DIE    (1 << 5)
#define HCR_VSGIEOI     (1 << 8)
#define HCR_DVIM        (1 << 15)
#define EOICOUNT(hcr)   ((hcr) >> 27 & 0x1f)

#define VMCR_OPEN       (0xffu << 24)
#define VMCR_ENG0       1
#define VMCR_ENG1       2
#define VMCR_EOIM       (1 << 9)

#define ISR_I           (1 << 7)
#define ISR_F           (1 << 6)

static Program start(const char *version)
{
    return program(gic_start_with(version, "", "-S -accel tcg " A64_BOOT));
}

/* vPE 3, on the only CPU that runs, with two events */
static void map_vpe(GICTest *t)
{
    enable_lpi(t, DOORBELL);
    configure(t, VCONF, VINTID, true, 0x40);
    configure(t, VCONF, VINTID2, true, 0xa0);
    its_vmapp(t, VPE, 0, DOORBELL);
    its_vmapti(t, 0, 5, VPE, VINTID, NO_DOORBELL);
    its_vmapti(t, 0, 6, VPE, VINTID2, NO_DOORBELL);
}

static uint32_t sgis(GICTest *t)
{
    gicr_write(t, 1, GICR_VSGIR, VPE);
    return gicr_read(t, 1, GICR_VSGIPENDR);
}

/* ---- Tests ---- */

static void test_id(void)
{
    static const struct {
        const char *version;
        unsigned gic, dvim;
        uint64_t hcr;
    } rows[] = {
        { "4", 1, 0, HCR_EN },
        { "4.1", 3, 1, HCR_EN | HCR_VSGIEOI | HCR_DVIM },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        Program p = start(rows[i].version);
        unsigned pfr0 = mrs(&p, ID_AA64PFR0_EL1);
        unsigned vtr = mrs(&p, ICH_VTR_EL2);
        unsigned hcr, end;

        msr(&p, ICH_HCR_EL2, HCR_EN | HCR_VSGIEOI | HCR_DVIM);
        hcr = mrs(&p, ICH_HCR_EL2);
        end = stop(&p);
        run(&p);
        wait_for(&p, end);
        g_assert_cmphex(result(&p, pfr0) >> 24 & 0xf, ==, rows[i].gic);
        g_assert_cmphex(result(&p, vtr) >> 18 & 1, ==, rows[i].dvim);
        g_assert_cmphex(result(&p, hcr), ==, rows[i].hcr);
        gic_quit(p.t);
    }
}

/* The maintenance interrupt for group 0 is about group 0 */
static void test_vgrp0die(void)
{
    Program p = start("4");
    unsigned on, off, end;

    msr(&p, ICH_HCR_EL2, HCR_EN | HCR_VGRP0DIE);
    msr(&p, ICH_VMCR_EL2, VMCR_OPEN | VMCR_ENG0);
    on = mrs(&p, ICH_MISR_EL2);
    msr(&p, ICH_VMCR_EL2, VMCR_OPEN | VMCR_ENG1);
    off = mrs(&p, ICH_MISR_EL2);
    end = stop(&p);
    run(&p);
    wait_for(&p, end);
    g_assert_cmphex(result(&p, on) >> 5 & 1, ==, 0);
    g_assert_cmphex(result(&p, off) >> 5 & 1, ==, 1);
    gic_quit(p.t);
}

/* By priority, vLPIs and SGIs mixed; each is gone once acknowledged */
static void test_acknowledge(void)
{
    for (unsigned uncounted = 0; uncounted < 2; uncounted++) {
        Program p = start("4.1");
        GICTest *t = p.t;
        unsigned isr, iar[6], isr_end, acked, hcr, apr, end;

        map_vpe(t);
        its_vsgi(t, VPE, 5, true, 1, 0x80);
        schedule(t, 0, VPE);
        its_int(t, 0, 6);
        its_sgir(t, VPE, 5);
        its_int(t, 0, 5);

        msr(&p, ICH_HCR_EL2, HCR_EN | (uncounted ? HCR_VSGIEOI : 0));
        msr(&p, ICH_VMCR_EL2, VMCR_OPEN | VMCR_ENG1);
        to_el1(&p);
        isr = mrs(&p, ISR_EL1);
        iar[0] = mrs(&p, ICC_IAR1_EL1);
        /* Nothing that is pending preempts it */
        iar[1] = mrs(&p, ICC_IAR1_EL1);
        msr(&p, ICC_EOIR1_EL1, VINTID);
        iar[2] = mrs(&p, ICC_IAR1_EL1);
        acked = stop(&p);
        msr(&p, ICC_EOIR1_EL1, 5);
        iar[3] = mrs(&p, ICC_IAR1_EL1);
        msr(&p, ICC_EOIR1_EL1, VINTID2);
        iar[4] = mrs(&p, ICC_IAR1_EL1);
        isr_end = mrs(&p, ISR_EL1);
        to_el2(&p);
        hcr = mrs(&p, ICH_HCR_EL2);
        apr = mrs(&p, ICH_AP1R0_EL2);
        end = stop(&p);
        run(&p);

        wait_for(&p, acked);
        g_assert_cmphex(sgis(t), ==, 0);
        g_assert_false(pending(t, VPT(VPE), VINTID));
        g_assert_true(pending(t, VPT(VPE), VINTID2));
        go_on(&p, acked);
        wait_for(&p, end);
        g_assert_cmphex(result(&p, isr), ==, ISR_I);
        g_assert_cmpuint(result(&p, iar[0]), ==, VINTID);
        g_assert_cmpuint(result(&p, iar[1]), ==, SPURIOUS);
        g_assert_cmpuint(result(&p, iar[2]), ==, 5);
        g_assert_cmpuint(result(&p, iar[3]), ==, VINTID2);
        g_assert_cmpuint(result(&p, iar[4]), ==, SPURIOUS);
        g_assert_cmphex(result(&p, isr_end), ==, 0);
        /* There was nothing in a List Register to deactivate */
        g_assert_cmpuint(EOICOUNT(result(&p, hcr)), ==, !uncounted);
        g_assert_cmphex(result(&p, apr), ==, 0);
        g_assert_cmphex(block(t, 0) & VPEND_LAST, ==, 0);
        gic_quit(t);
    }
}

/* With EOImode = 1, deactivation is ICC_DIR_EL1's, and counts or not alike */
static void test_split_eoi(void)
{
    for (unsigned uncounted = 0; uncounted < 2; uncounted++) {
        Program p = start("4.1");
        GICTest *t = p.t;
        unsigned iar, hcr, end;

        map_vpe(t);
        its_vsgi(t, VPE, 5, true, 1, 0x80);
        schedule(t, 0, VPE);
        its_sgir(t, VPE, 5);
        msr(&p, ICH_HCR_EL2, HCR_EN | (uncounted ? HCR_VSGIEOI : 0));
        msr(&p, ICH_VMCR_EL2, VMCR_OPEN | VMCR_ENG1 | VMCR_EOIM);
        to_el1(&p);
        iar = mrs(&p, ICC_IAR1_EL1);
        msr(&p, ICC_DIR_EL1, 5);
        to_el2(&p);
        hcr = mrs(&p, ICH_HCR_EL2);
        end = stop(&p);
        run(&p);
        wait_for(&p, end);
        g_assert_cmpuint(result(&p, iar), ==, 5);
        g_assert_cmpuint(EOICOUNT(result(&p, hcr)), ==, !uncounted);
        gic_quit(t);
    }
}

/* A group 0 SGI is an FIQ, and keeps out of group 1's way while disabled */
static void test_groups(void)
{
    Program p = start("4.1");
    GICTest *t = p.t;
    unsigned isr[3], iar0, iar1, end;

    map_vpe(t);
    its_vsgi(t, VPE, 4, true, 0, 0x10);
    its_vsgi(t, VPE, 5, true, 1, 0x80);
    gicr_write64(t, 0, GICR_VPENDBASER,
                 VPEND_VALID | VPEND_G0 | VPEND_G1 | VPE);
    its_sgir(t, VPE, 4);
    its_sgir(t, VPE, 5);

    msr(&p, ICH_HCR_EL2, HCR_EN);
    msr(&p, ICH_VMCR_EL2, VMCR_OPEN);
    to_el1(&p);
    isr[0] = mrs(&p, ISR_EL1);
    msr(&p, ICC_IGRPEN1_EL1, 1);
    isr[1] = mrs(&p, ISR_EL1);
    iar1 = mrs(&p, ICC_IAR1_EL1);
    msr(&p, ICC_EOIR1_EL1, 5);
    msr(&p, ICC_IGRPEN0_EL1, 1);
    isr[2] = mrs(&p, ISR_EL1);
    iar0 = mrs(&p, ICC_IAR0_EL1);
    msr(&p, ICC_EOIR0_EL1, 4);
    end = stop(&p);
    run(&p);
    wait_for(&p, end);
    g_assert_cmphex(result(&p, isr[0]), ==, 0);
    g_assert_cmphex(result(&p, isr[1]), ==, ISR_I);
    g_assert_cmpuint(result(&p, iar1), ==, 5);
    g_assert_cmphex(result(&p, isr[2]), ==, ISR_F);
    g_assert_cmpuint(result(&p, iar0), ==, 4);
    g_assert_cmphex(sgis(t), ==, 0);
    gic_quit(t);
}

/* The line follows what becomes pending while the vPE runs, and what goes */
static void test_while_running(void)
{
    Program p = start("4.1");
    GICTest *t = p.t;
    unsigned isr[5], hppir[2], at[4], end;

    map_vpe(t);
    its_vsgi(t, VPE, 5, true, 1, 0x80);
    schedule(t, 0, VPE);
    msr(&p, ICH_HCR_EL2, HCR_EN);
    msr(&p, ICH_VMCR_EL2, VMCR_OPEN | VMCR_ENG1);
    to_el1(&p);
    isr[0] = mrs(&p, ISR_EL1);
    for (unsigned i = 0; i < 4; i++) {
        at[i] = stop(&p);
        isr[i + 1] = mrs(&p, ISR_EL1);
        if (i < 2) {
            hppir[i] = mrs(&p, ICC_HPPIR1_EL1);
        }
    }
    end = stop(&p);
    run(&p);

    wait_for(&p, at[0]);
    its_sgir(t, VPE, 5);
    go_on(&p, at[0]);
    wait_for(&p, at[1]);
    its_int(t, 0, 5);
    go_on(&p, at[1]);
    wait_for(&p, at[2]);
    its_clear(t, 0, 5);
    its_vsgi_clear(t, VPE, 5);
    go_on(&p, at[2]);
    wait_for(&p, at[3]);
    its_int(t, 0, 5);
    preempt(t, 0);
    go_on(&p, at[3]);
    wait_for(&p, end);
    g_assert_cmphex(result(&p, isr[0]), ==, 0);
    g_assert_cmphex(result(&p, isr[1]), ==, ISR_I);
    g_assert_cmpuint(result(&p, hppir[0]), ==, 5);
    g_assert_cmphex(result(&p, isr[2]), ==, ISR_I);
    g_assert_cmpuint(result(&p, hppir[1]), ==, VINTID);
    g_assert_cmphex(result(&p, isr[3]), ==, 0);
    g_assert_cmphex(result(&p, isr[4]), ==, 0);
    gic_quit(t);
}

/* DVIM masks what is directly injected */
static void test_dvim(void)
{
    Program p = start("4.1");
    GICTest *t = p.t;
    unsigned isr[2], end;

    map_vpe(t);
    schedule(t, 0, VPE);
    its_int(t, 0, 5);
    msr(&p, ICH_VMCR_EL2, VMCR_OPEN | VMCR_ENG1);
    for (unsigned i = 0; i < 2; i++) {
        msr(&p, ICH_HCR_EL2, HCR_EN | (i ? 0 : HCR_DVIM));
        to_el1(&p);
        isr[i] = mrs(&p, ISR_EL1);
        if (!i) {
            to_el2(&p);
        }
    }
    end = stop(&p);
    run(&p);
    wait_for(&p, end);
    g_assert_cmphex(result(&p, isr[0]), ==, 0);
    g_assert_cmphex(result(&p, isr[1]), ==, ISR_I);
    gic_quit(t);
}

/* A doorbell that is enabled while it is pending: INVDB tells the CPU */
static void test_invdb(void)
{
    Program p = start("4.1");
    GICTest *t = p.t;
    unsigned hppir[3], at[2], end;

    map_vpe(t);
    configure(t, LPI_CONF, DOORBELL, false, 0xa0);
    schedule(t, 0, VPE);
    block(t, 0);
    its_int(t, 0, 5);
    msr(&p, ICC_PMR_EL1, 0xff);
    msr(&p, ICC_IGRPEN1_EL1, 1);
    hppir[0] = mrs(&p, ICC_HPPIR1_EL1);
    at[0] = stop(&p);
    hppir[1] = mrs(&p, ICC_HPPIR1_EL1);
    at[1] = stop(&p);
    hppir[2] = mrs(&p, ICC_HPPIR1_EL1);
    end = stop(&p);
    run(&p);

    wait_for(&p, at[0]);
    configure(t, LPI_CONF, DOORBELL, true, 0xa0);
    go_on(&p, at[0]);
    wait_for(&p, at[1]);
    its_invdb(t, VPE);
    go_on(&p, at[1]);
    wait_for(&p, end);
    g_assert_cmpuint(result(&p, hppir[0]), ==, SPURIOUS);
    g_assert_cmpuint(result(&p, hppir[1]), ==, SPURIOUS);
    g_assert_cmpuint(result(&p, hppir[2]), ==, DOORBELL);
    gic_quit(t);
}

/* The end of an LPI, or of what is none, is no matter of the distributor */
static void test_eoi_of_lpi(void)
{
    static const unsigned eois[] = { 14304, 14336, 0xffff, 0xffffff };
    const uint64_t irouter32 = GICD + 0x6000 + 8 * 32;

    for (unsigned i = 0; i < ARRAY_SIZE(eois); i++) {
        Program p = start("4");
        unsigned iar, end;

        qtest_writeq(p.t->qts, irouter32, 1);
        enable_lpi(p.t, 14336);
        gicr_write64(p.t, 0, GICR_SETLPIR, 14336);
        msr(&p, ICC_PMR_EL1, 0xff);
        msr(&p, ICC_IGRPEN1_EL1, 1);
        iar = mrs(&p, ICC_IAR1_EL1);
        msr(&p, ICC_EOIR1_EL1, eois[i]);
        end = stop(&p);
        run(&p);
        wait_for(&p, end);
        g_assert_cmpuint(result(&p, iar), ==, 14336);
        g_assert_cmphex(qtest_readq(p.t->qts, irouter32), ==, 1);
        gic_quit(p.t);
    }
}

/*
 * A timer of the hypervisor's fires after migration too, whichever it is. What
 * CNTx_CTL_EL2 says is due only changes when QEMU's timer behind it expires.
 */
static void test_timers_migrate(void)
{
    static const struct {
        uint32_t ctl, tval;
    } rows[] = {
        { CNTHP_CTL_EL2, CNTHP_TVAL_EL2 },
        { CNTHV_CTL_EL2, CNTHV_TVAL_EL2 },
        { CNTP_CTL_EL0, CNTP_TVAL_EL0 },
        { CNTV_CTL_EL0, CNTV_TVAL_EL0 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        Program p = start("4.1");
        unsigned before, saved, end;
        uint64_t loop;

        /* A second of 62.5 MHz */
        msr(&p, rows[i].tval, 62500000);
        msr(&p, rows[i].ctl, 3);
        before = mrs(&p, rows[i].ctl);
        saved = stop(&p);
        loop = p.pc;
        mrs(&p, rows[i].ctl);
        p.results--;
        emit(&p, 0x36100000 |
             (((loop - p.pc) / 4) & 0x3fff) << 5);      /* tbz x0, #2, loop */
        end = stop(&p);
        run(&p);
        wait_for(&p, saved);
        qtest_qmp_assert_success(p.t->qts, "{'execute': 'stop'}");
        g_assert_cmphex(result(&p, before), ==, 3);
        gic_migrate(p.t, "4.1", "-accel tcg " A64_BOOT);
        go_on(&p, saved);
        qtest_qmp_assert_success(p.t->qts, "{'execute': 'cont'}");
        wait_for(&p, end);
        gic_quit(p.t);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    if (!qtest_has_accel("tcg")) {
        g_test_skip("these tests run code, for which TCG is missing");
        return g_test_run();
    }
    qtest_add_func("gicv4/cpuif/id", test_id);
    qtest_add_func("gicv4/cpuif/vgrp0die", test_vgrp0die);
    qtest_add_func("gicv4/cpuif/acknowledge", test_acknowledge);
    qtest_add_func("gicv4/cpuif/split-eoi", test_split_eoi);
    qtest_add_func("gicv4/cpuif/groups", test_groups);
    qtest_add_func("gicv4/cpuif/while-running", test_while_running);
    qtest_add_func("gicv4/cpuif/dvim", test_dvim);
    qtest_add_func("gicv4/cpuif/invdb", test_invdb);
    qtest_add_func("gicv4/cpuif/eoi-of-lpi", test_eoi_of_lpi);
    qtest_add_func("gicv4/cpuif/timers-migrate", test_timers_migrate);
    return g_test_run();
}
