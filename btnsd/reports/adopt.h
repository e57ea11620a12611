/* Adopts, at start, the guards and floors that an earlier btnsd left in the SPD. */
#ifndef BTNS_REPORTS_ADOPT_H
#define BTNS_REPORTS_ADOPT_H

#include "btnsd/latch/floor/floor.h"
#include "btnsd/latch/guard/guard.h"

struct btnsd;

/*
 * Adopts a guard if its connections still live and the reqid file has its key, which is proved
 * again. Blocks a guard whose key is not known, and deletes the entries of guards without
 * connections.
 */
int guards_adopt(struct guards *gs, struct err *err);
/*
 * Adopts the floors of listeners that the registry knows from before; deletes others. If the stored
 * latches are lost, the kernel's list of sockets decides.
 */
void floors_adopt(struct btnsd *d);
/* Does a known listener stand on this floor? For struct floors; arg is struct btnsd. */
bool adopted_floor_listens(void *arg, const struct floor *f);

#endif
