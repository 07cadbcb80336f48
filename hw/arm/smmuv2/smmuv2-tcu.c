/*
 * Arm SMMUv2 translation control unit
 *
 * Life of a translation: a TBU that misses asks for an address in a context
 * bank.  The TCU looks in the macro TLB, else takes a copy of the bank's
 * configuration and walks: stage 1, stage 2, or stage 1 with each table access
 * and the result going through stage 2.  A walk starts at the last-level table
 * if that is known; a fault is never decided by what was cached, but by a walk
 * from the root.  Then the access is checked and the TLBs are filled, unless an
 * invalidation has come meanwhile: the tables were read without the lock and
 * what was read may be what had to go.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/log.h"
#include "qemu/lockable.h"
#include "smmuv2-tcu.h"
#include "trace.h"

/* Tables: a thousand reach 2 GiB in pages of 4 KiB */
#define TABLE_ENTRIES   1024

void smmuv2_tcu_init(SMMUv2TCU *tcu, uint32_t num_entries)
{
    qemu_mutex_init(&tcu->lock);
    smmuv2_tlb_init(&tcu->tlb, num_entries);
    smmuv2_tlb_init(&tcu->tables, TABLE_ENTRIES);
    tcu->epoch = 1;
    tcu->pmu.regs = &tcu->regs;
    QLIST_INIT(&tcu->listeners);
    QLIST_INIT(&tcu->filled);
    QLIST_INIT(&tcu->notifying);
}

void smmuv2_tcu_destroy(SMMUv2TCU *tcu)
{
    smmuv2_tlb_destroy(&tcu->tlb);
    smmuv2_tlb_destroy(&tcu->tables);
    qemu_mutex_destroy(&tcu->lock);
}

void smmuv2_tcu_listen(SMMUv2TCU *tcu, SMMUv2Listener *listener)
{
    QEMU_LOCK_GUARD(&tcu->lock);
    QLIST_INSERT_HEAD(&tcu->listeners, listener, next);
}

void smmuv2_tcu_unlisten(SMMUv2TCU *tcu, SMMUv2Listener *listener)
{
    QEMU_LOCK_GUARD(&tcu->lock);
    QLIST_REMOVE(listener, next);
    if (listener->filled) {
        QLIST_REMOVE(listener, next_filled);
        listener->filled = false;
    }
    listener->gone = true;
}

void smmuv2_tcu_set_notifying(SMMUv2TCU *tcu, SMMUv2Listener *listener,
                              bool notifying)
{
    QEMU_LOCK_GUARD(&tcu->lock);
    if (notifying) {
        QLIST_INSERT_HEAD(&tcu->notifying, listener, next_notifying);
        /* Who listens is told whether or not anything is cached here */
        bitmap_set(tcu->live, 0, tcu->num_cb);
    } else {
        QLIST_REMOVE(listener, next_notifying);
    }
}

void smmuv2_tcu_notify(SMMUv2TCU *tcu, const SMMUv2Invalidation *inv)
{
    SMMUv2Listener *l;

    if (QLIST_EMPTY(&tcu->notifying) ||
        (!inv->streams && bitmap_empty(inv->banks, SMMUV2_MAX_CB))) {
        return;
    }
    QLIST_FOREACH(l, &tcu->notifying, next_notifying) {
        l->invalidated(l, inv);
    }
}

/* ---- Invalidation ---- */

/* After all else has been done to what has become stale; lock held */
static void new_epoch(SMMUv2TCU *tcu)
{
    smp_wmb(); /* pairs with smmuv2_tcu_epoch() */
    qatomic_set_u64(&tcu->epoch, tcu->epoch + 1);
}

/* A context number that finds nothing blocks the way that takes no lock */
static void set_open_ctx(SMMUv2TCU *tcu, unsigned cb)
{
    SMMUv2Bank *bank = &tcu->bank[cb];
    bool blocked = smmuv2_fault_blocks(&tcu->regs, cb) ||
                   smmuv2_fault_blocks(&tcu->regs, bank->cfg.s2_bank);

    qatomic_set_u64(&bank->open_ctx, blocked ? 0 : bank->ctx);
}

void smmuv2_tcu_fault_changed(SMMUv2TCU *tcu, unsigned cb)
{
    for (unsigned i = 0; i < tcu->num_cb; i++) {
        if (i == cb || tcu->bank[i].cfg.s2_bank == cb) {
            set_open_ctx(tcu, i);
        }
    }
    new_epoch(tcu);
}

