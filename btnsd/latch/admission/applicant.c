/* Gathers the facts about a peer for admit_decide(), and words the reason of a refusal. */
#include "btnsd/latch/admission/applicant.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/admission/admit.h"
#include "btnsd/latch/admission/service_rules.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/guard/table.h"
#include "libapi/wire/inner_address.h"
#include "libapi/wire/key_words.h"

#include <string.h>
#include <time.h>

#define DAY_STR 24 /* "2026-11-21" */

bool applicant_is_known(const struct guards *gs, const struct peer *known,
                        const struct applicant *who)
{
    const struct guard *g = NULL;
    if (peer_answers_to(known, who->key))
        return true;
    if (!peer_had(known, who->key))
        return false;
    while ((g = guard_latched(gs, who->local, who->remote, g)))
        if (g->has_key && btns_key_equal(&g->key, who->key))
            return true;
    return false;
}

static bool is_applicant_listed(const struct guards *gs, const struct peer *known,
                                const struct btns_key *key, const struct demand *d)
{
    const struct peer *peer = peers_by_key(gs->peers, key);
    if (!peer)
        peer = known; /* the peer's other key, from before or after a rotation */
    for (size_t i = 0; i < d->permits; i++) {
        const struct permit *p = &d->permit[i];
        if (p->is_key ? btns_key_equal(&p->key, key)
                      : peer && peer->name[0] && !strcmp(peer->name, p->name))
            return true;
    }
    return false;
}

static struct applicant_facts
applicant_facts_of(const struct guards *gs, const struct applicant *who, const struct demand *d)
{
    const struct peer *known = peers_by_addr(gs->peers, who->remote);
    bool other = known && !applicant_is_known(gs, known, who);
    return (struct applicant_facts){
        .own = btns_key_equal(who->key, &gs->host->pub) ||
               rotation_has_old(&gs->host->rotation, who->key),
        .latched = guard_conflict(gs, who->local, who->remote, who->key) != NULL,
        .pinned = other && known->trust == BTNS_T_PINNED,
        .changed = other,
        .listed = !who->cert && is_applicant_listed(gs, other ? NULL : known, who->key, d),
        .certified = who->cert != NULL,
        .issued = who->cert && d->ca_pem && !strcmp(who->cert->ca_pem, d->ca_pem),
        .titled = who->cert && credential_has_id(who->cert, d->id),
        .anybody = !d->id,
    };
}

static const char *applicant_peer_str(const struct peer *p, char *buf, size_t size)
{
    char key[BTNS_KEY_STR];
    btns_key_str(&p->key, key);
    snprintf(buf, size, p->name[0] ? "%s (%s)" : "%.0s%s", p->name, key);
    return buf;
}

static const char *applicant_known_since(uint64_t seconds, char day[DAY_STR])
{
    struct tm tm;
    time_t t = (time_t)seconds;
    if (!gmtime_r(&t, &tm) || !strftime(day, DAY_STR, "%Y-%m-%d", &tm))
        strcpy(day, "?");
    return day;
}

/*
 * If both hosts are known and share one address (NAT), there is no attack and no changed key: says
 * so.
 */
static const char *applicant_behind_shared_nat(const struct guards *gs, const struct applicant *who,
                                               char *buf, size_t size)
{
    char name[160];
    const struct peer *p = who->cert ? NULL : peers_by_key(gs->peers, who->key);
    buf[0] = '\0';
    if (p)
        snprintf(
            buf, size,
            ". Both are known here, this one as %s: of hosts behind one address (NAT), only one "
            "can be reached or let in",
            p->name[0] ? p->name : applicant_peer_str(p, name, sizeof name));
    return buf;
}

const char *applicant_other_key_advice(const struct guards *gs, const struct btns_addr *remote,
                                       char *buf, size_t size)
{
    char ip[BTNS_ADDR_STR];
    const struct peer *known = peers_by_addr(gs->peers, remote);
    int n = snprintf(buf, size,
                     "Somebody may be between you and it, or it was set up anew: ask its "
                     "administrator for its key (btnsctl status there). Only if it is that one: ");
    if (n < 0 || (size_t)n >= size)
        return buf;
    if (known && known->file)
        snprintf(buf + n, size - (size_t)n, "write it into %s:%zu, and run btnsctl reload",
                 known->file, known->line);
    else
        snprintf(buf + n, size - (size_t)n, "btnsctl peers forget %s, and connect again",
                 btns_addr_ip_str(remote, ip));
    return buf;
}

