/*
 * Finds a program's socket that was passed to btnsd earlier, and copies its descriptor for a
 * moment.
 */
#ifndef BTNS_SERVER_BORROW_H
#define BTNS_SERVER_BORROW_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Returns a copy of the descriptor by which process pid has the socket with this cookie, or -1 if
 * the process does not have it. Looks at descriptor `number` first (-1: not known), and then at up
 * to `most` others, lowest first. For each uid, at most BORROW_SECOND are looked at in a second
 * (root's are not counted), because a program can have a million, and btnsd does nothing else
 * meanwhile. Close the copy with passed_close() at once: while btnsd has it, the program's own
 * close() does not end the socket.
 */
int socket_borrow(pid_t pid, int number, uint64_t cookie, uid_t uid, int most);

#define BORROW_SOME   4096  /* where any user can cause searches without limit */
#define BORROW_MANY   16384 /* where a broken latch has to end a connection */
#define BORROW_SECOND 16384

#endif
