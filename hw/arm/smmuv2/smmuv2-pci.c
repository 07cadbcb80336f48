/*
 * Arm SMMUv2 in front of PCI buses
 *
 * Requester ID to StreamID, one to one, and a TBU for each function.  A TBU is
 * made when its function is first asked for and stays as long as the bus: a
 * function plugged later into the same slot finds it again.  When a bridge is
 * unplugged, the TBUs of its secondary bus go; until RCU has let go of them
 * they keep the bridge's memory and remember the bus's number.
 *
 * When the guest numbers a bus, the StreamIDs of its functions change, so who
 * has cached translations of theirs is told to drop them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/pci/pci.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/pci-renumber.h"
#include "smmuv2-pci.h"
#include "trace.h"

static guint tbu_hash(gconstpointer key)
{
    const SMMUv2TBU *tbu = key;

    return g_direct_hash(tbu->bus) ^ tbu->devfn;
}

static gboolean tbu_equal(gconstpointer a, gconstpointer b)
{
    const SMMUv2TBU *x = a, *y = b;

    return x->bus == y->bus && x->devfn == y->devfn;
}

/*
 * Buses below bridges are numbered by the guest, so the requester ID is made on
 * each use.  This is pci_bus_num() without the checks, which cost more than the
 * translation.
 */
static uint16_t requester_id(SMMUv2TBU *tbu)
{
    PCIBus *bus = tbu->bus;
    PCIDevice *bridge = bus->parent_dev;
    uint16_t id;

    if (!tbu->fixed_stream_id && qatomic_load_acquire(&bridge->qdev.realized)) {
        id = PCI_BUILD_BDF(bridge->config[PCI_SECONDARY_BUS], tbu->devfn);
        if (id != tbu->last_stream_id) {
            tbu->last_stream_id = id;
        }
    }
    return tbu->last_stream_id;
}

/* As Linux writes it; there is one PCI domain */
static char *describe(SMMUv2TBU *tbu)
{
    uint16_t id = requester_id(tbu);

    return g_strdup_printf("0000:%02x:%02x.%x", PCI_BUS_NUM(id), PCI_SLOT(id),
                           PCI_FUNC(id));
}

static void release(SMMUv2TBU *tbu)
{
    PCIBus *bus = tbu->bus;

    if (bus->parent_dev) {
        object_unref(OBJECT(bus->parent_dev));
    }
}

static const SMMUv2MasterOps pci_master = {
    .stream_id = requester_id,
    .describe = describe,
    .release = release,
};

static AddressSpace *get_address_space(PCIBus *bus, void *opaque, int devfn)
{
    SMMUv2PCI *pci = opaque;
    SMMUv2TBU key = { .bus = bus, .devfn = devfn };
    SMMUv2TBU *tbu = g_hash_table_lookup(pci->tbus, &key);

    if (!tbu) {
        g_autofree char *name =
            g_strdup_printf("%s.%02x.%x", BUS(bus)->name, PCI_SLOT(devfn),
                            PCI_FUNC(devfn));

        tbu = smmuv2_tbu_new(pci->owner, pci->tcu, pci->raz,
                             pci->utlb_entries, name, &pci_master, bus,
                             devfn);
        tbu->last_stream_id = PCI_BUILD_BDF(pci_bus_num(bus), devfn);
        tbu->fixed_stream_id = pci_bus_is_root(bus);
        if (bus->parent_dev) {
            object_ref(OBJECT(bus->parent_dev));
        }
        g_hash_table_add(pci->tbus, tbu);
        trace_smmuv2_new_tbu(name);
    }
    return &tbu->as;
}

static const PCIIOMMUOps iommu_ops = {
    .get_address_space = get_address_space,
};

static void bus_renumbered(Notifier *n, void *data)
{
    SMMUv2PCI *pci = container_of(n, SMMUv2PCI, renumber);
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, pci->tbus);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        SMMUv2TBU *tbu = key;

        if (tbu->bus == data) {
            smmuv2_tbu_stream_changed(tbu);
        }
    }
}

/* The functions behind a bridge have gone before it */
static void device_unrealized(DeviceListener *listener, DeviceState *dev)
{
    SMMUv2PCI *pci = container_of(listener, SMMUv2PCI, listener);
    GHashTableIter iter;
    gpointer key;

    if (!object_dynamic_cast(OBJECT(dev), TYPE_PCI_DEVICE)) {
        return;
    }
    g_hash_table_iter_init(&iter, pci->tbus);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        SMMUv2TBU *tbu = key;
        PCIBus *bus = tbu->bus;

        if (bus->parent_dev == PCI_DEVICE(dev)) {
            g_hash_table_iter_remove(&iter);
            trace_smmuv2_delete_tbu(tbu->name);
            smmuv2_tbu_delete(tbu);
        }
    }
}

void smmuv2_pci_init(SMMUv2PCI *pci, PCIBus *bus)
{
    pci->tbus = g_hash_table_new(tbu_hash, tbu_equal);
    pci->renumber.notify = bus_renumbered;
    pci_bus_add_renumber_notifier(&pci->renumber);
    pci->listener.unrealize = device_unrealized;
    device_listener_register(&pci->listener);
    pci_setup_iommu(bus, &iommu_ops, pci);
}

Object *smmuv2_pci_owner(PCIBus *bus)
{
    SMMUv2PCI *pci;

    if (pci_bus_bypass_iommu(bus)) {
        return NULL;
    }
    while (!bus->iommu_ops && bus->parent_dev) {
        bus = pci_get_bus(bus->parent_dev);
    }
    if (bus->iommu_ops != &iommu_ops) {
        return NULL;
    }
    pci = bus->iommu_opaque;
    return pci->owner;
}
