/* Callers protected by SAs of another key manager: what floors do with them. TAP. */
#include "btnsd/latch/admission/callers.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/admission/applicant.h"
#include "btnsd/latch/admission/served.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/latch/keying/managers.h"
#include "libapi/wire/inner_address.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <string.h>

static struct floors floors;
static struct guards gs = {.floors = &floors};
static struct floor floor_at[2];
static struct floor_term term[2][2];
static const struct demand anybody = {.identity = IDENTITY_ANY_KEY};
static const struct key_source hand = {.keys = KEYS_MANUAL, .reqid = 77, .peer = "alice"};
static const struct key_source other = {.keys = KEYS_MANUAL, .reqid = 78, .peer = "alice"};
static const struct key_source vpn = {.keys = KEYS_SYSTEM, .connection = "c", .child = "c"};

static void no_floors(void)
{
    hash_table_free(&floors.by_service);
    floors.list = NULL;
}

/* Makes floor i, for callers with that address and port. */
static struct floor *put(int i, const char *local, uint16_t port, enum term_kind kind,
                         const struct key_source *source)
{
    floor_at[i] = (struct floor){.all = &floors,
                                 .protocol = IPPROTO_TCP,
                                 .local = addr(local, port),
                                 .term = term[i],
                                 .terms = 1};
    term[i][0] = (struct floor_term){.local.net = addr("0.0.0.0", 0),
                                     .from.net = addr("0.0.0.0", 0),
                                     .kind = kind,
                                     .source = source};
    if (kind == TERM_DEMAND) {
        term[i][0].who = &anybody;
        term[i][0].suite = "aes256gcm16";
    }
    no_floors();
    if (i)
        floor_enter(&floor_at[0]);
    floor_enter(&floor_at[i]);
    return &floor_at[i];
}

static enum reception reception(const struct key_source *source)
{
    char why[BTNS_TEXT_MAX];
    const struct suite *asked;
    struct guard g = {.all = &gs,
                      .keying = &keying_manual,
                      .mirror = true,
                      .local = addr("10.0.0.2", 0),
                      .remote = addr("10.0.0.1", 0),
                      .service = {IPPROTO_TCP, 8000},
                      .source = *source};
    enum reception s = callers_reception(&gs, &g, &asked, why);
    check(callers_want(&g) == (s == RECEPTION_SERVED), "a listener wants what it serves, no other");
    return s;
}

static void test_one(void)
{
    no_floors();
    check(reception(&hand) == RECEPTION_NONE, "nobody listens");
    put(0, "0.0.0.0", 8000, TERM_DEMAND, &hand);
    check(reception(&hand) == RECEPTION_SERVED, "a listener for just these SAs");
    check(reception(&other) == RECEPTION_OTHERWISE, "for those of another reqid (L8)");
    check(reception(&vpn) == RECEPTION_OTHERWISE, "for those of another manager (L17)");
    put(0, "0.0.0.0", 8000, TERM_DEMAND, NULL);
    check(reception(&hand) == RECEPTION_OTHERWISE, "for our own manager's (L17)");
    put(0, "0.0.0.0", 8001, TERM_DEMAND, &hand);
    check(reception(&hand) == RECEPTION_NONE, "at another port");
    put(0, "10.0.0.3", 8000, TERM_DEMAND, &hand);
    check(reception(&hand) == RECEPTION_NONE, "at another address");
    put(0, "0.0.0.0", 8000, TERM_OPEN, NULL);
    check(reception(&hand) == RECEPTION_NONE, "open to every caller");
    put(0, "0.0.0.0", 8000, TERM_DENY, NULL);
    check(reception(&hand) == RECEPTION_DISCARDED, "for nobody");
    put(0, "0.0.0.0", 8000, TERM_DEMAND, &hand)->adopted = true;
    check(reception(&hand) == RECEPTION_NONE, "from before a restart: nothing is known of it");
    put(0, "0.0.0.0", 8000, TERM_DEMAND, &hand);
    term[0][0].from = (struct prefix){addr("10.9.0.0", 0), 16};
    check(reception(&hand) == RECEPTION_NONE, "for others");
}

