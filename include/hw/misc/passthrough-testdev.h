/*
 * Passthrough test device: registers
 *
 * Shared by the device, its tests and bare-metal payloads; wants nothing but a
 * C compiler.  docs/specs/passthrough-testdev.rst is the manual.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_MISC_PASSTHROUGH_TESTDEV_H
#define HW_MISC_PASSTHROUGH_TESTDEV_H

#define TYPE_PASSTHROUGH_TESTDEV "passthrough-testdev"
/* MMIO region 0: what follows; 1: the buffer; IRQ 0: all vectors, edges */
#define TYPE_PASSTHROUGH_TESTDEV_SYSBUS "passthrough-testdev-sysbus"

/* From the range that docs/specs/pci-ids.rst sets aside for experiments */
#define PTD_VENDOR_ID           0x1af4
#define PTD_DEVICE_ID           0x10f0

enum {
    PTD_BAR_REGS = 0,           /* what follows; 4 KiB */
    PTD_BAR_BUFFER = 2,         /* memory of the device; 64-bit, prefetchable */
    PTD_BAR_MSIX = 4,
};

#define PTD_REGS_SIZE           0x1000
#define PTD_NUM_VECTORS         8
#define PTD_NUM_CHANNELS        8
#define PTD_BUFFER_SIZE_MIN     0x1000
#define PTD_BUFFER_SIZE_MAX     0x1000000
/* Of one request, all its accesses together */
#define PTD_ACCESSES_MAX        0x100000
#define PTD_BYTES_MAX           0x10000000

/* Registers of 4 bytes, except where _LO and _HI say 8; all little endian */
enum {
    PTD_ID = 0x000,             /* PTD_ID_VALUE */
    PTD_VERSION = 0x004,        /* PTD_VERSION_VALUE */
    PTD_BUFFER_SIZE = 0x008,    /* bytes */
    PTD_CHANNELS = 0x00c,       /* how many */
    PTD_VECTORS = 0x010,        /* how many */
    PTD_MSI = 0x014,            /* write: send this vector */

    PTD_NOTIFY = 0x020,         /* PTD_NOTIFY_*: events to listen to */
    PTD_NOTIFY_STATUS = 0x024,  /* 1: the IOMMU refused */
    PTD_NOTIFY_COUNT = 0x028,   /* events; a write of PTD_NOTIFY clears it */
    PTD_NOTIFY_IOVA_LO = 0x030, /* the last one */
    PTD_NOTIFY_IOVA_HI = 0x034,
    PTD_NOTIFY_MASK_LO = 0x038,
    PTD_NOTIFY_MASK_HI = 0x03c,

    PTD_CHANNEL = 0x100,        /* the first; PTD_CHANNEL_STRIDE apart */
};

#define PTD_ID_VALUE            0x31445450      /* "PTD1" */
#define PTD_VERSION_VALUE       2
#define PTD_CHANNEL_STRIDE      0x80

/* Registers of a channel; those up to PTD_GO cannot change while it is busy */
enum {
    PTD_ADDR_LO = 0x00,         /* bus address of the first access */
    PTD_ADDR_HI = 0x04,
    PTD_OFFSET = 0x08,          /* in the buffer */
    PTD_LENGTH = 0x0c,          /* bytes of an access, within the buffer */
    PTD_OP = 0x10,              /* PTD_OP_* */
    PTD_VECTOR = 0x14,          /* sent when done; PTD_NO_VECTOR: none */
    PTD_FLAGS = 0x18,           /* PTD_FLAG_* */
    PTD_ATTRS = 0x1c,           /* PTD_ATTRS_*: of the accesses */
    PTD_STRIDE_LO = 0x20,       /* from one access to the next; signed */
    PTD_STRIDE_HI = 0x24,
    PTD_REPEAT = 0x28,          /* accesses after the first */
    PTD_SPAN = 0x2c,            /* addresses before they come again; 0: never */
    PTD_LIST = 0x30,            /* where in the buffer they are; PTD_NO_LIST */
    PTD_REQUESTER = 0x34,       /* 0: itself; see PTD_REQUESTER_OTHER */