void smmuv2_tcu_drop_bank(SMMUv2TCU *tcu, unsigned cb,
                          SMMUv2Invalidation *inv)
{
    SMMUv2Bank *bank = &tcu->bank[cb];

    qatomic_set_u64(&bank->ctx, ++tcu->last_ctx);
    set_open_ctx(tcu, cb);
    bank->tables_ctx = ++tcu->last_ctx;
    if (QLIST_EMPTY(&tcu->notifying)) {
        clear_bit(cb, tcu->live);
    }
    bank->has_global = bank->has_pieces = false;
    new_epoch(tcu);
    set_bit(cb, inv->banks);
    inv->size = 0;
}

void smmuv2_tcu_drop_addr(SMMUv2TCU *tcu, unsigned cb, uint64_t addr, bool leaf,
                          SMMUv2Invalidation *inv)
{
    SMMUv2Bank *bank = &tcu->bank[cb];
    uint64_t key;
    SMMUv2Listener *l;

    if (bank->has_pieces) {
        /* The address stands for its whole block, wherever the pieces are */
        smmuv2_tcu_drop_bank(tcu, cb, inv);
        return;
    }
    smmuv2_tlb_key(addr, &key);
    if (!leaf) {
        bank->tables_ctx = ++tcu->last_ctx;
    }
    smmuv2_tlb_invalidate_addr(&tcu->tlb, bank->ctx, key);
    QLIST_FOREACH(l, &tcu->filled, next_filled) {
        if (test_bit(cb, l->banks)) {
            smmuv2_tlb_invalidate_addr(l->utlb, bank->ctx, key);
        }
    }
    new_epoch(tcu);
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
    new_epoch(tcu);
    inv->streams = true;
}

void smmuv2_tcu_reload(SMMUv2TCU *tcu)
{
    SMMUv2Invalidation inv = { 0 };
    SMMUv2Listener *l;

    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        smmuv2_tcu_banks_changed(tcu, &inv);
        smmuv2_tlb_invalidate_all(&tcu->tlb);
        smmuv2_tlb_invalidate_all(&tcu->tables);
        QLIST_FOREACH(l, &tcu->listeners, next) {
            smmuv2_tlb_invalidate_all(l->utlb);
        }
        smmuv2_tcu_streams_changed(tcu, &inv);
        tcu->pmu.cycling = 0;
        smmuv2_pmu_changed(&tcu->pmu);
    }
    smmuv2_tcu_notify(tcu, &inv);
    smmuv2_fault_lines_update(&tcu->lines);
    smmuv2_pmu_line_update(&tcu->pmu);
}

/* ---- Performance monitors ---- */

void smmuv2_tcu_count(SMMUv2TCU *tcu, unsigned what,
                      const SMMUv2Access *access, int cb)
{
    bool overflow;

    if (access->probe) {
        return;
    }
    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        const SMMUv2BankConfig *cfg = cb < 0 ? NULL : &tcu->bank[cb].cfg;

        overflow = smmuv2_pmu_count(&tcu->pmu, what, access, cb,
                                    cfg && cfg->has_s2 ? cfg->s2_bank : -1);
    }
    if (overflow) {
        smmuv2_pmu_line_update(&tcu->pmu);
    }
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
        if (smmuv2_fault_continues(access, smmuv2_gfsr(&tcu->regs, access))) {
            return access->refusal->response;
        }
        response = smmuv2_fault_global(&tcu->regs, gfsr, access);
    }
    trace_smmuv2_global_fault(access->master, access->stream_id, access->addr,
                              access->write, gfsr);
    smmuv2_count(&tcu->global_faults);
    smmuv2_fault_lines_update(&tcu->lines);
    return response;
}

/* ---- Walks ---- */

/* An entry that a walk found: to be inserted if it is not stale by then */
typedef struct Fill {
    SMMUv2TLB *tlb;
    uint64_t ctx;
    SMMUv2Mapping map;
} Fill;

typedef struct Walk {
    SMMUv2TCU *tcu;
    AddressSpace *as;
    const SMMUv2BankConfig *cfg;
    uint64_t tables_ctx;        /* numbers of the stages that there are */
    uint64_t s2_ctx, s2_tables_ctx;
    bool cached;                /* the input address has a key */
    bool fresh;                 /* without what was cached before */
    bool used_cache;
    bool s1_only;               /* stage 2 serves stage 1's tables alone */
    unsigned num_fills;
    Fill fills[8];              /* what there is no room for is not kept */
} Walk;

static void add_fill(Walk *w, SMMUv2TLB *tlb, uint64_t ctx,
                     const SMMUv2Mapping *map)
{
    if (w->num_fills < ARRAY_SIZE(w->fills)) {
        w->fills[w->num_fills++] = (Fill) { tlb, ctx, *map };
    }
}

