/*
 * GIC: unit tests of the copy of LPI tables (hw/intc/gicv4/lpis.c)
 *
 * Each rule by itself, then any operations in any order against a model that
 * has no copy: it goes through all that may be pending each time.
 *
 *   GICV4_TEST_SEED=N GICV4_TEST_COUNT=N test-gicv4-lpis
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/intc/gicv4/lpis.h"
#include "../smmuv2/test-util.h"
#include "memory.h"

#define PENDING     UINT64_C(0x10000)   /* 8 KiB, for 16 bits of INTID */
#define PENDING2    UINT64_C(0x20000)
#define CONF        UINT64_C(0x40000)   /* 56 KiB */
#define CONF2       UINT64_C(0x60000)
#define G1NS        2                   /* GICV3_G1NS */

static AddressSpace as;

static void configure(uint64_t conf_base, unsigned irq, uint8_t conf)
{
    test_ram[conf_base + irq - 8192] = conf;
}

static bool ram_pending(uint64_t base, unsigned irq)
{
    return test_ram[base + irq / 8] >> irq % 8 & 1;
}

static void set_ram_pending(uint64_t base, unsigned irq)
{
    test_ram[base + irq / 8] |= 1 << irq % 8;
}

static GICv4LPIs *fresh(unsigned idbits)
{
    GICv4LPIs *lpis = NULL;

    gicv4_lpis_load(&lpis, &as, PENDING, CONF, idbits);
    return lpis;
}

static void clear_ram(void)
{
    memset(test_ram, 0, sizeof(test_ram));
}

#define assert_best(lpis, irq_, prio_) do { \
    PendingIrq best_ = gicv4_lpis_best(lpis, true); \
    g_assert_cmphex(best_.prio, ==, prio_); \
    g_assert_cmpint(best_.irq, ==, irq_); \
    g_assert_cmpint(best_.grp, ==, G1NS); \
    g_assert_false(best_.nmi); \
} while (0)

#define assert_none(lpis) \
    g_assert_cmphex(gicv4_lpis_best(lpis, true).prio, ==, 0xff)

/* ---- Rules ---- */

static void test_nothing(void)
{
    g_autofree GICv4LPIs *lpis = NULL;

    clear_ram();
    lpis = fresh(15);
    assert_none(lpis);
    g_assert_false(gicv4_lpis_is_pending(lpis, 8192));
    /* Pending, but not enabled */
    g_assert_true(gicv4_lpis_set(lpis, 9000, true));
    assert_none(lpis);
    g_assert_true(gicv4_lpis_is_pending(lpis, 9000));
}

static void test_written_through(void)
{
    g_autofree GICv4LPIs *lpis = NULL;

    clear_ram();
    lpis = fresh(15);
    g_assert_true(gicv4_lpis_set(lpis, 8195, true));
    g_assert_cmphex(test_ram[PENDING + 1024], ==, 0x08);
    g_assert_false(gicv4_lpis_set(lpis, 8195, true));
    g_assert_true(gicv4_lpis_set(lpis, 65535, true));
    g_assert_cmphex(test_ram[PENDING + 8191], ==, 0x80);
    g_assert_true(gicv4_lpis_set(lpis, 8195, false));
    g_assert_cmphex(test_ram[PENDING + 1024], ==, 0x00);
    g_assert_false(gicv4_lpis_set(lpis, 8195, false));
}

static void test_found_at_load(void)
{
    g_autofree GICv4LPIs *lpis = NULL;

    clear_ram();
    configure(CONF, 8192, 0x81);
    configure(CONF, 40000, 0x41);
    configure(CONF, 65535, 0x21);
    set_ram_pending(PENDING, 8192);
    set_ram_pending(PENDING, 40000);
    set_ram_pending(PENDING, 65535);
    lpis = fresh(15);
    assert_best(lpis, 65535, 0x20);
    gicv4_lpis_set(lpis, 65535, false);
    assert_best(lpis, 40000, 0x40);
    gicv4_lpis_set(lpis, 40000, false);
    assert_best(lpis, 8192, 0x80);
    gicv4_lpis_set(lpis, 8192, false);
    assert_none(lpis);
}

