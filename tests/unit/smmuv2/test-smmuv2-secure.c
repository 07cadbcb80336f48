/*
 * Arm SMMUv2 with two security states: unit tests
 *
 * Secure and Non-secure accesses to the registers, secure and Non-secure
 * streams, and what each must not reach of the other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "machine-setup.h"

/* Offsets and bits of IHI 0062D, as numbers */
enum {
    SCR0 = 0, SCR1 = 4, SCR2 = 8, SACR = 0x10, IDR0 = 0x20, IDR1 = 0x24,
    SGFAR = 0x40, SGFSR = 0x48, SGFSRRESTORE = 0x4c, SGFSYNR0 = 0x50,
    SGFSYNR1 = 0x54, STLBIALLM = 0xbc,
    NS = 0x400,                 /* the aliases, from here on */
    ACTLR = 4,
};
#define SSD     0x4000
#define GR1     0x1000
#define GASRAE  (1u << 24)
#define SPMEN   (1u << 27)
#define NSCAF   (1u << 28)

#define VA      0x40201000

static MemTxResult put(bool secure, uint64_t at, uint32_t value)
{
    MemTxAttrs attrs = { .secure = secure };

    return m->mmio.iomem.ops->write_with_attrs(&m->mmio, at, value, 4, attrs);
}

static uint32_t get(bool secure, uint64_t at)
{
    MemTxAttrs attrs = { .secure = secure };
    uint64_t value;

    m->mmio.iomem.ops->read_with_attrs(&m->mmio, at, &value, 4, attrs);
    return value;
}

static uint64_t cb_at(unsigned cb, unsigned offset)
{
    return machine_cb(m, cb, offset);
}

/*
 * Groups 0 to 11 and banks 0 to 5 are Non-secure.  Masters 0 to 5 go to banks
 * of their number; master 6 is stream 0x1236, which is secure, and goes by
 * group 12 to bank 6.  Both have the same tables.
 */
static void setup(void)
{
    MachineConfig config = machine_default;

    config.idr0 |= 0x80000000;
    new_machine(&config);
    m->tcu.regs.options = SMMUV2_SECURE;
    m->tcu.regs.idr[1] |= 0x3f00;
    machine_reset(m);
    put(true, SCR1, 12 << 8 | 6);
    put(true, SCR0, 0x200406);
    setup_streams();
    put(false, CR0, 0x200406);
    for (int i = 6; i < 8; i++) {
        put(false, SMR + 4 * i, 0);
    }
    m->stream_id[6] = 0x1236;
    put(true, SSD + 0x1236 / 32 * 4, ~(1u << 0x1236 % 32));
    put(true, SMR + 4 * 12, 0x80001236);
    put(true, S2CR + 4 * 12, 6);

    setup_bank(0, 1 << 16, 1, 0x10000);
    put(true, GR1 + CBAR + 4 * 6, 1 << 16);
    put(true, GR1 + CBA2R + 4 * 6, 1);
    put(true, cb_at(6, MAIR0), 0xff);
    put(true, cb_at(6, TCR2), 7 << 15 | 5);
    put(true, cb_at(6, TCR), 2u << 30 | 25 << 16 | 25);
    put(true, cb_at(6, TTBR0), 0x10000);
    put(true, cb_at(6, SCTLR), ENABLE);
    map_page(0x10000, VA, 0x5000 | S1_LEAF);
}

/* Identification: what Non-secure software is told is what it has */
static void test_idr(void)
{
    setup();
    g_assert_cmphex(get(true, IDR0) & 0x800000ff, ==, 0x80000010);
    g_assert_cmphex(get(false, IDR0) & 0x800000ff, ==, 12);
    g_assert_cmphex(get(true, IDR1) & 0x3fff, ==, 0x3f08);
    g_assert_cmphex(get(false, IDR1) & 0x3fff, ==, 6);
    /* Both kinds of counting are there, the Non-secure one is enabled */
    g_assert_cmphex(get(false, 0x3fb8), ==, 0x8c);
}

