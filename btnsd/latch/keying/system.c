/*
 * keys = system: SAs of the IKE daemon that the administrator runs. The peer is the one that the
 * daemon says it authenticated.
 */
#include "btnsd/latch/keying/system.h"

#include "btnsd/latch/admission/callers.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/keying/by_spi.h"
#include "btnsd/latch/keying/managers.h"

#include <string.h>

#define INITIATE_MS 20000
#define CALLER_MS   10000 /* time for a caller to authenticate anew, while it has no SA */

/* The stage of a proof, kept in struct guard.tries. */
enum { BEGUN, LOOKED, INITIATING, INITIATED, DOUBTED };

static void no_system_manager(struct guard *g, const char *why)
{
    char text[BTNS_TEXT_MAX];
    snprintf(text, sizeof text, "the system's IKE daemon, which manages the keys, is lost: %s",
             why);
    guard_broken(g, BTNS_R_MANAGER, text);
}

static void on_system_prove(struct timer *t)
{
    struct guard *g = t->arg;
    struct err err;
    if (g->state == GS_PROVING && system_refresh(g->all->system, &err))
        no_system_manager(g, err.text);
}

static int begin_system_guard(struct guard *g, enum guard_event *first, struct err *err)
{
    (void)err;
    guard_set_reqid(g, 0); /* not known yet: packets are held by a template with hold_reqid */
    *first = GE_ASKED_KNOWN;
    return 0;
}

static void prove_system_guard(struct guard *g)
{
    loop_after(g->all->loop, &g->retry, 0, on_system_prove, g);
}

static void recheck_system_guard(struct guard *g)
{
    struct err err;
    if (system_connected(g->all->system) && system_refresh(g->all->system, &err))
        no_system_manager(g, err.text);
}

static void on_no_system_caller(struct timer *t)
{
    struct guard *g = t->arg;
    if (g->state == GS_WAITING)
        guard_broken(g, BTNS_R_PEER_GONE,
                     "its SA is gone, and it has not brought up another that carries this service");
}

/* Only the caller can bring up another SA. */
static void no_system_caller(struct guard *g)
{
    if (g->state != GS_UP)
        return;
    loop_after(g->all->loop, &g->retry, CALLER_MS, on_no_system_caller, g);
    guard_event(g, GE_PEER_CLOSED);
}

/* A view that was asked for after the proof began has no SA for the guard: ends the proof. */
static void system_has_no_sa(struct guard *g)
{
    const struct key_source *s = &g->source;
    if (g->mirror) {
        no_system_caller(g);
    } else if (g->state == GS_UP) {
        g->tries = BEGUN;
        guard_event(g, GE_SA_GONE);
    } else if (g->state == GS_PROVING && g->tries == LOOKED) {
        g->tries = INITIATING;
        if (system_initiate(g->all->system, s->connection, s->child, INITIATE_MS))
            guard_broken(g, BTNS_R_MANAGER, "the system's IKE daemon takes no commands");
    } else if (g->state == GS_PROVING && g->tries == INITIATED) {
        g->tries = DOUBTED; /* the daemon may have begun the view before the SA came up */
        recheck_system_guard(g);
    } else if (g->state == GS_PROVING && g->tries == DOUBTED) {
        guard_broken(
            g, BTNS_R_PEER_GONE,
            "its connection came up, but the SAD has no SA of it that carries this service");
    }
}

const struct keying keying_system = {
    .hint = "Does the peer's IKE daemon run?",
    .late = "the system's IKE daemon has not brought its connection up",
    .by_spi = true,
    .begin = begin_system_guard,
    .prove = prove_system_guard,
    .recheck = recheck_system_guard,
    .none = system_has_no_sa,
};

/* ---- what the daemon reports ---- */

static bool is_system_configured(const struct guard *g, const struct system_view *v)
{
    for (size_t i = 0; i < v->confs; i++)
        if (!strcmp(v->conf[i].connection, g->source.connection) &&
            !strcmp(v->conf[i].child, g->source.child))
            return true;
    return false;
}

static void check_system_guard(struct guard *g, const struct system_view *v)
{
    struct sad_list list;
    struct finding f;
    const struct system_question q = {
        .source = &g->source,
        .local = g->local,
        .remote = g->remote,
        .service = g->service,
        .mirror = g->mirror,
        .asked = g->asked,
        .latched = g->ever_up ? g->suite : NULL,
        .who = g->ever_up ? g->who : NULL,
        .reqid = g->reqid,
    };
    if (guards_sad(g->all, &g->local, &g->remote, &list)) {
        guard_fail(g, BTNS_R_RESOURCES, "the SAD cannot be read");
        return;
    }
    system_decide(&q, v, list.sa, list.n, &f);
    if (!f.code && !f.pairs && g->state == GS_PROVING && !is_system_configured(g, v)) {
        f.code = BTNS_R_RULE;
        snprintf(
            f.why, sizeof f.why,
            "the system's IKE daemon has no connection \"%s\" with a child \"%s\" (swanctl.conf)",
            g->source.connection, g->source.child);
    }
    if (g->state == GS_PROVING && g->tries == BEGUN)
        g->tries = LOOKED;
    guard_found(g, &f);
}

static void check_system_caller(struct guards *gs, const struct caller *c, void *arg)
{
    struct sad_list list;
    struct finding f;
    const struct system_question q = {.source = c->source,
                                      .local = c->local,
                                      .remote = c->remote,
                                      .service = c->service,
                                      .mirror = true,
                                      .asked = c->asked};
    if (guards_sad(gs, &c->local, &c->remote, &list))
        return; /* without a guard, the listener's floor keeps the caller out */
    system_decide(&q, arg, list.sa, list.n, &f);
    guards_admit_caller(gs, c, &f);
}

void guards_system_seen(struct guards *gs, const struct system_view *v)
{
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (g->source.keys == KEYS_SYSTEM)
            check_system_guard(g, v);
    }
    for (size_t i = 0; i < v->children; i++)
        callers_each(gs, KEYS_SYSTEM, &v->child[i].local, &v->child[i].remote, check_system_caller,
                     (void *)(uintptr_t)v);
}

void guards_system_initiated(struct guards *gs, const char *connection, const char *child,
                             enum ike_result result, const char *why)
{
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (g->source.keys != KEYS_SYSTEM || g->state != GS_PROVING || g->tries != INITIATING ||
            strcmp(g->source.connection, connection) || strcmp(g->source.child, child))
            continue;
        if (result == IKE_OK)
            g->tries = INITIATED; /* the next view has the SA */
        else
            guard_fail(g,
                       result == IKE_SILENT || result == IKE_NO_WAY ? BTNS_R_PEER_GONE
                                                                    : BTNS_R_IDENTITY,
                       "connection \"%s\" did not come up: %s", connection, why);
    }
}

bool guards_system_lost(struct guards *gs, const char *why)
{
    bool any = false;
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (g->source.keys != KEYS_SYSTEM)
            continue;
        no_system_manager(g, why);
    }
    for (struct guard *g = gs->list; g; g = g->next)
        any |= g->source.keys == KEYS_SYSTEM;
    return any || callers_need(gs, KEYS_SYSTEM);
}

/* Guards that failed while the daemon was away try again now; callers' SAs are in the next view. */
void guards_system_back(struct guards *gs)
{
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (g->source.keys != KEYS_SYSTEM || g->state != GS_FAILED || g->code != BTNS_R_MANAGER ||
            g->mirror)
            continue;
        g->tries = BEGUN;
        guard_event(g, GE_RETRY);
    }
}
