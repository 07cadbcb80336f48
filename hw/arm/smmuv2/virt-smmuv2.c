/*
 * The SMMUv2s of the virt board
 *
 * -machine virt,iommu=smmuv2 puts one in front of the PCI root bus, at
 * VIRT_SMMUV2 of the memory map.  -device arm-smmuv2,primary-bus=ID puts one
 * in front of another root bus (pxb-pcie); its registers and interrupts are
 * those of the platform bus.
 *
 * All are described to the guest when the machine is complete: in the device
 * tree as Linux's arm,smmu binding has it, in ACPI as nodes of type 3 of the
 * IORT (Arm DEN 0049).  Banks share the context interrupts, so that 128 banks
 * get by with 64 SPIs; each bank is listed with the one that it raises.
 *
 * Masters that are no PCI functions are on the platform bus, too: they have the
 * property iommus in the device tree, and are named components of the IORT.
 *
 * Which requester IDs an SMMU translates follows from the root buses: those of
 * a bus that has an SMMU and does not bypass it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "hw/acpi/aml-build.h"
#include "hw/arm/fdt.h"
#include "hw/arm/smmuv2.h"
#include "hw/arm/virt-smmuv2.h"
#include "hw/core/cpu.h"
#include "hw/intc/arm_gic_common.h"
#include "hw/irq.h"
#include "hw/misc/passthrough-testdev.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_host.h"
#include "hw/platform-bus.h"
#include "hw/sysbus.h"
#include "system/device_tree.h"

#define IORT_NODE_ITS_GROUP     0
#define IORT_NODE_NAMED         1
#define IORT_NODE_ROOT_COMPLEX  2
#define IORT_NODE_SMMUV1_V2     3
#define IORT_SMMU_MODEL_MMU500  3
#define IORT_SMMU_COHERENT_WALK BIT(1)

#define NUM_REQUESTER_IDS       0x10000

/* ---- Which there are, and where ---- */

static int add_smmu(Object *obj, void *opaque)
{
    if (object_dynamic_cast(obj, TYPE_ARM_SMMUV2) &&
        qdev_is_realized(DEVICE(obj))) {
        g_ptr_array_add(opaque, obj);
    }
    return 0;
}

/* Address of the registers */
static hwaddr smmu_base(SMMUv2State *s)
{
    MemoryRegion *mr = sysbus_mmio_get_region(SYS_BUS_DEVICE(s), 0);
    hwaddr base = 0;

    for (; mr; mr = mr->container) {
        base += mr->addr;
    }
    return base;
}

static gint compare_smmus(gconstpointer a, gconstpointer b)
{
    hwaddr x = smmu_base(*(SMMUv2State *const *)a);
    hwaddr y = smmu_base(*(SMMUv2State *const *)b);

    return x < y ? -1 : x > y;
}

/* All SMMUs, by address */
static GPtrArray *find_smmus(void)
{
    GPtrArray *smmus = g_ptr_array_new();

    object_child_foreach_recursive(object_get_root(), add_smmu, smmus);
    g_ptr_array_sort(smmus, compare_smmus);
    return smmus;
}

bool virt_smmuv2_present(void)
{
    g_autoptr(GPtrArray) smmus = find_smmus();

    return smmus->len;
}

/* SPI of a sysbus interrupt of an SMMU */
static unsigned smmu_spi(VirtMachineState *vms, SMMUv2State *s, unsigned n)
{
    PlatformBusDevice *pbus = PLATFORM_BUS_DEVICE(vms->platform_bus_dev);
    int irqn = platform_bus_get_irqn(pbus, SYS_BUS_DEVICE(s), n);

    return irqn >= 0 ? vms->irqmap[VIRT_PLATFORM_BUS] + irqn :
                       vms->irqmap[VIRT_SMMUV2] + n;
}