/* Each state its own; the aliases from 0x400 on; secure alone */
static void test_banked(void)
{
    static const struct {
        unsigned offset;
        uint32_t secure, ns;
    } rows[] = {
        { SCR0, 0x30200007, 0x80200407 }, { SCR2, 0x12, 0x34 },
        { SACR, 0x0400000c, 0x00000700 }, { SGFAR, 0x11111111, 0x22222222 },
        { SGFAR + 4, 0x33333333, 0x44444444 }, { SGFSYNR0, 0x15, 0x2a },
        { SGFSYNR1, 0x55556666, 0x7777 },
    };

    setup();
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        put(true, rows[i].offset, rows[i].secure);
        put(false, rows[i].offset, rows[i].ns);
    }
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        g_assert_cmphex(get(true, rows[i].offset), ==, rows[i].secure);
        g_assert_cmphex(get(false, rows[i].offset), ==, rows[i].ns);
        g_assert_cmphex(get(true, NS + rows[i].offset), ==, rows[i].ns);
        g_assert_cmphex(get(false, NS + rows[i].offset), ==, 0);
        put(false, NS + rows[i].offset, 0);
        put(true, NS + rows[i].offset, 0);
        g_assert_cmphex(get(false, rows[i].offset), ==, 0);
        g_assert_cmphex(get(true, rows[i].offset), ==, rows[i].secure);
    }
    /* NSCFG is of SCR0 alone, VMID16EN and VMIDPNE of CR0 */
    put(true, SCR0, 0xffffffff);
    g_assert_cmphex(get(true, SCR0), ==, 0x3ffff5cf);
    put(false, SCR0, 0xffffffff);
    g_assert_cmphex(get(false, SCR0), ==, 0x8ffffdcf);
    /* Fault status: RESTORE and W1C reach their own */
    put(true, SGFSRRESTORE, 0x2);
    put(false, SGFSRRESTORE, 0x4);
    g_assert_cmphex(get(true, SGFSR), ==, 0x2);
    g_assert_cmphex(get(false, SGFSR), ==, 0x4);
    put(true, NS + SGFSRRESTORE, 0x9);
    g_assert_cmphex(get(true, NS + SGFSR), ==, 0x9);
    put(true, NS + SGFSR, 0x8);
    g_assert_cmphex(get(false, SGFSR), ==, 0x1);
    g_assert_cmphex(get(true, SGFSR), ==, 0x2);
    /* SCR1 and the SSD table */
    g_assert_cmphex(get(false, SCR1), ==, 0);
    put(false, SCR1, 0xffffffff);
    put(true, SCR1, 0xffffffff);
    g_assert_cmphex(get(true, SCR1), ==, 0x1900ffff);
    put(false, SSD, 0);
    g_assert_cmphex(get(false, SSD), ==, 0);
    g_assert_cmphex(get(true, SSD), ==, 0xffffffff);
    put(true, SSD + 0x1ffc, 0x5a5a5a5a);
    g_assert_cmphex(get(true, SSD + 0x1ffc), ==, 0x5a5a5a5a);
    g_assert_cmphex(get(false, SSD + 0x1ffc), ==, 0);
    /* Reset */
    machine_reset(m);
    g_assert_cmphex(get(true, SCR0), ==, 0x00200001);
    g_assert_cmphex(get(true, SCR1), ==, 0x1008);
    g_assert_cmphex(get(true, SSD + 0x1ffc), ==, 0xffffffff);
}

