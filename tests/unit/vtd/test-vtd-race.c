/*
 * VT-d posted-interrupt descriptor: devices and a CPU at the same time
 *
 * Devices are threads that post; the CPU is one that does what a hypervisor
 * does: it waits for a notification, clears ON and takes PIR; now and then it
 * sets SN and moves NV and NDST, and clears SN and looks at PIR.
 *
 * None is lost or doubled: a device posts a vector of its own again only when
 * it has been taken, so each post must be taken once, and a lost one, or a
 * lost notification, stops everything.  A notification is not sent twice:
 * there is at most one until the CPU clears ON.  NV and NDST of a notification
 * belong together.
 *
 * Built once more with -fsanitize=thread.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/atomic.h"
#include "qemu/bswap.h"
#include "hw/i386/vtd/descriptor.h"

#define DEVICES         3
#define OWN_VECTORS     80          /* of each device */
#define STALL_SECONDS   60

static VTDPostedDescriptor pd QEMU_ALIGNED(64);
static unsigned long total = 10000000;

/* By vector; written by its device, and by the CPU */
static unsigned posted[256], taken[256];

static unsigned notifications;      /* on their way, 0 or 1 */
static unsigned sent;
static bool stop;
static const char *failure;

static void fail(const char *what)
{
    qatomic_set(&failure, what);
    qatomic_set(&stop, true);
}

/* ---- Devices ---- */

static void post(unsigned vector, bool urgent)
{
    uint64_t control;
    unsigned nv;

    /* Before it is posted, since it may be taken at once */
    qatomic_set(&posted[vector], posted[vector] + 1);
    switch (vtd_descriptor_post(&pd, vector, urgent, &control)) {
    case VTD_POST_NOTIFY:
        nv = FIELD_EX64(control, VTD_PD, NV);
        if (FIELD_EX64(control, VTD_PD, NDST) != nv * 0x01010101u) {
            fail("NV and NDST of different times");
        }
        if (qatomic_fetch_inc(&notifications) != 0) {
            fail("two notifications for one ON");
        }
        break;
    case VTD_POST_RESERVED:
        fail("reserved bits");
        break;
    default:
        break;
    }
}

static void *device(void *opaque)
{
    const unsigned first = 16 + (uintptr_t)opaque * OWN_VECTORS;
    unsigned long left = DIV_ROUND_UP(total, DEVICES);
    unsigned v = 0, full = 0;

    while (left && !qatomic_read(&stop)) {
        const unsigned vector = first + v;

        v = (v + 1) % OWN_VECTORS;
        if (qatomic_load_acquire(&taken[vector]) != posted[vector]) {
            if (++full == OWN_VECTORS) {
                full = 0;
                sched_yield();
            }
            continue;
        }
        full = 0;
        post(vector, (left & 63) == 0);
        left--;
    }
    return NULL;
}

/* ---- The CPU ---- */

static unsigned take(void)
{
    unsigned n = 0;

    for (unsigned w = 0; w < 4; w++) {
        uint64_t word = le64_to_cpu(qatomic_xchg(&pd.pir[w], 0));

        for (; word; word &= word - 1) {
            const unsigned vector = w * 64 + ctz64(word);

            if (taken[vector] == qatomic_read(&posted[vector])) {
                fail("taken more often than posted");
            }
            qatomic_store_release(&taken[vector], taken[vector] + 1);
            n++;
        }
    }
    return n;
}

static void change_control(uint64_t clear, uint64_t set)
{
    uint64_t old = qatomic_read(&pd.control), expected;

    do {
        expected = old;
        old = qatomic_cmpxchg(&pd.control, expected,
                              cpu_to_le64((le64_to_cpu(expected) & ~clear) |
                                          set));
    } while (old != expected);
}

/* As a handler: nothing may come between the acknowledgment and ON */
static bool handle_notification(void)
{
    if (!qatomic_read(&notifications)) {
        return false;
    }
    qatomic_set(&notifications, 0);
    sent++;
    qatomic_and(&pd.control, ~cpu_to_le64(R_VTD_PD_ON_MASK));
    return true;
}

static void *cpu(void *opaque)
{
    const unsigned long wanted = DIV_ROUND_UP(total, DEVICES) * DEVICES;
    unsigned long n = 0, passes = 0, idle_since = 0;
    gint64 moved = g_get_monotonic_time();

    while (n < wanted && !qatomic_read(&stop)) {
        unsigned got = 0;

        if (handle_notification()) {
            got = take();
        } else {
            sched_yield();
        }
        if (++passes % 16 == 0) {
            /* Not running for a while, then running elsewhere */
            const uint64_t nv = passes / 16 & 0xff;

            change_control(0, R_VTD_PD_SN_MASK);
            for (unsigned i = 0; i < (passes & 7); i++) {
                sched_yield();
            }
            change_control(R_VTD_PD_SN_MASK | R_VTD_PD_NV_MASK |
                           R_VTD_PD_NDST_MASK,
                           nv << R_VTD_PD_NV_SHIFT |
                           (nv * 0x01010101u) << R_VTD_PD_NDST_SHIFT);
            /* What came meanwhile was not notified */
            got += take();
        }
        n += got;
        if (got) {
            idle_since = passes;
            moved = 0;
        } else if ((passes - idle_since) % 65536 == 0) {
            if (!moved) {
                moved = g_get_monotonic_time();
            } else if (g_get_monotonic_time() - moved >
                       STALL_SECONDS * G_USEC_PER_SEC) {
                fail("nothing comes any more");
            }
        }
    }
    return (void *)(uintptr_t)n;
}

static void test_race(void)
{
    GThread *threads[DEVICES], *consumer;
    unsigned long n;

    consumer = g_thread_new("cpu", cpu, NULL);
    for (uintptr_t i = 0; i < DEVICES; i++) {
        threads[i] = g_thread_new("device", device, (void *)i);
    }
    for (unsigned i = 0; i < DEVICES; i++) {
        g_thread_join(threads[i]);
    }
    n = (uintptr_t)g_thread_join(consumer);

    g_assert_cmpstr(failure, ==, NULL);
    g_assert_cmpuint(n, ==, DIV_ROUND_UP(total, DEVICES) * DEVICES);
    for (unsigned v = 0; v < 256; v++) {
        g_assert_cmpuint(taken[v], ==, posted[v]);
    }
    for (unsigned w = 0; w < 4; w++) {
        g_assert_cmphex(pd.pir[w], ==, 0);
    }
    /* Or the race was none */
    g_assert_cmpuint(sent, >, 1000);
    g_assert_cmpuint(sent, <=, n);
    g_test_message("%lu interrupts, %u notifications", n, sent);
}

int main(int argc, char **argv)
{
    const char *count = g_getenv("VTD_TEST_COUNT");

    if (count) {
        total = g_ascii_strtoull(count, NULL, 0);
    }
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vtd/race", test_race);
    return g_test_run();
}
