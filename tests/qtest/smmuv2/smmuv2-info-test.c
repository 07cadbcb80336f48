/*
 * SMMUv2 qtest: what people are told
 *
 * query-smmuv2 says what the guest has set up, what the devices did and which
 * faults are pending; "info smmuv2" prints the same.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/units.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "qobject/qstring.h"
#include "smmuv2-lib.h"

#define DATA    (RAM_BASE + 0x15432000)

/* The one SMMU there is; free the response with qobject_unref(*rsp) */
static QDict *query(SMMUTest *t, QDict **rsp)
{
    QList *list;

    *rsp = qtest_qmp(t->qts, "{'execute': 'query-smmuv2'}");
    list = qdict_get_qlist(*rsp, "return");
    g_assert_nonnull(list);
    g_assert_cmpuint(qlist_size(list), ==, 1);
    return qobject_to(QDict, qlist_peek(list));
}

/* Element @n of a list of objects */
static QDict *element(const QDict *dict, const char *name, unsigned n)
{
    QList *list = qdict_get_qlist(dict, name);
    const QListEntry *entry;

    g_assert_nonnull(list);
    QLIST_FOREACH_ENTRY(list, entry) {
        if (!n--) {
            return qobject_to(QDict, qlist_entry_obj(entry));
        }
    }
    g_assert_not_reached();
}

static unsigned count(const QDict *dict, const char *name)
{
    return qlist_size(qdict_get_qlist(dict, name));
}

/* The stream of a device; others, such as the host bridge's, are there too */
static QDict *stream_of(const QDict *smmu, uint16_t sid)
{
    for (unsigned n = 0; n < count(smmu, "streams"); n++) {
        QDict *stream = element(smmu, "streams", n);

        if (qdict_get_int(stream, "stream-id") == sid) {
            return stream;
        }
    }
    g_assert_not_reached();
}

static void assert_int(const QDict *dict, const char *name, uint64_t want)
{
    g_test_message("%s", name);
    g_assert_true(qdict_haskey(dict, name));
    g_assert_cmphex(qdict_get_int(dict, name), ==, want);
}

static void assert_str(const QDict *dict, const char *name, const char *want)
{
    g_test_message("%s", name);
    g_assert_cmpstr(qdict_get_try_str(dict, name), ==, want);
}

/* The strings of a list, with blanks between them */
static char *join(const QDict *dict, const char *name)
{
    GString *all = g_string_new(NULL);
    const QListEntry *entry;

    QLIST_FOREACH_ENTRY(qdict_get_qlist(dict, name), entry) {
        QString *s = qobject_to(QString, qlist_entry_obj(entry));

        g_string_append_printf(all, "%s%s", all->len ? " " : "",
                               qstring_get_str(s));
    }
    return g_string_free(all, false);
}

static void assert_kinds(const QDict *fault, const char *want)
{
    g_autofree char *kinds = join(fault, "kinds");

    g_assert_cmpstr(kinds, ==, want);
}

static void assert_table(const QDict *bank, unsigned n, unsigned stage,
                         unsigned ttbr, uint64_t base, unsigned bits,
                         unsigned granule)
{
    QDict *table = element(bank, "tables", n);

    assert_int(table, "stage", stage);
    assert_int(table, "ttbr", ttbr);
    assert_int(table, "base", base);
    assert_int(table, "input-bits", bits);
    assert_int(table, "granule", granule);
}

/* After reset nothing is in use and all passes */
static void test_reset(void)
{
    SMMUTest *t = smmu_start(NULL);
    QDict *rsp, *smmu = query(t, &rsp), *stream;

    assert_str(smmu, "smmu", SMMU_QOM);
    g_assert_false(qdict_get_bool(smmu, "enabled"));
    g_assert_false(qdict_haskey(smmu, "fault"));
    g_assert_cmpuint(count(smmu, "banks"), ==, 0);
    stream = stream_of(smmu, PTD_SID);
    assert_str(stream, "device", "0000:00:04.0");
    assert_str(stream, "tbu", PTD_TBU);
    assert_int(stream, "stream-id", PTD_SID);
    assert_str(stream, "route", "bypass");
    assert_str(stream, "stage", "-");
    g_assert_false(qdict_haskey(stream, "context-bank"));
    assert_int(stream, "translations", 0);
    qobject_unref(rsp);
    smmu_quit(t);
}

