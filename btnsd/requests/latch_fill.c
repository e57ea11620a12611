/*
 * Fills in the message about a latch, for the list of latches and for the program that has its
 * socket.
 */
#include "btnsd/requests/latch_fill.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/requests/latches_sas.h"

#include <string.h>

static void fill_latch_nat(struct btns_latch_msg *m, const struct guard *g)
{
    m->nat = (g->nat.local ? BTNS_NAT_LOCAL : 0) | (g->nat.remote ? BTNS_NAT_REMOTE : 0);
    m->inner = g->inner;
    m->encap_local = g->encap_local;
    m->encap_remote = g->encap_remote;
}

static enum btns_auth latch_fill_auth(const struct guard *g, const struct peer *peer)
{
    if (!g->ever_up || !g->has_key)
        return BTNS_A_NONE;
    if (g->certified)
        return BTNS_A_CERTIFICATE;
    if (g->demand && g->demand->identity == IDENTITY_NAMED)
        return BTNS_A_NAMED;
    return peer && peer->trust == BTNS_T_PINNED ? BTNS_A_PINNED : BTNS_A_LEAP;
}

/* Fills in the peer's identity, and how it was proved (L9). */
static void fill_latch_peer(struct btns_latch_msg *m, const struct guard *g)
{
    const struct peer *peer = g->certified ? NULL : peers_by_key(g->all->peers, &g->key);
    m->auth = latch_fill_auth(g, peer);
    if (peer)
        memcpy(m->name, peer->name, sizeof m->name);
    if (!g->cert)
        return;
    snprintf(m->subject, sizeof m->subject, "%s", g->cert->subject);
    snprintf(m->authority, sizeof m->authority, "%s", g->cert->ca_file);
}

/* Fills in the guard's part: peer, suite, SAs. */
static void fill_latch_guard(const struct sad_snapshot *sad, struct btns_latch_msg *m,
                             const struct guard *g)
{
    fill_latch_nat(m, g);
    fill_latch_peer(m, g);
    latch_sas_fill(sad, g, m->sa);
    m->reqid = g->reqid;
    m->spi_out = g->spi;
    m->has_key = g->has_key;
    memcpy(m->key, g->key.raw, sizeof m->key);
    m->hashed = g->key.hashed;
    if (g->suite)
        snprintf(m->suite, sizeof m->suite, "%s", g->suite->name);
    snprintf(m->keys, sizeof m->keys, "%s", keys_name(g->source.keys));
    snprintf(m->peer, sizeof m->peer, "%s", g->who);
    snprintf(m->proof, sizeof m->proof, "%s", g->how);
    if (!g->broken)
        return;
    m->code = g->code;
    snprintf(m->reason, sizeof m->reason, "%s", g->reason);
}

void latch_fill(const struct sad_snapshot *sad, struct btns_latch_msg *m, const struct latch *l)
{
    m->state = (uint32_t)latch_state(l);
    m->pid = (uint32_t)l->pid;
    m->uid = l->uid;
    m->cookie = l->cookie;
    m->age = (loop_now() - l->created) / 1000;
    m->protocol = l->protocol;
    m->local = l->local;
    m->remote = l->remote;
    snprintf(m->program, sizeof m->program, "%s", l->program);
    snprintf(m->rule, sizeof m->rule, "%s", l->rule);
    snprintf(m->reason, sizeof m->reason, "%s", l->reason ? l->reason : "");
    m->code = l->code;
    if (l->guard)
        fill_latch_guard(sad, m, l->guard);
}

void latch_fill_lingering(const struct sad_snapshot *sad, struct btns_latch_msg *m,
                          const struct guard *g)
{
    m->state = BTNS_S_LINGERING;
    m->uid = g->uid;
    m->age = (loop_now() - g->last_used) / 1000;
    m->protocol = g->service.protocol;
    m->local = g->local;
    m->remote = g->remote;
    *(g->mirror ? &m->local.port : &m->remote.port) = g->service.port;
    snprintf(m->program, sizeof m->program, "-");
    fill_latch_guard(sad, m, g);
}

void latch_fill_other(const struct sad_snapshot *sad, struct btns_latch_msg *m,
                      const struct sock_entry *e, const struct guard *g)
{
    m->state = (uint32_t)guard_shows(g);
    m->uid = e->uid;
    m->cookie = e->cookie;
    m->protocol = e->protocol;
    m->local = e->local;
    m->remote = e->remote;
    snprintf(m->program, sizeof m->program, "-");
    fill_latch_guard(sad, m, g);
}
