/*
 * GICv4 bench: what it costs a guest to have interrupts
 *
 * A CPU runs each operation many times in a row, and its counter says how long
 * that took; meanwhile nobody disturbs it.  It does so in short rounds, of
 * which the fastest counts, since a machine that has other things to do makes
 * the others slower.  What an access to a register costs by itself is measured
 * first and not taken off.
 *
 *   QTEST_QEMU_BINARY=... gicv4-bench
 *
 * With GICV4_BENCH_BASE=QEMU, each row is measured with that one too, right
 * after, and their ratio is shown.  A QEMU without GICv4.1 is measured with
 * GICv4.0.  GICV4_BENCH_ROW=TEXT: only rows whose names have that in them.
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
#define ROUNDS      50

typedef struct Row {
    const char *name;
    void (*body)(Program *p);
    unsigned times;             /* in each round */
    bool el1;                   /* run as the vPE */
    bool vlpis_pending;         /* all of the vPE's LPIs are */
    bool lpis_pending;          /* all of CPU 0's are */
    bool only_v41;
    bool only_v40;
    const char *bar;            /* what it should be at most */
    void (*prepare)(GICTest *t);
    unsigned rounds;            /* if not ROUNDS */
} Row;

/*
 * Run @row; returns nanoseconds for each operation of the fastest round.
 * x27 is where the command queue goes on.
 */
