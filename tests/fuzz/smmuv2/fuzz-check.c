/*
 * Fuzzer of the SMMUv2 model: accesses, and what they should give
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "fuzz-program.h"
#include "hw/arm/smmuv2/smmuv2-secure.h"

/* Who reports what is expected: a bank, -1: the SMMU, -2: nobody */
static int reporter(const Expected *e)
{
    return e->gfsr ? -1 : e->cb >= 0 ? e->cb : -2;
}

/*
 * Memory accesses that end nowhere come in pieces of up to four bytes: those of
 * a page, one after the other, are one transaction and make one fault, as long
 * as the same bank (or the SMMU, -1) would report them
 */
static bool continues(unsigned master, uint64_t addr, bool write,
                      const Expected *e, const SMMUv2Regs *regs)
{
    int cb = f.refused[master].cb;
    uint64_t last = f.refused[master].addr;

    return cb >= -1 && cb == reporter(e) && write == f.refused[master].write &&
           (cb < 0 ? regs->gfsr : regs->cb[cb].fsr) & 0x1ff &&
           addr > last && addr <= last + 4 && addr >> 12 == last >> 12;
}

/* @first: not the rest of a transaction whose first piece was refused */
static void check_faults(const Expected *e, const SMMUv2Regs *before,
                         IOMMUAccessFlags flag, bool first)
{
    const SMMUv2Regs *after = &f.m->tcu.regs;
    SMMUv2Regs should = *before;

    if (flag == IOMMU_NONE || !first) {
        /* Leaves no trace */
    } else if (e->gfsr && should.gfsr) {
        should.gfsr |= BIT(31);
    } else if (e->gfsr) {
        should.gfsr |= e->gfsr;
        should.gfar = after->gfar;
        memcpy(should.gfsynr, after->gfsynr, sizeof(should.gfsynr));
    } else if (e->cb >= 0 && should.cb[e->cb].fsr & ~0x600) {
        should.cb[e->cb].fsr |= BIT(31);
    } else if (e->cb >= 0) {
        SMMUv2BankRegs *r = &should.cb[e->cb];

        r->fsr = e->fsr;
        r->far = e->far;
        r->ipafar = e->ipafar;
        r->fsynr[0] = e->fsynr0;
        r->fsynr[1] = 0;
        r->cbfrsynra = after->cb[e->cb].cbfrsynra;
    }
    /* What counters make of it is not foretold */
    memcpy(should.pmevcntr, after->pmevcntr, sizeof(should.pmevcntr));
    should.pmovs = after->pmovs;
    if (memcmp(&should, after, sizeof(should))) {
        int cb = MAX(e->cb, 0);
        const SMMUv2BankRegs *is, *want;

        for (int i = 0; i < NUM_CB; i++) {
            if (memcmp(&should.cb[i], &after->cb[i], sizeof(should.cb[i]))) {
                cb = i;
            }
        }
        is = &after->cb[cb];
        want = &should.cb[cb];
        fail("syndrome: GFSR 0x%x, bank %d: FSR 0x%x FSYNR0 0x%x FAR 0x%"
             PRIx64 " IPAFAR 0x%" PRIx64 "; expected GFSR 0x%x, FSR 0x%x "
             "FSYNR0 0x%x FAR 0x%" PRIx64 " IPAFAR 0x%" PRIx64, after->gfsr,
             cb, is->fsr, is->fsynr[0], is->far, is->ipafar, should.gfsr,
             want->fsr, want->fsynr[0], want->far, want->ipafar);
    }
}

/*
 * The sixteen descriptors of a supersection or a large page should be the same.
 * Where they are not, a TLB may give what any of them says of its address.
 */
static Expected any_alias(unsigned master, uint64_t addr, IOMMUAccessFlags flag,
                          const IOMMUTLBEntry *entry, Expected own)
{
    uint64_t step = entry->addr_mask >= 0xfffff ? 0x100000 : 0x1000;
    Watch watch = fuzz_watch;
    Expected e = own;

    if (own.s1_format != SMMUV2_FORMAT_AARCH32_SHORT ||
        entry->target_as != &f.m->as) {
        return own;
    }
    for (uint64_t offset = 0; offset <= entry->addr_mask; offset += step) {
        e = expectation(f.m, master, (addr & ~entry->addr_mask) + offset +
                                     (addr & (step - 1)), flag);
        if (!e.gfsr && e.cb < 0 && e.map.perm == entry->perm &&
            e.map.out == (entry->translated_addr & ~entry->addr_mask) &&
            (1ull << e.map.shift) - 1 == entry->addr_mask) {
            own = e;
            break;
        }
    }
    fuzz_watch = watch;
    return own;
}

/*
 * @fresh: nothing stale can be in the way of this access
 * Returns whether the master got somewhere and may have cached where.
 */
