/*
 * Fuzzer of VT-d posting: KVM's interrupt routes and invalidation
 *
 * A route keeps what its entry said, as an interrupt entry cache does, so the
 * specification's rule holds for both: what was read of an entry may be used
 * until it is invalidated, and never after.  Here routes come and go, their
 * eventfds too, entries are written, invalidated (IEC descriptors: global, or
 * an index and a mask of low bits to be ignored), and eventfds are signalled.
 *
 * The oracle keeps of each route all that its entry has been since the last
 * invalidation that covers it.  An interrupt must be what one of those asks
 * for; once invalidated there is one.  An eventfd that KVM does not have is
 * watched, one that it has is not, so that no interrupt is lost or doubled.
 *
 * The invalidation itself is the fuzzer's: tested is who has an eventfd, and
 * what its interrupts then are.  vtd-random-test drives the queue.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/main-loop.h"
#include "exec/memory.h"
#include "hw/i386/vtd-posting.h"
#include "hw/i386/vtd-routes.h"
#include "system/kvm-irqfd.h"
#include "fuzz-memory.h"
#include "fuzz-routes.h"

#define ROUTES      6
#define FDS         8
#define VERSIONS    32

struct FuzzRouteStats fuzz_route_stats;

/* What becomes of an interrupt by an entry */
typedef struct Outcome {
    bool userspace;
    MSIMessage msg;             /* else: KVM's */
} Outcome;

static struct {
    bool exists;
    unsigned index;
    MSIMessage src;
    MSIMessage kvm_msg;         /* what KVM was told */
    /* The entry since it was invalidated; too many: no more is known */
    Outcome versions[VERSIONS];
    unsigned num_versions;
} routes[ROUTES];

static struct {
    int virq;                   /* -1: not assigned */
    bool in_kvm, watched, signalled;
    EventNotifier *notifier;    /* of routes.c, if it is watched */
    EventNotifierHandler *handler;
} fds[FDS];

static unsigned sends;
static MSIMessage sent;
static AddressSpace ioapic_as;
static PCIDevice *const device = (PCIDevice *)0x1000;
static KVMIrqfdTakeover *takeover;
KVMState *kvm_state;

/* ---- What routes.c finds around it ---- */

void kvm_irqchip_set_takeover(KVMIrqfdTakeover *f)
{
    takeover = f;
}

int kvm_irqchip_irqfd_direct(KVMState *s, EventNotifier *n, int virq,
                             bool assign)
{
    const int fd = event_notifier_get_fd(n);

    g_assert_cmpint(fds[fd].virq, ==, virq);
    g_assert_cmpint(fds[fd].in_kvm, ==, !assign);
    fds[fd].in_kvm = assign;
    return 0;
}

void msi_send_message(PCIDevice *dev, MSIMessage msg)
{
    g_assert_true(dev == device);
    sent = msg;
    sends++;
}

void address_space_stl_le(AddressSpace *as, hwaddr addr, uint32_t val,
                          MemTxAttrs attrs, MemTxResult *result)
{
    g_assert_true(as == &ioapic_as);
    sent = (MSIMessage) { addr, val };
    sends++;
}

void event_notifier_init_fd(EventNotifier *e, int fd)
{
    e->rfd = e->wfd = fd;
    e->initialized = true;
}

int event_notifier_get_fd(const EventNotifier *e)
{
    return e->rfd;
}

int event_notifier_test_and_clear(EventNotifier *e)
{
    const bool was = fds[e->rfd].signalled;

    fds[e->rfd].signalled = false;
    return was;
}

void event_notifier_set_handler(EventNotifier *e, EventNotifierHandler *handler)
{
    const int fd = e->rfd;

    g_assert_cmpint(fds[fd].watched, ==, !handler);
    fds[fd].watched = handler;
    fds[fd].handler = handler;
    fds[fd].notifier = e;
}

/* ---- The model ---- */

static Outcome outcome_of(unsigned index)
{
    const uint64_t lo = ldq_le_p(fuzz_ram + 16 * index);
    const uint64_t hi = ldq_le_p(fuzz_ram + 16 * index + 8);
    Outcome o = {};

    /* Posted, or a fault: found out when the interrupt comes */
    if (!(lo & 1) || lo & 1 << 15 || lo & 0xff00f000 || hi >> 20) {
        o.userspace = true;
        return o;
    }
    o.msg.address = 0xfee00000 | (lo >> 40 & 0xff) << 12 | (lo >> 2 & 1) << 2;
    o.msg.data = (lo >> 16 & 0xff) | (lo >> 5 & 7) << 8;
    return o;
}

static bool same(const Outcome *a, const Outcome *b)
{
    return a->userspace == b->userspace && a->msg.address == b->msg.address &&
           a->msg.data == b->msg.data;
}

static void note_version(unsigned r, Outcome o)
{
    for (unsigned i = 0; i < routes[r].num_versions; i++) {
        if (same(&routes[r].versions[i], &o)) {
            return;
        }
    }
    if (routes[r].num_versions < VERSIONS) {
        routes[r].versions[routes[r].num_versions++] = o;
    }
}

void fuzz_routes_entries_changed(void)
{
    for (unsigned r = 0; r < ROUTES; r++) {
        if (routes[r].exists) {
            note_version(r, outcome_of(routes[r].index));
        }
    }
}

static bool may_be(unsigned r, Outcome o)
{
    for (unsigned i = 0; i < routes[r].num_versions; i++) {
        if (same(&routes[r].versions[i], &o)) {
            return true;
        }
    }
    return routes[r].num_versions == VERSIONS;
}

