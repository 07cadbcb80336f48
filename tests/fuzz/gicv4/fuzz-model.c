/*
 * Fuzzer of the GIC: a model of what software may see
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "fuzz-model.h"

/* At the ends of groups, of chunks and of tables */
const unsigned model_intids[16] = {
    8192, 8193, 8255, 8256, 9000, 10239, 10240, 12345,
    16383, 16384, 32767, 32768, 40000, 40001, 65534, 65535,
};

Model m;

bool model_bit(const uint8_t *table, unsigned irq)
{
    return table[irq / 8] >> irq % 8 & 1;
}

void model_put(uint8_t *table, unsigned irq, bool level)
{
    table[irq / 8] = (table[irq / 8] & ~(1 << irq % 8)) | level << irq % 8;
}

static uint8_t vconf(unsigned vpe, unsigned irq)
{
    return test_ram[VCONF(vpe) + irq - 8192];
}

int model_resident(unsigned vpe)
{
    for (unsigned i = 0; i < CPUS; i++) {
        if (m.cpu[i].resident && m.cpu[i].vpe == vpe) {
            return i;
        }
    }
    return -1;
}

bool model_has(unsigned vpe, unsigned intid)
{
    return intid >= 8192 && intid < 1u << (m.vpe[vpe].size + 1);
}

/* ---- Pending ---- */

static bool cpu_has(unsigned cpu, unsigned intid)
{
    return m.cpu[cpu].enabled && intid >= 8192 &&
        intid < 1u << (MIN(m.cpu[cpu].idbits, 15) + 1);
}

void model_lpi(unsigned cpu, unsigned intid, bool level)
{
    if (cpu_has(cpu, intid)) {
        model_put(m.pend[cpu], intid, level);
    }
}

static void ring(unsigned vpe)
{
    ModelVPE *v = &m.vpe[vpe];

    if (v->db) {
        v->db = false;
        model_lpi(v->cpu, v->doorbell, true);
    }
}

static bool vlpi_counts(unsigned vpe, unsigned intid)
{
    return model_has(vpe, intid) && model_bit(m.vpt[vpe], intid) &&
        (vconf(vpe, intid) & 1);
}

static bool any_vlpi(unsigned vpe)
{
    for (unsigned i = 0; i < ARRAY_SIZE(model_intids); i++) {
        if (vlpi_counts(vpe, model_intids[i])) {
            return true;
        }
    }
    return false;
}

static bool sgi_counts(unsigned vpe, unsigned sgi, const bool group[2])
{
    uint8_t conf = m.sgi_conf[vpe][sgi];

    return (m.sgi_pend[vpe] >> sgi & 1) && (conf & 1) && group[conf >> 1 & 1];
}

static bool any_sgi(unsigned vpe, const bool group[2])
{
    for (unsigned i = 0; i < 16; i++) {
        if (sgi_counts(vpe, i, group)) {
            return true;
        }
    }
    return false;
}

void model_vlpi(unsigned vpe, unsigned intid, bool level, unsigned doorbell)
{
    ModelVPE *v = &m.vpe[vpe];

    if (model_bit(m.vpt[vpe], intid) == level) {
        return;
    }
    model_put(m.vpt[vpe], intid, level);
    if (!level || model_resident(vpe) >= 0) {
        return;
    }
    model_lpi(v->cpu, doorbell, true);
    if (m.v41 && v->group[1] && vlpi_counts(vpe, intid)) {
        ring(vpe);
    }
}

static void sgis_changed(unsigned vpe)
{
    if (model_resident(vpe) < 0 && any_sgi(vpe, m.vpe[vpe].group)) {
        ring(vpe);
    }
}

void model_sgi(unsigned vpe, unsigned sgi, bool level)
{
    if ((m.sgi_pend[vpe] >> sgi & 1) != level) {
        m.sgi_pend[vpe] ^= 1 << sgi;
        sgis_changed(vpe);
    }
}

void model_configure_sgi(unsigned vpe, unsigned sgi, uint8_t conf)
{
    m.sgi_conf[vpe][sgi] = conf;
    sgis_changed(vpe);
}

void model_invalidate(unsigned vpe, unsigned intid)
{
    if (m.v41 && model_resident(vpe) < 0 && m.vpe[vpe].group[1] &&
        (intid ? vlpi_counts(vpe, intid) : any_vlpi(vpe))) {
        ring(vpe);
    }
}

/* ---- Events ---- */

static ModelEvent *mapped(unsigned dev, unsigned event)
{
    if (!m.dev[dev].valid || event >= 1u << m.dev[dev].bits ||
        !m.dev[dev].event[event].valid) {
        return NULL;
    }
    return &m.dev[dev].event[event];
}

void model_event(unsigned dev, unsigned event, bool level, bool discard)
{
    ModelEvent *e = mapped(dev, event);

    if (!e) {
        return;
    }
    if (!e->is_virtual) {
        if (!m.col[e->icid].valid) {
            return;
        }
        model_lpi(m.col[e->icid].cpu, e->intid, level);
    } else {
        if (!m.vpe[e->vpe].valid || !model_has(e->vpe, e->intid)) {
            return;
        }
        model_vlpi(e->vpe, e->intid, level, e->doorbell);
    }
    if (discard) {
        e->valid = false;
    }
}

