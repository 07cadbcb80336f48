/*
 * GICv4 qtests: programming the GIC
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "qobject/qdict.h"
#include "gicv4-lib.h"

/* ---- Machine ---- */

static char *args(const char *version, const char *machine, const char *extra)
{
    return g_strdup_printf("-M virt,virtualization=on,gic-version=%s%s "
                           "-cpu neoverse-v1 -smp %d -m 256 -nodefaults %s",
                           version, machine, GIC_CPUS, extra);
}

GICTest *gic_start_bare(const char *version, const char *machine,
                        const char *extra)
{
    g_autofree char *line = args(version, machine, extra);
    GICTest *t = g_new0(GICTest, 1);

    t->v41 = !strcmp(version, "4.1");
    t->its = t->v41 ? ITS_V41 : ITS_V4;
    t->cmdq[0] = CMDQ;
    t->cmdq[1] = CMDQ2;
    t->qts = qtest_init(line);
    return t;
}

static void its_set_up(GICTest *t, uint64_t cmdq, uint64_t dev, uint64_t col,
                       uint64_t itt)
{
    its_write64(t, GITS_BASER(0), VALID | PAGE_64K | dev);
    its_write64(t, GITS_BASER(1), VALID | PAGE_64K | col);
    its_write64(t, GITS_BASER(2), t->vpe_table);
    its_write64(t, GITS_CBASER, VALID | cmdq | 15);
    its_write64(t, GITS_CWRITER, 0);
    qtest_writel(t->qts, t->its + GITS_CTLR, 1);

    for (unsigned cpu = 0; cpu < GIC_CPUS; cpu++) {
        its_mapc(t, cpu, cpu);
    }
    its_mapd(t, 0, itt, 8);
}

void gic_set_up(GICTest *t, uint64_t vpe_table)
{
    t->vpe_table = vpe_table;
    qtest_writel(t->qts, GICD + GICD_CTLR, 0x12);   /* ARE, EnableGrp1 */
    for (unsigned cpu = 0; cpu < GIC_CPUS; cpu++) {
        gicr_write64(t, cpu, GICR_PROPBASER, LPI_CONF | 15);
        gicr_write64(t, cpu, GICR_PENDBASER, LPI_PEND(cpu));
        gicr_write(t, cpu, GICR_CTLR, 1);
        if (t->v41) {
            /* The same table, in the redistributor's words */
            gicr_write64(t, cpu, GICR_VPROPBASER, VALID |
                         (vpe_table & INDIRECT ? 1ull << 55 : 0) |
                         (2ull << 53) | (vpe_table & 0xffffffff0000ull) |
                         (vpe_table & 0x7f));
        }
    }
    its_set_up(t, CMDQ, DEV_TABLE, COL_TABLE, ITT);
}

void gic_set_up_second_its(GICTest *t)
{
    t->its = ITS_SECOND;
    its_set_up(t, CMDQ2, DEV_TABLE2, COL_TABLE2, ITT2);
}

GICTest *gic_start_with(const char *version, const char *machine,
                        const char *extra)
{
    GICTest *t = gic_start_bare(version, machine, extra);

    gic_set_up(t, VALID | PAGE_64K | VPE_TABLE);
    return t;
}

GICTest *gic_start(const char *version)
{
    return gic_start_with(version, "", "");
}

void gic_quit(GICTest *t)
{
    qtest_quit(t->qts);
    g_free(t);
}

/* Until it has completed or failed, which is to be @outcome */
static void wait_migration(QTestState *qts, const char *outcome)
{
    for (;;) {
        QDict *event = qtest_qmp_eventwait_ref(qts, "MIGRATION");
        g_autofree char *status =
            g_strdup(qdict_get_str(qdict_get_qdict(event, "data"), "status"));

        qobject_unref(event);
        if (!strcmp(status, "completed") || !strcmp(status, "failed")) {
            g_assert_cmpstr(status, ==, outcome);
            return;
        }
    }
}

static void enable_events(QTestState *qts)
{
    qtest_qmp_assert_success(qts,
        "{'execute': 'migrate-set-capabilities', 'arguments': "
        "{'capabilities': [{'capability': 'events', 'state': true}]}}");
}

