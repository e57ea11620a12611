/*
 * The judge of SAs: every fault, for btnsd's own SAs and others', the value that is just good
 * enough, and which of two faults is reported. TAP.
 */
#include "btnsd/latch/keying/sa_judge.h"
#include "test/unit/check.h"

#include <netinet/in.h>
#include <string.h>

static struct sad_entry good(const struct suite *s)
{
    struct sad_entry sa = {.spi = 1,
                           .protocol = IPPROTO_ESP,
                           .mode = XFRM_MODE_TRANSPORT,
                           .encap = true,
                           .key_bits = s->key_bits,
                           .icv_bits = 128,
                           .replay_window = 32};
    snprintf(sa.alg, sizeof sa.alg, "%s", s->kernel);
    return sa;
}

static void set_suite(struct sad_entry *sa, const char *name)
{
    sa->key_bits = suite_named(name)->key_bits;
    snprintf(sa->alg, sizeof sa->alg, "%s", suite_named(name)->kernel);
}

static void make_ah(struct sad_entry *sa)
{
    sa->protocol = IPPROTO_AH;
}
static void make_tunnel(struct sad_entry *sa)
{
    sa->mode = XFRM_MODE_TUNNEL;
}
/* Between inner addresses, which such an SA has beside those of the wire. */
static void make_inner(struct sad_entry *sa)
{
    sa->outer_src.family = sa->outer_dst.family = AF_INET;
}
static void make_beet(struct sad_entry *sa)
{
    sa->mode = XFRM_MODE_BEET;
}
static void shorten_key(struct sad_entry *sa)
{
    sa->key_bits -= 64;
}
static void make_null_cipher(struct sad_entry *sa)
{
    snprintf(sa->alg, sizeof sa->alg, "ecb(cipher_null)");
    snprintf(sa->auth, sizeof sa->auth, "hmac(sha256)");
}
static void remove_cipher(struct sad_entry *sa)
{
    sa->alg[0] = '\0';
}
static void add_auth(struct sad_entry *sa)
{
    snprintf(sa->auth, sizeof sa->auth, "hmac(sha256)");
}
static void make_aes128(struct sad_entry *sa)
{
    set_suite(sa, "aes128gcm16");
}
static void make_chacha(struct sad_entry *sa)
{
    set_suite(sa, "chacha20poly1305");
}
static void shorten_icv(struct sad_entry *sa)
{
    sa->icv_bits = 64;
}
static void remove_window(struct sad_entry *sa)
{
    sa->replay_window = 0;
}
static void set_window_1(struct sad_entry *sa)
{
    sa->replay_window = 1;
}
static void set_window_31(struct sad_entry *sa)
{
    sa->replay_window = 31;
}
static void remove_encap(struct sad_entry *sa)
{
    sa->encap = false;
}

