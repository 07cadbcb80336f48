/*
 * Passthrough test device
 *
 * A PCI device that does what it is told: DMA to any bus address, with the
 * outcome that the device saw; MSI and MSI-X on demand; and a look at what an
 * IOMMU tells those who cache its translations.  For qtests, bare-metal
 * payloads and people.  docs/specs/passthrough-testdev.rst is the manual,
 * include/hw/misc/passthrough-testdev.h has the registers.
 *
 * Life of a request: the guest fills in a channel and writes GO; the transfer
 * runs within that write, page by page, and stops at the first page that the
 * bus refuses; status, result and count are there when the write returns, and
 * the completion vector has been sent.  So tests need no polling.
 *
 * What a request may touch is bounded by the buffer, whose size is the user's
 * choice: no length or offset of the guest's goes further.  A transfer to the
 * device's own registers is refused by the memory core (it is inside an access
 * to them already); its own buffer is memory like any other.
 *
 * Left out, with room in the registers: several channels at work at the same
 * time, transfers parked by a stalling IOMMU, other requester IDs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/host-utils.h"
#include "qemu/log.h"
#include "qemu/units.h"
#include "hw/misc/passthrough-testdev.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/pcie.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "trace.h"

OBJECT_DECLARE_SIMPLE_TYPE(PassthroughTestDev, PASSTHROUGH_TESTDEV)

#define PCIE_CAP_OFFSET     0x80
#define DMA_PAGE            (4 * KiB)

/* Registers of a channel, by offset */
typedef struct PTDChannel {
    uint32_t reg[PTD_CHANNEL_STRIDE / 4];
} PTDChannel;

#define REG(channel, offset)    ((channel)->reg[(offset) / 4])

/* One for each IOMMU region in the device's address space */
typedef struct PTDNotifier {
    IOMMUNotifier n;
    IOMMUMemoryRegion *mr;
    hwaddr offset;              /* of the section within @mr */
    PassthroughTestDev *dev;
    QLIST_ENTRY(PTDNotifier) next;
} PTDNotifier;

struct PassthroughTestDev {
    PCIDevice parent_obj;

    MemoryRegion regs;
    MemoryRegion buffer;
    PTDChannel channel[PTD_NUM_CHANNELS];

    MemoryListener listener;    /* registered while notify is not 0 */
    QLIST_HEAD(, PTDNotifier) notifiers;
    uint32_t notify;
    uint32_t notify_status;
    uint32_t notify_count;
    uint64_t notify_iova;
    uint64_t notify_mask;

    uint32_t buffer_size;
};

/* ---- Interrupts ---- */

static void send_vector(PassthroughTestDev *s, uint32_t vector)
{
    PCIDevice *dev = PCI_DEVICE(s);

    if (msix_enabled(dev) && vector < PTD_NUM_VECTORS) {
        msix_notify(dev, vector);
    } else if (msi_enabled(dev) && vector < msi_nr_vectors_allocated(dev)) {
        msi_notify(dev, vector);
    } else {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: vector %u is not enabled\n",
                      TYPE_PASSTHROUGH_TESTDEV, vector);
    }
}

/* ---- DMA ---- */

/* One page or less; *@good: bytes moved or found equal */
static uint32_t dma_chunk(PassthroughTestDev *s, uint32_t op, dma_addr_t addr,
                          uint32_t offset, uint32_t len, uint32_t *good)
{
    PCIDevice *dev = PCI_DEVICE(s);
    uint8_t *buf = (uint8_t *)memory_region_get_ram_ptr(&s->buffer) + offset;
    uint8_t seen[DMA_PAGE];
    MemTxResult res;

    *good = 0;
    switch (op) {
    case PTD_OP_READ:
        res = pci_dma_read(dev, addr, buf, len);
        memory_region_set_dirty(&s->buffer, offset, len);
        break;
    case PTD_OP_WRITE:
        res = pci_dma_write(dev, addr, buf, len);
        break;
    default:
        res = pci_dma_read(dev, addr, seen, len);
        if (res == MEMTX_OK) {
            while (*good < len && seen[*good] == buf[*good]) {
                ++*good;
            }
            return *good < len ? PTD_RESULT_MISMATCH : PTD_RESULT_OK;
        }
        break;
    }
    *good = res == MEMTX_OK ? len : 0;
    return res & 0xff;
}

