/*
 * Arm SMMUv2 context banks: unit tests
 *
 * Registers of a bank in, configuration out: which stages, which tables, and
 * when a bank is not valid.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/arm/smmuv2/smmuv2-cb.h"
#include "test-util.h"

#define NUM_CB          8

/* Bits as numbers: see test-smmuv2-regtable.c */
#define S1TS            BIT(30)
#define S2TS            BIT(29)
#define NTS             BIT(28)
#define VMID16EN        BIT(31)
#define TYPE(n)         ((n) << 16)
#define CBNDX(n)        ((n) << 8)
#define HYPC            BIT(10)
#define VA64            BIT(0)
#define PTFS(n)         ((n) << 24)
#define EAE             0x80000000u
/* Bits of GFSR */
#define ICF             BIT(0)
#define UCBF            BIT(3)

static SMMUv2Regs regs;

/* All features, and banks of AArch64 tables */
static void reset(void)
{
    memset(&regs, 0, sizeof(regs));
    regs.idr[0] = S1TS | S2TS | NTS;
    regs.idr[2] = 0xf555;
    for (int cb = 0; cb < SMMUV2_MAX_CB; cb++) {
        regs.cb[cb].cba2r = VA64;
        regs.cb[cb].sctlr = 1;
    }
}

static SMMUv2BankConfig decode(unsigned cb)
{
    return smmuv2_cb_decode(&regs, NUM_CB, cb);
}

static void test_type(void)
{
    SMMUv2BankConfig c;

    reset();
    regs.cb[3].cbar = TYPE(0) | 0x42;
    c = decode(3);
    g_assert_true(c.valid);
    g_assert_false(c.has_s1);
    g_assert_true(c.has_s2);
    g_assert_cmpint(c.s2_bank, ==, 3);
    g_assert_cmpint(c.vmid, ==, 0x42);

    regs.cb[3].cbar = TYPE(1) | 0x43;
    c = decode(3);
    g_assert_true(c.valid);
    g_assert_true(c.has_s1);
    g_assert_false(c.has_s2);
    g_assert_cmpint(c.vmid, ==, 0x43);

    /* Stage 2 faults whatever comes, table walks of stage 1 too */
    regs.cb[3].cbar = TYPE(2) | 0x44;
    g_assert_false(decode(3).valid);

    regs.cb[3].cbar = TYPE(3) | CBNDX(5) | 0x45;
    regs.cb[5].cbar = TYPE(0) | 0x46;
    c = decode(3);
    g_assert_true(c.valid);
    g_assert_true(c.has_s1);
    g_assert_true(c.has_s2);
    g_assert_cmpint(c.s2_bank, ==, 5);
    /* Entries belong to the VMID of stage 2 */
    g_assert_cmpint(c.vmid, ==, 0x46);
}

static void test_hyp(void)
{
    reset();
    for (int type = 0; type < 4; type++) {
        regs.cb[0].cbar = TYPE(type) | HYPC;
        /* In other types the bit has another meaning */
        g_assert_cmpint(decode(0).hyp, ==, type == 1);
        g_assert_cmpint(decode(0).s1.hyp, ==, type == 1);
    }
    regs.cb[0].cbar = TYPE(1);
    g_assert_false(decode(0).hyp);
}

