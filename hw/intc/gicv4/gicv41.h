/*
 * GICv4.1: vPEs that redistributors know by number, and virtual SGIs
 *
 * Arm IHI 0069 (GIC architecture, GICv4.1). QEMU's GICv4.0 keeps for a vPE
 * what the ITS needs to find its pending table, and the hypervisor programs
 * each redistributor with that table when a vPE runs there. In GICv4.1 one vPE
 * table is shared by ITSes and redistributors and holds all there is to know:
 * pending table, configuration table, redistributor, default doorbell.
 *
 * The life of a virtual interrupt: a message for an event of a device
 * (GITS_TRANSLATER), or a write of GITS_SGIR, names a vPE and an INTID. The
 * pending bit is set in guest memory. If the vPE is resident on its
 * redistributor and the interrupt is the best it has, the virtual CPU
 * interface signals it, and the hypervisor learns nothing of it. If not, and
 * the hypervisor has asked for a doorbell when it descheduled the vPE
 * (GICR_VPENDBASER.DB), the default doorbell, a physical LPI, rings once.
 *
 *   vpe.c        the vPE table and the vSGI state in guest memory
 *   residency.c  GICR_VPENDBASER, the best pending interrupt, doorbells
 *   lpis.c       pending LPIs, physical ones too: the copy that is not searched
 *   its.c        ITS commands, GITS_SGIR
 *   events.c     events that an ITS has translated before
 *   redist.c     the other registers of the redistributor, DirectLPI
 *   stats.c      counters, "info pic"
 *   state.c      reset, migration
 *
 * The base's ITS, redistributor and CPU interface call the functions below;
 * those with a GICv3State, GICv3CPUState or GICv3ITSState may be called only
 * if its GIC is a GICv4.1, unless they say otherwise.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_INTC_GICV41_H
#define HW_INTC_GICV41_H

#include "hw/intc/arm_gicv3_its_common.h"
#include "../gicv3_internal.h"

/* ---- Registers ---- */

/* GICD_TYPER2: 16 bits of vPEID; physical SGIs have an active state */
FIELD(GICD_TYPER2, VID, 0, 5)
FIELD(GICD_TYPER2, VIL, 7, 1)
FIELD(GICD_TYPER2, NASSGICAP, 8, 1)

#define GICR_TYPER_DIRTY        (1ull << 2)
#define GICR_TYPER_RVPEID       (1ull << 7)
#define GICR_TYPER_VSGI         (1ull << 26)

FIELD(GICR_INVLPIR, INTID, 0, 32)
FIELD(GICR_INVLPIR, VPEID, 32, 16)
FIELD(GICR_INVLPIR, V, 63, 1)

FIELD(GICR_VPROPBASER41, SIZE, 0, 7)
FIELD(GICR_VPROPBASER41, PHYADDR, 12, 40)
FIELD(GICR_VPROPBASER41, Z, 52, 1)
FIELD(GICR_VPROPBASER41, PAGESIZE, 53, 2)
FIELD(GICR_VPROPBASER41, INDIRECT, 55, 1)
FIELD(GICR_VPROPBASER41, ENTRYSIZE, 59, 3)
FIELD(GICR_VPROPBASER41, VALID, 63, 1)

FIELD(GICR_VPENDBASER41, VPEID, 0, 16)
FIELD(GICR_VPENDBASER41, VGRP1EN, 58, 1)
FIELD(GICR_VPENDBASER41, VGRP0EN, 59, 1)
FIELD(GICR_VPENDBASER41, DIRTY, 60, 1)
FIELD(GICR_VPENDBASER41, PENDINGLAST, 61, 1)
FIELD(GICR_VPENDBASER41, DB, 62, 1)
FIELD(GICR_VPENDBASER41, VALID, 63, 1)

#define GICR_VSGIR              (GICR_VLPI_OFFSET + 0x80)
#define GICR_VSGIPENDR          (GICR_VLPI_OFFSET + 0x88)

FIELD(GITS_TYPER, VSGI, 39, 1)
FIELD(GITS_TYPER, VMAPP, 40, 1)
FIELD(GITS_TYPER, SVPET, 41, 2)

#define GITS_MPIDR              0x18
#define GITS_SGIR               0x20    /* in a frame of its own */
FIELD(GITS_SGIR, VINTID, 0, 4)
FIELD(GITS_SGIR, VPEID, 32, 16)

#define GITS_CMD_VSGI           0x23
#define GITS_CMD_INVDB          0x2e
FIELD(VSGI_0, ENABLE, 8, 1)
FIELD(VSGI_0, CLEAR, 9, 1)
FIELD(VSGI_0, GROUP, 10, 1)
FIELD(VSGI_0, PRIORITY, 20, 4)
FIELD(VSGI_0, SGI, 32, 4)
FIELD(VSGI_1, VPEID, 32, 16)
FIELD(INVDB_1, VPEID, 32, 16)
FIELD(VSYNC_1, VPEID, 32, 16)

/* ---- The vPE table ---- */

