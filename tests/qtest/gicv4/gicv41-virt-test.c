/*
 * GICv4 qtest: what the virt board tells a guest of its ITSes
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include <glib/gstdio.h>
#include <libfdt.h>
#include "qemu/bswap.h"
#include "qobject/qdict.h"
#include "qobject/qlist.h"
#include "qobject/qstring.h"
#include "gicv4-lib.h"

#define FW_CFG_DMA      0x09020010
#define FW_CFG_FILE_DIR 0x19
#define FW_CFG_COMMAND  0x40100000      /* in RAM */
#define FW_CFG_BUFFER   0x40200000

typedef struct Board {
    const char *machine;
    unsigned num_its;
    uint64_t base[2], size;
} Board;

static const Board boards[] = {
    { "gic-version=3", 1, { ITS_V4 }, 0x20000 },
    { "gic-version=4", 1, { ITS_V4 }, 0x20000 },
    { "gic-version=4.1", 1, { ITS_V41 }, 0x30000 },
    { "gic-version=3,its-count=2", 2, { ITS_V4, ITS_SECOND }, 0x20000 },
    { "gic-version=4.1,its-count=2", 2, { ITS_V41, ITS_SECOND }, 0x30000 },
};

/* ---- Device tree ---- */

static GMappedFile *device_tree(const Board *board)
{
    g_autofree char *dtb = g_strdup_printf("%s/gicv41-virt-XXXXXX",
                                           g_get_tmp_dir());
    int fd = g_mkstemp(dtb);
    g_autofree char *line =
        g_strdup_printf("timeout 30 %s -M virt,virtualization=on,%s,"
                        "dumpdtb=%s -cpu neoverse-v1 -accel qtest -nodefaults "
                        "-display none", getenv("QTEST_QEMU_BINARY"),
                        board->machine, dtb);
    g_autofree char *out = NULL, *err = NULL;
    GMappedFile *file;
    int status;

    g_assert_cmpint(fd, >=, 0);
    close(fd);
    g_assert_true(g_spawn_command_line_sync(line, &out, &err, &status, NULL));
    g_test_message("%s: %s", line, err);
    g_assert_cmpint(status, ==, 0);
    file = g_mapped_file_new(dtb, false, NULL);
    g_assert_nonnull(file);
    g_unlink(dtb);
    g_assert_cmpint(fdt_check_header(g_mapped_file_get_contents(file)), ==, 0);
    return file;
}

static uint32_t cell(const void *fdt, int node, const char *name, unsigned i)
{
    int len;
    const fdt32_t *cells = fdt_getprop(fdt, node, name, &len);

    g_assert_nonnull(cells);
    g_assert_cmpint(len, >, 4 * i);
    return fdt32_to_cpu(cells[i]);
}

static void test_fdt(void)
{
    for (unsigned b = 0; b < ARRAY_SIZE(boards); b++) {
        const Board *board = &boards[b];
        GMappedFile *file = device_tree(board);
        const void *fdt = g_mapped_file_get_contents(file);
        uint32_t phandle[2] = {};
        unsigned num = 0;
        int node = -1, pcie, len;

        while ((node = fdt_node_offset_by_compatible(fdt, node,
                                                     "arm,gic-v3-its")) >= 0) {
            num++;
        }
        g_assert_cmpuint(num, ==, board->num_its);
        for (unsigned i = 0; i < board->num_its; i++) {
            g_autofree char *path =
                g_strdup_printf("/intc@8000000/its@%" PRIx64, board->base[i]);

            node = fdt_path_offset(fdt, path);
            g_assert_cmpint(node, >=, 0);
            g_assert_cmphex(cell(fdt, node, "reg", 1), ==, board->base[i]);
            g_assert_cmphex(cell(fdt, node, "reg", 3), ==, board->size);
            phandle[i] = fdt_get_phandle(fdt, node);
        }

        /* Which ITS a requester ID goes to */
        pcie = fdt_node_offset_by_compatible(fdt, -1, "pci-host-ecam-generic");
        g_assert_cmpint(pcie, >=, 0);
        g_assert_nonnull(fdt_getprop(fdt, pcie, "msi-map", &len));
        for (unsigned rid = 0, next; rid < 0x10000; rid = next) {
            bool upper = board->num_its == 2 && rid >= 0x80 && rid < 0x100;
            unsigned found = 0;

            next = rid + 8;
            for (unsigned i = 0; i < len / 16; i++) {
                uint32_t first = cell(fdt, pcie, "msi-map", 4 * i);

                if (rid >= first &&
                    rid < first + cell(fdt, pcie, "msi-map", 4 * i + 3)) {
                    found++;
                    g_assert_cmphex(cell(fdt, pcie, "msi-map", 4 * i + 1), ==,
                                    phandle[upper]);
                    g_assert_cmphex(cell(fdt, pcie, "msi-map", 4 * i + 2) +
                                    rid - first, ==, rid);
                }
            }
            g_assert_cmpuint(found, ==, 1);
        }
        g_mapped_file_unref(file);
    }
}

/* ---- ACPI ---- */

/* Read @size bytes of the item @key, from its beginning */
static void fw_cfg_read(QTestState *qts, uint16_t key, void *data, size_t size)
{
    uint32_t command[4] = {
        cpu_to_be32((uint32_t)key << 16 | 8 | 2),       /* select, read */
        cpu_to_be32(size), 0, cpu_to_be32(FW_CFG_BUFFER),
    };

    qtest_memwrite(qts, FW_CFG_COMMAND, command, sizeof(command));
    qtest_writeq(qts, FW_CFG_DMA, cpu_to_be64(FW_CFG_COMMAND));
    qtest_memread(qts, FW_CFG_COMMAND, command, sizeof(command));
    g_assert_cmphex(command[0], ==, 0);                 /* it is done */
    qtest_memread(qts, FW_CFG_BUFFER, data, size);
}

