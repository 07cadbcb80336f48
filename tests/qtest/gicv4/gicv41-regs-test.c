/*
 * GICv4 qtest: registers, the board, migration, statistics
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "gicv4-lib.h"

#define DOORBELL    (LPI + 7)
#define VINTID      (LPI + 100)
#define VPE         3
#define CPU         1
#define REAL_DB(value) ((value) & (VPEND_DB | VPEND_LAST))

/* GICR_TYPER: VLPIS 1, Dirty 2, DirectLPI 3, RVPEID 7, CommonLPIAff, VSGI 26 */
static void test_redist_typer(void)
{
    static const struct {
        const char *version;
        uint64_t bits;
    } rows[] = {
        { "3", 1ull << 24 },
        { "4", 1ull << 24 | 1 << 3 | 1 << 1 },
        { "4.1", 1ull << 26 | 1ull << 24 | 1 << 7 | 1 << 3 | 1 << 2 | 1 << 1 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        GICTest *t = gic_start_bare(rows[i].version, "", "");
        unsigned stride = i ? 0x40000 : 0x20000;

        for (unsigned cpu = 0; cpu < GIC_CPUS; cpu++) {
            g_assert_cmphex(qtest_readq(t->qts, GICR(0) + cpu * stride +
                                        GICR_TYPER) & 0x0700008e, ==,
                            rows[i].bits);
        }
        gic_quit(t);
    }
}

/* GITS_TYPER: VMOVP 37, VSGI 39, VMAPP 40, SVPET 42:41, nID 43 */
static void test_its_typer(void)
{
    GICTest *t = gic_start_bare("4", "", "");

    g_assert_cmphex(its_read64(t, GITS_TYPER) >> 37, ==, 1);
    g_assert_cmphex(its_read64(t, GITS_BASER(2)) >> 48 & 0x1f, ==, 7);
    g_assert_cmphex(qtest_readl(t->qts, GICD + GICD_TYPER2), ==, 0);
    gic_quit(t);

    t = gic_start_bare("4.1", "", "");
    g_assert_cmphex(its_read64(t, GITS_TYPER) >> 37, ==,
                    1 | 1 << 2 | 1 << 3 | 1 << 4);
    g_assert_cmphex(its_read64(t, GITS_BASER(2)) >> 48 & 0x1f, ==, 15);
    g_assert_cmphex(qtest_readl(t->qts, t->its + GITS_MPIDR), ==, 0);
    /* 16 bits of vPEID; SGIs have an active state */
    g_assert_cmphex(qtest_readl(t->qts, GICD + GICD_TYPER2), ==, 0x8f);
    qtest_writel(t->qts, GICD + GICD_TYPER2, 0);
    g_assert_cmphex(qtest_readl(t->qts, GICD + GICD_TYPER2), ==, 0x8f);
    gic_quit(t);
}

/* GICR_SETLPIR, CLRLPIR, INVLPIR, INVALLR and SYNCR for physical LPIs */
static void test_direct_lpi(void)
{
    static const char *const versions[] = { "4", "4.1" };

    for (unsigned i = 0; i < ARRAY_SIZE(versions); i++) {
        GICTest *t = gic_start(versions[i]);

        gicr_write64(t, 2, GICR_SETLPIR, LPI + 5);
        g_assert_true(pending(t, LPI_PEND(2), LPI + 5));
        g_assert_false(pending(t, LPI_PEND(1), LPI + 5));
        gicr_write64(t, 2, GICR_CLRLPIR, LPI + 5);
        g_assert_false(pending(t, LPI_PEND(2), LPI + 5));
        gicr_write(t, 2, GICR_SETLPIR, LPI + 5);
        g_assert_true(pending(t, LPI_PEND(2), LPI + 5));

        /* No LPIs at all */
        gicr_write64(t, 2, GICR_SETLPIR, LPI - 1);
        gicr_write64(t, 2, GICR_SETLPIR, 0x10000);
        gicr_write64(t, 2, GICR_SETLPIR, 0xffffffff);
        g_assert_false(pending(t, LPI_PEND(2), LPI - 1));
        g_assert_false(pending(t, LPI_PEND(2), 0x10000));

        gicr_write64(t, 2, GICR_INVLPIR, LPI + 5);
        gicr_write64(t, 2, GICR_INVALLR, 0);
        g_assert_cmphex(gicr_read(t, 2, GICR_SYNCR), ==, 0);

        /* LPIs disabled: no effect */
        gicr_write(t, 2, GICR_CTLR, 0);
        gicr_write64(t, 2, GICR_CLRLPIR, LPI + 5);
        g_assert_true(pending(t, LPI_PEND(2), LPI + 5));
        gic_quit(t);
    }
}

/* A driver finds page and entry size by writing and reading back */
static void test_vpropbaser(void)
{
    GICTest *t = gic_start_bare("4.1", "", "");
    const uint64_t entry_size = 1ull << 59;

    g_assert_cmphex(gicr_read64(t, 2, GICR_VPROPBASER), ==, entry_size);
    for (uint64_t page = 0; page < 3; page++) {
        gicr_write64(t, 2, GICR_VPROPBASER, page << 53);
        g_assert_cmphex(gicr_read64(t, 2, GICR_VPROPBASER), ==,
                        entry_size | page << 53);
    }
    gicr_write64(t, 2, GICR_VPROPBASER, 3ull << 53);
    g_assert_cmphex(gicr_read64(t, 2, GICR_VPROPBASER), ==,
                    entry_size | 2ull << 53);
    /* Z is for the GIC alone, Entry_Size read-only, bit 62 reserved */
    gicr_write64(t, 2, GICR_VPROPBASER, -1ull & ~(3ull << 53));
    g_assert_cmphex(gicr_read64(t, 2, GICR_VPROPBASER), ==,
                    0x8f8fffffffffffffull);
    gicr_write(t, 2, GICR_VPROPBASER + 4, 0);
    g_assert_cmphex(gicr_read64(t, 2, GICR_VPROPBASER), ==,
                    entry_size | 0xffffffff);
    gic_quit(t);
}

/* GICv4.1's registers are GICv4.1's */
static void test_not_in_40(void)
{
    GICTest *t = gic_start_bare("4", "", "");

    gicr_write(t, 2, GICR_VSGIR, 3);
    g_assert_cmphex(gicr_read(t, 2, GICR_VSGIPENDR), ==, 0);
    gicr_write64(t, 2, GICR_VPROPBASER, -1ull);
    g_assert_cmphex(gicr_read64(t, 2, GICR_VPROPBASER), ==, -1ull);
    g_assert_cmphex(qtest_readl(t->qts, t->its + GITS_MPIDR), ==, 0);
    gic_quit(t);
}

static void test_reset(void)
{
    GICTest *t = gic_start("4.1");

    its_vmapp(t, VPE, CPU, DOORBELL);
    its_sgir(t, VPE, 9);
    gicr_write(t, CPU, GICR_VSGIR, VPE);
    g_assert_cmphex(gicr_read(t, CPU, GICR_VSGIPENDR), ==, 1 << 9);
    schedule(t, CPU, VPE);
    qtest_system_reset(t->qts);
    g_assert_cmphex(gicr_read64(t, CPU, GICR_VPENDBASER), ==, 0);
    g_assert_cmphex(gicr_read64(t, CPU, GICR_VPROPBASER), ==, 1ull << 59);
    g_assert_cmphex(gicr_read(t, CPU, GICR_VSGIPENDR), ==, 0);
    g_assert_cmphex(its_read64(t, GITS_BASER(2)) >> 48 & 0x1f, ==, 15);

    /* And all works again */
    t->head[0] = 0;
    gic_set_up(t, VALID | PAGE_64K | VPE_TABLE);
    enable_lpi(t, DOORBELL);
    configure(t, VCONF, VINTID, true, 0xa0);
    its_vmapp(t, VPE, CPU, DOORBELL);
    its_vmapti(t, 0, 5, VPE, VINTID, NO_DOORBELL);
    its_vsgi_clear(t, VPE, 9);
    schedule(t, CPU, VPE);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);
    its_int(t, 0, 5);
    g_assert_true(pending(t, LPI_PEND(CPU), DOORBELL));
    gic_quit(t);
}

