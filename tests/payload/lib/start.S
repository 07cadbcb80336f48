/*
 * Payloads: entry points, exception vectors, the way into a guest and out
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define STACK_SIZE  0x4000
#define CPU_SIZE    48              /* struct cpu; smp.c checks it */
#define UART        0x09000000

    .section .text.start, "ax"
    .global _start, secondary_start
_start:                             /* the boot CPU, MMU off */
    mrs     x0, CurrentEL
    cmp     x0, #(3 << 2)
    b.eq    el3_start               /* which comes back at EL2 */
    mov     x0, #0
secondary_start:                    /* others: PSCI's context is their index */
    mrs     x1, CurrentEL
    cmp     x1, #(2 << 2)
    b.ne    wrong_el
    adrp    x1, stacks
    add     x1, x1, :lo12:stacks
    mov     x2, #STACK_SIZE
    add     x3, x0, #1
    madd    x1, x3, x2, x1
    mov     sp, x1
    adrp    x1, cpus
    add     x1, x1, :lo12:cpus
    mov     x2, #CPU_SIZE
    madd    x1, x0, x2, x1
    msr     tpidr_el2, x1
    str     w0, [x1, #8]            /* cpu.index */
    adrp    x1, vectors
    add     x1, x1, :lo12:vectors
    msr     vbar_el2, x1
    mov     x29, xzr
    mov     x30, xzr
    isb
    bl      cpu_main
1:  wfi
    b       1b

wrong_el:
    adr     x1, 3f
    mov     x2, #UART
2:  ldrb    w3, [x1], #1
    strb    w3, [x2]
    cbnz    w3, 2b
    /* SYS_EXIT_EXTENDED, ADP_Stopped_ApplicationExit */
    mov     x0, #0x20
    adr     x1, 4f
    hlt     #0xf000
    b       .
3:  .asciz  "Bail out! not at EL2: -M virt,virtualization=on\n"
    .balign 8
4:  .quad   0x20026, 1

/* ---- Vectors ---- */

    /* What nobody expects */
    .macro  bad what
    .balign 0x80
    adr     x0, 9f
    mrs     x1, esr_el2
    mrs     x2, elr_el2
    mrs     x3, far_el2
    b       exception_report
9:  .asciz  "\what"
    .endm

    /* Out of a guest, for the reason \why */
    .macro  leave why
    .balign 0x80
    stp     x0, x1, [sp, #-16]!
    mov     x1, #\why
    b       guest_leave
    .endm

    .section .text
    .balign 0x800
vectors:
    bad     "synchronous, SP_EL0"
    bad     "IRQ, SP_EL0"
    bad     "FIQ, SP_EL0"
    bad     "SError, SP_EL0"
    bad     "synchronous"
    .balign 0x80
    b       host_irq
    bad     "FIQ"
    bad     "SError"
    leave   0                       /* EXIT_SYNC */
    leave   1                       /* EXIT_IRQ */
    leave   2                       /* EXIT_FIQ */
    leave   3                       /* EXIT_SERROR */
    bad     "synchronous, AArch32"
    bad     "IRQ, AArch32"
    bad     "FIQ, AArch32"
    bad     "SError, AArch32"
    .balign 0x80

host_irq:
    sub     sp, sp, #192
    stp     x0, x1, [sp, #0]
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x29, [sp, #144]
    mrs     x0, elr_el2
    stp     x30, x0, [sp, #160]
    mrs     x0, spsr_el2
    str     x0, [sp, #176]
    bl      irq_dispatch
    ldr     x0, [sp, #176]
    msr     spsr_el2, x0
    ldp     x30, x0, [sp, #160]
    msr     elr_el2, x0
    ldp     x18, x29, [sp, #144]
    ldp     x16, x17, [sp, #128]
    ldp     x14, x15, [sp, #112]
    ldp     x12, x13, [sp, #96]
    ldp     x10, x11, [sp, #80]
    ldp     x8, x9, [sp, #64]
    ldp     x6, x7, [sp, #48]
    ldp     x4, x5, [sp, #32]
    ldp     x2, x3, [sp, #16]
    ldp     x0, x1, [sp, #0]
    add     sp, sp, #192
    eret

/* ---- Guests ---- */

    /*
     * int guest_enter(struct vcpu *v): until it leaves again; returns why.
     * v->x[31] are first, then pc and pstate.  Interrupts are masked.
     */
    .global guest_enter
guest_enter:
    stp     x19, x20, [sp, #-96]!
    stp     x21, x22, [sp, #16]
    stp     x23, x24, [sp, #32]
    stp     x25, x26, [sp, #48]
    stp     x27, x28, [sp, #64]
    stp     x29, x30, [sp, #80]
    mrs     x1, tpidr_el2
    str     x0, [x1]                /* cpu.vcpu */
    ldp     x1, x2, [x0, #248]
    msr     elr_el2, x1
    msr     spsr_el2, x2
    ldp     x2, x3, [x0, #16]
    ldp     x4, x5, [x0, #32]
    ldp     x6, x7, [x0, #48]
    ldp     x8, x9, [x0, #64]
    ldp     x10, x11, [x0, #80]
    ldp     x12, x13, [x0, #96]
    ldp     x14, x15, [x0, #112]
    ldp     x16, x17, [x0, #128]
    ldp     x18, x19, [x0, #144]
    ldp     x20, x21, [x0, #160]
    ldp     x22, x23, [x0, #176]
    ldp     x24, x25, [x0, #192]
    ldp     x26, x27, [x0, #208]
    ldp     x28, x29, [x0, #224]
    ldr     x30, [x0, #240]
    ldp     x0, x1, [x0]
    eret

guest_leave:                        /* x0, x1 are on the stack; x1: why */
    mrs     x0, tpidr_el2
    ldr     x0, [x0]
    stp     x2, x3, [x0, #16]
    stp     x4, x5, [x0, #32]
    stp     x6, x7, [x0, #48]
    stp     x8, x9, [x0, #64]
    stp     x10, x11, [x0, #80]
    stp     x12, x13, [x0, #96]
    stp     x14, x15, [x0, #112]
    stp     x16, x17, [x0, #128]
    stp     x18, x19, [x0, #144]
    stp     x20, x21, [x0, #160]
    stp     x22, x23, [x0, #176]
    stp     x24, x25, [x0, #192]
    stp     x26, x27, [x0, #208]
    stp     x28, x29, [x0, #224]
    str     x30, [x0, #240]
    ldp     x2, x3, [sp], #16
    stp     x2, x3, [x0]
    mrs     x2, elr_el2
    mrs     x3, spsr_el2
    stp     x2, x3, [x0, #248]
    mov     x0, x1
    ldp     x21, x22, [sp, #16]
    ldp     x23, x24, [sp, #32]
    ldp     x25, x26, [sp, #48]
    ldp     x27, x28, [sp, #64]
    ldp     x29, x30, [sp, #80]
    ldp     x19, x20, [sp], #96
    ret

    /* Vectors of guests at EL1: an IRQ calls guest_irq(), all else leaves */
    .macro  guest_bad
    .balign 0x80
    hvc     #0xbad0
    b       .
    .endm

    .balign 0x800
    .global guest_vectors
guest_vectors:
    .rept   5
    guest_bad
    .endr
    .balign 0x80
    sub     sp, sp, #192
    stp     x0, x1, [sp, #0]
    stp     x2, x3, [sp, #16]
    stp     x4, x5, [sp, #32]
    stp     x6, x7, [sp, #48]
    stp     x8, x9, [sp, #64]
    stp     x10, x11, [sp, #80]
    stp     x12, x13, [sp, #96]
    stp     x14, x15, [sp, #112]
    stp     x16, x17, [sp, #128]
    stp     x18, x29, [sp, #144]
    str     x30, [sp, #160]
    bl      guest_irq
    ldr     x30, [sp, #160]
    ldp     x18, x29, [sp, #144]
    b       1f
    .rept   10
    guest_bad
    .endr
    .balign 0x80
1:  ldp     x16, x17, [sp, #128]
    ldp     x14, x15, [sp, #112]
    ldp     x12, x13, [sp, #96]
    ldp     x10, x11, [sp, #80]
    ldp     x8, x9, [sp, #64]
    ldp     x6, x7, [sp, #48]
    ldp     x4, x5, [sp, #32]
    ldp     x2, x3, [sp, #16]
    ldp     x0, x1, [sp, #0]
    add     sp, sp, #192
    eret

    .bss
    .balign 16
stacks:
    .space  STACK_SIZE * 8