static void test_nested_bank(void)
{
    reset();
    regs.cb[1].cbar = TYPE(3) | CBNDX(2);
    /* Stage 1 banks are none, whichever type */
    for (int type = 0; type < 4; type++) {
        regs.cb[2].cbar = TYPE(type);
        g_assert_cmpint(decode(1).valid, ==, type == 0);
        g_assert_cmphex(decode(1).gfsr, ==, type == 0 ? 0 : ICF);
        g_assert_cmpint(decode(1).nested_invalid, ==, type != 0);
    }
    /* Nor is one that is not there */
    for (int cb = NUM_CB; cb < 256; cb++) {
        regs.cb[1].cbar = TYPE(3) | CBNDX(cb);
        g_assert_false(decode(1).valid);
        g_assert_cmphex(decode(1).gfsr, ==, UCBF);
        g_assert_true(decode(1).nested_invalid);
    }
    /* What is wrong with the first bank comes first */
    regs.idr[0] &= ~NTS;
    g_assert_cmphex(decode(1).gfsr, ==, ICF);
    g_assert_false(decode(1).nested_invalid);
    regs.idr[0] |= NTS;
    /* Nor itself */
    regs.cb[1].cbar = TYPE(3) | CBNDX(1);
    g_assert_false(decode(1).valid);
    /* Nor each the other, which must come to an end */
    regs.cb[1].cbar = TYPE(3) | CBNDX(2);
    regs.cb[2].cbar = TYPE(3) | CBNDX(1);
    g_assert_false(decode(1).valid);
    g_assert_false(decode(2).valid);
    /* A chain of all banks */
    for (int cb = 0; cb < NUM_CB; cb++) {
        regs.cb[cb].cbar = TYPE(3) | CBNDX((cb + 1) % NUM_CB);
    }
    g_assert_false(decode(0).valid);
    /* One of a format that is not implemented */
    regs.cb[1].cbar = TYPE(3) | CBNDX(2);
    regs.cb[2].cbar = TYPE(0);
    g_assert_true(decode(1).valid);
    regs.cb[1].cba2r = 0;
    g_assert_true(decode(1).valid);
    regs.cb[2].cba2r = 0;
    g_assert_true(decode(1).valid);
    regs.idr[0] |= PTFS(2);
    g_assert_false(decode(1).valid);
}

/* AArch64 over AArch32 is no regime of the architecture's */
static void test_nested_widths(void)
{
    reset();
    regs.cb[1].cbar = TYPE(3) | CBNDX(2);
    regs.cb[2].cbar = TYPE(0);
    for (int i = 0; i < 4; i++) {
        bool s1_64 = i & 1, s2_64 = i & 2;

        regs.cb[1].cba2r = s1_64;
        regs.cb[2].cba2r = s2_64;
        g_assert_cmpint(decode(1).valid, ==, !s1_64 || s2_64);
        g_assert_cmphex(decode(1).gfsr, ==, !s1_64 || s2_64 ? 0 : ICF);
        g_assert_cmpint(decode(1).nested_invalid, ==, s1_64 && !s2_64);
        g_assert_true(decode(2).valid);
    }
}

static void test_stages_offered(void)
{
    static const struct {
        uint32_t idr0;
        bool valid[4];
    } rows[] = {
        { S1TS, { false, true, false, false } },
        { S2TS, { true, false, false, false } },
        { S1TS | S2TS, { true, true, false, false } },
        { S1TS | S2TS | NTS, { true, true, false, true } },
        { 0, { false, false, false, false } },
    };

    reset();
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        regs.idr[0] = rows[i].idr0;
        for (int type = 0; type < 4; type++) {
            regs.cb[0].cbar = TYPE(type) | (type == 3 ? CBNDX(1) : 0);
            regs.cb[1].cbar = TYPE(0);
            g_assert_cmpint(decode(0).valid, ==, rows[i].valid[type]);
        }
    }
}

