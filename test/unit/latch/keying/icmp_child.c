/*
 * The child SA for ICMP errors: when btnsd asks for it and ends it, which SA counts as one, and
 * which peer's SAs carry the errors between two addresses. In a network namespace of its own. TAP.
 */
#include "btnsd/latch/keying/icmp_child.h"

#include "btnsd/latch/guard/icmp_errors.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/keying/icmp_child_decide.h"
#include "btnsd/xfrm/open.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"
#include "test/unit/latch/guard/want_ops.h"

#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

/* Facts: n needed, t an SA is there, o it is ours, a asking, e early. */
static void test_steps(void)
{
    static const struct {
        const char *facts;
        enum icmp_child_step step;
    } cases[] = {
        {"", ICMP_CHILD_STAYS},        {"n", ICMP_CHILD_ASK},     {"ne", ICMP_CHILD_ASK_LATER},
        {"na", ICMP_CHILD_STAYS},      {"nae", ICMP_CHILD_STAYS}, {"nt", ICMP_CHILD_STAYS},
        {"nto", ICMP_CHILD_STAYS},     {"t", ICMP_CHILD_STAYS},   {"to", ICMP_CHILD_END},
        {"toa", ICMP_CHILD_STAYS},     {"o", ICMP_CHILD_STAYS},   {"e", ICMP_CHILD_STAYS},
        {"noe", ICMP_CHILD_ASK_LATER}, {"no", ICMP_CHILD_ASK},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *has = cases[i].facts;
        const struct icmp_child_facts f = {.needed = strchr(has, 'n') != NULL,
                                           .there = strchr(has, 't') != NULL,
                                           .ours = strchr(has, 'o') != NULL,
                                           .asking = strchr(has, 'a') != NULL,
                                           .early = strchr(has, 'e') != NULL};
        check(icmp_child_decide(&f) == cases[i].step, "facts \"%s\": %d", has,
              icmp_child_decide(&f));
    }
}

#define OURS "10.0.0.1"
#define PEER "10.0.0.2"

static const struct btns_key bob = {.raw = {2}}, stranger = {.raw = {3}};
static struct guards gs = {.keying = managers};

static struct sad_entry sa_of(uint32_t spi, uint32_t reqid)
{
    struct sad_entry sa = {.src = host_addr(OURS),
                           .dst = host_addr(PEER),
                           .spi = spi,
                           .reqid = reqid,
                           .protocol = IPPROTO_ESP,
                           .mode = XFRM_MODE_TRANSPORT,
                           .sel_protocol = IPPROTO_ICMP,
                           .sel_single_hosts = true,
                           .alg = "rfc4106(gcm(aes))",
                           .key_bits = 288,
                           .icv_bits = 128};
    return sa;
}

static void test_selectors(void)
{
    struct sad_entry sa = sa_of(1, 1);
    check(icmp_child_is(&sa), "ICMP between two hosts");
    sa.sel_protocol = IPPROTO_ICMPV6;
    check(!icmp_child_is(&sa), "ICMPv6 between IPv4 hosts");
    sa.src = sa.dst = host_addr("fd00::1");
    check(icmp_child_is(&sa), "ICMPv6 between IPv6 hosts");
    sa.sel_single_hosts = false;
    check(!icmp_child_is(&sa), "between networks");
    sa = sa_of(1, 1);
    sa.sel_sport = 3;
    check(!icmp_child_is(&sa), "of one type");
    sa = sa_of(1, 1);
    sa.sel_protocol = IPPROTO_UDP;
    check(!icmp_child_is(&sa), "UDP");
}

/* The entries to the peer by which errors go in ESP, and their reqid; 0: none, or of several. */
struct told {
    unsigned n;
    uint32_t reqid;
};

static void count_entry(void *arg, const struct spd_entry *e)
{
    struct told *t = arg;
    if (e->priority != PRIO_ICMP_ESP || e->action != SPD_ESP || e->dir != SPD_OUT)
        return;
    t->reqid = t->n && t->reqid != e->reqid ? 0 : e->reqid;
    t->n++;
}

static struct told told(void)
{
    struct told t = {0};
    spd_dump(gs.xfrm, count_entry, &t);
    return t;
}

static struct guard *guard_up(const struct btns_key *key, struct service to, bool mirror)
{
    const struct btns_addr from = host_addr(OURS), remote = host_addr(PEER);
    struct guard *g = guard_new(&gs, &from, &remote, to, mirror);
    guard_set_key(g, key);
    guard_set_latched(g);
    g->state = GS_UP;
    icmp_errors_hold(g);
    return g;
}

static void ends(struct guard *g)
{
    g->state = GS_GONE;
    icmp_errors_release(g);
    icmp_child_follow(g);
    guard_free(g);
}

static const struct service datagrams = {IPPROTO_UDP, 53}, connections = {IPPROTO_TCP, 53};

