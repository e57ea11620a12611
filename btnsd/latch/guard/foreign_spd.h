/* SPD entries of others that stand above guards, and shields against them. */
#ifndef BTNS_LATCH_GUARD_FOREIGN_SPD_H
#define BTNS_LATCH_GUARD_FOREIGN_SPD_H

#include "btnsd/latch/guard/guard.h"

/* The entry of somebody else that decides over g's packets, or NULL. */
const struct spd_entry *guard_overridden(const struct guard *g);
/* Blocks, or no longer, above what overrides g. */
void guard_shield(struct guard *g, bool on);
/* One that an earlier btnsd left: true, and it is gone. */
bool shield_left(struct guards *gs, const struct spd_entry *e);
/* An entry that the kernel has (arg: struct guards), or has no longer. */
void foreign_spd_add(void *arg, const struct spd_entry *e);
void foreign_spd_drop(struct guards *gs, const struct spd_entry *e);

#endif
