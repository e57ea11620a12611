/* The table of guards: makes and frees guards, and answers questions about them. */
#include "btnsd/latch/guard/table.h"

#include "btnsd/base/count_by_user.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/exchange_turn.h"
#include "btnsd/latch/guard/icmp_errors.h"
#include "btnsd/latch/guard/other_sources.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void guards_count_begin(struct guards *gs)
{
    gs->users = count_by_user_new(LIMIT_GUARDS);
    gs->turns = count_by_user_new(LIMIT_TURNS);
}

void guards_count_end(struct guards *gs)
{
    count_by_user_free(gs->users);
    count_by_user_free(gs->turns);
}

struct guard *guard_of(struct guards *gs, uint8_t protocol, const struct btns_addr *local,
                       const struct btns_addr *remote)
{
    struct guard *g =
        guard_find(gs, local, remote, (struct service){protocol, remote->port}, false);
    return g ? g : guard_find(gs, local, remote, (struct service){protocol, local->port}, true);
}

struct guard *guard_new(struct guards *gs, const struct btns_addr *local,
                        const struct btns_addr *remote, struct service service, bool mirror)
{
    struct guard *g = calloc(1, sizeof *g);
    if (!g)
        return NULL;
    g->all = gs;
    g->keying = gs->keying[KEYS_PRIVATE];
    g->local = *local;
    g->remote = *remote;
    g->local.port = g->remote.port = 0;
    g->service = service;
    g->mirror = mirror;
    g->next = gs->list;
    g->link = &gs->list;
    if (g->next)
        g->next->link = &g->next;
    gs->list = g;
    guard_enter(g);
    gs->count++;
    return g;
}

/* Does another guard between these addresses need the key of g? */
static bool key_outlasts(const struct guard *g)
{
    const struct peer *known = g->certified ? NULL : peers_by_addr(g->all->peers, &g->remote);
    const struct guard *o = guard_with_key(g->all, &g->key, NULL);
    while (o &&
           (o == g || o->certified != g->certified || !btns_addr_ip_equal(&o->remote, &g->remote)))
        o = guard_with_key(g->all, &g->key, o);
    return o || (known && btns_key_equal(&known->key, &g->key));
}

/* charon drops the key of a freed guard, if no other guard or known peer needs it. */
static void release_key(struct guard *g)
{
    const struct ike_service s = {.key = g->key,
                                  .local = g->local,
                                  .remote = g->remote,
                                  .to = g->service,
                                  .reqid = g->reqid,
                                  .cert = g->cert};
    if (g->all->ike && g->has_key && g->certified == (g->cert != NULL))
        ike_release(g->all->ike, &s, key_outlasts(g));
}

void guards_forgot(struct guards *gs, const struct btns_key *key)
{
    /* A guard's key is released when the guard is freed. */
    if (gs->ike && !guard_with_key(gs, key, NULL))
        ike_forgotten(gs->ike, key);
}

void guard_probe_end(struct guard *g)
{
    if (!g->probing)
        return;
    g->probing = false;
    loop_cancel(g->all->loop, &g->probe_again);
    loop_unwatch(g->all->loop, &g->probe);
    close(g->probe.fd);
}

void guard_free(struct guard *g)
{
    struct guards *gs = g->all;
    gs->ops->freed(gs->arg, g);
    past_guard_gone(&gs->past, g);
    release_key(g);
    *g->link = g->next;
    if (g->next)
        g->next->link = g->link;
    guard_leave(g);
    other_sources_leave(g);
    icmp_errors_leave(g);
    gs->count--;
    guard_leave_account(g);
    free(g->demand);
    credential_unref(g->cert);
    credentials_free(&g->found);
    ike_cancel(g->task);
    ike_cancel(g->renewing);
    loop_cancel(gs->loop, &g->unanswered);
    loop_cancel(gs->loop, &g->retry);
    loop_cancel(gs->loop, &g->sweep);
    loop_cancel(gs->loop, &g->moment);
    loop_cancel(gs->loop, &g->move);
    loop_cancel(gs->loop, &g->neighbour);
    guard_probe_end(g);
    free(g);
}

bool guards_latched_key(void *arg, const struct btns_key *key)
{
    return guard_with_key(arg, key, NULL) != NULL;
}

const struct guard *guard_conflict(const struct guards *gs, const struct btns_addr *local,
                                   const struct btns_addr *remote, const struct btns_key *key)
{
    const struct guard *g = guard_latched(gs, local, remote, NULL);
    while (g && g->has_key && btns_key_equal(&g->key, key))
        g = guard_latched(gs, local, remote, g);
    return g;
}

/* Peers of two key managers cannot be compared, so they count as different. */
const struct guard *guard_rival(const struct guard *g, const char *who)
{
    const struct guard *o = NULL;
    while ((o = guard_latched(g->all, &g->local, &g->remote, o)))
        if (o != g && (o->keying != g->keying || strcmp(o->who, who)))
            return o;
    return NULL;
}

const char *guard_peer(const struct guard *g, char buf[GUARD_WHO])
{
    char key[BTNS_KEY_STR];
    snprintf(buf, GUARD_WHO, "%s", g->has_key ? btns_key_str(&g->key, key) : g->who);
    return buf;
}

int guard_shows(const struct guard *g)
{
    /* A retry is not a recovery yet, and without a known key nobody can be asked. */
    if (g->broken && g->state != GS_UP)
        return g->has_key || g->who[0] ? BTNS_S_FAILED : BTNS_S_CLOSED;
    return guard_latch_state(g->state, g->ever_up);
}
