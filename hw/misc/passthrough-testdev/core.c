/*
 * Passthrough test device: requests, registers, notifiers, migration
 *
 * A device that does what it is told: DMA to any bus address, with the outcome
 * that the device saw and the time it took; translations alone; a look at what
 * an IOMMU tells those who cache its translations.  What is special to PCI is
 * in pci.c, to the system bus in sysbus.c.  docs/specs/passthrough-testdev.rst
 * is the manual, include/hw/misc/passthrough-testdev.h has the registers.
 *
 * Life of a request: the guest fills in a channel and writes GO; the accesses
 * run within that write, page by page; status, result and counts are there when
 * the write returns, and the completion vector has been sent.  So tests need
 * no polling.  With PTD_FLAG_IOTHREAD they run in that thread, without the BQL;
 * a bottom half of the main loop then ends the request as the write would have.
 * A machine that stops brings the thread to a halt between two accesses, and
 * the request goes on when the machine does, here or where it migrated to.
 *
 * With PTD_FLAG_STALL an IOMMU may hold an access.  The request is parked then,
 * and goes on from the main loop, or from there in its thread, when the IOMMU
 * says so.  Meanwhile other channels are as free as ever.
 *
 * What a request may touch is bounded by the buffer, whose size is the user's
 * choice, and how long it may take by PTD_ACCESSES_MAX and PTD_BYTES_MAX.  A
 * transfer to the device's own registers is refused by the memory core (it is
 * inside an access to them already); its own buffer is memory like any other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/bitops.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "qemu/lockable.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "qemu/error-report.h"
#include "migration/vmstate.h"
#include "system/dma.h"
#include "system/runstate.h"
#include "core.h"
#include "trace.h"

#define DMA_PAGE            (4 * KiB)

#define REG(channel, offset)    ((channel)->reg[(offset) / 4])

/* One for each IOMMU region in the device's address space */
struct PTDNotifier {
    IOMMUNotifier n;
    IOMMUMemoryRegion *mr;
    hwaddr offset;              /* of the section within @mr */
    PTDCore *dev;
    QLIST_ENTRY(PTDNotifier) next;
};

static uint64_t reg64(const PTDChannel *c, unsigned lo)
{
    return (uint64_t)REG(c, lo + 4) << 32 | REG(c, lo);
}

static void set_reg64(PTDChannel *c, unsigned lo, uint64_t value)
{
    REG(c, lo) = value;
    REG(c, lo + 4) = value >> 32;
}

/* ---- Requests ---- */

/* What a channel's registers ask for, in the form that the loop wants */
typedef struct Request {
    PTDChannel *c;
    AddressSpace *as;
    MemTxAttrs attrs;
    uint8_t *buf;               /* at OFFSET */
    const uint8_t *list;        /* of addresses; NULL: there is none */
    uint64_t addr;
    uint64_t stride;
    uint32_t op;
    uint32_t length;
    uint32_t total;             /* accesses */
    uint32_t span;
    uint32_t advance;           /* of the buffer, for each access */
    bool keep_going;
    bool stall;
} Request;

static Request decode(PTDChannel *c)
{
    uint8_t *buffer = memory_region_get_ram_ptr(&c->core->buffer);
    uint32_t list = REG(c, PTD_LIST), flags = REG(c, PTD_FLAGS);
    Request r = {
        .c = c,
        .as = c->as,
        .attrs = c->attrs,
        .buf = buffer + REG(c, PTD_OFFSET),
        .list = list == PTD_NO_LIST ? NULL : buffer + list,
        .addr = reg64(c, PTD_ADDR_LO),
        .stride = reg64(c, PTD_STRIDE_LO),
        .op = REG(c, PTD_OP),
        .length = REG(c, PTD_LENGTH),
        .total = REG(c, PTD_REPEAT) + 1,
        .span = REG(c, PTD_SPAN) ?: UINT32_MAX,
        .advance = flags & PTD_FLAG_ADVANCE ? REG(c, PTD_LENGTH) : 0,
        .keep_going = flags & PTD_FLAG_KEEP_GOING,
        .stall = flags & PTD_FLAG_STALL,
    };

    if (REG(c, PTD_ATTRS) & PTD_ATTRS_SECURE) {
        r.attrs.unspecified = 0;
        r.attrs.secure = 1;
    }
    return r;
}

