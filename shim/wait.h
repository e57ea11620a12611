/* Threads that wait for btnsd: what others may do to a wait, and what one leaves behind. */
#ifndef BTNS_SHIM_WAIT_H
#define BTNS_SHIM_WAIT_H

#include <stdbool.h>
#include <stdint.h>

/* A thread's innermost wait. */
struct wait {
    int place; /* in the list that other threads see; -1: it has none */
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
 * Returns the errno with which somebody ended the wait, or 0. Closes the channel, unless it is to
 * be kept and nobody has ended the wait.
 */
int wait_end(struct wait before, bool keep);

/* Ends the waits about this socket with this errno. False: there were none. */
bool wait_give_up(uint64_t cookie, int error);
/* May there be any? Costs no system call. */
bool wait_any(void);
/* In a new process: the waits of the threads that it does not have are none of its business. */
void wait_forked(void);

#endif
