/*
 * Accepts one end of a socket pair from a client as a new connection, for programs that cannot
 * reach the path of our socket.
 */
#ifndef BTNS_SERVER_HANDED_OVER_H
#define BTNS_SERVER_HANDED_OVER_H

#include "btnsd/server/server.h"

/*
 * Takes over fd, one end of a socket pair that `from` has made, as if it had been accepted:
 * messages from the other end are handled like any requests. False: fd is something else, such as a
 * connection to another service, whose messages would be taken for requests; fd stays the caller's.
 */
bool client_hands_over(struct client *c, int fd, const struct ucred *from);

#endif