/* CBA2R.VA64, TCR.EAE, and stage 2 and EL2, which have no short descriptors */
static void test_format(void)
{
    static const struct {
        uint32_t cbar, cba2r, tcr;
        SMMUv2Format format;
    } rows[] = {
        { TYPE(1), VA64, 0, SMMUV2_FORMAT_AARCH64 },
        { TYPE(1), VA64, EAE, SMMUV2_FORMAT_AARCH64 },
        { TYPE(1), 0, 0, SMMUV2_FORMAT_AARCH32_SHORT },
        { TYPE(1), 0, 0x7fffffff, SMMUV2_FORMAT_AARCH32_SHORT },
        { TYPE(1), 0, EAE, SMMUV2_FORMAT_AARCH32_LONG },
        { TYPE(1) | HYPC, 0, 0, SMMUV2_FORMAT_AARCH32_LONG },
        { TYPE(3) | CBNDX(5), 0, 0, SMMUV2_FORMAT_AARCH32_SHORT },
        { TYPE(3) | CBNDX(5), 0, EAE, SMMUV2_FORMAT_AARCH32_LONG },
        { TYPE(0), VA64, EAE, SMMUV2_FORMAT_AARCH64 },
        { TYPE(0), 0, 0, SMMUV2_FORMAT_AARCH32_LONG },
        { TYPE(0) | HYPC, 0, 0, SMMUV2_FORMAT_AARCH32_LONG },
    };

    reset();
    for (int i = 0; i < ARRAY_SIZE(rows); i++) {
        SMMUv2BankConfig c;

        regs.cb[0].cbar = rows[i].cbar;
        regs.cb[0].cba2r = rows[i].cba2r;
        regs.cb[0].tcr = rows[i].tcr;
        g_assert_cmpint(smmuv2_cb_format(&regs.cb[0]), ==, rows[i].format);
        /* IDR0.PTFS: all, long, none; the reserved value is none too */
        for (unsigned ptfs = 0; ptfs < 4; ptfs++) {
            bool have = rows[i].format == SMMUV2_FORMAT_AARCH64 ||
                        ptfs == 0 ||
                        (ptfs == 1 &&
                         rows[i].format == SMMUV2_FORMAT_AARCH32_LONG);

            regs.idr[0] = S1TS | S2TS | NTS | PTFS(ptfs);
            c = decode(0);
            g_assert_cmpint(c.valid, ==, have);
            g_assert_cmpint((c.has_s1 ? &c.s1 : &c.s2)->format, ==,
                            rows[i].format);
            /* A bank that is off has no format */
            regs.cb[0].sctlr = 0;
            g_assert_true(decode(0).valid);
            regs.cb[0].sctlr = 1;
        }
    }
    /* Each stage of a nested bank has its own */
    regs.idr[0] = S1TS | S2TS | NTS;
    regs.cb[0].cbar = TYPE(3) | CBNDX(5);
    regs.cb[0].cba2r = 0;
    regs.cb[0].tcr = 0;
    regs.cb[5].cba2r = 0;
    g_assert_cmpint(decode(0).s1.format, ==, SMMUV2_FORMAT_AARCH32_SHORT);
    g_assert_cmpint(decode(0).s2.format, ==, SMMUV2_FORMAT_AARCH32_LONG);
    regs.cb[5].cba2r = VA64;
    g_assert_cmpint(decode(0).s1.format, ==, SMMUV2_FORMAT_AARCH32_SHORT);
    g_assert_cmpint(decode(0).s2.format, ==, SMMUV2_FORMAT_AARCH64);
}

