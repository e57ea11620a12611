/* Carries out a decision about a call, which may take long: asks btnsd, connects, answers. */
#ifndef BTNS_SHIM_SUPERVISE_ACT_H
#define BTNS_SHIM_SUPERVISE_ACT_H

#include "shim/supervise/look.h"
#include "shim/supervise/supervision.h"

/* May this take long? Then act() has to run in a thread of its own. */
bool act_is_slow(const struct decision *d, const struct sight *s);
/* Carries out the decision and answers the caller. Closes nothing in c and s. */
void act(const struct supervision *v, const struct caller *c, struct sight *s,
         const struct decision *d);

#endif
