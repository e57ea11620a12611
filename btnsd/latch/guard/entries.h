/* The two SPD entries of a guard. */
#ifndef BTNS_LATCH_GUARD_ENTRIES_H
#define BTNS_LATCH_GUARD_ENTRIES_H

#include "btnsd/latch/guard/guard.h"

/*
 * action SPD_ALLOW takes the entries away. SPD_ESP: the template names the outgoing SA `spi`, or 0:
 * packets wait for one. 0 or -errno.
 */
int guard_spd(struct guard *g, enum spd_action action, uint32_t spi);
/* Are its entries there? Those that are not are put there. */
bool guard_spd_mend(struct guard *g, const struct spd_snapshot *s);

#endif
