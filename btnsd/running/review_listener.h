/* New rules for a program that listens already. */
#ifndef BTNS_REFLOOR_H
#define BTNS_REFLOOR_H

#include "btnsd/plan/asker.h"
#include "btnsd/state/daemon.h"

/* What the callers of listener l, of process a, meet under the rules of v. */
void refloor(struct btnsd *d, struct latch *l, const struct view *v, struct asker *a);

#endif
