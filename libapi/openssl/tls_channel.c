/*
 * Binds a TLS connection to the IPsec channel of its socket: are both with one peer? RFC 5929 (the
 * server's certificate), RFC 9266 (the exporter).
 */
#include "libapi/openssl/tls_channel.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

static const char key_uri[] = "ipsec-key:";

static int refuse_tls_channel(int error, const char *words)
{
    btns_private_fail(error, words);
    return -1;
}

/*
 * Hashes with the hash of the certificate's signature; SHA-256 instead of MD5 and SHA-1. Ed25519
 * uses no separate hash, and the RFC does not define one for it.
 */
static int tls_end_point_binding(X509 *server, unsigned char out[EVP_MAX_MD_SIZE], unsigned *len)
{
    int hash = NID_undef;
    if (!server)
        return refuse_tls_channel(ENODATA,
                                  "ipsec_openssl_to_channel_info: there is no server certificate");
    if (!X509_get_signature_info(server, &hash, NULL, NULL, NULL) || hash == NID_undef)
        return refuse_tls_channel(
            ENOTSUP,
            "ipsec_openssl_to_channel_info: the signature of the server's certificate has no "
            "hash of its own (Ed25519): set IPSEC_POLICY_TLS_BINDING to IPSEC_TLS_EXPORTER");
    const EVP_MD *md = hash == NID_md5 || hash == NID_sha1 || hash == NID_md5_sha1
                           ? EVP_sha256()
                           : EVP_get_digestbynid(hash);
    if (!md)
        return refuse_tls_channel(
            ENOTSUP,
            "ipsec_openssl_to_channel_info: OpenSSL does not know the hash of the certificate");
    if (!X509_digest(server, md, out, len)) /* OpenSSL does not report the reason */
        return refuse_tls_channel(
            ENOMEM, "ipsec_openssl_to_channel_info: OpenSSL has no memory to hash the "
                    "server's certificate, or may not use its hash");
    return 0;
}

/*
 * Without extended master secret, a relay can make two TLS 1.2 connections that export the same
 * value.
 */
static int tls_exporter_binding(const SSL *ssl, unsigned char out[32])
{
    static const char label[] = "EXPORTER-Channel-Binding";
    SSL *s = (SSL *)(uintptr_t)ssl; /* the function takes no const pointer, but changes nothing */
    if (SSL_version(ssl) < TLS1_3_VERSION && SSL_get_extms_support(s) != 1)
        return refuse_tls_channel(
            ENOTSUP, "ipsec_openssl_to_channel_info: TLS 1.2 without extended master secret");
    if (SSL_export_keying_material(s, out, 32, label, sizeof label - 1, (const unsigned char *)"",
                                   0, 1) == 1)
        return 0;
    return refuse_tls_channel(
        ENOMEM, "ipsec_openssl_to_channel_info: OpenSSL has no memory to export keying "
                "material, or cannot");
}

/* A peer without a certificate has the verify result X509_V_OK, so its certificate is required. */
static bool is_tls_certificate_verified(const SSL *ssl)
{
    return SSL_get0_peer_certificate(ssl) && SSL_get_verify_mode(ssl) & SSL_VERIFY_PEER &&
           SSL_get_verify_result(ssl) == X509_V_OK;
}

enum naming { NAMES_NONE, NAMES_IT, NAMES_ANOTHER, NAMES_UNREAD };

/*
 * Does the certificate name the key of its holder's host: a URI "ipsec-key:ed25519:BASE64"? UNREAD:
 * its names are malformed, or there is no memory to read them, so it may name anybody.
 */
static enum naming tls_certificate_names_key(X509 *peer, const char *id)
{
    int present = -1; /* no such extension */
    GENERAL_NAMES *names =
        peer ? X509_get_ext_d2i(peer, NID_subject_alt_name, &present, NULL) : NULL;
    enum naming found = names || present == -1 ? NAMES_NONE : NAMES_UNREAD;
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names) && found != NAMES_IT; i++) {
        const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
        if (n->type != GEN_URI)
            continue;
        const char *uri = (const char *)ASN1_STRING_get0_data(n->d.uniformResourceIdentifier);
        size_t len = (size_t)ASN1_STRING_length(n->d.uniformResourceIdentifier),
               skip = sizeof key_uri - 1;
        if (len < skip || memcmp(uri, key_uri, skip))
            continue;
        found = id && len - skip == strlen(id) && !memcmp(uri + skip, id, len - skip)
                    ? NAMES_IT
                    : NAMES_ANOTHER;
    }
    GENERAL_NAMES_free(names);
    return found;
}

static int put_tls_channel_number(ipsec_channel_info_t *ci, uint32_t type, uint32_t value)
{
    return btns_private_set(ci, type, sizeof value, &value);
}

/*
 * Do TLS and IPsec end at the same host? Either the certificate says so, or both ends did in the
 * handshake. This authenticates the channel only if TLS has verified the peer.
 */
