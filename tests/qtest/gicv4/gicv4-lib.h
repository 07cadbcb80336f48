/*
 * GICv4 qtests: a virt board whose ITS and redistributors are programmed as a
 * hypervisor does it
 *
 * Tables, commands and registers by the architecture's names. Where something
 * is pending is read from guest memory, as software may do it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_QTEST_GICV4_LIB_H
#define TESTS_QTEST_GICV4_LIB_H

#include "../libqtest.h"

#define GIC_CPUS        4

/* The virt board */
#define GICD            UINT64_C(0x08000000)
#define GICR(cpu)       (UINT64_C(0x080a0000) + (cpu) * UINT64_C(0x40000))
#define ITS_V4          UINT64_C(0x08080000)
#define ITS_V41         UINT64_C(0x08070000)
#define ITS_SECOND      UINT64_C(0x09100000)
#define NOWHERE         UINT64_C(0x0f000000)    /* no memory there */

/* Where the tests keep things in RAM */
#define CMDQ            UINT64_C(0x40100000)
#define DEV_TABLE       UINT64_C(0x40110000)
#define COL_TABLE       UINT64_C(0x40120000)
#define VPE_TABLE       UINT64_C(0x40200000)
#define LPI_CONF        UINT64_C(0x40300000)
#define LPI_PEND(cpu)   (UINT64_C(0x40310000) + (cpu) * UINT64_C(0x10000))
#define ITT             UINT64_C(0x40380000)
#define VPT(vpe)        (UINT64_C(0x40400000) + (vpe) * UINT64_C(0x10000))
#define VCONF           UINT64_C(0x40500000)
#define VPE_L2          UINT64_C(0x40600000)
#define CMDQ2           UINT64_C(0x40700000)
#define DEV_TABLE2      UINT64_C(0x40710000)
#define COL_TABLE2      UINT64_C(0x40720000)
#define ITT2            UINT64_C(0x40730000)

/* Distributor */
#define GICD_CTLR       0x0000
#define GICD_TYPER2     0x000c

/* Redistributor */
#define GICR_CTLR       0x0000
#define GICR_TYPER      0x0008
#define GICR_SETLPIR    0x0040
#define GICR_CLRLPIR    0x0048
#define GICR_PROPBASER  0x0070
#define GICR_PENDBASER  0x0078
#define GICR_INVLPIR    0x00a0
#define GICR_INVALLR    0x00b0
#define GICR_SYNCR      0x00c0
#define GICR_VPROPBASER 0x20070
#define GICR_VPENDBASER 0x20078
#define GICR_VSGIR      0x20080
#define GICR_VSGIPENDR  0x20088

#define VPEND_VALID     (1ull << 63)
#define VPEND_DB        (1ull << 62)
#define VPEND_LAST      (1ull << 61)
#define VPEND_DIRTY     (1ull << 60)
#define VPEND_G0        (1ull << 59)
#define VPEND_G1        (1ull << 58)

/* ITS */
#define GITS_CTLR       0x0000
#define GITS_TYPER      0x0008
#define GITS_MPIDR      0x0018
#define GITS_CBASER     0x0080
#define GITS_CWRITER    0x0088
#define GITS_CREADR     0x0090
#define GITS_BASER(n)   (0x0100 + 8 * (n))
#define GITS_SGIR       0x20020

#define VALID           (1ull << 63)
#define INDIRECT        (1ull << 62)
#define PAGE_64K        (2ull << 8)     /* of GITS_BASER */
#define STALLED         1ull
#define NO_DOORBELL     1023

/* INTIDs */
#define LPI             8192

typedef struct GICTest {
    QTestState *qts;
    bool v41;
    uint64_t its;               /* where its_cmd() sends to */
    uint64_t cmdq[2];           /* of each ITS: its queue */
    unsigned head[2];           /* and where the next command goes */
    uint64_t vpe_table;         /* what GITS_BASER2 is set to */
} GICTest;

/*
 * Start a board with gic-version=@version and set up LPIs: one configuration
 * table in which nothing is enabled, a pending table for each CPU, an ITS with
 * collection n on CPU n, and device 0 with 256 events. @extra is appended to
 * the command line; @machine to -M.
 */
GICTest *gic_start_with(const char *version, const char *machine,
                        const char *extra);
GICTest *gic_start(const char *version);
/* Only the board, nothing set up */
GICTest *gic_start_bare(const char *version, const char *machine,
                        const char *extra);
