/* The inside of a client (private to server.c and client.c). */
#ifndef BTNS_CLIENT_H
#define BTNS_CLIENT_H

#include "btnsd/base/count_by_user.h"
#include "btnsd/server/outbox.h"
#include "btnsd/server/server.h"

struct client {
    struct client *next, **link;
    struct server *server;
    struct watch watch;
    uid_t uid;
    bool counted; /* in server.users */
    bool dead;    /* given up outside of its own turn; freed there */
    struct outbox out;
    struct list *list; /* being answered, after out */
    bool patient;      /* not given up when it does not read */
    struct timer stuck;
    int unread; /* octets in its socket, when stuck was armed */
    void (*gone)(void *arg);
    void *gone_arg;
    struct btns_about about;
};

struct server {
    struct loop *loop;
    struct watch watch;
    struct timer pause;
    request_handler *handler;
    void *arg;
    struct client *clients;
    unsigned count;
    struct count_by_user *users; /* their clients */
    struct count_by_user *lists; /* their lists that are being answered */
    bool draining;
    /* the second one while a drain reads others' messages in the middle of a request */
    _Alignas(struct btns_flow) unsigned char buf[2][BTNS_MSG_MAX];
    char path[108];
};

/* The watch's callback of a client. */
void client_ready(struct watch *w, uint32_t events);
/* Reads what it has sent so far, and no more. False: it is to be given up. */
bool client_read_waiting(struct client *c);
/* Freed when the loop comes to it, because its owner may be in use right now. */
void client_give_up(struct client *c);
void client_free(struct client *c);

#endif