/* SAs of aes256gcm16, encapsulated in UDP, are made worse in one or two ways. */
static const struct test_case {
    enum sa_maker maker;
    const char *direction; /* which SA is made worse: "out", "in" */
    void (*first)(struct sad_entry *sa), (*second)(struct sad_entry *sa);
    enum sa_fault fault;
    const char *says;
    const char *latched; /* NULL: nothing is latched yet */
} cases[] = {
#define OURS   SA_OF_OURS
#define OTHERS SA_OF_OTHERS
#define L      "aes256gcm16"
    /* Each fault alone. */
    {OURS, "out", NULL, NULL, SA_GOOD, "", L},
    {OURS, "in", NULL, NULL, SA_GOOD, "", NULL},
    {OURS, "in", make_ah, NULL, SA_NOT_ESP, "the SA in place is of protocol 51, not ESP", L},
    {OURS, "out", make_tunnel, NULL, SA_OTHER_MODE, "the SA in place is not in transport", L},
    {OURS, "in", make_inner, make_beet, SA_GOOD, "", L},
    {OURS, "out", make_inner, NULL, SA_OTHER_MODE, "the SA in place is not in BEET mode", L},
    {OURS, "in", make_inner, make_tunnel, SA_OTHER_MODE, "the SA in place is not in BEET mode", L},
    {OURS, "in", make_beet, NULL, SA_OTHER_MODE, "the SA in place is not in transport mode", L},
    {OURS, "in", remove_cipher, NULL, SA_NO_SUITE, "the SA in place has no cipher with", L},
    {OURS, "in", make_null_cipher, NULL, SA_NO_SUITE, "ecb(cipher_null) and hmac(sha256)", NULL},
    {OURS, "out", shorten_key, NULL, SA_NO_SUITE, "with 224 key bits", NULL},
    {OURS, "in", make_aes128, NULL, SA_OTHER_SUITE, "160 key bits, latched is aes256gcm16", L},
    {OURS, "in", make_chacha, NULL, SA_OTHER_SUITE, "latched is aes256gcm16", L},
    {OURS, "out", shorten_icv, NULL, SA_SHORT_ICV, "an integrity check of 64 bits", L},
    {OURS, "in", remove_window, NULL, SA_REPLAY_WINDOW, "the SA in place has no replay window", L},
    {OURS, "in", set_window_31, NULL, SA_REPLAY_WINDOW, "of 31 packets: 32 are asked for", L},
    {OURS, "in", remove_encap, NULL, SA_NOT_ENCAPSULATED, "is not encapsulated in UDP", L},
    {OURS, "out", remove_encap, NULL, SA_NOT_ENCAPSULATED, "is not encapsulated in UDP", L},
    {OTHERS, "out", NULL, NULL, SA_GOOD, "", L},
    {OTHERS, "out", make_ah, NULL, SA_NOT_ESP, "the outgoing SA is of protocol 51, not ESP", L},
    {OTHERS, "in", make_tunnel, NULL, SA_OTHER_MODE, "the incoming SA is not in transport", L},
    {OTHERS, "out", remove_cipher, NULL, SA_NO_SUITE, "has no cipher", NULL},
    {OTHERS, "in", shorten_key, NULL, SA_NO_SUITE, "none of our suites", NULL},
    {OTHERS, "in", shorten_icv, NULL, SA_SHORT_ICV, "the incoming SA has an integrity check", L},
    {OTHERS, "out", make_aes128, NULL, SA_WEAKER, "aes128gcm16, which is weaker than " L, NULL},
    {OTHERS, "in", make_chacha, NULL, SA_OTHER_SUITE, "latched is aes256gcm16", L},
    {OTHERS, "in", make_chacha, NULL, SA_SUITES_DIFFER, L " out, chacha20poly1305 in", NULL},
    {OTHERS, "in", remove_window, NULL, SA_REPLAY_WINDOW, "incoming SA has no replay window", L},
    /* Conditions for one kind of SA only. */
    {OURS, "in", make_aes128, NULL, SA_GOOD, "", NULL},
    {OURS, "in", add_auth, NULL, SA_GOOD, "", L},
    {OTHERS, "in", add_auth, NULL, SA_NO_SUITE, "and hmac(sha256)", L},
    {OURS, "out", remove_window, NULL, SA_GOOD, "", L},
    {OTHERS, "out", remove_window, NULL, SA_GOOD, "", L},
    {OTHERS, "in", set_window_1, NULL, SA_GOOD, "", L},
    /* The order: of two faults the first one is reported. */
    {OURS, "in", make_ah, make_tunnel, SA_NOT_ESP, "not ESP", L},
    {OURS, "in", make_tunnel, shorten_key, SA_OTHER_MODE, "transport", L},
    {OURS, "in", shorten_key, shorten_icv, SA_NO_SUITE, "none of our suites", L},
    {OURS, "in", make_aes128, shorten_icv, SA_OTHER_SUITE, "latched is", L},
    {OURS, "in", shorten_icv, remove_window, SA_SHORT_ICV, "integrity check", L},
    {OURS, "in", remove_window, remove_encap, SA_REPLAY_WINDOW, "replay window", L},
    {OTHERS, "out", make_ah, make_tunnel, SA_NOT_ESP, "not ESP", L},
    {OTHERS, "out", make_tunnel, shorten_key, SA_OTHER_MODE, "transport", L},
    {OTHERS, "out", shorten_key, shorten_icv, SA_NO_SUITE, "none of our suites", L},
    {OTHERS, "in", make_aes128, shorten_icv, SA_SHORT_ICV, "integrity check", L},
    {OTHERS, "in", make_chacha, shorten_icv, SA_SHORT_ICV, "integrity check", L},
    {OTHERS, "out", make_aes128, remove_window, SA_WEAKER, "weaker", "chacha20poly1305"},
    {OTHERS, "in", make_chacha, remove_window, SA_OTHER_SUITE, "latched is", L},
    {OTHERS, "in", make_chacha, remove_window, SA_SUITES_DIFFER, "the SAs differ", NULL},
#undef OURS
#undef OTHERS
#undef L
};

