/* All that must be in order before the program is started, as a list of steps. */
#ifndef BTNS_RUN_PLAN_H
#define BTNS_RUN_PLAN_H

#include "shim/run/environment.h"
#include "shim/run/program.h"
#include "shim/run/shim.h"

/* The command line. */
struct wish {
    enum mode mode;
    const char *policy; /* a file, or NULL */
    const char *to;     /* with check: HOST:PORT, or NULL */
    bool verbose, check;
    char **argv; /* the program and its arguments */
};

/* What became of it. */
struct plan {
    const struct wish *wish;
    struct shim shim;
    struct program program;
    struct orders orders;
    bool btnsd; /* answers */
};

#define STEP_WARNS 1 /* it can go on, but a person should know: err says what */

/*
 * run() returns 0, STEP_WARNS or an exit status; err is a sentence for a person in every case: what
 * is wrong, or what is in order. A step may rely on those before it.
 */
struct step {
    const char *name;
    int (*run)(struct plan *p, struct err *err);
    bool vital; /* when it fails, nothing can be said about the steps after it */
};
extern const struct step plan_steps[]; /* ended by a NULL name */

#endif
