/* One question to btnsd and its answer, over a connection of their own. */
#ifndef BTNS_SHIM_ASK_H
#define BTNS_SHIM_ASK_H

#include "libapi/wire/wire.h"

#include <stdbool.h>

enum ask_end {
    ASK_ANSWERED,    /* .reply is whole and is about this socket */
    ASK_AWAY,        /* no verdict; .why has the reason, as text for a person */
    ASK_INTERRUPTED, /* a signal was handled that also ends a connect() */
    ASK_LATE,        /* .limit has passed */
    ASK_GIVEN_UP,    /* the program gave up the call, with .error */
};

enum { ASK_SOON = 1000 }; /* milliseconds: the limit for a call that must not block */

struct ask {
    int fd;             /* the program's socket, of which a copy goes with the question; -1: none */
    int64_t limit;      /* milliseconds to wait at most */
    bool interruptible; /* may end as ASK_INTERRUPTED ... */
    bool limited;       /* ... by any signal: the limit is the program's own */
    bool cancellable;   /* the program's call is a cancellation point */
    struct btns_flow flow; /* the question, whole (see flow.h) */
    struct btns_verdict_msg reply;
    int page;     /* descriptor of the epoch page that came with it, the caller's to close, or -1 */
    int channel;  /* likewise the connection, on which btnsd will tell the outcome; or -1 */
    bool unasked; /* with ASK_AWAY: no connection to btnsd could be made */
    int error;
    int64_t left; /* milliseconds of .limit that were not used */
    char why[BTNS_TEXT_MAX];
    const char *advice; /* what to do about it */
};

enum ask_end ask(struct ask *a);
/*
 * Reads what btnsd tells later on a channel that was kept, without waiting: ASK_ANSWERED, ASK_LATE
 * (it has not told yet) or ASK_AWAY.
 */
enum ask_end ask_again(struct ask *a, int channel);

#endif
