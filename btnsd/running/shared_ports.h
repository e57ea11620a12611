/*
 * Datagram sockets of several users can be bound to one port, if all of them set SO_REUSEADDR, and
 * a floor is under all of them. So it gives way to another user's socket that comes later.
 */
#ifndef BTNS_RUNNING_SHARED_PORTS_H
#define BTNS_RUNNING_SHARED_PORTS_H

#include "btnsd/state/daemon.h"

/*
 * Root's floors stay. The socket of one that gives way is blocked until its program asks again; if
 * it cannot be found, to be blocked, the floor stays.
 */
void shared_ports_look(struct btnsd *d);

#endif