/* A vPE runs with a vLPI and an SGI pending, another one waits */
static void test_migrate(void)
{
    GICTest *t = gic_start("4.1");
    uint64_t table;

    enable_lpi(t, DOORBELL);
    configure(t, VCONF, VINTID, true, 0xa0);
    its_vmapp(t, VPE, CPU, DOORBELL);
    its_vmapp(t, 4, 2, DOORBELL);
    its_vmapp(t, 5, 3, DOORBELL);
    its_vmapti(t, 0, 5, VPE, VINTID, NO_DOORBELL);
    its_vmapti(t, 0, 6, 4, VINTID, NO_DOORBELL);
    its_vsgi(t, 5, 9, true, 1, 0x80);
    schedule(t, 2, 4);
    g_assert_cmphex(REAL_DB(block(t, 2)), ==, VPEND_DB);
    schedule(t, CPU, VPE);
    its_int(t, 0, 5);
    schedule(t, 3, 5);
    its_sgir(t, 5, 9);
    gicr_write(t, 0, GICR_VSGIR, 5);
    table = gicr_read64(t, CPU, GICR_VPROPBASER);

    gic_migrate(t, "4.1", "");
    g_assert_cmphex(gicr_read64(t, CPU, GICR_VPROPBASER), ==, table);
    g_assert_cmphex(gicr_read64(t, CPU, GICR_VPENDBASER), ==,
                    VPEND_VALID | VPEND_G1 | VPE);
    g_assert_cmphex(gicr_read(t, 0, GICR_VSGIPENDR), ==, 1 << 9);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_LAST);
    g_assert_cmphex(REAL_DB(block(t, 3)), ==, VPEND_LAST);
    g_assert_false(pending(t, LPI_PEND(2), DOORBELL));
    its_int(t, 0, 6);
    g_assert_true(pending(t, LPI_PEND(2), DOORBELL));
    gic_quit(t);
}

