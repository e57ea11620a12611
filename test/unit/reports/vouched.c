/* A peer shows a statement about a new host key: which ones are believed. TAP. */
#include "btnsd/ike/peers/peers.h"
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

static void shown(const struct hostkey *old, const struct hostkey *next)
{
    const uint64_t now = (uint64_t)time(NULL);
    struct err err;
    struct rotation r = {.key = next->pub, .old = old->pub, .until = now - 1};
    check(rotation_sign(&r, old->pkcs8, old->pkcs8_len), "the old key signs");
    ike_events.vouched(&d, &r);
    check(!answers(&next->pub), "an expired statement is not believed");
    r.until = now + 100;
    ike_events.vouched(&d, &r);
    check(!answers(&next->pub), "one that was changed is not");
    check(rotation_sign(&r, next->pkcs8, next->pkcs8_len), "the new key signs");
    ike_events.vouched(&d, &r);
    check(!answers(&next->pub), "one by the new key is not");
    check(rotation_sign(&r, old->pkcs8, old->pkcs8_len), "the old key signs");
    check(!peers_forget(d.peers, &old->pub, NULL, &err), "a peer is forgotten");
    ike_events.vouched(&d, &r);
    check(!answers(&next->pub) && !peers_count(d.peers), "a stranger's is of no interest");
    check(!peers_seen(d.peers, &old->pub, &at, now, &err), "a peer is known");
    ike_events.vouched(&d, &r);
    check(answers(&next->pub) && answers(&old->pub), "a known key's own is believed");
}

int main(void)
{
    char dir[80], file[120], keys[120];
    struct hostkey old, next;
    struct err err = {""};
    scratch(dir, sizeof dir);
    snprintf(file, sizeof file, "%s/known_peers", dir);
    snprintf(keys, sizeof keys, "%s/keys", dir);
    at = host_addr("10.0.0.1");
    d.peers = peers_load(file, &err);
    check(d.peers && !hostkey_load(keys, &old, &err) &&
              !hostkey_rotate(keys, &old, (uint64_t)time(NULL) + 100, &next, &err) &&
              !peers_seen(d.peers, &old.pub, &at, 1795255200, &err),
          "a peer is known %s", err.text);
    shown(&old, &next);
    peers_free(d.peers);
    scratch_remove(dir);
    return check_end();
}
