/* Closes descriptors that programs passed to us, without waiting. */
#ifndef BTNS_SERVER_PASSED_FDS_H
#define BTNS_SERVER_PASSED_FDS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Their makers decide what the last close() does: a lingering TCP socket waits for its data to
 * leave, a file of a user's own file system for that file system's answer, and either may wait for
 * ever. Nothing here waits for them.
 */
void passed_init(void);
/* Closes a descriptor that a process of uid passed. */
void passed_close(int fd, uid_t uid);
/* True: so many of uid's descriptors wait to be closed that no more are taken from it. */
bool passed_too_many(uid_t uid);
/* Handles an ended child. False: it was none of ours. */
bool passed_reaped(pid_t pid);

/* Goes around any other system call that may close descriptors: a wait in it is interrupted. */
void passed_begin(void);
void passed_end(void); /* errno is kept */

#endif
