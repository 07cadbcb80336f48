/*
 * SMMUv2 qtests: a virt board with an SMMUv2 and a test device behind it
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include <libfdt.h>
#include "qemu/bitops.h"
#include "qemu/units.h"
#include "hw/pci/pci_regs.h"
#include "qobject/qdict.h"
#include "smmuv2-lib.h"

/* ---- Machine ---- */

char *smmu_args(const char *extra)
{
    return g_strdup_printf("-M virt,gic-version=3,iommu=smmuv2 -m 512M "
                           "-nodefaults "
                           "-device passthrough-testdev,id=ptd,addr=4.0 %s",
                           extra ?: "");
}

void smmu_attach(SMMUTest *t, QTestState *qts)
{
    uint32_t idr1;

    *t = (SMMUTest) {
        .qts = qts,
        .base = SMMU_BASE,
        /* Above where the board puts its device tree */
        .next = RAM_BASE + 32 * MiB,
        .seed = 0x5eed,
    };
    idr1 = qtest_readl(qts, SMMU_BASE + A_IDR1);
    t->page_size = FIELD_EX32(idr1, IDR1, PAGESIZE) ? 64 * KiB : 4 * KiB;
    t->num_pages = 2 << FIELD_EX32(idr1, IDR1, NUMPAGENDXB);
    qpci_init_generic(&t->pci, qts, NULL, true);
    t->dev = smmu_find_dev(t, PTD_DEVFN);
}

SMMUTest *smmu_start(const char *extra)
{
    SMMUTest *t = g_new(SMMUTest, 1);
    g_autofree char *args = smmu_args(extra);

    smmu_attach(t, qtest_init(args));
    return t;
}

void smmu_quit(SMMUTest *t)
{
    smmu_free_dev(&t->dev);
    qtest_quit(t->qts);
    g_free(t);
}

