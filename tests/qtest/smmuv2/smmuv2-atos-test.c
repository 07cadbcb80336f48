/*
 * SMMUv2 qtests: address translation operations (atos=on)
 *
 * What PAR and GPAR say of an address that is mapped and of one that is not, by
 * one stage and two, with literal bits of IHI 0062: F 0, kinds 7:1, Format 9:8,
 * ICF 29, UCBF 30, ATOT 31, PLVL 33:32, STAGE 35; SH 8:7, bit 11, MATTR 63:56.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/units.h"
#include "smmuv2-lib.h"

#define PAGE        UINT64_C(0x1000)
#define IOVA        UINT64_C(0x12345000)
#define ATS1PR      0x800
#define ATS1PW      0x808
#define ATS1UR      0x810
#define ATS1UW      0x818
#define PAR         0x050
#define ATSR        0x8f0
#define GATS1UR     0x100
#define GATS1UW     0x108
#define GATS1PR     0x110
#define GATS12UR    0x120
#define GATS12UW    0x128
#define GATS12PR    0x130
#define GPAR        0x180
#define GATSR       0x188
/* Write-back, Inner Shareable, and the bit that is one */
#define WB          0xff00000000000980
#define F           1u
#define TF          2u
#define PF          8u
#define EF          0x10u
#define AARCH64     0x200u
#define ICF         (1u << 29)
#define UCBF        (1u << 30)
#define ATOT        (1u << 31)
#define LEVEL(n)    ((uint64_t)(n) << 32)
#define STAGE2      (1ull << 35)

static uint64_t ats(SMMUTest *t, unsigned cb, unsigned op, uint64_t addr)
{
    cb_write64(t, cb, PAR, 0x5a5a5a5a5a5a5a5a);
    cb_write64(t, cb, op, addr);
    g_assert_cmphex(cb_read(t, cb, ATSR), ==, 0);
    return cb_read64(t, cb, PAR);
}

static uint64_t gats(SMMUTest *t, unsigned op, unsigned cb, uint64_t addr)
{
    gr0_write64(t, op, addr | cb);
    g_assert_cmphex(gr0_read(t, GATSR), ==, 0);
    return gr0_read64(t, GPAR);
}

/* Bank 0: IOVA to @out, user may read and write; the next page: read alone */
static SMMUTable bank0(SMMUTest *t, uint64_t out, uint64_t bias)
{
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, bias);

    smmu_map(&tab, IOVA, out, 3, LEAF_S1);
    smmu_map(&tab, IOVA + PAGE, out + PAGE, 3, LEAF_S1 | DESC_AP_RO);
    smmu_map(&tab, IOVA + 2 * PAGE, out + 2 * PAGE, 3,
             LEAF_S1 & ~DESC_AP_USER);
    smmu_bank_s1(t, 0, &tab, NULL, 1, 0);
    return tab;
}

static void test_absent(void)
{
    SMMUTest *t = smmu_start(NULL);

    g_assert_cmphex(gr0_read(t, A_IDR0) & R_IDR0_ATOSNS_MASK, !=, 0);
    bank0(t, RAM_BASE, 0);
    g_assert_cmphex(ats(t, 0, ATS1PR, IOVA), ==, 0);
    g_assert_cmphex(gats(t, GATS12PR, 0, IOVA), ==, 0);
    smmu_quit(t);
}

