/* Reads a peer's certificate, and compares it with names and with other certificates. */
#include "btnsd/ike/keys/credential.h"

#include "btnsd/base/hex.h"
#include "btnsd/rules/files/authority.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

static bool key_of_certificate(X509 *x, struct btns_key *key)
{
    uint8_t *spki = NULL;
    size_t raw = sizeof key->raw;
    EVP_PKEY *public = X509_get0_pubkey(x);
    if (!public)
        return false;
    key->hashed = EVP_PKEY_get_id(public) != EVP_PKEY_ED25519;
    if (!key->hashed)
        return EVP_PKEY_get_raw_public_key(public, key->raw, &raw) && raw == sizeof key->raw;
    int len = i2d_PUBKEY(public, &spki);
    EVP_MD_CTX *md = len > 0 ? EVP_MD_CTX_new() : NULL;
    bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) &&
              EVP_DigestUpdate(md, spki, (size_t)len) && EVP_DigestFinal_ex(md, key->raw, NULL);
    EVP_MD_CTX_free(md);
    OPENSSL_free(spki);
    return ok;
}

static char *certificate_from_bio(BIO *out)
{
    char *data;
    long n = BIO_get_mem_data(out, &data);
    return n > 0 ? strndup(data, (size_t)n) : NULL;
}

/*
 * Escapes by RFC 2253, so that no control character reaches a terminal. The caller frees; NULL: no
 * memory, or no name.
 */
static char *certificate_subject_text(const X509_NAME *name)
{
    BIO *out = BIO_new(BIO_s_mem());
    char *text = NULL;
    if (out && name &&
        X509_NAME_print_ex(out, name, 0,
                           XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ & ~ASN1_STRFLGS_ESC_MSB) > 0)
        text = certificate_from_bio(out);
    BIO_free(out);
    return text;
}

static bool take_subject_name(struct credential *c)
{
    uint8_t *der = NULL;
    X509_NAME *name = X509_get_subject_name(c->x509);
    int len = name && X509_NAME_entry_count(name) ? i2d_X509_NAME(name, &der) : 0;
    char *text = certificate_subject_text(name);
    bool ok = text && len > 0 && (size_t)len * 2 + 9 < sizeof c->subject_id;
    if (ok) {
        int begin = sprintf(c->subject_id, "asn1dn:#");
        hex_write(c->subject_id + begin, der, (size_t)len);
        snprintf(c->subject, sizeof c->subject, "%s", text);
    }
    free(text);
    OPENSSL_free(der);
    return ok;
}

struct credential *credential_new(const void *der, size_t len, const char *ca_file,
                                  const char *ca_pem)
{
    const uint8_t *at = der;
    struct credential *c = len <= CREDENTIAL_MAX ? calloc(1, sizeof *c) : NULL;
    if (!c)
        return NULL;
    c->refs = 1;
    snprintf(c->ca_file, sizeof c->ca_file, "%s", ca_file);
    c->x509 = d2i_X509(NULL, &at, (long)len);
    c->ca_pem = strdup(ca_pem);
    c->pem = c->x509 ? certificate_pem(c->x509) : NULL;
    if (c->pem && c->ca_pem && at == (const uint8_t *)der + len &&
        key_of_certificate(c->x509, &c->key) && take_subject_name(c))
        return c;
    ERR_clear_error();
    credential_unref(c);
    return NULL;
}

struct credential *credential_ref(struct credential *c)
{
    if (c)
        c->refs++;
    return c;
}

void credential_unref(struct credential *c)
{
    if (!c || --c->refs)
        return;
    X509_free(c->x509);
    free(c->pem);
    free(c->ca_pem);
    free(c);
}

/*
 * Reads one part of a name, such as "CN=bob"; commas in the value are written "\,". Returns the
 * rest of the text; NULL: malformed.
 */
