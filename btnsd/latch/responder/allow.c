/* As responder: tells charon which peers may come in, and to which of our services. */
#include "btnsd/latch/responder/allow.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/admission/no_latch.h"
#include "btnsd/latch/admission/served.h"
#include "btnsd/latch/guard/reqid.h"

#include "libapi/wire/inner_address.h"

#include <errno.h>
#include <string.h>

static void explain_not_allowed(const struct guards *gs, const struct applicant *who,
                                struct err *err)
{
    const char *suite;
    if (!guards_no_latch(gs, who->remote, who->key, err) &&
        serve_admits(gs, who, (struct service){0}, &suite, err))
        err_set(err, "none of our services is open to it");
}

/* outer: see struct ike_entry; or NULL */
static int allow_peer(struct guards *gs, const struct applicant *who, const struct btns_addr *outer,
                      bool claimed, struct err *err)
{
    struct ike_entry entry = {.local = *who->local,
                              .remote = *who->remote,
                              .outer = outer ? *outer : (struct btns_addr){0},
                              .key = *who->key,
                              .cert = who->cert,
                              .inlets = serve_inlets(gs, who)};
    const struct inlets *l = &entry.inlets;
    const struct pair *pair =
        l->n ? pair_get(&gs->pairs, who->key, pair_label(NULL, who->cert != NULL)) : NULL;
    int rc = -EACCES;
    if (l->failed || (l->n && !pair)) {
        err_set(err, "out of memory or reqids");
        rc = -ENOMEM;
    } else if (l->n) {
        entry.reqid = pair->reqid;
        rc = (claimed ? ike_allow_claimed : ike_allow)(gs->ike, &entry);
    } else {
        explain_not_allowed(gs, who, err);
        ike_shut(gs->ike, &entry);
    }
    inlets_free(&entry.inlets);
    return rc;
}

int serve_allow(struct guards *gs, const struct applicant *who, bool claimed, struct err *err)
{
    return allow_peer(gs, who, NULL, claimed, err);
}

int serve_allow_inner(struct guards *gs, const struct btns_key *key, const struct btns_addr *outer,
                      bool claimed, struct err *err)
{
    struct btns_addr remote = {.family = AF_INET6};
    struct in6_addr inner;
    if (!gs->inner.family || key->hashed || !inner_address_of_key(key->raw, &inner)) {
        err_set(err, "no rule here is for BEET mode");
        return -EACCES;
    }
    memcpy(remote.ip, &inner, sizeof inner);
    const struct applicant who = {&gs->inner, &remote, key, NULL};
    return allow_peer(gs, &who, outer, claimed, err);
}

void guards_ike_allow(struct guards *gs, const struct peer *p)
{
    if (gs->inner.family)
        serve_allow_inner(gs, &p->key, p->addrs ? &p->addr[0] : NULL, false, NULL);
    for (size_t a = 0; a < p->addrs; a++) {
        struct route r;
        if (route_lookup(&(struct route_query){.remote = p->addr[a]}, &r) ||
            route_is_this_host(&r.local, &p->addr[a], &r))
            continue;
        const struct applicant who = {&r.local, &p->addr[a], &p->key, NULL};
        serve_allow(gs, &who, false, NULL);
    }
}

void guards_allow_certified(struct guards *gs)
{
    for (const struct guard *g = gs->list; g; g = g->next) {
        const struct applicant who = {&g->local, &g->remote, &g->key, g->cert};
        if (g->mirror && g->cert)
            serve_allow(gs, &who, false, NULL);
    }
}
