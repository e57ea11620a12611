/*
 * The audit log: one JSON line for each change of rules, each decision to let something go clear or
 * to deny it, each latch that breaks. A process of its own writes, so that a disk that fails or
 * hangs never holds btnsd up; what it cannot take is counted, and the count is written.
 */
#ifndef BTNS_AUDIT_H
#define BTNS_AUDIT_H

#include "btnsd/events/events.h"
#include "btnsd/rules/ask/view.h"

struct audit {
    struct subscriber subscriber; /* first */
    const char *path;             /* NULL: there is none */
    int fd;                       /* of the writer's socket, or -1 */
    pid_t pid;
    uint64_t retry; /* ms, loop_now: not before is the writer started again */
    uint64_t lost;  /* lines */
    uint64_t generation;
    char hash[65]; /* of the rules in force */
};

/* Subscribes to es; path is made, with its directory. NULL path: does nothing. */
void audit_start(struct audit *a, struct events *es, const char *path);
void audit_end(struct audit *a);
/* The file was moved away, or its disk is there again: it is opened anew. */
void audit_reopen(struct audit *a);
bool audit_reaped(struct audit *a, pid_t pid);

/* Of two generations (old NULL: the first), which files came, went and changed; root said so. */
void audit_rules(struct audit *a, const struct rules *old, const struct rules *now);
void audit_refused(struct audit *a, const char *why);
/* user_policy "added", "removed", "blocked" ...; hash: SHA-256 of the text, or NULL. */
void audit_user(struct audit *a, uid_t by, uid_t uid, const char *change, const char *name,
                const uint8_t *hash);

/* A program that asked, and what it was told: only "clear" and "denied" are worth a line. */
struct audit_decision {
    const char *verdict;
    int error;
    enum point point;
    uid_t uid;
    pid_t pid;
    const char *program;
    const struct btns_addr *address;
    const struct rule *rule; /* NULL: none */
    const char *text;
};
void audit_decision(struct audit *a, const struct audit_decision *what);

/* audit_writer.c: the writer's process; does not return. Octets of `in` until its end. */
void audit_write(int in, const char *path) __attribute__((noreturn));
#define AUDIT_LINE   8192
#define AUDIT_OCTETS (8u << 20) /* in one file */
#define AUDIT_FILES  5          /* PATH, PATH.1 ... PATH.4 */
#define AUDIT_REOPEN "\n"       /* a message that is no line */

#endif
