/*
 * Asks btnsd a question in the name of another process, which must be a descendant of the caller.
 */
#ifndef BTNS_LIBAPI_CLIENT_FOR_ANOTHER_H
#define BTNS_LIBAPI_CLIENT_FOR_ANOTHER_H

#include "libapi/client/ask.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The process in whose name a question is asked, the time limit, and whether the answer is still
 * wanted.
 */
struct ask_name {
    int process;   /* a pidfd of the process, a descendant of the caller */
    int socket;    /* the process's socket */
    int64_t limit; /* milliseconds */
    bool (*wanted)(void *arg);
    void *arg;
};
/* The connection on which btnsd reports later how a non-blocking attempt ended; fd -1: none. */
struct ask_outcome {
    int fd; /* the caller must pass it to ask_for_anothers_outcome(), which closes it */
    uint32_t id;
    enum btns_type type;
};
/*
 * Like ask_with_socket(), for another process. -EINTR: the answer was not wanted any more;
 * -ETIMEDOUT: the limit has passed. Several threads may ask at once.
 */
int ask_for_another(const char *path, struct btns_flow *msg, enum btns_type type,
                    const struct ask_name *name, union btns_reply *reply,
                    struct ask_outcome *outcome, struct err *err);
int ask_for_anothers_outcome(const char *path, struct ask_outcome *outcome,
                             const struct ask_name *name, union btns_reply *reply, struct err *err);

#endif
