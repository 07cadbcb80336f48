/*
 * Payloads: entry points, interrupt gates, the way into a guest and out
 *
 * QEMU enters at pvh_start: PVH, 32 bits, flat segments, no paging.  Other
 * CPUs come from INIT and STARTUP in real mode, by a copy of `trampoline`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#define STACK_SIZE      0x4000
#define CPU_SIZE        48              /* struct cpu; cpu.c checks it */
#define TRAMPOLINE      0x8000

#define CODE64          0x08
#define DATA            0x10
#define CODE32          0x18

#define CR0_ON          0x80000033      /* PG, NE, ET, MP, PE */
#define CR4_ON          0x620           /* OSXMMEXCPT, OSFXSR, PAE */
#define MSR_EFER        0xc0000080
#define EFER_ON         0x1900          /* NXE, SVME, LME */
#define MSR_GS_BASE     0xc0000101

    .section .note.pvh, "a", @note
    .balign 4
    .long   4, 8, 18                    /* XEN_ELFNOTE_PHYS32_ENTRY */
    .asciz  "Xen"
    .quad   pvh_start

    .section .text.start, "ax"
    .global _start
    .code32
_start:
pvh_start:
    xor     %esi, %esi                  /* CPU number */
start32:
    mov     %esi, %edi
    test    %esi, %esi
    jnz     3f
    /* The boot CPU's page tables for all: the first 4 GiB, by 2 MiB */
    mov     $directories, %ebx
    mov     $0x83, %eax                 /* large, writable, present */
    xor     %ecx, %ecx
1:  mov     %eax, (%ebx, %ecx, 8)
    add     $0x200000, %eax
    inc     %ecx
    cmp     $2048, %ecx
    jne     1b
    /* The first ones by 4 KiB but for one, so that a null pointer shows */
    movl    $page0 + 3, directories
    mov     $0x1003, %eax
    mov     $1, %ecx
2:  mov     %eax, page0(, %ecx, 8)
    add     $0x1000, %eax
    inc     %ecx
    cmp     $512, %ecx
    jne     2b
    movl    $directories + 0x0003, pointers
    movl    $directories + 0x1003, pointers + 8
    movl    $directories + 0x2003, pointers + 16
    movl    $directories + 0x3003, pointers + 24
    movl    $pointers + 3, page_tables

3:  mov     $CR4_ON, %eax
    mov     %eax, %cr4
    mov     $page_tables, %eax
    mov     %eax, %cr3
    mov     $MSR_EFER, %ecx
    mov     $EFER_ON, %eax
    xor     %edx, %edx
    wrmsr
    mov     $CR0_ON, %eax
    mov     %eax, %cr0
    lgdt    gdt_pointer
    ljmp    $CODE64, $start64

    .code64
start64:
    mov     $DATA, %eax
    mov     %eax, %ds
    mov     %eax, %es
    mov     %eax, %ss
    xor     %eax, %eax
    mov     %eax, %fs
    mov     %eax, %gs
    /* Its stack, and its struct cpu, which points to itself */
    lea     1(%rdi), %eax
    imul    $STACK_SIZE, %rax, %rax
    lea     stacks(%rax), %rsp
    mov     %edi, %eax
    imul    $CPU_SIZE, %rax, %rax
    lea     cpu_pointers(, %rdi, 8), %rbx
    add     $cpus, %rax
    mov     %rax, (%rbx)
    mov     %edi, 8(%rax)               /* index */
    mov     %rbx, %rdx
    shr     $32, %rdx
    mov     %ebx, %eax
    mov     $MSR_GS_BASE, %ecx
    wrmsr
    lidt    idt_pointer
    xor     %ebp, %ebp
    call    cpu_main
1:  hlt
    jmp     1b

/* ---- Real mode: at TRAMPOLINE, with the CPU's number at its end ---- */

    .code16
    .global trampoline, trampoline_cpu, trampoline_end
trampoline:
    cli
    xor     %ax, %ax
    mov     %ax, %ds
    lgdtl   TRAMPOLINE + (trampoline_gdt - trampoline)
    mov     $0x11, %eax
    mov     %eax, %cr0
    ljmpl   $CODE32, $TRAMPOLINE + (trampoline32 - trampoline)
    .code32
trampoline32:
    mov     $DATA, %eax
    mov     %eax, %ds
    mov     %eax, %es
    mov     %eax, %ss
    mov     TRAMPOLINE + (trampoline_cpu - trampoline), %esi
    mov     $start32, %eax
    jmp     *%eax
    .balign 8
trampoline_gdt:
    .word   gdt_end - gdt - 1
    .long   gdt
    .balign 4
