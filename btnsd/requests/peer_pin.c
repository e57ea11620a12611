/* btnsctl peers pin and name: pins a key to an address or a name in known_peers. */
#include "btnsd/base/log.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/in_use.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/responder/review.h"
#include "btnsd/requests/answer.h"
#include "btnsd/requests/table.h"
#include "btnsd/server/epoch.h"

#include <errno.h>
#include <string.h>
#include <time.h>

/* A guard with live connections that is latched at this address to a key other than `key`. */
static const struct guard *latched_to_another(const struct btnsd *d, const struct btns_addr *addr,
                                              const struct btns_key *key)
{
    uint32_t time_wait;
    for (struct guard *g = d->guards.list; g; g = g->next)
        if (g->ever_up && g->has_key && !btns_key_equal(&g->key, key) &&
            btns_addr_ip_equal(&g->remote, addr) && (g->latches || guard_in_use(g, &time_wait)))
            return g;
    return NULL;
}

/* A guard that is latched to the peer which has the name now. */
static const struct guard *latched_by_name(const struct btnsd *d, const struct peer *holder)
{
    for (const struct guard *g = NULL; (g = guard_with_key(&d->guards, &holder->key, g));)
        if (g->ever_up && g->latches)
            return g;
    return NULL;
}

/* A latched peer's name or address cannot change while its latches live (L12). */
static int check_latches(const struct btnsd *d, const struct btns_addr *addr,
                         const struct btns_key *key, const char *name, struct err *err)
{
    char ip[BTNS_ADDR_STR], text[BTNS_KEY_STR];
    const struct guard *g = addr ? latched_to_another(d, addr, key) : NULL;
    const struct peer *holder = name ? peers_by_name(d->peers, name) : NULL;
    if (!g && holder && !btns_key_equal(&holder->key, key))
        g = latched_by_name(d, holder);
    if (!g)
        return 0;
    err_set(err,
            "connections with %s, %s/%u, are latched to %s, and a latch does not change: end "
            "them first (btnsctl forget %s)",
            btns_addr_ip_str(&g->remote, ip), protocol_name(g->service.protocol), g->service.port,
            btns_key_str(&g->key, text), btns_addr_ip_str(&g->remote, ip));
    return -EBUSY;
}

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
    int rc = check_latches(d, where, &key, m->name, err);
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