/* Set up as gic_start() does, with @vpe_table for GITS_BASER2 */
void gic_set_up(GICTest *t, uint64_t vpe_table);
/* The same for the second ITS; GITS_BASER2 is shared */
void gic_set_up_second_its(GICTest *t);
void gic_quit(GICTest *t);
/* Save and load @t, which then is the second QEMU's */
void gic_migrate(GICTest *t, const char *version, const char *extra);
/* The same, where the state should be accepted ("completed") or "failed" */
void gic_migrate_to(GICTest *t, const char *version, const char *extra,
                    const char *outcome);

uint32_t gicr_read(GICTest *t, unsigned cpu, unsigned offset);
void gicr_write(GICTest *t, unsigned cpu, unsigned offset, uint32_t value);
uint64_t gicr_read64(GICTest *t, unsigned cpu, unsigned offset);
void gicr_write64(GICTest *t, unsigned cpu, unsigned offset, uint64_t value);
uint64_t its_read64(GICTest *t, unsigned offset);
void its_write64(GICTest *t, unsigned offset, uint64_t value);

/* Queue a command and have it processed; true if the ITS did not stall */
bool its_try(GICTest *t, uint64_t dw0, uint64_t dw1, uint64_t dw2,
             uint64_t dw3);
/* The same for one that must not stall */
void its_cmd(GICTest *t, uint64_t dw0, uint64_t dw1, uint64_t dw2,
             uint64_t dw3);

void its_mapd(GICTest *t, unsigned device, uint64_t itt, unsigned bits);
void its_mapc(GICTest *t, unsigned icid, unsigned cpu);
void its_mapti(GICTest *t, unsigned device, unsigned event, unsigned intid,
               unsigned icid);
void its_int(GICTest *t, unsigned device, unsigned event);
void its_clear(GICTest *t, unsigned device, unsigned event);
void its_discard(GICTest *t, unsigned device, unsigned event);
void its_inv(GICTest *t, unsigned device, unsigned event);
/* GICv4.0's: 16 bits of INTID, VPT(@vpe) */
void its_vmapp40(GICTest *t, unsigned vpe, unsigned cpu);
void its_vmapti(GICTest *t, unsigned device, unsigned event, unsigned vpe,
                unsigned vintid, unsigned doorbell);
void its_vmovi(GICTest *t, unsigned device, unsigned event, unsigned vpe);
void its_vinvall(GICTest *t, unsigned vpe);
void its_vsync(GICTest *t, unsigned vpe);
/* GICv4.1's: 16 bits of INTID, VPT(@vpe), VCONF, Alloc */
void its_vmapp(GICTest *t, unsigned vpe, unsigned cpu, unsigned doorbell);
void its_vunmapp(GICTest *t, unsigned vpe, bool last);
void its_vmovp(GICTest *t, unsigned vpe, unsigned cpu);
void its_vmovp_db(GICTest *t, unsigned vpe, unsigned cpu, unsigned doorbell);
void its_vsgi(GICTest *t, unsigned vpe, unsigned sgi, bool enable,
              unsigned group, unsigned prio);
void its_vsgi_clear(GICTest *t, unsigned vpe, unsigned sgi);
void its_invdb(GICTest *t, unsigned vpe);
void its_sgir(GICTest *t, unsigned vpe, unsigned sgi);

/* Pending bits and configuration, in guest memory */
bool pending(GICTest *t, uint64_t table, unsigned intid);
void set_pending(GICTest *t, uint64_t table, unsigned intid, bool on);
void configure(GICTest *t, uint64_t table, unsigned intid, bool enable,
               unsigned prio);
/* Enable a physical LPI, such as a doorbell, on all CPUs */
void enable_lpi(GICTest *t, unsigned intid);

/* GICv4.1 residency; VPROPBASER is VPE_TABLE's for all CPUs */
void schedule(GICTest *t, unsigned cpu, unsigned vpe);
/* Both give the value read back */
uint64_t block(GICTest *t, unsigned cpu);       /* wants a doorbell */
uint64_t preempt(GICTest *t, unsigned cpu);     /* does not */
/* GICv4.0 residency; @idbits are less one */
void schedule40(GICTest *t, unsigned cpu, unsigned vpe, unsigned idbits);
uint64_t deschedule40(GICTest *t, unsigned cpu);

#endif