/* Whether a request stays within its bounds; sets where it goes */
static bool acceptable(PTDChannel *c)
{
    PTDCore *s = c->core;
    uint32_t op = REG(c, PTD_OP), flags = REG(c, PTD_FLAGS);
    uint64_t total = REG(c, PTD_REPEAT) + 1ull;
    uint64_t length = REG(c, PTD_LENGTH);
    uint64_t bytes = flags & PTD_FLAG_ADVANCE ? length * total : length;
    uint32_t list = REG(c, PTD_LIST), who = REG(c, PTD_REQUESTER);

    if (op < PTD_OP_READ || op > PTD_OP_TRANSLATE_W ||
        REG(c, PTD_OFFSET) > s->buffer_size ||
        bytes > s->buffer_size - REG(c, PTD_OFFSET) ||
        total > PTD_ACCESSES_MAX || length * total > PTD_BYTES_MAX ||
        flags & ~PTD_FLAG_ALL || REG(c, PTD_ATTRS) & ~PTD_ATTRS_ALL ||
        (flags & PTD_FLAG_IOTHREAD && !s->iothread)) {
        return false;
    }
    if (list != PTD_NO_LIST &&
        (!REG(c, PTD_SPAN) || list % 8 || list > s->buffer_size ||
         REG(c, PTD_SPAN) > (s->buffer_size - list) / 8)) {
        return false;
    }
    c->attrs = MEMTXATTRS_UNSPECIFIED;
    if (s->ops->requester_id) {
        c->attrs = (MemTxAttrs) { .requester_id = s->ops->requester_id(s) };
    }
    if (!who) {
        c->as = s->as;
        c->iommu = s->ops->iommu(s);
    } else {
        c->attrs.requester_id = deposit32(c->attrs.requester_id, 0, 8, who);
        c->as = (who ^ PTD_REQUESTER_OTHER) <= 0xff && s->ops->requester ?
                s->ops->requester(s, who & 0xff) : NULL;
        c->iommu = c->as ? c->as->root : NULL;
    }
    return c->as;
}

/* What is read where an IOMMU lets reads return zeroes */
static const uint8_t zeroes[DMA_PAGE];

static uint32_t compare(const uint8_t *seen, const uint8_t *buf, uint32_t len,
                        uint32_t *good)
{
    while (*good < len && seen[*good] == buf[*good]) {
        ++*good;
    }
    return *good < len ? PTD_RESULT_MISMATCH : PTD_RESULT_OK;
}

/* One page or less; *@good: bytes moved or found equal */
static uint32_t dma_chunk(const Request *r, uint64_t addr, uint8_t *buf,
                          uint32_t len, uint32_t *good)
{
    uint8_t seen[DMA_PAGE];
    MemTxResult res;

    *good = 0;
    switch (r->op) {
    case PTD_OP_READ:
        res = dma_memory_read(r->as, addr, buf, len, r->attrs);
        break;
    case PTD_OP_WRITE:
        res = dma_memory_write(r->as, addr, buf, len, r->attrs);
        break;
    default:
        res = dma_memory_read(r->as, addr, seen, len, r->attrs);
        if (res == MEMTX_OK) {
            return compare(seen, buf, len, good);
        }
        break;
    }
    *good = res == MEMTX_OK ? len : 0;
    return res & 0xff;
}

/* A chunk that an IOMMU has ended */
static uint32_t end_chunk(const Request *r, IOMMUStallState verdict,
                          uint8_t *buf, uint32_t len, uint32_t *good)
{
    *good = 0;
    if (verdict == IOMMU_STALL_ABORT) {
        return PTD_RESULT_DECODE_ERROR;
    }
    if (r->op == PTD_OP_VERIFY) {
        return compare(zeroes, buf, len, good);
    }
    if (r->op == PTD_OP_READ) {
        memset(buf, 0, len);
    }
    *good = len;
    return PTD_RESULT_OK;
}

static uint32_t translate(const Request *r, uint64_t addr, PTDProgress *p)
{
    IOMMUTLBEntry entry;

    RCU_READ_LOCK_GUARD();
    entry = address_space_get_iotlb_entry(r->as, addr,
                                          r->op == PTD_OP_TRANSLATE_W,
                                          r->attrs);
    p->xlat = entry.translated_addr | (addr & entry.addr_mask);
    p->xlat_mask = entry.addr_mask;
    return entry.perm == IOMMU_NONE ? PTD_RESULT_DECODE_ERROR : PTD_RESULT_OK;
}

