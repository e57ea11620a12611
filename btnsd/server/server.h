/* Clients on btnsd's socket: who they are, what they sent, and the answers to them. */
#ifndef BTNS_SERVER_H
#define BTNS_SERVER_H

#include "btnsd/base/loop.h"
#include "libapi/wire/err.h"
#include "libapi/wire/wire.h"

#include <sys/socket.h>
#include <sys/types.h>

struct server;
struct client;

/* One received message. The kernel says who sent it. */
struct request {
    struct client *client;
    struct ucred from;
    int fd; /* attached socket, or -1; closed after the handler, unless it takes it (sets -1) */
    const struct btns_hdr *hdr;
    size_t len;
};

/* Called with each message, at least a header long. Returns false to close the connection. */
typedef bool request_handler(void *arg, struct request *r);
struct server *server_new(struct loop *l, const char *path, request_handler *handler, void *arg,
                          struct err *err);
void server_free(struct server *s);
/* Reads everything that clients have sent so far. */
void server_drain(struct server *s);
/*
 * Sends to the client, or keeps the message for when it reads again; until then its next requests
 * wait. One that reads nothing for a while is closed. fd: -1 or attached.
 */
void client_send(struct client *c, const void *msg, size_t len, int fd);
/* What waits for this client's sake: cb(arg) when the client goes away first. NULL: nothing. */
void client_on_gone(struct client *c, void (*cb)(void *arg), void *arg);
bool client_is_waiting(const struct client *c);
/* What its last request is about, for the answer: filled while that is handled. */
struct btns_about *client_about(struct client *c);
/* It may leave what it is sent unread for as long as it likes: little is kept for it. */
void client_is_patient(struct client *c);

/*
 * An answer of any number of messages, made one by one as fast as the client reads them. Embedded
 * in its owner.
 */
struct list {
    struct list *next;
    /* The next message, of up to BTNS_REPLY_MAX octets, in buf; returns its length, 0: no more. */
    size_t (*make)(struct list *l, void *buf);
    void (*free)(struct list *l); /* it is over, or its client is gone */
    uid_t uid;
};
#define BTNS_REPLY_MAX 4096
/* Takes l over. False (l is freed) when this user has too many lists that are not read. */
bool client_list(struct client *c, struct list *l, uid_t uid);

#endif
