/* Limits how long a call waits for btnsd. */
#ifndef BTNS_SHIM_PATIENCE_H
#define BTNS_SHIM_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

struct patience {
    int64_t left;     /* nanoseconds */
    int64_t slice;    /* nanoseconds of one wait in the kernel */
    bool cancellable; /* the program's own call is a cancellation point */
};

struct patience patience(int64_t milliseconds, bool cancellable);
/* Waits until fd can be read: 1, or -errno: -ETIME, -EINTR. */
long patience_wait(struct patience *p, int fd);
/* Sleeps, but not longer than a slice. Returns 0, or -errno as above. */
long patience_pause(struct patience *p, int64_t milliseconds);

/* Seconds since an unspecified time; never 0. Makes a system call. */
uint64_t patience_seconds(void);

#endif
