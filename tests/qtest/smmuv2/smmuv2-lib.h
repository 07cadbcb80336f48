/*
 * SMMUv2 qtests: a virt board with an SMMUv2 and a test device behind it
 *
 * What a driver has to do, as functions: build tables, set up banks and
 * streams, run DMA, read faults.  It knows the architecture and nothing of the
 * model but its register names, so that the two can disagree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_QTEST_SMMUV2_LIB_H
#define TESTS_QTEST_SMMUV2_LIB_H

#include "../libqtest.h"
#include "../libqos/generic-pcihost.h"
#include "../libqos/pci.h"
#include "smmuv2-regs.h"
#include "testdev-lib.h"

/* The virt board */
#define SMMU_BASE       UINT64_C(0x0b000000)
#define SMMU_SPI        176         /* global faults; then context faults */
#define SMMU_QOM        "/machine/smmuv2"
#define RAM_BASE        UINT64_C(0x40000000)
#define RAM_SIZE        (512 * MiB)

/* The test device: 00:04.0 */
#define PTD_DEVFN       QPCI_DEVFN(4, 0)
#define PTD_SID         0x20
#define PTD_TBU         SMMU_QOM "/tbu-pcie.0.04.0[0]"
/* One more where a test asks for it: 00:05.0 */
#define PTD2_DEVFN      QPCI_DEVFN(5, 0)
#define PTD2_SID        0x28
#define PTD2_TBU        SMMU_QOM "/tbu-pcie.0.05.0[0]"
#define PTD2_ARG        "-device passthrough-testdev,addr=5.0"

typedef struct SMMUTest {
    QTestState *qts;
    QGenericPCIBus pci;
    TestDev dev;                /* 00:04.0 */
    uint64_t base;              /* of the SMMU's registers */
    unsigned page_size;         /* of a register frame */
    unsigned num_pages;         /* frames in each half */
    uint64_t next;              /* guest memory not handed out yet */
    uint64_t seed;              /* of patterns */
} SMMUTest;

/* ---- Machine ---- */

/* Command line of the board, with what follows appended to it */
char *smmu_args(const char *extra);
/* Start it; @extra is appended to the command line */
SMMUTest *smmu_start(const char *extra);
/* The same for a QEMU that is there already; @t's fields are set up */
void smmu_attach(SMMUTest *t, QTestState *qts);
void smmu_quit(SMMUTest *t);
/*
 * Run a QEMU that should find something wrong with @args and exit by itself.
 * Returns its exit status, or -1 if it did not exit; *@output is what it said.
 */
int smmu_run(const char *args, char **output);

/* Find a test device, map its BARs and make it a master; @bdf: bus << 8 too */
TestDev smmu_find_dev(SMMUTest *t, int bdf);
void smmu_free_dev(TestDev *dev);
/*
 * The device tree of a machine with these options, read-only; smmu_run() gets
 * @args
 */
GMappedFile *smmu_get_tree(const char *machine, const char *args);
/* Give a bridge its bus number, those behind it up to @last, and a window */
void smmu_set_up_bridge(SMMUTest *t, int bdf, unsigned bus, unsigned last);

/* Guest memory, zeroed as long as nobody wrote there */
uint64_t smmu_alloc(SMMUTest *t, uint64_t size, uint64_t align);
/* Zero and take back all from @mark, an earlier value of @t->next, on */
void smmu_release(SMMUTest *t, uint64_t mark);

/* ---- Registers ---- */

uint64_t smmu_gr0(SMMUTest *t, unsigned offset);
uint64_t smmu_gr1(SMMUTest *t, unsigned offset);
uint64_t smmu_pm(SMMUTest *t, unsigned offset);
uint64_t smmu_cb(SMMUTest *t, unsigned cb, unsigned offset);

uint32_t gr0_read(SMMUTest *t, unsigned offset);
void gr0_write(SMMUTest *t, unsigned offset, uint32_t value);
uint64_t gr0_read64(SMMUTest *t, unsigned offset);
void gr0_write64(SMMUTest *t, unsigned offset, uint64_t value);
uint32_t gr1_read(SMMUTest *t, unsigned offset);
void gr1_write(SMMUTest *t, unsigned offset, uint32_t value);
uint32_t cb_read(SMMUTest *t, unsigned cb, unsigned offset);
void cb_write(SMMUTest *t, unsigned cb, unsigned offset, uint32_t value);
uint64_t cb_read64(SMMUTest *t, unsigned cb, unsigned offset);
void cb_write64(SMMUTest *t, unsigned cb, unsigned offset, uint64_t value);

/* An unsigned property of a QOM object */
uint64_t smmu_qom_uint(SMMUTest *t, const char *path, const char *property);
char *smmu_qom_str(SMMUTest *t, const char *path, const char *property);

/* ---- Tables (VMSAv8-64) ---- */

typedef struct SMMUTable {
    SMMUTest *t;
    unsigned stage;
    unsigned granule;           /* log2 */
    unsigned bits;              /* of the input address */
    int start;                  /* level */
    uint64_t root;              /* physical address */
    /*
     * Table addresses as descriptors have them, less where the tables are:
     * IPA - PA in a nested stage 1
     */
    uint64_t bias;
} SMMUTable;

