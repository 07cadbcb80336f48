/*
 * Arm SMMUv2 TLB maintenance
 *
 * TLBI registers to TLB operations (IHI 0062, TLB maintenance operations).
 * An operation in a bank applies to the VMID and the regime of that bank, so
 * to every bank that shares them.  It is complete when the write returns: the
 * SYNC registers have nothing to wait for and TLBSTATUS reads as 0.
 *
 * Entries are kept by bank, so one by ASID or by VMID drops all entries of the
 * banks that have it, global ones included; the architecture lets a TLB drop
 * what it likes, but never keep what was invalidated.  Banks without entries
 * are passed over.  One by VA or IPA also drops all tables of its banks, unless
 * it is for the last level (TLBIVAL and kin).
 * What CPUs broadcast is smmuv2-dvm.c's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "smmuv2-tcu.h"
#include "trace.h"

#define ANY_ASID    (-1)

typedef struct Scope {
    enum { SCOPE_ALL, SCOPE_HYP, SCOPE_NOT_HYP, SCOPE_VMID, SCOPE_S1,
           SCOPE_S2 } kind;
    uint16_t vmid;              /* VMID, S1, S2 */
    int asid;                   /* S1: ASID or ANY_ASID */
} Scope;

static bool in_scope(const SMMUv2BankConfig *cfg, const Scope *scope)
{
    switch (scope->kind) {
    case SCOPE_ALL:
        return true;
    case SCOPE_HYP:
        return cfg->hyp;
    case SCOPE_NOT_HYP:
        return !cfg->hyp;
    case SCOPE_VMID:
        return !cfg->hyp && cfg->vmid == scope->vmid;
    case SCOPE_S1:
        return !cfg->hyp && cfg->has_s1 && cfg->vmid == scope->vmid &&
               (scope->asid == ANY_ASID ||
                !((scope->asid ^ cfg->asid) & cfg->asid_mask));
    case SCOPE_S2:
        return !cfg->hyp && cfg->has_s2 && cfg->vmid == scope->vmid;
    }
    return false;
}

static void drop(SMMUv2TCU *tcu, Scope scope, SMMUv2Invalidation *inv)
{
    unsigned long cb;

    SMMUV2_FOREACH_LIVE(tcu, cb) {
        if (in_scope(&tcu->bank[cb].cfg, &scope)) {
            smmuv2_tcu_drop_bank(tcu, cb, inv);
        }
    }
}

/* The smallest page that a bank can map: what a VA operation surely covers */
static uint64_t page_size(const SMMUv2StageConfig *cfg, uint64_t addr)
{
    uint8_t granule = cfg->tt[cfg->stage == 1 && addr >> 63].granule;

    return 1ull << (granule ? granule : 12);
}

static void mark_range(SMMUv2Invalidation *inv, uint64_t addr)
{
    inv->addr = addr & ~0xfffull;
    inv->size = 4096;
}

static void drop_addr(SMMUv2TCU *tcu, unsigned cb, uint64_t page,
                      uint64_t addr, bool leaf, SMMUv2Invalidation *inv)
{
    /* Once a whole bank has gone, the range is everything and stays so */
    if (inv->size && page > inv->size) {
        inv->size = page;
        inv->addr = addr & ~(page - 1);
    }
    smmuv2_tcu_drop_addr(tcu, cb, addr, leaf, inv);
}

/* By VA: of the ASID in @scope, and global entries whatever the ASID */
static void drop_va(SMMUv2TCU *tcu, Scope scope, uint64_t va, bool leaf,
                    SMMUv2Invalidation *inv)
{
    Scope any_asid = { scope.kind, scope.vmid, ANY_ASID };
    unsigned long cb;

    mark_range(inv, va);
    SMMUV2_FOREACH_LIVE(tcu, cb) {
        const SMMUv2Bank *bank = &tcu->bank[cb];

        if (in_scope(&bank->cfg, bank->has_global ? &any_asid : &scope)) {
            drop_addr(tcu, cb, page_size(&bank->cfg.s1, va), va, leaf, inv);
        }
    }
}

/*
 * Stage 2 entries go by address.  Nested ones are kept by VA and which of them
 * came through the IPA is not known: they all go.
 */
static void drop_ipa(SMMUv2TCU *tcu, Scope scope, uint64_t ipa, bool leaf,
                     SMMUv2Invalidation *inv)
{
    unsigned long cb;

    mark_range(inv, ipa);
    SMMUV2_FOREACH_LIVE(tcu, cb) {
        const SMMUv2BankConfig *cfg = &tcu->bank[cb].cfg;

        if (!in_scope(cfg, &scope)) {
            continue;
        }
        if (cfg->has_s1) {
            smmuv2_tcu_drop_bank(tcu, cb, inv);
        } else {
            drop_addr(tcu, cb, page_size(&cfg->s2, ipa), ipa, leaf, inv);
        }
    }
}

static uint16_t vmid_written(SMMUv2TCU *tcu, uint64_t value)
{
    return FIELD_EX32(tcu->regs.cr0, CR0, VMID16EN) ? value & 0xffff :
                                                      value & 0xff;
}

