/*
 * Floors for sockets that do not listen yet. A floor has to stand before listen(), or the first
 * callers come in unprotected; but a floor is about a port, and anybody can ask for one and never
 * listen. So it stands for a moment on the word of who asks, and stays when the kernel says that
 * the socket listens. Else it goes, and the socket itself is blocked, which harms nobody else: if
 * it listens after all, it gets its floor, and then hears.
 */
#ifndef BTNS_RUNNING_FLOOR_CLAIMS_H
#define BTNS_RUNNING_FLOOR_CLAIMS_H

#include "btnsd/latch/floor/others.h"
#include "btnsd/state/daemon.h"

/*
 * fd, of process pid, has a floor and does not listen yet; its latch is in the registry.
 * False, with the reason: the user has too many; then the floor must go.
 */
bool floor_claim_begin(struct btnsd *d, const struct floor_claim *c, int fd, pid_t pid,
                       struct err *err);
/* The socket is judged anew: its old claim ends. True: it was blocked, and has to be unblocked. */
bool floor_claim_end(struct btnsd *d, uint64_t cookie, uid_t uid);
/* Others' claims to this place end, where their sockets do not listen. */
void floor_claims_yield(struct btnsd *d, const struct floor_claim *to);
/* btnsd ends: sockets that do not listen yet are blocked, and their floors go. */
void floor_claims_stop(struct btnsd *d);

#endif
