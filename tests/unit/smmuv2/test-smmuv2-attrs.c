/*
 * Arm SMMUv2 memory attributes and composition of stages: unit tests
 *
 * Attributes against the reference (reference-walk.c), all there are;
 * composition of two mappings against a model that maps bytes one by one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/arm/smmuv2/smmuv2-walk.h"
#include "reference-walk.h"
#include "test-util.h"

static void test_s2_attrs(void)
{
    for (int memattr = 0; memattr < 16; memattr++) {
        for (int sh = 0; sh < 4; sh++) {
            SMMUv2Attrs a = smmuv2_attrs_s2(memattr, sh);
            SMMUv2Attrs b = reference_attrs_s2(memattr, sh);

            g_assert_cmphex(a.memattr, ==, b.memattr);
            if (sh != 1 && a.memattr != 0x44) {
                g_assert_cmphex(a.sh, ==, b.sh);
            }
        }
    }
}

/* Half a byte of MAIR that is neither reserved nor transient */
static const uint8_t halves[] = { 4, 8, 9, 10, 11, 12, 13, 14, 15 };

/* Cacheability and shareability of both stages; hints are another test's */
static void test_combine_attrs(void)
{
    static const uint8_t device[] = { 0x00, 0x04, 0x08, 0x0c };
    uint8_t memattr[ARRAY_SIZE(device) +
                    ARRAY_SIZE(halves) * ARRAY_SIZE(halves)];
    int n = 0;

    for (int i = 0; i < ARRAY_SIZE(device); i++) {
        memattr[n++] = device[i];
    }
    for (int i = 0; i < ARRAY_SIZE(halves); i++) {
        for (int j = 0; j < ARRAY_SIZE(halves); j++) {
            memattr[n++] = halves[i] << 4 | halves[j];
        }
    }
    for (int i = 0; i < n; i++) {
        for (int s2 = 0; s2 < 16; s2++) {
            for (int sh = 0; sh < 16; sh++) {
                SMMUv2Attrs x = { memattr[i], sh & 3 };
                SMMUv2Attrs y = { reference_attrs_s2(s2, 0).memattr, sh >> 2 };
                SMMUv2Attrs a = smmuv2_attrs_combine(x, y);
                SMMUv2Attrs b = reference_attrs_combine(x, y);
                uint8_t mask = b.memattr & 0xf0 ? 0xcc : 0xff;

                g_assert_cmphex(a.memattr & mask, ==, b.memattr & mask);
                if (x.sh != 1 && y.sh != 1) {
                    g_assert_cmpint(a.sh, ==, b.sh);
                }
            }
        }
    }
}

/* Allocation hints are stage 1's: stage 2 has none (Arm ARM, combining) */
static void test_combine_hints(void)
{
    for (int i = 1; i < ARRAY_SIZE(halves); i++) {
        for (int s2 = 0; s2 < 16; s2++) {
            SMMUv2Attrs x = { halves[i] << 4 | halves[i], 3 };
            SMMUv2Attrs y = reference_attrs_s2(s2, 3);

            g_assert_cmphex(smmuv2_attrs_combine(x, y).memattr, ==,
                            reference_attrs_combine(x, y).memattr);
        }
    }
}

/* Where a byte goes, or 0 if the mapping does not cover it */
static bool map_byte(const SMMUv2Mapping *m, uint64_t addr, uint64_t *out)
{
    if (addr < m->in || addr - m->in >= 1ull << m->shift) {
        return false;
    }
    *out = m->out + (addr - m->in);
    return true;
}

static void check_combine(const SMMUv2Mapping *s1, const SMMUv2Mapping *s2,
                          uint64_t addr, uint64_t *rng)
{
    SMMUv2Mapping m = smmuv2_combine(s1, s2, addr);
    uint64_t size = 1ull << m.shift, ipa = 0, pa = 0, out = 0;

    g_assert_cmpint(m.shift, ==, MIN(s1->shift, s2->shift));
    g_assert_cmphex(m.in, ==, addr >> m.shift << m.shift);
    g_assert_cmphex(m.perm, ==, s1->perm & s2->perm);
    for (int i = 0; i < 8; i++) {
        uint64_t byte = m.in + (i == 0 ? 0 : i == 1 ? size - 1 :
                                i == 2 ? addr - m.in :
                                rnd64(rng) & (size - 1));

        g_assert_true(map_byte(s1, byte, &ipa));
        g_assert_true(map_byte(s2, ipa, &pa));
        g_assert_true(map_byte(&m, byte, &out));
        g_assert_cmphex(out, ==, pa);
    }
}

