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
#define PTD_NUM_CHANNELS        1
#define PTD_BUFFER_SIZE_MIN     0x1000
#define PTD_BUFFER_SIZE_MAX     0x1000000

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
#define PTD_VERSION_VALUE       1
#define PTD_CHANNEL_STRIDE      0x40

/* Registers of a channel */
enum {
    PTD_ADDR_LO = 0x00,         /* bus address */
    PTD_ADDR_HI = 0x04,
    PTD_OFFSET = 0x08,          /* in the buffer */
    PTD_LENGTH = 0x0c,          /* bytes, at most from there to its end */
    PTD_OP = 0x10,              /* PTD_OP_* */
    PTD_VECTOR = 0x14,          /* sent when done; PTD_NO_VECTOR: none */
    PTD_GO = 0x18,              /* write anything: start */
    PTD_STATUS = 0x1c,          /* PTD_STATUS_* */
    PTD_RESULT = 0x20,          /* PTD_RESULT_* */
    PTD_COUNT = 0x24,           /* bytes moved, or found equal */
};

enum {
    PTD_OP_NONE = 0,
    PTD_OP_READ = 1,            /* from the bus into the buffer */
    PTD_OP_WRITE = 2,           /* from the buffer to the bus */
    PTD_OP_VERIFY = 3,          /* read and compare with the buffer */
};

#define PTD_NO_VECTOR           0xffffffffu

enum {
    PTD_STATUS_IDLE = 0,        /* never started */
    PTD_STATUS_BUSY = 1,
    PTD_STATUS_DONE = 2,
};

/* The low byte is what the bus answered, QEMU's MemTxResult */
enum {
    PTD_RESULT_OK = 0,
    PTD_RESULT_ERROR = 1 << 0,          /* the target answered with an error */
    PTD_RESULT_DECODE_ERROR = 1 << 1,   /* nothing there, or IOMMU fault */
    PTD_RESULT_ACCESS_ERROR = 1 << 2,   /* the device's own registers */
    PTD_RESULT_BAD_REQUEST = 1 << 8,    /* nothing was tried */
    PTD_RESULT_MISMATCH = 1 << 9,       /* verify: at PTD_COUNT */
};

enum {
    PTD_NOTIFY_UNMAP = 1 << 0,
    PTD_NOTIFY_MAP = 1 << 1,
    PTD_NOTIFY_DEVIOTLB = 1 << 2,
};
#define PTD_NOTIFY_ALL          7u

#endif
