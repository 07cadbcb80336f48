/*
 * SMMUv2 qtest: TLB maintenance that CPUs broadcast
 *
 * A CPU of TCG executes TLBI instructions; what they name must have gone from
 * the SMMU's TLBs when the DSB after them is done, and the rest be kept.  That
 * something is cached is seen by a mapping that was changed without telling.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/units.h"
#include "smmuv2-lib.h"

#define IOVA    UINT64_C(0x45000)
#define OTHER   UINT64_C(0x46000)
#define BIAS    (UINT64_C(1) << 36)
#define ASID    7
#define VMID    9

#define BOARD   "-M virt,gic-version=3,iommu=smmuv2,virtualization=on " \
                "-m 512M -accel tcg -nodefaults "

/* ---- A CPU that does as it is told ---- */

#define CODE    (RAM_BASE + 0x100000)
#define MAILBOX (RAM_BASE + 0x200000)
#define SLOTS   0x40            /* where the operations are, 16 bytes each */

/* TLBI <op>, x3 */
#define TLBI(op1, crm, op2) \
    (0xd5088003u | (op1) << 16 | (crm) << 8 | (op2) << 5)

typedef enum Op {
    VMALLE1IS, VAE1IS, ASIDE1IS, VAAE1IS, VALE1IS, VAE1,
    ALLE1IS, VMALLS12E1IS, IPAS2E1IS, IPAS2LE1IS, ALLE2IS, VAE2IS,
    NUM_OPS,
} Op;

static const struct {
    const char *name;
    uint32_t insn;
} ops[NUM_OPS] = {
    [VMALLE1IS] = { "VMALLE1IS", TLBI(0, 3, 0) },
    [VAE1IS] = { "VAE1IS", TLBI(0, 3, 1) },
    [ASIDE1IS] = { "ASIDE1IS", TLBI(0, 3, 2) },
    [VAAE1IS] = { "VAAE1IS", TLBI(0, 3, 3) },
    [VALE1IS] = { "VALE1IS", TLBI(0, 3, 5) },
    [VAE1] = { "VAE1", TLBI(0, 7, 1) },
    [ALLE1IS] = { "ALLE1IS", TLBI(4, 3, 4) },
    [VMALLS12E1IS] = { "VMALLS12E1IS", TLBI(4, 3, 6) },
    [IPAS2E1IS] = { "IPAS2E1IS", TLBI(4, 0, 1) },
    [IPAS2LE1IS] = { "IPAS2LE1IS", TLBI(4, 0, 5) },
    [ALLE2IS] = { "ALLE2IS", TLBI(4, 3, 0) },
    [VAE2IS] = { "VAE2IS", TLBI(4, 3, 1) },
};

/* Wait for a request at [x0], take operand and slot from behind it */
static const uint32_t loop[] = {
    0xd2a80400,                 /* mov  x0, #MAILBOX */
    0xd2800002,                 /* mov  x2, #0 */
    0xf9400001,                 /* wait: ldr x1, [x0] */
    0xeb02003f,                 /* cmp  x1, x2 */
    0x54ffffc0,                 /* b.eq wait */
    0xaa0103e2,                 /* mov  x2, x1 */
    0xf9400803,                 /* ldr  x3, [x0, #16] */
    0xf9400c04,                 /* ldr  x4, [x0, #24] */
    0xd61f0080,                 /* br   x4 */
};
#define WAIT    8               /* offset of wait */

typedef struct DVMTest {
    SMMUTest s;
    uint64_t requests;
} DVMTest;

