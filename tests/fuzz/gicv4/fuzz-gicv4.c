/*
 * Fuzzer of the GIC: ITS commands and redistributor registers
 *
 * Any bytes are a program of operations. Tame ones are done by the model too,
 * and after each all pending tables in guest memory, the state of virtual
 * SGIs, and what each CPU and vPE would be signalled must agree. Wild ones are
 * any commands, register values and memory, with tables anywhere, registers
 * among them; they must come to an end, and sanitizers must be content.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "hw/intc/gicv4/events.h"
#include "fuzz-model.h"
#include "fuzz-gicv4.h"
#include "../driver.h"

#define VALID   (1ull << 63)

FuzzStats fuzz_stats;

static const unsigned devids[DEVS] = { 0, 1, 5, 999 };

/* ---- Tame operations ---- */

static unsigned head;

static void command(uint64_t dw0, uint64_t dw1, uint64_t dw2, uint64_t dw3)
{
    stq_le_p(test_ram + CMDQ + head, dw0);
    stq_le_p(test_ram + CMDQ + head + 8, dw1);
    stq_le_p(test_ram + CMDQ + head + 16, dw2);
    stq_le_p(test_ram + CMDQ + head + 24, dw3);
    head = (head + 32) % 0x1000;
    its_write(0, GITS_CWRITER, head, 8);
    g_assert_cmphex(its_read(0, GITS_CREADR, 8), ==, head);
}

static uint64_t high(uint64_t value)
{
    return value << 32;
}

static unsigned intid_of(uint8_t byte)
{
    return model_intids[byte % ARRAY_SIZE(model_intids)];
}

static unsigned doorbell_of(uint8_t byte)
{
    return byte % 4 ? intid_of(byte / 4) : NO_DOORBELL;
}

static void enable_cpu(unsigned cpu, unsigned idbits)
{
    gicr_write(cpu, GICR_PROPBASER, CONF | idbits, 8);
    gicr_write(cpu, GICR_PENDBASER, PEND(cpu), 8);
    gicr_write(cpu, GICR_CTLR, GICR_CTLR_ENABLE_LPIS, 4);
    m.cpu[cpu].enabled = true;
    m.cpu[cpu].idbits = idbits;
}

/*
 * Tables, collections and devices, so that there is something to do; with
 * @small, CPU 2 has LPIs of 14 bits only
 */
static void start(bool v41, unsigned num_its, bool small)
{
    memset(test_ram, 0, sizeof(test_ram));
    memset(&m, 0, sizeof(m));
    m.v41 = v41;
    for (unsigned i = 0; i < ARRAY_SIZE(model_intids); i++) {
        unsigned at = model_intids[i] - 8192;

        test_ram[CONF + at] = 0x81 | (i & 3) << 4;
        for (unsigned vpe = 0; vpe < VPES; vpe++) {
            test_ram[VCONF(vpe) + at] = 0x81 | (i & 3) << 4;
        }
    }
    machine_start(v41, num_its);
    for (unsigned i = 0; i < CPUS; i++) {
        enable_cpu(i, small && i == 2 ? 13 : 15);
        if (v41) {
            gicr_write(i, GICR_VPROPBASER, VALID | 2ull << 53 | VPE_TABLE, 8);
        }
    }
    head = 0;
    its_write(0, GITS_BASER, VALID | 2 << 8 | DEV_TABLE, 8);
    its_write(0, GITS_BASER + 8, VALID | 2 << 8 | COL_TABLE, 8);
    its_write(0, GITS_BASER + 16, VALID | 2 << 8 | VPE_TABLE, 8);
    its_write(0, GITS_CBASER, VALID | CMDQ, 8);
    its_write(0, GITS_CTLR, 1, 4);
    for (unsigned i = 0; i < COLS; i++) {
        command(0x09, 0, VALID | (i % CPUS) << 16 | i, 0);
        m.col[i].valid = true;
        m.col[i].cpu = i % CPUS;
    }
    for (unsigned i = 0; i < DEVS; i++) {
        command(high(devids[i]) | 0x08, 2, VALID | ITT(i), 0);
        m.dev[i].valid = true;
        m.dev[i].bits = 3;
    }
}

