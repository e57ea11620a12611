/*
 * Peers to which no latch may be made: flags of PAD entries, revoked keys, and btnsd --no-latching
 * (latching -02, section 2.1).
 */
#include "btnsd/latch/admission/no_latch.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/peers/revoked.h"

static bool in_no_latch_ranges(const struct rules *r, const struct btns_addr *a)
{
    for (size_t i = 0; r && i < r->no_latches; i++)
        if (r->no_latch[i].net.family == a->family &&
            btns_addr_in(a, &r->no_latch[i].net, r->no_latch[i].bits))
            return true;
    return false;
}

enum btns_reason guards_no_latch(const struct guards *gs, const struct btns_addr *remote,
                                 const struct btns_key *key, struct err *err)
{
    char ip[BTNS_ADDR_STR], text[BTNS_KEY_STR], where[REVOKED_WHERE];
    const struct peer *p = !gs->peers ? NULL
                           : key      ? peers_by_key(gs->peers, key)
                                      : peers_by_addr(gs->peers, remote);
    if (gs->off) {
        err_set(err, "latching is switched off on this host (btnsd --no-latching)");
        return BTNS_R_OFF;
    }
    const struct btns_key *k = key ? key : p ? &p->key : NULL;
    if (k && gs->peers && revoked_has(peers_revoked(gs->peers), k, where)) {
        if (k->hashed)
            err_set(err, "the key of the certificate that %s has, %s, is revoked (%s)",
                    btns_addr_ip_str(remote, ip), btns_key_str(k, text), where);
        else
            err_set(err,
                    "the key of %s, %s, is revoked (%s). If the peer has a new key: btnsctl peers "
                    "forget %s, and btnsctl peers pin NEW-KEY %s",
                    btns_addr_ip_str(remote, ip), btns_key_str(k, text), where, text, ip);
        return BTNS_R_REVOKED;
    }
    if (gs->rules && in_no_latch_ranges(*gs->rules, remote)) {
        err_set(err, "no latch may be made to %s: the policy's no-latch",
                btns_addr_ip_str(remote, ip));
        return BTNS_R_NO_LATCH;
    }
    if (p && peers_forbids_latch(gs->peers, &p->key)) {
        err_set(err, "no latch may be made to %s (btnsctl peers no-latch)",
                btns_key_str(&p->key, text));
        return BTNS_R_NO_LATCH;
    }
    return BTNS_R_NONE;
}
