/*
 * Arm SMMUv2 stream mapping table
 *
 * StreamID in, context bank, bypass or global fault out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_STREAM_H
#define HW_ARM_SMMUV2_STREAM_H

#include "smmuv2-regtable.h"

typedef enum SMMUv2RouteKind {
    SMMUV2_ROUTE_TRANSLATE,     /* through context bank .cb */
    SMMUV2_ROUTE_BYPASS,
    SMMUV2_ROUTE_FAULT,         /* global fault .gfsr, one bit of GFSR */
} SMMUv2RouteKind;

typedef struct SMMUv2Route {
    SMMUv2RouteKind kind;
    uint8_t cb;                 /* translate */
    uint8_t privcfg, instcfg;   /* S2CR overrides; 0 without an entry */
    bool secure;                /* SSD Secure: decided by secure registers */
    bool out_secure;            /* bypass: goes out Secure */
    uint16_t gfsr;              /* fault */
} SMMUv2Route;

/**
 * smmuv2_stream_route: what happens to the transactions of a stream
 * @regs: sCR0, SCR1, SMR, S2CR, SSDR and IDR0
 * @num_smrg: stream match register groups implemented
 * @num_cb: context banks implemented
 * @stream_id: 16 bits; compared in 15 unless CR0.EXIDENABLE
 *
 * Reads registers only; the caller keeps them still.  The cost is linear in
 * @num_smrg, so TBUs keep the result until a register changes.
 */
SMMUv2Route smmuv2_stream_route(const SMMUv2Regs *regs, unsigned num_smrg,
                                unsigned num_cb, uint16_t stream_id);

#endif
