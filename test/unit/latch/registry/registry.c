/*
 * The registry of latches: found by socket and user, whatever others announce; bounded; guards and
 * floors are released. TAP.
 */
#include "btnsd/latch/registry/registry.h"
#include "btnsd/base/intern.h"
#include "btnsd/base/loop.h"
#include "btnsd/base/user_limits.h"
#include "btnsd/latch/floor/floor.h"
#include "test/unit/check.h"

#include <string.h>

#define ALICE 1000u
#define BOB   1001u
#define EACH  limits[LIMIT_LATCHES].each

static struct registry *r;
static struct loop *loop;
static struct guards guards;

static struct guard *registry_guard(struct guard *g)
{
    memset(g, 0, sizeof *g);
    g->all = &guards;
    return g;
}

static void count_one(void *arg, struct latch *l)
{
    (void)l;
    ++*(size_t *)arg;
}

static size_t counted(void)
{
    size_t n = 0;
    registry_each(r, count_one, &n);
    return n;
}

static void test_growth(void)
{
    enum { MANY = 50000 };
    bool ok = true;
    for (uint64_t i = 1; i <= MANY; i++)
        ok &= registry_add(r, i * 2, 0, true) != NULL;
    check(ok && registry_count(r) == MANY && counted() == MANY, "%d latches, root's", MANY);
    for (uint64_t i = 1; i <= MANY; i++) {
        const struct latch *l = registry_find(r, i * 2, 0);
        ok &= l && l->cookie == i * 2 && !registry_find(r, i * 2 + 1, 0);
    }
    check(ok, "each is found, and no other");
    for (uint64_t i = 1; i <= MANY; i += 2)
        registry_drop(r, registry_find(r, i * 2, 0));
    for (uint64_t i = 1; i <= MANY; i++)
        ok &= !registry_find(r, i * 2, 0) == (i % 2 == 1);
    check(ok && counted() == MANY / 2, "every other one dropped, the rest stays");
    for (uint64_t i = 2; i <= MANY; i += 2)
        registry_socket_gone(r, i * 2);
    check(!registry_count(r) && !counted(), "and all go with their sockets");
}

static void drop_it(void *arg, struct latch *l)
{
    registry_drop(arg, l);
}

static void test_users(void)
{
    struct latch *a = registry_add(r, 7, ALICE, false);
    check(a && registry_add(r, 7, ALICE, false) == a, "one socket of one user has one latch");
    struct latch *b = registry_add(r, 7, BOB, false);
    check(b && b != a && registry_find(r, 7, ALICE) == a && registry_find(r, 7, BOB) == b,
          "what another announces for it is another latch");
    check(!registry_find(r, 7, 0), "of nobody else");
    const struct latch *first = registry_next(r, 7, NULL), *then = registry_next(r, 7, first);
    check(first && then && first != then && !registry_next(r, 7, then), "both are the socket's");
    a->pid = 4711;
    struct latch *sure = registry_add(r, 7, ALICE, true);
    check(sure == a && a->seen && a->pid == 4711 && registry_count(r) == 1 &&
              !registry_find(r, 7, BOB),
          "who shows the socket keeps his, and the others' claims go");
    check(!registry_add(r, 7, BOB, false) && !registry_find(r, 7, BOB),
          "who only names a socket that another has shown gets none");
    check(registry_add(r, 7, 0, true) && !registry_find(r, 7, ALICE) && !registry_find(r, 7, BOB),
          "also when he announced nothing before");
    registry_add(r, 7, BOB, false);
    registry_socket_gone(r, 7);
    check(!registry_count(r), "a socket's end is the end of all of them");
    check(!registry_add(r, 7, BOB, false), "what was sent before it comes too late");
    check(registry_add(r, 7, BOB, true), "but not with the socket in hand");
    registry_socket_gone(r, 7);
    for (uint64_t i = 100; i < 120; i++)
        registry_add(r, i, ALICE, false);
    registry_each(r, drop_it, r);
    check(!registry_count(r), "dropped while walking");
}

static size_t of(uid_t uid)
{
    size_t n = 0;
    for (uint64_t i = 0; i < 3 * EACH; i++)
        n += registry_find(r, 1000000 + i, uid) != NULL;
    return n;
}