/* The one after those of context faults, which the board puts elsewhere */
static unsigned pmu_spi(VirtMachineState *vms, SMMUv2State *s)
{
    unsigned n = 1 + smmuv2_num_context_irqs(s);
    int irqn = platform_bus_get_irqn(PLATFORM_BUS_DEVICE(vms->platform_bus_dev),
                                     SYS_BUS_DEVICE(s), n);

    return irqn >= 0 ? vms->irqmap[VIRT_PLATFORM_BUS] + irqn :
                       vms->irqmap[VIRT_SMMUV2] + VIRT_SMMUV2_PMU_IRQ;
}

static unsigned context_spi(VirtMachineState *vms, SMMUv2State *s, unsigned cb)
{
    return smmu_spi(vms, s, 1 + cb % smmuv2_num_context_irqs(s));
}

/* ---- Requester IDs ---- */

typedef struct IDRange {
    uint32_t base, count;
    SMMUv2State *smmu;          /* NULL: they bypass all SMMUs */
} IDRange;

static int add_range(Object *obj, void *opaque)
{
    GArray *ranges = opaque;
    PCIBus *bus;
    int min_bus, max_bus;

    if (object_dynamic_cast(obj, TYPE_PCI_HOST_BRIDGE)) {
        bus = PCI_HOST_BRIDGE(obj)->bus;
        if (bus) {
            IDRange range;

            pci_bus_range(bus, &min_bus, &max_bus);
            range = (IDRange) {
                .base = min_bus << 8,
                .count = (max_bus - min_bus + 1) << 8,
                .smmu = smmuv2_find(bus),
            };
            g_array_append_val(ranges, range);
        }
    }
    return 0;
}

static gint compare_ranges(gconstpointer a, gconstpointer b)
{
    return (int)((const IDRange *)a)->base - (int)((const IDRange *)b)->base;
}

/* Those of each root bus, as its bridges are numbered now, in order */
static GArray *find_ranges(void)
{
    GArray *ranges = g_array_new(false, true, sizeof(IDRange));

    object_child_foreach_recursive(object_get_root(), add_range, ranges);
    g_array_sort(ranges, compare_ranges);
    return ranges;
}

/* ---- Device tree ---- */

char *virt_smmuv2_fdt_node(SMMUv2State *s)
{
    return g_strdup_printf("/iommu@%" PRIx64, smmu_base(s));
}

static void add_fdt_node(VirtMachineState *vms, SMMUv2State *s)
{
    void *fdt = MACHINE(vms)->fdt;
    unsigned num_cb = smmuv2_num_context_banks(s);
    g_autofree char *node = virt_smmuv2_fdt_node(s);
    g_autofree uint32_t *irqs = g_new(uint32_t, 3 * (1 + num_cb));

    for (unsigned i = 0; i <= num_cb; i++) {
        unsigned spi = i == 0 ? smmu_spi(vms, s, 0) :
                       context_spi(vms, s, i - 1);

        irqs[3 * i] = cpu_to_be32(GIC_FDT_IRQ_TYPE_SPI);
        irqs[3 * i + 1] = cpu_to_be32(spi);
        irqs[3 * i + 2] = cpu_to_be32(GIC_FDT_IRQ_FLAGS_LEVEL_HI);
    }

    qemu_fdt_add_subnode(fdt, node);
    qemu_fdt_setprop_string(fdt, node, "compatible", "arm,mmu-500");
    qemu_fdt_setprop_sized_cells(fdt, node, "reg", 2, smmu_base(s),
                                 2, smmuv2_mmio_size(s));
    qemu_fdt_setprop_cell(fdt, node, "#global-interrupts", 1);
    qemu_fdt_setprop(fdt, node, "interrupts", irqs,
                     3 * (1 + num_cb) * sizeof(*irqs));
    qemu_fdt_setprop_cell(fdt, node, "#iommu-cells", 1);
    qemu_fdt_setprop(fdt, node, "dma-coherent", NULL, 0);
    qemu_fdt_setprop_cell(fdt, node, "phandle", qemu_fdt_alloc_phandle(fdt));
}

