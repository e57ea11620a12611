/*
 * getsockopt(): a program reads the outcome of a non-blocking connect() with SO_ERROR, and btnsd's
 * reason is printed then. TCP-AO keys are hidden from the program.
 */
#include "shim/calls.h"
#include "shim/pending.h"
#include "shim/socket_keys.h"

#include <errno.h>
#include <netinet/in.h>

int shim_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    /*
     * The kernel shows a socket's TCP-AO keys to every process that has the socket, but the keys of
     * a rule (action sign) are secret.
     */
    if (socket_keys_read_by(level, name)) {
        errno = ENOPROTOOPT;
        return -1;
    }
    int rc = REAL(getsockopt, fd, level, name, value, len);
    int saved = errno;
    if (rc == 0 && level == SOL_SOCKET && name == SO_ERROR)
        pending_failed(fd);
    errno = saved;
    return rc;
}
