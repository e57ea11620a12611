/*
 * Measures a wait by the time that poll() says is left, because the program may have replaced the
 * clock functions (libfaketime). A wait is cut into slices: a machine that was suspended for a
 * while uses up one slice, not all of them.
 */
#include "shim/patience.h"

#include "shim/raw.h"

#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <time.h>

enum { SLICES = 10 };
#define SECOND 1000000000L

struct patience patience(int64_t milliseconds, bool cancellable)
{
    int64_t all = milliseconds * 1000000;
    return (struct patience){all, all / SLICES + 1, cancellable};
}

/*
 * A thread can be cancelled while it waits here, as in the program's own call; libc does the same
 * around its system calls. wait.c closes the connection that the cancelled thread leaves open.
 */
static long poll_with_patience(struct pollfd *p, struct timespec *left, bool cancellable)
{
    int type;
    if (!cancellable)
        return RAW(ppoll, p, p->fd >= 0, left, NULL, 0);
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
    long rc = RAW(ppoll, p, p->fd >= 0, left, NULL, 0);
    pthread_setcanceltype(type, NULL);
    return rc;
}

static long patience_slice(struct patience *p, int fd, int64_t slice)
{
    struct timespec left = {slice / SECOND, slice % SECOND};
    struct pollfd poller = {.fd = fd, .events = POLLIN};
    long rc = poll_with_patience(&poller, &left, p->cancellable);
    p->left -= rc ? slice - (left.tv_sec * SECOND + left.tv_nsec) : slice;
    return rc;
}

long patience_wait(struct patience *p, int fd)
{
    long rc;
    do
        rc = patience_slice(p, fd, p->left <= 0 ? 0 : p->left < p->slice ? p->left : p->slice);
    while (rc == 0 && p->left > 0);
    return rc ? rc : -ETIME;
}

long patience_pause(struct patience *p, int64_t milliseconds)
{
    if (p->left <= 0)
        return -ETIME;
    return patience_slice(p, -1, milliseconds * 1000000);
}

uint64_t patience_seconds(void)
{
    struct timespec now = {0};
    RAW(clock_gettime, CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec + 1;
}
