/*
 * The SMMUv2 of the virt board
 *
 * -machine virt,iommu=smmuv2 puts one in front of the PCI root bus, at
 * VIRT_SMMUV2 of the memory map, and describes it to the guest: in the device
 * tree as Linux's arm,smmu binding has it, in ACPI as node type 3 of the IORT
 * (Arm DEN 0049).  Banks share the context interrupts, so that 128 banks get by
 * with 64 SPIs; each bank is listed with the one that it raises.
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
#include "hw/sysbus.h"
#include "system/device_tree.h"

#define IORT_NODE_SMMUV1_V2     3
#define IORT_SMMU_MODEL_MMU500  3
#define IORT_SMMU_COHERENT_WALK BIT(1)

static SMMUv2State *find(void)
{
    return ARM_SMMUV2(object_resolve_path_type("", TYPE_ARM_SMMUV2, NULL));
}

/* SPI of a context bank */
static unsigned context_spi(VirtMachineState *vms, SMMUv2State *s, unsigned cb)
{
    return vms->irqmap[VIRT_SMMUV2] + 1 + cb % smmuv2_num_context_irqs(s);
}

static void add_fdt_node(VirtMachineState *vms, SMMUv2State *s)
{
    void *fdt = MACHINE(vms)->fdt;
    hwaddr base = vms->memmap[VIRT_SMMUV2].base;
    unsigned num_cb = smmuv2_num_context_banks(s);
    g_autofree char *node = g_strdup_printf("/iommu@%" PRIx64, base);
    g_autofree uint32_t *irqs = g_new(uint32_t, 3 * (1 + num_cb));

    for (unsigned i = 0; i <= num_cb; i++) {
        unsigned spi = i == 0 ? vms->irqmap[VIRT_SMMUV2] :
                       context_spi(vms, s, i - 1);

        irqs[3 * i] = cpu_to_be32(GIC_FDT_IRQ_TYPE_SPI);
        irqs[3 * i + 1] = cpu_to_be32(spi);
        irqs[3 * i + 2] = cpu_to_be32(GIC_FDT_IRQ_FLAGS_LEVEL_HI);
    }

    qemu_fdt_add_subnode(fdt, node);
    qemu_fdt_setprop_string(fdt, node, "compatible", "arm,mmu-500");
    qemu_fdt_setprop_sized_cells(fdt, node, "reg", 2, base,
                                 2, smmuv2_mmio_size(s));
    qemu_fdt_setprop_cell(fdt, node, "#global-interrupts", 1);
    qemu_fdt_setprop(fdt, node, "interrupts", irqs,
                     3 * (1 + num_cb) * sizeof(*irqs));
    qemu_fdt_setprop_cell(fdt, node, "#iommu-cells", 1);
    qemu_fdt_setprop(fdt, node, "dma-coherent", NULL, 0);
    qemu_fdt_setprop_cell(fdt, node, "phandle", vms->iommu_phandle);
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
    if (object_property_get_bool(obj, "secure", NULL)) {
        Object *memory = object_property_get_link(OBJECT(first_cpu),
                                                  "secure-memory", NULL);

        if (!vms->secure || !memory) {
            error_report("Property 'secure' of %s needs -machine "
                         "virt,secure=on", TYPE_ARM_SMMUV2);
            exit(EXIT_FAILURE);
        }
        object_property_set_link(obj, "secure-memory", memory, &error_abort);
    }
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
    add_fdt_node(vms, s);
}

/* A GSIV and its flags: 0 is level triggered */
static void append_irq(GArray *table, unsigned spi)
{
    build_append_int_noprefix(table, spi + GIC_INTERNAL, 4);
    build_append_int_noprefix(table, 0, 4);
}

void virt_smmuv2_build_iort(GArray *table, VirtMachineState *vms, uint32_t id,
                            uint32_t its_offset)
{
    const unsigned header = 60, global_irqs = 16, mapping = 20;
    SMMUv2State *s = find();
    unsigned num_cb = smmuv2_num_context_banks(s);
    unsigned pmu = header + global_irqs + 8 * num_cb, mappings = pmu + 8;
    size_t start = table->len;

    build_append_int_noprefix(table, IORT_NODE_SMMUV1_V2, 1);
    build_append_int_noprefix(table, mappings + mapping, 2);    /* Length */
    build_append_int_noprefix(table, 3, 1);                     /* Revision */
    build_append_int_noprefix(table, id, 4);                    /* Identifier */
    build_append_int_noprefix(table, 1, 4);         /* Number of ID mappings */
    build_append_int_noprefix(table, mappings, 4);  /* Reference to them */
    build_append_int_noprefix(table, vms->memmap[VIRT_SMMUV2].base, 8);
    build_append_int_noprefix(table, smmuv2_mmio_size(s), 8);   /* Span */
    build_append_int_noprefix(table, IORT_SMMU_MODEL_MMU500, 4);
    build_append_int_noprefix(table, IORT_SMMU_COHERENT_WALK, 4);
    build_append_int_noprefix(table, header, 4);    /* Global interrupts at */
    build_append_int_noprefix(table, num_cb, 4);    /* Context interrupts */
    build_append_int_noprefix(table, header + global_irqs, 4);
    build_append_int_noprefix(table, 1, 4);         /* PMU interrupts */
    build_append_int_noprefix(table, pmu, 4);
    g_assert(table->len - start == header);

    append_irq(table, vms->irqmap[VIRT_SMMUV2]);    /* SMMU_NSgIrpt */
    append_irq(table, vms->irqmap[VIRT_SMMUV2]);    /* SMMU_NSgCfgIrpt */
    for (unsigned cb = 0; cb < num_cb; cb++) {
        append_irq(table, context_spi(vms, s, cb));
    }
    append_irq(table, vms->irqmap[VIRT_SMMUV2] + VIRT_SMMUV2_PMU_IRQ);

    /* One range: all StreamIDs are DeviceIDs of the ITS */
    build_append_int_noprefix(table, 0, 4);         /* Input base */
    build_append_int_noprefix(table, 0xffff, 4);    /* Number of IDs - 1 */
    build_append_int_noprefix(table, 0, 4);         /* Output base */
    build_append_int_noprefix(table, its_offset, 4); /* Output reference */
    build_append_int_noprefix(table, 0, 4);         /* Flags */
}
