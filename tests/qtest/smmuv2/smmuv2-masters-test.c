/*
 * SMMUv2 qtest: which devices an SMMU translates for
 *
 * PCI root buses with an SMMU each, with one for two of them, and with none;
 * what the device tree and the IORT say of it; buses that get new numbers and
 * bridges that are unplugged while translations are cached.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include <libfdt.h>
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/units.h"
#include "hw/pci/pci_regs.h"
#include "../libqos/fw_cfg.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "smmuv2-lib.h"

#define DATA    (RAM_BASE + 0x15432000)

/* The platform bus, where further SMMUs are, and its interrupts */
#define PLATFORM_BASE   UINT64_C(0x0c000000)
#define PLATFORM_SPI    112
/* The bus of pxb-pcie */
#define PXB_BUS         128
#define PXB             "-device pxb-pcie,id=pcie.1,bus=pcie.0,bus_nr=128"
#define SECOND          "-device arm-smmuv2,id=smmu1,primary-bus=pcie.1"
/* A test device behind a root port of pcie.<n> */
#define BEHIND(n)       "-device pcie-root-port,id=rp" #n ",bus=pcie." #n \
                        ",addr=0.0,chassis=1" #n \
                        " -device passthrough-testdev,bus=rp" #n
#define SECOND_QOM      "/machine/peripheral/smmu1"

/* ---- Device tree ---- */

static uint32_t cell(const fdt32_t *cells, unsigned i)
{
    return fdt32_to_cpu(cells[i]);
}

/* One entry of iommu-map; the length as requester IDs */
typedef struct MapEntry {
    uint32_t base, length;
    const char *node;           /* NULL: the map ends */
} MapEntry;

#define BOARD_NODE  "/iommu@b000000"
#define SECOND_NODE "/iommu@c000000"

static void test_iommu_map(void)
{
    static const struct {
        const char *machine, *args;
        MapEntry map[3];
    } cases[] = {
        { "iommu=smmuv2", "", { { 0, 0x10000, BOARD_NODE } } },
        { "iommu=smmuv2", PXB,
          { { 0, 0x8000, BOARD_NODE }, { 0x8000, 0x8000, BOARD_NODE } } },
        { "iommu=smmuv2", PXB " " SECOND,
          { { 0, 0x8000, BOARD_NODE }, { 0x8000, 0x8000, SECOND_NODE } } },
        { "iommu=smmuv2", PXB ",bypass_iommu=on",
          { { 0, 0x8000, BOARD_NODE } } },
        { "iommu=smmuv2,default-bus-bypass-iommu=on", PXB,
          { { 0x8000, 0x8000, BOARD_NODE } } },
        { "iommu=smmuv2,default-bus-bypass-iommu=on", "", { } },
        { "iommu=none", PXB " " SECOND,
          { { 0x8000, 0x8000, SECOND_NODE } } },
        { "iommu=none", "-device arm-smmuv2,primary-bus=pcie.0",
          { { 0, 0x10000, SECOND_NODE } } },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        GMappedFile *file = smmu_get_tree(cases[i].machine, cases[i].args);
        const void *fdt = g_mapped_file_get_contents(file);
        int pcie = fdt_node_offset_by_compatible(fdt, -1,
                                                 "pci-host-ecam-generic");
        int len = 0;
        const fdt32_t *map = fdt_getprop(fdt, pcie, "iommu-map", &len);
        unsigned n = 0;

        for (; cases[i].map[n].node; n++) {
            const MapEntry *e = &cases[i].map[n];
            int node = fdt_path_offset(fdt, e->node);

            g_assert_cmpint(node, >=, 0);
            g_assert_cmpint(len, >=, 16 * (n + 1));
            g_assert_cmphex(cell(map, 4 * n), ==, e->base);
            g_assert_cmphex(cell(map, 4 * n + 1), ==,
                            fdt_get_phandle(fdt, node));
            g_assert_cmphex(cell(map, 4 * n + 2), ==, e->base);
            g_assert_cmphex(cell(map, 4 * n + 3), ==, e->length);
        }
        g_assert_cmpint(map ? len : 0, ==, 16 * n);
        g_mapped_file_unref(file);
    }
}

