/* Finds a program's socket again that was passed once, and borrows it for a moment. */
#ifndef BTNS_SERVER_BORROW_H
#define BTNS_SERVER_BORROW_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Returns a copy of the descriptor by which process pid has the socket with this cookie, or -1 if
 * the process does not have it. `number` is where to look first; -1: not known. After that, `most`
 * of its descriptors are looked through, lowest first, and of all of uid's BORROW_SECOND in a
 * second (root's are not counted): a program can have a million, and btnsd does nothing else
 * meanwhile. Close the copy with passed_close() at once: while btnsd has it, the program's own
 * close() does not end the socket.
 */
int socket_borrow(pid_t pid, int number, uint64_t cookie, uid_t uid, int most);

#define BORROW_SOME   4096  /* where any user can make btnsd look, as often as he likes */
#define BORROW_MANY   16384 /* where a latch that is broken must end */
#define BORROW_SECOND 16384

#endif
