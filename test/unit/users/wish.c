/*
 * What a program asks for on one socket: read from attributes, and combined with a rule's profile.
 * TAP.
 */
#include "btnsd/base/user_limits.h"
#include "btnsd/users/socket_wishes.h"
#include "btnsd/users/wish_read.h"
#include "libapi/btns/ipsec.h"
#include "libapi/wire/attrs.h"
#include "test/unit/check.h"

#include <errno.h>
#include <string.h>

#define BOB   "ed25519:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="
#define CAROL "ed25519:AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM="

static struct btns_key bob, carol;

static const struct btns_key *named(const void *arg, const char *name)
{
    (void)arg;
    return !strcmp(name, "bob") ? &bob : NULL;
}

static unsigned char buf[8192];
static struct attrs_out out;
static struct wish wish;
static struct err err;

static struct attrs_out *begin_list(void)
{
    out = (struct attrs_out){.buf = buf, .room = sizeof buf};
    attrs_put_u32(&out, BTNS_API_POLICY_TYPE, IPSEC_DEFAULT_POLICY);
    return &out;
}

static int read_list(void)
{
    wish = (struct wish){0};
    return wish_read_policy(&wish, buf, out.len, named, NULL, &err);
}

static int with_number(uint32_t type, uint32_t value)
{
    attrs_put_u32(begin_list(), type, value);
    return read_list();
}

static int with_text(uint32_t type, const char *text)
{
    attrs_put_text(begin_list(), type, text);
    return read_list();
}

static void test_attributes(void)
{
    begin_list();
    check(!read_list() && wish.action == WISH_AS_RULES && !wish.vouched, "nothing: as rules say");
    check(!with_number(IPSEC_BTNS_STANDALONE, 1) && wish.action == WISH_PROTECT && !wish.vouched,
          "standalone: protected, by any key");
    check(!with_number(IPSEC_BTNS_STANDALONE, 0) && wish.vouched, "not standalone: vouched for");
    check(!with_number(IPSEC_BTNS_CHANNEL_BINDING, 1) && wish.action == WISH_PROTECT,
          "channel binding: protected");
    check(!with_number(IPSEC_BTNS_CHANNEL_BINDING, 0) && wish.action == WISH_AS_RULES,
          "no channel binding: as rules say");
    check(!with_number(IPSEC_POLICY_ACTION, IPSEC_ACTION_PREFER) && wish.action == WISH_PREFER,
          "prefer");
    check(!with_number(IPSEC_POLICY_TIMEOUT, 2500) && wish.timeout_ms == 2500 &&
              wish.action == WISH_AS_RULES,
          "a time limit");
    check(with_number(IPSEC_POLICY_TIMEOUT, 60001) == -EINVAL, "not above a minute");
    check(with_number(IPSEC_POLICY_ACTION, 4) == -EINVAL, "no action of that number");
    check(!with_text(IPSEC_POLICY_SUITE, "aes128gcm16") && !strcmp(wish.suite->name, "aes128gcm16"),
          "a suite");
    check(with_text(IPSEC_POLICY_SUITE, "des") == -ENOENT, "no such suite");
    check(!with_number(IPSEC_POLICY_KEY_BITS, 128) && !strcmp(wish.suite->name, "aes128gcm16"),
          "128 bits: the weakest suite that has them");
    check(!with_number(IPSEC_POLICY_KEY_BITS, 129) && !strcmp(wish.suite->name, "aes256gcm16"),
          "129 bits: the next");
    check(with_number(IPSEC_POLICY_KEY_BITS, 512) == -EOPNOTSUPP, "512 bits: none has them");
    check(!with_text(IPSEC_POLICY_PEER, BOB ", " CAROL) && wish.peers == 2 &&
              btns_key_equal(&wish.peer[1], &carol),
          "two peers by key");
    check(!with_text(IPSEC_POLICY_PEER, "bob") && btns_key_equal(wish.peer, &bob), "one by name");
    check(with_text(IPSEC_POLICY_PEER, "mallory") == -ENOENT, "nobody has that name");
    check(with_text(IPSEC_POLICY_PEER, "ed25519:AAAA") == -EINVAL, "half a key");
    check(with_text(IPSEC_POLICY_PEER, ", ,") == -EINVAL, "a list of nobody");
    check(with_number(IPSEC_POLICY_IDENTITY, IPSEC_IDENTITY_NAMED) == -EINVAL,
          "a named one, and no name");
    check(with_number(0x4711, 1) == -EOPNOTSUPP, "what is not understood is not left out");
    attrs_put_u32(begin_list(), IPSEC_POLICY_ACTION, IPSEC_ACTION_PREFER);
    attrs_put_text(&out, IPSEC_POLICY_PEER, BOB);
    check(read_list() == -EINVAL, "one peer alone, or else in the clear: no");
    attrs_put(begin_list(), IPSEC_BTNS_STANDALONE, "abc", 3);
    check(read_list() == -EINVAL, "three octets are no number");
    with_number(IPSEC_BTNS_STANDALONE, 1);
    out.len -= 2;
    check(read_list() == -EINVAL, "cut off");
}

static void test_bounds(void)
{
    char many[17 * 60] = "";
    for (int i = 0; i < 16; i++)
        strcat(many, BOB ",");
    check(!with_text(IPSEC_POLICY_PEER, many) && wish.peers == 16, "16 peers");
    strcat(many, CAROL);
    check(with_text(IPSEC_POLICY_PEER, many) == -EINVAL, "17 are too many");
}

static struct rules host;
static struct wished joined;