/* Two of them have registers and interrupts of their own */
static void test_fdt_second(void)
{
    GMappedFile *file = smmu_get_tree("iommu=smmuv2", PXB " " SECOND);
    const void *fdt = g_mapped_file_get_contents(file);
    int node = fdt_path_offset(fdt, SECOND_NODE), len;
    const fdt32_t *cells;

    g_assert_cmpint(node, >=, 0);
    g_assert_cmpint(fdt_node_check_compatible(fdt, node, "arm,mmu-500"), ==,
                    0);
    cells = fdt_getprop(fdt, node, "reg", &len);
    g_assert_cmpint(len, ==, 16);
    g_assert_cmphex(cell(cells, 1), ==, PLATFORM_BASE);
    g_assert_cmphex(cell(cells, 3), ==, 1 * MiB);
    cells = fdt_getprop(fdt, node, "interrupts", &len);
    g_assert_cmpint(len, ==, 12 * 129);
    for (unsigned n = 0; n <= 128; n++) {
        g_assert_cmpuint(cell(cells, 3 * n + 1), ==,
                         PLATFORM_SPI + (n ? 1 + (n - 1) % 5 : 0));
    }
    g_mapped_file_unref(file);
}

/* Masters of the platform bus, each behind the SMMU that it asks for */
static void test_fdt_sysbus(void)
{
    GMappedFile *file =
        smmu_get_tree("iommu=smmuv2", PXB " " SECOND
                 " -device passthrough-testdev-sysbus,stream-id=0xff10"
                 " -device passthrough-testdev-sysbus,stream-id=0x12,"
                 "iommu=smmu1,buffer-size=4096");
    const void *fdt = g_mapped_file_get_contents(file);
    static const struct {
        const char *node, *smmu;
        uint32_t regs, buffer, size, spi, stream_id;
    } cases[] = {
        { "/passthrough-testdev@c100000", BOARD_NODE, 0xc100000, 0xc110000,
          0x10000, PLATFORM_SPI + 8, 0xff10 },
        { "/passthrough-testdev@c101000", SECOND_NODE, 0xc101000, 0xc102000,
          0x1000, PLATFORM_SPI + 9, 0x12 },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        int node = fdt_path_offset(fdt, cases[i].node), len;
        int smmu = fdt_path_offset(fdt, cases[i].smmu);
        const fdt32_t *cells;

        g_assert_cmpint(node, >=, 0);
        g_assert_cmpint(smmu, >=, 0);
        g_assert_cmpint(fdt_node_check_compatible(fdt, node,
                            "qemu,passthrough-testdev"), ==, 0);
        g_assert_nonnull(fdt_getprop(fdt, node, "dma-coherent", NULL));
        cells = fdt_getprop(fdt, node, "reg", &len);
        g_assert_cmpint(len, ==, 32);
        g_assert_cmphex(cell(cells, 0) | cell(cells, 2) | cell(cells, 4) |
                        cell(cells, 6), ==, 0);
        g_assert_cmphex(cell(cells, 1), ==, cases[i].regs);
        g_assert_cmphex(cell(cells, 3), ==, 0x1000);
        g_assert_cmphex(cell(cells, 5), ==, cases[i].buffer);
        g_assert_cmphex(cell(cells, 7), ==, cases[i].size);
        /* An SPI, a rising edge */
        cells = fdt_getprop(fdt, node, "interrupts", &len);
        g_assert_cmpint(len, ==, 12);
        g_assert_cmpuint(cell(cells, 0), ==, 0);
        g_assert_cmpuint(cell(cells, 1), ==, cases[i].spi);
        g_assert_cmpuint(cell(cells, 2), ==, 1);
        cells = fdt_getprop(fdt, node, "iommus", &len);
        g_assert_cmpint(len, ==, 8);
        g_assert_cmphex(cell(cells, 0), ==, fdt_get_phandle(fdt, smmu));
        g_assert_cmphex(cell(cells, 1), ==, cases[i].stream_id);
    }
    g_mapped_file_unref(file);

    /* Behind none it has none */
    file = smmu_get_tree("iommu=none", "-device passthrough-testdev-sysbus");
    fdt = g_mapped_file_get_contents(file);
    g_assert_null(fdt_getprop(fdt, fdt_path_offset(fdt,
                                       "/passthrough-testdev@c000000"),
                              "iommus", NULL));
    g_assert_cmpint(fdt_path_offset(fdt, "/passthrough-testdev@c000000"), >=,
                    0);
    g_mapped_file_unref(file);
}

/* ---- Mistakes ---- */