/* From where @p stands on; the result is void if the channel is parked then */
static uint32_t access_one(const Request *r, uint64_t addr, PTDProgress *p)
{
    uint8_t *buf = r->buf + (size_t)r->advance * p->access;
    IOMMUStall *stall = &r->c->stall;
    IOMMUStallState verdict = p->verdict;
    uint32_t result = PTD_RESULT_OK, good = 0;

    if (r->op >= PTD_OP_TRANSLATE) {
        return translate(r, addr, p);
    }
    p->verdict = IOMMU_STALL_NONE;
    while (result == PTD_RESULT_OK && p->pos < r->length) {
        uint64_t at = addr + p->pos;
        uint32_t len = MIN(r->length - p->pos,
                           DMA_PAGE - (at & (DMA_PAGE - 1)));

        if (verdict > IOMMU_STALL_RETRY) {
            result = end_chunk(r, verdict, buf + p->pos, len, &good);
        } else if (r->stall) {
            iommu_stall_begin(stall, r->c->iommu);
            result = dma_chunk(r, at, buf + p->pos, len, &good);
            r->c->parked = iommu_stall_end(stall);
            if (r->c->parked) {
                return result;
            }
        } else {
            result = dma_chunk(r, at, buf + p->pos, len, &good);
        }
        verdict = IOMMU_STALL_NONE;
        p->pos += good;
        p->count += good;
    }
    return result;
}

/* Requests of any device, under way in this thread */
static __thread unsigned running;

/*
 * Go on with a request until it has ended or the device wants its thread back.
 * The loop is what benchmarks time: keep it short.
 */
static void run(PTDChannel *c)
{
    const Request r = decode(c);
    PTDProgress p = c->progress;
    uint32_t index = p.access % r.span;
    int64_t start = get_clock();
    bool ended = true;

    running++;
    while (p.access < r.total) {
        uint64_t addr = r.list ? r.addr + ldq_le_p(r.list + 8 * index) :
                                 r.addr + r.stride * index;
        uint32_t result;

        if (unlikely(qatomic_read(&c->core->stop) ||
                     qatomic_read(&c->cancelled))) {
            ended = false;
            break;
        }
        result = access_one(&r, addr, &p);
        if (unlikely(c->parked)) {
            p.stalls++;
            ended = false;
            break;
        }
        if (likely(result == PTD_RESULT_OK)) {
            p.done++;
        } else {
            if (!p.failed++) {
                p.result = result;
                p.fail_addr = addr + p.pos;
            }
            if (!r.keep_going) {
                break;
            }
        }
        p.access++;
        p.pos = 0;
        if (++index == r.span) {
            index = 0;
        }
    }
    running--;
    p.ns += get_clock() - start;
    if (r.op == PTD_OP_READ) {
        memory_region_set_dirty(&c->core->buffer, REG(c, PTD_OFFSET),
                                r.advance ? r.length * r.total : r.length);
    }
    c->progress = p;
    c->ended = ended;
}

static void end(PTDChannel *c)
{
    const PTDProgress *p = &c->progress;
    uint32_t result = c->ended ? p->result : PTD_RESULT_CANCELLED;

    REG(c, PTD_RESULT) = result;
    REG(c, PTD_COUNT) = p->count;
    REG(c, PTD_DONE) = p->done;
    REG(c, PTD_FAILED) = p->failed;
    REG(c, PTD_STALLS) = p->stalls;
    set_reg64(c, PTD_NS_LO, p->ns);
    set_reg64(c, PTD_FAIL_ADDR_LO, p->fail_addr);
    set_reg64(c, PTD_XLAT_LO, p->xlat);
    set_reg64(c, PTD_XLAT_MASK_LO, p->xlat_mask);
    REG(c, PTD_STATUS) = PTD_STATUS_DONE;
    trace_passthrough_testdev_dma(REG(c, PTD_OP), reg64(c, PTD_ADDR_LO),
                                  REG(c, PTD_LENGTH), result, p->count, p->ns);
    if (REG(c, PTD_VECTOR) != PTD_NO_VECTOR) {
        c->core->ops->send_vector(c->core, REG(c, PTD_VECTOR));
    }
}

