/*
 * VT-d posted-interrupt descriptor: unit tests
 *
 * Expectations are literal bit positions of the specification's table, so
 * that a wrong one in descriptor.h is found.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/i386/vtd/descriptor.h"

typedef union Memory {
    uint8_t byte[64];
    VTDPostedDescriptor pd;
} Memory;

static bool get_bit(const Memory *m, unsigned bit)
{
    return m->byte[bit / 8] >> (bit % 8) & 1;
}

static void flip_bit(Memory *m, unsigned bit)
{
    m->byte[bit / 8] ^= 1 << (bit % 8);
}

/* splitmix64 */
static uint64_t rnd64(uint64_t *state)
{
    uint64_t x = *state += 0x9e3779b97f4a7c15ull;

    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

/* ---- Each rule ---- */

/* Vector n is bit n, and no other bit of PIR changes */
static void test_pir(void)
{
    for (unsigned v = 0; v < 256; v++) {
        Memory m = {}, expected = {};
        uint64_t control;

        g_assert_cmpint(vtd_descriptor_post(&m.pd, v, false, &control), ==,
                        VTD_POST_NOTIFY);
        flip_bit(&expected, v);
        flip_bit(&expected, 256);
        g_assert_cmpmem(m.byte, 64, expected.byte, 64);
    }
}

/* ON, SN and URG decide on the notification; PIR is set whatever they say */
static void test_notification(void)
{
    static const struct {
        bool on, sn, urgent;
        VTDPostResult result;
        bool on_after;
    } rules[] = {
        { false, false, false, VTD_POST_NOTIFY, true },
        { false, false, true,  VTD_POST_NOTIFY, true },
        { false, true,  false, VTD_POST_SUPPRESSED, false },
        { false, true,  true,  VTD_POST_NOTIFY, true },
        { true,  false, false, VTD_POST_PENDING, true },
        { true,  false, true,  VTD_POST_PENDING, true },
        { true,  true,  false, VTD_POST_PENDING, true },
        { true,  true,  true,  VTD_POST_PENDING, true },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rules); i++) {
        Memory m = {}, expected;
        uint64_t control;

        if (rules[i].on) {
            flip_bit(&m, 256);
        }
        if (rules[i].sn) {
            flip_bit(&m, 257);
        }
        expected = m;
        flip_bit(&expected, 0x41);
        if (rules[i].on_after != rules[i].on) {
            flip_bit(&expected, 256);
        }
        g_test_message("rule %u", i);
        g_assert_cmpint(vtd_descriptor_post(&m.pd, 0x41, rules[i].urgent,
                                            &control), ==, rules[i].result);
        g_assert_cmpmem(m.byte, 64, expected.byte, 64);
    }
}

/* A bit that is set in PIR already stays set, and is posted none the less */
static void test_coalesce(void)
{
    Memory m = {};
    uint64_t control;

    flip_bit(&m, 0xfe);
    g_assert_cmpint(vtd_descriptor_post(&m.pd, 0xfe, false, &control), ==,
                    VTD_POST_NOTIFY);
    g_assert_true(get_bit(&m, 0xfe));
    g_assert_true(get_bit(&m, 256));
    g_assert_cmpint(vtd_descriptor_post(&m.pd, 0xfe, false, &control), ==,
                    VTD_POST_PENDING);
    g_assert_true(get_bit(&m, 0xfe));
}

/* Bits 271:258 and 287:280 are reserved: nothing is done if one is set */
static void test_reserved(void)
{
    for (unsigned bit = 256; bit < 320; bit++) {
        const bool reserved = (bit >= 258 && bit <= 271) ||
                              (bit >= 280 && bit <= 287);
        Memory m = {}, before;
        uint64_t control;
        VTDPostResult result;

        flip_bit(&m, bit);
        before = m;
        g_test_message("bit %u", bit);
        result = vtd_descriptor_post(&m.pd, 0x80, true, &control);
        g_assert_cmpint(result == VTD_POST_RESERVED, ==, reserved);
        if (reserved) {
            g_assert_cmpmem(m.byte, 64, before.byte, 64);
        } else {
            g_assert_true(get_bit(&m, 0x80));
        }
    }
}

/* Bits 511:320 are software's */
static void test_software(void)
{
    Memory m = {};
    uint64_t control;

    memset(&m.byte[40], 0xa5, 24);
    g_assert_cmpint(vtd_descriptor_post(&m.pd, 1, false, &control), ==,
                    VTD_POST_NOTIFY);
    for (unsigned i = 40; i < 64; i++) {
        g_assert_cmphex(m.byte[i], ==, 0xa5);
    }
}

/* NV is bits 279:272, NDST 319:288, an xAPIC's ID 303:296 */
static void test_fields(void)
{
    Memory m = {};
    uint64_t control;

    m.byte[34] = 0xf2;
    stl_le_p(&m.byte[36], 0x8765ab21);
    g_assert_cmpint(vtd_descriptor_post(&m.pd, 0x31, false, &control), ==,
                    VTD_POST_NOTIFY);
    g_assert_cmphex(FIELD_EX64(control, VTD_PD, NV), ==, 0xf2);
    g_assert_cmphex(FIELD_EX64(control, VTD_PD, NDST), ==, 0x8765ab21);
    g_assert_cmphex(FIELD_EX64(control, VTD_PD, NDST_XAPIC), ==, 0xab);
    g_assert_cmphex(m.byte[34], ==, 0xf2);
    g_assert_cmphex((uint32_t)ldl_le_p(&m.byte[36]), ==, 0x8765ab21);
}

/* ---- Against a model that goes bit by bit ---- */

static VTDPostResult model(Memory *m, uint8_t vector, bool urgent)
{
    bool on, sn;

    for (unsigned bit = 258; bit <= 287; bit++) {
        if ((bit <= 271 || bit >= 280) && get_bit(m, bit)) {
            return VTD_POST_RESERVED;
        }
    }
    if (!get_bit(m, vector)) {
        flip_bit(m, vector);
    }
    on = get_bit(m, 256);
    sn = get_bit(m, 257);
    if (!on && (urgent || !sn)) {
        flip_bit(m, 256);
        return VTD_POST_NOTIFY;
    }
    return on ? VTD_POST_PENDING : VTD_POST_SUPPRESSED;
}

static void test_random(void)
{
    uint64_t seed = 5;

    for (unsigned i = 0; i < 1000000; i++) {
        const uint64_t r = rnd64(&seed);
        const uint8_t vector = r;
        const bool urgent = r & 0x100;
        Memory m, expected;
        uint64_t control;

        for (unsigned w = 0; w < 8; w++) {
            /* Few bits of PIR and, most times, none of the reserved ones */
            uint64_t word = rnd64(&seed) & rnd64(&seed);

            if (w == 4 && (r & 0x600)) {
                word &= UINT64_C(0xffffffff00ff0003);
            }
            stq_le_p(&m.byte[8 * w], word);
        }
        expected = m;
        g_assert_cmpint(vtd_descriptor_post(&m.pd, vector, urgent, &control),
                        ==, model(&expected, vector, urgent));
        g_assert_cmpmem(m.byte, 64, expected.byte, 64);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vtd/descriptor/pir", test_pir);
    g_test_add_func("/vtd/descriptor/notification", test_notification);
    g_test_add_func("/vtd/descriptor/coalesce", test_coalesce);
    g_test_add_func("/vtd/descriptor/reserved", test_reserved);
    g_test_add_func("/vtd/descriptor/software", test_software);
    g_test_add_func("/vtd/descriptor/fields", test_fields);
    g_test_add_func("/vtd/descriptor/random", test_random);
    return g_test_run();
}
