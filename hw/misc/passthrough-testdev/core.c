/*
 * Passthrough test device: registers, life, migration
 *
 * A device that does what it is told: DMA to any bus address, with the outcome
 * that the device saw and the time it took; translations alone (request.c); a
 * look at what an IOMMU tells those who cache its translations (notify.c).
 * What is special to PCI is in pci.c, to the system bus in sysbus.c.
 * docs/specs/passthrough-testdev.rst is the manual,
 * include/hw/misc/passthrough-testdev.h has the registers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/bitops.h"
#include "qemu/error-report.h"
#include "qemu/host-utils.h"
#include "migration/vmstate.h"
#include "core.h"

/* ---- Registers ---- */

static PTDChannel *find_channel(PTDCore *s, hwaddr addr)
{
    unsigned n = (addr - PTD_CHANNEL) / PTD_CHANNEL_STRIDE;

    return addr >= PTD_CHANNEL && n < PTD_NUM_CHANNELS ? &s->channel[n] : NULL;
}

static uint64_t regs_read(void *opaque, hwaddr addr, unsigned size)
{
    PTDCore *s = opaque;
    PTDChannel *c = find_channel(s, addr);

    if (c) {
        return c->reg[(addr - PTD_CHANNEL) % PTD_CHANNEL_STRIDE / 4];
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
    PTDCore *s = opaque;
    PTDChannel *c = find_channel(s, addr);

    if (c) {
        ptd_channel_write(c, (addr - PTD_CHANNEL) % PTD_CHANNEL_STRIDE, value);
        return;
    }
    switch (addr) {
    case PTD_MSI:
        s->ops->send_vector(s, value);
        break;
    case PTD_NOTIFY:
        s->notify_count = 0;
        s->notify_iova = s->notify_mask = 0;
        ptd_notify_set(s, value & PTD_NOTIFY_ALL);
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

/* ---- The core in its device ---- */

bool ptd_core_realize(PTDCore *s, DeviceState *dev, AddressSpace *as,
                      const PTDOps *ops, Error **errp)
{
    g_autofree char *bus_path = qdev_get_dev_path(dev);
    g_autofree char *path = object_get_canonical_path(OBJECT(dev));
    g_autofree char *name = NULL;

    if (!is_power_of_2(s->buffer_size) ||
        s->buffer_size < PTD_BUFFER_SIZE_MIN ||
        s->buffer_size > PTD_BUFFER_SIZE_MAX) {
        error_setg(errp, "Property 'buffer-size' is %u, must be a power of two "
                   "from %u to %u", s->buffer_size, PTD_BUFFER_SIZE_MIN,
                   PTD_BUFFER_SIZE_MAX);
        return false;
    }
    /* It migrates by a name that no other device's buffer has */
    name = bus_path ? g_strdup("passthrough-testdev.buffer") :
                      g_strdup_printf("%s/passthrough-testdev.buffer", path);
    if (!memory_region_init_ram(&s->buffer, OBJECT(dev), name, s->buffer_size,
                                errp)) {
        return false;
    }
    memory_region_init_io(&s->regs, OBJECT(dev), &regs_ops, s,
                          "passthrough-testdev", PTD_REGS_SIZE);
    s->dev = dev;
    s->as = as;
    s->ops = ops;
    ptd_requests_init(s);
    ptd_notify_init(s);
    return true;
}

void ptd_core_unrealize(PTDCore *s)
{
    ptd_requests_quiesce(s);
    ptd_notify_set(s, 0);
    /* Its memory stays a while; its name is for the next one in the slot */
    vmstate_unregister_ram(&s->buffer, s->dev);
    ptd_requests_destroy(s);
}

void ptd_core_reset(PTDCore *s)
{
    ptd_requests_quiesce(s);
    ptd_notify_set(s, 0);
    s->notify_count = 0;
    s->notify_iova = s->notify_mask = 0;
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        ptd_channel_reset(&s->channel[i]);
    }
    memset(memory_region_get_ram_ptr(&s->buffer), 0, s->buffer_size);
    memory_region_set_dirty(&s->buffer, 0, s->buffer_size);
}

void ptd_core_describe_properties(ObjectClass *oc)
{
    object_class_property_set_description(oc, "buffer-size",
        "bytes of the device's memory (a power of two)");
    object_class_property_set_description(oc, "iothread",
        "thread for requests that ask to run in one");
}

/* ---- Migration ---- */

static int pre_load(void *opaque)
{
    ptd_notify_set(opaque, 0);
    return 0;
}

static int post_load(void *opaque, int version_id)
{
    PTDCore *s = opaque;
    uint32_t flags = s->notify;

    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        /* What was accepted there must be acceptable here */
        if (ptd_channel_loaded(&s->channel[i])) {
            error_report("passthrough-testdev: channel %d is busy with a "
                         "request that this device cannot have", i);
            return -EINVAL;
        }
    }
    s->notify = 0;              /* the listener is not registered yet */
    ptd_notify_set(s, flags & PTD_NOTIFY_ALL);
    return 0;
}

static const VMStateDescription vmstate_channel = {
    .name = "passthrough-testdev/channel",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_ARRAY(reg, PTDChannel, PTD_CHANNEL_STRIDE / 4),
        VMSTATE_UINT32(progress.access, PTDChannel),
        VMSTATE_UINT32(progress.pos, PTDChannel),
        VMSTATE_UINT32(progress.result, PTDChannel),
        VMSTATE_UINT32(progress.count, PTDChannel),
        VMSTATE_UINT32(progress.done, PTDChannel),
        VMSTATE_UINT32(progress.failed, PTDChannel),
        VMSTATE_UINT32(progress.stalls, PTDChannel),
        VMSTATE_UINT32(progress.verdict, PTDChannel),
        VMSTATE_UINT64(progress.ns, PTDChannel),
        VMSTATE_UINT64(progress.fail_addr, PTDChannel),
        VMSTATE_UINT64(progress.xlat, PTDChannel),
        VMSTATE_UINT64(progress.xlat_mask, PTDChannel),
        VMSTATE_STRUCT(stall, PTDChannel, 1, vmstate_iommu_stall, IOMMUStall),
        VMSTATE_END_OF_LIST()
    },
};

const VMStateDescription vmstate_ptd_core = {
    .name = "passthrough-testdev/core",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_load = pre_load,
    .post_load = post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_EQUAL(buffer_size, PTDCore,
                             "buffer-size must be the same"),
        VMSTATE_STRUCT_ARRAY(channel, PTDCore, PTD_NUM_CHANNELS, 1,
                             vmstate_channel, PTDChannel),
        VMSTATE_UINT32(notify, PTDCore),
        VMSTATE_UINT32(notify_count, PTDCore),
        VMSTATE_UINT64(notify_iova, PTDCore),
        VMSTATE_UINT64(notify_mask, PTDCore),
        VMSTATE_END_OF_LIST()
    },
};
