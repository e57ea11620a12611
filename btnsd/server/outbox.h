/* Queues messages that a client has not taken yet. */
#ifndef BTNS_SERVER_OUTBOX_H
#define BTNS_SERVER_OUTBOX_H

#include <stddef.h>

struct parcel;

/* A zeroed outbox is empty. */
struct outbox {
    struct parcel *first, **last;
    size_t bytes;
};

/* Sends one whole message, with a descriptor or -1. Never waits. 0, -EAGAIN, or another -errno. */
int outbox_send(int sock, const void *msg, size_t len, int fd);
/*
 * Queues a copy of the message and of fd. 0, -ENOBUFS when more than `most` octets would wait, or
 * -errno.
 */
int outbox_put(struct outbox *o, const void *msg, size_t len, int fd, size_t most);
/*
 * Sends waiting messages in order; *sent: how many were sent. Returns 0 if no message waits any
 * more, else the -errno of the first that does.
 */
int outbox_flush(struct outbox *o, int sock, unsigned *sent);
void outbox_clear(struct outbox *o);

#endif