/* Only btnsd's own SAs must stay encapsulated in UDP; another key manager may change that. */
static struct sa_facts facts(enum sa_maker maker, const char *latched)
{
    bool ours = maker == SA_OF_OURS;
    return (struct sa_facts){.maker = maker,
                             .asked = ours ? NULL : suite_named("aes256gcm16"),
                             .latched = suite_named(latched),
                             .replay_window = ours ? REPLAY_WINDOW_OURS : REPLAY_WINDOW_OTHERS,
                             .encapsulated = ours};
}

static void judge_case(size_t n, const struct test_case *c)
{
    struct sad_entry bad = good(suite_named("aes256gcm16")), other = bad;
    char why[BTNS_TEXT_MAX] = "";
    bool out = !strcmp(c->direction, "out"), alone = c->maker == SA_OF_OURS;
    struct sa_facts f = facts(c->maker, c->latched);
    if (c->first)
        c->first(&bad);
    if (c->second)
        c->second(&bad);
    f.out = out ? &bad : alone ? NULL : &other;
    f.in = !out ? &bad : alone ? NULL : &other;
    struct sa_verdict v = sa_judge(&f);
    bool told = sa_is_good(&f, why) == (c->fault == SA_GOOD) && strstr(why, c->says);
    check(v.fault == c->fault && told && (c->fault != SA_GOOD || !why[0]), "case %zu: %s", n,
          why[0] ? why : "good");
}

/* The outgoing SA is judged whole before the incoming one. */
static void judge_both(void)
{
    struct sad_entry out = good(suite_named("aes256gcm16")), in = out;
    struct sa_facts f = facts(SA_OF_OTHERS, NULL);
    make_aes128(&out);
    make_ah(&in);
    f.out = &out;
    f.in = &in;
    struct sa_verdict v = sa_judge(&f);
    check(v.fault == SA_WEAKER && v.sa == &out, "the outgoing SA is judged first");
    make_chacha(&out);
    in = out;
    check(sa_judge(&f).fault == SA_GOOD, "a suite as strong as the one asked for");
    remove_window(&in);
    check(sa_judge(&f).fault == SA_REPLAY_WINDOW, "no window, which is not accepted");
    f.replay_window = 0;
    check(sa_judge(&f).fault == SA_GOOD, "no window, which is accepted");
}

static void judge_suites(void)
{
    for (const struct suite *s = suites; s->name; s++)
        for (const struct suite *t = suites; t->name; t++) {
            struct sad_entry sa = good(t);
            struct sa_facts f = facts(SA_OF_OURS, s->name);
            f.in = &sa;
            check(sa_suite(&sa) == t && (sa_judge(&f).fault == SA_GOOD) == (s == t),
                  "latched %s, in place %s", s->name, t->name);
        }
}

static void judge_encapsulation(void)
{
    struct sad_entry sa = good(suites);
    struct sa_facts f = facts(SA_OF_OURS, NULL);
    f.in = &sa;
    f.encapsulated = false;
    check(sa_judge(&f).fault == SA_GOOD, "encapsulated, where that is not latched");
    remove_encap(&sa);
    check(sa_judge(&f).fault == SA_GOOD, "neither latched nor encapsulated");
}

int main(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        judge_case(i, cases + i);
    judge_both();
    judge_suites();
    judge_encapsulation();
    return check_end();
}
