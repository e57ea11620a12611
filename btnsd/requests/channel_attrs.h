/* Writes what is known of a latch as attributes, for btns_channel_info of <btns/ipsec.h>. */
#ifndef BTNS_REQUESTS_CHANNEL_ATTRS_H
#define BTNS_REQUESTS_CHANNEL_ATTRS_H

#include "btnsd/state/daemon.h"
#include "btnsd/xfrm/snapshot.h"
#include "libapi/wire/attrs.h"

/* g: the guard that protects the latch, or NULL. sad: the SAD at this moment. */
void channel_attrs(struct attrs_out *o, const struct btnsd *d, const struct btns_latch_msg *m,
                   const struct sad_snapshot *sad, const struct guard *g);

#endif
