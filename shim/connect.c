/* connect(): asks first, unless it is known. */
#include "shim/calls.h"
#include "shim/permit.h"
#include "shim/raw.h"
#include "shim/target.h"
#include "shim/why.h"

#include <sys/time.h>

/*
 * A blocking connect() that was interrupted, or timed out by SO_SNDTIMEO, goes on in the
 * background: the kernel starts it and returns at once when the time limit is the shortest there
 * is.
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
 * While it waited for an answer its guard may have failed: btnsd has then ended it, or the kernel
 * refuses its packets. Else this is nobody's doing here.
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

/* libc exports it under this name too. */
int shim___connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    return shim_connect(fd, addr, len);
}
