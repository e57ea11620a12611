/* Starts a program under a supervisor, and is to its caller as if it were the program. */
#ifndef BTNS_SHIM_SUPERVISE_LAUNCH_H
#define BTNS_SHIM_SUPERVISE_LAUNCH_H

#include "libapi/wire/err.h"
#include "shim/supervise/supervision.h"

/* The number that calls of the shim carry; 0 and err: none could be drawn. */
uint64_t supervised_mark(struct err *err);
/*
 * Runs the program and ends as it ends. Returns only if it could not be started: with err, in the
 * process that is left to say so, and end with `own_failure` or, for the exec itself, `cannot_run`.
 */
struct start_failures {
    int own_failure, cannot_run;
};
int supervised_start(const struct supervision *v, const char *path, char **argv, char **env,
                     const struct start_failures *as, struct err *err);

#endif
