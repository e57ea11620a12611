/* btnsctl forget: deletes a peer from known_peers. */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/responder/review.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"

#include <errno.h>
#include <string.h>

bool on_forget(struct btnsd *d, struct request *r)
{
    struct btns_forget m;
    struct err err = {""};
    memcpy(&m, r->hdr, sizeof m);
    struct btns_key key = btns_key_of(m.key, false);
    m.addr.port = 0;
    bool by_addr = m.addr.family != 0;
    const struct peer *known =
        by_addr ? peers_by_addr(d->peers, &m.addr) : peers_by_key(d->peers, &key);
    for (size_t i = 0; known && i < known->addrs; i++)
        recent_failure_forget(&d->recent_failures, &known->addr[i]);
    if (known)
        key = known->key;
    int rc = peers_forget(d->peers, by_addr ? NULL : &key, by_addr ? &m.addr : NULL, &err);
    if (!rc && !peers_by_key(d->peers, &key))
        guards_forgot(&d->guards, &key);
    if (by_addr && recent_failure_forget(&d->recent_failures, &m.addr) && rc == -ENOENT)
        rc = 0; /* that nobody answered there was known, if no peer */
    if (rc == -ENOENT)
        err_set(&err, "no such peer is known");
    if (!rc)
        serve_review(&d->guards, BTNS_R_IDENTITY);
    answer_end(r->client, r->hdr, -rc, err.text);
    return true;
}
