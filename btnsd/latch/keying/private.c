/*
 * keys = private: asks our own charon for a guard's SAs and proofs, and turns its answers into
 * events of the guard.
 */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/keying/managers.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/admission/applicant.h"
#include "btnsd/latch/admission/joins.h"
#include "btnsd/latch/admission/no_latch.h"
#include "btnsd/latch/admission/served.h"
#include "btnsd/latch/guard/exchange_turn.h"
#include "btnsd/latch/guard/holders.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/orphaned_sas.h"
#include "btnsd/latch/guard/reqid_trim.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/guard/want.h"
#include "btnsd/latch/keying/beet.h"
#include "btnsd/latch/keying/certified.h"
#include "btnsd/latch/keying/claim.h"
#include "btnsd/latch/keying/exchange.h"
#include "btnsd/latch/keying/neighbour_watch.h"
#include "btnsd/latch/keying/one_sided.h"
#include "btnsd/latch/keying/other_key.h"
#include "btnsd/latch/keying/peer_record.h"
#include "btnsd/latch/keying/unanswered.h"
#include "btnsd/latch/keying/unowned_sas.h"
#include "libapi/wire/refusal.h"

#include <errno.h>
#include <string.h>

#define INTRODUCE_MS 9000
#define PROVE_MS     9000
#define NO_SA_MS     1000
#define REFUSED_MS   500 /* until a peer that has refused to prove its key anew is asked again */

static void introduction_ended(void *arg, enum ike_result result, const struct btns_key *key,
                               const char *why)
{
    struct guard *g = arg;
    credentials_free(&g->found);
    g->found = ike_task_credentials(g->task);
    g->task = NULL;
    if (g->state == GS_INTRODUCING && result == IKE_OK && key)
        guard_take_claim(g, key, guard_certificate(g));
    else if (g->state == GS_INTRODUCING)
        exchange_failed(g, result, why);
}

/* An SA can come up and be deleted before the task that asked for it ends; that end is ignored. */
static void drop_private_task(struct guard *g)
{
    ike_cancel(g->task);
    g->task = NULL;
}

/*
 * May the guard begin an exchange? If too many of the user's exchanges run, it waits for its turn,
 * within its requests' time limits.
 */
static bool has_private_turn(struct guard *g)
{
    bool turn = guard_takes_turn(g);
    if (!turn)
        exchange_later(g);
    return turn;
}

static void private_exchange_begun(struct guard *g)
{
    if (!g->task) {
        exchange_later(g);
        return;
    }
    ike_charge(g->task, g->uid);
    neighbour_watch_begin(g);
}

static void introduce(struct guard *g)
{
    const struct ike_entry whom = {.local = g->local, .remote = g->remote};
    const bool beet = guard_is_beet(g);
    drop_private_task(g);
    if (!has_private_turn(g))
        return;
    beet_aim(g, NULL);
    if (!certificate_wanted(g))
        g->task = ike_introduce(g->all->ike, beet ? &g->outer_local : &g->local,
                                beet ? &g->outer_remote : &g->remote, INTRODUCE_MS,
                                introduction_ended, g);
    else
        g->task = ike_certify(g->all->ike, &whom, g->demand->ca_file, g->demand->ca_pem,
                              INTRODUCE_MS, introduction_ended, g);
    private_exchange_begun(g);
}

static void on_no_private_sa(struct timer *t)
{
    struct guard *g = t->arg;
    if (g->state == GS_PROVING && !g->task)
        exchange_failed(g, IKE_AGAIN, "the IKE daemon made another SA than it was asked for");
}

static void key_proved(void *arg, enum ike_result result, const struct btns_key *key,
                       const char *why)
{
    struct guard *g = arg;
    (void)key;
    g->task = NULL;
    if (result == IKE_OK)
        g->proof_ms = (unsigned)(loop_now() - g->proof_began);
    if (g->state != GS_PROVING)
        return;
    if (result != IKE_OK)
        exchange_failed(g, result, why);
    else /* the kernel has reported the SA itself, or is about to */
        loop_after(g->all->loop, &g->retry, NO_SA_MS, on_no_private_sa, g);
}

