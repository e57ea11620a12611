/* Decisions about SAs that were made by hand. */
#include "btnsd/latch/keying/by_spi.h"
#include "btnsd/latch/keying/manual.h"
#include "test/unit/addr.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static const struct suite *suite(const char *name)
{
    const struct suite *s = suites;
    while (s->name && strcmp(s->name, name))
        s++;
    return s;
}

/* An SA of a suite between two addresses, as the kernel reports it. */
static struct sad_entry state(const char *src, const char *dst, uint32_t spi, const char *of)
{
    struct sad_entry sa = {
        .src = host_addr(src),
        .dst = host_addr(dst),
        .spi = spi,
        .reqid = 77,
        .protocol = IPPROTO_ESP,
        .mode = XFRM_MODE_TRANSPORT,
        .key_bits = suite(of)->key_bits,
        .icv_bits = 128,
        .replay_window = 32,
    };
    snprintf(sa.alg, sizeof sa.alg, "%s", suite(of)->kernel);
    return sa;
}

#define A "192.0.2.1"
#define B "192.0.2.2"

static struct finding decide_at(bool mirror, const struct sad_entry *sa, size_t n)
{
    static const struct key_source source = {.keys = KEYS_MANUAL, .reqid = 77, .peer = "bob"};
    const struct manual_question q = {.source = &source,
                                      .local = host_addr(A),
                                      .remote = host_addr(B),
                                      .service = {IPPROTO_TCP, 8000},
                                      .mirror = mirror,
                                      .asked = suite("aes256gcm16")};
    struct finding f;
    manual_decide(&q, sa, n, &f);
    return f;
}

static struct finding decide(const struct sad_entry *sa, size_t n)
{
    return decide_at(false, sa, n);
}

static bool pair_is(const struct finding *f, uint32_t out, uint32_t in)
{
    return !f->code && f->pairs == 1 && f->pair[0].out == out && f->pair[0].in == in &&
           f->pair[0].reqid == 77 && !strcmp(f->who, "bob");
}

static void manual(void)
{
    struct sad_entry sa[] = {state(B, A, 4, "aes256gcm16"), state(A, B, 3, "aes256gcm16"),
                             state(B, A, 2, "aes256gcm16"), state(A, B, 1, "aes256gcm16")};
    struct finding f = decide(sa, 0);
    check(!f.pairs && !f.code, "no states: nothing found, nothing bad");
    f = decide(sa, 1);
    check(!f.pairs && !f.code, "one direction is not enough");
    f = decide(sa + 2, 2);
    check(pair_is(&f, 1, 2), "a state each way");
    f = decide(sa, 4);
    check(pair_is(&f, 3, 4), "the newest of each");
    f = decide(sa + 1, 3);
    check(pair_is(&f, 3, 2), "the newest of each, when one is newer than the other");
    sa[0].key_bits = suite("aes128gcm16")->key_bits;
    f = decide(sa, 4);
    check(!f.pairs && f.code, "a weaker new one is bad, whatever was before");
    sa[0] = state(B, A, 4, "aes256gcm16");
    sa[0].sel_protocol = IPPROTO_TCP;
    sa[0].sel_sport = 9000;
    f = decide(sa, 4);
    check(pair_is(&f, 3, 2), "one for another service does not count");
    sa[0].sel_sport = 8000;
    f = decide(sa, 4);
    check(pair_is(&f, 3, 4), "one for this service does");
    sa[0].sel_protocol = IPPROTO_UDP;
    f = decide(sa, 4);
    check(pair_is(&f, 3, 2), "one for UDP does not");
    sa[0] = state(A, A, 4, "aes256gcm16");
    f = decide(sa, 4);
    check(pair_is(&f, 3, 2), "nor one between other addresses");
    sa[0] = state(B, A, 4, "aes128gcm16");
    sa[0].reqid = 78;
    f = decide(sa, 4);
    check(pair_is(&f, 3, 2), "nor one of another reqid");
    check(strstr(f.how, "no rekey") && !strstr(f.how, "no replay"),
          "and it is said how it is known");
}

/* A guard for a service of this host. */
static void manual_mirror(void)
{
    struct sad_entry sa[] = {state(B, A, 4, "aes256gcm16"), state(A, B, 3, "aes256gcm16")};
    struct finding f = decide_at(true, sa, 2);
    check(pair_is(&f, 3, 4), "a caller's states, one each way");
    sa[0].sel_protocol = sa[1].sel_protocol = IPPROTO_TCP;
    sa[0].sel_dport = sa[1].sel_sport = 8000;
    f = decide_at(true, sa, 2);
    check(pair_is(&f, 3, 4), "for our service");
    f = decide(sa, 2);
    check(!f.pairs && !f.code, "which are none for that of the other end");
    sa[0].sel_dport = sa[1].sel_sport = 0;
    sa[0].sel_sport = sa[1].sel_dport = 8000;
    f = decide_at(true, sa, 2);
    check(!f.pairs && !f.code, "from one port of the caller's alone: not for our service");
}

/* The result of manual_decide() for two SAs of the same kind. */
static enum btns_reason code_of(const char *of, const char *latched, unsigned window, bool accept)
{
    const struct key_source source = {
        .keys = KEYS_MANUAL, .reqid = 77, .peer = "bob", .accept_no_replay = accept};
    struct sad_entry sa[] = {state(B, A, 2, of), state(A, B, 1, of)};
    const struct manual_question q = {.source = &source,
                                      .local = host_addr(A),
                                      .remote = host_addr(B),
                                      .service = {IPPROTO_TCP, 8000},
                                      .asked = suite("aes256gcm16"),
                                      .latched = latched ? suite(latched) : NULL};
    struct finding f;
    sa[0].replay_window = window;
    manual_decide(&q, sa, 2, &f);
    return f.code;
}

static void manual_quality(void)
{
    const char *asked = "aes256gcm16", *as_strong = "chacha20poly1305";
    check(!code_of(as_strong, NULL, 32, false), "as strong as the suite asked for");
    check(code_of("aes128gcm16", NULL, 32, false) == BTNS_R_WEAKER, "weaker than asked for");
    check(!code_of(asked, asked, 32, false), "the latched suite");
    check(code_of(as_strong, asked, 32, false) == BTNS_R_WEAKER, "another suite than latched");
    check(code_of(asked, NULL, 0, false) == BTNS_R_WEAKER, "no replay window");
    check(!code_of(asked, NULL, 1, false), "a small replay window");
    check(!code_of(asked, NULL, 0, true), "no replay window, which the profile accepts");
}

int main(void)
{
    manual_quality();
    manual();
    manual_mirror();
    return check_end();
}
