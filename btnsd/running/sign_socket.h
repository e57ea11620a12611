/* Has the kernel sign what a socket sends to a peer, and drop unsigned segments from that peer. */
#ifndef BTNS_RUNNING_SIGN_SOCKET_H
#define BTNS_RUNNING_SIGN_SOCKET_H

#include "btnsd/rules/model/rules.h"
#include "libapi/wire/err.h"

/* `family` is the socket's. 0; -ERRNO_UNPROTECTED with err, and the socket must not be used. */
int sign_socket(int fd, int family, const struct prefix *peer, const struct sign_key *key,
                bool listens, struct err *err);
/*
 * Gives a living connection keys that it lacks (TCP-AO), and asks the peer to sign with the next
 * one. 0; -ENOKEY with err.
 */
int sign_living_socket(int fd, int family, const struct prefix *peer, const struct sign_key *key,
                       struct err *err);

#endif
