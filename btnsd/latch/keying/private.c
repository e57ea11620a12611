/* keys = private: what a guard asks of our own key manager, and what the answers mean for it. */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/keying/managers.h"

#include "btnsd/base/log.h"
#include "btnsd/latch/admission/applicant.h"
#include "btnsd/latch/admission/joins.h"
#include "btnsd/latch/admission/no_latch.h"
#include "btnsd/latch/admission/served.h"
#include "btnsd/latch/guard/holders.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/orphaned_sas.h"
#include "btnsd/latch/guard/reqid_trim.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/guard/want.h"
#include "btnsd/latch/keying/attempt.h"
#include "btnsd/latch/keying/certified.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define INTRODUCE_MS 9000
#define PROVE_MS     9000
#define AGAIN_MS     200
#define AWAY_MS      10000 /* how long charon may be away before latches break */

/* The peer has another key than the rule or the latch demands. */
static void refuse_key(struct guard *g, const struct btns_key *key, enum btns_reason code,
                       const char *why)
{
    event_emit(g->all->events, &(struct event){.kind = BTNS_E_PEER_REFUSED,
                                               .reason = code,
                                               .local = g->local,
                                               .remote = g->remote,
                                               .key = key,
                                               .text = why});
    guard_fail(g, code, "%s", why);
}

