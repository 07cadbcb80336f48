/*
 * SMMUv2 qtest: what users say and what guests are told
 *
 * Bad values of properties give an error that names the property and what it
 * may be, and no abort; the device tree describes the SMMU that is there; buses
 * that bypass it do; devices come and go behind it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include <libfdt.h>
#include "qemu/bitops.h"
#include "qemu/units.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "smmuv2-lib.h"

#define DATA    (RAM_BASE + 0x15432000)

/* ---- Bad values ---- */

static void test_bad_values(void)
{
    static const struct {
        const char *property, *value, *valid;
    } cases[] = {
        { "num-smrg", "0", "1 to 128" },
        { "num-smrg", "129", "1 to 128" },
        { "num-smrg", "4294967295", "1 to 128" },
        { "num-smrg", "-1", NULL },
        { "num-smrg", "many", NULL },
        { "num-context-banks", "0", "1 to 128" },
        { "num-context-banks", "129", "1 to 128" },
        { "num-context-irqs", "65", "64" },
        { "num-context-irqs", "4294967295", "64" },
        { "page-size", "0", "4096 or 65536" },
        { "page-size", "4097", "4096 or 65536" },
        { "page-size", "16384", "4096 or 65536" },
        { "oas", "0", "32, 36, 40, 42, 44 or 48" },
        { "oas", "47", "32, 36, 40, 42, 44 or 48" },
        { "oas", "52", "32, 36, 40, 42, 44 or 48" },
        { "stage", "3", "'1', '2' or 'nested'" },
        { "stage", "", "'1', '2' or 'nested'" },
        { "stage", "both", "'1', '2' or 'nested'" },
        { "aarch32-formats", "short", "'all', 'long' or 'none'" },
        { "tlb-entries", "0", "power of two" },
        { "tlb-entries", "17", "power of two" },
        { "tlb-entries", "8", "power of two" },
        { "tlb-entries", "2097152", "power of two" },
        { "tlb-entries", "2147483648", "power of two" },
        { "utlb-entries", "0", "power of two" },
        { "utlb-entries", "63", "power of two" },
        { "exids", "maybe", NULL },
        { "vmid16", "2", NULL },
        { "stream-matching", "some", NULL },
        /* The board has one security state */
        { "secure", "on", "secure=on" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autofree char *extra = g_strdup_printf("-global arm-smmuv2.%s=%s",
                                                 cases[i].property,
                                                 cases[i].value);
        g_autofree char *args = smmu_args(extra);
        g_autofree char *output = NULL;

        g_assert_cmpint(smmu_run(args, &output), ==, 1);
        g_assert_nonnull(strstr(output, cases[i].property));
        if (cases[i].valid) {
            g_assert_nonnull(strstr(output, cases[i].valid));
        }
    }
}

/* More interrupts than banks */
static void test_more_irqs_than_banks(void)
{
    g_autofree char *args = smmu_args("-global arm-smmuv2.num-context-banks=4 "
                                      "-global arm-smmuv2.num-context-irqs=5");
    g_autofree char *output = NULL;

    g_assert_cmpint(smmu_run(args, &output), ==, 1);
    g_assert_nonnull(strstr(output, "num-context-irqs"));
    g_assert_nonnull(strstr(output, "0 to 4"));
}

static void test_machine(void)
{
    g_autofree char *output = NULL, *help = NULL, *more = NULL;

    g_assert_cmpint(smmu_run("-M virt,iommu=foo", &output), ==, 1);
    g_assert_nonnull(strstr(output, "iommu"));
    g_assert_nonnull(strstr(output, "none, smmuv2, smmuv3"));
    /* Not without the board */
    g_assert_cmpint(smmu_run("-M virt -device arm-smmuv2", &help), ==, 1);
    g_assert_nonnull(strstr(help, "arm-smmuv2"));
    g_assert_cmpint(smmu_run("-M virt -device passthrough-testdev,"
                             "buffer-size=5000", &more), ==, 1);
    g_assert_nonnull(strstr(more, "buffer-size"));
    g_assert_nonnull(strstr(more, "power of two"));
}

/* ---- Device tree ---- */

static uint32_t cell(const fdt32_t *cells, unsigned i)
{
    return fdt32_to_cpu(cells[i]);
}

static const fdt32_t *get_cells(const void *fdt, int node, const char *name,
                                unsigned num)
{
    int len;
    const fdt32_t *cells = fdt_getprop(fdt, node, name, &len);

    g_test_message("%s", name);
    g_assert_nonnull(cells);
    g_assert_cmpint(len, ==, 4 * num);
    return cells;
}

typedef struct FDTCase {
    const char *args;
    unsigned banks, lines;
    uint64_t size;
} FDTCase;

static int find_pcie(const void *fdt)
{
    int node = fdt_node_offset_by_compatible(fdt, -1,
                                             "pci-host-ecam-generic");

    g_assert_cmpint(node, >=, 0);
    return node;
}

static void test_fdt(void)
{
    static const FDTCase cases[] = {
        { "", 128, 64, 1 * MiB },
        { "-global arm-smmuv2.page-size=65536", 128, 64, 16 * MiB },
        { "-global arm-smmuv2.num-context-banks=9", 9, 9, 128 * KiB },
        { "-global arm-smmuv2.num-context-banks=9 "
          "-global arm-smmuv2.num-context-irqs=4", 9, 4, 128 * KiB },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        const FDTCase *c = &cases[i];
        GMappedFile *file = smmu_get_tree("iommu=smmuv2", c->args);
        const void *fdt = g_mapped_file_get_contents(file);
        int node = fdt_path_offset(fdt, "/iommu@b000000"), len;
        const fdt32_t *cells;
        uint32_t phandle;

        g_assert_cmpint(node, >=, 0);
        g_assert_cmpint(fdt_node_check_compatible(fdt, node, "arm,mmu-500"),
                        ==, 0);
        cells = get_cells(fdt, node, "reg", 4);
        g_assert_cmphex((uint64_t)cell(cells, 0) << 32 | cell(cells, 1), ==,
                        SMMU_BASE);
        g_assert_cmphex((uint64_t)cell(cells, 2) << 32 | cell(cells, 3), ==,
                        c->size);
        g_assert_cmpuint(cell(get_cells(fdt, node, "#global-interrupts", 1),
                              0), ==, 1);
        g_assert_cmpuint(cell(get_cells(fdt, node, "#iommu-cells", 1), 0), ==,
                         1);
        g_assert_nonnull(fdt_getprop(fdt, node, "dma-coherent", &len));

        /* Xen wants as many context interrupts as banks; all are levels */
        cells = get_cells(fdt, node, "interrupts", 3 * (1 + c->banks));
        for (unsigned n = 0; n <= c->banks; n++) {
            unsigned spi = n ? SMMU_SPI + 1 + (n - 1) % c->lines : SMMU_SPI;

            g_assert_cmpuint(cell(cells, 3 * n), ==, 0);
            g_assert_cmpuint(cell(cells, 3 * n + 1), ==, spi);
            g_assert_cmpuint(cell(cells, 3 * n + 2), ==, 4);
        }

        /* All requester IDs are StreamIDs of this SMMU */
        phandle = fdt_get_phandle(fdt, node);
        g_assert_cmpuint(phandle, !=, 0);
        cells = get_cells(fdt, find_pcie(fdt), "iommu-map", 4);
        g_assert_cmphex(cell(cells, 0), ==, 0);
        g_assert_cmphex(cell(cells, 1), ==, phandle);
        g_assert_cmphex(cell(cells, 2), ==, 0);
        g_assert_cmphex(cell(cells, 3), ==, 0x10000);
        g_mapped_file_unref(file);
    }
}

/* Other choices have nothing of it */
static void test_fdt_without(void)
{
    static const char *const machines[] = { "iommu=none", "iommu=smmuv3" };

    for (size_t i = 0; i < ARRAY_SIZE(machines); i++) {
        GMappedFile *file = smmu_get_tree(machines[i], "");
        const void *fdt = g_mapped_file_get_contents(file);

        g_assert_cmpint(fdt_node_offset_by_compatible(fdt, -1, "arm,mmu-500"),
                        ==, -FDT_ERR_NOTFOUND);
        g_mapped_file_unref(file);
    }
}

/* ---- Bypass ---- */

static void test_bypass(void)
{
    GMappedFile *file =
        smmu_get_tree("iommu=smmuv2,default-bus-bypass-iommu=on", "");
    const void *fdt = g_mapped_file_get_contents(file);
    SMMUTest t;
    int len;

    g_assert_null(fdt_getprop(fdt, find_pcie(fdt), "iommu-map", &len));
    g_mapped_file_unref(file);

    /* Nothing passes the SMMU, and yet it arrives */
    smmu_attach(&t, qtest_init("-M virt,gic-version=3,iommu=smmuv2,"
                               "default-bus-bypass-iommu=on -m 512M "
                               "-nodefaults -device passthrough-testdev,"
                               "addr=4.0"));
    gr0_write(&t, A_CR0, CR0_ON);
    assert_maps(&t, &t.dev, DATA, DATA, "bypass");
    assert_no_faults(&t, 1);
    smmu_free_dev(&t.dev);
    qtest_quit(t.qts);
}

/* ---- Devices behind bridges, and devices that come and go ---- */

#define PORT_DEVFN  QPCI_DEVFN(2, 0)

static SMMUTest *start_with_port(void)
{
    SMMUTest *t = g_new0(SMMUTest, 1);

    t->qts = qtest_init("-M virt,gic-version=3,iommu=smmuv2 -m 512M "
                        "-nodefaults -device pcie-root-port,id=rp,addr=2.0,"
                        "chassis=1");
    t->base = SMMU_BASE;
    t->page_size = 4 * KiB;
    t->num_pages = 128;
    t->next = RAM_BASE + 32 * MiB;
    qpci_init_generic(&t->pci, t->qts, NULL, true);
    return t;
}

static void set_slot(SMMUTest *t, uint16_t control)
{
    QPCIDevice *port = qpci_device_find(&t->pci.bus, PORT_DEVFN);
    uint8_t cap = qpci_find_capability(port, PCI_CAP_ID_EXP, 0);

    g_assert_cmpuint(cap, !=, 0);
    qpci_config_writew(port, cap + PCI_EXP_SLTCTL, control);
    g_free(port);
}

static void plug(SMMUTest *t)
{
    qtest_qmp_device_add(t->qts, "passthrough-testdev", "ptd",
                         "{'bus': 'rp'}");
    set_slot(t, PCI_EXP_SLTCTL_PWR_IND_ON);
}

/* The guest turns the slot's power off, which is what a removal waits for */
static void unplug(SMMUTest *t)
{
    qtest_qmp_device_del_send(t->qts, "ptd");
    set_slot(t, PCI_EXP_SLTCTL_PCC | PCI_EXP_SLTCTL_PWR_IND_OFF);
    qtest_qmp_eventwait(t->qts, "DEVICE_DELETED");
}

/*
 * The StreamID is made of the bus number that the port has now, also one
 * beyond 127, which wants 16-bit IDs
 */
static void test_bus_numbers(void)
{
    SMMUTest *t = start_with_port();
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);

    plug(t);
    smmu_map(&tab, 0x5000, DATA, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    gr0_write(t, A_CR0, CR0_ON);
    for (unsigned bus = 1; bus < 0x100; bus += 0x7f) {
        uint64_t mmio = t->pci.bus.mmio_alloc_ptr;

        smmu_set_up_bridge(t, PORT_DEVFN, bus, bus);
        t->dev = smmu_find_dev(t, bus << 8);
        if (bus < 0x80) {
            gr0_write(t, A_CR0, CR0_ON);
            smmu_stream(t, 0, bus << 8, 0, 0);
        } else {
            /* Fifteen bits do not name it */
            smmu_stream(t, 0, bus << 8 & 0x7fff, 0, 0);
            assert_refused(t, &t->dev, 0x5000, "15 bits");
            g_assert_cmphex(gr0_read(t, A_GFSYNR1), ==, bus << 8);
            gr0_write(t, A_GFSR, ~0u);
            gr0_write(t, A_CR0, CR0_ON | R_CR0_EXIDENABLE_MASK);
            gr0_write(t, A_SMR0, bus << 8);
            gr0_write(t, A_S2CR0, R_S2CR0_EXIDVALID_MASK);
        }
        assert_maps(t, &t->dev, 0x5000, DATA, "bus");
        g_assert_cmphex(dma(&t->dev, PTD_OP_READ, 0x9000, 4), !=,
                        PTD_RESULT_OK);
        g_assert_cmphex(gr1_read(t, A_CBFRSYNRA0), ==, bus << 8);
        smmu_fault_clear(t, 0);
        smmu_free_dev(&t->dev);
        t->pci.bus.mmio_alloc_ptr = mmio;
    }
    qtest_quit(t->qts);
    g_free(t);
}

static void test_hotplug(void)
{
    SMMUTest *t = start_with_port();
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);

    smmu_set_up_bridge(t, PORT_DEVFN, 1, 1);
    smmu_map(&tab, 0x5000, DATA, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_stream(t, 0, 0x100, 0, 0);
    gr0_write(t, A_CR0, CR0_ON);

    for (unsigned round = 0; round < 3; round++) {
        uint64_t mmio = t->pci.bus.mmio_alloc_ptr;

        plug(t);
        t->dev = smmu_find_dev(t, 0x100);
        assert_maps(t, &t->dev, 0x5000, DATA, "plugged");
        /* It goes while it listens and has entries in the TLBs */
        qpci_io_writel(t->dev.pci, t->dev.regs, PTD_NOTIFY, PTD_NOTIFY_UNMAP);
        smmu_free_dev(&t->dev);
        unplug(t);
        cb_write(t, 0, A_CB_TLBIASID, 1);
        cb_write64(t, 0, A_CB_TLBIVA, 1ull << 48 | 5);
        t->pci.bus.mmio_alloc_ptr = mmio;
    }
    assert_no_faults(t, 1);
    qtest_quit(t->qts);
    g_free(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/props/bad-values", test_bad_values);
    qtest_add_func("/smmuv2/props/more-irqs-than-banks",
                   test_more_irqs_than_banks);
    qtest_add_func("/smmuv2/props/machine", test_machine);
    qtest_add_func("/smmuv2/props/fdt", test_fdt);
    qtest_add_func("/smmuv2/props/fdt-without", test_fdt_without);
    qtest_add_func("/smmuv2/props/bypass", test_bypass);
    qtest_add_func("/smmuv2/props/bus-numbers", test_bus_numbers);
    qtest_add_func("/smmuv2/props/hotplug", test_hotplug);
    return g_test_run();
}
