/* Writes to known_peers that a peer has proved its key. */
#include "btnsd/latch/keying/peer_record.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/admission/joins.h"
#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/keying/beet.h"
#include "btnsd/latch/keying/certified.h"
#include "btnsd/latch/keying/one_sided.h"
#include "libapi/wire/key_words.h"

#include <time.h>

/* A known peer at a new address is the same peer: reports the new address, and no first contact. */
static void report_new_address(struct guard *g, const struct peer *moved)
{
    char key[BTNS_KEY_STR], text[BTNS_KEY_STR + 128] = "";
    if (moved)
        snprintf(text, sizeof text, "known already, as %s: the peer has a new address",
                 moved->name[0] ? moved->name : btns_key_str(&g->key, key));
    event_emit(g->all->events, &(struct event){.kind = BTNS_E_PEER_NEW,
                                               .local = g->local,
                                               .remote = g->remote,
                                               .key = &g->key,
                                               .text = moved ? text : NULL});
}

/*
 * A program that connects is told about a first contact; here the peer came to us, so it is logged.
 */
static void log_first_contact(const struct guard *g)
{
    char ip[BTNS_ADDR_STR], key[BTNS_KEY_STR], words[BTNS_KEY_WORDS];
    log_rated(log_note, "first contacts",
              "first contact with %s, which came to %s/%u here: key %s, now known; in words %s",
              btns_addr_ip_str(&g->remote, ip), protocol_name(g->service.protocol), g->service.port,
              btns_key_str(&g->key, key), btns_key_words(&g->key, words));
}

/* The known key has vouched for the key that was proved now: replaces the known key by it. */
static void record_heir(struct guard *g, const struct peer *known)
{
    struct err err;
    const struct btns_key old = known->key;
    char was[BTNS_KEY_STR], is[BTNS_KEY_STR], ip[BTNS_ADDR_STR], text[BTNS_KEY_STR + 160];
    if (peers_succeed(g->all->peers, &old, (uint64_t)time(NULL), &err)) {
        log_warning("known_peers was not written: %s", err.text);
        return;
    }
    btns_key_str(&old, was);
    snprintf(text, sizeof text, "known already, by %s, which vouches for the new key", was);
    log_note("%s has a new key, %s: it was %s, which vouches for it",
             btns_addr_ip_str(&g->remote, ip), btns_key_str(&g->key, is), was);
    event_emit(g->all->events, &(struct event){.kind = BTNS_E_PEER_NEW,
                                               .local = g->local,
                                               .remote = g->remote,
                                               .key = &g->key,
                                               .text = text});
    if (!guard_with_key(g->all, &old, NULL)) /* charon needs its entry no more */
        ike_shut_key(g->all->ike, &old);
    guards_forgot(g->all, &old);
}

/*
 * A key that an any-key rule accepted must not replace a known key, which a known-key rule trusts.
 * Only a peer that the rule names replaces it. Peers with certificates are not recorded.
 */
void peer_record(struct guard *g)
{
    struct err err;
    bool named = g->demand && g->demand->identity == IDENTITY_NAMED;
    const struct peer *known = peers_by_addr(g->all->peers, &g->remote);
    const struct peer *same = peers_by_key(g->all->peers, &g->key),
                      before = same ? *same : (struct peer){0};
    const bool first = !known && !same;
    one_sided_watch(g->all);
    guard_keep_certificate(g);
    if (guard_is_beet(g)) {
        beet_record(g);
        return;
    }
    if (g->cert || (known && !named && !peer_answers_to(known, &g->key)) ||
        (known && peer_had(known, &g->key)))
        return;
    if (known && !btns_key_equal(&known->key, &g->key) && peer_answers_to(known, &g->key)) {
        record_heir(g, known);
        known = peers_by_addr(g->all->peers, &g->remote);
    }
    if (peers_seen(g->all->peers, &g->key, &g->remote, (uint64_t)time(NULL), &err))
        log_warning("known_peers was not written: %s", err.text);
    if (first && !g->mirror)
        g->first_contact = true;
    if (first && g->mirror)
        log_first_contact(g);
    if (!known)
        report_new_address(g, same ? &before : NULL);
}
