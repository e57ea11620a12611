/* State of the watch for connections that fail because hosts disagree about TCP signatures. */
#ifndef BTNS_STATE_SIGNATURE_WATCH_H
#define BTNS_STATE_SIGNATURE_WATCH_H

#include "btnsd/base/loop.h"
#include "btnsd/tcp/sign_counters.h"
#include "libapi/wire/addr.h"

#define SIGNED_CONNECTS 8

struct signed_connect {
    uint64_t began; /* ms, loop_now; 0: not in use */
    struct btns_addr remote;
    char key_file[200];
};

/* See btnsd/running/signatures.c. */
struct signatures {
    struct timer timer;
    struct sign_counters first, seen; /* when the watch began; when they were last looked at */
    struct signed_connect connect[SIGNED_CONNECTS];
    /*
     * a text for btnsctl status about the last unanswered connect(), and about the last drops; or
     * ""
     */
    char silent[500], dropped[720];
};

#endif