/*
 * An entry is 16 bytes. The first 8 are laid out as GICv4.0's, so that the
 * base reads them too:
 *
 *   Valid 0, VPT_size 5:1, VPT_addr[51:16] 41:6, RDbase 57:42
 *   VCONF_addr[51:16] 35:0, default doorbell 59:36, DB 60, VGrp0En 61,
 *   VGrp1En 62
 *
 * DB, VGrp0En and VGrp1En are what GICR_VPENDBASER was left with.
 */
#define GICV41_VPE_SIZE         16

FIELD(VTE1, VCONFADDR, 0, 36)
FIELD(VTE1, DOORBELL, 36, 24)
FIELD(VTE1, DB, 60, 1)
FIELD(VTE1, GRP0, 61, 1)
FIELD(VTE1, GRP1, 62, 1)

typedef struct GICv41VPE {
    uint32_t id;
    bool valid;
    unsigned vptsize;           /* bits of INTID, less one */
    uint32_t rdbase;
    uint64_t vptaddr;
    uint64_t vconfaddr;
    uint32_t doorbell;          /* a physical LPI, or INTID_SPURIOUS */
    bool db;                    /* the doorbell rings for the next interrupt */
    bool grp_en[2];             /* groups 0 and 1 are forwarded */
} GICv41VPE;

/*
 * The virtual SGIs of a vPE live in the part of its pending table that is
 * ours (it has no bits for INTIDs below 8192): 16 bytes of configuration,
 * then 16 pending bits. So they go wherever guest memory goes.
 */
#define GICV41_NUM_SGIS         16

FIELD(VSGI_CONF, ENABLE, 0, 1)
FIELD(VSGI_CONF, GROUP, 1, 1)
#define VSGI_CONF_PRIORITY      0xf0

typedef struct GICv41SGIs {
    uint8_t conf[GICV41_NUM_SGIS];
    uint16_t pending;
} GICv41SGIs;

/* Describe the table that GICR_VPROPBASER points to */
void gicv41_vpropbaser_table(GICv3CPUState *cs, TableDesc *table);
/*
 * Read the entry of @vpeid into @vpe. It is not an error if there is none or
 * @vpeid is beyond the table: then @vpe is not valid.
 */
MemTxResult gicv41_vpe_read(GICv3State *s, const TableDesc *table,
                            uint32_t vpeid, GICv41VPE *vpe);
/* Write it back; a missing level 2 page makes that nothing */
MemTxResult gicv41_vpe_write(GICv3State *s, const TableDesc *table,
                             const GICv41VPE *vpe);
/* True if @irq is one of the vPE's LPIs */
bool gicv41_vpe_has_lpi(const GICv41VPE *vpe, uint32_t irq);

void gicv41_sgis_read(GICv3State *s, const GICv41VPE *vpe, GICv41SGIs *sgis);
void gicv41_sgi_write_conf(GICv3State *s, const GICv41VPE *vpe, unsigned sgi,
                           uint8_t conf);
void gicv41_sgi_write_pending(GICv3State *s, const GICv41VPE *vpe,
                              uint16_t pending);

/* ---- A redistributor ---- */

typedef struct GICv41CPU GICv41CPU;
typedef struct GICv41State GICv41State;

struct GICv41CPU {
    uint32_t vsgipendr;         /* GICR_VSGIPENDR */

    /*
     * The resident vPE, whose LPIs are in vlpis of the redistributor. All of
     * it is found again from GICR_VPENDBASER and guest memory, so it is not
     * migrated.
     */
    bool resident;
    GICv41VPE vpe;
    GICv41SGIs sgis;
    uint64_t *counts;           /* the vPE's counters */
};

/* Is vPE @vpeid resident on @cs? */
bool gicv41_runs_on(GICv3CPUState *cs, uint32_t vpeid);
/* The redistributor on which @vpe is resident, or NULL */
GICv3CPUState *gicv41_resident_on(GICv3State *s, const GICv41VPE *vpe);
/* GICR_VPENDBASER is written */
void gicv41_write_vpendbaser(GICv3CPUState *cs, uint64_t value);
/* GICR_VPROPBASER is written */
void gicv41_write_vpropbaser(GICv3CPUState *cs, uint64_t value);
/* The resident vPE is unmapped or changes: read its entry again */
void gicv41_reload(GICv3CPUState *cs);

/*
 * Set or clear a pending LPI of @vpe, wherever it is; @doorbell is the event's
 * own, or INTID_SPURIOUS. @table is where the vPE's entry is.
 */
void gicv41_set_lpi(GICv3State *s, const TableDesc *table, GICv41VPE *vpe,
                    uint32_t irq, uint32_t doorbell, bool level);
/* The same for the vPE that is resident on @cs; there may be no such LPI */
void gicv41_set_resident_lpi(GICv3CPUState *cs, uint32_t irq, bool level);
/* Is @irq pending? Guest memory knows, wherever the vPE is */
bool gicv41_lpi_is_pending(GICv3State *s, const GICv41VPE *vpe, uint32_t irq);
/* Set or clear a pending SGI of @vpe */
void gicv41_set_sgi(GICv3State *s, const TableDesc *table, GICv41VPE *vpe,
                    unsigned sgi, bool level);
