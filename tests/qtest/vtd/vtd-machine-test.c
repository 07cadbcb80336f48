/*
 * VT-d qtest: posted interrupts in the machine
 *
 * All senders, invalidation, reset, migration, and what people see.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "vtd-lib.h"

#define INDEX       7
#define VECTOR      0x51
#define NV          0xe3

#define IOAPIC      UINT64_C(0xfec00000)
#define IOAPIC_QOM  "/machine/q35/ioapic"
#define HPET        UINT64_C(0xfed00000)

/* ---- Senders ---- */

static void test_msi(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);
    const uint8_t msix = qpci_find_capability(t->dev, PCI_CAP_ID_MSIX, 0);
    const uint8_t msi = qpci_find_capability(t->dev, PCI_CAP_ID_MSI, 0);

    g_assert_cmpint(msi, !=, 0);
    vtd_enable(t, false);
    vtd_pd(t, PD, PD_NV(NV) | PD_XAPIC(1));
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    qpci_config_writew(t->dev, msix + PCI_MSIX_FLAGS, 0);
    qpci_config_writel(t->dev, msi + PCI_MSI_ADDRESS_LO,
                       0xfee00000u | INDEX << 5 | 1 << 4 | 1 << 3);
    qpci_config_writel(t->dev, msi + PCI_MSI_ADDRESS_HI, 0);
    qpci_config_writew(t->dev, msi + PCI_MSI_DATA_64, 0);
    qpci_config_writew(t->dev, msi + PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE);
    qpci_io_writel(t->dev, t->regs, PTD_MSI, 0);

    g_assert_true(vtd_pir(t, PD, VECTOR));
    g_assert_true(vtd_irr(t, 1, NV));
    assert_no_fault(t);
    vtd_quit(t);
}

/* A redirection entry in remappable format for IRTE @index */
static void ioapic_entry(VTDTest *t, unsigned pin, unsigned index,
                         uint8_t vector)
{
    const uint64_t rte = (uint64_t)(index & 0x7fff) << 49 | 1ull << 48 | vector;

    qtest_writel(t->qts, IOAPIC, 0x10 + 2 * pin + 1);
    qtest_writel(t->qts, IOAPIC + 0x10, rte >> 32);
    qtest_writel(t->qts, IOAPIC, 0x10 + 2 * pin);
    qtest_writel(t->qts, IOAPIC + 0x10, (uint32_t)rte);
}

static void test_ioapic(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    vtd_enable(t, false);
    vtd_pd(t, PD, PD_NV(NV) | PD_XAPIC(2));
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    ioapic_entry(t, 20, INDEX, VECTOR);
    qtest_set_irq_in(t->qts, IOAPIC_QOM, NULL, 20, 1);
    g_assert_true(vtd_pir(t, PD, VECTOR));
    g_assert_true(vtd_irr(t, 2, NV));
    g_assert_cmpint(vtd_irr_count(t, 2), ==, 1);
    assert_no_fault(t);
    vtd_quit(t);
}

/* Its timer 0 by way of IOAPIC pin 16 */
static void test_hpet(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);
    const uint32_t routes = qtest_readl(t->qts, HPET + 0x104);

    g_assert_true(routes & 1u << 16);
    vtd_enable(t, false);
    vtd_pd(t, PD, PD_NV(NV) | PD_XAPIC(3));
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    ioapic_entry(t, 16, INDEX, VECTOR);
    qtest_writel(t->qts, HPET + 0x100, 16 << 9 | 1 << 2);
    qtest_writeq(t->qts, HPET + 0x108, 1000);
    qtest_writel(t->qts, HPET + 0x010, 1);
    g_assert_cmpint(vtd_pir_count(t, PD), ==, 0);
    qtest_clock_step(t->qts, 1000000);
    g_assert_true(vtd_pir(t, PD, VECTOR));
    g_assert_true(vtd_irr(t, 3, NV));
    assert_no_fault(t);
    vtd_quit(t);
}