/* A file of fw_cfg, or NULL */
static uint8_t *fw_cfg_file(QTestState *qts, const char *name, size_t *size)
{
    struct {
        uint32_t num;
        struct {
            uint32_t size;
            uint16_t key, reserved;
            char name[56];
        } file[64];
    } dir;

    fw_cfg_read(qts, FW_CFG_FILE_DIR, &dir, sizeof(dir));
    for (unsigned i = 0; i < be32_to_cpu(dir.num); i++) {
        g_assert_cmpuint(i, <, ARRAY_SIZE(dir.file));
        if (!strncmp(dir.file[i].name, name, sizeof(dir.file[i].name))) {
            uint8_t *data;

            *size = be32_to_cpu(dir.file[i].size);
            data = g_malloc(*size);
            fw_cfg_read(qts, be16_to_cpu(dir.file[i].key), data, *size);
            return data;
        }
    }
    return NULL;
}

/* The table of that signature among all that the firmware is given */
static const uint8_t *acpi_table(const uint8_t *all, size_t size,
                                 const char *signature)
{
    for (size_t at = 0; at + 36 <= size; at++) {
        uint32_t len = ldl_le_p(all + at + 4);

        if (!memcmp(all + at, signature, 4) &&
            !memcmp(all + at + 10, "BOCHS ", 6) && at + len <= size) {
            return all + at;
        }
    }
    g_assert_not_reached();
}

static void test_acpi(void)
{
    for (unsigned b = 0; b < ARRAY_SIZE(boards); b++) {
        const Board *board = &boards[b];
        QTestState *qts = qtest_initf("-M virt,virtualization=on,%s "
                                      "-cpu neoverse-v1 -nodefaults",
                                      board->machine);
        size_t size = 0;
        g_autofree uint8_t *all = fw_cfg_file(qts, "etc/acpi/tables", &size);
        const uint8_t *table, *node;
        unsigned its = 0, gicd = 0;

        g_test_message("%s", board->machine);
        g_assert_nonnull(all);

        /* MADT: 0xf is an ITS, 0xc the distributor with the GIC's version */
        table = acpi_table(all, size, "APIC");
        for (node = table + 44; node < table + ldl_le_p(table + 4);
             node += node[1]) {
            if (node[0] == 0xf) {
                g_assert_cmphex(ldl_le_p(node + 4), ==, its);
                g_assert_cmphex(ldq_le_p(node + 8), ==, board->base[its]);
                its++;
            } else if (node[0] == 0xc) {
                g_assert_cmpuint(node[20], ==,
                                 strstr(board->machine, "=4") ? 4 : 3);
                gicd++;
            }
        }
        g_assert_cmpuint(its, ==, board->num_its);
        g_assert_cmpuint(gicd, ==, 1);

        /* IORT: the group of all ITSes comes first */
        table = acpi_table(all, size, "IORT");
        node = table + ldl_le_p(table + 40);
        g_assert_cmpuint(node[0], ==, 0);
        g_assert_cmpuint(lduw_le_p(node + 1), ==, 20 + 4 * board->num_its);
        g_assert_cmpuint(ldl_le_p(node + 16), ==, board->num_its);
        for (unsigned i = 0; i < board->num_its; i++) {
            g_assert_cmpuint(ldl_le_p(node + 20 + 4 * i), ==, i);
        }
        qtest_quit(qts);
    }
}

/* ---- virtio-iommu ---- */

/* What the guest must not map: where messages go, one window for each ITS */
static void test_virtio_iommu(void)
{
    for (unsigned b = 0; b < ARRAY_SIZE(boards); b++) {
        const Board *board = &boards[b];
        QTestState *qts = qtest_initf("-M virt,virtualization=on,%s "
                                      "-cpu neoverse-v1 -nodefaults "
                                      "-device virtio-iommu-pci,id=viommu",
                                      board->machine);
        QDict *rsp = qtest_qmp(qts, "{'execute': 'qom-get', 'arguments': "
                               "{'path': '/machine/peripheral/viommu', "
                               "'property': 'reserved-regions'}}");
        QListEntry *entry;
        unsigned i = 0;

        g_test_message("%s", board->machine);
        QLIST_FOREACH_ENTRY(qdict_get_qlist(rsp, "return"), entry) {
            QString *is = qobject_to(QString, qlist_entry_obj(entry));
            g_autofree char *expected = NULL;

            g_assert_cmpuint(i, <, board->num_its);
            expected = g_strdup_printf("0x%" PRIx64 ":0x%" PRIx64 ":1",
                                       board->base[i] + 0x10000,
                                       board->base[i] + 0x1ffff);
            g_assert_cmpstr(qstring_get_str(is), ==, expected);
            i++;
        }
        g_assert_cmpuint(i, ==, board->num_its);
        qobject_unref(rsp);
        qtest_quit(qts);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("gicv4/virt/fdt", test_fdt);
    qtest_add_func("gicv4/virt/acpi", test_acpi);
    qtest_add_func("gicv4/virt/virtio-iommu", test_virtio_iommu);
    return g_test_run();
}