/* To be run, or running in the iothread */
static bool busy(const PTDChannel *c)
{
    return REG(c, PTD_STATUS) == PTD_STATUS_BUSY;
}

static bool stalled(const PTDChannel *c)
{
    return REG(c, PTD_STATUS) == PTD_STATUS_STALLED;
}

/* The accesses of a channel have stopped: why? */
static void stopped(PTDChannel *c)
{
    if (c->parked && !c->cancelled) {
        REG(c, PTD_STATUS) = PTD_STATUS_STALLED;
        REG(c, PTD_STALLS) = c->progress.stalls;
        iommu_stall_wait(&c->stall);
    } else if (c->ended || c->cancelled) {
        iommu_stall_cancel(&c->stall);
        c->parked = false;
        end(c);
    }
}

/* In the iothread */
static void run_in_thread(void *opaque)
{
    PTDChannel *c = opaque;
    PTDCore *s = c->core;

    run(c);
    QEMU_LOCK_GUARD(&s->lock);
    c->returned = true;
    qemu_cond_broadcast(&s->returned);
    qemu_bh_schedule(s->bh);
}

static void start(PTDChannel *c)
{
    PTDCore *s = c->core;

    if (REG(c, PTD_FLAGS) & PTD_FLAG_IOTHREAD) {
        WITH_QEMU_LOCK_GUARD(&s->lock) {
            c->in_thread = true;
        }
        aio_bh_schedule_oneshot(iothread_get_aio_context(s->iothread),
                                run_in_thread, c);
    } else {
        run(c);
        stopped(c);
    }
}

/* The IOMMU has a verdict on what is parked; the machine may be stopped */
static void resumed(IOMMUStall *stall, IOMMUStallState verdict)
{
    PTDChannel *c = container_of(stall, PTDChannel, stall);

    trace_passthrough_testdev_resumed(c->progress.access, c->progress.pos,
                                      verdict);
    c->parked = false;
    c->progress.verdict = verdict;
    REG(c, PTD_STATUS) = PTD_STATUS_BUSY;
    if (runstate_is_running()) {
        start(c);
    }
}

static void go(PTDChannel *c)
{
    trace_passthrough_testdev_go(REG(c, PTD_OP), reg64(c, PTD_ADDR_LO),
                                 REG(c, PTD_LENGTH), REG(c, PTD_REPEAT) + 1,
                                 REG(c, PTD_FLAGS));
    c->progress = (PTDProgress) { 0 };
    c->cancelled = false;
    /* Within the access of another request its time would be without bounds */
    if (!acceptable(c) ||
        (running && !(REG(c, PTD_FLAGS) & PTD_FLAG_IOTHREAD))) {
        c->progress.result = PTD_RESULT_BAD_REQUEST;
        c->ended = true;
        end(c);
        return;
    }
    REG(c, PTD_STATUS) = PTD_STATUS_BUSY;
    start(c);
}

/* Main loop: end what the iothread has ended */
static void channels_returned(void *opaque)
{
    PTDCore *s = opaque;

    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        PTDChannel *c = &s->channel[i];
        bool returned;

        WITH_QEMU_LOCK_GUARD(&s->lock) {
            returned = c->returned;
            if (returned) {
                c->in_thread = c->returned = false;
            }
        }
        if (returned) {
            stopped(c);
        }
    }
}

static bool any_in_thread(PTDCore *s)
{
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        if (s->channel[i].in_thread && !s->channel[i].returned) {
            return true;
        }
    }
    return false;
}

/*
 * Call all channels back.  Their accesses may want the BQL, so that must not
 * be held while we wait; the guest may start more of them meanwhile.
 */
static void halt(PTDCore *s)
{
    qemu_mutex_lock(&s->lock);
    while (any_in_thread(s)) {
        qatomic_set(&s->stop, true);
        bql_unlock();
        while (any_in_thread(s)) {
            qemu_cond_wait(&s->returned, &s->lock);
        }
        qemu_mutex_unlock(&s->lock);
        bql_lock();
        qemu_mutex_lock(&s->lock);
    }
    qemu_mutex_unlock(&s->lock);
    qatomic_set(&s->stop, false);
}

