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
    unsigned size;              /* of descriptors */
    int leaves;                 /* of 8 descriptors, that are not tables */
    bool af;                    /* leaves have the access flag */
    uint8_t out_bits;           /* addresses that descriptors hold */
    int abort_at;               /* read that fails; -1: none */
    bool other_fault;           /* .. with a fault of another stage */
    int reads;
    uint64_t trace;             /* of what was read */
} RandomMemory;

/* A short descriptor of random bits, and most of the time valid */
static uint64_t random_short(const RandomMemory *m, uint64_t desc,
                             uint64_t luck)
{
    desc &= 0xffffffff;
    if (m->contents == RANDOM_BITS || !(luck & 31)) {
        return desc;
    }
    if ((luck >> 8 & 7) < m->leaves) {
        desc |= 2;                      /* section, small page */
    } else {
        desc = (desc & ~3) | 1;         /* table, large page */
    }
    if (desc & 0x40000 && luck >> 16 & 3) {
        /* Output of a supersection that is there */
        desc &= ~(m->out_bits < 40 ? 0x1e0 : 0);
        desc &= ~(m->out_bits < 36 ? 0xf00000 : 0);
    }
    if (m->af) {
        desc |= 0x410;                  /* AP[0] at either level */
    }
    return desc;
}

static bool read_random(void *opaque, uint64_t addr, unsigned size,
                        bool big_endian, uint64_t *value,
                        SMMUv2WalkFault *fault)
{
    RandomMemory *m = opaque;
    uint64_t desc = mix64(addr ^ m->seed ^ (big_endian ? 0xbe : 0));
    uint64_t luck = mix64(desc);

    g_assert_cmpint(addr & (size - 1), ==, 0);
    g_assert_cmpint(size, ==, m->size);
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
    if (size == 4) {
        desc = random_short(m, desc, luck);
    } else if (m->contents == PLAUSIBLE) {
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

/* AArch32 tables instead */
static void random_aarch32(uint64_t *rng, SMMUv2StageConfig *cfg)
{
    cfg->format = SMMUV2_FORMAT_AARCH32_LONG;
    if (cfg->stage == 1 && one_in(rng, 2)) {
        cfg->format = SMMUV2_FORMAT_AARCH32_SHORT;
        cfg->hyp = false;
    }
    cfg->out_bits = MIN(cfg->out_bits, 40);
    for (int i = 0; i < 2; i++) {
        SMMUv2TableConfig *tt = &cfg->tt[i];

        tt->granule = 12;
        tt->tbi = false;
        tt->ttb &= MAKE_64BIT_MASK(0, rnd(rng, 16) ? cfg->out_bits : 48);
        if (cfg->format == SMMUV2_FORMAT_AARCH32_SHORT) {
            tt->ttb &= MAKE_64BIT_MASK(0, 32);
            tt->tsz = cfg->tt[0].tsz & 7;
        } else if (cfg->stage == 1) {
            tt->tsz = one_in(rng, 32) ? rnd(rng, 64) : 32 + rnd(rng, 8);
        } else {
            tt->tsz = one_in(rng, 32) ? 0 : 24 + rnd(rng, 16);
        }
    }
    if (cfg->stage == 1 && one_in(rng, 4)) {
        cfg->tt[1].tsz = cfg->format == SMMUV2_FORMAT_AARCH32_SHORT ? 0 : 32;
        cfg->tt[0].tsz = one_in(rng, 2) ? cfg->tt[0].tsz : cfg->tt[1].tsz;
    }
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
        .uwxn = one_in(rng, 4),
        .afe = one_in(rng, 2),
        .tre = one_in(rng, 2),
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
    if (one_in(rng, 2)) {
        random_aarch32(rng, cfg);
    }
}

/* Of 32 bits, with any number of zeroes or ones at the top */
static uint64_t random_addr32(uint64_t *rng)
{
    uint64_t addr = rnd64(rng) & 0xffffffff;

    if (one_in(rng, 4)) {
        addr |= MAKE_64BIT_MASK(32 - rnd(rng, 9), 9) & 0xffffffff;
    } else if (one_in(rng, 2)) {
        addr >>= rnd(rng, 9);
    }
    return one_in(rng, 32) ? addr | 1ull << (32 + rnd(rng, 32)) : addr;
}

static uint64_t random_addr(uint64_t *rng, const SMMUv2StageConfig *cfg)
{
    if (cfg->stage == 1 && cfg->format != SMMUV2_FORMAT_AARCH64) {
        return random_addr32(rng);
    }
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
    uint64_t mapped[3][17][4];          /* AArch64: stage, granule, level */
    uint64_t fault[3][3][6][4];         /* format, stage, kind, level */
    uint64_t roots[3][17];              /* format, concatenated tables */
    uint64_t perm[3][3][64];            /* format, stage */
    uint64_t block[3][3][2][31];        /* AArch32: format, stage, TTBR, log2 */
    uint64_t s1ptw, upper, tagged;
    uint64_t bad_outcome, bad_mapping, bad_perm, bad_attrs, bad_fault,
             bad_reads, bad_last;
    uint64_t from_last[3];              /* format */
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
                       ": format %d stage %d granule %d tsz %d sl0 %d addr 0x%"
                       PRIx64 " perm 0x%x, reference 0x%x; memattr 0x%x sh %d, "
                       "reference 0x%x %d", what, n, test_seed(), cfg->format,
                       cfg->stage, cfg->tt[0].granule, cfg->tt[0].tsz,
                       cfg->sl0, addr, a->perm, b->perm, a->attrs.memattr,
                       a->attrs.sh, b->attrs.memattr, b->attrs.sh);
    }
}

