/*
 * The entries against ICMP errors that quote protected packets: installed with the first guard or
 * connection between two addresses, deleted with the last. In a network namespace of its own. TAP.
 */
#include "btnsd/latch/guard/icmp_errors.h"
#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/xfrm/open.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

static void unconcerned(void *arg, struct guard *g)
{
    (void)arg, (void)g;
}

static const struct guards_ops ops = {.freed = unconcerned};
static const struct keying idle;
static const struct keying *const managers[] = {&idle, &idle, &idle};
static struct guards gs = {.keying = managers, .ops = &ops};

static struct guard *guard_at(int family, uint8_t local, uint8_t remote, uint16_t port)
{
    const struct btns_addr from = {.family = (uint16_t)family, .ip = {10, 0, 0, local}};
    const struct btns_addr to = {.family = (uint16_t)family, .ip = {10, 0, 0, remote}};
    return guard_new(&gs, &from, &to, (struct service){IPPROTO_TCP, port}, false);
}

/* The entries to 10.0.0.REMOTE: blocks from 10.0.0.LOCAL, and the exception. */
struct tally {
    uint8_t local, remote;
    unsigned blocks, exceptions;
    uint16_t types; /* bits of the types below 16 that are blocked */
};

static void count_entry(void *arg, const struct spd_entry *e)
{
    struct tally *t = arg;
    if (e->remote.ip[3] != t->remote || e->dir != SPD_OUT || !e->ours)
        return;
    t->exceptions += e->priority == PRIO_LAST && e->action == SPD_ALLOW && !e->protocol;
    if (e->priority != PRIO_ICMP_ERROR || e->action != SPD_BLOCK || e->local.ip[3] != t->local)
        return;
    t->blocks++;
    uint16_t mask = e->local.port ? 0xffff : e->local_ports.mask;
    uint16_t type = e->local.port ? e->local.port : e->local_ports.port;
    for (uint16_t i = 0; i < 16; i++)
        if ((i & mask) == type)
            t->types |= (uint16_t)(1 << i);
}

static struct tally tally_of(uint8_t local, uint8_t remote)
{
    struct tally t = {.local = local, .remote = remote};
    spd_dump(gs.xfrm, count_entry, &t);
    return t;
}

static void test_types(void)
{
    struct guard *g4 = guard_at(AF_INET, 1, 2, 80), *g6 = guard_at(AF_INET6, 1, 3, 80);
    check(!icmp_errors_hold(g4) && !icmp_errors_hold(g6), "they are written");
    struct tally t4 = tally_of(1, 2), t6 = tally_of(1, 3);
    check(t4.types == (1 << 3 | 1 << 4 | 1 << 5 | 1 << 11 | 1 << 12) && t4.exceptions == 1,
          "IPv4: unreachable, source quench, redirect, time exceeded, parameter problem; no echo");
    check(t6.types == 0xffff && t6.blocks == 1 && t6.exceptions == 1,
          "IPv6: every error, and nothing from 128 on");
    icmp_errors_release(g4);
    icmp_errors_release(g6);
    t4 = tally_of(1, 2), t6 = tally_of(1, 3);
    check(!t4.blocks && !t4.exceptions && !t6.blocks && !t6.exceptions, "they are deleted");
    guard_free(g4);
    guard_free(g6);
}

static void test_shared(void)
{
    struct guard *a = guard_at(AF_INET, 1, 2, 80), *b = guard_at(AF_INET, 1, 2, 81);
    struct guard *c = guard_at(AF_INET, 9, 2, 80);
    icmp_errors_hold(a);
    icmp_errors_hold(b);
    icmp_errors_hold(c);
    icmp_errors_release(a);
    check(tally_of(1, 2).blocks == 3, "another guard between the two addresses keeps them");
    icmp_errors_release(b);
    check(!tally_of(1, 2).blocks && tally_of(9, 2).blocks == 3 && tally_of(9, 2).exceptions == 1,
          "without one they go; the exception stays for another address of ours");
    icmp_errors_release(c);
    check(!tally_of(9, 2).blocks && !tally_of(9, 2).exceptions, "and goes with the last");
    guard_free(a);
    guard_free(b);
    guard_free(c);
}

static void delete_block(void *arg, const struct spd_entry *e)
{
    if (e->priority == PRIO_ICMP_ERROR && e->local_ports.port == 4)
        *(unsigned *)arg += !spd_del(gs.xfrm, e);
}

