/*
 * Payloads: TAP
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdarg.h>
#include "payload.h"

static struct {
    struct spinlock lock;       /* of a line */
    unsigned count, bad;        /* tests; failed ones */
    unsigned failed;            /* checks of this test */
    const char *skipped;
} tap;

/* ---- Output ---- */

static void put_string(const char *s)
{
    while (*s) {
        console_put(*s++);
    }
}

static void put_number(uint64_t v, unsigned base, unsigned width, char fill)
{
    char digits[24];
    unsigned n = 0;

    do {
        digits[n++] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v);
    while (width > n) {
        console_put(fill);
        width--;
    }
    while (n) {
        console_put(digits[--n]);
    }
}

/* %c %s %d %u %x with l, a width and 0 */
static void format_out(const char *f, va_list args)
{
    for (; *f; f++) {
        unsigned width = 0, size = 0;
        char fill = ' ';
        int64_t d;

        if (*f != '%') {
            console_put(*f);
            continue;
        }
        f++;
        if (*f == '0') {
            fill = '0';
        }
        while (*f >= '0' && *f <= '9') {
            width = 10 * width + *f++ - '0';
        }
        while (*f == 'l' || *f == 'z') {
            size++;
            f++;
        }
        switch (*f) {
        case 'c':
            console_put(va_arg(args, int));
            break;
        case 's':
            put_string(va_arg(args, const char *));
            break;
        case 'd':
            d = size ? va_arg(args, int64_t) : va_arg(args, int32_t);
            if (d < 0) {
                console_put('-');
            }
            put_number(d < 0 ? -(uint64_t)d : (uint64_t)d, 10, width, fill);
            break;
        case 'u':
        case 'x':
            put_number(size ? va_arg(args, uint64_t) : va_arg(args, uint32_t),
                       *f == 'x' ? 16 : 10, width, fill);
            break;
        default:
            console_put(*f);
        }
    }
}

void say(const char *format, ...)
{
    va_list args;

    spin_lock(&tap.lock);
    put_string("# ");
    va_start(args, format);
    format_out(format, args);
    va_end(args);
    console_put('\n');
    spin_unlock(&tap.lock);
}

void bail_out(const char *format, ...)
{
    va_list args;

    spin_lock(&tap.lock);
    put_string("Bail out! ");
    va_start(args, format);
    format_out(format, args);
    va_end(args);
    console_put('\n');
    machine_exit(1);
}

/* For what strikes while a line is being written: the lock is not taken */
void exception_report(const char *what, uint64_t r0, uint64_t r1, uint64_t r2)
{
    static const char *const names[] = EXCEPTION_REGISTERS;
    const uint64_t values[] = { r0, r1, r2 };

    put_string("\nBail out! exception on CPU ");
    put_number(cpu_index(), 10, 0, ' ');
    put_string(": ");
    put_string(what);
    for (unsigned i = 0; i < ARRAY_SIZE(values); i++) {
        put_string(i ? " " : ", ");
        put_string(names[i]);
        put_string(" 0x");
        put_number(values[i], 16, 0, ' ');
    }
    console_put('\n');
    machine_exit(1);
}

/* ---- Tests ---- */

bool check_that(bool ok, const char *file, int line, const char *what)
{
    if (!ok) {
        mem_add(&tap.failed, 1);
        say("%s:%d: CPU %u: not so: %s", file, line, cpu_index(), what);
    }
    return ok;
}

bool check_equal(uint64_t got, uint64_t want, const char *file, int line,
                 const char *what)
{
    if (got != want) {
        mem_add(&tap.failed, 1);
        say("%s:%d: CPU %u: %s is 0x%lx, not 0x%lx", file, line, cpu_index(),
            what, got, want);
    }
    return got == want;
}

unsigned failures(void)
{
    return mem_read(&tap.failed);
}

void skip(const char *why)
{
    tap.skipped = why;
}

void run_tests(void)
{
    for (const struct test *t = tests; t->run; t++) {
        tap.failed = 0;
        tap.skipped = NULL;
        t->run();
        tap.count++;
        tap.bad += tap.failed != 0;

        spin_lock(&tap.lock);
        put_string(tap.failed ? "not ok " : "ok ");
        put_number(tap.count, 10, 0, ' ');
        put_string(" - ");
        put_string(t->name);
        if (tap.skipped) {
            put_string(" # SKIP ");
            put_string(tap.skipped);
        }
        console_put('\n');
        spin_unlock(&tap.lock);
    }
    spin_lock(&tap.lock);
    put_string("1..");
    put_number(tap.count, 10, 0, ' ');
    console_put('\n');
    machine_exit(tap.bad != 0);
}
