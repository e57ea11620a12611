/*
 * An allocator that fails when this thread asks it to, and that counts the blocks in use. It
 * replaces libc's in the program and all its libraries. With LIBC_ALLOCATOR it is left out, so that
 * valgrind finds leaks with libc's own.
 */
#ifndef BTNS_TEST_PROGRAMS_FAILING_ALLOCATOR_H
#define BTNS_TEST_PROGRAMS_FAILING_ALLOCATOR_H

#include <errno.h>
#include <stdlib.h>

#ifndef LIBC_ALLOCATOR
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void __libc_free(void *p);

static __thread long live,
    until = -1;                 /* `until` counts the allocations that still succeed; -1: all do */
static __thread int fails_once; /* then later allocations succeed again */

static int fails(void)
{
    if (until < 0)
        return 0;
    if (until--)
        return 0;
    until = fails_once ? -1 : 0;
    return 1;
}

static void *count_block(void *p)
{
    live += p != NULL;
    if (!p)
        errno = ENOMEM;
    return p;
}

void *malloc(size_t size)
{
    return count_block(fails() ? NULL : __libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
    return count_block(fails() ? NULL : __libc_calloc(n, size));
}

void *realloc(void *p, size_t size)
{
    void *again = fails() ? NULL : __libc_realloc(p, size);
    if (!p)
        return count_block(again);
    if (!again)
        errno = ENOMEM;
    return again;
}

void free(void *p)
{
    live -= p != NULL;
    __libc_free(p);
}
#endif

#endif
