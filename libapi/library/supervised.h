/* Makes a message's policy work under btns-run --require, in a program without the shim. */
#ifndef BTNS_LIBAPI_LIBRARY_SUPERVISED_H
#define BTNS_LIBAPI_LIBRARY_SUPERVISED_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * Call when sending failed although btnsd had allowed it. If a supervisor stopped the message
 * because the socket has no policy, gives the socket one and returns true: ask btnsd and send once
 * more. Otherwise errno is kept.
 */
bool supervised_limit(int fd, const struct msghdr *msg);

#endif
