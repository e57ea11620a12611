/* What the kernel reports about the SPD. */
#ifndef BTNS_REPORTS_SPD_EVENTS_H
#define BTNS_REPORTS_SPD_EVENTS_H

#include "btnsd/latch/guard/guard.h"

void guards_spd_read(struct guards *gs);
void guards_spd_restore(struct guards *gs);
/* Reports were lost: entries that are not as they should be are put right. How many. */
unsigned guards_spd_compare(struct guards *gs, const struct spd_snapshot *s);
/* True when entries of ours were taken away, so that floors have to be put back as well. */
bool guards_spd_changed(struct guards *gs, const struct xfrm_event *ev);

#endif
