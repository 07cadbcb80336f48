/*
 * Passthrough test device: what all its kinds share
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_MISC_PASSTHROUGH_TESTDEV_CORE_H
#define HW_MISC_PASSTHROUGH_TESTDEV_CORE_H

#include "exec/memory.h"
#include "hw/misc/iommu-stall.h"
#include "hw/misc/passthrough-testdev.h"
#include "hw/qdev-core.h"
#include "qemu/queue.h"
#include "qemu/thread.h"
#include "system/iothread.h"

typedef struct PTDCore PTDCore;
typedef struct PTDNotifier PTDNotifier;
typedef struct PTDJob PTDJob;

/* What a kind of device does in its own way; under the BQL */
typedef struct PTDOps {
    void (*send_vector)(PTDCore *core, uint32_t vector);
    /* The region of an IOMMU that translates the accesses, if there is one */
    MemoryRegion *(*iommu)(PTDCore *core);
    /* What another requester of the same bus sees; NULL: there is none */
    AddressSpace *(*requester)(PTDCore *core, uint8_t id);
    /* What its accesses carry; NULL: it has none */
    uint16_t (*requester_id)(PTDCore *core);
} PTDOps;

/* How far a request has come.  Its thread's while it runs, else the BQL's. */
typedef struct PTDProgress {
    uint32_t access;            /* under way, or the next */
    uint32_t pos;               /* bytes of it that are done */
    uint32_t result;            /* of the first access that failed */
    uint32_t count;
    uint32_t done;
    uint32_t failed;
    uint32_t stalls;
    uint32_t verdict;           /* on the access, IOMMUStallState */
    uint64_t ns;
    uint64_t fail_addr;
    uint64_t xlat;
    uint64_t xlat_mask;
} PTDProgress;

typedef struct PTDChannel {
    PTDCore *core;
    uint32_t reg[PTD_CHANNEL_STRIDE / 4];
    PTDProgress progress;
    AddressSpace *as;           /* where its accesses go */
    MemTxAttrs attrs;           /* and what they carry */
    MemoryRegion *iommu;        /* and what translates them */
    IOMMUStall stall;
    bool parked;                /* an access is, with @stall */
    bool ended;                 /* its accesses, by themselves */
    bool cancelled;             /* by the guest; atomic */
    PTDJob *job;                /* it is in a thread's hands; PTDCore.lock */
    bool returned;              /* the iothread is through with it; the same */
} PTDChannel;

struct PTDCore {
    DeviceState *dev;
    const PTDOps *ops;
    AddressSpace *as;           /* what the device sees */
    MemoryRegion regs;
    MemoryRegion buffer;
    PTDChannel channel[PTD_NUM_CHANNELS];

    QemuMutex lock;             /* of what the iothread changes */
    QemuCond returned;
    QEMUBH *bh;                 /* channels came back from the iothread */
    VMChangeStateEntry *vmstate;
    bool stop;                  /* tells the iothread to return; atomic */

    MemoryListener listener;    /* registered while notify is not 0 */
    QLIST_HEAD(, PTDNotifier) notifiers;
    uint32_t notify;
    uint32_t notify_status;
    uint32_t notify_count;
    uint64_t notify_iova;
    uint64_t notify_mask;

    /* Properties of the device: buffer-size (64 KiB), iothread (a link) */
    uint32_t buffer_size;
    IOThread *iothread;
};

/* What -device TYPE,help says of them */
void ptd_core_describe_properties(ObjectClass *oc);

/**
 * ptd_core_realize: make the regions @core->regs and @core->buffer
 * @core: its properties are set
 * @dev: the device that it is part of
 * @as: what the device sees; it lives as long
 * @ops: what the device does in its own way
 */
bool ptd_core_realize(PTDCore *core, DeviceState *dev, AddressSpace *as,
                      const PTDOps *ops, Error **errp);
/* The opposite; no request is under way when it returns */
void ptd_core_unrealize(PTDCore *core);
void ptd_core_reset(PTDCore *core);

extern const VMStateDescription vmstate_ptd_core;

/* Whether this thread is within an access of a request, of any device */
bool ptd_in_request(void);

/* ---- Between the files of the core; under the BQL ---- */

/* request.c: @core->dev is set */
void ptd_requests_init(PTDCore *core);
/* Nothing is under way when it returns, but what it was called from within */
void ptd_requests_quiesce(PTDCore *core);
void ptd_requests_destroy(PTDCore *core);
void ptd_channel_write(PTDChannel *c, hwaddr reg, uint32_t value);
/* Quiescent, to its state after reset */
void ptd_channel_reset(PTDChannel *c);
/* Its fields have migrated; returns -EINVAL if it cannot be in such a state */
int ptd_channel_loaded(PTDChannel *c);

/* notify.c */
void ptd_notify_init(PTDCore *core);
/* Listen to other events than before; @flags 0: to none */
void ptd_notify_set(PTDCore *core, uint32_t flags);

#endif
