/*
 * Rotation of the host key: a statement by which the old key vouches for the new one.
 *
 * A host introduces itself by the identity of an IKE SA that proves nothing (DESIGN, section 3).
 * After a rotation that identity, its claim, is
 *
 *     new key (32 octets), old key (32), valid until (8, seconds since 1970, big-endian), signature
 * (64)
 *
 * and without one the key alone. The signature is the old key's, Ed25519, of "btns host key
 * rotation, format 1", a NUL octet, and the claim's first 72 octets. That the host has the new key
 * is shown by the proof that follows (IKE, pinned to that key), so the statement needs no second
 * signature; and who shows it without having the new key gains nothing, wherever that is. It is
 * believed by a host that knows the old key, as long as that key is not revoked.
 */
#ifndef BTNS_IKE_KEYS_ROTATION_H
#define BTNS_IKE_KEYS_ROTATION_H

#include "libapi/wire/key.h"

#include <stddef.h>
#include <stdint.h>

#define CLAIM_KEY      32
#define CLAIM_ROTATION 136
#define CLAIM_MAX      CLAIM_ROTATION
#define ROTATION_DAYS  365 /* so long a statement is valid */

struct rotation {
    struct btns_key key, old;
    uint64_t until; /* seconds since 1970; 0: there is no statement, and only `key` counts */
    uint8_t signature[64];
};

/* Reads a claim, of one of the two lengths. A statement is not verified. */
bool rotation_read(const uint8_t *claim, size_t len, struct rotation *r);
/* The same from charon's form of an identity: pairs of hexadecimal digits with colons between; and
 * as it is, if it could be text. */
bool rotation_read_id(const uint8_t *id, size_t len, struct rotation *r);
/* Writes a claim; returns its length. A statement that has expired (now: seconds) is left out. */
size_t rotation_write(const struct rotation *r, uint64_t now, uint8_t claim[CLAIM_MAX]);
/* NULL, or why nobody may believe the statement. */
const char *rotation_fault(const struct rotation *r, uint64_t now);
/* Signs with the old key's private half (PKCS#8, DER): key, old and until are set. */
bool rotation_sign(struct rotation *r, const uint8_t *pkcs8, size_t len);

#endif
