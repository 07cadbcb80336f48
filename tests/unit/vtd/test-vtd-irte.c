/*
 * VT-d interrupt remapping table entries: read while they are written
 *
 * Software replaces an entry by a 16-byte compare-and-swap.  A thread does that
 * all the time, another reads: it must see one entry or the other, never half
 * of each.  On x86-64 hosts once more as on those that have no 16-byte loads.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/atomic128.h"
#include "qemu/bswap.h"
#include "host/cpuinfo.h"
#include "hw/i386/vtd-posting.h"
#include "../../fuzz/vtd/fuzz-memory.h"

#define ENTRY   0x230

static unsigned long total = 2000000;
static bool stop;

/* All halves differ, so that a mixture shows */
static const uint64_t versions[2][2] = {
    { 0x1111111111118001, 0x2222222222222222 },     /* posted */
    { 0x3333333333330001, 0x4444444444444444 },     /* remapped */
};

static Int128 version(unsigned n)
{
    return int128_make128(versions[n][0], versions[n][1]);
}

static void *writer(void *opaque)
{
    Int128 *entry = (Int128 *)(fuzz_ram + ENTRY);

    for (unsigned n = 0; !qatomic_read(&stop); n ^= 1) {
        const Int128 old = atomic16_cmpxchg(entry, version(n), version(!n));

        g_assert_true(int128_eq(old, version(n)));
    }
    return NULL;
}

static void read_while_written(void)
{
    unsigned long seen[2] = { 0 };
    GThread *thread;

    if (!HAVE_CMPXCHG128) {
        g_test_skip("this host cannot write 16 bytes at once");
        return;
    }
    fuzz_memory_init();
    memcpy(fuzz_ram + ENTRY, versions[0], sizeof(versions[0]));
    qatomic_set(&stop, false);
    thread = g_thread_new("software", writer, NULL);
    for (unsigned long n = 0; n < total; n++) {
        VTDIrte irte;
        unsigned which;

        g_assert_true(vtd_irte_read(ENTRY, irte));
        which = irte[0] == versions[1][0];
        g_assert_cmphex(irte[0], ==, versions[which][0]);
        g_assert_cmphex(irte[1], ==, versions[which][1]);
        seen[which]++;
    }
    qatomic_set(&stop, true);
    g_thread_join(thread);
    /* Or nobody wrote meanwhile */
    g_assert_cmpuint(seen[0], >, 0);
    g_assert_cmpuint(seen[1], >, 0);
    g_test_message("%lu and %lu of each", seen[0], seen[1]);
}

static void test_whole(void)
{
    read_while_written();
}

#ifdef CPUINFO_ATOMIC_VMOVDQA
static void test_whole_by_cmpxchg(void)
{
    const unsigned saved = cpuinfo;

    cpuinfo &= ~CPUINFO_ATOMIC_VMOVDQA;
    g_assert_false(HAVE_ATOMIC128_RO);
    read_while_written();
    cpuinfo = saved;
}
#endif

/* Entries in ROM can be read, too, and there are none where no memory is */
static void test_elsewhere(void)
{
    const unsigned saved = cpuinfo;
    VTDIrte irte;

    fuzz_memory_init();
    memcpy(fuzz_ram + RAM_SIZE + 0x40, versions[1], sizeof(versions[1]));
    for (unsigned i = 0; i < 2; i++) {
        g_assert_true(vtd_irte_read(RAM_SIZE + 0x40, irte));
        g_assert_cmphex(irte[0], ==, versions[1][0]);
        g_assert_cmphex(irte[1], ==, versions[1][1]);
        cpuinfo = 0;
    }
    cpuinfo = saved;
    g_assert_false(vtd_irte_read(RAM_SIZE + ROM_SIZE, irte));
    g_assert_false(vtd_irte_read(RAM_SIZE + ROM_SIZE + MMIO_SIZE, irte));
}

int main(int argc, char **argv)
{
    const char *count = g_getenv("VTD_TEST_COUNT");

    if (count) {
        total = g_ascii_strtoull(count, NULL, 0);
    }
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/vtd/irte/whole", test_whole);
#ifdef CPUINFO_ATOMIC_VMOVDQA
    g_test_add_func("/vtd/irte/whole-by-cmpxchg", test_whole_by_cmpxchg);
#endif
    g_test_add_func("/vtd/irte/elsewhere", test_elsewhere);
    return g_test_run();
}