static DVMTest *start(const char *extra)
{
    DVMTest *t = g_new0(DVMTest, 1);
    g_autofree char *args =
        g_strdup_printf(BOARD "-cpu cortex-a57 -S "
                        "-device loader,cpu-num=0,addr=0x%" PRIx64
                        " -device passthrough-testdev,addr=4.0 %s",
                        (uint64_t)CODE, extra ?: "");

    smmu_attach(&t->s, qtest_init(args));
    for (int i = 0; i < ARRAY_SIZE(loop); i++) {
        qtest_writel(t->s.qts, CODE + 4 * i, loop[i]);
    }
    for (int op = 0; op < NUM_OPS; op++) {
        uint64_t slot = SLOTS + 16 * op;
        int32_t back = WAIT - (int32_t)(slot + 12);

        qtest_writel(t->s.qts, CODE + slot, ops[op].insn);
        /* dsb sy; str x1, [x0, #8] */
        qtest_writel(t->s.qts, CODE + slot + 4, 0xd5033f9f);
        qtest_writel(t->s.qts, CODE + slot + 8, 0xf9000401);
        qtest_writel(t->s.qts, CODE + slot + 12,
                     0x14000000 | ((back / 4) & 0x3ffffff));    /* b wait */
    }
    qtest_qmp_assert_success(t->s.qts, "{'execute': 'cont'}");
    return t;
}

static void quit(DVMTest *t)
{
    smmu_free_dev(&t->s.dev);
    qtest_quit(t->s.qts);
    g_free(t);
}

/* Let the CPU execute @op and the barrier */
static void tlbi(DVMTest *t, Op op, uint64_t operand)
{
    qtest_writeq(t->s.qts, MAILBOX + 16, operand);
    qtest_writeq(t->s.qts, MAILBOX + 24, CODE + SLOTS + 16 * op);
    qtest_writeq(t->s.qts, MAILBOX, ++t->requests);
    g_test_timer_start();
    while (qtest_readq(t->s.qts, MAILBOX + 8) != t->requests) {
        g_assert_cmpfloat(g_test_timer_elapsed(), <, 60);
    }
}

/* ---- Contexts ---- */

typedef enum Kind { STAGE1, STAGE2, NESTED, HYP } Kind;

typedef struct Context {
    uint64_t desc;              /* the descriptor that says where IOVA goes */
    uint64_t page[2];           /* the two places where it may */
    uint64_t leaf;
} Context;

static Context set_up(SMMUTest *t, Kind kind)
{
    SMMUTable s1, s2;
    Context c;

    for (int i = 0; i < 2; i++) {
        c.page[i] = smmu_alloc(t, 4 * KiB, 4 * KiB);
        qtest_writeq(t->qts, c.page[i], 0x1111 * (i + 1));
    }
    if (kind == STAGE2 || kind == NESTED) {
        s2 = smmu_table(t, 2, 12, 40, 1, 0);
        smmu_bank_s2(t, 1, &s2, VMID);
    }
    if (kind == STAGE2) {
        smmu_map(&s2, IOVA, c.page[0], 3, LEAF_S2);
        smmu_map(&s2, OTHER, c.page[0], 3, LEAF_S2);
        c.desc = smmu_desc(&s2, IOVA, 3);
        c.leaf = LEAF_S2;
        smmu_use_bank(t, 1);
        return c;
    }

    s1 = smmu_table(t, 1, 12, 39, 1, kind == NESTED ? BIAS : 0);
    smmu_map(&s1, IOVA, kind == NESTED ? IOVA : c.page[0], 3, LEAF_S1);
    smmu_bank_s1(t, 0, &s1, NULL, ASID, VMID);
    c.desc = smmu_desc(&s1, IOVA, 3);
    c.leaf = LEAF_S1;
    if (kind == NESTED) {
        /* Stage 1's tables, wherever they are, by blocks of 2 MiB */
        for (uint64_t pa = RAM_BASE; pa < RAM_BASE + RAM_SIZE; pa += 2 * MiB) {
            smmu_map(&s2, pa + BIAS, pa, 2, LEAF_S2);
        }
        smmu_map(&s2, IOVA, c.page[0], 3, LEAF_S2);
        c.desc = smmu_desc(&s2, IOVA, 3);
        c.leaf = LEAF_S2;
        smmu_bank_nest(t, 0, 1);
    }
    if (kind == HYP) {
        gr1_write(t, A_CBAR0, CBAR_TYPE_S1_S2_BYPASS << R_CBAR0_TYPE_SHIFT |
                              R_CBAR0_HYPC_MASK);
    }
    smmu_use_bank(t, 0);
    return c;
}