/* Look up what was found a moment ago in the same walk, or is cached */
static bool find(Walk *w, const SMMUv2TLB *tlb, uint64_t ctx, uint64_t key,
                 SMMUv2Mapping *map)
{
    for (unsigned i = 0; i < w->num_fills; i++) {
        const Fill *f = &w->fills[i];

        if (f->tlb == tlb && f->ctx == ctx &&
            f->map.in == (key & ~MAKE_64BIT_MASK(0, f->map.shift))) {
            *map = f->map;
            return true;
        }
    }
    if (w->fresh || !smmuv2_tlb_lookup(tlb, ctx, key, map)) {
        return false;
    }
    w->used_cache = true;
    return true;
}

static bool read_physical(void *opaque, uint64_t addr, unsigned size,
                          bool big_endian, uint64_t *value,
                          SMMUv2WalkFault *fault)
{
    Walk *w = opaque;
    MemTxAttrs attrs = w->cfg->secure ? (MemTxAttrs) { .secure = 1 } :
                                        MEMTXATTRS_UNSPECIFIED;
    MemTxResult res;

    if (size == 4) {
        *value = big_endian ? address_space_ldl_be(w->as, addr, attrs, &res) :
                              address_space_ldl_le(w->as, addr, attrs, &res);
    } else {
        *value = big_endian ? address_space_ldq_be(w->as, addr, attrs, &res) :
                              address_space_ldq_le(w->as, addr, attrs, &res);
    }
    trace_smmuv2_descriptor(addr, *value, res);
    return res == MEMTX_OK;
}

static bool permits(const SMMUv2StageConfig *cfg, const SMMUv2Mapping *map,
                    uint64_t addr, uint8_t perm, SMMUv2WalkFault *fault)
{
    if (!(perm & ~map->perm)) {
        return true;
    }
    *fault = (SMMUv2WalkFault) {
        .kind = SMMUV2_FAULT_PERMISSION,
        .stage = cfg->stage,
        .level = map->level,
        .ipa = cfg->stage == 2 ? addr : 0,
    };
    return false;
}

/*
 * One stage, for an access that needs @perm, from the table that is known for
 * @addr or else from the root
 */
static bool walk_stage(Walk *w, const SMMUv2StageConfig *cfg, uint64_t ctx,
                       bool cached, uint64_t addr, uint8_t perm,
                       SMMUv2ReadDescriptor *read, SMMUv2Mapping *map,
                       SMMUv2WalkFault *fault)
{
    SMMUv2TLB *tables = &w->tcu->tables;
    SMMUv2LastTable last = { 0 };
    SMMUv2Mapping table;
    bool known = false;
    uint64_t key;

    cached &= smmuv2_tlb_key(addr, &key);
    if (cached && find(w, tables, ctx, key, &table)) {
        known = true;
        last = (SMMUv2LastTable) { table.out, table.shift, table.perm };
    }
    if (!smmuv2_walk_from(cfg, addr, &last, read, w, map, fault)) {
        return false;
    }
    if (cached && last.shift && !known) {
        table = (SMMUv2Mapping) {
            .in = key & ~MAKE_64BIT_MASK(0, last.shift),
            .out = last.addr,
            .shift = last.shift,
            .perm = last.limits,
        };
        add_fill(w, tables, ctx, &table);
    }
    return permits(cfg, map, addr, perm, fault);
}

/* Stage 2 of @ipa for an access that needs @perm, in a nested walk */
static bool walk_s2(Walk *w, uint64_t ipa, uint8_t perm, SMMUv2Mapping *map,
                    SMMUv2WalkFault *fault)
{
    const SMMUv2StageConfig *cfg = &w->cfg->s2;
    uint64_t key;
    bool cached = smmuv2_tlb_key(ipa, &key);

    if (cached && find(w, &w->tcu->tlb, w->s2_ctx, key, map)) {
        return permits(cfg, map, ipa, perm, fault);
    }
    if (!walk_stage(w, cfg, w->s2_tables_ctx, true, ipa, perm, read_physical,
                    map, fault)) {
        return false;
    }
    if (cached) {
        add_fill(w, &w->tcu->tlb, w->s2_ctx, map);
    }
    return true;
}

