/* Turns changes of a latch's state into events for subscribers. */
#ifndef BTNS_LATCH_REGISTRY_LATCH_EVENTS_H
#define BTNS_LATCH_REGISTRY_LATCH_EVENTS_H

#include "btnsd/events/events.h"
#include "btnsd/latch/registry/registry.h"

/* Fills kind with the events (at most two) of a change of state; returns how many. Pure. */
size_t latch_events(enum btns_state from, enum btns_state to, enum btns_event_kind kind[2]);
/* Emits the events for the change of l's state since the last call. */
void latch_report(struct events *es, struct latch *l);
/* Emits the last event of l, which is about to be freed. */
void latch_report_end(struct events *es, const struct latch *l);
/* latch_report() for every latch of g; if g has none, events about the guard's service. */
void guard_report(struct guard *g);
void guard_report_end(const struct guard *g);

#endif