static void test_mistakes(void)
{
    static const struct {
        const char *args, *says;
    } cases[] = {
        { "-M virt -device arm-smmuv2", "primary-bus" },
        { "-M virt -device arm-smmuv2,primary-bus=nowhere", "nowhere" },
        { "-M virt,iommu=smmuv2 -device arm-smmuv2,primary-bus=pcie.0",
          "has an IOMMU already" },
        { "-M virt " PXB " " SECOND " -device arm-smmuv2,primary-bus=pcie.1",
          "has an IOMMU already" },
        { "-M virt -device pcie-root-port,id=rp,chassis=1 "
          "-device arm-smmuv2,primary-bus=rp", "no PCI root bus" },
        { "-M virt,iommu=smmuv3 " PXB " " SECOND, "several kinds" },
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        g_autofree char *output = NULL;

        g_assert_cmpint(smmu_run(cases[i].args, &output), ==, 1);
        g_assert_nonnull(strstr(output, cases[i].says));
    }
}

/* ---- Two SMMUs at work ---- */

/* A context that maps 0x5000, for one requester ID */
static void set_up(SMMUTest *t, uint64_t base, uint16_t sid, uint64_t pa)
{
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);

    t->base = base;
    smmu_map(&tab, 0x5000, pa, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    smmu_stream(t, 0, sid, 0, 0);
    gr0_write(t, A_CR0, CR0_ON | R_CR0_EXIDENABLE_MASK);
    gr0_write(t, A_SMR0, sid);
    gr0_write(t, A_S2CR0, R_S2CR0_EXIDVALID_MASK);
}

static void test_two(void)
{
    SMMUTest *t = smmu_start(PXB " " SECOND " " BEHIND(1));
    uint16_t sid = (PXB_BUS + 1) << 8;
    TestDev second;

    smmu_set_up_bridge(t, PXB_BUS << 8, PXB_BUS + 1, PXB_BUS + 1);
    second = smmu_find_dev(t, sid);
    set_up(t, SMMU_BASE, PTD_SID, DATA);
    assert_maps(t, &t->dev, 0x5000, DATA, "first");
    /* The second one's device is none of the first one's business */
    assert_maps(t, &second, DATA + 4 * KiB, DATA + 4 * KiB, "disabled");
    set_up(t, PLATFORM_BASE, sid, DATA + 8 * KiB);
    assert_maps(t, &second, 0x5000, DATA + 8 * KiB, "second");
    assert_maps(t, &t->dev, 0x5000, DATA, "first, still");

    /* Each reports its own faults, in a line of its own */
    qtest_irq_intercept_out_named(t->qts, SECOND_QOM, "sysbus-irq");
    assert_refused(t, &second, 0x9000, "unmapped");
    g_assert_cmphex(cb_read(t, 0, A_CB_FSR) & CB_FSR_FAULTS, ==,
                    R_CB_FSR_TF_MASK);
    g_assert_cmphex(gr1_read(t, A_CBFRSYNRA0), ==, sid);
    g_assert_true(qtest_get_irq(t->qts, 1));
    t->base = SMMU_BASE;
    assert_no_faults(t, 1);
    g_assert_cmpuint(smmu_qom_uint(t, SMMU_QOM, "context-faults"), ==, 0);
    /* Refused in pieces, which are one transaction each way */
    g_assert_cmpuint(smmu_qom_uint(t, SECOND_QOM, "context-faults"), ==, 2);

    /* A TLBI of one leaves the other's entries */
    gr0_write(t, A_TLBIALLNSNH, 0);
    assert_maps(t, &second, 0x5000, DATA + 8 * KiB, "after TLBI");
    smmu_free_dev(&second);
    smmu_quit(t);
}

/* One SMMU for two root buses, or for neither */
static void test_shared(void)
{
    SMMUTest *t = smmu_start(PXB " -device pxb-pcie,id=pcie.2,bus=pcie.0,"
                             "bus_nr=200,bypass_iommu=on " BEHIND(1) " "
                             BEHIND(2));
    TestDev behind, bypasses;

    smmu_set_up_bridge(t, PXB_BUS << 8, PXB_BUS + 1, PXB_BUS + 1);
    smmu_set_up_bridge(t, 200 << 8, 201, 201);
    behind = smmu_find_dev(t, (PXB_BUS + 1) << 8);
    bypasses = smmu_find_dev(t, 201 << 8);
    set_up(t, SMMU_BASE, (PXB_BUS + 1) << 8, DATA);
    assert_maps(t, &behind, 0x5000, DATA, "behind");
    assert_refused(t, &t->dev, 0x5000, "another stream");
    gr0_write(t, A_GFSR, ~0u);
    assert_maps(t, &bypasses, DATA, DATA, "bypasses");
    assert_no_faults(t, 1);
    smmu_free_dev(&behind);
    smmu_free_dev(&bypasses);
    smmu_quit(t);
}

