/*
 * Arm SMMUv2 translation buffer unit
 *
 * The fast path of each DMA: a thread that comes back to the page it was at
 * finds the translation in a slot of its own, unless anything was invalidated
 * since (the TCU's epoch).  Else where the stream goes is remembered until the
 * stream mapping changes, and the translation is looked up in the micro TLB
 * under the context number that the bank has now.  None of it takes a lock or
 * writes to what other threads read.  All else is the TCU's.
 *
 * Privilege: a PCI master without PASID is unprivileged; S2CR.PRIVCFG may make
 * it privileged and S2CR.INSTCFG its reads instruction fetches.
 *
 * Limits: There is no notification of new mappings (the architecture has no
 * caching mode), so a host device (vfio) can not be behind this SMMU.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "smmuv2-tbu.h"
#include "trace.h"

/*
 * A route as one word, so that threads read and replace it whole:
 * stream_gen[63:32] stream_id[31:16] cb[15:8] privcfg[7:6] instcfg[5:4]
 * out_secure[3] secure[2] kind[1:0].  A fault's GFSR bit is not kept: faults
 * are not the fast path.
 */
static uint64_t route_pack(uint32_t gen, uint16_t sid, const SMMUv2Route *r)
{
    return (uint64_t)gen << 32 | (uint32_t)sid << 16 | r->cb << 8 |
           r->privcfg << 6 | r->instcfg << 4 | r->out_secure << 3 |
           r->secure << 2 | r->kind;
}

static SMMUv2Route route_unpack(uint64_t word)
{
    return (SMMUv2Route) {
        .kind = word & 3,
        .cb = word >> 8,
        .privcfg = word >> 6 & 3,
        .instcfg = word >> 4 & 3,
        .out_secure = word >> 3 & 1,
        .secure = word >> 2 & 1,
    };
}

static inline SMMUv2Route tbu_route(SMMUv2TBU *tbu, uint16_t sid)
{
    uint32_t gen = qatomic_load_acquire(&tbu->tcu->stream_gen);
    uint64_t word = qatomic_read_u64(&tbu->route);
    SMMUv2Route route;

    if (word >> 16 == ((uint64_t)gen << 16 | sid)) {
        route = route_unpack(word);
        if (route.kind != SMMUV2_ROUTE_FAULT) {
            return route;
        }
    }
    route = smmuv2_tcu_route(tbu->tcu, sid);
    qatomic_set_u64(&tbu->route, route_pack(gen, sid, &route));
    return route;
}

/* Overrides of S2CR; only reads can be instruction fetches */
static inline bool privileged(const SMMUv2Route *route)
{
    return route->privcfg == S2CR_PRIVCFG_PRIV;
}

static inline bool instruction(const SMMUv2Route *route, bool write)
{
    return !write && (route->instcfg == S2CR_INSTCFG_INSTRUCTION ||
                      route->instcfg == S2CR_INSTCFG_RESERVED);
}

static inline uint8_t needed(const SMMUv2Route *route, bool write)
{
    return smmuv2_perm_needed(write, privileged(route),
                              instruction(route, write));
}

static inline IOMMUTLBEntry mapped(const SMMUv2TBU *tbu,
                                   const SMMUv2Route *route, hwaddr addr,
                                   const SMMUv2Mapping *map)
{
    uint64_t mask = MAKE_64BIT_MASK(0, map->shift);
    bool r = map->perm & needed(route, false);
    bool w = map->perm & needed(route, true);

    return (IOMMUTLBEntry) {
        .target_as = unlikely(route->secure) && !map->ns ?
                     tbu->tcu->secure_as : tbu->tcu->as,
        .iova = addr & ~mask,
        .translated_addr = map->out,
        .addr_mask = mask,
        .perm = IOMMU_ACCESS_FLAG(r, w),
    };
}

