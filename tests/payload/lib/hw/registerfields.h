/*
 * What register headers shared with QEMU want of its hw/registerfields.h
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_HW_REGISTERFIELDS_H
#define PAYLOAD_HW_REGISTERFIELDS_H

#define REG32(reg, addr) enum { A_ ## reg = (addr), R_ ## reg = (addr) / 4 };
#define REG64(reg, addr) enum { A_ ## reg = (addr), R_ ## reg = (addr) / 8 };

#define FIELD(reg, field, shift, length) enum { \
    R_ ## reg ## _ ## field ## _SHIFT = (shift), \
    R_ ## reg ## _ ## field ## _LENGTH = (length), \
    R_ ## reg ## _ ## field ## _MASK = \
        ((length) == 64 ? ~0ull : (1ull << (length)) - 1) << (shift), \
};

#define FIELD_EX32(value, reg, field) \
    ((uint32_t)(((value) & R_ ## reg ## _ ## field ## _MASK) >> \
                R_ ## reg ## _ ## field ## _SHIFT))
#define FIELD_DP32(value, reg, field, x) \
    (((uint32_t)(value) & ~(uint32_t)R_ ## reg ## _ ## field ## _MASK) | \
     ((uint32_t)(x) << R_ ## reg ## _ ## field ## _SHIFT & \
      (uint32_t)R_ ## reg ## _ ## field ## _MASK))

#endif
