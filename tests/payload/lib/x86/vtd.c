/*
 * Payloads: a driver of VT-d's interrupt remapping and posting
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "vtd.h"

#define VTD             0xfed90000ull
enum {
    CAP = 0x08, ECAP = 0x10, GCMD = 0x18, GSTS = 0x1c, FSTS = 0x34,
    IQH = 0x80, IQT = 0x88, IQA = 0x90, IRTA = 0xb8,
};
#define CAP_PI          BIT(59)
#define CAP_FRO(cap)    ((cap) >> 24 & 0x3ff)       /* in 16 bytes */
#define ECAP_IR         BIT(3)
#define QIE             BIT(26)
#define IRE             BIT(25)
#define SIRTP           BIT(24)
#define STATUS_BITS     0x96ffffffull               /* those that stay */

#define IQ_ENTRIES      256
#define IEC_INDEX(i)    (4 | BIT(4) | (uint64_t)(i) << 32)
#define WAIT_STATUS(v)  (5 | BIT(5) | (uint64_t)(v) << 32)

/* An entry of the table, a descriptor of the queue */
struct pair {
    uint64_t lo, hi;
};

static struct pair *entries, *queue;
static struct spinlock lock;
static unsigned tail;
static uint32_t status;
static uint64_t fault_record;

static void command(uint64_t bit)
{
    uint32_t now = mmio_read32(VTD + GSTS) & STATUS_BITS;

    mmio_write32(VTD + GCMD, now | bit);
    if (!WAIT_FOR(mmio_read32(VTD + GSTS) & bit)) {
        bail_out("VT-d does not do command %lx", bit);
    }
}

void vtd_init(void)
{
    uint64_t cap = mmio_read64(VTD + CAP);

    if (entries) {
        return;
    }
    if (!(mmio_read64(VTD + ECAP) & ECAP_IR) || !(cap & CAP_PI)) {
        bail_out("no posted interrupts: -device intel-iommu,posted-intr=on");
    }
    fault_record = VTD + 16 * CAP_FRO(cap);
    entries = at(struct pair, mem_alloc(16 * VTD_ENTRIES, PAGE_SIZE));
    queue = at(struct pair, mem_alloc(16 * IQ_ENTRIES, PAGE_SIZE));
    mmio_write64(VTD + IQT, 0);
    mmio_write64(VTD + IQA, (uintptr_t)queue);      /* 2^0 pages */
    command(QIE);
    mmio_write64(VTD + IRTA, (uintptr_t)entries | 7);   /* 2^8 entries */
    command(SIRTP);
    command(IRE);
}

/* ---- Entries ---- */

static void submit(uint64_t lo, uint64_t hi)
{
    queue[tail] = (struct pair) { lo, hi };
    tail = (tail + 1) % IQ_ENTRIES;
}

/* What the IOMMU may have of an entry is gone when this returns */
static void invalidate(unsigned index)
{
    static uint32_t round;
    uint32_t mark = ++round;

    submit(IEC_INDEX(index), 0);
    submit(WAIT_STATUS(mark), (uintptr_t)&status);
    mmio_write64(VTD + IQT, 16 * tail);
    if (!WAIT_FOR(mem_read(&status) == mark)) {
        bail_out("VT-d does not invalidate");
    }
}

static void set_entry(unsigned index, uint64_t lo, uint64_t hi)
{
    struct pair old;
    bool done;

    spin_lock(&lock);
    /* Whole: a request may come at any time */
    old = entries[index];
    do {
        asm volatile("lock cmpxchg16b %1"
                     : "=@ccz"(done), "+m"(entries[index]),
                       "+a"(old.lo), "+d"(old.hi)
                     : "b"(lo), "c"(hi) : "memory");
    } while (!done);
    invalidate(index);
    spin_unlock(&lock);
}

void vtd_post(struct testdev *d, unsigned index, unsigned vector,
              struct posted *pd, uint64_t more)
{
    uint64_t pda = (uintptr_t)pd;

    /* SVT 1: the source must be the device */
    set_entry(index,
              IRTE_P | IRTE_POSTED | more | (uint64_t)vector << 16 |
              (pda & 0xffffffc0) << 32,
              (pda & ~0xffffffffull) | BIT(18) | d->rid);
}

void vtd_remap(struct testdev *d, unsigned index, unsigned vector,
               unsigned apic_id)
{
    set_entry(index, IRTE_P | (uint64_t)vector << 16 | (uint64_t)apic_id << 40,
              BIT(18) | d->rid);
}

void vtd_message(struct testdev *d, unsigned msix, unsigned index)
{
    /* Handle in 19:5, remappable format in 4, subhandle valid in 3 */
    td_msix_set(d, msix, 0xfee00000 | index << 5 | BIT(4) | BIT(3), 0);
}

/* ---- Descriptors ---- */

void posted_control(struct posted *pd, uint64_t control)
{
    uint64_t old = mem_read(&pd->control);

    while (!__atomic_compare_exchange_n(&pd->control, &old,
                                        (old & POSTED_ON) | control, false,
                                        __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    }
}

bool posted_take(struct posted *pd, uint64_t irr[4])
{
    bool any = false;

    __atomic_and_fetch(&pd->control, ~POSTED_ON, __ATOMIC_SEQ_CST);
    for (unsigned i = 0; i < 4; i++) {
        uint64_t word = __atomic_exchange_n(&pd->pir[i], 0, __ATOMIC_SEQ_CST);

        irr[i] |= word;
        any |= word != 0;
    }
    return any;
}

unsigned posted_count(const struct posted *pd)
{
    unsigned n = 0;

    for (unsigned i = 0; i < 4; i++) {
        for (uint64_t w = mem_read(&pd->pir[i]); w; w &= w - 1) {
            n++;
        }
    }
    return n;
}

/* ---- Faults ---- */

unsigned vtd_fault(uint16_t *sid, uint16_t *index)
{
    uint64_t lo = mmio_read64(fault_record);
    uint64_t hi = mmio_read64(fault_record + 8);

    if (!(hi >> 63)) {
        return 0;
    }
    if (sid) {
        *sid = hi;
        *index = lo >> 48;
    }
    mmio_write32(fault_record + 12, BIT(31));       /* clears F */
    return hi >> 32 & 0xff;
}
