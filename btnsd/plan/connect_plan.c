/* Decides from the rule and the program's flags how a connect() is handled. Pure. */
#include "btnsd/plan/connect_plan.h"
#include "libapi/wire/refusal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* For btns-run --require when no rule asks for protection. */
static const struct profile builtin = {
    .name = "built-in",
    .suite = "aes256gcm16",
    .who = {.identity = IDENTITY_KNOWN_KEY},
    .timeout_ms = 10000,
};

static void planned_rule_text(const struct rule *rule, bool chained, char *buf, size_t size)
{
    const struct sign_key *key = rule && chained ? rule->sign : NULL;
    if (!rule) {
        snprintf(buf, size, "no rule matches");
        return;
    }
    snprintf(buf, size, "%srule \"%s\" (%s:%u)%s%s%s%s%s%s%s%s",
             rule->rank == RANK_MANDATORY ? "mandatory " : "", rule->name, rule->file, rule->line,
             !key                   ? ""
             : key->auth == SIGN_AO ? ", signed by TCP-AO with the keys in "
                                    : ", signed with the key in ",
             key ? key->file : "", chained && rule->random_port ? ", from a random port" : "",
             rule->reason ? ": " : "", rule->reason ? rule->reason : "",
             rule->unresolved ? "; it fails closed, as a name cannot be resolved (" : "",
             rule->unresolved ? rule->unresolved : "", rule->unresolved ? ")" : "");
}

unsigned plan_first_ms(unsigned timeout_ms)
{
    unsigned ms = timeout_ms * 3 / 100;
    ms = ms > 300 ? ms : 300;
    return ms < timeout_ms ? ms : timeout_ms;
}

void plan_rule_text(const struct rule *rule, char *buf, size_t size)
{
    planned_rule_text(rule, true, buf, size);
}

const struct profile *plan_profile(const struct rule *rule)
{
    return rule && rule->profile ? rule->profile : &builtin;
}

uint32_t plan_wish_flags(const struct wish *w)
{
    return w && w->action == WISH_PROTECT ? BTNS_F_REQUIRE : 0;
}

/*
 * A program may weaken its rule by --prefer or --bypass, unless the rule is mandatory or names the
 * peer's identity; any program may ask for more (latching -02, section 3).
 */
enum plan_action plan_wish(const struct rule *rule, bool bound, uint32_t flags)
{
    enum action action = rule ? rule->action : ACTION_BYPASS;
    bool strict = rule && rule->profile && demand_is_strict(&rule->profile->who);
    bool weaker = (flags & BTNS_F_PREFER) && !bound && !strict;
    if (action == ACTION_DISCARD)
        return PLAN_DENY;
    if (flags & BTNS_F_REQUIRE)
        return PLAN_PROTECT;
    if ((flags & BTNS_F_BYPASS) && !bound)
        return PLAN_BYPASS;
    if (action == ACTION_BYPASS)
        return PLAN_CLEAR;
    return action == ACTION_PREFER || weaker ? PLAN_PREFER : PLAN_PROTECT;
}

/*
 * Finds out why protection is impossible, whatever the peer does. Returns an errno with *why; 0:
 * possible.
 */
static int find_plan_obstacle(const struct connect_question *q, struct plan *p, const char **why)
{
    if (!q->rules.remote.port) { /* port 0 in an SPD selector means every port */
        *why = "nobody can listen on port 0";
        return ECONNREFUSED;
    }
    if (q->group && protocol_is_datagrams(q->rules.protocol)) {
        *why = "multicast and broadcast have no single peer, so they cannot be protected: a rule "
               "for this address with action = bypass lets them go";
        return EACCES;
    }
    /* The address has a scope, or the socket is bound to an interface. */
    if (q->rules.remote.scope || btns_addr_is_link_local(&q->rules.remote)) {
        *why = "link-local addresses cannot be protected: use a global one";
        return ERRNO_UNPROTECTED;
    }
    if (q->inner && protocol_is_datagrams(q->rules.protocol)) {
        *why = "an inner address is reached in BEET mode, which protects TCP only so far";
        return ERRNO_UNPROTECTED;
    }
    if (q->inner && (!p->profile->beet || p->profile->who.identity == IDENTITY_CERTIFICATE)) {
        *why = "an inner address is reached in BEET mode, to the one key that it is derived from: "
               "this needs a rule whose profile has mode = beet";
        return ERRNO_UNPROTECTED;
    }
    if (q->unreachable) {
        *why = q->unreachable;
        return ERRNO_UNPROTECTED;
    }
    if (q->foreign && p->profile->source.keys == KEYS_PRIVATE) {
        *why = "the socket is bound to an address that no interface of this host has "
               "(IP_FREEBIND, IP_TRANSPARENT), from which IKE cannot be spoken: bind it to another";
        return EADDRNOTAVAIL;
    }
    p->code = q->no_latch;
    *why = q->no_latch_why.text;
    return q->no_latch ? ERRNO_UNPROTECTED : 0;
}

static void plan_without(struct plan *p, enum btns_reason code, const char *why)
{
    p->action = PLAN_WITHOUT;
    p->code = code;
    snprintf(p->why, sizeof p->why, "%.300s; %.500s prefers protection and goes on without", why,
             p->rule_text);
}

static void refuse_plan(struct plan *p, int error, const char *why)
{
    p->action = PLAN_REFUSE;
    p->error = error;
    snprintf(p->why, sizeof p->why, "%.300s; %.500s", why, p->rule_text);
}

/*
 * Picks the profile of the rule and of the socket's own policy. False: the two exclude each other.
 */
