/* Applies the rules in force now to running connections and listeners. */
#ifndef BTNS_RUNNING_REVIEW_LATCHES_H
#define BTNS_RUNNING_REVIEW_LATCHES_H

#include "btnsd/state/daemon.h"

/* Reviews every latch. */
void latches_review(struct btnsd *d);
/* Reviews one latch. */
void latch_review(struct btnsd *d, struct latch *l);
/* At start: replaces the floors that an earlier btnsd left by floors from the rules in force. */
void latches_review_listeners(struct btnsd *d);

#endif
