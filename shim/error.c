/* getsockopt(): SO_ERROR is how a program looks at the outcome of a non-blocking connect(). */
#include "shim/calls.h"
#include "shim/why.h"

#include <errno.h>

int shim_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    int rc = REAL(getsockopt, fd, level, name, value, len);
    int saved = errno;
    if (rc == 0 && level == SOL_SOCKET && name == SO_ERROR)
        why_failed(fd);
    errno = saved;
    return rc;
}
