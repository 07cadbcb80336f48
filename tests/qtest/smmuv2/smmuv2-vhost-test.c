/*
 * Arm SMMUv2 qtest: vhost-user, a device outside of QEMU
 *
 * A backend in another process translates for itself: it asks QEMU for what it
 * does not know (IOTLB miss), keeps the answer (update), and has to be told
 * when the guest takes it back (invalidate).  Here the test is the backend of
 * a virtio-net device and looks at these messages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include <sys/socket.h>
#include <sys/un.h>
#include "qemu/units.h"
#include "hw/pci/pci_regs.h"
#include "standard-headers/linux/vhost_types.h"
#include "standard-headers/linux/virtio_config.h"
#include "standard-headers/linux/virtio_pci.h"
#include "smmuv2-lib.h"

#define NET_DEVFN       QPCI_DEVFN(6, 0)
#define NET_SID         0x30
#define ASID            3
/* What the driver tells the device; each queue has a page of rings */
#define IOVA_RINGS      UINT64_C(0x10000)
#define IOVA_DATA       UINT64_C(0x20000)

/* ---- vhost-user, as much as is needed ---- */

enum {
    GET_FEATURES = 1,
    GET_VRING_BASE = 11,
    GET_PROTOCOL_FEATURES = 15,
    GET_QUEUE_NUM = 17,
    SET_BACKEND_REQ_FD = 21,
    IOTLB_MSG = 22,
};
#define BACKEND_IOTLB_MSG   1
#define FLAGS_VERSION       1
#define FLAGS_REPLY         4
#define FLAGS_NEED_REPLY    8
#define F_PROTOCOL_FEATURES 30
#define PROTOCOL_F_REPLY_ACK    3
#define PROTOCOL_F_BACKEND_REQ  5

typedef struct Message {
    uint32_t request, flags, size;
    union {
        uint64_t u64;
        struct vhost_iotlb_msg iotlb;
        uint8_t bytes[4096];
    };
} QEMU_PACKED Message;

#define HEADER  offsetof(Message, u64)

typedef struct Backend {
    int listener, front, back;  /* sockets; @back is for requests of ours */
    GThread *thread;
    GAsyncQueue *iotlb;         /* struct vhost_iotlb_msg, as they come */
    char *path;
} Backend;

static bool read_all(int fd, void *data, size_t len)
{
    while (len) {
        ssize_t n = read(fd, data, len);

        if (n <= 0) {
            return false;
        }
        data = (char *)data + n;
        len -= n;
    }
    return true;
}

/* One message; file descriptors come with its header.  False at the end. */
static bool receive(Backend *b, Message *m, int *fd)
{
    char control[CMSG_SPACE(8 * sizeof(int))];
    struct iovec iov = { m, HEADER };
    struct msghdr msg = {
        .msg_iov = &iov,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof(control),
    };
    ssize_t n = recvmsg(b->front, &msg, 0);

    *fd = -1;
    if (n <= 0 || !read_all(b->front, (char *)m + n, HEADER - n)) {
        return false;
    }
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
        int *fds = (int *)CMSG_DATA(c);
        int num = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        for (int i = 0; i < num; i++) {
            if (i == 0 && m->request == SET_BACKEND_REQ_FD) {
                *fd = fds[i];
            } else {
                close(fds[i]);
            }
        }
    }
    g_assert_cmpuint(m->size, <=, sizeof(m->bytes));
    return read_all(b->front, m->bytes, m->size);
}

static void reply(Backend *b, Message *m, uint64_t value)
{
    m->flags = FLAGS_VERSION | FLAGS_REPLY;
    /* A vring state has the index first, then the base: 0 */
    m->size = sizeof(m->u64);
    m->u64 = value;
    g_assert_cmpint(write(b->front, m, HEADER + m->size), ==,
                    HEADER + m->size);
}

static void *backend_thread(void *opaque)
{
    Backend *b = opaque;
    g_autofree Message *m = g_new(Message, 1);
    int fd;

    b->front = accept(b->listener, NULL, NULL);
    while (receive(b, m, &fd)) {
        switch (m->request) {
        case GET_FEATURES:
            reply(b, m, 1ull << F_PROTOCOL_FEATURES |
                        1ull << VIRTIO_F_VERSION_1 |
                        1ull << VIRTIO_F_ACCESS_PLATFORM);
            break;
        case GET_PROTOCOL_FEATURES:
            reply(b, m, 1ull << PROTOCOL_F_REPLY_ACK |
                        1ull << PROTOCOL_F_BACKEND_REQ);
            break;
        case GET_QUEUE_NUM:
            reply(b, m, 1);
            break;
        case GET_VRING_BASE:
            reply(b, m, m->u64 & 0xffffffff);
            break;
        default:
            if (m->request == SET_BACKEND_REQ_FD) {
                qatomic_set(&b->back, fd);
            } else if (m->request == IOTLB_MSG) {
                g_async_queue_push(b->iotlb, g_memdup2(&m->iotlb,
                                                       sizeof(m->iotlb)));
            }
            if (m->flags & FLAGS_NEED_REPLY) {
                reply(b, m, 0);
            }
            break;
        }
    }
    close(b->front);
    return NULL;
}

