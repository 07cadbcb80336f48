/*
 * KVM's interrupt routes and posted entries: unit tests
 *
 * KVM is a list of the eventfds that it was given; a device is a counter of
 * the messages that it was made to send.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/main-loop.h"
#include "qapi/error.h"
#include "exec/memory.h"
#include "hw/i386/vtd-routes.h"
#include "system/kvm-irqfd.h"

/* ---- What routes.c finds around it ---- */

KVMState *kvm_state;
static KVMIrqfdTakeover *takeover;
static int kvm_fd[8], kvm_virq[8];
static unsigned kvm_fds;

static AddressSpace ioapic_as;
static PCIDevice *sender;
static MSIMessage sent;
static unsigned messages;

void kvm_irqchip_set_takeover(KVMIrqfdTakeover *f)
{
    takeover = f;
}

int kvm_irqchip_irqfd_direct(KVMState *s, EventNotifier *n, int virq,
                             bool assign)
{
    const int fd = event_notifier_get_fd(n);

    if (assign) {
        g_assert_cmpuint(kvm_fds, <, ARRAY_SIZE(kvm_fd));
        kvm_virq[kvm_fds] = virq;
        kvm_fd[kvm_fds++] = fd;
        return 0;
    }
    for (unsigned i = 0; i < kvm_fds; i++) {
        if (kvm_fd[i] == fd && kvm_virq[i] == virq) {
            kvm_fd[i] = kvm_fd[--kvm_fds];
            kvm_virq[i] = kvm_virq[kvm_fds];
            return 0;
        }
    }
    return -ENOENT;
}

void msi_send_message(PCIDevice *dev, MSIMessage msg)
{
    sender = dev;
    sent = msg;
    messages++;
}

void address_space_stl_le(AddressSpace *as, hwaddr addr, uint32_t val,
                          MemTxAttrs attrs, MemTxResult *result)
{
    g_assert_true(as == &ioapic_as);
    sender = NULL;
    sent = (MSIMessage) { addr, val };
    messages++;
}

/* ---- As accel/kvm does it ---- */

static void irqfd(EventNotifier *n, int virq, bool assign)
{
    if (!takeover(n, virq, assign)) {
        g_assert_cmpint(kvm_irqchip_irqfd_direct(NULL, n, virq, assign), ==, 0);
    }
}

static void run_main_loop(void)
{
    /* Twice: what becomes ready first may make more so */
    main_loop_wait(true);
    main_loop_wait(true);
}

static PCIDevice *const dev = (PCIDevice *)0x1000;
static const MSIMessage msg = { 0xfee00018, 0x5 };
static const MSIMessage other = { 0xfee00038, 0x6 };

typedef struct Fixture {
    EventNotifier n[2];
} Fixture;

static void set_up(Fixture *f, gconstpointer data)
{
    kvm_fds = messages = 0;
    event_notifier_init(&f->n[0], 0);
    event_notifier_init(&f->n[1], 0);
}

static void tear_down(Fixture *f, gconstpointer data)
{
    vtd_route_release(5);
    vtd_route_release(6);
    run_main_loop();
    event_notifier_cleanup(&f->n[0]);
    event_notifier_cleanup(&f->n[1]);
}

/* A remapped entry's route is KVM's, from beginning to end */
static void test_remapped(Fixture *f, gconstpointer data)
{
    g_assert_false(vtd_route_set(5, false, dev, msg));
    irqfd(&f->n[0], 5, true);
    g_assert_cmpuint(kvm_fds, ==, 1);
    g_assert_cmpint(kvm_virq[0], ==, 5);
    g_assert_false(vtd_route_set(5, false, dev, other));
    g_assert_false(vtd_route_in_userspace(5));
    event_notifier_set(&f->n[0]);
    run_main_loop();
    g_assert_cmpuint(messages, ==, 0);
    irqfd(&f->n[0], 5, false);
    g_assert_cmpuint(kvm_fds, ==, 0);
}

/* Posted when the route is made: KVM never sees the eventfd */
static void test_posted(Fixture *f, gconstpointer data)
{
    g_assert_true(vtd_route_set(5, true, dev, msg));
    g_assert_true(vtd_route_in_userspace(5));
    irqfd(&f->n[0], 5, true);
    g_assert_cmpuint(kvm_fds, ==, 0);
    for (unsigned i = 1; i <= 3; i++) {
        event_notifier_set(&f->n[0]);
        run_main_loop();
        g_assert_cmpuint(messages, ==, i);
    }
    g_assert_true(sender == dev);
    g_assert_cmphex(sent.address, ==, msg.address);
    g_assert_cmphex(sent.data, ==, msg.data);
    irqfd(&f->n[0], 5, false);
    event_notifier_set(&f->n[0]);
    run_main_loop();
    g_assert_cmpuint(messages, ==, 3);
}