/* A stage 1 table entry at an IPA */
static bool read_intermediate(void *opaque, uint64_t ipa, unsigned size,
                              bool big_endian, uint64_t *value,
                              SMMUv2WalkFault *fault)
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
                         size, big_endian, value, fault);
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
 * @pieces: set if a block of stage 1 is cut up, mostly by stage 2
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
        if (!flat(cfg->has_s1 ? &cfg->s1 : &cfg->s2, cfg->has_s1 ? 1 : 2,
                    addr, map, fault)) {
            return false;
        }
        map->ns = !cfg->flat_secure;
        return true;
    }
    if (!s1) {
        return walk_stage(w, &cfg->s2, w->s2_tables_ctx, w->cached, addr, perm,
                          read_physical, map, fault);
    }
    if (!walk_stage(w, &cfg->s1, w->tables_ctx, w->cached, addr, perm,
                    s2 ? read_intermediate : read_physical, map, fault)) {
        return false;
    }
    *pieces = map->piece;
    if (s2 && !w->s1_only) {
        ipa = map->out | (addr & MAKE_64BIT_MASK(0, map->shift));
        if (!walk_s2(w, ipa, perm, &m2, fault)) {
            return false;
        }
        *pieces |= m2.shift < map->shift;
        *map = smmuv2_combine(map, &m2, addr);
    }
    return true;
}

bool smmuv2_tcu_walk(SMMUv2TCU *tcu, const SMMUv2BankConfig *cfg, uint64_t addr,
                     uint8_t perm, bool both, SMMUv2Mapping *map,
                     SMMUv2WalkFault *fault)
{
    Walk w = {
        .tcu = tcu,
        .as = tcu->as,
        .cfg = cfg,
        .fresh = true,
        .s1_only = !both,
    };
    bool pieces;

    return walk(&w, addr, perm, map, &pieces, fault);
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
        smmuv2_tcu_fault_changed(tcu, where);
        if (response == SMMUV2_HELD || response == SMMUV2_QUEUED) {
            smmuv2_stall_park(&tcu->stalls, where, access, response);
        }
    }
    if (response == SMMUV2_QUEUED) {
        return response;                /* it has not been reported */
    }
    trace_smmuv2_context_fault(access->master, access->stream_id, where,
                               access->addr, access->write, fault->kind,
                               fault->stage, fault->level, fault->s1ptw,
                               fault->ipa);
    smmuv2_count(&tcu->context_faults);
    smmuv2_fault_lines_update(&tcu->lines);
    return response;
}

/*
 * What faults of the banks that it uses mean for an access; lock held.  A fault
 * of stage 2 counts even for one that stage 1 would refuse.
 */
static SMMUv2Response check_faults(SMMUv2TCU *tcu, unsigned cb,
                                   const SMMUv2Access *access)
{
    unsigned banks[] = { cb, tcu->bank[cb].cfg.s2_bank };
    SMMUv2Response response = SMMUV2_OK;

    if (access->probe || !tcu->bank[cb].cfg.valid) {
        return SMMUV2_OK;
    }
    for (int i = 0; i < ARRAY_SIZE(banks) && response == SMMUV2_OK; i++) {
        response = smmuv2_fault_check(&tcu->regs, banks[i], access);
        if (response == SMMUV2_QUEUED) {
            smmuv2_stall_park(&tcu->stalls, banks[i], access, response);
        }
    }
    return response;
}

/* Whether @key alone determines the mapping: not if TCR2.SEP rewrote bits */
static bool cacheable(const SMMUv2BankConfig *cfg, uint64_t key)
{
    unsigned sep = smmuv2_sep_bit(cfg->s1.sep);

    return !cfg->has_s1 || sep == SMMUV2_UPSTREAM_BITS - 1 || !(key >> sep);
}

/* With the lock held */
static void fill_utlb(SMMUv2TCU *tcu, unsigned cb, SMMUv2Listener *l,
                      uint64_t ctx, const SMMUv2Mapping *map)
{
    if (!l->filled && !l->gone) {
        l->filled = true;
        QLIST_INSERT_HEAD(&tcu->filled, l, next_filled);
    }
    set_bit(cb, l->banks);
    smmuv2_tlb_insert(l->utlb, ctx, map);
}

static void count_live(SMMUv2TCU *tcu, unsigned what,
                       const SMMUv2Access *access, int cb)
{
    if (qatomic_read(&tcu->pmu.live)) {
        smmuv2_tcu_count(tcu, what, access, cb);
    }
}