/* The same walk again, from the last-level table that it came to */
static bool same_from_last(const SMMUv2StageConfig *cfg, uint64_t addr,
                           RandomMemory m, SMMUv2LastTable last,
                           const SMMUv2Mapping *a)
{
    SMMUv2Mapping b;
    SMMUv2WalkFault fault;

    if (!last.shift) {
        return true;
    }
    seen.from_last[cfg->format]++;
    m.reads = 0;
    m.abort_at = -1;
    return smmuv2_walk_from(cfg, addr, &last, read_random, &m, &b, &fault) &&
           m.reads == 1 && a->in == b.in && a->out == b.out &&
           a->shift == b.shift && a->level == b.level && a->perm == b.perm &&
           a->global == b.global && a->piece == b.piece &&
           a->attrs.memattr == b.attrs.memattr && a->attrs.sh == b.attrs.sh;
}

static void random_case(uint64_t n)
{
    SMMUv2LastTable last = { 0 };
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
        .size = cfg.format == SMMUV2_FORMAT_AARCH32_SHORT ? 4 : 8,
    };
    mb = ma;
    ra = smmuv2_walk_from(&cfg, addr, &last, read_random, &ma, &a, &fa);
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
        seen.roots[cfg.format][reference_root_tables]++;
    }
    if (!rb) {
        seen.fault[cfg.format][fb.stage][fb.kind][fb.level]++;
        seen.s1ptw += fb.s1ptw;
        if (fa.kind != fb.kind || fa.stage != fb.stage ||
            fa.level != fb.level || fa.s1ptw != fb.s1ptw || fa.ipa != fb.ipa) {
            differ(&seen.bad_fault, "fault", n, &cfg, addr, &a, &b);
        }
        return;
    }
    if (cfg.format != SMMUV2_FORMAT_AARCH64) {
        bool upper = cfg.stage == 1 && addr >> 31;

        seen.block[cfg.format][cfg.stage][upper][b.shift]++;
    }
    for (int i = 0; i < 2; i++) {
        if (cfg.format == SMMUV2_FORMAT_AARCH64 &&
            i == (cfg.stage == 1 && (addr >> 55 & 1))) {
            seen.mapped[cfg.stage][cfg.tt[i].granule][b.level]++;
        }
    }
    seen.perm[cfg.format][cfg.stage][b.perm]++;
    seen.upper += cfg.stage == 1 && addr >> 63;
    seen.tagged += addr != sextract64(addr, 0, 56);
    if (a.in != b.in || a.out != b.out || a.shift != b.shift ||
        a.level != b.level || a.global != b.global || a.piece != b.piece) {
        differ(&seen.bad_mapping, "mapping", n, &cfg, addr, &a, &b);
    }
    if (!same_from_last(&cfg, addr, ma, last, &a)) {
        differ(&seen.bad_last, "from the last table", n, &cfg, addr, &a, &b);
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

static void test_random_coverage_aarch32(void)
{
    static const struct {
        SMMUv2Format format;
        int stage, shift, level;
    } leaves[] = {
        { SMMUV2_FORMAT_AARCH32_LONG, 1, 30, 1 },
        { SMMUV2_FORMAT_AARCH32_LONG, 1, 21, 2 },
        { SMMUV2_FORMAT_AARCH32_LONG, 1, 12, 3 },
        { SMMUV2_FORMAT_AARCH32_LONG, 2, 30, 1 },
        { SMMUV2_FORMAT_AARCH32_LONG, 2, 21, 2 },
        { SMMUV2_FORMAT_AARCH32_LONG, 2, 12, 3 },
        { SMMUV2_FORMAT_AARCH32_SHORT, 1, 24, 1 },
        { SMMUV2_FORMAT_AARCH32_SHORT, 1, 20, 1 },
        { SMMUV2_FORMAT_AARCH32_SHORT, 1, 16, 2 },
        { SMMUV2_FORMAT_AARCH32_SHORT, 1, 12, 2 },
    };
    /* Each data permission, executable by none, one, both where that can be */
    static const uint8_t perms[] = {
        PR, PR | PX, PR | PW, PR | PW | PX, PR | UR, PR | UR | UX,
        PR | UR | UX | PX, PR | PW | UR | UW, PR | PW | UR | UW | UX,
        SMMUV2_PERM_ALL,
    };

    random_cases();
    if (seen.cases < 1000000) {
        g_test_skip("fewer than a million cases");
        return;
    }
    for (int i = 0; i < ARRAY_SIZE(leaves); i++) {
        uint64_t (*f)[4] = seen.fault[leaves[i].format][leaves[i].stage];
        int level = leaves[i].level;

        for (int upper = 0; upper <= (leaves[i].stage == 1); upper++) {
            g_assert_cmpuint(seen.block[leaves[i].format][leaves[i].stage]
                                       [upper][leaves[i].shift], >, 100);
        }
        g_assert_cmpuint(f[SMMUV2_FAULT_TRANSLATION][level], >, 100);
        g_assert_cmpuint(f[SMMUV2_FAULT_EXTERNAL][level], >, 100);
        g_assert_cmpuint(f[SMMUV2_FAULT_ACCESS_FLAG][level], >, 100);
        if (leaves[i].format == SMMUV2_FORMAT_AARCH32_LONG || level == 1) {
            g_assert_cmpuint(f[SMMUV2_FAULT_ADDRESS_SIZE][level], >, 100);
        }
        if (leaves[i].stage == 1) {
            /* There is no level 0 */
            g_assert_cmpuint(f[SMMUV2_FAULT_TRANSLATION][0], ==, 0);
        }
    }
    for (int tables = 1; tables <= 16; tables *= 2) {
        g_assert_cmpuint(seen.roots[SMMUV2_FORMAT_AARCH32_LONG][tables], >,
                         100);
    }
    for (int i = 0; i < ARRAY_SIZE(perms); i++) {
        g_assert_cmpuint(seen.perm[SMMUV2_FORMAT_AARCH32_LONG][1][perms[i]], >,
                         100);
        g_assert_cmpuint(seen.perm[SMMUV2_FORMAT_AARCH32_SHORT][1][perms[i]], >,
                         100);
    }
    for (int i = 0; i < ARRAY_SIZE(seen.from_last); i++) {
        g_assert_cmpuint(seen.from_last[i], >, 100);
    }
    /* Nothing at all, and written by PL1 what PL0 may read: AP[2:0] alone */
    g_assert_cmpuint(seen.perm[SMMUV2_FORMAT_AARCH32_SHORT][1][0], >, 100);
    g_assert_cmpuint(seen.perm[SMMUV2_FORMAT_AARCH32_SHORT][1]
                              [PR | PW | UR | UX | PX], >, 100);
    for (int i = 0; i < 8; i++) {
        /* Stage 2 executes what it reads */
        uint64_t count = seen.perm[SMMUV2_FORMAT_AARCH32_LONG][2][i << 3 | i];

        if ((i & 5) == 4) {
            g_assert_cmpuint(count, ==, 0);
        } else {
            g_assert_cmpuint(count, >, 100);
        }
    }
}

/* Each outcome that there can be has been there */
static void test_random_coverage(void)
{
    static const uint8_t first_leaf[17] = { [12] = 1, [14] = 2, [16] = 2 };
    uint64_t (*perm)[64] = seen.perm[SMMUV2_FORMAT_AARCH64];

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
            uint64_t (*f)[4] = seen.fault[SMMUV2_FORMAT_AARCH64][stage];

            g_assert_cmpuint(f[SMMUV2_FAULT_TRANSLATION][level], >, 100);
            g_assert_cmpuint(f[SMMUV2_FAULT_ADDRESS_SIZE][level], >, 100);
            g_assert_cmpuint(f[SMMUV2_FAULT_EXTERNAL][level], >, 100);
            if (level) {
                g_assert_cmpuint(f[SMMUV2_FAULT_ACCESS_FLAG][level], >, 100);
            }
        }
    }
    for (int tables = 1; tables <= 16; tables *= 2) {
        g_assert_cmpuint(seen.roots[SMMUV2_FORMAT_AARCH64][tables], >, 100);
    }
    /* All that AP, XN, PXN, WXN can make of it */
    g_assert_cmpuint(perm[1][PR], >, 100);
    g_assert_cmpuint(perm[1][PR | PX], >, 100);
    g_assert_cmpuint(perm[1][PR | PW | PX], >, 100);
    g_assert_cmpuint(perm[1][PR | UR | UX], >, 100);
    g_assert_cmpuint(perm[1][PR | UR | PX], >, 100);
    g_assert_cmpuint(perm[1][PR | UR | UX | PX], >, 100);
    g_assert_cmpuint(perm[1][PR | PW | UR | UW], >, 100);
    g_assert_cmpuint(perm[1][PR | PW | UR | UW | UX], >, 100);
    g_assert_cmpuint(perm[1][SMMUV2_PERM_ALL], >, 100);
    for (int i = 0; i < 8; i++) {
        g_assert_cmpuint(perm[2][i << 3 | i], >, 100);
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
    g_test_add_data_func("/smmuv2/walk/random/from-last-table",
                         &seen.bad_last, test_random);
    g_test_add_func("/smmuv2/walk/random/coverage", test_random_coverage);
    g_test_add_func("/smmuv2/walk/random/coverage-aarch32",
                    test_random_coverage_aarch32);
    return g_test_run();
}
