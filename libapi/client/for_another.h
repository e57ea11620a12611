/* The questions that a process asks for another, which is below it. */
#ifndef BTNS_LIBAPI_CLIENT_FOR_ANOTHER_H
#define BTNS_LIBAPI_CLIENT_FOR_ANOTHER_H

#include "libapi/client/conversation.h"

#include <stdbool.h>
#include <stdint.h>

/* In whose name a question is asked, for how long, and whether its answer is still wanted. */
struct ask_name {
    int process;   /* a pidfd, of a process below the caller */
    int socket;    /* the process's socket */
    int64_t limit; /* milliseconds */
    bool (*wanted)(void *arg);
    void *arg;
};
/* Where btnsd tells later what became of a non-blocking attempt; fd -1: nowhere. */
struct ask_outcome {
    int fd; /* the caller's, until ask_for_outcome() closes it */
    uint32_t id;
    enum btns_type type;
};
/*
 * Like ask_with_socket() for another process. -EINTR: it was not wanted any more; -ETIMEDOUT: the
 * limit is over. Threads may ask at once.
 */
int ask_in_name(const char *path, struct btns_flow *msg, enum btns_type type,
                const struct ask_name *name, union btns_reply *reply, struct ask_outcome *outcome,
                struct err *err);
int ask_for_outcome(const char *path, struct ask_outcome *outcome, const struct ask_name *name,
                    union btns_reply *reply, struct err *err);

#endif