static void dma_run(PassthroughTestDev *s, PTDChannel *c)
{
    const uint64_t addr = (uint64_t)REG(c, PTD_ADDR_HI) << 32 |
                          REG(c, PTD_ADDR_LO);
    const uint32_t offset = REG(c, PTD_OFFSET), length = REG(c, PTD_LENGTH);
    const uint32_t op = REG(c, PTD_OP), vector = REG(c, PTD_VECTOR);
    uint32_t result = PTD_RESULT_OK, count = 0, good;

    if (op < PTD_OP_READ || op > PTD_OP_VERIFY || offset > s->buffer_size ||
        length > s->buffer_size - offset) {
        result = PTD_RESULT_BAD_REQUEST;
    }
    while (result == PTD_RESULT_OK && count < length) {
        dma_addr_t at = addr + count;
        uint32_t len = MIN(length - count, DMA_PAGE - (at & (DMA_PAGE - 1)));

        result = dma_chunk(s, op, at, offset + count, len, &good);
        count += good;
    }
    REG(c, PTD_RESULT) = result;
    REG(c, PTD_COUNT) = count;
    REG(c, PTD_STATUS) = PTD_STATUS_DONE;
    trace_passthrough_testdev_dma(op, addr, length, result, count);
    if (vector != PTD_NO_VECTOR) {
        send_vector(s, vector);
    }
}

/* ---- IOMMU notifiers ---- */

static void notified(IOMMUNotifier *n, IOMMUTLBEntry *entry)
{
    PTDNotifier *ptd = container_of(n, PTDNotifier, n);
    PassthroughTestDev *s = ptd->dev;

    s->notify_count++;
    s->notify_iova = entry->iova;
    s->notify_mask = entry->addr_mask;
    trace_passthrough_testdev_notify(entry->iova, entry->addr_mask,
                                     entry->perm);
}

static void section_add(MemoryListener *listener, MemoryRegionSection *section)
{
    PassthroughTestDev *s = container_of(listener, PassthroughTestDev,
                                         listener);
    static const struct {
        uint32_t bit;
        IOMMUNotifierFlag flag;
    } flags[] = {
        { PTD_NOTIFY_UNMAP, IOMMU_NOTIFIER_UNMAP },
        { PTD_NOTIFY_MAP, IOMMU_NOTIFIER_MAP },
        { PTD_NOTIFY_DEVIOTLB, IOMMU_NOTIFIER_DEVIOTLB_UNMAP },
    };
    IOMMUNotifierFlag wanted = IOMMU_NOTIFIER_NONE;
    PTDNotifier *ptd;
    Error *err = NULL;
    Int128 last;

    if (!memory_region_is_iommu(section->mr)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        wanted |= s->notify & flags[i].bit ? flags[i].flag : 0;
    }
    ptd = g_new0(PTDNotifier, 1);
    ptd->dev = s;
    ptd->mr = IOMMU_MEMORY_REGION(section->mr);
    ptd->offset = section->offset_within_region;
    last = int128_sub(int128_add(int128_make64(ptd->offset), section->size),
                      int128_one());
    iommu_notifier_init(&ptd->n, notified, wanted, ptd->offset,
                        int128_get64(last),
                        memory_region_iommu_attrs_to_index(
                            ptd->mr, MEMTXATTRS_UNSPECIFIED));
    if (memory_region_register_iommu_notifier(section->mr, &ptd->n, &err)) {
        s->notify_status = 1;
        error_report_err(err);
        g_free(ptd);
        return;
    }
    QLIST_INSERT_HEAD(&s->notifiers, ptd, next);
}

static void section_del(MemoryListener *listener, MemoryRegionSection *section)
{
    PassthroughTestDev *s = container_of(listener, PassthroughTestDev,
                                         listener);
    PTDNotifier *ptd;

    QLIST_FOREACH(ptd, &s->notifiers, next) {
        if (MEMORY_REGION(ptd->mr) == section->mr &&
            ptd->offset == section->offset_within_region) {
            QLIST_REMOVE(ptd, next);
            memory_region_unregister_iommu_notifier(section->mr, &ptd->n);
            g_free(ptd);
            return;
        }
    }
}

