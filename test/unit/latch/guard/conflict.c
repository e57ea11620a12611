/* Which latches conflict with each other, and which peers may not be latched to. TAP. */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/peers/revoked.h"
#include "btnsd/latch/admission/applicant.h"
#include "btnsd/latch/admission/no_latch.h"
#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/keying/managers.h"
#include "libapi/wire/key_words.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <string.h>

static struct guards gs = {.keying = key_managers};
static struct hostkey host = {.pub = {{9}}};
static const struct btns_key alice = {.raw = {1}}, bob = {.raw = {2}}, stranger = {.raw = {3}};

static const struct service service = {IPPROTO_TCP, 8000};

static struct guard *guard(const char *local, const char *remote, const struct btns_key *key,
                           bool ever_up)
{
    struct btns_addr l = host_addr(local), r = host_addr(remote);
    struct guard *g = guard_new(&gs, &l, &r, service, false);
    guard_set_key(g, key);
    if (ever_up)
        guard_set_latched(g);
    return g;
}

static const struct guard *conflict(const char *local, const char *remote,
                                    const struct btns_key *key)
{
    struct btns_addr l = host_addr(local), r = host_addr(remote);
    return guard_conflict(&gs, &l, &r, key);
}

static bool conflict_admitted(const char *remote, const struct btns_key *key,
                              enum identity identity)
{
    struct btns_addr l = host_addr("10.0.0.1"), r = host_addr(remote);
    struct err err;
    const struct applicant who = {&l, &r, key, NULL};
    const struct demand demand = {.identity = identity};
    return applicant_fits(&gs, &who, POINT_CONNECT, service, &demand, &err);
}

static void drop_all(void)
{
    while (gs.list) {
        struct guard *g = gs.list;
        gs.list = g->next;
        guard_leave(g);
        free(g);
    }
}

static void test_conflicts(void)
{
    struct guard *g = guard("10.0.0.1", "10.0.0.2", &bob, true);
    check(!conflict("10.0.0.1", "10.0.0.2", &bob),
          "another latch between the same addresses to the same peer (L15, L17)");
    check(conflict("10.0.0.1", "10.0.0.2", &alice) == g, "but not to another peer (L15, L17)");
    check(!conflict("10.0.0.1", "10.0.0.3", &alice) && !conflict("10.0.0.9", "10.0.0.2", &alice),
          "other addresses are nobody's");
    check(conflict_admitted("10.0.0.2", &bob, IDENTITY_ANY_KEY) &&
              !conflict_admitted("10.0.0.2", &alice, IDENTITY_ANY_KEY) &&
              !conflict_admitted("10.0.0.2", &alice, IDENTITY_KNOWN_KEY),
          "IKE admits what does not conflict, whatever the rule (L18, L19)");
    drop_all();
    guard("10.0.0.1", "10.0.0.2", &bob, false);
    check(!conflict("10.0.0.1", "10.0.0.2", &alice),
          "what was claimed, and never established, binds nobody (L17)");
    drop_all();
    check(!conflict_admitted("10.0.0.2", &host.pub, IDENTITY_ANY_KEY),
          "nobody else has our own key");
}

static void drop(struct guard *g)
{
    *g->link = g->next;
    if (g->next)
        g->next->link = g->link;
    guard_leave(g);
    free(g);
}

static size_t looked_at(const struct guard *g)
{
    size_t n = 0;
    for (const struct guard *o = NULL; (o = guard_latched(&gs, &g->local, &g->remote, o));)
        n++;
    return n;
}

static void test_many(void)
{
    struct guard *g[1000];
    for (size_t i = 0; i < 1000; i++)
        g[i] = guard("10.0.0.1", "10.0.0.2", &bob, true);
    check(looked_at(g[0]) == 1, "of a thousand latches to one peer, one is looked at (O57)");
    for (size_t i = 0; i < 999; i++)
        drop(g[i]);
    check(conflict("10.0.0.1", "10.0.0.2", &alice) == g[999], "the last of them conflicts still");
    guard_set_key(g[999], &alice);
    check(!conflict("10.0.0.1", "10.0.0.2", &alice) &&
              conflict("10.0.0.1", "10.0.0.2", &bob) == g[999],
          "and a guard is its present peer's");
    drop(g[999]);
    check(!conflict("10.0.0.1", "10.0.0.2", &bob), "none is left");
}

static enum btns_reason no_latch(const char *remote, const struct btns_key *key)
{
    struct btns_addr r = host_addr(remote);
    struct err err;
    return guards_no_latch(&gs, &r, key, &err);
}

