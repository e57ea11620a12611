/* A certificate with which a peer has authenticated itself, as it is kept with the latch (L9). */
#ifndef BTNS_IKE_CREDENTIAL_H
#define BTNS_IKE_CREDENTIAL_H

#include "libapi/wire/key.h"

#include <stddef.h>

#define CREDENTIAL_MAX 16384 /* octets of a certificate */

/*
 * Shared, by count. What is latched is the public key: a raw Ed25519 one as it is, any other by a
 * hash of its SubjectPublicKeyInfo. So a renewed certificate of the same key goes on.
 */
struct credential {
    unsigned refs;
    struct btns_key key;
    void *x509;
    char *pem;             /* the certificate, for charon */
    char *ca_pem;          /* the authority that vouches for it */
    char ca_file[256];     /* where that was read */
    char subject[256];     /* for a person: "CN=bob, O=Example" */
    char subject_id[1024]; /* for charon: "asn1dn:#<hex>" */
};

/* From what charon has verified. NULL when it is malformed, has no subject, or out of memory. */
struct credential *credential_new(const void *der, size_t len, const char *ca_file,
                                  const char *ca_pem);
struct credential *credential_ref(struct credential *c); /* NULL gives NULL */
void credential_unref(struct credential *c);
/*
 * Certificates of which one is the peer's: charon tells neither which, nor whether it has others of
 * that subject from before. Only the proof does. One a key, the newest first.
 */
#define CREDENTIALS_MAX 4
struct credentials {
    struct credential *at[CREDENTIALS_MAX];
    size_t n;
};
/* Takes c's reference. */
void credentials_add(struct credentials *l, struct credential *c);
void credentials_free(struct credentials *l);
struct credentials credentials_share(const struct credentials *l);

/* Does the certificate say so? id in one of the forms of id_form(); NULL: anything will do. */
bool credential_has_id(const struct credential *c, const char *id);
bool credential_same(const struct credential *a, const struct credential *b);

#endif