static void op_map_event(const uint8_t *op)
{
    unsigned dev = op[1] % DEVS, event = op[2] % EVENTS;
    unsigned intid = intid_of(op[3]), vpe = op[5] % VPES;
    ModelEvent *e = &m.dev[dev].event[event];
    bool there = m.dev[dev].valid && event < 1u << m.dev[dev].bits;

    if (op[4] & 1) {
        command(high(devids[dev]) | 0x2a, high(vpe) | event,
                high(doorbell_of(op[6])) | intid, 0);
    } else {
        command(high(devids[dev]) | 0x0a, high(intid) | event, op[5] % COLS,
                0);
    }
    if (there) {
        *e = (ModelEvent) {
            .valid = true, .is_virtual = op[4] & 1, .intid = intid,
            .icid = op[5] % COLS, .vpe = vpe, .doorbell = doorbell_of(op[6]),
        };
    }
}

static void op_event(const uint8_t *op)
{
    unsigned dev = op[1] % DEVS, event = op[2] % EVENTS;

    fuzz_stats.events++;
    switch (op[3] % 8) {
    case 0:
        command(high(devids[dev]) | 0x04, event, 0, 0);
        model_event(dev, event, false, false);
        break;
    case 1:
        command(high(devids[dev]) | 0x03, event, 0, 0);
        model_event(dev, event, true, false);
        break;
    case 2:
        if (op[4] % 4 == 0) {
            command(high(devids[dev]) | 0x0f, event, 0, 0);
            model_event(dev, event, false, true);
            break;
        }
        /* fall through */
    default:
        for (unsigned i = 0; i < 1 + op[5] % 3; i++) {
            its_message(0, devids[dev], event, op[4] & 1 ? 4 : 2);
        }
        model_event(dev, event, true, false);
        break;
    }
}

static void op_map_device(const uint8_t *op)
{
    unsigned dev = op[1] % DEVS, bits = 1 + op[2] % 3;
    bool valid = op[3] % 4;

    command(high(devids[dev]) | 0x08, bits - 1, (valid ? VALID : 0) | ITT(dev),
            0);
    m.dev[dev].valid = valid;
    m.dev[dev].bits = bits;
}

static void op_collection(const uint8_t *op)
{
    unsigned dev = op[1] % DEVS, event = op[2] % EVENTS, col = op[1] % COLS;
    ModelEvent *e = &m.dev[dev].event[event];

    switch (op[3] % 4) {
    case 0:
        m.col[col].valid = op[4] % 4;
        m.col[col].cpu = m.col[col].valid ? op[5] % CPUS : 0;
        command(0x09, 0, (m.col[col].valid ? VALID : 0) | m.col[col].cpu << 16 |
                col, 0);
        break;
    case 1:
        if (op[4] % CPUS != op[5] % CPUS) {
            model_move_all(op[4] % CPUS, op[5] % CPUS);
        }
        command(0x0e, 0, (op[4] % CPUS) << 16, (op[5] % CPUS) << 16);
        break;
    case 2:
        command(0x0d, 0, col, 0);                           /* INVALL */
        break;
    default:
        command(high(devids[dev]) | 0x01, event, op[5] % COLS, 0);
        if (m.dev[dev].valid && event < 1u << m.dev[dev].bits && e->valid &&
            !e->is_virtual && m.col[e->icid].valid &&
            m.col[op[5] % COLS].valid) {
            model_move(m.col[e->icid].cpu, m.col[op[5] % COLS].cpu, e->intid);
            e->icid = op[5] % COLS;
        }
        break;
    }
}

static void op_inv(const uint8_t *op)
{
    unsigned dev = op[1] % DEVS, event = op[2] % EVENTS, vpe = op[5] % VPES;
    ModelEvent *e = &m.dev[dev].event[event];

    switch (op[3] % 4) {
    case 0:
        command(high(devids[dev]) | 0x0c, event, 0, 0);
        if (m.dev[dev].valid && event < 1u << m.dev[dev].bits && e->valid &&
            e->is_virtual && m.vpe[e->vpe].valid &&
            model_has(e->vpe, e->intid)) {
            model_invalidate(e->vpe, e->intid);
        }
        break;
    case 1:
        command(0x2d, high(vpe), 0, 0);
        if (m.vpe[vpe].valid) {
            model_invalidate(vpe, 0);
        }
        break;
    case 2:
        gicr_write(op[4] % CPUS, GICR_INVLPIR, intid_of(op[6]), 8);
        break;
    default:
        if (m.v41 && m.cpu[op[4] % CPUS].enabled) {
            gicr_write(op[4] % CPUS, GICR_INVLPIR, VALID | high(vpe) |
                       intid_of(op[6]), 8);
            if (m.vpe[vpe].valid && model_has(vpe, intid_of(op[6]))) {
                model_invalidate(vpe, intid_of(op[6]));
            }
        }
        break;
    }
}

