/* At start: what an earlier btnsd left in the SPD. */
#ifndef BTNS_REPORTS_ADOPT_H
#define BTNS_REPORTS_ADOPT_H

#include "btnsd/latch/floor/floor.h"
#include "btnsd/latch/guard/guard.h"

/*
 * at start, what an earlier btnsd left in the SPD. A guard whose connections still live
 * and whose reqid the reqid file explains is taken on, to be proved again; others are taken away.
 */
int guards_adopt(struct guards *gs, struct err *err);
void floors_adopt(struct floors *fs, struct sockdiag *sockets);

#endif
