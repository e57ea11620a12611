/* Passes reports of btnsd's charon to guards, events and known peers. */
#include "btnsd/reports/ike_events.h"
#include "btnsd/base/log_rate.h"
#include "btnsd/base/notify.h"
#include "btnsd/ike/peers/revoked.h"
#include "btnsd/latch/admission/applicant.h"
#include "btnsd/latch/admission/no_latch.h"
#include "btnsd/latch/guard/icmp_errors.h"
#include "btnsd/latch/guard/orphaned_sas.h"
#include "btnsd/latch/guard/reqid_trim.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/keying/other_key.h"
#include "btnsd/latch/responder/allow.h"
#include "btnsd/reports/sa_events.h"
#include "btnsd/running/plain_host_file.h"
#include "btnsd/state/daemon.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

static int ike_connection(void *arg, const struct btns_addr *local, const struct btns_addr *remote)
{
    return icmp_errors_begin(&((struct btnsd *)arg)->guards, local, remote);
}

static void ike_connection_gone(void *arg, const struct btns_addr *local,
                                const struct btns_addr *remote)
{
    icmp_errors_end(&((struct btnsd *)arg)->guards, local, remote);
}

static void ike_ready(void *arg)
{
    struct btnsd *d = arg;
    bool was_lost = d->manager_lost || d->guards.away[0];
    d->manager_lost = false;
    log_debug("charon is ready");
    sa_events_ike_ready(&d->guards);
    if (!d->ready && d->ready_fd >= 0) {
        ssize_t ignored = write(d->ready_fd, "ready\n", 6);
        (void)ignored;
        close(d->ready_fd);
    }
    if (!d->ready) {
        log_note("ready");
        notify_ready();
    }
    if (was_lost)
        event_emit(&d->events, &(struct event){.kind = BTNS_E_MANAGER_BACK});
    d->ready = true;
}

/* Lets a peer that claims a key or has shown a certificate prove it, if rules allow the peer. */
static void admit_ike_applicant(struct btnsd *d, const struct applicant *who)
{
    struct err err = {""};
    char ip[BTNS_ADDR_STR];
    enum btns_reason no = guards_no_latch(&d->guards, who->remote, who->key, &err);
    guards_trim_pairs(&d->guards);
    plain_hosts_forget(d, who->remote);
    int rc = serve_allow(&d->guards, who, true, &err);
    if (rc == -EACCES)
        other_key_came(&d->guards, who);
    if (rc == -EACCES)
        event_emit(&d->events, &(struct event){.kind = BTNS_E_PEER_REFUSED,
                                               .reason = no ? no : BTNS_R_IDENTITY,
                                               .local = *who->local,
                                               .remote = *who->remote,
                                               .key = who->key,
                                               .text = err.text});
    else if (rc)
        log_debug("no room for a connection with %s", btns_addr_ip_str(who->remote, ip));
}

static void ike_introduced(void *arg, const struct btns_addr *local, const struct btns_addr *remote,
                           const struct btns_key *key)
{
    struct btnsd *d = arg;
    struct err err = {""};
    char ip[BTNS_ADDR_STR], text[BTNS_KEY_STR];
    const struct applicant who = {local, remote, key, NULL};
    log_debug("%s introduces itself as %s", btns_addr_ip_str(remote, ip), btns_key_str(key, text));
    admit_ike_applicant(d, &who);
    /* The same key may come in by its inner address, even if another one is latched at `remote`. */
    if (d->guards.inner.family && serve_allow_inner(&d->guards, key, remote, true, &err))
        log_debug("its inner address is not let in: %s", err.text);
}

static void ike_certified(void *arg, const struct btns_addr *local, const struct btns_addr *remote,
                          const struct credential *cert)
{
    char ip[BTNS_ADDR_STR];
    const struct applicant who = {local, remote, &cert->key, cert};
    log_debug("%s has the certificate %s", btns_addr_ip_str(remote, ip), cert->subject);
    admit_ike_applicant(arg, &who);
}

