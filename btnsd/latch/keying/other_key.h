/*
 * Another host, or another key, may be at the address of a latched peer: the peer was set up anew
 * and has lost its key, or somebody has taken its address. Such a peer cannot say that it knows
 * nothing of a connection, so the connection's program would wait for minutes.
 *
 * Anybody who hears our packets can answer IKE with a key of his own, and could end connections
 * that are alive if that were enough. So three things are needed. The latched peer is silent: the
 * kernel has let in no packet by its SAs, which nobody else can use, while several were sent over
 * some seconds. A connection waits for an answer. And the same other key answers at its address
 * again some time after it did so first. Where there are no SAs that could tell, since the peer has
 * deleted them or our own btnsd was restarted, it has to answer for longer, while the latched key
 * is not proved: a peer whose btnsd is just restarted is back by then.
 *
 * Somebody who keeps all packets from arriving for so long can still end connections, as he can
 * without btnsd by a reset of his own.
 */
#ifndef BTNS_LATCH_KEYING_OTHER_KEY_H
#define BTNS_LATCH_KEYING_OTHER_KEY_H

struct applicant;
struct guard;
struct guards;

/*
 * Whoever is at the address of g's peer has refused to prove the latched key, or g has failed since
 * another key is there. If it is time for that, asks for the key there, and fails g if the peer
 * has lost the latched one.
 */
void other_key_ask(struct guard *g);
/*
 * A host that introduced itself with this key was not let in. Services of ours that are latched to
 * another key of that address, and whose peer has no SAs any more, fail if it comes often enough: a
 * server's connections may wait for nothing, so nothing but this ends them, and the new key is
 * refused as long as they live.
 */
void other_key_came(struct guards *gs, const struct applicant *who);
#endif
