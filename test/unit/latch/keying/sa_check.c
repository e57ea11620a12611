/* Is an SA of the SAD no weaker than what is latched? In each way that it can be. */
#include "btnsd/latch/keying/sa_check.h"
#include "btnsd/latch/keying/sa_quality.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <string.h>

static struct sad_entry good(const struct suite *s)
{
    struct sad_entry sa = {.spi = 1,
                           .protocol = IPPROTO_ESP,
                           .mode = XFRM_MODE_TRANSPORT,
                           .key_bits = s->key_bits,
                           .icv_bits = 128,
                           .replay_window = 32};
    snprintf(sa.alg, sizeof sa.alg, "%s", s->kernel);
    return sa;
}

static void wrong_protocol(struct sad_entry *sa)
{
    sa->protocol = IPPROTO_AH;
}
static void tunnel(struct sad_entry *sa)
{
    sa->mode = XFRM_MODE_TUNNEL;
}
static void short_key(struct sad_entry *sa)
{
    sa->key_bits -= 64;
}
static void null_cipher(struct sad_entry *sa)
{
    snprintf(sa->alg, sizeof sa->alg, "ecb(cipher_null)");
    snprintf(sa->auth, sizeof sa->auth, "hmac(sha256)");
}
static void no_cipher(struct sad_entry *sa)
{
    sa->alg[0] = '\0';
}
static void short_icv(struct sad_entry *sa)
{
    sa->icv_bits = 64;
}
static void no_window(struct sad_entry *sa)
{
    sa->replay_window = 0;
}
static void small_window(struct sad_entry *sa)
{
    sa->replay_window = REPLAY_WINDOW_MIN - 1;
}

static const struct {
    const char *what, *says;
    void (*weaken)(struct sad_entry *sa);
    bool only_incoming;
} ways[] = {
    {"AH", "not ESP", wrong_protocol, false},
    {"tunnel mode", "not in transport mode", tunnel, false},
    {"a short key", "key bits", short_key, false},
    {"no encryption", "ecb(cipher_null) and hmac(sha256)", null_cipher, false},
    {"no cipher", "no cipher", no_cipher, false},
    {"a short integrity check", "integrity check of 64 bits", short_icv, false},
    {"no replay window", "replay", no_window, true},
    {"a small replay window", "replay", small_window, true},
};

static void test_ways(const struct suite *s, bool incoming)
{
    const struct quality latched = {.suite = s}, any = {0};
    struct err err = {""};
    struct sad_entry sa = good(s);
    check(quality_suite(&sa) == s, "%s is found by what the kernel calls it", s->name);
    check(sa_check(&latched, &sa, incoming, &err) && sa_check(&any, &sa, incoming, &err),
          "%s, %s: what is latched is met", s->name, incoming ? "in" : "out");
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        bool met = ways[i].only_incoming && !incoming;
        sa = good(s);
        ways[i].weaken(&sa);
        check(sa_check(&latched, &sa, incoming, &err) == met, "%s, %s: %s is %s", s->name,
              incoming ? "in" : "out", ways[i].what, met ? "met" : "refused");
        check(met || strstr(err.text, ways[i].says), "and the reason is told: %s", err.text);
    }
}

static void test_other_suite(void)
{
    struct err err;
    for (const struct suite *s = suites; s->name; s++)
        for (const struct suite *t = suites; t->name; t++) {
            const struct quality latched = {.suite = s};
            struct sad_entry sa = good(t);
            check(sa_check(&latched, &sa, true, &err) == (s == t), "latched %s, in place %s",
                  s->name, t->name);
        }
}

static void test_encapsulation(void)
{
    const struct quality in_udp = {.suite = suites, .encapsulated = true}, plain = {suites, false};
    struct err err;
    struct sad_entry sa = good(suites);
    check(!sa_check(&in_udp, &sa, true, &err) && strstr(err.text, "encapsulated"),
          "encapsulation is not given up: %s", err.text);
    sa.encap = true;
    check(sa_check(&in_udp, &sa, true, &err), "encapsulated as latched");
    check(sa_check(&plain, &sa, true, &err), "encapsulated more than latched");
}

int main(void)
{
    for (const struct suite *s = suites; s->name; s++) {
        test_ways(s, false);
        test_ways(s, true);
    }
    test_other_suite();
    test_encapsulation();
    return check_end();
}
