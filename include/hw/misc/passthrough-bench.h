/*
 * Passthrough bench device: registers
 *
 * Shared by the device and what drives it; tests/bench/iommu/device.py has the
 * same for Python.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_MISC_PASSTHROUGH_BENCH_H
#define HW_MISC_PASSTHROUGH_BENCH_H

#define TYPE_PASSTHROUGH_BENCH "passthrough-bench"

/* From the range that docs/specs/pci-ids.rst sets aside for experiments */
#define PTB_VENDOR_ID           0x1af4
#define PTB_DEVICE_ID           0x10f1

#define PTB_REGS_SIZE           0x1000
#define PTB_MAX_THREADS         8
#define PTB_MAX_STEPS           16
#define PTB_MAX_LOOPS           100000000
#define PTB_MAX_LENGTH          4096

/* Registers of 8 bytes, little endian, in BAR 0 */
enum {
    PTB_LOOPS = 0x00,           /* how often the steps are done */
    PTB_THREADS = 0x08,         /* at the same time by each of so many */
    PTB_STEPS = 0x10,           /* how many there are */
    PTB_GO = 0x18,              /* write anything: run; done on return */
    PTB_NS = 0x20,              /* host time of the last run */
    PTB_ERRORS = 0x28,          /* accesses of it that were refused */
    PTB_CPU_NS = 0x30,          /* of the host's CPUs, by all threads of it */
    PTB_ASK = 0x38,             /* write an address: what may vhost do there? */
    PTB_PERM = 0x40,            /* 1 read, 2 write; 0: nothing */
    PTB_STEP = 0x100,           /* the first; PTB_STEP_STRIDE apart */
};

#define PTB_STEP_STRIDE         0x80

/*
 * A step, in loop i of thread t, does for j below REPEAT, with n = REPEAT * i
 * + j, one access to
 *   ADDR + THREAD * t + STRIDE * (n mod COUNT)
 * which, if it is PTB_OP_STORE, writes
 *   (VALUE + STEP * (n mod COUNT)) & MASK
 */
enum {
    PTB_STEP_OP = 0x00,         /* PTB_OP_* */
    PTB_STEP_LENGTH = 0x08,     /* bytes; of a store or load 4 or 8 */
    PTB_STEP_REPEAT = 0x10,
    PTB_STEP_ADDR = 0x18,
    PTB_STEP_THREAD = 0x20,
    PTB_STEP_STRIDE_BY = 0x28,
    PTB_STEP_COUNT = 0x30,
    PTB_STEP_VALUE = 0x38,
    PTB_STEP_ADD = 0x40,
    PTB_STEP_MASK = 0x48,
    PTB_STEP_TIMED = 0x50,      /* not 0: take the time of this step alone */
    PTB_STEP_NS = 0x58,         /* which is here: the shortest; or all ones */
};

enum {
    PTB_OP_READ = 0,            /* DMA of the device */
    PTB_OP_WRITE = 1,
    PTB_OP_LOAD = 2,            /* as a CPU does: memory or registers */
    PTB_OP_STORE = 3,
};

#endif
