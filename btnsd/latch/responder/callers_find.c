/*
 * Finds peers that call our listeners by SAs of another key manager, and reviews them when floors
 * or rules change.
 */
#include "btnsd/latch/responder/callers_find.h"

#include "btnsd/ike/system/system.h"
#include "btnsd/latch/admission/callers.h"
#include "btnsd/latch/guard/in_use.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/keying/by_spi.h"

/* An SA made by hand does not say which end is ours. */
static void check_manual_callers(struct guards *gs, const struct caller *c, void *arg)
{
    const struct sad_entry *sa = arg;
    if (c->source->reqid == sa->reqid && route_finds_own_address(&c->local))
        gs->keying[KEYS_MANUAL]->caller(gs, c);
}

/* The system's IKE daemon reports its own SAs; only the kernel reports those made by hand. */
void callers_sa(struct guards *gs, const struct sad_entry *sa)
{
    void *arg = (void *)(uintptr_t)sa;
    callers_each(gs, KEYS_MANUAL, &sa->dst, &sa->src, check_manual_callers, arg);
    callers_each(gs, KEYS_MANUAL, &sa->src, &sa->dst, check_manual_callers, arg);
}

static void check_caller_sa(void *arg, const struct sad_entry *sa)
{
    if (!reqid_is_ours(sa->reqid))
        callers_sa(arg, sa);
}

static void on_callers_check(struct timer *t)
{
    struct guards *gs = t->arg;
    if (callers_need(gs, KEYS_MANUAL))
        sad_dump(gs->xfrm, check_caller_sa, gs);
    if (callers_need(gs, KEYS_SYSTEM) && gs->system)
        system_need(gs->system);
}

void callers_find_later(struct guards *gs, unsigned ms)
{
    bool any = callers_need(gs, KEYS_MANUAL) || callers_need(gs, KEYS_SYSTEM);
    if (any && (!gs->callers.slot || gs->callers.due > loop_now() + ms))
        loop_after(gs->loop, &gs->callers, ms, on_callers_check, gs);
}

/* A latch keeps its suite while a connection uses it (L12). */
static void ask_for_callers_suite(struct guard *g, const struct suite *asked, enum btns_reason code)
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

static void review_callers(struct guard *g, enum btns_reason code)
{
    char why[BTNS_TEXT_MAX];
    const struct suite *asked;
    enum reception r = callers_reception(g->all, g, &asked, why);
    if (r == RECEPTION_OTHERWISE) {
        guard_broken(g, code, why);
    } else if (r == RECEPTION_SERVED && g->state == GS_FAILED) {
        g->keying->recheck(g);
    } else if (r == RECEPTION_SERVED) {
        ask_for_callers_suite(g, asked, code);
    } else {
        guard_sweep_after(g, g->all->linger_ms);
    }
}

void callers_review_service(struct guards *gs, struct service service, enum btns_reason code)
{
    for (struct guard *g = guard_serving(gs, service, NULL), *next; g; g = next) {
        next = guard_serving(gs, service, g);
        if (g->mirror && g->keying->by_spi)
            review_callers(g, code);
    }
    callers_find_later(gs, 0);
}

void callers_review(struct guards *gs, enum btns_reason code)
{
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        if (g->mirror && g->keying->by_spi)
            review_callers(g, code);
    }
    callers_find_later(gs, 0);
}
