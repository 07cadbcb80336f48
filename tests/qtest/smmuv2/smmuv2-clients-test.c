/*
 * SMMUv2 qtest: what hypervisors do that Linux does not
 *
 * Each test has the order in which one of them programs the SMMU, in what is
 * particular about it, and looks at the device after every step.  Their names
 * say who it was taken from; nothing of them runs here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/units.h"
#include "smmuv2-lib.h"

#define DATA        (RAM_BASE + 0x15432000)
#define IOVA        UINT64_C(0x5000)
#define TYPE(type)  (S2CR_TYPE_ ## type << R_S2CR0_TYPE_SHIFT)

/* Bank @cb translates IOVA to @out by stage 2 */
static void guest(SMMUTest *t, unsigned cb, uint64_t out)
{
    SMMUTable tab = smmu_table(t, 2, 12, 40, 1, 0);

    smmu_map(&tab, IOVA, out, 3, LEAF_S2);
    smmu_bank_s2(t, cb, &tab, cb + 1);
}

/* A group comes about in three writes and goes in one; S2CR in three, too */
static void test_bao(void)
{
    const uint32_t mask = 7u << R_SMR0_MASK_SHIFT;
    SMMUTest *t = smmu_start(PTD2_ARG);
    TestDev dev2 = smmu_find_dev(t, PTD2_DEVFN);
    unsigned smr = A_SMR0 + 4 * 5, s2cr = A_S2CR0 + 4 * 5;

    g_assert_cmpuint(FIELD_EX32(gr0_read(t, A_IDR7), IDR7, MAJOR), ==, 2);
    g_assert_true(FIELD_EX32(gr0_read(t, A_IDR0), IDR0, SMS));
    gr0_write(t, A_CR0, CR0_ON);
    guest(t, 2, DATA);

    /* As after reset: no group is valid, and bank 0 translates nothing */
    assert_refused(t, &t->dev, IOVA, "no group");
    gr0_write(t, smr, mask);
    assert_refused(t, &t->dev, IOVA, "mask alone");
    gr0_write(t, smr, gr0_read(t, smr) | PTD_SID);
    g_assert_cmphex(gr0_read(t, smr), ==, mask | PTD_SID);
    assert_refused(t, &t->dev, IOVA, "mask and ID");
    gr0_write(t, s2cr, 0);
    gr0_write(t, s2cr, gr0_read(t, s2cr) | TYPE(TRANSLATE));
    gr0_write(t, s2cr, gr0_read(t, s2cr) | 2);
    assert_refused(t, &t->dev, IOVA, "not valid");
    gr0_write(t, smr, gr0_read(t, smr) | R_SMR0_VALID_MASK);
    g_assert_cmphex(gr0_read(t, smr), ==, R_SMR0_VALID_MASK | mask | PTD_SID);
    assert_maps(t, &t->dev, IOVA, DATA, "valid");
    assert_refused(t, &dev2, IOVA, "bit 3 is not masked");

    gr0_write(t, smr, gr0_read(t, smr) & ~R_SMR0_VALID_MASK);
    assert_refused(t, &t->dev, IOVA, "not valid again");
    smmu_free_dev(&dev2);
    smmu_quit(t);
}

/*
 * Taken over from a running system, which is changed behind CLIENTPD=1: devices
 * go on by physical addresses, and with CLIENTPD=0 there is nothing left of
 * what was
 */
static void test_jailhouse(void)
{
    SMMUTest *t = smmu_start(NULL);
    uint32_t idr1 = gr0_read(t, A_IDR1);
    uint64_t page = FIELD_EX32(idr1, IDR1, PAGESIZE) ? 64 * KiB : 4 * KiB;
    uint64_t size = (page * 2) << (FIELD_EX32(idr1, IDR1, NUMPAGENDXB) + 1);

    /* Banks are the upper half */
    g_assert_cmphex(smmu_cb(t, 0, 0), ==, SMMU_BASE + size / 2);

    guest(t, 0, DATA);
    guest(t, 1, DATA + 4 * KiB);
    smmu_use_bank(t, 0);
    assert_maps(t, &t->dev, IOVA, DATA, "the system before");

    gr0_write(t, A_CR0, gr0_read(t, A_CR0) | R_CR0_CLIENTPD_MASK);
    assert_maps(t, &t->dev, DATA, DATA, "hand-over");
    for (unsigned n = 0; n < 128; n++) {
        gr0_write(t, A_S2CR0 + 4 * n, TYPE(FAULT));
        gr0_write(t, A_SMR0 + 4 * n, 0);
        assert_no_faults(t, 2);
    }
    cb_write(t, 0, A_CB_SCTLR, 0);
    assert_maps(t, &t->dev, DATA, DATA, "all groups are cleared");
    smmu_stream(t, 17, PTD_SID, 0, TYPE(TRANSLATE) | 1);
    assert_maps(t, &t->dev, DATA, DATA, "its own group");

    gr0_write(t, A_CR0, gr0_read(t, A_CR0) & ~R_CR0_CLIENTPD_MASK);
    assert_no_faults(t, 2);
    assert_maps(t, &t->dev, IOVA, DATA + 4 * KiB, "taken over");
    assert_refused(t, &t->dev, DATA, "taken over");
    smmu_quit(t);
}

