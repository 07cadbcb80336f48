/*
 * Fuzzer of the GIC: driver
 *
 * Makes inputs from a seed and runs them, without help from the compiler or
 * from libFuzzer: any bytes are a program, so random ones are good ones; here
 * they only get a beginning that maps things. An input that fails is left in a
 * file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "fuzz-gicv4.h"
#include "../../unit/smmuv2/test-util.h"

#define MAX_OPS     400
#define MAX_SECONDS 20      /* for one input; it takes about 1 ms */

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
    snprintf(name, sizeof(name), "%s/fuzz-gicv4-%" PRIu64 "-%" PRIu64
             ".input", input.dir, input.seed, input.run);
    fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, input.data, input.size) != input.size) {
        fprintf(stderr, "fuzz-gicv4: cannot write %s: %s\n", name,
                strerror(errno));
    } else {
        fprintf(stderr, "fuzz-gicv4: run %" PRIu64 " of seed %" PRIu64
                " failed; its input is in %s (give it as an argument to run it "
                "again)\n", input.run, input.seed, name);
    }
    printf("not ok 1 - fuzz-gicv4 # run %" PRIu64 " of seed %" PRIu64 "\n",
           input.run, input.seed);
    fflush(stdout);
}

/* An abort, or an input that takes longer than any may */
static void on_signal(int signal)
{
    if (signal == SIGALRM) {
        fprintf(stderr, "fuzz-gicv4: an input takes %d s\n", MAX_SECONDS);
    }
    save_input();
    _exit(1);
}

/*
 * Random operations, after some that map vPEs and events; most are about few
 * events and do not change a table
 */
static void generate(uint64_t seed, uint64_t run)
{
    uint64_t rng = mix64(seed) ^ mix64(run + 1);
    static const uint8_t often[] = {
        FUZZ_OP_EVENT, FUZZ_OP_EVENT, FUZZ_OP_ACKNOWLEDGE,
        FUZZ_OP_ACKNOWLEDGE, FUZZ_OP_SCHEDULE, FUZZ_OP_DESCHEDULE,
    };
    unsigned devs = 1 + rnd(&rng, 4), events = 1 + rnd(&rng, 8);
    unsigned ops = 40 + rnd(&rng, one_in(&rng, 4) ? MAX_OPS - 40 : 100);

    input.run = run;
    input.size = 1 + ops * FUZZ_OP_SIZE;
    input.data[0] = rnd64(&rng);
    if (one_in(&rng, 4)) {
        input.data[0] |= FUZZ_WILD;
    }
    for (unsigned i = 0; i < ops; i++) {
        uint8_t *op = input.data + 1 + i * FUZZ_OP_SIZE;
        uint64_t bytes = rnd64(&rng);

        memcpy(op, &bytes, FUZZ_OP_SIZE);
        if ((input.data[0] & FUZZ_WILD) == FUZZ_WILD) {
            continue;
        }
        if (i < 6) {
            op[0] = FUZZ_OP_MAP_VPE;
            op[1] = i;
            op[3] |= 1;
        } else if (i < 24) {
            op[0] = FUZZ_OP_MAP_EVENT;
            op[1] %= devs;
            op[2] %= events;
        } else if (!one_in(&rng, 4)) {
            op[0] = often[rnd(&rng, ARRAY_SIZE(often))];
            if (op[0] == FUZZ_OP_EVENT) {
                op[1] %= devs;
                op[2] %= events;
            }
        }
    }
}

static int replay(const char *name)
{
    g_autofree char *data = NULL;
    gsize size;
    GError *err = NULL;

    if (!g_file_get_contents(name, &data, &size, &err)) {
        fprintf(stderr, "fuzz-gicv4: %s\n", err->message);
        return 1;
    }
    LLVMFuzzerTestOneInput((uint8_t *)data, size);
    printf("%s: passed\n", name);
    return 0;
}

static void progress(uint64_t runs, double seconds)
{
    fprintf(stderr, "fuzz-gicv4: %3.0f s, %" PRIu64 " runs (%.0f a second), %"
            PRIu64 " operations compared (%" PRIu64 " events, %" PRIu64
            " of them known; %" PRIu64 " acknowledged, %" PRIu64
            " by vPEs; %" PRIu64 " scheduled, %" PRIu64 " doorbells), %" PRIu64
            " wild\n", seconds, runs, runs / MAX(seconds, 0.001),
            fuzz_stats.operations, fuzz_stats.events, fuzz_stats.known,
            fuzz_stats.acknowledged, fuzz_stats.acknowledged_virtual,
            fuzz_stats.residencies, fuzz_stats.doorbells, fuzz_stats.wild);
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
    if (n > 1 && (fuzz_stats.known < n || fuzz_stats.acknowledged < n ||
                  fuzz_stats.acknowledged_virtual < n / 4 ||
                  fuzz_stats.doorbells < n / 4 || !fuzz_stats.wild)) {
        printf("not ok 1 - fuzz-gicv4 # hardly anything has happened\n");
        return 1;
    }
    printf("ok 1 - fuzz-gicv4\n");
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
    GOptionContext *context = g_option_context_new("- fuzz the GIC");
    GError *err = NULL;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err)) {
        fprintf(stderr, "fuzz-gicv4: %s\n", err->message);
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
