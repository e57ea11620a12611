/*
 * chroot(): the path of btnsd's socket may be out of reach afterwards, so the link is opened first.
 * unshare(), setns() and clone() do the same before new mount and user namespaces (unshare.c).
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
