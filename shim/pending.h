/* The descriptor a thread is waiting on, so that it is not lost when the program longjmp()s away.
 */
#ifndef SHIM_PENDING_H
#define SHIM_PENDING_H

#include <stdint.h>

struct pending {
    int fd;
    uint64_t cookie;
    uintptr_t frame;
};

/*
 * Call these around a wait on fd. begin() returns a value for end(), because a signal handler may
 * start a wait within another wait. begin() closes the descriptor of an earlier wait that cannot be
 * in progress any more: wget's time limits leave connect() by siglongjmp() from a handler.
 */
struct pending pending_begin(int fd, uintptr_t frame);
void pending_end(struct pending before);

#endif
