/*
 * Payloads: the device tree, as far as they want it
 *
 * QEMU puts it at the start of RAM.  Nodes are found by the first of their
 * compatible strings or any other; addresses and sizes are of two cells each,
 * which is what the virt board has.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "pci.h"

enum {
    FDT_MAGIC = 0xd00dfeed,
    FDT_BEGIN_NODE = 1,
    FDT_END_NODE = 2,
    FDT_PROP = 3,
    FDT_NOP = 4,
};

struct fdt_header {
    uint32_t magic, size, structs, strings;
};

static uint32_t be32(const uint32_t *p)
{
    return __builtin_bswap32(*p);
}

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static size_t length(const char *s)
{
    size_t n = 0;

    while (s[n]) {
        n++;
    }
    return n;
}

/* Whether a list of strings, each ended by 0, has @s */
static bool lists(const char *list, size_t size, const char *s)
{
    for (size_t i = 0; i < size; i += length(list + i) + 1) {
        if (same(list + i, s)) {
            return true;
        }
    }
    return false;
}

/*
 * Properties of a node come before its children, in any order: note both and
 * decide when the next node begins or this one ends.
 */
const uint32_t *dt_cells(const char *compatible, const char *property,
                         unsigned *num)
{
    const struct fdt_header *h = at(struct fdt_header, RAM_BASE);
    const uint32_t *found = NULL, *p;
    bool match = false;

    if (be32(&h->magic) != FDT_MAGIC) {
        bail_out("no device tree at the start of RAM");
    }
    p = at(uint32_t, RAM_BASE + be32(&h->structs));
    for (;;) {
        uint32_t token = be32(p++);

        if (token == FDT_NOP) {
            continue;
        }
        if (token == FDT_PROP) {
            uint32_t size = be32(p);
            const char *name = at(char, RAM_BASE + be32(&h->strings) +
                                  be32(p + 1));

            p += 2;
            if (same(name, "compatible")) {
                match = lists((const char *)p, size, compatible);
            } else if (same(name, property)) {
                found = p;
                *num = size / 4;
            }
            p += ROUND_UP(size, 4) / 4;
            continue;
        }
        if (match && found) {
            return found;
        }
        match = false;
        found = NULL;
        if (token == FDT_BEGIN_NODE) {
            p += ROUND_UP(length((const char *)p) + 1, 4) / 4;
        } else if (token != FDT_END_NODE) {
            return NULL;
        }
    }
}

bool dt_reg(const char *compatible, unsigned n, uint64_t *base, uint64_t *size)
{
    unsigned num;
    const uint32_t *c = dt_cells(compatible, "reg", &num);

    if (!c || num < 4 * (n + 1)) {
        return false;
    }
    c += 4 * n;
    *base = (uint64_t)be32(c) << 32 | be32(c + 1);
    *size = (uint64_t)be32(c + 2) << 32 | be32(c + 3);
    return true;
}

void pci_host(uint64_t *ecam, uint64_t *window, uint64_t *end)
{
    const char *host = "pci-host-ecam-generic";
    const uint32_t *c;
    uint64_t size;
    unsigned num;

    if (!dt_reg(host, 0, ecam, &size)) {
        bail_out("no PCI in the device tree");
    }
    c = dt_cells(host, "ranges", &num);
    /* PCI address: 3 cells, the first says what space; CPU: 2; size: 2 */
    for (unsigned i = 0; c && i + 7 <= num; i += 7) {
        if ((be32(c + i) >> 24 & 3) == 2) {
            *window = be32(c + i + 4);
            *end = *window + be32(c + i + 6);
            return;
        }
    }
    bail_out("no memory window for PCI in the device tree");
}
