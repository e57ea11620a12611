/*
 * Guards are found by service, addresses, key and reqid, as by a search through all of them. TAP.
 */
#include "btnsd/latch/guard/search.h"
#include "test/unit/check.h"
#include "test/unit/dice.h"

#include <netinet/in.h>
#include <stdlib.h>

enum { SOME = 400, HOSTS = 6, PORTS = 3, KEYS = 5, REQIDS = 7 };

static struct guards gs;
static struct guard *guards[SOME];
static struct dice dice = {7};

static struct btns_addr host(unsigned n)
{
    return (struct btns_addr){.family = AF_INET, .ip = {10, 0, 0, (uint8_t)n}};
}

static struct btns_key key(unsigned n)
{
    return (struct btns_key){.raw = {(uint8_t)(n / 2)}, .hashed = n % 2};
}

static void change(struct guard **g)
{
    struct btns_key k = key(roll(&dice, KEYS));
    if (*g && roll(&dice, 3)) {
        guard_set_key(*g, &k);
        guard_set_reqid(*g, roll(&dice, REQIDS)); /* 0 is none */
    } else if (*g) {
        guard_leave(*g);
        free(*g);
        *g = NULL;
    } else if ((*g = calloc(1, sizeof **g))) {
        (*g)->all = &gs;
        (*g)->local = host(roll(&dice, HOSTS));
        (*g)->remote = host(roll(&dice, HOSTS));
        (*g)->service = (struct service){IPPROTO_TCP, (uint16_t)(1 + roll(&dice, PORTS))};
        (*g)->mirror = roll(&dice, 2);
        guard_enter(*g);
    }
}

static bool runs_between(const struct guard *g, const struct btns_addr *local,
                         const struct btns_addr *remote)
{
    return btns_addr_ip_equal(&g->local, local) && btns_addr_ip_equal(&g->remote, remote);
}

/* Asks for one guard of each kind and searches through all; returns how many answers differ. */
static unsigned compare(void)
{
    struct btns_addr local = host(roll(&dice, HOSTS)), remote = host(roll(&dice, HOSTS));
    struct btns_key k = key(roll(&dice, KEYS));
    struct service service = {IPPROTO_TCP, (uint16_t)(1 + roll(&dice, PORTS))};
    uint32_t reqid = 1 + roll(&dice, REQIDS - 1);
    bool mirror = roll(&dice, 2);
    unsigned there = 0, serving = 0, between = 0, keyed = 0, numbered = 0;
    for (size_t i = 0; i < SOME; i++) {
        const struct guard *g = guards[i];
        if (!g)
            continue;
        there += runs_between(g, &local, &remote) && service_same(g->service, service) &&
                 g->mirror == mirror;
        serving += service_same(g->service, service);
        between += runs_between(g, &local, &remote);
        keyed += g->has_key && btns_key_equal(&g->key, &k);
        numbered += g->reqid == reqid;
    }
    for (struct guard *g = NULL; (g = guard_serving(&gs, service, g));)
        serving -= service_same(g->service, service);
    for (struct guard *g = NULL; (g = guard_between(&gs, &local, &remote, g));)
        between -= runs_between(g, &local, &remote);
    for (struct guard *g = NULL; (g = guard_with_key(&gs, &k, g));)
        keyed -= g->has_key && btns_key_equal(&g->key, &k);
    for (struct guard *g = NULL; (g = guard_with_reqid(&gs, reqid, g));)
        numbered -= g->reqid == reqid;
    const struct guard *found = guard_find(&gs, &local, &remote, service, mirror);
    return (found != NULL) != (there > 0) || (found && !runs_between(found, &local, &remote)) ||
           serving || between || keyed || numbered;
}

int main(void)
{
    unsigned wrong = 0;
    for (unsigned i = 0; i < 20000; i++) {
        change(&guards[roll(&dice, SOME)]);
        wrong += compare();
    }
    check(!wrong, "after each of 20,000 changes, the answers are those of a search through all");
    for (size_t i = 0; i < SOME; i++)
        if (guards[i]) {
            guard_leave(guards[i]);
            free(guards[i]);
        }
    check(!gs.by_service.count && !gs.by_pair.count && !gs.by_key.count && !gs.by_reqid.count,
          "guards that have left are in none of the tables");
    guards_free_tables(&gs);
    return check_end();
}
