/*
 * Arm SMMUv2 stream mapping: unit tests
 *
 * One test for each rule, then random tables against a model that asks each
 * group by itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/arm/smmuv2/smmuv2-stream.h"
#include "test-util.h"

/* Bits of the registers, as numbers: see test-smmuv2-regtable.c */
#define CLIENTPD        BIT(0)
#define EXIDENABLE      BIT(3)
#define USFCFG          BIT(10)
#define SMCFCFG         BIT(21)
#define VALID           BIT(31)
#define EXIDVALID       BIT(10)
#define SMS             BIT(27)
#define TYPE(n)         ((n) << 16)

#define USF             BIT(1)
#define SMCF            BIT(2)
#define UCBF            BIT(3)
#define ICF             BIT(0)

#define NUM_SMRG        16
#define NUM_CB          8

static SMMUv2Regs regs;

static SMMUv2Route route(uint16_t sid)
{
    return smmuv2_stream_route(&regs, NUM_SMRG, NUM_CB, sid);
}

static void reset(uint32_t cr0)
{
    memset(&regs, 0, sizeof(regs));
    regs.idr[0] = SMS;
    regs.cr0 = cr0;
}

static void expect_translate(uint16_t sid, unsigned cb)
{
    SMMUv2Route r = route(sid);

    g_assert_cmpint(r.kind, ==, SMMUV2_ROUTE_TRANSLATE);
    g_assert_cmpint(r.cb, ==, cb);
}

static void expect_bypass(uint16_t sid)
{
    g_assert_cmpint(route(sid).kind, ==, SMMUV2_ROUTE_BYPASS);
}

static void expect_fault(uint16_t sid, uint16_t gfsr)
{
    SMMUv2Route r = route(sid);

    g_assert_cmpint(r.kind, ==, SMMUV2_ROUTE_FAULT);
    g_assert_cmphex(r.gfsr, ==, gfsr);
}

static void test_match(void)
{
    reset(USFCFG | SMCFCFG);
    regs.smr[3] = VALID | 0x123;
    regs.s2cr[3] = 5;
    expect_translate(0x123, 5);
    expect_fault(0x122, USF);
    expect_fault(0x1123, USF);
    /* Neither the group's number nor an invalid one counts */
    regs.smr[3] &= ~VALID;
    expect_fault(0x123, USF);
    /* Beyond what is implemented */
    regs.smr[NUM_SMRG] = VALID | 0x123;
    expect_fault(0x123, USF);
}

static void test_mask(void)
{
    reset(USFCFG | SMCFCFG);
    regs.smr[0] = VALID | 0x00f0 << 16 | 0x120f;
    regs.s2cr[0] = 1;
    for (unsigned sid = 0; sid < 0x10000; sid++) {
        if ((sid & ~0xf0) == 0x120f) {
            expect_translate(sid, 1);
        } else {
            expect_fault(sid, USF);
        }
    }
    /* Bits of ID under the mask are ignored */
    regs.smr[0] = VALID | 0x7fff << 16 | 0x5a5a;
    expect_translate(0, 1);
    expect_translate(0x7fff, 1);
}

static void test_client_port_disabled(void)
{
    reset(CLIENTPD | USFCFG | SMCFCFG);
    regs.smr[0] = VALID;
    regs.smr[1] = VALID;
    regs.s2cr[0] = TYPE(2);
    expect_bypass(0);
    expect_bypass(0x7fff);
    regs.cr0 &= ~CLIENTPD;
    expect_fault(0, SMCF);
    expect_fault(0x7fff, USF);
}

static void test_no_match(void)
{
    reset(USFCFG);
    expect_fault(0x42, USF);
    regs.cr0 = 0;
    expect_bypass(0x42);
}

static void test_multiple_match(void)
{
    reset(SMCFCFG);
    regs.smr[2] = VALID | 0x42;
    regs.smr[9] = VALID | 0xf << 16 | 0x40;
    regs.s2cr[2] = 1;
    regs.s2cr[9] = 1;
    expect_fault(0x42, SMCF);
    expect_translate(0x43, 1);
    regs.cr0 = 0;
    expect_bypass(0x42);
    expect_translate(0x43, 1);
    regs.smr[9] &= ~VALID;
    expect_translate(0x42, 1);
}

static void test_type(void)
{
    reset(SMCFCFG | USFCFG);
    regs.smr[0] = VALID;
    regs.s2cr[0] = TYPE(0) | 7;
    expect_translate(0, 7);
    regs.s2cr[0] = TYPE(1) | 7;
    expect_bypass(0);
    regs.s2cr[0] = TYPE(2) | 7;
    expect_fault(0, ICF);
    /* Reserved: there is no telling, but the master must not get through */
    regs.s2cr[0] = TYPE(3) | 7;
    g_assert_cmpint(route(0).kind, ==, SMMUV2_ROUTE_FAULT);
}