/* Of the same priority the lower INTID; the last bits of a priority are none */
static void test_order(void)
{
    static const unsigned order[] = {
        8200, 8201, 8256, 8192 + 2048, 8192 + 4096 + 63, 65535
    };
    g_autofree GICv4LPIs *lpis = NULL;

    clear_ram();
    lpis = fresh(15);
    for (int i = ARRAY_SIZE(order) - 1; i >= 0; i--) {
        configure(CONF, order[i], 0xa1 + 2 * (i & 1));
        gicv4_lpis_set(lpis, order[i], true);
        assert_best(lpis, order[i], 0xa0);
    }
    for (int i = 0; i < ARRAY_SIZE(order); i++) {
        assert_best(lpis, order[i], 0xa0);
        gicv4_lpis_set(lpis, order[i], false);
    }
    assert_none(lpis);

    configure(CONF, 9000, 0xfd);
    gicv4_lpis_set(lpis, 9000, true);
    assert_best(lpis, 9000, 0xfc);
    configure(CONF, 9001, 0x01);
    gicv4_lpis_set(lpis, 9001, true);
    assert_best(lpis, 9001, 0x00);
}

static void test_two_security_states(void)
{
    g_autofree GICv4LPIs *lpis = NULL;

    clear_ram();
    configure(CONF, 9000, 0x41);
    lpis = fresh(15);
    gicv4_lpis_set(lpis, 9000, true);
    g_assert_cmphex(gicv4_lpis_best(lpis, true).prio, ==, 0x40);
    g_assert_cmphex(gicv4_lpis_best(lpis, false).prio, ==, 0xa0);
    gicv4_lpis_set(lpis, 9000, false);
    g_assert_cmphex(gicv4_lpis_best(lpis, false).prio, ==, 0xff);
}

/* Read when it becomes pending, kept until it is invalidated */
static void test_configuration(void)
{
    g_autofree GICv4LPIs *lpis = NULL;

    clear_ram();
    lpis = fresh(15);
    configure(CONF, 9000, 0x41);
    gicv4_lpis_set(lpis, 9000, true);
    assert_best(lpis, 9000, 0x40);
    configure(CONF, 9000, 0x40);
    assert_best(lpis, 9000, 0x40);
    gicv4_lpis_invalidate(lpis, 9001);
    assert_best(lpis, 9000, 0x40);
    gicv4_lpis_invalidate(lpis, 9000);
    assert_none(lpis);
    configure(CONF, 9000, 0x11);
    gicv4_lpis_invalidate(lpis, 9000);
    assert_best(lpis, 9000, 0x10);
    /* Worse than before */
    configure(CONF, 9100, 0x21);
    gicv4_lpis_set(lpis, 9100, true);
    configure(CONF, 9000, 0x31);
    gicv4_lpis_invalidate(lpis, 9000);
    assert_best(lpis, 9100, 0x20);
    /* There is no such LPI */
    gicv4_lpis_invalidate(lpis, 0);
    gicv4_lpis_invalidate(lpis, 8191);
    gicv4_lpis_invalidate(lpis, 65536);
    gicv4_lpis_invalidate(lpis, UINT32_MAX);
}

static void test_range(void)
{
    static const struct {
        unsigned idbits, first_bad;
    } rows[] = {
        { 0, 0 }, { 12, 0 }, { 13, 16384 }, { 14, 32768 }, { 15, 65536 },
        { 16, 65536 }, { 30, 65536 }, { 31, 65536 },
    };

    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        g_autofree GICv4LPIs *lpis = NULL;
        uint32_t bad[] = { 0, 1023, 8191, rows[i].first_bad, 65536, 1 << 30,
                           UINT32_MAX };

        memset(test_ram, 0xff, sizeof(test_ram));
        lpis = fresh(rows[i].idbits);
        for (unsigned b = 0; b < ARRAY_SIZE(bad); b++) {
            g_assert_false(gicv4_lpis_has(lpis, bad[b]));
            g_assert_false(gicv4_lpis_is_pending(lpis, bad[b]));
            g_assert_false(gicv4_lpis_set(lpis, bad[b], true));
            g_assert_false(gicv4_lpis_set(lpis, bad[b], false));
        }
        if (!rows[i].first_bad) {
            assert_none(lpis);
            continue;
        }
        g_assert_true(gicv4_lpis_has(lpis, 8192));
        g_assert_true(gicv4_lpis_has(lpis, rows[i].first_bad - 1));
        assert_best(lpis, 8192, 0xfc);
        g_assert_true(gicv4_lpis_set(lpis, rows[i].first_bad - 1, false));
        g_assert_false(ram_pending(PENDING, rows[i].first_bad - 1));
        g_assert_cmphex(test_ram[PENDING + rows[i].first_bad / 8], ==, 0xff);
    }
}

