/*
 * GICv4.1: which vPE runs where, what it is signalled, and what wakes it
 *
 * GICR_VPENDBASER makes a vPE resident and takes it away again. While it is
 * resident, cs->hppvlpi is the best interrupt that the virtual CPU interface
 * may signal; lpis.c knows the LPIs' share of that (cs->vlpis), and the SGIs'
 * is found here.
 * All is synchronous, so GICR_VPENDBASER.Dirty is never seen set.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "gicv41.h"
#include "lpis.h"
#include "trace.h"

#define NOTHING ((PendingIrq) { .prio = 0xff })

/* ---- The best pending interrupt ---- */

static void consider_sgis(const GICv41SGIs *sgis, const bool groups[2],
                          PendingIrq *best)
{
    for (uint32_t rest = sgis->pending; rest; rest &= rest - 1) {
        unsigned sgi = ctz32(rest);
        uint8_t conf = sgis->conf[sgi];
        uint8_t prio = conf & VSGI_CONF_PRIORITY;
        bool group = FIELD_EX8(conf, VSGI_CONF, GROUP);

        if (FIELD_EX8(conf, VSGI_CONF, ENABLE) && groups[group] &&
            (prio < best->prio || (prio == best->prio && sgi < best->irq))) {
            *best = (PendingIrq) {
                .irq = sgi, .prio = prio, .grp = group ? GICV3_G1NS : GICV3_G0,
            };
        }
    }
}

/* The resident vPE's best of the @groups given */
static PendingIrq best_of(GICv3CPUState *cs, const bool groups[2])
{
    PendingIrq best = groups[1] ? gicv4_lpis_best(cs->vlpis, true) : NOTHING;

    consider_sgis(&cs->v41->sgis, groups, &best);
    return best;
}

/* The best may be another one now: the CPU interface sees that one */
static void select_best(GICv3CPUState *cs)
{
    GICv41CPU *v = cs->v41;
    bool groups[2] = {
        v->vpe.grp_en[0] && (cs->ich_vmcr_el2 & ICH_VMCR_EL2_VENG0),
        v->vpe.grp_en[1] && (cs->ich_vmcr_el2 & ICH_VMCR_EL2_VENG1),
    };

    cs->hppvlpi = v->resident ? best_of(cs, groups) : NOTHING;
}

static void select_and_signal(GICv3CPUState *cs)
{
    select_best(cs);
    gicv3_cpuif_virt_irq_fiq_update(cs);
}

/* Read the resident vPE's LPIs from guest memory */
static void load_lpis(GICv3CPUState *cs)
{
    const GICv41VPE *vpe = &cs->v41->vpe;

    gicv4_lpis_load(&cs->vlpis, &cs->gic->dma_as, vpe->vptaddr,
                    vpe->vconfaddr, vpe->vptsize);
}

void gicv41_group_enables_changed(GICv3CPUState *cs)
{
    select_best(cs);
}

/* ---- Doorbell ---- */

/*
 * @vpe, which is not resident, has an interrupt that it would be signalled:
 * ring if the hypervisor waits for that, and not again until it waits again.
 */
static void ring(GICv3State *s, const TableDesc *table, GICv41VPE *vpe)
{
    if (!vpe->db) {
        return;
    }
    vpe->db = false;
    gicv41_vpe_write(s, table, vpe);
    if (vpe->doorbell == INTID_SPURIOUS) {
        return;
    }
    trace_gicv41_doorbell(vpe->id, vpe->rdbase, vpe->doorbell);
    gicv41_count(s, vpe->id, GICV41_DOORBELL);
    gicv3_redist_process_lpi(&s->cpu[vpe->rdbase], vpe->doorbell, 1);
}

static void ring_for_sgis(GICv3State *s, const TableDesc *table,
                          GICv41VPE *vpe, const GICv41SGIs *sgis)
{
    PendingIrq best = NOTHING;

    consider_sgis(sgis, vpe->grp_en, &best);
    if (best.prio != 0xff) {
        ring(s, table, vpe);
    }
}

/* ---- Residency ---- */

bool gicv41_runs_on(GICv3CPUState *cs, uint32_t vpeid)
{
    return cs->v41->resident && cs->v41->vpe.id == vpeid;
}

