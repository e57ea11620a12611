/*
 * For the tests of libbtns-openssl: a certificate, both ends of a TLS connection over loopback, and
 * what a stand-in for btnsd reports about the channel.
 */
#ifndef BTNS_TEST_PROGRAMS_TLS_ENDS_H
#define BTNS_TEST_PROGRAMS_TLS_ENDS_H

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "test/programs/pretend-btnsd.h"
#include "test/unit/check.h"

#include <fcntl.h>
#include <netinet/in.h>

static X509 *cert;
static EVP_PKEY *key;

/* uri: a URI for subjectAltName, or NULL. */
static inline void make_certificate(const char *type, const EVP_MD *md, const char *uri)
{
    X509_free(cert);
    EVP_PKEY_free(key);
    cert = X509_new();
    if (!strcmp(type, "ED25519"))
        key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    else if (!strcmp(type, "EC"))
        key = EVP_EC_gen("P-256");
    else
        key = EVP_RSA_gen(2048);
    X509_set_version(cert, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -86400);
    X509_gmtime_adj(X509_getm_notAfter(cert), 86400);
    X509_set_pubkey(cert, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, (const void *)"bob",
                               -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    X509_EXTENSION *san = uri ? X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, uri) : NULL;
    if (san)
        X509_add_ext(cert, san, -1);
    X509_EXTENSION_free(san);
    EVP_MD_CTX *sign = EVP_MD_CTX_new();
    EVP_PKEY_CTX *how;
    EVP_DigestSignInit(sign, &how, md, NULL, key);
    if (!strcmp(type, "RSA-PSS"))
        EVP_PKEY_CTX_set_rsa_padding(how, RSA_PKCS1_PSS_PADDING);
    X509_sign_ctx(cert, sign);
    EVP_MD_CTX_free(sign);
}

struct ends {
    SSL_CTX *cc, *sc;
    SSL *client, *server;
    int cfd, sfd;
    const char *client_btnsd,
        *server_btnsd; /* sockets of the stand-ins that each end asks; NULL: the same one */
};

static inline void ask_at(const char *path)
{
    if (path)
        setenv("BTNS_SOCKET_PATH", path, 1);
}

static inline void connect_ends(struct ends *e)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int heard = socket(AF_INET, SOCK_STREAM, 0);
    e->cfd = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(heard, (struct sockaddr *)&at, len) || listen(heard, 1) ||
        getsockname(heard, (struct sockaddr *)&at, &len) ||
        connect(e->cfd, (struct sockaddr *)&at, len) || (e->sfd = accept(heard, NULL, NULL)) < 0)
        exit(1);
    close(heard);
    fcntl(e->cfd, F_SETFL, O_NONBLOCK);
    fcntl(e->sfd, F_SETFL, O_NONBLOCK);
}

static inline void begin(struct ends *e, int version, bool verify)
{
    *e = (struct ends){0};
    e->cc = SSL_CTX_new(TLS_client_method());
    e->sc = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_security_level(e->cc, 0);
    SSL_CTX_set_security_level(e->sc, 0);
    SSL_CTX_set_min_proto_version(e->cc, version);
    SSL_CTX_set_max_proto_version(e->cc, version);
    SSL_CTX_use_certificate(e->sc, cert);
    SSL_CTX_use_PrivateKey(e->sc, key);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(e->cc), cert);
    SSL_CTX_set_verify(e->cc, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
    connect_ends(e);
    e->client = SSL_new(e->cc);
    e->server = SSL_new(e->sc);
    SSL_set_fd(e->client, e->cfd);
    SSL_set_fd(e->server, e->sfd);
    SSL_set_connect_state(e->client);
    SSL_set_accept_state(e->server);
}

static inline bool shake(struct ends *e)
{
    char c;
    for (int i = 0;
         i < 2000 && (!SSL_is_init_finished(e->client) || !SSL_is_init_finished(e->server)); i++) {
        ask_at(e->client_btnsd);
        SSL_do_handshake(e->client);
        ask_at(e->server_btnsd);
        SSL_do_handshake(e->server);
    }
    ask_at(e->client_btnsd);
    SSL_write(e->server, "x", 1); /* reading also takes in the session tickets */
    for (int i = 0; i < 2000 && SSL_read(e->client, &c, 1) != 1; i++)
        ;
    return SSL_is_init_finished(e->client) && SSL_is_init_finished(e->server);
}

static inline void end(struct ends *e)
{
    SSL_free(e->client);
    SSL_free(e->server);
    SSL_CTX_free(e->cc);
    SSL_CTX_free(e->sc);
    close(e->cfd);
    close(e->sfd);
}

static inline ipsec_policy_t *policy_with(uint32_t type, uint32_t value)
{
    ipsec_policy_t *p = ipsec_new_policy(IPSEC_DEFAULT_POLICY);
    ipsec_set_policy_attr(p, type, sizeof value, &value);
    return p;
}

#endif
