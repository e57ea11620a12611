/* One question to btnsd, over a connection of its own: nothing is kept between calls. */
#ifndef BTNS_LIBAPI_LIBRARY_ASK_BTNSD_H
#define BTNS_LIBAPI_LIBRARY_ASK_BTNSD_H

#include "libapi/library/object.h"

struct answer {
    unsigned char *message; /* owned */
    const void *list;       /* its attributes */
    size_t len;
};

/*
 * Asks about the socket fd. call: for words. *a is filled for an answer without an error, and freed
 * by the caller; a may be NULL. 0, or -1 with errno and the reason.
 */
int ask_btnsd(const char *call, enum btns_type type, int fd, const void *attrs, size_t len,
              struct answer *a);
void answer_free(struct answer *a);

/* A thread that is cancelled while it asks would leave a descriptor and memory behind: it ends
 * after that. */
int cancel_off(void);
void cancel_back(int before);

/*
 * The system's connect() or listen() of fd has failed: the thread's reason says why, if btnsd has
 * refused it by way of a supervisor. mark: reason_mark() of before. errno is kept.
 */
void ask_why(const char *call, int fd, unsigned long mark);

/* Opens a connection to btnsd: close-on-exec, above 2. -1 with errno and the reason. */
int ask_open(const char *call);
/* Sends a question about fd. -1 with errno and the reason. */
int ask_send(const char *call, int channel, enum btns_type type, int fd, const void *attrs,
             size_t len);
/* Takes the answer, within so many ms. -1 with errno and the reason; *a is filled all the same. */
int ask_receive(const char *call, int channel, int patience, struct answer *a);
/* Is fd a socket of TCP or UDP? -1 with errno (EBADF, ENOTSOCK, EAFNOSUPPORT, EPROTONOSUPPORT). */
int need_transport(const char *call, int fd);
/* Is it a UDP socket? errno is kept. */
bool sends_datagrams(int fd);
/* The errno and words that an answer begins with: -1, or 0 if it has no error. */
int answer_error(const char *call, const void *list, size_t len);

#endif