/* A configuration changes, and all who may know the old one are told */
static void op_configure(const uint8_t *op)
{
    unsigned vpe = op[1] % VPES, intid = intid_of(op[2]);

    if (op[3] & 1) {
        test_ram[CONF + intid - 8192] = op[4] | (op[5] % 4 != 0);
        for (unsigned i = 0; i < CPUS; i++) {
            gicr_write(i, op[6] & 1 ? GICR_INVALLR : GICR_INVLPIR, intid, 8);
        }
        return;
    }
    /* In a GICv4.0, that asks for a vPE that is mapped where it runs */
    for (unsigned i = vpe & ~1; i < (vpe | 1) + 1; i++) {
        int on = model_resident(i);

        if (!m.v41 && on >= 0 && (!m.vpe[i].valid || m.vpe[i].cpu != on)) {
            return;
        }
    }
    test_ram[VCONF(vpe) + intid - 8192] = op[4] | (op[5] % 4 != 0);
    for (unsigned i = vpe & ~1; i < (vpe | 1) + 1; i++) {
        command(0x2d, high(i), 0, 0);
        if (m.vpe[i].valid) {
            model_invalidate(i, 0);
        }
    }
}

static void op_map_vpe(const uint8_t *op)
{
    unsigned vpe = op[1] % VPES, cpu = op[2] % CPUS;
    unsigned size = 13 + op[4] % 3, doorbell = doorbell_of(op[5]);
    bool valid = op[3] % 4, alloc = op[6] & 1;

    if (m.v41) {
        command((valid ? VCONF(vpe) : 0) | alloc << 8 | 0x29,
                high(vpe) | doorbell, (valid ? VALID : 0) | cpu << 16,
                VPT(vpe) | size);
    } else if (model_resident(vpe) >= 0) {
        return;
    } else {
        command(0x29, high(vpe), (valid ? VALID : 0) | cpu << 16,
                VPT(vpe) | size);
    }
    model_vmapp(vpe, valid, alloc, cpu, size, doorbell);
}

static void op_move_vpe(const uint8_t *op)
{
    unsigned vpe = op[1] % VPES, cpu = op[2] % CPUS;
    int doorbell = op[3] & 1 && m.v41 ? (int)doorbell_of(op[4]) : -1;

    if (!m.v41 && model_resident(vpe) >= 0) {
        return;
    }
    command(0x22, high(vpe), (doorbell >= 0 ? VALID : 0) | cpu << 16,
            doorbell >= 0 ? doorbell : 0);
    model_vmovp(vpe, cpu, doorbell);
}

static void op_vmovi(const uint8_t *op)
{
    unsigned dev = op[1] % DEVS, event = op[2] % EVENTS, vpe = op[3] % VPES;
    int doorbell = op[4] & 1 ? (int)doorbell_of(op[5]) : -1;

    command(high(devids[dev]) | 0x21, high(vpe) | event,
            doorbell >= 0 ? high(doorbell) | 1 : 0, 0);
    model_vmovi(dev, event, vpe, doorbell);
}

static void op_schedule(const uint8_t *op)
{
    unsigned vpe = op[1] % VPES, cpu = op[2] % CPUS;
    bool group0 = op[3] & 1, group1 = op[3] % 8;

    /* One vPE on two CPUs is an error that the model does not know */
    for (unsigned i = 0; i < CPUS; i++) {
        if (m.cpu[i].scheduled && m.cpu[i].vpe == vpe) {
            return;
        }
    }
    if (m.v41) {
        gicr_write(cpu, GICR_VPENDBASER, VALID | (uint64_t)group0 << 59 |
                   (uint64_t)group1 << 58 | vpe, 8);
    } else {
        /* Where it is mapped to */
        cpu = m.vpe[vpe].cpu;
        if (!m.vpe[vpe].valid || m.cpu[cpu].scheduled) {
            return;
        }
        gicr_write(cpu, GICR_VPROPBASER, VCONF(vpe) | 15, 8);
        gicr_write(cpu, GICR_VPENDBASER, VALID | VPT(vpe), 8);
    }
    fuzz_stats.residencies++;
    model_schedule(cpu, vpe, group0, group1);
}

static void op_deschedule(const uint8_t *op)
{
    unsigned cpu = op[1] % CPUS;
    bool last = op[2] & 1, db = op[2] & 2;

    if (m.cpu[cpu].scheduled) {
        gicr_write(cpu, GICR_VPENDBASER, (uint64_t)db << 62 |
                   (uint64_t)last << 61, 8);
        model_deschedule(cpu, last, db);
    }
}