    PTD_GO = 0x40,              /* write anything: start */
    PTD_CANCEL = 0x44,          /* write anything: give up */
    PTD_STATUS = 0x48,          /* PTD_STATUS_* */
    PTD_RESULT = 0x4c,          /* PTD_RESULT_*: of the first that failed */
    PTD_COUNT = 0x50,           /* bytes moved, or found equal */
    PTD_DONE = 0x54,            /* accesses that succeeded */
    PTD_FAILED = 0x58,          /* accesses that did not */
    PTD_STALLS = 0x5c,          /* times that an access was stalled */
    PTD_NS_LO = 0x60,           /* host nanoseconds that they took */
    PTD_NS_HI = 0x64,
    PTD_FAIL_ADDR_LO = 0x68,    /* bus address of the first that failed */
    PTD_FAIL_ADDR_HI = 0x6c,
    PTD_XLAT_LO = 0x70,         /* what the last translation found */
    PTD_XLAT_HI = 0x74,
    PTD_XLAT_MASK_LO = 0x78,    /* bits that it leaves alone */
    PTD_XLAT_MASK_HI = 0x7c,
};

enum {
    PTD_OP_NONE = 0,
    PTD_OP_READ = 1,            /* from the bus into the buffer */
    PTD_OP_WRITE = 2,           /* from the buffer to the bus */
    PTD_OP_VERIFY = 3,          /* read and compare with the buffer */
    PTD_OP_TRANSLATE = 4,       /* ask where a read would go */
    PTD_OP_TRANSLATE_W = 5,     /* ask where a write would go */
};

enum {
    PTD_FLAG_KEEP_GOING = 1 << 0,   /* an access that fails is not the last */
    PTD_FLAG_ADVANCE = 1 << 1,      /* each access has its part of the buffer */
    PTD_FLAG_IOTHREAD = 1 << 2,     /* run in the thread of property iothread */
    PTD_FLAG_STALL = 1 << 3,        /* an IOMMU may stall the accesses */
};
#define PTD_FLAG_ALL            15u

/* Attributes on the bus, for those who look at them */
enum {
    PTD_ATTRS_SECURE = 1 << 0,
};
#define PTD_ATTRS_ALL           1u

/* With device and function number in bits 7:0: as that function of the bus */
#define PTD_REQUESTER_OTHER     0x80000000u

#define PTD_NO_LIST             0xffffffffu
#define PTD_NO_VECTOR           0xffffffffu

enum {
    PTD_STATUS_IDLE = 0,        /* never started */
    PTD_STATUS_BUSY = 1,
    PTD_STATUS_DONE = 2,
    PTD_STATUS_STALLED = 3,     /* an IOMMU holds an access */
};

/* The low byte is what the bus answered, QEMU's MemTxResult */
enum {
    PTD_RESULT_OK = 0,
    PTD_RESULT_ERROR = 1 << 0,          /* the target answered with an error */
    PTD_RESULT_DECODE_ERROR = 1 << 1,   /* nothing there, or IOMMU fault */
    PTD_RESULT_ACCESS_ERROR = 1 << 2,   /* the device's own registers */
    PTD_RESULT_BAD_REQUEST = 1 << 8,    /* nothing was tried */
    PTD_RESULT_MISMATCH = 1 << 9,       /* verify: at PTD_COUNT */
    PTD_RESULT_CANCELLED = 1 << 10,     /* by PTD_CANCEL */
};

enum {
    PTD_NOTIFY_UNMAP = 1 << 0,
    PTD_NOTIFY_MAP = 1 << 1,
    PTD_NOTIFY_DEVIOTLB = 1 << 2,
};
#define PTD_NOTIFY_ALL          7u

#endif
