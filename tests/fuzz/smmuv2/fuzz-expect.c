/*
 * What an access through the SMMUv2 should give
 *
 * Stages put together from the reference walker, without TLBs and without what
 * the TCU and TBU do; streams and banks are decoded by the model, which has
 * unit tests of that.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "fuzz-expect.h"
#include "../../unit/smmuv2/reference-walk.h"

typedef struct Walker {
    const Machine *m;
    const SMMUv2BankConfig *cfg;
    unsigned stage;             /* whose tables are read */
} Walker;

Watch fuzz_watch;

static bool read_physical(void *opaque, uint64_t addr, unsigned size,
                          bool big_endian, uint64_t *value,
                          SMMUv2WalkFault *fault)
{
    Walker *w = opaque;
    bool watched = addr < fuzz_watch.desc + fuzz_watch.size &&
                   fuzz_watch.desc < addr + size;

    if (addr > w->m->ram_size - size) {
        return false;
    }
    if (w->stage == fuzz_watch.stage) {
        fuzz_watch.last = watched;
        fuzz_watch.reads += watched;
    } else {
        fuzz_watch.others += watched;
    }
    *value = big_endian ? ldn_be_p(w->m->ram + addr, size) :
                          ldn_le_p(w->m->ram + addr, size);
    return true;
}

static bool permits(const SMMUv2Mapping *map, uint8_t need, unsigned stage,
                    uint64_t ipa, SMMUv2WalkFault *fault)
{
    if (map->perm & need || !need) {
        return true;
    }
    *fault = (SMMUv2WalkFault) {
        .kind = SMMUV2_FAULT_PERMISSION, .stage = stage, .level = map->level,
        .ipa = stage == 2 ? ipa : 0,
    };
    return false;
}

static bool read_through_stage2(void *opaque, uint64_t ipa, unsigned size,
                                bool big_endian, uint64_t *value,
                                SMMUv2WalkFault *fault)
{
    Walker *w = opaque;
    SMMUv2Mapping map;
    bool ok;

    w->stage = 2;
    ok = reference_walk(&w->cfg->s2, ipa, read_physical, w, &map, fault) &&
         permits(&map, SMMUV2_PERM_UR, 2, ipa, fault);
    w->stage = 1;
    if (ok && w->cfg->s2.ptw && map.attrs.memattr < 0x10) {
        map.perm = 0;
        ok = permits(&map, SMMUV2_PERM_UR, 2, ipa, fault);
    }
    if (!ok) {
        fault->s1ptw = true;
        return false;
    }
    return read_physical(w, map.out + (ipa - map.in), size, big_endian, value,
                         fault);
}

static bool whole_walk(const Machine *m, const SMMUv2BankConfig *cfg,
                       uint64_t addr, uint8_t need, SMMUv2Mapping *map,
                       SMMUv2WalkFault *fault)
{
    bool s1 = cfg->has_s1 && cfg->s1.enabled;
    bool s2 = cfg->has_s2 && cfg->s2.enabled;
    const SMMUv2StageConfig *first = cfg->has_s1 ? &cfg->s1 : &cfg->s2;
    Walker w = { m, cfg, s1 ? 1 : 2 };
    SMMUv2Mapping m2;
    uint64_t ipa = addr, size;

    *fault = (SMMUv2WalkFault) { 0 };
    *map = (SMMUv2Mapping) {
        .in = addr & ~0xfffull, .out = addr & ~0xfffull, .shift = 12,
        .perm = SMMUV2_PERM_ALL,
    };
    if (!s1 && !s2) {
        if (addr >= 1ull << first->oas_bits) {
            *fault = (SMMUv2WalkFault) {
                .kind = SMMUV2_FAULT_ADDRESS_SIZE, .stage = first->stage,
                .ipa = first->stage == 2 ? addr : 0,
            };
            return false;
        }
        return true;
    }
    if (s1) {
        if (!reference_walk(&cfg->s1, addr,
                            s2 ? read_through_stage2 : read_physical, &w,
                            map, fault) ||
            !permits(map, need, 1, 0, fault)) {
            return false;
        }
        ipa = map->out + (addr - map->in);
        if (!s2) {
            return true;
        }
        w.stage = 2;
    }
    if (!reference_walk(&cfg->s2, ipa, read_physical, &w, &m2, fault) ||
        !permits(&m2, need, 2, ipa, fault)) {
        return false;
    }
    if (!s1) {
        *map = m2;
        return true;
    }
    size = 1ull << MIN(map->shift, m2.shift);
    *map = (SMMUv2Mapping) {
        .in = addr & -size,
        .out = (m2.out + (ipa - m2.in)) & -size,
        .shift = MIN(map->shift, m2.shift),
        .perm = map->perm & m2.perm,
    };
    return true;
}

