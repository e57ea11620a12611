/* One question to btnsd and its answer, over a connection of their own. */
#ifndef SHIM_ASK_H
#define SHIM_ASK_H

#include "libapi/wire/wire.h"

enum ask_end {
    ASK_ANSWERED,    /* .reply is whole and is about this socket */
    ASK_AWAY,        /* no verdict to be had: .why says why, for a person */
    ASK_INTERRUPTED, /* a signal was handled that also ends a connect() */
    ASK_LATE,        /* .limit has passed */
};

struct ask {
    int fd;            /* the program's socket, of which a copy goes with the question; -1: none */
    int64_t limit;     /* milliseconds to wait at most */
    int interruptible; /* may end as ASK_INTERRUPTED */
    struct btns_flow flow; /* the question, whole (see flow.h) */
    struct btns_verdict_msg reply;
    int page; /* descriptor of the epoch page that came with it, the caller's to close, or -1 */
    char why[BTNS_TEXT_MAX];
    const char *advice; /* what to do about it */
};

enum ask_end ask(struct ask *a);

#endif