static void test_cbndx_out_of_range(void)
{
    reset(0);
    regs.smr[0] = VALID;
    regs.s2cr[0] = NUM_CB - 1;
    expect_translate(0, NUM_CB - 1);
    regs.s2cr[0] = NUM_CB;
    expect_fault(0, UCBF);
    regs.s2cr[0] = 0xff;
    expect_fault(0, UCBF);
    /* Only a stream that is translated needs a bank */
    regs.s2cr[0] = TYPE(1) | 0xff;
    expect_bypass(0);
}

static void test_overrides(void)
{
    reset(0);
    regs.smr[0] = VALID;
    for (int i = 0; i < 16; i++) {
        SMMUv2Route r;

        regs.s2cr[0] = i << 24;
        r = route(0);
        g_assert_cmpint(r.privcfg, ==, i & 3);
        g_assert_cmpint(r.instcfg, ==, i >> 2);
    }
    /* A bypass has none */
    regs.s2cr[0] = TYPE(1) | 0xf << 24;
    g_assert_cmpint(route(0).privcfg, ==, 0);
    g_assert_cmpint(route(0).instcfg, ==, 0);
}

static void test_exid(void)
{
    reset(EXIDENABLE | USFCFG | SMCFCFG);
    /* S2CR.EXIDVALID says what is valid; SMR has 16 bits of ID and mask */
    regs.smr[4] = 0x9234;
    regs.s2cr[4] = 3;
    expect_fault(0x9234, USF);
    regs.s2cr[4] |= EXIDVALID;
    expect_translate(0x9234, 3);
    expect_fault(0x1234, USF);
    regs.smr[4] = 0x80000000 | 0x1234;
    expect_translate(0x9234, 3);
    expect_translate(0x1234, 3);
    expect_fault(0x5234, USF);
    /* SMR[31] is no longer VALID */
    regs.smr[5] = VALID | 0x77;
    regs.s2cr[5] = 2;
    expect_fault(0x77, USF);
}

static void test_bit_15_without_exid(void)
{
    /* 15 bits of StreamID cannot name a stream of 16 */
    reset(USFCFG | SMCFCFG);
    regs.smr[0] = VALID | 0x1234;
    regs.s2cr[0] = 3 | EXIDVALID;
    expect_translate(0x1234, 3);
    expect_fault(0x9234, USF);
    /* Not even with all of them masked */
    regs.smr[0] = VALID | 0x7fff << 16;
    expect_fault(0x8000, USF);
    /* What was left in bit 15 while EXIDENABLE was set */
    regs.smr[0] = VALID | 0x9234;
    expect_translate(0x1234, 3);
}

/* IDR0.SMS = 0: the StreamID is the number of the S2CR, SMRs are nothing */
static void test_indexing(void)
{
    reset(USFCFG);
    regs.idr[0] = 0;
    for (unsigned n = 0; n < NUM_SMRG; n++) {
        regs.smr[n] = VALID | 5;
        regs.s2cr[n] = n % NUM_CB;
    }
    for (unsigned sid = 0; sid < 0x10000; sid++) {
        if (sid < NUM_SMRG) {
            expect_translate(sid, sid % NUM_CB);
        } else {
            expect_fault(sid, USF);
        }
    }
    regs.s2cr[3] = TYPE(1);
    expect_bypass(3);
    regs.s2cr[3] = TYPE(2);
    expect_fault(3, ICF);
    regs.cr0 = 0;
    expect_bypass(NUM_SMRG);
    expect_bypass(0xffff);
    regs.cr0 = CLIENTPD;
    expect_bypass(3);
}

/* ---- Random ---- */

static bool group_matches(uint32_t cr0, uint32_t smr, uint32_t s2cr,
                          uint16_t sid)
{
    unsigned width = cr0 & EXIDENABLE ? 16 : 15;
    bool valid = cr0 & EXIDENABLE ? s2cr & EXIDVALID : smr & VALID;

    for (int bit = 0; bit < 16; bit++) {
        bool in_sid = sid >> bit & 1;
        bool in_id = bit < width && (smr >> bit & 1);
        bool masked = bit < width && (smr >> (16 + bit) & 1);

        if (!masked && in_sid != in_id) {
            return false;
        }
    }
    return valid;
}

