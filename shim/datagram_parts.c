/* Notices programs that send a datagram in parts (MSG_MORE, UDP_CORK). */
#include "shim/datagram_parts.h"

#include <sys/socket.h>

/* Never reset: programs do this so rarely that it is not recorded which sockets they do it with. */
static bool sent;

bool datagram_parts_sent(void)
{
    return __atomic_load_n(&sent, __ATOMIC_RELAXED);
}

void datagram_parts_note(int flags)
{
    if (flags & MSG_MORE)
        __atomic_store_n(&sent, true, __ATOMIC_RELAXED);
}
