/*
 * A TLS extension by which the two ends of a handshake tell each other which IPsec channel they see
 * below it: the client in ClientHello; the server, only if the client did, in EncryptedExtensions
 * (TLS 1.2: ServerHello). A relay that terminates IPsec on both sides has two different channels,
 * so the ends report different values. The relay can neither change an extension, which the
 * handshake's Finished covers, nor forge one that fits, because it includes the sender's random
 * number.
 *
 * Extension 65413 (private use), 32 octets: SHA-256 of "btns tls channel v1" and a 0, 'c' or 's',
 * the sender's random, and IPSEC_CHANNEL_BINDING, or 32 zeros for a connection in the clear.
 */
#include "libapi/openssl/tls_channel.h"

#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <openssl/ssl.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT    __attribute__((visibility("default")))
#define EXTENSION 65413
#define IN_MESSAGES                                                                                \
    (SSL_EXT_CLIENT_HELLO | SSL_EXT_TLS1_2_SERVER_HELLO | SSL_EXT_TLS1_3_ENCRYPTED_EXTENSIONS)

/*
 * Stored with an SSL as a number instead of a pointer, so that nothing has to be copied or freed.
 */
enum { WAS_TOLD = 1, IS_BOUND = 2 };

static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static int kept_at = -1;

static void get_offer_sight_index(void)
{
    kept_at = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

static uintptr_t kept_offer_sight(const SSL *ssl)
{
    return kept_at < 0 ? 0 : (uintptr_t)SSL_get_ex_data(ssl, kept_at);
}

bool tls_offer_bound(const SSL *ssl)
{
    return kept_offer_sight(ssl) & IS_BOUND;
}

enum sight { SIGHT_NONE, SIGHT_CLEAR, SIGHT_CHANNEL, SIGHT_FAILED };

static enum sight offer_sight_of(const ipsec_channel_info_t *ci, unsigned char binding[32])
{
    void *value;
    uint32_t len, state = 0;
    if (!ipsec_get_channel_attr(ci, IPSEC_CHANNEL_BINDING, &len, &value)) {
        bool whole = len == 32;
        if (whole)
            memcpy(binding, value, 32);
        free(value);
        return whole ? SIGHT_CHANNEL : SIGHT_NONE;
    }
    if (errno != ENODATA)
        return SIGHT_FAILED;
    if (ipsec_get_channel_attr(ci, IPSEC_CHANNEL_STATE, &len, &value))
        return errno == ENODATA ? SIGHT_NONE : SIGHT_FAILED;
    if (len == sizeof state)
        memcpy(&state, value, sizeof state);
    free(value);
    return state == IPSEC_STATE_CLEAR ? SIGHT_CLEAR : SIGHT_NONE;
}

/*
 * The channel that this end sees. NONE: it cannot tell (no socket, no btnsd, a channel without a
 * binding), and behaves as an end that does not know the extension. FAILED: it lacks memory or
 * descriptors to tell.
 */
static enum sight see_offered_channel(const SSL *ssl, unsigned char binding[32])
{
    ipsec_channel_info_t *ci;
    int fd = SSL_get_rfd(ssl);
    memset(binding, 0, 32);
    if (fd < 0)
        return SIGHT_NONE;
    if (ipsec_get_socket_channel_info(fd, &ci))
        return errno == ENOMEM || errno == EMFILE || errno == ENFILE ? SIGHT_FAILED : SIGHT_NONE;
    enum sight sight = offer_sight_of(ci, binding);
    ipsec_free_channel_info(ci);
    return sight;
}

static void make_offer_value(const SSL *ssl, bool by_server, const unsigned char binding[32],
                             unsigned char value[32])
{
    static const char label[] = "btns tls channel v1";
    unsigned char text[sizeof label + 1 + 32 + 32], *random = text + sizeof label + 1;
    memcpy(text, label, sizeof label);
    text[sizeof label] = by_server ? 's' : 'c';
    if (by_server)
        SSL_get_server_random(ssl, random, 32);
    else
        SSL_get_client_random(ssl, random, 32);
    memcpy(random + 32, binding, 32);
    SHA256(text, sizeof text, value);
}

/* Returns 1 to send the extension, 0 to leave it out, -1 to fail the handshake. */
static int add_offer_sight(SSL *ssl, unsigned type, unsigned message, const unsigned char **out,
                           size_t *len, X509 *cert, size_t at, int *alert, void *arg)
{
    unsigned char binding[32], *value;
    int saved = errno;
    (void)type, (void)cert, (void)at, (void)arg;
    if (message & SSL_EXT_CLIENT_HELLO)
        SSL_set_ex_data(ssl, kept_at, NULL); /* a connection may make several handshakes */
    else if (!(kept_offer_sight(ssl) & WAS_TOLD))
        return 0;
    enum sight sight = see_offered_channel(ssl, binding);
    if (sight == SIGHT_NONE) {
        errno = saved;
        return 0;
    }
    value = sight == SIGHT_FAILED ? NULL : OPENSSL_malloc(32);
    if (!value) {
        *alert = SSL_AD_INTERNAL_ERROR;
        return -1;
    }
    make_offer_value(ssl, SSL_is_server(ssl), binding, value);
    *out = value;
    *len = 32;
    errno = saved;
    return 1;
}

static void free_offer_sight(SSL *ssl, unsigned type, unsigned message, const unsigned char *out,
                             void *arg)
{
    (void)ssl, (void)type, (void)message, (void)arg;
    OPENSSL_free((void *)(uintptr_t)out);
}

/* Returns 1 to go on, 0 to fail the handshake with *alert. */
static int compare_offer_sights(SSL *ssl, unsigned type, unsigned message, const unsigned char *in,
                                size_t len, X509 *cert, size_t at, int *alert, void *arg)
{
    unsigned char binding[32], expected[32];
    int saved = errno;
    (void)type, (void)message, (void)cert, (void)at, (void)arg;
    SSL_set_ex_data(ssl, kept_at, NULL);
    enum sight sight = see_offered_channel(ssl, binding);
    if (sight == SIGHT_FAILED) {
        *alert = SSL_AD_INTERNAL_ERROR;
        return 0;
    }
    errno = saved;
    if (sight == SIGHT_NONE)
        return 1;
    make_offer_value(ssl, !SSL_is_server(ssl), binding, expected);
    if (len != sizeof expected || CRYPTO_memcmp(expected, in, sizeof expected)) {
        btns_private_fail(EBADE, "the TLS handshake's other end sees another IPsec channel than "
                                 "this one: somebody is in between");
        *alert = SSL_AD_ACCESS_DENIED;
        return 0;
    }
    SSL_set_ex_data(ssl, kept_at,
                    (void *)(uintptr_t)(WAS_TOLD | (sight == SIGHT_CHANNEL ? IS_BOUND : 0)));
    return 1;
}

static bool is_dtls_offer(SSL_CTX *ctx)
{
    SSL *ssl = SSL_new(ctx);
    bool dtls = ssl && SSL_is_dtls(ssl);
    SSL_free(ssl);
    return dtls;
}

static int refuse_offer(int error, const char *words)
{
    btns_private_fail(error, words);
    return -1;
}

EXPORT int ipsec_tls_offer(SSL_CTX *ctx)
{
    if (!ctx)
        return refuse_offer(EINVAL, "ipsec_tls_offer: NULL");
    if (is_dtls_offer(ctx))
        return refuse_offer(ENOTSUP, "ipsec_tls_offer: datagrams are not protected yet (DTLS)");
    if (SSL_CTX_has_client_custom_ext(ctx, EXTENSION))
        return refuse_offer(EEXIST, "ipsec_tls_offer: this SSL_CTX has the extension already");
    if (!CRYPTO_THREAD_run_once(&once, get_offer_sight_index) || kept_at < 0 ||
        !SSL_CTX_add_custom_ext(ctx, EXTENSION, IN_MESSAGES, add_offer_sight, free_offer_sight,
                                NULL, compare_offer_sights, NULL))
        return refuse_offer(ENOMEM, "ipsec_tls_offer: no memory");
    return 0;
}
