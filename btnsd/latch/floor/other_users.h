/* Checks that a floor would not apply to sockets of other users. */
#ifndef BTNS_LATCH_FLOOR_OTHER_USERS_H
#define BTNS_LATCH_FLOOR_OTHER_USERS_H

#include "btnsd/xfrm/xfrm.h"

/* A user's wish for a floor under one socket. */
struct floor_request {
    uid_t uid;   /* the user that asks */
    uid_t owner; /* the user that made the socket; .uid has passed the socket to btnsd */
    uint64_t cookie;
    uint8_t protocol;
    struct btns_addr local;
    bool v6only;
};

/* Would the floor apply to this socket, which belongs to another user? Pure. */
bool other_user_is_covered(const struct floor_request *c, const struct sock_entry *e);
/*
 * Would the floor apply to any listener or connection of another user? Never for root's wishes. 1,
 * 0, or -errno: the kernel's sockets cannot be read.
 */
int other_users_are_covered(struct sockdiag *sockets, const struct floor_request *c);

#endif
