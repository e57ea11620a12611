/* Reacts to changes of this host's addresses and routes. */
#include "btnsd/running/new_addresses.h"

#include "btnsd/latch/floor/floor.h"
#include "btnsd/latch/guard/other_sources.h"
#include "btnsd/running/real_source.h"
#include "btnsd/server/epoch.h"
#include "btnsd/server/server.h"
#include "btnsd/xfrm/addresses.h"

static void follow_new_addresses(struct timer *t);

/*
 * A connection may have left from a new address before the entries for that address were written.
 */
static void follow_latches_to_address(struct btnsd *d)
{
    bool all = server_read_until(d->server, d->addresses_mark);
    real_source_follow_all(d);
    if (!all)
        loop_after(d->loop, &d->follow, SERVER_AGAIN_MS, follow_new_addresses, d);
}

static void follow_new_addresses(struct timer *t)
{
    follow_latches_to_address(t->arg);
}

/* Cached verdicts name no local address, but guards do. */
void new_addresses_follow(struct btnsd *d)
{
    unsigned changes = d->addresses ? addresses_events(d->addresses) : 0;
    if (changes)
        epoch_move(d->epoch);
    if (!(changes & ADDRESSES_CHANGED))
        return;
    own_ipv6_spare(d->xfrm);
    other_sources_readdress(&d->guards);
    d->addresses_mark = server_mark(d->server);
    follow_latches_to_address(d);
}
