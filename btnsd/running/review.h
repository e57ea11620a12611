/* Connections and listeners that run already, judged again by the rules in force now. */
#ifndef BTNS_RUNNING_REVIEW_H
#define BTNS_RUNNING_REVIEW_H

#include "btnsd/state/daemon.h"

/* Every latch. */
void latches_review(struct btnsd *d);
/* One latch. */
void latch_review(struct btnsd *d, struct latch *l);
/* At start: makes the floors anew that an earlier btnsd left, by the rules in force. */
void listeners_review(struct btnsd *d);

#endif
