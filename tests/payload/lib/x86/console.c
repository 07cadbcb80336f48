/*
 * Payloads: COM1, and the end: by ACPI if all is well, else by isa-debug-exit
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"

#define COM1            0x3f8
#define COM_LSR         5
#define LSR_THRE        0x20
/* Where SeaBIOS has put q35's power management */
#define PM1A_CNT        0x604
#define SLP_EN_S5       0x2000
/* The status is 2 * value + 1 */
#define DEBUG_EXIT      0xf4

void console_init(void)
{
}

void console_put(char c)
{
    while (!(in8(COM1 + COM_LSR) & LSR_THRE)) {
        yield();
    }
    out8(COM1, c);
}

void machine_exit(int status)
{
    if (status) {
        out8(DEBUG_EXIT, 0);
    } else {
        out16(PM1A_CNT, SLP_EN_S5);
    }
    irq_mask();
    for (;;) {
        asm volatile("hlt" : : : "memory");
    }
}