static Backend *backend_start(void)
{
    Backend *b = g_new0(Backend, 1);
    struct sockaddr_un addr = { .sun_family = AF_UNIX };

    b->back = -1;
    b->iotlb = g_async_queue_new_full(g_free);
    b->path = g_strdup_printf("%s/smmuv2-vhost-%d.sock", g_get_tmp_dir(),
                              getpid());
    g_strlcpy(addr.sun_path, b->path, sizeof(addr.sun_path));
    unlink(b->path);
    b->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    g_assert_cmpint(b->listener, >=, 0);
    g_assert_cmpint(bind(b->listener, (void *)&addr, sizeof(addr)), ==, 0);
    g_assert_cmpint(listen(b->listener, 1), ==, 0);
    b->thread = g_thread_new("backend", backend_thread, b);
    return b;
}

/* After QEMU has ended */
static void backend_stop(Backend *b)
{
    g_thread_join(b->thread);
    close(b->listener);
    if (b->back >= 0) {
        close(b->back);
    }
    unlink(b->path);
    g_async_queue_unref(b->iotlb);
    g_free(b->path);
    g_free(b);
}

/* The next IOTLB message of a type, others dropped; the caller frees it */
static struct vhost_iotlb_msg *next_iotlb(Backend *b, uint8_t type)
{
    struct vhost_iotlb_msg *m;

    while ((m = g_async_queue_timeout_pop(b->iotlb, 60 * G_USEC_PER_SEC))) {
        if (m->type == type) {
            return m;
        }
        g_free(m);
    }
    g_assert_not_reached();
}

/* What QEMU has sent up to now is in the queue; forget it */
static void forget(Backend *b)
{
    void *m;

    while ((m = g_async_queue_try_pop(b->iotlb))) {
        g_free(m);
    }
}

/* Ask for @iova and see where it is: bytes from the start of guest memory */
static void assert_update(Backend *b, uint64_t iova, uint64_t pa, uint8_t perm,
                          uint64_t *ram)
{
    Message m = {
        .request = BACKEND_IOTLB_MSG,
        .flags = FLAGS_VERSION,
        .size = sizeof(m.iotlb),
        .iotlb = { .iova = iova, .perm = perm, .type = VHOST_IOTLB_MISS },
    };
    g_autofree struct vhost_iotlb_msg *u = NULL;
    int fd = qatomic_read(&b->back);

    g_assert_cmpint(fd, >=, 0);
    g_assert_cmpint(write(fd, &m, HEADER + m.size), ==, HEADER + m.size);
    u = next_iotlb(b, VHOST_IOTLB_UPDATE);
    g_assert_cmphex(u->iova, ==, iova & ~0xfffull);
    g_assert_cmphex(u->size, ==, 4 * KiB);
    g_assert_cmphex(u->perm, ==, perm);
    if (!*ram) {
        *ram = u->uaddr - (pa - RAM_BASE);
    }
    g_assert_cmphex(u->uaddr, ==, *ram + (pa - RAM_BASE));
}

static void assert_invalidate(Backend *b, uint64_t iova, uint64_t size)
{
    g_autofree struct vhost_iotlb_msg *m =
        next_iotlb(b, VHOST_IOTLB_INVALIDATE);

    g_assert_cmphex(m->iova, ==, iova);
    g_assert_cmphex(m->size, ==, size);
}

/* ---- The driver ---- */

typedef struct VirtIORegs {
    QPCIDevice *pci;
    QPCIBar bar;
    uint32_t common;
} VirtIORegs;

