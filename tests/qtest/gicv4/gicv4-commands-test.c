/*
 * GICv4 qtest: ITS commands that are wrong
 *
 * The conditions are those that the architecture (IHI 0069, 5.3) lists for
 * each command; docs/specs/gicv4.rst has them as a table. Such a command is
 * logged and ignored: what it names stays as it was, and the queue goes on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include "gicv4-lib.h"

#define DEVICE      0           /* with events 0 to 31 */
#define EVENT       5           /* physical, pending on CPU 1 */
#define VEVENT      6           /* virtual, pending for VPE */
#define NO_EVENT    7           /* not mapped */
#define INTID       (LPI + 50)
#define VINTID      (LPI + 100)
#define DOORBELL    (LPI + 7)
#define VPE         3
#define VPE_GONE    4           /* not mapped */
#define ICID_GONE   9           /* likewise */
#define HIGH(x)     ((uint64_t)(x) << 32)

/* What is out of range of the board and of the library's tables */
#define BAD_DEVICE  0x10000
#define BAD_ICID    0xffff
#define BAD_CPU     ((uint64_t)GIC_CPUS << 16)
#define BAD_VPE     0xffff
#define BAD_EVENT   0x10000

typedef struct Command {
    const char *name;
    uint64_t dw[4];
} Command;

static const Command physical[] = {
    { "MAPD, device out of range",
      { HIGH(BAD_DEVICE) | 0x08, 4, VALID | ITT } },
    { "MAPD, size out of range",
      { HIGH(DEVICE) | 0x08, 31, VALID | ITT } },
    { "MAPC, collection out of range",
      { 0x09, 0, VALID | BAD_ICID } },
    { "MAPC, no redistributor",
      { 0x09, 0, VALID | BAD_CPU | 1 } },
    { "MAPTI, device out of range",
      { HIGH(BAD_DEVICE) | 0x0a, HIGH(INTID + 1) | EVENT, 1 } },
    { "MAPTI, device not mapped",
      { HIGH(1) | 0x0a, HIGH(INTID + 1) | EVENT, 1 } },
    { "MAPTI, collection out of range",
      { HIGH(DEVICE) | 0x0a, HIGH(INTID + 1) | EVENT, BAD_ICID } },
    { "MAPTI, event out of range",
      { HIGH(DEVICE) | 0x0a, HIGH(INTID + 1) | BAD_EVENT, 1 } },
    { "MAPTI, INTID out of range",
      { HIGH(DEVICE) | 0x0a, HIGH(0x10000) | EVENT, 1 } },
    { "MAPTI, INTID is no LPI",
      { HIGH(DEVICE) | 0x0a, HIGH(LPI - 1) | EVENT, 1 } },
    { "MAPI, EventID is no LPI",
      { HIGH(DEVICE) | 0x0b, EVENT, 1 } },
    { "MOVI, event not mapped",
      { HIGH(DEVICE) | 0x01, NO_EVENT, 2 } },
    { "MOVI, device not mapped",
      { HIGH(1) | 0x01, EVENT, 2 } },
    { "MOVI, collection out of range",
      { HIGH(DEVICE) | 0x01, EVENT, BAD_ICID } },
    { "MOVI, collection not mapped",
      { HIGH(DEVICE) | 0x01, EVENT, ICID_GONE } },
    { "MOVALL, no redistributor to move from",
      { 0x0e, 0, BAD_CPU, 1 << 16 } },
    { "MOVALL, no redistributor to move to",
      { 0x0e, 0, 1 << 16, BAD_CPU } },
    { "INT, device out of range",
      { HIGH(BAD_DEVICE) | 0x03, EVENT } },
    { "INT, device not mapped",
      { HIGH(1) | 0x03, EVENT } },
    { "INT, event out of range",
      { HIGH(DEVICE) | 0x03, BAD_EVENT } },
    { "INT, event not mapped",
      { HIGH(DEVICE) | 0x03, NO_EVENT } },
    { "CLEAR, device not mapped",
      { HIGH(1) | 0x04, EVENT } },
    { "CLEAR, event out of range",
      { HIGH(DEVICE) | 0x04, BAD_EVENT } },
    { "CLEAR, event not mapped",
      { HIGH(DEVICE) | 0x04, NO_EVENT } },
    { "DISCARD, device not mapped",
      { HIGH(1) | 0x0f, EVENT } },
    { "DISCARD, event out of range",
      { HIGH(DEVICE) | 0x0f, BAD_EVENT } },
    { "DISCARD, event not mapped",
      { HIGH(DEVICE) | 0x0f, NO_EVENT } },
    { "INV, device not mapped",
      { HIGH(1) | 0x0c, EVENT } },
    { "INV, event out of range",
      { HIGH(DEVICE) | 0x0c, BAD_EVENT } },
    { "INV, event not mapped",
      { HIGH(DEVICE) | 0x0c, NO_EVENT } },
    { "INVALL, collection out of range",
      { 0x0d, 0, BAD_ICID } },
    { "INVALL, collection not mapped",
      { 0x0d, 0, ICID_GONE } },
    { "no command",
      { 0xff } },
};

