/* Memory that a program shares with btnsd for its one-way messages; see struct btns_ring. */
#ifndef BTNS_SERVER_SHARED_RING_H
#define BTNS_SERVER_SHARED_RING_H

#include "libapi/wire/wire.h"

#include <stdbool.h>

/*
 * Maps the memory that a program passed. NULL: it is not memory of that size which nobody can
 * shrink. A shrunken file would kill btnsd by a signal, and a file that is not memory could make it
 * wait for whoever serves that file.
 */
struct btns_ring *shared_ring_map(int fd);
void shared_ring_unmap(struct btns_ring *r);

/*
 * Tells the program whether btnsd reads the ring (its number in the epoch page) or not (0). After
 * 0, read the ring once more: a message that was written before the program noticed the 0 is there
 * when this returns, unless the program takes it back and sends it.
 */
void shared_ring_set_reader(struct btns_ring *r, uint64_t btnsd);

/* How many connections the program says that it has accepted. */
uint64_t shared_ring_accepted(const struct btns_ring *r);

/*
 * Takes the message in a slot, by copying it; only the copy is used afterwards. False: the slot is
 * empty. Whatever the program writes meanwhile, this never waits and reads the slot only once.
 */
bool shared_ring_take(struct btns_ring *r, unsigned slot, struct btns_flow *flow);

#endif
