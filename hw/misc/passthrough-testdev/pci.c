/*
 * Passthrough test device on PCI
 *
 * The core with BARs, MSI and MSI-X.  Another function's requester ID is that
 * of any slot of the device's bus, plugged or not: the address space that an
 * IOMMU made for it is used, as if the device had phantom functions there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/units.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/pcie.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "core.h"

OBJECT_DECLARE_SIMPLE_TYPE(PassthroughTestDev, PASSTHROUGH_TESTDEV)

#define PCIE_CAP_OFFSET     0x80

struct PassthroughTestDev {
    PCIDevice parent_obj;

    PTDCore core;
};

static void send_vector(PTDCore *core, uint32_t vector)
{
    PCIDevice *dev = PCI_DEVICE(core->dev);

    if (msix_enabled(dev) && vector < PTD_NUM_VECTORS) {
        msix_notify(dev, vector);
    } else if (msi_enabled(dev) && vector < msi_nr_vectors_allocated(dev)) {
        msi_notify(dev, vector);
    } else {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: vector %u is not enabled\n",
                      TYPE_PASSTHROUGH_TESTDEV, vector);
    }
}

static MemoryRegion *iommu(PTDCore *core)
{
    return pci_device_iommu_address_space(PCI_DEVICE(core->dev))->root;
}

/* Where @id is a device and function number, on a bus without aliases */
static AddressSpace *requester(PTDCore *core, uint8_t id)
{
    PCIDevice *dev = PCI_DEVICE(core->dev);
    PCIBus *bus = pci_get_bus(dev), *top = bus;

    if (!dev->bus_master_enable_region.enabled || !pci_bus_is_express(bus)) {
        return NULL;
    }
    while (!top->iommu_ops && top->parent_dev) {
        top = pci_get_bus(top->parent_dev);
    }
    if (pci_bus_bypass_iommu(bus) || !top->iommu_ops) {
        return &address_space_memory;
    }
    return top->iommu_ops->get_address_space(bus, top->iommu_opaque, id);
}

/* So that what it writes to an ITS is its own event, as its messages are */
static uint16_t requester_id(PTDCore *core)
{
    return pci_requester_id(PCI_DEVICE(core->dev));
}

static const PTDOps ops = {
    .send_vector = send_vector,
    .iommu = iommu,
    .requester_id = requester_id,
    .requester = requester,
};

static void ptd_realize(PCIDevice *dev, Error **errp)
{
    PassthroughTestDev *s = PASSTHROUGH_TESTDEV(dev);

    if (!ptd_core_realize(&s->core, DEVICE(dev), pci_get_address_space(dev),
                          &ops, errp)) {
        return;
    }
    pci_register_bar(dev, PTD_BAR_REGS, PCI_BASE_ADDRESS_SPACE_MEMORY,
                     &s->core.regs);
    pci_register_bar(dev, PTD_BAR_BUFFER, PCI_BASE_ADDRESS_SPACE_MEMORY |
                     PCI_BASE_ADDRESS_MEM_TYPE_64 |
                     PCI_BASE_ADDRESS_MEM_PREFETCH, &s->core.buffer);

    if (pcie_endpoint_cap_init(dev, PCIE_CAP_OFFSET) < 0) {
        error_setg(errp, "No room for the PCI Express capability");
        goto fail;
    }
    if (msi_init(dev, 0, PTD_NUM_VECTORS, true, false, errp) ||
        msix_init_exclusive_bar(dev, PTD_NUM_VECTORS, PTD_BAR_MSIX, errp)) {
        goto fail;
    }
    for (int i = 0; i < PTD_NUM_VECTORS; i++) {
        msix_vector_use(dev, i);
    }
    return;
fail:
    ptd_core_unrealize(&s->core);
}

static void ptd_exit(PCIDevice *dev)
{
    ptd_core_unrealize(&PASSTHROUGH_TESTDEV(dev)->core);
    msix_uninit_exclusive_bar(dev);
    msi_uninit(dev);
    pcie_cap_exit(dev);
}

static void ptd_reset_hold(Object *obj, ResetType type)
{
    ptd_core_reset(&PASSTHROUGH_TESTDEV(obj)->core);
}

static const VMStateDescription vmstate_ptd = {
    .name = TYPE_PASSTHROUGH_TESTDEV,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, PassthroughTestDev),
        VMSTATE_MSIX(parent_obj, PassthroughTestDev),
        VMSTATE_STRUCT(core, PassthroughTestDev, 1, vmstate_ptd_core, PTDCore),
        VMSTATE_END_OF_LIST()
    },
};

static const Property ptd_properties[] = {
    DEFINE_PROP_UINT32("buffer-size", PassthroughTestDev, core.buffer_size,
                       64 * KiB),
    DEFINE_PROP_LINK("iothread", PassthroughTestDev, core.iothread,
                     TYPE_IOTHREAD, IOThread *),
};

static void ptd_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(oc);
    ResettableClass *rc = RESETTABLE_CLASS(oc);

    k->realize = ptd_realize;
    k->exit = ptd_exit;
    k->vendor_id = PTD_VENDOR_ID;
    k->device_id = PTD_DEVICE_ID;
    k->revision = PTD_VERSION_VALUE;
    k->class_id = PCI_CLASS_OTHERS;
    dc->desc = "Passthrough test device";
    dc->vmsd = &vmstate_ptd;
    rc->phases.hold = ptd_reset_hold;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, ptd_properties);
    ptd_core_describe_properties(oc);
}

static const TypeInfo ptd_info = {
    .name = TYPE_PASSTHROUGH_TESTDEV,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(PassthroughTestDev),
    .class_init = ptd_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_PCIE_DEVICE },
        { }
    },
};

static void ptd_register_types(void)
{
    type_register_static(&ptd_info);
}

type_init(ptd_register_types)