/* ---- What KVM's code does of it ---- */

/* As kvm_arch_fixup_msi_route() */
static void fix_up(unsigned r)
{
    const Outcome now = outcome_of(routes[r].index);
    PCIDevice *dev = r % 2 ? device : NULL;
    const bool was = vtd_route_in_userspace(r);

    g_assert_cmpint(vtd_route_set(r, now.userspace, dev, routes[r].src), ==,
                    now.userspace);
    g_assert_cmpint(vtd_route_in_userspace(r), ==, now.userspace);
    routes[r].kvm_msg = now.userspace ? vtd_route_nobody() : now.msg;
    fuzz_route_stats.changes += was != now.userspace;
}

static void add_route(unsigned r, unsigned index)
{
    if (!routes[r].exists) {
        routes[r].exists = true;
        routes[r].num_versions = 0;
    } else if (routes[r].index == index) {
        return;
    }
    routes[r].index = index;
    routes[r].num_versions = 0;
    routes[r].src = (MSIMessage) { 0xfee00018 | index << 5, r };
    note_version(r, outcome_of(index));
    fix_up(r);
}

static void unassign(unsigned fd)
{
    const int virq = fds[fd].virq;
    EventNotifier n;

    event_notifier_init_fd(&n, fd);
    if (!takeover(&n, virq, false)) {
        kvm_irqchip_irqfd_direct(kvm_state, &n, virq, false);
    }
    g_assert_false(fds[fd].in_kvm || fds[fd].watched);
    fds[fd].virq = -1;
    fds[fd].signalled = false;
}

static void assign(unsigned fd, unsigned r)
{
    EventNotifier n;

    fds[fd].virq = r;
    event_notifier_init_fd(&n, fd);
    if (!takeover(&n, r, true)) {
        kvm_irqchip_irqfd_direct(kvm_state, &n, r, true);
    }
}

static void release(unsigned r)
{
    for (unsigned fd = 0; fd < FDS; fd++) {
        if (fds[fd].virq == (int)r) {
            unassign(fd);
        }
    }
    vtd_route_release(r);
    g_assert_false(vtd_route_in_userspace(r));
    routes[r].exists = false;
}

/* An IEC descriptor's first word: G 4, IM 31:27, IIDX 47:32 */
static void invalidate(uint64_t iec)
{
    const bool selective = iec >> 4 & 1;
    const unsigned mask = (1u << (iec >> 27 & 31)) - 1;
    const unsigned index = iec >> 32 & 0xffff;

    fuzz_route_stats.selective += selective;
    fuzz_route_stats.global += !selective;
    for (unsigned r = 0; r < ROUTES; r++) {
        const bool covered = !selective ||
                             (routes[r].index & ~mask) == (index & ~mask);

        if (!routes[r].exists) {
            continue;
        }
        /* QEMU's KVM looks at all of them; at the covered ones it must */
        if (covered || (iec >> 60 & 1)) {
            fix_up(r);
        }
        if (covered) {
            routes[r].num_versions = 0;
            note_version(r, outcome_of(routes[r].index));
        }
    }
}

static void signal_fd(unsigned fd)
{
    const unsigned r = fds[fd].virq;
    const unsigned before = sends;
    Outcome o = { .userspace = true };

    fds[fd].signalled = true;
    if (fds[fd].in_kvm) {
        fds[fd].signalled = false;
        o = (Outcome) { .msg = routes[r].kvm_msg };
        g_assert_cmpuint(sends, ==, before);
        fuzz_route_stats.kvm++;
    } else {
        fds[fd].handler(fds[fd].notifier);
        g_assert_cmpuint(sends, ==, before + 1);
        g_assert_cmphex(sent.address, ==, routes[r].src.address);
        g_assert_cmphex(sent.data, ==, routes[r].src.data);
        g_assert_false(fds[fd].signalled);
        fuzz_route_stats.userspace++;
    }
    g_assert_true(may_be(r, o));
    if (routes[r].num_versions > 1) {
        const Outcome now = outcome_of(routes[r].index);

        fuzz_route_stats.stale += !same(&now, &o);
    }
}

/* ---- Operations ---- */

void fuzz_routes_reset(void)
{
    static bool initialised;

    if (!initialised) {
        initialised = true;
        for (unsigned fd = 0; fd < FDS; fd++) {
            fds[fd].virq = -1;
        }
        vtd_routes_init(&ioapic_as);
    }
    for (unsigned r = 0; r < ROUTES; r++) {
        release(r);
    }
}

void fuzz_routes_op(const uint8_t *op)
{
    const unsigned r = op[1] % ROUTES, fd = op[2] % FDS;

    switch (op[3] % 8) {
    case 0:
        add_route(r, op[4] % ENTRIES);
        break;
    case 1:
        if (fds[fd].virq >= 0) {
            unassign(fd);
        } else if (routes[r].exists) {
            assign(fd, r);
        }
        break;
    case 2:
        if (op[4] < 32) {
            release(r);
        }
        break;
    case 3:
    case 4:
        /* Small masks and indices more often than not */
        invalidate(op[4] & 1 ? ldq_le_p(op + 8)
                             : ldq_le_p(op + 8) & 0xf000000718000010ull);
        break;
    default:
        if (fds[fd].virq >= 0) {
            signal_fd(fd);
        }
        break;
    }
    for (unsigned i = 0; i < FDS; i++) {
        g_assert_cmpint(fds[i].in_kvm + fds[i].watched, ==, fds[i].virq >= 0);
        g_assert_false(fds[i].signalled);
    }
}
