/*
 * Fuzzers: driver
 *
 * Makes inputs from a seed and runs them, without help from the compiler or
 * from libFuzzer: to each of our fuzzers any bytes are a program that makes
 * sense, so random ones are good ones.  An input that fails is left in a file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "driver.h"

#define MAX_SECONDS 20      /* for one input; it takes about 1 ms */

/* What sanitizers call before they end the program */
void __sanitizer_set_death_callback(void (*callback)(void))
    __attribute__((weak));

static struct {
    uint8_t *data;
    size_t size;
    uint64_t seed, run;
    char dir[PATH_MAX];         /* for an input that fails */
} input;

static void save_input(void)
{
    const char *me = fuzz_target.name;
    static bool once;
    char name[PATH_MAX + 64];
    int fd;

    if (once) {
        return;
    }
    once = true;
    snprintf(name, sizeof(name), "%s/%s-%" PRIu64 "-%" PRIu64 ".input",
             input.dir, me, input.seed, input.run);
    fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, input.data, input.size) != input.size) {
        fprintf(stderr, "%s: cannot write %s: %s\n", me, name,
                strerror(errno));
    } else {
        fprintf(stderr, "%s: run %" PRIu64 " of seed %" PRIu64 " failed; its "
                "input is in %s (give it as an argument to run it again)\n",
                me, input.run, input.seed, name);
    }
    printf("not ok 1 - %s # run %" PRIu64 " of seed %" PRIu64 "\n", me,
           input.run, input.seed);
    fflush(stdout);
}

/* An abort, or an input that takes longer than any may */
static void on_signal(int signal)
{
    if (signal == SIGALRM) {
        fprintf(stderr, "%s: an input takes %d s\n", fuzz_target.name,
                MAX_SECONDS);
    }
    save_input();
    _exit(1);
}

static int replay(const char *name)
{
    g_autofree char *data = NULL;
    gsize size;
    GError *err = NULL;

    if (!g_file_get_contents(name, &data, &size, &err)) {
        fprintf(stderr, "%s: %s\n", fuzz_target.name, err->message);
        return 1;
    }
    LLVMFuzzerTestOneInput((uint8_t *)data, size);
    printf("%s: passed\n", name);
    return 0;
}

static void progress(uint64_t runs, double seconds)
{
    g_autofree char *done = fuzz_target.progress();

    fprintf(stderr, "%s: %3.0f s, %" PRIu64 " runs (%.0f a second), %s\n",
            fuzz_target.name, seconds, runs, runs / MAX(seconds, 0.001), done);
}

static int fuzz(uint64_t first, uint64_t runs, int seconds)
{
    gint64 start = g_get_monotonic_time(), now = start, shown = start;
    struct sigaction action = { .sa_handler = on_signal };
    const char *objection;
    uint64_t n;

    if (__sanitizer_set_death_callback) {
        __sanitizer_set_death_callback(save_input);
    }
    sigaction(SIGABRT, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    printf("1..1\n# seed %" PRIu64 "\n", input.seed);
    fflush(stdout);
    for (n = 0; runs ? n < runs : now - start < seconds * 1000000ll; n++) {
        alarm(MAX_SECONDS);
        input.run = first + n;
        input.size = fuzz_target.generate(input.seed, input.run, input.data);
        LLVMFuzzerTestOneInput(input.data, input.size);
        now = g_get_monotonic_time();
        if (now - shown >= 5 * G_USEC_PER_SEC) {
            shown = now;
            progress(n + 1, (now - start) / 1e6);
        }
    }
    alarm(0);
    progress(n, (now - start) / 1e6);
    /* Runs that reach nothing would find nothing; one alone may */
    objection = runs == 1 ? NULL : fuzz_target.objection(n);
    if (objection) {
        printf("not ok 1 - %s # %s\n", fuzz_target.name, objection);
        return 1;
    }
    printf("ok 1 - %s\n", fuzz_target.name);
    return 0;
}

int main(int argc, char **argv)
{
    gint64 seed = g_get_real_time(), runs = 0, first = 0;
    int seconds = 60;
    g_auto(GStrv) files = NULL;
    g_autofree char *summary = g_strdup_printf("- fuzz %s", fuzz_target.about);
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
    GOptionContext *context = g_option_context_new(summary);
    GError *err = NULL;

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err)) {
        fprintf(stderr, "%s: %s\n", fuzz_target.name, err->message);
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
    input.data = g_malloc(fuzz_target.max_size);
    if (!getcwd(input.dir, sizeof(input.dir))) {
        strcpy(input.dir, "/tmp");
    }
    return fuzz(first, runs, seconds);
}
