/* The commands of btnsctl: one function each, and their parsed command line. */
#ifndef BTNS_CTL_COMMANDS_H
#define BTNS_CTL_COMMANDS_H

#include "libapi/wire/err.h"

#include <stdbool.h>

enum { CTL_OK = 0, CTL_FAILED = 1, CTL_USAGE = 2, CTL_UNKNOWN = 3, CTL_DENIED = 4 };

/* A parsed command line; the room ctl/line fills it in. */
struct ctl {
    const char *socket;
    bool json;
    bool help, version;
    bool verbose;                                    /* explain, check: print everything */
    bool accept;                                     /* explain: the accept side */
    const char *user;                                /* explain: user of the process; NULL: yours */
    const char *program, *pid, *peer, *state, *port; /* latches: show only these; NULL: all */
    bool as_long;            /* policy show: print short rules in the long form */
    bool check;              /* status: exit status 1 if something needs mending */
    const char *cgroup;      /* explain: control group of the process; NULL: yours */
    const char *name;        /* policy add: the policy's name; NULL: the file's */
    const char *key;         /* policy sign: the private key's file */
    bool all;                /* policy block: every rule */
    bool mine;               /* policy list: only your own, even for root */
    bool dry_run;            /* cover, uncover: only say what would be done */
    const char *root;        /* cover, uncover: another root directory; NULL: this system */
    bool self;               /* peers export: this host's own key, too */
    bool offline;            /* check: only the files, not this host */
    bool here;               /* audit: the self-test runs in this network namespace */
    const char *request;     /* peers: "peers VERB", as typed; otherwise NULL */
    const char *const *args; /* other arguments; the table of commands limits them */
    int n;                   /* number of args */
};

/*
 * The exit status for a result of ask_*(). "Unknown" and "denied" differ (RFC 3838, 5.3), and are
 * used only if btnsd answered so.
 */
int ctl_exit(int rc);

/* Each command returns an exit status; if not CTL_OK, err has the reason. */
typedef int ctl_command(const struct ctl *c, struct err *err);
ctl_command ctl_status, ctl_latches, ctl_peers, ctl_reload, ctl_forget, ctl_explain, ctl_check,
    ctl_watch, ctl_verify, ctl_nolatch, ctl_policy, ctl_audit, ctl_cover, ctl_uncover, ctl_metrics,
    ctl_graph, ctl_keyscan, ctl_key;

/* For --help: print a line for each verb of `peers` and `policy`, with its arguments. */
void ctl_peers_forms(void);
void ctl_policy_forms(void);

/* Verbs of `peers`, in files of their own */
ctl_command ctl_peers_export, ctl_peers_import;

#endif
