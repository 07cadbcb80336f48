/*
 * GIC: the LPIs of a redistributor, or of the vPE that is resident on it
 *
 * Guest memory may be anything, also registers of the GIC itself, whose
 * accesses may come back here. So what an access is for is known before it is
 * made, and no pointer is kept across one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/cutils.h"
#include "lpis.h"
#include "../gicv3_internal.h"

QEMU_BUILD_BUG_ON(GICV4_FIRST_LPI != GICV3_LPI_INTID_START);
QEMU_BUILD_BUG_ON(GICV4_INTIDS != 1 << (GICD_TYPER_IDBITS + 1));
QEMU_BUILD_BUG_ON(GICV4_CHUNKS * GICV4_CHUNK + GICV4_FIRST_LPI != GICV4_INTIDS);

#define EACH_BYTE       0x0101010101010101ull
#define CHUNK_GROUPS    (GICV4_CHUNK / GICV4_GROUP)

/* INTIDs of @idbits + 1 bits: how many are LPIs */
static unsigned num_lpis(unsigned idbits)
{
    unsigned num = 1u << (MIN(idbits, GICD_TYPER_IDBITS) + 1);

    return num > GICV4_FIRST_LPI ? num - GICV4_FIRST_LPI : 0;
}

/* The priority that a configuration byte gives, or 0xff if it disables */
static uint8_t order(uint8_t conf)
{
    uint8_t disabled = (conf & LPI_CTE_ENABLED) - 1;

    return (conf & LPI_PRIORITY_MASK) | disabled;
}

static GICv4LPIKey make_key(uint8_t prio, unsigned lpi)
{
    return prio == 0xff ? GICV4_NO_LPI : (uint32_t)prio << 16 | lpi;
}

/* ---- Guest memory ---- */

static uint8_t read_conf(AddressSpace *as, uint64_t conf_base, uint32_t irq)
{
    uint8_t conf = 0;

    address_space_read(as, conf_base + irq - GICV4_FIRST_LPI,
                       MEMTXATTRS_UNSPECIFIED, &conf, 1);
    return conf;
}

bool gicv4_table_is_enabled(AddressSpace *as, uint64_t conf_base, uint32_t irq)
{
    return read_conf(as, conf_base, irq) & LPI_CTE_ENABLED;
}

bool gicv4_table_is_pending(AddressSpace *as, uint64_t pending_base,
                            uint32_t irq)
{
    uint8_t bits = 0;

    address_space_read(as, pending_base + irq / 8, MEMTXATTRS_UNSPECIFIED,
                       &bits, 1);
    return extract32(bits, irq % 8, 1);
}

bool gicv4_table_set(AddressSpace *as, uint64_t pending_base, uint32_t irq,
                     bool level)
{
    uint64_t addr = pending_base + irq / 8;
    uint8_t bits = 0;

    address_space_read(as, addr, MEMTXATTRS_UNSPECIFIED, &bits, 1);
    if (extract32(bits, irq % 8, 1) == level) {
        return false;
    }
    bits = deposit32(bits, irq % 8, 1, level);
    address_space_write(as, addr, MEMTXATTRS_UNSPECIFIED, &bits, 1);
    return true;
}

bool gicv4_table_any(AddressSpace *as, uint64_t pending_base,
                     uint64_t conf_base, unsigned idbits)
{
    g_autofree GICv4LPIs *lpis = NULL;

    gicv4_lpis_load(&lpis, as, pending_base, conf_base, idbits);
    return gicv4_lpis_best(lpis, true).prio != 0xff;
}

