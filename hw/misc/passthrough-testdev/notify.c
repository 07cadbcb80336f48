/*
 * Passthrough test device: what an IOMMU tells those who cache its translations
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "core.h"
#include "trace.h"

/* One for each IOMMU region in the device's address space */
struct PTDNotifier {
    IOMMUNotifier n;
    IOMMUMemoryRegion *mr;
    hwaddr offset;              /* of the section within @mr */
    PTDCore *dev;
    QLIST_ENTRY(PTDNotifier) next;
};

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

void ptd_notify_set(PTDCore *s, uint32_t flags)
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

void ptd_notify_init(PTDCore *s)
{
    QLIST_INIT(&s->notifiers);
    s->listener = (MemoryListener) {
        .name = "passthrough-testdev",
        .region_add = section_add,
        .region_del = section_del,
    };
}