static double measure(GICTest *t, const Row *row)
{
    Program p = program(t);
    unsigned frequency = mrs(&p, CNTFRQ_EL0);
    unsigned finished;
    uint64_t round, loop;

    /* The physical CPU interface, open */
    msr(&p, ICC_PMR_EL1, 0xff);
    msr(&p, ICC_IGRPEN1_EL1, 1);
    if (row->el1) {
        msr(&p, ICH_HCR_EL2, 1);
        msr(&p, ICH_VMCR_EL2, 0xff000002);
        to_el1(&p);
    }
    mov(&p, 27, t->head[0]);
    mov(&p, 24, UINT64_MAX);
    mov(&p, 23, row->rounds ?: ROUNDS);
    round = p.pc;
    emit(&p, 0xd5300000 | CNTVCT_EL0 | 25);             /* mrs x25 */
    mov(&p, 22, row->times);
    loop = p.pc;
    row->body(&p);
    emit(&p, 0xf10006d6);                               /* subs x22, #1 */
    emit(&p, 0x54000001 |
         (((loop - p.pc) / 4) & 0x7ffff) << 5);         /* b.ne loop */
    emit(&p, 0xd5300000 | CNTVCT_EL0 | 26);             /* mrs x26 */
    emit(&p, 0xcb19035a);                               /* sub x26, x26, x25 */
    emit(&p, 0xeb18035f);                               /* cmp x26, x24 */
    emit(&p, 0x9a983358);                               /* csel x24, lo */
    emit(&p, 0xf10006f7);                               /* subs x23, #1 */
    emit(&p, 0x54000001 |
         (((round - p.pc) / 4) & 0x7ffff) << 5);        /* b.ne round */
    emit(&p, 0xf9000000 | p.results << 10 | 20 << 5 | 24);  /* str x24 */
    finished = stop(&p);
    run(&p);
    do {
        /* Each look takes the big lock, for which the CPU would wait */
        g_usleep(20 * 1000);
    } while (!reached(&p, finished));
    return result(&p, p.results) * 1e9 / result(&p, frequency) / row->times;
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

static void iar_eoir(Program *p)
{
    emit(p, 0xd5300000 | ICC_IAR1_EL1);
    emit(p, 0xd5100000 | ICC_EOIR1_EL1);
}

static void lpi_cycle(Program *p)
{
    store32(p, p->t->its + 0x10040, 6);
    iar_eoir(p);
}

static void vlpi_cycle(Program *p)
{
    store32(p, p->t->its + 0x10040, 5);
    iar_eoir(p);
}

static void invlpir(Program *p)
{
    store64(p, GICR(0) + GICR_INVLPIR, PLPI);
}

static void invallr(Program *p)
{
    store64(p, GICR(0) + GICR_INVALLR, 0);
}

static void enable_lpis(Program *p)
{
    store32(p, GICR(0) + GICR_CTLR, 0);
    store32(p, GICR(0) + GICR_CTLR, 1);
}

static void residency(Program *p)
{
    uint64_t vpe = p->t->v41 ? VPEND_G1 | VPE : VPT(VPE);

    store64(p, GICR(0) + GICR_VPENDBASER, vpe);
    store64(p, GICR(0) + GICR_VPENDBASER, VPEND_VALID | vpe);
}

static void sgi_cycle(Program *p)
{
    store64(p, p->t->its + GITS_SGIR, (uint64_t)VPE << 32 | 5);
    iar_eoir(p);
}

/* Have the ITS process the next command in the queue */
static void command(Program *p)
{
    mov(p, 1, p->t->its + GITS_CWRITER);
    emit(p, 0x9100837b);                                /* add x27, x27, #32 */
    emit(p, 0x92403f7b);                        /* and x27, x27, #0xffff */
    emit(p, 0xf900003b);                                /* str x27, [x1] */
}

static void fill_queue(GICTest *t, unsigned even, const uint64_t dw[2][4])
{
    for (unsigned at = 0; at < 0x10000; at += 32) {
        for (unsigned i = 0; i < 4; i++) {
            qtest_writeq(t->qts, CMDQ + at + 8 * i,
                         dw[(at / 32 + even) % 2][i]);
        }
    }
}

static void queue_inv_lpi(GICTest *t)
{
    static const uint64_t dw[2][4] = { { 0x0c, 6 }, { 0x0c, 6 } };

    fill_queue(t, 0, dw);
}

static void queue_inv_vlpi(GICTest *t)
{
    static const uint64_t dw[2][4] = { { 0x0c, 5 }, { 0x0c, 5 } };

    fill_queue(t, 0, dw);
}

/* From CPU 0 to CPU 1 and back */
static void queue_movall(GICTest *t)
{
    static const uint64_t dw[2][4] = {
        { 0x0e, 0, 0, 1 << 16 }, { 0x0e, 0, 1 << 16, 0 }
    };

    fill_queue(t, (t->head[0] / 32) & 1, dw);
}

/* IDbits of 30 where there are 16 */
static void many_idbits(GICTest *t)
{
    gicr_write(t, 0, GICR_CTLR, 0);
    gicr_write64(t, 0, GICR_PROPBASER, LPI_CONF | 29);
    if (!t->v41) {
        gicr_write64(t, 0, GICR_VPENDBASER, 0);
        gicr_write64(t, 0, GICR_VPROPBASER, VCONF | 29);
    }
}

static GICTest *start(const char *version, const Row *row)
{
    GICTest *t = gic_start_with(version, "", "-S -accel tcg " A64_BOOT);

    configure(t, VCONF, VINTID, true, 0x40);
    if (row->vlpis_pending) {
        qtest_memset(t->qts, VCONF, 0xa1, ALL_LPIS);
        qtest_memset(t->qts, VPT(VPE) + LPI / 8, 0xff, ALL_LPIS / 8);
    }
    if (row->lpis_pending) {
        gicr_write(t, 0, GICR_CTLR, 0);
        qtest_memset(t->qts, LPI_CONF, 0xa1, ALL_LPIS);
        qtest_memset(t->qts, LPI_PEND(0) + LPI / 8, 0xff, ALL_LPIS / 8);
        set_pending(t, LPI_PEND(0), PLPI, false);
        configure(t, LPI_CONF, PLPI, true, 0x40);
        gicr_write(t, 0, GICR_CTLR, 1);
    }
    enable_lpi(t, PLPI);
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
    if (row->prepare) {
        row->prepare(t);
    }
    return t;
}

static const Row rows[] = {
    { "read of a register", read_register, 2000 },
    { "TRANSLATER, no event", untranslated, 2000 },
    { "TRANSLATER, vLPI, pending", translater_vlpi, 2000, .bar = "0.25 us" },
    { "TRANSLATER, LPI, IAR, EOIR", lpi_cycle, 200, .bar = "3 us, 1/30" },
    { "same, 57343 others pending", lpi_cycle, 20, .lpis_pending = true },
    { "at EL1: TRANSLATER, vLPI, IAR, EOIR", vlpi_cycle, 200, true,
      .bar = "3 us, 1/30" },
    { "at EL1: SGIR, SGI, IAR, EOIR", sgi_cycle, 200, true, .only_v41 = true },
    { "INV of an LPI", command, 200, .prepare = queue_inv_lpi, .bar = "2 us" },
    { "INV of a vLPI", command, 200, .prepare = queue_inv_vlpi,
      .bar = "2 us" },
    { "GICR_INVLPIR", invlpir, 200, .only_v41 = true, .bar = "2 us" },
    { "GICR_INVALLR, 57343 pending", invallr, 5, .lpis_pending = true,
      .only_v41 = true },
    { "residency out and in, nothing pending", residency, 100,
      .bar = "3 us" },
    { "residency out and in, 57344 pending", residency, 5,
      .vlpis_pending = true, .bar = "60 us" },
    { "MOVALL, 57343 pending", command, 2, .lpis_pending = true,
      .prepare = queue_movall, .bar = "1 ms" },
    /* These take the base seconds each */
    { "EnableLPIs out and in, IDbits = 30", enable_lpis, 1,
      .lpis_pending = true, .prepare = many_idbits, .bar = "1 ms",
      .rounds = 3 },
    { "GICv4.0: residency out and in, IDbits = 30", residency, 1,
      .vlpis_pending = true, .only_v40 = true, .prepare = many_idbits,
      .bar = "1 ms", .rounds = 3 },
};

/* With the QEMU of @binary; 0 if it cannot do this */
static double measure_with(const char *binary, const Row *row)
{
    g_autofree char *line = g_strdup_printf("%s -M virt,help", binary);
    g_autofree char *help = NULL;
    double nanoseconds;
    bool v41;
    GICTest *t;

    g_assert_true(g_spawn_command_line_sync(line, &help, NULL, NULL, NULL));
    v41 = strstr(help, "4.1");
    if (row->only_v41 && !v41) {
        return 0;
    }
    g_setenv("QTEST_QEMU_BINARY", binary, true);
    t = start(v41 && !row->only_v40 ? "4.1" : "4", row);
    nanoseconds = measure(t, row);
    gic_quit(t);
    return nanoseconds;
}

static void test_bench(void)
{
    g_autofree char *ours = g_strdup(getenv("QTEST_QEMU_BINARY"));
    const char *base = getenv("GICV4_BENCH_BASE");
    const char *only = getenv("GICV4_BENCH_ROW");

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *bar = NULL;
        double with, without = 0;

        if (only && !strstr(rows[i].name, only)) {
            continue;
        }
        bar = rows[i].bar ? g_strdup_printf("; bar %s", rows[i].bar) :
            g_strdup("");
        with = measure_with(ours, &rows[i]);
        if (base) {
            without = measure_with(base, &rows[i]);
        }
        if (without) {
            printf("# %-44s %10.0f ns, base %10.0f ns, 1/%.1f%s\n",
                   rows[i].name, with, without, without / with, bar);
        } else {
            printf("# %-44s %10.0f ns%s\n", rows[i].name, with, bar);
        }
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("gicv4/bench", test_bench);
    return g_test_run();
}
