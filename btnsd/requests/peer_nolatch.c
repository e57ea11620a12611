/* btnsctl nolatch: sets a known peer's flag that forbids latches to it (latching -02, 2.1). */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/responder/allow.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"
#include "btnsd/server/epoch.h"

#include <errno.h>
#include <string.h>

/* Stops the peer from creating SAs, and deletes the ones it has. */
static void disallow_peer(struct btnsd *d, const struct peer *p)
{
    for (size_t i = 0; i < p->addrs; i++) {
        struct route route;
        if (route_lookup(&(struct route_query){.remote = p->addr[i]}, &route))
            continue;
        struct ike_entry e = {.local = route.local, .remote = p->addr[i], .key = p->key};
        ike_disallow(d->ike, &e);
        struct credential *cert = ike_credential(d->ike, &e.local, &e.remote, &e.key);
        e.cert = cert;
        if (cert)
            ike_disallow(d->ike, &e);
        credential_unref(cert);
    }
}

bool on_nolatch(struct btnsd *d, struct request *r)
{
    struct btns_nolatch m;
    struct err err = {""};
    memcpy(&m, r->hdr, sizeof m);
    const struct btns_key key = btns_key_of(m.key, false);
    int rc = peers_set_no_latch(d->peers, &key, m.on != 0, &err);
    const struct peer *p = rc ? NULL : peers_by_key(d->peers, &key);
    epoch_move(d->epoch); /* ends cached verdicts, which may be wrong now */
    if (p && m.on && d->ike)
        disallow_peer(d, p);
    if (p && !m.on && d->ike)
        guards_ike_allow(&d->guards, p);
    if (rc == -ENOENT)
        err_set(&err, "no such peer is known");
    answer_end(r->client, r->hdr, -rc, err.text);
    return true;
}