/* Attack: Non-secure software at groups and banks that are not its own */
static void test_claimed(void)
{
    static const struct {
        uint64_t at;
        uint32_t value;
    } rows[] = {
        { SMR + 4 * 12, 0x80001236 }, { S2CR + 4 * 12, 6 },
        { GR1 + CBAR + 4 * 6, 1 << 16 }, { GR1 + CBA2R + 4 * 6, 1 },
    };

    setup();
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        g_assert_cmphex(get(true, rows[i].at), ==, rows[i].value);
        g_assert_cmphex(get(false, rows[i].at), ==, 0);
        put(false, rows[i].at, 0xffffffff);
        g_assert_cmphex(get(true, rows[i].at), ==, rows[i].value);
        /* Its own are open to both */
        put(false, rows[i].at - 4, rows[i].value);
        g_assert_cmphex(get(true, rows[i].at - 4), ==, rows[i].value);
    }
    for (unsigned offset = 0; offset < 0x1000; offset += 4) {
        uint32_t before = get(true, cb_at(6, offset));

        g_assert_cmphex(get(false, cb_at(6, offset)), ==, 0);
        put(false, cb_at(6, offset), 0xffffffff);
        g_assert_cmphex(get(true, cb_at(6, offset)), ==, before);
    }
    /* CACHE_LOCK of the bank's own state */
    put(false, SACR, 0);
    put(true, cb_at(6, ACTLR), 0);
    put(true, cb_at(0, ACTLR), 0);
    g_assert_cmphex(get(true, cb_at(6, ACTLR)), ==, 3);
    g_assert_cmphex(get(true, cb_at(0, ACTLR)), ==, 0);
    put(true, SACR, 0);
    put(true, cb_at(6, ACTLR), 0);
    g_assert_cmphex(get(true, cb_at(6, ACTLR)), ==, 0);
}

static void test_streams(void)
{
    IOMMUTLBEntry e;

    setup();
    /* Each by its own group and bank; tables and data in its own memory */
    e = machine_translate(m, 0, VA, RO);
    g_assert_true(e.target_as == &m->as);
    g_assert_cmphex(e.translated_addr, ==, 0x5000);
    g_assert_cmpuint(m->secure_descriptors, ==, 0);
    for (int i = 0; i < 2; i++) {
        e = machine_translate(m, 6, VA, RO);
        g_assert_true(e.target_as == &m->secure_as);
        g_assert_cmphex(e.translated_addr, ==, 0x5000);
        g_assert_cmpuint(m->secure_descriptors, >, 0);
    }
    /* NS of the descriptor, from the walk and from the TLB */
    map_page(0x10000, VA + 0x1000, 0x6000 | S1_LEAF | 0x20);
    for (int i = 0; i < 2; i++) {
        e = machine_translate(m, 6, VA + 0x1000, RO);
        g_assert_true(e.target_as == &m->as);
        g_assert_cmphex(e.translated_addr, ==, 0x6000);
        /* It means nothing for others */
        g_assert_true(machine_translate(m, 0, VA + 0x1000, RO).target_as ==
                      &m->as);
    }
    /* NSTable, with the last table from the walk cache, too */
    setup();
    store(0x10000 + 8, 0x8000000000011003);
    map_page(0x10000, VA + 0x2000, 0x7000 | S1_LEAF);
    store(0x10000 + 8, 0x8000000000011003);
    g_assert_true(machine_translate(m, 6, VA, RO).target_as == &m->as);
    g_assert_true(machine_translate(m, 6, VA + 0x2000, RO).target_as ==
                  &m->as);
    setup();
    /* AArch32 short: NS of a section, and of the table of a page */
    put(true, GR1 + CBA2R + 4 * 6, 0);
    put(true, cb_at(6, TCR2), 0);
    put(true, cb_at(6, TCR), 0);
    put(true, cb_at(6, TTBR0), 0x14000);
    put(true, cb_at(6, TTBR0 + 4), 0);
    for (int i = 0; i < 4; i++) {
        bool ns = i & 1;
        uint32_t first = i < 2 ? 0x100c02 | ns << 19 : 0x18001 | ns << 3;

        store(0x14000 + 8 * i, first);
        store(0x18000, 0x5032);
        m->tcu.regs.cb[6].fsr = 0;
        if (machine_translate(m, 6, 0x200000 * i, RO).target_as !=
            (ns ? &m->as : &m->secure_as)) {
            g_test_message("short descriptor %d", i);
            g_test_fail();
        }
    }
    /* Stage 1 off: SCTLR.NSCFG */
    setup();
    put(true, cb_at(6, SCTLR), 2 << 28);
    g_assert_true(machine_translate(m, 6, VA, RO).target_as == &m->secure_as);
    put(true, cb_at(6, SCTLR), 3 << 28);
    g_assert_true(machine_translate(m, 6, VA, RO).target_as == &m->as);
    put(true, cb_at(6, SCTLR), 0);
    g_assert_true(machine_translate(m, 6, VA, RO).target_as == &m->as);
    /* Bypass: S2CR.NSCFG; of a Non-secure group it means nothing */
    put(true, S2CR + 4 * 12, 1 << 16 | 2 << 18);
    g_assert_true(machine_translate(m, 6, VA, RO).target_as == &m->secure_as);
    put(true, S2CR + 4 * 12, 1 << 16);
    g_assert_true(machine_translate(m, 6, VA, RO).target_as == &m->as);
    put(false, S2CR, 1 << 16 | 2 << 18);
    g_assert_true(machine_translate(m, 0, VA, RO).target_as == &m->as);
    /* SCR0.CLIENTPD and NSCFG, USFCFG are of secure streams alone */
    put(true, SCR0, 0x20200001);
    g_assert_true(machine_translate(m, 6, VA, RO).target_as == &m->secure_as);
    g_assert_cmpint(machine_translate(m, 6, VA, RO).perm, ==, IOMMU_RW);
    put(false, CR0, 0x200001);
    put(true, SCR0, 0x200406);
    put(true, S2CR + 4 * 12, 2 << 16);
    g_assert_true(aborts(6, VA, RO));
    g_assert_false(aborts(1, VA, RO));
    /* The SSD table decides: the stream becomes Non-secure, matches nothing */
    put(true, S2CR + 4 * 12, 6);
    put(false, CR0, 0x200406);
    g_assert_false(aborts(6, VA, RO));
    put(true, SSD + 0x1236 / 32 * 4, 0xffffffff);
    g_assert_true(aborts(6, VA, RO));
    g_assert_cmphex(get(false, SGFSR), ==, 2);
}

