/*
 * Starts a program under a supervisor, so that to the caller btns-run looks like the program
 * itself.
 */
#ifndef BTNS_SHIM_SUPERVISE_LAUNCH_H
#define BTNS_SHIM_SUPERVISE_LAUNCH_H

#include "libapi/wire/err.h"
#include "shim/supervise/supervision.h"

/*
 * Draws the number that the shim's calls carry. 0, with err set: no random number could be drawn.
 */
uint64_t launch_draw_mark(struct err *err);
/*
 * Runs the program and ends as it ends. Returns only if the program could not be started, in the
 * process that has to report err and exit with `own_failure` or, if the exec failed, `cannot_run`.
 */
struct start_failures {
    int own_failure, cannot_run;
};
int launch_program(const struct supervision *v, const char *path, char **argv, char **env,
                   const struct start_failures *as, struct err *err);

#endif