static int join(const struct profile *rule)
{
    return wish_merge(&wish, rule, &host, named, NULL, &joined, &err);
}

static void expect(const struct btns_key *key)
{
    wish.expects = true;
    wish.expected = *key;
}

static void test_joining(void)
{
    static const struct permit bobs[] = {{.name = "bob"}};
    struct profile any = {.name = "any", .suite = "aes128gcm16", .timeout_ms = 5000};
    struct profile known = {.name = "known", .who = {.identity = IDENTITY_KNOWN_KEY}};
    struct profile for_bob = {.name = "bob",
                              .who = {.identity = IDENTITY_NAMED, .permit = bobs, .permits = 1}};
    struct profile pki = {.name = "pki", .who = {.identity = IDENTITY_CERTIFICATE}};
    struct profile all[] = {any, known, for_bob, pki};
    host = (struct rules){.profile = all, .profiles = 4};
    wish = (struct wish){0};
    check(!join(&any) && joined.profile.who.identity == IDENTITY_ANY_KEY &&
              joined.profile.timeout_ms == 5000,
          "nothing wished: the rule's profile");
    expect(&bob);
    check(!join(&known) && joined.profile.who.identity == IDENTITY_NAMED &&
              joined.profile.who.permits == 1 &&
              btns_key_equal(&joined.profile.who.permit[0].key, &bob),
          "one peer alone, where the rule takes any");
    check(!join(&for_bob), "bob, where the rule is for bob by name");
    check(join(&pki) == -EOPNOTSUPP, "a key beside a certificate");
    expect(&carol);
    check(join(&for_bob) == -EPERM, "carol, where the rule is for bob: a wish does not weaken");
    wish.peer[wish.peers++] = bob;
    check(join(&any) == -EPERM, "carol is expected, and the program's own policy names bob");
    wish.peer[wish.peers++] = carol;
    check(!join(&any) && joined.profile.who.permits == 1, "carol is one of them, and alone");
    wish = (struct wish){.vouched = true};
    check(join(&known) == -EPERM && !join(&for_bob) && !join(&pki),
          "a key that somebody vouches for");
    wish = (struct wish){.suite = suite_named("aes256gcm16")};
    check(!join(&any) && !strcmp(joined.profile.suite, "aes256gcm16"), "a stronger suite is taken");
    wish.suite = suite_named("aes128gcm16");
    check(!join(&known) && !*joined.profile.suite, "a weaker one is not");
    wish = (struct wish){.identity = IDENTITY_KNOWN_KEY};
    check(!join(&any) && joined.profile.who.identity == IDENTITY_KNOWN_KEY && !join(&for_bob) &&
              joined.profile.who.identity == IDENTITY_NAMED,
          "identities are raised, never lowered");
    wish.identity = IDENTITY_CERTIFICATE;
    check(join(&any) == -EOPNOTSUPP && !join(&pki),
          "a certificate needs an authority of the rule's");
    wish = (struct wish){.profile = "bob"};
    check(!join(&any) && joined.profile.who.identity == IDENTITY_NAMED,
          "a stricter profile by name");
    strcpy(wish.profile, "any");
    check(join(&for_bob) == -EPERM, "not a laxer one");
    strcpy(wish.profile, "none");
    check(join(&any) == -ENOENT, "nor one that is not there");
}

static void test_expected(void)
{
    struct wish w = {0};
    out = (struct attrs_out){.buf = buf, .room = sizeof buf};
    check(wish_read_peer(&w, buf, 0, &err) == -ENODATA, "nobody is expected");
    attrs_put(&out, IPSEC_CHANNEL_PEER_KEY, bob.raw, 32);
    check(!wish_read_peer(&w, buf, out.len, &err) && w.expects &&
              btns_key_equal(&w.expected, &bob) && w.action == WISH_PROTECT,
          "one is, protected");
    attrs_put_u32(&out, IPSEC_CHANNEL_PEER_KEY_TYPE, IPSEC_KEY_SPKI_SHA256);
    check(wish_read_peer(&w, buf, out.len, &err) == -EOPNOTSUPP, "a certificate's key cannot be");
    out.len = 0;
    attrs_put(&out, IPSEC_CHANNEL_PEER_KEY, bob.raw, 31);
    check(wish_read_peer(&w, buf, out.len, &err) == -EINVAL, "nor 31 octets of one");
}

static void test_table(void)
{
    struct socket_wishes *t = socket_wishes_new();
    struct socket_wish *w = socket_wish_get(t, 7, 1000, &err);
    check(w && socket_wish_get(t, 7, 1001, &err) == w && socket_wish_find(t, 7) == w,
          "one for a socket, whoever has it");
    unsigned n = 1;
    while (n < 2000 && socket_wish_get(t, 1000 + n, 1000, &err))
        n++;
    check(n == limits[LIMIT_WISHES].each && socket_wish_find(t, 7) == w,
          "a user has %u at most, and loses none", n);
    check(socket_wish_get(t, 1, 0, &err) && socket_wish_get(t, 2, 1001, &err),
          "others are not harmed");
    socket_wish_drop(t, 7);
    check(!socket_wish_find(t, 7) && socket_wish_get(t, 8, 1000, &err), "one that goes makes room");
    socket_wish_drop(t, 7);
    socket_wishes_free(t);
}

int main(void)
{
    btns_key_parse(&bob, BOB);
    btns_key_parse(&carol, CAROL);
    test_attributes();
    test_bounds();
    test_joining();
    test_expected();
    test_table();
    return check_end();
}
