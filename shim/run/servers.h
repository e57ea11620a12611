/* Does a server run to which a program hands its work, as tmux and ssh do? */
#ifndef BTNS_SHIM_RUN_SERVERS_H
#define BTNS_SHIM_RUN_SERVERS_H

#include "shim/run/starters.h"

#include <stddef.h>

/*
 * Of a STARTER_SERVER: is there a server that this command line would use? `where` is its socket.
 * ssh's configuration is not evaluated, as it can run commands: any master that runs by one of its
 * ControlPaths counts.
 */
bool servers_find(const struct started *s, char *where, size_t size);

#endif
