/* Notices programs that send a datagram in parts (MSG_MORE, UDP_CORK). */
#ifndef BTNS_SHIM_DATAGRAM_PARTS_H
#define BTNS_SHIM_DATAGRAM_PARTS_H

#include <stdbool.h>

/*
 * Has the program sent a datagram in parts? Then nothing may be sent again: the kernel forgets the
 * earlier parts when the last one fails.
 */
bool datagram_parts_sent(void);
/* Call with the flags of each sending call. */
void datagram_parts_note(int flags);

#endif