static void test_pad(const char *dir)
{
    static const char policy[] = "format = 1\nno-latch = { \"10.9.0.0/16\", \"fd09::/16\" }\n";
    char path[200];
    struct err err = {""};
    struct btns_addr at = host_addr("10.0.0.2"), other = host_addr("10.0.0.3");
    snprintf(path, sizeof path, "%s/known_peers", dir);
    struct peers *peers = peers_load(path, &err);
    check(peers && !peers_seen(peers, &bob, &at, 1795255200, &err) &&
              !peers_seen(peers, &alice, &other, 1795255200, &err),
          "peers are known %s", err.text);
    gs.peers = peers;
    check(!no_latch("10.0.0.2", NULL) && !no_latch("10.0.0.2", &bob), "latches to all of them");
    check(!peers_set_no_latch(peers, &bob, true, &err) && no_latch("10.0.0.9", &bob) &&
              no_latch("10.0.0.2", NULL) == BTNS_R_NO_LATCH,
          "a flagged key gets none, by key and where it is known (L20)");
    check(!no_latch("10.0.0.3", NULL) && !no_latch("10.0.0.3", &alice), "others do");
    gs.peers = peers_load(path, &err);
    check(gs.peers && no_latch("10.0.0.2", NULL) == BTNS_R_NO_LATCH, "the flag is kept (L20)");
    check(!peers_seen(gs.peers, &bob, &other, 1795255300, &err) &&
              no_latch("10.0.0.3", NULL) == BTNS_R_NO_LATCH,
          "and goes with the key, wherever it is proved");
    check(!peers_set_no_latch(gs.peers, &bob, false, &err) && !no_latch("10.0.0.2", NULL),
          "until it is taken back");
    char text[BTNS_KEY_STR + 1];
    btns_key_str(&bob, text);
    struct revoked *revoked = revoked_from_text("/r", text, strlen(text), &err);
    revoked_free(peers_set_revoked(gs.peers, revoked));
    check(no_latch("10.0.0.2", NULL) == BTNS_R_REVOKED &&
              no_latch("10.0.0.99", &bob) == BTNS_R_REVOKED && !no_latch("10.0.0.99", &alice),
          "a revoked key gets none, where it is known and anywhere else");
    revoked_free(peers_set_revoked(gs.peers, NULL));
    check(peers_set_no_latch(gs.peers, &host.pub, true, &err) == -2, "of who is not known: no");
    const struct rules *r = rules_load_text("policy", policy, sizeof policy - 1, &err);
    check(!r, "ranges are the administrator's to name, no user's: %s", err.text);
    peers_free(peers);
    peers_free(gs.peers);
    gs.peers = NULL;
}

/* The text begins with what happened; a rule's part at its end is cut first. */
static void test_changed_key(const char *dir)
{
    char path[200], old[BTNS_KEY_STR], new[BTNS_KEY_STR], words[BTNS_KEY_WORDS], want[260];
    struct err err = {""};
    struct btns_addr l = host_addr("10.0.0.1"), r = host_addr("10.0.0.2");
    const struct applicant who = {&l, &r, &alice, NULL};
    const struct demand demand = {.identity = IDENTITY_KNOWN_KEY};
    snprintf(path, sizeof path, "%s/changed", dir);
    struct peers *peers = peers_load(path, &err);
    gs.peers = peers;
    check(peers && !peers_seen(peers, &bob, &r, 1795255200, &err), "bob is known %s", err.text);
    check(!applicant_fits(&gs, &who, POINT_CONNECT, service, &demand, &err), "alice is not bob");
    snprintf(want, sizeof want,
             "10.0.0.2 has changed: known since 2026-11-21 is %s, now it claims %s (%s)",
             btns_key_str(&bob, old), btns_key_str(&alice, new), btns_key_words(&alice, words));
    check(strstr(err.text, want),
          "both keys, the words of the new one, and since when one is known: %s", err.text);
    check(strstr(err.text, "Somebody may be between") &&
              strstr(err.text, "ask its administrator") &&
              strstr(err.text, "btnsctl peers forget 10.0.0.2, and connect again"),
          "what it may mean, and what to do");
    check(!strstr(err.text, "clear") && !strstr(err.text, "prefer") && !strstr(err.text, "btnsd"),
          "clear text is not proposed, and not asked is whether btnsd runs there");
    check(strlen(err.text) < 410, "with room for the rule's name");
    peers_free(peers);
    gs.peers = NULL;
}