/*
 * Which requester IDs are StreamIDs of which SMMU.  The guest has not numbered
 * any bus yet; a root bus has the numbers up to the next one's.
 */
static void add_fdt_iommu_map(VirtMachineState *vms)
{
    void *fdt = MACHINE(vms)->fdt;
    g_autoptr(GArray) ranges = find_ranges();
    g_autofree uint32_t *map = g_new(uint32_t, 4 * ranges->len);
    unsigned n = 0;

    for (unsigned i = 0; i < ranges->len; i++) {
        const IDRange *r = &g_array_index(ranges, IDRange, i);
        uint32_t end = i + 1 < ranges->len ? r[1].base : NUM_REQUESTER_IDS;

        if (r->smmu) {
            g_autofree char *node = virt_smmuv2_fdt_node(r->smmu);

            map[n++] = cpu_to_be32(r->base);
            map[n++] = cpu_to_be32(qemu_fdt_get_phandle(fdt, node));
            map[n++] = cpu_to_be32(r->base);
            map[n++] = cpu_to_be32(end - r->base);
        }
    }
    if (n) {
        qemu_fdt_setprop(fdt, vms->pciehb_nodename, "iommu-map", map,
                         n * sizeof(*map));
    }
}

void virt_smmuv2_add_fdt_iommus(void *fdt, const char *node, SMMUv2State *s,
                                uint16_t stream_id)
{
    g_autofree char *smmu = virt_smmuv2_fdt_node(s);

    qemu_fdt_setprop_cells(fdt, node, "iommus",
                           qemu_fdt_get_phandle(fdt, smmu), stream_id);
}

/* A passthrough test device, where the platform bus has put it */
typedef struct TestDev {
    uint64_t reg[2], size[2];
    unsigned spi;
    SMMUv2State *smmu;          /* NULL: there is none before it */
    uint16_t stream_id;
} TestDev;

static void add_testdev(SysBusDevice *dev, void *opaque)
{
    GArray *devs = opaque;
    VirtMachineState *vms = VIRT_MACHINE(qdev_get_machine());
    PlatformBusDevice *pbus = PLATFORM_BUS_DEVICE(vms->platform_bus_dev);
    Object *smmu;
    TestDev t;

    if (!object_dynamic_cast(OBJECT(dev), TYPE_PASSTHROUGH_TESTDEV_SYSBUS)) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        t.reg[i] = vms->memmap[VIRT_PLATFORM_BUS].base +
                   platform_bus_get_mmio_addr(pbus, dev, i);
        t.size[i] = memory_region_size(sysbus_mmio_get_region(dev, i));
    }
    t.spi = vms->irqmap[VIRT_PLATFORM_BUS] +
            platform_bus_get_irqn(pbus, dev, 0);
    smmu = object_property_get_link(OBJECT(dev), "iommu", NULL);
    t.smmu = smmu ? ARM_SMMUV2(smmu) : NULL;
    t.stream_id = object_property_get_uint(OBJECT(dev), "stream-id",
                                           &error_abort);
    g_array_append_val(devs, t);
}

static gint by_address(gconstpointer a, gconstpointer b)
{
    const TestDev *s = a, *t = b;

    return s->reg[0] < t->reg[0] ? -1 : s->reg[0] > t->reg[0];
}

/* All of them, by address; the caller frees it */
static GArray *find_testdevs(void)
{
    GArray *devs = g_array_new(false, true, sizeof(TestDev));

    foreach_dynamic_sysbus_device(add_testdev, devs);
    g_array_sort(devs, by_address);
    return devs;
}