static void test_stage1(void)
{
    static const struct {
        unsigned bank, global;
        bool write, priv;
    } ops[] = {
        { ATS1PR, GATS1PR, false, true }, { ATS1PW, 0x118, true, true },
        { ATS1UR, GATS1UR, false, false }, { ATS1UW, GATS1UW, true, false },
    };
    SMMUTest *t = smmu_start("-global arm-smmuv2.atos=on");
    uint64_t out = RAM_BASE + 0x1000000, ok = WB | out;
    uint64_t denied = F | PF | AARCH64 | LEVEL(3);

    g_assert_cmphex(gr0_read(t, A_IDR0) & R_IDR0_ATOSNS_MASK, ==, 0);
    bank0(t, out, 0);
    for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
        uint64_t ro = ops[i].write ? denied : ok + PAGE;
        uint64_t kernel = ops[i].priv ? ok + 2 * PAGE : denied;

        g_assert_cmphex(ats(t, 0, ops[i].bank, IOVA), ==, ok);
        g_assert_cmphex(ats(t, 0, ops[i].bank, IOVA + PAGE), ==, ro);
        g_assert_cmphex(ats(t, 0, ops[i].bank, IOVA + 2 * PAGE), ==, kernel);
        g_assert_cmphex(gats(t, ops[i].global, 0, IOVA), ==, ok);
        g_assert_cmphex(gats(t, ops[i].global, 0, IOVA + PAGE), ==, ro);
        g_assert_cmphex(gats(t, ops[i].global | 0x20, 0, IOVA + 2 * PAGE), ==,
                        kernel);
        g_assert_cmphex(ats(t, 0, ops[i].bank, IOVA + 3 * PAGE), ==,
                        F | TF | AARCH64 | LEVEL(3));
        g_assert_cmphex(ats(t, 0, ops[i].bank, 1ull << 40), ==,
                        F | TF | AARCH64);
    }
    /* Nothing is recorded, and what FSR has is no obstacle */
    assert_no_faults(t, 1);
    cb_write(t, 0, A_CB_SCTLR, SCTLR_ON & ~R_CB_SCTLR_HUPCF_MASK);
    cb_write(t, 0, A_CB_FSRRESTORE, R_CB_FSR_TF_MASK);
    g_assert_cmphex(ats(t, 0, ATS1PR, IOVA), ==, ok);
    /* Half a register is a whole address; the upper half does nothing */
    cb_write64(t, 0, PAR, 0);
    cb_write(t, 0, ATS1PR, IOVA + PAGE);
    g_assert_cmphex(cb_read64(t, 0, PAR), ==, ok + PAGE);
    cb_write(t, 0, ATS1PR + 4, 1);
    g_assert_cmphex(cb_read64(t, 0, PAR), ==, ok + PAGE);
    /* Write-only */
    g_assert_cmphex(cb_read64(t, 0, ATS1PR), ==, 0);
    g_assert_cmphex(gr0_read64(t, GATS12UR), ==, 0);
    smmu_quit(t);
}

static void test_nested(void)
{
    SMMUTest *t = smmu_start("-global arm-smmuv2.atos=on");
    const uint64_t ipa = UINT64_C(0x1000000000), bias = ipa - RAM_BASE;
    SMMUTable s1 = bank0(t, ipa + 0x1000000, bias);
    SMMUTable s2 = smmu_table(t, 2, 12, 39, 1, 0);
    uint64_t ok = WB | (ipa + 0x1000000), fault;

    /* The tables of stage 1 and the first page of its output */
    for (uint64_t at = 0; at < RAM_SIZE; at += 2 * MiB) {
        if (at != 0x1000000) {
            smmu_map(&s2, ipa + at, RAM_BASE + at, 2, LEAF_S2);
        }
    }
    smmu_map(&s2, ipa + 0x1000000, RAM_BASE + 0x7000, 3, LEAF_S2);
    smmu_bank_s2(t, 1, &s2, 0);
    smmu_bank_nest(t, 0, 1);
    cb_write64(t, 0, A_CB_TTBR0, (s1.root + bias) | 1ull << 48);

    /* A bank's own operations end at the IPA, and so do GATS1xx */
    g_assert_cmphex(ats(t, 0, ATS1UW, IOVA), ==, ok);
    g_assert_cmphex(gats(t, GATS1UW, 0, IOVA), ==, ok);
    g_assert_cmphex(ats(t, 0, ATS1UR, IOVA + PAGE), ==, ok + PAGE);
    g_assert_cmphex(gats(t, GATS12UW, 0, IOVA), ==, WB | (RAM_BASE + 0x7000));
    fault = gats(t, GATS12UR, 0, IOVA + PAGE);
    g_assert_cmphex(fault, ==, F | TF | AARCH64 | STAGE2 | LEVEL(3));
    assert_no_faults(t, 2);

    /* Where stage 2 refuses a table: told to the hypervisor, not the guest */
    qtest_writeq(t->qts, smmu_desc(&s2, s1.root + bias, 2), 0);
    cb_write(t, 1, A_CB_TLBIALL, 0);
    g_assert_cmphex(ats(t, 0, ATS1UW, IOVA), ==, F | ATOT);
    g_assert_cmphex(cb_read(t, 1, A_CB_FSR), ==, FSR(TF));
    g_assert_cmphex(cb_read64(t, 1, A_CB_FAR), ==, IOVA);
    /* PLVL 2, NESTED, S1PTWF, WNR, ATOF, S1CBNDX 0 */
    g_assert_cmphex(cb_read(t, 1, A_CB_FSYNR0), ==, 0x21e);
    g_assert_cmphex(cb_read(t, 0, A_CB_FSR), ==, 0);
    g_assert_cmphex(ats(t, 0, ATS1UR, IOVA), ==, F | ATOT);
    g_assert_cmphex(cb_read(t, 1, A_CB_FSR), ==, FSR(TF) | R_CB_FSR_MULTI_MASK);
    /* The global ones are the hypervisor's: GPAR has it all */
    g_assert_cmphex(gats(t, GATS1UR, 0, IOVA), ==,
                    F | TF | AARCH64 | STAGE2 | LEVEL(2));
    /* A fault that holds up stage 2 */
    smmu_map(&s2, s1.root + bias - (s1.root + bias) % (2 * MiB),
             s1.root - s1.root % (2 * MiB), 2, LEAF_S2);
    g_assert_cmphex(ats(t, 0, ATS1UR, IOVA), ==, ok);
    cb_write(t, 1, A_CB_SCTLR, SCTLR_ON & ~R_CB_SCTLR_HUPCF_MASK);
    g_assert_cmphex(ats(t, 0, ATS1UR, IOVA), ==, F | ATOT);
    g_assert_cmphex(gats(t, GATS12UW, 0, IOVA), ==, WB | (RAM_BASE + 0x7000));
    cb_write(t, 1, A_CB_FSR, ~0u);
    g_assert_cmphex(ats(t, 0, ATS1UR, IOVA), ==, ok);
    smmu_quit(t);
}