/* ---- IORT ---- */

#define FW_CFG_BASE     UINT64_C(0x09020000)

static void fw_cfg_select(QFWCFG *fw_cfg, uint16_t key)
{
    qtest_writew(fw_cfg->qts, fw_cfg->base + 8, bswap16(key));
}

static void fw_cfg_read(QFWCFG *fw_cfg, void *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        ((uint8_t *)data)[i] = qtest_readb(fw_cfg->qts, fw_cfg->base);
    }
}

/* A table of a machine, as firmware gets it; the caller frees it */
static uint8_t *get_table(const char *args, const char *signature)
{
    QTestState *qts = qtest_init(args);
    QFWCFG fw_cfg = {
        .base = FW_CFG_BASE,
        .qts = qts,
        .select = fw_cfg_select,
        .read = fw_cfg_read,
    };
    g_autofree uint8_t *all = g_malloc0(128 * KiB);
    size_t size = qfw_cfg_get_file(&fw_cfg, "etc/acpi/tables", all, 128 * KiB);
    uint8_t *table = NULL;

    g_assert_cmpuint(size, >, 0);
    /* Tables follow each other, but for padding */
    for (size_t at = 0; at + 48 < size && !table; at++) {
        if (!memcmp(all + at, signature, 4)) {
            table = g_memdup2(all + at, ldl_le_p(all + at + 4));
        }
    }
    g_assert_nonnull(table);
    qtest_quit(qts);
    return table;
}

static uint8_t *get_iort(const char *args)
{
    return get_table(args, "IORT");
}

typedef struct Node {
    uint32_t offset;
    const uint8_t *p;
} Node;

/* Node @n, of which the type is checked */
static Node get_node(const uint8_t *iort, unsigned n, uint8_t type)
{
    uint32_t at = ldl_le_p(iort + 40);

    g_assert_cmpuint(n, <, ldl_le_p(iort + 36));
    while (n--) {
        at += lduw_le_p(iort + at + 1);
    }
    g_assert_cmpuint(at, <, ldl_le_p(iort + 4));
    g_assert_cmpuint(iort[at], ==, type);
    return (Node) { at, iort + at };
}

static void assert_mapping(Node node, unsigned n, uint32_t base,
                           uint32_t count, Node to)
{
    const uint8_t *m = node.p + ldl_le_p(node.p + 12) + 20 * n;

    g_assert_cmpuint(n, <, ldl_le_p(node.p + 8));
    g_assert_cmphex(ldl_le_p(m), ==, base);
    g_assert_cmphex(ldl_le_p(m + 4), ==, count - 1);
    g_assert_cmphex(ldl_le_p(m + 8), ==, base);
    g_assert_cmphex(ldl_le_p(m + 12), ==, to.offset);
    g_assert_cmphex(ldl_le_p(m + 16), ==, 0);
}

/* GSIVs are SPI + 32; flags 0 are a level */
static void assert_interrupt(const uint8_t *p, unsigned spi)
{
    g_assert_cmpuint(ldl_le_p(p), ==, spi + 32);
    g_assert_cmpuint(ldl_le_p(p + 4), ==, 0);
}

static void assert_smmu(Node smmu, Node its, uint64_t base, unsigned spi,
                        unsigned lines, unsigned pmu_spi)
{
    const uint8_t *p = smmu.p;

    g_assert_cmphex(ldq_le_p(p + 16), ==, base);
    g_assert_cmphex(ldq_le_p(p + 24), ==, 1 * MiB);
    g_assert_cmpuint(ldl_le_p(p + 32), ==, 3);      /* MMU-500 */
    g_assert_cmphex(ldl_le_p(p + 36), ==, 2);       /* coherent walk */
    /* Both global interrupts are one */
    assert_interrupt(p + ldl_le_p(p + 40), spi);
    assert_interrupt(p + ldl_le_p(p + 40) + 8, spi);
    g_assert_cmpuint(ldl_le_p(p + 44), ==, 128);
    for (unsigned cb = 0; cb < 128; cb++) {
        assert_interrupt(p + ldl_le_p(p + 48) + 8 * cb, spi + 1 + cb % lines);
    }
    g_assert_cmpuint(ldl_le_p(p + 52), ==, 1);
    assert_interrupt(p + ldl_le_p(p + 56), pmu_spi);
    g_assert_cmpuint(ldl_le_p(p + 8), ==, 1);
    assert_mapping(smmu, 0, 0, 0x10000, its);
}

