/*
 * The policies that programs set on single sockets (libbtns), by socket cookie. Any process that
 * has the descriptor may set one: the cookie comes from the passed socket, never from a message.
 */
#ifndef BTNS_USERS_SOCKET_WISHES_H
#define BTNS_USERS_SOCKET_WISHES_H

#include "btnsd/rules/model/wish.h"

#include <sys/types.h>

#define SOCKET_WISH_TEXT 2048 /* octets of a policy's attributes */

struct socket_wish {
    struct socket_wish *next; /* in its bucket */
    uint64_t cookie;
    uid_t uid;      /* the user whose limit it counts against */
    uint64_t since; /* ms, loop_now */
    bool datagrams; /* a datagram socket: it stays limited after a question, see
                       socket_policy_limit() */
    struct wish wish;
    size_t len;                             /* of `policy`; 0: only a peer was set */
    unsigned char policy[SOCKET_WISH_TEXT]; /* the attributes, as they came */
};

struct socket_wishes;

struct socket_wishes *socket_wishes_new(void);
void socket_wishes_free(struct socket_wishes *t);
/* The socket's wish, or NULL; t may be NULL. */
struct socket_wish *socket_wish_find(const struct socket_wishes *t, uint64_t cookie);
/* The socket's wish, or a new empty one. NULL with err: no memory, or the user has too many. */
struct socket_wish *socket_wish_get(struct socket_wishes *t, uint64_t cookie, uid_t uid,
                                    struct err *err);
/* The socket is gone, or its program took the policy back. */
void socket_wish_drop(struct socket_wishes *t, uint64_t cookie);
/* Calls cb for each wish; cb may drop that wish. t may be NULL. */
void socket_wishes_each(struct socket_wishes *t, void (*cb)(void *arg, struct socket_wish *w),
                        void *arg);

#endif
