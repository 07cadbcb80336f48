/*
 * Passthrough test device: requests
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
 * One that resets or unplugs the device, through its bridge, is the last of its
 * request.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/bswap.h"
#include "qemu/host-utils.h"
#include "qemu/lockable.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/timer.h"
#include "qemu/units.h"
#include "system/dma.h"
#include "system/runstate.h"
#include "core.h"
#include "trace.h"

#define DMA_PAGE            (4 * KiB)

#define REG(channel, offset)    ((channel)->reg[(offset) / 4])

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

/*
 * A request in the hands of a thread: the iothread, or whoever has the BQL.
 * Its own access may reset or unplug the device.  Such a request cannot be
 * waited for; it is abandoned: it keeps the device's memory, and its thread
 * returns without touching that again.
 */
struct PTDJob {
    PTDChannel *c;
    Request r;
    bool in_thread;             /* the iothread's */
    enum {
        JOB_QUEUED,             /* of the iothread: has not begun */
        JOB_RUNNING,
        JOB_WAITING,            /* its access is in halt(), without the BQL */
        JOB_ABANDONED,
    } state;                    /* atomic */
};

/* Of this thread */
static __thread PTDJob *current;

bool ptd_in_request(void)
{
    return current;
}

static bool abandoned(const PTDJob *job)
{
    return qatomic_read(&job->state) == JOB_ABANDONED;
}

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

/*
 * From where @p stands on; the result is void if the channel is parked then, or
 * the request abandoned
 */
static uint32_t access_one(const PTDJob *job, uint64_t addr, PTDProgress *p)
{
    const Request *r = &job->r;
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
            IOMMUStall *outer = iommu_stall_begin(stall, r->c->iommu);

            result = dma_chunk(r, at, buf + p->pos, len, &good);
            iommu_stall_end(outer);
            if (unlikely(abandoned(job))) {
                return result;          /* the channel is another's */
            }
            r->c->parked = iommu_stall_parked(stall);
            if (r->c->parked) {
                return result;
            }
        } else {
            result = dma_chunk(r, at, buf + p->pos, len, &good);
        }
        if (unlikely(abandoned(job))) {
            return result;
        }
        verdict = IOMMU_STALL_NONE;
        p->pos += good;
        p->count += good;
    }
    return result;
}

/*
 * Go on with a request until it has ended or the device wants its thread back.
 * The loop is what benchmarks time: keep it short.
 */
static void run(PTDJob *job)
{
    PTDChannel *c = job->c;
    const Request *r = &job->r;
    PTDProgress p = c->progress;
    uint32_t index = p.access % r->span;
    int64_t start = get_clock();
    bool ended = true;

    current = job;
    while (p.access < r->total) {
        uint64_t addr = r->list ? r->addr + ldq_le_p(r->list + 8 * index) :
                                  r->addr + r->stride * index;
        uint32_t result;

        if (unlikely(qatomic_read(&c->core->stop) ||
                     qatomic_read(&c->cancelled))) {
            ended = false;
            break;
        }
        result = access_one(job, addr, &p);
        if (unlikely(abandoned(job))) {
            current = NULL;
            return;
        }
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
            if (!r->keep_going) {
                break;
            }
        }
        p.access++;
        p.pos = 0;
        if (++index == r->span) {
            index = 0;
        }
    }
    current = NULL;
    p.ns += get_clock() - start;
    if (r->op == PTD_OP_READ) {
        memory_region_set_dirty(&c->core->buffer, REG(c, PTD_OFFSET),
                                r->advance ? r->length * r->total : r->length);
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

/* Main loop, as this may be the end of the device */
static void forget(void *opaque)
{
    PTDJob *job = opaque;

    object_unref(OBJECT(job->c->core->dev));
    g_free(job);
}

/* In the iothread */
static void run_in_thread(void *opaque)
{
    PTDJob *job = opaque;
    PTDChannel *c = job->c;
    PTDCore *s = c->core;

    if (qatomic_cmpxchg(&job->state, JOB_QUEUED, JOB_RUNNING) == JOB_QUEUED) {
        run(job);
    }
    if (!abandoned(job)) {
        QEMU_LOCK_GUARD(&s->lock);
        c->job = NULL;
        c->returned = true;
        qemu_cond_broadcast(&s->returned);
        qemu_bh_schedule(s->bh);
    }
    aio_bh_schedule_oneshot(qemu_get_aio_context(), forget, job);
}

static void start(PTDChannel *c)
{
    PTDCore *s = c->core;
    PTDJob *job = g_new(PTDJob, 1);
    bool in_thread = REG(c, PTD_FLAGS) & PTD_FLAG_IOTHREAD;

    *job = (PTDJob) {
        .c = c,
        .r = decode(c),
        .in_thread = in_thread,
        .state = in_thread ? JOB_QUEUED : JOB_RUNNING,
    };
    object_ref(OBJECT(s->dev));
    WITH_QEMU_LOCK_GUARD(&s->lock) {
        c->job = job;
    }
    if (in_thread) {
        aio_bh_schedule_oneshot(iothread_get_aio_context(s->iothread),
                                run_in_thread, job);
        return;
    }
    run(job);
    if (!abandoned(job)) {
        c->job = NULL;
        stopped(c);
    }
    aio_bh_schedule_oneshot(qemu_get_aio_context(), forget, job);
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
        (current && !(REG(c, PTD_FLAGS) & PTD_FLAG_IOTHREAD))) {
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
            c->returned = false;
        }
        if (returned) {
            stopped(c);
        }
    }
}

