/* The SAs of one reqid in a snapshot of the SAD, and which addresses are this host itself. TAP. */
#include "btnsd/xfrm/snapshot.h"
#include "btnsd/xfrm/decode.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <sched.h>
#include <string.h>

static void test_sad(void)
{
    struct sad_entry sa[] = {{.reqid = 3, .spi = 1},
                             {.reqid = 5, .spi = 2},
                             {.reqid = 5, .spi = 3},
                             {.reqid = 9, .spi = 4}};
    const struct sad_snapshot s = {.sa = sa, .n = 4}, none = {.n = 0};
    size_t n;
    check(sad_snapshot_of(&s, 5, &n)->spi == 2 && n == 2, "two SAs in a row");
    check(sad_snapshot_of(&s, 3, &n)->spi == 1 && n == 1, "the first");
    check(sad_snapshot_of(&s, 9, &n)->spi == 4 && n == 1, "the last");
    sad_snapshot_of(&s, 1, &n);
    check(!n, "none before");
    sad_snapshot_of(&s, 7, &n);
    check(!n, "none between");
    sad_snapshot_of(&s, 10, &n);
    check(!n, "none behind");
    sad_snapshot_of(&none, 5, &n);
    check(!n, "none in an empty SAD");
}

static bool is_self(const char *local, const char *remote, const struct route *r)
{
    struct btns_addr from, to;
    return btns_addr_parse(&from, local) && btns_addr_parse(&to, remote) &&
           route_is_this_host(&from, &to, r);
}

static void test_own_addresses(void)
{
    const struct route out = {.to_self = false}, self = {.to_self = true};
    check(is_self("192.0.2.1", "127.0.0.2", NULL) && is_self("2001:db8::1", "::1", NULL),
          "loopback is this host");
    check(is_self("192.0.2.1", "192.0.2.1", NULL), "so is the address that traffic leaves from");
    check(is_self("192.0.2.1", "192.0.2.2", &self), "so is an address that the route says is ours");
    check(!is_self("192.0.2.1", "192.0.2.2", &out) && !is_self("192.0.2.1", "192.0.2.2", NULL),
          "another address is not");
}

static int count_state(const struct nlmsghdr *nlh, void *arg)
{
    (void)nlh;
    ++*(unsigned *)arg;
    return 0;
}

static struct btns_addr host(const char *text)
{
    struct btns_addr a;
    check(btns_addr_parse(&a, text), "%s", text);
    return a;
}

/* Reserved SPIs, which every kernel with xfrm has, whatever its ciphers. */
static bool reserve_spi(struct nl *nl, const struct btns_addr *src, const struct btns_addr *dst)
{
    union nl_request r;
    unsigned n = 0;
    struct nlmsghdr *nlh = nl_request(&r, XFRM_MSG_ALLOCSPI, 0);
    struct xfrm_userspi_info want = {.info = {.id = {.proto = IPPROTO_ESP},
                                              .family = src->family,
                                              .mode = XFRM_MODE_TUNNEL,
                                              .reqid = 7},
                                     .min = 0x1000,
                                     .max = 0xffff};
    memcpy(&want.info.saddr, src->ip, sizeof src->ip);
    memcpy(&want.info.id.daddr, dst->ip, sizeof dst->ip);
    memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof want), &want, sizeof want);
    return !nl_talk(nl, nlh, count_state, &n) && n;
}

static int find_state(const struct nlmsghdr *nlh, void *arg)
{
    return nl_found_add(arg, nlh);
}

static size_t states_between(struct nl *nl, const struct btns_addr *src,
                             const struct btns_addr *dst)
{
    union nl_request r;
    struct nl_found found = {.size = sizeof(struct nlmsghdr)};
    struct nlmsghdr *nlh = nl_request(&r, XFRM_MSG_GETSA, NLM_F_DUMP);
    bool ok = !sad_encode_between(nlh, sizeof r, src, dst) && !nl_dump(nl, nlh, find_state, &found);
    size_t n = found.count;
    nl_found_free(&found);
    return ok ? n : 999;
}

/* Against the kernel, in a network namespace of its own. */
static void test_between(void)
{
    static const char *const hosts[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3", "fd00::1", "fd00::2"};
    struct btns_addr at[5];
    struct nl nl;
    for (int i = 0; i < 5; i++)
        at[i] = host(hosts[i]);
    if (unshare(CLONE_NEWNET) || nl_open(&nl, NETLINK_XFRM, 0))
        return;
    bool made = reserve_spi(&nl, &at[0], &at[1]) && reserve_spi(&nl, &at[1], &at[0]) &&
                reserve_spi(&nl, &at[0], &at[2]) && reserve_spi(&nl, &at[3], &at[4]);
    for (int i = 0; made && i < 40; i++)
        made = reserve_spi(&nl, &at[2], &at[1]);
    if (made) {
        check(states_between(&nl, &at[0], &at[1]) == 1, "the SAs from one host to another alone");
        check(states_between(&nl, &at[1], &at[0]) == 1, "and back");
        check(states_between(&nl, &at[3], &at[4]) == 1, "of IPv6");
        check(states_between(&nl, &at[4], &at[3]) == 0, "or none");
        check(states_between(&nl, &at[2], &at[1]) == 40, "or all of them");
    }
    check(states_between(&nl, &at[0], &at[3]) == 999, "two families have none between them");
    nl_close(&nl);
}

int main(void)
{
    test_sad();
    test_own_addresses();
    test_between();
    return check_end();
}
