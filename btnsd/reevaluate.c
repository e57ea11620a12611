/*
 * New rules, and what runs already. A latch's parameters never change (latching -02, section 2.1):
 * one that the rules forbid now, or for which a mandatory rule asks more than it has, is closed and
 * its packets are blocked; every other one lives until its connection ends. What a listener's
 * callers meet is not latched, and follows the rules.
 */
#include "asker.h"
#include "facts.h"
#include "latch/report.h"
#include "listening.h"
#include "log.h"
#include "requests.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>

/* What is known of who asked for the latch, if that process is still there. */
static bool look(struct btnsd *d, const struct latch *l, struct view *v, struct asker *a)
{
    char proc[32];
    struct stat st;
    struct err err;
    struct ucred from = {.pid = l->pid, .uid = l->uid};
    snprintf(proc, sizeof proc, "/proc/%d", l->pid);
    if (!l->pid || !facts_process_lives(l->pid, loop_now() - l->created) || stat(proc, &st) ||
        view_for(d, l->uid, l->policy, v))
        return false;
    from.gid = st.st_gid;
    return !asker_look(v, &from, NULL, a, &err);
}

/* ---- connections ---- */

static bool meets(const struct latch *l, const struct rule *rule)
{
    const struct guard *g = l->guard;
    const struct profile *p = rule->profile;
    const struct suite *asked = plan_suite(p);
    if (!g || l->state != BTNS_S_ESTABLISHED)
        return false;
    if (g->mirror) /* whom it admitted was decided by the peer's proof */
        return !g->suite || g->suite->key_bits >= asked->key_bits;
    return g->suite && g->suite->key_bits >= asked->key_bits && g->identity >= p->identity;
}

static bool is_withdrawn(const struct view *v, const struct question *q, const struct latch *l,
                         const struct rule *rule)
{
    if (!rule)
        return false;
    if (rule->action == ACTION_DISCARD)
        return true;
    return rule->action == ACTION_PROTECT && view_binds(v, q, rule) && !meets(l, rule);
}

struct connection {
    const struct latch *latch;
    struct btns_addr local, remote;
    bool found;
};

/* Anybody can announce anybody's socket: only its own user's is meant. */
static void is_it(void *arg, const struct sock_entry *e)
{
    struct connection *c = arg;
    if (e->cookie != c->latch->cookie || e->uid != c->latch->uid)
        return;
    c->found = true;
    c->local = e->local;
    c->remote = e->remote;
}

/* Above its guard, which may serve others. */
static void block(struct btnsd *d, struct latch *l)
{
    struct connection c = {.latch = l};
    struct err err = {""};
    sockdiag_connections(d->sockets, &l->local, &l->remote, is_it, &c);
    if (!c.found || l->floor)
        return;
    struct spd_entry e[2] = {{.dir = SPD_OUT,
                              .priority = PRIO_DISCARD,
                              .action = SPD_BLOCK,
                              .protocol = IPPROTO_TCP,
                              .local = c.local,
                              .remote = c.remote,
                              .local_bits = (uint8_t)btns_addr_bits(&c.local),
                              .remote_bits = (uint8_t)btns_addr_bits(&c.remote)}};
    e[1] = e[0];
    e[1].dir = SPD_IN;
    l->floor = floor_put(&d->floors, &c.local, e, 2, &err);
    if (!l->floor)
        log_note("a connection that rules forbid now cannot be blocked: %s", err.text);
}

static void reevaluate_connection(struct btnsd *d, struct latch *l, const struct view *v,
                                  struct asker *a)
{
    char text[BTNS_TEXT_MAX], rule_text[BTNS_TEXT_MAX];
    struct route route;
    bool accepted = l->guard ? l->guard->mirror : l->accepted;
    struct question q = {.point = accepted ? POINT_ACCEPT : POINT_CONNECT,
                         .protocol = IPPROTO_TCP,
                         .remote = l->remote};
    if (accepted)
        q.local = l->local;
    asker_fill(a, &q);
    if (!accepted && !route_lookup(&q.remote, 0, 0, &route)) {
        if (route.to_self)
            return;
        q.local = l->guard ? l->guard->local : route.local;
        asker_fill_way(d, v, &route, a, &q);
    }
    const struct rule *rule = view_decide(v, &q, NULL);
    if (!is_withdrawn(v, &q, l, rule))
        return;
    plan_rule_text(rule, rule_text, sizeof rule_text);
    snprintf(text, sizeof text, "rule withdrawn: %.100s allowed it, now %.300s %s", l->rule,
             rule_text,
             rule->action == ACTION_DISCARD ? "discards it" : "asks for more than is latched");
    block(d, l);
    l->state = BTNS_S_CLOSED;
    l->code = BTNS_R_RULE;
    l->reason = intern(text);
    latch_report(&d->events, l);
}

