/*
 * Passthrough test device on the system bus
 *
 * The core with two MMIO regions and an interrupt line, as a master of an
 * SMMUv2 by a StreamID of its own.  All vectors are edges of the one line: what
 * has happened, the channels' registers say.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/log.h"
#include "qemu/units.h"
#include "exec/address-spaces.h"
#include "hw/arm/smmuv2.h"
#include "hw/irq.h"
#include "hw/qdev-properties.h"
#include "hw/sysbus.h"
#include "migration/vmstate.h"
#include "core.h"

OBJECT_DECLARE_SIMPLE_TYPE(PassthroughTestDevSysbus, PASSTHROUGH_TESTDEV_SYSBUS)

#define NO_STREAM_ID    UINT32_MAX

struct PassthroughTestDevSysbus {
    SysBusDevice parent_obj;

    PTDCore core;
    AddressSpace *as;
    qemu_irq irq;

    /* Properties */
    SMMUv2State *smmu;
    uint32_t stream_id;
};

static void send_vector(PTDCore *core, uint32_t vector)
{
    if (vector < PTD_NUM_VECTORS) {
        qemu_irq_pulse(PASSTHROUGH_TESTDEV_SYSBUS(core->dev)->irq);
    } else {
        qemu_log_mask(LOG_GUEST_ERROR, "%s: there is no vector %u\n",
                      TYPE_PASSTHROUGH_TESTDEV_SYSBUS, vector);
    }
}

static MemoryRegion *iommu(PTDCore *core)
{
    return PASSTHROUGH_TESTDEV_SYSBUS(core->dev)->as->root;
}

static const PTDOps ops = {
    .send_vector = send_vector,
    .iommu = iommu,
};

/* Where its accesses go */
static bool find_memory(PassthroughTestDevSysbus *s, Error **errp)
{
    DeviceState *dev = DEVICE(s);
    bool given = s->stream_id != NO_STREAM_ID;

    if (!s->smmu) {
        Object *board = object_resolve_path_type("/machine/smmuv2",
                                                 TYPE_ARM_SMMUV2, NULL);

        s->smmu = (SMMUv2State *)board;
        if (board) {
            object_ref(board);  /* as by the link */
        }
    }
    if (!s->smmu) {
        if (given) {
            error_setg(errp, "Property 'stream-id' is 0x%x, but there is no "
                       "SMMUv2: use -machine virt,iommu=smmuv2, or say which "
                       "by iommu=ID", s->stream_id);
            return false;
        }
        s->as = &address_space_memory;
        return true;
    }
    if (!given) {
        error_setg(errp, "%s is behind an SMMUv2 and has no StreamID; give it "
                   "one by stream-id=N", TYPE_PASSTHROUGH_TESTDEV_SYSBUS);
        return false;
    }
    s->as = smmuv2_add_master(s->smmu,
                              dev->id ?: TYPE_PASSTHROUGH_TESTDEV_SYSBUS,
                              s->stream_id, errp);
    return s->as;
}

static void ptd_realize(DeviceState *dev, Error **errp)
{
    PassthroughTestDevSysbus *s = PASSTHROUGH_TESTDEV_SYSBUS(dev);
    SysBusDevice *sbd = SYS_BUS_DEVICE(dev);

    if (!find_memory(s, errp) ||
        !ptd_core_realize(&s->core, dev, s->as, &ops, errp)) {
        return;
    }
    sysbus_init_mmio(sbd, &s->core.regs);
    sysbus_init_mmio(sbd, &s->core.buffer);
    sysbus_init_irq(sbd, &s->irq);
}

static void ptd_reset_hold(Object *obj, ResetType type)
{
    ptd_core_reset(&PASSTHROUGH_TESTDEV_SYSBUS(obj)->core);
}

static const VMStateDescription vmstate_ptd = {
    .name = TYPE_PASSTHROUGH_TESTDEV_SYSBUS,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_EQUAL(stream_id, PassthroughTestDevSysbus,
                             "stream-id must be the same"),
        VMSTATE_STRUCT(core, PassthroughTestDevSysbus, 1, vmstate_ptd_core,
                       PTDCore),
        VMSTATE_END_OF_LIST()
    },
};

static const Property ptd_properties[] = {
    DEFINE_PROP_LINK("iommu", PassthroughTestDevSysbus, smmu, TYPE_ARM_SMMUV2,
                     SMMUv2State *),
    DEFINE_PROP_UINT32("stream-id", PassthroughTestDevSysbus, stream_id,
                       NO_STREAM_ID),
    DEFINE_PROP_UINT32("buffer-size", PassthroughTestDevSysbus,
                       core.buffer_size, 64 * KiB),
    DEFINE_PROP_LINK("iothread", PassthroughTestDevSysbus, core.iothread,
                     TYPE_IOTHREAD, IOThread *),
};

static void ptd_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);
    ResettableClass *rc = RESETTABLE_CLASS(oc);

    dc->desc = "Passthrough test device on the system bus";
    dc->realize = ptd_realize;
    dc->vmsd = &vmstate_ptd;
    /* Where the board tells the guest of it */
    dc->user_creatable = true;
    dc->hotpluggable = false;
    rc->phases.hold = ptd_reset_hold;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, ptd_properties);
    ptd_core_describe_properties(oc);
    object_class_property_set_description(oc, "iommu",
        "SMMUv2 that translates for it (default: the board's, if it has one)");
    object_class_property_set_description(oc, "stream-id",
        "its StreamID there");
}

static const TypeInfo ptd_info = {
    .name = TYPE_PASSTHROUGH_TESTDEV_SYSBUS,
    .parent = TYPE_SYS_BUS_DEVICE,
    .instance_size = sizeof(PassthroughTestDevSysbus),
    .class_init = ptd_class_init,
};

static void ptd_register_types(void)
{
    type_register_static(&ptd_info);
}

type_init(ptd_register_types)
