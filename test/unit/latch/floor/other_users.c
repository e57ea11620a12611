/* Under whose sockets a floor would stand: by user, port, address and family. TAP. */
#include "btnsd/latch/floor/other_users.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#define USER  1000
#define OTHER 1001

static bool covers(const char *here, bool v6only, const char *there, uint16_t port)
{
    const struct floor_request c = {
        .uid = USER, .owner = USER, .cookie = 1, .local = addr(here, 80), .v6only = v6only};
    const struct sock_entry e = {.cookie = 2, .uid = OTHER, .inode = 7, .local = addr(there, port)};
    return other_user_is_covered(&c, &e);
}

static void test_places(void)
{
    static const struct {
        const char *here, *there;
        bool v6only, covers;
    } cases[] = {
        {"0.0.0.0", "0.0.0.0", false, true},    {"0.0.0.0", "10.0.0.1", false, true},
        {"10.0.0.1", "0.0.0.0", false, true},   {"10.0.0.1", "10.0.0.1", false, true},
        {"10.0.0.1", "10.0.0.2", false, false}, {"::", "10.0.0.1", false, true},
        {"::", "10.0.0.1", true, false},        {"::", "::", true, true},
        {"0.0.0.0", "::", false, true},         {"0.0.0.0", "fd00::1", false, false},
        {"fd00::1", "0.0.0.0", false, false},   {"fd00::1", "::", false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check(covers(cases[i].here, cases[i].v6only, cases[i].there, 80) == cases[i].covers,
              "a floor for %s%s is %sunder a socket on %s", cases[i].here,
              cases[i].v6only ? " (IPv6 alone)" : "", cases[i].covers ? "" : "not ",
              cases[i].there);
    check(!covers("0.0.0.0", false, "0.0.0.0", 81), "another port is another matter");
}

static void test_users(void)
{
    const struct floor_request c = {
        .uid = USER, .owner = 0, .cookie = 1, .local = addr("0.0.0.0", 80)};
    struct sock_entry e = {.cookie = 2, .uid = OTHER, .inode = 7, .local = addr("0.0.0.0", 80)};
    check(other_user_is_covered(&c, &e), "another user's socket");
    e.inode = 0;
    check(!other_user_is_covered(&c, &e), "not one that no program has");
    e.inode = 7;
    e.uid = USER;
    check(!other_user_is_covered(&c, &e), "nor one's own");
    e.uid = 0;
    check(!other_user_is_covered(&c, &e), "nor one of who made the socket and gave it away");
    e.uid = OTHER;
    e.cookie = 1;
    check(!other_user_is_covered(&c, &e), "nor the socket itself");
    const struct floor_request root = {.local = addr("0.0.0.0", 80)};
    check(other_users_are_covered(NULL, &root) == 0, "root's floors are under everybody's");
}

int main(void)
{
    test_places();
    test_users();
    return check_end();
}
