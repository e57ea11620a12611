/* Deciding about SAs that btnsd did not make: their quality, and those made by hand. */
#include "btnsd/latch/keying/by_spi.h"
#include "btnsd/latch/keying/manual.h"
#include "btnsd/latch/keying/sa_quality.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

static struct btns_addr address(const char *text)
{
    struct btns_addr a;
    if (!btns_addr_parse(&a, text))
        abort();
    a.port = 0;
    return a;
}

static const struct suite *suite(const char *name)
{
    const struct suite *s = suites;
    while (s->name && strcmp(s->name, name))
        s++;
    return s;
}

/* A state of a suite, from one to the other, as the kernel tells of it. */
static struct sad_entry state(const char *src, const char *dst, uint32_t spi, const char *of)
{
    struct sad_entry sa = {
        .src = address(src),
        .dst = address(dst),
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

static bool meets(struct sad_entry out, struct sad_entry in, const char *latched, bool no_replay,
                  const char *why_not)
{
    char why[BTNS_TEXT_MAX] = "";
    bool good = quality_meets(&out, &in, suite("aes256gcm16"), latched ? suite(latched) : NULL,
                              no_replay, why);
    return why_not ? !good && strstr(why, why_not) : good;
}

static void quality(void)
{
    const struct sad_entry out = state(A, B, 1, "aes256gcm16"), in = state(B, A, 2, "aes256gcm16");
    struct sad_entry bad;
    check(meets(out, in, NULL, false, NULL), "what was asked for is good");
    check(meets(out, in, "aes256gcm16", false, NULL), "what is latched is good");
    check(meets(out, in, "chacha20poly1305", false, "is latched"), "another suite than latched");
    check(meets(state(A, B, 1, "chacha20poly1305"), state(B, A, 1, "chacha20poly1305"), NULL, false,
                NULL),
          "a suite as strong as the one asked for");
    check(meets(state(A, B, 1, "aes128gcm16"), in, NULL, false, "weaker"), "weaker out");
    check(meets(out, state(B, A, 1, "aes128gcm16"), NULL, false, "weaker"), "weaker in");
    check(meets(out, state(B, A, 1, "chacha20poly1305"), NULL, false, "differ"), "one of each");
    bad = in, bad.icv_bits = 96;
    check(meets(out, bad, NULL, false, "96 bits"), "a short integrity check");
    bad = in, bad.mode = XFRM_MODE_TUNNEL;
    check(meets(out, bad, NULL, false, "transport"), "a tunnel");
    bad = out, bad.protocol = IPPROTO_AH;
    check(meets(bad, in, NULL, false, "transport"), "AH");
    bad = out, bad.alg[0] = 0;
    check(meets(bad, in, NULL, false, "no encryption"), "no encryption");
    bad = out, snprintf(bad.alg, sizeof bad.alg, "cbc(aes)");
    check(meets(bad, in, NULL, false, "none of our suites"), "an algorithm that is not ours");
    bad = in, bad.replay_window = 0;
    check(meets(out, bad, NULL, false, "no replay window"), "no replay window");
    check(meets(out, bad, NULL, true, NULL), "no replay window, accepted");
    bad = out, bad.replay_window = 0;
    check(meets(bad, in, NULL, false, NULL), "the window of outgoing ones means nothing");
}

static struct finding decide_at(bool mirror, const struct sad_entry *sa, size_t n)
{
    static const struct key_source source = {.keys = KEYS_MANUAL, .reqid = 77, .peer = "bob"};
    const struct manual_question q = {.source = &source,
                                      .local = address(A),
                                      .remote = address(B),
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

/* The service is ours. */
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

int main(void)
{
    quality();
    manual();
    manual_mirror();
    return check_end();
}
