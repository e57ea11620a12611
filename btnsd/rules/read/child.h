/* Runs work on outside text in a confined child process, and collects what it has to say. */
#ifndef BTNS_RULES_CHILD_H
#define BTNS_RULES_CHILD_H

#include "btnsd/rules/read/record.h"
#include "libapi/wire/err.h"

#include <stdbool.h>
#include <sys/types.h>

#define POLICY_CHILD_MS   8000 /* on a busy machine what it may use of CPU time takes longer */
#define POLICY_LOOKUP_MS  3000
#define POLICY_STREAM_MAX (32u << 20)

/*
 * Calls work(arg, out) in the child, and waits; what it put into its `out` is in ours then. 0, or
 * -errno with a reason when the child took too long, said too much, died, or could not be confined.
 * For a process of one thread. A SIGCHLD of the child's may be pending afterwards.
 */
int policy_child(int (*work)(void *arg, struct policy_stream *out), void *arg,
                 struct policy_stream *out, struct err *err);
/*
 * The same for looking up names: it may open files and sockets, as nobody, and is given longer.
 * Who has names looked up keeps btnsd waiting: only root may.
 */
int policy_lookup_child(int (*work)(void *arg, struct policy_stream *out), void *arg,
                        struct policy_stream *out, struct err *err);

/* The same in steps, for who does other things meanwhile. */
struct policy_child_process {
    const char *name; /* of what it does */
    pid_t pid;
    int fd; /* readable: something to collect, or it has ended; non-blocking */
    bool reaped;
    int status;
};
/* 0 or -errno. */
int policy_child_start(int (*work)(void *arg, struct policy_stream *out), void *arg,
                       struct policy_child_process *c);
/* What is there by now into out. 0: that was all; -EAGAIN: not yet; else -errno with a reason. */
int policy_child_collect(const struct policy_child_process *c, struct policy_stream *out,
                         struct err *err);
/* Somebody else has waited for it. */
void policy_child_reaped(struct policy_child_process *c, int status);
/* Nothing is left of it afterwards. 0, or -EPROTO with the reason if it did not end well. */
int policy_child_end(struct policy_child_process *c, struct err *err);

#endif