/* For the performance monitors, while a counter is on */
static void __attribute__((noinline))
tbu_count(SMMUv2TBU *tbu, SMMUv2Route route, uint16_t stream_id,
          IOMMUAccessFlags flag, bool hit)
{
    bool translate = route.kind == SMMUV2_ROUTE_TRANSLATE;
    bool write = flag & IOMMU_WO;
    SMMUv2Access access = {
        .stream_id = stream_id,
        .write = write,
        .priv = privileged(&route),
        .inst = instruction(&route, write),
        .secure = route.secure,
        .probe = flag == IOMMU_NONE,
    };
    unsigned what = !translate ? 0 : hit ? SMMUV2_PMU_TBU_HIT :
                                           SMMUV2_PMU_TBU_MISS;

    smmuv2_tcu_count(tbu->tcu, SMMUV2_PMU_ACCESS | what, &access,
                     translate ? route.cb : -1);
}

/* All that the micro TLB does not have */
static IOMMUTLBEntry __attribute__((noinline))
tbu_miss(SMMUv2TBU *tbu, SMMUv2Route route, uint16_t stream_id, hwaddr addr,
         IOMMUAccessFlags flag)
{
    bool write = flag & IOMMU_WO;
    SMMUv2Access access = {
        .master = tbu->name,
        .addr = addr,
        .stream_id = stream_id,
        .write = write,
        .priv = privileged(&route),
        .inst = instruction(&route, write),
        .secure = route.secure,
        .probe = flag == IOMMU_NONE,
        .refusal = &tbu->refusal,
        .stall = iommu_stall_current(MEMORY_REGION(tbu)),
    };
    IOMMUTLBEntry entry = {
        .target_as = tbu->tcu->as,
        .iova = addr & ~0xfffull,
        .translated_addr = addr & ~0xfffull,
        .addr_mask = 0xfff,
        .perm = IOMMU_NONE,
    };
    SMMUv2Response response;
    SMMUv2Mapping map;

    if (access.stall && qatomic_read(&access.stall->state)) {
        return entry;           /* more of what is held already */
    }
    if (qatomic_read(&tbu->tcu->pmu.live)) {
        tbu_count(tbu, route, stream_id, flag, false);
    }
    switch (route.kind) {
    case SMMUV2_ROUTE_BYPASS:
        smmuv2_count(&tbu->slot[smmuv2_slot()].bypasses);
        entry.perm = IOMMU_RW;
        if (route.out_secure) {
            entry.target_as = tbu->tcu->secure_as;
        }
        return entry;
    case SMMUV2_ROUTE_FAULT:
        smmuv2_count(&tbu->blocked);
        response = smmuv2_tcu_global_fault(tbu->tcu, route.gfsr, &access);
        break;
    default:
        smmuv2_count(&tbu->slot[smmuv2_slot()].misses);
        response = smmuv2_tcu_translate(tbu->tcu, route.cb, &access,
                                        &tbu->listener, &map);
        break;
    }

    if (response == SMMUV2_OK) {
        return mapped(tbu, &route, addr, &map);
    }
    if (response == SMMUV2_QUEUED) {
        return entry;
    }
    smmuv2_count(&tbu->faults);
    if (response == SMMUV2_RAZ_WI) {
        /*
         * Any address there does; this one is no RAM in any other space,
         * for those who do not look at target_as (vhost).
         */
        entry.target_as = tbu->raz;
        entry.translated_addr = ~0xfffull;
        entry.perm = IOMMU_RW;
    }
    return entry;
}

