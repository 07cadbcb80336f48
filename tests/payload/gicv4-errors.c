/*
 * GICv4 payload: commands and registers that make no sense
 *
 * A hypervisor gone wrong gets an ignored command or a stalled queue, never
 * more: after each one a guest that runs meanwhile takes its interrupts as
 * before, and the ITS takes commands.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "vpe.h"

#define HOLE        (BIT(39) | 0x10000) /* no memory there */
#define NO_CPU      0xfff0ull           /* no redistributor has that number */
#define VALID       BIT(63)
#define D(device)   ((uint64_t)(device) << 32)
#define NOBODY      0xee00u             /* a DeviceID that is not mapped */
#define VICTIM      0xff02u
#define PHYSICAL    8                   /* an event of SOFT_DEVICE: an LPI */
#define PHYSICAL_LPI (LPI_BASE + 8)

static struct vm vm;
static struct vpe witness, other;
static bool over;

static void idle_guest(void *arg)
{
    guest_enable_irqs();
    for (;;) {
        yield();
    }
}

static void run(void *arg)
{
    vpe_load(&witness);
    for (;;) {
        irq_mask();
        if (mem_read(&over)) {
            break;
        }
        vcpu_run(&witness.vcpu);
    }
    irq_unmask();
    vpe_put(&witness, false);
}

/* The witness runs on CPU 1; the other vPE is not resident */
static bool begin(void)
{
    if (!vpe_begin(false)) {
        return false;
    }
    if (!vm.config) {
        vm_init(&vm);
    }
    vpe_init(&witness, &vm, 0, 1, idle_guest, NULL);
    vpe_init(&other, &vm, 1, 2, idle_guest, NULL);
    vpe_event(&witness, SOFT_DEVICE, 0, VLPI(0));
    vpe_event(&other, SOFT_DEVICE, 1, VLPI(1));
    lpi_configure(PHYSICAL_LPI, true);
    irq_handle(PHYSICAL_LPI, irq_note, NULL);
    its_map_event(SOFT_DEVICE, PHYSICAL, PHYSICAL_LPI, 3);
    mem_write(&over, false);
    smp_start(1, run, NULL);
    return true;
}

static bool alive(void)
{
    unsigned n = mem_read(&witness.vcpu.lpis[0]);
    unsigned m = irq_count(PHYSICAL_LPI);

    its_int(SOFT_DEVICE, 0);
    its_int(SOFT_DEVICE, PHYSICAL);
    return WAIT_FOR(mem_read(&witness.vcpu.lpis[0]) == n + 1 &&
                    irq_count(PHYSICAL_LPI) == m + 1);
}

static void end(void)
{
    unsigned strays = 0;

    CHECK(alive());
    mem_write(&over, true);
    gic_send_sgi(1, SGI_KICK);
    smp_wait(1);
    CHECK_EQ(witness.vcpu.others, 0);
    CHECK_EQ(witness.vcpu.exits[EXIT_SYNC], 0);
    CHECK(witness.vcpu.exits[EXIT_IRQ] <= 1);
    for (unsigned i = 1; i < GUEST_LPIS; i++) {
        strays += witness.vcpu.lpis[i];
    }
    CHECK_EQ(strays, 0);
    vpe_unmap(&witness);
    vpe_unmap(&other);
}

/* ---- Commands ---- */

struct command {
    const char *what;
    uint64_t w[4];
};

static void give(const struct command *c, unsigned num)
{
    for (unsigned i = 0; i < num; i++) {
        its_command(c[i].w[0], c[i].w[1], c[i].w[2], c[i].w[3]);
        if (!CHECK(alive())) {
            say("after %s", c[i].what);
            return;
        }
    }
}

