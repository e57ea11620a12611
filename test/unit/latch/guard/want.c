/*
 * A client wants a guard: what users may have, how long packets are held for a program that does
 * not wait, and which callers may share a guard. In a network namespace of its own; the key manager
 * does nothing. TAP.
 */
#include "btnsd/latch/guard/want.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/peers/peers_file.h"
#include "btnsd/latch/guard/held_packets.h"
#include "btnsd/latch/guard/holders.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/waiter.h"
#include "test/unit/check.h"
#include "test/unit/latch/guard/want_ops.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define ALICE 1000u
#define BOB   1001u

static unsigned silences;
static void silent(void *arg, const struct btns_addr *remote, const char *why)
{
    (void)arg, (void)remote, (void)why;
    silences++;
}

static bool displaced(void *arg, struct guard *g, uid_t by, const char *suite)
{
    (void)arg, (void)suite;
    if (!by)
        g->latches = 0;
    return !by;
}

static const struct guards_ops ops = {.settle = settled,
                                      .changed = unchanged,
                                      .freed = unchanged,
                                      .gone = unconcerned,
                                      .displace = displaced,
                                      .silent = silent};
static struct guards gs = {.keying = managers, .ops = &ops, .hold_ms = 20};

static struct guard_want guard_wish(uid_t uid, unsigned host, bool hold)
{
    struct guard_want w = want_service(IPPROTO_TCP, host);
    w.uid = uid;
    w.hold = hold;
    w.hold_ms = 15000;
    return w;
}

static void drop_all(void)
{
    while (gs.list)
        guard_fail(gs.list, BTNS_R_PEER_GONE, "the test is over");
}

static void test_limits(void)
{
    struct err err = {""};
    unsigned n = 0;
    struct guard_want w = guard_wish(ALICE, 0, false);
    for (; n < 10000 && guard_want(&gs, &w, &err); w = guard_wish(ALICE, n, false))
        n++;
    check(n == limits[LIMIT_GUARDS].each && gs.count == n && w.code == BTNS_R_RESOURCES,
          "a user has guards up to the limit: %s", err.text);
    check(hash_table_longest(&gs.by_service) < 16, "one of %u guards is found among %zu", n,
          hash_table_longest(&gs.by_service));
    w = guard_wish(BOB, n, false);
    check(guard_want(&gs, &w, &err), "another user gets one all the same");
    w = guard_wish(0, n + 1, false);
    check(guard_want(&gs, &w, &err), "and so does root");
    w = guard_wish(ALICE, 1, false);
    check(guard_want(&gs, &w, &err), "a guard that is there may be shared at the limit");
    w = guard_wish(0, 1, false);
    check(
        guard_want(&gs, &w, &err)->uid == 0 && (w = guard_wish(ALICE, 5000, false), 1) &&
            guard_want(&gs, &w, &err),
        "root asks for one of the user's: it comes under root's limits, and the user has one less");
    w = guard_wish(BOB, 2, false);
    check(guard_want(&gs, &w, &err)->uid == ALICE, "another user who asks shares it");
    w = guard_wish(BOB, 3, false);
    guard_find(&gs, &w.local, &w.remote, w.service, false)->queued = true;
    check(guard_want(&gs, &w, &err)->uid == BOB,
          "but one that waits for its user's turn comes under the limits of who asks next");
    drop_all();
    check(!gs.by_service.count && !gs.by_reqid.count, "no table keeps what is gone");
    check(!gs.count && count_by_user_room(gs.users, ALICE, NULL) &&
              !count_by_user_of(gs.users, ALICE) && !count_by_user_of(gs.users, BOB),
          "all is given back");
}

struct request {
    struct waiter w;
    bool refused, clear;
};

static void refused(struct waiter *w, bool clear, enum btns_reason code, const char *why)
{
    struct request *r = (struct request *)w;
    (void)code, (void)why;
    r->refused = true;
    r->clear = clear;
}