/* Whether a thread is at a request that can be waited for; lock held */
static bool must_wait(PTDCore *s)
{
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        PTDJob *job = s->channel[i].job;

        if (job && job->in_thread &&
            qatomic_read(&job->state) == JOB_RUNNING) {
            return true;
        }
    }
    return false;
}

/*
 * Give up the others: what has not begun, and what will want the BQL, which we
 * have, before it goes on.  Lock held.
 */
static void abandon(PTDCore *s)
{
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        PTDJob *job = s->channel[i].job;

        if (job && (qatomic_cmpxchg(&job->state, JOB_QUEUED, JOB_ABANDONED) ==
                    JOB_QUEUED || !job->in_thread ||
                    qatomic_read(&job->state) == JOB_WAITING)) {
            qatomic_set(&job->state, JOB_ABANDONED);
            s->channel[i].job = NULL;
        }
    }
}

/*
 * Call all channels back.  Their accesses may want the BQL, so that must not
 * be held while we wait; the guest may start more of them meanwhile.  We may be
 * within an access ourselves, of this device or another.
 */
static void halt(PTDCore *s)
{
    PTDJob *own = current && !abandoned(current) ? current : NULL;

    if (own) {
        QEMU_LOCK_GUARD(&own->c->core->lock);
        qatomic_set(&own->state, JOB_WAITING);
        qemu_cond_broadcast(&own->c->core->returned);
    }
    qemu_mutex_lock(&s->lock);
    abandon(s);
    while (must_wait(s)) {
        qatomic_set(&s->stop, true);
        bql_unlock();
        while (must_wait(s)) {
            qemu_cond_wait(&s->returned, &s->lock);
        }
        qemu_mutex_unlock(&s->lock);
        bql_lock();
        qemu_mutex_lock(&s->lock);
        abandon(s);
    }
    qemu_mutex_unlock(&s->lock);
    qatomic_set(&s->stop, false);
    if (own && !abandoned(own)) {
        qatomic_set(&own->state, JOB_RUNNING);
    }
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

void ptd_channel_write(PTDChannel *c, hwaddr reg, uint32_t value)
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

int ptd_channel_loaded(PTDChannel *c)
{
    if (!busy(c) && !stalled(c)) {
        return 0;
    }
    if (!acceptable(c) ||
        c->progress.access > REG(c, PTD_REPEAT) ||
        c->progress.pos > REG(c, PTD_LENGTH)) {
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
    return 0;
}

void ptd_channel_reset(PTDChannel *c)
{
    *c = (PTDChannel) { .core = c->core, .stall.resumed = resumed };
    REG(c, PTD_VECTOR) = PTD_NO_VECTOR;
    REG(c, PTD_LIST) = PTD_NO_LIST;
}

void ptd_requests_init(PTDCore *s)
{
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        s->channel[i].core = s;
        ptd_channel_reset(&s->channel[i]);
    }
    qemu_mutex_init(&s->lock);
    qemu_cond_init(&s->returned);
    s->bh = qemu_bh_new_guarded(channels_returned, s,
                                &s->dev->mem_reentrancy_guard);
    s->vmstate = qdev_add_vm_change_state_handler(s->dev, vm_state_changed, s);
}

void ptd_requests_quiesce(PTDCore *s)
{
    halt(s);
    for (int i = 0; i < PTD_NUM_CHANNELS; i++) {
        iommu_stall_cancel(&s->channel[i].stall);
    }
}

void ptd_requests_destroy(PTDCore *s)
{
    qemu_del_vm_change_state_handler(s->vmstate);
    qemu_bh_delete(s->bh);
    qemu_cond_destroy(&s->returned);
    qemu_mutex_destroy(&s->lock);
}