static void test_migrate_mid_flight(void)
{
    GICTest *t = gic_start("4.1");

    configure(t, VCONF, VINTID, true, 0xa0);
    its_vmapp(t, VPE, CPU, NO_DOORBELL);
    its_vmapti(t, 0, 5, VPE, VINTID, NO_DOORBELL);
    schedule(t, CPU, VPE);
    gic_migrate(t, "4.1", "");
    /* Still resident, so this is for it */
    its_int(t, 0, 5);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_LAST);
    gic_quit(t);
}

/* Two security states: the hypervisor, Non-secure, has all of this */
static void test_secure(void)
{
    GICTest *t = gic_start_with("4.1", ",secure=on", "");

    enable_lpi(t, DOORBELL);
    configure(t, VCONF, VINTID, true, 0xa0);
    its_vmapp(t, VPE, CPU, DOORBELL);
    its_vmapti(t, 0, 5, VPE, VINTID, NO_DOORBELL);
    its_vsgi(t, VPE, 9, true, 1, 0x80);
    schedule(t, CPU, VPE);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);
    its_int(t, 0, 5);
    g_assert_true(pending(t, LPI_PEND(CPU), DOORBELL));
    its_clear(t, 0, 5);
    schedule(t, CPU, VPE);
    its_sgir(t, VPE, 9);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_LAST);
    g_assert_cmphex(qtest_readl(t->qts, GICD + GICD_TYPER2), ==, 0x8f);
    gic_quit(t);
}

/* ---- Statistics ---- */

static char *gic_path(GICTest *t)
{
    static const char *const where = "/machine/unattached";
    QDict *rsp = qtest_qmp(t->qts, "{'execute': 'qom-list', 'arguments': "
                           "{'path': %s}}", where);
    QListEntry *entry;
    char *path = NULL;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), entry) {
        QDict *prop = qobject_to(QDict, qlist_entry_obj(entry));

        if (!strcmp(qdict_get_str(prop, "type"), "child<arm-gicv3>")) {
            path = g_strdup_printf("%s/%s", where,
                                   qdict_get_str(prop, "name"));
        }
    }
    qobject_unref(rsp);
    g_assert_nonnull(path);
    return path;
}

