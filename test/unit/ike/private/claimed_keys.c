/*
 * Claimed keys: a flood displaces only its own keys, every key expires, and honest peers get
 * through.
 */
#include "btnsd/ike/private/claimed_keys.h"
#include "test/unit/check.h"

static const struct claimed_key_limits limits = {
    .all = 16, .network = 6, .address = 4, .least_ms = 2, .ms = 1000};

static struct claimed_key at(const char *ip, uint64_t since)
{
    struct claimed_key c = {.since = since};
    btns_addr_parse(&c.remote, ip);
    return c;
}

/* Does what btnsd does for each introduction; returns how many keys are held afterwards. */
static size_t introduce(struct claimed_key *c, size_t n, struct claimed_key newcomer)
{
    size_t victim = claimed_keys_victim(c, n, &newcomer.remote, newcomer.since, &limits);
    if (victim == CLAIMED_KEY_REFUSED)
        return n;
    if (victim != CLAIMED_KEY_NONE)
        c[victim] = c[--n];
    c[n++] = newcomer;
    return n;
}

static bool held(const struct claimed_key *c, size_t n, const char *ip)
{
    struct claimed_key want = at(ip, 0);
    for (size_t i = 0; i < n; i++)
        if (btns_addr_ip_equal(&c[i].remote, &want.remote))
            return true;
    return false;
}

static void one_place(bool ipv6, const char *text)
{
    struct claimed_key c[32];
    size_t n = introduce(c, 0, at("10.0.0.1", 1));
    n = introduce(c, n, at("fd00::1", 2));
    for (uint64_t i = 0; i < 10000; i++) {
        char ip[64];
        snprintf(ip, sizeof ip, "fd66::%x", (unsigned)i);
        if (!ipv6)
            snprintf(ip, sizeof ip, "10.0.0.66");
        n = introduce(c, n, at(ip, 3 + i));
    }
    check(n == 2 + (ipv6 ? limits.network : limits.address) && held(c, n, "10.0.0.1") &&
              held(c, n, "fd00::1"),
          "10,000 from %s displace only their own", text);
}

static void everywhere(void)
{
    struct claimed_key c[32];
    size_t n = 0, most = 0;
    for (unsigned i = 0; i < 10000; i++) {
        char ip[64];
        snprintf(ip, sizeof ip, "10.%u.%u.1", i >> 8 & 255, i & 255);
        n = introduce(c, n, at(ip, i));
        most = n > most ? n : most;
    }
    check(most == limits.all, "10,000 from 10,000 places: never more than all in all");
    check(held(c, n, "10.39.15.1") && held(c, n, "10.39.0.1") && !held(c, n, "10.38.255.1"),
          "the oldest go, so that the newest have their turn");
}

static void time_ends_them(void)
{
    struct claimed_key c[] = {at("10.0.0.1", 500), at("10.0.0.2", 100), at("10.0.0.3", 300)};
    check(claimed_keys_expired(c, 3, 1099, &limits) == CLAIMED_KEY_NONE, "none before its time");
    check(claimed_keys_expired(c, 3, 1100, &limits) == 1, "the oldest first");
    check(claimed_keys_expired(c, 0, 5000, &limits) == CLAIMED_KEY_NONE, "none of none");
    struct btns_addr a = c[0].remote;
    check(claimed_keys_victim(c, 0, &a, 5000, &limits) == CLAIMED_KEY_NONE, "and none makes room");
}

static void a_moment_for_each(void)
{
    struct claimed_key c[32];
    size_t n = 0;
    for (size_t i = 0; i < limits.address; i++)
        n = introduce(c, n, at("10.0.0.66", 100 + i));
    struct btns_addr a = c[0].remote;
    check(claimed_keys_victim(c, n, &a, 101, &limits) == CLAIMED_KEY_REFUSED,
          "who is faster than proofs can be is refused");
    check(claimed_keys_victim(c, n, &a, 102, &limits) == 0, "until the oldest has had its moment");
}

int main(void)
{
    a_moment_for_each();
    one_place(false, "one address");
    one_place(true, "one IPv6 network");
    everywhere();
    time_ends_them();
    return check_end();
}
