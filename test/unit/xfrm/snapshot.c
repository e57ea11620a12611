/* The SAs of one reqid in a snapshot of the SAD, and which addresses are this host itself. TAP. */
#include "btnsd/xfrm/snapshot.h"
#include "test/unit/check.h"

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
           is_this_host(&from, &to, r);
}

static void test_self(void)
{
    const struct route out = {.to_self = false}, self = {.to_self = true};
    check(is_self("192.0.2.1", "127.0.0.2", NULL) && is_self("2001:db8::1", "::1", NULL),
          "loopback is this host");
    check(is_self("192.0.2.1", "192.0.2.1", NULL), "so is the address that traffic leaves from");
    check(is_self("192.0.2.1", "192.0.2.2", &self), "so is an address that the route says is ours");
    check(!is_self("192.0.2.1", "192.0.2.2", &out) && !is_self("192.0.2.1", "192.0.2.2", NULL),
          "another address is not");
}

int main(void)
{
    test_sad();
    test_self();
    return check_end();
}