/* The entry changes under an irqfd, there and back */
static void test_change(Fixture *f, gconstpointer data)
{
    g_assert_false(vtd_route_set(5, false, dev, msg));
    irqfd(&f->n[0], 5, true);

    for (unsigned i = 1; i <= 3; i++) {
        g_assert_cmpuint(kvm_fds, ==, 1);
        /* One that KVM has not seen yet is not lost */
        event_notifier_set(&f->n[0]);
        g_assert_true(vtd_route_set(5, true, dev, msg));
        g_assert_cmpuint(kvm_fds, ==, 0);
        run_main_loop();
        g_assert_cmpuint(messages, ==, 2 * i - 1);
        event_notifier_set(&f->n[0]);
        run_main_loop();
        g_assert_cmpuint(messages, ==, 2 * i);

        /* Nor one that we have not seen: KVM finds it in the count */
        event_notifier_set(&f->n[0]);
        g_assert_false(vtd_route_set(5, false, dev, msg));
        run_main_loop();
        g_assert_cmpuint(messages, ==, 2 * i);
        g_assert_true(event_notifier_test_and_clear(&f->n[0]));
    }
    irqfd(&f->n[0], 5, false);
    g_assert_cmpuint(kvm_fds, ==, 0);
}

/* The message of a route in userspace changes: the new one is sent */
static void test_message(Fixture *f, gconstpointer data)
{
    vtd_route_set(5, true, dev, msg);
    irqfd(&f->n[0], 5, true);
    g_assert_true(vtd_route_set(5, true, dev, other));
    event_notifier_set(&f->n[0]);
    run_main_loop();
    g_assert_cmpuint(messages, ==, 1);
    g_assert_cmphex(sent.address, ==, other.address);
    g_assert_cmphex(sent.data, ==, other.data);
}

/* Several eventfds of a route, and a route beside it */
static void test_several(Fixture *f, gconstpointer data)
{
    EventNotifier third;

    event_notifier_init(&third, 0);
    irqfd(&f->n[0], 5, true);
    irqfd(&f->n[1], 5, true);
    irqfd(&third, 6, true);
    g_assert_cmpuint(kvm_fds, ==, 3);
    vtd_route_set(5, true, dev, msg);
    g_assert_cmpuint(kvm_fds, ==, 1);
    g_assert_cmpint(kvm_virq[0], ==, 6);
    event_notifier_set(&f->n[0]);
    event_notifier_set(&f->n[1]);
    event_notifier_set(&third);
    run_main_loop();
    g_assert_cmpuint(messages, ==, 2);

    irqfd(&f->n[0], 5, false);
    vtd_route_set(5, false, dev, msg);
    g_assert_cmpuint(kvm_fds, ==, 2);
    irqfd(&f->n[1], 5, false);
    irqfd(&third, 6, false);
    g_assert_cmpuint(kvm_fds, ==, 0);
    event_notifier_cleanup(&third);
}

/* Given back while posted, and used again by another device */
static void test_release(Fixture *f, gconstpointer data)
{
    vtd_route_set(5, true, dev, msg);
    irqfd(&f->n[0], 5, true);
    irqfd(&f->n[0], 5, false);
    vtd_route_release(5);
    g_assert_false(vtd_route_in_userspace(5));
    irqfd(&f->n[0], 5, true);
    g_assert_cmpuint(kvm_fds, ==, 1);
    irqfd(&f->n[0], 5, false);
}

/* A pin of the IOAPIC */
static void test_ioapic(Fixture *f, gconstpointer data)
{
    vtd_route_set(5, true, NULL, msg);
    irqfd(&f->n[0], 5, true);
    event_notifier_set(&f->n[0]);
    run_main_loop();
    g_assert_cmpuint(messages, ==, 1);
    g_assert_true(sender == NULL);
    g_assert_cmphex(sent.address, ==, msg.address);
}

/* Logical destination, to nobody */
static void test_nobody(Fixture *f, gconstpointer data)
{
    const MSIMessage nobody = vtd_route_nobody();

    g_assert_cmphex(nobody.address, ==, 0xfee00004);
    g_assert_cmphex(nobody.data, ==, 0);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(Fixture *f, gconstpointer data);
    } tests[] = {
        { "/vtd/routes/remapped", test_remapped },
        { "/vtd/routes/posted", test_posted },
        { "/vtd/routes/change", test_change },
        { "/vtd/routes/message", test_message },
        { "/vtd/routes/several", test_several },
        { "/vtd/routes/release", test_release },
        { "/vtd/routes/ioapic", test_ioapic },
        { "/vtd/routes/nobody", test_nobody },
    };

    qemu_init_main_loop(&error_fatal);
    vtd_routes_init(&ioapic_as);
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < ARRAY_SIZE(tests); i++) {
        g_test_add(tests[i].name, Fixture, NULL, set_up, tests[i].run,
                   tear_down);
    }
    return g_test_run();
}
