/*
 * ipsec_openssl_to_channel_info(): each kind of certificate and version, and each trap of FACTS:
 * TLS over loopback, btnsd pretended. TAP.
 */
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "test/programs/failing-allocator.h"
#include "test/programs/pretend-btnsd.h"
#include "test/unit/check.h"

#include <fcntl.h>
#include <netinet/in.h>

struct kind {
    const char *name;
    int version;
    const char *key; /* "RSA", "RSA-PSS", "ED25519", "EC" */
    const EVP_MD *(*md)(void);
    const EVP_MD *(*expected)(void); /* NULL: there is no end point */
};

static X509 *cert;
static EVP_PKEY *key;

/* uri: NULL, or a URI in its subjectAltName. */
static void make_certificate(const char *type, const EVP_MD *md, const char *uri)
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
        *server_btnsd; /* sockets of the btnsd that each asks; NULL: the same */
};

static void ask_at(const char *path)
{
    if (path)
        setenv("BTNS_SOCKET_PATH", path, 1);
}

static void connect_ends(struct ends *e)
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

static void begin(struct ends *e, int version, bool verify)
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

static bool shake(struct ends *e)
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
    SSL_write(e->server, "x", 1); /* and the tickets with it */
    for (int i = 0; i < 2000 && SSL_read(e->client, &c, 1) != 1; i++)
        ;
    return SSL_is_init_finished(e->client) && SSL_is_init_finished(e->server);
}

static void end(struct ends *e)
{
    SSL_free(e->client);
    SSL_free(e->server);
    SSL_CTX_free(e->cc);
    SSL_CTX_free(e->sc);
    close(e->cfd);
    close(e->sfd);
}

static ipsec_policy_t *policy_with(uint32_t type, uint32_t value)
{
    ipsec_policy_t *p = ipsec_new_policy(IPSEC_DEFAULT_POLICY);
    ipsec_set_policy_attr(p, type, sizeof value, &value);
    return p;
}

/* The attribute as both ends have it. 0: both have it, and it is the same; else the client's errno,
 * or -1. */
static int both(const struct ends *e, const ipsec_policy_t *p, uint32_t type, unsigned char *out,
                uint32_t *len)
{
    ipsec_channel_info_t *c = NULL, *s = NULL;
    void *cv = NULL, *sv = NULL;
    uint32_t cl = 0, sl = 0;
    if (ipsec_openssl_to_channel_info(e->client, p, &c))
        return errno;
    int rc = ipsec_openssl_to_channel_info(e->server, p, &s) ||
                     ipsec_get_channel_attr(c, type, &cl, &cv) ||
                     ipsec_get_channel_attr(s, type, &sl, &sv) || cl != sl || memcmp(cv, sv, cl)
                 ? -1
                 : 0;
    if (!rc)
        memcpy(out, cv, *len = cl);
    free(cv);
    free(sv);
    ipsec_free_channel_info(c);
    ipsec_free_channel_info(s);
    return rc;
}

static const struct kind kinds[] = {
    {"TLS 1.3, RSA with SHA-256", TLS1_3_VERSION, "RSA", EVP_sha256, EVP_sha256},
    {"TLS 1.3, RSA with SHA-384", TLS1_3_VERSION, "RSA", EVP_sha384, EVP_sha384},
    {"TLS 1.3, RSA-PSS with SHA-512", TLS1_3_VERSION, "RSA-PSS", EVP_sha512, EVP_sha512},
    {"TLS 1.3, EC with SHA-256", TLS1_3_VERSION, "EC", EVP_sha256, EVP_sha256},
    {"TLS 1.3, Ed25519", TLS1_3_VERSION, "ED25519", NULL, NULL},
    {"TLS 1.2, RSA with SHA-1", TLS1_2_VERSION, "RSA", EVP_sha1, EVP_sha256},
    {"TLS 1.2, RSA-PSS with SHA-256", TLS1_2_VERSION, "RSA-PSS", EVP_sha256, EVP_sha256},
};

