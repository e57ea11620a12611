/*
 * Where a guard takes the place of another one, the packets of both are blocked or protected all
 * the time. In a network namespace of its own, with the kernel's SPD; the SAD is the test's own.
 * TAP.
 */
#include "btnsd/latch/guard/entries.h"
#include "btnsd/latch/guard/foreign_spd.h"
#include "btnsd/latch/guard/guards_end.h"
#include "btnsd/latch/guard/in_use.h"
#include "btnsd/latch/guard/late_sends.h"
#include "btnsd/latch/guard/left_sas.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/reports/adopt.h"
#include "btnsd/reports/spd_events.h"
#include "test/unit/latch/guard/left_sa.h"
#include "test/unit/latch/recorder.h"

static const struct packet of_service[] = {
    {SPD_OUT, IPPROTO_TCP, HOST(1, 40000), PEER(8000)},
    {SPD_IN, IPPROTO_TCP, HOST(1, 40000), PEER(8000)},
    {SPD_OUT, IPPROTO_TCP, HOST(9, 40000), PEER(8000)}, /* from another address of this host */
    {SPD_OUT, IPPROTO_ICMP, HOST(1, 3), PEER(3)},       /* an error that repeats a packet */
};

static bool in_use;

bool __wrap_guard_in_use(struct guard *g, uint32_t *time_wait_ms);
bool __wrap_guard_in_use(struct guard *g, uint32_t *time_wait_ms)
{
    (void)g;
    *time_wait_ms = 0;
    return in_use;
}

static struct guards gs = {.keying = managers, .ops = &ops, .hold_ms = 60000};

static void stay(void)
{
    const struct guard_want w = want_service(IPPROTO_TCP, 1);
    struct guard *g = guard_new(&gs, &w.local, &w.remote, w.service, false);
    guard_leave_sas(g, REQID);
    check(guard_stays_for_sas(g), "a guard stays for SAs");
    guard_only_answers(g);
}

static struct guard *request(bool hold)
{
    struct err err = {""};
    struct guard_want w = want_service(IPPROTO_TCP, 1);
    w.hold = hold;
    w.hold_ms = 60000;
    return guard_want(&gs, &w, &err);
}

static void count_entry(void *arg, const struct spd_entry *e)
{
    *(unsigned *)arg += e->action == SPD_ESP && e->reqid == REQID;
}

/* Is the guard that stays the only one, and do its two entries demand the SAs? */
static bool is_back(void)
{
    unsigned n = 0;
    spd_dump(gs.xfrm, count_entry, &n);
    return gs.count == 1 && gs.list->left_reqid == REQID && n == 2;
}

static void test_replaced(bool hold)
{
    struct guard *g = request(hold);
    check(g && gs.count == 1 && !g->left_reqid, "a request replaces it");
    no_gap(hold ? "a request whose packets are held" : "a request that waits");
    WATCH(of_service);
    guard_fail(g, BTNS_R_PEER_GONE, "nobody answers");
    check(is_back(), "and it comes back");
    no_gap("the request has failed");
    WATCH(of_service);
}

static bool is_block_of_guard(const struct spd_entry *e)
{
    return e->dir == SPD_OUT && e->action == SPD_BLOCK && e->priority == PRIO_GUARD;
}

static void test_guards(void)
{
    const struct btns_addr other = {.family = AF_INET, .ip = {10, 0, 0, 9}};
    own_addresses_add(&gs.own, &other, 32);
    has_sa = true;
    stay();
    WATCH(of_service);
    test_replaced(false);
    test_replaced(true);
    refuses = is_block_of_guard;
    check(!request(false) && is_back(), "the kernel refuses the other guard: it stays");
    refuses = NULL;
    no_gap("a guard that the kernel refuses");
    WATCH(of_service);
    request(false);
    guards_clear(&gs);
    check(!gs.count, "btnsd ends while a request waits");
    no_gap("the end of btnsd");
    has_sa = false;
}

/* The SAs have ended meanwhile: nothing is left to guard. */
static void test_guard_without_sas(void)
{
    struct err err = {""};
    guards_adopt(&gs, &err); /* deletes what the end of btnsd has left in the SPD */
    has_sa = true;
    stay();
    struct guard *g = request(false);
    has_sa = false;
    guard_fail(g, BTNS_R_PEER_GONE, "nobody answers");
    check(!gs.count, "no guard comes back for SAs that have ended");
    for (size_t i = 0; i < sizeof of_service / sizeof *of_service; i++)
        check(is_clear(&of_service[i]), "and no entry of it is left: packet %zu", i);
}

/* ---- btnsd is killed while a guard has replaced another one ---- */

/* Its entries stay, and the next btnsd finds them. */
static void kill_and_start(struct guard *g)
{
    struct err err = {""};
    guard_free(g);
    guards_adopt(&gs, &err);
}

