/*
 * Two pages that say where they are, for qtests of the SMMUv2's TLBs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_QTEST_SMMUV2_TLB_LIB_H
#define TESTS_QTEST_SMMUV2_TLB_LIB_H

#include "smmuv2-lib.h"

#define OLD     (RAM_BASE + 0x15432000)
#define NEW     (RAM_BASE + 0x16543000)

#define VMID1   0x51
#define VMID2   0x52

/* What a page at @iova says */
static inline uint64_t peek(TestDev *dev, uint64_t iova)
{
    uint64_t value;

    g_assert_cmphex(dma_read64(dev, iova, &value), ==, PTD_RESULT_OK);
    return value;
}

/* Whether it is the one that was mapped first */
static inline bool is_old(TestDev *dev, uint64_t iova)
{
    uint64_t value = peek(dev, iova);

    g_assert_true(value == OLD || value == NEW);
    return value == OLD;
}

/* A machine with two test devices */
static inline SMMUTest *start(const char *extra)
{
    g_autofree char *args = g_strdup_printf(PTD2_ARG " %s", extra ?: "");
    SMMUTest *t = smmu_start(args);

    /* Each page says where it is */
    qtest_writeq(t->qts, OLD, OLD);
    qtest_writeq(t->qts, NEW, NEW);
    return t;
}

#endif
