/* The program's thread that waits in a system call, seen from its supervisor. */
#ifndef BTNS_SHIM_SUPERVISE_CALLER_H
#define BTNS_SHIM_SUPERVISE_CALLER_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct caller {
    int listener; /* where its call was told */
    struct seccomp_notif call;
    pid_t pid;   /* of its process */
    int process; /* a pidfd of it */
    /* What caller_keep_voice() has taken. */
    int voice;
    char name[64];
};

/*
 * Takes the next notification. False: there was none after all. The process may be gone already:
 * then caller_waits() says so.
 */
bool caller_take(int listener, struct caller *c);
void caller_close(struct caller *c);
/* Does it still wait for the answer to this call? */
bool caller_waits(const struct caller *c);
/* Does its process live? */
bool caller_lives(const struct caller *c);
/*
 * Each of these returns 0 or more, or -errno. What they deliver is of this caller: that it still
 * waits was checked afterwards (-ESRCH if not).
 */
int caller_read(const struct caller *c, uint64_t at, void *to, size_t len);
int caller_write(const struct caller *c, uint64_t at, const void *from, size_t len);
int caller_descriptor(const struct caller *c, int number); /* a copy */
/* A copy of its process's descriptor 2, also when it does not wait any more. */
int caller_standard_error(const struct caller *c);
/*
 * Takes the process's standard error, so that a line about it can be written when it has ended.
 * Until caller_drop_voice(), readers of the process's output do not see its end.
 */
void caller_keep_voice(struct caller *c);
void caller_drop_voice(struct caller *c);
/* The last part of its program's name, as it was started. */
void caller_name(const struct caller *c, char *name, size_t size);

/* Ends the call: with this result (-errno), or by letting the kernel carry it out. */
bool caller_answer(const struct caller *c, long result);
bool caller_go_on(const struct caller *c);

#endif