/* From the micro TLB, and kept for the next time */
static IOMMUTLBEntry __attribute__((noinline))
tbu_lookup(SMMUv2TBU *tbu, uint16_t stream_id, hwaddr addr,
           IOMMUAccessFlags flag)
{
    SMMUv2TBUSlot *slot = &tbu->slot[smmuv2_slot()];
    /* First of all: who sees an old one may find what goes with it */
    uint64_t epoch = smmuv2_tcu_epoch(tbu->tcu), ctx, key;
    SMMUv2Route route = tbu_route(tbu, stream_id);
    SMMUv2Mapping map;
    IOMMUTLBEntry entry;

    if (unlikely(route.kind != SMMUV2_ROUTE_TRANSLATE)) {
        return tbu_miss(tbu, route, stream_id, addr, flag);
    }
    ctx = qatomic_read_u64(&tbu->tcu->bank[route.cb].open_ctx);
    if (!smmuv2_tlb_key(addr, &key) ||
        !smmuv2_tlb_lookup(&tbu->utlb, ctx, key, &map) ||
        (flag != IOMMU_NONE &&
         !(map.perm & needed(&route, flag & IOMMU_WO)))) {
        return tbu_miss(tbu, route, stream_id, addr, flag);
    }
    smmuv2_count(&slot->hits);
    trace_smmuv2_hit(tbu->name, stream_id, route.cb, addr, map.out);
    entry = mapped(tbu, &route, addr, &map);
    if (unlikely(qatomic_read(&tbu->tcu->pmu.live))) {
        tbu_count(tbu, route, stream_id, flag, true);
    } else if (slot != &tbu->slot[SMMUV2_SLOTS - 1] &&
               entry.target_as == tbu->tcu->as) {
        slot->epoch = epoch;
        slot->page = addr >> 12;
        slot->mask = entry.addr_mask;
        slot->out = entry.translated_addr;
        slot->stream_id = stream_id;
        slot->perm = entry.perm;
    }
    return entry;
}

static IOMMUTLBEntry tbu_translate(IOMMUMemoryRegion *mr, hwaddr addr,
                                   IOMMUAccessFlags flag, int iommu_idx)
{
    SMMUv2TBU *tbu = container_of(mr, SMMUv2TBU, parent_obj);
    SMMUv2TBUSlot *slot = &tbu->slot[smmuv2_slot()];
    uint16_t stream_id = likely(tbu->fixed_stream_id) ?
                         tbu->last_stream_id : tbu->ops->stream_id(tbu);

    if (likely(slot->page == addr >> 12 && !(flag & ~slot->perm) &&
               slot->stream_id == stream_id &&
               slot->epoch == smmuv2_tcu_epoch(tbu->tcu) &&
               !qatomic_read(&tbu->tcu->pmu.live))) {
        smmuv2_count(&slot->hits);
        return (IOMMUTLBEntry) {
            .target_as = tbu->tcu->as,
            .iova = addr & ~slot->mask,
            .translated_addr = slot->out,
            .addr_mask = slot->mask,
            .perm = slot->perm,
        };
    }
    return tbu_lookup(tbu, stream_id, addr, flag);
}

static int tbu_notify_flag_changed(IOMMUMemoryRegion *mr,
                                   IOMMUNotifierFlag old,
                                   IOMMUNotifierFlag new, Error **errp)
{
    SMMUv2TBU *tbu = container_of(mr, SMMUv2TBU, parent_obj);

    if (new & IOMMU_NOTIFIER_MAP) {
        error_setg(errp, "%s: an SMMUv2 cannot tell of new mappings, so a "
                   "device of the host cannot be behind it", tbu->name);
        error_append_hint(errp, "Put the device on a bus that bypasses the "
                          "SMMU: default-bus-bypass-iommu=on, or pxb-pcie with "
                          "bypass_iommu=on.\n");
        return -EINVAL;
    }
    if (tbu->notifying != (new != IOMMU_NOTIFIER_NONE)) {
        tbu->notifying = !tbu->notifying;
        smmuv2_tcu_set_notifying(tbu->tcu, &tbu->listener, tbu->notifying);
    }
    return 0;
}

/* ---- Stalls: the TCU has them ---- */

static void stall_wait(MemoryRegion *mr, IOMMUStall *stall)
{
    smmuv2_stall_wait(&ARM_SMMUV2_TBU(mr)->tcu->stalls, stall);
}

static void stall_cancel(MemoryRegion *mr, IOMMUStall *stall)
{
    smmuv2_stall_cancel(&ARM_SMMUV2_TBU(mr)->tcu->stalls, stall);
}

static bool stall_restore(MemoryRegion *mr, IOMMUStall *stall)
{
    SMMUv2TCU *tcu = ARM_SMMUV2_TBU(mr)->tcu;

    return smmuv2_stall_restore(&tcu->stalls, &tcu->regs, tcu->num_cb, stall);
}

/* ---- Notifiers ---- */