static const char *take_subject_part(const char *at, X509_NAME *name)
{
    char type[64], value[256];
    size_t n = 0;
    at += strspn(at, " ");
    const char *equals = strchr(at, '=');
    if (!equals || equals == at || (size_t)(equals - at) >= sizeof type)
        return NULL;
    snprintf(type, sizeof type, "%.*s", (int)(equals - at), at);
    type[strcspn(type, " ")] = '\0';
    at = equals + 1 + strspn(equals + 1, " ");
    for (; *at && *at != ',' && n < sizeof value - 1; at++) {
        at += *at == '\\' && at[1];
        value[n++] = *at;
    }
    while (n && value[n - 1] == ' ')
        n--;
    if ((*at && *at != ',') || !n)
        return NULL;
    if (!X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8, (const uint8_t *)value, (int)n, -1,
                                    0))
        return NULL;
    return *at ? at + 1 : at;
}

static bool certificate_has_subject(const struct credential *c, const char *id)
{
    X509_NAME *name = X509_NAME_new();
    while (name && id && *id)
        id = take_subject_part(id, name);
    bool ok = name && id && !X509_NAME_cmp(name, X509_get_subject_name(c->x509));
    X509_NAME_free(name);
    ERR_clear_error();
    return ok;
}

bool credential_has_id(const struct credential *c, const char *id)
{
    const unsigned exactly = X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT;
    if (!id)
        return true;
    switch (id_form(id)) {
    case ID_FQDN:
        return X509_check_host(c->x509, id, 0, exactly, NULL) == 1;
    case ID_USER_FQDN:
        return X509_check_email(c->x509, id, 0, exactly) == 1;
    case ID_DN:
        return certificate_has_subject(c, id);
    default:
        return false;
    }
}

/* Newer means valid from a later date. */
static bool is_newer_certificate(const struct credential *a, const struct credential *b)
{
    return ASN1_TIME_compare(X509_get0_notBefore(a->x509), X509_get0_notBefore(b->x509)) > 0;
}

void credentials_drop(struct credentials *l, size_t i)
{
    credential_unref(l->at[i]);
    memmove(&l->at[i], &l->at[i + 1], (--l->n - i) * sizeof *l->at);
}

void credentials_add(struct credentials *l, struct credential *c)
{
    size_t at = 0;
    for (size_t i = 0; i < l->n; i++)
        if (btns_key_equal(&l->at[i]->key, &c->key)) {
            if (!is_newer_certificate(c, l->at[i])) {
                credential_unref(c);
                return;
            }
            credentials_drop(l, i);
        }
    while (at < l->n && !is_newer_certificate(c, l->at[at]))
        at++;
    if (at == CREDENTIALS_MAX) {
        credential_unref(c);
        return;
    }
    if (l->n == CREDENTIALS_MAX)
        credentials_drop(l, l->n - 1);
    memmove(&l->at[at + 1], &l->at[at], (l->n++ - at) * sizeof *l->at);
    l->at[at] = c;
}

void credentials_free(struct credentials *l)
{
    while (l->n)
        credential_unref(l->at[--l->n]);
}

struct credentials credentials_share(const struct credentials *l)
{
    for (size_t i = 0; i < l->n; i++)
        credential_ref(l->at[i]);
    return *l;
}

bool credential_same(const struct credential *a, const struct credential *b)
{
    return a == b || (a && b && !strcmp(a->pem, b->pem) && !strcmp(a->ca_pem, b->ca_pem));
}

static size_t certificate_der(X509 *x, unsigned char **der)
{
    int len = x ? i2d_X509(x, NULL) : 0;
    unsigned char *at = *der = len > 0 ? malloc((size_t)len) : NULL;
    return at && i2d_X509(x, &at) == len ? (size_t)len : 0;
}

size_t credential_der(const struct credential *c, unsigned char **der)
{
    return certificate_der(c->x509, der);
}

/* The caller frees; NULL: none. */
static X509 *certificate_authority(const struct credential *c)
{
    BIO *b = c->ca_pem ? BIO_new_mem_buf(c->ca_pem, -1) : NULL;
    X509 *x = b ? PEM_read_bio_X509(b, NULL, NULL, NULL) : NULL;
    BIO_free(b);
    return x;
}

size_t credential_ca_der(const struct credential *c, unsigned char **der)
{
    X509 *x = certificate_authority(c);
    size_t len = certificate_der(x, der);
    X509_free(x);
    return len;
}

char *credential_ca_subject(const struct credential *c)
{
    X509 *x = certificate_authority(c);
    char *text = x ? certificate_subject_text(X509_get_subject_name(x)) : NULL;
    X509_free(x);
    return text;
}
