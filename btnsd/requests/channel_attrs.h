/* A latch as the attributes of a channel info of <btns/ipsec.h>. */
#ifndef BTNS_REQUESTS_CHANNEL_ATTRS_H
#define BTNS_REQUESTS_CHANNEL_ATTRS_H

#include "btnsd/state/daemon.h"
#include "btnsd/xfrm/snapshot.h"
#include "libapi/wire/attrs.h"

/* g: what protects it, or NULL: nothing. sad: of this moment. */
void channel_attrs(struct attrs_out *o, const struct btnsd *d, const struct btns_latch_msg *m,
                   const struct sad_snapshot *sad, const struct guard *g);

#endif
