/*
 * Arm SMMUv2 as people see it: "info smmuv2" of the monitor
 *
 * Prints what query-smmuv2 returns.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "monitor/hmp.h"
#include "monitor/monitor.h"
#include "qapi/qapi-commands-smmuv2.h"
#include "smmuv2-query.h"

static void print_fault(Monitor *mon, const char *indent,
                        const Smmuv2InfoFault *f)
{
    monitor_printf(mon, "%sfault:", indent);
    for (Smmuv2InfoFaultKindList *k = f->kinds; k; k = k->next) {
        monitor_printf(mon, " %s", Smmuv2InfoFaultKind_str(k->value));
    }
    monitor_printf(mon, " at 0x%" PRIx64, f->address);
    if (f->has_ipa) {
        monitor_printf(mon, " ipa 0x%" PRIx64, f->ipa);
    }
    monitor_printf(mon, ", stream 0x%x, status 0x%x, syndrome 0x%x\n",
                   f->stream_id, f->status, f->syndrome);
}

static void print_stream(Monitor *mon, const Smmuv2InfoStream *s)
{
    monitor_printf(mon, "  stream 0x%04x (%s): %s", s->stream_id, s->device,
                   Smmuv2InfoRoute_str(s->route));
    if (s->has_context_bank) {
        monitor_printf(mon, ", bank %u, stage %s", s->context_bank, s->stage);
    }
    monitor_printf(mon, "; translations %" PRIu64 ", hits %" PRIu64
                   ", misses %" PRIu64 ", faults %" PRIu64 "\n",
                   s->translations, s->hits, s->misses, s->faults);
}

static void print_bank(Monitor *mon, const Smmuv2InfoBank *b)
{
    monitor_printf(mon, "  bank %u: %s, %s, stage %s, vmid %u", b->index,
                   Smmuv2InfoBankType_str(b->type),
                   Smmuv2InfoFormat_str(b->format), b->stage, b->vmid);
    if (b->has_asid) {
        monitor_printf(mon, ", asid %u", b->asid);
    }
    if (b->has_stage_2_bank) {
        monitor_printf(mon, ", stage 2 of bank %u", b->stage_2_bank);
    }
    monitor_printf(mon, "%s\n", b->valid ? "" : " (invalid)");
    for (Smmuv2InfoTableList *t = b->tables; t; t = t->next) {
        monitor_printf(mon, "    stage %u, ttbr%u: table 0x%" PRIx64
                       ", %u bits, granule %u KiB\n", t->value->stage,
                       t->value->ttbr, t->value->base, t->value->input_bits,
                       t->value->granule / 1024);
    }
    if (b->fault) {
        print_fault(mon, "    ", b->fault);
    }
}

static void print_smmu(Monitor *mon, const Smmuv2Info *info)
{
    monitor_printf(mon, "%s%s\n", info->smmu,
                   info->enabled ? "" : " (disabled: CR0.CLIENTPD)");
    monitor_printf(mon, "  tlb-hits %" PRIu64 ", tlb-misses %" PRIu64
                   ", walks %" PRIu64 ", tlb-invalidations %" PRIu64
                   ", tlb-broadcasts %" PRIu64
                   ", context-faults %" PRIu64 ", global-faults %" PRIu64 "\n",
                   info->tlb_hits, info->tlb_misses, info->walks,
                   info->tlb_invalidations, info->tlb_broadcasts,
                   info->context_faults, info->global_faults);
    if (info->fault) {
        print_fault(mon, "  global ", info->fault);
    }
    for (Smmuv2InfoStreamList *s = info->streams; s; s = s->next) {
        print_stream(mon, s->value);
    }
    for (Smmuv2InfoBankList *b = info->banks; b; b = b->next) {
        print_bank(mon, b->value);
    }
}

static void hmp_info_smmuv2(Monitor *mon, const QDict *qdict)
{
    g_autoptr(Smmuv2InfoList) list = qmp_query_smmuv2(NULL);

    if (!list) {
        monitor_printf(mon, "The machine has no SMMUv2\n");
    }
    for (Smmuv2InfoList *l = list; l; l = l->next) {
        print_smmu(mon, l->value);
    }
}

void smmuv2_hmp_register(void)
{
    monitor_register_hmp("smmuv2", true, hmp_info_smmuv2);
}
