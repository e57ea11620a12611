/* Whose sockets a floor would be under, besides the listener's for which it is asked. */
#ifndef BTNS_LATCH_FLOOR_OTHERS_H
#define BTNS_LATCH_FLOOR_OTHERS_H

#include "btnsd/xfrm/xfrm.h"

/* A user's wish for a floor, for one socket. */
struct floor_claim {
    uid_t uid;   /* who asks */
    uid_t owner; /* who made the socket; its user has shown it */
    uint64_t cookie;
    uint8_t protocol;
    struct btns_addr local;
    bool v6only;
};

/* Would the floor stand under this socket, which is another user's? Pure. */
bool floor_covers(const struct floor_claim *c, const struct sock_entry *e);
/*
 * Would it stand under any listener or connection of another user's? Never for root's claims.
 * 1, 0, or -errno: the kernel's sockets cannot be read.
 */
int floor_covers_others(struct sockdiag *sockets, const struct floor_claim *c);

#endif
