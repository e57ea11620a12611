/*
 * Guards that stay for SAs. An earlier btnsd protected connections by SAs of the administrator's.
 * After a restart btnsd does not know whose connections they are: it blocks them, and resets those
 * that it can. It does not delete the SAs. The peer may not know that its connections have ended,
 * and go on sending by its SAs. What the kernel answers must not leave in the clear, so while there
 * are such SAs, the guard's entries demand them.
 */
#ifndef BTNS_LATCH_GUARD_LEFT_SAS_H
#define BTNS_LATCH_GUARD_LEFT_SAS_H

#include "btnsd/latch/guard/guard.h"

/* At start: the guard of an earlier btnsd has this reqid, and its peer is not known. */
void guard_leave_sas(struct guard *g, uint32_t reqid);
/*
 * The guard's last connection has ended. True: it must stay, because there are SAs of that reqid;
 * its entries now demand them.
 */
bool guard_stays_for_sas(struct guard *g);
/*
 * What the entries of g do while it has no SA and holds no packets. A guard that has replaced one
 * which stays for SAs blocks, so that the kernel's answers to their peer do not leave in the clear.
 */
enum spd_action guard_resting(const struct guard *g);
/* Does the guard only stay for SAs? Then a new request may replace it. */
bool guard_only_stays(const struct guard *g);

#endif
