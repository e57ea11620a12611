/*
 * Another host, or another key, may be at the address of a latched peer: the peer was set up anew
 * and has lost its key, or somebody has taken its address. Such a peer cannot say that it knows
 * nothing of a connection, so the connection's program would wait for minutes.
 *
 * Anybody who hears our packets can answer IKE with a key of his own, and could end connections
 * that are alive if that were enough. So two things are needed. The latched peer is silent: the
 * kernel has let in no packet by its SAs, which nobody else can use, while several were sent over
 * some seconds, and a connection waits for an answer. And another key answers at its address.
 * Somebody who keeps all packets from arriving for so long can still end connections, as he can
 * without btnsd by a reset of his own.
 */
#ifndef BTNS_LATCH_KEYING_OTHER_KEY_H
#define BTNS_LATCH_KEYING_OTHER_KEY_H

struct guard;

/*
 * Whoever is at the address of g's peer has refused to prove the latched key. If the peer is
 * silent, asks for the key there, and fails g if it is another one.
 */
void other_key_ask(struct guard *g);

#endif