static void op_sgi(const uint8_t *op)
{
    unsigned vpe = op[1] % VPES, sgi = op[2] % 16;

    if (!m.v41) {
        return;
    }
    switch (op[3] % 4) {
    case 0:
        command(high(sgi) | (op[4] & 15) << 20 | (op[5] & 1) << 10 |
                (op[6] % 4 != 0) << 8 | 0x23, high(vpe), 0, 0);
        if (m.vpe[vpe].valid) {
            model_configure_sgi(vpe, sgi, (op[4] & 15) << 4 |
                                (op[5] & 1) << 1 | (op[6] % 4 != 0));
        }
        break;
    case 1:
        command(high(sgi) | 1 << 9 | 0x23, high(vpe), 0, 0);
        if (m.vpe[vpe].valid) {
            model_sgi(vpe, sgi, false);
        }
        break;
    case 2:
        gicr_write(op[4] % CPUS, GICR_VSGIR, vpe, 4);
        g_assert_cmphex(gicr_read(op[4] % CPUS, GICR_VSGIPENDR, 4), ==,
                        m.vpe[vpe].valid ? m.sgi_pend[vpe] : 0);
        break;
    default:
        its_sgi_write(0, GITS_SGIR, high(vpe) | sgi, 8);
        if (m.vpe[vpe].valid) {
            model_sgi(vpe, sgi, true);
        }
        break;
    }
}

static void op_acknowledge(const uint8_t *op)
{
    unsigned cpu = op[1] % CPUS, irq;
    int virq;

    if (op[2] & 1) {
        irq = acknowledge(cpu);
        if (irq) {
            model_lpi(cpu, irq, false);
            fuzz_stats.acknowledged++;
        }
        return;
    }
    virq = acknowledge_virtual(cpu);
    if (virq >= 0) {
        g_assert_true(m.cpu[cpu].resident);
        fuzz_stats.acknowledged_virtual++;
        if (virq < 16) {
            model_sgi(m.cpu[cpu].vpe, virq, false);
        } else {
            model_vlpi(m.cpu[cpu].vpe, virq, false, NO_DOORBELL);
        }
    }
}

static void op_lpis(const uint8_t *op)
{
    unsigned cpu = op[1] % CPUS, intid = intid_of(op[2]);

    switch (op[3] % 8) {
    case 0:
        /* What is pending is what the table says when LPIs are enabled */
        gicr_write(cpu, GICR_CTLR, 0, 4);
        m.cpu[cpu].enabled = false;
        model_put(test_ram + PEND(cpu), intid, op[4] & 1);
        model_put(m.pend[cpu], intid, op[4] & 1);
        if (op[5] & 1) {
            enable_cpu(cpu, op[6] & 1 ? 15 : op[7] % 32);
        }
        break;
    case 1:
        if (!m.cpu[cpu].enabled) {
            enable_cpu(cpu, op[6] & 1 ? 15 : op[7] % 32);
        }
        break;
    case 2:
    case 3:
        gicr_write(cpu, GICR_CLRLPIR, intid, 8);
        model_lpi(cpu, intid, false);
        break;
    default:
        gicr_write(cpu, GICR_SETLPIR, intid, 8);
        model_lpi(cpu, intid, true);
        break;
    }
}

static void op_its(const uint8_t *op)
{
    unsigned vpe = op[2] % VPES;

    switch (op[1] % 8) {
    case 0:
        machine_post_load();
        model_post_load();
        break;
    case 1:
        /* Nothing is translated meanwhile */
        its_write(0, GITS_CTLR, 0, 4);
        its_message(0, devids[op[2] % DEVS], op[3] % EVENTS, 4);
        its_sgi_write(0, GITS_SGIR, high(vpe) | op[3] % 16, 8);
        its_write(0, GITS_CTLR, 1, 4);
        break;
    case 2:
        command(0x2e, high(vpe), 0, 0);                     /* INVDB */
        break;
    case 3:
        command(0x25, high(vpe), 0, 0);                     /* VSYNC */
        break;
    case 4:
        command(0x05, 0, 0, 0);                             /* SYNC */
        break;
    default:
        break;
    }
}