/* Stage 1 of long descriptors: sizes of 3 bits, and nothing of TCR2 */
static void test_long_fields(void)
{
    SMMUv2BankConfig c;

    reset();
    regs.cb[0].cbar = TYPE(1);
    regs.cb[0].cba2r = 0;
    regs.cb[0].ttbr[0] = 0xff34123456789ab0;
    regs.cb[0].ttbr[1] = 0xffcdfedcba987650;
    regs.cb[0].tcr = EAE;
    regs.cb[0].tcr2 = 0;
    c = decode(0);
    g_assert_cmphex(c.s1.tt[0].ttb, ==, 0x123456789ab0);
    g_assert_cmphex(c.s1.tt[1].ttb, ==, 0xfedcba987650);
    g_assert_cmpint(c.s1.tt[0].tsz, ==, 32);
    g_assert_cmpint(c.s1.tt[1].tsz, ==, 32);
    g_assert_cmpint(c.s1.tt[0].granule, ==, 12);
    g_assert_cmpint(c.s1.tt[1].granule, ==, 12);
    g_assert_cmpint(c.s1.out_bits, ==, 40);
    g_assert_cmpint(c.s1.sep, ==, 7);
    g_assert_cmphex(c.asid, ==, 0x34);
    g_assert_cmphex(c.asid_mask, ==, 0xff);
    /* T0SZ, EPD0, T1SZ, EPD1, A1 */
    regs.cb[0].tcr = EAE | 0x7;
    g_assert_cmpint(decode(0).s1.tt[0].tsz, ==, 39);
    regs.cb[0].tcr = EAE | 0x38;
    g_assert_cmpint(decode(0).s1.tt[0].tsz, ==, 32);
    regs.cb[0].tcr = EAE | 0x70000;
    g_assert_cmpint(decode(0).s1.tt[1].tsz, ==, 39);
    regs.cb[0].tcr = EAE | 0x380000;
    g_assert_cmpint(decode(0).s1.tt[1].tsz, ==, 32);
    regs.cb[0].tcr = EAE | 0x80;
    g_assert_true(decode(0).s1.tt[0].disabled);
    g_assert_false(decode(0).s1.tt[1].disabled);
    regs.cb[0].tcr = EAE | 0x800000;
    g_assert_false(decode(0).s1.tt[0].disabled);
    g_assert_true(decode(0).s1.tt[1].disabled);
    regs.cb[0].tcr = EAE | 0x400000;
    g_assert_cmphex(decode(0).asid, ==, 0xcd);
    /* Reserved here: TG0, TG1's lower bit; TCR2: PASIZE, AS, TBI, SEP */
    regs.cb[0].tcr = EAE | 3 << 14 | 1 << 30;
    regs.cb[0].tcr2 = 0x70;
    c = decode(0);
    g_assert_cmpint(c.s1.tt[0].granule, ==, 12);
    g_assert_cmpint(c.s1.tt[1].granule, ==, 12);
    g_assert_false(c.s1.tt[0].tbi);
    g_assert_false(c.s1.tt[1].tbi);
    g_assert_cmphex(c.asid_mask, ==, 0xff);
    /* OAS and, nested, IAS limit the output, PASIZE does not */
    regs.idr[2] = 0xf515;
    g_assert_cmpint(decode(0).s1.out_bits, ==, 36);
    regs.cb[0].cbar = TYPE(3) | CBNDX(5);
    g_assert_cmpint(decode(0).s1.out_bits, ==, 40);
    regs.idr[2] = 0xf550;
    g_assert_cmpint(decode(0).s1.out_bits, ==, 32);
}

static void test_short_fields(void)
{
    SMMUv2BankConfig c;

    reset();
    regs.cb[0].cbar = TYPE(1);
    regs.cb[0].cba2r = 0;
    regs.cb[0].ttbr[0] = 0xffff123456789ab0;
    regs.cb[0].ttbr[1] = 0xfffffedcba987650;
    regs.cb[0].mair[0] = 0x01234567;
    regs.cb[0].mair[1] = 0x89abcdef;
    regs.cb[0].contextidr = 0x12345678;
    c = decode(0);
    g_assert_cmphex(c.s1.tt[0].ttb, ==, 0x56789ab0);
    g_assert_cmphex(c.s1.tt[1].ttb, ==, 0xba987650);
    g_assert_cmpint(c.s1.tt[0].tsz, ==, 0);
    g_assert_cmpint(c.s1.out_bits, ==, 40);
    g_assert_cmpint(c.s1.sep, ==, 7);
    g_assert_cmphex(c.s1.mair, ==, 0x89abcdef01234567);
    g_assert_false(c.s1.afe);
    g_assert_false(c.s1.tre);
    g_assert_false(c.s1.uwxn);
    /* The ASID is CONTEXTIDR's, of 8 bits */
    g_assert_cmphex(c.asid, ==, 0x78);
    g_assert_cmphex(c.asid_mask, ==, 0xff);

    regs.cb[0].tcr = 0x7;
    g_assert_cmpint(decode(0).s1.tt[0].tsz, ==, 7);
    regs.cb[0].tcr = 0x7fffffc8;
    g_assert_cmpint(decode(0).s1.tt[0].tsz, ==, 0);
    g_assert_false(decode(0).s1.tt[0].disabled);
    g_assert_false(decode(0).s1.tt[1].disabled);
    regs.cb[0].tcr = 0x10;
    g_assert_true(decode(0).s1.tt[0].disabled);
    g_assert_false(decode(0).s1.tt[1].disabled);
    regs.cb[0].tcr = 0x20;
    g_assert_false(decode(0).s1.tt[0].disabled);
    g_assert_true(decode(0).s1.tt[1].disabled);
    regs.cb[0].sctlr = 1 | 2;
    g_assert_true(decode(0).s1.tre);
    g_assert_false(decode(0).s1.afe);
    regs.cb[0].sctlr = 1 | 4;
    g_assert_false(decode(0).s1.tre);
    g_assert_true(decode(0).s1.afe);
    regs.cb[0].sctlr = 1 | 0x400;
    g_assert_true(decode(0).s1.uwxn);
}

