/* Finds a running server that would do the program's work: a tmux server or an ssh master. */
#ifndef BTNS_SHIM_RUN_SERVERS_H
#define BTNS_SHIM_RUN_SERVERS_H

#include "shim/run/starters.h"

#include <stddef.h>

/*
 * Is a server running that the command line of this STARTER_SERVER would use? `where` becomes its
 * socket's path. ssh's configuration is not evaluated, because evaluating can run commands: any
 * master on one of the configured ControlPaths counts.
 */
bool servers_find(const struct started *s, char *where, size_t size);

#endif
