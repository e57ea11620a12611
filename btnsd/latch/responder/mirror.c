/* A peer brings up an SA for our service: makes the guard of our side, or refuses the peer. */
#include "btnsd/latch/responder/mirror.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/admission/applicant.h"
#include "btnsd/latch/admission/served.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/keying/certified.h"
#include "btnsd/latch/responder/one_service.h"
#include "btnsd/latch/responder/serve_review.h"

#include <stdlib.h>
#include <string.h>

#define MIRRORS_PER_PEER 256u /* services of ours, for each peer key */

/*
 * A btnsd asks for one service at a time. An SA for more services would put charon's policies in
 * the place of floors, so the peer's connection is removed from charon.
 */
static void refuse_wide_sa(struct guards *gs, const struct sad_entry *sa, const struct pair *pair,
                           const char *why)
{
    char ip[BTNS_ADDR_STR];
    if (!ike_expects(gs->ike, &sa->src, &sa->dst, &pair->key))
        return; /* ignore the incoming one of the two SAs */
    log_rated(log_warning, "peers that ask for more than one service",
              "%s asked for an SA of more than one service: refused, as %s",
              btns_addr_ip_str(&sa->dst, ip), why);
    struct credential *cert =
        pair->suite ? ike_credential(gs->ike, &sa->src, &sa->dst, &pair->key) : NULL;
    const struct ike_entry e = {
        .local = sa->src, .remote = sa->dst, .key = pair->key, .cert = cert};
    ike_disallow(gs->ike, &e);
    credential_unref(cert);
}

/*
 * At how many services of ours, at whatever addresses, is this peer protected? Measured with a peer
 * that asked for 2,000: at the bound above there were at most 1,011 SPD entries and 502 SAs, btnsd
 * grew by 0.7 MiB and charon by 13 MiB; btnsctl status and connections to another host took no
 * longer than before.
 */
static size_t mirrors_of(const struct guards *gs, const struct btns_key *key)
{
    size_t n = 0;
    for (const struct guard *g = NULL; (g = guard_with_key(gs, key, g));)
        n += g->mirror;
    return n;
}

/*
 * Refuses one more guard: each service costs SPD entries, SAs and memory of charon, whether or not
 * anything listens.
 */
static void refuse_more_mirrors(struct guards *gs, const struct sad_entry *sa,
                                const struct pair *pair)
{
    char ip[BTNS_ADDR_STR], key[BTNS_KEY_SHORT];
    log_rated(log_warning, "peers that ask for too many services",
              "%s (%s) asked for SAs of more than %u services: refused, and all its SAs are ended",
              btns_addr_ip_str(&sa->dst, ip), btns_key_short(&pair->key, key), MIRRORS_PER_PEER);
    ike_hang_up_key(gs->ike, &pair->key);
}

struct guard *mirror_new(struct guards *gs, const struct sad_entry *sa)
{
    char ip[BTNS_ADDR_STR], key[BTNS_KEY_SHORT];
    const char *suite;
    const struct pair *pair = pair_by_reqid(&gs->pairs, sa->reqid);
    if (!pair)
        return NULL;
    bool certified = pair_is_certified(pair, &suite);
    if (suite)
        return NULL;
    const char *why = sa_not_one_service(sa);
    if (why) {
        refuse_wide_sa(gs, sa, pair, why);
        return NULL;
    }
    if (!sa->sel_sport)
        return NULL; /* ignore the incoming one of the two SAs */
    const struct service service = {sa->sel_protocol, sa->sel_sport};
    struct guard *old = guard_find(gs, &sa->src, &sa->dst, service, true);
    if (old)
        return NULL; /* another key's SA, which admission should have refused: unused */
    if (mirrors_of(gs, &pair->key) >= MIRRORS_PER_PEER) {
        refuse_more_mirrors(gs, sa, pair);
        return NULL;
    }
    struct guard *g = guard_new(gs, &sa->src, &sa->dst, service, true);
    if (!g)
        return NULL;
    guard_set_key(g, &pair->key);
    guard_set_reqid(g, sa->reqid);
    g->certified = certified;
    g->cert = certified ? ike_credential(gs->ike, &sa->src, &sa->dst, &g->key) : NULL;
    pair_keep(&gs->pairs, pair);
    const struct ike_entry proved = {
        .local = sa->src, .remote = sa->dst, .key = g->key, .cert = g->cert};
    ike_proved(gs->ike, &proved);
    guard_keep_certificate(g);
    log_rated(log_note, "peers protected at our services", "%s (%s) is protected at our %s/%u",
              btns_addr_ip_str(&sa->dst, ip), btns_key_short(&g->key, key),
              protocol_name(g->service.protocol), g->service.port);
    return g;
}

/* Has the peer's SA the suite that the rule about accepting asks for? */
static bool mirror_has_suite(struct guard *g, const char *suite)
{
    char why[160];
    if (!suite || !strcmp(suite, g->suite->name))
        return true;
    snprintf(why, sizeof why, "it comes with suite %s, and the rule about accepting asks for %s",
             g->suite->name, suite);
    review_refuse(g, BTNS_R_WEAKER, why);
    return false;
}

/* IKE has refused the peers that it was told to refuse; rules and floors may have changed since. */
bool mirror_may_come_in(struct guard *g)
{
    const char *suite;
    struct err err = {""};
    if (g->certified && !g->cert)
        g->cert = ike_credential(g->all->ike, &g->local, &g->remote, &g->key);
    const struct applicant who = {&g->local, &g->remote, &g->key, g->cert};
    bool known = !g->certified || g->cert;
    if (!known)
        err_set(&err, "its certificate is not known any more");
    if (known && serve_admits(g->all, &who, g->service, &suite, &err)) {
        const struct demand *demand = serve_demand(g->all, &who, g->service);
        free(g->demand);
        g->demand = demand ? demand_copy(demand) : NULL;
        return mirror_has_suite(g, suite);
    }
    /* An SA may come up before charon is told of the new rule: the reason is still the rule. */
    bool withdrawn = g->broken && g->code == BTNS_R_RULE;
    review_refuse(g, withdrawn ? BTNS_R_RULE : BTNS_R_IDENTITY, err.text);
    return false;
}
