/* connect(): asks btnsd for a verdict first, unless a cached one holds. */
#include "shim/calls.h"
#include "shim/permit.h"
#include "shim/raw.h"
#include "shim/target.h"
#include "shim/why.h"

#include <sys/time.h>

/*
 * Starts the connection as an interrupted or timed-out blocking connect() leaves it: still
 * connecting. With the shortest possible SO_SNDTIMEO the kernel sends the SYN and returns at once.
 */
static int connect_in_background(int fd, const struct target *t, int unfinished)
{
    struct timeval before, least = {.tv_usec = 1};
    socklen_t len = sizeof before;
    long rc = RAW(getsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &before, &len);
    if (rc == 0)
        rc = RAW(setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &least, sizeof least);
    if (rc == 0) {
        rc = RAW(connect, fd, &t->ss, t->len);
        RAW(setsockopt, fd, SOL_SOCKET, SO_SNDTIMEO, &before, sizeof before);
    }
    if (rc == 0)
        return 0;
    errno = rc == -EINPROGRESS || rc == -EINTR ? unfinished : (int)-rc;
    return -1;
}

static int connect_later(int fd, const struct target *t, int unfinished)
{
    int error;
    if (permit_connect(fd, &t->remote, PERMIT_NOW, &error) == PERMIT_GO)
        return connect_in_background(fd, t, unfinished);
    errno = error;
    return -1;
}

/*
 * The guard may have failed during the connect(): btnsd then ended the connection, or the kernel
 * refused its packets. Returns btnsd's errno in that case, else the error as it was.
 */
static int tell_why(int fd, const struct target *t, int error)
{
    bool ours = error == ECONNRESET || error == ECONNABORTED || error == EPIPE || error == EPERM;
    int why = ours ? why_refused(fd, &t->remote) : 0;
    errno = why ? why : error;
    return -1;
}

static int refuse(int error)
{
    errno = error;
    return -1;
}

int shim_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    struct target t;
    int error = 0, saved = errno;
    if (!target_read(&t, addr, len))
        return REAL(connect, fd, addr, len);
    switch (permit_connect(fd, &t.remote, PERMIT_WAIT, &error)) {
    case PERMIT_REFUSE:
        return refuse(error);
    case PERMIT_LATER:
        return connect_later(fd, &t, error);
    case PERMIT_GO:
        break;
    }
    errno = saved;
    int rc = REAL(connect, fd, (const struct sockaddr *)&t.ss, t.len);
    return rc ? tell_why(fd, &t, errno) : 0;
}

/* libc exports connect() under this name too. */
int shim___connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    return shim_connect(fd, addr, len);
}