static uint64_t counter(GICTest *t, const char *path, const char *name)
{
    QDict *rsp = qtest_qmp(t->qts, "{'execute': 'qom-get', 'arguments': "
                           "{'path': %s, 'property': %s}}", path, name);
    uint64_t value = qdict_get_int(rsp, "return");

    qobject_unref(rsp);
    return value;
}

static void test_counters(void)
{
    GICTest *t = gic_start("4.1");
    g_autofree char *path = gic_path(t);
    g_autofree char *info = NULL;

    enable_lpi(t, DOORBELL);
    configure(t, VCONF, VINTID, true, 0xa0);
    its_vmapp(t, VPE, CPU, DOORBELL);
    its_vmapti(t, 0, 5, VPE, VINTID, NO_DOORBELL);
    its_vsgi(t, VPE, 9, true, 1, 0x80);
    schedule(t, CPU, VPE);
    block(t, CPU);
    its_int(t, 0, 5);           /* pended, and the doorbell */
    its_sgir(t, VPE, 8);        /* pended */
    schedule(t, CPU, VPE);
    for (unsigned i = 0; i < 3; i++) {
        its_clear(t, 0, 5);
        its_int(t, 0, 5);
    }
    its_sgir(t, VPE, 9);
    its_sgir(t, VPE, 9);        /* pending already */

    g_assert_cmpuint(counter(t, path, "direct-vlpis"), ==, 3);
    g_assert_cmpuint(counter(t, path, "direct-vsgis"), ==, 1);
    g_assert_cmpuint(counter(t, path, "pended"), ==, 2);
    g_assert_cmpuint(counter(t, path, "doorbells"), ==, 1);
    g_assert_cmpuint(counter(t, path, "residencies"), ==, 2);
    g_assert_cmpuint(counter(t, path, "lpis"), ==, 0);

    info = qtest_hmp(t->qts, "info pic");
    g_assert_nonnull(strstr(info, "GICv4.1, 4 CPUs"));
    g_assert_nonnull(strstr(info, "CPU 1: vPE 3"));
    g_free(info);
    info = qtest_hmp(t->qts, "info irq");
    g_assert_nonnull(strstr(info, "arm-gicv3"));

    qtest_system_reset(t->qts);
    g_assert_cmpuint(counter(t, path, "direct-vlpis"), ==, 0);
    gic_quit(t);
}

static void test_info_pic_v3(void)
{
    QTestState *qts = qtest_init("-M virt,gic-version=3 -cpu cortex-a57 "
                                 "-nodefaults");
    g_autofree char *info = qtest_hmp(qts, "info pic");

    g_assert_nonnull(strstr(info, "GICv3, 1 CPUs"));
    qtest_quit(qts);
}

/* ---- Two ITSes ---- */

static void test_two_its(void)
{
    GICTest *t = gic_start_with("4.1", ",its-count=2", "");
    uint64_t first = t->its;

    enable_lpi(t, DOORBELL);
    configure(t, VCONF, VINTID, true, 0xa0);
    configure(t, VCONF, VINTID + 1, true, 0xa0);
    its_vmapp(t, VPE, CPU, DOORBELL);
    its_vmapti(t, 0, 5, VPE, VINTID, NO_DOORBELL);
    gic_set_up_second_its(t);
    /* Mapped by the second, too; not the first to, so no Alloc */
    its_cmd(t, VCONF | 0x29, (uint64_t)VPE << 32 | DOORBELL,
            VALID | CPU << 16, VPT(VPE) | 15);
    its_vmapti(t, 0, 5, VPE, VINTID + 1, NO_DOORBELL);

    schedule(t, CPU, VPE);
    g_assert_cmphex(REAL_DB(block(t, CPU)), ==, VPEND_DB);
    t->its = first;
    its_vmovp_db(t, VPE, 2, DOORBELL);
    t->its = ITS_SECOND;
    its_int(t, 0, 5);
    g_assert_true(pending(t, VPT(VPE), VINTID + 1));
    g_assert_true(pending(t, LPI_PEND(2), DOORBELL));

    /* The first ITS still uses what the second one does not */
    its_vunmapp(t, VPE, false);
    t->its = first;
    its_int(t, 0, 5);
    g_assert_true(pending(t, VPT(VPE), VINTID));
    schedule(t, 2, VPE);
    g_assert_cmphex(REAL_DB(block(t, 2)), ==, VPEND_LAST);
    its_sgir(t, VPE, 1);
    t->its = ITS_SECOND;
    its_sgir(t, VPE, 2);
    gicr_write(t, 0, GICR_VSGIR, VPE);
    g_assert_cmphex(gicr_read(t, 0, GICR_VSGIPENDR), ==, 6);
    gic_quit(t);
}

