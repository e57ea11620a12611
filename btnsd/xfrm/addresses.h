/* Reports that this host's addresses or routes have changed. */
#ifndef BTNS_XFRM_ADDRESSES_H
#define BTNS_XFRM_ADDRESSES_H

#include "libapi/wire/err.h"

#define ADDRESSES_CHANGED 0x1u
#define ROUTES_CHANGED    0x2u /* a connect() may now use another source address */

struct addresses;

struct addresses *addresses_open(struct err *err);
void addresses_close(struct addresses *a);
int addresses_event_fd(const struct addresses *a); /* readable: call addresses_events */
/*
 * Reads the waiting messages without blocking. Returns what may have changed since the last call.
 */
unsigned addresses_events(struct addresses *a);

#endif
