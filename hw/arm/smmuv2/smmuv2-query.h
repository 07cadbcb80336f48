/*
 * Arm SMMUv2 as people see it
 *
 * One QMP query, query-smmuv2 (qapi/smmuv2.json), tells what an SMMU does:
 * its streams, the context banks in use with their tables and pending faults,
 * the counters.  "info smmuv2" of the monitor prints the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_QUERY_H
#define HW_ARM_SMMUV2_QUERY_H

#include "hw/arm/smmuv2.h"
#include "qapi/qapi-types-smmuv2.h"
#include "smmuv2-tcu.h"

/**
 * smmuv2_query_tcu: what an SMMU does
 * @tcu: its TCU
 * @smmu: the device, whose children of type "arm-smmuv2-tbu" are its TBUs
 *
 * The caller holds the BQL and frees the result.
 */
Smmuv2Info *smmuv2_query_tcu(SMMUv2TCU *tcu, Object *smmu);

/* The same, of a realized device: smmuv2.c, which knows its TCU */
Smmuv2Info *smmuv2_query(SMMUv2State *s);

/* Make "info smmuv2" work; once */
void smmuv2_hmp_register(void);

#endif