/* GICv4.0: VMOVP on one ITS moves the vPE of both */
static void test_two_its_40(void)
{
    GICTest *t = gic_start_with("4", ",its-count=2", "");
    uint64_t first = t->its;

    enable_lpi(t, DOORBELL);
    its_vmapp40(t, VPE, CPU);
    t->vpe_table = VALID | PAGE_64K | VPE_L2;
    gic_set_up_second_its(t);
    its_vmapp40(t, VPE, CPU);
    its_vmapti(t, 0, 5, VPE, VINTID, DOORBELL);
    t->its = first;
    its_vmovp(t, VPE, 2);
    t->its = ITS_SECOND;
    its_int(t, 0, 5);
    g_assert_true(pending(t, LPI_PEND(2), DOORBELL));
    g_assert_false(pending(t, LPI_PEND(CPU), DOORBELL));
    gic_quit(t);
}

/*
 * vmovp=off: each ITS has a number, and moves a vPE when it is told to. Of
 * GICv4.1's shared table, one command is as good as two.
 */
static void test_its_list(void)
{
    GICTest *t = gic_start_with("4", ",its-count=2",
                                "-global arm-gicv3-its.vmovp=off");
    uint64_t first = t->its;

    g_assert_cmphex(its_read64(t, GITS_TYPER) >> 37 & 1, ==, 0);
    g_assert_cmphex(qtest_readl(t->qts, t->its + GITS_CTLR), ==, 0x80000001);
    enable_lpi(t, DOORBELL);
    its_vmapp40(t, VPE, CPU);
    its_vmapti(t, 0, 6, VPE, VINTID + 1, DOORBELL);
    t->vpe_table = VALID | PAGE_64K | VPE_L2;
    gic_set_up_second_its(t);
    g_assert_cmphex(qtest_readl(t->qts, t->its + GITS_CTLR), ==, 0x80000011);
    its_vmapp40(t, VPE, CPU);
    its_vmapti(t, 0, 5, VPE, VINTID, DOORBELL);

    /* Sequence number 9, ITSes 0 and 1 */
    t->its = first;
    its_cmd(t, 9ull << 32 | 0x22, (uint64_t)VPE << 32 | 3, 2 << 16, 0);
    its_int(t, 0, 6);
    g_assert_true(pending(t, LPI_PEND(2), DOORBELL));
    t->its = ITS_SECOND;
    its_int(t, 0, 5);
    g_assert_true(pending(t, LPI_PEND(CPU), DOORBELL));
    its_clear(t, 0, 5);
    gicr_write64(t, 2, GICR_CLRLPIR, DOORBELL);
    its_cmd(t, 9ull << 32 | 0x22, (uint64_t)VPE << 32 | 3, 2 << 16, 0);
    its_int(t, 0, 5);
    g_assert_true(pending(t, LPI_PEND(2), DOORBELL));
    gic_quit(t);
}

/* ---- The board ---- */

