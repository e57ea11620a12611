/* Reads from /proc which UDP ports are in use, the interface of the default route, and MTUs. */
#ifndef BTNS_CTL_LINT_PORTS_H
#define BTNS_CTL_LINT_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

bool ports_udp_taken(unsigned port);
/* True also if the process may not be read. */
bool ports_udp_held_by(unsigned port, pid_t pid);
/* Is the default route's interface a tunnel? Fills its name. */
bool ports_default_tunnel(char *name, size_t size);
/* The smallest MTU of the links that are up, loopback apart, and that link's name; 0: none is. */
unsigned ports_smallest_mtu(char *name, size_t size);

#endif
