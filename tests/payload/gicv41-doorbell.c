/*
 * GICv4.1 payload: doorbells, and what redistributors know of vPEs
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "vpe.h"

#define DONE        1               /* guest_call() */
#define VALID       BIT(63)
#define D(device)   ((uint64_t)(device) << 32)
#define OWN_BELL    (LPI_BASE + 600)    /* an individual doorbell */

static struct vm vm;
static struct vpe vpes[16];

static void one_guest(void *arg)
{
    guest_enable_irqs();
    guest_call(DONE);
}

/* Three events of SOFT_DEVICE are its vLPIs 0, 1 and 2 */
static struct vpe *new_vpe(unsigned id, unsigned cpu)
{
    struct vpe *p = &vpes[id];

    if (!vm.config) {
        vm_init(&vm);
    }
    vpe_init(p, &vm, id, cpu, one_guest, NULL);
    for (unsigned i = 0; i < 3; i++) {
        vpe_event(p, SOFT_DEVICE, i, VLPI(i));
    }
    return p;
}

static void block_here(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    vpe_put(p, true);
}

static void preempt_here(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    vpe_put(p, false);
}

static void run_here(void *arg)
{
    struct vpe *p = arg;

    vpe_load(p);
    CHECK_EQ(vcpu_run_to_call(&p->vcpu), DONE);
    vpe_put(p, false);
}

static void on_cpu(struct vpe *p, void (*job)(void *arg))
{
    smp_start(p->cpu, job, p);
    smp_wait(p->cpu);
}

/* ---- Default doorbells ---- */

/* One for each time that it blocks, however much comes */
static void test_once(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    p = new_vpe(0, 2);
    on_cpu(p, block_here);
    for (unsigned i = 0; i < 3; i++) {
        its_int(SOFT_DEVICE, i);
        CHECK_EQ(vpe_rings(p), 1);
    }
    on_cpu(p, run_here);
    for (unsigned i = 0; i < 3; i++) {
        CHECK_EQ(p->vcpu.lpis[i], 1);
    }
    /* It was preempted at last */
    its_int(SOFT_DEVICE, 0);
    CHECK_EQ(vpe_rings(p), 1);
    its_clear(SOFT_DEVICE, 0);
    on_cpu(p, block_here);
    CHECK(!p->pending_last);
    its_int(SOFT_DEVICE, 1);
    CHECK_EQ(vpe_rings(p), 2);
    vpe_unmap(p);
}

/* Something is pending already: it says so, and the hypervisor runs it again */
static void test_pending_last(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    p = new_vpe(1, 1);
    on_cpu(p, preempt_here);
    its_int(SOFT_DEVICE, 2);
    on_cpu(p, block_here);
    CHECK(p->pending_last);
    its_clear(SOFT_DEVICE, 2);
    on_cpu(p, block_here);
    CHECK(!p->pending_last);
    /* What is disabled does not count */
    vm_configure(&vm, VLPI(1), false, 0xa0);
    its_inv(SOFT_DEVICE, 1);
    its_int(SOFT_DEVICE, 1);
    CHECK_EQ(vpe_rings(p), 0);
    on_cpu(p, block_here);
    CHECK(!p->pending_last);
    vpe_unmap(p);
}

/* INVDB: the doorbell's own configuration has changed */
static void test_invdb(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    p = new_vpe(2, 3);
    on_cpu(p, block_here);
    lpi_configure(vpe_doorbell(2), false);
    its_command(ITS_INVDB, D(2), 0, 0);
    its_int(SOFT_DEVICE, 0);
    CHECK_EQ(vpe_rings(p), 0);
    lpi_configure(vpe_doorbell(2), true);
    its_command(ITS_INVDB, D(2), 0, 0);
    CHECK_EQ(vpe_rings(p), 1);
    CHECK_EQ(irq_cpu(vpe_doorbell(2)), 3);
    vpe_unmap(p);
}

/* It runs: the doorbell that nobody has heard yet is of no more use */
static void test_taken_back(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    p = new_vpe(3, 1);
    on_cpu(p, block_here);
    lpi_configure(vpe_doorbell(3), false);
    its_command(ITS_INVDB, D(3), 0, 0);
    its_int(SOFT_DEVICE, 0);
    on_cpu(p, run_here);
    CHECK_EQ(p->vcpu.lpis[0], 1);
    lpi_configure(vpe_doorbell(3), true);
    its_command(ITS_INVDB, D(3), 0, 0);
    CHECK_EQ(vpe_rings(p), 0);
    vpe_unmap(p);
}

/* VMOVP: another CPU, and another doorbell */
static void test_move(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    p = new_vpe(4, 1);
    lpi_configure(OWN_BELL, true);
    irq_handle(OWN_BELL, irq_note, NULL);
    on_cpu(p, block_here);
    p->cpu = 2;
    its_command(ITS_VMOVP, D(4), VALID | its_target(2), OWN_BELL);
    its_command(ITS_VSYNC, D(4), 0, 0);
    its_int(SOFT_DEVICE, 0);
    CHECK_EQ(vpe_rings(p), 0);
    CHECK_EQ(irq_count(OWN_BELL), 1);
    CHECK_EQ(irq_cpu(OWN_BELL), 2);
    vpe_unmap(p);
}