void gic_migrate_to(GICTest *t, const char *version, const char *extra,
                    const char *outcome)
{
    g_autofree char *path = g_strdup_printf("%s/gicv4-XXXXXX",
                                            g_get_tmp_dir());
    int fd = g_mkstemp(path);
    g_autofree char *uri = g_strdup_printf("file:%s", path);
    g_autofree char *more = g_strdup_printf("%s -incoming defer", extra);
    g_autofree char *line = args(version, "", more);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    enable_events(t->qts);
    qtest_qmp_assert_success(t->qts, "{'execute': 'migrate', 'arguments': "
                             "{'uri': %s}}", uri);
    wait_migration(t->qts, "completed");
    qtest_quit(t->qts);

    t->qts = qtest_init(line);
    enable_events(t->qts);
    qtest_qmp_assert_success(t->qts, "{'execute': 'migrate-incoming', "
                             "'arguments': {'uri': %s, "
                             "'exit-on-error': false}}", uri);
    wait_migration(t->qts, outcome);
    g_unlink(path);
}

void gic_migrate(GICTest *t, const char *version, const char *extra)
{
    gic_migrate_to(t, version, extra, "completed");
}

/* ---- Registers ---- */

uint32_t gicr_read(GICTest *t, unsigned cpu, unsigned offset)
{
    return qtest_readl(t->qts, GICR(cpu) + offset);
}

void gicr_write(GICTest *t, unsigned cpu, unsigned offset, uint32_t value)
{
    qtest_writel(t->qts, GICR(cpu) + offset, value);
}

uint64_t gicr_read64(GICTest *t, unsigned cpu, unsigned offset)
{
    return qtest_readq(t->qts, GICR(cpu) + offset);
}

void gicr_write64(GICTest *t, unsigned cpu, unsigned offset, uint64_t value)
{
    qtest_writeq(t->qts, GICR(cpu) + offset, value);
}

uint64_t its_read64(GICTest *t, unsigned offset)
{
    return qtest_readq(t->qts, t->its + offset);
}

void its_write64(GICTest *t, unsigned offset, uint64_t value)
{
    qtest_writeq(t->qts, t->its + offset, value);
}

/* ---- Commands ---- */

bool its_try(GICTest *t, uint64_t dw0, uint64_t dw1, uint64_t dw2,
             uint64_t dw3)
{
    unsigned i = t->its == ITS_SECOND;
    uint64_t slot = t->cmdq[i] + t->head[i];

    qtest_writeq(t->qts, slot, dw0);
    qtest_writeq(t->qts, slot + 8, dw1);
    qtest_writeq(t->qts, slot + 16, dw2);
    qtest_writeq(t->qts, slot + 24, dw3);
    t->head[i] = (t->head[i] + 32) % 0x10000;
    its_write64(t, GITS_CWRITER, t->head[i]);
    if (its_read64(t, GITS_CREADR) & STALLED) {
        return false;
    }
    g_assert_cmphex(its_read64(t, GITS_CREADR), ==, t->head[i]);
    return true;
}

void its_cmd(GICTest *t, uint64_t dw0, uint64_t dw1, uint64_t dw2,
             uint64_t dw3)
{
    g_assert_true(its_try(t, dw0, dw1, dw2, dw3));
}

#define HIGH(x) ((uint64_t)(x) << 32)

void its_mapd(GICTest *t, unsigned device, uint64_t itt, unsigned bits)
{
    its_cmd(t, HIGH(device) | 0x08, bits - 1, VALID | itt, 0);
}

void its_mapc(GICTest *t, unsigned icid, unsigned cpu)
{
    its_cmd(t, 0x09, 0, VALID | (uint64_t)cpu << 16 | icid, 0);
}

void its_mapti(GICTest *t, unsigned device, unsigned event, unsigned intid,
               unsigned icid)
{
    its_cmd(t, HIGH(device) | 0x0a, HIGH(intid) | event, icid, 0);
}

void its_int(GICTest *t, unsigned device, unsigned event)
{
    its_cmd(t, HIGH(device) | 0x03, event, 0, 0);
}

void its_clear(GICTest *t, unsigned device, unsigned event)
{
    its_cmd(t, HIGH(device) | 0x04, event, 0, 0);
}

void its_discard(GICTest *t, unsigned device, unsigned event)
{
    its_cmd(t, HIGH(device) | 0x0f, event, 0, 0);
}

void its_inv(GICTest *t, unsigned device, unsigned event)
{
    its_cmd(t, HIGH(device) | 0x0c, event, 0, 0);
}

void its_vmapp40(GICTest *t, unsigned vpe, unsigned cpu)
{
    its_cmd(t, 0x29, HIGH(vpe), VALID | (uint64_t)cpu << 16, VPT(vpe) | 15);
}

void its_vmapti(GICTest *t, unsigned device, unsigned event, unsigned vpe,
                unsigned vintid, unsigned doorbell)
{
    its_cmd(t, HIGH(device) | 0x2a, HIGH(vpe) | event,
            HIGH(doorbell) | vintid, 0);
}

