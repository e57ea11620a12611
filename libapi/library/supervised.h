/* A message's policy under btns-run --require, in a program without the shim. */
#ifndef BTNS_LIBAPI_LIBRARY_SUPERVISED_H
#define BTNS_LIBAPI_LIBRARY_SUPERVISED_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * Was the message, for which btnsd was asked, stopped by a supervisor that sees a socket without
 * limits? Then the socket gets some: true, ask and send once more. errno is kept if not.
 */
bool supervised_limit(int fd, const struct msghdr *msg);

#endif
