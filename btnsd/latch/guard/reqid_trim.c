/* Drops reqids that are not used any more. */
#include "btnsd/latch/guard/reqid_trim.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/search.h"

/* Keeps reqids that are in the SPD or that a new SA may have. */
static bool pair_used(void *arg, const struct pair *pair)
{
    const struct guards *gs = arg;
    return guard_with_reqid(gs, pair->reqid, NULL) || peers_by_key(gs->peers, &pair->key) ||
           ike_knows(gs->ike, &pair->key);
}

void guards_trim_pairs(struct guards *gs)
{
    pairs_trim(&gs->pairs, pair_used, gs);
}
