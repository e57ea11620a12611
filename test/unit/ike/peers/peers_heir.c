/*
 * A peer whose key vouches for a new one: which names and addresses the new key gets, and when it
 * replaces the old one. TAP.
 */
#include "btnsd/ike/peers/peers_file.h"
#include "btnsd/ike/peers/peers_merge.h"
#include "btnsd/ike/peers/revoked.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"
#include "test/unit/ike/peers/numbered_keys.h"

#include <errno.h>
#include <string.h>

static char dir[80], file[120];
static struct peers *p;
static struct err err;

static bool answers(const char *where, unsigned char n)
{
    struct btns_key k = key(n);
    return peer_at(p, where) && peer_answers_to(peer_at(p, where), &k);
}

static bool vouch(unsigned char old, unsigned char heir)
{
    const struct btns_key a = key(old), b = key(heir);
    return peers_vouch(p, &a, &b);
}

static int succeed(unsigned char old)
{
    const struct btns_key k = key(old);
    return peers_succeed(p, &k, T0 + 9, &err);
}

static void pin(unsigned char n, const char *where, const char *name)
{
    const struct btns_key k = key(n);
    const struct btns_addr a = host_addr(where);
    check(!peers_pin(p, &k, &a, name, T0, &err), "%s is pinned %s", name, err.text);
}

static void revoke(unsigned char n)
{
    char text[BTNS_KEY_STR + 1] = "";
    const struct btns_key k = key(n);
    if (n)
        btns_key_str(&k, text);
    revoked_free(peers_set_revoked(p, revoked_from_text("/r", text, strlen(text), &err)));
}

static void succession(void)
{
    pin(1, "10.0.0.1", "bob");
    check(!answers("10.0.0.1", 2) && succeed(1) == -ENOENT,
          "a key that nobody vouches for is none");
    check(!vouch(7, 2) && !answers("10.0.0.1", 2), "a stranger's word counts for nothing");
    check(vouch(1, 2) && answers("10.0.0.1", 1) && answers("10.0.0.1", 2) &&
              !answers("10.0.0.1", 3) && peer_is(peer_at(p, "10.0.0.1"), 1),
          "the peer answers to both keys, and is the old one until the new one is proved");
    const struct btns_key first = key(1), third = key(3);
    check(!succeed(1) && peer_is(peer_at(p, "10.0.0.1"), 2) && !answers("10.0.0.1", 1),
          "then to the new one");
    check(peer_had(peer_at(p, "10.0.0.1"), &first) && !peer_had(peer_at(p, "10.0.0.1"), &third),
          "and it is known which one it had before");
    const struct peer *bob = peers_by_name(p, "bob");
    check(peer_is(bob, 2) && bob->trust == BTNS_T_PINNED && bob->first_seen == T0 && !bob->has_heir,
          "with name, pin, and since when it is known");
    check(!vouch(1, 3) && succeed(1) == -ENOENT, "the old key vouches for nobody any more");
    peers_free(p);
    p = peers_load(file, &err);
    check(p && peer_is(peer_at(p, "10.0.0.1"), 2) && peers_count(p) == 1, "so it is in the file %s",
          err.text);
    check(p && peer_had(peer_at(p, "10.0.0.1"), &first) &&
              !peer_had(peer_at(p, "10.0.0.1"), &third),
          "and which key it had before, for what is latched to that");
}

static void two_known(void)
{
    const struct btns_key k = key(3);
    const struct btns_addr a = host_addr("10.0.0.3");
    check(!peers_seen(p, &k, &a, T0, &err) && vouch(2, 3) && !succeed(2),
          "the new key was known at another address");
    check(peers_count(p) == 1 && peer_is(peer_at(p, "10.0.0.1"), 3) &&
              peer_is(peer_at(p, "10.0.0.3"), 3) && peer_is(peers_by_name(p, "bob"), 3),
          "it is one peer with both addresses");
}

/* mallory's key vouches for a key that the administrator has given to carol. */
static void anothers(void)
{
    pin(8, "10.0.0.8", "mallory");
    pin(9, "10.0.0.9", "carol");
    check(!vouch(8, 9) && !answers("10.0.0.8", 9) && peer_is(peers_by_name(p, "carol"), 9),
          "nobody's key vouches for that of a peer with another name");
}

static void refused(void)
{
    char text[200], name[BTNS_KEY_STR];
    const struct btns_key k = key(3), own = key(99);
    const struct peers_import how = {.own = &own};
    revoke(3);
    check(!vouch(3, 4), "a revoked key vouches for nobody");
    revoke(4);
    check(!vouch(3, 4), "nobody vouches for a revoked key");
    revoke(0);
    snprintf(text, sizeof text,
             "%s 10.0.0.1 first=2026-11-21T10:00:00Z last=2026-11-21T10:00:00Z trust=pinned",
             btns_key_str(&k, name));
    struct peers *fleet = peers_new("fleet", &err);
    check(fleet && !peers_add_file(fleet, &how, "/f", text, strlen(text), &err), "%s", err.text);
    peers_set_fleet(p, fleet);
    check(!vouch(3, 4) && !answers("10.0.0.1", 4), "a file of the administrator's changes by hand");
}

int main(void)
{
    scratch(dir, sizeof dir);
    snprintf(file, sizeof file, "%s/known_peers", dir);
    p = peers_load(file, &err);
    succession();
    two_known();
    anothers();
    refused();
    peers_free(p);
    scratch_remove(dir);
    return check_end();
}
