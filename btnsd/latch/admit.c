/* May a key that is claimed at an address be given a pinned connection here, and for how long does
 * what it was given mean it? */
#include "guard.h"

bool guards_admit(const struct guards *gs, const struct btns_addr *local,
                  const struct btns_addr *remote, const struct btns_key *key,
                  enum identity identity, struct err *err)
{
    char ip[BTNS_ADDR_STR], is[BTNS_KEY_STR], was[BTNS_KEY_STR];
    btns_addr_ip_str(remote, ip);
    btns_key_str(key, is);
    if (btns_key_equal(key, &gs->host->pub)) {
        err_set(err, "%s claims our own key", ip);
        return false;
    }
    const struct guard *g = guard_conflict(gs, local, remote, key);
    if (g) {
        err_set(err, "%s now claims %s, but connections with it are latched to %s", ip, is,
                btns_key_str(&g->key, was));
        return false;
    }
    const struct peer *known = peers_by_addr(gs->peers, remote);
    if (identity == IDENTITY_KNOWN_KEY && known && !btns_key_equal(&known->key, key)) {
        err_set(err,
                "the key of %s has changed: known is %s, now it claims %s. If that is right: "
                "btnsctl forget %s",
                ip, btns_key_str(&known->key, was), is, ip);
        return false;
    }
    return true;
}

/* A number that is in the SPD or may come up in the SAD stays what it is. */
static bool pair_used(void *arg, const struct pair *pair)
{
    const struct guards *gs = arg;
    for (const struct guard *g = gs->list; g; g = g->next)
        if (g->reqid == pair->reqid)
            return true;
    return peers_by_key(gs->peers, &pair->key) || ike_knows(gs->ike, &pair->key);
}

void guards_trim_pairs(struct guards *gs)
{
    pairs_trim(&gs->pairs, pair_used, gs);
}