trampoline_cpu:
    .long   0
trampoline_end:
    .code64

/* ---- Interrupts ---- */

/*
 * A gate for each vector, 16 bytes apart; the host's first, then a guest's.
 * The stack is then: registers, vector, error code, RIP, ...
 */
    .macro  gates to
    .set    vector, 0
    .rept   256
    .balign 16
    .if !((vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21) || (vector == 29) || (vector == 30))
    push    $0
    .endif
    push    $vector
    jmp     \to
    .set    vector, vector + 1
    .endr
    .endm

    .macro  handler to
    push    %rax
    push    %rcx
    push    %rdx
    push    %rsi
    push    %rdi
    push    %r8
    push    %r9
    push    %r10
    push    %r11
    cld
    mov     72(%rsp), %rdi              /* vector */
    lea     80(%rsp), %rsi              /* error code, RIP, ... */
    call    \to
    pop     %r11
    pop     %r10
    pop     %r9
    pop     %r8
    pop     %rdi
    pop     %rsi
    pop     %rdx
    pop     %rcx
    pop     %rax
    add     $16, %rsp
    iretq
    .endm

    .text
    .balign 16
    .global host_gates, guest_gates
host_gates:
    gates   host_interrupt
    .balign 16
guest_gates:
    gates   guest_interrupt

host_interrupt:
    handler interrupt
guest_interrupt:
    handler guest_irq

/* ---- Guests ---- */

/*
 * void guest_enter(struct vcpu *v): run it until it leaves.  v->regs are those
 * that the VMCB does not hold; v->vmcb and v->host are physical addresses.
 * GIF is 0 before and after.
 */
#define REG(n)  8 * (n)
    .global guest_enter
guest_enter:
    push    %rbp
    push    %rbx
    push    %r12
    push    %r13
    push    %r14
    push    %r15
    push    %rdi
    mov     REG(15)(%rdi), %rax         /* host: FS, GS, TR and others */
    vmsave
    mov     REG(0)(%rdi), %rbx
    mov     REG(1)(%rdi), %rcx
    mov     REG(2)(%rdi), %rdx
    mov     REG(3)(%rdi), %rsi
    mov     REG(5)(%rdi), %rbp
    mov     REG(6)(%rdi), %r8
    mov     REG(7)(%rdi), %r9
    mov     REG(8)(%rdi), %r10
    mov     REG(9)(%rdi), %r11
    mov     REG(10)(%rdi), %r12
    mov     REG(11)(%rdi), %r13
    mov     REG(12)(%rdi), %r14
    mov     REG(13)(%rdi), %r15
    mov     REG(14)(%rdi), %rax         /* vmcb; RAX is in it */
    mov     REG(4)(%rdi), %rdi
    vmload
    vmrun
    vmsave
    xchg    (%rsp), %rdi
    mov     %rbx, REG(0)(%rdi)
    mov     %rcx, REG(1)(%rdi)
    mov     %rdx, REG(2)(%rdi)
    mov     %rsi, REG(3)(%rdi)
    mov     %rbp, REG(5)(%rdi)
    mov     %r8, REG(6)(%rdi)
    mov     %r9, REG(7)(%rdi)
    mov     %r10, REG(8)(%rdi)
    mov     %r11, REG(9)(%rdi)
    mov     %r12, REG(10)(%rdi)
    mov     %r13, REG(11)(%rdi)
    mov     %r14, REG(12)(%rdi)
    mov     %r15, REG(13)(%rdi)
    pop     REG(4)(%rdi)
    mov     REG(15)(%rdi), %rax
    vmload
    pop     %r15
    pop     %r14
    pop     %r13
    pop     %r12
    pop     %rbx
    pop     %rbp
    ret

/* ---- Tables ---- */

    .data
    .balign 8
    .global gdt, gdt_end
gdt:
    .quad   0
    .quad   0x00af9b000000ffff          /* CODE64 */
    .quad   0x00cf93000000ffff          /* DATA */
    .quad   0x00cf9b000000ffff          /* CODE32 */
gdt_end:
    .balign 4
gdt_pointer:
    .word   gdt_end - gdt - 1
    .quad   gdt
    .global idt_pointer
idt_pointer:
    .word   256 * 16 - 1
    .quad   host_idt

    .bss
    .balign 4096
    .global page_tables
page_tables:
    .space  4096
pointers:
    .space  4096
directories:
    .space  4 * 4096
page0:
    .space  4096
    .global host_idt
host_idt:
    .space  4096
cpu_pointers:
    .space  8 * 8
    .balign 16
stacks:
    .space  STACK_SIZE * 8

    .section .note.GNU-stack, "", @progbits
