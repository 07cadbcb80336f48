/*
 * VT-d qtests: a q35 with interrupt remapping and a test device
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "../libqos/pci-pc.h"
#include "hw/pci/pci_regs.h"
#include "qemu/host-utils.h"
#include "qobject/qdict.h"
#include "vtd-lib.h"

#define CPUS    4

/* ---- Machine ---- */

char *vtd_args(const char *iommu, const char *extra)
{
    return g_strdup_printf("-M q35 -m 256M -smp %d -nodefaults "
                           "-device intel-iommu,id=vtd%s "
                           "-device passthrough-testdev,id=ptd,addr=4.0 %s",
                           CPUS, iommu, extra ?: "");
}

VTDTest *vtd_start(const char *iommu, const char *extra)
{
    g_autofree char *args = vtd_args(iommu, extra);
    VTDTest *t = g_new0(VTDTest, 1);

    t->qts = qtest_init(args);
    t->bus = qpci_new_pc(t->qts, NULL);
    t->dev = qpci_device_find(t->bus, QPCI_DEVFN(4, 0));
    g_assert_nonnull(t->dev);
    qpci_device_enable(t->dev);
    t->regs = qpci_iomap(t->dev, PTD_BAR_REGS, NULL);
    g_assert_cmphex(qpci_io_readl(t->dev, t->regs, PTD_ID), ==, PTD_ID_VALUE);
    qpci_msix_enable(t->dev);
    return t;
}

void vtd_move(VTDTest *t, QTestState *qts)
{
    qtest_quit(t->qts);
    t->qts = t->bus->qts = qts;
}

void vtd_quit(VTDTest *t)
{
    g_free(t->dev);
    qpci_free_pc(t->bus);
    qtest_quit(t->qts);
    g_free(t);
}

