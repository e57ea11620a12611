/*
 * Remembers non-blocking connections that btnsd may still make fail, and tells the person why.
 * Nothing here waits.
 */
#ifndef BTNS_SHIM_PENDING_H
#define BTNS_SHIM_PENDING_H

#include "libapi/wire/wire.h"

#include <stdbool.h>

/*
 * A connection has begun in the background on socket fd, about which `question` was asked. btnsd
 * will send its outcome on the channel, which this file owns from now on.
 */
void pending_watch(int fd, const struct btns_flow *question, int channel);
/* Is any connection remembered? Makes no system call. */
bool pending_any(void);
/*
 * The program asks for the outcome. If btnsd has made the connection fail, prints why, once, and
 * returns btnsd's errno. Returns 0 if the connection did not fail, or not because of btnsd.
 */
int pending_failed(int fd);
/* The program closes these descriptors, perhaps without having asked for the outcome. */
void pending_closing(unsigned first, unsigned last);
/* Call in a forked child: drops the entries, which are its parent's. */
void pending_forked(void);

#endif