/* Stage 2 of long descriptors: T0SZ is signed and S repeats the sign */
static void test_long_stage2_fields(void)
{
    reset();
    regs.cb[0].cbar = TYPE(0);
    regs.cb[0].cba2r = 0;
    for (int t0sz = -8; t0sz < 8; t0sz++) {
        uint32_t s = t0sz < 0 ? 0x10 : 0;

        for (unsigned sl0 = 0; sl0 < 4; sl0++) {
            /* Bit 5 is reserved, and so is what AArch64 has above */
            regs.cb[0].tcr = (t0sz & 0xf) | s | sl0 << 6 | 0x8007c020;
            g_assert_cmpint(decode(0).s2.tt[0].tsz, ==, 32 + t0sz);
            g_assert_cmpint(decode(0).s2.sl0, ==, sl0);
            g_assert_cmpint(decode(0).s2.tt[0].granule, ==, 12);
            g_assert_cmpint(decode(0).s2.out_bits, ==, 40);
            /* One that says otherwise maps nothing */
            regs.cb[0].tcr ^= 0x10;
            g_assert_cmpint(decode(0).s2.tt[0].tsz, ==, 0);
        }
    }
    /* What Linux writes for 40 bits: 64 less 40 */
    regs.cb[0].tcr = 0x80023558;
    g_assert_cmpint(decode(0).s2.tt[0].tsz, ==, 24);
    g_assert_cmpint(decode(0).s2.sl0, ==, 1);
    regs.idr[2] = 0xf515;
    g_assert_cmpint(decode(0).s2.out_bits, ==, 36);
}

/* EL2 has one range: SEP and EPD0 are none of its */
static void test_hyp_fields(void)
{
    reset();
    for (int va64 = 0; va64 < 2; va64++) {
        regs.cb[0].cba2r = va64;
        regs.cb[0].cbar = TYPE(1) | HYPC;
        regs.cb[0].tcr = EAE | 0x80;
        regs.cb[0].tcr2 = 0;
        g_assert_cmpint(decode(0).s1.sep, ==, 7);
        g_assert_false(decode(0).s1.tt[0].disabled);
        regs.cb[0].cbar = TYPE(1);
        g_assert_cmpint(decode(0).s1.sep, ==, va64 ? 0 : 7);
        g_assert_true(decode(0).s1.tt[0].disabled);
    }
}

static void test_vmid16(void)
{
    reset();
    regs.cb[2].cbar = TYPE(1) | 0x5a;
    regs.cb[2].cba2r = VA64 | 0x12345678 << 16;
    g_assert_cmphex(decode(2).vmid, ==, 0x5a);
    g_assert_cmphex(smmuv2_cb_vmid(&regs, 2), ==, 0x5a);
    regs.cr0 = VMID16EN;
    g_assert_cmphex(decode(2).vmid, ==, 0x5678);
    g_assert_cmphex(smmuv2_cb_vmid(&regs, 2), ==, 0x5678);
    /* Nested: of the other bank */
    regs.cb[2].cbar = TYPE(3) | CBNDX(4);
    regs.cb[4].cba2r = VA64 | 0xabcd0000;
    g_assert_cmphex(decode(2).vmid, ==, 0xabcd);
}

static void test_asid(void)
{
    reset();
    regs.cb[0].cbar = TYPE(1);
    regs.cb[0].ttbr[0] = 0x1234000000000000;
    regs.cb[0].ttbr[1] = 0xabcd000000000000;
    /* 8 bits without TCR2.AS; TCR.A1 says whose */
    g_assert_cmphex(decode(0).asid, ==, 0x34);
    g_assert_cmphex(decode(0).asid_mask, ==, 0xff);
    regs.cb[0].tcr2 = 0x10;
    g_assert_cmphex(decode(0).asid, ==, 0x1234);
    g_assert_cmphex(decode(0).asid_mask, ==, 0xffff);
    regs.cb[0].tcr = 0x400000;
    g_assert_cmphex(decode(0).asid, ==, 0xabcd);
    regs.cb[0].tcr2 = 0;
    g_assert_cmphex(decode(0).asid, ==, 0xcd);
}