static void add_fdt_testdev(void *fdt, const TestDev *t)
{
    g_autofree char *node = g_strdup_printf("/passthrough-testdev@%" PRIx64,
                                            t->reg[0]);

    qemu_fdt_add_subnode(fdt, node);
    qemu_fdt_setprop_string(fdt, node, "compatible",
                            "qemu,passthrough-testdev");
    qemu_fdt_setprop_sized_cells(fdt, node, "reg", 2, t->reg[0], 2, t->size[0],
                                 2, t->reg[1], 2, t->size[1]);
    qemu_fdt_setprop_cells(fdt, node, "interrupts", GIC_FDT_IRQ_TYPE_SPI,
                           t->spi, GIC_FDT_IRQ_FLAGS_EDGE_LO_HI);
    qemu_fdt_setprop(fdt, node, "dma-coherent", NULL, 0);
    if (t->smmu) {
        virt_smmuv2_add_fdt_iommus(fdt, node, t->smmu, t->stream_id);
    }
}

void virt_smmuv2_add_fdt_nodes(VirtMachineState *vms)
{
    g_autoptr(GPtrArray) smmus = find_smmus();
    g_autoptr(GArray) devs = find_testdevs();

    for (guint i = 0; i < smmus->len; i++) {
        add_fdt_node(vms, g_ptr_array_index(smmus, i));
    }
    if (smmus->len) {
        add_fdt_iommu_map(vms);
    }
    for (guint i = 0; i < devs->len; i++) {
        add_fdt_testdev(MACHINE(vms)->fdt, &g_array_index(devs, TestDev, i));
    }
}

/* ---- Creation ---- */

void virt_smmuv2_pre_plug(VirtMachineState *vms, DeviceState *dev,
                          Error **errp)
{
    Object *obj = OBJECT(dev);
    uint64_t banks = object_property_get_uint(obj, "num-context-banks", NULL);

    if (vms->iommu != VIRT_IOMMU_NONE && vms->iommu != VIRT_IOMMU_SMMUV2) {
        error_setg(errp, "the virt machine does not have IOMMUs of several "
                   "kinds: use iommu=none or iommu=smmuv2");
        return;
    }
    vms->iommu = VIRT_IOMMU_SMMUV2;
    if (object_property_get_bool(obj, "secure", NULL)) {
        Object *memory = object_property_get_link(OBJECT(first_cpu),
                                                  "secure-memory", NULL);

        if (!vms->secure || !memory) {
            error_setg(errp, "Property 'secure' of %s needs -machine "
                       "virt,secure=on", TYPE_ARM_SMMUV2);
            return;
        }
        object_property_set_link(obj, "secure-memory", memory, &error_abort);
    }
    if (!object_property_get_uint(obj, "num-context-irqs", NULL)) {
        object_property_set_uint(obj, "num-context-irqs",
                                 MIN(banks, VIRT_SMMUV2_PLUGGED_CONTEXT_IRQS),
                                 &error_abort);
    }
}

void virt_smmuv2_create(VirtMachineState *vms, PCIBus *bus)
{
    DeviceState *dev = qdev_new(TYPE_ARM_SMMUV2);
    SysBusDevice *sbd = SYS_BUS_DEVICE(dev);
    Object *obj = OBJECT(dev);
    uint64_t irqs = object_property_get_uint(obj, "num-context-irqs", NULL);
    uint64_t banks = object_property_get_uint(obj, "num-context-banks", NULL);
    SMMUv2State *s = ARM_SMMUV2(dev);

    if (irqs > VIRT_SMMUV2_NUM_CONTEXT_IRQS) {
        error_report("Property 'num-context-irqs' is %" PRIu64
                     ", the virt board has %d", irqs,
                     VIRT_SMMUV2_NUM_CONTEXT_IRQS);
        exit(EXIT_FAILURE);
    }
    if (!irqs) {
        irqs = MIN(banks, VIRT_SMMUV2_NUM_CONTEXT_IRQS);
        object_property_set_uint(obj, "num-context-irqs", irqs, &error_abort);
    }
    object_property_add_child(OBJECT(vms), "smmuv2", obj);
    object_property_set_link(obj, "primary-bus", OBJECT(bus), &error_abort);
    sysbus_realize_and_unref(sbd, &error_fatal);
    sysbus_mmio_map(sbd, 0, vms->memmap[VIRT_SMMUV2].base);
    for (unsigned i = 0; i <= smmuv2_num_context_irqs(s); i++) {
        sysbus_connect_irq(sbd, i,
                           qdev_get_gpio_in(vms->gic,
                                            vms->irqmap[VIRT_SMMUV2] + i));
    }
    sysbus_connect_irq(sbd, 1 + smmuv2_num_context_irqs(s),
                       qdev_get_gpio_in(vms->gic,
                                        vms->irqmap[VIRT_SMMUV2] +
                                        VIRT_SMMUV2_PMU_IRQ));
    sysbus_connect_irq(sbd, 2 + smmuv2_num_context_irqs(s),
                       qdev_get_gpio_in(vms->gic,
                                        vms->irqmap[VIRT_SMMUV2] +
                                        VIRT_SMMUV2_SECURE_IRQ));
}