#define DESC_AF         (1ull << 10)
#define DESC_SH_INNER   (3ull << 8)
#define DESC_NG         (1ull << 11)        /* stage 1: of this ASID alone */
#define DESC_AP_USER    (1ull << 6)
#define DESC_AP_RO      (1ull << 7)
#define DESC_S2AP_R     (1ull << 6)
#define DESC_S2AP_W     (1ull << 7)
#define DESC_S2_NORMAL  (15ull << 2)
/* Leaf attributes that let a PCI master read and write */
#define LEAF_S1         (DESC_AF | DESC_SH_INNER | DESC_AP_USER | DESC_NG)
#define LEAF_S2         (DESC_AF | DESC_SH_INNER | DESC_S2_NORMAL | \
                         DESC_S2AP_R | DESC_S2AP_W)

/* Level where the walk of an address of @bits bits starts, unconcatenated */
int smmu_start_level(unsigned granule, unsigned bits);
/* log2 of what an entry of a level maps */
unsigned smmu_level_shift(unsigned granule, int level);
/* Whether a level may hold a leaf: a block or a page */
bool smmu_leaf_level(unsigned granule, int level);

SMMUTable smmu_table(SMMUTest *t, unsigned stage, unsigned granule,
                     unsigned bits, int start, uint64_t bias);
/* Map @in to @out by one descriptor at @level, with the attributes @leaf */
void smmu_map(SMMUTable *tab, uint64_t in, uint64_t out, int level,
              uint64_t leaf);
/* Physical address of the descriptor for @in at @level; tables must be there */
uint64_t smmu_desc(SMMUTable *tab, uint64_t in, int level);

/* ---- Banks and streams ---- */

/* TCR fields of a table: T0SZ, TG0 and the like; @which: TTBR0 or 1 */
uint32_t smmu_tcr(const SMMUTable *tab, unsigned which);

/* A fault leaves other accesses alone */
#define SCTLR_ON        (R_CB_SCTLR_M_MASK | R_CB_SCTLR_CFRE_MASK | \
                         R_CB_SCTLR_CFIE_MASK | R_CB_SCTLR_HUPCF_MASK)
/* Memory is write-back, whatever AttrIndx says */
#define MAIR_ALL        0xffffffffu
/* A 48-bit output, the sign in bit 48 */
#define TCR2_FULL       (5u | CB_TCR2_SEP_UPSTREAM << 15)
/* TTBR1 off */
#define TCR_EPD1        R_CB_TCR_EPD1_MASK

/* Stage 1; @tt1 may be NULL: EPD1 */
void smmu_bank_s1(SMMUTest *t, unsigned cb, const SMMUTable *tt0,
                  const SMMUTable *tt1, uint16_t asid, uint8_t vmid);
/* Stage 2 */
void smmu_bank_s2(SMMUTest *t, unsigned cb, const SMMUTable *tab,
                  uint8_t vmid);
/* Make a bank that smmu_bank_s1() set up a nested one, on stage 2's bank */
void smmu_bank_nest(SMMUTest *t, unsigned cb, unsigned s2_cb);

/* Stream match entry @n: @sid goes to S2CR @s2cr */
void smmu_stream(SMMUTest *t, unsigned n, uint16_t sid, uint16_t mask,
                 uint32_t s2cr);
/* Translate the first test device by @cb, by way of entry 0 */
void smmu_use_bank(SMMUTest *t, unsigned cb);
/* CR0 that lets nothing pass unseen: faults for all that is wrong */
#define CR0_ON  (R_CR0_GFRE_MASK | R_CR0_GFIE_MASK | R_CR0_USFCFG_MASK | \
                 R_CR0_SMCFCFG_MASK)

/* ---- DMA ---- */

/* A number not used before */
uint64_t smmu_pattern(SMMUTest *t);

/*
 * That DMA at @iova reaches physical address @pa, in both directions, or for
 * reads or for writes alone.  @what: printed before it fails.
 */
void assert_maps(SMMUTest *t, TestDev *dev, uint64_t iova, uint64_t pa,
                 const char *what);
void assert_reads(SMMUTest *t, TestDev *dev, uint64_t iova, uint64_t pa,
                  const char *what);
void assert_writes(SMMUTest *t, TestDev *dev, uint64_t iova, uint64_t pa,
                   const char *what);
/* That it gets a bus error, in both directions */
void assert_refused(SMMUTest *t, TestDev *dev, uint64_t iova,
                    const char *what);

/* ---- Faults ---- */

typedef struct SMMUFault {
    uint32_t fsr, fsynr0, fsynr1, cbfrsynra;
    uint64_t far, ipafar;
} SMMUFault;

/* What FSR says of a fault in AArch64 format */
#define FSR(kind)       (R_CB_FSR_ ## kind ## _MASK | \
                         CB_FSR_FORMAT_AARCH64 << R_CB_FSR_FORMAT_SHIFT)

SMMUFault smmu_fault(SMMUTest *t, unsigned cb);
/* Clear FSR, by W1C, and the syndrome with it */
void smmu_fault_clear(SMMUTest *t, unsigned cb);
/* That no bank below @num and not the SMMU itself reports a fault */
void assert_no_faults(SMMUTest *t, unsigned num);

#endif
