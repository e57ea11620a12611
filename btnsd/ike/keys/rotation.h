/*
 * Rotation of the host key: a statement by which the old key vouches for the new one.
 *
 * A host introduces itself by the identity of an IKE SA that proves nothing (DESIGN, section 3).
 * That identity is its claim: its key (32 octets), and after each rotation, newest first,
 *
 *     old key (32 octets), valid until (8, seconds since 1970, big-endian), signature (64)
 *
 * The signature is the old key's, Ed25519, of "btns host key rotation, format 1", a NUL octet, the
 * key that follows the old one, the old key and the time. So the links are a chain: a host that
 * knows the key before the last rotation believes one signature, and one that was away for two
 * rotations believes two. The proof that follows (IKE, pinned to the new key) shows that the host
 * has that key, so the statement needs no second signature, and a host that shows it without having
 * the new key gains nothing. A host believes the statement if it knows one of the old keys, and
 * neither that key nor a later one is revoked.
 *
 * A key alone is sent as its 32 octets. A claim with links is sent as base64: charon prints an
 * identity that could be text unchanged, and any other one with three characters for each octet;
 * and it keeps at most 511 characters of an identity that it prints or is given. So there are at
 * most three links.
 */
#ifndef BTNS_IKE_KEYS_ROTATION_H
#define BTNS_IKE_KEYS_ROTATION_H

#include "libapi/wire/key.h"

#include <stddef.h>
#include <stdint.h>

#define CLAIM_KEY     32
#define CLAIM_LINK    104
#define CLAIM_LINKS   3
#define CLAIM_MAX     (CLAIM_KEY + CLAIM_LINKS * CLAIM_LINK)
#define CLAIM_ID_MAX  (4 * ((CLAIM_MAX + 2) / 3))
#define ROTATION_DAYS 365 /* how long a statement is valid */

struct rotation_link {
    struct btns_key old;
    uint64_t until; /* seconds since 1970 */
    uint8_t signature[64];
};

struct rotation {
    struct btns_key key;
    size_t links; /* 0: no older key vouches for this one */
    struct rotation_link link[CLAIM_LINKS];
};

/* Reads a claim. Does not verify its statements. */
bool rotation_read(const uint8_t *claim, size_t len, struct rotation *r);
/* Reads a claim from an identity, as charon prints it. */
bool rotation_read_id(const uint8_t *id, size_t len, struct rotation *r);
/* Writes a claim; returns its length. Statements that have expired (now: seconds) are left out. */
size_t rotation_write(const struct rotation *r, uint64_t now, uint8_t claim[CLAIM_MAX]);
/* Writes a claim as an identity. */
size_t rotation_write_id(const struct rotation *r, uint64_t now, uint8_t id[CLAIM_ID_MAX]);
/* Why nobody may believe that r->link[i].old vouches for r->key; NULL: they may. */
const char *rotation_fault(const struct rotation *r, size_t i, uint64_t now);
/*
 * Makes `next` the key of r; the former key vouches for it until this time. If there are too many
 * links, the oldest is dropped.
 */
void rotation_extend(struct rotation *r, const struct btns_key *next, uint64_t until);
/* Signs r->link[0] with the private half of its old key (PKCS#8, DER). */
bool rotation_sign(struct rotation *r, const uint8_t *pkcs8, size_t len);
/* Does this key vouch for r->key? */
bool rotation_has_old(const struct rotation *r, const struct btns_key *key);

#endif
