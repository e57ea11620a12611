/* Replaces the floor of a running listener after a change of rules, with no gap between the two. */
#include "btnsd/running/review_listener.h"

#include "btnsd/base/intern.h"
#include "btnsd/base/log.h"
#include "btnsd/plan/listen_plan.h"
#include "btnsd/running/listener_keys.h"
#include "btnsd/running/signatures.h"
#include "btnsd/state/view_for.h"

#include <netinet/in.h>

struct moving {
    struct floor *from, *to;
};

static void move_listener(void *arg, struct latch *l)
{
    const struct moving *m = arg;
    if (!m->from || l->floor != m->from)
        return;
    l->floor = m->to;
    if (m->to)
        m->to->listeners++;
    floor_release(m->from);
}

static bool is_listener_as_it_was(const struct latch *l, const struct listening *plan)
{
    const struct floor_plan now = listening_floor(plan, &l->local);
    bool blocks = listening_blocks(plan);
    return l->floor && blocks ? floor_is(l->floor, &now) : !l->floor && !blocks;
}

/*
 * Adds the new floor, then deletes the old one; a shutter blocks meanwhile. Entries that both have
 * are in force all the time (floor.c). False: the old floor stays.
 */
static bool change_reviewed_floor(struct btnsd *d, struct latch *l, const struct listening *plan)
{
    struct err err = {""};
    struct moving m = {.from = l->floor};
    const struct floor_plan now = listening_floor(plan, &l->local);
    bool strict;
    floors_adopted_under(&d->floors, l->protocol, &l->local, &strict);
    strict |= floor_plan_strict(&now) || (m.from && m.from->strict);
    struct floor *shutter = floor_shutter(&d->floors, l->protocol, &l->local, strict, &err);
    if (shutter && listening_blocks(plan))
        m.to = (m.from ? floor_put : floor_get)(&d->floors, &now, &err);
    if (!shutter || (listening_blocks(plan) && !m.to)) {
        log_warning("%s/%u: what callers meet stays as it was: %s", protocol_name(l->protocol),
                    l->local.port, err.text);
        if (shutter)
            floor_release(shutter);
        return false;
    }
    if (m.to)
        m.to->settled = d->evaluation;
    if (m.from) {
        registry_each(d->latches, move_listener, &m);
        if (m.to)
            m.to->listeners--; /* floor_put() counted a listener of its own */
    } else {
        l->floor = m.to;
    }
    floors_drop_adopted(&d->floors, l->protocol, &l->local);
    floor_release(shutter);
    return true;
}

void review_listener_floor(struct btnsd *d, struct latch *l, const struct view *v, struct asker *a)
{
    static struct listening plan; /* large */
    char text[BTNS_TEXT_MAX];
    bool both = l->local.family == AF_INET6 && btns_addr_is_any(&l->local) && !l->v6only;
    const struct question q = question_accept(a, l->protocol, &l->local, NULL);
    struct view own = *v;
    view_for_socket(d, l->cookie, &own);
    int rc = listening_plan(&own, &q, both, l->wish, &plan);
    if (rc) {
        log_note("%s/%u: what callers meet stays as it was: %s", protocol_name(l->protocol),
                 l->local.port, listening_error(&plan, rc));
        return;
    }
    if (!l->not_listening && listener_keys_review(l, &plan)) {
        listening_rule_text(&plan, text, sizeof text);
        intern_set(&l->rule, text);
        signatures_listen(d);
    }
    bool strict, adopted = floors_adopted_under(&d->floors, l->protocol, &l->local, &strict);
    if (l->not_listening || (is_listener_as_it_was(l, &plan) && !adopted))
        return;
    if (l->floor && l->floor->settled == d->evaluation) {
        log_note("%s/%u: listeners under different rules; the first one's hold",
                 protocol_name(l->protocol), l->local.port);
        return;
    }
    if (!change_reviewed_floor(d, l, &plan))
        return;
    listening_rule_text(&plan, text, sizeof text);
    intern_set(&l->rule, text);
    log_note("%s/%u: callers meet other rules now: %s", protocol_name(l->protocol), l->local.port,
             text);
}
