/*
 * Payloads: what the compiler calls of its own accord
 *
 * Built with -fno-tree-loop-distribute-patterns, or they would call themselves.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stddef.h>

void *memset(void *to, int c, size_t n);
void *memset(void *to, int c, size_t n)
{
    char *p = to;

    while (n--) {
        *p++ = c;
    }
    return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    const char *q = from;
    char *p = to;

    while (n--) {
        *p++ = *q++;
    }
    return to;
}