/* Group and stream have the same number; PTM=0, FB=1, SMCFCFG=1 */
static void test_sel4(void)
{
    SMMUTest *t = smmu_start(PTD2_ARG);
    TestDev dev2 = smmu_find_dev(t, PTD2_DEVFN);
    uint32_t cr0 = (CR0_ON | R_CR0_FB_MASK) & ~R_CR0_PTM_MASK;

    gr0_write(t, A_CR0, cr0);
    g_assert_cmphex(gr0_read(t, A_CR0), ==, cr0);
    guest(t, 3, DATA);
    guest(t, 4, DATA + 4 * KiB);
    smmu_stream(t, PTD_SID, PTD_SID, 0, TYPE(TRANSLATE) | 3);
    assert_maps(t, &t->dev, IOVA, DATA, "one of two");
    assert_refused(t, &dev2, IOVA, "the other has none");
    smmu_stream(t, PTD2_SID, PTD2_SID, 0, TYPE(TRANSLATE) | 4);
    assert_maps(t, &t->dev, IOVA, DATA, "one of two");
    assert_maps(t, &dev2, IOVA, DATA + 4 * KiB, "the other");

    /* Another bank for a stream that is there; then none */
    gr0_write(t, A_S2CR0 + 4 * PTD_SID, TYPE(TRANSLATE) | 4);
    assert_maps(t, &t->dev, IOVA, DATA + 4 * KiB, "bound again");
    gr0_write(t, A_S2CR0 + 4 * PTD_SID, TYPE(FAULT));
    assert_refused(t, &t->dev, IOVA, "unbound");
    assert_maps(t, &dev2, IOVA, DATA + 4 * KiB, "the other, still");
    smmu_free_dev(&dev2);
    smmu_quit(t);
}

/* Free groups have the reserved type; unknown streams pass: USFCFG=0 */
static void test_xvisor(void)
{
    SMMUTest *t = smmu_start(NULL);
    uint32_t cr0 = CR0_ON & ~R_CR0_USFCFG_MASK;

    for (unsigned n = 0; n < 128; n++) {
        gr0_write(t, A_SMR0 + 4 * n, 0);
        gr0_write(t, A_S2CR0 + 4 * n, TYPE(RESERVED));
        g_assert_cmphex(FIELD_EX32(gr0_read(t, A_S2CR0 + 4 * n), S2CR0, TYPE),
                        ==, S2CR_TYPE_RESERVED);
    }
    gr0_write(t, A_CR0, cr0);
    assert_maps(t, &t->dev, DATA, DATA, "no group: passes");
    guest(t, 0, DATA);
    smmu_stream(t, 0, PTD_SID, 0, TYPE(TRANSLATE));
    assert_maps(t, &t->dev, IOVA, DATA, "attached");
    assert_no_faults(t, 1);

    /* Valid and of the reserved type: no way past the SMMU */
    gr0_write(t, A_S2CR0, TYPE(RESERVED));
    assert_refused(t, &t->dev, DATA, "reserved type");
    g_assert_cmphex(gr0_read(t, A_GFSR) & R_GFSR_ICF_MASK, ==,
                    R_GFSR_ICF_MASK);
    gr0_write(t, A_GFSR, UINT32_MAX);
    gr0_write(t, A_SMR0, 0);
    assert_maps(t, &t->dev, DATA, DATA, "detached: passes");
    smmu_quit(t);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/clients/bao", test_bao);
    qtest_add_func("/smmuv2/clients/jailhouse", test_jailhouse);
    qtest_add_func("/smmuv2/clients/sel4", test_sel4);
    qtest_add_func("/smmuv2/clients/xvisor", test_xvisor);
    return g_test_run();
}
