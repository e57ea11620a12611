/*
 * The policy that a program set on one socket (libbtns), and how it is merged with a rule's
 * profile. It can only make what the rules say stricter. Pure.
 */
#ifndef BTNS_RULES_MODEL_WISH_H
#define BTNS_RULES_MODEL_WISH_H

#include "btnsd/rules/model/rules.h"

#define WISH_PEERS 16

enum wish_action { WISH_AS_RULES, WISH_PREFER, WISH_PROTECT };

struct wish {
    enum wish_action action;
    bool vouched;           /* a key for which nobody vouches is not enough */
    enum identity identity; /* the least: ANY_KEY, KNOWN_KEY or CERTIFICATE */
    struct btns_key peer[WISH_PEERS];
    size_t peers;              /* number of peers; 0: any peer */
    bool expects;              /* only one peer is accepted */
    struct btns_key expected;  /* the key of that peer */
    const struct suite *suite; /* the least suite; NULL: the rules decide */
    unsigned timeout_ms;       /* 0: the rules decide */
    char profile[64];          /* "": the rules decide */
};

/* A rule's profile, made stricter by a wish. It points into itself, so it must not be copied. */
struct wished {
    struct profile profile;
    struct permit permit[WISH_PEERS];
};

/* The key that known_peers has under this name, or NULL. */
typedef const struct btns_key *wish_key_named(const void *arg, const char *name);

/*
 * Merges the wish with a rule's profile. host: the rules whose profiles a wish may name. 0, or
 * -errno with err: -EPERM, the rule and the wish exclude each other; -ENOENT, no such profile;
 * -EOPNOTSUPP, the two cannot be merged.
 */
int wish_merge(const struct wish *w, const struct profile *rule, const struct rules *host,
               wish_key_named *named, const void *arg, struct wished *out, struct err *err);
/* Does the wish say who may be at the other end? */
bool wish_names_peers(const struct wish *w);

#endif
