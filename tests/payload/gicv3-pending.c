/*
 * GICv3 payload: interrupts that wait
 *
 * CPUs do not take interrupts for a while; each kind waits meanwhile, for the
 * CPU that it was meant for, and comes once.  Long enough for the machine to be
 * saved and restored in between, if the runner does that.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "payload.h"
#include "gic.h"

#define PAUSE_US    (150 * 1000)
#define THE_SPI     SPI(100)
#define THE_LPI     LPI_BASE
#define DEVICE      0xff01

static struct barrier masked, pending;

static void wait_masked(void *arg)
{
    unsigned intid = *(unsigned *)arg, before = irq_count(intid);
    uint64_t until;

    irq_mask();
    barrier_wait(&masked, 2);
    barrier_wait(&pending, 2);
    until = now_us() + PAUSE_US;
    while (now_us() < until) {
        yield();
    }
    CHECK_EQ(irq_count(intid), before);
    irq_unmask();
    CHECK(WAIT_FOR(irq_count(intid) == before + 1));
    CHECK_EQ(irq_cpu(intid), cpu_index());
}

/* @send makes it pending for a CPU; nothing else happens until it is taken */
static void wait_for(unsigned intid, void (*send)(unsigned cpu))
{
    for (unsigned cpu = 1; cpu < num_cpus(); cpu++) {
        unsigned before = irq_count(intid);

        smp_start(cpu, wait_masked, &intid);
        barrier_wait(&masked, 2);
        send(cpu);
        barrier_wait(&pending, 2);
        smp_wait(cpu);
        CHECK_EQ(irq_count(intid), before + 1);
    }
}

static void send_spi(unsigned cpu)
{
    spi_enable(THE_SPI, cpu);
    mmio_write32(gicd() + GICD_ISPENDR + THE_SPI / 32 * 4,
                 1u << THE_SPI % 32);
}

static void test_spi(void)
{
    irq_handle(THE_SPI, irq_note, NULL);
    wait_for(THE_SPI, send_spi);
    spi_disable(THE_SPI);
}

static void send_sgi(unsigned cpu)
{
    gic_send_sgi(cpu, SGI_KICK);
}

static void test_sgi(void)
{
    wait_for(SGI_KICK, send_sgi);
}

static void send_lpi(unsigned cpu)
{
    its_move_event(DEVICE, 0, cpu);
    its_int(DEVICE, 0);
}

static void test_lpi(void)
{
    if (!lpi_init()) {
        skip("no ITS");
        return;
    }
    its_map_device(DEVICE, 1);
    lpi_configure(THE_LPI, true);
    irq_handle(THE_LPI, irq_note, NULL);
    its_map_event(DEVICE, 0, THE_LPI, 0);
    wait_for(THE_LPI, send_lpi);
}

const struct test tests[] = {
    { "an SPI waits for its CPU", test_spi },
    { "an SGI waits for its CPU", test_sgi },
    { "an LPI waits for its CPU", test_lpi },
    {}
};