static struct ike_service service_of_guard(struct guard *g)
{
    const struct pair *in = pair_get(&g->all->pairs, &g->key, pair_label(NULL, g->certified));
    return (struct ike_service){
        .key = g->key,
        .local = g->local,
        .remote = g->remote,
        .outer = g->outer_remote,
        .to = g->service,
        .reqid = g->reqid,
        .cert = g->cert,
        .in_reqid = in ? in->reqid : 0,
        .replace = g->ever_up,
        .suite = g->suite->name,
        .lifetime = g->source.lifetime,
    };
}

static void on_revoked(struct timer *t)
{
    struct guard *g = t->arg;
    struct err err;
    enum btns_reason no = guards_no_latch(g->all, &g->remote, &g->key, &err);
    g->refuses_all = true;
    if (no == BTNS_R_REVOKED && g->state == GS_PROVING)
        guard_fail(g, no, "%s", err.text);
}

/* A latch to a key that has been revoked since is not brought back. */
static bool is_revoked(struct guard *g)
{
    if (guards_no_latch(g->all, &g->remote, &g->key, NULL) != BTNS_R_REVOKED)
        return false;
    loop_after(g->all->loop, &g->retry, 0, on_revoked, g);
    return true;
}

static void prove_key(struct guard *g)
{
    beet_aim(g, NULL);
    struct ike_service s = service_of_guard(g);
    drop_private_task(g);
    if (is_revoked(g) || !has_private_turn(g))
        return;
    const struct applicant who = {&g->local, &g->remote, &g->key, g->cert};
    struct inlets inlets = serve_inlets(g->all, &who);
    s.inlets = &inlets;
    g->proof_began = loop_now();
    g->task = ike_prove(g->all->ike, &s, PROVE_MS, key_proved, g);
    inlets_free(&inlets);
    private_exchange_begun(g);
}

static void on_confirmed(void *arg, enum ike_result result, const struct btns_key *key,
                         const char *why)
{
    struct guard *g = arg;
    (void)key;
    g->renewing = NULL;
    if (result == IKE_OK) {
        one_sided_proved(&g->traffic);
        return;
    }
    log_debug("the key was not proved anew: %s", why);
    if (result == IKE_SILENT || result == IKE_NO_WAY || result == IKE_BROKEN)
        return;
    g->refused = loop_now();
    one_sided_refused(&g->traffic);
    other_key_ask(g);
}

static void confirm_key(struct guard *g, unsigned pause)
{
    char ip[BTNS_ADDR_STR];
    struct ike_service s = service_of_guard(g);
    if (g->renewing || (g->refused && loop_now() - g->refused < REFUSED_MS) ||
        !ike_room(g->all->ike, g->uid, false, NULL))
        return;
    g->renewing = ike_renew(g->all->ike, &s, pause, PROVE_MS, on_confirmed, g);
    if (!g->renewing)
        return;
    ike_charge(g->renewing, g->uid);
    log_rated(log_note, "peers asked whether they have lost their SAs",
              "%s %s/%u: a connection has no answer: the peer may have lost its SAs, and is to "
              "prove its key anew",
              btns_addr_ip_str(&g->remote, ip), protocol_name(g->service.protocol),
              g->service.port);
}

static void drop_renewal(struct guard *g)
{
    ike_cancel(g->renewing);
    g->renewing = NULL;
}

static void private_sa_closed(void *arg, enum ike_result result, const struct btns_key *key,
                              const char *why)
{
    struct guard *g = arg;
    (void)result;
    (void)key;
    (void)why;
    g->task = NULL;
    guard_closed(g);
}

