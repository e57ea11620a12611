/* Asks btnsd one question over a connection of its own; nothing is kept between calls. */
#ifndef BTNS_LIBAPI_LIBRARY_ASK_BTNSD_H
#define BTNS_LIBAPI_LIBRARY_ASK_BTNSD_H

#include "libapi/library/object.h"

struct answer {
    unsigned char *message; /* to be freed */
    const void *list;       /* the attributes, inside the message */
    size_t len;
};

/*
 * Asks about the socket fd. `call` names the function in the reason. *a is filled if the answer has
 * no error, and the caller frees it; a may be NULL. Returns 0, or -1 with errno and the reason.
 */
int ask_btnsd(const char *call, enum btns_type type, int fd, const void *attrs, size_t len,
              struct answer *a);
void ask_answer_free(struct answer *a);

/*
 * Turns off cancellation: a thread that was cancelled while it asks would leak a descriptor and
 * memory. The thread is cancelled after the call.
 */
int ask_cancel_off(void);
void ask_cancel_back(int before);

/*
 * Call when the system's connect() or listen() of fd has failed: if btnsd has refused it through a
 * supervisor, sets this thread's reason. mark: thread_reason_mark() from before the call. errno is
 * kept.
 */
void ask_refusal(const char *call, int fd, unsigned long mark);

/* Opens a connection to btnsd: close-on-exec, above 2. Returns -1 with errno and the reason. */
int ask_open(const char *call);
/* Sends a question about fd. Returns -1 with errno and the reason. */
int ask_send(const char *call, int channel, enum btns_type type, int fd, const void *attrs,
             size_t len);
/*
 * Receives the answer within `patience` ms. Returns -1 with errno and the reason; *a is filled even
 * then.
 */
int ask_receive(const char *call, int channel, int patience, struct answer *a);
/*
 * Checks that fd is a TCP or UDP socket: -1 with errno (EBADF, ENOTSOCK, EAFNOSUPPORT,
 * EPROTONOSUPPORT).
 */
int ask_need_transport(const char *call, int fd);
/* Is it a UDP socket? errno is kept. */
bool ask_is_datagram_socket(int fd);
/*
 * Turns the error at the beginning of an answer into errno and the reason: -1, or 0 if it has no
 * error.
 */
int ask_answer_error(const char *call, const void *list, size_t len);

#endif