/* Whether one page may be reached by addresses that no range covers */
static bool has_aliases(const SMMUv2BankConfig *cfg, uint64_t addr)
{
    return addr >> 48 ||
           (cfg->has_s1 && (cfg->s1.tt[0].tbi || cfg->s1.tt[1].tbi ||
                            smmuv2_sep_bit(cfg->s1.sep) !=
                            SMMUV2_UPSTREAM_BITS - 1));
}

static void tbu_invalidated(SMMUv2Listener *listener,
                            const SMMUv2Invalidation *inv)
{
    SMMUv2TBU *tbu = container_of(listener, SMMUv2TBU, listener);
    bool all = inv->streams || !inv->size;
    IOMMUNotifier *n;
    SMMUv2Route route;
    hwaddr last;

    if (!inv->streams) {
        route = tbu_route(tbu, tbu->ops->stream_id(tbu));
        if (route.kind != SMMUV2_ROUTE_TRANSLATE ||
            !test_bit(route.cb, inv->banks)) {
            return;
        }
        all |= has_aliases(&tbu->tcu->bank[route.cb].cfg, inv->addr);
    }
    trace_smmuv2_notify(tbu->name, inv->addr, all ? 0 : inv->size);
    last = all ? UINT64_MAX : inv->addr + inv->size - 1;
    IOMMU_NOTIFIER_FOREACH(n, &tbu->parent_obj) {
        hwaddr from = MAX(all ? 0 : inv->addr, n->start);
        hwaddr to = MIN(last, n->end);
        IOMMUTLBEvent event = {
            .type = n->notifier_flags & (IOMMU_NOTIFIER_UNMAP |
                                         IOMMU_NOTIFIER_DEVIOTLB_UNMAP),
            .entry = {
                .target_as = tbu->tcu->as,
                .iova = from,
                .addr_mask = to - from,
                .perm = IOMMU_NONE,
            },
        };

        if (from <= to) {
            memory_region_notify_iommu_one(n, &event);
        }
    }
}

SMMUv2TBU *smmuv2_tbu_new(Object *owner, SMMUv2TCU *tcu, AddressSpace *raz,
                          uint32_t utlb_entries, const char *name,
                          const SMMUv2MasterOps *ops, void *bus,
                          uint8_t devfn)
{
    g_autofree char *mr_name = g_strdup_printf("tbu-%s", name);
    SMMUv2TBU *tbu = g_new0(SMMUv2TBU, 1);

    memory_region_init_iommu(tbu, sizeof(*tbu), TYPE_ARM_SMMUV2_TBU, owner,
                             mr_name, UINT64_MAX);
    /* Views of memory that has it keep it, not the SMMU alone */
    MEMORY_REGION(tbu)->owner = OBJECT(tbu);
    OBJECT(tbu)->free = g_free;
    tbu->tcu = tcu;
    tbu->raz = raz;
    tbu->ops = ops;
    tbu->bus = bus;
    tbu->devfn = devfn;
    tbu->name = g_strdup(name);
    smmuv2_tlb_init(&tbu->utlb, utlb_entries);
    /* Matches no generation yet */
    tbu->route = (uint64_t)(qatomic_read(&tcu->stream_gen) - 1) << 32;
    tbu->listener = (SMMUv2Listener) {
        .utlb = &tbu->utlb,
        .invalidated = tbu_invalidated,
    };
    smmuv2_tcu_listen(tcu, &tbu->listener);
    address_space_init(&tbu->as, MEMORY_REGION(tbu), mr_name);
    return tbu;
}

void smmuv2_tbu_stream_changed(SMMUv2TBU *tbu)
{
    const SMMUv2Invalidation inv = { .streams = true };

    if (tbu->notifying) {
        tbu_invalidated(&tbu->listener, &inv);
    }
}

static void tbu_unref(struct rcu_head *rcu)
{
    object_unref(OBJECT(container_of(rcu, SMMUv2TBU, rcu)));
}