static void test_invalid(void)
{
    SMMUTest *t = smmu_start("-global arm-smmuv2.atos=on "
                             "-global arm-smmuv2.num-context-banks=8");
    SMMUTable tab = bank0(t, RAM_BASE, 0);

    smmu_bank_s2(t, 2, &tab, 0);
    /* No such bank, or one of stage 2 */
    g_assert_cmphex(gats(t, GATS1UR, 8, IOVA), ==, F | UCBF);
    g_assert_cmphex(gats(t, GATS12PR, 255, IOVA), ==, F | UCBF);
    g_assert_cmphex(gats(t, GATS12PR, 2, IOVA), ==, F | UCBF);
    g_assert_cmphex(ats(t, 2, ATS1PR, IOVA), ==, 0x5a5a5a5a5a5a5a5a);
    /* A nested one whose stage 2 is none */
    smmu_bank_nest(t, 0, 3);
    gr1_write(t, A_CBAR0 + 4 * 3, CBAR_TYPE_S1_S2_BYPASS <<
                                  R_CBAR0_TYPE_SHIFT);
    g_assert_cmphex(gats(t, GATS12PR, 0, IOVA), ==, F | ICF);
    g_assert_cmphex(gr0_read(t, A_GFSR), ==, 0);
    g_assert_cmphex(ats(t, 0, ATS1PR, IOVA), ==, F | ATOT);
    g_assert_cmphex(gr0_read(t, A_GFSR), ==, R_GFSR_ICF_MASK);
    /* Nested, ATS */
    g_assert_cmphex(gr0_read(t, A_GFSYNR0), ==, 0x41);
    gr0_write(t, A_GFSR, R_GFSR_ICF_MASK);
    /* One whose stage 2 is not there */
    smmu_bank_nest(t, 0, 8);
    g_assert_cmphex(gats(t, GATS12PR, 0, IOVA), ==, F | UCBF);
    g_assert_cmphex(gr0_read(t, A_GFSR), ==, 0);
    g_assert_cmphex(ats(t, 0, ATS1PR, IOVA), ==, F | ATOT);
    g_assert_cmphex(gr0_read(t, A_GFSR), ==, R_GFSR_UCBF_MASK);
    g_assert_cmphex(gr0_read(t, A_GFSYNR0), ==, 0x41);
    /* Tables that are no memory */
    smmu_bank_s1(t, 4, &tab, NULL, 1, 0);
    cb_write64(t, 4, A_CB_TTBR0, UINT64_C(0x7fffff000000));
    g_assert_cmphex(ats(t, 4, ATS1PR, IOVA), ==, F | EF | AARCH64 | LEVEL(1));
    /* The bank is off */
    cb_write(t, 4, A_CB_SCTLR, 0);
    g_assert_cmphex(ats(t, 4, ATS1PR, IOVA), ==, WB | IOVA);
    smmu_quit(t);
}

