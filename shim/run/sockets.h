/* The sockets of TCP and UDP that btns-run was started with: systemd's, inetd's, or those of its
 * parent. */
#ifndef BTNS_SHIM_RUN_SOCKETS_H
#define BTNS_SHIM_RUN_SOCKETS_H

#include <stddef.h>

enum { SOCKETS_TEXT = 512 };

/*
 * Writes "DESCRIPTOR:COOKIE,..." (BTNS_SOCKETS, which the shim reads) of listeners, connections and
 * datagram sockets that have a port, "" if there is none. Returns how many of them are no
 * listeners, or -1: there is no room for all.
 */
int sockets_list(char text[SOCKETS_TEXT]);

#endif