/* Two entries that differ only in the mask are different. */
static void test_mended(void)
{
    struct guard *g = guard_at(AF_INET, 1, 2, 80);
    struct spd_snapshot s;
    unsigned deleted = 0;
    icmp_errors_hold(g);
    spd_dump(gs.xfrm, delete_block, &deleted);
    spd_snapshot_take(&s, gs.xfrm);
    unsigned mended = icmp_errors_compare(&gs, &s);
    spd_snapshot_free(&s);
    check(deleted == 1 && mended == 1 && tally_of(1, 2).blocks == 3,
          "one that somebody deleted is missed and written again");
    spd_snapshot_take(&s, gs.xfrm);
    check(!icmp_errors_compare(&gs, &s), "none is missed then");
    spd_snapshot_free(&s);
    icmp_errors_release(g);
    guard_free(g);
}

static void test_left(void)
{
    struct guard *g = guard_at(AF_INET, 1, 2, 80);
    icmp_errors_hold(g);
    guard_free(g);
    check(tally_of(1, 2).blocks == 3, "a guard whose entries stay leaves these, too");
    icmp_errors_free(&gs);
    g = guard_at(AF_INET, 1, 3, 80);
    icmp_errors_hold(g);
    icmp_errors_sweep(&gs);
    check(!tally_of(1, 2).blocks && !tally_of(1, 2).exceptions && tally_of(1, 3).blocks == 3 &&
              tally_of(1, 3).exceptions == 1,
          "the next btnsd deletes those that nothing needs");
    icmp_errors_release(g);
    guard_free(g);
}

/* charon has connections with two keys between two addresses, while a guard is made and deleted. */
static void test_connections(void)
{
    const struct btns_addr local = {.family = AF_INET, .ip = {10, 0, 0, 1}};
    const struct btns_addr remote = {.family = AF_INET, .ip = {10, 0, 0, 2}};
    struct guard *g = guard_at(AF_INET, 1, 2, 80);
    check(!icmp_errors_begin(&gs, &local, &remote) && !icmp_errors_begin(&gs, &local, &remote) &&
              tally_of(1, 2).blocks == 3 && tally_of(1, 2).exceptions == 1,
          "they stand from the moment that charon may let a peer in, without a guard");
    icmp_errors_hold(g);
    icmp_errors_sweep(&gs);
    icmp_errors_release(g);
    icmp_errors_end(&gs, &local, &remote);
    check(tally_of(1, 2).blocks == 3, "the guard goes, and one of two connections: they stay");
    icmp_errors_hold(g);
    icmp_errors_end(&gs, &local, &remote);
    check(tally_of(1, 2).blocks == 3, "the last connection goes before the guard: they stay");
    icmp_errors_release(g);
    check(!tally_of(1, 2).blocks && !tally_of(1, 2).exceptions, "both are gone: so are they");
    guard_free(g);
}

static void stop(struct timer *t)
{
    loop_stop(t->arg);
}

/* With a loop, as in btnsd: charon's SAs may live a little longer than its connection. */
static void test_ending(void)
{
    const struct btns_addr local = {.family = AF_INET, .ip = {10, 0, 0, 1}};
    const struct btns_addr remote[] = {{.family = AF_INET, .ip = {10, 0, 0, 2}},
                                       {.family = AF_INET, .ip = {10, 0, 0, 3}}};
    struct timer end = {0};
    gs.loop = loop_new();
    for (int i = 0; i < 2; i++) {
        icmp_errors_begin(&gs, &local, &remote[i]);
        icmp_errors_end(&gs, &local, &remote[i]);
    }
    check(tally_of(1, 2).blocks == 3, "they outlast the connection");
    icmp_errors_begin(&gs, &local, &remote[0]);
    loop_after(gs.loop, &end, ICMP_ERRORS_END_MS + 1, stop, gs.loop);
    loop_run(gs.loop);
    check(tally_of(1, 2).blocks == 3, "a connection that came meanwhile keeps them");
    check(!tally_of(1, 3).blocks && !tally_of(1, 3).exceptions, "else they go after a while");
    icmp_errors_end(&gs, &local, &remote[0]);
    icmp_errors_free(&gs);
    check(!tally_of(1, 2).blocks && !tally_of(1, 2).exceptions, "and at the end of btnsd");
    loop_free(gs.loop);
    gs.loop = NULL;
}

int main(void)
{
    struct err err = {""};
    if (geteuid() || unshare(CLONE_NEWNET)) {
        printf("1..0 # SKIP needs root\n");
        return 0;
    }
    gs.xfrm = xfrm_open(&err);
    check(gs.xfrm, "the kernel's SPD: %s", err.text);
    test_types();
    test_shared();
    test_connections();
    test_mended();
    test_left();
    test_ending();
    icmp_errors_free(&gs);
    xfrm_close(gs.xfrm);
    return check_end();
}
