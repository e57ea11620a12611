/* The library that is preloaded: where it is, and whether the loader will take it. */
#ifndef BTNS_RUN_SHIM_H
#define BTNS_RUN_SHIM_H

#include "libapi/wire/err.h"

#include <limits.h>
#include <stdint.h>

#define SHIM_NAME "libbtns-shim.so"

struct shim {
    char path[PATH_MAX]; /* absolute, fit for LD_PRELOAD */
    uint16_t machine;    /* EM_* it is built for */
};

/*
 * Beside btns-run (a build tree), in ../lib/btns from there, or where it is installed. The loader
 * ignores what it cannot preload, with a warning and unprotected: so whatever could make it do so
 * is an error here. 0 or -errno.
 */
int shim_find(struct shim *s, struct err *err);

#endif
