/*
 * Fuzzer of the GIC: the ITS, and ways in
 *
 * The ITS is QEMU's source itself, since all of it is static.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "fuzz-machine.h"
#include "hw/intc/arm_gicv3_its.c"

/* As much of its ancestors as it asks for */
static const TypeInfo types[] = {
    {
        .name = TYPE_RESETTABLE_INTERFACE,
        .parent = TYPE_INTERFACE,
        .class_size = sizeof(ResettableClass),
    }, {
        .name = TYPE_DEVICE,
        .parent = TYPE_OBJECT,
        .instance_size = sizeof(DeviceState),
        .class_size = sizeof(DeviceClass),
        .interfaces = (InterfaceInfo[]) {
            { TYPE_RESETTABLE_INTERFACE },
            { }
        },
    }, {
        .name = TYPE_SYS_BUS_DEVICE,
        .parent = TYPE_DEVICE,
        .instance_size = sizeof(SysBusDevice),
        .class_size = sizeof(SysBusDeviceClass),
    }, {
        .name = TYPE_ARM_GICV3_ITS_COMMON,
        .parent = TYPE_SYS_BUS_DEVICE,
        .instance_size = sizeof(GICv3ITSState),
        .class_size = sizeof(GICv3ITSCommonClass),
    },
};

void its_types(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
        type_register_static(&types[i]);
    }
    module_call_init(MODULE_INIT_QOM);
}

/* Registers live in the frames' own functions, called directly */
void gicv3_its_init_mmio(GICv3ITSState *s, const MemoryRegionOps *ops,
                         const MemoryRegionOps *tops)
{
}

void its_realize(GICv3ITSState *s)
{
    object_initialize(s, sizeof(*s), TYPE_ARM_GICV3_ITS);
    s->gicv3 = &gic;
    s->vmovp = true;
    gicv3_arm_its_realize((DeviceState *)s, &error_abort);
}

void its_reset(GICv3ITSState *s)
{
    s->ctlr = 0;
    s->cbaser = 0;
    s->cwriter = 0;
    s->creadr = 0;
    memset(s->baser, 0, sizeof(s->baser));
    gicv3_its_reset_hold((Object *)s, RESET_TYPE_COLD);
}

void its_post_load(GICv3ITSState *s)
{
    gicv3_its_post_load(s);
}

MemTxResult its_control(GICv3ITSState *s, bool write, unsigned offset,
                        uint64_t *value, unsigned size)
{
    return write ?
        gicv3_its_write(s, offset, *value, size, MEMTXATTRS_UNSPECIFIED) :
        gicv3_its_read(s, offset, value, size, MEMTXATTRS_UNSPECIFIED);
}

void its_translation(GICv3ITSState *s, uint32_t devid, uint32_t eventid,
                     unsigned size)
{
    MemTxAttrs attrs = { .requester_id = devid };

    gicv3_its_translation_write(s, GITS_TRANSLATER, eventid, size, attrs);
}

/* ---- What is left of qdev ---- */

const PropertyInfo qdev_prop_bool, qdev_prop_link;

void device_class_set_props_n(DeviceClass *dc, const Property *props, size_t n)
{
}

void resettable_class_set_parent_phases(ResettableClass *rc,
                                        ResettableEnterPhase enter,
                                        ResettableHoldPhase hold,
                                        ResettableExitPhase exit,
                                        ResettablePhases *parent_phases)
{
}
