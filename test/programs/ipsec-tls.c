/*
 * ipsec_openssl_to_channel_info(): each kind of certificate and TLS version, and the known traps,
 * with TLS over loopback and a stand-in for btnsd. TAP.
 */
#include "test/programs/failing-allocator.h"
#include "test/programs/tls-ends.h"

#include <openssl/err.h>

struct kind {
    const char *name;
    int version;
    const char *key; /* "RSA", "RSA-PSS", "ED25519", "EC" */
    const EVP_MD *(*md)(void);
    const EVP_MD *(*expected)(void); /* NULL: there is no end point */
};

/*
 * Reads the attribute at both ends. Returns 0 if both have it with the same value; else the
 * client's errno, or -1.
 */
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

/* ---- each allocation fails in turn ---- */

/*
 * The certificate names the channel's key, another host's, or none, and a binding is asked for.
 * Whichever allocation fails: never a channel without the binding, and no error but the case's own
 * and ENOMEM.
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
    for (n = -1; n < 2000; n++) { /* the first run fills OpenSSL's caches */
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
    /* OpenSSL keeps room for the texts of its last 16 errors */
    for (int i = 0; i < 16; i++)
        ERR_raise_data(ERR_LIB_USER, 1, "%0200d", i);
    ERR_clear_error();
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
    test_every_allocation();
    return check_end();
}