/* ---- Changes of an entry ---- */

static void invalidate(VTDTest *t, unsigned *tail, uint64_t lo)
{
    const uint32_t mark = 0xabc0 + *tail;

    qtest_writeq(t->qts, IQ + 16 * *tail, lo);
    qtest_writeq(t->qts, IQ + 16 * *tail + 8, 0);
    ++*tail;
    /* Wait: write @mark to STATUS */
    qtest_writeq(t->qts, IQ + 16 * *tail, (uint64_t)mark << 32 | 1 << 5 | 5);
    qtest_writeq(t->qts, IQ + 16 * *tail + 8, STATUS);
    ++*tail;
    qtest_writeq(t->qts, VTD_BASE + VTD_IQT, 16 * *tail);
    g_assert_cmphex(qtest_readl(t->qts, STATUS), ==, mark);
}

#define IEC_GLOBAL      UINT64_C(4)
#define IEC_INDEX(i)    (UINT64_C(4) | 1 << 4 | (uint64_t)(i) << 32)

/* Posted, remapped, posted: each invalidated, in both ways */
static void test_invalidation(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);
    unsigned tail = 0;

    vtd_enable(t, false);
    qtest_writeq(t->qts, VTD_BASE + VTD_IQA, IQ);
    qtest_writel(t->qts, VTD_BASE + VTD_GCMD, GCMD_IRE | GCMD_QIE);

    for (unsigned round = 0; round < 2; round++) {
        const uint8_t vector = 0x80 + round;

        vtd_pd(t, PD, PD_SN);
        vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
        invalidate(t, &tail, IEC_INDEX(INDEX));
        vtd_send(t, INDEX);
        g_assert_true(vtd_pir(t, PD, VECTOR));
        g_assert_cmpint(vtd_irr_count(t, 1), ==, round);

        vtd_pd(t, PD, PD_SN);
        vtd_remapped_irte(t, INDEX, vector, 1);
        invalidate(t, &tail, IEC_GLOBAL);
        vtd_send(t, INDEX);
        g_assert_true(vtd_irr(t, 1, vector));
        g_assert_cmpint(vtd_pir_count(t, PD), ==, 0);
    }
    assert_no_fault(t);
    vtd_quit(t);
}

/* ---- Reset ---- */

static void test_reset(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);

    vtd_enable(t, false);
    vtd_pd(t, PD, PD_NV(NV));
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    vtd_send(t, INDEX);
    g_assert_true(vtd_pir(t, PD, VECTOR));

    qtest_system_reset(t->qts);
    g_assert_true(vtd_read64(t, VTD_CAP) & CAP_PI);
    g_assert_cmphex(qtest_readl(t->qts, VTD_BASE + VTD_GSTS), ==, 0);
    g_assert_cmpint(vtd_irr_count(t, 0), ==, 0);
    vtd_quit(t);

    /* And on with a driver that starts anew */
    t = vtd_start(POSTED, NULL);
    qtest_system_reset(t->qts);
    qpci_device_enable(t->dev);
    vtd_enable(t, false);
    vtd_quit(t);
}

/* ---- Migration ---- */

static void enable_events(QTestState *qts)
{
    qtest_qmp_assert_success(qts,
        "{'execute': 'migrate-set-capabilities', 'arguments': "
        "{'capabilities': [{'capability': 'events', 'state': true}]}}");
}

/* Wait until a migration has come to an end; whether it was a good one */
static bool migrated(QTestState *qts)
{
    for (;;) {
        QDict *event = qtest_qmp_eventwait_ref(qts, "MIGRATION");
        g_autofree char *status =
            g_strdup(qdict_get_str(qdict_get_qdict(event, "data"), "status"));

        qobject_unref(event);
        if (!strcmp(status, "completed") || !strcmp(status, "failed")) {
            return !strcmp(status, "completed");
        }
    }
}

