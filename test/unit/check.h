/* For all unit programs: checks that print TAP, and a scratch directory. */
#ifndef BTNS_TEST_UNIT_CHECK_H
#define BTNS_TEST_UNIT_CHECK_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static int check_number, check_failed;

__attribute__((format(printf, 2, 3))) static inline void check(bool ok, const char *what, ...)
{
    char text[256];
    __builtin_va_list ap;
    __builtin_va_start(ap, what);
    vsnprintf(text, sizeof text, what, ap);
    __builtin_va_end(ap);
    printf("%s %d - %s\n", ok ? "ok" : "not ok", ++check_number, text);
    fflush(stdout);
    check_failed += !ok;
}

static inline int check_end(void)
{
    printf("1..%d\n", check_number);
    return check_failed != 0;
}

/* Makes a new directory under TMPDIR; scratch_remove() removes it with its contents. */
static inline const char *scratch(char *dir, size_t size)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(dir, size, "%s/btns-unit-XXXXXX", tmp ? tmp : "/tmp");
    return mkdtemp(dir);
}

static inline void scratch_remove(const char *dir)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    if (system(command))
        printf("# %s stays\n", dir);
}

#endif