static void test_bound(void)
{
    enum { LISTENERS = 3000, OTHERS = 3000, FIRST = 9000000, BOBS = 9500000 };
    struct floor *floor = calloc(1, sizeof *floor);
    struct floors floors = {.list = NULL};
    bool ok = true;
    floor->all = &floors;
    floor->listeners = LISTENERS + 1;
    floor_enter(floor);
    for (uint64_t i = 0; i < LISTENERS; i++)
        registry_add(r, FIRST + i, ALICE, true)->floor = floor;
    for (uint64_t i = 0; i < OTHERS; i++)
        registry_add(r, BOBS + i, BOB, false);
    for (uint64_t i = 0; i < 2 * EACH; i++) {
        struct latch *l = registry_add(r, 1000000 + i, ALICE, i % 2);
        ok &= l != NULL && registry_find(r, 1000000 + i, ALICE) == l;
    }
    check(ok, "who has too many still gets new ones");
    check(of(ALICE) == EACH - LISTENERS, "at the cost of older ones: %zu", of(ALICE));
    for (uint64_t i = 0; i < LISTENERS; i++)
        ok &= registry_find(r, FIRST + i, ALICE) != NULL;
    check(ok, "but not of listeners', whose floor would go");
    for (uint64_t i = 0; i < OTHERS; i++)
        ok &= registry_find(r, BOBS + i, BOB) != NULL;
    check(ok, "nor of anybody else's");
    for (uint64_t i = 0; i < 2 * EACH; i++)
        registry_socket_gone(r, 1000000 + i);
    check(registry_count(r) == LISTENERS + OTHERS, "they go with their sockets");
    for (uint64_t i = 0; i < LISTENERS; i++)
        registry_socket_gone(r, FIRST + i);
    for (uint64_t i = 0; i < OTHERS; i++)
        registry_socket_gone(r, BOBS + i);
    check(!registry_count(r) && floor->listeners == 1, "listeners as well, and their floors");
    floor_release(floor);
    for (uint64_t i = 0; ok && i < EACH; i++)
        registry_add(r, FIRST + i, ALICE, true)->floor = (struct floor *)1;
    check(!registry_add(r, 1, ALICE, false) && registry_add(r, 1, BOB, false),
          "who has nothing but listeners gets no more");
    for (uint64_t i = 0; i < EACH; i++)
        registry_find(r, FIRST + i, ALICE)->floor = NULL;
    registry_each(r, drop_it, r);
}

static void test_answers(void)
{
    const struct btns_addr same = {.family = AF_INET, .port = 123},
                           other = {.family = AF_INET, .port = 40000};
    struct guard client, mirror;
    struct latch *l = registry_add_flow(r, 34, ALICE, &same);
    registry_guard(&client);
    registry_guard(&mirror);
    mirror.mirror = mirror.ever_up = true;
    mirror.service.port = 123;
    mirror.state = GS_UP;
    check(!latch_answers(NULL, NULL, &same) && latch_answers(NULL, &mirror, &other) &&
              latch_answers(l, &mirror, &same),
          "a datagram to who has asked is an answer");
    latch_set_guard(l, &client);
    check(latch_answers(l, &mirror, &same), "also where an exchange has come to nothing yet");
    client.service.port = 123;
    client.remote.ip[3] = 1;
    client.state = GS_PROVING;
    check(!latch_answers(l, &mirror, &same),
          "both ask at once: the lower address goes on with its request");
    client.local.ip[3] = 2;
    check(latch_answers(l, &mirror, &same), "and the higher one answers");
    client.local.ip[3] = 0;
    client.state = GS_FAILED;
    check(latch_answers(l, &mirror, &same), "the lower one as well, if its request has failed");
    client.state = GS_PROVING;
    client.service.port = 124;
    check(latch_answers(l, &mirror, &same), "or if it is to another port");
    client.ever_up = true;
    check(!latch_answers(l, &mirror, &same), "not from a socket latched as a client's (L12)");
    latch_set_guard(l, &mirror);
    check(latch_answers(l, &mirror, &same), "one that answers goes on");
    mirror.state = GS_WAITING;
    check(!latch_answers(l, &mirror, &same) && latch_answers(NULL, &mirror, &other),
          "where the peer has ended its SAs, not from the service's port to that port");
    registry_drop(r, l);
}

static void test_guards(void)
{
    struct guard g, h;
    struct latch *a = registry_add(r, 31, ALICE, true), *b = registry_add(r, 32, ALICE, true);
    struct latch *c = registry_add(r, 33, ALICE, true);
    registry_guard(&g);
    registry_guard(&h);
    latch_set_guard(a, &g);
    latch_set_guard(b, &g);
    latch_set_guard(b, &g);
    latch_set_guard(c, &h);
    check(g.latches == 2 && h.latches == 1, "a guard counts its latches once");
    latch_set_guard(c, &g);
    check(g.latches == 3 && h.latches == 0 && h.sweep.slot, "one moves; the old one is swept");
    latch_set_guard(c, NULL);
    check(g.latches == 2 && g.sweep.slot, "one lets go");
    a->state = BTNS_S_ESTABLISHED;
    b->state = BTNS_S_UNPROTECTED;
    g.state = GS_PROVING;
    check(latch_state(a) == BTNS_S_LARVAL, "the guard says what an established one is");
    g.ever_up = true;
    check(latch_state(a) == BTNS_S_ESTABLISHED, "and was it up before, it stays established");
    g.state = GS_FAILED;
    check(latch_state(a) == BTNS_S_FAILED && latch_state(b) == BTNS_S_UNPROTECTED,
          "failed with it, but not what never was a latch");
    snprintf(g.reason, sizeof g.reason, "it broke");
    registry_guard_freed(r, &g);
    check(!a->guard && !b->guard && !g.latches, "a freed guard is forgotten by all");
    check(a->state == BTNS_S_CLOSED && !strcmp(a->reason, "it broke"),
          "its latches are closed with why");
    check(b->state == BTNS_S_UNPROTECTED, "others stay what they are");
    latch_set_guard(c, &h);
    registry_drop(r, c);
    check(!h.latches, "a dropped latch lets go of its guard");
    registry_drop(r, a);
    registry_drop(r, b);
    loop_cancel(loop, &g.sweep);
    loop_cancel(loop, &h.sweep);
}

