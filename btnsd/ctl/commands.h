/* The commands of btnsctl: what each is called with, and one function each. */
#ifndef BTNS_CTL_COMMANDS_H
#define BTNS_CTL_COMMANDS_H

#include "libapi/wire/err.h"

#include <stdbool.h>

enum { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = 2, CTL_UNKNOWN = 3, CTL_DENIED = 4 };

/* A command line, taken apart by main.c. */
struct ctl {
    const char *socket;
    bool json;
    bool accept;             /* explain: the accept side */
    const char *user;        /* explain: whose processes; NULL: the asker's */
    const char *cgroup;      /* explain: in which control group; NULL: the asker's */
    const char *name;        /* policy add: what to call it; NULL: as the file */
    const char *key;         /* policy sign: the private key's file */
    bool all;                /* policy block: every rule */
    bool mine;               /* policy list: the asker's, also of root */
    bool offline;            /* check: the files alone */
    const char *const *args; /* what is left; as many as the command's line in the table says */
    int n;                   /* how many that is */
};

/*
 * Of what ask_*() returned. "Unknown" and "denied" are told apart (RFC 3838, 5.3): only btnsd says
 * either.
 */
int ctl_exit(int rc);

/* Each returns an exit status; on other than CTL_OK err says why. */
typedef int ctl_command(const struct ctl *c, struct err *err);
ctl_command ctl_status, ctl_latches, ctl_peers, ctl_reload, ctl_forget, ctl_explain, ctl_check,
    ctl_watch, ctl_verify, ctl_nolatch, ctl_policy;

#endif