static const Command virtual[] = {
    { "VMAPP, vPE out of range",
      { 0x29, HIGH(BAD_VPE) | DOORBELL, VALID | 1 << 16, VPT(VPE) | 15 } },
    { "VMAPP, no redistributor",
      { 0x29, HIGH(VPE) | DOORBELL, VALID | BAD_CPU, VPT(VPE) | 15 } },
    { "VMAPP, VPT_size out of range",
      { 0x29, HIGH(VPE) | DOORBELL, VALID | 1 << 16, VPT(VPE) | 16 } },
    { "VMAPTI, device not mapped",
      { HIGH(1) | 0x2a, HIGH(VPE) | VEVENT, HIGH(1023) | (VINTID + 1) } },
    { "VMAPTI, event out of range",
      { HIGH(DEVICE) | 0x2a, HIGH(VPE) | BAD_EVENT,
        HIGH(1023) | (VINTID + 1) } },
    { "VMAPTI, vPE out of range",
      { HIGH(DEVICE) | 0x2a, HIGH(BAD_VPE) | VEVENT,
        HIGH(1023) | (VINTID + 1) } },
    { "VMAPTI, virtual INTID is no LPI",
      { HIGH(DEVICE) | 0x2a, HIGH(VPE) | VEVENT, HIGH(1023) | 0x10000 } },
    { "VMAPTI, doorbell is no LPI",
      { HIGH(DEVICE) | 0x2a, HIGH(VPE) | VEVENT,
        HIGH(LPI - 1) | (VINTID + 1) } },
    { "VMAPI, EventID is no LPI",
      { HIGH(DEVICE) | 0x2b, HIGH(VPE) | VEVENT, HIGH(1023) } },
    { "VMOVI, event not mapped",
      { HIGH(DEVICE) | 0x21, HIGH(VPE) | NO_EVENT } },
    { "VMOVI, event not virtual",
      { HIGH(DEVICE) | 0x21, HIGH(VPE) | EVENT } },
    { "VMOVI, vPE out of range",
      { HIGH(DEVICE) | 0x21, HIGH(BAD_VPE) | VEVENT } },
    { "VMOVI, vPE not mapped",
      { HIGH(DEVICE) | 0x21, HIGH(VPE_GONE) | VEVENT } },
    { "VMOVI, doorbell is no LPI",
      { HIGH(DEVICE) | 0x21, HIGH(VPE) | VEVENT, HIGH(LPI - 1) | 1 } },
    { "VMOVP, vPE out of range",
      { 0x22, HIGH(BAD_VPE), 2 << 16 } },
    { "VMOVP, vPE not mapped",
      { 0x22, HIGH(VPE_GONE), 2 << 16 } },
    { "VMOVP, no redistributor",
      { 0x22, HIGH(VPE), BAD_CPU } },
    { "VINVALL, vPE out of range",
      { 0x2d, HIGH(BAD_VPE) } },
    { "VINVALL, vPE not mapped",
      { 0x2d, HIGH(VPE_GONE) } },
    { "MOVI, event not physical",
      { HIGH(DEVICE) | 0x01, VEVENT, 2 } },
};

