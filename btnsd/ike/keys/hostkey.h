/* This host's own Ed25519 key: reads it, makes it, and replaces it (rotation). */
#ifndef BTNS_IKE_KEYS_HOSTKEY_H
#define BTNS_IKE_KEYS_HOSTKEY_H

#include "btnsd/ike/keys/rotation.h"
#include "libapi/wire/err.h"
#include "libapi/wire/key.h"

#include <stddef.h>
#include <stdint.h>

struct hostkey {
    struct btns_key pub;
    uint8_t pkcs8[128]; /* private key, DER, for VICI's load-key */
    size_t pkcs8_len;
    struct rotation rotation; /* older keys that vouch for this one */
};
/*
 * Reads dir/host.key (PEM, PKCS#8, mode 0600, root-owned), or makes a key if there is none; the
 * public half is written to host.pub. Anything odd about an existing file is an error: only
 * hostkey_rotate() replaces a host key. The statement in dir/host.claim is used if it is valid.
 */
int hostkey_load(const char *dir, struct hostkey *k, struct err *err);
/*
 * Makes a new key for which `old` vouches until the given time (seconds since 1970), and puts it in
 * the place of dir/host.key. The statement goes to dir/host.claim, and the old private key to
 * dir/host.key.old. 0; or -errno with err: then the key is as before, and other files that were
 * written are ignored.
 */
int hostkey_rotate(const char *dir, const struct hostkey *old, uint64_t until, struct hostkey *next,
                   struct err *err);
/*
 * Loads the key before `k` from dir/host.key.old, if it is there. False; with err if the file is
 * odd, which is left as it is.
 */
bool hostkey_load_old(const char *dir, const struct hostkey *k, struct hostkey *old,
                      struct err *err);
void hostkey_drop_old(const char *dir);
/* The identity by which the host introduces itself. Returns its length. */
size_t hostkey_claim(const struct hostkey *k, uint8_t claim[CLAIM_ID_MAX]);
/* Writes a peer's public key as the SubjectPublicKeyInfo PEM that charon takes in `pubkeys`. */
void key_to_pem(const struct btns_key *k, char *buf, size_t size);

#endif
