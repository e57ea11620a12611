/* Writes to known_peers that a peer has proved its key. */
#ifndef BTNS_LATCH_KEYING_PEER_RECORD_H
#define BTNS_LATCH_KEYING_PEER_RECORD_H

struct guard;

/* keying.h's record of keys = private: g has just come up. */
void peer_record(struct guard *g);

#endif
