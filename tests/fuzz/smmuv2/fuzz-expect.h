/*
 * What an access through the SMMUv2 should give
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_FUZZ_SMMUV2_FUZZ_EXPECT_H
#define TESTS_FUZZ_SMMUV2_FUZZ_EXPECT_H

#include "../../unit/smmuv2/machine.h"

typedef struct Expected {
    enum { PASSES, ABORTS, VANISHES } response;
    SMMUv2Mapping map;          /* PASSES; .perm is IOMMUAccessFlags */
    bool bypass;
    SMMUv2Format s1_format;     /* of the bank, if it has stage 1 */
    bool blocked;               /* by a fault that FSR has; nothing recorded */
    uint32_t gfsr;              /* a global fault, or .. */
    int cb;                     /* .. of this bank, or -1 */
    uint32_t fsr, fsynr0;
    uint64_t far, ipafar;
} Expected;

/* How often walks came by a descriptor since somebody set this */
typedef struct Watch {
    uint64_t desc;              /* of @size bytes, or what overlaps it */
    unsigned size;
    unsigned stage;             /* whose descriptor it is meant to be */
    unsigned reads;             /* as one of that stage */
    unsigned others;            /* as one of the other stage */
    bool last;                  /* of that stage nothing was read after it */
} Watch;
extern Watch fuzz_watch;

/* By registers and tables as they are now; IOMMU_NONE asks without accessing */
Expected expectation(const Machine *m, unsigned master, uint64_t addr,
                     IOMMUAccessFlags flag);

#endif