/* 1023: none */
static void test_none(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    p = new_vpe(5, 1);
    vpe_unmap(p);
    its_command(ITS_VMAPP | BIT(8) | vm.config, D(5) | NO_DOORBELL,
                VALID | its_target(1), p->vpt | 13);
    on_cpu(p, block_here);
    its_int(SOFT_DEVICE, 0);
    CHECK_EQ(vpe_rings(p), 0);
    on_cpu(p, run_here);
    CHECK_EQ(p->vcpu.lpis[0], 1);
    vpe_unmap(p);
}

/* An event may have a doorbell of its own (GITS_TYPER.nID = 0) */
static void test_individual(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    p = new_vpe(6, 2);
    lpi_configure(OWN_BELL, true);
    irq_handle(OWN_BELL, irq_note, NULL);
    its_command(ITS_VMAPTI | D(SOFT_DEVICE), D(6) | 9, D(OWN_BELL) | VLPI(9),
                0);
    vm_configure(&vm, VLPI(9), true, 0xa0);
    its_inv(SOFT_DEVICE, 9);
    on_cpu(p, preempt_here);
    its_int(SOFT_DEVICE, 9);
    CHECK_EQ(vpe_rings(p), 0);
    CHECK_EQ(irq_count(OWN_BELL), 1);
    its_int(SOFT_DEVICE, 9);
    lpi_fence(2);
    CHECK_EQ(irq_count(OWN_BELL), 1);
    on_cpu(p, run_here);
    CHECK_EQ(p->vcpu.lpis[9], 1);
    vpe_unmap(p);
}

/* ---- Registers ---- */

/* Each redistributor has the table that the ITS has */
static void test_table(void)
{
    if (!vpe_begin(true)) {
        return;
    }
    for (unsigned cpu = 0; cpu < num_cpus(); cpu++) {
        uint64_t v = mmio_read64(gicr(cpu) + GICR_VPROPBASER);
        bool found = false;

        CHECK(v & VALID);
        for (unsigned i = 0; i < 8; i++) {
            uint64_t b = mmio_read64(its_base() + GITS_BASER + 8 * i);

            if ((b >> 56 & 7) == 2) {
                found = true;
                CHECK_EQ(v & 0xfffffffff000, b & 0xfffffffff000);
                /* Entries of (EntrySize + 1) * 8 bytes, or EntrySize + 1 */
                CHECK_EQ(((v >> 59 & 7) + 1) * 8, (b >> 48 & 31) + 1);
            }
        }
        CHECK(found);
    }
}

static void residency_here(void *arg)
{
    struct vpe *p = arg;
    uint64_t reg = gicr(cpu_index()) + GICR_VPENDBASER, v;

    vpe_load(p);
    v = mmio_read64(reg);
    CHECK_EQ(v & 0xffff, p->id);
    CHECK(v & VALID);
    CHECK(!(v & BIT(60)));              /* Dirty */
    CHECK(!vpe_put(p, true));
    CHECK(!(mmio_read64(reg) & VALID));
}

static void test_residency(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    for (unsigned cpu = 1; cpu < num_cpus(); cpu++) {
        p = new_vpe(7, cpu);
        on_cpu(p, residency_here);
        vpe_unmap(p);
    }
}

/* INVLPIR and INVALLR, of a vPE, instead of the ITS */
static void test_redist_inv(void)
{
    struct vpe *p;

    if (!vpe_begin(true)) {
        return;
    }
    p = new_vpe(8, 1);
    for (unsigned all = 0; all < 2; all++) {
        for (unsigned enabled = 0; enabled < 2; enabled++) {
            vm_configure(&vm, VLPI(1), enabled, 0xa0);
            if (all) {
                mmio_write64(gicr(1) + GICR_INVALLR, VALID | D(8));
            } else {
                mmio_write64(gicr(1) + GICR_INVLPIR, VALID | D(8) | VLPI(1));
            }
            CHECK(WAIT_FOR(!(mmio_read32(gicr(1) + GICR_SYNCR) & 1)));
            if (!enabled) {
                its_int(SOFT_DEVICE, 0);
                its_int(SOFT_DEVICE, 1);
            }
            on_cpu(p, run_here);
            CHECK_EQ(p->vcpu.lpis[0], all + 1);
            CHECK_EQ(p->vcpu.lpis[1], all + enabled);
            /* Once more from the start */
            p->vcpu.pc = (uintptr_t)one_guest;
        }
    }
    vpe_unmap(p);
}

const struct test tests[] = {
    { "one default doorbell for all that comes", test_once },
    { "PendingLast", test_pending_last },
    { "INVDB", test_invdb },
    { "a doorbell is taken back when the vPE runs", test_taken_back },
    { "VMOVP to another doorbell", test_move },
    { "no doorbell", test_none },
    { "individual doorbells", test_individual },
    { "the vPE table", test_table },
    { "residency", test_residency },
    { "INVLPIR and INVALLR", test_redist_inv },
    {}
};
