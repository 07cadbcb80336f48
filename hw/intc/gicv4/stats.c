/*
 * GIC: counters, for "info irq", "info pic" and QOM
 *
 * Physical interrupts are counted when a CPU acknowledges them, on any GICv3
 * or GICv4. What GICv4.1 delivers, it counts in total, as properties of the
 * GIC, and for each vPE.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/intc/intc.h"
#include "qapi/visitor.h"
#include "events.h"
#include "gicv41.h"

static const struct {
    const char *property, *description, *title;
} counters[GICV41_NUM_COUNTERS] = {
    [GICV41_DIRECT_LPI] = {
        "direct-vlpis", "Virtual LPIs for vPEs that ran", "vLPIs",
    },
    [GICV41_DIRECT_SGI] = {
        "direct-vsgis", "Virtual SGIs for vPEs that ran", "vSGIs",
    },
    [GICV41_PENDED] = {
        "pended", "Virtual interrupts for vPEs that did not run", "pended",
    },
    [GICV41_KNOWN] = {
        "known-events", "Events for vPEs that were not looked up", "known",
    },
    [GICV41_DOORBELL] = {
        "doorbells", "Doorbells rung", "doorbells",
    },
    [GICV41_RESIDENCY] = {
        "residencies", "Times that a vPE was made resident", "resident",
    },
};

uint64_t *gicv41_counts_of(GICv3State *s, uint32_t vpeid)
{
    uint64_t *vpe = g_hash_table_lookup(s->v41->vpe, GUINT_TO_POINTER(vpeid));

    if (!vpe) {
        vpe = g_new0(uint64_t, GICV41_NUM_COUNTERS);
        g_hash_table_insert(s->v41->vpe, GUINT_TO_POINTER(vpeid), vpe);
    }
    return vpe;
}

void gicv41_count(GICv3State *s, uint32_t vpeid, GICv41Counter counter)
{
    gicv41_counts_of(s, vpeid)[counter]++;
    s->v41->total[counter]++;
}

void gicv41_count_resident(GICv3CPUState *cs, GICv41Counter counter)
{
    if (!cs->v41->resident) {
        return;                 /* a reset has come between */
    }
    cs->v41->counts[counter]++;
    cs->gic->v41->total[counter]++;
}

void gicv4_stats_acknowledged(GICv3State *s, int irq)
{
    if (irq >= GICV3_LPI_INTID_START) {
        s->lpis_acknowledged++;
    } else if (irq < GICV3_MAXIRQ) {
        s->acknowledged[irq]++;
    }
}

static bool get_statistics(InterruptStatsProvider *obj, uint64_t **irq_counts,
                           unsigned *nb_irqs)
{
    GICv3State *s = ARM_GICV3_COMMON(obj);

    *irq_counts = s->acknowledged;
    *nb_irqs = s->num_irq < GICV3_MAXIRQ ? s->num_irq : GICV3_MAXIRQ;
    return true;
}

static void print_counts(GString *buf, const uint64_t *counts)
{
    for (int i = 0; i < GICV41_NUM_COUNTERS; i++) {
        g_string_append_printf(buf, " %10" PRIu64, counts[i]);
    }
    g_string_append_c(buf, '\n');
}

static gint by_vpeid(gconstpointer a, gconstpointer b)
{
    return GPOINTER_TO_UINT(a) < GPOINTER_TO_UINT(b) ? -1 : 1;
}

static void print_vpes(GICv3State *s, GString *buf)
{
    GList *ids = g_hash_table_get_keys(s->v41->vpe);

    g_string_append_printf(buf, "  %-10s", "vPE");
    for (int i = 0; i < GICV41_NUM_COUNTERS; i++) {
        g_string_append_printf(buf, " %10s", counters[i].title);
    }
    g_string_append_c(buf, '\n');

    ids = g_list_sort(ids, by_vpeid);
    for (GList *id = ids; id; id = id->next) {
        g_string_append_printf(buf, "  %-10u", GPOINTER_TO_UINT(id->data));
        print_counts(buf, g_hash_table_lookup(s->v41->vpe, id->data));
    }
    g_list_free(ids);
    g_string_append_printf(buf, "  %-10s", "all");
    print_counts(buf, s->v41->total);
}

static void print_pending(GString *buf, const char *what, PendingIrq best)
{
    if (best.prio != 0xff) {
        g_string_append_printf(buf, "; %s %d, priority 0x%x", what, best.irq,
                               best.prio);
    }
}

static void print_info(InterruptStatsProvider *obj, GString *buf)
{
    GICv3State *s = ARM_GICV3_COMMON(obj);

    g_string_append_printf(buf, "GICv%u%s, %u CPUs, %" PRIu64 " LPIs "
                           "acknowledged\n", s->revision,
                           s->gicv41 ? ".1" : "", s->num_cpu,
                           s->lpis_acknowledged);
    for (int i = 0; i < s->num_cpu; i++) {
        GICv3CPUState *cs = &s->cpu[i];

        g_string_append_printf(buf, "  CPU %d", i);
        if (cs->v41 && cs->v41->resident) {
            g_string_append_printf(buf, ": vPE %u", cs->v41->vpe.id);
        }
        print_pending(buf, "pending", cs->hppi);
        print_pending(buf, "for the vPE", cs->hppvlpi);
        g_string_append_c(buf, '\n');
    }
    for (guint i = 0; s->itslist && i < s->itslist->len; i++) {
        GICv3ITSState *its = g_ptr_array_index(s->itslist, i);

        if (its->events) {
            g_string_append_printf(buf, "  ITS %u: %" PRIu64 " events were "
                                   "known, %" PRIu64 " looked up\n", i,
                                   its->events->hits, its->events->misses);
        }
    }
    if (s->v41) {
        print_vpes(s, buf);
    }
}

static void get_counter(Object *obj, Visitor *v, const char *name,
                        void *opaque, Error **errp)
{
    GICv3State *s = ARM_GICV3_COMMON(obj);
    uint64_t value = s->v41 ? s->v41->total[GPOINTER_TO_UINT(opaque)] : 0;

    visit_type_uint64(v, name, &value, errp);
}

static void get_lpis(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    visit_type_uint64(v, name, &ARM_GICV3_COMMON(obj)->lpis_acknowledged,
                      errp);
}

void gicv4_stats_class_init(ObjectClass *klass)
{
    InterruptStatsProviderClass *ic = INTERRUPT_STATS_PROVIDER_CLASS(klass);

    ic->get_statistics = get_statistics;
    ic->print_info = print_info;
    for (unsigned i = 0; i < GICV41_NUM_COUNTERS; i++) {
        object_class_property_add(klass, counters[i].property, "uint64",
                                  get_counter, NULL, NULL,
                                  GUINT_TO_POINTER(i));
        object_class_property_set_description(klass, counters[i].property,
                                              counters[i].description);
    }
    object_class_property_add(klass, "lpis", "uint64", get_lpis, NULL, NULL,
                              NULL);
    object_class_property_set_description(klass, "lpis",
                                          "Physical LPIs acknowledged");
}
