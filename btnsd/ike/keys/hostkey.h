/* This host's own key. */
#ifndef BTNS_IKE_KEYS_HOSTKEY_H
#define BTNS_IKE_KEYS_HOSTKEY_H

#include "libapi/wire/err.h"
#include "libapi/wire/key.h"

#include <stddef.h>
#include <stdint.h>

struct hostkey {
    struct btns_key pub;
    uint8_t pkcs8[128]; /* private key, DER, for VICI's load-key */
    size_t pkcs8_len;
};
/*
 * Reads dir/host.key (PEM, PKCS#8, mode 0600, root-owned), or makes it if there is none; the public
 * half is written to host.pub. Anything odd about an existing file is an error: a host key is never
 * replaced.
 */
int hostkey_load(const char *dir, struct hostkey *k, struct err *err);
/* Writes a peer's public key as the SubjectPublicKeyInfo PEM that charon takes in `pubkeys`. */
void key_to_pem(const struct btns_key *k, char *buf, size_t size);

#endif