int vtd_run(const char *args, char **output)
{
    /* If it has no complaints it would run for ever */
    g_autofree char *command =
        g_strdup_printf("timeout 30 %s %s -accel qtest -nodefaults "
                        "-display none",
                        getenv("QTEST_QEMU_BINARY"), args);
    g_autofree char *said = NULL;
    int status;

    g_test_message("running %s", command);
    g_assert_true(g_spawn_command_line_sync(command, &said, output, &status,
                                            NULL));
    g_test_message("it says: %s", *output);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

uint64_t vtd_read64(VTDTest *t, unsigned reg)
{
    return qtest_readq(t->qts, VTD_BASE + reg);
}

static uint32_t read32(VTDTest *t, unsigned reg)
{
    return qtest_readl(t->qts, VTD_BASE + reg);
}

static void command(VTDTest *t, uint32_t gcmd, uint32_t done)
{
    qtest_writel(t->qts, VTD_BASE + VTD_GCMD, gcmd);
    g_assert_cmphex(read32(t, VTD_GSTS) & done, ==, done);
}

void vtd_enable(VTDTest *t, bool eime)
{
    qtest_memset(t->qts, IRT, 0, 256 * 16);
    qtest_writeq(t->qts, VTD_BASE + VTD_IRTA,
                 IRT | (uint64_t)eime << 11 | IRT_SIZE_FIELD);
    command(t, GCMD_SIRTP, GCMD_SIRTP);
    command(t, GCMD_IRE, GCMD_IRE);
}

uint64_t vtd_counter(VTDTest *t, const char *name)
{
    QDict *r = qtest_qmp(t->qts, "{'execute': 'qom-get', 'arguments': "
                         "{'path': %s, 'property': %s}}", VTD_QOM, name);
    uint64_t value = qdict_get_int(r, "return");

    qobject_unref(r);
    return value;
}

/* ---- Entries and descriptors ---- */

void vtd_irte(VTDTest *t, unsigned index, uint64_t lo, uint64_t hi)
{
    qtest_writeq(t->qts, IRT + index * 16, lo);
    qtest_writeq(t->qts, IRT + index * 16 + 8, hi);
}

void vtd_posted_irte(VTDTest *t, unsigned index, uint8_t vector, uint64_t pda,
                     uint64_t more)
{
    vtd_irte(t, index,
             IRTE_P | IRTE_IM | IRTE_VECTOR(vector) | IRTE_PDA_LO(pda) | more,
             IRTE_PDA_HI(pda) | IRTE_SVT(1) | PTD_SID);
}

void vtd_remapped_irte(VTDTest *t, unsigned index, uint8_t vector,
                       unsigned xapic_id)
{
    vtd_irte(t, index,
             IRTE_P | IRTE_VECTOR(vector) | (uint64_t)xapic_id << 40,
             IRTE_SVT(1) | PTD_SID);
}

void vtd_pd(VTDTest *t, uint64_t pda, uint64_t control)
{
    qtest_memset(t->qts, pda, 0, 64);
    qtest_writeq(t->qts, pda + 32, control);
}

uint64_t vtd_pd_control(VTDTest *t, uint64_t pda)
{
    return qtest_readq(t->qts, pda + 32);
}

bool vtd_pir(VTDTest *t, uint64_t pda, uint8_t vector)
{
    return qtest_readb(t->qts, pda + vector / 8) >> (vector % 8) & 1;
}

unsigned vtd_pir_count(VTDTest *t, uint64_t pda)
{
    uint8_t pir[32];
    unsigned n = 0;

    qtest_memread(t->qts, pda, pir, sizeof(pir));
    for (unsigned i = 0; i < sizeof(pir); i++) {
        n += ctpop8(pir[i]);
    }
    return n;
}

/* ---- Interrupts ---- */

void vtd_send_raw(VTDTest *t, uint32_t address, uint32_t data)
{
    const QPCIBar bar = t->dev->msix_table_bar;
    const uint64_t entry = t->dev->msix_table_off;

    qpci_io_writel(t->dev, bar, entry + PCI_MSIX_ENTRY_LOWER_ADDR, address);
    qpci_io_writel(t->dev, bar, entry + PCI_MSIX_ENTRY_UPPER_ADDR, 0);
    qpci_io_writel(t->dev, bar, entry + PCI_MSIX_ENTRY_DATA, data);
    qpci_io_writel(t->dev, bar, entry + PCI_MSIX_ENTRY_VECTOR_CTRL, 0);
    qpci_io_writel(t->dev, t->regs, PTD_MSI, 0);
}

void vtd_send(VTDTest *t, unsigned index)
{
    /* Handle in bits 19:5, format in 4, subhandle valid in 3 */
    vtd_send_raw(t, 0xfee00000u | index << 5 | 1 << 4 | 1 << 3, 0);
}

static char *irr_line(VTDTest *t, unsigned apic_id)
{
    g_autofree char *text = qtest_hmp(t->qts, "info lapic %u", apic_id);
    char *line = strstr(text, "IRR\t");

    g_assert_nonnull(line);
    return g_strndup(line + 4, strcspn(line + 4, "\r\n"));
}

bool vtd_irr(VTDTest *t, unsigned apic_id, uint8_t vector)
{
    g_autofree char *line = irr_line(t, apic_id);
    g_autofree char *wanted = g_strdup_printf(" %u ", vector);
    g_autofree char *all = g_strdup_printf(" %s ", line);

    return strstr(all, wanted);
}

unsigned vtd_irr_count(VTDTest *t, unsigned apic_id)
{
    g_autofree char *line = irr_line(t, apic_id);
    g_auto(GStrv) words = g_strsplit_set(line, " ", 0);
    unsigned n = 0;

    for (char **w = words; *w; w++) {
        n += g_ascii_isdigit(**w);
    }
    return n;
}

/* ---- Faults ---- */

void assert_fault(VTDTest *t, uint8_t reason, uint16_t index, uint16_t sid)
{
    const uint64_t lo = vtd_read64(t, VTD_FRCD);
    const uint64_t hi = vtd_read64(t, VTD_FRCD + 8);

    g_assert_true(hi >> 63);                    /* F */
    g_assert_cmphex(hi >> 32 & 0xff, ==, reason);
    g_assert_cmphex(hi & 0xffff, ==, sid);
    g_assert_cmphex(lo >> 48, ==, index);
    g_assert_true(read32(t, VTD_FSTS) & 2);     /* PPF */
    /* F is cleared by writing 1 */
    qtest_writel(t->qts, VTD_BASE + VTD_FRCD + 12, 1u << 31);
    assert_no_fault(t);
}

void assert_no_fault(VTDTest *t)
{
    g_assert_false(vtd_read64(t, VTD_FRCD + 8) >> 63);
    g_assert_cmphex(read32(t, VTD_FSTS) & 3, ==, 0);
}