/* ---- listeners ---- */

struct moving {
    struct floor *from, *to;
};

static void move(void *arg, struct latch *l)
{
    const struct moving *m = arg;
    if (!m->from || l->floor != m->from)
        return;
    l->floor = m->to;
    if (m->to)
        m->to->listeners++;
    floor_release(m->from);
}

static bool is_as_it_was(const struct floor *f, const struct listening *plan)
{
    size_t n = listening_blocks(plan) ? plan->entries : 0;
    if (!f)
        return !n;
    return f->entries == n && !memcmp(f->entry, plan->entry, n * sizeof *plan->entry);
}

/* The new floor first, then away with what is only the old one's; a shutter over both meanwhile. */
static void change_floor(struct btnsd *d, struct latch *l, const struct listening *plan)
{
    struct err err = {""};
    struct moving m = {.from = l->floor};
    struct floor *shutter = floor_shutter(&d->floors, &l->local, &err);
    if (listening_blocks(plan)) {
        m.to = (m.from ? floor_put : floor_get)(&d->floors, &l->local, plan->entry, plan->entries,
                                                &err);
        if (!m.to) {
            log_note("tcp/%u: what callers meet stays as it was: %s", l->local.port, err.text);
            if (shutter)
                floor_release(shutter);
            return;
        }
        m.to->settled = d->rules->generation;
    }
    if (m.from) {
        registry_each(d->latches, move, &m);
        if (m.to) {
            m.to->listeners--; /* floor_put() counted one that is no latch's */
            floor_again(m.to); /* entries that both had went with the old one */
        }
    } else {
        l->floor = m.to;
    }
    if (shutter)
        floor_release(shutter);
}

static void reevaluate_listener(struct btnsd *d, struct latch *l, const struct view *v,
                                struct asker *a)
{
    static struct listening plan; /* large */
    char text[BTNS_TEXT_MAX];
    struct question q = {.point = POINT_ACCEPT, .protocol = IPPROTO_TCP, .local = l->local};
    bool both = l->local.family == AF_INET6 && btns_addr_is_any(&l->local) && !l->v6only;
    asker_fill(a, &q);
    int rc = listening_plan(v, &q, both, l->wish, &plan);
    if (rc) {
        log_note("tcp/%u: what callers meet stays as it was: %s", l->local.port,
                 listening_error(rc));
        return;
    }
    if (is_as_it_was(l->floor, &plan))
        return;
    if (l->floor && l->floor->settled == d->rules->generation) {
        log_note("tcp/%u: listeners under different rules; the first one's hold", l->local.port);
        return;
    }
    change_floor(d, l, &plan);
    listening_rule_text(&plan, text, sizeof text);
    l->rule = intern(text);
    log_note("tcp/%u: callers meet other rules now: %s", l->local.port, text);
}

static void reevaluate(void *arg, struct latch *l)
{
    static struct asker a; /* large */
    struct btnsd *d = arg;
    struct view v;
    bool runs = l->state == BTNS_S_LISTENER || l->state == BTNS_S_ESTABLISHED ||
                l->state == BTNS_S_UNPROTECTED;
    if (!runs || !look(d, l, &v, &a))
        return;
    if (l->state == BTNS_S_LISTENER)
        reevaluate_listener(d, l, &v, &a);
    else
        reevaluate_connection(d, l, &v, &a);
}

void latches_reevaluate(struct btnsd *d)
{
    if (d->latches && d->xfrm)
        registry_each(d->latches, reevaluate, d);
}