static void test_loaded(void)
{
    g_autofree GICv4LPIs *lpis = NULL;

    g_assert_false(gicv4_lpis_loaded(NULL, PENDING, CONF, 15));
    clear_ram();
    lpis = fresh(15);
    g_assert_true(gicv4_lpis_loaded(lpis, PENDING, CONF, 15));
    g_assert_true(gicv4_lpis_loaded(lpis, PENDING, CONF, 31));
    g_assert_false(gicv4_lpis_loaded(lpis, PENDING, CONF, 14));
    g_assert_false(gicv4_lpis_loaded(lpis, PENDING2, CONF, 15));
    g_assert_false(gicv4_lpis_loaded(lpis, PENDING, CONF2, 15));
    /* Nothing is left of another, larger one */
    configure(CONF, 60000, 0x11);
    gicv4_lpis_set(lpis, 60000, true);
    gicv4_lpis_load(&lpis, &as, PENDING, CONF, 13);
    assert_none(lpis);
}

static void test_tables(void)
{
    clear_ram();
    g_assert_true(gicv4_table_set(&as, PENDING, 9000, true));
    g_assert_false(gicv4_table_set(&as, PENDING, 9000, true));
    g_assert_true(ram_pending(PENDING, 9000));
    g_assert_true(gicv4_table_is_pending(&as, PENDING, 9000));
    g_assert_false(gicv4_table_is_pending(&as, PENDING, 9001));
    g_assert_false(gicv4_table_any(&as, PENDING, CONF, 15));
    configure(CONF, 9000, 0x81);
    g_assert_true(gicv4_table_is_enabled(&as, CONF, 9000));
    g_assert_false(gicv4_table_is_enabled(&as, CONF, 9001));
    g_assert_true(gicv4_table_any(&as, PENDING, CONF, 15));
    g_assert_false(gicv4_table_any(&as, PENDING, CONF, 12));
    g_assert_true(gicv4_table_set(&as, PENDING, 9000, false));
    g_assert_false(gicv4_table_set(&as, PENDING, 9000, false));
}

static void test_move_all(void)
{
    clear_ram();
    set_ram_pending(PENDING, 100);              /* not an LPI */
    set_ram_pending(PENDING, 8192);
    set_ram_pending(PENDING, 9000);
    set_ram_pending(PENDING, 16384);            /* beyond 14 bits */
    set_ram_pending(PENDING2, 9000);
    set_ram_pending(PENDING2, 9001);
    gicv4_table_move_all(&as, PENDING, PENDING2, 13);
    g_assert_true(ram_pending(PENDING, 100));
    g_assert_false(ram_pending(PENDING, 8192));
    g_assert_false(ram_pending(PENDING, 9000));
    g_assert_true(ram_pending(PENDING, 16384));
    g_assert_false(ram_pending(PENDING2, 100));
    g_assert_true(ram_pending(PENDING2, 8192));
    g_assert_true(ram_pending(PENDING2, 9000));
    g_assert_true(ram_pending(PENDING2, 9001));
    g_assert_false(ram_pending(PENDING2, 16384));
    /* To where it is */
    gicv4_table_move_all(&as, PENDING2, PENDING2, 15);
    g_assert_true(ram_pending(PENDING2, 8192));
    g_assert_true(ram_pending(PENDING2, 9000));
}

static void test_no_memory(void)
{
    GICv4LPIs *lpis = NULL;

    memset(test_ram, 0xff, sizeof(test_ram));
    /* Neither table */
    gicv4_lpis_load(&lpis, &as, UINT64_C(1) << 50, UINT64_C(1) << 50, 15);
    assert_none(lpis);
    gicv4_lpis_set(lpis, 9000, true);
    assert_none(lpis);
    /* Only the configuration is missing */
    gicv4_lpis_load(&lpis, &as, PENDING, UINT64_C(1) << 50, 15);
    g_assert_true(gicv4_lpis_is_pending(lpis, 9000));
    assert_none(lpis);
    /* The pending table ends with memory: only what is there is pending */
    gicv4_lpis_load(&lpis, &as, RAM_SIZE - 0x1000, CONF, 15);
    g_assert_true(gicv4_lpis_is_pending(lpis, 32767));
    g_assert_true(gicv4_lpis_set(lpis, 60000, true));
    assert_best(lpis, 8192, 0xfc);
    g_free(lpis);
}

static GICv4LPIs *reentered;

static void load_again(void)
{
    test_mmio_hook = NULL;
    gicv4_lpis_load(&reentered, &as, PENDING, CONF, 13);
}