#define BOARD   "-nodefaults -M virt,gic-version=3,iommu=smmuv2"

static void test_iort_one(void)
{
    g_autofree uint8_t *iort = get_iort(BOARD);
    Node its = get_node(iort, 0, 0), smmu = get_node(iort, 1, 3);
    Node rc = get_node(iort, 2, 2);

    g_assert_cmpuint(ldl_le_p(iort + 36), ==, 3);
    assert_smmu(smmu, its, SMMU_BASE, SMMU_SPI, 64, 241);
    /* Bus 0 alone has a number before firmware gives others theirs */
    g_assert_cmpuint(ldl_le_p(rc.p + 8), ==, 2);
    assert_mapping(rc, 0, 0, 0x100, smmu);
    assert_mapping(rc, 1, 0x100, 0xff00, its);
}

static void test_iort_two(void)
{
    g_autofree uint8_t *iort = get_iort(BOARD " " PXB " " SECOND);
    Node its = get_node(iort, 0, 0), first = get_node(iort, 1, 3);
    Node second = get_node(iort, 2, 3), rc = get_node(iort, 3, 2);

    g_assert_cmpuint(ldl_le_p(iort + 36), ==, 4);
    assert_smmu(first, its, SMMU_BASE, SMMU_SPI, 64, 241);
    assert_smmu(second, its, PLATFORM_BASE, PLATFORM_SPI, 5,
                PLATFORM_SPI + 6);
    g_assert_cmpuint(ldl_le_p(rc.p + 8), ==, 4);
    assert_mapping(rc, 0, 0, 0x100, first);
    assert_mapping(rc, 1, 0x100, 0x7f00, its);
    assert_mapping(rc, 2, 0x8000, 0x100, second);
    assert_mapping(rc, 3, 0x8100, 0x7f00, its);
}

static void test_iort_bypass(void)
{
    g_autofree uint8_t *iort = get_iort(BOARD " " PXB ",bypass_iommu=on");
    g_autofree uint8_t *other =
        get_iort(BOARD ",default-bus-bypass-iommu=on " PXB);
    Node rc = get_node(iort, 2, 2), other_rc = get_node(other, 2, 2);

    g_assert_cmpuint(ldl_le_p(rc.p + 8), ==, 2);
    assert_mapping(rc, 0, 0, 0x100, get_node(iort, 1, 3));
    assert_mapping(rc, 1, 0x100, 0xff00, get_node(iort, 0, 0));
    g_assert_cmpuint(ldl_le_p(other_rc.p + 8), ==, 3);
    assert_mapping(other_rc, 0, 0, 0x8000, get_node(other, 0, 0));
    assert_mapping(other_rc, 1, 0x8000, 0x100, get_node(other, 1, 3));
    assert_mapping(other_rc, 2, 0x8100, 0x7f00, get_node(other, 0, 0));
}

/* A device of the namespace, and the SMMU that its one StreamID goes to */
static void assert_named(Node node, const char *path, uint32_t stream_id,
                         Node smmu)
{
    const uint8_t *m = node.p + ldl_le_p(node.p + 12);

    g_assert_cmphex(ldl_le_p(node.p + 16), ==, 0);
    g_assert_cmphex(ldl_le_p(node.p + 20), ==, 1);      /* CCA */
    g_assert_cmphex(node.p[27], ==, 3);                 /* CPM, DACS */
    g_assert_cmpuint(node.p[28], ==, 64);
    g_assert_cmpstr((const char *)node.p + 29, ==, path);
    g_assert_cmpuint(ldl_le_p(node.p + 8), ==, 1);
    g_assert_cmpuint(ldl_le_p(node.p + 12) % 4, ==, 0);
    g_assert_cmpuint(ldl_le_p(node.p + 12) + 20, ==, lduw_le_p(node.p + 1));
    g_assert_cmphex(ldl_le_p(m + 8), ==, stream_id);
    g_assert_cmphex(ldl_le_p(m + 12), ==, smmu.offset);
    g_assert_cmphex(ldl_le_p(m + 16), ==, 1);           /* Single mapping */
}