/* Listen to other events than before; @flags 0: to none */
static void set_notify(PassthroughTestDev *s, uint32_t flags)
{
    if (s->notify) {
        memory_listener_unregister(&s->listener);
    }
    s->notify = flags;
    s->notify_status = 0;
    if (flags) {
        memory_listener_register(&s->listener,
                                 pci_get_address_space(PCI_DEVICE(s)));
    }
}

/* ---- Registers ---- */

static void write_channel(PassthroughTestDev *s, PTDChannel *c, hwaddr reg,
                          uint32_t value)
{
    switch (reg) {
    case PTD_ADDR_LO:
    case PTD_ADDR_HI:
    case PTD_OFFSET:
    case PTD_LENGTH:
    case PTD_OP:
    case PTD_VECTOR:
        REG(c, reg) = value;
        break;
    case PTD_GO:
        dma_run(s, c);
        break;
    }
}

static PTDChannel *find_channel(PassthroughTestDev *s, hwaddr addr)
{
    unsigned n = (addr - PTD_CHANNEL) / PTD_CHANNEL_STRIDE;

    return addr >= PTD_CHANNEL && n < PTD_NUM_CHANNELS ? &s->channel[n] : NULL;
}

static uint64_t regs_read(void *opaque, hwaddr addr, unsigned size)
{
    PassthroughTestDev *s = opaque;
    PTDChannel *c = find_channel(s, addr);

    if (c) {
        return REG(c, addr % PTD_CHANNEL_STRIDE);
    }
    switch (addr) {
    case PTD_ID:
        return PTD_ID_VALUE;
    case PTD_VERSION:
        return PTD_VERSION_VALUE;
    case PTD_BUFFER_SIZE:
        return s->buffer_size;
    case PTD_CHANNELS:
        return PTD_NUM_CHANNELS;
    case PTD_VECTORS:
        return PTD_NUM_VECTORS;
    case PTD_NOTIFY:
        return s->notify;
    case PTD_NOTIFY_STATUS:
        return s->notify_status;
    case PTD_NOTIFY_COUNT:
        return s->notify_count;
    case PTD_NOTIFY_IOVA_LO:
        return extract64(s->notify_iova, 0, 32);
    case PTD_NOTIFY_IOVA_HI:
        return extract64(s->notify_iova, 32, 32);
    case PTD_NOTIFY_MASK_LO:
        return extract64(s->notify_mask, 0, 32);
    case PTD_NOTIFY_MASK_HI:
        return extract64(s->notify_mask, 32, 32);
    default:
        return 0;
    }
}

static void regs_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    PassthroughTestDev *s = opaque;
    PTDChannel *c = find_channel(s, addr);

    if (c) {
        write_channel(s, c, addr % PTD_CHANNEL_STRIDE, value);
        return;
    }
    switch (addr) {
    case PTD_MSI:
        send_vector(s, value);
        break;
    case PTD_NOTIFY:
        s->notify_count = 0;
        s->notify_iova = s->notify_mask = 0;
        set_notify(s, value & PTD_NOTIFY_ALL);
        break;
    }
}

static const MemoryRegionOps regs_ops = {
    .read = regs_read,
    .write = regs_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 8 },
    .impl = { .min_access_size = 4, .max_access_size = 4 },
};

/* ---- Device ---- */