static struct request waiting(bool holds, bool prefer)
{
    return (struct request){.w = {.holds = holds, .prefer = prefer, .refused = refused}};
}

/* Runs the loop until other programs' packets pass. */
static void until_let_go(const struct guard *g)
{
    for (int i = 0; i < 3000 && g->spd != SPD_ALLOW; i++)
        turn(gs.loop, 10);
}

static void test_held(void)
{
    struct err err;
    struct guard_want w = guard_wish(ALICE, 1, true);
    struct guard *g = guard_want(&gs, &w, &err);
    struct request nonblocking = waiting(true, false), preferring = waiting(true, true);
    struct request blocking = waiting(false, false);
    check(g && g->spd == SPD_ESP, "packets are held for a program that does not wait");
    guard_wait(g, &nonblocking.w);
    guard_wait(g, &preferring.w);
    guard_wait(g, &blocking.w);
    until_let_go(g);
    check(g->spd == SPD_ALLOW,
          "for a moment only, whatever the rule's limit: then other programs' packets pass");
    check(nonblocking.refused && !nonblocking.clear, "the attempt that relied on it has ended");
    check(preferring.refused && preferring.clear, "what prefers protection goes on in the clear");
    check(!blocking.refused, "who waits goes on waiting");
    check(!guard_want(&gs, &w, &err) && w.code == BTNS_R_PEER_GONE,
          "packets are not held again meanwhile: %s", err.text);
    drop_all();
    check(blocking.refused, "until the exchange has failed");

    g = guard_want(&gs, &w, &err);
    guard_wait(g, &nonblocking.w);
    nonblocking.refused = false;
    until_let_go(g);
    check(nonblocking.refused && gs.count == 1 && g->state == GS_INTRODUCING,
          "the exchange goes on for IKE's second try");
    for (int i = 0; i < 3000 && gs.count; i++)
        turn(gs.loop, 10);
    check(!gs.count, "and then the guard goes, too");

    g = guard_want(&gs, &w, &err);
    guard_wait(g, &nonblocking.w);
    nonblocking.refused = false;
    g->introduced = true;
    while (!g->hold_more)
        turn(gs.loop, 1);
    check(g->spd == SPD_ESP && !nonblocking.refused, "a peer that has answered gets more time");
    for (int i = 0; i < 3000 && gs.count; i++)
        turn(gs.loop, 10);
    check(nonblocking.refused && !gs.count, "but no more than that: the next attempt asks anew");
}

/* An attacker who slowly proves another key than the known one gets nothing under prefer. */
static void test_another(void)
{
    struct err err;
    struct guard_want w = guard_wish(ALICE, 1, true);
    char ip[BTNS_ADDR_STR], line[200];
    int len =
        snprintf(line, sizeof line, "ed25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAc= %s\n",
                 btns_addr_ip_str(&w.remote, ip));
    struct peers *known = peers_from_text("known_peers", line, (size_t)len, &err);
    for (int i = 0; i < 2; i++) {
        gs.peers = i ? NULL : known;
        struct request preferring = waiting(true, true);
        struct guard *g = guard_want(&gs, &w, &err);
        guard_wait(g, &preferring.w);
        g->tries = 1;
        g->doubt = i ? BTNS_R_PEER_GONE : BTNS_R_IDENTITY;
        for (int n = 0; n < 3000 && !preferring.refused; n++)
            turn(gs.loop, 10);
        check(preferring.refused && preferring.clear == i,
              i ? "what prefers protection goes on where nobody proves a key"
                : "but not where another key than the known one is claimed");
        drop_all();
    }
    peers_free(known);
}

static void count_passing(void *arg, const struct spd_entry *e)
{
    *(unsigned *)arg += e->dir == SPD_OUT && e->priority == PRIO_PASSING;
}

static unsigned passing(void)
{
    unsigned n = 0;
    spd_dump(gs.xfrm, count_passing, &n);
    return n;
}

