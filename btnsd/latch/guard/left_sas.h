/*
 * Connections that an earlier btnsd protected by SAs that the administrator made: this btnsd does
 * not know whose they are, blocks them, and resets those it knows. The SAs stay, so that the peer,
 * which may not know of the end, still reaches this host: until they are gone, the guard sends the
 * kernel's answers over them, for there is nothing else to keep these from the clear.
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
/* Is this all that the guard is there for? Then a new request is not refused because of it. */
bool guard_only_stays(const struct guard *g);

#endif