/* Where IOVA goes, as the SMMU has it: 0 or 1 */
static int goes_to(SMMUTest *t)
{
    uint64_t value;

    g_assert_cmpuint(dma_read64(&t->dev, IOVA, &value), ==, PTD_RESULT_OK);
    g_assert_true(value == 0x1111 || value == 0x2222);
    return value == 0x2222;
}

typedef struct Case {
    Op op;
    uint64_t operand;
    bool drops;
} Case;

#define VA(asid, va)    ((uint64_t)(asid) << 48 | (va) >> 12)

/* Each case, in a context that has the old mapping in its TLBs */
static void run(DVMTest *t, Kind kind, const Case *cases, size_t num)
{
    Context c = set_up(&t->s, kind);
    int now = 0;

    g_assert_cmpint(goes_to(&t->s), ==, 0);
    for (size_t i = 0; i < num; i++) {
        const Case *k = &cases[i];

        qtest_writeq(t->s.qts, c.desc, c.page[!now] | c.leaf | 3);
        g_assert_cmpint(goes_to(&t->s), ==, now);
        tlbi(t, k->op, k->operand);
        g_test_message("TLBI %s 0x%" PRIx64, ops[k->op].name, k->operand);
        if (k->drops) {
            now = !now;
        }
        g_assert_cmpint(goes_to(&t->s), ==, now);
    }
}

static void test_stage1(void)
{
    static const Case cases[] = {
        { VAE1IS, VA(ASID, IOVA), true },
        { VAE1IS, VA(ASID, OTHER), false },
        { VAAE1IS, VA(0, IOVA), true },
        { VALE1IS, VA(ASID, IOVA), true },
        { ASIDE1IS, VA(ASID, 0), true },
        { VMALLE1IS, 0, true },
        { VMALLS12E1IS, 0, true },
        { ALLE1IS, 0, true },
        /* Not broadcast, other regimes */
        { VAE1, VA(ASID, IOVA), false },
        { IPAS2E1IS, IOVA >> 12, false },
        { VAE2IS, VA(0, IOVA), false },
        { ALLE2IS, 0, false },
    };
    DVMTest *t = start(NULL);

    g_assert_cmphex(gr0_read(&t->s, A_IDR0) & R_IDR0_BTM_MASK, !=, 0);
    run(t, STAGE1, cases, ARRAY_SIZE(cases));
    quit(t);
}

static void test_stage2(void)
{
    static const Case cases[] = {
        { IPAS2E1IS, IOVA >> 12, true },
        { IPAS2LE1IS, IOVA >> 12, true },
        { IPAS2E1IS, OTHER >> 12, false },
        { VMALLS12E1IS, 0, true },
        { ALLE1IS, 0, true },
        { VAE1IS, VA(ASID, IOVA), false },
        { VMALLE1IS, 0, false },
        { ALLE2IS, 0, false },
    };
    DVMTest *t = start(NULL);

    run(t, STAGE2, cases, ARRAY_SIZE(cases));
    quit(t);
}

static void test_nested(void)
{
    static const Case cases[] = {
        { IPAS2E1IS, IOVA >> 12, true },
        /* What changes is stage 2, which the SMMU caches for itself */
        { IPAS2E1IS, OTHER >> 12, false },
        { VAE1IS, VA(ASID, IOVA), false },
        { VMALLE1IS, 0, false },
        { ALLE1IS, 0, true },
        { VMALLS12E1IS, 0, true },
        { ALLE2IS, 0, false },
    };
    DVMTest *t = start(NULL);

    run(t, NESTED, cases, ARRAY_SIZE(cases));
    quit(t);
}

static void test_hyp(void)
{
    static const Case cases[] = {
        { VAE2IS, VA(0, IOVA), true },
        { VAE2IS, VA(0, OTHER), false },
        { ALLE2IS, 0, true },
        { VAE1IS, VA(ASID, IOVA), false },
        { ALLE1IS, 0, false },
    };
    DVMTest *t = start(NULL);

    run(t, HYP, cases, ARRAY_SIZE(cases));
    quit(t);
}

