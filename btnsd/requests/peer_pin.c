/* btnsctl peers pin and name: pins a key to an address or gives it a name, in known_peers. */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/responder/serve_review.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/peer_latches.h"
#include "btnsd/requests/table.h"
#include "btnsd/server/epoch.h"

#include <errno.h>
#include <string.h>
#include <time.h>

static int pin_key(struct btnsd *d, const struct btns_pin *m, struct err *err)
{
    struct btns_key key;
    struct btns_addr addr = m->addr;
    addr.port = 0;
    const struct peer *there = addr.family ? peers_by_addr(d->peers, &addr) : NULL;
    if (m->has_key)
        key = btns_key_of(m->key, false);
    else if (there)
        key = there->key;
    if (!m->has_key && !there) {
        err_set(err, "no peer is known at this address: give the key as well (btnsctl peers pin)");
        return -ENOENT;
    }
    if (btns_key_equal(&key, &d->host.pub)) {
        err_set(err, "that is this host's own key");
        return -EINVAL;
    }
    const struct btns_addr *where = addr.family ? &addr : NULL;
    int rc = peer_check_latches(d, where, &key, m->name, err);
    return rc ? rc : peers_pin(d->peers, &key, where, m->name, (uint64_t)time(NULL), err);
}

bool on_pin(struct btnsd *d, struct request *r)
{
    struct btns_pin m;
    struct err err = {""};
    memcpy(&m, r->hdr, sizeof m);
    m.name[sizeof m.name - 1] = '\0';
    int rc = pin_key(d, &m, &err);
    if (!rc) {
        epoch_move(d->epoch);
        serve_review(&d->guards, BTNS_R_IDENTITY);
    }
    answer_end(r->client, r->hdr, -rc, err.text);
    return true;
}
