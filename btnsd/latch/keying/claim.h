/* A peer claims a key, or shows a certificate: may it be this guard's peer? */
#ifndef BTNS_LATCH_KEYING_CLAIM_H
#define BTNS_LATCH_KEYING_CLAIM_H

#include "btnsd/ike/keys/credential.h"
#include "btnsd/latch/guard/guard.h"

/*
 * Makes the key (that of the certificate, if there is one) the guard's, to be proved next, if it
 * may be; otherwise fails the guard and reports why.
 */
void guard_take_claim(struct guard *g, const struct btns_key *claimed, struct credential *cert);
/* Does this key, which the host at g's address has told, belong to the latched peer? */
bool guard_is_its_key(const struct guard *g, const struct btns_key *key);
/* The latched peer has another key now: fails g. */
void guard_loses_key(struct guard *g, const struct btns_key *key);

#endif
