/* Reads from /proc which UDP ports are in use, the interface of the default route, and MTUs. */
#ifndef BTNS_CTL_LINT_PORTS_H
#define BTNS_CTL_LINT_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

bool ports_udp_taken(unsigned port);
/* Does this process have the UDP port? True also if the process may not be read. */
bool ports_udp_held_by(unsigned port, pid_t pid);
/* Is the default route's interface a tunnel? Gets its name. */
bool ports_default_tunnel(char *name, size_t size);
/*
 * The smallest MTU of the links that are up, except loopback, and the name of that link; 0: no link
 * is up.
 */
unsigned ports_smallest_mtu(char *name, size_t size);

#endif
