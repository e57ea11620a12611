/*
 * Notices when packets leave by a guard's SAs and none comes back: the peer may have lost the SAs,
 * as after a power cut, and cannot say so. IKE itself would notice after 10 to 18 s. For new
 * connections unanswered.h is faster; this file is for open connections and for datagrams.
 */
#ifndef BTNS_LATCH_KEYING_ONE_SIDED_H
#define BTNS_LATCH_KEYING_ONE_SIDED_H

#include <stdbool.h>
#include <stdint.h>

struct guard;
struct guards;
struct traffic;

/* A guard is up: from now on the counters of all guards' SAs are read regularly. */
void one_sided_watch(struct guards *gs);

/*
 * Takes a new reading of the packets that a guard's SAs have sent and let in. True: packets went
 * out in so many readings, while none came in, that the peer should prove its key anew.
 */
bool one_sided_look(struct traffic *t, uint64_t out, uint64_t in);
/*
 * The peer has refused to prove its key: it may not be ready yet, and is asked again at the next
 * reading, though not without end.
 */
void one_sided_refused(struct traffic *t);
/* Were packets sent, and nothing let in, for so long that a living TCP would have answered? */
bool one_sided_silent(const struct traffic *t);
/* The same, and not even since the last reading? Reads the counters of g's SAs. */
bool one_sided_unheard(struct guard *g);
/*
 * The peer has proved its key: perhaps nothing was lost, and it just sends less than it receives.
 */
void one_sided_proved(struct traffic *t);

#endif