static void vm_state_changed(void *opaque, bool running, RunState state)
{
    PTDCore *s = opaque;

    if (!running) {
        halt(s);
        channels_returned(s);
        return;
    }
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        PTDChannel *c = &s->channel[i];

        if (busy(c)) {
            start(c);
        }
    }
}

/* ---- IOMMU notifiers ---- */

static void notified(IOMMUNotifier *n, IOMMUTLBEntry *entry)
{
    PTDNotifier *ptd = container_of(n, PTDNotifier, n);
    PTDCore *s = ptd->dev;

    s->notify_count++;
    s->notify_iova = entry->iova;
    s->notify_mask = entry->addr_mask;
    trace_passthrough_testdev_notify(entry->iova, entry->addr_mask,
                                     entry->perm);
}

static void section_add(MemoryListener *listener, MemoryRegionSection *section)
{
    PTDCore *s = container_of(listener, PTDCore, listener);
    static const struct {
        uint32_t bit;
        IOMMUNotifierFlag flag;
    } flags[] = {
        { PTD_NOTIFY_UNMAP, IOMMU_NOTIFIER_UNMAP },
        { PTD_NOTIFY_MAP, IOMMU_NOTIFIER_MAP },
        { PTD_NOTIFY_DEVIOTLB, IOMMU_NOTIFIER_DEVIOTLB_UNMAP },
    };
    IOMMUNotifierFlag wanted = IOMMU_NOTIFIER_NONE;
    PTDNotifier *ptd;
    Error *err = NULL;
    Int128 last;

    if (!memory_region_is_iommu(section->mr)) {
        return;
    }
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        wanted |= s->notify & flags[i].bit ? flags[i].flag : 0;
    }
    ptd = g_new0(PTDNotifier, 1);
    ptd->dev = s;
    ptd->mr = IOMMU_MEMORY_REGION(section->mr);
    ptd->offset = section->offset_within_region;
    last = int128_sub(int128_add(int128_make64(ptd->offset), section->size),
                      int128_one());
    iommu_notifier_init(&ptd->n, notified, wanted, ptd->offset,
                        int128_get64(last),
                        memory_region_iommu_attrs_to_index(
                            ptd->mr, MEMTXATTRS_UNSPECIFIED));
    if (memory_region_register_iommu_notifier(section->mr, &ptd->n, &err)) {
        s->notify_status = 1;
        error_report_err(err);
        g_free(ptd);
        return;
    }
    QLIST_INSERT_HEAD(&s->notifiers, ptd, next);
}

static void section_del(MemoryListener *listener, MemoryRegionSection *section)
{
    PTDCore *s = container_of(listener, PTDCore, listener);
    PTDNotifier *ptd;

    QLIST_FOREACH(ptd, &s->notifiers, next) {
        if (MEMORY_REGION(ptd->mr) == section->mr &&
            ptd->offset == section->offset_within_region) {
            QLIST_REMOVE(ptd, next);
            memory_region_unregister_iommu_notifier(section->mr, &ptd->n);
            g_free(ptd);
            return;
        }
    }
}

/* Listen to other events than before; @flags 0: to none */
static void set_notify(PTDCore *s, uint32_t flags)
{
    if (s->notify) {
        memory_listener_unregister(&s->listener);
    }
    s->notify = flags;
    s->notify_status = 0;
    if (flags) {
        memory_listener_register(&s->listener, s->as);
    }
}

/* ---- Registers ---- */

static void write_channel(PTDChannel *c, hwaddr reg, uint32_t value)
{
    if (reg <= PTD_GO && (busy(c) || stalled(c))) {
        qemu_log_mask(LOG_GUEST_ERROR, "passthrough-testdev: write to register "
                      "0x%" HWADDR_PRIx " of a busy channel\n", reg);
    } else if (reg < PTD_GO) {
        REG(c, reg) = value;
    } else if (reg == PTD_GO) {
        go(c);
    } else if (reg == PTD_CANCEL) {
        qatomic_set(&c->cancelled, true);
        if (stalled(c)) {
            stopped(c);
        }
    }
}

static PTDChannel *find_channel(PTDCore *s, hwaddr addr)
{
    unsigned n = (addr - PTD_CHANNEL) / PTD_CHANNEL_STRIDE;

    return addr >= PTD_CHANNEL && n < PTD_NUM_CHANNELS ? &s->channel[n] : NULL;
}

