/*
 * SMMUv2 payload: DMA that no CPU waits for
 *
 * The devices run in threads of their own and never pause, while CPUs map,
 * unmap and invalidate.  An access that was under way when TLBSYNC completed
 * may still land, as with any device of QEMU (docs/specs/smmuv2.rst, "Limits");
 * those that begin later must not.  So a page is ours when the device has been
 * seen to do something else since.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "pci.h"
#include "smmu.h"

#define S1          1               /* bank of device 0; one more for each */
#define S2          8
#define VMID        3
#define IOVA        0x40000000ull
#define BEAT        0x50000000ull   /* IOVA of the page that shows life */
#define IPA         0x2000000000ull
#define BIAS        0x1000000000ull
#define ROUNDS      12
#define TAG         0xdadadada00000000ull
#define LIST        0x100           /* in the buffer */

enum { STAGE_1 = 1, STAGE_2 = 2, NESTED_STAGES = 3 };

struct dma {
    struct testdev *d;
    unsigned stage, cb;
    struct table s1, s2;
    uint64_t pa, beat;              /* pages */
};

static struct dma dmas[MAX_CPUS];

/* ---- A device that writes at IOVA and BEAT by turns ---- */

static void go(struct dma *m)
{
    const struct td_request r = {
        .op = PTD_OP_WRITE, .length = 8, .repeat = PTD_ACCESSES_MAX - 1,
        .span = 2, .list = LIST,
        .flags = PTD_FLAG_KEEP_GOING | PTD_FLAG_IOTHREAD,
    };

    td_go(m->d, &r);
    if (td_read(m->d, PTD_CHANNEL + PTD_RESULT) == PTD_RESULT_BAD_REQUEST) {
        bail_out("test device %x has no iothread", m->d->rid);
    }
}

static void start(struct dma *m)
{
    mmio_write64(m->d->buffer, TAG | pattern() >> 32);
    mmio_write64(m->d->buffer + LIST, IOVA);
    mmio_write64(m->d->buffer + LIST + 8, BEAT);
    go(m);
}

static void halt(struct dma *m)
{
    td_write(m->d, PTD_CHANNEL + PTD_CANCEL, 1);
    CHECK(td_finish(m->d) != ~0u);
}

/* When it has done all that it was told to, once more */
static void keep_going(struct dma *m)
{
    if (td_read(m->d, PTD_CHANNEL + PTD_STATUS) == PTD_STATUS_DONE) {
        go(m);
    }
}

/* Write a word and wait until the device has written it over */
static bool written(struct dma *m, uint64_t pa)
{
    uint64_t *p = at(uint64_t, pa);

    mem_write(p, 0);
    return WAIT_FOR((keep_going(m), mem_read(p) != 0));
}

/* What was under way has ended: twice, as the first one may be half done */
static bool beats(struct dma *m)
{
    return CHECK(written(m, m->beat)) && CHECK(written(m, m->beat));
}

/* ---- Its domain ---- */

static void set_up(unsigned n, unsigned stage)
{
    struct dma *m = &dmas[n];

    *m = (struct dma) {
        .d = &testdevs[n], .stage = stage, .cb = S1 + n,
        .pa = mem_alloc(PAGE_SIZE, PAGE_SIZE),
        .beat = mem_alloc(PAGE_SIZE, PAGE_SIZE),
    };
    switch (stage) {
    case STAGE_1:
        m->s1 = table_new(1, 0);
        table_map(&m->s1, IOVA, m->pa);
        table_map(&m->s1, BEAT, m->beat);
        bank_s1(m->cb, &m->s1, n, 0);
        break;
    case STAGE_2:
        m->s2 = table_new(2, 0);
        table_map(&m->s2, IOVA, m->pa);
        table_map(&m->s2, BEAT, m->beat);
        bank_s2(m->cb, &m->s2, VMID + n);
        break;
    case NESTED_STAGES:
        m->s1 = table_new(1, BIAS);
        m->s2 = table_new(2, 0);
        table_map(&m->s1, IOVA, IPA + IOVA);
        table_map(&m->s1, BEAT, IPA + BEAT);
        table_map(&m->s2, IPA + IOVA, m->pa);
        table_map(&m->s2, IPA + BEAT, m->beat);
        table_map_at(&m->s2, RAM_BASE + BIAS, RAM_BASE, 1, LEAF_S2);
        bank_s2(S2 + n, &m->s2, VMID + n);
        bank_nested(m->cb, &m->s1, n, S2 + n);
        break;
    }
    stream_to_bank(n, m->d, m->cb);
}

/* By the stage that is the hypervisor's */
static void map(struct dma *m)
{
    switch (m->stage) {
    case STAGE_1:
        table_map(&m->s1, IOVA, m->pa);
        break;
    case STAGE_2:
        table_map(&m->s2, IOVA, m->pa);
        break;
    case NESTED_STAGES:
        table_map(&m->s2, IPA + IOVA, m->pa);
    }
}