/* VA[55:12] of the 64-bit registers, extended */
static uint64_t va_written(uint64_t value)
{
    return sextract64(value, 0, R_CB_TLBIVA_VA_LENGTH) << 12;
}

/* VA[31:12] of registers that take an AArch32 address */
static uint64_t va32_written(uint64_t value)
{
    return (uint64_t)FIELD_EX64(value, CB_TLBIVA_AARCH32, VA) << 12;
}

static void global_tlbi(SMMUv2TCU *tcu, unsigned offset, uint64_t value,
                        SMMUv2Invalidation *inv)
{
    Scope scope = { .kind = SCOPE_ALL };

    switch (offset) {
    case A_STLBIALL:
        /* With one security state there is nothing secure to spare */
        break;
    case A_TLBIALLH:
        scope.kind = SCOPE_HYP;
        break;
    case A_TLBIALLNSNH:
        scope.kind = SCOPE_NOT_HYP;
        break;
    case A_TLBIVMID:
        scope = (Scope) { SCOPE_VMID, vmid_written(tcu, value) };
        break;
    case A_TLBIVMIDS1:
        scope = (Scope) { SCOPE_S1, vmid_written(tcu, value), ANY_ASID };
        break;
    case A_TLBIVAH:
        scope.kind = SCOPE_HYP;
        drop_va(tcu, scope, va32_written(value), false, inv);
        return;
    case A_TLBIVAH64:
    case A_TLBIVALH64:
        scope.kind = SCOPE_HYP;
        drop_va(tcu, scope, va_written(value), offset == A_TLBIVALH64, inv);
        return;
    }
    drop(tcu, scope, inv);
}

static void bank_tlbi(SMMUv2TCU *tcu, unsigned cb, const SMMUv2Reg *reg,
                      uint64_t value, bool half, SMMUv2Invalidation *inv)
{
    const SMMUv2BankConfig *cfg = &tcu->bank[cb].cfg;
    bool s2_op = reg->offset == A_CB_TLBIIPAS2 ||
                 reg->offset == A_CB_TLBIIPAS2L;
    bool leaf = reg->offset == A_CB_TLBIVAL || reg->offset == A_CB_TLBIVAAL ||
                reg->offset == A_CB_TLBIIPAS2L;
    /* The format of the bank is that of what is written */
    bool aarch32 = (cfg->has_s1 ? &cfg->s1 : &cfg->s2)->format !=
                   SMMUV2_FORMAT_AARCH64;
    Scope scope = { SCOPE_S1, cfg->vmid, ANY_ASID };

    if (reg->offset == A_CB_TLBIALL) {
        scope.kind = cfg->hyp ? SCOPE_HYP :
                     cfg->has_s1 ? SCOPE_S1 : SCOPE_VMID;
        drop(tcu, scope, inv);
        return;
    }
    if (s2_op == cfg->has_s1) {
        qemu_log_mask(LOG_GUEST_ERROR,
                      "smmuv2: %s in context bank %u, which has stage %d\n",
                      reg->name, cb, cfg->has_s1 ? 1 : 2);
        return;
    }
    if (cfg->hyp) {
        scope.kind = SCOPE_HYP;
    }

    switch (reg->offset) {
    case A_CB_TLBIVA:
    case A_CB_TLBIVAL:
        /*
         * 32 bits written are zero-extended, which makes the ASID 0; a CPU
         * without 64-bit stores means the one that it wrote above.
         */
        scope.asid = aarch32 ? FIELD_EX64(value, CB_TLBIVA_AARCH32, ASID) :
                     half ? ANY_ASID : FIELD_EX64(value, CB_TLBIVA, ASID);
        /* fall through */
    case A_CB_TLBIVAA:
    case A_CB_TLBIVAAL:
        drop_va(tcu, scope, aarch32 ? va32_written(value) : va_written(value),
                leaf, inv);
        break;
    case A_CB_TLBIASID:
        scope.asid = value & 0xffff;
        drop(tcu, scope, inv);
        break;
    case A_CB_TLBIIPAS2:
    case A_CB_TLBIIPAS2L:
        scope.kind = SCOPE_S2;
        drop_ipa(tcu, scope,
                 (aarch32 ? FIELD_EX64(value, CB_TLBIIPAS2_AARCH32, IPA) :
                            FIELD_EX64(value, CB_TLBIIPAS2, IPA)) << 12,
                 leaf, inv);
        break;
    }
}

void smmuv2_tlbi_write(SMMUv2TCU *tcu, SMMUv2RegRef ref, uint64_t value,
                       bool half, SMMUv2Invalidation *inv)
{
    trace_smmuv2_tlbi(ref.reg->name, ref.index, value);
    smmuv2_count(&tcu->tlb_invalidations);
    if (ref.reg->frame != SMMUV2_FRAME_CB) {
        global_tlbi(tcu, ref.reg->offset, value, inv);
    } else {
        bank_tlbi(tcu, ref.index, ref.reg, value, half, inv);
    }
}
