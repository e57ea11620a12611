/*
 * getsockopt(): SO_ERROR is how a program looks at the outcome of a non-blocking connect(); and the
 * keys of TCP-AO are not for programs.
 */
#include "shim/calls.h"
#include "shim/why.h"

#include <errno.h>
#include <netinet/in.h>

#ifndef TCP_AO_GET_KEYS
#define TCP_AO_GET_KEYS 41
#endif

int shim_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    /* The kernel tells them to whoever has the socket, and a rule's (action sign) are secret. */
    if (level == IPPROTO_TCP && name == TCP_AO_GET_KEYS) {
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
