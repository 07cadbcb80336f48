/*
 * VT-d qtests: a q35 with interrupt remapping and a test device
 *
 * What software has to do, as functions: tables, descriptors, MSI-X, faults.
 * It knows the specification's bit positions and nothing of the model, so that
 * the two can disagree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_QTEST_VTD_LIB_H
#define TESTS_QTEST_VTD_LIB_H

#include "../libqtest.h"
#include "../libqos/pci.h"
#include "hw/misc/passthrough-testdev.h"

#define VTD_BASE        UINT64_C(0xfed90000)
#define VTD_QOM         "/machine/peripheral/vtd"

/* Registers */
#define VTD_CAP         0x08
#define VTD_ECAP        0x10
#define VTD_GCMD        0x18
#define VTD_GSTS        0x1c
#define VTD_FSTS        0x34
#define VTD_IQH         0x80
#define VTD_IQT         0x88
#define VTD_IQA         0x90
#define VTD_IRTA        0xb8
#define VTD_FRCD        0x220

#define CAP_PI          (1ull << 59)
#define GCMD_QIE        (1u << 26)
#define GCMD_IRE        (1u << 25)
#define GCMD_SIRTP      (1u << 24)

/* Guest memory */
#define RAM_SIZE        (256u << 20)
#define IRT             UINT64_C(0x01000000)    /* 256 entries */
#define IRT_SIZE_FIELD  7u
#define PD              UINT64_C(0x01010000)    /* the first descriptor */
#define IQ              UINT64_C(0x01020000)
#define STATUS          UINT64_C(0x01030000)    /* of wait descriptors */

/* The test device: 00:04.0 */
#define PTD_SID         0x0020

/* An entry in posted format */
#define IRTE_P          (1ull << 0)
#define IRTE_FPD        (1ull << 1)
#define IRTE_URG        (1ull << 14)
#define IRTE_IM         (1ull << 15)
#define IRTE_VECTOR(v)  ((uint64_t)(v) << 16)
#define IRTE_PDA_LO(a)  (((uint64_t)(a) & 0xffffffc0u) << 32)
#define IRTE_PDA_HI(a)  ((uint64_t)(a) & 0xffffffff00000000ull)
#define IRTE_SVT(t)     ((uint64_t)(t) << 18)
#define IRTE_SQ(q)      ((uint64_t)(q) << 16)

/* Control word of a descriptor */
#define PD_ON           (1ull << 0)
#define PD_SN           (1ull << 1)
#define PD_NV(v)        ((uint64_t)(v) << 16)
#define PD_XAPIC(id)    ((uint64_t)(id) << 40)
#define PD_X2APIC(id)   ((uint64_t)(id) << 32)

typedef struct VTDTest {
    QTestState *qts;
    QPCIBus *bus;
    QPCIDevice *dev;
    QPCIBar regs;
} VTDTest;

/* ---- Machine ---- */

#define POSTED          ",intremap=on,posted-intr=on"

/* Command line; @iommu is appended to the IOMMU's properties */
char *vtd_args(const char *iommu, const char *extra);
VTDTest *vtd_start(const char *iommu, const char *extra);
/* The same guest in a second QEMU, to which it was migrated; the first ends */
void vtd_move(VTDTest *t, QTestState *qts);
void vtd_quit(VTDTest *t);
/* Run a QEMU that should find @args wrong; returns its exit status */
int vtd_run(const char *args, char **output);

uint64_t vtd_read64(VTDTest *t, unsigned reg);
/* Interrupt remapping on; @eime: extended (x2APIC) destinations */
void vtd_enable(VTDTest *t, bool eime);
uint64_t vtd_counter(VTDTest *t, const char *name);

/* ---- Entries and descriptors ---- */

void vtd_irte(VTDTest *t, unsigned index, uint64_t lo, uint64_t hi);
/* A valid one in posted format for the descriptor at @pda; @more: low bits */
void vtd_posted_irte(VTDTest *t, unsigned index, uint8_t vector, uint64_t pda,
                     uint64_t more);
/* A valid one in remapped format: fixed, edge, physical */
void vtd_remapped_irte(VTDTest *t, unsigned index, uint8_t vector,
                       unsigned xapic_id);

/* A descriptor with an empty PIR */
void vtd_pd(VTDTest *t, uint64_t pda, uint64_t control);
uint64_t vtd_pd_control(VTDTest *t, uint64_t pda);
bool vtd_pir(VTDTest *t, uint64_t pda, uint8_t vector);
/* Bits set in PIR */
unsigned vtd_pir_count(VTDTest *t, uint64_t pda);

/* ---- Interrupts ---- */

/* Send a remappable request for entry @index from the device's MSI-X */
void vtd_send(VTDTest *t, unsigned index);
/* The same with any address and data */
void vtd_send_raw(VTDTest *t, uint32_t address, uint32_t data);

/* Whether a CPU's APIC has accepted a vector */
bool vtd_irr(VTDTest *t, unsigned apic_id, uint8_t vector);
/* Vectors pending in a CPU's APIC */
unsigned vtd_irr_count(VTDTest *t, unsigned apic_id);

/* ---- Faults ---- */

/* That fault @reason was recorded for @index and @sid; clears it */
void assert_fault(VTDTest *t, uint8_t reason, uint16_t index, uint16_t sid);
void assert_no_fault(VTDTest *t);

#endif
