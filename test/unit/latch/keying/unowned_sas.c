/*
 * SAs that no guard needs any more: which are ended with the peer, and until when. The linker puts
 * a SAD and a key manager of the test's own in the place of the real ones. TAP.
 */
#include "btnsd/latch/keying/unowned_sas.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/keying/managers.h"
#include "btnsd/latch/responder/new_sa.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"
#include "test/unit/latch/guard/want_ops.h"

#include <errno.h>

#define OURS "10.0.0.1"
#define PEER "10.0.0.2"

static const struct btns_key bob = {.raw = {2}};
static const struct guards_ops ops = {
    .settle = settled, .changed = unchanged, .freed = unchanged, .gone = unconcerned};
static struct guards gs = {.keying = managers, .ops = &ops};

static struct sad_entry sad[4];
static size_t sas;
static int unreadable;

int __wrap_sad_dump(struct xfrm *x, void (*cb)(void *arg, const struct sad_entry *e), void *arg);
int __wrap_sad_dump(struct xfrm *x, void (*cb)(void *arg, const struct sad_entry *e), void *arg)
{
    (void)x;
    for (size_t i = 0; !unreadable && i < sas; i++)
        cb(arg, &sad[i]);
    return unreadable;
}

static unsigned closed, icmp_ended;
static struct service last;

struct ike_task *__wrap_ike_close(struct ike *k, const struct ike_service *s, uid_t user,
                                  ike_done *done, void *arg);
struct ike_task *__wrap_ike_close(struct ike *k, const struct ike_service *s, uid_t user,
                                  ike_done *done, void *arg)
{
    (void)k, (void)user, (void)arg;
    check(!done && btns_key_equal(&s->key, &bob), "nobody waits for the end of bob's SA");
    closed++;
    last = s->to;
    return NULL;
}

void __wrap_ike_icmp_end(struct ike *k, const struct btns_addr *local,
                         const struct btns_addr *remote, const struct btns_key *key);
void __wrap_ike_icmp_end(struct ike *k, const struct btns_addr *local,
                         const struct btns_addr *remote, const struct btns_key *key)
{
    (void)k, (void)local, (void)remote, (void)key;
    icmp_ended++;
}

bool __wrap_ike_expects(const struct ike *k, const struct btns_addr *local,
                        const struct btns_addr *remote, const struct btns_key *key);
bool __wrap_ike_expects(const struct ike *k, const struct btns_addr *local,
                        const struct btns_addr *remote, const struct btns_key *key)
{
    const struct btns_addr ours = host_addr(OURS);
    (void)k, (void)remote, (void)key;
    return btns_addr_ip_equal(local, &ours);
}

static struct sad_entry *add_sa(uint32_t reqid, uint8_t protocol, uint16_t sport, uint16_t dport)
{
    sad[sas] = (struct sad_entry){.src = host_addr(OURS),
                                  .dst = host_addr(PEER),
                                  .spi = 0x100 + (uint32_t)sas,
                                  .reqid = reqid,
                                  .protocol = IPPROTO_ESP,
                                  .mode = XFRM_MODE_TRANSPORT,
                                  .sel_protocol = protocol,
                                  .sel_sport = sport,
                                  .sel_dport = dport,
                                  .sel_single_hosts = true,
                                  .alg = "rfc4106(gcm(aes))",
                                  .key_bits = 288,
                                  .icv_bits = 128};
    return &sad[sas++];
}

static struct guard *guard_to(uint16_t port, uint32_t reqid, bool mirror)
{
    const struct btns_addr from = host_addr(OURS), to = host_addr(PEER);
    struct guard *g = guard_new(&gs, &from, &to, (struct service){IPPROTO_UDP, port}, mirror);
    guard_set_key(g, &bob);
    guard_set_reqid(g, reqid);
    return g;
}

static void end_guard(struct guard *g)
{
    struct ike *ike = gs.ike;
    gs.ike = NULL; /* which need not hear of it */
    guard_free(g);
    gs.ike = ike;
}