/* From the macro TLB, if it has what permits the access */
static bool translate_cached(SMMUv2TCU *tcu, unsigned cb,
                             const SMMUv2Access *access, uint8_t perm,
                             SMMUv2Listener *l, SMMUv2Mapping *map)
{
    unsigned what = SMMUV2_PMU_TCU_HIT;
    /* In this order */
    uint64_t epoch = smmuv2_tcu_epoch(tcu);
    uint64_t ctx = qatomic_read_u64(&tcu->bank[cb].open_ctx), key;

    if (!smmuv2_tlb_key(access->addr, &key) ||
        !smmuv2_tlb_lookup(&tcu->tlb, ctx, key, map) || perm & ~map->perm) {
        return false;
    }
    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        smmuv2_count(&tcu->tlb_hits);
        if (epoch == tcu->epoch) {
            fill_utlb(tcu, cb, l, ctx, map);
            what |= SMMUV2_PMU_TLB_ALLOC;
        }
    }
    count_live(tcu, what, access, cb);
    return true;
}

SMMUv2Response smmuv2_tcu_translate(SMMUv2TCU *tcu, unsigned cb,
                                    const SMMUv2Access *access,
                                    SMMUv2Listener *l, SMMUv2Mapping *map)
{
    uint8_t perm = access->probe ? 0 :
                   smmuv2_perm_needed(access->write, access->priv,
                                      access->inst);
    SMMUv2Bank *bank = &tcu->bank[cb];
    SMMUv2Response response;
    SMMUv2BankConfig cfg;
    SMMUv2WalkFault fault;
    Walk w;
    uint64_t ctx, key, epoch;
    unsigned what = SMMUV2_PMU_WALK;
    bool pieces = false;

    if (translate_cached(tcu, cb, access, perm, l, map)) {
        trace_smmuv2_translate(access->master, access->stream_id, cb,
                               access->addr, map->out, map->shift, map->perm,
                               map->attrs.memattr, true);
        return SMMUV2_OK;
    }

    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        response = check_faults(tcu, cb, access);
        if (response != SMMUV2_OK) {
            return response;
        }
        cfg = bank->cfg;
        ctx = bank->ctx;
        epoch = tcu->epoch;
        w.tcu = tcu;
        w.as = cfg.secure ? tcu->secure_as : tcu->as;
        w.cfg = &cfg;
        w.tables_ctx = bank->tables_ctx;
        w.s2_ctx = tcu->bank[cfg.s2_bank].ctx;
        w.s2_tables_ctx = tcu->bank[cfg.s2_bank].tables_ctx;
        w.fresh = w.used_cache = w.s1_only = false;
        w.num_fills = 0;
        w.cached = smmuv2_tlb_key(access->addr, &key) && cacheable(&cfg, key);
        /* From here on, so that an invalidation does not pass the walk by */
        set_bit(cb, tcu->live);
        set_bit(cfg.s2_bank, tcu->live);
        if (cfg.valid) {
            smmuv2_count(&tcu->walks);
            if (w.cached) {
                smmuv2_count(&tcu->tlb_misses);
            }
        }
    }
    if (!cfg.valid) {
        SMMUv2Access invalid = *access;

        invalid.nested = cfg.nested_invalid;
        /* As it came in, before S2CR (3.4): masters have no other */
        invalid.priv = invalid.inst = false;
        qemu_log_mask(LOG_GUEST_ERROR,
                      "smmuv2: stream 0x%x uses context bank %u, whose CBAR or "
                      "CBA2R names a fault or what is not implemented\n",
                      access->stream_id, cb);
        return smmuv2_tcu_global_fault(tcu, cfg.gfsr, &invalid);
    }

    what |= w.cached ? SMMUV2_PMU_TCU_MISS : 0;
    while (!walk(&w, access->addr, perm, map, &pieces, &fault)) {
        if (!w.used_cache || w.fresh) {
            count_live(tcu, what, access, cb);
            return context_fault(tcu, cb, &cfg, access, &fault);
        }
        w.fresh = true;
        w.num_fills = 0;
    }
    trace_smmuv2_translate(access->master, access->stream_id, cb, access->addr,
                           map->out, map->shift, map->perm,
                           map->attrs.memattr, false);

    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        /* Kept here or not, the master may keep it and want to be told */
        bank->has_global |= map->global;
        bank->has_pieces |= pieces;
        if (epoch != tcu->epoch) {
            break;
        }
        for (unsigned i = 0; i < w.num_fills; i++) {
            smmuv2_tlb_insert(w.fills[i].tlb, w.fills[i].ctx, &w.fills[i].map);
        }
        if (w.cached) {
            map->in = key & ~MAKE_64BIT_MASK(0, map->shift);
            smmuv2_tlb_insert(&tcu->tlb, ctx, map);
            fill_utlb(tcu, cb, l, ctx, map);
            what |= SMMUV2_PMU_TLB_ALLOC;
        }
    }
    count_live(tcu, what, access, cb);
    return SMMUV2_OK;
}
