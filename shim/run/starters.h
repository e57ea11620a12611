/* Recognises programs that hand their work to another process, which btns-run would not cover. */
#ifndef BTNS_SHIM_RUN_STARTERS_H
#define BTNS_SHIM_RUN_STARTERS_H

#include <stdbool.h>

enum starter {
    STARTER_NONE,   /* does its work itself, as far as the command line shows */
    STARTER_BARE,   /* starts the work with a cleared environment: only a supervisor covers it */
    STARTER_SERVER, /* a server of the program's own does the work, if one runs (servers.h) */
    STARTER_ELSE,   /* a process that runs already does the work, and btns-run does not cover it */
};

struct started {
    enum starter kind;
    const char *name; /* the program's name */
    const char *who;  /* the process that does the work; STARTER_BARE: NULL */
    /* The words from the program's name on; NULL: they are inside a shell's text. */
    char *const *argv;
};

/* Judges the command line alone: reads no files. */
struct started starters_judge(char *const *argv);

#endif
