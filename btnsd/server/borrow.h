/* Finds a program's socket again that was passed once, and borrows it for a moment. */
#ifndef BTNS_SERVER_BORROW_H
#define BTNS_SERVER_BORROW_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Returns a copy of the descriptor by which process pid has the socket with this cookie, or -1 if
 * the process does not have it. `number` is where to look first; -1: not known. Close it with
 * passed_close() at once: while btnsd has a copy, the program's own close() does not end the
 * socket.
 */
int socket_borrow(pid_t pid, int number, uint64_t cookie, uid_t uid);

#endif
