/* The table of guards: finding, making, sharing, letting go. */
#include "btnsd/latch/keying/keying.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/registry/events.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct guard *guard_find(struct guards *gs, const struct btns_addr *local,
                         const struct btns_addr *remote, uint16_t port, bool mirror)
{
    for (struct guard *g = gs->list; g; g = g->next)
        if (g->port == port && g->mirror == mirror && btns_addr_ip_equal(&g->remote, remote) &&
            btns_addr_ip_equal(&g->local, local))
            return g;
    return NULL;
}

struct guard *guard_of(struct guards *gs, const struct btns_addr *local,
                       const struct btns_addr *remote)
{
    struct guard *g = guard_find(gs, local, remote, remote->port, false);
    return g ? g : guard_find(gs, local, remote, local->port, true);
}

struct guard *guard_new(struct guards *gs, const struct btns_addr *local,
                        const struct btns_addr *remote, uint16_t port, bool mirror)
{
    struct guard *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->all = gs;
    g->keying = &keying_private;
    g->local = *local;
    g->remote = *remote;
    g->local.port = g->remote.port = 0;
    g->port = port;
    g->mirror = mirror;
    g->next = gs->list;
    gs->list = g;
    gs->count++;
    return g;
}

/* Is its key needed between these addresses without it? */
static bool key_outlasts(const struct guard *g)
{
    const struct peer *known = g->certified ? NULL : peers_by_addr(g->all->peers, &g->remote);
    const struct guard *o = g->all->list;
    while (o && (o == g || !o->has_key || o->certified != g->certified ||
                 !btns_key_equal(&o->key, &g->key) || !btns_addr_ip_equal(&o->remote, &g->remote)))
        o = o->next;
    return o || (known && btns_key_equal(&known->key, &g->key));
}

/* charon need not know a key longer than we do. */
static void release_key(struct guard *g)
{
    const struct ike_service s = {.key = g->key,
                                  .local = g->local,
                                  .remote = g->remote,
                                  .port = g->port,
                                  .reqid = g->reqid,
                                  .cert = g->cert};
    if (g->all->ike && g->has_key && g->certified == (g->cert != NULL))
        ike_release(g->all->ike, &s, key_outlasts(g));
}

void guards_forgot(struct guards *gs, const struct btns_key *key)
{
    for (const struct guard *g = gs->list; g; g = g->next)
        if (g->has_key && btns_key_equal(&g->key, key))
            return; /* its end releases it */
    if (gs->ike)
        ike_forgotten(gs->ike, key);
}

void guard_free(struct guard *g)
{
    struct guards *gs = g->all;
    guard_report_end(g);
    gs->ops->freed(gs->arg, g);
    release_key(g);
    for (struct guard **p = &gs->list; *p; p = &(*p)->next)
        if (*p == g) {
            *p = g->next;
            break;
        }
    gs->count--;
    free(g->demand);
    credential_unref(g->cert);
    candidates_free(&g->found);
    ike_cancel(g->task);
    loop_cancel(gs->loop, &g->retry);
    loop_cancel(gs->loop, &g->sweep);
    free(g);
}

static bool same_addresses(const struct guard *g, const struct btns_addr *local,
                           const struct btns_addr *remote)
{
    return btns_addr_ip_equal(&g->remote, remote) && btns_addr_ip_equal(&g->local, local);
}

bool guards_latched_key(void *arg, const struct btns_key *key)
{
    const struct guard *g = ((const struct guards *)arg)->list;
    while (g && !(g->has_key && btns_key_equal(&g->key, key)))
        g = g->next;
    return g;
}

const struct guard *guard_conflict(const struct guards *gs, const struct btns_addr *local,
                                   const struct btns_addr *remote, const struct btns_key *key)
{
    for (const struct guard *g = gs->list; g; g = g->next)
        if (g->ever_up && (g->has_key || g->who[0]) &&
            !(g->has_key && btns_key_equal(&g->key, key)) && same_addresses(g, local, remote))
            return g;
    return NULL;
}

/* What two managers say of a peer cannot be compared, so it is not the same. */
const struct guard *guard_rival(const struct guard *g, const char *who)
{
    for (const struct guard *o = g->all->list; o; o = o->next)
        if (o != g && o->ever_up && (o->has_key || o->who[0]) &&
            (o->keying != g->keying || strcmp(o->who, who)) &&
            same_addresses(o, &g->local, &g->remote))
            return o;
    return NULL;
}

const char *guard_peer(const struct guard *g, char buf[GUARD_WHO])
{
    char key[BTNS_KEY_STR];
    snprintf(buf, GUARD_WHO, "%s", g->has_key ? btns_key_str(&g->key, key) : g->who);
    return buf;
}

