/*
 * Fuzzer of the GIC: a model of what software may see
 *
 * Commands and registers in terms of what they mean: devices, collections,
 * vPEs, and which interrupts are pending. It keeps no copies and does no
 * caching, so each function says a rule and nothing else.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_FUZZ_GICV4_FUZZ_MODEL_H
#define TESTS_FUZZ_GICV4_FUZZ_MODEL_H

#include "fuzz-machine.h"

#define DEVS        4
#define EVENTS      8
#define COLS        4
#define VPES        6
#define NO_DOORBELL 1023

/* Where things are in memory */
#define CMDQ        0x10000u
#define DEV_TABLE   0x20000u
#define COL_TABLE   0x30000u
#define VPE_TABLE   0x40000u
#define CONF        0x50000u
#define PEND(cpu)   (0x60000u + (cpu) * 0x10000u)
#define ITT(dev)    (0x90000u + (dev) * 0x1000u)
#define VPT(vpe)    (0xa0000u + (vpe) * 0x10000u)
#define VCONF(vpe)  (0x100000u + (vpe) / 2 * 0x10000u)

/* The only INTIDs that are ever pending */
extern const unsigned model_intids[16];

typedef struct ModelEvent {
    bool valid, is_virtual;
    unsigned intid, icid, vpe, doorbell;
} ModelEvent;

typedef struct ModelVPE {
    bool valid;
    unsigned cpu, size, doorbell;
    bool db, group[2];
} ModelVPE;

typedef struct ModelCPU {
    bool enabled;               /* its LPIs */
    unsigned idbits;
    bool scheduled;             /* GICR_VPENDBASER.Valid */
    bool resident;              /* a vPE that is mapped */
    unsigned vpe;
    bool group[2];
} ModelCPU;

typedef struct Model {
    bool v41;
    struct {
        bool valid;
        unsigned bits;
        ModelEvent event[EVENTS];   /* of its table, valid or not */
    } dev[DEVS];
    struct {
        bool valid;
        unsigned cpu;
    } col[COLS];
    ModelVPE vpe[VPES];
    ModelCPU cpu[CPUS];
    uint8_t pend[CPUS][8192];
    uint8_t vpt[VPES][8192];    /* from byte 1024 on */
    uint8_t sgi_conf[VPES][16];
    uint16_t sgi_pend[VPES];
} Model;

extern Model m;

bool model_bit(const uint8_t *table, unsigned irq);
void model_put(uint8_t *table, unsigned irq, bool level);
/* The CPU on which @vpe is resident, or -1 */
int model_resident(unsigned vpe);

/* A physical LPI is raised or cleared */
void model_lpi(unsigned cpu, unsigned intid, bool level);
void model_vlpi(unsigned vpe, unsigned intid, bool level, unsigned doorbell);
void model_sgi(unsigned vpe, unsigned sgi, bool level);
void model_configure_sgi(unsigned vpe, unsigned sgi, uint8_t conf);
/* INV of an LPI of @vpe, or of all if @intid is 0 */
void model_invalidate(unsigned vpe, unsigned intid);
/* Is it one of the vPE's LPIs? */
bool model_has(unsigned vpe, unsigned intid);
/* An event, by a message or by INT, CLEAR, DISCARD */
void model_event(unsigned dev, unsigned event, bool level, bool discard);
void model_move(unsigned from, unsigned to, unsigned intid);
void model_move_all(unsigned from, unsigned to);
void model_vmovi(unsigned dev, unsigned event, unsigned vpe, int doorbell);
void model_vmapp(unsigned vpe, bool valid, bool alloc, unsigned cpu,
                 unsigned size, unsigned doorbell);
void model_vmovp(unsigned vpe, unsigned cpu, int doorbell);
void model_schedule(unsigned cpu, unsigned vpe, bool group0, bool group1);
void model_deschedule(unsigned cpu, bool last, bool db);
/* Who is resident is found again */
void model_post_load(void);

/* The best interrupt, as a priority and an INTID; 0xff if there is none */
void model_best(unsigned cpu, unsigned *prio, unsigned *irq);
void model_best_virtual(unsigned cpu, unsigned *prio, unsigned *irq);

#endif