/* Attack: streams at what belongs to the other state */
static void test_crossed(void)
{
    setup();
    /* A Non-secure group that names a secure bank */
    put(false, S2CR, 6);
    g_assert_true(aborts(0, VA, RO));
    g_assert_cmphex(get(false, SGFSR), ==, 8);
    g_assert_cmphex(get(true, SGFSR), ==, 0);
    put(false, SGFSR, 0x80000008);
    /* A nested bank with a secure one for stage 2 */
    put(false, S2CR, 0);
    put(false, GR1 + CBAR, 3 << 16 | 6 << 8);
    put(true, GR1 + CBAR + 4 * 6, 0);
    g_assert_true(aborts(0, VA, RO));
    g_assert_cmpuint(m->secure_descriptors, ==, 0);
    g_assert_cmphex(get(false, SGFSR), ==, 8);
    put(false, SGFSR, 0x80000009);
    /* A Non-secure stream of a secure group's StreamID */
    setup();
    m->stream_id[1] = 0x1237;
    put(true, SMR + 4 * 12, 0x80011236);
    g_assert_true(aborts(1, VA, RO));
    g_assert_cmphex(get(false, SGFSR), ==, 2);
    /* A Non-secure group of a secure StreamID: no conflict, no match */
    put(false, SMR, 0x80001236);
    g_assert_true(machine_translate(m, 6, VA, RO).target_as == &m->secure_as);
    put(true, SMR + 4 * 12, 0);
    g_assert_true(aborts(6, VA, RO));
    g_assert_cmphex(get(true, SGFSR), ==, 2);
    /* A secure group that names a Non-secure bank */
    put(true, SGFSR, 0x80000002);
    put(true, SMR + 4 * 12, 0x80001236);
    put(true, S2CR + 4 * 12, 0);
    g_assert_true(aborts(6, VA, RO));
    g_assert_cmphex(get(true, SGFSR), ==, 8);
    /* Secure banks have stage 1 alone */
    for (unsigned type = 0; type < 4; type++) {
        setup();
        put(true, GR1 + CBAR + 4 * 6, type << 16);
        g_assert_cmpint(aborts(6, VA, RO), ==, type != 1);
        g_assert_cmphex(get(true, SGFSR), ==, type != 1);
        g_assert_cmphex(get(false, SGFSR), ==, 0);
    }
}

