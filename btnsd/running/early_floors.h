/*
 * Floors for sockets that do not listen yet. A floor has to stand before listen(), or the first
 * callers come in unprotected; but a floor applies to a port, and anybody could ask for one and
 * never listen. So the floor stands for a moment because its program asks, and stays if the kernel
 * says that the socket listens. Otherwise the floor is deleted and the socket itself is blocked,
 * which harms nobody else. If the socket listens after all, it gets its floor, and is unblocked.
 */
#ifndef BTNS_RUNNING_EARLY_FLOORS_H
#define BTNS_RUNNING_EARLY_FLOORS_H

#include "btnsd/latch/floor/other_users.h"
#include "btnsd/state/daemon.h"

/*
 * The socket fd, of process pid, has a floor and does not listen yet; its latch is in the registry.
 * False, with the reason: the user has too many such sockets; the caller then deletes the floor.
 */
bool early_floor_begin(struct btnsd *d, const struct floor_request *c, int fd, pid_t pid,
                       struct err *err);
/*
 * btnsd judges the socket anew: its old early floor ends. True: it was blocked, and has to be
 * unblocked.
 */
bool early_floor_end(struct btnsd *d, uint64_t cookie, uid_t uid);
/* Ends other users' early floors at the same address and port, if their sockets do not listen. */
void early_floors_yield(struct btnsd *d, const struct floor_request *to);
/* At btnsd's end: blocks sockets that do not listen yet, and deletes their floors. */
void early_floors_stop(struct btnsd *d);

#endif
