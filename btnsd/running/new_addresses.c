#include "btnsd/running/new_addresses.h"

#include "btnsd/latch/floor/floor.h"
#include "btnsd/latch/guard/other_sources.h"
#include "btnsd/running/real_source.h"
#include "btnsd/server/epoch.h"
#include "btnsd/server/server.h"
#include "btnsd/xfrm/addresses.h"

/* Cached verdicts name no local address, but guards do. */
void addresses_follow(struct btnsd *d)
{
    unsigned changes = d->addresses ? addresses_events(d->addresses) : 0;
    if (changes)
        epoch_move(d->epoch);
    if (!(changes & ADDRESSES_CHANGED))
        return;
    floor_spare_own6(d->xfrm);
    other_sources_readdress(&d->guards);
    /* A connection may have left from a new address before its entries were written. */
    server_drain(d->server);
    latches_follow_all(d);
}
