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
 * Is the applicant the known peer: by its key, or by a key for which that key vouches? The key from
 * before the peer's last rotation counts only where something is latched to it.
 */
bool applicant_is_known(const struct guards *gs, const struct peer *known,
                        const struct applicant *who);
/*
 * May this peer use its address, under this demand and the rules? service: ours at POINT_ACCEPT,
 * the peer's at POINT_CONNECT; all zero: no particular one.
 */
bool applicant_fits(const struct guards *gs, const struct applicant *who, enum point point,
                    struct service service, const struct demand *demand, struct err *err);

/*
 * Explains what it may mean that the address has another key than the peer's, and what the
 * administrator can do.
 */
#define OTHER_KEY_ADVICE 512
const char *applicant_other_key_advice(const struct guards *gs, const struct btns_addr *remote,
                                       char *buf, size_t size);

#endif
