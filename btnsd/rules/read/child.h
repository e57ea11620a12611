/* Runs work on untrusted text in a confined child process, and collects the answer. */
#ifndef BTNS_RULES_READ_CHILD_H
#define BTNS_RULES_READ_CHILD_H

#include "btnsd/rules/read/record.h"
#include "libapi/wire/err.h"

#include <stdbool.h>
#include <sys/types.h>

#define POLICY_CHILD_MS   8000 /* more than its limit of CPU time, for busy machines */
#define POLICY_LOOKUP_MS  3000
#define POLICY_STREAM_MAX (32u << 20)
/* The names of the two tasks in messages. */
#define POLICY_READER "the policy reader"
#define POLICY_LOOKER "looking up names"

/*
 * Calls work(arg, out) in the child, waits, and copies the child's `out` into ours. Returns 0, or
 * -errno with a reason if the child took too long, wrote too much, died, or could not be confined.
 * Only for a process with one thread. A SIGCHLD for the child may be pending afterwards.
 */
int policy_child(int (*work)(void *arg, struct policy_stream *out), void *arg,
                 struct policy_stream *out, struct err *err);
/*
 * Like policy_child() for looking up names: the child may open files and sockets, as user nobody.
 * btnsd waits meanwhile, so this is for root's policies only.
 */
int policy_lookup_child(int (*work)(void *arg, struct policy_stream *out), void *arg,
                        struct policy_stream *out, struct err *err);

/* The same two functions in steps, for callers that do other things meanwhile. */
struct policy_child_process {
    const char *name; /* the task's name in messages */
    pid_t pid;        /* 0: not our child, but the process at the other end of the socket fd */
    int fd; /* non-blocking; readable: there is output to collect, or the child has ended */
    bool reaped;
    int status;
};
/* 0 or -errno. */
int policy_child_start(int (*work)(void *arg, struct policy_stream *out), void *arg,
                       struct policy_child_process *c);
int policy_lookup_child_start(int (*work)(void *arg, struct policy_stream *out), void *arg,
                              struct policy_child_process *c);
/*
 * Moves the output that the child has written so far to out. Returns 0 if the output is complete,
 * -EAGAIN if not yet, else -errno with a reason.
 */
int policy_child_collect(const struct policy_child_process *c, struct policy_stream *out,
                         struct err *err);
/* The caller has already waited for the child, and got this status. */
void policy_child_reaped(struct policy_child_process *c, int status);
/* Ends the child and frees p. 0, or -EPROTO with the reason when the child failed. */
int policy_child_end(struct policy_child_process *c, struct err *err);
/* Waits for a child that was started, `ms` at most, and ends it. As policy_child(). */
int policy_child_finish(struct policy_child_process *c, int ms, struct policy_stream *out,
                        struct err *err);
/*
 * Turns this process into such a child: it is confined, works, writes its answer to fd, and ends.
 */
void policy_child_be(int fd, bool opens_files, int (*work)(void *arg, struct policy_stream *out),
                     void *arg) __attribute__((noreturn));

#endif