static void test_kind(const struct kind *k)
{
    struct ends e;
    unsigned char value[64], digest[EVP_MAX_MD_SIZE], first[64];
    uint32_t len = 0;
    unsigned expected = 0;
    ipsec_policy_t *exporter = policy_with(IPSEC_POLICY_TLS_BINDING, IPSEC_TLS_EXPORTER);
    make_certificate(k->key, k->md ? k->md() : NULL, NULL);
    begin(&e, k->version, false);
    ipsec_channel_info_t *ci;
    check(ipsec_openssl_to_channel_info(e.client, NULL, &ci) == -1 && errno == ENOTCONN,
          "%s: nothing before the handshake", k->name);
    check(shake(&e), "%s: a handshake", k->name);
    int rc = both(&e, NULL, IPSEC_CHANNEL_TLS_END_POINT, value, &len);
    if (k->expected) {
        X509_digest(cert, k->expected(), digest, &expected);
        check(!rc && len == expected && !memcmp(value, digest, len),
              "%s: tls-server-end-point, at both ends", k->name);
    } else {
        check(rc == ENOTSUP, "%s: the certificate's signature has no hash: ENOTSUP", k->name);
    }
    rc = both(&e, exporter, IPSEC_CHANNEL_TLS_EXPORTER, first, &len);
    check(!rc && len == 32, "%s: tls-exporter, at both ends", k->name);
    end(&e);
    begin(&e, k->version, false);
    shake(&e);
    check(!both(&e, exporter, IPSEC_CHANNEL_TLS_EXPORTER, value, &len) && memcmp(first, value, 32),
          "%s: another connection has another one", k->name);
    end(&e);
    ipsec_free_policy(exporter);
}

static void test_without_extended_master_secret(void)
{
    struct ends e;
    unsigned char value[64];
    uint32_t len;
    ipsec_policy_t *exporter = policy_with(IPSEC_POLICY_TLS_BINDING, IPSEC_TLS_EXPORTER);
    make_certificate("RSA", EVP_sha256(), NULL);
    begin(&e, TLS1_2_VERSION, false);
    SSL_set_options(e.client, SSL_OP_NO_EXTENDED_MASTER_SECRET);
    shake(&e);
    check(both(&e, exporter, IPSEC_CHANNEL_TLS_EXPORTER, value, &len) == ENOTSUP,
          "TLS 1.2 without extended master secret has no exporter to bind by");
    end(&e);
    ipsec_free_policy(exporter);
}

static void test_resumption(int version)
{
    struct ends one, two = {0};
    unsigned char value[64], again[64];
    uint32_t len;
    make_certificate("RSA", EVP_sha256(), NULL);
    begin(&one, version, false);
    shake(&one);
    both(&one, NULL, IPSEC_CHANNEL_TLS_END_POINT, value, &len);
    SSL_SESSION *session = SSL_get1_session(one.client);
    connect_ends(&two);
    two.client = SSL_new(one.cc);
    two.server = SSL_new(one.sc);
    SSL_set_fd(two.client, two.cfd);
    SSL_set_fd(two.server, two.sfd);
    SSL_set_session(two.client, session);
    SSL_set_connect_state(two.client);
    SSL_set_accept_state(two.server);
    check(shake(&two) && SSL_session_reused(two.client), "%x: a resumed session", version);
    check(!both(&two, NULL, IPSEC_CHANNEL_TLS_END_POINT, again, &len) && !memcmp(value, again, len),
          "%x: it is still with that server", version);
    SSL_free(two.client);
    SSL_free(two.server);
    SSL_SESSION_free(session);
    end(&one);
}

