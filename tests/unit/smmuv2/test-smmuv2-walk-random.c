/*
 * Arm SMMUv2 translation table walks: random tests
 *
 * The walker against a reference walker (reference-walk.c), over configurations
 * and tables that reach each level and kind of result; which ones were reached
 * is counted and must be all.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/arm/smmuv2/smmuv2-walk.h"
#include "reference-walk.h"
#include "test-util.h"

#define UR SMMUV2_PERM_UR
#define UW SMMUV2_PERM_UW
#define UX SMMUV2_PERM_UX
#define PR SMMUV2_PERM_PR
#define PW SMMUV2_PERM_PW
#define PX SMMUV2_PERM_PX

/* Memory that is made up as it is read, the same each time */
typedef struct RandomMemory {
    uint64_t seed;
    enum { RANDOM_BITS, PLAUSIBLE } contents;
    int leaves;                 /* of 8 descriptors, that are not tables */
    bool af;                    /* leaves have the access flag */
    uint8_t out_bits;           /* addresses that descriptors hold */
    int abort_at;               /* read that fails; -1: none */
    bool other_fault;           /* .. with a fault of another stage */
    int reads;
    uint64_t trace;             /* of what was read */
} RandomMemory;

static bool read_random(void *opaque, uint64_t addr, bool big_endian,
                        uint64_t *value, SMMUv2WalkFault *fault)
{
    RandomMemory *m = opaque;
    uint64_t desc = mix64(addr ^ m->seed ^ (big_endian ? 0xbe : 0));
    uint64_t luck = mix64(desc);

    g_assert_cmpint(addr & 7, ==, 0);
    m->trace = mix64(m->trace ^ addr);
    if (m->reads++ == m->abort_at) {
        if (m->other_fault) {
            *fault = (SMMUv2WalkFault) {
                .kind = 1 + luck % 5, .stage = 2, .level = luck >> 8 & 3,
                .s1ptw = true, .ipa = addr,
            };
        }
        return false;
    }
    if (m->contents == PLAUSIBLE) {
        /* Address bits beyond out_bits are set now and then */
        desc &= ~MAKE_64BIT_MASK(m->out_bits, 48 - m->out_bits);
        if (luck % 32 == 0) {
            desc |= mix64(luck) & MAKE_64BIT_MASK(12, 36);
        }
        desc |= 3;
        if (luck >> 8 & 7 && (luck >> 11 & 7) < m->leaves) {
            desc &= ~2ull;
        }
        if ((luck >> 16 & 31) == 0) {
            desc &= ~1ull;
        }
        if (m->af || luck >> 24 & 7) {
            desc |= 0x400;
        }
    }
    *value = desc;
    return true;
}

static uint8_t any_bits(uint64_t *rng)
{
    static const uint8_t bits[] = { 48, 32, 36, 40, 42, 44, 48, 48 };

    return bits[rnd(rng, ARRAY_SIZE(bits))];
}

static void random_config(uint64_t *rng, SMMUv2StageConfig *cfg)
{
    static const uint8_t granule[] = { 12, 14, 16 };

    *cfg = (SMMUv2StageConfig) {
        .stage = 1 + rnd(rng, 2),
        .enabled = true,
        .affd = one_in(rng, 4),
        .big_endian = one_in(rng, 2),
        .wxn = one_in(rng, 4),
        .hyp = one_in(rng, 4),
        .ptw = one_in(rng, 2),
        .sep = one_in(rng, 2) ? 7 : rnd(rng, 8),
        .sl0 = rnd(rng, 16) ? rnd(rng, 3) : 3,
        .in_bits = any_bits(rng),
        .oas_bits = any_bits(rng),
        .mair = rnd64(rng),
    };
    cfg->out_bits = one_in(rng, 2) ? cfg->oas_bits :
                    MIN(cfg->oas_bits, any_bits(rng));
    for (int i = 0; i < 2; i++) {
        cfg->tt[i] = (SMMUv2TableConfig) {
            .ttb = rnd64(rng) & MAKE_64BIT_MASK(0, 48),
            .tsz = one_in(rng, 32) ? rnd(rng, 64) : 16 + rnd(rng, 24),
            .granule = one_in(rng, 32) ? 0 : granule[rnd(rng, 3)],
            .disabled = one_in(rng, 16),
            .tbi = one_in(rng, 2),
        };
        if (rnd(rng, 16)) {
            cfg->tt[i].ttb &= MAKE_64BIT_MASK(0, cfg->out_bits);
        }
    }
}