/* Held packets are released in the clear only if none of them may require protection. */
static void test_let_go(void)
{
    struct err err;
    struct guard_want w = guard_wish(ALICE, 1, true), other = guard_wish(ALICE, 2, true);
    w.hold_ms = other.hold_ms = 60000;
    w.prefer = true;
    struct request preferring = waiting(true, true), strict = waiting(true, false);
    struct request late = waiting(true, true), blocking = waiting(false, true);
    struct guard *g = guard_want(&gs, &other, &err);
    guard_wait(g, &strict.w);
    guard_unwait(&strict.w); /* its program has closed the socket, but its SYN is held */
    guard_wait(g, &late.w);
    guard_fail(g, BTNS_R_PEER_GONE, "nobody is there");
    check(late.clear && !passing(), "a packet that must not leave may be among them");

    g = guard_want(&gs, &other, &err);
    guard_wait(g, &blocking.w);
    guard_fail(g, BTNS_R_PEER_GONE, "nobody is there");
    check(blocking.clear && !passing(), "nothing is held for who waits");

    g = guard_want(&gs, &w, &err);
    guard_wait(g, &preferring.w);
    guard_fail(g, BTNS_R_PEER_GONE, "nobody is there");
    check(preferring.clear && passing() == 1, "it is let go");
    for (int i = 0; i < 300 && passing(); i++)
        turn(gs.loop, 100);
    check(!passing(), "the kernel deletes that entry by itself");
}

static void test_suites(void)
{
    struct err err;
    const struct suite *weak = suite_named("aes128gcm16"), *strong = suite_named("aes256gcm16");
    struct guard_want w = guard_wish(ALICE, 1, false), more = guard_wish(BOB, 1, false),
                      root = guard_wish(0, 1, false);
    more.suite = root.suite = strong;
    struct guard *g = guard_want(&gs, &w, &err);
    check(guard_want(&gs, &more, &err) == g && g->suite == strong,
          "while nothing is latched, the stronger suite is asked for");
    check(guard_want(&gs, &w, &err) == g && g->suite == strong, "who asks for less shares it");

    const struct btns_key key = {.raw = {1}};
    guard_event(g, GE_CLAIMED);
    g->suite = g->asked = weak;
    guard_set_key(g, &key);
    guard_set_reqid(g, 0);
    check(guard_want(&gs, &more, &err) == g && g->suite == strong && g->reqid &&
              g->state == GS_PROVING,
          "a key that is being proved is proved for the stronger suite");
    g->sa[g->sas++] = 1;
    guard_event(g, GE_SA_UP);
    check(g->state == GS_UP && g->ever_up, "it is up");

    g->suite = g->asked = weak;
    g->latches = 1;
    check(!guard_want(&gs, &more, &err) && w.code == BTNS_R_CONFLICT && g->suite == weak &&
              strstr(err.text, "aes128gcm16"),
          "what is latched does not change for another user (L12): %s", err.text);
    uint32_t reqid = g->reqid;
    guard_set_reqid(g, 0);
    check(guard_want(&gs, &root, &err) == g && g->suite == strong && g->reqid == reqid &&
              g->state == GS_PROVING && !g->sas && g->spd == SPD_ESP && !g->spi,
          "it gives way to root: the guard is closed until the stronger SA is there");
    g->latches = 0;
    drop_all();
}

/* A request that waits, and its result. */
struct asker {
    struct waiter wait;
    bool granted, refused;
};

static void on_granted(struct waiter *w)
{
    ((struct asker *)w)->granted = true;
}

static void on_refused(struct waiter *w, bool clear, enum btns_reason code, const char *why)
{
    ((struct asker *)w)->refused = !clear && code == BTNS_R_CONFLICT && strstr(why, "aes256gcm16");
}

