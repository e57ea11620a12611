/* Reads this host's own certificate and its key, and checks that they belong together. */
#include "btnsd/ike/keys/own_cert.h"

#include "btnsd/base/file.h"
#include "btnsd/rules/files/authority.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void own_cert_free(struct own_cert *own)
{
    for (size_t i = 0; i < own->certs; i++)
        free(own->pem[i]);
    if (own->key)
        OPENSSL_cleanse(own->key, own->key_len);
    free(own->key);
    *own = (struct own_cert){0};
}

bool own_cert_equal(const struct own_cert *a, const struct own_cert *b)
{
    bool equal = a->certs == b->certs && a->key_len == b->key_len &&
                 (!a->key_len || !memcmp(a->key, b->key, a->key_len));
    for (size_t i = 0; equal && i < a->certs; i++)
        equal = !strcmp(a->pem[i], b->pem[i]);
    return equal;
}

/* Reads all certificates of the file. Returns the first, which the caller frees. */
static X509 *take_own_certs(char *text, struct own_cert *own)
{
    X509 *first = NULL, *x;
    BIO *in = BIO_new_mem_buf(text, -1);
    while (in && own->certs < OWN_CERTS && (x = PEM_read_bio_X509(in, NULL, NULL, NULL))) {
        own->pem[own->certs] = certificate_pem(x);
        own->certs += own->pem[own->certs] != NULL;
        if (!first)
            first = x;
        else
            X509_free(x);
    }
    BIO_free(in);
    ERR_clear_error();
    return first;
}

static int no_passphrase(char *buf, int size, int writing, void *arg)
{
    (void)buf, (void)size, (void)writing, (void)arg;
    return 0;
}

static EVP_PKEY *read_own_cert_key(const char *path, struct own_cert *own, struct err *err)
{
    char *text = authority_read_file(path, true, err);
    BIO *in = text ? BIO_new_mem_buf(text, -1) : NULL;
    EVP_PKEY *key = in ? PEM_read_bio_PrivateKey(in, NULL, no_passphrase, NULL) : NULL;
    PKCS8_PRIV_KEY_INFO *info = key ? EVP_PKEY2PKCS8(key) : NULL;
    int len = info ? i2d_PKCS8_PRIV_KEY_INFO(info, &own->key) : 0;
    own->key_len = len > 0 ? (size_t)len : 0;
    if (text && !own->key_len)
        err_set(err, "%s: holds no private key (PEM, without a passphrase)", path);
    PKCS8_PRIV_KEY_INFO_free(info);
    BIO_free(in);
    if (text)
        OPENSSL_cleanse(text, strlen(text));
    free(text);
    ERR_clear_error();
    if (own->key_len)
        return key;
    EVP_PKEY_free(key);
    return NULL;
}

static EVP_PKEY *host_public_key(const struct hostkey *host)
{
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, host->pub.raw, sizeof host->pub.raw);
}

static int load_own_pair(const char *crt, const char *key_path, const struct hostkey *host,
                         struct own_cert *own, struct err *err)
{
    char *text = authority_read_file(crt, false, err);
    if (!text)
        return -EINVAL;
    X509 *x = take_own_certs(text, own);
    free(text);
    bool apart = !access(key_path, F_OK);
    EVP_PKEY *key = !x      ? NULL
                    : apart ? read_own_cert_key(key_path, own, err)
                            : host_public_key(host);
    int rc = -EINVAL;
    if (!x)
        err_set(err, "%s: holds no certificate (PEM)", crt);
    else if (!X509_NAME_entry_count(X509_get_subject_name(x)))
        err_set(err, "%s: the certificate has no subject", crt);
    else if (key && EVP_PKEY_eq(X509_get0_pubkey(x), key) != 1)
        err_set(err, "%s: the certificate is for another key than %s", crt,
                apart ? key_path : "the host key, and there is no host.crt.key");
    else if (key)
        rc = 0;
    EVP_PKEY_free(key);
    X509_free(x);
    ERR_clear_error();
    return rc;
}

int own_cert_load(const char *dir, const struct hostkey *host, struct own_cert *own,
                  struct err *err)
{
    char crt[FILE_PATH], key[FILE_PATH];
    *own = (struct own_cert){0};
    if (file_path(crt, dir, "host.crt") || file_path(key, dir, "host.crt.key")) {
        err_set(err, "%s: the name is too long", dir);
        return -ENAMETOOLONG;
    }
    if (access(crt, F_OK))
        return 0;
    int rc = load_own_pair(crt, key, host, own, err);
    if (rc)
        own_cert_free(own);
    return rc;
}