/* Looks as after five seconds. */
static void look(void)
{
    closed = icmp_ended = 0;
    loop_cancel(gs.loop, &gs.unowned);
    gs.unowned.fire(&gs.unowned);
}

static void test_services(uint32_t reqid)
{
    const struct sad_entry *sa = add_sa(reqid, IPPROTO_UDP, 0, 7001);
    struct guard *g = guard_to(7001, reqid, false);
    unowned_seen(&gs, sa);
    check(!gs.unowned.slot, "a guard's SA needs no look");
    end_guard(g);
    check(!guard_for_new_sa(&gs, sa) && gs.unowned.slot, "one that comes up after its guard does");
    look();
    check(closed == 1 && last.port == 7001 && gs.unowned.slot, "it is ended, and looked for again");
    g = guard_to(7001, reqid + 1, false);
    look();
    check(closed == 1, "a guard of another key does not need it");
    guard_set_reqid(g, reqid);
    look();
    check(!closed && !gs.unowned.slot, "one of the same key does");
    end_guard(g);
    unreadable = -ENOMEM;
    unowned_look_later(&gs);
    look();
    check(!closed && gs.unowned.slot, "a SAD that cannot be read is read again");
    unreadable = 0;
    sas = 0;
    look();
    check(!closed && !gs.unowned.slot, "it has gone: that is all");
}

static void test_others(uint32_t reqid)
{
    add_sa(reqid, IPPROTO_UDP, 7001, 0);
    add_sa(reqid + 1, IPPROTO_UDP, 0, 7001);
    add_sa(reqid, IPPROTO_UDP, 0, 7001)->spi = 0;
    struct sad_entry *in = add_sa(reqid, IPPROTO_UDP, 0, 7001);
    in->src = host_addr(PEER), in->dst = host_addr(OURS);
    unowned_look_later(&gs);
    look();
    check(!closed, "none is ended that the peer asked for, of an unknown key, larval, or incoming");
    sas = 0;
}

static void test_icmp(uint32_t reqid)
{
    const struct sad_entry *sa = add_sa(reqid, IPPROTO_ICMP, 0, 0);
    struct guard *g = guard_to(7001, reqid, true);
    unowned_seen(&gs, sa);
    check(!gs.unowned.slot, "an SA for ICMP errors is needed as long as there is any guard");
    end_guard(g);
    unowned_look_later(&gs);
    look();
    check(icmp_ended == 1 && !closed, "and is ended after the last one");
    sas = 0;
}

/* A guard ends, and the SAD still has its SAs: charon has them, too. */
static void test_left_by_guard(uint32_t reqid)
{
    struct guard *g = guard_to(7001, reqid, false), *m = guard_to(7001, reqid, true);
    g->suite = m->suite = suite_named("aes256gcm16");
    closed = 0;
    loop_cancel(gs.loop, &gs.unowned);
    keying_private.drop_sas(g);
    check(!closed && gs.unowned.slot, "a guard's end without SAs left needs a look alone");
    add_sa(reqid, IPPROTO_UDP, 0, 7001);
    keying_private.drop_sas(g);
    check(closed == 1 && last.port == 7001, "with SAs left, charon is asked to delete them");
    sad[0].sel_sport = 7001, sad[0].sel_dport = 0;
    keying_private.drop_sas(m);
    check(closed == 1, "a mirror's are the peer's to delete");
    end_guard(g);
    end_guard(m);
    sas = 0;
}

int main(void)
{
    static char charon;
    if (!guards_open(&gs))
        return 0;
    gs.ike = (struct ike *)&charon;
    pairs_init(&gs.pairs, REQID_FIRST);
    const uint32_t reqid = pair_get(&gs.pairs, &bob, "aes256gcm16")->reqid;
    test_services(reqid);
    test_others(reqid);
    test_icmp(reqid);
    test_left_by_guard(reqid);
    guards_free_tables(&gs);
    guards_close(&gs);
    return check_end();
}
