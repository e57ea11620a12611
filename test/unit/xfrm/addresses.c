/*
 * Changes of a host's addresses are reported, its IPv6 traffic with itself is exempted from floors,
 * and an address that stays never lacks its entries. In its own network namespace. TAP.
 */
#include "btnsd/xfrm/addresses.h"
#include "btnsd/latch/floor/floor.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <string.h>

static struct xfrm *x;

static void run(const char *command)
{
    if (system(command))
        printf("# failed: %s\n", command);
}

/* The number of changes that are reported within a moment. */
static unsigned told(struct addresses *a)
{
    struct pollfd p = {.fd = addresses_event_fd(a), .events = POLLIN};
    unsigned changes = 0;
    while (poll(&p, 1, 100) > 0)
        changes |= addresses_events(a);
    return changes;
}

static void test_events(void)
{
    struct err err = {""};
    struct addresses *a = addresses_open(&err);
    check(a != NULL, "it listens %s", err.text);
    check(!told(a), "nothing changes, nothing is told");
    run("ip link set lo up");
    told(a);
    static const struct {
        const char *command;
        unsigned changes;
    } t[] = {
        {"ip addr add 10.1.1.1/24 dev lo", ADDRESSES_CHANGED | ROUTES_CHANGED},
        {"ip addr add fd01::1/64 dev lo nodad", ADDRESSES_CHANGED | ROUTES_CHANGED},
        {"ip route add 10.2.0.0/16 dev lo", ROUTES_CHANGED},
        {"ip -6 route add fd02::/16 dev lo", ROUTES_CHANGED},
        {"ip route del 10.2.0.0/16", ROUTES_CHANGED},
        {"ip route add local 10.3.0.0/16 dev lo", ADDRESSES_CHANGED | ROUTES_CHANGED},
        {"ip -6 route add local fd03::/16 dev lo", ROUTES_CHANGED},
        {"ip -6 route add anycast fd04::1 dev lo table 9", ADDRESSES_CHANGED | ROUTES_CHANGED},
        {"ip route add local default dev lo table 9", ROUTES_CHANGED},
        {"ip route del local 10.3.0.0/16", ADDRESSES_CHANGED | ROUTES_CHANGED},
        {"ip rule add from 10.9.0.0/16 table 7", ROUTES_CHANGED},
        {"ip -6 rule del pref 32766", ROUTES_CHANGED},
        {"ip link set lo mtu 60000", 0},
        {"ip addr del 10.1.1.1/24 dev lo", ADDRESSES_CHANGED | ROUTES_CHANGED},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        run(t[i].command);
        unsigned changes = told(a);
        check(changes == t[i].changes, "%s: %x", t[i].command, changes);
    }
    addresses_close(a);
}

struct count {
    struct btns_addr addr;
    unsigned of_it, all;
};

static void count(void *arg, const struct spd_entry *e)
{
    struct count *c = arg;
    bool spare = e->ours && e->priority == 1 && e->action == SPD_ALLOW && e->local_bits == 128 &&
                 e->remote_bits == 128 && btns_addr_equal(&e->local, &e->remote);
    c->all += spare;
    c->of_it += spare && btns_addr_equal(&e->local, &c->addr);
}

static struct count look(const char *address)
{
    struct count c = {.all = 0};
    if (!btns_addr_parse(&c.addr, address) || spd_dump(x, count, &c))
        printf("# %s\n", address);
    return c;
}

static bool spared(const char *address)
{
    return look(address).of_it == 4; /* in and out, of TCP and of UDP */
}

static unsigned deleted;

static void on_event(void *arg, const struct xfrm_event *ev)
{
    (void)arg;
    deleted += ev->type == XFRM_EV_SPD_CHANGE && ev->spd_gone;
}

static unsigned deletions(void)
{
    struct pollfd p = {.fd = xfrm_event_fd(x), .events = POLLIN};
    deleted = 0;
    while (poll(&p, 1, 50) > 0)
        xfrm_events(x, on_event, NULL);
    return deleted;
}

static void test_own(void)
{
    own_ipv6_spare(x);
    check(spared("::1") && spared("fd01::1"), "own IPv6 addresses are spared");
    deletions();
    run("ip addr add fd01::5/64 dev lo nodad");
    own_ipv6_spare(x);
    check(spared("fd01::5") && spared("fd01::1") && spared("::1"), "a new one as well");
    check(!deletions(), "and no other was without its entries meanwhile");
    unsigned before = look("::1").all;
    run("ip addr del fd01::5/64 dev lo");
    own_ipv6_spare(x);
    check(look("fd01::5").of_it == 0 && look("::1").all == before - 4 && deletions() == 4,
          "one that went is spared no more, and only that one");
    run("ip xfrm policy flush");
    own_ipv6_spare(x);
    check(spared("::1") && spared("fd01::1"), "entries that somebody took away are put back");
    run("for i in $(seq 0 299); do printf 'addr add fd01::1:%x/128 dev lo nodad\\n' $i; done | ip "
        "-batch -");
    own_ipv6_spare(x);
    check(spared("fd01::1:0") && spared("fd01::1:12b"), "300 of them");
    run("ip addr flush dev lo to fd01::/16");
    own_ipv6_spare(x);
    check(look("::1").all == 4 && spared("::1"), "all but ::1 went");
}

/* Entries that a killed btnsd has left are recognised; otherwise they would stay for ever. */
static void test_left_over(void)
{
    struct btns_addr gone;
    btns_addr_parse(&gone, "fd01::77");
    struct spd_entry e = {.dir = SPD_IN,
                          .priority = 1,
                          .action = SPD_ALLOW,
                          .protocol = IPPROTO_TCP,
                          .local = gone,
                          .remote = gone,
                          .local_bits = 128,
                          .remote_bits = 128};
    own_ipv6_unspare(x);
    check(look("::1").all == 0, "at the end none is left");
    spd_set(x, &e, NULL);
    e.dir = SPD_OUT;
    spd_set(x, &e, NULL);
    run("ip xfrm policy update src fd01::77 dst fd01::77 proto tcp dir out priority 1");
    own_ipv6_spare(x);
    check(look("fd01::77").of_it == 0 && spared("::1"), "an earlier btnsd's are taken over");
    check(!system("ip xfrm policy | grep -q fd01::77"), "others' are not");
    own_ipv6_unspare(x);
}

int main(void)
{
    struct err err = {""};
    if (unshare(CLONE_NEWNET)) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    x = xfrm_open(&err);
    check(x != NULL, "XFRM %s", err.text);
    if (!x)
        return check_end();
    test_events();
    test_own();
    test_left_over();
    xfrm_close(x);
    return check_end();
}
