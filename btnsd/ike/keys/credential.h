/* A certificate with which a peer has authenticated itself, kept with its latch (L9). */
#ifndef BTNS_IKE_KEYS_CREDENTIAL_H
#define BTNS_IKE_KEYS_CREDENTIAL_H

#include "libapi/wire/key.h"

#include <stddef.h>

#define CREDENTIAL_MAX 16384 /* octets of a certificate */

/*
 * Reference-counted. The latch holds the public key: a raw Ed25519 key as it is, any other by a
 * hash of its SubjectPublicKeyInfo. So a renewed certificate with the same key changes nothing.
 */
struct credential {
    unsigned refs;
    struct btns_key key;
    void *x509;
    char *pem;             /* the certificate, for charon */
    char *ca_pem;          /* the authority that vouches for it */
    char ca_file[256];     /* the file that the authority was read from */
    char subject[256];     /* for a person: "CN=bob, O=Example" */
    char subject_id[1024]; /* for charon: "asn1dn:#<hex>" */
};

/*
 * Makes a credential from a certificate that charon has verified. NULL when it is malformed or has
 * no subject, or when out of memory.
 */
struct credential *credential_new(const void *der, size_t len, const char *ca_file,
                                  const char *ca_pem);
struct credential *credential_ref(struct credential *c); /* NULL for NULL */
void credential_unref(struct credential *c);
/*
 * Certificates, one of which is the peer's. charon says neither which one the peer used, nor
 * whether it has older ones with that subject; only the proof of the key tells. One for each key,
 * the newest first.
 */
#define CREDENTIALS_MAX 4
struct credentials {
    struct credential *at[CREDENTIALS_MAX];
    size_t n;
};
/* Takes over the caller's reference to c. */
void credentials_add(struct credentials *l, struct credential *c);
/* Removes certificate number i. */
void credentials_drop(struct credentials *l, size_t i);
void credentials_free(struct credentials *l);
struct credentials credentials_share(const struct credentials *l);

/*
 * Does the certificate have this id, in one of the forms of id_form()? NULL: any certificate will
 * do.
 */
bool credential_has_id(const struct credential *c, const char *id);
bool credential_same(const struct credential *a, const struct credential *b);
/* Gets the certificate, and the certificate of its authority, in DER; the caller frees. 0: none. */
size_t credential_der(const struct credential *c, unsigned char **der);
size_t credential_ca_der(const struct credential *c, unsigned char **der);
/*
 * The authority's subject, for a person, in the form of credential.subject; the caller frees. NULL:
 * none.
 */
char *credential_ca_subject(const struct credential *c);

#endif