static SMMUv2Route expected(uint16_t sid, unsigned num_smrg, unsigned num_cb)
{
    SMMUv2Route bypass = { .kind = SMMUV2_ROUTE_BYPASS };
    SMMUv2Route none = { .kind = SMMUV2_ROUTE_FAULT };
    int matches = 0;
    uint32_t s2cr = 0;

    if (regs.cr0 & CLIENTPD) {
        return bypass;
    }
    for (int n = 0; n < num_smrg; n++) {
        if (!(regs.idr[0] & SMS)) {
            matches += n == sid;
            s2cr = n == sid ? regs.s2cr[n] : s2cr;
        } else if (group_matches(regs.cr0, regs.smr[n], regs.s2cr[n], sid)) {
            matches++;
            s2cr = regs.s2cr[n];
        }
    }
    if (matches == 0) {
        none.gfsr = USF;
        return regs.cr0 & USFCFG ? none : bypass;
    }
    if (matches > 1) {
        none.gfsr = SMCF;
        return regs.cr0 & SMCFCFG ? none : bypass;
    }
    switch (s2cr >> 16 & 3) {
    case 0:
        none.gfsr = UCBF;
        return (s2cr & 0xff) >= num_cb ? none : (SMMUv2Route) {
            .kind = SMMUV2_ROUTE_TRANSLATE,
            .cb = s2cr & 0xff,
            .privcfg = s2cr >> 24 & 3,
            .instcfg = s2cr >> 26 & 3,
        };
    case 1:
        return bypass;
    default:
        none.gfsr = ICF;
        return none;
    }
}

static void test_random(void)
{
    uint64_t rng = test_seed(), count = test_count(1000000);
    uint64_t seen[3] = { 0 }, faults[16] = { 0 };

    while (count && !g_test_failed()) {
        unsigned num_smrg = 1 + rnd(&rng, SMMUV2_MAX_SMRG);
        unsigned num_cb = 1 + rnd(&rng, SMMUV2_MAX_CB);
        /* Few bits, so that streams and groups meet */
        uint16_t bits = rnd64(&rng) & rnd64(&rng);

        regs.idr[0] = rnd(&rng, 8) ? SMS : 0;
        regs.cr0 = rnd64(&rng);
        if (rnd(&rng, 8)) {
            regs.cr0 &= ~CLIENTPD;
        }
        for (int n = 0; n < num_smrg; n++) {
            regs.smr[n] = (rnd64(&rng) & bits) |
                          (rnd64(&rng) & rnd64(&rng) & rnd64(&rng)) << 16;
            regs.s2cr[n] = rnd64(&rng);
            if (rnd(&rng, num_smrg) > 4) {
                regs.smr[n] &= ~VALID;
                regs.s2cr[n] &= ~EXIDVALID;
            }
        }
        for (int i = 0; i < 100 && count; i++, count--) {
            uint16_t sid = rnd64(&rng) & (rnd(&rng, 8) ? bits : 0xffff);
            SMMUv2Route a = smmuv2_stream_route(&regs, num_smrg, num_cb, sid);
            SMMUv2Route b = expected(sid, num_smrg, num_cb);

            g_assert_cmpint(a.kind, ==, b.kind);
            g_assert_cmpint(a.cb, ==, b.cb);
            g_assert_cmpint(a.privcfg, ==, b.privcfg);
            g_assert_cmpint(a.instcfg, ==, b.instcfg);
            g_assert_cmpint(a.gfsr, ==, b.gfsr);
            seen[b.kind]++;
            faults[b.gfsr & 15]++;
        }
    }
    for (int i = 0; i < ARRAY_SIZE(seen); i++) {
        g_assert_cmpuint(seen[i], >, 100);
    }
    g_assert_cmpuint(faults[USF], >, 100);
    g_assert_cmpuint(faults[SMCF], >, 100);
    g_assert_cmpuint(faults[UCBF], >, 100);
    g_assert_cmpuint(faults[ICF], >, 100);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    g_test_add_func("/smmuv2/stream/match", test_match);
    g_test_add_func("/smmuv2/stream/mask", test_mask);
    g_test_add_func("/smmuv2/stream/client-port-disabled",
                    test_client_port_disabled);
    g_test_add_func("/smmuv2/stream/no-match", test_no_match);
    g_test_add_func("/smmuv2/stream/multiple-match", test_multiple_match);
    g_test_add_func("/smmuv2/stream/type", test_type);
    g_test_add_func("/smmuv2/stream/cbndx-out-of-range",
                    test_cbndx_out_of_range);
    g_test_add_func("/smmuv2/stream/overrides", test_overrides);
    g_test_add_func("/smmuv2/stream/exid", test_exid);
    g_test_add_func("/smmuv2/stream/bit-15-without-exid",
                    test_bit_15_without_exid);
    g_test_add_func("/smmuv2/stream/indexing", test_indexing);
    g_test_add_func("/smmuv2/stream/random", test_random);
    return g_test_run();
}
