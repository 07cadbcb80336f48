/*
 * GICv4.1: reset and migration
 *
 * Registers that the base has too (GICR_VPROPBASER, GICR_VPENDBASER) are
 * reset and migrated there; what is known of a resident vPE is found again in
 * guest memory. Counters count what this QEMU has done.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "migration/vmstate.h"
#include "gicv41.h"

void gicv41_reset(GICv3State *s)
{
    if (!s->v41) {
        return;
    }
    for (int i = 0; i < s->num_cpu; i++) {
        s->cpu[i].v41->vsgipendr = 0;
        s->cpu[i].v41->resident = false;
    }
    memset(s->v41->total, 0, sizeof(s->v41->total));
    g_hash_table_remove_all(s->v41->vpe);
}

static bool gicv41_needed(void *opaque)
{
    GICv3CPUState *cs = opaque;

    return cs->v41;
}

static const VMStateDescription vmstate_gicv41_regs = {
    .name = "arm_gicv41_cpu",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32(vsgipendr, GICv41CPU),
        VMSTATE_END_OF_LIST()
    }
};

/* What is loaded may be of a GICv4.1 where this is none */
static int gicv41_pre_load(void *opaque)
{
    if (!gicv41_needed(opaque)) {
        error_report("The state is that of a machine with gic-version=4.1");
        return -EINVAL;
    }
    return 0;
}

/* Not .../gicv41, which would be taken for a part of .../gicv4 */
const VMStateDescription vmstate_gicv41_cpu = {
    .name = "arm_gicv3_cpu/v41",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = gicv41_needed,
    .pre_load = gicv41_pre_load,
    .fields = (const VMStateField[]) {
        VMSTATE_STRUCT_POINTER(v41, GICv3CPUState, vmstate_gicv41_regs,
                               GICv41CPU),
        VMSTATE_END_OF_LIST()
    }
};
