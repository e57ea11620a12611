/*
 * The certificates of guards' peers: which one is the peer's, and how it is kept over a restart of
 * btnsd.
 */
#ifndef BTNS_LATCH_KEYING_CERTIFIED_H
#define BTNS_LATCH_KEYING_CERTIFIED_H

#include "btnsd/latch/guard/guard.h"

struct credential *guard_certificate(const struct guard *g);
/*
 * Has the peer prove the next certificate that it has shown. The present one may be tried again
 * later.
 */
void guard_next_certificate(struct guard *g);
/* The same, and the present certificate is not tried again. */
void guard_drop_certificate(struct guard *g);
/* Another certificate that satisfies the rule, beside the present one; NULL: there is none. */
const struct credential *guard_other_certificate(const struct guard *g);
/* Writes the certificate of a guard that is up to a file, for a restart of btnsd. */
void guard_keep_certificate(const struct guard *g);
bool guard_reread_certificate(struct guard *g);
/* Deletes files of certificates that no guard uses. Call it when all guards are adopted. */
void guards_sweep_certificates(struct guards *gs);

#endif
