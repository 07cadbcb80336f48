/*
 * Arm SMMUv2 translation control unit
 *
 * Life of a translation: a TBU that misses asks for an address in a context
 * bank.  The TCU takes a copy of the bank's configuration, looks in the macro
 * TLB, else walks: stage 1, stage 2, or stage 1 with each table access and the
 * result going through stage 2.  Then it checks that the access is permitted
 * and fills both TLBs, unless an invalidation has come meanwhile: the tables
 * were read without the lock and what was read may be what had to go.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/lockable.h"
#include "smmuv2-tcu.h"
#include "trace.h"

void smmuv2_tcu_init(SMMUv2TCU *tcu, uint32_t num_entries)
{
    qemu_mutex_init(&tcu->lock);
    smmuv2_tlb_init(&tcu->tlb, num_entries);
    QLIST_INIT(&tcu->listeners);
}

void smmuv2_tcu_destroy(SMMUv2TCU *tcu)
{
    smmuv2_tlb_destroy(&tcu->tlb);
    qemu_mutex_destroy(&tcu->lock);
}

void smmuv2_tcu_listen(SMMUv2TCU *tcu, SMMUv2Listener *listener)
{
    QEMU_LOCK_GUARD(&tcu->lock);
    QLIST_INSERT_HEAD(&tcu->listeners, listener, next);
}

void smmuv2_tcu_notify(SMMUv2TCU *tcu, const SMMUv2Invalidation *inv)
{
    SMMUv2Listener *l;

    if (!inv->streams && bitmap_empty(inv->banks, SMMUV2_MAX_CB)) {
        return;
    }
    QLIST_FOREACH(l, &tcu->listeners, next) {
        l->invalidated(l, inv);
    }
}

/* ---- Invalidation ---- */

void smmuv2_tcu_drop_bank(SMMUv2TCU *tcu, unsigned cb,
                          SMMUv2Invalidation *inv)
{
    SMMUv2Bank *bank = &tcu->bank[cb];

    qatomic_set_u64(&bank->ctx, ++tcu->last_ctx);
    bank->has_global = bank->has_pieces = false;
    set_bit(cb, inv->banks);
    inv->size = 0;
}

void smmuv2_tcu_drop_addr(SMMUv2TCU *tcu, unsigned cb, uint64_t addr,
                          SMMUv2Invalidation *inv)
{
    uint64_t ctx = tcu->bank[cb].ctx, key;
    SMMUv2Listener *l;

    if (tcu->bank[cb].has_pieces) {
        /* The address stands for its whole block, wherever the pieces are */
        smmuv2_tcu_drop_bank(tcu, cb, inv);
        return;
    }
    smmuv2_tlb_key(addr, &key);
    tcu->inval_gen++;
    smmuv2_tlb_invalidate_addr(&tcu->tlb, ctx, key);
    QLIST_FOREACH(l, &tcu->listeners, next) {
        smmuv2_tlb_invalidate_addr(l->utlb, ctx, key);
    }
    set_bit(cb, inv->banks);
}

static void decode_bank(SMMUv2TCU *tcu, unsigned cb, SMMUv2Invalidation *inv)
{
    SMMUv2BankConfig *cfg = &tcu->bank[cb].cfg;

    *cfg = smmuv2_cb_decode(&tcu->regs, tcu->num_cb, cb);
    trace_smmuv2_bank(cb, cfg->valid, cfg->has_s1 && cfg->s1.enabled,
                      cfg->has_s2 && cfg->s2.enabled, cfg->vmid, cfg->asid);
    smmuv2_tcu_drop_bank(tcu, cb, inv);
}

void smmuv2_tcu_bank_changed(SMMUv2TCU *tcu, unsigned cb,
                             SMMUv2Invalidation *inv)
{
    decode_bank(tcu, cb, inv);
    for (unsigned i = 0; i < tcu->num_cb; i++) {
        uint32_t cbar = tcu->regs.cb[i].cbar;

        if (i != cb && FIELD_EX32(cbar, CBAR0, TYPE) == CBAR_TYPE_S1_S2 &&
            FIELD_EX32(cbar, CBAR0, CBNDX) == cb) {
            decode_bank(tcu, i, inv);
        }
    }
}

void smmuv2_tcu_banks_changed(SMMUv2TCU *tcu, SMMUv2Invalidation *inv)
{
    for (unsigned cb = 0; cb < tcu->num_cb; cb++) {
        decode_bank(tcu, cb, inv);
    }
}

void smmuv2_tcu_streams_changed(SMMUv2TCU *tcu, SMMUv2Invalidation *inv)
{
    qatomic_set(&tcu->stream_gen, tcu->stream_gen + 1);
    inv->streams = true;
}