/* The short format: pages, and supersections beyond 4 GiB */
static void test_short(void)
{
    SMMUTest *t = smmu_start("-global arm-smmuv2.atos=on");
    uint64_t l1 = smmu_alloc(t, 16 * KiB, 16 * KiB);

    gr1_write(t, A_CBAR0, CBAR_TYPE_S1_S2_BYPASS << R_CBAR0_TYPE_SHIFT);
    /* A section: AP 3, TEX 1 C B (write-back, allocating), S */
    qtest_writel(t->qts, l1 + 4 * 0x123, RAM_BASE | 0x11c0e);
    /* A supersection at 5:xx000000, Strongly-ordered: 16 times */
    for (int i = 0; i < 16; i++) {
        qtest_writel(t->qts, l1 + 4 * (0x200 + i), 0x66540c02);
    }
    cb_write64(t, 0, A_CB_TTBR0, l1);
    cb_write(t, 0, A_CB_TCR, 0);
    cb_write(t, 0, A_CB_SCTLR, SCTLR_ON);
    /* Shareable, inner and outer write-back and write-allocate */
    g_assert_cmphex(ats(t, 0, ATS1UW, 0x12345000) & 0xfffffbff, ==,
                    (RAM_BASE + 0x45000) | 0x80 | 5 << 4 | 1 << 2);
    g_assert_cmphex(ats(t, 0, ATS1UW, 0x20345000) & 0xffff0003, ==,
                    0x66050002);
    g_assert_cmphex(ats(t, 0, ATS1UW, 0x30000000), ==, F | TF | LEVEL(1));
    smmu_quit(t);
}

/* The AArch32 long format: 40 bits of address, and faults say Format 1 */
static void test_long(void)
{
    SMMUTest *t = smmu_start("-global arm-smmuv2.atos=on");
    SMMUTable tab = smmu_table(t, 1, 12, 32, 1, 0);
    const uint64_t out = UINT64_C(0x8765432000);

    smmu_map(&tab, IOVA, out, 3, LEAF_S1);
    smmu_map(&tab, IOVA + PAGE, out + PAGE, 3, LEAF_S1 | DESC_AP_RO);
    smmu_map(&tab, UINT64_C(0xc0000000), UINT64_C(0x4000000000), 1, LEAF_S1);
    gr1_write(t, A_CBAR0, CBAR_TYPE_S1_S2_BYPASS << R_CBAR0_TYPE_SHIFT);
    gr1_write(t, A_CBA2R0, 0);
    /* 40 bits, SEP 7; EAE, EPD1, Inner Shareable and write-back walks */
    cb_write(t, 0, A_CB_TCR2, 0x38002);
    cb_write(t, 0, A_CB_TCR, 0x80803520);
    cb_write64(t, 0, A_CB_TTBR0, tab.root);
    cb_write(t, 0, A_CB_MAIR0, MAIR_ALL);
    cb_write(t, 0, A_CB_SCTLR, SCTLR_ON);
    g_assert_cmphex(ats(t, 0, ATS1UW, IOVA), ==, 0xff00008765432980);
    g_assert_cmphex(gats(t, GATS1UW, 0, IOVA), ==, 0xff00008765432980);
    g_assert_cmphex(ats(t, 0, ATS1UR, IOVA + PAGE), ==, 0xff00008765433980);
    g_assert_cmphex(ats(t, 0, ATS1PR, 0xfffff000), ==, 0xff0000403ffff980);
    /* PF 3, Format 9:8 1, F; then TF 1, of each level */
    g_assert_cmphex(ats(t, 0, ATS1UW, IOVA + PAGE), ==, 0x300000109);
    g_assert_cmphex(ats(t, 0, ATS1PR, IOVA + 2 * PAGE), ==, 0x300000103);
    g_assert_cmphex(ats(t, 0, ATS1PR, IOVA + 2 * MiB), ==, 0x200000103);
    g_assert_cmphex(ats(t, 0, ATS1PR, 0x40000000), ==, 0x100000103);
    assert_no_faults(t, 1);
    smmu_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/atos/absent", test_absent);
    qtest_add_func("/smmuv2/atos/stage1", test_stage1);
    qtest_add_func("/smmuv2/atos/nested", test_nested);
    qtest_add_func("/smmuv2/atos/invalid", test_invalid);
    qtest_add_func("/smmuv2/atos/short", test_short);
    qtest_add_func("/smmuv2/atos/long", test_long);
    return g_test_run();
}
