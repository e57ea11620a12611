/*
 * Merges the policy that a program set on one socket with a rule's profile: the stricter of each.
 */
#include "btnsd/rules/model/wish.h"

#include <errno.h>
#include <string.h>

bool wish_names_peers(const struct wish *w)
{
    return w->peers || w->expects;
}

static const struct profile *profile_wished(const struct rules *r, const char *name)
{
    for (size_t i = 0; r && i < r->profiles; i++)
        if (!strcmp(r->profile[i].name, name))
            return &r->profile[i];
    return NULL;
}

static unsigned profile_key_bits(const struct profile *p)
{
    return suite_or_default(p->suite)->key_bits;
}

/* Finds the profile that the wish names, if it asks for at least as much as the rule's. */
static int choose_wished_profile(const struct wish *w, const struct profile *rule,
                                 const struct rules *host, struct wished *out, struct err *err)
{
    out->profile = *rule;
    if (!*w->profile)
        return 0;
    const struct profile *p = profile_wished(host, w->profile);
    if (!p) {
        err_set(err, "the program asks for profile \"%s\", which is not in the policy", w->profile);
        return -ENOENT;
    }
    if (p->beet != rule->beet) {
        err_set(
            err,
            "the program asks for profile \"%s\" (mode = %s) where profile \"%s\" has mode = %s",
            w->profile, profile_mode(p), rule->name, profile_mode(rule));
        return -EPERM;
    }
    if (!demand_covers(&p->who, &rule->who) || profile_key_bits(p) < profile_key_bits(rule) ||
        !key_source_same(&p->source, &rule->source)) {
        err_set(err, "the program asks for profile \"%s\", which asks for less than profile \"%s\"",
                w->profile, rule->name);
        return -EPERM;
    }
    out->profile = *p;
    return 0;
}

static bool demand_lists_key(const struct demand *d, const struct btns_key *key,
                             wish_key_named *named, const void *arg)
{
    for (size_t i = 0; i < d->permits; i++) {
        const struct permit *p = &d->permit[i];
        const struct btns_key *k = p->is_key ? &p->key : named ? named(arg, p->name) : NULL;
        if (k && btns_key_equal(k, key))
            return true;
    }
    return false;
}

static bool wishes_key(const struct wish *w, const struct btns_key *key)
{
    for (size_t i = 0; i < w->peers; i++)
        if (btns_key_equal(&w->peer[i], key))
            return true;
    return !w->peers;
}

/* Keeps only the keys that both the wish names and the rule allows. */
static int name_wished_peers(const struct wish *w, wish_key_named *named, const void *arg,
                             struct wished *out, struct err *err)
{
    struct demand *d = &out->profile.who;
    const struct btns_key *key = w->expects ? &w->expected : w->peer;
    size_t n = 0, keys = w->expects ? 1 : w->peers;
    if (d->identity == IDENTITY_CERTIFICATE || out->profile.source.keys != KEYS_PRIVATE) {
        err_set(err,
                "the program names the peer's key, and profile \"%s\" asks for %s: a key cannot "
                "be expected beside that",
                out->profile.name,
                d->identity == IDENTITY_CERTIFICATE ? "a certificate" : "another key manager");
        return -EOPNOTSUPP;
    }
    for (size_t i = 0; i < keys; i++) {
        if (!wishes_key(w, &key[i]) ||
            (d->identity == IDENTITY_NAMED && !demand_lists_key(d, &key[i], named, arg)))
            continue;
        out->permit[n].is_key = true;
        out->permit[n].key = key[i];
        out->permit[n++].name[0] = '\0';
    }
    if (!n) {
        err_set(err, "the peer that the program expects is not one of those that %s",
                d->identity == IDENTITY_NAMED ? "the rule is for" : "its own policy names");
        return -EPERM;
    }
    *d = (struct demand){.identity = IDENTITY_NAMED, .permit = out->permit, .permits = n};
    return 0;
}

static int raise_wished_identity(const struct wish *w, struct wished *out, struct err *err)
{
    struct demand *d = &out->profile.who;
    if (w->identity == IDENTITY_CERTIFICATE && d->identity != IDENTITY_CERTIFICATE) {
        err_set(err, "the program asks for a certificate, and profile \"%s\" names no authority",
                out->profile.name);
        return -EOPNOTSUPP;
    }
    if (w->identity == IDENTITY_KNOWN_KEY && d->identity == IDENTITY_ANY_KEY)
        d->identity = IDENTITY_KNOWN_KEY;
    return 0;
}

int wish_merge(const struct wish *w, const struct profile *rule, const struct rules *host,
               wish_key_named *named, const void *arg, struct wished *out, struct err *err)
{
    int rc = choose_wished_profile(w, rule, host, out, err);
    if (!rc)
        rc = wish_names_peers(w) ? name_wished_peers(w, named, arg, out, err)
                                 : raise_wished_identity(w, out, err);
    if (rc)
        return rc;
    if (w->vouched && !demand_is_strict(&out->profile.who)) {
        err_set(err,
                "nobody vouches for the peer's key: the program's policy does not take that "
                "(IPSEC_BTNS_STANDALONE is 0), and profile \"%s\" names no peer",
                out->profile.name);
        return -EPERM;
    }
    if (w->suite && w->suite->key_bits > profile_key_bits(&out->profile))
        snprintf(out->profile.suite, sizeof out->profile.suite, "%s", w->suite->name);
    if (w->timeout_ms)
        out->profile.timeout_ms = w->timeout_ms;
    return 0;
}