static uint64_t random_addr(uint64_t *rng, const SMMUv2StageConfig *cfg)
{
    bool upper = cfg->stage == 1 && rnd(rng, 8) > (cfg->hyp ? 6 : 3);
    unsigned size = 64 - MIN(cfg->tt[upper].tsz, 52);
    uint64_t addr = rnd64(rng) & MAKE_64BIT_MASK(0, size);

    if (upper) {
        addr |= ~MAKE_64BIT_MASK(0, size);
        if (one_in(rng, 4)) {
            addr &= MAKE_64BIT_MASK(0, SMMUV2_UPSTREAM_BITS);
        }
    }
    if (one_in(rng, 8)) {
        addr ^= rnd64(rng) & MAKE_64BIT_MASK(56, 8);    /* a tag */
    }
    if (one_in(rng, 16)) {
        addr ^= 1ull << rnd(rng, 64);
    }
    return one_in(rng, 64) ? rnd64(rng) : addr;
}

/* What random walks led to, and where the two walkers differed */
static struct {
    bool done;
    uint64_t cases;
    uint64_t mapped[3][17][4];          /* stage, granule, level */
    uint64_t fault[3][6][4];            /* stage, kind, level */
    uint64_t roots[17];                 /* concatenated tables */
    uint64_t perm[3][64];               /* stage */
    uint64_t s1ptw, upper, tagged;
    uint64_t bad_outcome, bad_mapping, bad_perm, bad_attrs, bad_fault,
             bad_reads;
} seen;

/* Whether descriptors of this kind have attributes the Arm ARM defines */
static bool attrs_defined(const SMMUv2Mapping *map)
{
    return map->attrs.sh != 1;
}

static void differ(uint64_t *counter, const char *what, uint64_t n,
                   const SMMUv2StageConfig *cfg, uint64_t addr,
                   const SMMUv2Mapping *a, const SMMUv2Mapping *b)
{
    if ((*counter)++ < 3) {
        g_test_message("%s differs in case %" PRIu64 " of seed %" PRIu64
                       ": stage %d granule %d tsz %d sl0 %d addr 0x%" PRIx64
                       " perm 0x%x, reference 0x%x; memattr 0x%x sh %d, "
                       "reference 0x%x %d", what, n, test_seed(), cfg->stage,
                       cfg->tt[0].granule, cfg->tt[0].tsz, cfg->sl0, addr,
                       a->perm, b->perm, a->attrs.memattr, a->attrs.sh,
                       b->attrs.memattr, b->attrs.sh);
    }
}

static void random_case(uint64_t n)
{
    uint64_t rng = mix64(test_seed()) + n * 0x632be59bd9b4e019ull, addr;
    SMMUv2StageConfig cfg;
    SMMUv2Mapping a = { 0 }, b = { 0 };
    SMMUv2WalkFault fa = { 0 }, fb = { 0 };
    RandomMemory ma, mb;
    bool ra, rb;

    random_config(&rng, &cfg);
    addr = random_addr(&rng, &cfg);
    ma = (RandomMemory) {
        .seed = rnd64(&rng),
        .contents = one_in(&rng, 8) ? RANDOM_BITS : PLAUSIBLE,
        .leaves = rnd(&rng, 4),
        .af = one_in(&rng, 2),
        .out_bits = cfg.out_bits,
        .abort_at = one_in(&rng, 16) ? rnd(&rng, 4) : -1,
        .other_fault = cfg.stage == 1 && one_in(&rng, 2),
    };
    mb = ma;
    ra = smmuv2_walk_lpae(&cfg, addr, read_random, &ma, &a, &fa);
    rb = reference_walk(&cfg, addr, read_random, &mb, &b, &fb);

    seen.cases++;
    if (ra != rb) {
        differ(&seen.bad_outcome, "outcome", n, &cfg, addr, &a, &b);
        return;
    }
    if (ma.reads != mb.reads || ma.trace != mb.trace || ma.reads > 4) {
        differ(&seen.bad_reads, "descriptors read", n, &cfg, addr, &a, &b);
    }
    if (mb.reads) {
        seen.roots[reference_root_tables]++;
    }
    if (!rb) {
        seen.fault[fb.stage][fb.kind][fb.level]++;
        seen.s1ptw += fb.s1ptw;
        if (fa.kind != fb.kind || fa.stage != fb.stage ||
            fa.level != fb.level || fa.s1ptw != fb.s1ptw || fa.ipa != fb.ipa) {
            differ(&seen.bad_fault, "fault", n, &cfg, addr, &a, &b);
        }
        return;
    }
    for (int i = 0; i < 2; i++) {
        if (i == (cfg.stage == 1 && (addr >> 55 & 1))) {
            seen.mapped[cfg.stage][cfg.tt[i].granule][b.level]++;
        }
    }
    seen.perm[cfg.stage][b.perm]++;
    seen.upper += cfg.stage == 1 && addr >> 63;
    seen.tagged += addr != sextract64(addr, 0, 56);
    if (a.in != b.in || a.out != b.out || a.shift != b.shift ||
        a.level != b.level || a.global != b.global) {
        differ(&seen.bad_mapping, "mapping", n, &cfg, addr, &a, &b);
    }
    if (a.perm != b.perm) {
        differ(&seen.bad_perm, "permission", n, &cfg, addr, &a, &b);
    }
    if (attrs_defined(&b) && (a.attrs.memattr != b.attrs.memattr ||
                              a.attrs.sh != b.attrs.sh)) {
        differ(&seen.bad_attrs, "attributes", n, &cfg, addr, &a, &b);
    }
}

