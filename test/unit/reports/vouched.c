/* A peer shows a statement about a new host key: which statements are believed. TAP. */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/peers/revoked.h"
#include "btnsd/reports/ike_events.h"
#include "btnsd/state/daemon.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <string.h>
#include <time.h>

static struct btnsd d;
static struct btns_addr at;

static bool answers(const struct btns_key *key)
{
    const struct peer *peer = peers_by_addr(d.peers, &at);
    return peer && peer_answers_to(peer, key);
}

/* A statement, signed by `signer`, that `old` vouches for `key`, valid until `then`. */
static struct rotation statement(const struct hostkey *old, const struct btns_key *key,
                                 const struct hostkey *signer, uint64_t until)
{
    struct rotation r = {.key = old->pub};
    rotation_extend(&r, key, until);
    check(rotation_sign(&r, signer->pkcs8, signer->pkcs8_len), "signed");
    return r;
}

static void shown(const struct hostkey *old, const struct hostkey *next)
{
    const uint64_t now = (uint64_t)time(NULL);
    struct err err;
    struct rotation r = statement(old, &next->pub, old, now - 1);
    ike_events.vouched(&d, &r);
    check(!answers(&next->pub), "an expired statement is not believed");
    r.link[0].until = now + 100;
    ike_events.vouched(&d, &r);
    check(!answers(&next->pub), "one that was changed is not");
    r = statement(old, &next->pub, next, now + 100);
    ike_events.vouched(&d, &r);
    check(!answers(&next->pub), "one by the new key is not");
    r = statement(old, &next->pub, old, now + 100);
    check(!peers_forget(d.peers, &old->pub, NULL, &err), "a peer is forgotten");
    ike_events.vouched(&d, &r);
    check(!answers(&next->pub) && !peers_count(d.peers), "a stranger's is of no interest");
    check(!peers_seen(d.peers, &old->pub, &at, now, &err), "a peer is known");
    ike_events.vouched(&d, &r);
    check(answers(&next->pub) && answers(&old->pub), "a known key's own is believed");
}

/* The peer has missed the rotation from `old` to `next`, and the last one. */
static void missed(const struct hostkey *old, const struct hostkey *next,
                   const struct hostkey *last)
{
    struct err err;
    char line[BTNS_KEY_STR + 2];
    struct rotation r = last->rotation;
    check(r.links == 2 && btns_key_equal(&r.link[1].old, &old->pub), "a chain of two");
    r.link[0].signature[3] ^= 1;
    ike_events.vouched(&d, &r);
    check(!answers(&last->pub), "a fault in the newer statement is one in the chain");
    r = last->rotation;
    btns_key_str(&next->pub, line);
    strcat(line, "\n");
    struct revoked *revoked = revoked_from_text("revoked_keys", line, strlen(line), &err);
    peers_set_revoked(d.peers, revoked);
    ike_events.vouched(&d, &r);
    check(revoked && !answers(&last->pub), "so is a revoked key in the middle");
    revoked_free(peers_set_revoked(d.peers, NULL));
    ike_events.vouched(&d, &r);
    check(answers(&last->pub), "else who missed two rotations believes the chain");
}

int main(void)
{
    char dir[80], file[120], keys[120];
    struct hostkey old, next, last;
    struct err err = {""};
    scratch(dir, sizeof dir);
    snprintf(file, sizeof file, "%s/known_peers", dir);
    snprintf(keys, sizeof keys, "%s/keys", dir);
    at = host_addr("10.0.0.1");
    d.peers = peers_load(file, &err);
    check(d.peers && !hostkey_load(keys, &old, &err) &&
              !hostkey_rotate(keys, &old, (uint64_t)time(NULL) + 100, &next, &err) &&
              !hostkey_rotate(keys, &next, (uint64_t)time(NULL) + 100, &last, &err) &&
              !peers_seen(d.peers, &old.pub, &at, 1795255200, &err),
          "a peer is known %s", err.text);
    shown(&old, &next);
    missed(&old, &next, &last);
    peers_free(d.peers);
    scratch_remove(dir);
    return check_end();
}