static void test_two(void)
{
    put(0, "0.0.0.0", 8000, TERM_DEMAND, &hand);
    put(1, "10.0.0.2", 8000, TERM_DEMAND, &hand);
    check(reception(&hand) == RECEPTION_SERVED, "two listeners that agree");
    term[1][0].suite = "aes128gcm16";
    check(reception(&hand) == RECEPTION_OTHERWISE, "about the suite as well");
    put(1, "10.0.0.2", 8000, TERM_DEMAND, NULL);
    check(reception(&hand) == RECEPTION_OTHERWISE, "two that do not");
    put(1, "10.0.0.2", 8000, TERM_DENY, NULL);
    check(reception(&hand) == RECEPTION_DISCARDED, "one that takes nobody");
}

static void count(struct guards *all, const struct caller *c, void *arg)
{
    unsigned *n = arg;
    (void)all;
    *n +=
        c->service.port == 8000 && c->source->reqid == 77 && c->asked && c->asked->key_bits == 288;
}

static unsigned candidates(enum keys keys, const char *remote)
{
    unsigned n = 0;
    const struct btns_addr l = addr("10.0.0.2", 0), r = addr(remote, 0);
    callers_each(&gs, keys, &l, &r, count, &n);
    return n;
}

static void test_candidates(void)
{
    put(0, "0.0.0.0", 8000, TERM_DEMAND, &hand);
    check(candidates(KEYS_MANUAL, "10.0.0.1") == 1, "who may come, and has no guard");
    check(!candidates(KEYS_SYSTEM, "10.0.0.1") && !callers_need(&gs, KEYS_SYSTEM),
          "not by another manager's SAs");
    const struct btns_addr here = addr("10.0.0.2", 0), there = addr("10.0.0.1", 0);
    gs.keying = key_managers;
    struct guard *g = guard_new(&gs, &here, &there, (struct service){IPPROTO_TCP, 8000}, true);
    check(!candidates(KEYS_MANUAL, "10.0.0.1"), "nor who has one, whosever");
    check(candidates(KEYS_MANUAL, "10.0.0.9") == 1, "but others");
    gs.list = NULL;
    guard_leave(g);
    free(g);
    put(0, "0.0.0.0", 8000, TERM_DEMAND, &vpn);
    check(callers_need(&gs, KEYS_SYSTEM), "a listener that needs the system's daemon");
    put(0, "0.0.0.0", 8000, TERM_DENY, NULL);
    check(!candidates(KEYS_MANUAL, "10.0.0.1"), "nobody where nobody may come");
}

/* Our own manager's peers. */
static void test_keys(void)
{
    struct hostkey host = {.pub = {.raw = {9}}};
    const struct btns_key key = {.raw = {1}};
    const struct btns_addr l = addr("10.0.0.2", 0), r = addr("10.0.0.1", 0);
    const struct applicant who = {&l, &r, &key, NULL};
    const char *suite;
    struct err err = {""};
    gs.host = &host;
    gs.peers = peers_load("/nonexistent/known_peers", &err);
    put(0, "0.0.0.0", 8000, TERM_DEMAND, NULL);
    check(serve_admits(&gs, &who, (struct service){IPPROTO_TCP, 8000}, &suite, &err),
          "a key comes where keys are asked for");
    put(0, "0.0.0.0", 8000, TERM_DEMAND, &hand);
    check(!serve_admits(&gs, &who, (struct service){IPPROTO_TCP, 8000}, &suite, &err) &&
              strstr(err.text, "keys = manual"),
          "and not where others' SAs are: %s", err.text);
    no_floors();
    struct inlets in = serve_inlets(&gs, &who);
    static const uint16_t open[] = {1, 499, 501, 4499, 4501, 65535};
    bool all = true;
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        all &= inlets_find(&in, (struct service){IPPROTO_UDP, open[i]}) != NULL;
    check(all && inlets_find(&in, (struct service){IPPROTO_TCP, 500}),
          "without floors, everything is open");
    check(!inlets_find(&in, (struct service){IPPROTO_UDP, 500}) &&
              !inlets_find(&in, (struct service){IPPROTO_UDP, 4500}),
          "but for IKE's own ports");
    inlets_free(&in);
    peers_free(gs.peers);
}

static struct btns_addr inner_addr(const struct btns_key *key)
{
    struct btns_addr a = {.family = AF_INET6};
    struct in6_addr inner;
    check(inner_address_of_key(key->raw, &inner), "a key has an inner address");
    memcpy(a.ip, &inner, sizeof inner);
    return a;
}

