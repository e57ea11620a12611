/*
 * Parses the policy that a program sets on a socket, from the attributes of a BTNS_API_* message.
 * Pure.
 */
#include "btnsd/users/wish_read.h"

#include "libapi/btns/ipsec.h"
#include "libapi/wire/attrs.h"

#include <errno.h>
#include <string.h>

#define TIMEOUT_MAX 60000 /* ms, as in rules */
#define SALT_BITS   32

/* The attributes of a policy as they were read, before they are combined into a wish. */
struct reading {
    struct wish *w;
    wish_key_named *named;
    const void *arg;
    struct err *err;
    uint32_t action, identity, key_bits;
    bool asks; /* some attribute asks for protection */
};

static int wrong_wish_value(struct reading *r, const char *what)
{
    err_set(r->err, "%s", what);
    return -EINVAL;
}

static int read_wish_number(struct reading *r, const struct attr *a, uint32_t max, uint32_t *value)
{
    if (!attr_u32(a, value) || *value > max)
        return wrong_wish_value(
            r, "an attribute of the policy has a length or a value that it cannot have");
    return 0;
}

static int read_standalone_wish(struct reading *r, const struct attr *a)
{
    uint32_t on;
    int rc = read_wish_number(r, a, 1, &on);
    if (!rc)
        r->w->vouched = !on;
    r->asks = true;
    return rc;
}

/* The binding itself is made in the program's process, when TLS has had its handshake. */
static int read_wish_binding(struct reading *r, const struct attr *a)
{
    uint32_t on = 0;
    int rc = read_wish_number(r, a, 1, &on);
    r->asks |= on;
    return rc;
}

static int read_wish_action(struct reading *r, const struct attr *a)
{
    return read_wish_number(r, a, IPSEC_ACTION_BYPASS, &r->action);
}

static int read_wish_profile(struct reading *r, const struct attr *a)
{
    r->asks = true;
    return attr_text(a, r->w->profile, sizeof r->w->profile)
               ? 0
               : wrong_wish_value(r, "the profile's name is too long");
}

static int read_wish_suite(struct reading *r, const struct attr *a)
{
    char name[64];
    r->asks = true;
    r->w->suite = attr_text(a, name, sizeof name) ? suite_named(name) : NULL;
    if (r->w->suite)
        return 0;
    err_set(r->err, "there is no such suite: see btns-policy(5)");
    return -ENOENT;
}

static int read_wish_key_bits(struct reading *r, const struct attr *a)
{
    r->asks = true;
    return read_wish_number(r, a, 4096, &r->key_bits);
}

static int read_wish_identity(struct reading *r, const struct attr *a)
{
    r->asks = true;
    return read_wish_number(r, a, IPSEC_IDENTITY_CERTIFICATE, &r->identity);
}

static int add_wished_peer(struct reading *r, const char *text)
{
    struct btns_key key;
    if (!strncmp(text, "ed25519:", 8)) {
        if (!btns_key_parse(&key, text))
            return wrong_wish_value(r, "a peer's key is \"ed25519:\" and 44 characters of base64");
    } else {
        const struct btns_key *k = r->named ? r->named(r->arg, text) : NULL;
        if (!k) {
            err_set(r->err, "known_peers has no peer of the name \"%.80s\"", text);
            return -ENOENT;
        }
        key = *k;
    }
    if (r->w->peers == WISH_PEERS)
        return wrong_wish_value(r, "a policy may name 16 peers at most");
    r->w->peer[r->w->peers++] = key;
    return 0;
}

static int read_wished_peers(struct reading *r, const struct attr *a)
{
    char text[1280], *rest = text, *one;
    int rc = 0;
    r->asks = true;
    if (!attr_text(a, text, sizeof text))
        return wrong_wish_value(r, "the list of peers is too long");
    while (!rc && (one = strsep(&rest, ", ")))
        if (*one)
            rc = add_wished_peer(r, one);
    return rc || r->w->peers ? rc : wrong_wish_value(r, "the list of peers is empty");
}

static int read_wish_timeout(struct reading *r, const struct attr *a)
{
    uint32_t ms;
    int rc = read_wish_number(r, a, TIMEOUT_MAX, &ms);
    if (!rc)
        r->w->timeout_ms = ms;
    return rc;
}

static int read_wish_type(struct reading *r, const struct attr *a)
{
    uint32_t type;
    return read_wish_number(r, a, IPSEC_DEFAULT_POLICY, &type);
}

static int read_wish_tls_binding(struct reading *r, const struct attr *a)
{
    uint32_t which;
    return read_wish_number(r, a, IPSEC_TLS_EXPORTER, &which);
}