/* ---- ACPI ---- */

/* A GSIV and its flags: 0 is level triggered */
static void append_irq(GArray *table, unsigned spi)
{
    build_append_int_noprefix(table, spi + GIC_INTERNAL, 4);
    build_append_int_noprefix(table, 0, 4);
}

/* In the namespace; the IORT has its full path, where names have 4 letters */
#define TESTDEV_NAME    "PT%02X"
#define TESTDEV_PATH    "\\_SB_." TESTDEV_NAME

void virt_smmuv2_dsdt_add(Aml *scope)
{
    g_autoptr(GArray) devs = find_testdevs();

    for (guint i = 0; i < devs->len; i++) {
        const TestDev *t = &g_array_index(devs, TestDev, i);
        uint32_t gsiv = t->spi + GIC_INTERNAL;
        Aml *dev = aml_device(TESTDEV_NAME, i), *crs = aml_resource_template();
        Aml *property = aml_package(2), *properties = aml_package(1);
        Aml *dsd = aml_package(2);

        for (int r = 0; r < 2; r++) {
            aml_append(crs, aml_memory32_fixed(t->reg[r], t->size[r],
                                               AML_READ_WRITE));
        }
        aml_append(crs, aml_interrupt(AML_CONSUMER, AML_EDGE, AML_ACTIVE_HIGH,
                                      AML_EXCLUSIVE, &gsiv, 1));
        /* Known by what the device tree calls it */
        aml_append(property, aml_string("compatible"));
        aml_append(property, aml_string("qemu,passthrough-testdev"));
        aml_append(properties, property);
        aml_append(dsd,
                   aml_touuid("DAFFD814-6EBA-4D8C-8A91-BC9BBF4AA301"));
        aml_append(dsd, properties);

        aml_append(dev, aml_name_decl("_HID", aml_string("PRP0001")));
        aml_append(dev, aml_name_decl("_UID", aml_int(i)));
        aml_append(dev, aml_name_decl("_CCA", aml_int(1)));
        aml_append(dev, aml_name_decl("_CRS", crs));
        aml_append(dev, aml_name_decl("_DSD", dsd));
        aml_append(scope, dev);
    }
}

/* The IDs from @base on are the same at the node at @offset */
static void append_mapping(GArray *table, uint32_t base, uint32_t count,
                           uint32_t offset)
{
    build_append_int_noprefix(table, base, 4);      /* Input base */
    build_append_int_noprefix(table, count - 1, 4); /* Number of IDs - 1 */
    build_append_int_noprefix(table, base, 4);      /* Output base */
    build_append_int_noprefix(table, offset, 4);    /* Output reference */
    build_append_int_noprefix(table, 0, 4);         /* Flags */
}

#define IORT_HEADER     48
#define IORT_MAPPING    20

