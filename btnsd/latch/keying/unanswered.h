/*
 * Notices when a new connection gets no answer: the peer may have lost its SAs, as after a power
 * cut, and cannot say so. IKE itself would notice after 10 to 18 s.
 */
#ifndef BTNS_LATCH_KEYING_UNANSWERED_H
#define BTNS_LATCH_KEYING_UNANSWERED_H

#include <stdbool.h>
#include <stdint.h>

struct guard;

/*
 * A connection through g begins. If its SYN has no answer for long, the peer must prove its key
 * anew. If g is being closed and the peer does not answer, the connection does not wait for that.
 */
void unanswered_watch(struct guard *g);

/*
 * How long, in ms, to wait for an answer from a peer whose last proof took proof_ms (0: not known).
 */
unsigned unanswered_wait(unsigned proof_ms);
/* Is a SYN older than `wait` ms, if its retransmission is due in due_ms? */
bool unanswered_long(uint32_t due_ms, unsigned wait);

#endif