static void ike_child_up(void *arg, uint32_t reqid, uint32_t spi_out, const struct ike_nat *nat)
{
    sa_events_child_up(&((struct btnsd *)arg)->guards, reqid, spi_out, nat);
}

static void ike_inner(void *arg, const struct btns_addr *local, const struct btns_addr *remote,
                      const struct btns_key *key, const struct btns_addr *inner)
{
    sa_events_inner(&((struct btnsd *)arg)->guards, local, remote, key, inner);
}

static void ike_died(void *arg, const char *why)
{
    struct btnsd *d = arg;
    char text[BTNS_TEXT_MAX];
    bool said = d->manager_lost;
    d->manager_lost = true;
    guards_ike_died(&d->guards);
    if (said) /* charon dies each time it is started, which was reported already */
        return;
    snprintf(text, sizeof text,
             "charon died (%s): starting it again; what is latched stays protected", why);
    event_emit(
        &d->events,
        &(struct event){.kind = BTNS_E_MANAGER_LOST, .reason = BTNS_R_MANAGER, .text = text});
}

/*
 * The newest of the rotation's old keys that belongs to a known peer; NULL: none does. *i: its link
 * in the chain.
 */
static const struct peer *peer_known_by_claim(const struct peers *peers, const struct rotation *r,
                                              size_t *i)
{
    const struct peer *known = NULL;
    for (*i = 0; *i < r->links && !(known = peers_by_key(peers, &r->link[*i].old));)
        ++*i;
    return known;
}

/* Why the chain of statements from the known key in link i is not believed; NULL: it is. */
static const char *fault_of_ike_chain(const struct peers *peers, const struct rotation *r, size_t i)
{
    char where[REVOKED_WHERE];
    for (size_t at = 0; at < i; at++)
        if (revoked_has(peers_revoked(peers), &r->link[at].old, where))
            return "a key between the two is revoked";
    return rotation_fault(r, i, (uint64_t)time(NULL));
}

/* Anybody can send a statement; one whose old keys are all unknown here is ignored. */
static void ike_vouched(void *arg, const struct rotation *r)
{
    struct btnsd *d = arg;
    size_t i;
    char old[BTNS_KEY_STR], new[BTNS_KEY_STR];
    const struct peer *known = peer_known_by_claim(d->peers, r, &i);
    if (!known || peer_answers_to(known, &r->key))
        return;
    const char *fault = fault_of_ike_chain(d->peers, r, i);
    btns_key_str(&known->key, old);
    btns_key_str(&r->key, new);
    if (fault)
        log_rated(log_warning, "statements about new keys", "%s vouches for %s, but %s", old, new,
                  fault);
    else if (known->file)
        log_rated(log_warning, "statements about new keys",
                  "%s:%zu has the key %s, which vouches for %s: write the new one there, and run "
                  "btnsctl reload",
                  known->file, known->line, old, new);
    else
        peers_vouch(d->peers, &known->key, &r->key);
}

static void ike_retired(void *arg)
{
    hostkey_drop_old(((struct btnsd *)arg)->state_dir);
}

static bool ike_latched(void *arg, const struct btns_key *peer)
{
    return guard_with_key(&((struct btnsd *)arg)->guards, peer, NULL) != NULL;
}

static void ike_away(void *arg, const char *why)
{
    struct btnsd *d = arg;
    char text[BTNS_TEXT_MAX];
    bool said = d->guards.away[0];
    sa_events_ike_away(&d->guards, why);
    snprintf(text, sizeof text, "%.900s; latches are broken until that has changed",
             d->guards.away);
    if (!said)
        event_emit(
            &d->events,
            &(struct event){.kind = BTNS_E_MANAGER_LOST, .reason = BTNS_R_MANAGER, .text = text});
}

const struct ike_ops ike_events = {
    .connection = ike_connection,
    .connection_gone = ike_connection_gone,
    .ready = ike_ready,
    .introduced = ike_introduced,
    .certified = ike_certified,
    .child_up = ike_child_up,
    .inner = ike_inner,
    .died = ike_died,
    .vouched = ike_vouched,
    .latched = ike_latched,
    .retired = ike_retired,
    .away = ike_away,
};
