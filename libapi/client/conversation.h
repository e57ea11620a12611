/*
 * Sends one question to btnsd on a connection of its own and receives the answer. For the files of
 * this room; others use conversation.h. Each function returns 0, or -errno with a whole sentence in
 * err.
 */
#ifndef BTNS_LIBAPI_CLIENT_CONVERSATION_H
#define BTNS_LIBAPI_CLIENT_CONVERSATION_H

#include "libapi/client/ask.h"

struct conversation {
    int fd;
    uint32_t id;
    enum btns_type type; /* the type of the request */
    const char *path;
};

/* Call close_conversation() afterwards, also on failure. */
int open_conversation(struct conversation *c, const char *path, struct err *err);
void close_conversation(struct conversation *c);
/* Fills in the header and sends the message. with: a socket to pass along, or -1. */
int conversation_send(struct conversation *c, struct btns_hdr *msg, size_t len, enum btns_type type,
                      int with, struct err *err);
/* Receives one message and checks it. */
int conversation_receive(const struct conversation *c, union btns_reply *r, struct err *err);

/*
 * Checks that the answer has a known type, exactly that type's length, and is about the request.
 * Terminates its strings.
 */
int check_answer(const struct conversation *c, union btns_reply *r, size_t len, struct err *err);
/* Returns -EPROTO, with `what` as the reason why it is no valid answer. */
int refuse_answer(const struct conversation *c, const char *what, struct err *err);
/* Returns 0, or the -errno and text of the refusal in a BTNS_REP_END. */
int end_of_answer(const struct btns_end_msg *end, struct err *err);

#endif