static uint64_t regs_read(void *opaque, hwaddr addr, unsigned size)
{
    PTDCore *s = opaque;
    PTDChannel *c = find_channel(s, addr);

    if (c) {
        return REG(c, (addr - PTD_CHANNEL) % PTD_CHANNEL_STRIDE);
    }
    switch (addr) {
    case PTD_ID:
        return PTD_ID_VALUE;
    case PTD_VERSION:
        return PTD_VERSION_VALUE;
    case PTD_BUFFER_SIZE:
        return s->buffer_size;
    case PTD_CHANNELS:
        return PTD_NUM_CHANNELS;
    case PTD_VECTORS:
        return PTD_NUM_VECTORS;
    case PTD_NOTIFY:
        return s->notify;
    case PTD_NOTIFY_STATUS:
        return s->notify_status;
    case PTD_NOTIFY_COUNT:
        return s->notify_count;
    case PTD_NOTIFY_IOVA_LO:
        return extract64(s->notify_iova, 0, 32);
    case PTD_NOTIFY_IOVA_HI:
        return extract64(s->notify_iova, 32, 32);
    case PTD_NOTIFY_MASK_LO:
        return extract64(s->notify_mask, 0, 32);
    case PTD_NOTIFY_MASK_HI:
        return extract64(s->notify_mask, 32, 32);
    default:
        return 0;
    }
}

static void regs_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    PTDCore *s = opaque;
    PTDChannel *c = find_channel(s, addr);

    if (c) {
        write_channel(c, (addr - PTD_CHANNEL) % PTD_CHANNEL_STRIDE, value);
        return;
    }
    switch (addr) {
    case PTD_MSI:
        s->ops->send_vector(s, value);
        break;
    case PTD_NOTIFY:
        s->notify_count = 0;
        s->notify_iova = s->notify_mask = 0;
        set_notify(s, value & PTD_NOTIFY_ALL);
        break;
    }
}

static const MemoryRegionOps regs_ops = {
    .read = regs_read,
    .write = regs_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 8 },
    .impl = { .min_access_size = 4, .max_access_size = 4 },
};

/* ---- The core in its device ---- */

bool ptd_core_realize(PTDCore *s, DeviceState *dev, AddressSpace *as,
                      const PTDOps *ops, Error **errp)
{
    g_autofree char *bus_path = qdev_get_dev_path(dev);
    g_autofree char *path = object_get_canonical_path(OBJECT(dev));
    g_autofree char *name = NULL;

    if (!is_power_of_2(s->buffer_size) ||
        s->buffer_size < PTD_BUFFER_SIZE_MIN ||
        s->buffer_size > PTD_BUFFER_SIZE_MAX) {
        error_setg(errp, "Property 'buffer-size' is %u, must be a power of two "
                   "from %u to %u", s->buffer_size, PTD_BUFFER_SIZE_MIN,
                   PTD_BUFFER_SIZE_MAX);
        return false;
    }
    /* It migrates by a name that no other device's buffer has */
    name = bus_path ? g_strdup("passthrough-testdev.buffer") :
                      g_strdup_printf("%s/passthrough-testdev.buffer", path);
    if (!memory_region_init_ram(&s->buffer, OBJECT(dev), name, s->buffer_size,
                                errp)) {
        return false;
    }
    memory_region_init_io(&s->regs, OBJECT(dev), &regs_ops, s,
                          "passthrough-testdev", PTD_REGS_SIZE);
    s->dev = dev;
    s->as = as;
    s->ops = ops;
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        s->channel[i].core = s;
        s->channel[i].stall.resumed = resumed;
    }
    qemu_mutex_init(&s->lock);
    qemu_cond_init(&s->returned);
    s->bh = qemu_bh_new_guarded(channels_returned, s,
                                &dev->mem_reentrancy_guard);
    s->vmstate = qdev_add_vm_change_state_handler(dev, vm_state_changed, s);
    QLIST_INIT(&s->notifiers);
    s->listener = (MemoryListener) {
        .name = "passthrough-testdev",
        .region_add = section_add,
        .region_del = section_del,
    };
    return true;
}

/* Nothing is under way any more */
static void quiesce(PTDCore *s)
{
    halt(s);
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        iommu_stall_cancel(&s->channel[i].stall);
    }
}