static void test_stage1(void)
{
    SMMUTest *t = smmu_start(PTD2_ARG);
    SMMUTable lo = smmu_table(t, 1, 12, 39, 1, 0);
    SMMUTable hi = smmu_table(t, 1, 16, 42, 2, 0);
    QDict *rsp, *smmu, *stream, *bank, *fault;
    uint64_t value;

    smmu_map(&lo, 0x5000, DATA, 3, LEAF_S1);
    smmu_bank_s1(t, 3, &lo, &hi, 0x12, 0x34);
    smmu_stream(t, 0, PTD_SID, 0, 3);
    gr0_write(t, A_CR0, CR0_ON);
    for (int i = 0; i < 3; i++) {
        g_assert_cmpuint(dma_read64(&t->dev, 0x5000, &value), ==,
                         PTD_RESULT_OK);
    }

    smmu = query(t, &rsp);
    g_assert_true(qdict_get_bool(smmu, "enabled"));
    assert_int(smmu, "tlb-misses", 1);
    assert_int(smmu, "walks", 1);
    assert_int(smmu, "context-faults", 0);
    assert_int(smmu, "global-faults", 0);
    stream = stream_of(smmu, PTD_SID);
    assert_str(stream, "route", "translate");
    assert_int(stream, "context-bank", 3);
    assert_str(stream, "stage", "1");
    assert_int(stream, "translations", 3);
    assert_int(stream, "hits", 2);
    assert_int(stream, "misses", 1);
    assert_int(stream, "faults", 0);
    stream = stream_of(smmu, PTD2_SID);
    assert_str(stream, "tbu", PTD2_TBU);
    assert_str(stream, "route", "fault");
    g_assert_cmpuint(count(smmu, "banks"), ==, 1);
    bank = element(smmu, "banks", 0);
    assert_int(bank, "index", 3);
    g_assert_true(qdict_get_bool(bank, "valid"));
    assert_str(bank, "type", "s1-s2-bypass");
    assert_str(bank, "format", "aarch64");
    assert_str(bank, "stage", "1");
    assert_int(bank, "asid", 0x12);
    assert_int(bank, "vmid", 0x34);
    g_assert_false(qdict_haskey(bank, "stage-2-bank"));
    g_assert_false(qdict_haskey(bank, "fault"));
    g_assert_cmpuint(count(bank, "tables"), ==, 2);
    assert_table(bank, 0, 1, 0, lo.root, 39, 4096);
    assert_table(bank, 1, 1, 1, hi.root, 42, 65536);
    qobject_unref(rsp);

    /* Two faults: the first is told, and that there was another */
    g_assert_cmphex(dma(&t->dev, PTD_OP_WRITE, 0x9000, 4), ==,
                    PTD_RESULT_DECODE_ERROR);
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, 0xa000, 4), ==,
                    PTD_RESULT_DECODE_ERROR);
    smmu = query(t, &rsp);
    assert_int(smmu, "context-faults", 2);
    fault = qdict_get_qdict(element(smmu, "banks", 0), "fault");
    g_assert_nonnull(fault);
    assert_kinds(fault, "translation multiple");
    assert_int(fault, "status", FSR(TF) | R_CB_FSR_MULTI_MASK);
    assert_int(fault, "address", 0x9000);
    assert_int(fault, "stream-id", PTD_SID);
    assert_int(fault, "syndrome", R_CB_FSYNR0_WNR_MASK | 3);
    g_assert_false(qdict_haskey(fault, "ipa"));
    qobject_unref(rsp);

    smmu_fault_clear(t, 3);
    smmu = query(t, &rsp);
    g_assert_false(qdict_haskey(element(smmu, "banks", 0), "fault"));
    qobject_unref(rsp);
    smmu_quit(t);
}