void its_vmovi(GICTest *t, unsigned device, unsigned event, unsigned vpe)
{
    its_cmd(t, HIGH(device) | 0x21, HIGH(vpe) | event, 0, 0);
}

void its_vinvall(GICTest *t, unsigned vpe)
{
    its_cmd(t, 0x2d, HIGH(vpe), 0, 0);
}

void its_vsync(GICTest *t, unsigned vpe)
{
    its_cmd(t, 0x25, HIGH(vpe), 0, 0);
}

void its_vmapp(GICTest *t, unsigned vpe, unsigned cpu, unsigned doorbell)
{
    its_cmd(t, VCONF | 1 << 8 | 0x29, HIGH(vpe) | doorbell,
            VALID | (uint64_t)cpu << 16, VPT(vpe) | 15);
}

void its_vunmapp(GICTest *t, unsigned vpe, bool last)
{
    its_cmd(t, last << 8 | 0x29, HIGH(vpe), 0, 0);
}

void its_vmovp(GICTest *t, unsigned vpe, unsigned cpu)
{
    its_cmd(t, 0x22, HIGH(vpe), (uint64_t)cpu << 16, 0);
}

void its_vmovp_db(GICTest *t, unsigned vpe, unsigned cpu, unsigned doorbell)
{
    its_cmd(t, 0x22, HIGH(vpe), VALID | (uint64_t)cpu << 16, doorbell);
}

void its_vsgi(GICTest *t, unsigned vpe, unsigned sgi, bool enable,
              unsigned group, unsigned prio)
{
    its_cmd(t, HIGH(sgi) | (prio >> 4) << 20 | group << 10 | enable << 8 |
            0x23, HIGH(vpe), 0, 0);
}

void its_vsgi_clear(GICTest *t, unsigned vpe, unsigned sgi)
{
    its_cmd(t, HIGH(sgi) | 1 << 9 | 0x23, HIGH(vpe), 0, 0);
}

void its_invdb(GICTest *t, unsigned vpe)
{
    its_cmd(t, 0x2e, HIGH(vpe), 0, 0);
}

void its_sgir(GICTest *t, unsigned vpe, unsigned sgi)
{
    its_write64(t, GITS_SGIR, HIGH(vpe) | sgi);
}

/* ---- Guest memory ---- */

bool pending(GICTest *t, uint64_t table, unsigned intid)
{
    return qtest_readb(t->qts, table + intid / 8) >> intid % 8 & 1;
}

void set_pending(GICTest *t, uint64_t table, unsigned intid, bool on)
{
    uint8_t byte = qtest_readb(t->qts, table + intid / 8);

    byte &= ~(1 << intid % 8);
    qtest_writeb(t->qts, table + intid / 8, byte | on << intid % 8);
}

void configure(GICTest *t, uint64_t table, unsigned intid, bool enable,
               unsigned prio)
{
    qtest_writeb(t->qts, table + intid - LPI, (prio & 0xfc) | enable);
}

void enable_lpi(GICTest *t, unsigned intid)
{
    configure(t, LPI_CONF, intid, true, 0xa0);
}

/* ---- Residency ---- */

void schedule(GICTest *t, unsigned cpu, unsigned vpe)
{
    gicr_write64(t, cpu, GICR_VPENDBASER, VPEND_VALID | VPEND_G1 | vpe);
}

static uint64_t deschedule(GICTest *t, unsigned cpu, uint64_t bits)
{
    uint64_t value = gicr_read64(t, cpu, GICR_VPENDBASER);

    value &= ~(VPEND_VALID | VPEND_DB | VPEND_LAST);
    gicr_write64(t, cpu, GICR_VPENDBASER, value | bits);
    return gicr_read64(t, cpu, GICR_VPENDBASER);
}

uint64_t block(GICTest *t, unsigned cpu)
{
    return deschedule(t, cpu, VPEND_DB);
}

uint64_t preempt(GICTest *t, unsigned cpu)
{
    return deschedule(t, cpu, VPEND_LAST);
}

void schedule40(GICTest *t, unsigned cpu, unsigned vpe, unsigned idbits)
{
    gicr_write64(t, cpu, GICR_VPROPBASER, VCONF | idbits);
    gicr_write64(t, cpu, GICR_VPENDBASER, VPEND_VALID | VPT(vpe));
}

uint64_t deschedule40(GICTest *t, unsigned cpu)
{
    gicr_write64(t, cpu, GICR_VPENDBASER, 0);
    return gicr_read64(t, cpu, GICR_VPENDBASER);
}
