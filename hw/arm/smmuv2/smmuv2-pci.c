/*
 * Arm SMMUv2 in front of PCI buses
 *
 * Requester ID to StreamID, one to one, and a TBU for each function.  A TBU is
 * made when its function is first asked for and stays: a function plugged
 * later into the same slot finds it again.  Its bus may go with the bridge that
 * has it; the TBU keeps the bridge's memory, and remembers the bus's number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/pci/pci_device.h"
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

static const SMMUv2MasterOps pci_master = {
    .stream_id = requester_id,
    .describe = describe,
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

void smmuv2_pci_init(SMMUv2PCI *pci, PCIBus *bus)
{
    pci->tbus = g_hash_table_new(tbu_hash, tbu_equal);
    pci_setup_iommu(bus, &iommu_ops, pci);
}

void smmuv2_pci_reset(SMMUv2PCI *pci)
{
    GHashTableIter iter;
    gpointer tbu;

    g_hash_table_iter_init(&iter, pci->tbus);
    while (g_hash_table_iter_next(&iter, &tbu, NULL)) {
        smmuv2_tbu_reset(tbu);
    }
}
