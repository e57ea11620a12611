/*
 * Lets one thread end another's wait for btnsd (shutdown(), close()), and cleans up after a wait
 * that was left by longjmp() or cancellation.
 */
#ifndef BTNS_SHIM_WAIT_H
#define BTNS_SHIM_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* A thread's innermost wait. */
struct wait {
    int place; /* its place in the list that other threads see; -1: none */
    uint32_t turn;
    int channel; /* the connection to btnsd; -1: no wait */
    uint64_t channel_cookie;
    uintptr_t frame;
};

/*
 * Around a wait on `channel` for a verdict about the socket with this cookie. begin() returns what
 * end() needs: a wait may be nested in another, in a signal handler. begin() closes the channel of
 * an earlier wait that cannot be in progress any more: wget's time limits leave connect() by
 * siglongjmp() from a handler.
 */
struct wait wait_begin(uint64_t cookie, int channel, uintptr_t frame);
/* Is the channel still what it was when the wait began? A program may close it. */
bool wait_has_channel(void);
/*
 * Ends the wait. Returns the errno with which another thread ended it, or 0. Closes the channel,
 * unless `keep` is set and no other thread has ended the wait.
 */
int wait_end(struct wait before, bool keep);

/* Ends all waits about this socket with this errno. Returns false if there were none. */
bool wait_give_up(uint64_t cookie, int error);
/* May any thread be waiting? Makes no system call. */
bool wait_any(void);
/* Call in a forked child: forgets the waits of threads that the child does not have. */
void wait_forked(void);

#endif