static void claimed(struct guard *g, const struct btns_key *key, struct credential *cert)
{
    key = cert ? &cert->key : key;
    char known_text[BTNS_KEY_STR], key_text[BTNS_KEY_STR], ip[BTNS_ADDR_STR];
    struct err err;
    if (g->ever_up && (!btns_key_equal(&g->key, key) || g->certified != (cert != NULL))) {
        if (cert)
            err_set(&err,
                    "the latch is to another key than that of the certificate %s, which %s "
                    "has now",
                    cert->subject, btns_addr_ip_str(&g->remote, ip));
        else
            err_set(&err, "the latch is to %s, but %s now claims %s",
                    btns_key_str(&g->key, known_text), btns_addr_ip_str(&g->remote, ip),
                    btns_key_str(key, key_text));
        refuse_key(g, key, BTNS_R_IDENTITY, err.text);
        return;
    }
    enum btns_reason no = guards_no_latch(g->all, &g->remote, key, &err);
    if (no) {
        refuse_key(g, key, no, err.text);
        return;
    }
    const struct applicant who = {&g->local, &g->remote, key, cert};
    static const struct demand nobody = {.identity = IDENTITY_KNOWN_KEY}; /* adopted: its own key */
    if (!guards_admit(g->all, &who, POINT_CONNECT, g->service, g->demand ? g->demand : &nobody,
                      &err)) {
        refuse_key(g, key, BTNS_R_IDENTITY, err.text);
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

static void introduce(struct guard *g);
static void prove_key(struct guard *g);

static void on_again(struct timer *t)
{
    struct guard *g = t->arg;
    g->away = ike_is_ready(g->all->ike) ? 0 : g->away + AGAIN_MS;
    if (g->all->away[0]) {
        guard_fail(g, BTNS_R_MANAGER, "%s", g->all->away);
        return;
    }
    if (g->ever_up && g->away > AWAY_MS) {
        g->away = 0;
        guard_fail(g, BTNS_R_MANAGER, "the IKE daemon does not run");
        return;
    }
    if (g->state == GS_INTRODUCING)
        introduce(g);
    else if (g->state == GS_PROVING)
        prove_key(g);
}

/* charon died, or has no room: requests wait, within their own time limits. */
static void again_later(struct guard *g)
{
    loop_after(g->all->loop, &g->retry, g->all->away[0] ? 0 : AGAIN_MS, on_again, g);
}

static bool cert_wanted(const struct guard *g)
{
    return g->demand && g->demand->identity == IDENTITY_CERTIFICATE;
}

static void again_soon(struct guard *g)
{
    loop_after(g->all->loop, &g->retry, attempt_pause(g->tries), on_again, g);
}

static enum attempt_next next_step(const struct guard *g, enum ike_result result)
{
    const uint64_t now = loop_now();
    const struct attempt a = {
        .result = result,
        .proving = g->state == GS_PROVING,
        .introduced = g->introduced,
        .certified = cert_wanted(g),
        .another = guard_other_certificate(g) != NULL,
        .latched = g->ever_up,
        .tries = g->tries,
        .now = now,
        .since = g->tries ? g->tries_since : now,
        .limit = guard_limit(g),
    };
    return attempt_next(&a);
}

static bool is_refusal(enum ike_result result)
{
    return result == IKE_REFUSED || result == IKE_DECLINED || result == IKE_WRONG_PEER;
}

/* What a person is told when the attempt ends with this. */
static void write_fault(char text[BTNS_TEXT_MAX], const struct guard *g, enum ike_result result,
                        const char *why)
{
    char key[BTNS_KEY_STR];
    if (g->state == GS_INTRODUCING)
        snprintf(text, BTNS_TEXT_MAX, "%s: %s",
                 cert_wanted(g) ? "no certificate" : "no introduction", why);
    else if (is_refusal(result))
        snprintf(text, BTNS_TEXT_MAX, "it claims %s but did not prove it: %s",
                 btns_key_str(&g->key, key), why);
    else
        snprintf(text, BTNS_TEXT_MAX, "%s", why);
}

/* Another try follows; the connections that have no time for it are told why this one failed. */
static void remember_try(struct guard *g, enum btns_reason code, const char *text)
{
    if (!g->tries++)
        g->tries_since = loop_now();
    g->doubt = code;
    snprintf(g->doubt_text, sizeof g->doubt_text, "%s", text);
}

static void end_attempt(struct guard *g, enum ike_result result, enum btns_reason code,
                        const char *text)
{
    const struct guards *gs = g->all;
    /* Nobody is there: that is remembered, so that not every connect() asks again. */
    if (result == IKE_SILENT && gs->ops->silent)
        gs->ops->silent(gs->arg, &g->remote, text);
    guard_fail(g, code, "%s", text);
}

/* An exchange of g, which is introducing or proving, has failed. */
static void exchange_failed(struct guard *g, enum ike_result result, const char *why)
{
    enum btns_reason code = is_refusal(result) ? BTNS_R_IDENTITY : BTNS_R_PEER_GONE;
    char text[BTNS_TEXT_MAX];
    write_fault(text, g, result, why);
    switch (next_step(g, result)) {
    case ATTEMPT_AGAIN:
        remember_try(g, code, text);
        if (g->state == GS_INTRODUCING) {
            again_soon(g);
            return;
        }
        if (is_refusal(result))
            guard_next_certificate(g);
        guard_event(g, GE_TOO_EARLY);
        return;
    case ATTEMPT_ANOTHER:
        guard_drop_certificate(g);
        guard_event(g, GE_TOO_EARLY);
        return;
    case ATTEMPT_INTRODUCE:
        guard_event(g, GE_STRANGER);
        return;
    case ATTEMPT_LATER:
        again_later(g);
        return;
    case ATTEMPT_ENDS:
        end_attempt(g, result, code, text);
        return;
    }
}

static void introduction_ended(void *arg, enum ike_result result, const struct btns_key *key,
                               const char *why)
{
    struct guard *g = arg;
    credentials_free(&g->found);
    g->found = ike_task_credentials(g->task);
    g->task = NULL;
    if (g->state == GS_INTRODUCING && result == IKE_OK && key)
        claimed(g, key, guard_certificate(g));
    else if (g->state == GS_INTRODUCING)
        exchange_failed(g, result, why);
}

/* An SA can come up and be deleted before the task that asked for it ends; that end is ignored. */
static void drop_task(struct guard *g)
{
    ike_cancel(g->task);
    g->task = NULL;
}

/* Too many exchanges of a user wait for their turn, within the limits of their requests. */
static bool has_turn(struct guard *g)
{
    g->queued = !ike_room(g->all->ike, g->uid, NULL);
    if (g->queued)
        again_later(g);
    return !g->queued;
}

static void introduce(struct guard *g)
{
    const struct ike_entry whom = {.local = g->local, .remote = g->remote};
    drop_task(g);
    if (!has_turn(g))
        return;
    if (!cert_wanted(g))
        g->task =
            ike_introduce(g->all->ike, &g->local, &g->remote, INTRODUCE_MS, introduction_ended, g);
    else
        g->task = ike_certify(g->all->ike, &whom, g->demand->ca_file, g->demand->ca_pem,
                              INTRODUCE_MS, introduction_ended, g);
    if (g->task)
        ike_charge(g->task, g->uid);
    else
        again_later(g);
}

static void proved(void *arg, enum ike_result result, const struct btns_key *key, const char *why)
{
    struct guard *g = arg;
    (void)key;
    g->task = NULL;
    if (g->state == GS_PROVING && result != IKE_OK)
        exchange_failed(g, result, why); /* the kernel reports the SA itself */
}

static struct ike_service service_of(struct guard *g)
{
    const struct pair *in = pair_get(&g->all->pairs, &g->key, pair_label(NULL, g->certified));
    return (struct ike_service){
        .key = g->key,
        .local = g->local,
        .remote = g->remote,
        .to = g->service,
        .reqid = g->reqid,
        .cert = g->cert,
        .in_reqid = in ? in->reqid : 0,
        .replace = g->ever_up,
        .suite = g->suite->name,
        .lifetime = g->source.lifetime,
    };
}

static void prove_key(struct guard *g)
{
    struct ike_service s = service_of(g);
    drop_task(g);
    if (!has_turn(g))
        return;
    const struct applicant who = {&g->local, &g->remote, &g->key, g->cert};
    struct inlets inlets = serve_inlets(g->all, &who);
    s.inlets = &inlets;
    g->task = ike_prove(g->all->ike, &s, PROVE_MS, proved, g);
    inlets_free(&inlets);
    if (g->task)
        ike_charge(g->task, g->uid);
    else
        again_later(g);
}

static void sa_closed(void *arg, enum ike_result result, const struct btns_key *key,
                      const char *why)
{
    struct guard *g = arg;
    (void)result;
    (void)key;
    (void)why;
    g->task = NULL;
    guard_closed(g);
}

static void close_sa(struct guard *g)
{
    struct ike_service s = service_of(g);
    /* Only a closing guard waits for the end of the task. */
    bool waits = g->state == GS_CLOSING;
    drop_task(g);
    struct ike_task *t = ike_close(g->all->ike, &s, waits ? sa_closed : NULL, g);
    if (waits)
        g->task = t;
    if (waits && !t)
        guard_closed_soon(g);
}

/* A known peer that the rule takes needs no introduction. */
static const struct peer *at_once(const struct guard *g)
{
    const struct peer *known = peers_by_addr(g->all->peers, &g->remote);
    if (!known || g->demand->identity == IDENTITY_CERTIFICATE)
        return NULL;
    const struct applicant who = {&g->local, &g->remote, &known->key, NULL};
    return guards_admit(g->all, &who, POINT_CONNECT, g->service, g->demand, NULL) ? known : NULL;
}

static int begin_exchange(struct guard *g, enum guard_event *first, struct err *err)
{
    struct guards *gs = g->all;
    if (ike_is_off(gs->ike)) {
        err_set(err, "keys = private: btnsd was told to run no IKE daemon (--charon none)");
        return -EOPNOTSUPP;
    }
    const struct peer *known = at_once(g);
    const struct pair *pair = known ? pair_get(&gs->pairs, &known->key, g->suite->name) : NULL;
    if (known)
        guard_set_key(g, &known->key);
    guard_set_reqid(g, known ? (pair ? pair->reqid : 0) : pair_placeholder(&gs->pairs));
    *first = known ? GE_ASKED_KNOWN : GE_ASKED;
    if (cert_wanted(g) && !ike_has_certificate(gs->ike)) {
        err_set(err, "this host has no certificate of its own (/etc/btns/host.crt) to show");
        return -ENOKEY;
    }
    if (g->reqid)
        return 0;
    err_set(err, "no reqid left, or no memory");
    return -ENOSPC;
}

static bool demand_fits(struct guard *g, const struct guard_want *want, struct err *err)
{
    return guard_fits(g, want->demand, err);
}

/*
 * A key that an any-key rule accepted must not replace a known key, which a known-key rule trusts.
 * Only a peer that the rule names replaces it. Peers with certificates are not recorded.
 */
static void record_peer(struct guard *g)
{
    struct err err;
    bool named = g->demand && g->demand->identity == IDENTITY_NAMED;
    const struct peer *known = peers_by_addr(g->all->peers, &g->remote);
    guard_keep_certificate(g);
    if (g->cert || (known && !named && !btns_key_equal(&known->key, &g->key)))
        return;
    if (peers_seen(g->all->peers, &g->key, &g->remote, (uint64_t)time(NULL), &err))
        log_warning("known_peers was not written: %s", err.text);
    if (!known)
        event_emit(g->all->events, &(struct event){.kind = BTNS_E_PEER_NEW,
                                                   .local = g->local,
                                                   .remote = g->remote,
                                                   .key = &g->key});
}

const struct keying keying_private = {
    .hint = "Does the peer run btnsd?",
    .own = true,
    .begin = begin_exchange,
    .fits = demand_fits,
    .introduce = introduce,
    .prove = prove_key,
    .prove_soon = again_soon,
    .close = close_sa,
    .renew = prove_key,
    .record = record_peer,
    .drop_sas = guard_drop_sas,
};
