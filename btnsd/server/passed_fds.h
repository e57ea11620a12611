/* Closes descriptors that programs passed to us, without waiting. */
#ifndef BTNS_SERVER_PASSED_FDS_H
#define BTNS_SERVER_PASSED_FDS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * Programs decide what the last close() of their descriptors does: a lingering TCP socket waits
 * until its data is sent, and a file on a user's own file system waits for that file system. Either
 * may wait for ever, so nothing in this file waits for them.
 */
void passed_init(void);
/* Closes a descriptor that a process of uid passed. */
void passed_close(int fd, uid_t uid);
/* True: uid has so many descriptors waiting to be closed that no more are accepted. */
bool passed_too_many(uid_t uid);
/* Handles an ended child. False: the child belongs to another part of btnsd. */
bool passed_reaped(pid_t pid);

/*
 * Enclose any other system call that may close descriptors in these two: if it waits, it is
 * interrupted.
 */
void passed_begin(void);
void passed_end(void); /* errno is kept */

#endif
