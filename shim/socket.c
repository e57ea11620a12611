/* socket(): remembers the kind of socket, so that connect() need not ask the kernel. */
#include "shim/calls.h"
#include "shim/known.h"

int shim_socket(int domain, int type, int protocol)
{
    int fd = REAL(socket, domain, type, protocol);
    if (fd >= 0)
        known_made(fd, domain, type, protocol);
    return fd;
}
