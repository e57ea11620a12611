/* Counts the meetings with another key at a latched peer's address: other_key.h says what for. */
#ifndef BTNS_LATCH_KEYING_MEETINGS_H
#define BTNS_LATCH_KEYING_MEETINGS_H

#include <stdbool.h>
#include <stdint.h>

struct btns_key;
struct guard;
struct meetings;

#define MEETINGS_PAUSE_MS 2000 /* meetings in a shorter time are one */

/* Another key than the latched one was met at the address of g's peer. */
void guard_meets_other(struct guard *g, const struct btns_key *key);
/*
 * Counts a meeting, now, with this key. True: it was met so often that it counts as the peer's.
 * silent: there are SAs with the latched peer, and it is silent on them. Pure.
 */
bool meetings_count(struct meetings *m, const struct btns_key *key, bool silent, uint64_t now);

#endif
