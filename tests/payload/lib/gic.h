/*
 * Payloads: GICv3 and GICv4, ITS
 *
 * Physical interrupts are of Group 1 and go to handlers; those without one fail
 * the test and are disabled.  Arm IHI 0069 has the registers and commands.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef PAYLOAD_GIC_H
#define PAYLOAD_GIC_H

#include "asm.h"

#define SGI_JOB         0           /* smp.c */
#define SGI_KICK        1           /* out of a guest; counted, no more */
#define SPI(n)          (32 + (n))
#define LPI_BASE        8192u
#define NUM_LPIS        8192u       /* 14 bits of INTID */
#define NO_DOORBELL     1023u

/* ---- Interrupts ---- */

void gic_init(void);
void gic_cpu_init(void);
void gic_send_sgi(unsigned cpu, unsigned sgi);

typedef void irq_handler(unsigned intid, void *arg);
/* NULL: none */
void irq_handle(unsigned intid, irq_handler *handler, void *arg);
/* A handler that does nothing: it is counted */
irq_handler irq_note;
/* How often it was taken, since irq_handle(), and where at last */
unsigned irq_count(unsigned intid);
unsigned irq_cpu(unsigned intid);

/* A level-sensitive SPI, to one CPU */
void spi_enable(unsigned intid, unsigned cpu);
void spi_disable(unsigned intid);

/* The redistributor of a CPU; the distributor */
uint64_t gicr(unsigned cpu);
uint64_t gicd(void);

/* ---- LPIs ---- */

/* On all CPUs; the ITS too.  False if there is no ITS */
bool lpi_init(void);
/* What the configuration table says; needs an INV or INVALL to count */
void lpi_configure(unsigned intid, bool enabled);
/* The pending bit in the memory of a CPU's table */
bool lpi_pending_in_ram(unsigned cpu, unsigned intid);

/* ---- ITS ---- */

/* lpi_init() does it */
bool its_init(void);
uint64_t its_base(void);
/* Where a message is written to */
uint64_t its_doorbell(void);
/* GITS_TYPER.Virtual */
bool its_has_vlpis(void);

/*
 * Run one command, four doublewords.  True if it was consumed, false if the
 * ITS stalled on it; it is then made to go on behind it.
 */
bool its_command(uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3);
/* After a write of GITS_CBASER, which makes the ITS read from the start */
void its_queue_reset(void);
/* What CREADR skips a command for is not seen; SYNC to a CPU's redistributor */
void its_sync(unsigned cpu);

/* A translation table for @bits of events; the device may have one already */
void its_map_device(uint32_t device, unsigned bits);
void its_unmap_device(uint32_t device);
/* Collections have the numbers of their CPUs unless a test moves them */
void its_map_collection(unsigned collection, unsigned cpu);
void its_map_event(uint32_t device, uint32_t event, uint32_t lpi,
                   unsigned collection);
void its_move_event(uint32_t device, uint32_t event, unsigned collection);
void its_discard(uint32_t device, uint32_t event);
void its_inv(uint32_t device, uint32_t event);
void its_int(uint32_t device, uint32_t event);
void its_clear(uint32_t device, uint32_t event);
/* The target of commands that name a redistributor, at its place: [51:16] */
uint64_t its_target(unsigned cpu);

enum its_opcode {
    ITS_MOVI = 0x01, ITS_INT = 0x03, ITS_CLEAR = 0x04, ITS_SYNC = 0x05,
    ITS_MAPD = 0x08, ITS_MAPC = 0x09, ITS_MAPTI = 0x0a, ITS_INV = 0x0c,
    ITS_INVALL = 0x0d, ITS_DISCARD = 0x0f,
    ITS_VMOVI = 0x21, ITS_VMOVP = 0x22, ITS_VSGI = 0x23, ITS_VSYNC = 0x25,
    ITS_VMAPP = 0x29, ITS_VMAPTI = 0x2a, ITS_VMAPI = 0x2b, ITS_VINVALL = 0x2d,
    ITS_INVDB = 0x2e,
};

/* Registers that tests use too */
enum {
    GICD_CTLR = 0x0000, GICD_TYPER = 0x0004, GICD_TYPER2 = 0x000c,
    GICD_ISPENDR = 0x0200,
    GICR_CTLR = 0x0000, GICR_TYPER = 0x0008, GICR_WAKER = 0x0014,
    GICR_PROPBASER = 0x0070, GICR_PENDBASER = 0x0078,
    GICR_SGI = 0x10000,
    GICR_VPROPBASER = 0x20070, GICR_VPENDBASER = 0x20078,
    GICR_VSGIR = 0x20080, GICR_VSGIPENDR = 0x20088,
    GICR_INVLPIR = 0x00a0, GICR_INVALLR = 0x00b0, GICR_SYNCR = 0x00c0,
    GITS_CTLR = 0x0000, GITS_TYPER = 0x0008, GITS_CBASER = 0x0080,
    GITS_CWRITER = 0x0088, GITS_CREADR = 0x0090, GITS_BASER = 0x0100,
    GITS_TRANSLATER = 0x10040, GITS_SGIR = 0x20020,
};

#define GICR_TYPER_VLPIS    BIT(1)
#define GICR_TYPER_LAST     BIT(4)
#define GITS_TYPER_VIRTUAL  BIT(1)
#define GITS_TYPER_PTA      BIT(19)

/* ---- CPU interface ---- */

#define ICC_PMR_EL1         S3_0_C4_C6_0
#define ICC_IAR1_EL1        S3_0_C12_C12_0
#define ICC_EOIR1_EL1       S3_0_C12_C12_1
#define ICC_CTLR_EL1        S3_0_C12_C12_4
#define ICC_SRE_EL1         S3_0_C12_C12_5
#define ICC_IGRPEN1_EL1     S3_0_C12_C12_7
#define ICC_SGI1R_EL1       S3_0_C12_C11_5
#define ICC_SRE_EL2         S3_4_C12_C9_5
#define ICH_HCR_EL2         S3_4_C12_C11_0
#define ICH_VTR_EL2         S3_4_C12_C11_1
#define ICH_MISR_EL2        S3_4_C12_C11_2
#define ICH_VMCR_EL2        S3_4_C12_C11_7
#define ICH_LR0_EL2         S3_4_C12_C12_0
#define ICH_AP1R0_EL2       S3_4_C12_C9_0

#endif
