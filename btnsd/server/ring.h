/* Memory that a program shares with btnsd for its one-way messages; see struct btns_ring. */
#ifndef BTNS_SERVER_RING_H
#define BTNS_SERVER_RING_H

#include "libapi/wire/wire.h"

#include <stdbool.h>

/*
 * Maps what a program passed. NULL: it is not memory of that size that nobody can cut. btnsd would
 * be killed by a signal if it read where a file ends, and would wait for whoever answers for a file
 * that is not memory.
 */
struct btns_ring *ring_map(int fd);
void ring_unmap(struct btns_ring *r);

/*
 * Tells the program whether btnsd looks into the ring (its number) or not (0). A message that was
 * written before the program noticed the 0 is there when this returns, or the program takes it
 * back and sends it: look once more.
 */
void ring_set_reader(struct btns_ring *r, uint64_t btnsd);

/*
 * Takes the message in a slot: a copy, which alone is looked at from then on. False: there is none.
 * Whatever the program writes meanwhile, this neither waits nor looks at a slot twice.
 */
bool ring_take(struct btns_ring *r, unsigned slot, struct btns_flow *flow);

#endif
