/* Putting a question to btnsd, and taking nothing but a well-formed answer. */
#ifndef BTNS_CTL_ASK_H
#define BTNS_CTL_ASK_H

#include "libapi/wire/err.h"
#include "libapi/wire/wire.h"

#include <stddef.h>

/* Every kind of answer; strings in it are always NUL-terminated. */
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

/* The socket to use when the command line names none: BTNS_SOCKET_PATH's, else BTNS_SOCKET. */
const char *ask_socket(void);

/*
 * Sends the message (whose header is filled in here, as `type`) to the btnsd at `path` and waits
 * for its one answer, of type `want`. Returns 0, or -errno with a whole sentence in err: btnsd is
 * not there (-ENOTCONN), keeps silent, answers nonsense (-EPROTO), or refuses with BTNS_REP_END:
 * its own -ENOENT, -EPERM and -EACCES are nobody else's.
 */
int ask_one(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
            enum btns_type want, union btns_reply *reply, struct err *err);

/* The same with a socket of the caller's that goes along, about which btnsd may have to think for
 * long. */
int ask_with_socket(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
                    enum btns_type want, int with, union btns_reply *reply, struct err *err);

/*
 * The same for a list: `each` gets every record, in order, and may end it with a -errno (setting
 * err itself). At most ASK_RECORDS_MAX are taken.
 */
#define ASK_RECORDS_MAX (1u << 20)
typedef int ask_each(void *arg, const union btns_reply *record, struct err *err);
int ask_list(const char *path, enum btns_type type, enum btns_type want, ask_each *each, void *arg,
             struct err *err);
/*
 * The same for a message of any length whose list is ended by an answer of type `last`, which comes
 * out in *end.
 */
int ask_records(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
                enum btns_type want, enum btns_type last, union btns_reply *end, ask_each *each,
                void *arg, struct err *err);

/*
 * The same for answers that have no end: until SIGINT or SIGTERM (then 0), or btnsd goes away. Call
 * it once.
 */
int ask_stream(const char *path, struct btns_hdr *msg, size_t len, enum btns_type type,
               enum btns_type want, ask_each *each, void *arg, struct err *err);

#endif