/* Two pinned hosts come from one address: the error does not look like an attack. */
static void test_one_address(const char *dir)
{
    char path[200], words[BTNS_KEY_WORDS];
    struct err err = {""};
    struct btns_addr l = host_addr("10.0.0.1"), nat = host_addr("10.0.0.2"),
                     other = host_addr("10.0.0.3");
    const struct applicant who = {&l, &nat, &alice, NULL};
    const struct demand demand = {.identity = IDENTITY_KNOWN_KEY};
    snprintf(path, sizeof path, "%s/nat", dir);
    struct peers *peers = peers_load(path, &err);
    gs.peers = peers;
    check(peers && !peers_pin(peers, &bob, &nat, "bob", 1795255200, &err) &&
              !applicant_fits(&gs, &who, POINT_CONNECT, service, &demand, &err) &&
              strstr(err.text, "the administrator pinned the address to bob") &&
              !strstr(err.text, "NAT"),
          "a stranger at a pinned address is refused: %s", err.text);
    check(strstr(err.text, btns_key_words(&alice, words)) &&
              strstr(err.text, "Somebody may be between") &&
              strstr(err.text, "btnsctl peers forget 10.0.0.2, and connect again"),
          "as a changed key is, with what it may mean and what to do: %s", err.text);
    check(!peers_pin(peers, &alice, &other, "alice", 1795255200, &err) &&
              !applicant_fits(&gs, &who, POINT_CONNECT, service, &demand, &err) &&
              strstr(err.text, "this one as alice: of hosts behind one address (NAT), only one"),
          "so is another pinned peer, and it is said why: %s", err.text);
    guard("10.0.0.1", "10.0.0.2", &bob, true);
    check(!applicant_fits(&gs, &who, POINT_CONNECT, service, &demand, &err) &&
              strstr(err.text, "are latched to") && strstr(err.text, "behind one address (NAT)"),
          "also while the other is latched (L15): %s", err.text);
    drop_all();
    peers_free(peers);
    gs.peers = NULL;
}

/* A peer's host key is rotated: the old key counts only where it is latched. */
static void test_rotated(const char *dir)
{
    char path[200];
    struct err err = {""};
    struct btns_addr at = host_addr("10.0.0.2"), other = host_addr("10.0.0.3");
    snprintf(path, sizeof path, "%s/rotated", dir);
    struct peers *peers = peers_load(path, &err);
    gs.peers = peers;
    check(peers && !peers_seen(peers, &bob, &at, 1795255200, &err) &&
              !peers_seen(peers, &bob, &other, 1795255200, &err) &&
              peers_vouch(peers, &bob, &alice) && !peers_succeed(peers, &bob, 1795255300, &err),
          "bob has alice's key now %s", err.text);
    check(conflict_admitted("10.0.0.2", &alice, IDENTITY_KNOWN_KEY) &&
              !conflict_admitted("10.0.0.2", &bob, IDENTITY_KNOWN_KEY),
          "after a rotation the new key is let in, and the old one is not");
    guard("10.0.0.1", "10.0.0.2", &bob, true);
    check(conflict_admitted("10.0.0.2", &bob, IDENTITY_KNOWN_KEY) &&
              !conflict_admitted("10.0.0.2", &alice, IDENTITY_KNOWN_KEY),
          "but where the old one is latched, it goes on (L12, L17)");
    check(conflict_admitted("10.0.0.3", &alice, IDENTITY_KNOWN_KEY) &&
              !conflict_admitted("10.0.0.3", &bob, IDENTITY_KNOWN_KEY),
          "at another address of the peer it does not");
    drop_all();
    guard("10.0.0.1", "10.0.0.2", &stranger, true);
    check(!conflict_admitted("10.0.0.2", &stranger, IDENTITY_KNOWN_KEY),
          "a latch to a stranger's key makes that no known one");
    drop_all();
    peers_free(peers);
    gs.peers = NULL;
}

static void test_ranges(void)
{
    struct prefix ranges[] = {{{.family = AF_INET, .ip = {10, 9}}, 16},
                              {{.family = AF_INET6, .ip = {0xfd, 9}}, 16}};
    struct rules rules = {.no_latch = ranges, .no_latches = 2};
    const struct rules *now = &rules;
    gs.rules = &now;
    check(no_latch("10.9.1.2", NULL) == BTNS_R_NO_LATCH &&
              no_latch("10.9.1.2", &bob) == BTNS_R_NO_LATCH &&
              no_latch("fd09::1", NULL) == BTNS_R_NO_LATCH,
          "to an address in a no-latch range no peer gets a latch (L20)");
    check(!no_latch("10.8.1.2", NULL) && !no_latch("fd08::1", NULL), "outside there is");
    gs.off = true;
    check(no_latch("10.8.1.2", NULL) == BTNS_R_OFF, "switched off, there is none at all (L20)");
    gs.off = false;
    gs.rules = NULL;
}

int main(void)
{
    char dir[80];
    gs.host = &host;
    scratch(dir, sizeof dir);
    struct err err;
    char path[200];
    snprintf(path, sizeof path, "%s/none", dir);
    gs.peers = peers_load(path, &err);
    test_conflicts();
    test_many();
    peers_free(gs.peers);
    gs.peers = NULL;
    test_pad(dir);
    test_changed_key(dir);
    test_rotated(dir);
    test_one_address(dir);
    test_ranges();
    scratch_remove(dir);
    return check_end();
}