static const struct {
    uint32_t type;
    int (*read)(struct reading *r, const struct attr *a);
} readers[] = {
    {BTNS_API_POLICY_TYPE, read_wish_type},
    {IPSEC_BTNS_STANDALONE, read_standalone_wish},
    {IPSEC_BTNS_CHANNEL_BINDING, read_wish_binding},
    {IPSEC_POLICY_ACTION, read_wish_action},
    {IPSEC_POLICY_PROFILE, read_wish_profile},
    {IPSEC_POLICY_SUITE, read_wish_suite},
    {IPSEC_POLICY_KEY_BITS, read_wish_key_bits},
    {IPSEC_POLICY_IDENTITY, read_wish_identity},
    {IPSEC_POLICY_PEER, read_wished_peers},
    {IPSEC_POLICY_TIMEOUT, read_wish_timeout},
    {IPSEC_POLICY_TLS_BINDING, read_wish_tls_binding},
};

static int read_wish_attribute(struct reading *r, const struct attr *a)
{
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++)
        if (readers[i].type == a->type)
            return readers[i].read(r, a);
    err_set(r->err,
            "this btnsd does not know the policy attribute %#x of the program's libbtns, so it "
            "cannot do what is asked: restart btnsd after an upgrade",
            a->type);
    return -EOPNOTSUPP;
}

/* Picks the weakest suite that has this many key bits, unless the named one has as many. */
static int choose_wish_suite(struct reading *r)
{
    const struct suite *best = r->w->suite;
    if (best && best->key_bits - SALT_BITS >= r->key_bits)
        return 0;
    best = NULL;
    for (const struct suite *s = suites; r->key_bits && s->name; s++)
        if (s->key_bits - SALT_BITS >= r->key_bits && (!best || s->key_bits < best->key_bits))
            best = s;
    if (r->key_bits && !best) {
        err_set(r->err, "no suite of btns has a key of %u bits", r->key_bits);
        return -EOPNOTSUPP;
    }
    r->w->suite = r->key_bits ? best : r->w->suite;
    return 0;
}

static int conclude_wish(struct reading *r)
{
    static const enum identity identities[] = {
        [IPSEC_IDENTITY_DEFAULT] = IDENTITY_ANY_KEY,
        [IPSEC_IDENTITY_ANY_KEY] = IDENTITY_ANY_KEY,
        [IPSEC_IDENTITY_KNOWN_KEY] = IDENTITY_KNOWN_KEY,
        [IPSEC_IDENTITY_NAMED] = IDENTITY_NAMED,
        [IPSEC_IDENTITY_CERTIFICATE] = IDENTITY_CERTIFICATE,
    };
    struct wish *w = r->w;
    bool open = r->action == IPSEC_ACTION_PREFER || r->action == IPSEC_ACTION_BYPASS;
    w->identity = identities[r->identity];
    if (w->identity == IDENTITY_NAMED && !w->peers)
        return wrong_wish_value(r, "the identity is to be a named one, but no peer is named");
    if (open && (w->peers || w->vouched || w->identity == IDENTITY_CERTIFICATE))
        return wrong_wish_value(r, "a peer can be demanded only for a protected connection");
    w->action = r->action == IPSEC_ACTION_PREFER               ? WISH_PREFER
                : r->action == IPSEC_ACTION_PROTECT || r->asks ? WISH_PROTECT
                                                               : WISH_AS_RULES;
    return choose_wish_suite(r);
}

int wish_read_policy(struct wish *w, const void *list, size_t size, wish_key_named *named,
                     const void *arg, struct err *err)
{
    struct wish fresh = {.expects = w->expects, .expected = w->expected};
    struct reading r = {.w = &fresh, .named = named, .arg = arg, .err = err};
    struct attr a;
    size_t at = 0;
    int more, rc = 0;
    while (!rc && (more = attrs_next(list, size, &at, &a)))
        rc = more < 0 ? wrong_wish_value(&r, "the policy's attributes are cut off")
                      : read_wish_attribute(&r, &a);
    if (!rc)
        rc = conclude_wish(&r);
    if (!rc && fresh.expects)
        fresh.action = WISH_PROTECT;
    if (!rc)
        *w = fresh;
    return rc;
}

int wish_read_peer(struct wish *w, const void *list, size_t size, struct err *err)
{
    struct attr key, type;
    uint32_t kind = IPSEC_KEY_ED25519;
    if (!attrs_find(list, size, IPSEC_CHANNEL_PEER_KEY, &key)) {
        err_set(err, "the channel info names no peer");
        return -ENODATA;
    }
    if ((attrs_find(list, size, IPSEC_CHANNEL_PEER_KEY_TYPE, &type) && !attr_u32(&type, &kind)) ||
        key.len != sizeof w->expected.raw) {
        err_set(err, "the channel info's key has a wrong length");
        return -EINVAL;
    }
    if (kind != IPSEC_KEY_ED25519) {
        err_set(err, "only an Ed25519 key can be expected: name a certificate's holder in a rule");
        return -EOPNOTSUPP;
    }
    w->expects = true;
    w->expected = btns_key_of(key.value, false);
    w->action = WISH_PROTECT;
    return 0;
}

bool wish_asks_bypass(const void *list, size_t size)
{
    struct attr a;
    uint32_t action;
    return attrs_find(list, size, IPSEC_POLICY_ACTION, &a) && attr_u32(&a, &action) &&
           action == IPSEC_ACTION_BYPASS;
}