/* A connection of charon's keeps the blocks, also when the guards end. */
static void test_whose(uint32_t bobs, uint32_t strangers)
{
    struct sad_entry his = sa_of(1, bobs), other = sa_of(2, strangers), weak = sa_of(3, bobs);
    struct guard *g = guard_up(&bob, datagrams, true);
    weak.key_bits = 160;
    check(icmp_child_took(&gs, &weak) && !told().n, "an SA of a weaker suite is not used");
    check(icmp_child_took(&gs, &other) && !told().n, "nor one of another key than is latched");
    check(icmp_child_took(&gs, &his) && told().n == 3 && told().reqid == bobs,
          "IPv4: three kinds of errors go in the SA with the latched key");
    ends(g);
    check(!told().n, "until the last guard with that key has gone");
    g = guard_up(&stranger, connections, false);
    icmp_child_follow(g);
    check(told().reqid == strangers, "the address has another peer: its SA is used");
    struct guard *both = guard_up(&bob, datagrams, false);
    icmp_child_follow(both);
    check(!told().n, "and none while two keys are latched there");
    ends(g);
    icmp_child_follow(both);
    check(told().reqid == bobs, "the one that is left");
    icmp_child_gone(&gs, &his);
    check(!told().n, "its SA has ended: errors are blocked again");
    icmp_child_gone(&gs, &other);
    ends(both);
}

/* One guard demands bob's certificate and the last one does not, or the reverse. */
static void test_certified(uint32_t bobs)
{
    const uint32_t certified = pair_get(&gs.pairs, &bob, pair_label(NULL, true))->reqid;
    struct sad_entry raw = sa_of(1, bobs), by_certificate = sa_of(2, certified);
    for (int last = 0; last < 2; last++) {
        struct guard *g = guard_up(&bob, last ? connections : datagrams, false);
        struct guard *other = guard_up(&bob, last ? datagrams : connections, false);
        g->certified = last, other->certified = !last;
        icmp_child_took(&gs, &raw);
        check(told().reqid == bobs, "the key's SA is good, whichever guard demands a certificate");
        icmp_child_took(&gs, &by_certificate);
        check(told().reqid == bobs, "and goes on being used beside the other");
        icmp_child_gone(&gs, &raw);
        check(told().reqid == certified, "so is the one with the certificate");
        icmp_child_gone(&gs, &by_certificate);
        ends(g);
        ends(other);
    }
}

static void test_rekey(uint32_t bobs)
{
    struct sad_entry old = sa_of(1, bobs), young = sa_of(2, bobs);
    struct guard *g = guard_up(&bob, datagrams, true);
    icmp_child_took(&gs, &old);
    icmp_child_took(&gs, &young);
    icmp_child_took(&gs, &young);
    icmp_child_gone(&gs, &old);
    check(told().reqid == bobs, "a rekey's second SA takes over");
    const struct sad_snapshot empty = {0};
    icmp_children_compare(&gs, &empty);
    check(!told().n, "one whose end was missed is found to be gone");
    struct sad_entry incoming = sa_of(4, bobs);
    incoming.src = old.dst, incoming.dst = old.src;
    check(icmp_child_took(&gs, &incoming) && !told().n, "the incoming half is none to send by");
    struct sad_entry tcp = sa_of(5, bobs);
    tcp.sel_protocol = IPPROTO_TCP;
    check(!icmp_child_took(&gs, &tcp) && !told().n, "an SA of a service is none");
    ends(g);
}

/* Entries that an earlier btnsd left, and those that this one leaves at its end. */
static void test_left(uint32_t bobs)
{
    struct sad_entry sa = sa_of(1, bobs);
    struct guard *g = guard_up(&bob, datagrams, true);
    icmp_child_took(&gs, &sa);
    struct spd_snapshot s;
    spd_snapshot_take(&s, gs.xfrm);
    icmp_errors_sweep(&gs);
    check(told().n == 3 && !icmp_errors_compare(&gs, &s), "entries that are needed stay");
    spd_snapshot_free(&s);
    struct icmp_errors *e = icmp_errors_between(&gs, &g->local, &g->remote);
    e->esp = 0; /* as in a btnsd that has just started */
    icmp_errors_sweep(&gs);
    check(!told().n, "those of an earlier btnsd go: its IKE daemon has ended");
    icmp_errors_protect(e, bobs);
    guard_free(g);
    icmp_errors_free(&gs);
    check(!told().n, "and at the end of btnsd");
}

int main(void)
{
    struct err err = {""};
    static const struct guards_ops ops = {
        .settle = settled, .changed = unchanged, .freed = unchanged, .gone = unconcerned};
    test_steps();
    test_selectors();
    if (geteuid() || unshare(CLONE_NEWNET))
        return check_end();
    gs.ops = &ops;
    gs.xfrm = xfrm_open(&err);
    check(gs.xfrm, "the kernel's SPD: %s", err.text);
    const uint32_t bobs = pair_get(&gs.pairs, &bob, NULL)->reqid;
    const uint32_t strangers = pair_get(&gs.pairs, &stranger, NULL)->reqid;
    const struct btns_addr from = host_addr(OURS), to = host_addr(PEER);
    icmp_errors_begin(&gs, &from, &to);
    test_whose(bobs, strangers);
    test_certified(bobs);
    test_rekey(bobs);
    test_left(bobs);
    pairs_free(&gs.pairs);
    guards_free_tables(&gs);
    xfrm_close(gs.xfrm);
    return check_end();
}
