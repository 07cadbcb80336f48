/*
 * Passthrough bench device
 *
 * A PCI device that repeats a short list of steps and says how long it took on
 * the host: DMA through the IOMMU in front of it, and the loads and stores by
 * which a driver changes tables and talks to the IOMMU.  So what an IOMMU model
 * costs can be measured alone, without a guest, and beside others.  Not for
 * guests: the time of the host is nothing that they should see.
 * tests/bench/bench-iommu drives it.  It also tells what an IOMMU would let
 * vhost do, which asks in a way of its own.
 *
 * With identity=on its DMA goes through the least IOMMU that there can be: it
 * maps each page to itself, and the others are compared with it.
 *
 * Life of a run: the driver writes steps and GO; threads of their own do the
 * steps, none of them with the BQL, as iothreads and vCPUs would; the write
 * returns when all are done.  The BQL is released meanwhile, as registers of
 * the IOMMU are among what the threads access.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/main-loop.h"
#include "qemu/rcu.h"
#include "qemu/thread.h"
#include "exec/address-spaces.h"
#include "hw/misc/passthrough-bench.h"
#include "hw/pci/pci_device.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "system/dma.h"
#include "core.h"

OBJECT_DECLARE_SIMPLE_TYPE(PassthroughBench, PASSTHROUGH_BENCH)

#define TYPE_PASSTHROUGH_IDENTITY "passthrough-identity-iommu"

typedef struct PTBStep {
    uint64_t reg[PTB_STEP_STRIDE / 8];
} PTBStep;

#define STEP(step, offset)  ((step)->reg[(offset) / 8])

struct PassthroughBench {
    PCIDevice parent_obj;

    MemoryRegion regs;
    IOMMUMemoryRegion identity_mr;
    AddressSpace identity_as;
    bool identity;

    uint64_t loops, threads, steps;
    PTBStep step[PTB_MAX_STEPS];
    bool running;               /* the BQL is not held, so GO may come again */
    uint64_t ns, cpu_ns, errors;
    uint64_t perm;
};

typedef struct PTBThread {
    PassthroughBench *dev;
    AddressSpace *as;
    QemuThread thread;
    uint64_t index, errors;
    int64_t start, end;         /* host time */
    int64_t cpu;                /* time of the CPU */
    uint64_t timed[PTB_MAX_STEPS];
    int *waiting;               /* threads that are not ready yet; atomic */
} PTBThread;

static AddressSpace *get_as(PassthroughBench *s)
{
    return s->identity ? &s->identity_as : pci_get_address_space(PCI_DEVICE(s));
}

/* ---- Runs ---- */

static bool do_access(PTBThread *t, const PTBStep *s, uint64_t n, uint8_t *buf)
{
    uint64_t at = n % STEP(s, PTB_STEP_COUNT);
    uint64_t addr = STEP(s, PTB_STEP_ADDR) + STEP(s, PTB_STEP_THREAD) *
                    t->index + STEP(s, PTB_STEP_STRIDE_BY) * at;
    uint64_t len = STEP(s, PTB_STEP_LENGTH), value;

    switch (STEP(s, PTB_STEP_OP)) {
    case PTB_OP_READ:
        return dma_memory_read(t->as, addr, buf, len,
                               MEMTXATTRS_UNSPECIFIED) == MEMTX_OK;
    case PTB_OP_WRITE:
        return dma_memory_write(t->as, addr, buf, len,
                                MEMTXATTRS_UNSPECIFIED) == MEMTX_OK;
    case PTB_OP_LOAD:
        return address_space_read(&address_space_memory, addr,
                                  MEMTXATTRS_UNSPECIFIED, &value, len) ==
               MEMTX_OK;
    default:
        value = (STEP(s, PTB_STEP_VALUE) + STEP(s, PTB_STEP_ADD) * at) &
                STEP(s, PTB_STEP_MASK);
        value = cpu_to_le64(value);
        return address_space_write(&address_space_memory, addr,
                                   MEMTXATTRS_UNSPECIFIED, &value, len) ==
               MEMTX_OK;
    }
}

/* What the thread has had of a CPU, whoever else wants one */
static int64_t cpu_clock(void)
{
#ifdef CLOCK_THREAD_CPUTIME_ID
    struct timespec ts;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
    return ts.tv_sec * NANOSECONDS_PER_SECOND + ts.tv_nsec;
#else
    return get_clock();
#endif
}

static void do_step(PTBThread *t, const PTBStep *step, uint64_t loop,
                    uint8_t *buf)
{
    uint64_t repeat = STEP(step, PTB_STEP_REPEAT);

    for (uint64_t j = 0; j < repeat; j++) {
        t->errors += !do_access(t, step, repeat * loop + j, buf);
    }
}