static void unmap(struct dma *m, unsigned way)
{
    unsigned n = m->d - testdevs;

    switch (m->stage) {
    case STAGE_1:
        table_unmap(&m->s1, IOVA);
        if (way % 2) {
            tlbi_va(m->cb, IOVA, n);
        } else {
            tlbi_asid(m->cb, n);
        }
        break;
    case STAGE_2:
        table_unmap(&m->s2, IOVA);
        if (way % 2) {
            tlbi_ipa(m->cb, IOVA);
        } else {
            tlbi_vmid(VMID + n);
        }
        break;
    case NESTED_STAGES:
        table_unmap(&m->s2, IPA + IOVA);
        if (way % 2) {
            tlbi_ipa(S2 + n, IPA + IOVA);
            tlbi_va(m->cb, IOVA, n);
        } else {
            tlbi_vmid(VMID + n);
        }
    }
    if (way % 4 < 2) {
        tlb_sync(m->cb);
        tlb_gsync();                /* the operations may be another bank's */
    } else {
        tlb_gsync();
    }
}

/* ---- Tests ---- */

/* Each CPU has a device; each round takes a page away from it */
static void take_away(void *arg)
{
    struct dma *m = &dmas[cpu_index()];

    start(m);
    for (unsigned i = 0; i < ROUNDS && !failures(); i++) {
        uint64_t mine = pattern() & ~TAG;

        CHECK(written(m, m->pa));
        unmap(m, i);
        beats(m);
        mem_write(at(uint64_t, m->pa), mine);
        beats(m);
        CHECK_EQ(mem_read(at(uint64_t, m->pa)), mine);
        map(m);
    }
    halt(m);
}

static void unmap_in(unsigned stage)
{
    smmu_reset(CR0_ON);
    for (unsigned n = 0; n < num_cpus(); n++) {
        set_up(n, stage);
    }
    smp_all(take_away, NULL);
    CHECK_EQ(gr0_read(A_GFSR), 0);
}

static void test_unmap_s1(void)
{
    unmap_in(STAGE_1);
}

static void test_unmap_s2(void)
{
    unmap_in(STAGE_2);
}

static void test_unmap_nested(void)
{
    unmap_in(NESTED_STAGES);
}

/* What stays mapped never faults, whatever CPUs invalidate and switch */
static void invalidate(void *arg)
{
    unsigned cpu = cpu_index();

    for (unsigned i = 0; i < 400; i++) {
        switch ((i + cpu) % 6) {
        case 0:
            tlbi_all();
            break;
        case 1:
            tlbi_va(S1, IOVA, 0);
            break;
        case 2:
            tlbi_asid(S1, 0);
            break;
        case 3:
            tlbi_vmid(VMID);
            break;
        case 4:
            tlb_gsync();
            break;
        case 5:
            /* A bank and a stream of nobody come and go */
            bank_s1(S2 + 4 + cpu, &dmas[0].s1, cpu, 0);
            gr0_write(A_SMR0 + 4 * (100 + cpu), R_SMR0_VALID_MASK | 0x7000);
            gr0_write(A_SMR0 + 4 * (100 + cpu), 0);
            bank_off(S2 + 4 + cpu);
            break;
        }
    }
}

static void test_stays(void)
{
    smmu_reset(CR0_ON);
    for (unsigned n = 0; n < num_cpus(); n++) {
        set_up(n, n % 3 + 1);
        start(&dmas[n]);
    }
    smp_all(invalidate, NULL);
    for (unsigned n = 0; n < num_cpus(); n++) {
        CHECK(written(&dmas[n], dmas[n].pa));
        halt(&dmas[n]);
        CHECK_EQ(td_read(dmas[n].d, PTD_CHANNEL + PTD_FAILED), 0);
    }
    EXPECT_NO_FAULT();
}

/* Nothing of the device's gets through, so its refusals have to show that */
static void clear_refusals(struct dma *m)
{
    gr0_write(A_GFSR, ~0u);
    fault_clear(m->cb);
    fault_clear(S2);
}

static bool refused(struct dma *m)
{
    keep_going(m);
    return gr0_read(A_GFSR) || cb_read(m->cb, A_CB_FSR) & CB_FSR_FAULTS ||
           cb_read(S2, A_CB_FSR) & CB_FSR_FAULTS;
}

static void beats_in_vain(struct dma *m)
{
    for (unsigned i = 0; i < 3; i++) {
        clear_refusals(m);
        CHECK(WAIT_FOR(refused(m)));
    }
}

/* A device loses its domain and gets it back: by SMR, S2CR and bank */
static void test_detach(void)
{
    struct dma *m = &dmas[0];
    struct table empty = table_new(1, 0);

    smmu_reset(CR0_ON);
    set_up(0, STAGE_1);
    bank_s1(S2, &empty, 99, 0);
    start(m);
    for (unsigned i = 0; i < ROUNDS && !failures(); i++) {
        uint64_t mine = pattern() & ~TAG;

        CHECK(written(m, m->pa));
        switch (i % 4) {
        case 0:
            stream_off(0);
            break;
        case 1:
            stream_to_bank(0, m->d, S2);
            break;
        case 2:
            stream_to(0, m->d, S2CR_TYPE_FAULT);
            break;
        case 3:
            bank_s1(m->cb, &empty, 0, 0);
            break;
        }
        beats_in_vain(m);
        mem_write(at(uint64_t, m->pa), mine);
        beats_in_vain(m);
        CHECK_EQ(mem_read(at(uint64_t, m->pa)), mine);
        bank_s1(m->cb, &m->s1, 0, 0);
        stream_to_bank(0, m->d, m->cb);
    }
    halt(m);
    clear_refusals(m);
}

const struct test tests[] = {
    { "unmap, stage 1", test_unmap_s1 },
    { "unmap, stage 2", test_unmap_s2 },
    { "unmap, nested", test_unmap_nested },
    { "what stays mapped never faults", test_stays },
    { "detach", test_detach },
    {}
};
