/* Notices socket options that change how connections are routed and datagrams are sent. */
#ifndef BTNS_SHIM_SETSOCKOPT_H
#define BTNS_SHIM_SETSOCKOPT_H

#include <stdbool.h>

/*
 * Has the process set such an option on any socket? Then a connection may get another local
 * address, and so need another guard, than the last connection to the same destination.
 */
bool route_is_special(void);

/*
 * Has the program sent a datagram in parts (MSG_MORE, UDP_CORK)? Then nothing may be sent again:
 * the kernel forgets the earlier parts when the last one fails.
 */
bool datagrams_have_parts(void);
/* Call with the flags of each sending call. */
void datagrams_note_parts(int flags);

#endif
