/* A peer claims a key, or shows a certificate: may it be this guard's peer? */
#include "btnsd/latch/keying/claim.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/admission/applicant.h"
#include "btnsd/latch/admission/joins.h"
#include "btnsd/latch/admission/no_latch.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/reqid_trim.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/keying/meetings.h"
#include "btnsd/latch/registry/latch.h"
#include "libapi/wire/key_words.h"

/* Is the key another one than that of the peer known at the address? */
static bool is_claimed_by_impostor(const struct guard *g, const struct btns_key *key)
{
    const struct peer *known = peers_by_addr(g->all->peers, &g->remote);
    return known && !btns_key_equal(&known->key, key);
}

/* The peer has another key than the rule or the latch demands. */
static void refuse_key(struct guard *g, const struct btns_key *key, enum btns_reason code,
                       const char *why)
{
    event_emit(g->all->events, &(struct event){.kind = BTNS_E_PEER_REFUSED,
                                               .reason = code,
                                               .local = g->local,
                                               .remote = g->remote,
                                               .key = key,
                                               .rule = g->holders ? g->holders->rule : NULL,
                                               .text = why});
    g->refuses_all = is_claimed_by_impostor(g, key) || code == BTNS_R_REVOKED;
    guard_fail(g, code, "%s", why);
}

static bool is_latched_key(const struct guard *g, const struct btns_key *key,
                           const struct credential *cert)
{
    return btns_key_equal(&g->key, key) && g->certified == (cert != NULL);
}

static void write_claim_conflict(struct err *err, const struct guard *g, const struct btns_key *key,
                                 const struct credential *cert)
{
    char latched[BTNS_KEY_STR], claimed[BTNS_KEY_STR], ip[BTNS_ADDR_STR], words[BTNS_KEY_WORDS];
    char advice[OTHER_KEY_ADVICE];
    btns_addr_ip_str(&g->remote, ip);
    if (cert)
        err_set(err,
                "the latch is to another key than that of the certificate %s, which %s has now",
                cert->subject, ip);
    else
        err_set(err, "the latch is to %s, but %s now claims %s (%s). %s",
                btns_key_str(&g->key, latched), ip, btns_key_str(key, claimed),
                btns_key_words(key, words),
                applicant_other_key_advice(g->all, &g->remote, advice, sizeof advice));
}

/* Why the guard must not have this key; BTNS_R_NONE: it may. */
static enum btns_reason objection_to_claim(struct guard *g, const struct btns_key *key,
                                           struct credential *cert, struct err *err)
{
    const struct applicant who = {&g->local, &g->remote, key, cert};
    static const struct demand nobody = {.identity = IDENTITY_KNOWN_KEY}; /* adopted: has its key */
    if (g->ever_up && !is_latched_key(g, key, cert)) {
        write_claim_conflict(err, g, key, cert);
        guard_meets_other(g, key);
        return BTNS_R_IDENTITY;
    }
    enum btns_reason no = guards_no_latch(g->all, &g->remote, key, err);
    if (no)
        return no;
    return applicant_fits(g->all, &who, POINT_CONNECT, g->service, g->demand ? g->demand : &nobody,
                          err)
               ? BTNS_R_NONE
               : BTNS_R_IDENTITY;
}

/*
 * Has the peer a new host key for which the latched key vouches? It shows us the latched key as
 * long as that is latched, so it is to prove that key.
 */
static bool follows_latched(const struct guard *g, const struct btns_key *claimed)
{
    const struct peer *known = peers_by_addr(g->all->peers, &g->remote);
    return g->ever_up && g->latches && !g->certified && known && peer_answers_to(known, claimed) &&
           (peer_answers_to(known, &g->key) || peer_had(known, &g->key));
}

static bool claims_peer_alone(const struct guard *g)
{
    const struct guard *o = NULL;
    while ((o = guard_with_key(g->all, &g->key, o)))
        if (o != g)
            return false;
    return true;
}

bool guard_is_its_key(const struct guard *g, const struct btns_key *key)
{
    return is_latched_key(g, key, NULL) || follows_latched(g, key);
}

void guard_loses_key(struct guard *g, const struct btns_key *key)
{
    struct err err;
    write_claim_conflict(&err, g, key, NULL);
    /* Else charon would wait 8 s for an answer on the old IKE SA, and new connections with it. */
    if (claims_peer_alone(g) && g->keying->hang_up)
        g->keying->hang_up(g);
    refuse_key(g, key, BTNS_R_IDENTITY, err.text);
}

void guard_take_claim(struct guard *g, const struct btns_key *claimed, struct credential *cert)
{
    const struct btns_key latched = g->key;
    const struct btns_key *key = cert ? &cert->key : claimed;
    if (!cert && follows_latched(g, claimed))
        key = &latched;
    struct err err;
    enum btns_reason no = objection_to_claim(g, key, cert, &err);
    if (no) {
        refuse_key(g, key, no, err.text);
        return;
    }
    guards_trim_pairs(g->all);
    const struct pair *pair =
        pair_get(&g->all->pairs, key, pair_label(g->suite->name, cert != NULL));
    if (!pair) {
        guard_fail(g, BTNS_R_RESOURCES, "no reqid left");
        return;
    }
    guard_set_key(g, key);
    credential_unref(g->cert);
    g->cert = credential_ref(cert);
    g->certified = cert != NULL;
    g->introduced = true;
    g->tries = 0;
    guard_set_reqid(g, pair->reqid);
    guard_event(g, GE_CLAIMED);
}