void gicv4_table_move_all(AddressSpace *as, uint64_t from, uint64_t to,
                          unsigned idbits)
{
    static const uint64_t none[CHUNK_GROUPS];
    uint64_t bits[CHUNK_GROUPS], other[CHUNK_GROUPS];
    unsigned end = GICV4_FIRST_LPI + num_lpis(idbits);

    for (unsigned irq = GICV4_FIRST_LPI; irq < end; irq += GICV4_CHUNK) {
        uint64_t at = irq / 8;

        memset(bits, 0, sizeof(bits));
        address_space_read(as, from + at, MEMTXATTRS_UNSPECIFIED, bits,
                           sizeof(bits));
        if (buffer_is_zero(bits, sizeof(bits))) {
            continue;
        }
        memset(other, 0, sizeof(other));
        address_space_read(as, to + at, MEMTXATTRS_UNSPECIFIED, other,
                           sizeof(other));
        for (unsigned i = 0; i < CHUNK_GROUPS; i++) {
            bits[i] |= other[i];
        }
        /* In this order: both may be the same table */
        address_space_write(as, from + at, MEMTXATTRS_UNSPECIFIED, none,
                            sizeof(none));
        address_space_write(as, to + at, MEMTXATTRS_UNSPECIFIED, bits,
                            sizeof(bits));
    }
}

/* ---- Groups and chunks ---- */

/*
 * The best LPI of a group. All 64 together, in loops that compilers turn into
 * a few vector instructions.
 */
static GICv4LPIKey best_of_group(const GICv4LPIs *lpis, unsigned group)
{
    const uint8_t *conf = lpis->conf + group * GICV4_GROUP;
    uint64_t pending = lpis->pending[group];
    uint8_t prio[GICV4_GROUP];
    uint8_t best = 0xff;

    if (!pending) {
        return GICV4_NO_LPI;
    }
    for (int i = 0; i < GICV4_GROUP; i++) {
        prio[i] = order(conf[i]);
    }
    for (int i = 0; pending != UINT64_MAX && i < GICV4_GROUP; i += 8) {
        /* 1 in each byte whose LPI is pending */
        uint64_t bits = ((pending >> i & 0xff) * EACH_BYTE) &
            0x8040201008040201ull;
        uint64_t is = (bits + 0x7f * EACH_BYTE) >> 7 & EACH_BYTE;

        stq_le_p(prio + i, ldq_le_p(prio + i) | ~(is * 0xff));
    }
    for (int i = 0; i < GICV4_GROUP; i++) {
        /* Compilers do not see through MIN() here */
        best = prio[i] < best ? prio[i] : best;
    }
    return make_key(best, group * GICV4_GROUP +
                    ((uint8_t *)memchr(prio, best, sizeof(prio)) - prio));
}

static GICv4LPIKey best_key(const GICv4LPIKey *keys, unsigned n)
{
    GICv4LPIKey best = GICV4_NO_LPI;

    for (unsigned i = 0; i < n; i++) {
        best = MIN(best, keys[i]);
    }
    return best;
}

static void update_group(GICv4LPIs *lpis, unsigned group)
{
    unsigned chunk = group / CHUNK_GROUPS;
    GICv4LPIKey old = lpis->group[group];

    lpis->group[group] = best_of_group(lpis, group);
    if (lpis->group[group] < lpis->chunk[chunk]) {
        lpis->chunk[chunk] = lpis->group[group];
    } else if (old == lpis->chunk[chunk]) {
        lpis->chunk[chunk] = best_key(lpis->group + chunk * CHUNK_GROUPS,
                                      CHUNK_GROUPS);
    }
}

static void load_chunk(GICv4LPIs *lpis, unsigned chunk)
{
    uint64_t *pending = lpis->pending + chunk * CHUNK_GROUPS;
    uint8_t *conf = lpis->conf + chunk * GICV4_CHUNK;

    if (buffer_is_zero(pending, CHUNK_GROUPS * sizeof(*pending))) {
        return;
    }
    memset(conf, 0, GICV4_CHUNK);
    address_space_read(lpis->as, lpis->conf_base + chunk * GICV4_CHUNK,
                       MEMTXATTRS_UNSPECIFIED, conf, GICV4_CHUNK);
    for (unsigned i = 0; i < CHUNK_GROUPS; i++) {
        unsigned group = chunk * CHUNK_GROUPS + i;

        le64_to_cpus(&pending[i]);
        lpis->group[group] = best_of_group(lpis, group);
    }
    lpis->chunk[chunk] = best_key(lpis->group + chunk * CHUNK_GROUPS,
                                  CHUNK_GROUPS);
}