static void test_granule(void)
{
    static const uint8_t tg0[4] = { 12, 16, 14, 0 };
    static const uint8_t tg1[4] = { 0, 14, 12, 16 };

    reset();
    for (int have = 0; have < 8; have++) {
        /* Bits 12, 13, 14 of IDR2: 4K, 16K, 64K */
        bool is[17] = { [12] = have & 1, [14] = have & 2, [16] = have & 4 };

        regs.idr[2] = 0x555 | have << 12;
        for (uint32_t tg = 0; tg < 4; tg++) {
            regs.cb[0].cbar = TYPE(1);
            regs.cb[0].tcr = tg << 14 | tg << 30;
            g_assert_cmpint(decode(0).s1.tt[0].granule, ==,
                            is[tg0[tg]] ? tg0[tg] : 0);
            g_assert_cmpint(decode(0).s1.tt[1].granule, ==,
                            is[tg1[tg]] ? tg1[tg] : 0);
            regs.cb[0].cbar = TYPE(0);
            g_assert_cmpint(decode(0).s2.tt[0].granule, ==,
                            is[tg0[tg]] ? tg0[tg] : 0);
        }
    }
}

static void test_stage1_fields(void)
{
    SMMUv2StageConfig s1;

    reset();
    regs.cb[0].cbar = TYPE(1);
    regs.cb[0].ttbr[0] = 0xffff123456789ab0;
    regs.cb[0].ttbr[1] = 0xfffffedcba987650;
    regs.cb[0].mair[0] = 0x01234567;
    regs.cb[0].mair[1] = 0x89abcdef;
    s1 = decode(0).s1;
    g_assert_cmpint(s1.stage, ==, 1);
    g_assert_true(s1.enabled);
    g_assert_cmphex(s1.tt[0].ttb, ==, 0x123456789ab0);
    g_assert_cmphex(s1.tt[1].ttb, ==, 0xfedcba987650);
    g_assert_cmphex(s1.mair, ==, 0x89abcdef01234567);

    /* Each bit by itself */
#define BIT_GIVES(reg, bits, field, value) do {                             \
        regs.cb[0].reg = 0;                                                 \
        g_assert_cmpint(decode(0).s1.field, ==, 0);                         \
        regs.cb[0].reg = (bits);                                            \
        g_assert_cmpint(decode(0).s1.field, ==, value);                     \
        regs.cb[0].reg = ~(uint32_t)(bits);                                 \
        g_assert_cmpint(decode(0).s1.field, ==, 0);                         \
        regs.cb[0].reg = 0;                                                 \
    } while (0)

    BIT_GIVES(tcr, 0x3f, tt[0].tsz, 0x3f);
    BIT_GIVES(tcr, 0x3f0000, tt[1].tsz, 0x3f);
    BIT_GIVES(tcr, 0x80, tt[0].disabled, true);
    BIT_GIVES(tcr, 0x800000, tt[1].disabled, true);
    BIT_GIVES(tcr2, 0x20, tt[0].tbi, true);
    BIT_GIVES(tcr2, 0x40, tt[1].tbi, true);
    BIT_GIVES(tcr2, 0x38000, sep, 7);
    BIT_GIVES(sctlr, 0x1, enabled, true);
    BIT_GIVES(sctlr, 0x8, affd, true);
    BIT_GIVES(sctlr, 0x10, big_endian, true);
    BIT_GIVES(sctlr, 0x200, wxn, true);
    BIT_GIVES(sctlr, 0x400, uwxn, true);
}

