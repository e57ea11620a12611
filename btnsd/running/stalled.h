/*
 * Connections that wait for an answer from a peer which has lost its SAs. Their TCP asks ever more
 * seldom, so without help their programs would learn minutes later what has become of the peer.
 */
#ifndef BTNS_RUNNING_STALLED_H
#define BTNS_RUNNING_STALLED_H

#include "btnsd/state/daemon.h"

/*
 * The peer of g has SAs again: has each connection that waits ask once more at once. A peer that
 * has lost the connection answers with a reset, protected by the new SAs. Only so many are
 * probed at once; the others ask when TCP does.
 */
void stalled_probe(struct btnsd *d, struct guard *g);

/*
 * g has failed. If its peer has lost the latched key (keying/other_key.h), ends the connections
 * that wait for it. The others are ended when they wait: g fails again each time that it is tried.
 */
void stalled_end(struct btnsd *d, struct guard *g);

/* May the guard's connections be probed now? probed: when they were (ms); 0: never. Pure. */
bool stalled_may_probe(uint64_t probed, uint64_t now);

/*
 * Is a connection that has sent a segment again so many times ended with g? A server's connection
 * may have nothing to send. Pure.
 */
bool stalled_for_good(const struct guard *g, unsigned repeats);

#endif