static bool inner_admits(const struct btns_key *key, const struct btns_addr *from, int protocol,
                         struct err *err)
{
    const struct btns_addr l = inner_addr(&gs.host->pub);
    const struct applicant who = {&l, from, key, NULL};
    const char *suite;
    *err = (struct err){""};
    return serve_admits(&gs, &who, (struct service){(uint8_t)protocol, 8000}, &suite, err);
}

static bool inner_ports(const struct btns_key *key, const struct btns_addr *from, uint16_t port)
{
    const struct btns_addr l = inner_addr(&gs.host->pub);
    const struct applicant who = {&l, from, key, NULL};
    struct inlets in = serve_inlets(&gs, &who);
    bool open = inlets_find(&in, (struct service){IPPROTO_TCP, port}) != NULL;
    inlets_free(&in);
    return open;
}

/* In BEET mode. */
static void test_inner(void)
{
    struct hostkey host = {.pub = {.raw = {9}}};
    const struct btns_key key = {.raw = {1}}, other_key = {.raw = {2}};
    const struct btns_addr own = inner_addr(&key), others = inner_addr(&other_key);
    struct err err = {""};
    gs.host = &host;
    gs.peers = peers_load("/nonexistent/known_peers", &err);
    no_floors();
    check(!inner_admits(&key, &own, IPPROTO_TCP, &err) &&
              strstr(err.text, "no rule opens tcp/8000"),
          "nobody comes by an inner address where no rule says so: %s", err.text);
    static const struct profile plain = {.name = "plain"}, inner = {.name = "inner", .beet = true};
    static const struct ports port = {8000, 8000};
    static const struct prefix anywhere = {.net.family = AF_INET6};
    struct rule rule = {.at_accept = true,
                        .protocols = rule_protocol_bit(IPPROTO_TCP),
                        .action = ACTION_PROTECT,
                        .profile = &plain,
                        .remote = (struct prefix *)(uintptr_t)&anywhere,
                        .remotes = 1,
                        .port = (struct ports *)(uintptr_t)&port,
                        .ports = 1};
    struct rules all = {.rule = &rule, .n = 1};
    const struct rules *now = &all;
    gs.rules = &now;
    check(!inner_admits(&key, &own, IPPROTO_TCP, &err), "nor where one says transport");
    rule.profile = &inner;
    rule.at_accept = false;
    check(!inner_admits(&key, &own, IPPROTO_TCP, &err), "nor where one is about connecting");
    rule.at_accept = true;
    check(inner_admits(&key, &own, IPPROTO_TCP, &err), "where a rule opens it, a key comes: %s",
          err.text);
    check(inner_ports(&key, &own, 8000) && !inner_ports(&key, &own, 7999) &&
              !inner_ports(&key, &own, 8001),
          "and only there");
    check(!inner_admits(&other_key, &own, IPPROTO_TCP, &err) &&
              strstr(err.text, "is not the inner address of"),
          "and no other key does: %s", err.text);
    check(!inner_admits(&key, &others, IPPROTO_TCP, &err), "nor from another key's (L8)");
    check(!inner_admits(&key, &own, IPPROTO_UDP, &err) && strstr(err.text, "TCP only"),
          "with datagrams it does not come: %s", err.text);
    put(0, "::", 8000, TERM_DEMAND, NULL);
    term[0][0].local.net = term[0][0].from.net = addr("::", 0);
    check(!inner_admits(&key, &own, IPPROTO_TCP, &err) && strstr(err.text, "mode = transport"),
          "nor to a listener whose rule has another mode: %s", err.text);
    put(0, "::", 8000, TERM_OPEN, NULL);
    term[0][0].local.net = term[0][0].from.net = addr("::", 0);
    rule.at_accept = false;
    check(!inner_admits(&key, &own, IPPROTO_TCP, &err), "nor to one that is open to everybody");
    rule.at_accept = true;
    put(0, "::", 8000, TERM_DEMAND, NULL);
    term[0][0].local.net = term[0][0].from.net = addr("::", 0);
    term[0][0].beet = true;
    check(inner_admits(&key, &own, IPPROTO_TCP, &err), "but where it has mode = beet");
    check(!inner_admits(&other_key, &own, IPPROTO_TCP, &err), "and there, too, with its key alone");
    no_floors();
    gs.rules = NULL;
    peers_free(gs.peers);
}

int main(void)
{
    test_one();
    test_two();
    test_candidates();
    test_keys();
    test_inner();
    return check_end();
}