static void test_events(void)
{
    static const struct command commands[] = {
        { "VMAPTI of an unmapped device",
          { ITS_VMAPTI | D(NOBODY), 1ull << 32, D(NO_DOORBELL) | VLPI(5) } },
        { "VMAPTI of a DeviceID that is too large",
          { ITS_VMAPTI | D(0xffffffff), 1ull << 32,
            D(NO_DOORBELL) | VLPI(5) } },
        { "VMAPTI of an EventID that is too large",
          { ITS_VMAPTI | D(SOFT_DEVICE), 1ull << 32 | 256,
            D(NO_DOORBELL) | VLPI(5) } },
        { "VMAPTI of the largest EventID",
          { ITS_VMAPTI | D(SOFT_DEVICE), 1ull << 32 | 0xffffffff,
            D(NO_DOORBELL) | VLPI(5) } },
        { "VMAPTI to a vINTID that is no LPI",
          { ITS_VMAPTI | D(SOFT_DEVICE), 1ull << 32 | 5,
            D(NO_DOORBELL) | 100 } },
        { "VMAPTI to a vINTID that is too large",
          { ITS_VMAPTI | D(SOFT_DEVICE), 1ull << 32 | 6,
            D(NO_DOORBELL) | 0xffffff } },
        { "VMAPTI with a doorbell that is no LPI",
          { ITS_VMAPTI | D(SOFT_DEVICE), 1ull << 32 | 7, D(5) | VLPI(5) } },
        { "VMAPTI with a doorbell that is too large",
          { ITS_VMAPTI | D(SOFT_DEVICE), 1ull << 32 | 7,
            D(0xffffffff) | VLPI(5) } },
        { "VMAPI of an EventID that is no LPI",
          { ITS_VMAPI | D(SOFT_DEVICE), 1ull << 32 | 7, D(NO_DOORBELL) } },
        { "VMOVI of an unmapped device",
          { ITS_VMOVI | D(NOBODY), 1ull << 32, D(NO_DOORBELL) | 1 } },
        { "VMOVI of an unmapped event",
          { ITS_VMOVI | D(SOFT_DEVICE), 1ull << 32 | 99,
            D(NO_DOORBELL) | 1 } },
        { "VMOVI of a physical event",
          { ITS_VMOVI | D(SOFT_DEVICE), 1ull << 32 | PHYSICAL,
            D(NO_DOORBELL) | 1 } },
        { "VMOVI to an unmapped vPE",
          { ITS_VMOVI | D(SOFT_DEVICE), 40ull << 32, D(NO_DOORBELL) | 1 } },
        { "VMOVI to the largest vPE",
          { ITS_VMOVI | D(SOFT_DEVICE), 0xffffull << 32,
            D(NO_DOORBELL) | 1 } },
        { "VMOVI with a doorbell that is no LPI",
          { ITS_VMOVI | D(SOFT_DEVICE), 1ull << 32, D(7) | 1 } },
        { "INV of an unmapped device", { ITS_INV | D(NOBODY), 0 } },
        { "INV of an unmapped event", { ITS_INV | D(SOFT_DEVICE), 99 } },
        { "INT of an unmapped device", { ITS_INT | D(NOBODY), 0 } },
        { "INT of an unmapped event", { ITS_INT | D(SOFT_DEVICE), 99 } },
        { "INT of an event that is too large",
          { ITS_INT | D(SOFT_DEVICE), 0xffffffff } },
        { "CLEAR of an unmapped event", { ITS_CLEAR | D(SOFT_DEVICE), 99 } },
        { "DISCARD of an unmapped event",
          { ITS_DISCARD | D(SOFT_DEVICE), 99 } },
        { "MOVI of a virtual event", { ITS_MOVI | D(SOFT_DEVICE), 0, 3 } },
    };

    if (begin()) {
        give(commands, ARRAY_SIZE(commands));
        end();
    }
}

static void test_vpes(void)
{
    const struct command commands[] = {
        { "VMOVP of an unmapped vPE",
          { ITS_VMOVP, 40ull << 32, its_target(1) } },
        { "VMOVP of the largest vPE",
          { ITS_VMOVP, 0xffffull << 32, its_target(1) } },
        { "VMOVP to no CPU", { ITS_VMOVP, 1ull << 32, NO_CPU << 16 } },
        { "VMAPP to no CPU",
          { ITS_VMAPP, 41ull << 32, VALID | NO_CPU << 16, other.vpt | 13 } },
        { "VMAPP with a table of 2 entries",
          { ITS_VMAPP, 42ull << 32, VALID | its_target(1), other.vpt } },
        { "VMAPP with a table of 2^32 entries",
          { ITS_VMAPP, 42ull << 32, VALID | its_target(1), other.vpt | 31 } },
        { "VMAPP with a table in no memory",
          { ITS_VMAPP | HOLE, 43ull << 32, VALID | its_target(1),
            HOLE | 13 } },
        { "VMAPTI for it",
          { ITS_VMAPTI | D(SOFT_DEVICE), 43ull << 32 | 20,
            D(NO_DOORBELL) | VLPI(9) } },
        { "INT of it", { ITS_INT | D(SOFT_DEVICE), 20 } },
        { "INV of it", { ITS_INV | D(SOFT_DEVICE), 20 } },
        { "VINVALL of it", { ITS_VINVALL, 43ull << 32 } },
        { "VMOVP of it", { ITS_VMOVP, 43ull << 32, its_target(3) } },
        { "DISCARD of it", { ITS_DISCARD | D(SOFT_DEVICE), 20 } },
        { "VMAPP V=0 of it", { ITS_VMAPP, 43ull << 32 } },
        { "VMAPP V=0 of an unmapped vPE", { ITS_VMAPP, 44ull << 32 } },
        { "VSYNC of an unmapped vPE", { ITS_VSYNC, 45ull << 32 } },
        { "VSYNC of the largest vPE", { ITS_VSYNC, 0xffffull << 32 } },
        { "VINVALL of an unmapped vPE", { ITS_VINVALL, 46ull << 32 } },
        { "VINVALL of the largest vPE", { ITS_VINVALL, 0xffffull << 32 } },
        { "VSGI of an unmapped vPE", { ITS_VSGI | 0x100, 47ull << 32 } },
        { "INVDB of an unmapped vPE", { ITS_INVDB, 48ull << 32 } },
        { "a command that there is not", { 0xff, ~0ull, ~0ull, ~0ull } },
        { "all ones", { ~0ull, ~0ull, ~0ull, ~0ull } },
        { "all zeroes", {} },
    };

    if (begin()) {
        give(commands, ARRAY_SIZE(commands));
        end();
    }
}