/* By itself, so that callgrind can tell what is done here (bench-iommu) */
static __attribute__((noinline))
void do_timed_step(PTBThread *t, const PTBStep *step, uint64_t loop,
                   uint8_t *buf)
{
    do_step(t, step, loop, buf);
}

static void time_step(PTBThread *t, unsigned n, uint64_t loop, uint8_t *buf)
{
    int64_t start = get_clock();

    do_timed_step(t, &t->dev->step[n], loop, buf);
    t->timed[n] = MIN(t->timed[n], get_clock() - start);
}

static void *run_thread(void *opaque)
{
    PTBThread *t = opaque;
    const PassthroughBench *s = t->dev;
    uint8_t buf[PTB_MAX_LENGTH] = { 0 };

    rcu_register_thread();
    qatomic_dec(t->waiting);
    while (qatomic_read(t->waiting)) {
        /* All start at once */
    }
    t->cpu = cpu_clock();
    t->start = get_clock();
    for (uint64_t i = 0; i < s->loops; i++) {
        for (unsigned n = 0; n < s->steps; n++) {
            if (STEP(&s->step[n], PTB_STEP_TIMED)) {
                time_step(t, n, i, buf);
            } else {
                do_step(t, &s->step[n], i, buf);
            }
        }
    }
    t->end = get_clock();
    t->cpu = cpu_clock() - t->cpu;
    rcu_unregister_thread();
    return NULL;
}

/* Whether what was written is within bounds: nothing may hang or overrun */
static bool check(const PassthroughBench *s)
{
    uint64_t accesses = 0;

    if (s->steps > PTB_MAX_STEPS) {
        return false;
    }
    for (unsigned n = 0; n < s->steps; n++) {
        const PTBStep *step = &s->step[n];
        uint64_t len = STEP(step, PTB_STEP_LENGTH);
        uint64_t repeat = STEP(step, PTB_STEP_REPEAT);
        bool dma = STEP(step, PTB_STEP_OP) <= PTB_OP_WRITE;

        if (STEP(step, PTB_STEP_OP) > PTB_OP_STORE ||
            !STEP(step, PTB_STEP_COUNT) || repeat > PTB_MAX_LOOPS ||
            (dma ? len > PTB_MAX_LENGTH : len != 4 && len != 8)) {
            return false;
        }
        accesses += repeat;
    }
    return s->threads && s->threads <= PTB_MAX_THREADS && accesses &&
           s->loops <= PTB_MAX_LOOPS / accesses;
}

static void run(PassthroughBench *s)
{
    PTBThread thread[PTB_MAX_THREADS] = { 0 };
    int64_t start = INT64_MAX, end = 0;
    int waiting = s->threads;

    s->ns = s->cpu_ns = s->errors = 0;
    for (unsigned n = 0; n < s->steps; n++) {
        STEP(&s->step[n], PTB_STEP_NS) = UINT64_MAX;
    }
    s->running = true;
    for (unsigned i = 0; i < s->threads; i++) {
        thread[i] = (PTBThread) {
            .dev = s,
            .as = get_as(s),
            .index = i,
            .waiting = &waiting,
        };
        memset(thread[i].timed, 0xff, sizeof(thread[i].timed));
        qemu_thread_create(&thread[i].thread, TYPE_PASSTHROUGH_BENCH,
                           run_thread, &thread[i], QEMU_THREAD_JOINABLE);
    }
    bql_unlock();
    for (unsigned i = 0; i < s->threads; i++) {
        qemu_thread_join(&thread[i].thread);
        s->errors += thread[i].errors;
        s->cpu_ns += thread[i].cpu;
        for (unsigned n = 0; n < s->steps; n++) {
            STEP(&s->step[n], PTB_STEP_NS) =
                MIN(STEP(&s->step[n], PTB_STEP_NS), thread[i].timed[n]);
        }
        start = MIN(start, thread[i].start);
        end = MAX(end, thread[i].end);
    }
    bql_lock();
    s->ns = end - start;
    s->running = false;
}

/* As vhost asks when a translation for a read is missing */
static void ask(PassthroughBench *s, hwaddr addr)
{
    RCU_READ_LOCK_GUARD();
    s->perm = address_space_get_iotlb_entry(get_as(s), addr, false,
                                            MEMTXATTRS_UNSPECIFIED).perm;
}

/* ---- Registers ---- */

static uint64_t *find(PassthroughBench *s, hwaddr addr)
{
    unsigned n = (addr - PTB_STEP) / PTB_STEP_STRIDE;

    if (addr >= PTB_STEP) {
        return n < PTB_MAX_STEPS ?
               &s->step[n].reg[addr % PTB_STEP_STRIDE / 8] : NULL;
    }
    switch (addr) {
    case PTB_LOOPS:
        return &s->loops;
    case PTB_THREADS:
        return &s->threads;
    case PTB_STEPS:
        return &s->steps;
    case PTB_NS:
        return &s->ns;
    case PTB_CPU_NS:
        return &s->cpu_ns;
    case PTB_PERM:
        return &s->perm;
    case PTB_ERRORS:
        return &s->errors;
    default:
        return NULL;
    }
}

