/*
 * Datagram sockets of several users can be bound to one port if all of them set SO_REUSEADDR, and a
 * floor then applies to all of them. So a floor is deleted when another user's socket is bound to
 * its port later.
 */
#ifndef BTNS_RUNNING_SHARED_PORTS_H
#define BTNS_RUNNING_SHARED_PORTS_H

#include "btnsd/state/daemon.h"

/*
 * Deletes such floors, except root's. The socket whose floor is deleted is blocked until its
 * program asks again; if it cannot be found, and so cannot be blocked, the floor stays.
 */
void shared_ports_look(struct btnsd *d);

#endif
