/* Peers that reach our listeners through SAs of another key manager: do the floors accept them? */
#include "btnsd/latch/admission/callers.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/guard/table.h"
#include "libapi/wire/fnv.h"

/* The terms of a floor that an earlier btnsd left are unknown, so the result is NULL. */
static const struct floor_term *reception_term(const struct floor *f, const struct btns_addr *local,
                                               const struct btns_addr *remote)
{
    return f->adopted ? NULL : floor_term(f, local, remote);
}

static enum reception reception_by(const struct floor_term *t, const struct key_source *source)
{
    if (!t || t->kind == TERM_OPEN)
        return RECEPTION_NONE;
    if (t->kind == TERM_DENY)
        return RECEPTION_DISCARDED;
    return t->source && key_source_same(t->source, source) ? RECEPTION_SERVED : RECEPTION_OTHERWISE;
}

/* The strictest answer of all floors; *asked: the suite, which must be the same for all. */
static enum reception floors_reception(const struct guards *gs, const struct caller *c,
                                       const struct suite **asked)
{
    enum reception all = RECEPTION_NONE;
    *asked = NULL;
    for (const struct floor *f = NULL; (f = floor_under(gs->floors, &c->local, c->service, f));) {
        const struct floor_term *t = reception_term(f, &c->local, &c->remote);
        enum reception one = reception_by(t, c->source);
        if (one == RECEPTION_SERVED && *asked && *asked != suite_or_default(t->suite))
            one = RECEPTION_OTHERWISE;
        if (one == RECEPTION_SERVED)
            *asked = suite_or_default(t->suite);
        all = one > all ? one : all;
    }
    return all;
}

static enum reception reception_of(const struct guards *gs, const struct guard *g,
                                   const struct suite **asked)
{
    const struct caller c = {
        .local = g->local, .remote = g->remote, .service = g->service, .source = &g->source};
    return floors_reception(gs, &c, asked);
}

enum reception callers_reception(const struct guards *gs, const struct guard *g,
                                 const struct suite **asked, char why[BTNS_TEXT_MAX])
{
    enum reception r = reception_of(gs, g, asked);
    snprintf(why, BTNS_TEXT_MAX,
             "the rule about accepting at %s/%u does not take the SAs of keys = %s, as they were",
             protocol_name(g->service.protocol), g->service.port, keys_name(g->source.keys));
    return r;
}

bool callers_want(const struct guard *g)
{
    const struct suite *asked;
    return reception_of(g->all, g, &asked) == RECEPTION_SERVED;
}

static bool floor_admits_keys(const struct floor *f, enum keys keys)
{
    for (size_t i = 0; i < f->terms; i++)
        if (f->term[i].source && f->term[i].source->keys == keys)
            return true;
    return false;
}

bool callers_need(const struct guards *gs, enum keys keys)
{
    const struct floor *f = gs->floors ? gs->floors->list : NULL;
    while (f && !floor_admits_keys(f, keys))
        f = f->next;
    return f != NULL;
}

void callers_each(struct guards *gs, enum keys keys, const struct btns_addr *local,
                  const struct btns_addr *remote,
                  void (*cb)(struct guards *gs, const struct caller *c, void *arg), void *arg)
{
    for (const struct floor *f = gs->floors ? gs->floors->list : NULL; f; f = f->next) {
        const struct floor_term *t =
            floor_is_under(f, local, floor_service(f)) ? reception_term(f, local, remote) : NULL;
        if (!t || !t->source || t->source->keys != keys)
            continue;
        struct caller c = {
            .local = *local, .remote = *remote, .service = floor_service(f), .source = t->source};
        c.local.port = c.remote.port = 0;
        if (floors_reception(gs, &c, &c.asked) == RECEPTION_SERVED &&
            !guard_find(gs, local, remote, c.service, true))
            cb(gs, &c, arg);
    }
}

static uint64_t hash_caller_text(const char *text)
{
    return fnv1a(FNV_BEGIN, text, strlen(text));
}

void callers_kept_out(struct guards *gs, const struct caller *c, enum btns_reason code,
                      const char *why)
{
    char ip[BTNS_ADDR_STR];
    const struct kept_out now = {c->local, c->remote, c->service, hash_caller_text(why)};
    for (const struct kept_out *k = gs->kept_out; k < gs->kept_out + GUARD_KEPT_OUT; k++)
        if (service_same(k->service, now.service) && k->why == now.why &&
            btns_addr_equal(&k->local, &now.local) && btns_addr_equal(&k->remote, &now.remote))
            return;
    gs->kept_out[gs->kept_out_at++ % GUARD_KEPT_OUT] = now;
    log_rated(log_note, "peers kept out", "%s is kept out of our %s/%u: %s",
              btns_addr_ip_str(&c->remote, ip), protocol_name(c->service.protocol), c->service.port,
              why);
    event_emit(gs->events, &(struct event){.kind = BTNS_E_PEER_REFUSED,
                                           .reason = code,
                                           .local = c->local,
                                           .remote = c->remote,
                                           .text = why});
}