/* Two suites of equal strength: neither satisfies a program that asks for the other. */
static void test_equals(void)
{
    struct err err;
    const struct suite *aes = suite_named("aes256gcm16"), *chacha = suite_named("chacha20poly1305");
    struct guard_want w = guard_wish(ALICE, 1, false), other = guard_wish(BOB, 1, false),
                      root = guard_wish(0, 1, false);
    w.suite = aes;
    other.suite = root.suite = chacha;
    struct asker a = {.wait = {.suite = aes, .granted = on_granted, .refused = on_refused}};
    struct asker r = {.wait = {.suite = chacha, .granted = on_granted, .refused = on_refused}};
    struct guard *g = guard_want(&gs, &w, &err);
    check(guard_want(&gs, &other, &err) == g && g->suite == chacha,
          "an attempt that nobody waits for gets the suite that is asked for last");
    check(guard_want(&gs, &w, &err) == g && g->suite == aes, "and the first one again");
    guard_wait(g, &a.wait);
    check(!guard_want(&gs, &other, &err) && other.code == BTNS_R_CONFLICT && g->suite == aes,
          "while somebody waits, another user is told at once: %s", err.text);
    check(guard_want(&gs, &root, &err) == g && g->suite == chacha, "but root has precedence");
    guard_wait(g, &r.wait);
    guard_event(g, GE_CLAIMED);
    g->sa[g->sas++] = 1;
    guard_event(g, GE_SA_UP);
    check(r.granted && !a.granted && a.refused,
          "who waited for the other suite is told, and gets no protection that was not asked for");
    check(guard_want(&gs, &w, &err) == g && g->suite == aes,
          "when no program has a connection, it changes at once");
    drop_all();
}

/* Latches are broken because the peer was silent; then a program asks for the peer again. */
static void test_back(void)
{
    struct err err;
    struct guard_want w = guard_wish(ALICE, 1, false), hold = guard_wish(BOB, 1, true);
    struct guard *g = guard_want(&gs, &w, &err);
    struct request r = waiting(false, false);
    guard_event(g, GE_CLAIMED);
    g->sa[g->sas++] = 1;
    guard_event(g, GE_SA_UP);
    g->latches = 1;
    guard_fail(g, BTNS_R_PEER_GONE, "nobody answers");
    check(g->state == GS_FAILED && !guard_want(&gs, &w, &err) && w.code == BTNS_R_PEER_GONE,
          "at once, the answer would be the same: %s", err.text);
    g->failed -= 1000;
    check(guard_want(&gs, &w, &err) == g && g->state == GS_PROVING && g->spd == SPD_BLOCK,
          "later, the peer is asked again, and until it answers all is blocked");
    check(guard_want(&gs, &hold, &err) == g && g->state == GS_PROVING && g->spd == SPD_BLOCK,
          "others wait for the same answer");
    guard_wait(g, &r.w);
    guard_fail(g, BTNS_R_PEER_GONE, "nobody answers");
    check(g->state == GS_FAILED && r.refused && !guard_want(&gs, &w, &err),
          "it was silent again: that counts anew");
    g->outer_remote = g->remote;
    guard_retry(g);
    check(g->state == GS_FAILED, "BEET mode: not from an inner address that the host has not");
    gs.inner = g->local;
    guard_retry(g);
    check(g->state == GS_PROVING, "but from its own");
    g->outer_remote.family = gs.inner.family = 0;
    guard_fail(g, BTNS_R_IDENTITY, "it is another");
    g->failed -= 1000;
    check(!guard_want(&gs, &w, &err) && g->state == GS_FAILED,
          "a peer that answered, and was refused, is not asked for everybody who comes");
    g->latches = 0;
    guard_event(g, GE_IDLE);
}

int main(void)
{
    if (!guards_open(&gs))
        return 0;
    test_limits();
    test_held();
    test_another();
    test_let_go();
    test_suites();
    test_equals();
    test_back();
    guards_close(&gs);
    return check_end();
}
