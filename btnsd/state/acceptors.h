/* State about connections that programs have accepted and only counted (requests/accept_scan.c). */
#ifndef BTNS_STATE_ACCEPTORS_H
#define BTNS_STATE_ACCEPTORS_H

#include "btnsd/base/count_by_user.h"
#include "btnsd/base/hash_table.h"
#include "btnsd/base/loop.h"
#include "btnsd/state/plain_connections.h"

struct acceptor;

struct acceptors {
    struct acceptor *waiting; /* processes that have accepted connections since the last look */
    struct hash_table by_process;
    struct count_by_user *users;
    struct timer timer;   /* for the next look */
    uint64_t rests_until; /* ms (loop_now): no look before, because the last one took long */
    uint64_t evaluation;  /* of the rules, at the last look */
    struct plain_connections plain;
};

#endif
