/* One question to btnsd and its answer, over a connection made for that question. */
#ifndef SHIM_ASK_H
#define SHIM_ASK_H

#include "libapi/wire/wire.h"

enum ask_end {
    ASK_ANSWERED,    /* .reply is well formed and is about this socket */
    ASK_AWAY,        /* there is no verdict: .why gives the reason, for a person */
    ASK_INTERRUPTED, /* a signal handler ran that would have interrupted a connect() */
    ASK_LATE,        /* .limit has passed */
};

struct ask {
    int fd;                /* the program's socket, sent along with the question; -1: none */
    int64_t limit;         /* milliseconds to wait at most */
    int interruptible;     /* may end as ASK_INTERRUPTED */
    struct btns_flow flow; /* the complete question (see flow.h) */
    struct btns_verdict_msg reply;
    int page; /* descriptor of the epoch page in the answer, which the caller closes; -1: none */
    char why[BTNS_TEXT_MAX];
    const char *advice; /* what the person can do about .why */
};

enum ask_end ask(struct ask *a);

#endif
