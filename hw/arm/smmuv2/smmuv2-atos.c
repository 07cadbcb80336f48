/*
 * Arm SMMUv2 address translation operations
 *
 * A write of ATS1xx in a stage 1 bank translates an address by that bank's
 * stage 1, and PAR has the result; GATS1xx and GATS12xx do it for any bank, by
 * stage 1 or both, and GPAR has the result.  (IHI 0062, chapter 4;
 * SMMU_CBn_PAR, SMMU_GPAR.)  They walk the tables, past all TLBs, and are done
 * when the write returns, so that ATSR and GATSR are never active.
 *
 * Faults go to PAR and GPAR, but for those that a guest must not know of: what
 * stage 2 does to an operation of a bank is reported in stage 2's bank, as for
 * a transaction, and a bank that is not valid in GFSR; PAR says ATOT then.
 *
 * Left out: operations that stage 2 stalls (SCTLR.CFCFG) are terminated; the
 * secure forms of the global operations (secure software finds the others).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/lockable.h"
#include "qemu/log.h"
#include "qemu/rcu.h"
#include "smmuv2-secure.h"
#include "smmuv2-tcu.h"
#include "trace.h"

#define ROW(fr, r, sz)  .name = #r, .size = sz, .offset = A_ ## r, \
                        .frame = SMMUV2_FRAME_ ## fr, \
                        .effect = SMMUV2_EFFECT_ATOS
#define OPERATION(fr, r) { ROW(fr, r, 8), .store = -1 }

/* Registers that an SMMU without these operations does not have */
static const SMMUv2Reg rows[] = {
    OPERATION(GR0, GATS1UR), OPERATION(GR0, GATS1UW),
    OPERATION(GR0, GATS1PR), OPERATION(GR0, GATS1PW),
    OPERATION(GR0, GATS12UR), OPERATION(GR0, GATS12UW),
    OPERATION(GR0, GATS12PR), OPERATION(GR0, GATS12PW),
    { ROW(GR0, GPAR, 8), .store = offsetof(SMMUv2Regs, gpar),
      .rw = UINT64_MAX },
    { ROW(GR0, GATSR, 4), .store = -1 },
    { ROW(CB, CB_PAR, 8), .store = offsetof(SMMUv2Regs, cb[0].par),
      .step = sizeof(SMMUv2BankRegs), .rw = UINT64_MAX },
    OPERATION(CB, CB_ATS1PR), OPERATION(CB, CB_ATS1PW),
    OPERATION(CB, CB_ATS1UR), OPERATION(CB, CB_ATS1UW),
    { ROW(CB, CB_ATSR, 4), .store = -1 },
};

SMMUv2RegRef smmuv2_atos_find(SMMUv2Frame frame, unsigned bank,
                              unsigned offset)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (rows[i].frame == frame && offset - rows[i].offset < rows[i].size) {
            return (SMMUv2RegRef) { &rows[i], bank };
        }
    }
    return (SMMUv2RegRef) { NULL, 0 };
}

typedef struct Operation {
    bool global;                /* for GPAR */
    bool both;                  /* stages, if the bank has both */
    bool write, priv;
    unsigned cb;
    uint64_t addr;
} Operation;

static Operation decode(SMMUv2RegRef ref, uint64_t value)
{
    unsigned n = ref.reg->offset >> 3;
    bool global = ref.reg->frame == SMMUV2_FRAME_GR0;

    /* UR, UW, PR, PW there, and PR, PW, UR, UW in a bank */
    return (Operation) {
        .global = global,
        .both = global && n & 4,
        .write = n & 1,
        .priv = global == !!(n & 2),
        .cb = global ? FIELD_EX64(value, GATS1UR, NDX) : ref.index,
        .addr = value & ~MAKE_64BIT_MASK(0, 12),
    };
}

/* ---- Results ---- */

static uint64_t failed(uint32_t why)
{
    return R_CB_PAR_F_MASK | why;
}

static uint64_t fault_par(const SMMUv2BankRegs *r, const SMMUv2WalkFault *fault)
{
    /* Kinds are where FSR has them */
    uint64_t par = failed(smmuv2_fsr_bit(fault->kind));

    par = FIELD_DP64(par, CB_PAR, FORMAT, smmuv2_fsr_format(r));
    par = FIELD_DP64(par, CB_PAR, PLVL, fault->level);
    return FIELD_DP64(par, CB_PAR, STAGE, fault->stage == 2);
}

/* Inner and Outer attributes of the short format from halves of a MAIR byte */
static unsigned short_inner(SMMUv2Attrs attrs)
{
    unsigned inner = attrs.memattr & 0xf;

    if (smmuv2_attrs_device(attrs)) {
        return attrs.memattr ? 3 : 1;
    }
    return inner == 4 ? 0 : !(inner & 4) ? 6 : inner & 1 ? 5 : 7;
}

static unsigned short_outer(SMMUv2Attrs attrs)
{
    unsigned outer = attrs.memattr >> 4;

    return outer == 4 || !outer ? 0 : !(outer & 4) ? 2 : outer & 1 ? 1 : 3;
}

static uint64_t short_par(const SMMUv2Mapping *map, uint64_t pa)
{
    bool super = map->shift == 24;
    uint64_t par = super ? (pa & 0xff000000) | (pa >> 32 & 0xff) << 16 :
                           pa & 0xfffff000;

    par = FIELD_DP64(par, CB_PAR_SHORT, SS, super);
    par = FIELD_DP64(par, CB_PAR_SHORT, OUTER, short_outer(map->attrs));
    par = FIELD_DP64(par, CB_PAR_SHORT, INNER, short_inner(map->attrs));
    par = FIELD_DP64(par, CB_PAR_SHORT, SH, map->attrs.sh != 0);
    return FIELD_DP64(par, CB_PAR_SHORT, NOS, map->attrs.sh != 2);
}

