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
    struct ucred opener; /* of the connection */
    uid_t uid;           /* the opener's */
    enum netns netns;    /* namespace in which the client opened the connection */
    bool counted;        /* in server.users */
    bool held;           /* its requests wait: see server_hold() */
    struct kept {        /* the first of them, if it was read already; or NULL */
        uid_t about;
        struct ucred from;
        size_t len;
        _Alignas(struct btns_flow) unsigned char msg[];
    } * kept;
    struct {
        pid_t by;           /* who speaks; 0: nobody does */
        struct ucred whose; /* in whose name */
        int process;        /* its pidfd */
    } speaks;
    bool dead; /* closed outside of its own turn; its turn frees it */
    struct outbox out;
    struct list *list; /* the list being answered, after the messages in out */
    bool patient;      /* not closed when it does not read */
    struct timer stuck;
    int unread; /* unread octets in its socket when `stuck` was armed */
    void (*gone)(void *arg);
    void *gone_arg;
    struct btns_about about;
    unsigned rings;   /* that it has offered */
    uint64_t read;    /* everything that it sent before this mark was handled: server_mark() */
    uint64_t reading; /* the mark before which it sent what `left` counts; 0: none */
    int left;         /* octets */
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
    struct shared *rings;           /* of all clients */
    struct count_by_user *rings_of; /* each user's */
    struct timer look;
    struct turns turns;
    struct turns overtime; /* messages handled for server_read_until(), by user */
    uint64_t mark;
    bool draining;
    /* two, because a drain reads others' messages in the middle of a request */
    _Alignas(struct btns_flow) unsigned char buf[2][BTNS_MSG_MAX];
    char path[108];
};

/*
 * Makes fd a client whose requests the loop reads, unless the user has too many; closes fd then.
 */
void server_take_in(struct server *s, int fd, const struct ucred *who);
/* The callback of a client's watch. */
void client_ready(struct watch *w, uint32_t events);
/*
 * Handles what it has sent before the mark (server_mark()), as far as its user's overtime goes;
 * closes it if it must be. True: all of that was handled, or nothing of it will be.
 */
bool client_read_until(struct client *c, uint64_t mark);
/* Closes it; the loop frees it later, because its owner may be in use right now. */
void client_give_up(struct client *c);
/* Its requests are read again. */
void client_unhold(struct client *c);
void client_free(struct client *c);

#endif