static void start_net(SMMUTest *t, VirtIORegs *v)
{
    uint8_t status = VIRTIO_CONFIG_S_ACKNOWLEDGE | VIRTIO_CONFIG_S_DRIVER;
    uint8_t cap = 0;
    int bar = -1;

    v->pci = qpci_device_find(&t->pci.bus, NET_DEVFN);
    g_assert_nonnull(v->pci);
    while ((cap = qpci_find_capability(v->pci, PCI_CAP_ID_VNDR, cap))) {
        if (qpci_config_readb(v->pci, cap + VIRTIO_PCI_CAP_CFG_TYPE) ==
            VIRTIO_PCI_CAP_COMMON_CFG) {
            bar = qpci_config_readb(v->pci, cap + VIRTIO_PCI_CAP_BAR);
            v->common = qpci_config_readl(v->pci, cap + VIRTIO_PCI_CAP_OFFSET);
        }
    }
    g_assert_cmpint(bar, >=, 0);
    v->bar = qpci_iomap(v->pci, bar, NULL);
    qpci_device_enable(v->pci);

#define SET(size, reg, value) \
    qpci_io_write##size(v->pci, v->bar, v->common + VIRTIO_PCI_COMMON_##reg, \
                        value)
    SET(b, STATUS, 0);
    SET(b, STATUS, status);
    SET(l, GFSELECT, 1);
    SET(l, GF, 1u << (VIRTIO_F_VERSION_1 - 32) |
               1u << (VIRTIO_F_ACCESS_PLATFORM - 32));
    status |= VIRTIO_CONFIG_S_FEATURES_OK;
    SET(b, STATUS, status);
    for (unsigned q = 0; q < 2; q++) {
        uint64_t at = IOVA_RINGS + q * 4 * KiB;

        SET(w, Q_SELECT, q);
        SET(w, Q_SIZE, 8);
        SET(l, Q_DESCLO, at);
        SET(l, Q_DESCHI, 0);
        SET(l, Q_AVAILLO, at + 0x400);
        SET(l, Q_AVAILHI, 0);
        SET(l, Q_USEDLO, at + 0x800);
        SET(l, Q_USEDHI, 0);
        SET(w, Q_ENABLE, 1);
    }
    SET(b, STATUS, status | VIRTIO_CONFIG_S_DRIVER_OK);
#undef SET
}

static void test_vhost_user(void)
{
    Backend *b = backend_start();
    g_autofree char *args =
        g_strdup_printf("-object memory-backend-memfd,id=ram,size=512M,"
                        "share=on -machine memory-backend=ram "
                        "-chardev socket,id=backend,path=%s "
                        "-netdev vhost-user,id=net,chardev=backend "
                        "-device virtio-net-pci,netdev=net,addr=6.0,romfile=,"
                        "disable-legacy=on,iommu_platform=on", b->path);
    SMMUTest *t = smmu_start(args);
    SMMUTable tab = smmu_table(t, 1, 12, 39, 1, 0);
    uint64_t rings = smmu_alloc(t, 8 * KiB, 4 * KiB);
    uint64_t data = smmu_alloc(t, 4 * KiB, 4 * KiB);
    uint64_t moved = smmu_alloc(t, 4 * KiB, 4 * KiB), ram = 0;
    VirtIORegs v = { };

    for (int q = 0; q < 2; q++) {
        smmu_map(&tab, IOVA_RINGS + q * 4 * KiB, rings + q * 4 * KiB, 3,
                 LEAF_S1);
    }
    smmu_map(&tab, IOVA_DATA, data, 3, LEAF_S1);
    smmu_bank_s1(t, 0, &tab, NULL, ASID, 0);
    smmu_stream(t, 0, NET_SID, 0, 0);
    gr0_write(t, A_CR0, CR0_ON);
    start_net(t, &v);

    /* QEMU offers the used rings by itself; the rest is asked for */
    for (int q = 0; q < 2; q++) {
        g_autofree struct vhost_iotlb_msg *u =
            next_iotlb(b, VHOST_IOTLB_UPDATE);

        g_assert_cmphex(u->iova, ==, IOVA_RINGS + q * 4 * KiB);
        g_assert_cmphex(u->perm, ==, VHOST_ACCESS_RW);
    }
    assert_update(b, IOVA_DATA + 0x123, data, VHOST_ACCESS_RW, &ram);
    assert_update(b, IOVA_RINGS, rings, VHOST_ACCESS_RW, &ram);
    forget(b);

    /* By address: the page, and nothing else */
    qtest_writeq(t->qts, smmu_desc(&tab, IOVA_DATA, 3), moved | LEAF_S1 | 3);
    cb_write64(t, 0, A_CB_TLBIVA, (uint64_t)ASID << 48 | IOVA_DATA >> 12);
    assert_invalidate(b, IOVA_DATA, 4 * KiB);
    assert_update(b, IOVA_DATA, moved, VHOST_ACCESS_RW, &ram);
    /* Of another ASID: nothing */
    cb_write64(t, 0, A_CB_TLBIVA, (uint64_t)(ASID + 1) << 48 | 5);
    /* By ASID: everything, and the first message is that */
    cb_write(t, 0, A_CB_TLBIASID, ASID);
    assert_invalidate(b, 0, UINT64_MAX);
    assert_update(b, IOVA_DATA, moved, VHOST_ACCESS_RW, &ram);
    /* The stream goes elsewhere */
    gr0_write(t, A_S2CR0, S2CR_TYPE_FAULT << R_S2CR0_TYPE_SHIFT);
    assert_invalidate(b, 0, UINT64_MAX);
    g_assert_null(g_async_queue_try_pop(b->iotlb));

    g_free(v.pci);
    smmu_quit(t);
    backend_stop(b);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    qtest_add_func("/smmuv2/vhost/user", test_vhost_user);
    return g_test_run();
}
