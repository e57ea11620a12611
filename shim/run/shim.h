/* Finds the shim library and checks that the loader will preload it. */
#ifndef BTNS_SHIM_RUN_SHIM_H
#define BTNS_SHIM_RUN_SHIM_H

#include "libapi/wire/err.h"
#include "shim/supervise/supervision.h"

#include <limits.h>
#include <stdint.h>

struct shim {
    char path[PATH_MAX]; /* absolute, without characters that LD_PRELOAD cannot carry */
    uint16_t machine;    /* EM_* it is built for */
};

/*
 * Looks for the shim beside btns-run (a build tree), in ../lib/btns from there, then where btns is
 * installed. The loader only warns about a library that it cannot preload and runs the program
 * unprotected, so every cause of that is an error here. Returns 0 or -errno.
 */
int shim_find(struct shim *s, struct err *err);

#endif