void ptd_core_unrealize(PTDCore *s)
{
    quiesce(s);
    set_notify(s, 0);
    qemu_del_vm_change_state_handler(s->vmstate);
    /* Its memory stays a while; its name is for the next one in the slot */
    vmstate_unregister_ram(&s->buffer, s->dev);
    qemu_bh_delete(s->bh);
    qemu_cond_destroy(&s->returned);
    qemu_mutex_destroy(&s->lock);
}

void ptd_core_reset(PTDCore *s)
{
    quiesce(s);
    set_notify(s, 0);
    s->notify_count = 0;
    s->notify_iova = s->notify_mask = 0;
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        PTDChannel *c = &s->channel[i];

        *c = (PTDChannel) { .core = s, .stall.resumed = resumed };
        REG(c, PTD_VECTOR) = PTD_NO_VECTOR;
        REG(c, PTD_LIST) = PTD_NO_LIST;
    }
    memset(memory_region_get_ram_ptr(&s->buffer), 0, s->buffer_size);
    memory_region_set_dirty(&s->buffer, 0, s->buffer_size);
}

void ptd_core_describe_properties(ObjectClass *oc)
{
    object_class_property_set_description(oc, "buffer-size",
        "bytes of the device's memory (a power of two)");
    object_class_property_set_description(oc, "iothread",
        "thread for requests that ask to run in one");
}

/* ---- Migration ---- */

static int pre_load(void *opaque)
{
    set_notify(opaque, 0);
    return 0;
}

static int post_load(void *opaque, int version_id)
{
    PTDCore *s = opaque;
    uint32_t flags = s->notify;

    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        PTDChannel *c = &s->channel[i];

        /* What was accepted there must be acceptable here */
        if (!busy(c) && !stalled(c)) {
            continue;
        }
        if (!acceptable(c) ||
            c->progress.access > REG(c, PTD_REPEAT) ||
            c->progress.pos > REG(c, PTD_LENGTH)) {
            error_report("passthrough-testdev: channel %d is busy with a "
                         "request that this device cannot have", i);
            return -EINVAL;
        }
        if (stalled(c)) {
            c->parked = iommu_stall_restore(&c->stall, c->iommu);
            if (c->parked) {
                iommu_stall_wait(&c->stall);
            } else {
                REG(c, PTD_STATUS) = PTD_STATUS_BUSY;
            }
        }
    }
    s->notify = 0;              /* the listener is not registered yet */
    set_notify(s, flags & PTD_NOTIFY_ALL);
    return 0;
}

static const VMStateDescription vmstate_channel = {
    .name = "passthrough-testdev/channel",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_ARRAY(reg, PTDChannel, PTD_CHANNEL_STRIDE / 4),
        VMSTATE_UINT32(progress.access, PTDChannel),
        VMSTATE_UINT32(progress.pos, PTDChannel),
        VMSTATE_UINT32(progress.result, PTDChannel),
        VMSTATE_UINT32(progress.count, PTDChannel),
        VMSTATE_UINT32(progress.done, PTDChannel),
        VMSTATE_UINT32(progress.failed, PTDChannel),
        VMSTATE_UINT32(progress.stalls, PTDChannel),
        VMSTATE_UINT32(progress.verdict, PTDChannel),
        VMSTATE_UINT64(progress.ns, PTDChannel),
        VMSTATE_UINT64(progress.fail_addr, PTDChannel),
        VMSTATE_UINT64(progress.xlat, PTDChannel),
        VMSTATE_UINT64(progress.xlat_mask, PTDChannel),
        VMSTATE_STRUCT(stall, PTDChannel, 1, vmstate_iommu_stall, IOMMUStall),
        VMSTATE_END_OF_LIST()
    },
};

const VMStateDescription vmstate_ptd_core = {
    .name = "passthrough-testdev/core",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_load = pre_load,
    .post_load = post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT32_EQUAL(buffer_size, PTDCore,
                             "buffer-size must be the same"),
        VMSTATE_STRUCT_ARRAY(channel, PTDCore, PTD_NUM_CHANNELS, 1,
                             vmstate_channel, PTDChannel),
        VMSTATE_UINT32(notify, PTDCore),
        VMSTATE_UINT32(notify_count, PTDCore),
        VMSTATE_UINT64(notify_iova, PTDCore),
        VMSTATE_UINT64(notify_mask, PTDCore),
        VMSTATE_END_OF_LIST()
    },
};