/*
 * What the DSDT says of a device after its name: in resources a fixed range of
 * 32 bits is 0x86 with a length of 9, an interrupt 0x89 with one of 6
 */
static void assert_resources(const uint8_t *dsdt, const char *name,
                             uint32_t regs, uint32_t buffer, uint32_t size,
                             uint32_t gsiv)
{
    const uint8_t *end = dsdt + ldl_le_p(dsdt + 4);
    const uint8_t *p = memmem(dsdt, end - dsdt, name, 4);
    const uint8_t range[] = { 0x86, 9, 0, 1 }, irq[] = { 0x89, 6, 0, 3, 1 };

    g_assert_nonnull(p);
    p = memmem(p, end - p, range, sizeof(range));
    g_assert_nonnull(p);
    g_assert_cmphex(ldl_le_p(p + 4), ==, regs);
    g_assert_cmphex(ldl_le_p(p + 8), ==, 0x1000);
    p += 12;
    g_assert_cmphex(memcmp(p, range, sizeof(range)), ==, 0);
    g_assert_cmphex(ldl_le_p(p + 4), ==, buffer);
    g_assert_cmphex(ldl_le_p(p + 8), ==, size);
    /* An edge, high; GSIVs are SPI + 32 */
    p += 12;
    g_assert_cmphex(memcmp(p, irq, sizeof(irq)), ==, 0);
    g_assert_cmpuint(ldl_le_p(p + 5), ==, gsiv);
    p = memmem(p, end - p, "qemu,passthrough-testdev", 25);
    g_assert_nonnull(p);
}

#define SYSBUS  "-device passthrough-testdev-sysbus,stream-id=0xff10 " \
                "-device passthrough-testdev-sysbus,stream-id=0x12," \
                "iommu=smmu1,buffer-size=4096"

static void test_acpi_sysbus(void)
{
    static const char args[] = BOARD " " PXB " " SECOND " " SYSBUS;
    g_autofree uint8_t *iort = get_iort(args);
    g_autofree uint8_t *dsdt = get_table(args, "DSDT");
    g_autofree uint8_t *none =
        get_table("-nodefaults -M virt,gic-version=3,iommu=smmuv2", "DSDT");
    Node smmu[2] = { get_node(iort, 1, 3), get_node(iort, 2, 3) };

    g_assert_cmpuint(ldl_le_p(iort + 36), ==, 6);
    get_node(iort, 3, 2);
    assert_named(get_node(iort, 4, 1), "\\_SB_.PT00", 0xff10, smmu[0]);
    assert_named(get_node(iort, 5, 1), "\\_SB_.PT01", 0x12, smmu[1]);
    assert_resources(dsdt, "PT00", 0xc100000, 0xc110000, 0x10000,
                     32 + PLATFORM_SPI + 8);
    assert_resources(dsdt, "PT01", 0xc101000, 0xc102000, 0x1000,
                     32 + PLATFORM_SPI + 9);
    g_assert_null(memmem(none, ldl_le_p(none + 4), "PT00", 4));
}

/* ---- Bridges ---- */

#define PORT_DEVFN  QPCI_DEVFN(2, 0)
#define SWITCH      "-device x3130-upstream,bus=rp,id=up " \
                    "-device xio3130-downstream,bus=up,id=down,chassis=2 " \
                    "-device passthrough-testdev,bus=down,id=behind"

/* The notification that a device has got, and forget it */
static void assert_told_all(TestDev *dev, unsigned count)
{
    g_assert_cmpuint(qpci_io_readl(dev->pci, dev->regs, PTD_NOTIFY_COUNT), ==,
                     count);
    if (count) {
        g_assert_cmphex(qpci_io_readl(dev->pci, dev->regs,
                                      PTD_NOTIFY_IOVA_LO), ==, 0);
        g_assert_cmphex(qpci_io_readl(dev->pci, dev->regs,
                                      PTD_NOTIFY_MASK_HI), ==, 0xffffffff);
    }
    qpci_io_writel(dev->pci, dev->regs, PTD_NOTIFY, PTD_NOTIFY_UNMAP);
}