/* GICv4.1's alone; what another GIC does not know is an error there */
static const Command virtual41[] = {
    { "VSGI, vPE out of range", { HIGH(5) | 0x23, HIGH(BAD_VPE) } },
    { "VSGI, vPE not mapped", { HIGH(5) | 0x23, HIGH(VPE_GONE) } },
    { "INVDB, vPE out of range", { 0x2e, HIGH(BAD_VPE) } },
    { "INVDB, vPE not mapped", { 0x2e, HIGH(VPE_GONE) } },
};
static const Command doorbells41[] = {
    { "VMAPP, default doorbell is no LPI",
      { 0x29, HIGH(VPE) | (LPI - 1), VALID | 1 << 16, VPT(VPE) | 15 } },
    { "VMOVP, default doorbell is no LPI",
      { 0x22, HIGH(VPE), VALID | 2 << 16, LPI - 1 } },
    { "VSYNC, vPE not mapped", { 0x25, HIGH(VPE_GONE) } },
};

/* What commands change, all in one piece */
typedef struct Tables {
    char devices[0x10000], collections[0x10000], vpes[0x10000], itt[0x10000];
} Tables;

static void read_tables(GICTest *t, Tables *tables)
{
    qtest_memread(t->qts, DEV_TABLE, tables->devices, 0x10000);
    qtest_memread(t->qts, COL_TABLE, tables->collections, 0x10000);
    qtest_memread(t->qts, VPE_TABLE, tables->vpes, 0x10000);
    qtest_memread(t->qts, ITT, tables->itt, 0x10000);
}

/* Run each and check that it is told of, in a line, and does nothing */
static void check(const char *version, const char *log, GICTest *t,
                  const Command *commands, unsigned num)
{
    g_autofree Tables *tables = g_new(Tables, 1);
    g_autofree Tables *after = g_new(Tables, 1);
    gsize seen = 0;

    for (unsigned i = 0; i < num; i++) {
        const uint64_t *dw = commands[i].dw;
        g_autofree char *text = NULL;
        gsize length;

        g_test_message("GICv%s: %s", version, commands[i].name);
        g_assert_true(g_file_get_contents(log, &text, &seen, NULL));
        read_tables(t, tables);
        its_cmd(t, dw[0], dw[1], dw[2], dw[3]);
        read_tables(t, after);
        g_assert_cmpint(memcmp(tables, after, sizeof(*tables)), ==, 0);

        g_clear_pointer(&text, g_free);
        g_assert_true(g_file_get_contents(log, &text, &length, NULL));
        g_assert_cmpuint(length, >, seen);
        g_assert_cmpint(text[length - 1], ==, '\n');
        g_assert_nonnull(strchr(text + seen, '\n'));
        g_assert_true(strchr(text + seen, '\n') == text + length - 1);

        if (strcmp(version, "3")) {
            g_assert_true(pending(t, LPI_PEND(1), INTID));
            g_assert_true(pending(t, VPT(VPE), VINTID));
        }
    }
    if (!strcmp(version, "3")) {
        return;
    }

    /* All that was mapped still is */
    its_clear(t, DEVICE, EVENT);
    g_assert_false(pending(t, LPI_PEND(1), INTID));
    its_int(t, DEVICE, EVENT);
    g_assert_true(pending(t, LPI_PEND(1), INTID));
    its_clear(t, DEVICE, VEVENT);
    g_assert_false(pending(t, VPT(VPE), VINTID));
    its_int(t, DEVICE, VEVENT);
    g_assert_true(pending(t, VPT(VPE), VINTID));
}