GICv3CPUState *gicv41_resident_on(GICv3State *s, const GICv41VPE *vpe)
{
    if (gicv41_runs_on(&s->cpu[vpe->rdbase], vpe->id)) {
        return &s->cpu[vpe->rdbase];
    }
    /* Software should have moved it before, or not have moved it yet */
    for (int i = 0; i < s->num_cpu; i++) {
        if (gicv41_runs_on(&s->cpu[i], vpe->id)) {
            return &s->cpu[i];
        }
    }
    return NULL;
}

/*
 * What GICR_VPENDBASER says is resident, from guest memory; that may be
 * registers, and bring us here again
 */
static void load(GICv3CPUState *cs)
{
    GICv41CPU *v = cs->v41;
    uint64_t value = cs->gicr_vpendbaser;
    GICv41SGIs sgis;
    TableDesc table;
    GICv41VPE vpe;

    v->resident = false;
    if (!FIELD_EX64(value, GICR_VPENDBASER41, VALID)) {
        return;
    }
    gicv41_vpropbaser_table(cs, &table);
    if (gicv41_vpe_read(cs->gic, &table,
                        FIELD_EX64(value, GICR_VPENDBASER41, VPEID),
                        &vpe) != MEMTX_OK || !vpe.valid) {
        return;
    }
    vpe.grp_en[0] = FIELD_EX64(value, GICR_VPENDBASER41, VGRP0EN);
    vpe.grp_en[1] = FIELD_EX64(value, GICR_VPENDBASER41, VGRP1EN);
    gicv41_sgis_read(cs->gic, &vpe, &sgis);
    v->vpe = vpe;
    v->sgis = sgis;
    v->counts = gicv41_counts_of(cs->gic, v->vpe.id);
    v->resident = true;
}

void gicv41_update_vlpi_only(GICv3CPUState *cs)
{
    load(cs);
    if (cs->v41->resident) {
        load_lpis(cs);
    }
    select_best(cs);
}

void gicv41_reload(GICv3CPUState *cs)
{
    gicv41_update_vlpi_only(cs);
    gicv3_cpuif_virt_irq_fiq_update(cs);
}

static void make_resident(GICv3CPUState *cs)
{
    GICv41CPU *v = cs->v41;
    TableDesc table;
    GICv41VPE vpe;

    gicv41_update_vlpi_only(cs);
    if (!v->resident) {
        qemu_log_mask(LOG_GUEST_ERROR, "GICR_VPENDBASER of CPU %td: "
                      "vPE %" PRIu64 " is not mapped\n", cs - cs->gic->cpu,
                      FIELD_EX64(cs->gicr_vpendbaser, GICR_VPENDBASER41,
                                 VPEID));
        return;
    }
    /* The entry may lie where writing it makes another one resident */
    vpe = v->vpe;
    if (&cs->gic->cpu[vpe.rdbase] != cs) {
        qemu_log_mask(LOG_GUEST_ERROR, "GICR_VPENDBASER of CPU %td: vPE %u "
                      "is mapped to CPU %u\n", cs - cs->gic->cpu, vpe.id,
                      vpe.rdbase);
    }
    gicv41_count(cs->gic, vpe.id, GICV41_RESIDENCY);

    /* It runs: nobody has to be told that it should */
    if (vpe.db) {
        gicv41_vpropbaser_table(cs, &table);
        v->vpe.db = vpe.db = false;
        gicv41_vpe_write(cs->gic, &table, &vpe);
    }
    if (vpe.doorbell != INTID_SPURIOUS) {
        gicv3_redist_process_lpi(&cs->gic->cpu[vpe.rdbase], vpe.doorbell, 0);
    }
}

