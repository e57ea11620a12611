/*
 * Makes the latches of connections that programs have accepted and not named: accept() only counts
 * them in shared memory (struct btns_ring), and leaves out messages for which a link has no room.
 * btnsd lists the kernel's connections, and makes latches for the ones that came to the program's
 * listeners.
 */
#ifndef BTNS_REQUESTS_ACCEPT_SCAN_H
#define BTNS_REQUESTS_ACCEPT_SCAN_H

#include "btnsd/requests/table.h"

/*
 * The sender of r may have accepted connections that have no latch. btnsd looks for them after this
 * time, or later if the last look took long.
 */
void accept_scan_expect(struct btnsd *d, const struct request *r, unsigned ms);
/* Looks now if a process waits for it, before an answer that lists the connections anyway. */
void accept_scan_now(struct btnsd *d);
/* The same, but not while btnsd rests from the last look. */
void accept_scan_soon(struct btnsd *d);
void accept_scan_end(struct btnsd *d);

#endif