static void test_intern(void)
{
    char text[32] = "curl";
    const char *a = NULL, *b = NULL, *c = NULL;
    size_t before = intern_count();
    intern_set(&a, text);
    intern_set(&b, "curl");
    intern_set(&c, "wget");
    check(a != text && a == b && a != c && intern_count() == before + 2, "one copy of each text");
    intern_set(&a, a);
    intern_set(&b, NULL);
    check(!strcmp(a, "curl") && !b, "which stays as long as somebody holds it");
    intern_set(&a, NULL);
    intern_set(&c, "curl");
    check(intern_count() == before + 1 && !strcmp(c, "curl"), "and no longer");
    intern_set(&c, NULL);
    check(intern_count() == before, "nothing is left");
}

/* One user has the greatest permitted number of latches, with all their texts different. */
static void test_texts_of_users(void)
{
    char text[64];
    size_t before = intern_count();
    struct registry *own = registry_new();
    for (unsigned i = 0; i < 2 * EACH; i++) {
        struct latch *l = registry_add(own, 1ull << 40 | i, 1000, true);
        const char **places[] = {&l->program, &l->rule, &l->reason};
        for (int k = 0; k < 3; k++) {
            snprintf(text, sizeof text, "%d of %u", k, i);
            intern_set(places[k], text);
        }
    }
    check(intern_count() - before == 3 * EACH, "texts go with their latches");
    struct latch *l = registry_add(own, 1, 1001, true);
    intern_set(&l->program, "another program");
    intern_set(&l->rule, "another rule");
    check(!strcmp(l->program, "another program") && !strcmp(l->rule, "another rule"),
          "another user's latch has its own texts, whatever one user does");
    registry_free(own);
    check(intern_count() == before, "and none is left when all latches are gone");
}

/* A datagram socket has a latch for each destination, and one more as a server. */
static void test_flows(void)
{
    struct registry *own = registry_new();
    struct btns_addr to = {.family = AF_INET, .ip = {192, 0, 2, 1}}, other = to;
    to.port = 53;
    other.port = 54;
    struct latch *server = registry_add(own, 7, ALICE, true);
    struct latch *a = registry_add_flow(own, 7, ALICE, &to);
    struct latch *b = registry_add_flow(own, 7, ALICE, &other);
    check(a && b && a != b && a != server && b != server, "each destination has its latch");
    check(registry_add_flow(own, 7, ALICE, &to) == a, "and only one");
    check(registry_find(own, 7, ALICE) == server && registry_find_flow(own, 7, ALICE, &other) == b,
          "each is found by what it is of");
    check(!registry_find_flow(own, 7, BOB, &to) && registry_add_flow(own, 7, BOB, &to) &&
              !registry_find_flow(own, 7, ALICE, &to) && !registry_find(own, 7, ALICE),
          "whoever passed the socket last has it");
    struct guard g;
    registry_guard(&g);
    struct latch *bound = registry_add(own, 9, ALICE, true);
    struct latch *kept = registry_add_flow(own, 9, ALICE, &to);
    bound->floor = (struct floor *)1;
    g.ever_up = true;
    latch_set_guard(kept, &g);
    registry_add_flow(own, 9, BOB, &other);
    check(registry_find(own, 9, ALICE) == bound && registry_find_flow(own, 9, ALICE, &to) == kept,
          "but its floor, and what was latched, outlast a change of the user (L2, L8)");
    bound->floor = NULL;
    registry_socket_gone(own, 9);
    registry_socket_gone(own, 7);
    check(!registry_find_flow(own, 7, BOB, &to) && !registry_count(own),
          "all end with their socket");
    for (unsigned i = 0; i < REGISTRY_FLOWS + 100; i++) {
        to.port = (uint16_t)(1 + i);
        registry_add_flow(own, 8, ALICE, &to)->created = i;
    }
    check(registry_count(own) == REGISTRY_FLOWS, "a socket has so many and no more");
    to.port = 1;
    other.port = REGISTRY_FLOWS + 100;
    check(!registry_find_flow(own, 8, ALICE, &to) && registry_find_flow(own, 8, ALICE, &other),
          "the latest of them");
    registry_free(own);
}

int main(void)
{
    loop = loop_new();
    guards.loop = loop;
    r = registry_new();
    test_growth();
    test_flows();
    test_users();
    test_bound();
    test_guards();
    test_answers();
    test_intern();
    test_texts_of_users();
    registry_free(r);
    loop_free(loop);
    return check_end();
}
