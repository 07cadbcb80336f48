/*
 * GICv4 bench: what it costs a guest to have interrupts
 *
 * A CPU runs each operation many times in a row, and its counter says how long
 * that took; meanwhile nobody disturbs it.  What an access to a register costs
 * by itself is measured first and not taken off.  Give it another QEMU to
 * compare with:
 *
 *   QTEST_QEMU_BINARY=... gicv4-bench --tap
 *
 * A QEMU without GICv4.1 is measured with GICv4.0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "gicv4-lib.h"
#include "a64.h"

#define VPE         3
#define VINTID      (LPI + 100)
#define PLPI        (LPI + 200)
#define ALL_LPIS    (0x10000 - LPI)

static const char *version;

/* Run @body @times times, as the vPE with @el1; returns nanoseconds for each */
static double measure(GICTest *t, void (*body)(Program *p), unsigned times,
                      bool el1)
{
    Program p = program(t);
    unsigned frequency = mrs(&p, CNTFRQ_EL0);
    unsigned begin, end, finished;
    uint64_t loop;

    /* The physical CPU interface, open */
    msr(&p, ICC_PMR_EL1, 0xff);
    msr(&p, ICC_IGRPEN1_EL1, 1);
    if (el1) {
        msr(&p, ICH_HCR_EL2, 1);
        msr(&p, ICH_VMCR_EL2, 0xff000002);
        to_el1(&p);
    }
    mov(&p, 22, times);
    begin = mrs(&p, CNTVCT_EL0);
    loop = p.pc;
    body(&p);
    emit(&p, 0xf10006d6);                               /* subs x22, #1 */
    emit(&p, 0x54000001 |
         (((loop - p.pc) / 4) & 0x7ffff) << 5);         /* b.ne loop */
    end = mrs(&p, CNTVCT_EL0);
    finished = stop(&p);
    run(&p);
    do {
        /* Each look takes the big lock, for which the CPU would wait */
        g_usleep(50 * 1000);
    } while (!reached(&p, finished));
    return (result(&p, end) - result(&p, begin)) * 1e9 /
        result(&p, frequency) / times;
}

static void store64(Program *p, uint64_t address, uint64_t value)
{
    mov(p, 0, value);
    mov(p, 1, address);
    emit(p, 0xf9000020);                                /* str x0, [x1] */
}

static void store32(Program *p, uint64_t address, uint32_t value)
{
    mov(p, 0, value);
    mov(p, 1, address);
    emit(p, 0xb9000020);                                /* str w0, [x1] */
}

static void read_register(Program *p)
{
    mov(p, 1, GICR(0) + GICR_CTLR);
    emit(p, 0xb9400020);                                /* ldr w0, [x1] */
}

/* One that has to be ignored, for what the write alone costs */
static void untranslated(Program *p)
{
    store32(p, p->t->its + 0x10040, 255);
}

static void translater_vlpi(Program *p)
{
    store32(p, p->t->its + 0x10040, 5);
}

static void lpi_cycle(Program *p)
{
    store32(p, p->t->its + 0x10040, 6);
    emit(p, 0xd5300000 | ICC_IAR1_EL1);
    emit(p, 0xd5100000 | ICC_EOIR1_EL1);
}

static void inv(Program *p)
{
    store64(p, GICR(0) + GICR_INVLPIR, PLPI);
}

static void residency(Program *p)
{
    uint64_t vpe = p->t->v41 ? VPEND_G1 | VPE : VPT(VPE);

    store64(p, GICR(0) + GICR_VPENDBASER, vpe);
    store64(p, GICR(0) + GICR_VPENDBASER, VPEND_VALID | vpe);
}

static void vlpi_cycle(Program *p)
{
    store32(p, p->t->its + 0x10040, 5);
    emit(p, 0xd5300000 | ICC_IAR1_EL1);
    emit(p, 0xd5100000 | ICC_EOIR1_EL1);
}

static void sgi_cycle(Program *p)
{
    store64(p, p->t->its + GITS_SGIR, (uint64_t)VPE << 32 | 5);
    emit(p, 0xd5300000 | ICC_IAR1_EL1);
    emit(p, 0xd5100000 | ICC_EOIR1_EL1);
}

static GICTest *start(bool all_pending)
{
    GICTest *t = gic_start_with(version, "", "-S -accel tcg " A64_BOOT);

    configure(t, VCONF, VINTID, true, 0x40);
    enable_lpi(t, PLPI);
    if (all_pending) {
        qtest_memset(t->qts, VCONF, 0xa1, ALL_LPIS);
        qtest_memset(t->qts, VPT(VPE) + LPI / 8, 0xff, ALL_LPIS / 8);
    }
    its_mapti(t, 0, 6, PLPI, 0);
    if (t->v41) {
        its_vmapp(t, VPE, 0, NO_DOORBELL);
        its_vsgi(t, VPE, 5, true, 1, 0x80);
        schedule(t, 0, VPE);
    } else {
        its_vmapp40(t, VPE, 0);
        schedule40(t, 0, VPE, 15);
    }
    its_vmapti(t, 0, 5, VPE, VINTID, NO_DOORBELL);
    return t;
}

static void test_bench(void)
{
    static const struct {
        const char *name;
        void (*body)(Program *p);
        unsigned times;
        bool el1, all_pending, only_v41;
    } rows[] = {
        { "read of a register", read_register, 100000 },
        { "TRANSLATER, no event", untranslated, 100000 },
        { "TRANSLATER, vLPI, pending", translater_vlpi, 100000 },
        { "TRANSLATER, LPI, IAR, EOIR", lpi_cycle, 5000 },
        { "INVLPIR", inv, 5000 },
        { "residency out and in, nothing pending", residency, 2000 },
        { "residency out and in, all pending", residency, 100, false, true },
        { "at EL1: TRANSLATER, vLPI, IAR, EOIR", vlpi_cycle, 5000, true },
        { "at EL1: SGIR, SGI, IAR, EOIR", sgi_cycle, 5000, true, false, true },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        GICTest *t;

        if (rows[i].only_v41 && strcmp(version, "4.1")) {
            continue;
        }
        t = start(rows[i].all_pending);
        g_test_message("%-40s %10.0f ns", rows[i].name,
                       measure(t, rows[i].body, rows[i].times, rows[i].el1));
        gic_quit(t);
    }
}

int main(int argc, char **argv)
{
    g_autofree char *help = NULL;
    g_autofree char *line =
        g_strdup_printf("%s -M virt,help", getenv("QTEST_QEMU_BINARY") ?: "");

    g_test_init(&argc, &argv, NULL);
    g_spawn_command_line_sync(line, &help, NULL, NULL, NULL);
    version = help && strstr(help, "4.1") ? "4.1" : "4";
    qtest_add_func("gicv4/bench", test_bench);
    return g_test_run();
}
