/* struct client: one connection to btnsd's socket (private to this room). */
#ifndef BTNS_SERVER_CLIENT_H
#define BTNS_SERVER_CLIENT_H

#include "btnsd/base/count_by_user.h"
#include "btnsd/server/outbox.h"
#include "btnsd/server/server.h"
#include "btnsd/server/turn.h"

struct client {
    struct client *next, **link;
    struct server *server;
    struct watch watch;
    struct ucred opener;    /* of the connection */
    uid_t uid;              /* uid of the opener */
    enum netns netns;       /* namespace in which the client opened the connection */
    bool counted;           /* included in server.users */
    bool held;              /* its requests wait: see server_hold() */
    struct cached_program { /* the first waiting request, if it was read already; or NULL */
        uid_t about;
        struct ucred from;
        size_t len;
        _Alignas(struct btns_flow) unsigned char msg[];
    } * kept;
    struct {
        pid_t by;           /* the process that speaks for another; 0: none */
        struct ucred whose; /* the process for which it speaks */
        int process;        /* pidfd of that process */
    } speaks;
    bool dead; /* closed during another client's turn; freed in its own */
    struct outbox out;
    struct list *list; /* the list being answered, after the messages in out */
    bool patient;      /* never closed for leaving answers unread */
    struct timer stuck;
    int unread; /* unread octets in its socket when `stuck` was armed */
    void (*gone)(void *arg);
    void *gone_arg;
    struct btns_about about;
    unsigned rings;   /* number of rings that it has offered */
    uint64_t read;    /* everything that it sent before this mark was handled: server_mark() */
    uint64_t reading; /* the mark up to which `left` is to be read; 0: none */
    int left;         /* octets that are still to be read */
    bool full;        /* see client_was_full() */
    int *passed;      /* the descriptor that came with the request being handled; NULL: none is */
};

struct server {
    struct loop *loop;
    struct watch watch;
    struct timer pause;
    request_handler *handler;
    bool (*hold)(void *arg, uid_t uid);
    void *arg;
    struct client *clients;
    unsigned count;
    struct count_by_user *users;    /* clients of each user */
    struct count_by_user *lists;    /* lists being answered for each user */
    struct ring *rings;             /* the rings of all clients */
    struct count_by_user *rings_of; /* number of rings, by user */
    struct timer look;
    struct turns turns;
    struct turns overtime; /* messages handled for server_read_until(), by user */
    uint64_t mark;
    bool draining;
    /* two buffers, because handling one request may read other clients' messages */
    _Alignas(struct btns_flow) unsigned char buf[2][BTNS_MSG_MAX];
    char path[108];
};

/* Makes fd a client whose requests the loop reads, unless the user has too many; closes fd then. */
void server_take_in(struct server *s, int fd, const struct ucred *who);
/* The callback of a client's watch. */
void client_ready(struct watch *w, uint32_t events);
/*
 * Handles what the client sent before the mark (server_mark()), as far as its user's overtime goes;
 * closes the client if that fails. True: all of it was handled, or the client is closed.
 */
bool client_read_until(struct client *c, uint64_t mark);
/* Closes the client; the loop frees it later, because its owner may be using it right now. */
void client_peer_give_up(struct client *c);
/* The client's requests are read again. */
void client_unhold(struct client *c);
void client_free(struct client *c);

#endif