void smmuv2_tbu_delete(SMMUv2TBU *tbu)
{
    if (tbu->notifying) {
        smmuv2_tcu_set_notifying(tbu->tcu, &tbu->listener, false);
    }
    smmuv2_tcu_unlisten(tbu->tcu, &tbu->listener);
    /* Its name is free at once; the address space goes after a grace period */
    object_ref(OBJECT(tbu));
    address_space_destroy(&tbu->as);
    object_unparent(OBJECT(tbu));
    call_rcu1(&tbu->rcu, tbu_unref);
}

void smmuv2_tbu_reset(SMMUv2TBU *tbu)
{
    for (int i = 0; i < SMMUV2_SLOTS; i++) {
        qatomic_set_u64(&tbu->slot[i].hits, 0);
        qatomic_set_u64(&tbu->slot[i].misses, 0);
        qatomic_set_u64(&tbu->slot[i].bypasses, 0);
    }
    tbu->blocked = tbu->faults = 0;
}

static uint64_t sum_of_slots(SMMUv2TBU *tbu, size_t offset)
{
    uint64_t sum = 0;

    for (int i = 0; i < SMMUV2_SLOTS; i++) {
        sum += qatomic_read_u64((SMMUv2Count *)((char *)&tbu->slot[i] +
                                                offset));
    }
    return sum;
}

uint64_t smmuv2_tbu_hits(SMMUv2TBU *tbu)
{
    return sum_of_slots(tbu, offsetof(SMMUv2TBUSlot, hits));
}

uint64_t smmuv2_tbu_misses(SMMUv2TBU *tbu)
{
    return sum_of_slots(tbu, offsetof(SMMUv2TBUSlot, misses));
}

static uint16_t plain_stream_id(SMMUv2TBU *tbu)
{
    return tbu->last_stream_id;
}

static char *plain_describe(SMMUv2TBU *tbu)
{
    return g_strdup(tbu->name);
}

const SMMUv2MasterOps smmuv2_plain_master = {
    .stream_id = plain_stream_id,
    .describe = plain_describe,
};

uint64_t smmuv2_tbu_translations(SMMUv2TBU *tbu)
{
    return smmuv2_tbu_hits(tbu) + smmuv2_tbu_misses(tbu) +
           sum_of_slots(tbu, offsetof(SMMUv2TBUSlot, bypasses)) +
           qatomic_read_u64(&tbu->blocked);
}

/* ---- What people see: the properties of a TBU ---- */

static char *get_device(Object *obj, Error **errp)
{
    SMMUv2TBU *tbu = ARM_SMMUV2_TBU(obj);

    return tbu->ops->describe(tbu);
}

SMMUv2Route smmuv2_tbu_route_now(SMMUv2TBU *tbu)
{
    return smmuv2_tcu_route(tbu->tcu, tbu->ops->stream_id(tbu));
}

static char *get_route(Object *obj, Error **errp)
{
    static const char *const names[] = { "translate", "bypass", "fault" };

    return g_strdup(names[smmuv2_tbu_route_now(ARM_SMMUV2_TBU(obj)).kind]);
}

char *smmuv2_tbu_stage(SMMUv2TBU *tbu)
{
    SMMUv2Route route = smmuv2_tbu_route_now(tbu);
    const SMMUv2BankConfig *cfg = &tbu->tcu->bank[route.cb].cfg;
    bool s1 = cfg->has_s1 && cfg->s1.enabled;
    bool s2 = cfg->has_s2 && cfg->s2.enabled;

    if (route.kind != SMMUV2_ROUTE_TRANSLATE || !cfg->valid) {
        return g_strdup("-");
    }
    return g_strdup(s1 && s2 ? "1+2" : s1 ? "1" : s2 ? "2" : "-");
}

static char *get_stage(Object *obj, Error **errp)
{
    return smmuv2_tbu_stage(ARM_SMMUV2_TBU(obj));
}

static void get_stream_id(Object *obj, Visitor *v, const char *name,
                          void *opaque, Error **errp)
{
    SMMUv2TBU *tbu = ARM_SMMUV2_TBU(obj);
    uint16_t sid = tbu->ops->stream_id(tbu);

    visit_type_uint16(v, name, &sid, errp);
}