static void test_nested(void)
{
    const uint64_t bias = UINT64_C(1) << 36;
    SMMUTest *t = smmu_start(NULL);
    SMMUTable s2 = smmu_table(t, 2, 14, 40, 1, 0);
    SMMUTable s1 = smmu_table(t, 1, 12, 39, 1, bias);
    QDict *rsp, *smmu, *bank, *fault;

    smmu_bank_s2(t, 1, &s2, 7);
    smmu_bank_s1(t, 0, &s1, NULL, 1, 0);
    smmu_bank_nest(t, 0, 1);
    smmu_use_bank(t, 0);
    /* Stage 1's table is not mapped: a fault of stage 2 */
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, 0x5000, 4), ==,
                    PTD_RESULT_DECODE_ERROR);

    smmu = query(t, &rsp);
    assert_str(stream_of(smmu, PTD_SID), "stage", "1+2");
    g_assert_cmpuint(count(smmu, "banks"), ==, 2);
    bank = element(smmu, "banks", 0);
    assert_int(bank, "index", 0);
    assert_str(bank, "type", "s1-s2");
    assert_str(bank, "stage", "1+2");
    assert_int(bank, "stage-2-bank", 1);
    assert_int(bank, "vmid", 7);
    g_assert_cmpuint(count(bank, "tables"), ==, 2);
    assert_table(bank, 0, 1, 0, s1.root + bias, 39, 4096);
    assert_table(bank, 1, 2, 0, s2.root, 40, 16384);
    bank = element(smmu, "banks", 1);
    assert_int(bank, "index", 1);
    assert_str(bank, "type", "s2");
    assert_str(bank, "stage", "2");
    g_assert_false(qdict_haskey(bank, "asid"));
    g_assert_cmpuint(count(bank, "tables"), ==, 1);
    fault = qdict_get_qdict(bank, "fault");
    g_assert_nonnull(fault);
    assert_kinds(fault, "translation");
    assert_int(fault, "address", 0x5000);
    /* Bits 11:0 are those of the address */
    assert_int(fault, "ipa", s1.root + bias);
    qobject_unref(rsp);
    smmu_quit(t);
}

static void test_global_fault(void)
{
    SMMUTest *t = smmu_start(NULL);
    QDict *rsp, *smmu, *fault;

    gr0_write(t, A_CR0, CR0_ON);
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, 0x1230, 4), ==,
                    PTD_RESULT_DECODE_ERROR);
    smmu = query(t, &rsp);
    assert_int(smmu, "global-faults", 1);
    fault = qdict_get_qdict(smmu, "fault");
    g_assert_nonnull(fault);
    assert_kinds(fault, "unidentified-stream");
    assert_int(fault, "status", R_GFSR_USF_MASK);
    assert_int(fault, "address", 0x1230);
    assert_int(fault, "stream-id", PTD_SID);
    qobject_unref(rsp);
    smmu_quit(t);
}

static void assert_says(const char *output, const char *what)
{
    if (!strstr(output, what)) {
        g_test_message("no '%s' in: %s", what, output);
        g_assert_not_reached();
    }
}

static void test_hmp(void)
{
    SMMUTest *t = smmu_start(NULL);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    g_autofree char *before = NULL, *after = NULL, *table = NULL;

    before = qtest_hmp(t->qts, "info smmuv2");
    assert_says(before, SMMU_QOM " (disabled: CR0.CLIENTPD)");
    assert_says(before, "stream 0x0020 (0000:00:04.0): bypass;");

    smmu_bank_s1(t, 2, &tab, NULL, 5, 6);
    smmu_use_bank(t, 2);
    g_assert_cmphex(dma(&t->dev, PTD_OP_READ, 0x9000, 4), ==,
                    PTD_RESULT_DECODE_ERROR);
    after = qtest_hmp(t->qts, "info smmuv2");
    g_assert_null(strstr(after, "disabled"));
    assert_says(after, "context-faults 1, global-faults 0");
    assert_says(after, "stream 0x0020 (0000:00:04.0): translate, bank 2, "
                       "stage 1; translations 1, hits 0, misses 1, faults 1");
    assert_says(after, "bank 2: s1-s2-bypass, aarch64, stage 1, vmid 6, "
                       "asid 5");
    table = g_strdup_printf("stage 1, ttbr0: table 0x%" PRIx64 ", 39 bits, "
                            "granule 4 KiB", tab.root);
    assert_says(after, table);
    assert_says(after, "fault: translation at 0x9000, stream 0x20, "
                       "status 0x402, syndrome 0x1");
    smmu_quit(t);
}

/* A machine without one */
static void test_none(void)
{
    QTestState *qts = qtest_init("-M virt -nodefaults");
    QDict *rsp = qtest_qmp(qts, "{'execute': 'query-smmuv2'}");
    g_autofree char *output = qtest_hmp(qts, "info smmuv2");

    g_assert_true(qlist_empty(qdict_get_qlist(rsp, "return")));
    assert_says(output, "no SMMUv2");
    qobject_unref(rsp);
    qtest_quit(qts);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/info/reset", test_reset);
    qtest_add_func("/smmuv2/info/stage1", test_stage1);
    qtest_add_func("/smmuv2/info/nested", test_nested);
    qtest_add_func("/smmuv2/info/global-fault", test_global_fault);
    qtest_add_func("/smmuv2/info/hmp", test_hmp);
    qtest_add_func("/smmuv2/info/none", test_none);
    return g_test_run();
}