/* Secure global faults: registers, report and line of their own */
static void test_faults(void)
{
    setup();
    put(true, S2CR + 4 * 12, 2 << 16);
    g_assert_true(aborts(6, 0x123456789abc, WO));
    g_assert_cmphex(get(true, SGFSR), ==, 1);
    g_assert_cmphex(get(true, SGFAR), ==, 0x56789abc);
    g_assert_cmphex(get(true, SGFSYNR0), ==, 0x22);
    g_assert_cmphex(get(true, SGFSYNR1), ==, 0x12361236);
    g_assert_cmpint(m->secure_irq.level, ==, 1);
    g_assert_cmpint(m->global_irq.level, ==, 0);
    g_assert_cmphex(get(false, SGFSR), ==, 0);
    put(false, SGFSR, 0xffffffff);
    g_assert_cmpint(m->secure_irq.level, ==, 1);
    put(true, SGFSR, 1);
    g_assert_cmpint(m->secure_irq.level, ==, 0);
    put(true, SCR0, 0x200400);
    g_assert_true(machine_translate(m, 6, VA, RO).target_as == &m->raz);
    g_assert_cmpint(m->secure_irq.level, ==, 0);
    /* A Non-secure one: its SSD_Index is for secure software to read */
    put(false, S2CR + 4 * 3, 2 << 16);
    g_assert_true(aborts(3, VA, RO));
    g_assert_cmphex(get(false, SGFSYNR1), ==, 3);
    g_assert_cmphex(get(true, NS + SGFSYNR1), ==, 0x30003);
    g_assert_cmpint(m->global_irq.level, ==, 1);
    g_assert_cmpint(m->secure_irq.level, ==, 0);
}

/* SCR1.GASRAE closes the global space and stage 2's banks */
static void test_gasrae(void)
{
    setup();
    setup_bank(1, 0, 0, 0x20000);
    put(true, SCR1, GASRAE | 12 << 8 | 6);
    g_assert_cmphex(get(false, SCR0), ==, 0);
    g_assert_cmphex(get(false, IDR0), ==, 0);
    g_assert_cmphex(get(false, S2CR), ==, 0);
    g_assert_cmphex(get(false, GR1 + CBAR), ==, 0);
    g_assert_cmphex(get(false, 0x3e00), ==, 0);
    g_assert_cmphex(get(false, cb_at(1, SCTLR)), ==, 0);
    put(false, CR0, 0x1);
    g_assert_cmphex(get(true, NS + CR0), ==, 0x200406);
    /* Stage 1's banks, and who made the thing */
    g_assert_cmphex(get(false, cb_at(0, SCTLR)), ==, ENABLE);
    g_assert_cmphex(get(false, 0xfe8), ==, 0x1b);
    g_assert_false(aborts(0, VA, RO));
}

/* Configuration access faults: to secure software, unless it does not want */
static void test_config(void)
{
    setup();
    m->tcu.regs.options |= SMMUV2_CONFIG_FAULTS;
    put(true, SCR0, 0x200436);
    put(false, CR0, 0x200426);
    /* Non-secure access to a secure register, then to none */
    g_assert_cmpint(put(false, SCR1, 0), !=, MEMTX_OK);
    g_assert_cmphex(get(true, SGFSR), ==, 0x20);
    g_assert_cmphex(get(true, SGFAR), ==, 4);
    /* WNR PNU NSSTATE NSATTR */
    g_assert_cmphex(get(true, SGFSYNR0), ==, 0x36);
    g_assert_cmpint(m->secure_irq.level, ==, 1);
    put(true, SGFSR, 0x20);
    g_assert_cmpint(put(false, 0xc, 0), ==, MEMTX_OK);
    g_assert_cmphex(get(false, SGFSR), ==, 0x20);
    g_assert_cmphex(get(true, SGFSR), ==, 0);
    put(false, SGFSR, 0x20);
    /* Of a secure access */
    g_assert_cmpint(put(true, 0xc, 0), !=, MEMTX_OK);
    g_assert_cmphex(get(true, SGFSYNR0), ==, 0x6);
    put(true, SGFSR, 0x20);
    put(true, SCR1, NSCAF | 12 << 8 | 6);
    g_assert_cmpint(put(false, SCR1, 0), ==, MEMTX_OK);
    g_assert_cmphex(get(false, SGFSR), ==, 0x20);
    g_assert_cmphex(get(true, SGFSR), ==, 0);
}

