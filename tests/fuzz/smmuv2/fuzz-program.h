/*
 * Fuzzer of the SMMUv2 model: what its files share
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TESTS_FUZZ_SMMUV2_FUZZ_PROGRAM_H
#define TESTS_FUZZ_SMMUV2_FUZZ_PROGRAM_H

#include "fuzz-expect.h"
#include "fuzz-smmuv2.h"

#define NUM_SMRG        16
#define NUM_CB          8
#define RAM_SIZE        (4 << 20)
#define TABLES          (2 << 20)       /* roots are below */
#define MAX_OPS         4096

/* A leaf that was written: who comes by it, and where it is */
typedef struct Leaf {
    unsigned cb, stage;
    uint64_t addr;              /* input address */
    uint64_t desc;              /* where the descriptor is */
    unsigned size;              /* of it, in bytes */
    bool big_endian;
} Leaf;

typedef struct FuzzState {
    Machine *m;
    const uint8_t *data, *end;  /* what is left of an operation */
    struct {                    /* what a master was refused last */
        int cb;                 /* whose FSR has it; -1: GFSR, -2: none */
        uint64_t addr;
        bool write, vanishes;
    } refused[MACHINE_MASTERS];
    struct Held {               /* accesses that masters can hold */
        IOMMUStall stall;
        bool parked;
    } held[4];
    bool stale;                 /* tables changed since TLBs were emptied */
    Leaf leaf[8];
    unsigned num_leaves;
    uint64_t next_table;
    uint64_t written[MAX_OPS * 4];      /* in memory, to be undone */
    unsigned num_written;
} FuzzState;

extern FuzzState f;

/* What is wrong */
void G_GNUC_PRINTF(1, 2) G_NORETURN fail(const char *format, ...);

/* fuzz-smmuv2.c: the program's bytes, zeroes after its end; memory */
uint8_t next8(void);
uint64_t next(unsigned bytes);
/* @size: of a descriptor, 4 or 8 */
void store_desc(uint64_t addr, unsigned size, uint64_t value, bool big_endian);
uint64_t load_desc(uint64_t addr, unsigned size, bool big_endian);

/* fuzz-tables.c: operations that lay tables, and addresses in them or not */
uint64_t any_addr(void);
void op_path(void);
void op_identity(void);

/* fuzz-check.c */
/*
 * @fresh: nothing stale can be in the way of this access
 * Returns whether the master got somewhere and may have cached where.
 */
bool translate(unsigned master, uint64_t addr, IOMMUAccessFlags flag,
               bool fresh);
/* Interrupt lines are what status and enable bits say */
void check_lines(void);
/* Whether the stream of a master goes to a bank now */
bool master_of(unsigned master, unsigned cb);

#endif
