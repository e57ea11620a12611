/*
 * The administrator's files of peers: they take precedence over known_peers, no request changes
 * them, a bad line refuses them all, and no peer has a revoked key. TAP.
 */
#include "btnsd/ike/peers/peers_file.h"
#include "btnsd/ike/peers/peers_merge.h"
#include "btnsd/ike/peers/revoked.h"
#include "libapi/wire/wire.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"
#include "test/unit/ike/peers/numbered_keys.h"

#include <errno.h>
#include <string.h>

static char dir[80], file[120];
static struct peers *p;
static struct err err;
static struct btns_key own;

static bool said(const char *text)
{
    bool yes = strstr(err.text, text) != NULL;
    if (!yes)
        printf("# '%s' is not in: %s\n", text, err.text);
    return yes;
}

static int seen(unsigned char n, const char *where)
{
    struct btns_key k = key(n);
    struct btns_addr a = host_addr(where);
    return peers_seen(p, &k, &a, T0, &err);
}

static int pin(unsigned char n, const char *where, const char *name)
{
    struct btns_key k = key(n);
    struct btns_addr a = where ? host_addr(where) : (struct btns_addr){0};
    return peers_pin(p, &k, where ? &a : NULL, name, T0, &err);
}

/* Reads the fleet from two files' lines. False: it is refused, and the old fleet stays. */
static bool read_fleet(const char *one, const char *two, const struct revoked *revoked)
{
    const struct peers_import how = {.own = &own, .revoked = revoked};
    const char *text[] = {one, two}, *name[] = {"/f/a.conf", "/f/b.conf"};
    struct peers *fleet = peers_new("/f", &err);
    for (int i = 0; i < 2; i++) {
        char copy[1200];
        snprintf(copy, sizeof copy, "%s", text[i]);
        if (peers_add_file(fleet, &how, name[i], copy, strlen(copy), &err)) {
            peers_free(fleet);
            return false;
        }
    }
    peers_free(peers_set_fleet(p, fleet));
    return true;
}

static const char *line(unsigned char n, const char *rest)
{
    static char text[4][300];
    static unsigned i;
    snprintf(text[++i % 4], sizeof *text, "%s %s\n", key_str(n), rest);
    return text[i % 4];
}

static void fleet(void)
{
    char one[700];
    struct btns_key two = key(2);
    snprintf(one, sizeof one, "# a\n%s%s", line(1, "10.0.0.1" TIMES "leap"),
             line(7, "10.0.0.7" TIMES "pinned"));
    check(read_fleet(one, line(2, "10.0.0.2" TIMES "pinned latch=no name=two"), NULL) &&
              peer_is(peer_at(p, "10.0.0.1"), 1) &&
              peer_at(p, "10.0.0.1")->trust == BTNS_T_PINNED &&
              peer_is(peers_by_name(p, "two"), 2) && peers_count(p) == 2,
          "what is in the files is known, and pinned; this host's own key is passed over");
    check(!strcmp(peer_at(p, "10.0.0.1")->file, "/f/a.conf") && peer_at(p, "10.0.0.1")->line == 2 &&
              !strcmp(peer_at(p, "10.0.0.2")->file, "/f/b.conf") &&
              peer_at(p, "10.0.0.2")->line == 1,
          "and where it stands");
    check(seen(3, "10.0.0.1") == -EEXIST && said("in /f/a.conf:2") &&
              pin(3, "10.0.0.1", "") == -EEXIST && pin(3, "10.0.0.3", "two") == -EEXIST &&
              said("name is that of two"),
          "no other key gets its address or its name");
    check(!seen(1, "10.0.0.1") && peers_count(p) == 2 && !seen(1, "10.0.0.11") &&
              peer_is(peer_at(p, "10.0.0.11"), 1) && peer_at(p, "10.0.0.11")->file,
          "at an address that its file does not have the peer is itself");
    check(peers_forbids_latch(p, &two) && peers_set_no_latch(p, &two, false, &err) == -EEXIST &&
              said("/f/b.conf:1: delete latch=no there"),
          "latch=no of a file holds, and no request lifts it");
    check(pin(1, NULL, "uno") == -EEXIST && said("is in /f/a.conf:2: write its name there") &&
              !pin(2, NULL, "two"),
          "a name that would count for nothing is not given");
    check(peers_forget(p, &two, NULL, &err) == -ENOENT && peer_is(peer_at(p, "10.0.0.2"), 2),
          "and none forgets the peer");
    struct peers *again = peers_load(file, &err);
    check(again && peers_count(again) == 1, "known_peers has only what was seen besides");
    peers_free(again);
}