void smmuv2_tcu_reload(SMMUv2TCU *tcu)
{
    SMMUv2Invalidation inv = { 0 };
    SMMUv2Listener *l;

    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        smmuv2_tcu_banks_changed(tcu, &inv);
        smmuv2_tlb_invalidate_all(&tcu->tlb);
        QLIST_FOREACH(l, &tcu->listeners, next) {
            smmuv2_tlb_invalidate_all(l->utlb);
        }
        smmuv2_tcu_streams_changed(tcu, &inv);
    }
    smmuv2_tcu_notify(tcu, &inv);
    smmuv2_fault_lines_update(&tcu->lines);
}

/* ---- Streams ---- */

SMMUv2Route smmuv2_tcu_route(SMMUv2TCU *tcu, uint16_t stream_id)
{
    SMMUv2Route route;

    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        route = smmuv2_stream_route(&tcu->regs, tcu->num_smrg, tcu->num_cb,
                                    stream_id);
    }
    trace_smmuv2_route(stream_id, route.kind, route.cb, route.gfsr);
    return route;
}

SMMUv2Response smmuv2_tcu_global_fault(SMMUv2TCU *tcu, uint32_t gfsr,
                                       const SMMUv2Access *access)
{
    SMMUv2Response response;

    if (access->probe) {
        return SMMUV2_ABORT;
    }
    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        if (smmuv2_fault_continues(access, &tcu->regs.gfsr)) {
            return access->refusal->response;
        }
        response = smmuv2_fault_global(&tcu->regs, gfsr, access);
    }
    trace_smmuv2_global_fault(access->stream_id, access->addr, access->write,
                              gfsr);
    smmuv2_count(&tcu->global_faults);
    smmuv2_fault_lines_update(&tcu->lines);
    return response;
}

/* ---- Walks ---- */

typedef struct Walk {
    AddressSpace *as;
    const SMMUv2BankConfig *cfg;
} Walk;

static bool read_physical(void *opaque, uint64_t addr, bool big_endian,
                          uint64_t *value, SMMUv2WalkFault *fault)
{
    Walk *w = opaque;
    MemTxResult res;

    *value = big_endian ?
             address_space_ldq_be(w->as, addr, MEMTXATTRS_UNSPECIFIED, &res) :
             address_space_ldq_le(w->as, addr, MEMTXATTRS_UNSPECIFIED, &res);
    trace_smmuv2_descriptor(addr, *value, res);
    return res == MEMTX_OK;
}

/* Stage 2 of @ipa for an access that needs @perm */
static bool walk_s2(Walk *w, uint64_t ipa, uint8_t perm, SMMUv2Mapping *map,
                    SMMUv2WalkFault *fault)
{
    if (!smmuv2_walk_lpae(&w->cfg->s2, ipa, read_physical, w, map, fault)) {
        return false;
    }
    if (perm & ~map->perm) {
        *fault = (SMMUv2WalkFault) {
            .kind = SMMUV2_FAULT_PERMISSION,
            .stage = 2,
            .level = map->level,
            .ipa = ipa,
        };
        return false;
    }
    return true;
}

/* A stage 1 table entry at an IPA */
static bool read_intermediate(void *opaque, uint64_t ipa, bool big_endian,
                              uint64_t *value, SMMUv2WalkFault *fault)
{
    Walk *w = opaque;
    SMMUv2Mapping map;

    if (!walk_s2(w, ipa, SMMUV2_PERM_UR, &map, fault)) {
        fault->s1ptw = true;
        return false;
    }
    /* SCTLR.PTW: tables in Device memory are a permission fault */
    if (w->cfg->s2.ptw && smmuv2_attrs_device(map.attrs)) {
        *fault = (SMMUv2WalkFault) {
            .kind = SMMUV2_FAULT_PERMISSION,
            .stage = 2,
            .level = map.level,
            .s1ptw = true,
            .ipa = ipa,
        };
        return false;
    }
    return read_physical(w, map.out | (ipa & MAKE_64BIT_MASK(0, map.shift)),
                         big_endian, value, fault);
}

/* A stage that is off maps each address to itself, within the output size */
static bool flat(const SMMUv2StageConfig *cfg, unsigned stage, uint64_t addr,
                 SMMUv2Mapping *map, SMMUv2WalkFault *fault)
{
    if (addr >> cfg->oas_bits) {
        *fault = (SMMUv2WalkFault) {
            .kind = SMMUV2_FAULT_ADDRESS_SIZE,
            .stage = stage,
            .ipa = stage == 2 ? addr : 0,
        };
        return false;
    }
    *map = (SMMUv2Mapping) {
        .in = addr & ~MAKE_64BIT_MASK(0, 12),
        .out = addr & ~MAKE_64BIT_MASK(0, 12),
        .shift = 12,
        .perm = SMMUV2_PERM_ALL,
        .attrs = { .memattr = 0xff, .sh = 3 },
    };
    return true;
}

/*
 * @perm: what the access needs, 0 for a probe
 * @pieces: set if stage 2 has cut up a block of stage 1
 */