static void expect_global(const Machine *m, Expected *e, uint32_t gfsr)
{
    e->gfsr = gfsr;
    e->response = m->tcu.regs.cr0 & 0x2 ? ABORTS : VANISHES;
}

/* FSR.FORMAT: 0 short, 1 long, 2 AArch64; CBAR and TCR tell the first two */
static uint32_t format_of(const SMMUv2BankRegs *r)
{
    unsigned type = r->cbar >> 16 & 3;
    bool hyp = type == 1 && r->cbar & 0x400;

    return r->cba2r & 1 ? 2 : type == 0 || hyp || r->tcr >> 31 ? 1 : 0;
}

static void expect_context(const Machine *m, Expected *e, unsigned s1_cb,
                           const SMMUv2BankConfig *cfg,
                           const SMMUv2Access *access,
                           const SMMUv2WalkFault *fault)
{
    static const uint32_t bit[] = {
        [SMMUV2_FAULT_TRANSLATION] = 0x2, [SMMUV2_FAULT_ACCESS_FLAG] = 0x4,
        [SMMUV2_FAULT_PERMISSION] = 0x8, [SMMUV2_FAULT_EXTERNAL] = 0x10,
        [SMMUV2_FAULT_ADDRESS_SIZE] = 0x80,
    };

    e->cb = fault->stage == 2 ? cfg->s2_bank : s1_cb;
    e->fsr = bit[fault->kind] | format_of(&m->tcu.regs.cb[e->cb]) << 9;
    e->fsynr0 = fault->level | access->write << 4 | access->priv << 5 |
                access->inst << 6 | fault->s1ptw << 3 |
                (fault->kind == SMMUV2_FAULT_EXTERNAL) << 10;
    if (e->cb != s1_cb) {
        e->fsynr0 |= s1_cb << 16 | 1 << 2;
    }
    e->far = access->addr;
    if (fault->stage == 2) {
        e->ipafar = (fault->ipa & ~0xfffull) | (access->addr & 0xfff);
    }
    e->response = m->tcu.regs.cb[e->cb].sctlr & 0x20 ? ABORTS : VANISHES;
}

/* SCTLR.HUPCF = 0: a fault in FSR holds up all that use the bank */
static bool blocked_by(const Machine *m, Expected *e, unsigned cb)
{
    const SMMUv2BankRegs *r = &m->tcu.regs.cb[cb];

    if (!(r->fsr & ~0x600) || r->sctlr & 0x100) {
        return false;
    }
    e->blocked = true;
    e->response = r->sctlr & 0x20 ? ABORTS : VANISHES;
    return true;
}

Expected expectation(const Machine *m, unsigned master, uint64_t addr,
                     IOMMUAccessFlags flag)
{
    const SMMUv2Regs *regs = &m->tcu.regs;
    Expected e = { .cb = -1 };
    SMMUv2Route route = smmuv2_stream_route(regs, m->tcu.num_smrg,
                                            m->tcu.num_cb,
                                            m->stream_id[master]);
    SMMUv2Access access = { .addr = addr, .write = flag == IOMMU_WO };
    SMMUv2BankConfig cfg;
    SMMUv2WalkFault fault;
    uint8_t need;

    if (route.kind == SMMUV2_ROUTE_BYPASS) {
        e.bypass = true;
        return e;
    }
    if (route.kind == SMMUV2_ROUTE_FAULT) {
        expect_global(m, &e, route.gfsr);
        return e;
    }
    /* PRIVCFG 3: privileged; INSTCFG 3 and 1: reads are fetches */
    access.priv = route.privcfg == 3;
    access.inst = !access.write && route.instcfg & 1;
    need = flag == IOMMU_NONE ? 0 :
           1 << ((access.write ? 1 : access.inst ? 2 : 0) + 3 * access.priv);
    cfg = smmuv2_cb_decode(regs, m->tcu.num_cb, route.cb);
    if (cfg.has_s1) {
        e.s1_format = cfg.s1.format;
    }
    if (!cfg.valid) {
        expect_global(m, &e, cfg.gfsr);
    } else if (flag != IOMMU_NONE && (blocked_by(m, &e, route.cb) ||
                                      blocked_by(m, &e, cfg.s2_bank))) {
        return e;
    } else if (!whole_walk(m, &cfg, addr, need, &e.map, &fault)) {
        expect_context(m, &e, route.cb, &cfg, &access, &fault);
    } else {
        unsigned r = (route.instcfg & 1 ? 2 : 0) + 3 * access.priv;
        unsigned w = 1 + 3 * access.priv;

        e.map.perm = (e.map.perm >> r & 1 ? IOMMU_RO : 0) |
                     (e.map.perm >> w & 1 ? IOMMU_WO : 0);
    }
    return e;
}
