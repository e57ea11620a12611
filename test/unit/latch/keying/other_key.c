/* When another key that answers at a latched peer's address counts as the peer's. TAP. */
#include "btnsd/latch/keying/other_key.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/ike/peers/peers_file.h"
#include "btnsd/latch/admission/applicant.h"
#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/keying/meetings.h"
#include "test/unit/check.h"
#include "test/unit/latch/guard/want_ops.h"

static const struct btns_key mallory = {.raw = {1}}, eve = {.raw = {2}};

/* After how many seconds of answers, one each second, does the key count as the peer's? */
static unsigned seconds_until(bool silent)
{
    struct meetings m = {0};
    for (unsigned s = 0; s < 60; s++)
        if (meetings_count(&m, &mallory, silent, 1000 * (s + 1)))
            return s;
    return 0;
}

static const struct guards_ops ops = {
    .settle = settled, .changed = unchanged, .freed = unchanged, .gone = unconcerned};
static struct guards gs = {.keying = managers, .ops = &ops};

/* A connection of the host with this number to a service of ours. */
static struct guard *served(unsigned host, const struct btns_key *key)
{
    const struct guard_want w = want_service(IPPROTO_TCP, host);
    struct guard *g = guard_new(&gs, &w.local, &w.remote, w.service, true);
    guard_set_key(g, key);
    guard_set_latched(g);
    g->latches = 1;
    g->state = GS_WAITING;
    return g;
}

/* The peer introduces itself this often, with long pauses. */
static void comes(struct guard *g, const struct btns_key *key, unsigned times)
{
    const struct applicant who = {&g->local, &g->remote, key, NULL};
    while (times--) {
        other_key_came(&gs, &who);
        g->met.last -= 2000;
    }
}

/*
 * A client that has lost its key comes back: idle connections of a server must not lock it out for
 * ever.
 */
static void test_server(void)
{
    struct err err;
    gs.peers = peers_new("/dev/null", &err);
    struct guard *g = served(1, &eve), *other = served(2, &eve);
    comes(g, &eve, 9);
    check(g->state == GS_WAITING && !g->met.n, "the latched key itself is no other one");
    comes(g, &mallory, 3);
    check(g->state == GS_WAITING, "three times are not enough: its btnsd may just be restarted");
    comes(g, &mallory, 1);
    check(g->state == GS_FAILED && g->replaced && g->code == BTNS_R_IDENTITY,
          "four times, over six seconds, are: %s", g->reason);
    check(other->state == GS_WAITING && !other->met.n, "what another host has goes on");
    other->state = GS_UP;
    comes(other, &mallory, 9);
    check(other->state == GS_UP, "and where SAs of the latched key are, nobody is believed");
    while (gs.list)
        guard_free(gs.list);
    peers_free(gs.peers);
}

int main(void)
{
    if (!guards_open(&gs))
        return 0;
    struct meetings m = {0};
    check(!meetings_count(&m, &mallory, true, 1000), "one answer: the peer may just be restarted");
    for (uint64_t ms = 1001; ms < 1400; ms++)
        if (meetings_count(&m, &mallory, true, ms))
            m.n = 99;
    check(m.n == 1, "many answers of one moment are one");
    check(!meetings_count(&m, &eve, true, 9000), "somebody else's later answer is a first one");
    check(!meetings_count(&m, &mallory, true, 12000), "and so is the first one's again");
    check(meetings_count(&m, &mallory, true, 15000), "the same key's again, after some time");
    m.n = 0;
    check(!meetings_count(&m, &mallory, true, 18000), "once the peer was heard, that begins anew");

    const unsigned silent = seconds_until(true), unknown = seconds_until(false);
    check(silent == 2, "a peer that is silent on its SAs is given 2 s: %u", silent);
    check(unknown == 6, "and where no SA can tell, as after a restart of either btnsd, 6 s: %u",
          unknown);

    test_server();
    guards_close(&gs);
    return check_end();
}
