/* Sends one request to btnsd and accepts only a well-formed answer. */
#ifndef BTNS_LIBAPI_CLIENT_ASK_H
#define BTNS_LIBAPI_CLIENT_ASK_H

#include "libapi/wire/err.h"
#include "libapi/wire/wire.h"

#include <stddef.h>

/* Every type of answer; its strings are always NUL-terminated. */
union btns_reply {
    struct btns_hdr hdr;
    struct btns_verdict_msg verdict;
    struct btns_policy_msg policy;
    struct btns_status_msg status;
    struct btns_latch_msg latch;
    struct btns_peer_msg peer;
    struct btns_end_msg end;
    struct btns_candidate_msg candidate;
    struct btns_event_msg event;
    struct btns_policy_item policy_item;
};

/* The socket's path if the command line names none: $BTNS_SOCKET_PATH, else BTNS_SOCKET. */
const char *ask_socket(void);

/*
 * Sends the message to the btnsd at `path`, after filling in its header with `type`, and waits for
 * one answer of type `want`. Returns 0, or -errno with a whole sentence in err: btnsd is not there
 * (-ENOTCONN), does not answer, answers nonsense (-EPROTO), or refuses with BTNS_REP_END. -ENOENT,
 * -EPERM and -EACCES always come from btnsd.
 */
int ask_one(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
            enum btns_type want, union btns_reply *reply, struct err *err);

/*
 * Like ask_one(), and passes the caller's socket along. btnsd may take long to answer about a
 * socket.
 */
int ask_with_socket(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
                    enum btns_type want, int with, union btns_reply *reply, struct err *err);

/*
 * Like ask_one() for a list: calls `each` for every record in order. `each` may stop the list by
 * returning -errno with err set. At most ASK_RECORDS_MAX records are read.
 */
#define ASK_RECORDS_MAX (1u << 20)
typedef int ask_each(void *arg, const union btns_reply *record, struct err *err);
int ask_list(const char *path, enum btns_type type, enum btns_type want, ask_each *each, void *arg,
             struct err *err);
/*
 * Like ask_records() for a message of any length, whose list ends with an answer of type `last`,
 * stored in *end.
 */
int ask_records(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
                enum btns_type want, enum btns_type last, union btns_reply *end, ask_each *each,
                void *arg, struct err *err);

/*
 * Like ask_list() for answers that never end: returns 0 on SIGINT or SIGTERM, or -errno when btnsd
 * closes the connection. Call it once in a process.
 */
int ask_stream(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
               enum btns_type want, ask_each *each, void *arg, struct err *err);

#endif