static void contradictions(void)
{
    check(!seen(4, "10.0.0.4") && !seen(5, "10.0.0.5") && !pin(5, NULL, "five"), "(known before)");
    check(read_fleet(line(6, "10.0.0.4" TIMES "leap"), line(8, "10.0.0.8" TIMES "pinned name=five"),
                     NULL) &&
              peer_is(peer_at(p, "10.0.0.4"), 6) && peer_is(peers_by_name(p, "five"), 8),
          "a file counts more than known_peers");
    check(peers_contradiction(p, 0, &err) && said("/f/a.conf:1 gives 10.0.0.4 to another key") &&
              said(key_str(4)) && peers_contradiction(p, 1, &err) && said("gives five"),
          "and both contradictions are said");
    check(read_fleet(line(6, "10.0.0.6" TIMES "leap"), "", NULL) &&
              peer_is(peer_at(p, "10.0.0.4"), 4) && !peers_contradiction(p, 0, &err),
          "without the line, what known_peers says is as it was");
}

static void test_fleet_refusals(void)
{
    check(!read_fleet(line(1, "10.0.0.1" TIMES "leap"), "nonsense", NULL) &&
              said("/f/b.conf:1: not a key") && peer_is(peer_at(p, "10.0.0.6"), 6) &&
              !peer_at(p, "10.0.0.1"),
          "a bad line refuses all, and the old fleet stays");
    check(!read_fleet(line(1, "10.0.0.1" TIMES "leap"), line(2, "10.0.0.1" TIMES "leap"), NULL) &&
              said("/f/b.conf:1: 10.0.0.1 is that of ") && said("in /f/a.conf:1: delete one"),
          "two files that give an address to two keys");
    check(read_fleet(line(1, "10.0.0.1" TIMES "leap"), line(1, "10.0.0.9" TIMES "leap"), NULL) &&
              peer_at(p, "10.0.0.9") == peer_at(p, "10.0.0.1"),
          "the same key in two files is one peer");
}

static struct revoked *revoke(const char *text)
{
    char copy[700];
    snprintf(copy, sizeof copy, "%s", text);
    return revoked_from_text("/r", copy, strlen(copy), &err);
}

static void revocation(void)
{
    char text[400], where[REVOKED_WHERE];
    struct btns_key nine = key(9), four = key(4);
    snprintf(text, sizeof text, "# lost\n\n  %s # stolen\n%s\n", key_str(9), key_str(8));
    struct revoked *r = revoke(text);
    struct btns_key hashed = nine;
    hashed.hashed = true;
    check(r && !revoked_has(r, &hashed, where), "not the certificate with a hash like the key");
    char certificate[BTNS_KEY_STR + 1];
    struct revoked *of = revoke(btns_key_str(&hashed, certificate));
    check(of && revoked_has(of, &hashed, where) && !revoked_has(of, &nine, where),
          "a certificate's key is revoked by its hash");
    revoked_free(of);
    check(r && revoked_count(r) == 2 && revoked_has(r, &nine, where) && !strcmp(where, "/r:3") &&
              !revoked_has(r, &four, where),
          "a list of keys, with comments");
    check(!read_fleet(line(9, "10.0.0.9" TIMES "leap"), "", r) &&
              said("this key is revoked (/r:3)"),
          "a fleet may not have a revoked key");
    revoked_free(peers_set_revoked(p, r));
    check(seen(9, "10.0.0.9") == -EKEYREVOKED && pin(9, "10.0.0.99", "") == -EKEYREVOKED &&
              said("revoked (/r:3)"),
          "it is neither learned nor pinned");
    const struct peers_import how = {.own = &own, .revoked = r};
    struct peers_imported done;
    snprintf(text, sizeof text, "%s", line(9, "10.0.0.99" TIMES "leap"));
    check(peers_import(p, &how, "in", text, strlen(text), &done, &err) == -EINVAL &&
              said("in:1: this key is revoked (/r:3)"),
          "nor imported");
    check(!revoke("ed25519:x\n") && said("/r:1: not a key") && !revoke("\n\nnonsense # x\n") &&
              said("/r:3: "),
          "what is no key is refused, with its line");
    snprintf(text, sizeof text, "%s %s\n", key_str(9), key_str(8));
    check(!revoke(text) && said("/r:1: one key a line"), "two keys on a line, too");
}

int main(void)
{
    if (!scratch(dir, sizeof dir))
        return 1;
    snprintf(file, sizeof file, "%s/known_peers", dir);
    own = key(7);
    p = peers_load(file, &err);
    fleet();
    contradictions();
    test_fleet_refusals();
    revocation();
    peers_free(p);
    scratch_remove(dir);
    return check_end();
}
