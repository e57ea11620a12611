/* Programs that do not do the work themselves: which of them, and what of it btns-run would miss.
 */
#ifndef BTNS_SHIM_RUN_STARTERS_H
#define BTNS_SHIM_RUN_STARTERS_H

#include <stdbool.h>

enum starter {
    STARTER_NONE,   /* it does its work itself, as far as can be told */
    STARTER_BARE,   /* it starts the work itself, without the environment: only a supervisor sees it
                     */
    STARTER_SERVER, /* a server of its own does the work, if that runs (servers.h) */
    STARTER_ELSE,   /* a process that runs already does the work: nothing below btns-run sees it */
};

struct started {
    enum starter kind;
    const char *name;  /* the program */
    const char *who;   /* does the work; of STARTER_BARE: NULL */
    char *const *argv; /* from the program's own name on; NULL: it is in a shell's text */
};

/* Judges a command line, and looks at nothing else. */
struct started starters_judge(char *const *argv);

#endif
