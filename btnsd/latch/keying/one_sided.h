/*
 * Packets leave by a guard's SAs, and none comes back: the peer may have lost the SAs, as after a
 * power cut, and cannot say so. IKE's own clock would tell after 10 to 18 s. unanswered.h tells of
 * new connections, sooner; this is for open ones and for datagrams.
 */
#ifndef BTNS_LATCH_KEYING_ONE_SIDED_H
#define BTNS_LATCH_KEYING_ONE_SIDED_H

#include <stdbool.h>
#include <stdint.h>

struct guards;
struct traffic;

/* Some guard is up: looks at the counters of all guards' SAs from now on. */
void one_sided_watch(struct guards *gs);

/*
 * A look at the packets that a guard's SAs have sent and let in so far. True: they went out at so
 * many looks, and none came in, that the peer is to prove its key anew.
 */
bool one_sided_look(struct traffic *t, uint64_t out, uint64_t in);
/* The peer has proved its key: perhaps nothing was lost, and it sends less than it gets. */
void one_sided_proved(struct traffic *t);

#endif
