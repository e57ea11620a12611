/*
 * What a program asks for on one socket of its own (libbtns). A wish can only make what the rules
 * say stricter; merging the two is pure.
 */
#ifndef BTNS_RULES_MODEL_WISH_H
#define BTNS_RULES_MODEL_WISH_H

#include "btnsd/rules/model/rules.h"

#define WISH_PEERS 16

enum wish_action { WISH_AS_RULES, WISH_PREFER, WISH_PROTECT };

struct wish {
    enum wish_action action;
    bool vouched;           /* a key that nobody vouches for is not enough */
    enum identity identity; /* at least ANY_KEY, KNOWN_KEY or CERTIFICATE */
    struct btns_key peer[WISH_PEERS];
    size_t peers;              /* 0: any */
    bool expects;              /* one peer alone */
    struct btns_key expected;  /* with `expects` */
    const struct suite *suite; /* at least this; NULL: as rules say */
    unsigned timeout_ms;       /* 0: as rules say */
    char profile[64];          /* "": as rules say */
};

/* A rule's profile made stricter. It points into itself, so it is not copied. */
struct wished {
    struct profile profile;
    struct permit permit[WISH_PEERS];
};

/* The key that known_peers has under this name, or NULL. */
typedef const struct btns_key *wish_key_named(const void *arg, const char *name);

/*
 * The wish and a rule's profile together. host: the rules whose profiles a wish may name. 0, or
 * -errno with err: -EPERM, the rule and the wish exclude each other; -ENOENT, no such profile;
 * -EOPNOTSUPP, the two cannot be joined.
 */
int wish_merge(const struct wish *w, const struct profile *rule, const struct rules *host,
               wish_key_named *named, const void *arg, struct wished *out, struct err *err);
/* Does the wish say who may be at the other end? */
bool wish_names_peers(const struct wish *w);

#endif