static void close_private_sa(struct guard *g)
{
    struct ike_service s = service_of_guard(g);
    /* Only a closing guard waits for the end of the task. */
    bool waits = g->state == GS_CLOSING;
    drop_private_task(g);
    drop_renewal(g);
    struct ike_task *t = ike_close(g->all->ike, &s, g->uid, waits ? private_sa_closed : NULL, g);
    if (waits)
        g->task = t;
    if (waits && !t)
        guard_closed_soon(g);
}

/*
 * The guard has ended. SAs that are there still were not deleted with the peer: its side would stay
 * for as long as charon has them.
 */
static void drop_private_sas(struct guard *g)
{
    if (guard_drop_sas(g) && !g->mirror && g->all->ike) {
        struct ike_service s = service_of_guard(g);
        ike_close(g->all->ike, &s, g->uid, NULL, NULL);
    }
    unowned_look_later(g->all);
}

static void keep_sa(struct guard *g)
{
    if (g->task)
        ike_close_keep(g->task);
}

/* Ending the IKE SA also ends the task that closes the child SA. */
static bool hang_up_peer(struct guard *g)
{
    if (g->state == GS_CLOSING &&
        (!g->task || !ike_close_unanswered(g->task, unanswered_wait(g->proof_ms))))
        return false;
    const struct ike_entry e = {
        .local = g->local, .remote = g->remote, .key = g->key, .cert = g->cert};
    ike_end(g->all->ike, &e);
    return true;
}

/* The key of a known peer that satisfies the rule, so that no introduction is needed; or NULL. */
static const struct btns_key *known_at_once(const struct guard *g)
{
    const struct peer *known = peers_by_addr(g->all->peers, &g->remote);
    if (!known || g->demand->identity == IDENTITY_CERTIFICATE)
        return NULL;
    /* The key from before the peer's last rotation comes first: it counts only where latched. */
    const struct applicant before = {&g->local, &g->remote, &known->before, NULL};
    const struct applicant now = {&g->local, &g->remote, &known->key, NULL};
    const struct applicant *who =
        known->has_before && applicant_is_known(g->all, known, &before) ? &before : &now;
    bool fits = applicant_fits(g->all, who, POINT_CONNECT, g->service, g->demand, NULL);
    return fits ? who->key : NULL;
}

static int begin_private_exchange(struct guard *g, enum guard_event *first, struct err *err)
{
    struct guards *gs = g->all;
    if (ike_is_off(gs->ike)) {
        err_set(err, "keys = private: btnsd was told to run no IKE daemon (--charon none)");
        return -EOPNOTSUPP;
    }
    int rc = beet_aim(g, err);
    if (rc)
        return rc;
    const struct btns_key *known = known_at_once(g);
    const struct pair *pair = known ? pair_get(&gs->pairs, known, g->suite->name) : NULL;
    if (known)
        guard_set_key(g, known);
    guard_set_reqid(g, known ? (pair ? pair->reqid : 0) : pair_placeholder(&gs->pairs));
    *first = known ? GE_ASKED_KNOWN : GE_ASKED;
    if (certificate_wanted(g) && !ike_has_certificate(gs->ike)) {
        err_set(err, "this host has no certificate of its own (/etc/btns/host.crt) to show");
        return -ERRNO_UNPROTECTED;
    }
    if (g->reqid)
        return 0;
    err_set(err, "no reqid left, or no memory");
    return -ENOSPC;
}

static bool demand_fits(struct guard *g, const struct guard_want *want, struct err *err)
{
    return joins_fits(g, want->demand, err);
}

const struct keying keying_private = {
    .hint = "Does the peer run btnsd?",
    .own = true,
    .begin = begin_private_exchange,
    .fits = demand_fits,
    .introduce = introduce,
    .prove = prove_key,
    .prove_soon = exchange_soon,
    .confirm = confirm_key,
    .keep = keep_sa,
    .hang_up = hang_up_peer,
    .close = close_private_sa,
    .renew = prove_key,
    .record = peer_record,
    .drop_sas = drop_private_sas,
};