/* With IPSEC_BTNS_CHANNEL_BINDING. 0 or errno; *auth of the channel. */
static int bound(const char *uri, bool verify, bool asked, uint32_t *auth)
{
    struct ends e;
    uint32_t len;
    void *value = NULL;
    ipsec_channel_info_t *ci = NULL;
    ipsec_policy_t *p = policy_with(IPSEC_BTNS_CHANNEL_BINDING, asked);
    make_certificate("RSA", EVP_sha256(), uri);
    begin(&e, TLS1_3_VERSION, verify);
    shake(&e);
    int rc = ipsec_openssl_to_channel_info(e.client, p, &ci) ? errno : 0;
    if (!rc && !ipsec_get_channel_attr(ci, IPSEC_CHANNEL_AUTH, &len, &value))
        memcpy(auth, value, sizeof *auth);
    free(value);
    ipsec_free_channel_info(ci);
    ipsec_free_policy(p);
    end(&e);
    return rc;
}

static void test_binding(void)
{
    char bob[128], mallory[] = "URI:ipsec-key:ed25519:AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=";
    uint32_t auth = 0;
    snprintf(bob, sizeof bob, "URI:ipsec-key:%s", pretended_id);
    check(!bound(bob, true, true, &auth) && auth == IPSEC_AUTH_TLS_BOUND,
          "a verified peer whose certificate names the channel's key: authenticated");
    check(!bound(NULL, true, false, &auth) && auth == IPSEC_AUTH_LEAP_OF_FAITH,
          "one that names none: as it was");
    check(bound(NULL, true, true, &auth) == ENOLINK, "and not enough where a binding is asked for");
    check(bound(bob, false, true, &auth) == EKEYREJECTED, "nor is one that nobody has verified");
    check(bound(mallory, true, true, &auth) == EBADE && bound(mallory, true, false, &auth) == EBADE,
          "a verified peer that names another key: somebody is in between");
}

/* ---- the extension by which both ends say what they see: two btnsd, which may see different
 * things */

enum { CHANNEL_A = 'a', CHANNEL_B = 'b', CLEAR = 0, ABSENT = -1 };

/* A btnsd that says of every socket that it has the channel `what`; the path of its socket. */
static const char *btnsd_that_sees(int what)
{
    struct pretended p = pretended_answer(0);
    unsigned char binding[32];
    if (what == ABSENT)
        return "/nonexistent/btnsd.sock";
    memset(binding, what, sizeof binding);
    if (what == CLEAR) {
        p.len = 8;
        pretend_number(&p, 0x10001, 0);
        pretend_number(&p, IPSEC_CHANNEL_STATE, IPSEC_STATE_CLEAR);
    } else {
        pretend_attr(&p, IPSEC_CHANNEL_BINDING, binding, sizeof binding);
    }
    pretend_answers(p);
    return strdup(getenv("BTNS_SOCKET_PATH"));
}

static const char *sees[128];
static const char *path_for(int what)
{
    if (!sees[what + 1])
        sees[what + 1] = btnsd_that_sees(what);
    return sees[what + 1];
}

/* In between: turns the number of the extension, and no more, into another one in what the client
 * sent first. */
static void strip_extension(struct ends *e)
{
    static const unsigned char from[] = {65413 >> 8, 65413 & 255, 0, 32};
    unsigned char hello[4096];
    BIO *out = BIO_new(BIO_s_mem()), *in = BIO_new(BIO_s_mem());
    SSL_set0_wbio(e->client, out);
    ask_at(e->client_btnsd);
    SSL_do_handshake(e->client);
    int n = BIO_read(out, hello, sizeof hello);
    unsigned char *at = n > 0 ? memmem(hello, (size_t)n, from, sizeof from) : NULL;
    check(at != NULL, "the client's first message has the extension");
    if (at)
        at[1]++;
    BIO_write(in, hello, n);
    SSL_set0_rbio(e->server, in);
    BIO_up_ref(out);
    ask_at(e->server_btnsd);
    SSL_do_handshake(e->server);
    SSL_set_rfd(e->server, e->sfd);
    SSL_set_wfd(e->client, e->cfd);
    BIO_free(out);
}