/* Secure transactions are counted if SPMEN says so, by P and U alone */
static void test_pmu(void)
{
    setup();
    for (unsigned n = 0; n < 4; n++) {
        put(false, 0x3400 + 4 * n, n << 30 | 0x10);
    }
    put(false, 0x3c00, 0xf);
    put(false, 0x3e04, 1);
    g_assert_false(aborts(6, VA, RO));
    g_assert_cmpuint(get(false, 0x3000), ==, 0);
    put(true, SCR1, SPMEN | 12 << 8 | 6);
    g_assert_false(aborts(6, VA, RO));
    g_assert_cmpuint(get(false, 0x3000), ==, 1);
    g_assert_cmpuint(get(false, 0x3004), ==, 0);        /* U */
    g_assert_cmpuint(get(false, 0x3008), ==, 1);        /* P */
    g_assert_cmpuint(get(false, 0x300c), ==, 0);
}

/* STLBIALL is secure; maintenance of either state reaches its own entries */
static void test_tlbi(void)
{
    static const unsigned offsets[] = { STLBIALL, STLBIALLM };

    for (int i = 0; i < ARRAY_SIZE(offsets); i++) {
        setup();
        g_assert_false(aborts(6, VA, RO));
        store(0x12000 + 8, 0);
        put(false, offsets[i], 0);
        g_assert_false(aborts(6, VA, RO));
        put(true, offsets[i], 0);
        g_assert_true(aborts(6, VA, RO));
    }
    /* Secure entries have no VMID, whatever CBAR says */
    setup();
    put(true, GR1 + CBAR + 4 * 6, 1 << 16 | 9);
    put(true, GR1 + CBAR + 4 * 7, 1 << 16 | 8);
    put(true, GR1 + CBA2R + 4 * 7, 1);
    g_assert_false(aborts(6, VA, RO));
    store(0x12000 + 8, 0);
    put(true, cb_at(7, TLBIASID), 0);
    g_assert_true(aborts(6, VA, RO));
}

/* Without the option no access and no stream is secure */
static void test_off(void)
{
    new_machine(&machine_default);
    put(true, CR0, 0x200436);
    g_assert_cmphex(get(false, CR0), ==, 0x200406);
    g_assert_cmphex(get(true, SCR1), ==, 0);
    g_assert_cmphex(get(true, SSD), ==, 0);
    g_assert_cmphex(get(true, NS + CR0), ==, 0);
    put(true, SSD, 0xffffffff);
    put(true, SCR1, 0);
    setup_streams();
    setup_bank(7, 1 << 16, 1, 0x10000);
    map_page(0x10000, VA, 0x5000 | S1_LEAF | 0x20);
    g_assert_cmphex(out(7, VA), ==, 0x5000);
    g_assert_cmpuint(m->secure_descriptors, ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    g_test_add_func("/smmuv2/secure/idr", test_idr);
    g_test_add_func("/smmuv2/secure/banked", test_banked);
    g_test_add_func("/smmuv2/secure/claimed", test_claimed);
    g_test_add_func("/smmuv2/secure/streams", test_streams);
    g_test_add_func("/smmuv2/secure/crossed", test_crossed);
    g_test_add_func("/smmuv2/secure/faults", test_faults);
    g_test_add_func("/smmuv2/secure/gasrae", test_gasrae);
    g_test_add_func("/smmuv2/secure/config", test_config);
    g_test_add_func("/smmuv2/secure/pmu", test_pmu);
    g_test_add_func("/smmuv2/secure/tlbi", test_tlbi);
    g_test_add_func("/smmuv2/secure/off", test_off);
    return g_test_run();
}