/* A new bus number is a new StreamID: nothing cached is worth anything */
static void test_renumbered(void)
{
    SMMUTest *t = smmu_start("-device pcie-root-port,id=rp,addr=2.0,chassis=1 "
                             "-device passthrough-testdev,bus=rp,id=behind");
    TestDev behind;

    smmu_set_up_bridge(t, PORT_DEVFN, 1, 1);
    behind = smmu_find_dev(t, 0x100);
    set_up(t, SMMU_BASE, 0x100, DATA);
    assert_maps(t, &behind, 0x5000, DATA, "bus 1");
    qpci_io_writel(behind.pci, behind.regs, PTD_NOTIFY, PTD_NOTIFY_UNMAP);
    qpci_io_writel(t->dev.pci, t->dev.regs, PTD_NOTIFY, PTD_NOTIFY_UNMAP);

    smmu_set_up_bridge(t, PORT_DEVFN, 7, 7);
    assert_told_all(&behind, 1);
    assert_told_all(&t->dev, 0);
    assert_refused(t, &behind, 0x5000, "bus 7");
    /* The same number again is none */
    smmu_set_up_bridge(t, PORT_DEVFN, 7, 7);
    assert_told_all(&behind, 0);
    smmu_set_up_bridge(t, PORT_DEVFN, 1, 1);
    assert_told_all(&behind, 1);
    assert_maps(t, &behind, 0x5000, DATA, "bus 1 again");
    smmu_free_dev(&behind);
    smmu_quit(t);
}

static bool has_child(SMMUTest *t, const char *path, const char *name)
{
    QDict *rsp = qtest_qmp(t->qts, "{'execute': 'qom-list', 'arguments': "
                           "{'path': %s}}", path);
    const QListEntry *entry;
    bool found = false;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), entry) {
        const QDict *prop = qobject_to(QDict, qlist_entry_obj(entry));

        found |= !strcmp(qdict_get_str(prop, "name"), name);
    }
    qobject_unref(rsp);
    return found;
}

static void set_slot(SMMUTest *t, uint16_t control)
{
    QPCIDevice *port = qpci_device_find(&t->pci.bus, PORT_DEVFN);
    uint8_t cap = qpci_find_capability(port, PCI_CAP_ID_EXP, 0);

    qpci_config_writew(port, cap + PCI_EXP_SLTCTL, control);
    g_free(port);
}

/* A switch with a device behind it goes, with all that is cached */
static void test_bridge_unplugged(void)
{
    SMMUTest *t = smmu_start("-device pcie-root-port,id=rp,addr=2.0,chassis=1 "
                             SWITCH);
    TestDev behind;

    set_up(t, SMMU_BASE, 0x300, DATA);
    smmu_set_up_bridge(t, PORT_DEVFN, 1, 3);
    smmu_set_up_bridge(t, 0x100, 2, 3);
    smmu_set_up_bridge(t, 0x200, 3, 3);
    behind = smmu_find_dev(t, 0x300);
    assert_maps(t, &behind, 0x5000, DATA, "behind the switch");
    qpci_io_writel(behind.pci, behind.regs, PTD_NOTIFY, PTD_NOTIFY_UNMAP);
    g_assert_true(has_child(t, SMMU_QOM, "tbu-down.00.0[0]"));
    smmu_free_dev(&behind);

    qtest_qmp_device_del_send(t->qts, "up");
    set_slot(t, PCI_EXP_SLTCTL_PCC | PCI_EXP_SLTCTL_PWR_IND_OFF);
    /* For each of the three; the last one is the switch's */
    while (has_child(t, "/machine/peripheral", "up")) {
        qtest_qmp_eventwait(t->qts, "DEVICE_DELETED");
    }
    g_assert_false(has_child(t, SMMU_QOM, "tbu-down.00.0[0]"));
    g_assert_false(has_child(t, SMMU_QOM, "tbu-up.00.0[0]"));
    g_assert_true(has_child(t, SMMU_QOM, "tbu-rp.00.0[0]"));
    /* Nobody is left to be told */
    cb_write(t, 0, A_CB_TLBIASID, 1);
    cb_write64(t, 0, A_CB_TLBIVA, 1ull << 48 | 5);
    gr0_write(t, A_CR0, CR0_ON | R_CR0_EXIDENABLE_MASK);

    /* The slot's own TBU has stayed, for whatever is plugged there next */
    qtest_qmp_device_add(t->qts, "passthrough-testdev", "behind",
                         "{'bus': 'rp'}");
    set_slot(t, PCI_EXP_SLTCTL_PWR_IND_ON);
    gr0_write(t, A_SMR0, 0x100);
    behind = smmu_find_dev(t, 0x100);
    assert_maps(t, &behind, 0x5000, DATA, "in place of the switch");
    g_assert_false(has_child(t, SMMU_QOM, "tbu-rp.00.0[1]"));
    assert_no_faults(t, 1);
    smmu_free_dev(&behind);
    smmu_quit(t);
}

