/* Replaces the floor of a running listener after a change of rules. */
#ifndef BTNS_RUNNING_REVIEW_LISTENER_H
#define BTNS_RUNNING_REVIEW_LISTENER_H

#include "btnsd/plan/asker.h"
#include "btnsd/state/daemon.h"

/* Gives listener l, of process a, the floor that the rules of v ask for. */
void review_listener_floor(struct btnsd *d, struct latch *l, const struct view *v, struct asker *a);

#endif
