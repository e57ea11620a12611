/*
 * As responder: when floors, rules or known peers change, peers that may not reach us any more are
 * refused, and charon is told who may.
 */
#include "btnsd/latch/responder/serve_review.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/admission/applicant.h"
#include "btnsd/latch/admission/no_latch.h"
#include "btnsd/latch/admission/served.h"
#include "btnsd/latch/floor/mandatory.h"
#include "btnsd/latch/guard/in_use.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/responder/allow.h"
#include "btnsd/latch/responder/callers_find.h"

#include <errno.h>
#include <string.h>

void review_refuse(struct guard *g, enum btns_reason code, const char *why)
{
    const struct ike_entry e = {
        .local = g->local, .remote = g->remote, .key = g->key, .cert = g->cert};
    struct ike *ike = g->all->ike;
    event_emit(g->all->events, &(struct event){.kind = BTNS_E_PEER_REFUSED,
                                               .reason = code,
                                               .local = g->local,
                                               .remote = g->remote,
                                               .key = &e.key,
                                               .text = why});
    guard_fail(g, code, "%s", why); /* may free the guard */
    ike_hang_up(ike, &e);
}

/* A rule to discard has SPD entries above the guard's, so the guard need not end for it. */
static bool reviewed_floor_discards(const struct guards *gs, const struct guard *g)
{
    for (const struct floor *f = NULL; (f = floor_under(gs->floors, &g->local, g->service, f));) {
        const struct floor_term *t = floor_term(f, &g->local, &g->remote);
        if (t && t->kind == TERM_DENY)
            return true;
    }
    return false;
}

/*
 * Reviews one mirror. A latch keeps its suite while it is used (L12), but a peer that may not reach
 * us is refused.
 */
static void review_mirror(struct guard *g, enum btns_reason code)
{
    const char *suite;
    uint32_t time_wait;
    struct err err = {""};
    const struct applicant who = {&g->local, &g->remote, &g->key, g->cert};
    if (!g->mirror || !g->has_key || g->state == GS_FAILED || g->state == GS_GONE ||
        reviewed_floor_discards(g->all, g))
        return;
    if (!serve_admits(g->all, &who, g->service, &suite, &err))
        review_refuse(g, code, err.text);
    else if (suite && g->suite && strcmp(suite, g->suite->name) && !g->latches &&
             !guard_in_use(g, &time_wait)) {
        char why[160];
        snprintf(why, sizeof why, "it is protected by %s, and the rule about accepting asks for %s",
                 g->suite->name, suite);
        review_refuse(g, BTNS_R_WEAKER, why);
    }
}

/*
 * The connections of a revoked peer are reset before charon ends its SAs (peers_files.c): a reset
 * that finds no SA never reaches the peer, whose program would wait.
 */
static bool is_reset_before_review(const struct guards *gs, const struct ike_entry *e)
{
    const struct guard *g = NULL;
    if (guards_no_latch(gs, &e->remote, &e->key, NULL) != BTNS_R_REVOKED)
        return false;
    do
        g = guard_with_key(gs, &e->key, g);
    while (g && g->state == GS_FAILED);
    return g != NULL;
}

static void review_entry(void *arg, const struct ike_entry *e)
{
    struct err err = {""};
    struct guards *gs = arg;
    char ip[BTNS_ADDR_STR];
    const struct applicant who = {&e->local, &e->remote, &e->key, e->cert};
    if (is_reset_before_review(gs, e))
        return;
    const struct peer *known = peers_by_addr(gs->peers, &e->remote);
    int rc = serve_allow(gs, &who, false, &err);
    /*
     * The key from before a rotation is refused once nothing is latched to it: the new key may come
     * in.
     */
    if (rc == -EACCES && !(known && peer_had(known, &e->key)))
        log_warning("%s may not reach us any more: %s", btns_addr_ip_str(&e->remote, ip), err.text);
}

static void want_reviewed_authority(struct guards *gs, const struct demand *who)
{
    if (who && who->identity == IDENTITY_CERTIFICATE)
        ike_authority_want(gs->ike, who->ca_file, who->ca_pem);
}

/* Has charon load the authorities whose certificates some listener accepts. */
static void review_authorities(struct guards *gs)
{
    const struct rules *all = gs->rules ? *gs->rules : NULL;
    ike_authorities_begin(gs->ike);
    for (size_t i = 0; all && i < all->mandatory; i++)
        if (all->rule[i].at_accept && all->rule[i].profile &&
            mandatory_is_for_everybody(&all->rule[i]))
            want_reviewed_authority(gs, &all->rule[i].profile->who);
    for (const struct floor *f = gs->floors ? gs->floors->list : NULL; f; f = f->next)
        for (size_t i = 0; i < f->terms; i++)
            want_reviewed_authority(gs, f->term[i].who);
    ike_authorities_end(gs->ike);
}

/* With many peers, several changes are collected and charon is told once. */
#define FEW_ENTRIES 64
#define LATER_MS    100
#define LATEST_MS   5000
#define SHARE       5 /* at most one part in this many of the time is spent on that */

static void on_review(struct timer *t)
{
    struct guards *gs = t->arg;
    const uint64_t start = loop_now();
    callers_review(gs, BTNS_R_RULE);
    review_authorities(gs);
    ike_each_entry(gs->ike, review_entry, gs);
    const uint64_t pause = LATER_MS + SHARE * (loop_now() - start);
    gs->review_pause = (unsigned)(pause < LATEST_MS ? pause : LATEST_MS);
}

static void count_reviewed_entry(void *arg, const struct ike_entry *e)
{
    (void)e;
    ++*(unsigned *)arg;
}

void serve_review_later(struct guards *gs)
{
    if (gs->ike && !gs->review.slot)
        loop_after(gs->loop, &gs->review, gs->review_pause ? gs->review_pause : LATER_MS, on_review,
                   gs);
}

/* Tells charon which peers to let in: at once, or later if there are many. */
static void review_entries(struct guards *gs)
{
    unsigned entries = 0;
    review_authorities(gs);
    ike_each_entry(gs->ike, count_reviewed_entry, &entries);
    if (entries <= FEW_ENTRIES)
        ike_each_entry(gs->ike, review_entry, gs);
    else
        serve_review_later(gs);
}

void serve_review(struct guards *gs, enum btns_reason code)
{
    callers_review(gs, code);
    if (!gs->ike)
        return;
    for (struct guard *g = gs->list, *next; g; g = next) {
        next = g->next;
        review_mirror(g, code);
    }
    review_entries(gs);
}

void serve_review_service(struct guards *gs, struct service service, enum btns_reason code)
{
    callers_review_service(gs, service, code);
    if (!gs->ike)
        return;
    for (struct guard *g = guard_serving(gs, service, NULL), *next; g; g = next) {
        next = guard_serving(gs, service, g);
        review_mirror(g, code);
    }
    review_entries(gs);
}