/* Returns the PENDINGLAST and DB that the register is left with */
static uint64_t make_non_resident(GICv3CPUState *cs, uint64_t value)
{
    GICv41CPU *v = cs->v41;
    bool last = FIELD_EX64(value, GICR_VPENDBASER41, PENDINGLAST);
    bool db = FIELD_EX64(value, GICR_VPENDBASER41, DB);
    TableDesc table;
    GICv41VPE vpe;

    if (v->resident && !last) {
        last = best_of(cs, v->vpe.grp_en).prio != 0xff;
    }
    /* Nobody waits who knows of an interrupt, or who will be back anyhow */
    db = db && !last;

    gicv41_vpropbaser_table(cs, &table);
    if (v->resident &&
        gicv41_vpe_read(cs->gic, &table, v->vpe.id, &vpe) == MEMTX_OK &&
        vpe.valid) {
        vpe.db = db;
        memcpy(vpe.grp_en, v->vpe.grp_en, sizeof(vpe.grp_en));
        gicv41_vpe_write(cs->gic, &table, &vpe);
    }
    v->resident = false;

    value = FIELD_DP64(value, GICR_VPENDBASER41, PENDINGLAST, last);
    return FIELD_DP64(value, GICR_VPENDBASER41, DB, db);
}

void gicv41_write_vpendbaser(GICv3CPUState *cs, uint64_t value)
{
    const uint64_t who = R_GICR_VPENDBASER41_VPEID_MASK |
        R_GICR_VPENDBASER41_VGRP0EN_MASK | R_GICR_VPENDBASER41_VGRP1EN_MASK;
    uint64_t old = cs->gicr_vpendbaser;
    bool was = FIELD_EX64(old, GICR_VPENDBASER41, VALID);
    bool is = FIELD_EX64(value, GICR_VPENDBASER41, VALID);

    value &= who | R_GICR_VPENDBASER41_PENDINGLAST_MASK |
        R_GICR_VPENDBASER41_DB_MASK | R_GICR_VPENDBASER41_VALID_MASK;

    if (was && is) {
        /* UNPREDICTABLE: ignored, as in the base's GICv4.0 */
        if ((old ^ value) & who) {
            qemu_log_mask(LOG_GUEST_ERROR, "GICR_VPENDBASER of CPU %td "
                          "changes while a vPE is resident\n",
                          cs - cs->gic->cpu);
        }
        return;
    }
    if (is) {
        cs->gicr_vpendbaser = value;
        make_resident(cs);
    } else if (was) {
        /* Who it was stays, whatever is written along with Valid = 0 */
        value = (value & ~who) | (old & who);
        cs->gicr_vpendbaser = make_non_resident(cs, value);
    } else {
        cs->gicr_vpendbaser = value;
        return;
    }
    trace_gicv41_residency(gicv3_redist_affid(cs), cs->gicr_vpendbaser);
    select_and_signal(cs);
}

void gicv41_write_vpropbaser(GICv3CPUState *cs, uint64_t value)
{
    if (FIELD_EX64(cs->gicr_vpendbaser, GICR_VPENDBASER41, VALID)) {
        qemu_log_mask(LOG_GUEST_ERROR, "GICR_VPROPBASER of CPU %td is written "
                      "while a vPE is resident\n", cs - cs->gic->cpu);
        return;
    }
    /* Entry_Size is read-only; Z is a hint */
    value &= ~(R_GICR_VPROPBASER41_ENTRYSIZE_MASK |
               R_GICR_VPROPBASER41_Z_MASK | (1ull << 62));
    if (FIELD_EX64(value, GICR_VPROPBASER41, PAGESIZE) == 3) {
        value = FIELD_DP64(value, GICR_VPROPBASER41, PAGESIZE,
                           GITS_BASER_PAGESIZE_64K);
    }
    cs->gicr_vpropbaser = value;
}

/* ---- What changes for a vPE ---- */

void gicv41_set_resident_lpi(GICv3CPUState *cs, uint32_t irq, bool level)
{
    GICv41VPE *vpe = &cs->v41->vpe;

    if (!gicv4_lpis_set(cs->vlpis, irq, level)) {
        return;
    }
    trace_gicv41_lpi(vpe->id, vpe->rdbase, irq, level, true);
    if (level) {
        gicv41_count_resident(cs, GICV41_DIRECT_LPI);
    }
    select_and_signal(cs);
}

