/*
 * Payloads: a driver of the SMMUv2
 *
 * What a hypervisor does, as functions: tables, banks, streams, invalidation,
 * faults.  Any CPU may call them; registers are written one at a time, so what
 * belongs together is the caller's to lock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_SMMU_H
#define PAYLOAD_SMMU_H

#include "asm.h"
#include "pci.h"
#include "smmuv2-regs.h"

/*
 * Find it and bring it to a known state: no stream matches, no bank is on, no
 * TLB entry, no fault, CR0 as given.  Each test starts with it.  There must be
 * a test device for each CPU.
 */
void smmu_reset(uint32_t cr0);
/* Faults for all that is wrong, and interrupts for faults */
#define CR0_ON  (R_CR0_GFRE_MASK | R_CR0_GFIE_MASK | R_CR0_GCFGFRE_MASK | \
                 R_CR0_GCFGFIE_MASK | R_CR0_USFCFG_MASK | R_CR0_SMCFCFG_MASK)
/* What matches no entry passes */
#define CR0_BYPASS  (CR0_ON & ~R_CR0_USFCFG_MASK)

/* ---- Registers ---- */

/* Where they are; a page of SMMUV2_PAGE_*, and a bank */
uint64_t smmu_reg(unsigned page, unsigned offset);
uint64_t smmu_cb_reg(unsigned cb, unsigned offset);
uint32_t gr0_read(unsigned offset);
void gr0_write(unsigned offset, uint32_t value);
uint64_t gr0_read64(unsigned offset);
uint32_t gr1_read(unsigned offset);
void gr1_write(unsigned offset, uint32_t value);
uint32_t cb_read(unsigned cb, unsigned offset);
void cb_write(unsigned cb, unsigned offset, uint32_t value);
uint64_t cb_read64(unsigned cb, unsigned offset);
void cb_write64(unsigned cb, unsigned offset, uint64_t value);

/* INTIDs, from the device tree */
unsigned smmu_global_irq(void);
unsigned smmu_context_irq(unsigned cb);

/* ---- Tables: AArch64 format ---- */

struct table {
    unsigned stage;
    unsigned granule;           /* log2 */
    unsigned bits;              /* of the input address */
    int start;                  /* level */
    uint64_t root;              /* physical */
    /* IPA - PA of the tables themselves: of a nested stage 1, else 0 */
    uint64_t bias;
};

#define DESC_AF         (1ull << 10)
#define DESC_SH_INNER   (3ull << 8)
#define DESC_NG         (1ull << 11)
#define DESC_AP_USER    (1ull << 6)
#define DESC_AP_RO      (1ull << 7)
#define DESC_S2AP_R     (1ull << 6)
#define DESC_S2AP_W     (1ull << 7)
#define DESC_S2_NORMAL  (15ull << 2)
#define LEAF_S1         (DESC_AF | DESC_SH_INNER | DESC_AP_USER | DESC_NG)
#define LEAF_S2         (DESC_AF | DESC_SH_INNER | DESC_S2_NORMAL | \
                         DESC_S2AP_R | DESC_S2AP_W)
#define LEAF(tab)       ((tab)->stage == 1 ? LEAF_S1 : LEAF_S2)

/* 4 KiB granule, 39 bits, from level 1 */
struct table table_new(unsigned stage, uint64_t bias);
struct table table_new_with(unsigned stage, unsigned granule, unsigned bits,
                            int start, uint64_t bias);
/* The descriptor of @in at @level; tables on the way are made */
uint64_t *table_desc(struct table *tab, uint64_t in, int level);
/* Map by one descriptor; @leaf: attributes */
void table_map_at(struct table *tab, uint64_t in, uint64_t out, int level,
                  uint64_t leaf);
/* One page, read and write */
void table_map(struct table *tab, uint64_t in, uint64_t out);
void table_unmap(struct table *tab, uint64_t in);

/* ---- Banks and streams ---- */

