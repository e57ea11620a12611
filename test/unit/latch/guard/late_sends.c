/*
 * After a guard for datagrams was deleted, its service stays blocked for a program that was told
 * "protected" and has not sent yet. In a network namespace of its own; the key manager does
 * nothing. TAP.
 */
#include "btnsd/latch/guard/late_sends.h"
#include "btnsd/latch/guard/guards_end.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/want.h"
#include "test/unit/check.h"
#include "test/unit/latch/guard/want_ops.h"

#include <netinet/in.h>

static const struct guards_ops ops = {
    .settle = settled, .changed = unchanged, .freed = unchanged, .gone = unconcerned};
static struct guards gs = {.keying = managers, .ops = &ops, .hold_ms = 60000};

static struct guard_want wish(uint8_t protocol, unsigned host)
{
    struct guard_want w = want_service(protocol, host);
    w.hold = true;
    w.hold_ms = 60000;
    return w;
}

static void count_blocks(void *arg, const struct spd_entry *e)
{
    *(unsigned *)arg += e->dir == SPD_OUT && e->action == SPD_BLOCK && e->remote.port == 8000;
}

static void count_holds(void *arg, const struct spd_entry *e)
{
    *(unsigned *)arg += e->dir == SPD_OUT && e->priority == PRIO_GUARD && e->action == SPD_ESP;
}

static unsigned holds(void)
{
    unsigned n = 0;
    spd_dump(gs.xfrm, count_holds, &n);
    return n;
}

static unsigned blocks(void)
{
    unsigned n = 0;
    spd_dump(gs.xfrm, count_blocks, &n);
    return n;
}

static struct guard *begin(struct guard_want *w)
{
    struct err err;
    struct guard *g = guard_want(&gs, w, &err);
    if (!g)
        check(false, "a guard: %s", err.text);
    return g;
}

/* Fails the guard, `ms` after its program was told. */
static void end(struct guard *g, uint64_t ms)
{
    if (g->told_held)
        g->told_held -= ms;
    guard_fail(g, BTNS_R_PEER_GONE, "nobody is there");
}

static void test_late_send_blocked(void)
{
    struct guard_want udp = wish(IPPROTO_UDP, 1), tcp = wish(IPPROTO_TCP, 2),
                      prefers = wish(IPPROTO_UDP, 3), long_ago = wish(IPPROTO_UDP, 4);
    end(begin(&tcp), 0);
    prefers.prefer = true;
    end(begin(&prefers), 0);
    end(begin(&long_ago), LATE_SEND_MS);
    check(!blocks(), "nothing is blocked for a connection, for who prefers, nor after long");
    end(begin(&udp), LATE_SEND_MS - 100);
    check(blocks() == 1 && !gs.list, "a datagram that was just allowed does not leave (L1)");
    for (int i = 0; i < 300 && blocks(); i++)
        turn(gs.loop, 100);
    check(!blocks() && !gs.late_count, "a moment later the service is everybody's again (L8)");
}

static void test_again(void)
{
    struct guard_want w = wish(IPPROTO_UDP, 1);
    end(begin(&w), LATE_SEND_MS - 100);
    struct guard *g = begin(&w);
    check(holds() == 1 && g->spd == SPD_ESP, "a new guard of the service has precedence");
    for (int i = 0; i < 300 && gs.late_count; i++)
        turn(gs.loop, 100);
    check(!gs.late_count && holds() == 1, "and stays");
    end(g, LATE_SEND_MS - 100);
    end(begin(&w), 0);
    check(blocks() == 1 && gs.late_count == 1, "the second time it is blocked anew");
    for (int i = 0; i < 300 && gs.late_count; i++)
        turn(gs.loop, 100);
}

/*
 * A program that demands protection may be late; then another program's guard takes over the entry.
 */
static void test_other(void)
{
    struct guard_want w = wish(IPPROTO_UDP, 5), prefers = wish(IPPROTO_UDP, 5);
    prefers.prefer = true;
    end(begin(&w), LATE_SEND_MS - 300);
    end(begin(&prefers), 0);
    check(blocks() == 1, "it stays so after the next guard, of who prefers");
    for (int i = 0; i < 300 && gs.late_count; i++)
        turn(gs.loop, 100);
    check(!blocks() && !gs.late_count, "for no longer than before");
}

static void test_many(void)
{
    for (unsigned i = 0; i < LATE_SENDS + 8; i++) {
        struct guard_want w = wish(IPPROTO_UDP, i);
        end(begin(&w), 0);
    }
    check(gs.late_count == LATE_SENDS && blocks() == LATE_SENDS, "there is a limit");
    guards_clear(&gs);
    check(!gs.late && !gs.late_count && blocks() == LATE_SENDS, "the end of btnsd opens none");
    for (int i = 0; i < 300 && blocks(); i++)
        turn(gs.loop, 100);
    check(!blocks(), "a moment later the kernel has deleted the entries");
}

int main(void)
{
    if (!guards_open(&gs))
        return 0;
    test_late_send_blocked();
    test_again();
    test_other();
    test_many();
    guards_close(&gs);
    return check_end();
}