void gicv4_lpis_load(GICv4LPIs **where, AddressSpace *as,
                     uint64_t pending_base, uint64_t conf_base,
                     unsigned idbits)
{
    GICv4LPIs *lpis = *where;

    if (!lpis) {
        lpis = *where = g_new(GICv4LPIs, 1);
    }
    lpis->as = as;
    lpis->pending_base = pending_base;
    lpis->conf_base = conf_base;
    lpis->num = num_lpis(idbits);
    memset(lpis->pending, 0, sizeof(lpis->pending));
    memset(lpis->group, 0xff, sizeof(lpis->group));
    memset(lpis->chunk, 0xff, sizeof(lpis->chunk));

    if (lpis->num) {
        address_space_read(as, pending_base + GICV4_FIRST_LPI / 8,
                           MEMTXATTRS_UNSPECIFIED, lpis->pending,
                           lpis->num / 8);
    }
    for (unsigned chunk = 0; chunk < lpis->num / GICV4_CHUNK; chunk++) {
        load_chunk(lpis, chunk);
    }
}

bool gicv4_lpis_loaded(const GICv4LPIs *lpis, uint64_t pending_base,
                       uint64_t conf_base, unsigned idbits)
{
    return lpis && lpis->pending_base == pending_base &&
        lpis->conf_base == conf_base && lpis->num == num_lpis(idbits);
}

/* ---- One LPI ---- */

bool gicv4_lpis_has(const GICv4LPIs *lpis, uint32_t irq)
{
    return irq >= GICV4_FIRST_LPI && irq - GICV4_FIRST_LPI < lpis->num;
}

bool gicv4_lpis_is_pending(const GICv4LPIs *lpis, uint32_t irq)
{
    unsigned lpi = irq - GICV4_FIRST_LPI;

    return gicv4_lpis_has(lpis, irq) &&
        extract64(lpis->pending[lpi / GICV4_GROUP], lpi % GICV4_GROUP, 1);
}

bool gicv4_lpis_set(GICv4LPIs *lpis, uint32_t irq, bool level)
{
    unsigned lpi = irq - GICV4_FIRST_LPI;
    unsigned group = lpi / GICV4_GROUP;
    unsigned chunk = lpi / GICV4_CHUNK;
    uint8_t conf;

    if (!gicv4_lpis_has(lpis, irq) ||
        gicv4_lpis_is_pending(lpis, irq) == level) {
        return false;
    }
    if (level) {
        conf = read_conf(lpis->as, lpis->conf_base, irq);
        if (!gicv4_lpis_has(lpis, irq)) {
            return false;       /* that access has loaded smaller tables */
        }
        lpis->conf[lpi] = conf;
        lpis->pending[group] |= 1ull << (lpi % GICV4_GROUP);
        lpis->group[group] = MIN(lpis->group[group],
                                 make_key(order(conf), lpi));
        lpis->chunk[chunk] = MIN(lpis->chunk[chunk], lpis->group[group]);
    } else {
        lpis->pending[group] &= ~(1ull << (lpi % GICV4_GROUP));
        if (lpis->group[group] == make_key(order(lpis->conf[lpi]), lpi)) {
            update_group(lpis, group);
        }
    }
    gicv4_table_set(lpis->as, lpis->pending_base, irq, level);
    return true;
}

void gicv4_lpis_invalidate(GICv4LPIs *lpis, uint32_t irq)
{
    unsigned lpi = irq - GICV4_FIRST_LPI;
    uint8_t conf;

    if (gicv4_lpis_is_pending(lpis, irq)) {
        conf = read_conf(lpis->as, lpis->conf_base, irq);
        lpis->conf[lpi] = conf;
        update_group(lpis, lpi / GICV4_GROUP);
    }
}

PendingIrq gicv4_lpis_best(const GICv4LPIs *lpis, bool ds)
{
    GICv4LPIKey best = best_key(lpis->chunk, GICV4_CHUNKS);
    uint8_t prio = best >> 16;

    if (best == GICV4_NO_LPI) {
        return (PendingIrq) { .prio = 0xff };
    }
    return (PendingIrq) {
        .irq = GICV4_FIRST_LPI + (best & 0xffff),
        .prio = ds ? prio : prio >> 1 | 0x80,
        /* LPIs are always Non-secure group 1 */
        .grp = GICV3_G1NS,
    };
}