#define SCTLR_ON    (R_CB_SCTLR_M_MASK | R_CB_SCTLR_CFRE_MASK | \
                     R_CB_SCTLR_CFIE_MASK | R_CB_SCTLR_HUPCF_MASK)

void bank_s1(unsigned cb, const struct table *tab, uint16_t asid, uint8_t vmid);
void bank_s2(unsigned cb, const struct table *tab, uint8_t vmid);
/* Stage 1 by @cb, whose output goes through the stage 2 of bank @s2 */
void bank_nested(unsigned cb, const struct table *tab, uint16_t asid,
                 unsigned s2);
void bank_off(unsigned cb);
/* Stream match entry @n: @d goes to bank @cb; or to another kind of S2CR */
void stream_to_bank(unsigned n, const struct testdev *d, unsigned cb);
void stream_to(unsigned n, const struct testdev *d, unsigned type);
void stream_off(unsigned n);

/* ---- TLB ---- */

void tlbi_va(unsigned cb, uint64_t va, uint16_t asid);
void tlbi_asid(unsigned cb, uint16_t asid);
void tlbi_ipa(unsigned cb, uint64_t ipa);
void tlbi_vmid(uint16_t vmid);
void tlbi_all(void);
/* Wait for them: of a bank; of all */
void tlb_sync(unsigned cb);
void tlb_gsync(void);

/* ---- Faults ---- */

struct fault {
    uint32_t fsr, fsynr0, sid;
    uint64_t far, ipafar;
};
#define FSR(kind)   (R_CB_FSR_ ## kind ## _MASK | \
                     CB_FSR_FORMAT_AARCH64 << R_CB_FSR_FORMAT_SHIFT)
/* FSYNR0 */
#define LEVEL(n)    ((uint32_t)(n))
#define WRITE       R_CB_FSYNR0_WNR_MASK
#define NESTED(cb)  (R_CB_FSYNR0_NESTED_MASK | \
                     (cb) << R_CB_FSYNR0_S1CBNDX_SHIFT)
#define S1PTW       R_CB_FSYNR0_S1PTWF_MASK

struct fault fault_read(unsigned cb);
void fault_clear(unsigned cb);
/* No fault in banks 0 to 15, nor a global one */
#define EXPECT_NO_FAULT()   expect_no_fault(__FILE__, __LINE__)
void expect_no_fault(const char *file, int line);
/* What bank @cb tells; clears it.  @ipa: 0 of stage 1; its page counts */
#define EXPECT_FAULT(cb, d, fsr, fsynr0, far, ipa) \
    expect_fault(cb, d, fsr, fsynr0, far, ipa, __FILE__, __LINE__)
void expect_fault(unsigned cb, const struct testdev *d, uint32_t fsr,
                  uint32_t fsynr0, uint64_t far, uint64_t ipa,
                  const char *file, int line);

/* The global one; clears it */
#define EXPECT_GLOBAL_FAULT(d, gfsr, gfsynr0, gfar) \
    expect_global_fault(d, gfsr, gfsynr0, gfar, __FILE__, __LINE__)
void expect_global_fault(const struct testdev *d, uint32_t gfsr,
                         uint32_t gfsynr0, uint64_t gfar, const char *file,
                         int line);
#define GLOBAL_WRITE    R_GFSYNR0_WNR_MASK

/* ---- What DMA sees ---- */

/* @iova of the device is memory at @pa, to read and to write */
#define EXPECT_MAPS(d, iova, pa) expect_maps(d, iova, pa, __FILE__, __LINE__)
bool expect_maps(struct testdev *d, uint64_t iova, uint64_t pa,
                 const char *file, int line);
/* It is refused, and memory at @pa is not changed; @op: PTD_OP_* */
#define EXPECT_REFUSED(d, op, iova, pa) \
    expect_refused(d, op, iova, pa, __FILE__, __LINE__)
bool expect_refused(struct testdev *d, unsigned op, uint64_t iova, uint64_t pa,
                    const char *file, int line);

#endif
