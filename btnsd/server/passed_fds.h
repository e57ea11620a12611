/* Descriptors that others passed to us. */
#ifndef BTNS_PASSED_H
#define BTNS_PASSED_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Their makers decide what the last close() of one does: a lingering TCP socket waits for its data
 * to leave, a file of somebody's own file system for his answer, and either may be never. Nothing
 * here waits for them.
 */
void passed_init(void);
/* Closes one that a process of uid passed. */
void passed_close(int fd, uid_t uid);
/* So many of uid's wait to be closed that nothing more is taken from him. */
bool passed_too_many(uid_t uid);
/* An ended child; false when it is none of ours. */
bool passed_reaped(pid_t pid);

/* Around any other system call that may close descriptors on the way: what waits is interrupted. */
void passed_begin(void);
void passed_end(void); /* errno stays */

#endif
