/* The steps that must succeed before the program is started, as a table. */
#ifndef BTNS_SHIM_RUN_PLAN_H
#define BTNS_SHIM_RUN_PLAN_H

#include "shim/run/environment.h"
#include "shim/run/program.h"
#include "shim/run/shim.h"
#include "shim/supervise/supervision.h"

/* The command line. */
struct wish {
    enum mode mode;
    const char *policy; /* the policy file, or NULL */
    const char *to;     /* with --check: HOST:PORT, or NULL */
    bool verbose, check, supervise;
    char **argv; /* the program and its arguments */
};

/* The results of the steps. */
struct plan {
    const struct wish *wish;
    struct shim shim;
    struct program program;
    struct orders orders;
    bool btnsd;      /* btnsd answers */
    bool shimmed;    /* the loader will preload the shim */
    bool supervised; /* this btns-run supervises the program */
    struct supervision supervision;
};

#define STEP_WARNS 1 /* the program can be started, but err holds a warning for the person */

/*
 * One step. run() returns 0, STEP_WARNS or an exit status. In each case err holds a sentence for a
 * person: the fault, or the result. A step may rely on the steps before it.
 */
struct step {
    const char *name;
    int (*run)(struct plan *p, struct err *err);
    bool vital; /* when this step fails, the steps after it cannot be checked */
};
extern const struct step plan_steps[]; /* ended by a NULL name */

#endif
