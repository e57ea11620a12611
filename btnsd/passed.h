/* Descriptors that others passed to us. */
#ifndef BTNS_PASSED_H
#define BTNS_PASSED_H

/*
 * close() that does not wait, whatever fd is: its maker decides what the last close() of it does. A
 * lingering TCP socket waits for its data to leave, a file of somebody's own file system for his
 * answer, and either may be never.
 */
void passed_close(int fd);

#endif