static void check(void)
{
    unsigned prio, irq = 0;

    for (unsigned i = 0; i < CPUS; i++) {
        g_assert_cmpmem(test_ram + PEND(i), 8192, m.pend[i], 8192);
    }
    for (unsigned i = 0; i < VPES; i++) {
        g_assert_cmpmem(test_ram + VPT(i) + 1024, 8192 - 1024,
                        m.vpt[i] + 1024, 8192 - 1024);
        g_assert_cmpmem(test_ram + VPT(i), 16, m.sgi_conf[i], 16);
        g_assert_cmphex(lduw_le_p(test_ram + VPT(i) + 16), ==, m.sgi_pend[i]);
    }
    for (unsigned i = 0; i < CPUS; i++) {
        PendingIrq best = gic.cpu[i].hpplpi;

        if (m.cpu[i].enabled) {
            model_best(i, &prio, &irq);
            g_assert_cmphex(best.prio, ==, prio);
            if (prio != 0xff) {
                g_assert_cmpuint(best.irq, ==, irq);
            }
        }
        best = gic.cpu[i].hppvlpi;
        model_best_virtual(i, &prio, &irq);
        g_assert_cmphex(best.prio, ==, prio);
        if (prio != 0xff) {
            g_assert_cmpuint(best.irq, ==, irq);
        }
    }
}

static void tame(const uint8_t *op)
{
    static void (*const ops[])(const uint8_t *op) = {
        [FUZZ_OP_EVENT] = op_event,
        [FUZZ_OP_MAP_EVENT] = op_map_event,
        [FUZZ_OP_ACKNOWLEDGE] = op_acknowledge,
        [FUZZ_OP_SCHEDULE] = op_schedule,
        [FUZZ_OP_DESCHEDULE] = op_deschedule,
        [FUZZ_OP_MAP_VPE] = op_map_vpe,
        [1] = op_event, op_configure,
        [8] = op_move_vpe, op_vmovi, op_sgi, op_inv, op_lpis, op_collection,
        op_map_device, op_its,
    };

    ops[op[0] % ARRAY_SIZE(ops)](op);
    fuzz_stats.operations++;
    check();
}

/* ---- Wild operations ---- */

static uint64_t wild_value;

/* An access to registers by the GIC, which is one of a redistributor */
static void wild_hook(void)
{
    void (*hook)(void) = test_mmio_hook;

    test_mmio_hook = NULL;
    gicr_write(wild_value % CPUS, wild_value & 8 ? GICR_VPENDBASER :
               wild_value & 16 ? GICR_CTLR : GICR_INVALLR,
               wild_value << 32 | wild_value, wild_value & 16 ? 4 : 8);
    test_mmio_hook = hook;
}

/* Of memory, or near its end, or of registers, or nowhere */
static uint64_t wild_address(const uint8_t *op)
{
    switch (op[1] % 16) {
    case 0:
        return RAM_SIZE - 0x1000;
    case 1:
        return MMIO;
    case 2:
        return 1ull << 44;
    default:
        return (lduw_le_p(op + 2) << 12) % RAM_SIZE;
    }
}

static void wild_command(const uint8_t *op)
{
    static const uint8_t codes[] = {
        0x01, 0x03, 0x04, 0x05, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
        0x21, 0x22, 0x23, 0x25, 0x29, 0x2a, 0x2b, 0x2d, 0x2e, 0x00,
    };
    unsigned n = op[7] & 1;
    uint64_t x = ldq_le_p(op), y = x * 0x9e3779b97f4a7c15ull;
    uint64_t cbaser = its_read(n, GITS_CBASER, 8) & 0xffffffffff000ull;
    uint64_t creadr = its_read(n, GITS_CREADR, 8) & 0xfffe0;
    uint64_t dw[4] = { x, y, y >> 7 ^ x, wild_address(op) | (y & 31) };

    if (op[6] & 1) {
        /* Fields that may be right */
        dw[0] = high(x >> 8 & 7) | (wild_address(op) & 0xffff0000) |
            (x >> 16 & 0x700);
        dw[1] = high(op[6] & 2 ? y & 7 : 8192 + (y & 0xffff)) | (y >> 16 & 7);
        dw[2] = (y >> 20 & 1) << 63 | high(8192 + (y >> 21 & 0xff)) |
            wild_address(op) | (y >> 32 & 3) | (y >> 34 & 3) << 16;
    }
    dw[0] = (dw[0] & ~0xffull) | codes[(op[0] / 16 + op[7] / 2) %
                                       ARRAY_SIZE(codes)];
    for (unsigned i = 0; i < 4; i++) {
        if (cbaser + creadr + 8 * i + 8 <= RAM_SIZE) {
            stq_le_p(test_ram + cbaser + creadr + 8 * i, dw[i]);
        }
    }
    its_write(n, GITS_CWRITER, ((creadr + 32) % 0x1000) | (op[6] & 4) >> 2, 8);
}