static void random_cases(void)
{
    uint64_t count = test_count(2000000);

    if (!seen.done) {
        /* One case again: SMMUV2_TEST_CASE */
        uint64_t only = test_env("SMMUV2_TEST_CASE", UINT64_MAX);

        for (uint64_t n = 0; n < count; n++) {
            if (only == UINT64_MAX || n == only) {
                random_case(n);
            }
        }
        seen.done = true;
    }
}

static void test_random(const void *data)
{
    const uint64_t *bad = data;

    random_cases();
    g_test_message("%" PRIu64 " cases, %" PRIu64 " differ", seen.cases, *bad);
    g_assert_cmpuint(*bad, ==, 0);
}

/* Each outcome that there can be has been there */
static void test_random_coverage(void)
{
    static const uint8_t first_leaf[17] = { [12] = 1, [14] = 2, [16] = 2 };

    random_cases();
    if (seen.cases < 1000000) {
        g_test_skip("fewer than a million cases");
        return;
    }
    for (int stage = 1; stage <= 2; stage++) {
        for (int granule = 12; granule <= 16; granule += 2) {
            for (int level = first_leaf[granule]; level <= 3; level++) {
                g_assert_cmpuint(seen.mapped[stage][granule][level], >, 100);
            }
        }
        for (int level = 0; level <= 3; level++) {
            uint64_t (*f)[4] = seen.fault[stage];

            g_assert_cmpuint(f[SMMUV2_FAULT_TRANSLATION][level], >, 100);
            g_assert_cmpuint(f[SMMUV2_FAULT_ADDRESS_SIZE][level], >, 100);
            g_assert_cmpuint(f[SMMUV2_FAULT_EXTERNAL][level], >, 100);
            if (level) {
                g_assert_cmpuint(f[SMMUV2_FAULT_ACCESS_FLAG][level], >, 100);
            }
        }
    }
    for (int tables = 1; tables <= 16; tables *= 2) {
        g_assert_cmpuint(seen.roots[tables], >, 100);
    }
    /* All that AP, XN, PXN, WXN can make of it */
    g_assert_cmpuint(seen.perm[1][PR], >, 100);
    g_assert_cmpuint(seen.perm[1][PR | PX], >, 100);
    g_assert_cmpuint(seen.perm[1][PR | PW | PX], >, 100);
    g_assert_cmpuint(seen.perm[1][PR | UR | UX], >, 100);
    g_assert_cmpuint(seen.perm[1][PR | UR | PX], >, 100);
    g_assert_cmpuint(seen.perm[1][PR | UR | UX | PX], >, 100);
    g_assert_cmpuint(seen.perm[1][PR | PW | UR | UW], >, 100);
    g_assert_cmpuint(seen.perm[1][PR | PW | UR | UW | UX], >, 100);
    g_assert_cmpuint(seen.perm[1][SMMUV2_PERM_ALL], >, 100);
    for (int i = 0; i < 8; i++) {
        g_assert_cmpuint(seen.perm[2][i << 3 | i], >, 100);
    }
    g_assert_cmpuint(seen.s1ptw, >, 100);
    g_assert_cmpuint(seen.upper, >, 100);
    g_assert_cmpuint(seen.tagged, >, 100);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    g_test_add_data_func("/smmuv2/walk/random/outcome", &seen.bad_outcome,
                         test_random);
    g_test_add_data_func("/smmuv2/walk/random/mapping", &seen.bad_mapping,
                         test_random);
    g_test_add_data_func("/smmuv2/walk/random/permission", &seen.bad_perm,
                         test_random);
    g_test_add_data_func("/smmuv2/walk/random/attributes", &seen.bad_attrs,
                         test_random);
    g_test_add_data_func("/smmuv2/walk/random/fault", &seen.bad_fault,
                         test_random);
    g_test_add_data_func("/smmuv2/walk/random/descriptors-read",
                         &seen.bad_reads, test_random);
    g_test_add_func("/smmuv2/walk/random/coverage", test_random_coverage);
    return g_test_run();
}