/* As if its peer had proved a key. */
static void prove_key(struct guard *g)
{
    const struct btns_key key = {.raw = {1}};
    const struct pair *pair = pair_get(&gs.pairs, &key, g->suite->name);
    guard_set_key(g, &key);
    guard_set_reqid(g, pair->reqid);
    guard_set_latched(g);
    check(!guard_spd(g, SPD_ESP, 0), "a guard with a key has replaced it");
}

static void test_killed(void)
{
    has_sa = true;
    stay();
    watch(of_service, 2);
    kill_and_start(request(false));
    check(is_back(), "btnsd is killed while a request waits: the guard is back");
    in_use = true;
    kill_and_start(request(false));
    check(gs.count == 1 && gs.list->spd == SPD_BLOCK, "with connections, all is blocked");
    in_use = false;
    check(guard_stays_for_sas(gs.list) && is_back(), "and when they have ended, it is back");
    struct guard *g = request(false);
    prove_key(g);
    in_use = true;
    kill_and_start(g);
    check(gs.count == 1 && gs.list->has_key, "the guard with a key is adopted");
    guards_clear(&gs);
    struct err err = {""};
    guards_adopt(&gs, &err);
    check(gs.count == 1 && gs.list->has_key, "also after btnsd has ended");
    in_use = false;
    guard_event(gs.list, GE_IDLE);
    check(is_back(), "when it ends, the guard that it has replaced is back");
    no_gap("btnsd is killed and started again");
    has_sa = false;
    guard_event(gs.list, GE_IDLE);
    check(!gs.list && is_clear(&of_service[0]) && is_clear(&of_service[1]), "nothing is left");
}

/* ---- an entry of another program above a guard, and the shield above that ---- */

static struct spd_entry foreign_entry(void)
{
    return (struct spd_entry){.dir = SPD_OUT,
                              .priority = 10,
                              .action = SPD_ALLOW,
                              .protocol = IPPROTO_TCP,
                              .local = HOST(0, 0),
                              .remote = PEER(8000),
                              .local_bits = 24,
                              .remote_bits = 32,
                              .foreign = true};
}

/* btnsd is killed, with a guard that has failed under a foreign entry, and started again. */
static void test_shields(void)
{
    struct err err = {""};
    const struct spd_entry above = foreign_entry();
    has_sa = true;
    stay();
    check(!spd_set(gs.xfrm, &above, &err), "a foreign entry: %s", err.text);
    guards_spd_read(&gs);
    check(!is_clear(&of_service[0]), "a guard that has failed before is shielded as well");
    struct guard *g = gs.list;
    watch(of_service, 1);
    guard_free(g);
    guards_adopt(&gs, &err);
    guards_spd_read(&gs);
    shields_sweep(&gs);
    check(gs.count == 1 && gs.list->shield, "the next btnsd adopts the guard, and shields it");
    no_gap("btnsd is killed and started again under a foreign entry");
    spd_del(gs.xfrm, &above);
    guards_spd_read(&gs);
    check(!gs.list->shield, "the foreign entry ends, and the shield with it");
    guard_shield(gs.list, true);
    has_sa = false;
    guard_free(gs.list);
    guards_adopt(&gs, &err);
    guards_spd_read(&gs);
    shields_sweep(&gs);
    check(!gs.list && is_clear(&of_service[0]), "a shield without a guard is deleted");
}

/* ---- a datagram that was allowed, and is not sent yet ---- */

static const struct packet datagram[] = {{SPD_OUT, IPPROTO_UDP, HOST(1, 40000), PEER(8000)}};

static struct guard *request_for_datagram(void)
{
    struct err err = {""};
    struct guard_want w = want_service(IPPROTO_UDP, 1);
    w.hold = true;
    w.hold_ms = 60000;
    return guard_want(&gs, &w, &err);
}

static void expect_end_of_block(const char *when)
{
    for (int i = 0; i < 300 && !is_clear(datagram); i++)
        turn(gs.loop, 100);
    check(is_clear(datagram), "%s: the service is everybody's again", when);
}

static void test_late_datagrams(void)
{
    struct err err = {""};
    check(request_for_datagram() != NULL, "a datagram is held");
    WATCH(datagram);
    guards_clear(&gs);
    no_gap("btnsd ends");
    WATCH(datagram);
    guards_adopt(&gs, &err);
    no_gap("and is started again");
    expect_end_of_block("soon after that");

    struct guard *g = request_for_datagram();
    check(g != NULL, "a datagram is held");
    WATCH(datagram);
    guard_free(g);
    guards_adopt(&gs, &err);
    no_gap("btnsd is killed and started again");
    expect_end_of_block("soon after that");
    check(request_for_datagram() != NULL, "a datagram is held");
    guards_clear(&gs);
    expect_end_of_block("btnsd has ended for good");
}

int main(void)
{
    if (!guards_open(&gs))
        return 0;
    recorded = gs.xfrm;
    struct err err = {""};
    gs.datagrams = sockdiag_open(IPPROTO_UDP, &err);
    test_guards();
    test_guard_without_sas();
    test_killed();
    test_shields();
    test_late_datagrams();
    sockdiag_close(gs.datagrams);
    guards_close(&gs);
    return check_end();
}
