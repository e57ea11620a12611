/*
 * Reads this host's own certificate, for peers that ask for one. The administrator puts it into
 * files.
 */
#ifndef BTNS_IKE_KEYS_OWN_CERT_H
#define BTNS_IKE_KEYS_OWN_CERT_H

#include "btnsd/ike/keys/hostkey.h"

#define OWN_CERTS 8 /* the host's own, and the chain up to the authority */

struct own_cert {
    char *pem[OWN_CERTS]; /* the host's first */
    size_t certs;         /* 0: this host has no certificate */
    uint8_t *key;         /* PKCS#8, DER; NULL: the host key */
    size_t key_len;
};

/*
 * Reads dir/host.crt (PEM: the certificate, then the chain up to the authority) and its key,
 * dir/host.crt.key. Without a host.crt.key the certificate must be for the host key. Without a
 * host.crt: 0, and own is empty. When anything is odd: -EINVAL with err, and own is empty, too.
 */
int own_cert_load(const char *dir, const struct hostkey *host, struct own_cert *own,
                  struct err *err);
void own_cert_free(struct own_cert *own);
bool own_cert_equal(const struct own_cert *a, const struct own_cert *b);

#endif
