/*
 * Arm SMMUv2 as people see it: query-smmuv2
 *
 * See smmuv2-query.h.  Registers are read as software wrote them; what the
 * SMMU makes of them comes from the decoded configuration of the bank.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/lockable.h"
#include "qapi/qapi-commands-smmuv2.h"
#include "smmuv2-query.h"
#include "smmuv2-tbu.h"

typedef struct FaultBit {
    uint32_t mask;
    Smmuv2InfoFaultKind kind;
} FaultBit;

/* From the highest on, so that prepending gives the order of the bits */
static const FaultBit fsr_bits[] = {
    { R_CB_FSR_MULTI_MASK, SMMUV2_INFO_FAULT_KIND_MULTIPLE },
    { R_CB_FSR_SS_MASK, SMMUV2_INFO_FAULT_KIND_STALLED },
    { R_CB_FSR_UUT_MASK, SMMUV2_INFO_FAULT_KIND_UNSUPPORTED_UPSTREAM },
    { R_CB_FSR_ASF_MASK, SMMUV2_INFO_FAULT_KIND_ADDRESS_SIZE },
    { R_CB_FSR_TLBLKF_MASK, SMMUV2_INFO_FAULT_KIND_TLB_LOCK },
    { R_CB_FSR_TLBMCF_MASK, SMMUV2_INFO_FAULT_KIND_TLB_MATCH_CONFLICT },
    { R_CB_FSR_EF_MASK, SMMUV2_INFO_FAULT_KIND_EXTERNAL },
    { R_CB_FSR_PF_MASK, SMMUV2_INFO_FAULT_KIND_PERMISSION },
    { R_CB_FSR_AFF_MASK, SMMUV2_INFO_FAULT_KIND_ACCESS_FLAG },
    { R_CB_FSR_TF_MASK, SMMUV2_INFO_FAULT_KIND_TRANSLATION },
};

static const FaultBit gfsr_bits[] = {
    { R_GFSR_MULTI_MASK, SMMUV2_INFO_FAULT_KIND_MULTIPLE },
    { R_GFSR_UUT_MASK, SMMUV2_INFO_FAULT_KIND_UNSUPPORTED_UPSTREAM },
    { R_GFSR_PF_MASK, SMMUV2_INFO_FAULT_KIND_PERMISSION },
    { R_GFSR_EF_MASK, SMMUV2_INFO_FAULT_KIND_EXTERNAL },
    { R_GFSR_CAF_MASK, SMMUV2_INFO_FAULT_KIND_CONFIGURATION_ACCESS },
    { R_GFSR_UCIF_MASK, SMMUV2_INFO_FAULT_KIND_UNIMPLEMENTED_INTERRUPT },
    { R_GFSR_UCBF_MASK, SMMUV2_INFO_FAULT_KIND_UNIMPLEMENTED_BANK },
    { R_GFSR_SMCF_MASK, SMMUV2_INFO_FAULT_KIND_STREAM_MATCH_CONFLICT },
    { R_GFSR_USF_MASK, SMMUV2_INFO_FAULT_KIND_UNIDENTIFIED_STREAM },
    { R_GFSR_ICF_MASK, SMMUV2_INFO_FAULT_KIND_INVALID_CONTEXT },
};

/* NULL if no bit of @status is set */
static Smmuv2InfoFault *fault_info(uint32_t status, const FaultBit *bits,
                                   size_t num_bits)
{
    Smmuv2InfoFaultKindList *kinds = NULL;
    Smmuv2InfoFault *fault;

    for (size_t i = 0; i < num_bits; i++) {
        if (status & bits[i].mask) {
            QAPI_LIST_PREPEND(kinds, bits[i].kind);
        }
    }
    if (!kinds) {
        return NULL;
    }
    fault = g_new0(Smmuv2InfoFault, 1);
    fault->kinds = kinds;
    fault->status = status;
    return fault;
}

static Smmuv2InfoFault *context_fault(const SMMUv2BankRegs *r)
{
    Smmuv2InfoFault *fault = fault_info(r->fsr, fsr_bits,
                                        ARRAY_SIZE(fsr_bits));

    if (fault) {
        fault->syndrome = r->fsynr[0];
        fault->address = r->far;
        fault->ipa = r->ipafar;
        fault->has_ipa = r->ipafar != 0;
        fault->stream_id = FIELD_EX32(r->cbfrsynra, CBFRSYNRA0, STREAM_ID);
    }
    return fault;
}

static Smmuv2InfoFault *global_fault(const SMMUv2Regs *regs)
{
    Smmuv2InfoFault *fault = fault_info(regs->gfsr, gfsr_bits,
                                        ARRAY_SIZE(gfsr_bits));

    if (fault) {
        fault->syndrome = regs->gfsynr[0];
        fault->address = regs->gfar;
        fault->stream_id = FIELD_EX32(regs->gfsynr[1], GFSYNR1, STREAM_ID);
    }
    return fault;
}

/* ---- Banks ---- */

static char *stage_names(bool s1, bool s2)
{
    return g_strdup(s1 && s2 ? "1+2" : s1 ? "1" : s2 ? "2" : "-");
}