void model_move(unsigned from, unsigned to, unsigned intid)
{
    if (from != to && cpu_has(from, intid) && cpu_has(to, intid) &&
        model_bit(m.pend[from], intid)) {
        model_put(m.pend[from], intid, false);
        model_put(m.pend[to], intid, true);
    }
}

void model_move_all(unsigned from, unsigned to)
{
    for (unsigned i = 0; i < ARRAY_SIZE(model_intids); i++) {
        model_move(from, to, model_intids[i]);
    }
}

/* @doorbell is -1 if it stays */
void model_vmovi(unsigned dev, unsigned event, unsigned vpe, int doorbell)
{
    ModelEvent *e = mapped(dev, event);

    if (!e || !e->is_virtual || !m.vpe[e->vpe].valid || !m.vpe[vpe].valid ||
        !model_has(e->vpe, e->intid) || !model_has(vpe, e->intid)) {
        return;
    }
    if (doorbell >= 0) {
        e->doorbell = doorbell;
    }
    if (e->vpe != vpe && model_bit(m.vpt[e->vpe], e->intid)) {
        model_vlpi(e->vpe, e->intid, false, NO_DOORBELL);
        model_vlpi(vpe, e->intid, true, e->doorbell);
    }
    e->vpe = vpe;
}

/* ---- vPEs ---- */

void model_vmapp(unsigned vpe, bool valid, bool alloc, unsigned cpu,
                 unsigned size, unsigned doorbell)
{
    ModelVPE *v = &m.vpe[vpe];
    bool keep = m.v41 && valid && !alloc && v->valid;
    int on = model_resident(vpe);

    if (m.v41 && !valid && !alloc) {
        return;
    }
    v->valid = valid;
    v->cpu = cpu;
    v->size = size;
    v->doorbell = m.v41 ? doorbell : NO_DOORBELL;
    if (!keep) {
        v->db = false;
        v->group[0] = v->group[1] = false;
    }
    if (on >= 0 && !valid) {
        m.cpu[on].resident = false;
    }
}

void model_vmovp(unsigned vpe, unsigned cpu, int doorbell)
{
    ModelVPE *v = &m.vpe[vpe];
    unsigned old_cpu = v->cpu, old = v->doorbell;

    if (!v->valid) {
        return;
    }
    v->cpu = cpu;
    if (doorbell >= 0) {
        v->doorbell = doorbell;
    }
    if (old == v->doorbell) {
        model_move(old_cpu, cpu, old);
    }
}

void model_schedule(unsigned cpu, unsigned vpe, bool group0, bool group1)
{
    ModelCPU *c = &m.cpu[cpu];
    ModelVPE *v = &m.vpe[vpe];

    if (c->scheduled) {
        return;
    }
    c->scheduled = true;
    c->vpe = vpe;
    c->group[0] = group0;
    c->group[1] = group1;
    c->resident = v->valid;
    if (m.v41 && v->valid) {
        v->db = false;
        model_lpi(v->cpu, v->doorbell, false);
    }
}

void model_deschedule(unsigned cpu, bool last, bool db)
{
    ModelCPU *c = &m.cpu[cpu];
    ModelVPE *v = &m.vpe[c->vpe];

    if (c->scheduled && c->resident && m.v41) {
        last = last || (c->group[1] && any_vlpi(c->vpe)) ||
            any_sgi(c->vpe, c->group);
        v->db = db && !last;
        v->group[0] = c->group[0];
        v->group[1] = c->group[1];
    }
    c->scheduled = false;
    c->resident = false;
}

void model_post_load(void)
{
    for (unsigned i = 0; m.v41 && i < CPUS; i++) {
        m.cpu[i].resident = m.cpu[i].scheduled && m.vpe[m.cpu[i].vpe].valid;
    }
}

/* ---- The best ---- */

void model_best(unsigned cpu, unsigned *prio, unsigned *irq)
{
    *prio = 0xff;
    for (unsigned i = 0; i < ARRAY_SIZE(model_intids); i++) {
        unsigned intid = model_intids[i];
        uint8_t conf = test_ram[CONF + intid - 8192];

        if (cpu_has(cpu, intid) && model_bit(m.pend[cpu], intid) &&
            (conf & 1) && (conf & 0xfc) < *prio) {
            *prio = conf & 0xfc;
            *irq = intid;
        }
    }
}

void model_best_virtual(unsigned cpu, unsigned *prio, unsigned *irq)
{
    ModelCPU *c = &m.cpu[cpu];

    *prio = 0xff;
    if (!c->resident) {
        return;
    }
    for (unsigned i = 0; m.v41 && i < 16; i++) {
        if (sgi_counts(c->vpe, i, c->group) &&
            (m.sgi_conf[c->vpe][i] & 0xf0) < *prio) {
            *prio = m.sgi_conf[c->vpe][i] & 0xf0;
            *irq = i;
        }
    }
    for (unsigned i = 0; i < ARRAY_SIZE(model_intids); i++) {
        unsigned intid = model_intids[i];

        if ((!m.v41 || c->group[1]) &&
            (m.v41 ? vlpi_counts(c->vpe, intid) :
             model_bit(m.vpt[c->vpe], intid) && (vconf(c->vpe, intid) & 1)) &&
            (vconf(c->vpe, intid) & 0xfc) < *prio) {
            *prio = vconf(c->vpe, intid) & 0xfc;
            *irq = intid;
        }
    }
}
