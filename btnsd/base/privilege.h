/* Who may have what the rules do not give him. */
#ifndef BTNS_PRIVILEGE_H
#define BTNS_PRIVILEGE_H

#include <stdbool.h>
#include <sys/socket.h>

/*
 * May this process override PROTECT (latching -02, section 3)? Root, and who has CAP_NET_ADMIN in
 * our own user namespace: with it he could set the socket's policy himself.
 */
bool privilege_to_bypass(const struct ucred *who);

#endif