static uint64_t regs_read(void *opaque, hwaddr addr, unsigned size)
{
    uint64_t *reg = find(opaque, addr);

    return reg ? *reg : 0;
}

static void regs_write(void *opaque, hwaddr addr, uint64_t value,
                       unsigned size)
{
    PassthroughBench *s = opaque;
    uint64_t *reg = find(s, addr);

    if (s->running) {
        return;
    }
    if (addr == PTB_GO) {
        /* A run gives up the BQL, which others' accesses do not expect */
        if (check(s) && !ptd_in_request()) {
            run(s);
        } else {
            s->errors = UINT64_MAX;
        }
    } else if (addr == PTB_ASK) {
        ask(s, value);
    } else if (reg && (addr < PTB_GO || addr >= PTB_STEP)) {
        *reg = value;
    }
}

static const MemoryRegionOps regs_ops = {
    .read = regs_read,
    .write = regs_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 8, .max_access_size = 8 },
    .impl = { .min_access_size = 8, .max_access_size = 8 },
};

/* ---- The identity IOMMU ---- */

static IOMMUTLBEntry identity_translate(IOMMUMemoryRegion *mr, hwaddr addr,
                                        IOMMUAccessFlags flag, int iommu_idx)
{
    return (IOMMUTLBEntry) {
        .target_as = &address_space_memory,
        .iova = addr & ~0xfffull,
        .translated_addr = addr & ~0xfffull,
        .addr_mask = 0xfff,
        .perm = IOMMU_RW,
    };
}

static void identity_class_init(ObjectClass *oc, void *data)
{
    IOMMU_MEMORY_REGION_CLASS(oc)->translate = identity_translate;
}

/* ---- Device ---- */

static void ptb_realize(PCIDevice *dev, Error **errp)
{
    PassthroughBench *s = PASSTHROUGH_BENCH(dev);

    memory_region_init_io(&s->regs, OBJECT(s), &regs_ops, s,
                          TYPE_PASSTHROUGH_BENCH, PTB_REGS_SIZE);
    /* The threads that a run waits for may access what the device is behind */
    s->regs.disable_reentrancy_guard = true;
    pci_register_bar(dev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->regs);
    if (s->identity) {
        memory_region_init_iommu(&s->identity_mr, sizeof(s->identity_mr),
                                 TYPE_PASSTHROUGH_IDENTITY, OBJECT(s),
                                 TYPE_PASSTHROUGH_IDENTITY, UINT64_MAX);
        address_space_init(&s->identity_as, MEMORY_REGION(&s->identity_mr),
                           TYPE_PASSTHROUGH_IDENTITY);
    }
}

static void ptb_exit(PCIDevice *dev)
{
    PassthroughBench *s = PASSTHROUGH_BENCH(dev);

    if (s->identity) {
        address_space_destroy(&s->identity_as);
    }
}

static const VMStateDescription vmstate_ptb = {
    .name = TYPE_PASSTHROUGH_BENCH,
    .unmigratable = 1,
};

static const Property ptb_properties[] = {
    DEFINE_PROP_BOOL("identity", PassthroughBench, identity, false),
};

static void ptb_class_init(ObjectClass *oc, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(oc);
    PCIDeviceClass *k = PCI_DEVICE_CLASS(oc);

    k->realize = ptb_realize;
    k->exit = ptb_exit;
    k->vendor_id = PTB_VENDOR_ID;
    k->device_id = PTB_DEVICE_ID;
    k->class_id = PCI_CLASS_OTHERS;
    dc->desc = "Passthrough bench device";
    /* Measures the host it runs on, so there is nothing to take along */
    dc->vmsd = &vmstate_ptb;
    dc->hotpluggable = false;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, ptb_properties);
    object_class_property_set_description(oc, "identity",
        "DMA goes through an IOMMU that maps each page to itself");
}

static const TypeInfo ptb_types[] = {
    {
        .name = TYPE_PASSTHROUGH_BENCH,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(PassthroughBench),
        .class_init = ptb_class_init,
        .interfaces = (InterfaceInfo[]) {
            { INTERFACE_CONVENTIONAL_PCI_DEVICE },
            { }
        },
    }, {
        .name = TYPE_PASSTHROUGH_IDENTITY,
        .parent = TYPE_IOMMU_MEMORY_REGION,
        .class_init = identity_class_init,
    },
};

DEFINE_TYPES(ptb_types)
