/*
 * Payloads: the PL011, and the end by semihosting
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"

#define UART            0x09000000ull
#define UARTCR          (UART + 0x30)
#define UARTCR_ON       0x301           /* RXE, TXE, UARTEN */
#define SYS_EXIT_EXTENDED               0x20
#define ADP_STOPPED_APPLICATION_EXIT    0x20026

void console_init(void)
{
    mmio_write32(UARTCR, UARTCR_ON);
}

void console_put(char c)
{
    mmio_write32(UART, (uint8_t)c);
}

void machine_exit(int status)
{
    uint64_t block[2] = { ADP_STOPPED_APPLICATION_EXIT, status };
    register uint64_t x0 asm("x0") = SYS_EXIT_EXTENDED;
    register void *x1 asm("x1") = block;

    asm volatile("hlt #0xf000" : "+r"(x0) : "r"(x1) : "memory");
    for (;;) {
        wfi();
    }
}