static char *save(VTDTest *t)
{
    char *path = g_strdup_printf("%s/vtd-migration-XXXXXX", g_get_tmp_dir());
    g_autofree char *uri = NULL;
    int fd = g_mkstemp(path);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    uri = g_strdup_printf("file:%s", path);
    enable_events(t->qts);
    qtest_qmp_assert_success(t->qts, "{'execute': 'migrate', 'arguments': "
                             "{'uri': %s}}", uri);
    g_assert_true(migrated(t->qts));
    return path;
}

static void test_migration(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);
    g_autofree char *path = NULL, *uri = NULL, *args = NULL;
    QTestState *to;

    vtd_enable(t, false);
    vtd_pd(t, PD, PD_NV(NV) | PD_XAPIC(1));
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    vtd_posted_irte(t, INDEX + 1, VECTOR + 1, PD, 0);
    vtd_send(t, INDEX);
    path = save(t);

    args = vtd_args(POSTED, "-incoming defer");
    uri = g_strdup_printf("file:%s", path);
    to = qtest_init(args);
    enable_events(to);
    qtest_qmp_assert_success(to, "{'execute': 'migrate-incoming', "
                             "'arguments': {'uri': %s}}", uri);
    g_assert_true(migrated(to));
    vtd_move(t, to);

    g_assert_cmphex(vtd_pd_control(t, PD), ==, PD_ON | PD_NV(NV) | PD_XAPIC(1));
    g_assert_true(vtd_pir(t, PD, VECTOR));
    g_assert_true(vtd_irr(t, 1, NV));
    g_assert_cmpint(vtd_counter(t, "intr-posted"), ==, 1);
    g_assert_cmpint(vtd_counter(t, "intr-notified"), ==, 1);
    /* And on: what is outstanding is so still */
    vtd_send(t, INDEX + 1);
    g_assert_true(vtd_pir(t, PD, VECTOR + 1));
    g_assert_cmpint(vtd_counter(t, "intr-posted"), ==, 2);
    g_assert_cmpint(vtd_counter(t, "intr-notified"), ==, 1);
    unlink(path);
    vtd_quit(t);
}

/* To one that cannot post, or from one that could not: refused */
static void test_migration_mismatch(void)
{
    static const char *const modes[] = { ",intremap=on", POSTED };

    for (unsigned from = 0; from < 2; from++) {
        VTDTest *t = vtd_start(modes[from], NULL);
        g_autofree char *path = save(t);
        g_autofree char *more = g_strdup_printf("-incoming file:%s", path);
        g_autofree char *args = vtd_args(modes[!from], more);
        g_autofree char *output = NULL;

        vtd_quit(t);
        g_assert_cmpint(vtd_run(args, &output), ==, 1);
        g_assert_nonnull(strstr(output, "posted-intr differs"));
        unlink(path);
    }
}

/* ---- What people see ---- */

static void test_info(void)
{
    VTDTest *t = vtd_start(POSTED, NULL);
    g_autofree char *text = NULL;

    vtd_enable(t, false);
    vtd_pd(t, PD, PD_NV(NV));
    vtd_posted_irte(t, INDEX, VECTOR, PD, 0);
    vtd_send(t, INDEX);
    vtd_send(t, INDEX);
    text = qtest_hmp(t->qts, "info pic");
    g_assert_nonnull(strstr(text, "intel-iommu: posted interrupts on"));
    g_assert_nonnull(strstr(text, "intr-posted      2"));
    g_assert_nonnull(strstr(text, "intr-notified    1"));
    vtd_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/vtd/machine/msi", test_msi);
    qtest_add_func("/vtd/machine/ioapic", test_ioapic);
    qtest_add_func("/vtd/machine/hpet", test_hpet);
    qtest_add_func("/vtd/machine/invalidation", test_invalidation);
    qtest_add_func("/vtd/machine/reset", test_reset);
    qtest_add_func("/vtd/machine/migration", test_migration);
    qtest_add_func("/vtd/machine/migration-mismatch", test_migration_mismatch);
    qtest_add_func("/vtd/machine/info", test_info);
    return g_test_run();
}
