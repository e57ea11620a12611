/* The supervisor's loop: its children, the keeper, and the filter's notifications. */
#ifndef BTNS_SHIM_SUPERVISE_CHILDREN_H
#define BTNS_SHIM_SUPERVISE_CHILDREN_H

#include "shim/supervise/supervision.h"

#include <sys/types.h>

/* A message to the keeper about the program. */
struct news {
    pid_t program;
    int code;   /* CLD_EXITED, CLD_KILLED, CLD_DUMPED, CLD_STOPPED, CLD_CONTINUED; 0: it runs */
    int status; /* the exit status or signal, as waitid() gives it */
};

/*
 * Returns when no process is left to supervise. listener -1: the program could not be filtered and
 * ends by itself.
 */
void children_watch(const struct supervision *v, pid_t program, int listener, int keeper);

#endif