/*
 * All opcodes, operands by chance: of a device and a vPE that exist, or not.
 * They name neither the witness nor memory, since the ITS would write there.
 */
static void random_command(unsigned i)
{
    uint64_t opcode = pattern() % 0x30, r = pattern();
    uint64_t device = i % 2 ? VICTIM : r >> 32;
    uint64_t event = i % 4 < 3 ? r % 256 : r % BIT(32);
    uint64_t vpe = i % 8 < 5 ? 1 : 0x100 + (r >> 8) % 0xff00;
    uint64_t lpi = LPI_BASE + 2048 + pattern() % 1024;  /* not enabled */
    uint64_t flags = pattern() & (VALID | 1);
    uint64_t target = i % 3 ? its_target(r % 4) : NO_CPU << 16;

    switch (opcode) {
    case ITS_MAPD:
        its_command(opcode | D(device), r % 32, flags | HOLE, 0);
        break;
    case ITS_MAPC:
        its_command(opcode, 0, flags | target | 0x8000 | r % 0x8000, 0);
        break;
    case ITS_MAPTI:
    case ITS_MAPTI + 1:                     /* MAPI */
        its_command(opcode | D(device), lpi << 32 | event, r % 0x10000, 0);
        break;
    case 0x0e:                              /* MOVALL */
        its_command(opcode, 0, NO_CPU << 16, target);
        break;
    case ITS_VMAPP:
        its_command(opcode | HOLE | r % 4 << 8, vpe << 32 | NO_DOORBELL,
                    flags | target, HOLE | r % 32);
        break;
    case ITS_VMAPTI:
    case ITS_VMAPI:
    case ITS_VMOVI:
        its_command(opcode | D(device), vpe << 32 | event,
                    D(NO_DOORBELL) | pattern() % BIT(r % 33), 0);
        break;
    case ITS_VMOVP:
        its_command(opcode, vpe << 32 | r % 0x10000, flags | target,
                    NO_DOORBELL);
        break;
    default:
        its_command(opcode | D(device) | (r & 0xf00), vpe << 32 | event,
                    flags | target, 0);
    }
}

static void test_random(void)
{
    if (!begin()) {
        return;
    }
    its_map_device(VICTIM, 8);
    for (unsigned i = 0; i < 1500 && !failures(); i++) {
        if (i % 50 == 0) {
            its_map_device(VICTIM, 8);
            vpe_map(&other, false);
            CHECK(alive());
        }
        random_command(i);
    }
    its_unmap_device(VICTIM);
    end();
}

/* ---- Registers ---- */

static void bad_residency(void *arg)
{
    uint64_t frame = gicr(3), reg = frame + GICR_VPENDBASER;
    uint64_t prop = mmio_read64(frame + GICR_VPROPBASER);
    const uint64_t values[] = {
        VALID | HOLE | 13, VALID | 0xfffffffff0000ull, VALID | 0xffff,
        VALID | BIT(62) | BIT(61) | 0x1234, ~0ull,
    };

    for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
        if (!gic_is_v41()) {
            mmio_write64(frame + GICR_VPROPBASER, HOLE | (i % 2 ? 31 : 15));
        }
        mmio_write64(reg, values[i]);
        /* While it counts as resident, another value changes nothing */
        mmio_write64(reg, VALID | 0x55);
        CHECK(alive());
        mmio_write64(reg, 0);
        CHECK(WAIT_FOR(!(mmio_read64(reg) & BIT(60))));
        CHECK(alive());
    }
    mmio_write64(frame + GICR_VPROPBASER, prop);
}

static void test_registers(void)
{
    if (begin()) {
        smp_start(3, bad_residency, NULL);
        smp_wait(3);
        end();
    }
}

/* A queue that lies in no memory; it is put right and goes on */
static void test_queue(void)
{
    uint64_t its, cbaser, creadr;

    if (!begin()) {
        return;
    }
    its = its_base();
    cbaser = mmio_read64(its + GITS_CBASER);
    mmio_write32(its + GITS_CTLR, 0);
    CHECK(WAIT_FOR(mmio_read32(its + GITS_CTLR) & BIT(31)));
    mmio_write64(its + GITS_CBASER, VALID | HOLE | 15);
    mmio_write64(its + GITS_CWRITER, 0);
    mmio_write32(its + GITS_CTLR, 1);
    mmio_write64(its + GITS_CWRITER, 64);
    creadr = mmio_read64(its + GITS_CREADR);
    /* Stalled, or as if it had read zeroes */
    CHECK(creadr & 1 || creadr == 64);

    mmio_write32(its + GITS_CTLR, 0);
    CHECK(WAIT_FOR(mmio_read32(its + GITS_CTLR) & BIT(31)));
    mmio_write64(its + GITS_CBASER, cbaser);
    its_queue_reset();
    mmio_write32(its + GITS_CTLR, 1);
    end();
}

const struct test tests[] = {
    { "events", test_events },
    { "vPEs", test_vpes },
    { "commands by chance", test_random },
    { "residency", test_registers },
    { "a queue in no memory", test_queue },
    {}
};
