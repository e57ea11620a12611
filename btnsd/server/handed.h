/* Connections that clients make themselves and hand over, as the path of our socket is out of
 * reach. */
#ifndef BTNS_SERVER_HANDED_H
#define BTNS_SERVER_HANDED_H

#include "btnsd/server/server.h"

/*
 * Takes over fd, one end of a pair of sockets that `from` has made, as if it had been accepted; the
 * other end's messages are requests like any. False, and fd stays the caller's: it is no such end,
 * but for example a connection to another service, whose messages would be taken for requests.
 */
bool client_hands_over(struct client *c, int fd, const struct ucred *from);

#endif
