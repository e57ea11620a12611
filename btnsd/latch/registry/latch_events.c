/* Turns changes of a latch's state into events for subscribers. */
#include "btnsd/latch/registry/latch_events.h"

#include "btnsd/latch/guard/table.h"

#include <string.h>

#define ST(x) BTNS_S_##x
#define EV(x) BTNS_E_##x

/* The events of a change from one state to another; an empty cell has none. Row 0: a new latch. */
static const enum btns_event_kind table[BTNS_STATES][BTNS_STATES][2] = {
    [0] =
        {
            [ST(LISTENER)] = {EV(CREATED)},
            [ST(LARVAL)] = {EV(CREATED)},
            [ST(ESTABLISHED)] = {EV(CREATED), EV(ESTABLISHED)},
            [ST(FAILED)] = {EV(CREATED), EV(BROKEN)},
            [ST(UNPROTECTED)] = {EV(CREATED), EV(UNPROTECTED)},
            [ST(CLOSED)] = {EV(CLOSED)},
        },
    [ST(LISTENER)] =
        {
            [ST(FAILED)] = {EV(BROKEN)},
            [ST(CLOSED)] = {EV(CLOSED)},
        },
    [ST(LARVAL)] =
        {
            [ST(ESTABLISHED)] = {EV(ESTABLISHED)},
            [ST(FAILED)] = {EV(BROKEN)},
            [ST(UNPROTECTED)] = {EV(UNPROTECTED)},
            [ST(CLOSED)] = {EV(CLOSED)},
        },
    [ST(ESTABLISHED)] =
        {
            [ST(FAILED)] = {EV(BROKEN)},
            [ST(UNPROTECTED)] = {EV(UNPROTECTED)},
            [ST(CLOSED)] = {EV(CLOSED)},
        },
    [ST(FAILED)] =
        {
            [ST(LISTENER)] = {EV(RECOVERED)},
            [ST(ESTABLISHED)] = {EV(RECOVERED)},
            [ST(UNPROTECTED)] = {EV(UNPROTECTED)},
            [ST(CLOSED)] = {EV(CLOSED)},
        },
    [ST(UNPROTECTED)] =
        {
            [ST(ESTABLISHED)] = {EV(ESTABLISHED)},
            [ST(FAILED)] = {EV(BROKEN)},
            [ST(CLOSED)] = {EV(CLOSED)},
        },
};

size_t latch_events(enum btns_state from, enum btns_state to, enum btns_event_kind kind[2])
{
    if (from == BTNS_S_CLOSED && to != BTNS_S_CLOSED)
        from = 0;
    if ((unsigned)from >= BTNS_STATES || (unsigned)to >= BTNS_STATES)
        return 0;
    memcpy(kind, table[from][to], sizeof table[from][to]);
    return !kind[0] ? 0 : !kind[1] ? 1 : 2;
}

static bool is_bad_latch_state(enum btns_state s)
{
    return s == BTNS_S_FAILED || s == BTNS_S_CLOSED || s == BTNS_S_UNPROTECTED;
}

static void add_event_guard(struct event *e, const struct guard *g)
{
    e->key = g->has_key ? &g->key : NULL;
    e->suite = g->suite ? g->suite->name : NULL;
    if (is_bad_latch_state(e->state) && !e->text)
        e->text = g->reason;
    if (is_bad_latch_state(e->state) && !e->reason)
        e->reason = g->code;
}

static struct event event_of(const struct latch *l, enum btns_state state)
{
    struct event e = {
        .state = state,
        .uid = l->uid,
        .pid = l->pid,
        .cookie = l->cookie,
        .local = l->local,
        .remote = l->remote,
        .program = l->program,
        .rule = l->rule,
        .reason = is_bad_latch_state(state) ? (enum btns_reason)l->code : BTNS_R_NONE,
        .text = is_bad_latch_state(state) ? l->reason : NULL,
    };
    if (!e.local.family && l->guard)
        e.local = l->guard->local; /* the port is not known before connect() */
    if (l->guard)
        add_event_guard(&e, l->guard);
    return e;
}

static void emit_latch_event(struct events *es, struct event *e, enum btns_state from)
{
    enum btns_event_kind kind[2];
    size_t n = latch_events(from, e->state, kind);
    for (size_t i = 0; i < n; i++) {
        e->kind = kind[i];
        event_emit(es, e);
    }
}

void latch_report(struct events *es, struct latch *l)
{
    enum btns_state now = (enum btns_state)latch_state(l), was = l->told;
    if (now == was)
        return;
    l->told = now;
    struct event e = event_of(l, now);
    emit_latch_event(es, &e, was);
}

void latch_report_end(struct events *es, const struct latch *l)
{
    if (!l->told || l->told == BTNS_S_CLOSED)
        return;
    struct event e = event_of(l, BTNS_S_CLOSED);
    e.kind = BTNS_E_CLOSED;
    e.reason = BTNS_R_ENDED;
    e.text = NULL;
    event_emit(es, &e);
}

/* An event about a guard whose connections belong to programs that btnsd does not know. */
static struct event event_of_service(const struct guard *g, enum btns_state state)
{
    struct event e = {.state = state, .local = g->local, .remote = g->remote};
    *(g->mirror ? &e.local.port : &e.remote.port) = g->service.port;
    add_event_guard(&e, g);
    return e;
}

void guard_report(struct guard *g)
{
    enum btns_state now = (enum btns_state)guard_shows(g), was = g->told;
    for (struct latch *l = g->holders, *next; l; l = next) {
        next = l->of_guard;
        latch_report(g->all->events, l);
    }
    if (!g->ever_up || g->state == GS_GONE)
        return;
    g->told = now;
    if (g->holders || now == was)
        return;
    struct event e = event_of_service(g, now);
    emit_latch_event(g->all->events, &e, was);
}

void guard_report_end(const struct guard *g)
{
    if (!g->told || g->holders)
        return;
    struct event e = event_of_service(g, BTNS_S_CLOSED);
    e.kind = BTNS_E_CLOSED;
    e.reason = BTNS_R_ENDED;
    e.text = NULL;
    event_emit(g->all->events, &e);
}
