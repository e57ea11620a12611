/*
 * unshare(), setns() and clone(): afterwards nothing that known.c remembered is valid. They make no
 * extra system call, except before a new mount or user namespace.
 */
#include "shim/calls.h"
#include "shim/known.h"
#include "shim/link.h"

#include <errno.h>
#include <sched.h>

/* In the new namespace btnsd's socket may have another path, and root another uid (chroot.c). */
static void open_link_before_unshare(int flags)
{
    int saved = errno;
    if (flags & (CLONE_NEWNS | CLONE_NEWUSER))
        link_get(true);
    errno = saved;
}

int shim_unshare(int flags)
{
    known_give_up();
    open_link_before_unshare(flags);
    return REAL(unshare, flags);
}

int shim_setns(int fd, int type)
{
    known_give_up();
    open_link_before_unshare(type ? type : CLONE_NEWNS); /* type 0 allows a namespace of any kind */
    return REAL(setns, fd, type);
}

/*
 * A thread has its process's memory and descriptor table. A new process lacks at least one of them.
 */
int shim_clone(int (*work)(void *), void *stack, int flags, void *arg, void *parent, void *tls,
               void *child)
{
    const int thread = CLONE_VM | CLONE_FILES;
    if ((flags & thread) != thread || (flags & CLONE_NEWNET))
        known_give_up();
    open_link_before_unshare(flags);
    return REAL(clone, work, stack, flags, arg, parent, tls, child);
}

int shim___clone(int (*work)(void *), void *stack, int flags, void *arg, void *parent, void *tls,
                 void *child)
{
    return shim_clone(work, stack, flags, arg, parent, tls, child);
}
