/* A peer that wants to use an address, and the decision whether it may. */
#ifndef BTNS_LATCH_ADMISSION_APPLICANT_H
#define BTNS_LATCH_ADMISSION_APPLICANT_H

#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/guard.h"

/* A peer, its address and its credential. */
struct applicant {
    const struct btns_addr *local, *remote;
    const struct btns_key *key;
    const struct credential *cert; /* or NULL: a raw key */
};

/*
 * Is it the peer that is known at its address, by its key or the one for which that vouches? By the
 * key before its last rotation only where something is latched to that key.
 */
bool guards_know(const struct guards *gs, const struct peer *known, const struct applicant *who);
/*
 * May this peer use its address, under this demand and the rules? service: ours at POINT_ACCEPT,
 * the peer's at POINT_CONNECT; all zero: none in particular.
 */
bool guards_admit(const struct guards *gs, const struct applicant *who, enum point point,
                  struct service service, const struct demand *demand, struct err *err);

/* What it may mean that another key is at this address than the peer's, and what a person can do.
 */
#define OTHER_KEY_ADVICE 512
const char *other_key_advice(const struct guards *gs, const struct btns_addr *remote, char *buf,
                             size_t size);

#endif