/* Registers for tables, and the access comes back as another load */
static void test_reentered(void)
{
    for (int i = 0; i < 4; i++) {
        bool pending_too = i & 1;

        clear_ram();
        configure(CONF, 8192, 0x11);
        set_ram_pending(PENDING, 8192);
        gicv4_lpis_load(&reentered, &as, pending_too ? MMIO : PENDING2, MMIO,
                        15);
        test_mmio_hook = load_again;
        if (i & 2) {
            gicv4_lpis_load(&reentered, &as, MMIO, MMIO, 15);
        } else {
            gicv4_lpis_set(reentered, 65535, true);
        }
        test_mmio_hook = NULL;
        gicv4_lpis_load(&reentered, &as, PENDING, CONF, 15);
        assert_best(reentered, 8192, 0x10);
    }
    g_free(reentered);
    reentered = NULL;
}

/* ---- Any operations, against a model ---- */

static struct {
    uint64_t pending_base, conf_base;
    unsigned end;               /* of INTIDs */
    uint8_t pending[8192];      /* what the table should say */
    uint8_t conf[65536];        /* as it was last read, of those pending */
    unsigned hot[600];          /* INTIDs that this epoch is about */
    unsigned num_hot;
} model;

static bool model_pending(unsigned irq)
{
    return model.pending[irq / 8] >> irq % 8 & 1;
}

static uint8_t conf_in_ram(unsigned irq)
{
    uint64_t addr = model.conf_base + irq - 8192;

    return addr < RAM_SIZE ? test_ram[addr] : 0;
}

static bool model_valid(unsigned irq)
{
    return irq >= 8192 && irq < model.end;
}

static void model_consider(unsigned irq, unsigned *best, unsigned *prio)
{
    if (model_valid(irq) && model_pending(irq) && (model.conf[irq] & 1) &&
        ((model.conf[irq] & 0xfc) < *prio ||
         ((model.conf[irq] & 0xfc) == *prio && irq < *best))) {
        *best = irq;
        *prio = model.conf[irq] & 0xfc;
    }
}

static void check_best(const GICv4LPIs *lpis, bool all)
{
    unsigned irq = 0, prio = 0xff;
    PendingIrq best = gicv4_lpis_best(lpis, true);

    if (all) {
        for (unsigned i = 8192; i < 65536; i++) {
            model_consider(i, &irq, &prio);
        }
    } else {
        for (unsigned i = 0; i < model.num_hot; i++) {
            model_consider(model.hot[i], &irq, &prio);
        }
    }
    g_assert_cmphex(best.prio, ==, prio);
    if (prio != 0xff) {
        g_assert_cmphex(best.irq, ==, irq);
    }
}

static void model_load(GICv4LPIs **lpis, unsigned idbits)
{
    unsigned bits = MIN(idbits, 15) + 1;

    model.end = 1 << bits;
    gicv4_lpis_load(lpis, &as, model.pending_base, model.conf_base, idbits);
    for (unsigned irq = 8192; irq < model.end; irq++) {
        model.conf[irq] = model_pending(irq) ? conf_in_ram(irq) : 0;
    }
}

/* New tables; with @dense, most LPIs are pending, else some hot ones */
static void new_epoch(GICv4LPIs **lpis, uint64_t *rng, bool dense)
{
    uint64_t where = (1 + rnd(rng, 8)) * 0x10000;
    unsigned base = rnd(rng, 57344 - 2048);
    uint8_t alike = rnd64(rng) | 1;

    model.pending_base = where;
    model.conf_base = one_in(rng, 8) ? RAM_SIZE - 0x1000 * rnd(rng, 16) :
        0x100000 + 0x10000 * rnd(rng, 8);
    model.num_hot = 1 + rnd(rng, ARRAY_SIZE(model.hot));
    memset(test_ram + where, 0, 8192);
    for (unsigned i = 0; i < 57344; i += 8) {
        uint64_t conf = one_in(rng, 2) ? rnd64(rng) :
            alike * 0x0101010101010101;

        if (model.conf_base + i < RAM_SIZE) {
            memcpy(test_ram + model.conf_base + i, &conf, 8);
        }
    }
    for (unsigned i = 0; i < model.num_hot; i++) {
        /* Near each other, or anywhere; now and then not an LPI */
        model.hot[i] = one_in(rng, 50) ? rnd(rng, 0x20000) :
            8192 + (one_in(rng, 3) ? rnd(rng, 57344) : base + rnd(rng, 2048));
        if (one_in(rng, 4) && model.hot[i] < 65536) {
            set_ram_pending(where, model.hot[i]);
        }
    }
    if (dense) {
        for (unsigned i = 1024; i < 8192; i++) {
            test_ram[where + i] = rnd64(rng) | rnd64(rng);
        }
    }
    memcpy(model.pending, test_ram + where, 8192);
    model_load(lpis, one_in(rng, 4) ? rnd(rng, 32) : 15);
}