static void say_applicant_refused(const struct guards *gs, const struct applicant *who,
                                  const struct demand *d, enum admission why, struct err *err)
{
    char ip[BTNS_ADDR_STR], is[BTNS_KEY_STR], was[160] = "", want[DEMAND_STR];
    char day[DAY_STR], words[BTNS_KEY_WORDS], shared[300], advice[OTHER_KEY_ADVICE];
    const struct peer *known = peers_by_addr(gs->peers, who->remote);
    const struct guard *g = guard_conflict(gs, who->local, who->remote, who->key);
    btns_addr_ip_str(who->remote, ip);
    btns_key_str(who->key, is);
    btns_key_words(who->key, words);
    demand_str(d, want);
    applicant_other_key_advice(gs, who->remote, advice, sizeof advice);
    if (!*applicant_behind_shared_nat(gs, who, shared, sizeof shared))
        snprintf(shared, sizeof shared, ". %s", advice);
    if (why == ADMIT_LATCHED && g)
        btns_key_str(&g->key, was);
    else if (known)
        applicant_peer_str(known, was, sizeof was);
    if (why == ADMIT_OWN)
        err_set(err, "%s claims our own key", ip);
    else if (why == ADMIT_LATCHED)
        err_set(err, "%s now claims %s (%s), but connections with it are latched to %s%s", ip, is,
                words, was, shared);
    else if (why == ADMIT_PINNED)
        err_set(err, "%s claims %s (%s), but the administrator pinned the address to %s%s", ip, is,
                words, was, shared);
    else if (why == ADMIT_CHANGED)
        err_set(err, "the key of %s has changed: known since %s is %s, now it claims %s (%s). %s",
                ip, known ? applicant_known_since(known->first_seen, day) : "", was, is, words,
                advice);
    else if (why == ADMIT_UNLISTED)
        err_set(err, "%s claims %s, which is none of those asked for (%s)", ip, is, want);
    else if (why == ADMIT_KEY_WANTED)
        err_set(err, "%s has a certificate (%s) where a key is asked for (%s)", ip,
                who->cert->subject, want);
    else if (why == ADMIT_UNCERTIFIED)
        err_set(err, "%s has the key %s, and no certificate as asked for (%s)", ip, is, want);
    else
        err_set(err, "%s has the certificate %s, issued under %s, and not one as asked for (%s)",
                ip, who->cert->subject, who->cert->ca_file, want);
}

/*
 * Does the rule name the identity that this service at this address has? Then no other peer may use
 * it.
 */
static bool rule_names_owner(const struct rule *r, enum point point, const struct btns_addr *remote,
                             struct service service)
{
    bool there = false;
    if (!r->profile || !demand_is_strict(&r->profile->who) ||
        !(point == POINT_CONNECT ? r->at_connect : r->at_accept))
        return false;
    for (size_t i = 0; i < r->remotes; i++)
        there |= r->remote[i].bits && btns_addr_in(remote, &r->remote[i].net, r->remote[i].bits);
    return there && service_rule_applies(r, service);
}

static bool applicant_address_owner_agrees(const struct guards *gs, const struct applicant *who,
                                           enum point point, struct service service,
                                           struct err *err)
{
    const struct rules *all = gs->rules ? *gs->rules : NULL;
    for (size_t i = 0; service.port && all && i < all->n; i++) {
        const struct rule *r = &all->rule[i];
        if (!rule_names_owner(r, point, who->remote, service))
            continue;
        struct applicant_facts facts = applicant_facts_of(gs, who, &r->profile->who);
        struct err why;
        enum admission a = admit_decide(r->profile->who.identity, &facts);
        if (a == ADMIT_YES)
            continue;
        say_applicant_refused(gs, who, &r->profile->who, a, &why);
        err_set(err, "%.410s, and rule \"%s\" (%.60s:%u) says who speaks for that service there",
                why.text, r->name, r->file, r->line);
        return false;
    }
    return true;
}

/* An inner address is derived from its key, so no other key may use it, whatever a rule accepts. */
static bool applicant_inner_fits(const struct applicant *who, struct err *err)
{
    char ip[BTNS_ADDR_STR], key[BTNS_KEY_STR];
    struct in6_addr inner;
    if (!btns_addr_is_inner(who->remote) ||
        (!who->cert && inner_address_of_key(who->key->raw, &inner) &&
         !memcmp(who->remote->ip, &inner, sizeof inner)))
        return true;
    err_set(err, "%s is not the inner address of %s", btns_addr_ip_str(who->remote, ip),
            btns_key_str(who->key, key));
    return false;
}

bool applicant_fits(const struct guards *gs, const struct applicant *who, enum point point,
                    struct service service, const struct demand *demand, struct err *err)
{
    struct applicant_facts facts = applicant_facts_of(gs, who, demand);
    enum admission a = admit_decide(demand->identity, &facts);
    if (!applicant_inner_fits(who, err))
        return false;
    if (a != ADMIT_YES)
        say_applicant_refused(gs, who, demand, a, err);
    return a == ADMIT_YES && applicant_address_owner_agrees(gs, who, point, service, err);
}