static Smmuv2InfoFormat bank_format(const SMMUv2BankRegs *r)
{
    bool s1 = FIELD_EX32(r->cbar, CBAR0, TYPE) != CBAR_TYPE_S2;

    if (FIELD_EX32(r->cba2r, CBA2R0, VA64)) {
        return SMMUV2_INFO_FORMAT_AARCH64;
    }
    /* Stage 2 has no short descriptors */
    return s1 && !FIELD_EX32(r->tcr, CB_TCR, EAE) ?
           SMMUV2_INFO_FORMAT_AARCH32_SHORT : SMMUV2_INFO_FORMAT_AARCH32_LONG;
}

static Smmuv2InfoTable *new_table(unsigned stage, unsigned ttbr,
                                  uint64_t base, unsigned input_bits,
                                  uint32_t granule)
{
    Smmuv2InfoTable *table = g_new(Smmuv2InfoTable, 1);

    *table = (Smmuv2InfoTable) {
        .stage = stage,
        .ttbr = ttbr,
        .base = base,
        .input_bits = input_bits,
        .granule = granule,
    };
    return table;
}

static Smmuv2InfoTable *stage2_table(const SMMUv2BankRegs *r)
{
    static const uint32_t tg0[4] = { 4096, 65536, 16384, 0 };

    if (bank_format(r) == SMMUV2_INFO_FORMAT_AARCH64) {
        return new_table(2, 0, extract64(r->ttbr[0], 0, 48),
                         64 - FIELD_EX32(r->tcr, CB_TCR, T0SZ),
                         tg0[FIELD_EX32(r->tcr, CB_TCR, TG0)]);
    }
    /* T0SZ has a sign: up to 40 bits */
    return new_table(2, 0, extract64(r->ttbr[0], 0, 40),
                     32 - sextract32(r->tcr, 0, 4), 4096);
}

/* NULL if TCR turns it off */
static Smmuv2InfoTable *stage1_table(const SMMUv2BankRegs *r, unsigned n)
{
    static const uint32_t tg0[4] = { 4096, 65536, 16384, 0 };
    static const uint32_t tg1[4] = { 0, 16384, 4096, 65536 };

    switch (bank_format(r)) {
    case SMMUV2_INFO_FORMAT_AARCH64:
        if (r->tcr & (n ? R_CB_TCR_EPD1_MASK : R_CB_TCR_EPD0_MASK)) {
            return NULL;
        }
        return n ? new_table(1, 1, extract64(r->ttbr[1], 0, 48),
                             64 - FIELD_EX32(r->tcr, CB_TCR, T1SZ),
                             tg1[FIELD_EX32(r->tcr, CB_TCR, TG1)]) :
                   new_table(1, 0, extract64(r->ttbr[0], 0, 48),
                             64 - FIELD_EX32(r->tcr, CB_TCR, T0SZ),
                             tg0[FIELD_EX32(r->tcr, CB_TCR, TG0)]);
    case SMMUV2_INFO_FORMAT_AARCH32_LONG:
        if (r->tcr & (n ? R_CB_TCR_EPD1_MASK : R_CB_TCR_EPD0_MASK)) {
            return NULL;
        }
        return new_table(1, n, extract64(r->ttbr[n], 0, 40),
                         32 - extract32(r->tcr, n ? 16 : 0, 3), 4096);
    default:
        /* PD0 and PD1; TTBR0 has what TCR.N leaves, TTBR1 the rest */
        if (r->tcr & (n ? 1 << 5 : 1 << 4) || (n && !(r->tcr & 7))) {
            return NULL;
        }
        return new_table(1, n, extract64(r->ttbr[n], 0, 32) & ~0x7full,
                         n ? 32 : 32 - extract32(r->tcr, 0, 3), 4096);
    }
}

static Smmuv2InfoTableList *bank_tables(const SMMUv2Regs *regs,
                                        const SMMUv2BankConfig *cfg,
                                        unsigned cb)
{
    Smmuv2InfoTableList *tables = NULL;
    Smmuv2InfoTable *table;

    if (cfg->has_s2) {
        QAPI_LIST_PREPEND(tables, stage2_table(&regs->cb[cfg->s2_bank]));
    }
    for (int n = 1; cfg->has_s1 && n >= 0; n--) {
        table = stage1_table(&regs->cb[cb], n);
        if (table) {
            QAPI_LIST_PREPEND(tables, table);
        }
    }
    return tables;
}

/* Lock held */
static Smmuv2InfoBank *bank_info(SMMUv2TCU *tcu, unsigned cb)
{
    const SMMUv2BankConfig *cfg = &tcu->bank[cb].cfg;
    const SMMUv2BankRegs *r = &tcu->regs.cb[cb];
    Smmuv2InfoBank *info = g_new0(Smmuv2InfoBank, 1);

    /* The enumeration has CBAR.TYPE's values */
    QEMU_BUILD_BUG_ON((int)SMMUV2_INFO_BANK_TYPE_S1_S2 !=
                      (int)CBAR_TYPE_S1_S2);
    info->index = cb;
    info->valid = cfg->valid;
    info->type = FIELD_EX32(r->cbar, CBAR0, TYPE);
    info->format = bank_format(r);
    info->stage = stage_names(cfg->has_s1 && cfg->s1.enabled,
                              cfg->has_s2 && cfg->s2.enabled);
    info->has_stage_2_bank = cfg->has_s1 && cfg->has_s2;
    info->stage_2_bank = cfg->s2_bank;
    info->has_asid = cfg->has_s1;
    info->asid = cfg->asid;
    info->vmid = cfg->vmid;
    info->tables = bank_tables(&tcu->regs, cfg, cb);
    info->fault = context_fault(r);
    return info;
}

