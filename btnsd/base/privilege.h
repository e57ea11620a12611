/* Checks whether a process may bypass the rules. */
#ifndef BTNS_PRIVILEGE_H
#define BTNS_PRIVILEGE_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * May this process override PROTECT (latching -02, section 3)? Root may, and a process that has
 * CAP_NET_ADMIN in our own user namespace: it could set the socket's policy by itself.
 */
bool privilege_to_bypass(const struct ucred *who);

#endif
