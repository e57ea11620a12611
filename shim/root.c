/*
 * chroot(): the path of btnsd's socket may not be reachable afterwards, so the link is opened while
 * it is. unshare(), setns() and clone() do the same for other mount and user namespaces (made.c).
 */
#include "shim/calls.h"
#include "shim/link.h"

#include <errno.h>

int shim_chroot(const char *path)
{
    int saved = errno;
    link_get(true);
    errno = saved;
    return REAL(chroot, path);
}
