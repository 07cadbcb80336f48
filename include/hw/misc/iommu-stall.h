/*
 * DMA that an IOMMU may stall
 *
 * There are IOMMUs that hold a transaction which faults until software has
 * dealt with the fault, and then have it tried again or end it.  In QEMU an
 * IOMMU must answer at once, so it is the master that holds ("parks") the
 * transaction, if it can: it marks the access, and learns that the access was
 * stalled instead of done; later the IOMMU calls it back.  Masters that do not
 * mark their accesses have their faults terminated.
 *
 * A master's side of it, for each access:
 *
 *     outer = iommu_stall_begin(&s->stall, iommu);
 *     res = dma_memory_read(...);
 *     iommu_stall_end(outer);
 *     if (iommu_stall_parked(&s->stall)) {
 *         ... keep what it takes to do the access again; @res means nothing ...
 *         iommu_stall_wait(&s->stall);
 *     }
 *
 * where the access is one that is done or not done as a whole: within 4 KiB.
 * Several may be parked at a time, each with its own IOMMUStall.  A master that
 * is reset or goes away cancels what it has parked; the IOMMU's registers still
 * report the fault, as they do in hardware.
 *
 * Migration: the master migrates vmstate_iommu_stall with what it has parked
 * and calls iommu_stall_restore() once it is loaded, which is after the IOMMU.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_MISC_IOMMU_STALL_H
#define HW_MISC_IOMMU_STALL_H

#include "exec/memory.h"
#include "qemu/queue.h"
#include "qom/object.h"

typedef enum IOMMUStallState {
    IOMMU_STALL_NONE,
    IOMMU_STALL_HELD,           /* parked: software sees its fault */
    IOMMU_STALL_QUEUED,         /* parked: behind the fault of another */
    /* Verdicts: the last one an IOMMU gives on a parked access */
    IOMMU_STALL_RETRY,          /* do it again; it may stall again */
    IOMMU_STALL_ABORT,          /* it is over: a bus error */
    IOMMU_STALL_IGNORE,         /* it is over: reads zeroes, is not written */
} IOMMUStallState;

typedef struct IOMMUStall IOMMUStall;

/*
 * Called once for each access that waits, in the main loop with the BQL held
 * and no lock of the IOMMU's, possibly while the machine is stopped.  @stall is
 * free for other use.
 */
typedef void IOMMUStallResumed(IOMMUStall *stall, IOMMUStallState verdict);

/* All but @resumed is private to this interface and the IOMMU */
struct IOMMUStall {
    IOMMUStallResumed *resumed; /* set by the master before it begins */
    MemoryRegion *iommu;
    uint8_t state;              /* atomic: written under the IOMMU's lock */
    bool waiting;
    uint32_t where;             /* what the IOMMU makes of it */
    QTAILQ_ENTRY(IOMMUStall) next;
};

/**
 * iommu_stall_begin: accesses of this thread may be stalled
 * @stall: not parked
 * @iommu: the region that translates them, for it alone may do so: the root of
 *         the address space that an IOMMU has given the master.  One that
 *         cannot stall, or no IOMMU at all, is fine.
 *
 * Returns what iommu_stall_end() wants: the access may be one within another.
 */
IOMMUStall *iommu_stall_begin(IOMMUStall *stall, MemoryRegion *iommu);

/* No more; does not touch the stall, whose master may be gone by then */
void iommu_stall_end(IOMMUStall *outer);

/* Whether an access was stalled between the two, and is parked now */
bool iommu_stall_parked(const IOMMUStall *stall);

/*
 * Call @stall->resumed when there is a verdict, maybe there is one already.
 * With the BQL; it is not called from within.
 */
void iommu_stall_wait(IOMMUStall *stall);

/* Forget a parked access; without effect on one that is not.  With the BQL. */
void iommu_stall_cancel(IOMMUStall *stall);

/**
 * iommu_stall_restore: park an access again that was when it migrated
 * @stall: loaded, @resumed set
 * @iommu: as above
 *
 * Returns false if the IOMMU knows nothing of it: do the access again.  Else
 * iommu_stall_wait() is next.
 */
bool iommu_stall_restore(IOMMUStall *stall, MemoryRegion *iommu);

extern const VMStateDescription vmstate_iommu_stall;

/* ---- For IOMMUs: an interface of their memory regions ---- */

#define TYPE_IOMMU_STALLER "iommu-staller"
typedef struct IOMMUStallerClass IOMMUStallerClass;
DECLARE_CLASS_CHECKERS(IOMMUStallerClass, IOMMU_STALLER, TYPE_IOMMU_STALLER)

struct IOMMUStallerClass {
    InterfaceClass parent_class;

    /* As above; @stall is parked */
    void (*wait)(MemoryRegion *mr, IOMMUStall *stall);
    void (*cancel)(MemoryRegion *mr, IOMMUStall *stall);
    bool (*restore)(MemoryRegion *mr, IOMMUStall *stall);
};

/* What this thread's access through @mr may be held with; NULL: it may not */
IOMMUStall *iommu_stall_current(MemoryRegion *mr);

#endif