int smmu_run(const char *args, char **output)
{
    /* If it has no complaints it would run for ever */
    g_autofree char *command =
        g_strdup_printf("timeout 30 %s %s -accel qtest -nodefaults "
                        "-display none",
                        getenv("QTEST_QEMU_BINARY"), args);
    g_autofree char *said = NULL;
    int status;

    g_test_message("running %s", command);
    g_assert_true(g_spawn_command_line_sync(command, &said, output, &status,
                                            NULL));
    g_test_message("it says: %s", *output);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

GMappedFile *smmu_get_tree(const char *machine, const char *args)
{
    g_autofree char *dtb = g_strdup_printf("%s/smmuv2-tree-XXXXXX",
                                           g_get_tmp_dir());
    g_autofree char *output = NULL;
    g_autofree char *all = NULL;
    GMappedFile *file;
    int fd = g_mkstemp(dtb);

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    all = g_strdup_printf("-M virt,%s,dumpdtb=%s %s", machine, dtb, args);
    g_assert_cmpint(smmu_run(all, &output), ==, 0);
    file = g_mapped_file_new(dtb, false, NULL);
    g_assert_nonnull(file);
    g_unlink(dtb);
    g_assert_cmpint(fdt_check_header(g_mapped_file_get_contents(file)), ==, 0);
    return file;
}

TestDev smmu_find_dev(SMMUTest *t, int bdf)
{
    return testdev_find(&t->pci.bus, bdf);
}

void smmu_free_dev(TestDev *dev)
{
    testdev_free(dev);
}

void smmu_set_up_bridge(SMMUTest *t, int bdf, unsigned bus, unsigned last)
{
    QPCIDevice *bridge = qpci_device_find(&t->pci.bus, bdf);

    g_assert_nonnull(bridge);
    qpci_config_writeb(bridge, PCI_SECONDARY_BUS, bus);
    qpci_config_writeb(bridge, PCI_SUBORDINATE_BUS, last);
    /* libqos hands out addresses from 0x10000000 on */
    qpci_config_writew(bridge, PCI_MEMORY_BASE, 0x1000);
    qpci_config_writew(bridge, PCI_MEMORY_LIMIT, 0x1ff0);
    qpci_config_writew(bridge, PCI_PREF_MEMORY_BASE, 0xfff0);
    qpci_config_writew(bridge, PCI_PREF_MEMORY_LIMIT, 0);
    qpci_device_enable(bridge);
    g_free(bridge);
}

uint64_t smmu_alloc(SMMUTest *t, uint64_t size, uint64_t align)
{
    uint64_t at = ROUND_UP(t->next, align);

    t->next = at + size;
    g_assert_cmphex(t->next, <=, RAM_BASE + RAM_SIZE);
    return at;
}

void smmu_release(SMMUTest *t, uint64_t mark)
{
    qtest_memset(t->qts, mark, 0, t->next - mark);
    t->next = mark;
}

/* ---- Registers ---- */

uint64_t smmu_gr0(SMMUTest *t, unsigned offset)
{
    return t->base + offset;
}

uint64_t smmu_gr1(SMMUTest *t, unsigned offset)
{
    return t->base + t->page_size + offset;
}

uint64_t smmu_pm(SMMUTest *t, unsigned offset)
{
    return SMMU_BASE + SMMUV2_PAGE_PM * t->page_size + offset;
}

uint64_t smmu_cb(SMMUTest *t, unsigned cb, unsigned offset)
{
    return t->base + (uint64_t)t->page_size * (t->num_pages + cb) + offset;
}

uint32_t gr0_read(SMMUTest *t, unsigned offset)
{
    return qtest_readl(t->qts, smmu_gr0(t, offset));
}

void gr0_write(SMMUTest *t, unsigned offset, uint32_t value)
{
    qtest_writel(t->qts, smmu_gr0(t, offset), value);
}

uint64_t gr0_read64(SMMUTest *t, unsigned offset)
{
    return qtest_readq(t->qts, smmu_gr0(t, offset));
}

void gr0_write64(SMMUTest *t, unsigned offset, uint64_t value)
{
    qtest_writeq(t->qts, smmu_gr0(t, offset), value);
}

uint32_t gr1_read(SMMUTest *t, unsigned offset)
{
    return qtest_readl(t->qts, smmu_gr1(t, offset));
}

void gr1_write(SMMUTest *t, unsigned offset, uint32_t value)
{
    qtest_writel(t->qts, smmu_gr1(t, offset), value);
}

uint32_t cb_read(SMMUTest *t, unsigned cb, unsigned offset)
{
    return qtest_readl(t->qts, smmu_cb(t, cb, offset));
}

void cb_write(SMMUTest *t, unsigned cb, unsigned offset, uint32_t value)
{
    qtest_writel(t->qts, smmu_cb(t, cb, offset), value);
}

uint64_t cb_read64(SMMUTest *t, unsigned cb, unsigned offset)
{
    return qtest_readq(t->qts, smmu_cb(t, cb, offset));
}

void cb_write64(SMMUTest *t, unsigned cb, unsigned offset, uint64_t value)
{
    qtest_writeq(t->qts, smmu_cb(t, cb, offset), value);
}

static QDict *qom_get(SMMUTest *t, const char *path, const char *property)
{
    QDict *rsp = qtest_qmp(t->qts, "{'execute': 'qom-get', 'arguments': "
                           "{'path': %s, 'property': %s}}", path, property);

    if (!qdict_haskey(rsp, "return")) {
        g_test_message("qom-get %s %s fails", path, property);
        g_assert_not_reached();
    }
    return rsp;
}

uint64_t smmu_qom_uint(SMMUTest *t, const char *path, const char *property)
{
    QDict *rsp = qom_get(t, path, property);
    uint64_t value = qdict_get_int(rsp, "return");

    qobject_unref(rsp);
    return value;
}

char *smmu_qom_str(SMMUTest *t, const char *path, const char *property)
{
    QDict *rsp = qom_get(t, path, property);
    char *value = g_strdup(qdict_get_str(rsp, "return"));

    qobject_unref(rsp);
    return value;
}

/* ---- Tables ---- */

int smmu_start_level(unsigned granule, unsigned bits)
{
    return 4 - DIV_ROUND_UP(bits - granule, granule - 3);
}

unsigned smmu_level_shift(unsigned granule, int level)
{
    return granule + (3 - level) * (granule - 3);
}

bool smmu_leaf_level(unsigned granule, int level)
{
    return level == 3 || level == 2 || (level == 1 && granule == 12);
}

SMMUTable smmu_table(SMMUTest *t, unsigned stage, unsigned granule,
                     unsigned bits, int start, uint64_t bias)
{
    unsigned entries = 1u << (bits - smmu_level_shift(granule, start));
    /* Alignment: what concatenated tables, or those of one entry, need */
    uint64_t size = MAX(8 * entries, 64);

    return (SMMUTable) {
        .t = t,
        .stage = stage,
        .granule = granule,
        .bits = bits,
        .start = start,
        .root = smmu_alloc(t, size, size),
        .bias = bias,
    };
}

/* Walk down to the descriptor, making tables on the way if @make */
static uint64_t find_desc(SMMUTable *tab, uint64_t in, int level, bool make)
{
    uint64_t table = tab->root, size = 1ull << tab->granule;
    uint64_t ia = extract64(in, 0, tab->bits);

    for (int l = tab->start; ; l++) {
        unsigned shift = smmu_level_shift(tab->granule, l);
        unsigned width = l == tab->start ? tab->bits - shift :
                         tab->granule - 3;
        uint64_t at = table + 8 * extract64(ia, shift, width), desc;

        if (l == level) {
            return at;
        }
        desc = qtest_readq(tab->t->qts, at);
        if ((desc & 3) != 3) {
            g_assert_true(make);
            table = smmu_alloc(tab->t, size, size);
            qtest_writeq(tab->t->qts, at, (table + tab->bias) | 3);
        } else {
            table = (desc & MAKE_64BIT_MASK(12, 36)) - tab->bias;
        }
    }
}

void smmu_map(SMMUTable *tab, uint64_t in, uint64_t out, int level,
              uint64_t leaf)
{
    uint64_t at = find_desc(tab, in, level, true);

    g_assert_true(level == 3 || smmu_leaf_level(tab->granule, level));
    qtest_writeq(tab->t->qts, at, out | leaf | (level == 3 ? 3 : 1));
}

uint64_t smmu_desc(SMMUTable *tab, uint64_t in, int level)
{
    return find_desc(tab, in, level, false);
}

/* ---- Banks and streams ---- */

uint32_t smmu_tcr(const SMMUTable *tab, unsigned which)
{
    static const uint8_t tg0[] = { [12] = 0, [14] = 2, [16] = 1 };
    static const uint8_t tg1[] = { [12] = 2, [14] = 1, [16] = 3 };
    uint32_t tcr = 0;

    if (which) {
        tcr = FIELD_DP32(tcr, CB_TCR, T1SZ, 64 - tab->bits);
        tcr = FIELD_DP32(tcr, CB_TCR, SH1, 3);
        return FIELD_DP32(tcr, CB_TCR, TG1, tg1[tab->granule]);
    }
    tcr = FIELD_DP32(tcr, CB_TCR, T0SZ, 64 - tab->bits);
    tcr = FIELD_DP32(tcr, CB_TCR, SH0, 3);
    tcr = FIELD_DP32(tcr, CB_TCR, TG0, tg0[tab->granule]);
    if (tab->stage == 2) {
        tcr = FIELD_DP32(tcr, CB_TCR, SL0,
                         (tab->granule == 12 ? 2 : 3) - tab->start);
        tcr = FIELD_DP32(tcr, CB_TCR, PASIZE, 5);
    }
    return tcr;
}

void smmu_bank_s1(SMMUTest *t, unsigned cb, const SMMUTable *tt0,
                  const SMMUTable *tt1, uint16_t asid, uint8_t vmid)
{
    uint32_t cbar = FIELD_DP32(vmid, CBAR0, TYPE, CBAR_TYPE_S1_S2_BYPASS);
    uint32_t tcr = tt0 ? smmu_tcr(tt0, 0) : R_CB_TCR_EPD0_MASK;

    tcr |= tt1 ? smmu_tcr(tt1, 1) : TCR_EPD1;
    gr1_write(t, A_CBA2R0 + 4 * cb, R_CBA2R0_VA64_MASK);
    gr1_write(t, A_CBAR0 + 4 * cb, cbar);
    cb_write(t, cb, A_CB_TCR2, TCR2_FULL | R_CB_TCR2_AS_MASK);
    cb_write(t, cb, A_CB_TCR, tcr);
    cb_write64(t, cb, A_CB_TTBR0,
               (uint64_t)asid << 48 | (tt0 ? tt0->root + tt0->bias : 0));
    cb_write64(t, cb, A_CB_TTBR1,
               (uint64_t)asid << 48 | (tt1 ? tt1->root + tt1->bias : 0));
    cb_write(t, cb, A_CB_MAIR0, MAIR_ALL);
    cb_write(t, cb, A_CB_MAIR1, MAIR_ALL);
    cb_write(t, cb, A_CB_SCTLR, SCTLR_ON);
}

void smmu_bank_s2(SMMUTest *t, unsigned cb, const SMMUTable *tab,
                  uint8_t vmid)
{
    gr1_write(t, A_CBA2R0 + 4 * cb, R_CBA2R0_VA64_MASK);
    gr1_write(t, A_CBAR0 + 4 * cb,
              FIELD_DP32(vmid, CBAR0, TYPE, CBAR_TYPE_S2));
    cb_write(t, cb, A_CB_TCR, smmu_tcr(tab, 0));
    cb_write64(t, cb, A_CB_TTBR0, tab->root + tab->bias);
    cb_write(t, cb, A_CB_SCTLR, SCTLR_ON);
}

void smmu_bank_nest(SMMUTest *t, unsigned cb, unsigned s2_cb)
{
    uint32_t cbar = FIELD_DP32(0, CBAR0, TYPE, CBAR_TYPE_S1_S2);

    gr1_write(t, A_CBAR0 + 4 * cb, FIELD_DP32(cbar, CBAR0, CBNDX, s2_cb));
}

void smmu_stream(SMMUTest *t, unsigned n, uint16_t sid, uint16_t mask,
                 uint32_t s2cr)
{
    gr0_write(t, A_S2CR0 + 4 * n, s2cr);
    gr0_write(t, A_SMR0 + 4 * n,
              R_SMR0_VALID_MASK | (uint32_t)mask << R_SMR0_MASK_SHIFT | sid);
}

void smmu_use_bank(SMMUTest *t, unsigned cb)
{
    smmu_stream(t, 0, PTD_SID, 0, cb);
    gr0_write(t, A_CR0, CR0_ON);
}

/* ---- DMA ---- */

uint64_t smmu_pattern(SMMUTest *t)
{
    /* The sequence of Knuth's MMIX: full period */
    t->seed = t->seed * 6364136223846793005ull + 1442695040888963407ull;
    return t->seed;
}

void assert_reads(SMMUTest *t, TestDev *dev, uint64_t iova, uint64_t pa,
                  const char *what)
{
    uint64_t want = smmu_pattern(t), got;
    uint32_t res;

    qtest_writeq(t->qts, pa, want);
    res = dma_read64(dev, iova, &got);
    if (res != PTD_RESULT_OK || got != want) {
        g_test_message("%s: read of 0x%" PRIx64 ", mapped to 0x%" PRIx64
                       ": result %u, got 0x%" PRIx64 ", not 0x%" PRIx64,
                       what, iova, pa, res, got, want);
        g_assert_not_reached();
    }
}

void assert_writes(SMMUTest *t, TestDev *dev, uint64_t iova, uint64_t pa,
                   const char *what)
{
    uint64_t want = smmu_pattern(t), got;
    uint32_t res = dma_write64(dev, iova, want);

    got = qtest_readq(t->qts, pa);
    if (res != PTD_RESULT_OK || got != want) {
        g_test_message("%s: write of 0x%" PRIx64 ", mapped to 0x%" PRIx64
                       ": result %u, memory has 0x%" PRIx64 ", not 0x%" PRIx64,
                       what, iova, pa, res, got, want);
        g_assert_not_reached();
    }
}

void assert_maps(SMMUTest *t, TestDev *dev, uint64_t iova, uint64_t pa,
                 const char *what)
{
    assert_reads(t, dev, iova, pa, what);
    assert_writes(t, dev, iova, pa, what);
}

void assert_refused(SMMUTest *t, TestDev *dev, uint64_t iova,
                    const char *what)
{
    uint64_t value;
    uint32_t rd = dma_read64(dev, iova, &value);
    uint32_t wr = dma_write64(dev, iova, smmu_pattern(t));

    if (rd != PTD_RESULT_DECODE_ERROR || wr != PTD_RESULT_DECODE_ERROR) {
        g_test_message("%s: 0x%" PRIx64 " is not refused: read %u, write %u",
                       what, iova, rd, wr);
        g_assert_not_reached();
    }
}

/* ---- Faults ---- */

SMMUFault smmu_fault(SMMUTest *t, unsigned cb)
{
    return (SMMUFault) {
        .fsr = cb_read(t, cb, A_CB_FSR),
        .fsynr0 = cb_read(t, cb, A_CB_FSYNR0),
        .fsynr1 = cb_read(t, cb, A_CB_FSYNR1),
        .cbfrsynra = gr1_read(t, A_CBFRSYNRA0 + 4 * cb),
        .far = cb_read64(t, cb, A_CB_FAR),
        .ipafar = cb_read64(t, cb, A_CB_IPAFAR),
    };
}

void smmu_fault_clear(SMMUTest *t, unsigned cb)
{
    cb_write(t, cb, A_CB_FSR, ~0u);
    cb_write(t, cb, A_CB_FSYNR0, 0);
    cb_write64(t, cb, A_CB_FAR, 0);
    cb_write64(t, cb, A_CB_IPAFAR, 0);
    gr1_write(t, A_CBFRSYNRA0 + 4 * cb, 0);
}

void assert_no_faults(SMMUTest *t, unsigned num)
{
    for (unsigned cb = 0; cb < num; cb++) {
        g_assert_cmphex(cb_read(t, cb, A_CB_FSR) & CB_FSR_W1C, ==, 0);
    }
    g_assert_cmphex(gr0_read(t, A_GFSR), ==, 0);
}