static const Case all_kept[] = {
    { VAE1IS, VA(ASID, IOVA), false },
    { VMALLE1IS, 0, false },
    { VMALLS12E1IS, 0, false },
    { ALLE1IS, 0, false },
};

/* CR0.PTM: the SMMU's TLBs are private */
static void test_ptm(void)
{
    DVMTest *t = start(NULL);
    Context c = set_up(&t->s, STAGE1);

    gr0_write(&t->s, A_CR0, CR0_ON | R_CR0_PTM_MASK);
    g_assert_cmpint(goes_to(&t->s), ==, 0);
    qtest_writeq(t->s.qts, c.desc, c.page[1] | c.leaf | 3);
    for (size_t i = 0; i < ARRAY_SIZE(all_kept); i++) {
        tlbi(t, all_kept[i].op, all_kept[i].operand);
        g_assert_cmpint(goes_to(&t->s), ==, 0);
    }
    g_assert_cmpuint(smmu_qom_uint(&t->s, SMMU_QOM, "tlb-broadcasts"), ==, 0);
    gr0_write(&t->s, A_CR0, CR0_ON);
    tlbi(t, VMALLE1IS, 0);
    g_assert_cmpint(goes_to(&t->s), ==, 1);
    g_assert_cmpuint(smmu_qom_uint(&t->s, SMMU_QOM, "tlb-broadcasts"), ==, 1);
    quit(t);
}

static void test_off(void)
{
    DVMTest *t = start("-global arm-smmuv2.btm=off");

    g_assert_cmphex(gr0_read(&t->s, A_IDR0) & R_IDR0_BTM_MASK, ==, 0);
    run(t, STAGE1, all_kept, ARRAY_SIZE(all_kept));
    quit(t);
}

/* Those who cache translations themselves are told */
static void test_notify(void)
{
    DVMTest *t = start(NULL);
    TestDev *dev = &t->s.dev;

    set_up(&t->s, STAGE1);
    qpci_io_writel(dev->pci, dev->regs, PTD_NOTIFY, PTD_NOTIFY_UNMAP);
    tlbi(t, VAE1IS, VA(ASID, IOVA));
    g_assert_cmpuint(qpci_io_readl(dev->pci, dev->regs, PTD_NOTIFY_COUNT), ==,
                     1);
    /* The page may be of any granule */
    g_assert_cmphex(qpci_io_readl(dev->pci, dev->regs, PTD_NOTIFY_IOVA_LO), ==,
                    IOVA & ~0xffffull);
    g_assert_cmphex(qpci_io_readl(dev->pci, dev->regs, PTD_NOTIFY_MASK_LO), ==,
                    0xffff);
    tlbi(t, IPAS2E1IS, IOVA >> 12);
    g_assert_cmpuint(qpci_io_readl(dev->pci, dev->regs, PTD_NOTIFY_COUNT), ==,
                     1);
    quit(t);
}

/* Without TCG nobody tells QEMU of the CPUs' TLBIs */
static void test_without_tcg(void)
{
    SMMUTest *t = smmu_start(NULL);
    g_autofree char *args = smmu_args("-global arm-smmuv2.btm=on");
    g_autofree char *output = NULL;

    g_assert_cmphex(gr0_read(t, A_IDR0) & R_IDR0_BTM_MASK, ==, 0);
    smmu_quit(t);
    g_assert_cmpint(smmu_run(args, &output), ==, 1);
    g_assert_nonnull(strstr(output, "btm"));
    g_assert_nonnull(strstr(output, "tcg"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/dvm/stage1", test_stage1);
    qtest_add_func("/smmuv2/dvm/stage2", test_stage2);
    qtest_add_func("/smmuv2/dvm/nested", test_nested);
    qtest_add_func("/smmuv2/dvm/hyp", test_hyp);
    qtest_add_func("/smmuv2/dvm/ptm", test_ptm);
    qtest_add_func("/smmuv2/dvm/off", test_off);
    qtest_add_func("/smmuv2/dvm/notify", test_notify);
    qtest_add_func("/smmuv2/dvm/without-tcg", test_without_tcg);
    return g_test_run();
}