static const struct offer_case {
    const char *name;
    bool client_offers, server_offers;
    int client_sees, server_sees;
    bool strip;
    bool finishes;
    int asked; /* with IPSEC_BTNS_CHANNEL_BINDING: errno of the client */
    uint32_t bound;
} offer_cases[] = {
    {"both see one channel", true, true, 'a', 'a', false, true, 0, IPSEC_TLS_BOUND_HANDSHAKE},
    {"each sees another channel", true, true, 'a', 'b', false, false, 0, 0},
    {"the extension was cut out", true, true, 'a', 'b', true, false, 0, 0},
    {"it was, and both see one channel", true, true, 'a', 'a', true, false, 0, 0},
    {"only the client sees a channel", true, true, 'a', CLEAR, false, false, 0, 0},
    {"only the server sees a channel", true, true, CLEAR, 'a', false, false, 0, 0},
    {"both are in the clear", true, true, CLEAR, CLEAR, false, true, ENOLINK, 0},
    {"only the client knows it", true, false, 'a', 'b', false, true, ENOLINK, 0},
    {"only the server knows it", false, true, 'a', 'b', false, true, ENOLINK, 0},
    {"the server has no btnsd", true, true, 'a', ABSENT, false, true, ENOLINK, 0},
    {"the client has no btnsd", true, true, ABSENT, 'a', false, true, ENETDOWN, 0},
};

static void check_bound(const struct ends *e, const struct offer_case *c, int version)
{
    ipsec_policy_t *p = policy_with(IPSEC_BTNS_CHANNEL_BINDING, 1);
    ipsec_channel_info_t *ci = NULL;
    void *value = NULL;
    uint32_t len, is = 0;
    ask_at(e->client_btnsd);
    int error = ipsec_openssl_to_channel_info(e->client, p, &ci) ? errno : 0;
    if (!error && !ipsec_get_channel_attr(ci, IPSEC_CHANNEL_TLS_BOUND, &len, &value))
        memcpy(&is, value, sizeof is);
    free(value);
    check(error == c->asked && is == c->bound, "%x, %s: bound %u, %s", version, c->name, is,
          error ? strerrorname_np(error) : "no error");
    ipsec_free_channel_info(ci);
    ipsec_free_policy(p);
}

static void test_offer(const struct offer_case *c, int version)
{
    struct ends e;
    char words[256] = "";
    begin(&e, version, true);
    SSL_free(e.client);
    SSL_free(e.server);
    if (c->client_offers)
        ipsec_tls_offer(e.cc);
    if (c->server_offers)
        ipsec_tls_offer(e.sc);
    e.client = SSL_new(e.cc);
    e.server = SSL_new(e.sc);
    SSL_set_fd(e.client, e.cfd);
    SSL_set_fd(e.server, e.sfd);
    SSL_set_connect_state(e.client);
    SSL_set_accept_state(e.server);
    e.client_btnsd = path_for(c->client_sees);
    e.server_btnsd = path_for(c->server_sees);
    if (c->strip)
        strip_extension(&e);
    check(shake(&e) == c->finishes, "%x, %s: the handshake %s", version, c->name,
          c->finishes ? "is done" : "fails");
    if (c->finishes)
        check_bound(&e, c, version);
    else
        check(c->strip || (ipsec_get_reason(words, sizeof words) && strstr(words, "in between")),
              "%x, %s: with words", version, c->name);
    end(&e);
}