static bool walk(Walk *w, uint64_t addr, uint8_t perm, SMMUv2Mapping *map,
                 bool *pieces, SMMUv2WalkFault *fault)
{
    const SMMUv2BankConfig *cfg = w->cfg;
    bool s1 = cfg->has_s1 && cfg->s1.enabled;
    bool s2 = cfg->has_s2 && cfg->s2.enabled;
    SMMUv2Mapping m2;
    uint64_t ipa;

    if (!s1 && !s2) {
        return flat(cfg->has_s1 ? &cfg->s1 : &cfg->s2, cfg->has_s1 ? 1 : 2,
                    addr, map, fault);
    }
    if (!s1) {
        return walk_s2(w, addr, perm, map, fault);
    }
    if (!smmuv2_walk_lpae(&cfg->s1, addr,
                          s2 ? read_intermediate : read_physical, w,
                          map, fault)) {
        return false;
    }
    /* Stage 1 denies before stage 2 is asked */
    if (perm & ~map->perm) {
        *fault = (SMMUv2WalkFault) {
            .kind = SMMUV2_FAULT_PERMISSION,
            .stage = 1,
            .level = map->level,
        };
        return false;
    }
    if (s2) {
        ipa = map->out | (addr & MAKE_64BIT_MASK(0, map->shift));
        if (!walk_s2(w, ipa, perm, &m2, fault)) {
            return false;
        }
        *pieces = m2.shift < map->shift;
        *map = smmuv2_combine(map, &m2, addr);
    }
    return true;
}

static SMMUv2Response context_fault(SMMUv2TCU *tcu, unsigned cb,
                                    const SMMUv2BankConfig *cfg,
                                    const SMMUv2Access *access,
                                    const SMMUv2WalkFault *fault)
{
    unsigned where = fault->stage == 2 ? cfg->s2_bank : cb;
    SMMUv2Response response;

    if (access->probe) {
        return SMMUV2_ABORT;
    }
    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        if (smmuv2_fault_continues(access, &tcu->regs.cb[where].fsr)) {
            return access->refusal->response;
        }
        response = smmuv2_fault_context(&tcu->regs, where, cb, access, fault);
    }
    trace_smmuv2_context_fault(access->stream_id, where, access->addr,
                               access->write, fault->kind, fault->stage,
                               fault->level, fault->s1ptw, fault->ipa);
    smmuv2_count(&tcu->context_faults);
    smmuv2_fault_lines_update(&tcu->lines);
    return response;
}

/* Whether @key alone determines the mapping: not if TCR2.SEP rewrote bits */
static bool cacheable(const SMMUv2BankConfig *cfg, uint64_t key)
{
    unsigned sep = smmuv2_sep_bit(cfg->s1.sep);

    return !cfg->has_s1 || sep == SMMUV2_UPSTREAM_BITS - 1 || !(key >> sep);
}

SMMUv2Response smmuv2_tcu_translate(SMMUv2TCU *tcu, unsigned cb,
                                    const SMMUv2Access *access,
                                    SMMUv2TLB *utlb, SMMUv2Mapping *map)
{
    uint8_t perm = access->probe ? 0 :
                   smmuv2_perm_needed(access->write, access->priv,
                                      access->inst);
    SMMUv2BankConfig cfg;
    SMMUv2WalkFault fault;
    Walk w = { .as = tcu->as, .cfg = &cfg };
    uint64_t ctx, gen, key;
    bool cached, hit = false, pieces = false;

    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        cfg = tcu->bank[cb].cfg;
        ctx = tcu->bank[cb].ctx;
        gen = tcu->inval_gen;
    }
    if (!cfg.valid) {
        qemu_log_mask(LOG_GUEST_ERROR,
                      "smmuv2: stream 0x%x uses context bank %u, whose CBAR or "
                      "CBA2R names a fault or what is not implemented\n",
                      access->stream_id, cb);
        return smmuv2_tcu_global_fault(tcu, R_GFSR_ICF_MASK, access);
    }

    cached = smmuv2_tlb_key(access->addr, &key) && cacheable(&cfg, key);
    if (cached) {
        hit = smmuv2_tlb_lookup(&tcu->tlb, ctx, key, map) &&
              !(perm & ~map->perm);
        smmuv2_count(hit ? &tcu->tlb_hits : &tcu->tlb_misses);
    }
    if (!hit) {
        smmuv2_count(&tcu->walks);
        if (!walk(&w, access->addr, perm, map, &pieces, &fault)) {
            return context_fault(tcu, cb, &cfg, access, &fault);
        }
    }
    trace_smmuv2_translate(access->stream_id, cb, access->addr, map->out,
                           map->shift, map->perm, map->attrs.memattr, hit);
    if (cached) {
        map->in = key & ~MAKE_64BIT_MASK(0, map->shift);
        QEMU_LOCK_GUARD(&tcu->lock);
        if (gen == tcu->inval_gen) {
            if (!hit) {
                smmuv2_tlb_insert(&tcu->tlb, ctx, map);
                tcu->bank[cb].has_global |= map->global;
                tcu->bank[cb].has_pieces |= pieces;
            }
            smmuv2_tlb_insert(utlb, ctx, map);
        }
    }
    return SMMUV2_OK;
}
