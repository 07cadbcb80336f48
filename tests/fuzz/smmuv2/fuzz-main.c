/*
 * Fuzzer of the SMMUv2 model: driver
 *
 * Makes inputs from a seed and runs them, without help from the compiler or
 * from libFuzzer: fuzz-smmuv2.c reads any bytes as a program that makes sense,
 * so random ones are good ones; here they only get a beginning that sets up
 * banks and streams.  An input that fails is left in a file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "fuzz-smmuv2.h"
#include "../../unit/smmuv2/test-util.h"

#define MAX_OPS     256
#define MAX_SECONDS 20      /* for one input; it takes less than 1 ms */

/* What sanitizers call before they end the program */
void __sanitizer_set_death_callback(void (*callback)(void))
    __attribute__((weak));

static struct {
    uint8_t data[1 + MAX_OPS * FUZZ_OP_SIZE];
    size_t size;
    uint64_t seed, run;
    char dir[PATH_MAX];         /* for an input that fails */
} input;

static void save_input(void)
{
    static bool once;
    char name[PATH_MAX + 64];
    int fd;

    if (once) {
        return;
    }
    once = true;
    snprintf(name, sizeof(name), "%s/fuzz-smmuv2-%" PRIu64 "-%" PRIu64
             ".input", input.dir, input.seed, input.run);
    fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, input.data, input.size) != input.size) {
        fprintf(stderr, "fuzz-smmuv2: cannot write %s: %s\n", name,
                strerror(errno));
    } else {
        fprintf(stderr, "fuzz-smmuv2: run %" PRIu64 " of seed %" PRIu64
                " failed; its input is in %s (give it as an argument to run it "
                "again)\n", input.run, input.seed, name);
    }
    printf("not ok 1 - fuzz-smmuv2 # run %" PRIu64 " of seed %" PRIu64 "\n",
           input.run, input.seed);
    fflush(stdout);
}

/* An abort, or an input that takes longer than any may */
static void on_signal(int signal)
{
    if (signal == SIGALRM) {
        fprintf(stderr, "fuzz-smmuv2: an input takes %d s\n", MAX_SECONDS);
    }
    save_input();
    _exit(1);
}

/* Random operations, after some that set up a bank and its stream */
static void generate(uint64_t seed, uint64_t run)
{
    uint64_t rng = mix64(seed) ^ mix64(run + 1);
    unsigned ops = 4 + rnd(&rng, one_in(&rng, 8) ? MAX_OPS - 4 : 48);
    unsigned banks = rnd(&rng, 5), cb = 0;

    input.run = run;
    input.size = 1 + ops * FUZZ_OP_SIZE;
    input.data[0] = rnd64(&rng);
    for (unsigned i = 0; i < ops; i++) {
        uint8_t *op = input.data + 1 + i * FUZZ_OP_SIZE;

        for (unsigned n = 0; n < FUZZ_OP_SIZE; n++) {
            op[n] = rnd64(&rng);
        }
        if (i >= 3 * banks) {
            continue;
        }
        /* Plain banks, mostly, streams of one master, tables */
        if (i % 3 == 0) {
            op[0] = 1;
            op[1] = cb = rnd(&rng, 8);
            op[2] &= one_in(&rng, 4) ? 0x7f : 0x03;
        } else if (i % 3 == 1) {
            op[0] = 0;
            op[2] &= one_in(&rng, 4) ? 0xff : 0x02;
            op[3] = cb;
        } else {
            op[0] = one_in(&rng, 2) ? 2 : 4;
            op[1] = cb;
        }
    }
}

static int replay(const char *name)
{
    g_autofree char *data = NULL;
    gsize size;
    GError *err = NULL;

    if (!g_file_get_contents(name, &data, &size, &err)) {
        fprintf(stderr, "fuzz-smmuv2: %s\n", err->message);
        return 1;
    }
    LLVMFuzzerTestOneInput((uint8_t *)data, size);
    printf("%s: passed\n", name);
    return 0;
}

static void progress(uint64_t runs, double seconds)
{
    fprintf(stderr, "fuzz-smmuv2: %3.0f s, %" PRIu64 " runs (%.0f a second), "
            "%" PRIu64 " translations, %" PRIu64 " compared (%" PRIu64
            " mapped, %" PRIu64 " faulted)\n", seconds, runs,
            runs / MAX(seconds, 0.001), fuzz_stats.translations,
            fuzz_stats.checked, fuzz_stats.mapped, fuzz_stats.faults);
}

static int fuzz(uint64_t first, uint64_t runs, int seconds)
{
    gint64 start = g_get_monotonic_time(), now = start, shown = start;
    struct sigaction action = { .sa_handler = on_signal };
    uint64_t n;

    if (__sanitizer_set_death_callback) {
        __sanitizer_set_death_callback(save_input);
    }
    sigaction(SIGABRT, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    printf("1..1\n# seed %" PRIu64 "\n", input.seed);
    fflush(stdout);
    for (n = 0; !runs || n < runs; n++) {
        alarm(MAX_SECONDS);
        generate(input.seed, first + n);
        LLVMFuzzerTestOneInput(input.data, input.size);
        now = g_get_monotonic_time();
        if (now - shown >= 5 * G_USEC_PER_SEC) {
            shown = now;
            progress(n + 1, (now - start) / 1e6);
        }
        if (!runs && now - start >= (gint64)seconds * G_USEC_PER_SEC) {
            break;
        }
    }
    progress(n, (now - start) / 1e6);
    /* Runs that reach nothing would find nothing */
    if (fuzz_stats.mapped < n / 4 || fuzz_stats.faults < n / 4) {
        printf("not ok 1 - fuzz-smmuv2 # hardly anything was translated\n");
        return 1;
    }
    printf("ok 1 - fuzz-smmuv2\n");
    return 0;
}

int main(int argc, char **argv)
{
    gint64 seed = g_get_real_time(), runs = 0, first = 0;
    int seconds = 60;
    g_auto(GStrv) files = NULL;
    GOptionEntry options[] = {
        { "seconds", 0, 0, G_OPTION_ARG_INT, &seconds,
          "How long (default: 60)", "N" },
        { "runs", 0, 0, G_OPTION_ARG_INT64, &runs,
          "How many inputs, whatever the time", "N" },
        { "seed", 0, 0, G_OPTION_ARG_INT64, &seed,
          "Seed of the inputs (default: from the clock)", "N" },
        { "first", 0, 0, G_OPTION_ARG_INT64, &first,
          "Start with this run of the seed", "N" },
        { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &files,
          NULL, "[INPUT...]" },
        { }
    };
    GOptionContext *context = g_option_context_new("- fuzz the SMMUv2 model");
    GError *err = NULL;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err)) {
        fprintf(stderr, "fuzz-smmuv2: %s\n", err->message);
        return 2;
    }
    g_option_context_free(context);
    for (int i = 0; files && files[i]; i++) {
        if (replay(files[i])) {
            return 1;
        }
    }
    if (files) {
        return 0;
    }
    input.seed = seed;
    if (!getcwd(input.dir, sizeof(input.dir))) {
        strcpy(input.dir, "/tmp");
    }
    return fuzz(first, runs, seconds);
}