static void wild_registers(const uint8_t *op)
{
    static const unsigned gicr[] = {
        GICR_CTLR, GICR_PROPBASER, GICR_PENDBASER, GICR_SETLPIR, GICR_CLRLPIR,
        GICR_INVLPIR, GICR_INVALLR, GICR_SYNCR, GICR_VPROPBASER,
        GICR_VPENDBASER, GICR_VPENDBASER, GICR_VSGIR, GICR_VSGIPENDR,
        GICR_TYPER, GICR_WAKER, GICR_IGROUPR0,
    };
    unsigned size = op[4] & 1 ? 8 : 4, n = op[4] >> 1 & 1;
    unsigned offset = gicr[op[5] % ARRAY_SIZE(gicr)] + (op[4] & 4);
    uint64_t value = ldq_le_p(op) * 0x9e3779b97f4a7c15ull;

    if (op[6] % 8 == 0) {
        offset = lduw_le_p(op + 2) | (op[6] & 8) << 14;
    }
    if (op[4] & 8) {
        /* An address and small fields */
        value = (value & VALID) | wild_address(op) | (value & 0x1f);
    }
    if (op[7] & 1) {
        gicr_write(op[1] % CPUS, offset, value, size);
        gicr_read(op[1] % CPUS, offset, size);
        return;
    }
    /* The ITS takes no tables while it is enabled; queues are short */
    if (op[7] & 2) {
        its_write(n, GITS_CTLR, 0, 4);
        its_write(n, GITS_BASER + op[5] % 3 * 8, (value & 3ull << 62) | VALID |
                  (op[5] & 12) << 6 | wild_address(op) | (value & 7), 8);
        its_write(n, GITS_CBASER, VALID | wild_address(op), 8);
        its_write(n, GITS_CTLR, 1, 4);
        return;
    }
    offset = op[7] & 4 ? GITS_BASER + op[5] % 8 * 8 : lduw_le_p(op + 2);
    if ((offset & ~7) != GITS_CBASER && (offset & ~7) != GITS_CWRITER) {
        its_write(n, offset, value, size);
    }
    its_read(n, offset, size);
}

static void wild(const uint8_t *op)
{
    wild_value = ldq_le_p(op);
    fuzz_stats.wild++;
    switch (op[0] % 16) {
    case 0:
        stq_le_p(test_ram + (ldl_le_p(op + 1) % RAM_SIZE & ~7u),
                 wild_value * 0x9e3779b97f4a7c15ull);
        break;
    case 1:
        memset(test_ram + wild_address(op) % RAM_SIZE, op[4], 0x1000);
        break;
    case 2:
        machine_post_load();
        break;
    case 3:
        its_sgi_write(op[1] & 1, op[2] & 7 ? GITS_SGIR : op[3],
                      high(op[4]) | op[5], op[2] & 8 ? 4 : 8);
        break;
    case 4:
        acknowledge(op[1] % CPUS);
        acknowledge_virtual(op[1] % CPUS);
        break;
    case 5:
        test_mmio_hook = op[1] & 1 ? wild_hook : NULL;
        break;
    case 6:
    case 7:
    case 8:
        wild_registers(op);
        break;
    case 9:
    case 10:
        its_message(op[1] & 1, op[2] & 1 ? op[3] % 8 : lduw_le_p(op + 3),
                    op[5] & 1 ? op[6] % 8 : ldl_le_p(op + 4), 4);
        break;
    default:
        wild_command(op);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool is_wild;

    if (!size) {
        return 0;
    }
    is_wild = (data[0] & FUZZ_WILD) == FUZZ_WILD;
    test_mmio_hook = NULL;
    start(data[0] & FUZZ_V41, is_wild ? 2 : 1, data[0] & FUZZ_SMALL);
    for (data++, size--; size >= FUZZ_OP_SIZE;
         data += FUZZ_OP_SIZE, size -= FUZZ_OP_SIZE) {
        if (is_wild) {
            wild(data);
        } else {
            tame(data);
        }
    }
    test_mmio_hook = NULL;
    if (gic.v41) {
        fuzz_stats.doorbells += gic.v41->total[GICV41_DOORBELL];
    }
    fuzz_stats.known += its[0].events->hits;
    return 0;
}
