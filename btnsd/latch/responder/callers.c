/* Who comes to our listeners by SAs that another key manager makes: found, judged, kept out. */
#include "btnsd/latch/keying/keying.h"

#include "btnsd/base/log.h"
#include "btnsd/ike/system/system.h"

#include <netinet/in.h>

/* ---- what the floors say ---- */

/* A floor whose terms died with an earlier btnsd says nothing of other managers. */
static const struct floor_term *term_under(const struct floor *f, const struct btns_addr *local,
                                           const struct btns_addr *remote, uint16_t port)
{
    return floor_is_under(f, local, port) && !f->adopted ? floor_term(f, local, remote) : NULL;
}

static enum service one_service(const struct floor_term *t, const struct key_source *source)
{
    if (!t || t->kind == TERM_OPEN)
        return SERVICE_NONE;
    if (t->kind == TERM_DENY)
        return SERVICE_DISCARDED;
    return t->source && key_source_same(t->source, source) ? SERVICE_SERVED : SERVICE_OTHERWISE;
}

/* Of all the floors there; *asked: the suite, which they must agree about. */
static enum service service(const struct guards *gs, const struct caller *c,
                            const struct suite **asked)
{
    enum service all = SERVICE_NONE;
    *asked = NULL;
    for (const struct floor *f = gs->floors ? gs->floors->list : NULL; f; f = f->next) {
        const struct floor_term *t = term_under(f, &c->local, &c->remote, c->port);
        enum service one = one_service(t, c->source);
        if (one == SERVICE_SERVED && *asked && *asked != suite_or_default(t->suite))
            one = SERVICE_OTHERWISE;
        if (one == SERVICE_SERVED)
            *asked = suite_or_default(t->suite);
        all = one > all ? one : all;
    }
    return all;
}

static enum service service_of(const struct guards *gs, const struct guard *g,
                               const struct suite **asked)
{
    const struct caller c = {
        .local = g->local, .remote = g->remote, .port = g->port, .source = &g->source};
    return service(gs, &c, asked);
}

enum service callers_service(const struct guards *gs, const struct guard *g,
                             char why[BTNS_TEXT_MAX])
{
    const struct suite *asked;
    enum service s = service_of(gs, g, &asked);
    snprintf(why, BTNS_TEXT_MAX,
             "the rule about accepting at tcp/%u does not take the SAs of keys = %s, as they were",
             g->port, keys_name(g->source.keys));
    return s;
}

bool callers_want(const struct guard *g)
{
    const struct suite *asked;
    return service_of(g->all, g, &asked) == SERVICE_SERVED;
}

static bool takes(const struct floor *f, enum keys keys)
{
    for (size_t i = 0; i < f->terms; i++)
        if (f->term[i].source && f->term[i].source->keys == keys)
            return true;
    return false;
}

static bool any_takes(const struct guards *gs, enum keys keys)
{
    const struct floor *f = gs->floors ? gs->floors->list : NULL;
    while (f && !takes(f, keys))
        f = f->next;
    return f != NULL;
}

bool callers_need_system(const struct guards *gs)
{
    return any_takes(gs, KEYS_SYSTEM);
}

/* ---- finding them ---- */

void callers_each(struct guards *gs, enum keys keys, const struct btns_addr *local,
                  const struct btns_addr *remote,
                  void (*cb)(struct guards *gs, const struct caller *c, void *arg), void *arg)
{
    for (const struct floor *f = gs->floors ? gs->floors->list : NULL; f; f = f->next) {
        const struct floor_term *t = term_under(f, local, remote, f->local.port);
        if (!t || !t->source || t->source->keys != keys)
            continue;
        struct caller c = {
            .local = *local, .remote = *remote, .port = f->local.port, .source = t->source};
        c.local.port = c.remote.port = 0;
        if (service(gs, &c, &c.asked) == SERVICE_SERVED &&
            !guard_find(gs, local, remote, c.port, true))
            cb(gs, &c, arg);
    }
}

/* Of an SA by hand nobody says which end is ours. */
static bool is_own(const struct btns_addr *a)
{
    struct route r;
    return !route_lookup(a, 0, 0, &r) && r.to_self;
}

