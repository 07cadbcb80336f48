/*
 * Fuzzer of VT-d posting
 *
 * Any bytes are a program: each operation writes an IRTE (any, or one that is
 * nearly right), writes memory (descriptors lie anywhere, in the table too),
 * does what a CPU does to a descriptor, posts through an IRTE, or plays with
 * KVM's routes and invalidates (fuzz-routes.c).  Each post is done by a model
 * that goes bit by bit as well, and everything must agree: the outcome, all of
 * memory, the message, the counters, what is dirty.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "hw/i386/vtd-posting.h"
#include "fuzz-memory.h"
#include "fuzz-routes.h"
#include "../driver.h"
#include "../../unit/smmuv2/test-util.h"

#define OP_SIZE     16
#define MAX_OPS     128

static struct {
    uint64_t posts, notified, suppressed, outstanding, no_access, reserved,
             blocked;
} stats;

static bool bit_of(const uint8_t *bytes, unsigned bit)
{
    return bytes[bit / 8] >> (bit % 8) & 1;
}

static uint64_t field_of(const uint8_t *bytes, unsigned low, unsigned n)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < n; i++) {
        value |= (uint64_t)bit_of(bytes, low + i) << i;
    }
    return value;
}

/* ---- The model ---- */

typedef struct Expected {
    bool irte_reserved;
    VTDPostOutcome outcome;
    bool posted, suppressed, urgent;
    uint64_t pda;
    MSIMessage msg;
} Expected;

static Expected model(uint8_t *memory, unsigned index, bool x2apic)
{
    uint8_t irte[16];
    Expected e = {};
    uint8_t *pd;
    unsigned vector;

    memcpy(irte, memory + 16 * index, 16);
    for (unsigned bit = 0; bit < 128; bit++) {
        if (((bit >= 2 && bit <= 7) || bit == 12 || bit == 13 ||
             (bit >= 24 && bit <= 37) || (bit >= 84 && bit <= 95)) &&
            bit_of(irte, bit)) {
            e.irte_reserved = true;
        }
    }
    e.pda = field_of(irte, 38, 26) << 6 | field_of(irte, 96, 32) << 32;
    e.urgent = bit_of(irte, 14);
    vector = field_of(irte, 16, 8);
    if (e.pda > RAM_SIZE - 64) {
        e.outcome = VTD_POSTED_FAULT_ACCESS;
        return e;
    }
    pd = memory + e.pda;
    if (field_of(pd, 258, 14) || field_of(pd, 280, 8)) {
        e.outcome = VTD_POSTED_FAULT_RSVD;
        return e;
    }
    e.posted = true;
    pd[vector / 8] |= 1 << (vector % 8);
    e.outcome = VTD_POSTED;
    if (bit_of(pd, 256)) {
        return e;
    }
    if (bit_of(pd, 257) && !e.urgent) {
        e.suppressed = true;
        return e;
    }
    pd[32] |= 1;
    e.outcome = VTD_POSTED_NOTIFY;
    e.msg.data = 0x4000 | field_of(pd, 272, 8);
    if (x2apic) {
        e.msg.address = 0xfee00000 | field_of(pd, 288, 8) << 12 |
                        field_of(pd, 296, 24) << 40;
    } else {
        e.msg.address = 0xfee00000 | field_of(pd, 296, 8) << 12;
    }
    return e;
}

/* ---- Operations ---- */

static void check_post(VTDPosting *p, unsigned index, bool x2apic)
{
    static uint8_t memory[sizeof(fuzz_ram)];
    const VTDPosting before = *p;
    VTDPostOutcome outcome;
    MSIMessage msg = {};
    uint64_t addr, len;
    VTDIrte irte;
    Expected e;

    memcpy(memory, fuzz_ram, sizeof(memory));
    e = model(memory, index, x2apic);

    g_assert_true(vtd_irte_read(16 * index, irte));
    g_assert_cmphex(irte[0], ==, ldq_le_p(fuzz_ram + 16 * index));
    g_assert_cmphex(irte[1], ==, ldq_le_p(fuzz_ram + 16 * index + 8));
    g_assert_cmpint(vtd_irte_is_posted(p, irte), ==,
                    bit_of(fuzz_ram + 16 * index, 15));
    g_assert_cmpint(vtd_posted_irte_reserved(irte), ==, e.irte_reserved);
    if (e.irte_reserved || !vtd_irte_is_posted(p, irte)) {
        stats.blocked++;
        return;
    }

    outcome = vtd_post(p, index, irte, x2apic, &msg);
    stats.posts++;
    g_assert_cmpint(outcome, ==, e.outcome);
    g_assert_cmpmem(fuzz_ram, sizeof(fuzz_ram), memory, sizeof(memory));
    g_assert_cmphex(msg.address, ==, e.msg.address);
    g_assert_cmphex(msg.data, ==, e.msg.data);
    g_assert_cmpint(fuzz_dirty(&addr, &len), ==, e.posted);
    if (e.posted) {
        g_assert_cmphex(addr, ==, e.pda);
        g_assert_cmphex(len, ==, 64);
    }
    g_assert_cmpint(p->posted - before.posted, ==, e.posted);
    g_assert_cmpint(p->urgent - before.urgent, ==, e.posted && e.urgent);
    g_assert_cmpint(p->suppressed - before.suppressed, ==, e.suppressed);
    g_assert_cmpint(p->notified - before.notified, ==,
                    e.outcome == VTD_POSTED_NOTIFY);
    g_assert_cmpint(p->remapped, ==, before.remapped);

    stats.notified += outcome == VTD_POSTED_NOTIFY;
    stats.suppressed += e.suppressed;
    stats.outstanding += outcome == VTD_POSTED && !e.suppressed;
    stats.no_access += outcome == VTD_POSTED_FAULT_ACCESS;
    stats.reserved += outcome == VTD_POSTED_FAULT_RSVD;
}

