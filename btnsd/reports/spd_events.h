/* Handles changes of the SPD, for guards. */
#ifndef BTNS_REPORTS_SPD_EVENTS_H
#define BTNS_REPORTS_SPD_EVENTS_H

#include "btnsd/latch/guard/guard.h"

void guards_spd_read(struct guards *gs);
void guards_spd_restore(struct guards *gs);
/* Reports were lost: corrects entries that differ from the snapshot; returns how many. */
unsigned guards_spd_compare(struct guards *gs, const struct spd_snapshot *s);
/* True: entries of btnsd were deleted, so the caller writes those of floors again. */
bool guards_spd_changed(struct guards *gs, const struct xfrm_event *ev);

#endif
