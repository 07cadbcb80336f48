/*
 * Payloads: a driver of VT-d's interrupt remapping and posting
 *
 * It knows the specification's bits and nothing of the model.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_VTD_H
#define PAYLOAD_VTD_H

#include "pci.h"

/* Interrupt remapping on, xAPIC mode, queued invalidation; bails out if none */
void vtd_init(void);

/* ---- Entries ---- */

#define VTD_ENTRIES     256
#define IRTE_P          BIT(0)
#define IRTE_FPD        BIT(1)
#define IRTE_URG        BIT(14)
#define IRTE_POSTED     BIT(15)

/*
 * A posted-interrupt descriptor: PIR, then ON, SN, NV and NDST in `control`.
 * The IOMMU posts to it at any time, so it is changed by locked instructions.
 */
struct posted {
    uint64_t pir[4], control, software[3];
} __attribute__((aligned(64)));

#define POSTED_ON       BIT(0)
#define POSTED_SN       BIT(1)
#define POSTED_NV(v)    ((uint64_t)(v) << 16)
#define POSTED_NDST(id) ((uint64_t)(id) << 40)      /* xAPIC */

/* Entry @index of @d: post @vector to @pd; @more: IRTE_URG, IRTE_FPD */
void vtd_post(struct testdev *d, unsigned index, unsigned vector,
              struct posted *pd, uint64_t more);
/* Entry @index of @d: a fixed interrupt, @vector to @apic_id */
void vtd_remap(struct testdev *d, unsigned index, unsigned vector,
               unsigned apic_id);
/* The message of MSI-X vector @msix is a request for entry @index */
void vtd_message(struct testdev *d, unsigned msix, unsigned index);

/* ---- Descriptors ---- */

/* Replace all of the control word but ON */
void posted_control(struct posted *pd, uint64_t control);
/* Clear ON, then move PIR to @irr; whether there was anything */
bool posted_take(struct posted *pd, uint64_t irr[4]);
/* Bits of PIR */
unsigned posted_count(const struct posted *pd);

/* ---- Faults ---- */

/* The fault that was recorded, and clear it; 0: none */
unsigned vtd_fault(uint16_t *sid, uint16_t *index);
#define EXPECT_NO_FAULT() CHECK_EQ(vtd_fault(NULL, NULL), 0)

#endif
