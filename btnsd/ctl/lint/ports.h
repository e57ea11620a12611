/* What of this host's network is taken: UDP ports, and the default route. From /proc. */
#ifndef BTNS_LINT_PORTS_H
#define BTNS_LINT_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

bool ports_udp_taken(unsigned port);
/* True also when we may not look at that process. */
bool ports_udp_held_by(unsigned port, pid_t pid);
/* Is the default route's interface a tunnel? Fills its name. */
bool ports_default_tunnel(char *name, size_t size);

#endif
