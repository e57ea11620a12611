/* Finds the sender of a datagram that has waited in a socket. TAP. */
#include "btnsd/requests/datagram_sender.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define S 1000000000LL

static const struct instant now = {200 * S, 5200 * S, 0}, long_ago = {100 * S, 5100 * S, 0},
                            lately = {190 * S, 5190 * S, 0};
static const struct btns_addr here = {.family = AF_INET, .port = 7000, .ip = {10, 77, 0, 1}},
                              there = {.family = AF_INET, .port = 40000, .ip = {10, 77, 0, 2}},
                              other = {.family = AF_INET, .port = 40000, .ip = {10, 77, 0, 3}};
static struct past_guards past;
static struct guard *told;

static enum sent_by sent(struct guard *g, const struct btns_addr *from, int64_t stamp)
{
    const struct datagram_came m = {
        .protocol = IPPROTO_UDP, .local = here, .remote = *from, .stamp = stamp};
    return datagram_sent_by(g, &past, &now, &m, &told);
}

static enum sent_by by(enum guard_state state, const struct instant *since, int64_t stamp)
{
    static struct guard g;
    g = (struct guard){.state = state, .up_since = *since};
    return sent(&g, &there, stamp);
}

/* A guard of this host's service, with a key whose octets all are `octet`. */
static struct guard a_guard(int octet)
{
    struct guard g = {.state = GS_UP,
                      .ever_up = true,
                      .mirror = true,
                      .has_key = true,
                      .local = here,
                      .remote = there,
                      .service = {IPPROTO_UDP, here.port},
                      .reqid = 4711,
                      .up_since = long_ago};
    memset(g.key.raw, octet, sizeof g.key.raw);
    return g;
}

static void test_present(void)
{
    past.whole = lately;
    check(by(GS_UP, &long_ago, 5150 * S) == SENT_BY_PEER &&
              by(GS_CLOSING, &long_ago, 5150 * S) == SENT_BY_PEER,
          "what came while the guard was up is its peer's");
    check(by(GS_UP, &lately, 5150 * S) == SENT_BY_UNKNOWN,
          "what came before it was is nobody's: another may have had the address");
    check(by(GS_UP, &long_ago, 0) == SENT_BY_UNKNOWN, "nor what has no stamp");
    for (enum guard_state s = 0; s < GS_STATES; s++)
        check(s == GS_UP || s == GS_CLOSING || by(s, &long_ago, 5150 * S) == SENT_BY_UNKNOWN,
              "not in the state %s", guard_state_name(s));
    past.whole = long_ago;
    check(sent(NULL, &there, 5150 * S) == SENT_IN_CLEAR, "without a guard it came in the clear");
    check(by(GS_PROVING, &lately, 5150 * S) == SENT_BY_UNKNOWN, "not where there is one now");
    past.whole = lately;
    check(sent(NULL, &there, 5150 * S) == SENT_BY_UNKNOWN,
          "nor unless it is known of all that have ended since");
}

static void test_past(void)
{
    struct guard g = a_guard(2), next = a_guard(3);
    struct past_guard *p = past.item;
    past = (struct past_guards){.whole = long_ago};
    past_guard_falls(&past, &g);
    check(p->as && p->as->reqid == 4711 && p->of == &g && !p->gone.mono && p->to.mono,
          "a guard that falls is kept");
    p->to = (struct instant){160 * S, 5160 * S, 0}; /* with the clocks of that moment */
    check(sent(NULL, &there, 5150 * S) == SENT_BY_PEER && told == p->as,
          "what came while it was up is its peer's");
    check(sent(NULL, &there, 5159500000000) == SENT_BY_UNKNOWN,
          "not what came right before its end: the kernel may have let it in after that");
    check(sent(NULL, &there, 5099 * S) == SENT_BY_UNKNOWN, "nor what came before it was");
    check(sent(NULL, &there, 5170 * S) == SENT_BY_UNKNOWN,
          "nor what came after, as long as its entries may stand");
    past_guard_gone(&past, &g);
    check(past.at == 1 && p->gone.mono && !p->of, "it is freed, and is there once");
    p->gone = (struct instant){165 * S, 5165 * S, 0};
    check(sent(NULL, &there, 5170 * S) == SENT_IN_CLEAR, "what came after that is in the clear");
    check(sent(NULL, &there, 5163 * S) == SENT_BY_UNKNOWN, "what came in between is nobody's");
    check(sent(NULL, &other, 5163 * S) == SENT_IN_CLEAR,
          "datagrams of other hosts have nothing to do with it");
    next.up_since = (struct instant){170 * S, 5170 * S, 0};
    check(sent(&next, &there, 5180 * S) == SENT_BY_PEER && told == &next &&
              sent(&next, &there, 5150 * S) == SENT_BY_PEER && told == p->as,
          "with another key at the address, each has its own");
    check(sent(&next, &there, 5167 * S) == SENT_BY_UNKNOWN, "and nobody what came between them");
    past_guards_free(&past);
}

static void test_kept(void)
{
    struct guard g = a_guard(2), tcp = a_guard(2), unproved = a_guard(2);
    past = (struct past_guards){.whole = long_ago};
    tcp.service.protocol = IPPROTO_TCP;
    past_guard_falls(&past, &tcp);
    past_guard_gone(&past, &tcp);
    unproved.has_key = unproved.ever_up = false;
    past_guard_falls(&past, &unproved);
    check(!past.at, "neither guards of connections are kept, nor who was not proved");
    past_guard_gone(&past, &unproved);
    check(past.at == 1 && !past.item[0].as, "but when the latter were gone");
    for (int i = 0; i < PAST_GUARDS; i++)
        past_guard_falls(&past, &g);
    check(past.whole.mono > long_ago.mono, "what the list forgets makes it less whole");
    past_guards_free(&past);
}

int main(void)
{
    test_present();
    test_past();
    test_kept();
    return check_end();
}
