/*
 * Reference walkers of translation tables
 *
 * A second opinion on smmuv2-walk-lpae.c and smmuv2-walk-short.c, for tests.
 * They are written from the tables of the Arm ARM (DDI 0487, chapters D8 and
 * G5) as tables, without regard to speed, and share nothing with the model but
 * the types of the interface.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_UNIT_SMMUV2_REFERENCE_WALK_H
#define TESTS_UNIT_SMMUV2_REFERENCE_WALK_H

#include "hw/arm/smmuv2/smmuv2-walk.h"

/* As smmuv2_walk() */
bool reference_walk(const SMMUv2StageConfig *cfg, uint64_t addr,
                    SMMUv2ReadDescriptor *read, void *opaque,
                    SMMUv2Mapping *map, SMMUv2WalkFault *fault);

/* Its AArch32 formats */
bool reference_walk_aarch32(const SMMUv2StageConfig *cfg, uint64_t addr,
                            SMMUv2ReadDescriptor *read, void *opaque,
                            SMMUv2Mapping *map, SMMUv2WalkFault *fault);

/* Concatenated tables at the root that the last walk used; 1: none */
extern unsigned reference_root_tables;

/* As smmuv2_attrs_s2(), smmuv2_attrs_short() and smmuv2_attrs_combine() */
SMMUv2Attrs reference_attrs_s2(uint8_t memattr, uint8_t sh);
SMMUv2Attrs reference_attrs_short(bool tre, uint64_t mair, uint8_t texcb,
                                  bool s);
SMMUv2Attrs reference_attrs_combine(SMMUv2Attrs s1, SMMUv2Attrs s2);

#endif