static void test_errors(const void *version)
{
    bool v3 = !strcmp(version, "3"), v41 = !strcmp(version, "4.1");
    g_autofree char *log = g_strdup_printf("%s/gicv4-log-XXXXXX",
                                           g_get_tmp_dir());
    int fd = g_mkstemp(log);
    g_autofree char *extra = g_strdup_printf("-d guest_errors -D %s", log);
    GICTest *t;

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    t = gic_start_with(version, "", extra);
    if (v3) {
        /* None of these is one of its commands */
        check(version, log, t, virtual, ARRAY_SIZE(virtual) - 1);
        check(version, log, t, virtual41, ARRAY_SIZE(virtual41));
    } else {
        enable_lpi(t, DOORBELL);
        its_mapti(t, DEVICE, EVENT, INTID, 1);
        its_int(t, DEVICE, EVENT);
        if (v41) {
            its_vmapp(t, VPE, 1, DOORBELL);
        } else {
            its_vmapp40(t, VPE, 1);
        }
        its_vmapti(t, DEVICE, VEVENT, VPE, VINTID, NO_DOORBELL);
        its_int(t, DEVICE, VEVENT);

        check(version, log, t, physical, ARRAY_SIZE(physical));
        check(version, log, t, virtual, ARRAY_SIZE(virtual));
        check(version, log, t, virtual41, ARRAY_SIZE(virtual41));
        if (v41) {
            check(version, log, t, doorbells41, ARRAY_SIZE(doorbells41));
        }
    }
    gic_quit(t);
    g_unlink(log);
}

/* What else a command that unmaps says does not count */
static void test_unmap(void)
{
    GICTest *t = gic_start("4");

    its_mapti(t, DEVICE, EVENT, INTID, 1);
    its_int(t, DEVICE, EVENT);
    its_cmd(t, HIGH(DEVICE) | 0x08, 31, 0, 0);
    its_clear(t, DEVICE, EVENT);
    g_assert_true(pending(t, LPI_PEND(1), INTID));
    gic_quit(t);

    t = gic_start("4");
    its_vmapp40(t, VPE, 1);
    its_vmapti(t, DEVICE, VEVENT, VPE, VINTID, NO_DOORBELL);
    its_int(t, DEVICE, VEVENT);
    its_cmd(t, 0x29, HIGH(VPE), BAD_CPU, 31);
    its_clear(t, DEVICE, VEVENT);
    g_assert_true(pending(t, VPT(VPE), VINTID));
    gic_quit(t);
}

/* INVALL is for a collection: the LPIs of its redistributor */
static void test_invall(void)
{
    GICTest *t = gic_start("4");
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;

    its_mapti(t, DEVICE, EVENT, INTID, 1);
    its_int(t, DEVICE, EVENT);
    configure(t, LPI_CONF, INTID, true, 0xa0);
    its_cmd(t, 0x0d, 0, 2, 0);
    before = qtest_hmp(t->qts, "info pic");
    its_cmd(t, 0x0d, 0, 1, 0);
    after = qtest_hmp(t->qts, "info pic");
    g_assert_null(strstr(before, "CPU 1; pending 8242, priority 0xa0"));
    g_assert_nonnull(strstr(after, "CPU 1; pending 8242, priority 0xa0"));
    gic_quit(t);
}

int main(int argc, char **argv)
{
    static const char *const versions[] = { "3", "4", "4.1" };

    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(versions); i++) {
        g_autofree char *path = g_strdup_printf("gicv4/commands/errors-%s",
                                                versions[i]);

        qtest_add_data_func(path, versions[i], test_errors);
    }
    qtest_add_func("gicv4/commands/unmap", test_unmap);
    qtest_add_func("gicv4/commands/invall", test_invall);
    return g_test_run();
}
