/* connect()s that wait for a guard: answered when the guard is up, has failed or took too long. */
#ifndef BTNS_REQUESTS_CONNECT_WAIT_H
#define BTNS_REQUESTS_CONNECT_WAIT_H

#include "btnsd/requests/connect_facts.h"

/*
 * Sends the verdict when the guard is up, has failed or took too long. A non-blocking connect()
 * gets its verdict at once; its socket, which is taken from the request, receives nothing until
 * then.
 */
void connect_wait_for_guard(struct btnsd *d, struct request *r, const struct connect_attempt *c,
                            struct guard *g);
/*
 * A guard that was up has failed, and the latch's connection, which the peer has not answered yet,
 * is about to be reset: sends the reason to its program, on the connection it asked over.
 */
void connect_tell_end(struct btnsd *d, const struct latch *l, const char *why);

#endif