static void test_stage2_fields(void)
{
    SMMUv2StageConfig s2;

    reset();
    regs.cb[0].cbar = TYPE(0);
    regs.cb[0].ttbr[0] = 0xffff123456789ab0;
    regs.cb[0].ttbr[1] = 0x5555;
    s2 = decode(0).s2;
    g_assert_cmpint(s2.stage, ==, 2);
    g_assert_cmphex(s2.tt[0].ttb, ==, 0x123456789ab0);
    g_assert_cmpint(s2.in_bits, ==, 48);

#undef BIT_GIVES
#define BIT_GIVES(reg, bits, field, value) do {                             \
        regs.cb[0].reg = 0;                                                 \
        g_assert_cmpint(decode(0).s2.field, ==, 0);                         \
        regs.cb[0].reg = (bits);                                            \
        g_assert_cmpint(decode(0).s2.field, ==, value);                     \
        regs.cb[0].reg = ~(uint32_t)(bits);                                 \
        g_assert_cmpint(decode(0).s2.field, ==, 0);                         \
        regs.cb[0].reg = 0;                                                 \
    } while (0)

    BIT_GIVES(tcr, 0x3f, tt[0].tsz, 0x3f);
    BIT_GIVES(tcr, 0xc0, sl0, 3);
    BIT_GIVES(sctlr, 0x1, enabled, true);
    BIT_GIVES(sctlr, 0x8, affd, true);
    BIT_GIVES(sctlr, 0x10, big_endian, true);
    BIT_GIVES(sctlr, 0x2000, ptw, true);
    /* EPD0 is stage 1's name for a bit of SL0 */
    regs.cb[0].tcr = 0x80;
    g_assert_false(decode(0).s2.tt[0].disabled);
    /* IAS limits the input */
    regs.idr[2] = 0xf552;
    g_assert_cmpint(decode(0).s2.in_bits, ==, 40);
}

/* PASIZE is in TCR2 for stage 1, in TCR for stage 2; OAS limits both */
static void test_pasize(void)
{
    static const uint8_t bits[8] = { 32, 36, 40, 42, 44, 48, 48, 48 };

    reset();
    for (int oas = 0; oas <= 5; oas++) {
        regs.idr[2] = 0xf505 | oas << 4;
        for (int i = 0; i < 8; i++) {
            regs.cb[0].cbar = TYPE(1);
            regs.cb[0].tcr2 = i;
            regs.cb[0].tcr = 0;
            g_assert_cmpint(decode(0).s1.oas_bits, ==, bits[oas]);
            g_assert_cmpint(decode(0).s1.out_bits, ==, MIN(bits[i],
                                                           bits[oas]));
            regs.cb[0].cbar = TYPE(0);
            regs.cb[0].tcr2 = 0;
            regs.cb[0].tcr = i << 16;
            g_assert_cmpint(decode(0).s2.oas_bits, ==, bits[oas]);
            g_assert_cmpint(decode(0).s2.out_bits, ==, MIN(bits[i],
                                                           bits[oas]));
        }
    }
    for (int i = 0; i < 16; i++) {
        g_assert_cmpint(smmuv2_addr_bits(i), ==, bits[MIN(i, 5)]);
    }
}

/* What comes out of a nested stage 1 are IPAs: IAS limits them, not OAS */
static void test_nested_pasize(void)
{
    reset();
    regs.idr[2] = 0xf525;
    regs.cb[1].cbar = TYPE(3) | CBNDX(6);
    regs.cb[1].tcr2 = 5;
    regs.cb[6].tcr = 5 << 16;
    g_assert_cmpint(decode(1).s1.out_bits, ==, 48);
    g_assert_cmpint(decode(1).s2.out_bits, ==, 40);
    regs.cb[1].tcr2 = 1;
    g_assert_cmpint(decode(1).s1.out_bits, ==, 36);
    regs.idr[2] = 0xf550;
    regs.cb[1].tcr2 = 5;
    g_assert_cmpint(decode(1).s1.out_bits, ==, 32);
    g_assert_cmpint(decode(1).s2.out_bits, ==, 48);
}

