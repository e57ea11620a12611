/* Lists the TCP and UDP sockets that btns-run inherited: from systemd, inetd or its parent. */
#ifndef BTNS_SHIM_RUN_SOCKETS_H
#define BTNS_SHIM_RUN_SOCKETS_H

#include <stddef.h>

enum { SOCKETS_TEXT = 512 };

/*
 * Writes "DESCRIPTOR:COOKIE,..." (for BTNS_SOCKETS, which the shim reads) for each listener,
 * connection, and datagram socket with a port; "" if there is none. Returns how many of them are no
 * listeners, or -1 if the text has no room for all.
 */
int sockets_list(char text[SOCKETS_TEXT]);

#endif
