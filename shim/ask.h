/* One question to btnsd and its answer, over a connection of their own. */
#ifndef BTNS_SHIM_ASK_H
#define BTNS_SHIM_ASK_H

#include "libapi/wire/wire.h"

#include <stdbool.h>

enum ask_end {
    ASK_ANSWERED,    /* .reply is complete and is about this socket */
    ASK_AWAY,        /* there is no verdict; .why has the reason, for a person */
    ASK_INTERRUPTED, /* a signal was handled that would also end connect() */
    ASK_LATE,        /* .limit has passed */
    ASK_GIVEN_UP,    /* the program gave up the call, with .error */
};

/* .limit of a call that must not block: a second, or what BTNS_WAIT says (settings.h) */
enum { ASK_SOON = 0 };

struct ask {
    int fd;                /* the program's socket, sent along with the question; -1: none */
    int64_t limit;         /* milliseconds to wait at most, or ASK_SOON */
    bool interruptible;    /* a signal may end the wait (ASK_INTERRUPTED) */
    bool limited;          /* a signal with SA_RESTART too, as the socket has its own time limit */
    bool cancellable;      /* the program's call is a cancellation point */
    struct btns_flow flow; /* the question, completely filled in (flow.h) */
    struct btns_verdict_msg reply;
    int page;     /* the epoch page's descriptor, which the caller closes; -1: none came */
    int channel;  /* for the outcome, from btnsd; the caller closes it; -1: none */
    bool unasked; /* with ASK_AWAY: btnsd could not be connected to */
    int error;
    int64_t left; /* milliseconds of .limit that are left */
    char why[BTNS_TEXT_MAX];
    const char *advice; /* what to do about it */
    bool doubted;       /* btnsd had been late before, so this question did not wait for long */
};

enum ask_end ask(struct ask *a);
/*
 * Reads without waiting whether btnsd has sent the outcome on a channel that was kept:
 * ASK_ANSWERED, ASK_LATE (not yet) or ASK_AWAY.
 */
enum ask_end ask_again(struct ask *a, int channel);

#endif
