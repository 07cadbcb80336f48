/*
 * Walks of tables laid by hand: a few descriptors are all of memory
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_UNIT_SMMUV2_WALK_UTIL_H
#define TESTS_UNIT_SMMUV2_WALK_UTIL_H

#include "hw/arm/smmuv2/smmuv2-walk.h"

#define UR SMMUV2_PERM_UR
#define UW SMMUV2_PERM_UW
#define UX SMMUV2_PERM_UX
#define PR SMMUV2_PERM_PR
#define PW SMMUV2_PERM_PW
#define PX SMMUV2_PERM_PX

typedef struct Descriptor {
    uint64_t addr, value;
} Descriptor;

typedef struct Memory {
    const Descriptor *desc;
    int count;
    unsigned size;              /* of a descriptor */
    bool big_endian;
    int reads;
} Memory;

/* What is not there cannot be read; how it is read must be as expected */
static inline bool read_memory(void *opaque, uint64_t addr, unsigned size,
                               bool big_endian, uint64_t *value,
                               SMMUv2WalkFault *fault)
{
    Memory *m = opaque;

    g_assert_cmpint(size, ==, m->size);
    g_assert_cmpint(big_endian, ==, m->big_endian);
    m->reads++;
    for (int i = 0; i < m->count; i++) {
        if (m->desc[i].addr == addr) {
            *value = m->desc[i].value;
            return true;
        }
    }
    return false;
}

static inline bool walk(const SMMUv2StageConfig *cfg, uint64_t addr,
                        const Descriptor *desc, int count, SMMUv2Mapping *map,
                        SMMUv2WalkFault *fault)
{
    Memory m = {
        desc, count, cfg->format == SMMUV2_FORMAT_AARCH32_SHORT ? 4 : 8,
        cfg->big_endian,
    };

    memset(map, 0x5a, sizeof(*map));
    memset(fault, 0x5a, sizeof(*fault));
    return smmuv2_walk(cfg, addr, read_memory, &m, map, fault);
}

static inline void expect_fault(const SMMUv2StageConfig *cfg, uint64_t addr,
                                const Descriptor *desc, int count,
                                SMMUv2FaultKind kind, int level)
{
    SMMUv2Mapping map;
    SMMUv2WalkFault fault;

    g_assert_false(walk(cfg, addr, desc, count, &map, &fault));
    g_assert_cmpint(fault.kind, ==, kind);
    g_assert_cmpint(fault.level, ==, level);
    g_assert_cmpint(fault.stage, ==, cfg->stage);
    g_assert_false(fault.s1ptw);
    g_assert_cmphex(fault.ipa, ==, cfg->stage == 2 ? addr : 0);
}

static inline SMMUv2Mapping expect_map(const SMMUv2StageConfig *cfg,
                                       uint64_t addr, const Descriptor *desc,
                                       int count)
{
    SMMUv2Mapping map = { 0 };
    SMMUv2WalkFault fault;

    g_assert_true(walk(cfg, addr, desc, count, &map, &fault));
    return map;
}

#endif