static void ptd_realize(PCIDevice *dev, Error **errp)
{
    PassthroughTestDev *s = PASSTHROUGH_TESTDEV(dev);

    if (!is_power_of_2(s->buffer_size) ||
        s->buffer_size < PTD_BUFFER_SIZE_MIN ||
        s->buffer_size > PTD_BUFFER_SIZE_MAX) {
        error_setg(errp, "Property 'buffer-size' is %u, must be a power of two "
                   "from %u to %u", s->buffer_size, PTD_BUFFER_SIZE_MIN,
                   PTD_BUFFER_SIZE_MAX);
        return;
    }

    memory_region_init_io(&s->regs, OBJECT(s), &regs_ops, s,
                          "passthrough-testdev", PTD_REGS_SIZE);
    pci_register_bar(dev, PTD_BAR_REGS, PCI_BASE_ADDRESS_SPACE_MEMORY,
                     &s->regs);
    if (!memory_region_init_ram(&s->buffer, OBJECT(s),
                                "passthrough-testdev.buffer", s->buffer_size,
                                errp)) {
        return;
    }
    pci_register_bar(dev, PTD_BAR_BUFFER, PCI_BASE_ADDRESS_SPACE_MEMORY |
                     PCI_BASE_ADDRESS_MEM_TYPE_64 |
                     PCI_BASE_ADDRESS_MEM_PREFETCH, &s->buffer);

    if (pcie_endpoint_cap_init(dev, PCIE_CAP_OFFSET) < 0) {
        error_setg(errp, "No room for the PCI Express capability");
        return;
    }
    if (msi_init(dev, 0, PTD_NUM_VECTORS, true, false, errp) ||
        msix_init_exclusive_bar(dev, PTD_NUM_VECTORS, PTD_BAR_MSIX, errp)) {
        return;
    }
    for (int i = 0; i < PTD_NUM_VECTORS; i++) {
        msix_vector_use(dev, i);
    }

    QLIST_INIT(&s->notifiers);
    s->listener = (MemoryListener) {
        .name = TYPE_PASSTHROUGH_TESTDEV,
        .region_add = section_add,
        .region_del = section_del,
    };
}

static void ptd_exit(PCIDevice *dev)
{
    set_notify(PASSTHROUGH_TESTDEV(dev), 0);
    msix_uninit_exclusive_bar(dev);
    msi_uninit(dev);
    pcie_cap_exit(dev);
}

static void ptd_reset_hold(Object *obj, ResetType type)
{
    PassthroughTestDev *s = PASSTHROUGH_TESTDEV(obj);

    set_notify(s, 0);
    s->notify_count = 0;
    s->notify_iova = s->notify_mask = 0;
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        s->channel[i] = (PTDChannel) { };
        REG(&s->channel[i], PTD_VECTOR) = PTD_NO_VECTOR;
    }
    memset(memory_region_get_ram_ptr(&s->buffer), 0, s->buffer_size);
    memory_region_set_dirty(&s->buffer, 0, s->buffer_size);
}

static int ptd_pre_load(void *opaque)
{
    set_notify(opaque, 0);
    return 0;
}

static int ptd_post_load(void *opaque, int version_id)
{
    PassthroughTestDev *s = opaque;
    uint32_t flags = s->notify;

    s->notify = 0;              /* the listener is not registered yet */
    set_notify(s, flags & PTD_NOTIFY_ALL);
    return 0;
}

static const VMStateDescription vmstate_channel = {
    .name = "passthrough-testdev/channel",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_ARRAY(reg, PTDChannel, PTD_CHANNEL_STRIDE / 4),
        VMSTATE_END_OF_LIST()
    },
};

static const VMStateDescription vmstate_ptd = {
    .name = TYPE_PASSTHROUGH_TESTDEV,
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_load = ptd_pre_load,
    .post_load = ptd_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_PCI_DEVICE(parent_obj, PassthroughTestDev),
        VMSTATE_MSIX(parent_obj, PassthroughTestDev),
        VMSTATE_UINT32_EQUAL(buffer_size, PassthroughTestDev,
                             "buffer-size must be the same"),
        VMSTATE_STRUCT_ARRAY(channel, PassthroughTestDev, PTD_NUM_CHANNELS, 1,
                             vmstate_channel, PTDChannel),
        VMSTATE_UINT32(notify, PassthroughTestDev),
        VMSTATE_UINT32(notify_count, PassthroughTestDev),
        VMSTATE_UINT64(notify_iova, PassthroughTestDev),
        VMSTATE_UINT64(notify_mask, PassthroughTestDev),
        VMSTATE_END_OF_LIST()
    },
};

static const Property ptd_properties[] = {
    DEFINE_PROP_UINT32("buffer-size", PassthroughTestDev, buffer_size,
                       64 * KiB),
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
    object_class_property_set_description(oc, "buffer-size",
        "bytes of the device's memory (a power of two)");
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
