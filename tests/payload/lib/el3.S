/*
 * Payloads: the little that runs at EL3 if the machine has it
 *
 * QEMU's -M virt,secure=on starts all CPUs here.  The GIC's interrupts become
 * those of the Non-secure side; then each CPU goes down to EL2, as it would
 * start otherwise.  What stays is a handler of SMC: PSCI's CPU_ON, and secure
 * accesses for the asking (secure.h).  Registers x4 to x17 are scratch.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define GICD            0x08000000
#define GICR            0x080a0000
#define GICR_SIZE       0x20000
#define SCR             0x30531     /* NS, RES1, HCE, RW, APK, API */
#define SPSR_EL2H       0x3c9       /* all masked */
#define ICC_SRE_EL3     S3_6_C12_C12_5

    .section .text
    .global el3_start
el3_start:
    adrp    x1, el3_vectors
    add     x1, x1, :lo12:el3_vectors
    msr     vbar_el3, x1
    ldr     x1, =SCR
    msr     scr_el3, x1
    msr     cptr_el3, xzr
    msr     mdcr_el3, xzr
    mov     x1, #0xf
    msr     ICC_SRE_EL3, x1
    isb

    mrs     x0, mpidr_el1
    and     x0, x0, #0xff
    ldr     x1, =GICR
    mov     x2, #GICR_SIZE
    madd    x1, x0, x2, x1
    str     wzr, [x1, #0x14]        /* GICR_WAKER */
    mov     w3, #-1
    add     x1, x1, #0x10000
    str     w3, [x1, #0x80]         /* GICR_IGROUPR0 */
    cbnz    x0, 2f

    ldr     x1, =GICD
    mov     w2, #0x30               /* ARE, of both sides */
    str     w2, [x1]
    mov     w2, #0x32               /* Group 1, Non-secure */
    str     w2, [x1]
    mov     x2, #0x84               /* GICD_IGROUPR1 on */
1:  str     w3, [x1, x2]
    add     x2, x2, #4
    cmp     x2, #0x100
    b.ne    1b
    adrp    x1, el3_booted
    str     w3, [x1, :lo12:el3_booted]
    adrp    x1, secondary_start
    add     x1, x1, :lo12:secondary_start
    b       3f

2:  adrp    x2, mailboxes
    add     x2, x2, :lo12:mailboxes
4:  wfe
    ldr     x1, [x2, x0, lsl #3]
    cbz     x1, 4b
3:  msr     elr_el3, x1
    mov     x1, #SPSR_EL2H
    msr     spsr_el3, x1
    isb
    eret

el3_smc:
    ldr     w4, =0xc4000003         /* CPU_ON: x1 who, x2 where; x3 is who */
    cmp     w0, w4
    b.eq    1f
    ldr     w4, =0xc2000001
    sub     w4, w0, w4
    cmp     w4, #1
    b.lo    2f
    b.eq    3f
    cmp     w4, #3
    b.lo    4f
    b.eq    5f
    mov     x0, #-1
    eret
1:  adrp    x4, mailboxes
    add     x4, x4, :lo12:mailboxes
    str     x2, [x4, x1, lsl #3]
    dsb     sy
    sev
    mov     x0, #0
    eret
2:  ldr     w0, [x1]
    eret
3:  str     w2, [x1]
    eret
4:  ldr     x0, [x1]
    eret
5:  str     x2, [x1]
    eret

    .macro  el3_bad
    .balign 0x80
    b       el3_stop
    .endm

    .balign 0x800
el3_vectors:
    .rept   8
    el3_bad
    .endr
    .balign 0x80
    b       el3_smc
    .rept   7
    el3_bad
    .endr

el3_stop:
    mov     x0, #0x20               /* SYS_EXIT_EXTENDED, as in start.S */
    adr     x1, 1f
    hlt     #0xf000
    b       .
    .balign 8
1:  .quad   0x20026, 3

    .data
    .balign 8
    .global el3_booted
el3_booted:
    .quad   0
mailboxes:
    .space  8 * 8
