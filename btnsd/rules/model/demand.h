/*
 * The identity that a rule demands of the peer, with the names, keys and certificates to check it.
 */
#ifndef BTNS_RULES_MODEL_DEMAND_H
#define BTNS_RULES_MODEL_DEMAND_H

#include "libapi/wire/key.h"

#include <stddef.h>

/* From weak to strong; a peer that must meet a stronger one never gets by with a weaker one. */
enum identity {
    IDENTITY_ANY_KEY,
    IDENTITY_KNOWN_KEY,
    IDENTITY_NAMED,
    IDENTITY_CERTIFICATE,
    IDENTITIES
};

/* One of the peers that `permit` lists. */
struct permit {
    bool is_key;
    struct btns_key key;
    char name[BTNS_PEER_NAME]; /* "" for a key */
};

struct demand {
    enum identity identity;
    const struct permit *permit; /* valid with IDENTITY_NAMED */
    size_t permits;
    const char *ca_file, *ca_pem; /* certificate: the authority's own, and its file */
    const char *id; /* certificate; NULL: any certificate that the authority has issued */
};

/* Copies the demand into one block, which the caller frees; NULL when there is no memory. */
struct demand *demand_copy(const struct demand *d);
bool demand_equal(const struct demand *a, const struct demand *b);
/* Does `a` ask for at least as much as `b`? This is a partial order. */
bool demand_covers(const struct demand *a, const struct demand *b);
/* Does the demand say who the peer is, instead of only requiring the same peer as before? */
bool demand_is_strict(const struct demand *d);
#define DEMAND_STR 256
/*
 * Writes "known-key", "named bob, carol", "certificate bob.example of /etc/btns/ca.pem"; returns
 * buf.
 */
const char *demand_str(const struct demand *d, char buf[DEMAND_STR]);

#endif
