/* A thread of the program that waits in a system call, as its supervisor sees it. */
#ifndef BTNS_SHIM_SUPERVISE_CALLER_H
#define BTNS_SHIM_SUPERVISE_CALLER_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct caller {
    int listener; /* the filter's descriptor that reported the call */
    struct seccomp_notif call;
    pid_t pid;   /* the process's number */
    int process; /* the process's pidfd */
    /* the standard error that caller_keep_voice() has taken; -1: none */
    int voice;
    char name[64];
};

/*
 * Receives the next notification. Returns false if there was none. The process may have ended
 * already: then caller_waits() returns false.
 */
bool caller_take(int listener, struct caller *c);
void caller_close(struct caller *c);
/* Does the caller still wait for the answer to this call? */
bool caller_waits(const struct caller *c);
/* Is the caller's process still alive? */
bool caller_lives(const struct caller *c);
/*
 * Each of these returns 0 or more, or -errno. The result is really this caller's: after reading, it
 * was checked that the caller still waits (-ESRCH if not).
 */
int caller_read(const struct caller *c, uint64_t at, void *to, size_t len);
int caller_write(const struct caller *c, uint64_t at, const void *from, size_t len);
/* returns a copy of the program's descriptor */
int caller_descriptor(const struct caller *c, int number);
/* A copy of the process's descriptor 2, even if the caller does not wait any more. */
int caller_standard_error(const struct caller *c);
/*
 * Keeps a copy of the process's standard error, so that a line can be written after the process has
 * ended. Until caller_drop_voice(), readers of the process's output do not see its end.
 */
void caller_keep_voice(struct caller *c);
void caller_drop_voice(struct caller *c);
/*
 * Has the caller's process mapped a file whose path ends in `file`, even if it was deleted since?
 */
bool caller_maps(const struct caller *c, const char *file);
/* The last part of its program's name, as it was started. */
void caller_name(const struct caller *c, char *name, size_t size);

/* Reads /proc/PID/NAME and ends it with a zero octet. The number of octets, or -1. */
ssize_t caller_proc_read(pid_t pid, const char *name, char *text, size_t size);

/* Answers the call: with this result (-errno), or by letting the kernel carry it out. */
bool caller_answer(const struct caller *c, long result);
bool caller_go_on(const struct caller *c);

#endif