/* The configuration of an SGI changes to @conf */
void gicv41_configure_sgi(GICv3State *s, const TableDesc *table,
                          GICv41VPE *vpe, unsigned sgi, uint8_t conf);
/* The configuration of an LPI may have changed; of all if @irq is 0 */
void gicv41_invalidate(GICv3State *s, const TableDesc *table, GICv41VPE *vpe,
                       uint32_t irq);

/* ---- Called by the base ---- */

/* At realize, when the redistributors are there */
void gicv41_realize(GICv3State *s);
/* Any GIC may call */
void gicv41_reset(GICv3State *s);
extern const VMStateDescription vmstate_gicv41_cpu;

/*
 * The registers of a redistributor that a GICv4 or GICv4.1 has more than a
 * GICv3, or has different. Any GIC may call; false if @offset is none of them.
 */
bool gicv4_redist_read(GICv3CPUState *cs, hwaddr offset, uint64_t *data,
                       unsigned size);
bool gicv4_redist_write(GICv3CPUState *cs, hwaddr offset, uint64_t data,
                        unsigned size);
/* GICD_TYPER2; any GIC may ask */
uint32_t gicv41_typer2(GICv3State *s);

/* Find the best pending interrupt of the resident vPE from guest memory */
void gicv41_update_vlpi_only(GICv3CPUState *cs);
/*
 * The virtual CPU interface acknowledges an interrupt of the resident vPE, and
 * then looks for itself what else there is to signal
 */
void gicv41_acknowledge(GICv3CPUState *cs, int irq);
/* ICH_VMCR_EL2.VENG0 or VENG1 may have changed */
void gicv41_group_enables_changed(GICv3CPUState *cs);

/*
 * The three of any ITS: at realize; at reset; and when a device, collection,
 * interrupt translation or vPE table changes, or where it is
 */
void gicv4_its_realize(GICv3ITSState *its);
void gicv4_its_reset(GICv3ITSState *its);
void gicv4_its_changed(GICv3ITSState *its);
/*
 * Raise an event that this ITS has translated since something changed. False
 * if it has not, so that nothing is done. Any ITS may call.
 */
bool gicv4_its_raise(GICv3ITSState *its, uint32_t devid, uint32_t eventid);
/* After the base has realized the ITS, and has a frame for it */
void gicv41_its_realize(GICv3ITSState *its);
/* GITS_MPIDR; any GIC may call; false if @offset is not that */
bool gicv41_its_read(GICv3ITSState *its, hwaddr offset, uint64_t *data);
/*
 * Run a command about a vPE. False if the command is not one of GICv4.1's or
 * the GIC is not one; any may call.
 */
bool gicv41_its_command(GICv3ITSState *its, const uint64_t *cmdpkt,
                        ItsCmdResult *result);
/* An event of a device that goes to a vPE is raised (or cleared) */
ItsCmdResult gicv41_its_event(GICv3ITSState *its, uint32_t vpeid,
                              uint32_t vintid, uint32_t doorbell, bool level);
/* INV for such an event */
ItsCmdResult gicv41_its_inv(GICv3ITSState *its, uint32_t vpeid,
                            uint32_t vintid);
/* VMOVI takes the pending state from one vPE to another */
ItsCmdResult gicv41_its_movi(GICv3ITSState *its, uint32_t from, uint32_t to,
                             uint32_t vintid, uint32_t doorbell);

/* ---- Counters ---- */

typedef enum GICv41Counter {
    GICV41_DIRECT_LPI,          /* delivered to a vPE that runs */
    GICV41_DIRECT_SGI,
    GICV41_PENDED,              /* kept for a vPE that does not */
    GICV41_KNOWN,               /* events that did not have to be looked up */
    GICV41_DOORBELL,
    GICV41_RESIDENCY,           /* times it was made resident */
    GICV41_NUM_COUNTERS
} GICv41Counter;

struct GICv41State {
    uint64_t total[GICV41_NUM_COUNTERS];
    GHashTable *vpe;            /* vPEID -> uint64_t[GICV41_NUM_COUNTERS] */
};

void gicv41_count(GICv3State *s, uint32_t vpeid, GICv41Counter counter);
/* For the vPE that is resident on @cs */
void gicv41_count_resident(GICv3CPUState *cs, GICv41Counter counter);
/* The counters of a vPE; they are there until the GIC is reset */
uint64_t *gicv41_counts_of(GICv3State *s, uint32_t vpeid);
/* Counters as properties, and what "info pic" and "info irq" show; any GIC */
void gicv4_stats_class_init(ObjectClass *klass);
/* A physical interrupt is acknowledged; any GIC may call */
void gicv4_stats_acknowledged(GICv3State *s, int irq);

#endif
