/* A peer's public key, which is its identity, and its textual forms. */
#ifndef BTNS_LIBAPI_WIRE_KEY_H
#define BTNS_LIBAPI_WIRE_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * An Ed25519 key; or, for another kind of key in a certificate, the SHA-256 of its
 * SubjectPublicKeyInfo.
 */
struct btns_key {
    uint8_t raw[32];
    bool hashed;
};

#define BTNS_KEY_STR   56 /* "ed25519:" or "sha256:" with 44 characters of base64 */
#define BTNS_KEY_SHORT 20 /* the same, with only 10 characters of base64 */
#define BTNS_PEER_NAME 64 /* a peer's name, NUL-terminated */

const char *btns_key_str(const struct btns_key *k, char buf[BTNS_KEY_STR]);
const char *btns_key_short(const struct btns_key *k, char buf[BTNS_KEY_SHORT]);
/* Parses "ed25519:" with exactly 44 characters of base64, the only form that people may write. */
bool btns_key_parse(struct btns_key *k, const char *text);
/* Parses a text that btns_key_str() wrote, so also "sha256:...". */
bool btns_key_reread(struct btns_key *k, const char *text);

/*
 * Is this a valid name for a peer? Up to 63 of [A-Za-z0-9._+-], and not a word that stands for
 * several peers.
 */
bool btns_peer_name_ok(const char *name);

static inline bool btns_key_equal(const struct btns_key *a, const struct btns_key *b)
{
    return a->hashed == b->hashed && !memcmp(a->raw, b->raw, sizeof a->raw);
}

/* Makes a key from the form that it has in messages. */
static inline struct btns_key btns_key_of(const uint8_t raw[32], bool hashed)
{
    struct btns_key k = {.hashed = hashed};
    memcpy(k.raw, raw, sizeof k.raw);
    return k;
}

#endif