/* A nested bank takes stage 1 from its own registers, 2 from the other's */
static void test_nested_fields(void)
{
    SMMUv2BankConfig c;

    reset();
    regs.cb[1].cbar = TYPE(3) | CBNDX(6);
    regs.cb[1].ttbr[0] = 0x1000;
    regs.cb[1].tcr = 16;
    regs.cb[1].sctlr = 1;
    regs.cb[6].ttbr[0] = 0x6000;
    regs.cb[6].tcr = 24 | 1 << 6;
    regs.cb[6].sctlr = 1 | 8 | 0x2000;
    c = decode(1);
    g_assert_cmphex(c.s1.tt[0].ttb, ==, 0x1000);
    g_assert_cmpint(c.s1.tt[0].tsz, ==, 16);
    g_assert_false(c.s1.affd);
    g_assert_cmphex(c.s2.tt[0].ttb, ==, 0x6000);
    g_assert_cmpint(c.s2.tt[0].tsz, ==, 24);
    g_assert_cmpint(c.s2.sl0, ==, 1);
    g_assert_true(c.s2.affd);
    g_assert_true(c.s2.ptw);
    regs.cb[6].sctlr = 0;
    c = decode(1);
    g_assert_true(c.valid);
    g_assert_true(c.s1.enabled);
    g_assert_false(c.s2.enabled);
}

/* Any registers give a configuration within its bounds */
static void test_random(void)
{
    uint64_t rng = test_seed(), count = test_count(1000000) / 5;
    uint64_t valid = 0, nested = 0;

    while (count && !g_test_failed()) {
        unsigned num_cb = 1 + rnd(&rng, SMMUV2_MAX_CB);

        for (int i = 0; i < sizeof(regs) / 8; i++) {
            ((uint64_t *)&regs)[i] = rnd64(&rng);
        }
        if (rnd(&rng, 8)) {
            regs.idr[0] |= S1TS | S2TS | NTS;
        }
        for (int cb = 0; cb < num_cb; cb++, count -= count ? 1 : 0) {
            SMMUv2BankConfig c = smmuv2_cb_decode(&regs, num_cb, cb);
            SMMUv2StageConfig *s[2] = { &c.s1, &c.s2 };

            valid += c.valid;
            nested += c.valid && c.s2_bank != cb;
            g_assert_cmpint(c.s2_bank, <, num_cb);
            if (c.valid) {
                g_assert_true(c.has_s1 || c.has_s2);
            }
            for (int i = 0; i < 2; i++) {
                if (i ? c.has_s2 : c.has_s1) {
                    g_assert_cmpint(s[i]->stage, ==, i + 1);
                    g_assert_cmpint(s[i]->out_bits, >=, 32);
                    g_assert_cmpint(s[i]->out_bits, <=, 48);
                    g_assert_cmpint(s[i]->oas_bits, <=, 48);
                    g_assert_cmphex(s[i]->tt[0].ttb >> 48, ==, 0);
                    g_assert_cmphex(s[i]->tt[1].ttb >> 48, ==, 0);
                }
            }
        }
    }
    g_assert_cmpuint(valid, >, 100);
    g_assert_cmpuint(nested, >, 10);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();

    g_test_add_func("/smmuv2/cb/type", test_type);
    g_test_add_func("/smmuv2/cb/hyp", test_hyp);
    g_test_add_func("/smmuv2/cb/nested-bank", test_nested_bank);
    g_test_add_func("/smmuv2/cb/nested-widths", test_nested_widths);
    g_test_add_func("/smmuv2/cb/stages-offered", test_stages_offered);
    g_test_add_func("/smmuv2/cb/format", test_format);
    g_test_add_func("/smmuv2/cb/long-fields", test_long_fields);
    g_test_add_func("/smmuv2/cb/short-fields", test_short_fields);
    g_test_add_func("/smmuv2/cb/long-stage2-fields", test_long_stage2_fields);
    g_test_add_func("/smmuv2/cb/hyp-fields", test_hyp_fields);
    g_test_add_func("/smmuv2/cb/vmid16", test_vmid16);
    g_test_add_func("/smmuv2/cb/asid", test_asid);
    g_test_add_func("/smmuv2/cb/granule", test_granule);
    g_test_add_func("/smmuv2/cb/stage1-fields", test_stage1_fields);
    g_test_add_func("/smmuv2/cb/stage2-fields", test_stage2_fields);
    g_test_add_func("/smmuv2/cb/pasize", test_pasize);
    g_test_add_func("/smmuv2/cb/nested-pasize", test_nested_pasize);
    g_test_add_func("/smmuv2/cb/nested-fields", test_nested_fields);
    g_test_add_func("/smmuv2/cb/random", test_random);
    return g_test_run();
}
