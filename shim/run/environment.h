/* Builds the program's environment, which tells the loader and the shim what to do. */
#ifndef BTNS_SHIM_RUN_ENVIRONMENT_H
#define BTNS_SHIM_RUN_ENVIRONMENT_H

#include "shim/run/sockets.h"

#include <stdbool.h>
#include <stdint.h>

enum mode { MODE_RULES, MODE_PREFER, MODE_REQUIRE, MODE_BYPASS };

/* The settings that the shim reads. */
struct orders {
    enum mode mode;
    uint64_t policy; /* the policy's handle, or 0 */
    bool verbose;
    bool nested;                /* btns-run was started within another btns-run */
    char sockets[SOCKETS_TEXT]; /* inherited sockets that btnsd has not been asked about, or "" */
    uint64_t mark; /* the mark that the shim's calls carry past the supervisor's filter, or 0 */
};

/*
 * The settings of an outer btns-run. They count only if its shim is in LD_PRELOAD, or if this
 * process is under its filter; otherwise the BTNS_* variables are ignored and every field is zero.
 */
struct orders environment_inherited(void);

const char *environment_mode_name(enum mode mode);

/*
 * Builds a new environment: the present one, with LD_PRELOAD and the shim's variables replaced
 * according to `orders` and `shim` (NULL: no shim is preloaded). Other libraries in LD_PRELOAD
 * stay, behind the shim. Returns NULL without memory. The environment is for execve() and is never
 * freed.
 */
char **environment_make(const struct orders *orders, const char *shim);

#endif
