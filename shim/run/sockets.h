/* The TCP sockets that btns-run was started with: systemd's, inetd's, or those of its parent. */
#ifndef BTNS_SHIM_RUN_SOCKETS_H
#define BTNS_SHIM_RUN_SOCKETS_H

#include <stddef.h>

enum { SOCKETS_TEXT = 512 };

/*
 * Writes "DESCRIPTOR:COOKIE,..." (BTNS_SOCKETS, which the shim reads) of listeners and connections,
 * "" if there is none. Returns how many of them are connections, or -1: there is no room for all.
 */
int sockets_list(char text[SOCKETS_TEXT]);

#endif