static bool plan_choose_profile(const struct view *v, struct plan *p)
{
    struct err err;
    p->profile = plan_profile(p->rule);
    int rc = v->wish
                 ? wish_merge(v->wish, p->profile, v->host, v->named, v->names, &p->wished, &err)
                 : 0;
    if (v->wish)
        p->profile = &p->wished.profile;
    if (rc)
        refuse_plan(p, -rc, err.text);
    return !rc;
}

/*
 * An attacker can keep a peer from answering. With no-downgrade, a known peer is protected even so.
 */
static void plan_keep_protected(const struct connect_question *q, struct plan *p)
{
    size_t at = strlen(p->rule_text);
    if (p->action != PLAN_PREFER || !q->known || !p->rule || !p->rule->no_downgrade)
        return;
    p->action = PLAN_PROTECT;
    snprintf(p->rule_text + at, sizeof p->rule_text - at,
             ", which does not go on without protection to a peer that is known (no-downgrade),");
}

static void plan_protection(const struct view *v, const struct connect_question *q, struct plan *p)
{
    const char *why;
    if (!plan_choose_profile(v, p))
        return;
    p->suite = suite_or_default(p->profile->suite);
    int error = find_plan_obstacle(q, p, &why);
    bool open = (q->no_latch && q->no_latch != BTNS_R_REVOKED) || (q->group && error == EACCES) ||
                error == EADDRNOTAVAIL;
    if (error && p->action == PLAN_PREFER && open)
        plan_without(p, p->code, why);
    else if (error)
        refuse_plan(p, error, why);
    else if (p->action == PLAN_PREFER && q->recent)
        plan_without(p, BTNS_R_PEER_GONE, q->recent);
    else if (p->action == PLAN_PREFER && q->without && !q->known &&
             p->profile->source.keys == KEYS_PRIVATE)
        plan_without(p, BTNS_R_PEER_GONE, q->without);
    else if (p->action == PLAN_PROTECT && q->shut) {
        p->code = BTNS_R_PEER_GONE;
        refuse_plan(p, ERRNO_UNPROTECTED, q->shut);
    }
}

/* Nothing goes to an inner address in the clear: without a rule that protects, say so at once. */
static void plan_keep_inner(const struct connect_question *q, struct plan *p)
{
    if (!q->inner)
        return;
    if (p->action == PLAN_PREFER)
        p->action = PLAN_PROTECT;
    else if (p->action == PLAN_CLEAR || p->action == PLAN_BYPASS)
        refuse_plan(p, ERRNO_UNPROTECTED,
                    "nothing goes in the clear to an inner address, which is reached in BEET mode "
                    "only");
}

/* IKE, which carries out protection, cannot be protected itself. */
static void plan_leave_ike(const struct connect_question *q, struct plan *p)
{
    const struct service service = {(uint8_t)q->rules.protocol, q->rules.remote.port};
    if (!service_is_ike(service) || (p->action != PLAN_PROTECT && p->action != PLAN_PREFER))
        return;
    if (q->flags & BTNS_F_REQUIRE) {
        refuse_plan(p, ERRNO_UNPROTECTED, IKE_PORTS_TEXT);
        return;
    }
    p->action = PLAN_CLEAR;
    snprintf(p->rule_text, sizeof p->rule_text, "%s", IKE_PORTS_TEXT);
}

void plan_connect(const struct view *v, const struct connect_question *q, struct plan *p)
{
    memset(p, 0, sizeof *p);
    p->rule = view_decide(v, &q->rules, NULL);
    p->chained = p->rule && !q->self && p->rule->action != ACTION_DISCARD &&
                 (p->rule->sign || p->rule->random_port);
    p->settled = !v->wish && !p->chained && view_settled(v, &q->rules, p->rule);
    planned_rule_text(p->rule, p->chained, p->rule_text, sizeof p->rule_text);
    p->action =
        plan_wish(p->rule, view_binds(v, &q->rules, p->rule), q->flags | plan_wish_flags(v->wish));
    if (p->action == PLAN_CLEAR && v->wish && v->wish->action == WISH_PREFER)
        p->action = PLAN_PREFER;
    if (q->self && p->action != PLAN_DENY)
        p->action = PLAN_CLEAR;
    if (q->self && v->wish && wish_names_peers(v->wish)) {
        refuse_plan(p, ERRNO_UNPROTECTED,
                    "the address is this host's own, not the expected peer's");
        return;
    }
    plan_keep_protected(q, p);
    plan_leave_ike(q, p);
    plan_keep_inner(q, p);
    if (p->action == PLAN_DENY)
        p->error = ERRNO_DISCARDED;
    else if (p->action == PLAN_BYPASS && !q->may_bypass)
        refuse_plan(p, ERRNO_NOT_ALLOWED,
                    "--bypass needs root or CAP_NET_ADMIN (latching -02, section 3)");
    else if (p->action == PLAN_PROTECT || p->action == PLAN_PREFER)
        plan_protection(v, q, p);
}

const char *plan_trust(const struct profile *profile, char buf[BTNS_TEXT_MAX])
{
    const struct key_source *s = &profile->source;
    if (s->keys == KEYS_SYSTEM)
        snprintf(buf, BTNS_TEXT_MAX, "keys = system, connection \"%s\", peer %s", s->connection,
                 s->peer[0] ? s->peer : "any");
    else if (s->keys == KEYS_MANUAL)
        snprintf(buf, BTNS_TEXT_MAX, "keys = manual, reqid %u, peer \"%s\"", s->reqid, s->peer);
    else
        snprintf(buf, BTNS_TEXT_MAX, "identity %s", identity_name(profile->who.identity));
    return buf;
}
