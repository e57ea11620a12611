/*
 * getsockopt(): SO_ERROR is how a program looks at the outcome of a non-blocking connect(); and the
 * keys of TCP-AO are not for programs.
 */
#include "shim/calls.h"
#include "shim/socket_keys.h"
#include "shim/why.h"

#include <errno.h>
#include <netinet/in.h>

int shim_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    /* The kernel tells a socket's keys to every process that has the socket, and those of a rule
     * (action sign) are secret. */
    if (reads_sign_keys(level, name)) {
        errno = ENOPROTOOPT;
        return -1;
    }
    int rc = REAL(getsockopt, fd, level, name, value, len);
    int saved = errno;
    if (rc == 0 && level == SOL_SOCKET && name == SO_ERROR)
        why_failed(fd);
    errno = saved;
    return rc;
}
