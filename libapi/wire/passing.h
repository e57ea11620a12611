/*
 * Sends a descriptor in a message. The kernel counts the descriptors that all programs of a user
 * have on their way, in AF_UNIX messages nobody has read yet, and compares the sum with the
 * sender's own limit of open files (ETOOMANYREFS): a program with a low limit has to wait until
 * others have read theirs.
 */
#ifndef BTNS_LIBAPI_WIRE_PASSING_H
#define BTNS_LIBAPI_WIRE_PASSING_H

#include <errno.h>

#define PASS_AGAIN_MS 10

struct passing {
    long (*send)(void *arg);  /* a result of 0 or more, or -errno */
    long (*pause)(void *arg); /* 0 after PASS_AGAIN_MS; -EINTR; -ETIME: has waited long enough */
    void *arg;
};

static inline long pass_when_allowed(const struct passing *p)
{
    for (;;) {
        long rc = p->send(p->arg), paused = 0;
        if (rc == -ETOOMANYREFS)
            paused = p->pause(p->arg);
        if (paused == -EINTR)
            return -EINTR;
        if (paused || (rc != -ETOOMANYREFS && rc != -EINTR))
            return rc;
    }
}

#endif