static int bind_tls_channel(const SSL *ssl, bool asked, ipsec_channel_info_t *ci)
{
    void *id = NULL;
    uint32_t len;
    if (asked && !is_tls_certificate_verified(ssl))
        return refuse_tls_channel(EKEYREJECTED,
                                  "ipsec_openssl_to_channel_info: the TLS peer is not verified");
    if (ipsec_get_channel_attr(ci, IPSEC_CHANNEL_PEER_ID, &len, &id)) {
        if (errno != ENODATA)
            return -1;
        id = NULL;
    }
    enum naming n = tls_certificate_names_key(SSL_get0_peer_certificate(ssl), id);
    free(id);
    if (n == NAMES_UNREAD)
        return refuse_tls_channel(ENOMEM,
                                  "ipsec_openssl_to_channel_info: the names in the TLS peer's "
                                  "certificate cannot be read: no memory, or malformed");
    if (n == NAMES_ANOTHER && is_tls_certificate_verified(ssl))
        return refuse_tls_channel(
            EBADE,
            "ipsec_openssl_to_channel_info: the TLS peer is verified, and its certificate names "
            "another host's key than that of the IPsec channel: somebody is in between");
    uint32_t how = n == NAMES_IT && is_tls_certificate_verified(ssl) ? IPSEC_TLS_BOUND_CERTIFICATE
                   : tls_offer_bound(ssl)                            ? IPSEC_TLS_BOUND_HANDSHAKE
                                                                     : IPSEC_TLS_BOUND_NOT;
    if (asked && how == IPSEC_TLS_BOUND_NOT)
        return refuse_tls_channel(
            ENOLINK,
            "ipsec_openssl_to_channel_info: the TLS peer's certificate names no host's key, and "
            "the peer did not say in the handshake which IPsec channel it sees (call "
            "ipsec_tls_offer() at both ends), so nothing shows that TLS and IPsec end at the same "
            "host");
    if (how != IPSEC_TLS_BOUND_NOT && is_tls_certificate_verified(ssl) &&
        put_tls_channel_number(ci, IPSEC_CHANNEL_AUTH, IPSEC_AUTH_TLS_BOUND))
        return -1;
    return put_tls_channel_number(ci, IPSEC_CHANNEL_TLS_BOUND, how);
}

/* Returns 0 if the policy does not have the attribute, -1 if there is no memory to read it. */
static int read_tls_policy_number(const ipsec_policy_t *policy, uint32_t type, uint32_t *number)
{
    void *value;
    uint32_t len;
    *number = 0;
    if (!policy)
        return 0;
    if (ipsec_get_policy_attr(policy, type, &len, &value))
        return errno == ENODATA ? 0 : -1;
    if (len == sizeof *number)
        memcpy(number, value, sizeof *number);
    free(value);
    return 0;
}

static int add_tls_to_channel(const SSL *ssl, const ipsec_policy_t *policy,
                              ipsec_channel_info_t *ci)
{
    unsigned char value[EVP_MAX_MD_SIZE];
    unsigned len = 32;
    X509 *server = SSL_is_server((SSL *)(uintptr_t)ssl) ? SSL_get_certificate(ssl)
                                                        : SSL_get0_peer_certificate(ssl);
    uint32_t how, asked;
    if (read_tls_policy_number(policy, IPSEC_POLICY_TLS_BINDING, &how) ||
        read_tls_policy_number(policy, IPSEC_BTNS_CHANNEL_BINDING, &asked))
        return -1;
    bool by_exporter = how == IPSEC_TLS_EXPORTER;
    if (by_exporter ? tls_exporter_binding(ssl, value) : tls_end_point_binding(server, value, &len))
        return -1;
    if (btns_private_set(ci, by_exporter ? IPSEC_CHANNEL_TLS_EXPORTER : IPSEC_CHANNEL_TLS_END_POINT,
                         len, value))
        return -1;
    return bind_tls_channel(ssl, asked, ci);
}

EXPORT int ipsec_openssl_to_channel_info(const SSL *ssl, const ipsec_policy_t *policy,
                                         ipsec_channel_info_t **ci)
{
    ipsec_channel_info_t *made = NULL;
    if (!ssl || !ci)
        return refuse_tls_channel(EINVAL, "ipsec_openssl_to_channel_info: NULL");
    int fd = SSL_get_rfd(ssl);
    if (!SSL_is_init_finished(ssl) || fd < 0)
        return refuse_tls_channel(
            ENOTCONN,
            "ipsec_openssl_to_channel_info: the handshake is not complete, or there is no socket");
    ERR_set_mark(); /* keep errors of our own OpenSSL calls out of the program's error queue */
    int rc = ipsec_get_socket_channel_info(fd, &made) || add_tls_to_channel(ssl, policy, made) ? -1
                                                                                               : 0,
        error = errno;
    ERR_pop_to_mark();
    if (rc)
        ipsec_free_channel_info(made);
    else
        *ci = made;
    errno = error;
    return rc;
}