static uint64_t long_par(const SMMUv2Mapping *map, uint64_t pa)
{
    uint64_t par = pa & MAKE_64BIT_MASK(12, 36);

    par |= BIT(11);
    par = FIELD_DP64(par, CB_PAR, SH, map->attrs.sh);
    return FIELD_DP64(par, CB_PAR, MATTR, map->attrs.memattr);
}

/* ---- Operations ---- */

/* What stage 2 has to say to an operation of a bank; lock held */
static void report_stage2(SMMUv2TCU *tcu, const Operation *op,
                          unsigned s2_bank, const SMMUv2WalkFault *fault)
{
    SMMUv2BankRegs *r = &tcu->regs.cb[s2_bank];
    SMMUv2Access access = {
        .addr = op->addr, .write = op->write, .priv = op->priv,
    };
    bool first = !(r->fsr & ~R_CB_FSR_FORMAT_MASK);

    smmuv2_fault_context(&tcu->regs, s2_bank, op->cb, &access, fault);
    if (first) {
        r->fsynr[0] |= R_CB_FSYNR0_ATOF_MASK;
    }
    smmuv2_tcu_fault_changed(tcu, s2_bank);
}

/*
 * Whether the operation can begin; @cfg: by which tables.  Lock held.  *@par:
 * the result, if it cannot
 */
static bool begin(SMMUv2TCU *tcu, const Operation *op, SMMUv2BankConfig *cfg,
                  uint64_t *par)
{
    SMMUv2Regs *regs = &tcu->regs;

    if (op->cb >= smmuv2_ns_cb(regs, tcu->num_cb) ||
        FIELD_EX32(regs->cb[op->cb].cbar, CBAR0, TYPE) == CBAR_TYPE_S2) {
        *par = failed(R_CB_PAR_UCBF_MASK);
        return false;
    }
    *cfg = tcu->bank[op->cb].cfg;
    /* The address is complete: TCR2.SEP does not count */
    cfg->s1.sep = CB_TCR2_SEP_UPSTREAM;
    if (!cfg->valid) {
        if (op->global) {
            *par = failed(cfg->gfsr == R_GFSR_ICF_MASK ? R_CB_PAR_ICF_MASK :
                                                         R_CB_PAR_UCBF_MASK);
        } else {
            *par = failed(R_CB_PAR_ATOT_MASK);
            smmuv2_fault_operation(regs, cfg->gfsr, op->addr);
        }
        return false;
    }
    /* A fault that holds up stage 2 holds up what needs it */
    if (!op->global && cfg->s2_bank != op->cb &&
        smmuv2_fault_blocks(regs, cfg->s2_bank)) {
        *par = failed(R_CB_PAR_ATOT_MASK);
        return false;
    }
    return true;
}

static uint64_t translate(SMMUv2TCU *tcu, const Operation *op,
                          const SMMUv2BankConfig *cfg)
{
    uint8_t perm = smmuv2_perm_needed(op->write, op->priv, false);
    bool nested = cfg->s2_bank != op->cb;
    SMMUv2WalkFault fault;
    SMMUv2Mapping map;
    uint64_t pa;
    bool ok;

    WITH_RCU_READ_LOCK_GUARD() {
        ok = smmuv2_tcu_walk(tcu, cfg, op->addr, perm, op->both, &map, &fault);
    }
    if (ok) {
        pa = map.out | (op->addr & MAKE_64BIT_MASK(0, map.shift));
        return cfg->s1.format == SMMUV2_FORMAT_AARCH32_SHORT &&
               !(op->both && nested) ? short_par(&map, pa) :
                                       long_par(&map, pa);
    }
    QEMU_LOCK_GUARD(&tcu->lock);
    if (!op->global && nested &&
        (fault.stage == 2 || fault.kind == SMMUV2_FAULT_EXTERNAL)) {
        report_stage2(tcu, op, cfg->s2_bank, &fault);
        return failed(R_CB_PAR_ATOT_MASK);
    }
    return fault_par(&tcu->regs.cb[fault.stage == 2 ? cfg->s2_bank : op->cb],
                     &fault);
}

void smmuv2_atos_write(SMMUv2TCU *tcu, SMMUv2RegRef ref, uint64_t value)
{
    Operation op = decode(ref, value);
    SMMUv2BankConfig cfg;
    uint64_t par;
    bool ok;

    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        ok = begin(tcu, &op, &cfg, &par);
    }
    if (!ok && !op.global && FIELD_EX64(par, CB_PAR, UCBF)) {
        qemu_log_mask(LOG_GUEST_ERROR, "smmuv2: %s in context bank %u, which "
                      "has no stage 1\n", ref.reg->name, op.cb);
        return;
    }
    if (ok) {
        par = translate(tcu, &op, &cfg);
    }
    trace_smmuv2_atos(ref.reg->name, op.cb, op.addr, par);
    WITH_QEMU_LOCK_GUARD(&tcu->lock) {
        *(op.global ? &tcu->regs.gpar : &tcu->regs.cb[op.cb].par) = par;
    }
    smmuv2_fault_lines_update(&tcu->lines);
}