static void operation(GICv4LPIs **lpis, uint64_t *rng)
{
    unsigned irq = model.hot[rnd(rng, model.num_hot)];
    unsigned what = rnd(rng, 64);
    bool level = one_in(rng, 2);

    if (what < 40) {
        /* Also the best, as if it were acknowledged */
        PendingIrq best = gicv4_lpis_best(*lpis, true);
        bool valid;

        if (one_in(rng, 4) && best.prio != 0xff) {
            irq = best.irq;
            level = false;
        }
        valid = model_valid(irq);
        g_assert_cmpint(gicv4_lpis_set(*lpis, irq, level), ==,
                        valid && model_pending(irq) != level);
        if (valid && model_pending(irq) != level) {
            model.pending[irq / 8] ^= 1 << irq % 8;
            model.conf[irq] = conf_in_ram(irq);
        }
    } else if (what < 52) {
        if (model_valid(irq) && model.conf_base + irq - 8192 < RAM_SIZE) {
            configure(model.conf_base, irq, rnd64(rng));
        }
    } else if (what < 63) {
        gicv4_lpis_invalidate(*lpis, irq);
        if (model_valid(irq) && model_pending(irq)) {
            model.conf[irq] = conf_in_ram(irq);
        }
    } else if (one_in(rng, 8)) {
        model_load(lpis, one_in(rng, 4) ? rnd(rng, 32) : 15);
    }
    g_assert_cmpint(gicv4_lpis_is_pending(*lpis, irq), ==,
                    model_valid(irq) && model_pending(irq));
}

static void test_random(void)
{
    uint64_t seed = test_env("GICV4_TEST_SEED", g_get_real_time() /
                             G_USEC_PER_SEC / (24 * 3600));
    uint64_t count = test_env("GICV4_TEST_COUNT", 1000000);
    g_autofree uint8_t *others = g_malloc(RAM_SIZE);
    g_autofree GICv4LPIs *lpis = NULL;
    uint64_t rng = mix64(seed), n = 0;
    unsigned epochs = 0, dense_epochs = 0;

    g_test_message("GICV4_TEST_SEED=%" PRIu64, seed);
    clear_ram();
    while (n < count) {
        bool dense = one_in(&rng, 10);
        unsigned ops = dense ? 100 : 1000;

        new_epoch(&lpis, &rng, dense);
        check_best(lpis, true);
        epochs++;
        dense_epochs += dense;
        for (unsigned i = 0; i < ops && n < count; i++, n++) {
            operation(&lpis, &rng);
            if (!dense || i % 8 == 0) {
                check_best(lpis, dense);
            }
        }
        check_best(lpis, true);
        g_assert_cmpmem(test_ram + model.pending_base, 8192, model.pending,
                        8192);
        /* And nowhere else: what a second load finds is the same */
        memcpy(others, test_ram, RAM_SIZE);
        model_load(&lpis, 15);
        check_best(lpis, true);
        g_assert_cmpmem(test_ram, RAM_SIZE, others, RAM_SIZE);
    }
    g_test_message("%" PRIu64 " operations on %u tables, %u of them full", n,
                   epochs, dense_epochs);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/gicv4/lpis/nothing", test_nothing);
    g_test_add_func("/gicv4/lpis/written-through", test_written_through);
    g_test_add_func("/gicv4/lpis/found-at-load", test_found_at_load);
    g_test_add_func("/gicv4/lpis/order", test_order);
    g_test_add_func("/gicv4/lpis/two-security-states",
                    test_two_security_states);
    g_test_add_func("/gicv4/lpis/configuration", test_configuration);
    g_test_add_func("/gicv4/lpis/range", test_range);
    g_test_add_func("/gicv4/lpis/loaded", test_loaded);
    g_test_add_func("/gicv4/lpis/tables", test_tables);
    g_test_add_func("/gicv4/lpis/move-all", test_move_all);
    g_test_add_func("/gicv4/lpis/no-memory", test_no_memory);
    g_test_add_func("/gicv4/lpis/reentered", test_reentered);
    g_test_add_func("/gicv4/lpis/random", test_random);
    return g_test_run();
}
