/* Guards whose peers are known by certificates. */
#ifndef BTNS_LATCH_KEYING_CERTIFIED_H
#define BTNS_LATCH_KEYING_CERTIFIED_H

#include "btnsd/latch/guard/guard.h"

struct credential *guard_certificate(const struct guard *g);
void guard_next_certificate(struct guard *g);
/* A guard is up by a certificate: a restart must not lose that. */
void guard_keep_certificate(const struct guard *g);
bool guard_reread_certificate(struct guard *g);
/* When all is adopted. */
void guards_sweep_certificates(struct guards *gs);

#endif