static void get_context_bank(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    SMMUv2Route route = smmuv2_tbu_route_now(ARM_SMMUV2_TBU(obj));
    int16_t cb = route.kind == SMMUV2_ROUTE_TRANSLATE ? route.cb : -1;

    visit_type_int16(v, name, &cb, errp);
}

static void get_translations(Object *obj, Visitor *v, const char *name,
                             void *opaque, Error **errp)
{
    uint64_t n = smmuv2_tbu_translations(ARM_SMMUV2_TBU(obj));

    visit_type_uint64(v, name, &n, errp);
}

static void get_hits(Object *obj, Visitor *v, const char *name, void *opaque,
                     Error **errp)
{
    uint64_t n = smmuv2_tbu_hits(ARM_SMMUV2_TBU(obj));

    visit_type_uint64(v, name, &n, errp);
}

static void get_misses(Object *obj, Visitor *v, const char *name, void *opaque,
                       Error **errp)
{
    uint64_t n = smmuv2_tbu_misses(ARM_SMMUV2_TBU(obj));

    visit_type_uint64(v, name, &n, errp);
}

static void tbu_finalize(Object *obj)
{
    SMMUv2TBU *tbu = ARM_SMMUV2_TBU(obj);

    if (tbu->ops->release) {
        tbu->ops->release(tbu);
    }
    smmuv2_tlb_destroy(&tbu->utlb);
    g_free(tbu->name);
}

static void tbu_class_init(ObjectClass *oc, void *data)
{
    static const SMMUv2CounterProperty counters[] = {
        { "faults", "of the translations, refused",
          offsetof(SMMUv2TBU, faults) },
    };
    IOMMUMemoryRegionClass *imrc = IOMMU_MEMORY_REGION_CLASS(oc);
    IOMMUStallerClass *sc = IOMMU_STALLER_CLASS(oc);

    imrc->translate = tbu_translate;
    imrc->notify_flag_changed = tbu_notify_flag_changed;
    sc->wait = stall_wait;
    sc->cancel = stall_cancel;
    sc->restore = stall_restore;

    object_class_property_add_str(oc, "device", get_device, NULL);
    object_class_property_set_description(oc, "device",
                                          "the master, as the guest calls it");
    object_class_property_add_str(oc, "route", get_route, NULL);
    object_class_property_set_description(oc, "route",
        "where its stream goes: translate, bypass or fault");
    object_class_property_add_str(oc, "stage", get_stage, NULL);
    object_class_property_set_description(oc, "stage",
        "stages that translate it: 1, 2, 1+2 or -");
    object_class_property_add(oc, "stream-id", "uint16", get_stream_id,
                              NULL, NULL, NULL);
    object_class_property_set_description(oc, "stream-id", "its StreamID");
    object_class_property_add(oc, "context-bank", "int16", get_context_bank,
                              NULL, NULL, NULL);
    object_class_property_set_description(oc, "context-bank",
        "the context bank that serves it, or -1");
    object_class_property_add(oc, "translations", "uint64", get_translations,
                              NULL, NULL, NULL);
    object_class_property_set_description(oc, "translations",
                                          "translations asked for");
    object_class_property_add(oc, "hits", "uint64", get_hits, NULL, NULL,
                              NULL);
    object_class_property_set_description(oc, "hits",
        "of the translations, found in the micro TLB");
    object_class_property_add(oc, "misses", "uint64", get_misses, NULL, NULL,
                              NULL);
    object_class_property_set_description(oc, "misses",
        "of the translations, passed on to the TCU");
    smmuv2_add_counters(oc, counters, ARRAY_SIZE(counters));
}

static const TypeInfo tbu_info = {
    .name = TYPE_ARM_SMMUV2_TBU,
    .parent = TYPE_IOMMU_MEMORY_REGION,
    .instance_size = sizeof(SMMUv2TBU),
    .instance_finalize = tbu_finalize,
    .class_init = tbu_class_init,
    .interfaces = (InterfaceInfo[]) {
        { TYPE_IOMMU_STALLER },
        { }
    },
};

static void register_types(void)
{
    type_register_static(&tbu_info);
}

type_init(register_types)
