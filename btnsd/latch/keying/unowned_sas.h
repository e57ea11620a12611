/*
 * SAs that charon made for us and that no guard needs any more: the guard ended while charon was
 * still asking the peer, or charon asked once more by itself when the peer ended their IKE SA. The
 * peer cannot know that, and keeps its side as long as the SA, so they are ended.
 */
#ifndef BTNS_LATCH_KEYING_UNOWNED_SAS_H
#define BTNS_LATCH_KEYING_UNOWNED_SAS_H

#include "btnsd/latch/guard/guard.h"

/* For this long an SA may be without a guard. */
#define UNOWNED_MS 5000

/* An SA has come up: if no guard needs it, the SAD is looked at in a short time. */
void unowned_seen(struct guards *gs, const struct sad_entry *sa);
/* A guard has ended: the same. */
void unowned_look_later(struct guards *gs);

#endif