static void test_offers(void)
{
    SSL_CTX *tls = SSL_CTX_new(TLS_method()), *dtls = SSL_CTX_new(DTLS_method());
    const char *before = strdup(getenv("BTNS_SOCKET_PATH"));
    check(!ipsec_tls_offer(tls) && ipsec_tls_offer(tls) == -1 && errno == EEXIST &&
              ipsec_tls_offer(dtls) == -1 && errno == ENOTSUP && ipsec_tls_offer(NULL) == -1 &&
              errno == EINVAL,
          "ipsec_tls_offer(): once, not for DTLS, nor for NULL");
    SSL_CTX_free(tls);
    SSL_CTX_free(dtls);
    make_certificate("RSA", EVP_sha256(), NULL);
    for (size_t i = 0; i < sizeof offer_cases / sizeof *offer_cases; i++) {
        test_offer(&offer_cases[i], TLS1_2_VERSION);
        test_offer(&offer_cases[i], TLS1_3_VERSION);
    }
    ask_at(before);
}

/* ---- no memory, at each place in turn */

/*
 * The certificate names the channel's key, another host's, or none; a binding is asked for. Never a
 * channel without it, nor another error than that of the case, but ENOMEM.
 */
static void test_no_memory(const char *name, const char *uri, int expected, bool exports)
{
    struct ends e;
    bool enomem = true, held = true;
    long n, before = 0;
    const uint32_t how = exports ? IPSEC_TLS_EXPORTER : IPSEC_TLS_END_POINT;
    ipsec_policy_t *p = policy_with(IPSEC_BTNS_CHANNEL_BINDING, 1);
    ipsec_set_policy_attr(p, IPSEC_POLICY_TLS_BINDING, sizeof how, &how);
    make_certificate("RSA", EVP_sha256(), uri);
    begin(&e, TLS1_3_VERSION, true);
    shake(&e);
    for (n = -1; n < 2000; n++) { /* the first fills OpenSSL's caches */
        ipsec_channel_info_t *ci = NULL;
        void *value = NULL;
        uint32_t len, auth = 0;
        until = n;
        int error = ipsec_openssl_to_channel_info(e.client, p, &ci) ? errno : 0;
        bool ended = fails_once ? until >= 0 : until > 0;
        until = -1;
        if (!error && !ipsec_get_channel_attr(ci, IPSEC_CHANNEL_AUTH, &len, &value))
            memcpy(&auth, value, sizeof auth);
        free(value);
        held &= error || auth == IPSEC_AUTH_TLS_BOUND;
        ipsec_free_channel_info(ci);
        if (n < 0)
            before = live;
        enomem &= error == ENOMEM || error == expected;
        if (n >= 0 && ended)
            break;
    }
    check(n > 10 && n < 2000 && enomem, "%s: at each of %ld allocations that fails: ENOMEM", name,
          n);
    check(held, "%s: never a channel that is not bound", name);
    check(live <= before + 1, "%s: and nothing is lost, but what OpenSSL keeps once", name);
    ipsec_free_policy(p);
    end(&e);
}

static void test_all_without_memory(void)
{
    char bob[128];
    snprintf(bob, sizeof bob, "URI:ipsec-key:%s", pretended_id);
    test_no_memory("bound", bob, 0, false);
    test_no_memory("bound by the exporter", bob, 0, true);
    test_no_memory("somebody in between",
                   "URI:ipsec-key:ed25519:AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwM=", EBADE,
                   false);
    test_no_memory("not bound", NULL, ENOLINK, false);
}

static void test_every_allocation(void)
{
    test_all_without_memory();
    fails_once = 1;
    test_all_without_memory();
    fails_once = 0;
}

int main(void)
{
    struct ends e;
    ipsec_channel_info_t *ci;
    pretend_btnsd(0);
    make_certificate("RSA", EVP_sha256(), NULL);
    begin(&e, TLS1_3_VERSION, false);
    check(ipsec_openssl_to_channel_info(NULL, NULL, &ci) == -1 && errno == EINVAL &&
              ipsec_openssl_to_channel_info(e.client, NULL, NULL) == -1 && errno == EINVAL,
          "NULL");
    end(&e);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        test_kind(&kinds[i]);
    test_without_extended_master_secret();
    test_resumption(TLS1_2_VERSION);
    test_resumption(TLS1_3_VERSION);
    test_binding();
    test_offers();
    test_every_allocation();
    return check_end();
}