static SMMUv2Mapping block(uint64_t in, uint64_t out, unsigned shift,
                           uint8_t perm)
{
    return (SMMUv2Mapping) {
        .in = in >> shift << shift,
        .out = out >> shift << shift,
        .shift = shift,
        .perm = perm,
        .level = 3,
        .attrs = { .memattr = 0xff, .sh = 3 },
    };
}

static void test_combine_directed(void)
{
    uint64_t rng = test_seed();
    SMMUv2Mapping s1 = block(0x40200000, 0x80600000, 21, SMMUV2_PERM_ALL);
    SMMUv2Mapping s2 = block(0x80634000, 0xc0005000, 12, SMMUV2_PERM_R);
    SMMUv2Mapping m = smmuv2_combine(&s1, &s2, 0x40234567);

    /* 2 MiB over 4 KiB */
    g_assert_cmphex(m.in, ==, 0x40234000);
    g_assert_cmphex(m.out, ==, 0xc0005000);
    g_assert_cmpint(m.shift, ==, 12);
    g_assert_cmphex(m.perm, ==, SMMUV2_PERM_R);
    check_combine(&s1, &s2, 0x40234567, &rng);

    /* 4 KiB over 1 GiB */
    s1 = block(0x40234000, 0x80677000, 12, SMMUV2_PERM_R | SMMUV2_PERM_UW);
    s2 = block(0x80000000, 0x140000000, 30, SMMUV2_PERM_W | SMMUV2_PERM_UR);
    m = smmuv2_combine(&s1, &s2, 0x40234567);
    g_assert_cmphex(m.in, ==, 0x40234000);
    g_assert_cmphex(m.out, ==, 0x140677000);
    g_assert_cmpint(m.shift, ==, 12);
    g_assert_cmphex(m.perm, ==, SMMUV2_PERM_UR | SMMUV2_PERM_UW);
    check_combine(&s1, &s2, 0x40234567, &rng);

    /* The upper half */
    s1 = block(0xffffffffc0000000, 0x80000000, 30, SMMUV2_PERM_ALL);
    s2 = block(0xbfff0000, 0xf0000, 16, SMMUV2_PERM_ALL);
    m = smmuv2_combine(&s1, &s2, 0xffffffffffffffff);
    g_assert_cmphex(m.in, ==, 0xffffffffffff0000);
    g_assert_cmphex(m.out, ==, 0xf0000);
}

static void test_combine_random(void)
{
    static const uint8_t shifts[] = { 12, 14, 16, 21, 25, 29, 30 };
    uint64_t rng = test_seed(), count = test_count(1000000) / 10;

    while (count-- && !g_test_failed()) {
        uint64_t addr = rnd64(&rng) & MAKE_64BIT_MASK(0, 48), ipa = 0;
        SMMUv2Mapping s1 = block(addr, rnd64(&rng) & MAKE_64BIT_MASK(0, 48),
                                 shifts[rnd(&rng, ARRAY_SIZE(shifts))],
                                 rnd64(&rng) & SMMUV2_PERM_ALL);
        SMMUv2Mapping s2;

        g_assert_true(map_byte(&s1, addr, &ipa));
        s2 = block(ipa, rnd64(&rng) & MAKE_64BIT_MASK(0, 48),
                   shifts[rnd(&rng, ARRAY_SIZE(shifts))],
                   rnd64(&rng) & SMMUV2_PERM_ALL);
        check_combine(&s1, &s2, addr, &rng);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    g_test_add_func("/smmuv2/attrs/s2", test_s2_attrs);
    g_test_add_func("/smmuv2/attrs/combine", test_combine_attrs);
    g_test_add_func("/smmuv2/attrs/combine-hints", test_combine_hints);
    g_test_add_func("/smmuv2/combine/directed", test_combine_directed);
    g_test_add_func("/smmuv2/combine/random", test_combine_random);
    return g_test_run();
}
