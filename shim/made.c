/*
 * socket() and bind(): noticed, so that connect() need not ask the kernel what a socket is; and the
 * calls after which nothing that was noticed holds. None makes a system call of its own.
 */
#include "shim/calls.h"
#include "shim/known.h"

#include <errno.h>
#include <sched.h>

int shim_socket(int domain, int type, int protocol)
{
    int fd = REAL(socket, domain, type, protocol);
    if (fd >= 0)
        known_made(fd, domain, type, protocol);
    return fd;
}

int shim_bind(int fd, const struct sockaddr *addr, socklen_t len)
{
    known_bound(fd);
    return REAL(bind, fd, addr, len);
}

int shim_bindresvport(int fd, struct sockaddr_in *addr)
{
    known_bound(fd);
    return REAL(bindresvport, fd, addr);
}

int shim_unshare(int flags)
{
    known_give_up();
    return REAL(unshare, flags);
}

int shim_setns(int fd, int type)
{
    known_give_up();
    return REAL(setns, fd, type);
}

/* A thread shares both memory and table, whatever else it has. A new process has neither, or one.
 */
int shim_clone(int (*work)(void *), void *stack, int flags, void *arg, void *parent, void *tls,
               void *child)
{
    const int thread = CLONE_VM | CLONE_FILES;
    if ((flags & thread) != thread || (flags & CLONE_NEWNET))
        known_give_up();
    return REAL(clone, work, stack, flags, arg, parent, tls, child);
}

int shim___clone(int (*work)(void *), void *stack, int flags, void *arg, void *parent, void *tls,
                 void *child)
{
    return shim_clone(work, stack, flags, arg, parent, tls, child);
}
