/*
 * Arm SMMUv2 fault reporting
 *
 * Records faults in the fault status and syndrome registers and drives the
 * interrupt lines, which are levels: asserted while a status register holds a
 * fault whose interrupt is enabled.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_ARM_SMMUV2_FAULT_H
#define HW_ARM_SMMUV2_FAULT_H

#include "hw/irq.h"
#include "smmuv2-regtable.h"
#include "smmuv2-walk.h"

/*
 * One transaction, as the master issued it and S2CR changed it; global faults
 * want it unchanged
 */
typedef struct SMMUv2Access {
    const char *master;         /* for traces; may be NULL */
    uint64_t addr;
    uint16_t stream_id;
    bool write, priv, inst;
    bool secure;                /* of an SSD Secure stream */
    bool nested;                /* global faults: it is the second bank's */
    bool probe;                 /* asks without accessing: records no fault */
    struct SMMUv2Refusal *refusal;      /* of the same master; may be NULL */
    struct IOMMUStall *stall;   /* to hold it with; NULL: it cannot be held */
} SMMUv2Access;

/* What the master gets instead of its data when a transaction faults */
typedef enum SMMUv2Response {
    SMMUV2_OK,                  /* no fault: the transaction goes on */
    SMMUV2_ABORT,               /* a bus error */
    SMMUV2_RAZ_WI,              /* reads zeroes, writes are ignored */
    SMMUV2_HELD,                /* nothing yet: FSR has its fault, and SS */
    SMMUV2_QUEUED,              /* nothing yet: it waits behind one held */
} SMMUv2Response;

/*
 * The last access of a master that was refused.  QEMU cuts a transaction that
 * ends nowhere in pieces of at most 4 bytes and asks for each again; they are
 * one transaction, so they make one fault.  Covered by the register lock.
 */
typedef struct SMMUv2Refusal {
    const uint32_t *status;     /* FSR or GFSR that reports it; NULL: none */
    uint64_t addr;
    bool write;
    SMMUv2Response response;
} SMMUv2Refusal;

/*
 * Whether @access is the next piece of what was refused, and would be reported
 * by @status, FSR or GFSR, where that still stands
 */
bool smmuv2_fault_continues(const SMMUv2Access *access,
                            const uint32_t *status);

/**
 * smmuv2_fault_check: what a bank's fault means for other transactions
 * @regs: caller holds their lock
 * @cb: a bank that the transaction uses
 *
 * With SCTLR.HUPCF = 0 they wait while one is stalled, and are terminated while
 * FSR has a fault.  Returns SMMUV2_OK if @access may go on.
 */
SMMUv2Response smmuv2_fault_check(const SMMUv2Regs *regs, unsigned cb,
                                  const SMMUv2Access *access);

/* An operation of a bank that is not valid: the same, as a global fault */
void smmuv2_fault_operation(SMMUv2Regs *regs, uint32_t gfsr, uint64_t addr);

/* FSR's bit for a kind of fault, and its FORMAT for a bank; PAR has them too */
uint32_t smmuv2_fsr_bit(SMMUv2FaultKind kind);
uint32_t smmuv2_fsr_format(const SMMUv2BankRegs *r);

/* Whether that holds up all transactions of a bank */
bool smmuv2_fault_blocks(const SMMUv2Regs *regs, unsigned cb);

/**
 * smmuv2_fault_context: record a context fault
 * @regs: caller holds their lock
 * @cb: the bank whose FSR reports it: stage 2's for a stage 2 fault
 * @s1_cb: the bank the stream is mapped to
 *
 * Sets FSR.MULTI and nothing else while an earlier fault stands, and not even
 * that if the transaction waits behind it.  Returns what the master gets, as
 * SCTLR.CFCFG and CFRE say.
 */
SMMUv2Response smmuv2_fault_context(SMMUv2Regs *regs, unsigned cb,
                                    unsigned s1_cb, const SMMUv2Access *access,
                                    const SMMUv2WalkFault *fault);

/**
 * smmuv2_fault_global: record a global fault
 * @regs: caller holds their lock
 * @gfsr: the bit of GFSR
 *
 * As above, with GFSR.MULTI and CR0.GFRE.
 */
SMMUv2Response smmuv2_fault_global(SMMUv2Regs *regs, uint32_t gfsr,
                                   const SMMUv2Access *access);

/**
 * smmuv2_fault_config: record a configuration access fault
 * @regs: caller holds their lock
 * @offset: of the register that is not there, from the SMMU's base
 * @write, @priv, @ns: what the access was
 * @secure: which registers report it
 *
 * Returns whether the access gets an abort, as sCR0.GCFGFRE says.
 */
bool smmuv2_fault_config(SMMUv2Regs *regs, uint64_t offset, bool write,
                         bool priv, bool secure, bool ns);

/* The register that reports global faults of @access */
static inline uint32_t *smmuv2_gfsr(SMMUv2Regs *regs,
                                    const SMMUv2Access *access)
{
    return access->secure ? &regs->s.gfsr : &regs->gfsr;
}

typedef struct SMMUv2FaultLines {
    const SMMUv2Regs *regs;
    unsigned num_cb;
    unsigned num_context_irqs;  /* bank n raises line n modulo this */
    qemu_irq global, secure_global;
    qemu_irq *context;
    QEMUBH *update;
    bool global_level, secure_global_level;
    uint8_t context_level[SMMUV2_MAX_CB];
} SMMUv2FaultLines;

void smmuv2_fault_lines_init(SMMUv2FaultLines *lines, DeviceState *dev);

/*
 * Bring the lines in step with the registers: now if the caller holds the BQL,
 * else from the main loop.  Must not hold the register lock.
 */
void smmuv2_fault_lines_update(SMMUv2FaultLines *lines);

#endif