/* What all nodes start with */
static void append_node(GArray *table, unsigned type, unsigned length,
                        unsigned revision, uint32_t id, uint32_t num_mappings,
                        uint32_t mappings)
{
    build_append_int_noprefix(table, type, 1);
    build_append_int_noprefix(table, length, 2);
    build_append_int_noprefix(table, revision, 1);
    build_append_int_noprefix(table, id, 4);
    build_append_int_noprefix(table, num_mappings, 4);
    build_append_int_noprefix(table, num_mappings ? mappings : 0, 4);
}

static void append_smmu(GArray *table, VirtMachineState *vms, SMMUv2State *s,
                        uint32_t id)
{
    const unsigned header = 60, global_irqs = 16;
    unsigned num_cb = smmuv2_num_context_banks(s);
    unsigned pmu = header + global_irqs + 8 * num_cb, mappings = pmu + 8;
    size_t start = table->len;

    append_node(table, IORT_NODE_SMMUV1_V2, mappings + IORT_MAPPING, 3, id, 1,
                mappings);
    build_append_int_noprefix(table, smmu_base(s), 8);
    build_append_int_noprefix(table, smmuv2_mmio_size(s), 8);   /* Span */
    build_append_int_noprefix(table, IORT_SMMU_MODEL_MMU500, 4);
    build_append_int_noprefix(table, IORT_SMMU_COHERENT_WALK, 4);
    build_append_int_noprefix(table, header, 4);    /* Global interrupts at */
    build_append_int_noprefix(table, num_cb, 4);    /* Context interrupts */
    build_append_int_noprefix(table, header + global_irqs, 4);
    build_append_int_noprefix(table, 1, 4);         /* PMU interrupts */
    build_append_int_noprefix(table, pmu, 4);
    g_assert(table->len - start == header);

    append_irq(table, smmu_spi(vms, s, 0));         /* SMMU_NSgIrpt */
    append_irq(table, smmu_spi(vms, s, 0));         /* SMMU_NSgCfgIrpt */
    for (unsigned cb = 0; cb < num_cb; cb++) {
        append_irq(table, context_spi(vms, s, cb));
    }
    append_irq(table, pmu_spi(vms, s));

    /* All StreamIDs are DeviceIDs of the ITS, which is the first node */
    append_mapping(table, 0, NUM_REQUESTER_IDS, IORT_HEADER);
}

/* A device of the namespace; the only one of its StreamID */
static void append_testdev(GArray *table, unsigned index, const TestDev *t,
                           uint32_t smmu, uint32_t id)
{
    g_autofree char *path = g_strdup_printf(TESTDEV_PATH, index);
    const unsigned name = 29, mapping = ROUND_UP(name + strlen(path) + 1, 4);
    size_t start = table->len;

    append_node(table, IORT_NODE_NAMED, mapping + IORT_MAPPING, 4, id, 1,
                mapping);
    build_append_int_noprefix(table, 0, 4);         /* No stalls, no PASIDs */
    build_append_int_noprefix(table, 1, 4);         /* CCA: fully coherent */
    build_append_int_noprefix(table, 0, 1);         /* Allocation hints */
    build_append_int_noprefix(table, 0, 2);         /* Reserved */
    build_append_int_noprefix(table, 3, 1);         /* CPM, DACS */
    build_append_int_noprefix(table, 64, 1);        /* Address bits */
    g_array_append_vals(table, path, strlen(path) + 1);
    while (table->len < start + mapping) {
        build_append_int_noprefix(table, 0, 1);
    }

    build_append_int_noprefix(table, 0, 4);         /* Input base: none */
    build_append_int_noprefix(table, 0, 4);         /* Number of IDs - 1 */
    build_append_int_noprefix(table, t->stream_id, 4);
    build_append_int_noprefix(table, smmu, 4);      /* Output reference */
    build_append_int_noprefix(table, 1, 4);         /* Single mapping */
}

/*
 * Where the root complex sends its requester IDs: to an SMMU, or to the ITS if
 * no root bus has them or theirs bypasses it.
 */