void gicv41_set_lpi(GICv3State *s, const TableDesc *table, GICv41VPE *vpe,
                    uint32_t irq, uint32_t doorbell, bool level)
{
    GICv3CPUState *cs = gicv41_resident_on(s, vpe);

    if (cs) {
        gicv41_set_resident_lpi(cs, irq, level);
        return;
    }
    if (!gicv4_table_set(&s->dma_as, vpe->vptaddr, irq, level)) {
        return;
    }
    trace_gicv41_lpi(vpe->id, vpe->rdbase, irq, level, false);
    if (!level) {
        return;
    }
    gicv41_count(s, vpe->id, GICV41_PENDED);
    if (doorbell != INTID_SPURIOUS) {
        gicv41_count(s, vpe->id, GICV41_DOORBELL);
        gicv3_redist_process_lpi(&s->cpu[vpe->rdbase], doorbell, 1);
    }
    if (vpe->db && vpe->grp_en[1] &&
        gicv4_table_is_enabled(&s->dma_as, vpe->vconfaddr, irq)) {
        ring(s, table, vpe);
    }
}

bool gicv41_lpi_is_pending(GICv3State *s, const GICv41VPE *vpe, uint32_t irq)
{
    return gicv4_table_is_pending(&s->dma_as, vpe->vptaddr, irq);
}

/* SGI state in guest memory is @sgis now */
static void sgis_changed(GICv3State *s, const TableDesc *table,
                         GICv41VPE *vpe, const GICv41SGIs *sgis)
{
    GICv3CPUState *cs = gicv41_resident_on(s, vpe);

    if (cs) {
        cs->v41->sgis = *sgis;
        select_and_signal(cs);
    } else {
        ring_for_sgis(s, table, vpe, sgis);
    }
}

void gicv41_set_sgi(GICv3State *s, const TableDesc *table, GICv41VPE *vpe,
                    unsigned sgi, bool level)
{
    GICv41SGIs sgis;

    gicv41_sgis_read(s, vpe, &sgis);
    if (extract32(sgis.pending, sgi, 1) == level) {
        return;
    }
    trace_gicv41_sgi(vpe->id, vpe->rdbase, sgi, level,
                     gicv41_resident_on(s, vpe) != NULL);
    if (level) {
        gicv41_count(s, vpe->id, gicv41_resident_on(s, vpe) ?
                     GICV41_DIRECT_SGI : GICV41_PENDED);
    }
    sgis.pending = deposit32(sgis.pending, sgi, 1, level);
    gicv41_sgi_write_pending(s, vpe, sgis.pending);
    sgis_changed(s, table, vpe, &sgis);
}

void gicv41_configure_sgi(GICv3State *s, const TableDesc *table,
                          GICv41VPE *vpe, unsigned sgi, uint8_t conf)
{
    GICv41SGIs sgis;

    gicv41_sgis_read(s, vpe, &sgis);
    sgis.conf[sgi] = conf;
    gicv41_sgi_write_conf(s, vpe, sgi, conf);
    sgis_changed(s, table, vpe, &sgis);
}

void gicv41_invalidate(GICv3State *s, const TableDesc *table, GICv41VPE *vpe,
                       uint32_t irq)
{
    GICv3CPUState *cs = gicv41_resident_on(s, vpe);

    if (cs) {
        if (irq) {
            gicv4_lpis_invalidate(cs->vlpis, irq);
        } else {
            load_lpis(cs);
        }
        select_and_signal(cs);
        return;
    }
    if (!vpe->db || !vpe->grp_en[1]) {
        return;
    }
    if (irq ? gicv41_lpi_is_pending(s, vpe, irq) &&
        gicv4_table_is_enabled(&s->dma_as, vpe->vconfaddr, irq) :
        gicv4_table_any(&s->dma_as, vpe->vptaddr, vpe->vconfaddr,
                        vpe->vptsize)) {
        ring(s, table, vpe);
    }
}

void gicv41_acknowledge(GICv3CPUState *cs, int irq)
{
    GICv41CPU *v = cs->v41;

    trace_gicv41_acknowledge(gicv3_redist_affid(cs), v->vpe.id, irq);
    if (irq < GICV41_NUM_SGIS) {
        v->sgis.pending &= ~(1u << irq);
        gicv41_sgi_write_pending(cs->gic, &v->vpe, v->sgis.pending);
    } else {
        gicv4_lpis_set(cs->vlpis, irq, false);
    }
    select_best(cs);
}
