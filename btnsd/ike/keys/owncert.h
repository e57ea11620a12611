/* This host's own certificate, for peers that ask for one: read from files of the administrator's.
 */
#ifndef BTNS_IKE_OWNCERT_H
#define BTNS_IKE_OWNCERT_H

#include "btnsd/ike/keys/hostkey.h"

#define OWN_CERTS 8 /* the host's, and those between it and the authority */

struct own_cert {
    char *pem[OWN_CERTS]; /* the host's first */
    size_t certs;         /* 0: there is none */
    uint8_t *key;         /* PKCS#8, DER; NULL: it is the host key */
    size_t key_len;
};

/*
 * dir/host.crt (PEM, with the certificates between it and the authority behind it) and its key,
 * dir/host.crt.key; without that the certificate has to be the host key's. No host.crt: 0, and
 * there is none. -EINVAL with err when anything is odd, and then there is none, either.
 */
int own_cert_load(const char *dir, const struct hostkey *host, struct own_cert *own,
                  struct err *err);
void own_cert_free(struct own_cert *own);
bool own_cert_equal(const struct own_cert *a, const struct own_cert *b);

#endif