static void look_at_manual(struct guards *gs, const struct caller *c, void *arg)
{
    const struct sad_entry *sa = arg;
    if (c->source->reqid == sa->reqid && is_own(&c->local))
        manual_caller(gs, c);
}

/* What the system's IKE daemon has it tells itself; of others' SAs only the kernel tells. */
void callers_sa(struct guards *gs, const struct sad_entry *sa)
{
    void *arg = (void *)(uintptr_t)sa;
    callers_each(gs, KEYS_MANUAL, &sa->dst, &sa->src, look_at_manual, arg);
    callers_each(gs, KEYS_MANUAL, &sa->src, &sa->dst, look_at_manual, arg);
}

static void each_sa(void *arg, const struct sad_entry *sa)
{
    if (!reqid_is_ours(sa->reqid))
        callers_sa(arg, sa);
}

static void on_look(struct timer *t)
{
    struct guards *gs = t->arg;
    if (any_takes(gs, KEYS_MANUAL))
        sad_dump(gs->xfrm, each_sa, gs);
    if (any_takes(gs, KEYS_SYSTEM) && gs->system)
        system_need(gs->system);
}

void callers_look_later(struct guards *gs, unsigned ms)
{
    bool any = any_takes(gs, KEYS_MANUAL) || any_takes(gs, KEYS_SYSTEM);
    if (any && (!gs->callers.slot || gs->callers.due > loop_now() + ms))
        loop_after(gs->loop, &gs->callers, ms, on_look, gs);
}

/* ---- those who are kept out ---- */

static uint64_t hash(const char *text)
{
    uint64_t h = 0xcbf29ce484222325u;
    while (*text)
        h = (h ^ (uint8_t)*text++) * 0x100000001b3u;
    return h;
}

void callers_kept_out(struct guards *gs, const struct caller *c, enum btns_reason code,
                      const char *why)
{
    char ip[BTNS_ADDR_STR];
    const struct kept_out now = {c->local, c->remote, c->port, hash(why)};
    for (const struct kept_out *k = gs->kept_out; k < gs->kept_out + GUARD_KEPT_OUT; k++)
        if (k->port == now.port && k->why == now.why && btns_addr_equal(&k->local, &now.local) &&
            btns_addr_equal(&k->remote, &now.remote))
            return;
    gs->kept_out[gs->kept_out_at++ % GUARD_KEPT_OUT] = now;
    log_note("%s is kept out of our tcp/%u: %s", btns_addr_ip_str(&c->remote, ip), c->port, why);
    event_emit(gs->events, &(struct event){.kind = BTNS_E_PEER_REFUSED,
                                           .reason = code,
                                           .local = c->local,
                                           .remote = c->remote,
                                           .text = why});
}

/* ---- floors or rules have changed ---- */

/* What is latched stays so while it lives (L12). */
static void ask_for(struct guard *g, const struct suite *asked, enum btns_reason code)
{
    char why[160];
    uint32_t time_wait;
    bool weaker = g->suite && g->suite->key_bits < asked->key_bits;
    if (!weaker) {
        g->asked = asked;
    } else if (!g->latches && !guard_in_use(g, &time_wait)) {
        snprintf(why, sizeof why, "it is protected by %s, and the rule about accepting asks for %s",
                 g->suite->name, asked->name);
        guard_broken(g, code, why);
    }
}

static void review(struct guard *g, enum btns_reason code)
{
    char why[BTNS_TEXT_MAX];
    const struct suite *asked;
    enum service s = service_of(g->all, g, &asked);
    if (s == SERVICE_OTHERWISE) {
        callers_service(g->all, g, why);
        guard_broken(g, code, why);
    } else if (s == SERVICE_SERVED && g->state == GS_FAILED) {
        g->keying->recheck(g);
    } else if (s == SERVICE_SERVED) {
        ask_for(g, asked, code);
    } else {
        guard_sweep_after(g, g->all->linger_ms);
    }
}

void callers_review(struct guards *gs, enum btns_reason code)
{
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (g->mirror && g->keying->pins)
            review(g, code);
    }
    callers_look_later(gs, 0);
}
