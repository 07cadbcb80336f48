/*
 * GICv4: registers of a redistributor
 *
 * DirectLPI (GICR_SETLPIR to GICR_SYNCR), which both GICv4.0 and GICv4.1
 * have, and what GICv4.1 adds or defines anew in the VLPI frame. Nothing here
 * takes time, so GICR_SYNCR.Busy and GICR_VSGIPENDR.Busy read as 0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "gicv41.h"

void gicv41_realize(GICv3State *s)
{
    s->v41 = g_new0(GICv41State, 1);
    s->v41->vpe = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    for (int i = 0; i < s->num_cpu; i++) {
        s->cpu[i].v41 = g_new0(GICv41CPU, 1);
        s->cpu[i].gicr_typer |= GICR_TYPER_DIRTY | GICR_TYPER_RVPEID |
            GICR_TYPER_VSGI;
    }
}

uint32_t gicv41_typer2(GICv3State *s)
{
    uint32_t value = 0;

    if (s->gicv41) {
        value = FIELD_DP32(value, GICD_TYPER2, VIL, 1);
        value = FIELD_DP32(value, GICD_TYPER2, VID, 16 - 1);
    }
    return value;
}

/* The vPE that GICR_INVLPIR and GICR_VSGIR name; false if there is none */
static bool named_vpe(GICv3CPUState *cs, const char *who, uint32_t vpeid,
                      TableDesc *table, GICv41VPE *vpe)
{
    gicv41_vpropbaser_table(cs, table);
    if (gicv41_vpe_read(cs->gic, table, vpeid, vpe) == MEMTX_OK &&
        vpe->valid) {
        return true;
    }
    qemu_log_mask(LOG_GUEST_ERROR, "%s of CPU %td: vPE %u is not mapped\n",
                  who, cs - cs->gic->cpu, vpeid);
    return false;
}

/* GICR_INVLPIR; GICR_INVALLR with @all */
static void invalidate(GICv3CPUState *cs, uint64_t value, bool all)
{
    uint32_t irq = FIELD_EX64(value, GICR_INVLPIR, INTID);
    TableDesc table;
    GICv41VPE vpe;

    if (!cs->gic->gicv41 || !FIELD_EX64(value, GICR_INVLPIR, V)) {
        if (all) {
            gicv3_redist_update_lpi(cs);
        } else {
            gicv3_redist_inv_lpi(cs, irq);
        }
        return;
    }
    if (!named_vpe(cs, all ? "GICR_INVALLR" : "GICR_INVLPIR",
                   FIELD_EX64(value, GICR_INVLPIR, VPEID), &table, &vpe)) {
        return;
    }
    if (all) {
        gicv41_invalidate(cs->gic, &table, &vpe, 0);
    } else if (gicv41_vpe_has_lpi(&vpe, irq)) {
        gicv41_invalidate(cs->gic, &table, &vpe, irq);
    } else {
        qemu_log_mask(LOG_GUEST_ERROR, "GICR_INVLPIR of CPU %td: vPE %u has "
                      "no LPI %u\n", cs - cs->gic->cpu, vpe.id, irq);
    }
}

static void query_sgis(GICv3CPUState *cs, uint32_t vpeid)
{
    TableDesc table;
    GICv41VPE vpe;
    GICv41SGIs sgis;

    cs->v41->vsgipendr = 0;
    if (named_vpe(cs, "GICR_VSGIR", vpeid, &table, &vpe)) {
        gicv41_sgis_read(cs->gic, &vpe, &sgis);
        cs->v41->vsgipendr = sgis.pending;
    }
}

static bool direct_lpi(GICv3CPUState *cs)
{
    return cs->gicr_typer & GICR_TYPER_DIRECTLPI;
}

bool gicv4_redist_read(GICv3CPUState *cs, hwaddr offset, uint64_t *data,
                       unsigned size)
{
    uint64_t value;

    if (size < 4) {
        return false;
    }
    switch (offset & ~7) {
    case GICR_SETLPIR:
    case GICR_CLRLPIR:
    case GICR_INVLPIR:
    case GICR_INVALLR:
    case GICR_SYNCR:
        /* All but the last are write-only, so any value will do */
        if (!direct_lpi(cs)) {
            return false;
        }
        value = 0;
        break;
    case GICR_VPROPBASER:
        if (!cs->gic->gicv41) {
            return false;
        }
        value = FIELD_DP64(cs->gicr_vpropbaser, GICR_VPROPBASER41, ENTRYSIZE,
                           GICV41_VPE_SIZE / 8 - 1);
        break;
    case GICR_VSGIR:
    case GICR_VSGIPENDR:
        if (!cs->gic->gicv41) {
            return false;
        }
        value = (offset & ~7) == GICR_VSGIPENDR ? cs->v41->vsgipendr : 0;
        break;
    default:
        return false;
    }
    *data = extract64(value, (offset & 4) * 8, size * 8);
    return true;
}

bool gicv4_redist_write(GICv3CPUState *cs, hwaddr offset, uint64_t data,
                        unsigned size)
{
    if (size < 4) {
        return false;
    }
    switch (offset & ~7) {
    case GICR_SETLPIR:
    case GICR_CLRLPIR:
    case GICR_INVLPIR:
    case GICR_INVALLR:
    case GICR_SYNCR:
        if (!direct_lpi(cs)) {
            return false;
        }
        /* A 32-bit write is taken for one of all, zero-extended */
        if (!(cs->gicr_ctlr & GICR_CTLR_ENABLE_LPIS) || (offset & 4)) {
            return true;
        }
        break;
    case GICR_VPROPBASER:
    case GICR_VPENDBASER:
    case GICR_VSGIR:
    case GICR_VSGIPENDR:
        if (!cs->gic->gicv41) {
            return false;
        }
        break;
    default:
        return false;
    }

    switch (offset & ~7) {
    case GICR_SETLPIR:
    case GICR_CLRLPIR:
        gicv3_redist_process_lpi(cs, MIN(extract64(data, 0, 32), INT_MAX),
                                 (offset & ~7) == GICR_SETLPIR);
        break;
    case GICR_INVLPIR:
    case GICR_INVALLR:
        invalidate(cs, data, (offset & ~7) == GICR_INVALLR);
        break;
    case GICR_VPROPBASER:
        gicv41_write_vpropbaser(cs, deposit64(cs->gicr_vpropbaser,
                                              (offset & 4) * 8, size * 8,
                                              data));
        break;
    case GICR_VPENDBASER:
        gicv41_write_vpendbaser(cs, deposit64(cs->gicr_vpendbaser,
                                              (offset & 4) * 8, size * 8,
                                              data));
        break;
    case GICR_VSGIR:
        if (!(offset & 4)) {
            query_sgis(cs, extract64(data, 0, 16));
        }
        break;
    default:
        qemu_log_mask(LOG_GUEST_ERROR, "write to a read-only register of a "
                      "redistributor at 0x%" HWADDR_PRIx "\n", offset);
        break;
    }
    return true;
}
