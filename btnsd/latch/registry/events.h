/* What becomes of latches, as events. */
#ifndef BTNS_REPORT_H
#define BTNS_REPORT_H

#include "btnsd/events/events.h"
#include "btnsd/latch/registry/registry.h"

/* The events that a latch's change of state is: up to two in kind; returns how many. Pure. */
size_t latch_events(enum btns_state from, enum btns_state to, enum btns_event_kind kind[2]);
/* Tells what has changed since l was told of last. */
void latch_report(struct events *es, struct latch *l);
/* l is about to be dropped. */
void latch_report_end(struct events *es, const struct latch *l);
/* The same for every latch of g, or for the service itself while no program told of one. */
void guard_report(struct guard *g);
void guard_report_end(const struct guard *g);

#endif
