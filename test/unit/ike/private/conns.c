/* Key connections are found by key, addresses and name, as by a search through all of them. TAP. */
#include "btnsd/ike/private/state.h"
#include "test/unit/check.h"
#include "test/unit/dice.h"

#include <netinet/in.h>
#include <string.h>

enum { HOSTS = 4, KEYS = 5 };

static const struct hostkey own;
static unsigned told; /* the number of connections that was reported */
static bool full;     /* the callback refuses */

static int count_connection(void *arg, const struct btns_addr *local,
                            const struct btns_addr *remote)
{
    (void)arg, (void)local, (void)remote;
    if (full)
        return -1;
    told++;
    return 0;
}

static void count_gone(void *arg, const struct btns_addr *local, const struct btns_addr *remote)
{
    (void)arg, (void)local, (void)remote;
    told--;
}

static const struct ike_ops ops = {.connection = count_connection, .connection_gone = count_gone};
static struct ike k = {.host = &own, .ops = &ops};
static struct dice dice = {3};

static struct btns_addr host(unsigned n)
{
    return (struct btns_addr){.family = AF_INET, .ip = {10, 0, 0, (uint8_t)n}};
}

static struct ike_entry entry(void)
{
    return (struct ike_entry){.local = host(0),
                              .remote = host(1 + roll(&dice, HOSTS)),
                              .key = {.raw = {(uint8_t)roll(&dice, KEYS)}}};
}

/* The number of answers that differ from those of a search through all. */
static unsigned compare(void)
{
    const struct ike_entry e = entry();
    unsigned at = 0, keyed = 0, claims = 0, wrong = 0;
    for (struct ike_conn *c = k.conns; c; c = c->next) {
        bool same = btns_key_equal(&c->key, &e.key);
        at += same && btns_addr_ip_equal(&c->remote, &e.remote);
        keyed += same;
        claims += c->claimed != 0;
        wrong += conn_named(&k, c->name) != c;
    }
    for (struct ike_conn *c = NULL; (c = conn_with_key(&k, &e.key, c));)
        keyed--;
    for (struct ike_conn *c = k.claims; c && claims <= HOSTS * KEYS; c = c->next_claim)
        claims--;
    struct ike_conn *found = conn_find(&k, &e);
    return wrong + (told != k.by_name.count) + (at > 1 || (found != NULL) != at || keyed || claims);
}

/* In BEET mode: where the peer is asked, after somebody has claimed its key elsewhere. */
static void test_outer(void)
{
    struct ike_entry e = {
        .local = {.family = AF_INET6, .ip = {0xfd, 0x62, 0x74, 0x6e, 0x73, 0, 1}},
        .remote = {.family = AF_INET6, .ip = {0xfd, 0x62, 0x74, 0x6e, 0x73, 0, 2}},
        .outer = host(1)};
    check(!ike_allow(&k, &e) && btns_addr_ip_equal(&conn_find(&k, &e)->outer, &e.outer),
          "a known peer is where known_peers says");
    e.outer = host(2);
    check(!ike_allow_claimed(&k, &e) && !btns_addr_ip_equal(&conn_find(&k, &e)->outer, &e.outer),
          "and not where its key is only claimed");
    check(!ike_allow(&k, &e) && btns_addr_ip_equal(&conn_find(&k, &e)->outer, &e.outer),
          "but where it was found");
    conn_free(&k, conn_find(&k, &e));
}

int main(void)
{
    unsigned wrong = 0, most = 0;
    for (unsigned i = 0; i < 5000; i++) {
        const struct ike_entry e = entry();
        struct ike_conn *c = conn_get(&k, &e);
        if (c && !roll(&dice, 3))
            conn_free(&k, c);
        else if (c)
            conn_claim(&k, c, roll(&dice, 2) * (1 + i));
        wrong += compare();
        most = k.by_name.count > most ? (unsigned)k.by_name.count : most;
    }
    check(!wrong, "after each of 5,000 changes, the answers are those of a search through all");
    check(most > KEYS && most <= HOSTS * KEYS, "one connection for each key at each address: %u",
          most);
    test_outer();
    full = true;
    const struct ike_entry another = {.local = host(0), .remote = host(99)};
    check(!conn_get(&k, &another) && !conn_find(&k, &another),
          "refused by whoever is told of it, there is none");
    check(!conn_named(&k, "peer-x"), "a name that none has");
    struct ike_conn *c = k.conns;
    struct ike_task task = {.ike = &k, .conn = c, .name = "peer-x"}, other = {.name = "peer-x"};
    other.next = &task;
    k.tasks = &other;
    check(!conn_named(&k, "peer-x"), "a task that does not renew a connection gives it no name");
    task.renews = true;
    check(conn_named(&k, "peer-x") == c, "while it is renewed, it is found by its next name");
    k.tasks = NULL;
    char old[IKE_NAME];
    memcpy(old, c->name, sizeof old);
    conn_rename(&k, c, "peer-x");
    check(conn_named(&k, "peer-x") == c && !conn_named(&k, old), "renamed: by that name alone");
    while (k.conns)
        conn_free(&k, k.conns);
    check(!told && !k.claims && !k.by_end.count && !k.by_key.count && !k.by_name.count,
          "freed, they are in none of the tables");
    return check_end();
}
