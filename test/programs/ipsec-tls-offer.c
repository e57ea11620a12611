/*
 * ipsec_tls_offer(): the TLS extension by which both ends report their channel, with two stand-ins
 * for btnsd that may report different channels. TAP.
 */
#include "test/programs/tls-ends.h"

enum { CHANNEL_A = 'a', CHANNEL_B = 'b', CLEAR = 0, ABSENT = -1 };

/*
 * Starts a stand-in for btnsd that reports the channel `what` for every socket; returns its
 * socket's path.
 */
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

/*
 * An attacker in between: changes the extension's number in the client's first message, and nothing
 * else.
 */
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

int main(void)
{
    pretend_btnsd(0);
    test_offers();
    return check_end();
}