/* Latched parameters never change (L12), so who asks for others is refused. */
static bool fits(struct guard *g, struct guard_want *want, struct err *err)
{
    want->code = BTNS_R_CONFLICT;
    if (!key_source_same(&g->source, want->source)) {
        err_set(err, "this service has keys = %s; the rule asks for keys = %s, or for others",
                keys_name(g->source.keys), keys_name(want->source->keys));
        return false;
    }
    if (g->asked != want->suite) {
        err_set(err, "this service is latched with suite %s; the rule asks for %s", g->asked->name,
                want->suite->name);
        return false;
    }
    if (g->state == GS_FAILED) {
        want->code = g->code;
        err_set(err, "the latches of this service are broken: %s", g->reason);
        return false;
    }
    return !g->keying->fits || g->keying->fits(g, want, err);
}

/* From here on no packet of the service leaves: before the program may send its first. */
static int hold(struct guard *g, const struct guard_want *want)
{
    if (!want->hold || g->holds)
        return 0;
    int rc = g->spd == SPD_ALLOW ? guard_spd(g, SPD_ESP, 0) : 0;
    g->holds = !rc;
    return rc;
}

/* Everything but its beginning, which the first event is. 0, or -errno with err. */
static int prepare(struct guard *g, struct guard_want *want, enum guard_event *first,
                   struct err *err)
{
    g->asked = g->suite = want->suite;
    g->source = *want->source;
    g->keying = keying_of(want->source->keys);
    g->demand = demand_copy(want->demand);
    if (!g->demand) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    int rc = g->keying->begin(g, first, err);
    if (rc)
        return rc;
    g->hold_reqid = g->keying->pins ? pair_placeholder(&g->all->pairs) : 0;
    const struct spd_entry *above = guard_overridden(g);
    if (above) {
        want->code = BTNS_R_OVERRIDDEN;
        err_set(err, "an SPD entry of priority %u, which is not btnsd's, would override the guard",
                above->priority);
        return -EEXIST;
    }
    rc = g->keying->pins && !g->hold_reqid ? -ENOSPC : hold(g, want);
    if (rc)
        err_set(err, "the kernel refused the guard: %s", strerror(-rc));
    return rc;
}

static struct guard *make(struct guards *gs, struct guard_want *want, struct err *err)
{
    want->code = BTNS_R_RESOURCES;
    enum guard_event first;
    struct guard *g = guard_new(gs, &want->local, &want->remote, want->port, false);
    if (!g) {
        err_set(err, "out of memory");
        return NULL;
    }
    if (prepare(g, want, &first, err)) {
        guard_free(g);
        return NULL;
    }
    guard_event(g, first);
    return g;
}

struct guard *guard_want(struct guards *gs, struct guard_want *want, struct err *err)
{
    struct guard *g = guard_find(gs, &want->local, &want->remote, want->port, false);
    if (!g)
        return make(gs, want, err);
    if (!fits(g, want, err))
        return NULL;
    if (hold(g, want)) {
        want->code = BTNS_R_RESOURCES;
        err_set(err, "the kernel refused the guard");
        return NULL;
    }
    if (g->state == GS_CLOSING)
        g->wanted = true;
    return g;
}

void guard_hold(struct guard *g)
{
    g->latches++;
}

void guard_release(struct guard *g)
{
    g->latches--;
    guard_used(g);
}

void guard_wait(struct guard *g, struct waiter *w)
{
    w->guard = g;
    w->next = g->waiters;
    g->waiters = w;
}

void guard_unwait(struct waiter *w)
{
    struct guard *g = w->guard;
    if (!g)
        return;
    for (struct waiter **p = &g->waiters; *p; p = &(*p)->next)
        if (*p == w) {
            *p = w->next;
            break;
        }
    w->guard = NULL;
    guard_used(g);
}

void guards_clear(struct guards *gs)
{
    char ip[BTNS_ADDR_STR];
    while (gs->list) {
        struct guard *g = gs->list;
        uint32_t time_wait;
        bool live = g->ever_up && guard_in_use(g, &time_wait) && !time_wait;
        guard_spd(g, live ? SPD_ESP : SPD_ALLOW, 0);
        if (live)
            log_note("%s tcp/%u: latched connections live: nothing of them passes until btnsd runs "
                     "again",
                     btns_addr_ip_str(&g->remote, ip), g->port);
        guard_free(g);
    }
    free(gs->foreign);
    gs->foreign = NULL;
    gs->foreigners = 0;
}
