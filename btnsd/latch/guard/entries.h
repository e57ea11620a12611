/* The two SPD entries of a guard. */
#ifndef BTNS_LATCH_GUARD_ENTRIES_H
#define BTNS_LATCH_GUARD_ENTRIES_H

#include "btnsd/latch/guard/guard.h"

/*
 * SPD_ALLOW deletes the entries. SPD_ESP: the outgoing template names the SA `spi`; 0: packets wait
 * for an SA. 0 or -errno. The entries of a guard that has `taken_over` set are not deleted.
 */
int guard_spd(struct guard *g, enum spd_action action, uint32_t spi);
/* The guard that g has replaced, which stayed for SAs, is not to come back. */
void guard_forget_replaced(struct guard *g);
/* Writes the entries of g that the snapshot lacks. True: some were missing. */
bool guard_spd_mend(struct guard *g, const struct spd_snapshot *s);

#endif