static void write_irte(const uint8_t *op)
{
    uint8_t *entry = fuzz_ram + 16 * (op[1] % ENTRIES);
    uint64_t lo = ldq_le_p(op + 2), hi = lduw_le_p(op + 10);

    if (op[0] & 0x10) {
        hi = ldq_le_p(op + 8);
    } else if (op[14] & 1) {
        /* In remapped format: not posted, but routes want some */
        lo = 1 | (lo & 0xff00ff00ff0000);
        hi &= 0xffff;
    } else {
        /* One that is right, but for a bit now and then */
        const uint32_t pda = lduw_le_p(op + 4) % (RAM_SIZE + ROM_SIZE) & ~63u;

        lo = 0x8001 | (lo & 0xff4002) | (uint64_t)pda << 32;
        if (op[0] & 0x20) {
            lo ^= 1ull << (op[12] & 63);
        }
        if (op[0] & 0x40) {
            hi ^= 1ull << (op[13] & 63);
        }
    }
    stq_le_p(entry, lo);
    stq_le_p(entry + 8, hi);
}

static void write_control(const uint8_t *op)
{
    uint8_t *pd = fuzz_ram + (lduw_le_p(op + 2) % RAM_SIZE & ~63u);
    uint64_t control = ldq_le_p(op + 4);

    if (!(op[0] & 0x10)) {
        control &= 0xffffffff00ff0003;
    }
    stq_le_p(pd + 32, control);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    VTDPosting p = { .enabled = true };
    VTDIrte irte;

    fuzz_memory_init();
    memset(fuzz_ram, 0, sizeof(fuzz_ram));
    fuzz_routes_reset();
    for (; size >= OP_SIZE; data += OP_SIZE, size -= OP_SIZE) {
        switch (data[0] & 7) {
        case 0:
            write_irte(data);
            break;
        case 1:
        case 5:
            fuzz_routes_op(data);
            break;
        case 2:
            write_control(data);
            break;
        case 3:
            /* Anywhere; only the table and what is like it is looked at */
            memcpy(fuzz_ram + lduw_le_p(data + 1) % (RAM_SIZE - 8), data + 8,
                   8);
            break;
        case 4:
            /* A table that reaches out of memory */
            vtd_irte_read(RAM_SIZE + ROM_SIZE - 64 + 16 * (data[1] % 16), irte);
            break;
        default:
            check_post(&p, data[1] % ENTRIES, data[2] & 1);
            break;
        }
        fuzz_routes_entries_changed();
    }
    return 0;
}

/* ---- Inputs ---- */

static size_t generate(uint64_t seed, uint64_t run, uint8_t *data)
{
    uint64_t rng = seed * 0x9e3779b97f4a7c15ull + run;

    for (unsigned i = 0; i < MAX_OPS * OP_SIZE; i += 8) {
        stq_le_p(data + i, rnd64(&rng));
    }
    return MAX_OPS * OP_SIZE;
}

static char *progress(void)
{
    return g_strdup_printf("%" PRIu64 " posts: %" PRIu64 " notified, %" PRIu64
                           " outstanding, %" PRIu64 " suppressed, %" PRIu64
                           " without a descriptor, %" PRIu64 " reserved; %"
                           PRIu64 " blocked; %" PRIu64 " by KVM, %" PRIu64
                           " by routes in QEMU, %" PRIu64 " of an entry that "
                           "was no more; %" PRIu64 " routes moved, %" PRIu64
                           " and %" PRIu64 " invalidations", stats.posts,
                           stats.notified, stats.outstanding, stats.suppressed,
                           stats.no_access, stats.reserved, stats.blocked,
                           fuzz_route_stats.kvm, fuzz_route_stats.userspace,
                           fuzz_route_stats.stale, fuzz_route_stats.changes,
                           fuzz_route_stats.global, fuzz_route_stats.selective);
}

static const char *objection(uint64_t runs)
{
    return !stats.notified || !stats.outstanding || !stats.suppressed ||
           !stats.no_access || !stats.reserved || !stats.blocked ||
           !fuzz_route_stats.kvm || !fuzz_route_stats.userspace ||
           !fuzz_route_stats.stale || !fuzz_route_stats.changes ||
           !fuzz_route_stats.global || !fuzz_route_stats.selective ?
           "some outcome was never seen" : NULL;
}

const FuzzTarget fuzz_target = {
    .name = "fuzz-vtd",
    .about = "VT-d posting",
    .max_size = MAX_OPS * OP_SIZE,
    .generate = generate,
    .progress = progress,
    .objection = objection,
};
