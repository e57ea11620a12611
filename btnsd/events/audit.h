/*
 * The audit log: one line of JSON for each change of rules, each decision to let a flow go in the
 * clear or to deny it, and each latch that breaks. A separate process writes the file, so that a
 * disk that fails or hangs never holds up btnsd. Lines that cannot be written are counted, and the
 * count is written.
 */
#ifndef BTNS_EVENTS_AUDIT_H
#define BTNS_EVENTS_AUDIT_H

#include "btnsd/events/events.h"
#include "btnsd/rules/ask/view.h"

struct audit {
    struct subscriber subscriber; /* first */
    const char *path;             /* NULL: there is no audit log */
    int fd;                       /* the writer's socket, or -1 */
    pid_t pid;
    uint64_t retry; /* ms, loop_now: the writer is not started again before this */
    uint64_t lost;  /* lines */
    uint64_t generation;
    char hash[65]; /* SHA-256 of the rules in force */
};

/*
 * Subscribes to es and creates the file at path, with its directory. Does nothing if path is NULL.
 */
void audit_start(struct audit *a, struct events *es, const char *path);
void audit_end(struct audit *a);
/* Opens the file again, after it was moved away or when its disk is back. */
void audit_reopen(struct audit *a);
bool audit_reaped(struct audit *a, pid_t pid);

/*
 * Logs which rule files were added, removed and changed between two generations (old NULL: the
 * first); root made the change.
 */
void audit_rules(struct audit *a, const struct rules *old, const struct rules *now);
void audit_refused(struct audit *a, const char *why);
/*
 * Logs a change of a user's policies. change: "added", "removed", "blocked" ...; hash: SHA-256 of
 * the text, or NULL.
 */
void audit_user(struct audit *a, uid_t by, uid_t uid, const char *change, const char *name,
                const uint8_t *hash);

/* Logs a program's request and its answer; only "clear" and "denied" get a line. */
struct audit_decision {
    const char *verdict;
    int error;
    enum point point;
    uid_t uid;
    pid_t pid;
    const char *program;
    const struct btns_addr *address;
    const struct rule *rule;      /* NULL: none */
    const char *rule_text, *text; /* the rule as the latches name it, and why */
};
void audit_decision(struct audit *a, const struct audit_decision *what);

/* audit_writer.c: the writer's process, which reads `in` until its end; does not return. */
void audit_write(int in, const char *path) __attribute__((noreturn));
#define AUDIT_LINE   10240 /* with the fields for the journal, at most AUDIT_FIELDS */
#define AUDIT_FIELDS 2048
#define AUDIT_OCTETS (8u << 20) /* in one file */
#define AUDIT_FILES  5          /* PATH, PATH.1 ... PATH.4 */
#define AUDIT_REOPEN "\n"       /* a message that is not a line: an order to the writer */

#endif