/* A device goes while the SMMU holds an access of its own, and one waits */
static void test_unplugged_stalled(void)
{
    SMMUTest *t = smmu_start("-device pcie-root-port,id=rp,addr=2.0,chassis=1 "
                             "-device passthrough-testdev,bus=rp,id=behind");
    TestDevRequest req = {
        .op = PTD_OP_READ, .flags = PTD_FLAG_STALL, .addr = 0x9000,
        .length = 8,
    };
    TestDev behind;

    smmu_set_up_bridge(t, PORT_DEVFN, 1, 1);
    behind = smmu_find_dev(t, 0x100);
    set_up(t, SMMU_BASE, 0x100, DATA);
    cb_write(t, 0, A_CB_SCTLR, SCTLR_ON | R_CB_SCTLR_CFCFG_MASK);
    for (int i = 0; i < 2; i++) {
        testdev_go(&behind, i, &req);
        g_assert_cmpuint(testdev_channel_reg(&behind, i, PTD_STATUS), ==,
                         PTD_STATUS_STALLED);
    }
    smmu_free_dev(&behind);
    qtest_qmp_device_del_send(t->qts, "behind");
    set_slot(t, PCI_EXP_SLTCTL_PCC | PCI_EXP_SLTCTL_PWR_IND_OFF);
    while (has_child(t, "/machine/peripheral", "behind")) {
        qtest_qmp_eventwait(t->qts, "DEVICE_DELETED");
    }

    /* Its fault stays until software has dealt with it; nobody is behind it */
    g_assert_cmphex(cb_read(t, 0, A_CB_FSR) &
                    (R_CB_FSR_SS_MASK | CB_FSR_FAULTS), ==,
                    R_CB_FSR_SS_MASK | R_CB_FSR_TF_MASK);
    cb_write(t, 0, A_CB_FSR, ~0u);
    cb_write(t, 0, A_CB_RESUME, 0);
    g_assert_cmphex(cb_read(t, 0, A_CB_FSR) &
                    (R_CB_FSR_SS_MASK | CB_FSR_FAULTS), ==, 0);

    qtest_qmp_device_add(t->qts, "passthrough-testdev", "behind",
                         "{'bus': 'rp'}");
    set_slot(t, PCI_EXP_SLTCTL_PWR_IND_ON);
    behind = smmu_find_dev(t, 0x100);
    assert_maps(t, &behind, 0x5000, DATA, "the next one");
    testdev_go(&behind, 0, &req);
    g_assert_cmpuint(testdev_channel_reg(&behind, 0, PTD_STATUS), ==,
                     PTD_STATUS_STALLED);
    cb_write(t, 0, A_CB_FSR, ~0u);
    cb_write(t, 0, A_CB_RESUME, R_CB_RESUME_TNR_MASK);
    g_assert_cmphex(testdev_wait(&behind, 0, PTD_STATUS_DONE).result, ==,
                    PTD_RESULT_DECODE_ERROR);
    smmu_free_dev(&behind);
    smmu_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/masters/iommu-map", test_iommu_map);
    qtest_add_func("/smmuv2/masters/fdt-second", test_fdt_second);
    qtest_add_func("/smmuv2/masters/fdt-sysbus", test_fdt_sysbus);
    qtest_add_func("/smmuv2/masters/mistakes", test_mistakes);
    qtest_add_func("/smmuv2/masters/two", test_two);
    qtest_add_func("/smmuv2/masters/shared", test_shared);
    qtest_add_func("/smmuv2/masters/iort-one", test_iort_one);
    qtest_add_func("/smmuv2/masters/iort-two", test_iort_two);
    qtest_add_func("/smmuv2/masters/iort-bypass", test_iort_bypass);
    qtest_add_func("/smmuv2/masters/acpi-sysbus", test_acpi_sysbus);
    qtest_add_func("/smmuv2/masters/renumbered", test_renumbered);
    qtest_add_func("/smmuv2/masters/bridge-unplugged", test_bridge_unplugged);
    qtest_add_func("/smmuv2/masters/unplugged-stalled",
                   test_unplugged_stalled);
    return g_test_run();
}