/* Run a QEMU that should fail; what it says */
static char *fails_with(const char *args)
{
    /* If it has no complaints it would run for ever */
    g_autofree char *line =
        g_strdup_printf("timeout 30 %s %s -accel qtest -nodefaults "
                        "-display none", getenv("QTEST_QEMU_BINARY"), args);
    char *output = NULL;
    int status;

    g_assert_true(g_spawn_command_line_sync(line, NULL, &output, &status,
                                            NULL));
    g_assert_true(WIFEXITED(status));
    g_assert_cmpint(WEXITSTATUS(status), ==, 1);
    return output;
}

static void test_errors(void)
{
    static const struct {
        const char *args, *says;
    } rows[] = {
        { "-M virt,gic-version=4.1", "virtualization=on" },
        { "-M virt-6.1,virtualization=on,gic-version=4.1", "virt-6.2" },
        { "-M virt,gic-version=4.2", "4.1, 4, 3, 2" },
        { "-M virt,its-count=3", "from 1 to 2" },
        { "-M virt,its-count=0", "from 1 to 2" },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree char *output = fails_with(rows[i].args);

        g_test_message("%s: %s", rows[i].args, output);
        g_assert_nonnull(strstr(output, rows[i].says));
    }
}

/* What max is, and that what is asked for is what there is */
static void test_versions(void)
{
    static const struct {
        const char *machine, *version;
    } rows[] = {
        { "virt,gic-version=4.1,virtualization=on", "4.1" },
        { "virt,gic-version=4,virtualization=on", "4" },
        { "virt,gic-version=max,virtualization=on", "4.1" },
        { "virt,gic-version=max", "3" },
        { "virt-6.1,gic-version=max,virtualization=on", "4" },
        { "virt,gic-version=4.1,gic-version=3,virtualization=on", "3" },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        QTestState *qts = qtest_initf("-M %s -cpu cortex-a57 -nodefaults",
                                      rows[i].machine);
        QDict *rsp = qtest_qmp(qts, "{'execute': 'qom-get', 'arguments': "
                               "{'path': '/machine', "
                               "'property': 'gic-version'}}");

        g_assert_cmpstr(qdict_get_str(rsp, "return"), ==, rows[i].version);
        qobject_unref(rsp);
        qtest_quit(qts);
    }
}

/* Registers of the ITS are where the version has them, and nowhere else */
static void test_memory_map(void)
{
    static const char *const versions[] = { "3", "4", "4.1" };

    for (unsigned i = 0; i < ARRAY_SIZE(versions); i++) {
        QTestState *qts = qtest_initf("-M virt,virtualization=on,"
                                      "gic-version=%s -cpu cortex-a57 "
                                      "-nodefaults",
                                      versions[i]);
        uint32_t old = qtest_readl(qts, ITS_V4 + GITS_TYPER);
        uint32_t new = qtest_readl(qts, ITS_V41 + GITS_TYPER);

        g_assert_cmphex(i < 2 ? old : new, !=, 0);
        g_assert_cmphex(i < 2 ? new : old, ==, 0);
        qtest_quit(qts);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("gicv4/regs/redist-typer", test_redist_typer);
    qtest_add_func("gicv4/regs/its-typer", test_its_typer);
    qtest_add_func("gicv4/regs/direct-lpi", test_direct_lpi);
    qtest_add_func("gicv4/regs/vpropbaser", test_vpropbaser);
    qtest_add_func("gicv4/regs/not-in-4.0", test_not_in_40);
    qtest_add_func("gicv4/reset", test_reset);
    qtest_add_func("gicv4/migrate", test_migrate);
    qtest_add_func("gicv4/migrate-mid-flight", test_migrate_mid_flight);
    qtest_add_func("gicv4/secure", test_secure);
    qtest_add_func("gicv4/stats/counters", test_counters);
    qtest_add_func("gicv4/stats/info-pic-v3", test_info_pic_v3);
    qtest_add_func("gicv4/two-its", test_two_its);
    qtest_add_func("gicv4/two-its-4.0", test_two_its_40);
    qtest_add_func("gicv4/its-list", test_its_list);
    qtest_add_func("gicv4/virt/errors", test_errors);
    qtest_add_func("gicv4/virt/versions", test_versions);
    qtest_add_func("gicv4/virt/memory-map", test_memory_map);
    return g_test_run();
}