static GArray *find_mappings(void)
{
    g_autoptr(GArray) ranges = find_ranges();
    GArray *mappings = g_array_new(false, true, sizeof(IDRange));
    IDRange gap = { 0 };

    for (unsigned i = 0; i < ranges->len; i++) {
        const IDRange *r = &g_array_index(ranges, IDRange, i);

        if (!r->smmu) {
            continue;
        }
        if (gap.base < r->base) {
            gap.count = r->base - gap.base;
            g_array_append_val(mappings, gap);
        }
        g_array_append_val(mappings, *r);
        gap.base = r->base + r->count;
    }
    if (gap.base < NUM_REQUESTER_IDS) {
        gap.count = NUM_REQUESTER_IDS - gap.base;
        g_array_append_val(mappings, gap);
    }
    return mappings;
}

void virt_smmuv2_build_iort(GArray *table_data, BIOSLinker *linker,
                            VirtMachineState *vms)
{
    const unsigned its_size = 20 + 4 * vms->its_count, rc_header = 36;
    AcpiTable table = { .sig = "IORT", .rev = 3, .oem_id = vms->oem_id,
                        .oem_table_id = vms->oem_table_id };
    g_autoptr(GPtrArray) smmus = find_smmus();
    g_autoptr(GArray) mappings = find_mappings();
    g_autoptr(GArray) devs = find_testdevs();
    g_autofree uint32_t *offset = g_new(uint32_t, smmus->len);
    uint32_t id = 0, nodes = 2 + smmus->len;
    guint n;

    for (guint i = 0; i < devs->len; i++) {
        nodes += !!g_array_index(devs, TestDev, i).smmu;
    }

    acpi_table_begin(&table, table_data);
    build_append_int_noprefix(table_data, nodes, 4);            /* Nodes */
    build_append_int_noprefix(table_data, IORT_HEADER, 4);      /* at */
    build_append_int_noprefix(table_data, 0, 4);    /* Reserved */

    append_node(table_data, IORT_NODE_ITS_GROUP, its_size, 1, id++, 0, 0);
    build_append_int_noprefix(table_data, vms->its_count, 4);
    for (unsigned i = 0; i < vms->its_count; i++) {
        build_append_int_noprefix(table_data, i, 4); /* as in the MADT */
    }

    for (guint i = 0; i < smmus->len; i++) {
        offset[i] = table_data->len - table.table_offset;
        append_smmu(table_data, vms, g_ptr_array_index(smmus, i), id++);
    }

    append_node(table_data, IORT_NODE_ROOT_COMPLEX,
                rc_header + IORT_MAPPING * mappings->len, 3, id++,
                mappings->len, rc_header);
    build_append_int_noprefix(table_data, 1, 4);    /* CCA: fully coherent */
    build_append_int_noprefix(table_data, 0, 1);    /* Allocation hints */
    build_append_int_noprefix(table_data, 0, 2);    /* Reserved */
    build_append_int_noprefix(table_data, 3, 1);    /* CPM, DACS */
    build_append_int_noprefix(table_data, 0, 4);    /* No ATS */
    build_append_int_noprefix(table_data, 0, 4);    /* PCI segment */
    build_append_int_noprefix(table_data, 64, 1);   /* Address bits */
    build_append_int_noprefix(table_data, 0, 3);    /* Reserved */
    for (unsigned i = 0; i < mappings->len; i++) {
        const IDRange *r = &g_array_index(mappings, IDRange, i);

        append_mapping(table_data, r->base, r->count,
                       r->smmu && g_ptr_array_find(smmus, r->smmu, &n) ?
                       offset[n] : IORT_HEADER);
    }

    for (guint i = 0; i < devs->len; i++) {
        const TestDev *t = &g_array_index(devs, TestDev, i);

        if (t->smmu && g_ptr_array_find(smmus, t->smmu, &n)) {
            append_testdev(table_data, i, t, offset[n], id++);
        }
    }
    acpi_table_end(linker, &table);
}