/* ---- Streams ---- */

static Smmuv2InfoStream *stream_info(SMMUv2TBU *tbu)
{
    SMMUv2Route route = smmuv2_tbu_route_now(tbu);
    Smmuv2InfoStream *info = g_new0(Smmuv2InfoStream, 1);

    QEMU_BUILD_BUG_ON((int)SMMUV2_INFO_ROUTE_FAULT !=
                      (int)SMMUV2_ROUTE_FAULT);
    info->device = tbu->ops->describe(tbu);
    info->tbu = object_get_canonical_path(OBJECT(tbu));
    info->stream_id = tbu->ops->stream_id(tbu);
    info->route = (Smmuv2InfoRoute)route.kind;
    info->has_context_bank = route.kind == SMMUV2_ROUTE_TRANSLATE;
    info->context_bank = route.cb;
    info->stage = smmuv2_tbu_stage(tbu);
    info->translations = smmuv2_tbu_translations(tbu);
    info->hits = smmuv2_tbu_hits(tbu);
    info->misses = smmuv2_tbu_misses(tbu);
    info->faults = qatomic_read_u64(&tbu->faults);
    return info;
}

static int add_stream(Object *child, void *opaque)
{
    GPtrArray *streams = opaque;

    if (object_dynamic_cast(child, TYPE_ARM_SMMUV2_TBU)) {
        g_ptr_array_add(streams, stream_info(ARM_SMMUV2_TBU(child)));
    }
    return 0;
}

/* The highest first: the list is made from its end */
static gint compare_streams(gconstpointer a, gconstpointer b)
{
    const Smmuv2InfoStream *x = *(Smmuv2InfoStream *const *)a;
    const Smmuv2InfoStream *y = *(Smmuv2InfoStream *const *)b;

    return y->stream_id - x->stream_id ?: -strcmp(x->tbu, y->tbu);
}

Smmuv2Info *smmuv2_query_tcu(SMMUv2TCU *tcu, Object *smmu)
{
    g_autoptr(GPtrArray) streams = g_ptr_array_new();
    DECLARE_BITMAP(routed, SMMUV2_MAX_CB) = { };
    Smmuv2Info *info = g_new0(Smmuv2Info, 1);

    object_child_foreach(smmu, add_stream, streams);
    g_ptr_array_sort(streams, compare_streams);
    for (guint i = 0; i < streams->len; i++) {
        Smmuv2InfoStream *stream = g_ptr_array_index(streams, i);

        if (stream->has_context_bank) {
            set_bit(stream->context_bank, routed);
        }
        QAPI_LIST_PREPEND(info->streams, stream);
    }

    info->smmu = object_get_canonical_path(smmu);
    info->tlb_hits = qatomic_read_u64(&tcu->tlb_hits);
    info->tlb_misses = qatomic_read_u64(&tcu->tlb_misses);
    info->walks = qatomic_read_u64(&tcu->walks);
    info->tlb_invalidations = qatomic_read_u64(&tcu->tlb_invalidations);
    info->tlb_broadcasts = qatomic_read_u64(&tcu->tlb_broadcasts);
    info->context_faults = qatomic_read_u64(&tcu->context_faults);
    info->global_faults = qatomic_read_u64(&tcu->global_faults);

    QEMU_LOCK_GUARD(&tcu->lock);
    info->enabled = !FIELD_EX32(tcu->regs.cr0, CR0, CLIENTPD);
    info->fault = global_fault(&tcu->regs);
    for (int cb = tcu->num_cb - 1; cb >= 0; cb--) {
        const SMMUv2BankRegs *r = &tcu->regs.cb[cb];

        if (test_bit(cb, routed) || FIELD_EX32(r->sctlr, CB_SCTLR, M) ||
            r->fsr & CB_FSR_W1C) {
            QAPI_LIST_PREPEND(info->banks, bank_info(tcu, cb));
        }
    }
    return info;
}

static int add_smmu(Object *child, void *opaque)
{
    Smmuv2InfoList ***tail = opaque;

    if (object_dynamic_cast(child, TYPE_ARM_SMMUV2) &&
        qdev_is_realized(DEVICE(child))) {
        QAPI_LIST_APPEND(*tail, smmuv2_query(ARM_SMMUV2(child)));
    }
    return 0;
}

Smmuv2InfoList *qmp_query_smmuv2(Error **errp)
{
    Smmuv2InfoList *list = NULL, **tail = &list;

    object_child_foreach_recursive(object_get_root(), add_smmu, &tail);
    return list;
}
