/* btnsctl nolatch: a known peer's flag that no latch may be made to it (latching -02, 2.1). */
#include "epoch.h"
#include "requests.h"

#include <errno.h>
#include <string.h>

/* What it could bring up, it no longer can; what it has goes. */
static void disallow(struct btnsd *d, const struct peer *p)
{
    for (size_t i = 0; i < p->addrs; i++) {
        struct route route;
        if (!route_lookup(&p->addr[i], 0, 0, &route))
            ike_disallow(d->ike, &route.local, &p->addr[i], &p->key);
    }
}

bool on_nolatch(struct btnsd *d, struct request *r)
{
    struct btns_nolatch m;
    struct btns_key key;
    struct err err = {""};
    memcpy(&m, r->hdr, sizeof m);
    memcpy(key.raw, m.key, sizeof key.raw);
    int rc = peers_set_no_latch(d->peers, &key, m.on != 0, &err);
    const struct peer *p = rc ? NULL : peers_by_key(d->peers, &key);
    epoch_move(d->epoch); /* cached verdicts said otherwise */
    if (p && m.on && d->ike)
        disallow(d, p);
    if (p && !m.on && d->ike)
        guards_ike_allow(&d->guards, p);
    if (rc == -ENOENT)
        err_set(&err, "no such peer is known");
    answer_end(r->client, r->hdr, -rc, err.text);
    return true;
}
