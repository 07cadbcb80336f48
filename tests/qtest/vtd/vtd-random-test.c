/*
 * VT-d qtest: random entries and descriptors against a model
 *
 * Entries are right but for a few bits, or any; the model says which fault
 * comes first, whether FPD keeps it quiet, and what is posted to whom.
 * VTD_TEST_SEED and VTD_TEST_COUNT choose the cases.
 *
 * And random invalidations: what was read of an entry may be used until it is
 * invalidated, and never after.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "vtd-lib.h"

#define INDEX   9
#define NV_BASE 0x20

/* splitmix64 */
static uint64_t rnd64(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15ull;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

static uint64_t bits(uint64_t word, unsigned low, unsigned n)
{
    return word >> low & ((1ull << n) - 1);
}

typedef struct Case {
    uint64_t lo, hi, control;
    uint32_t data;              /* of the request */
} Case;

static Case make_case(uint64_t *rng)
{
    const uint64_t r = rnd64(rng);
    Case c = {
        .lo = IRTE_P | IRTE_IM | IRTE_PDA_LO(PD) | (rnd64(rng) & 0xff4f00),
        .hi = IRTE_PDA_HI(PD) | IRTE_SVT(1) | PTD_SID,
        .control = rnd64(rng) & 0xffffffff00df0003,
    };

    /* The device would send a remapped interrupt anywhere */
    if (bits(r, 0, 2) == 0) {
        c.lo ^= (1ull << bits(r, 2, 6)) & ~IRTE_IM;
    }
    if (bits(r, 8, 2) == 0) {
        c.hi ^= 1ull << bits(r, 10, 5);
    }
    if (bits(r, 16, 3) == 0) {
        c.lo |= IRTE_FPD;
    }
    if (bits(r, 20, 3) == 0) {
        c.control ^= 1ull << bits(r, 24, 5);
    }
    if (bits(r, 32, 4) == 0) {
        c.hi = rnd64(rng);
    }
    if (bits(r, 36, 4) == 0) {
        c.lo = rnd64(rng) | IRTE_IM;
    }
    if (bits(r, 40, 4) == 0) {
        c.data = 0x10000u << bits(r, 44, 4);
    }
    c.control &= ~PD_NV(0xff);
    return c;
}

static bool source_passes(uint64_t hi)
{
    static const uint16_t masks[] = { 0xffff, 0xfffb, 0xfff9, 0xfff8 };
    const uint16_t sid = bits(hi, 0, 16), mask = masks[bits(hi, 16, 2)];

    switch (bits(hi, 18, 2)) {
    case 0:
        return true;
    case 1:
        return (sid & mask) == (PTD_SID & mask);
    case 2:
        return (sid & 0xff) == 0;
    default:
        return false;
    }
}

/* The fault, or 0 */
static uint8_t fault_of(const Case *c, bool *quiet)
{
    const uint64_t pda = bits(c->lo, 38, 26) << 6 | bits(c->hi, 32, 32) << 32;

    *quiet = c->lo & IRTE_FPD;
    if (!(c->lo & IRTE_P)) {
        return 0x22;
    }
    if (bits(c->lo, 2, 6) || bits(c->lo, 12, 2) || bits(c->lo, 24, 14) ||
        bits(c->hi, 20, 12)) {
        return 0x24;
    }
    if (!source_passes(c->hi)) {
        return 0x26;
    }
    if (c->data) {
        *quiet = false;
        return 0x20;
    }
    if (pda >= RAM_SIZE) {
        return 0x27;
    }
    if (pda == PD && (bits(c->control, 2, 14) || bits(c->control, 24, 8))) {
        return 0x28;
    }
    return 0;
}

static uint64_t number(const char *name, uint64_t otherwise)
{
    const char *value = g_getenv(name);

    return value ? g_ascii_strtoull(value, NULL, 0) : otherwise;
}

static void test_random(void)
{
    const uint64_t seed = number("VTD_TEST_SEED",
                                 g_get_real_time() / G_USEC_PER_SEC / 86400);
    const uint64_t count = number("VTD_TEST_COUNT", 3000);
    uint64_t rng = seed, posted = 0, notified = 0, faults = 0;
    VTDTest *t = vtd_start(POSTED, NULL);

    g_test_message("VTD_TEST_SEED=%" PRIu64, seed);
    vtd_enable(t, false);
    for (uint64_t n = 0; n < count; n++) {
        Case c = make_case(&rng);
        const uint64_t pda = bits(c.lo, 38, 26) << 6 |
                             bits(c.hi, 32, 32) << 32;
        const uint8_t vector = bits(c.lo, 16, 8);
        bool quiet, notify;
        uint8_t fault;

        if (pda < RAM_SIZE && pda != PD) {
            /* It would be posted to who knows what */
            c.lo = (c.lo & 0x3fffffffffull) | IRTE_PDA_LO(PD);
            c.hi = (c.hi & 0xffffffff) | IRTE_PDA_HI(PD);
        }
        fault = fault_of(&c, &quiet);
        notify = !fault && !(c.control & PD_ON) &&
                 (!(c.control & PD_SN) || (c.lo & IRTE_URG));
        /* Not to all CPUs */
        c.control |= PD_NV(NV_BASE + n % 0xd0);
        c.control &= ~PD_XAPIC(0xfc);

        vtd_pd(t, PD, c.control);
        vtd_irte(t, INDEX, c.lo, c.hi);
        vtd_send_raw(t, 0xfee00000u | INDEX << 5 | 1 << 4 | 1 << 3, c.data);

        g_test_message("%" PRIu64 ": %016" PRIx64 " %016" PRIx64 " %016" PRIx64
                       " %x", n, c.hi, c.lo, c.control, c.data);
        if (fault && !quiet) {
            assert_fault(t, fault, fault == 0x20 ? 0 : INDEX, PTD_SID);
        } else {
            assert_no_fault(t);
        }
        g_assert_cmpint(vtd_pir_count(t, PD), ==, !fault);
        g_assert_cmpint(vtd_pir(t, PD, vector), ==, !fault);
        g_assert_cmphex(vtd_pd_control(t, PD), ==,
                        c.control | (notify ? PD_ON : 0));
        if (notify) {
            g_assert_true(vtd_irr(t, bits(c.control, 40, 8),
                                  NV_BASE + n % 0xd0));
        }
        faults += fault != 0;
        posted += !fault;
        notified += notify;
        g_assert_cmpint(vtd_counter(t, "intr-faults"), ==, faults);
        g_assert_cmpint(vtd_counter(t, "intr-posted"), ==, posted);
        g_assert_cmpint(vtd_counter(t, "intr-notified"), ==, notified);
    }
    g_assert_cmpint(vtd_counter(t, "intr-remapped"), ==, 0);
    g_test_message("%" PRIu64 " posted, %" PRIu64 " notified, %" PRIu64
                   " faults", posted, notified, faults);
    vtd_quit(t);
}

/* ---- Invalidation ---- */

#define ENTRIES     8
#define QUEUE_SIZE  256
#define VERSIONS    16
#define FSTS_IQE    (1u << 4)
/* Of an IEC descriptor: bits 8:5, 26:12, 63:48 */
#define IEC_RSVD    UINT64_C(0xffff000007fff1e0)

typedef struct Entry {
    /* What it has been since it was invalidated */
    uint64_t version[VERSIONS];     /* bits 63:0 */
    unsigned versions;
} Entry;

static void queue_write(VTDTest *t, unsigned at, uint64_t lo, uint64_t hi)
{
    qtest_writeq(t->qts, IQ + 16 * at, lo);
    qtest_writeq(t->qts, IQ + 16 * at + 8, hi);
}

/* A descriptor, and one that tells when it is done; true: it was taken */
static bool submit(VTDTest *t, unsigned *tail, uint64_t lo, uint64_t hi)
{
    static uint32_t mark;
    const unsigned at = *tail;

    mark++;
    queue_write(t, at, lo, hi);
    queue_write(t, (at + 1) % QUEUE_SIZE, (uint64_t)mark << 32 | 1 << 5 | 5,
                STATUS);
    *tail = (at + 2) % QUEUE_SIZE;
    qtest_writeq(t->qts, VTD_BASE + VTD_IQT, 16 * *tail);
    if (!(qtest_readl(t->qts, VTD_BASE + VTD_FSTS) & FSTS_IQE)) {
        g_assert_cmphex(qtest_readl(t->qts, STATUS), ==, mark);
        g_assert_cmphex(vtd_read64(t, VTD_IQH), ==, 16 * *tail);
        return true;
    }
    /* It stops there, until software has mended it */
    g_assert_cmphex(qtest_readl(t->qts, STATUS), ==, mark - 1);
    g_assert_cmphex(vtd_read64(t, VTD_IQH), ==, 16 * at);
    queue_write(t, at, 4, 0);
    qtest_writel(t->qts, VTD_BASE + VTD_FSTS, FSTS_IQE);
    qtest_writeq(t->qts, VTD_BASE + VTD_IQT, 16 * *tail);
    g_assert_cmphex(qtest_readl(t->qts, STATUS), ==, mark);
    g_assert_cmphex(vtd_read64(t, VTD_IQH), ==, 16 * *tail);
    return false;
}

/* The last one is what it is now */
static void forget(Entry *e)
{
    e->version[0] = e->version[e->versions - 1];
    e->versions = 1;
}

static void random_invalidation(VTDTest *t, Entry *entries, unsigned *tail,
                                uint64_t *rng)
{
    const uint64_t r = rnd64(rng);
    const bool selective = r & 1, bad = bits(r, 8, 3) == 0;
    const unsigned im = bits(r, 16, 2) ? bits(r, 18, 2) : bits(r, 20, 5);
    const unsigned index = bits(r, 32, 2) ? bits(r, 34, 3) : bits(r, 34, 16);
    uint64_t lo = UINT64_C(4) | selective << 4 | (uint64_t)im << 27 |
                  (uint64_t)index << 32, hi = 0;

    if (bad) {
        if (r >> 63) {
            hi = rnd64(rng) | 1;
        } else {
            while (!(lo & IEC_RSVD)) {
                lo |= 1ull << bits(rnd64(rng), 0, 6) & IEC_RSVD;
            }
        }
    }
    g_assert_cmpint(submit(t, tail, lo, hi), ==, !bad);
    for (unsigned i = 0; i < ENTRIES; i++) {
        /* What mended a bad one was global */
        if (bad || !selective || (i ^ index) >> im == 0) {
            forget(&entries[i]);
        }
    }
}

static bool is(VTDTest *t, unsigned i, const uint64_t *deltas, uint64_t lo)
{
    const bool present = lo & IRTE_P, posted = lo & IRTE_IM;

    return deltas[0] == (present && posted) &&
           deltas[1] == (present && !posted) && deltas[2] == !present &&
           vtd_pir_count(t, PD + 64 * i) == (present && posted) &&
           (!present || !posted || vtd_pir(t, PD + 64 * i, bits(lo, 16, 8))) &&
           (!present || posted ||
            vtd_irr(t, bits(lo, 40, 8), bits(lo, 16, 8)));
}

static void send_to(VTDTest *t, const Entry *e, unsigned i)
{
    static const char *const names[] = {
        "intr-posted", "intr-remapped", "intr-faults",
    };
    uint64_t deltas[3];
    bool found = false;

    vtd_pd(t, PD + 64 * i, PD_SN);
    for (unsigned n = 0; n < 3; n++) {
        deltas[n] = vtd_counter(t, names[n]);
    }
    vtd_send(t, i);
    for (unsigned n = 0; n < 3; n++) {
        deltas[n] = vtd_counter(t, names[n]) - deltas[n];
    }
    for (unsigned v = 0; v < e->versions && !found; v++) {
        found = is(t, i, deltas, e->version[v]);
    }
    g_assert_true(found);
}

static void test_invalidation(void)
{
    const uint64_t seed = number("VTD_TEST_SEED",
                                 g_get_real_time() / G_USEC_PER_SEC / 86400);
    const uint64_t count = number("VTD_TEST_COUNT", 3000) / 2;
    VTDTest *t = vtd_start(POSTED, NULL);
    Entry entries[ENTRIES] = {};
    uint64_t rng = ~seed;
    unsigned tail = 0;

    g_test_message("VTD_TEST_SEED=%" PRIu64, seed);
    vtd_enable(t, false);
    qtest_writeq(t->qts, VTD_BASE + VTD_IQA, IQ);
    qtest_writel(t->qts, VTD_BASE + VTD_GCMD, GCMD_IRE | GCMD_QIE);
    qtest_writel(t->qts, STATUS, 0);
    for (unsigned i = 0; i < ENTRIES; i++) {
        vtd_irte(t, i, IRTE_FPD, 0);
        entries[i].version[entries[i].versions++] = IRTE_FPD;
    }
    for (uint64_t n = 0; n < count; n++) {
        const uint64_t r = rnd64(&rng);
        const unsigned i = bits(r, 0, 3);
        Entry *e = &entries[i];

        switch (bits(r, 4, 2)) {
        case 0:
            /* Its fault is none of this test */
            if (e->versions < VERSIONS) {
                const uint8_t vector = 0x30 + bits(r, 8, 7);
                uint64_t lo = IRTE_FPD | (bits(r, 16, 3) ? IRTE_P : 0) |
                              IRTE_VECTOR(vector);
                uint64_t hi = IRTE_SVT(1) | PTD_SID;

                if (r >> 63) {
                    lo |= IRTE_IM | IRTE_PDA_LO(PD + 64 * i);
                    hi |= IRTE_PDA_HI(PD);
                } else {
                    lo |= bits(r, 24, 2) << 40;
                }
                vtd_irte(t, i, lo, hi);
                e->version[e->versions++] = lo;
            }
            break;
        case 1:
            random_invalidation(t, entries, &tail, &rng);
            break;
        default:
            send_to(t, e, i);
            break;
        }
    }
    assert_no_fault(t);
    vtd_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/vtd/random/requests", test_random);
    qtest_add_func("/vtd/random/invalidation", test_invalidation);
    return g_test_run();
}