bool translate(unsigned master, uint64_t addr, IOMMUAccessFlags flag,
               bool fresh)
{
    SMMUv2Regs before = f.m->tcu.regs;
    Expected e = { .cb = -1 };
    IOMMUTLBEntry entry;
    bool first, refused;
    uint64_t to;

    if (smmuv2_ssd_secure(&before, f.m->stream_id[master])) {
        /* Must do no harm; where secure streams go is not foretold */
        machine_translate(f.m, master, addr, flag);
        return false;
    }
    fresh |= !f.stale;
    e = expectation(f.m, master, addr, flag);
    first = !continues(master, addr, flag == IOMMU_WO, &e, &before);
    entry = machine_translate(f.m, master, addr, flag);
    e = any_alias(master, addr, flag, &entry, e);
    fuzz_stats.translations++;
    refused = flag != IOMMU_NONE && (entry.perm == IOMMU_NONE ||
                                     entry.target_as != &f.m->as);
    /* Faults are not cached, so they are always as the tables are now */
    fresh |= refused;
    if (refused && !e.blocked) {
        f.refused[master].addr = addr;
        if (first) {
            f.refused[master].cb = reporter(&e);
            f.refused[master].write = flag == IOMMU_WO;
            f.refused[master].vanishes = entry.target_as == &f.m->raz;
        }
    }
    if (entry.iova & entry.addr_mask ||
        entry.translated_addr & entry.addr_mask & ~0xfffull ||
        entry.iova != (addr & ~entry.addr_mask)) {
        if (entry.perm != IOMMU_NONE && entry.target_as == &f.m->as) {
            fail("misaligned entry for 0x%" PRIx64, addr);
        }
    }
    if (!fresh) {
        return entry.perm != IOMMU_NONE && entry.target_as == &f.m->as;
    }
    fuzz_stats.checked++;
    check_faults(&e, &before, flag, first);
    if (e.gfsr || e.cb >= 0 || e.blocked) {
        bool vanishes = flag != IOMMU_NONE &&
                        (first ? e.response == VANISHES :
                                 f.refused[master].vanishes);

        fuzz_stats.faults++;
        if ((entry.target_as == &f.m->raz) != vanishes ||
            entry.perm != (vanishes ? IOMMU_RW : IOMMU_NONE)) {
            fail("fault of 0x%" PRIx64 " is %s, expected %s", addr,
                 entry.target_as == &f.m->raz ? "hidden" :
                 entry.perm == IOMMU_NONE ? "told" : "none at all",
                 vanishes ? "hidden" : "told");
        }
        return false;
    }
    to = entry.translated_addr + (addr & entry.addr_mask);
    if (e.bypass) {
        if (to != addr || entry.perm != IOMMU_RW ||
            entry.target_as != &f.m->as) {
            fail("bypass of 0x%" PRIx64 " goes to 0x%" PRIx64, addr, to);
        }
        return true;
    }
    fuzz_stats.mapped++;
    if (entry.target_as != &f.m->as || entry.perm != e.map.perm ||
        to != e.map.out + (addr & ((1ull << e.map.shift) - 1)) ||
        entry.addr_mask != (1ull << e.map.shift) - 1) {
        fail("0x%" PRIx64 " goes to 0x%" PRIx64 " mask 0x%" PRIx64
             " permission %d, expected 0x%" PRIx64 " shift %d permission %d",
             addr, to, (uint64_t)entry.addr_mask, entry.perm, e.map.out,
             e.map.shift, e.map.perm);
    }
    return entry.perm != IOMMU_NONE;
}

void check_lines(void)
{
    const SMMUv2Regs *regs = &f.m->tcu.regs;
    bool global = (regs->gfsr & 0x20 && regs->cr0 & 0x20) ||
                  (regs->gfsr & 0x800001df && regs->cr0 & 0x4);

    if (f.m->global_irq.level != global) {
        fail("global line %d, GFSR 0x%x CR0 0x%x", f.m->global_irq.level,
             regs->gfsr, regs->cr0);
    }
    for (int cb = 0; cb < NUM_CB; cb++) {
        bool level = regs->cb[cb].fsr & ~0x600 && regs->cb[cb].sctlr & 0x40;

        if (f.m->context_irq[cb].level != level) {
            fail("line %d of bank %d, FSR 0x%x SCTLR 0x%x",
                 f.m->context_irq[cb].level, cb, regs->cb[cb].fsr,
                 regs->cb[cb].sctlr);
        }
    }
}

/* Whether the stream of a master goes to a bank now */
bool master_of(unsigned master, unsigned cb)
{
    SMMUv2Route route = smmuv2_stream_route(&f.m->tcu.regs, NUM_SMRG, NUM_CB,
                                            f.m->stream_id[master]);

    return route.kind == SMMUV2_ROUTE_TRANSLATE && route.cb == cb;
}
