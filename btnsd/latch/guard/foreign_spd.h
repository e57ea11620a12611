/* SPD entries of other programs with precedence over guards, and shields: blocks above them. */
#ifndef BTNS_LATCH_GUARD_FOREIGN_SPD_H
#define BTNS_LATCH_GUARD_FOREIGN_SPD_H

#include "btnsd/latch/guard/guard.h"

/* The entry of another program that decides about g's packets, or NULL. */
const struct spd_entry *guard_overridden(const struct guard *g);
/* Adds (on) or deletes block entries with precedence over the entry that overrides g. */
void guard_shield(struct guard *g, bool on);
/*
 * At start, after guards were adopted and the foreign entries read: deletes the shields of an
 * earlier btnsd that no guard has now.
 */
void shields_sweep(struct guards *gs);
/* Records a foreign entry in the SPD (arg: struct guards). */
void foreign_spd_add(void *arg, const struct spd_entry *e);
/* Records a change that was reported. False: it concerns no entry with precedence over guards. */
bool foreign_spd_changed(struct guards *gs, const struct xfrm_event *ev);

#endif
