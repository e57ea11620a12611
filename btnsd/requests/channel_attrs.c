/* Writes what is known of a latch as attributes, for btns_channel_info of <btns/ipsec.h>. */
#include "btnsd/requests/channel_attrs.h"

#include "btnsd/ike/keys/credential.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/guard.h"
#include "libapi/btns/ipsec.h"
#include "libapi/wire/names.h"

#include <netinet/in.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SALT_BITS 32

_Static_assert((int)BTNS_S_LISTENER == IPSEC_STATE_LISTENER &&
                   (int)BTNS_S_FAILED == IPSEC_STATE_BROKEN &&
                   (int)BTNS_S_CLOSED == IPSEC_STATE_CLOSED &&
                   (int)BTNS_STATES == IPSEC_STATE_CLOSED + 1,
               "states have the library's numbers");
_Static_assert((int)BTNS_R_BYPASSED == IPSEC_REASON_BYPASSED &&
                   (int)BTNS_REASONS == IPSEC_REASON_REVOKED + 1,
               "reasons have the library's numbers");

static bool is_clear_channel(const struct btns_latch_msg *m)
{
    return m->state == BTNS_S_UNPROTECTED || m->state == BTNS_S_LISTENER;
}

static uint64_t channel_latched_at(const struct btns_latch_msg *m)
{
    return (uint64_t)time(NULL) - m->age;
}

static void put_channel_latch(struct attrs_out *o, const struct btns_latch_msg *m)
{
    attrs_put_u32(o, IPSEC_CHANNEL_STATE, m->state);
    attrs_put_u32(o, IPSEC_CHANNEL_REASON_CODE, m->code);
    attrs_put_text(o, IPSEC_CHANNEL_REASON, m->reason);
    attrs_put_u64(o, IPSEC_CHANNEL_LATCHED_AT, channel_latched_at(m));
    attrs_put_text(o, IPSEC_CHANNEL_RULE, m->rule);
}

static void put_channel_ends(struct attrs_out *o, const struct btns_latch_msg *m)
{
    struct btns_addr a;
    attrs_put_u32(o, IPSEC_CHANNEL_TRANSPORT, m->protocol);
    attrs_put_addr(o, IPSEC_CHANNEL_LOCAL_ADDRESS, &m->local);
    attrs_put_addr(o, IPSEC_CHANNEL_REMOTE_ADDRESS, &m->remote);
    attrs_put_u32(o, IPSEC_CHANNEL_NAT, m->nat);
    if (!m->encap_local)
        return;
    a = m->local;
    a.port = m->encap_local;
    attrs_put_addr(o, IPSEC_CHANNEL_NAT_LOCAL, &a);
    a = m->remote;
    a.port = m->encap_remote;
    attrs_put_addr(o, IPSEC_CHANNEL_NAT_OUTER, &a);
    a = m->inner;
    a.port = 0;
    attrs_put_addr(o, IPSEC_CHANNEL_NAT_INNER, &a);
}

/* Puts the SPIs that are accepted now, and the replay window of the SA in use. */
static void put_channel_sas(struct attrs_out *o, const struct btns_latch_msg *m,
                            const struct sad_snapshot *sad)
{
    uint32_t in[BTNS_LATCH_SAS];
    size_t n = 0, count;
    const struct sad_entry *e = sad_snapshot_of(sad, m->reqid, &count);
    unsigned window = 0;
    bool seen = false;
    for (size_t i = 0; i < BTNS_LATCH_SAS && m->sa[i].spi; i++) {
        if (m->sa[i].flags & BTNS_SA_OUT)
            continue;
        in[n++] = m->sa[i].spi;
        for (size_t k = 0; k < count; k++)
            if (e[k].spi == m->sa[i].spi) {
                window = !seen || e[k].replay_window < window ? e[k].replay_window : window;
                seen = true;
            }
    }
    if (seen)
        attrs_put_u32(o, IPSEC_CHANNEL_REPLAY_WINDOW, window);
    if (m->spi_out)
        attrs_put_u32(o, IPSEC_CHANNEL_SPI_OUT, m->spi_out);
    if (n)
        attrs_put(o, IPSEC_CHANNEL_SPIS_IN, in, n * sizeof *in);
}

static void put_channel_protection(struct attrs_out *o, const struct btns_latch_msg *m,
                                   const struct sad_snapshot *sad, const struct guard *g)
{
    bool on = g && !is_clear_channel(m);
    attrs_put_u32(o, IPSEC_CHANNEL_CONFIDENTIAL, on);
    attrs_put_u32(o, IPSEC_CHANNEL_INTEGRITY, on);
    attrs_put_u32(o, IPSEC_CHANNEL_PROTOCOL, on ? IPPROTO_ESP : 0);
    if (!on)
        return;
    attrs_put_u32(o, IPSEC_CHANNEL_MODE, guard_is_beet(g) ? 2 : 0);
    attrs_put_text(o, IPSEC_CHANNEL_SUITE, m->suite);
    if (g->suite) {
        attrs_put_u32(o, IPSEC_CHANNEL_KEY_BITS, g->suite->key_bits - SALT_BITS);
        attrs_put_u32(o, IPSEC_CHANNEL_ICV_BITS, ESP_ICV_BITS);
    }
    attrs_put_u32(o, IPSEC_CHANNEL_REQID, m->reqid);
    put_channel_sas(o, m, sad);
}

/* Puts the channel binding. Both ends compute the same value, as it includes each key once. */
static void put_channel_binding(struct attrs_out *o, const uint8_t own[32], const uint8_t peer[32])
{
    static const char label[16] = "btns channel v1";
    unsigned char text[sizeof label + 64], sum[SHA256_DIGEST_LENGTH];
    bool first = memcmp(own, peer, 32) < 0;
    memcpy(text, label, sizeof label);
    memcpy(text + sizeof label, first ? own : peer, 32);
    memcpy(text + sizeof label + 32, first ? peer : own, 32);
    SHA256(text, sizeof text, sum);
    attrs_put(o, IPSEC_CHANNEL_BINDING, sum, sizeof sum);
}

static void put_channel_auth(struct attrs_out *o, const struct btns_latch_msg *m,
                             const struct peer *peer)
{
    uint32_t auth = IPSEC_AUTH_NONE;
    switch (m->auth) {
    case BTNS_A_LEAP:
        auth = peer && peer->first_seen < channel_latched_at(m) ? IPSEC_AUTH_LEAP_OF_FAITH
                                                                : IPSEC_AUTH_BTNS;
        break;
    case BTNS_A_PINNED:
    case BTNS_A_NAMED:
        auth = IPSEC_AUTH_PINNED_KEY;
        break;
    case BTNS_A_CERTIFICATE:
        auth = IPSEC_AUTH_PKIX_TRUSTED;
        break;
    default:
        break;
    }
    attrs_put_u32(o, IPSEC_CHANNEL_AUTH, auth);
}

static void put_channel_certificate(struct attrs_out *o, const struct btns_latch_msg *m,
                                    const struct credential *cert)
{
    unsigned char *der = NULL;
    size_t len = credential_der(cert, &der);
    if (len)
        attrs_put(o, IPSEC_CHANNEL_CERTIFICATE, der, len);
    free(der);
    len = credential_ca_der(cert, &der);
    if (len)
        attrs_put(o, IPSEC_CHANNEL_TRUST_ANCHOR, der, len);
    free(der);
    attrs_put_text(o, IPSEC_CHANNEL_CERTIFICATE_DN, m->subject);
    char *authority = credential_ca_subject(cert);
    if (authority)
        attrs_put_text(o, IPSEC_CHANNEL_AUTHORITY_DN, authority);
    free(authority);
}

static void put_channel_peer(struct attrs_out *o, const struct btnsd *d,
                             const struct btns_latch_msg *m, const struct guard *g)
{
    char id[BTNS_KEY_STR];
    const struct peer *peer = g->certified ? NULL : peers_by_key(d->peers, &g->key);
    const struct btns_key *own =
        d->ike ? ike_own_key(d->ike, &g->local, &g->remote, &g->key) : &d->host.pub;
    attrs_put(o, IPSEC_CHANNEL_LOCAL_KEY, own->raw, sizeof own->raw);
    attrs_put_text(o, IPSEC_CHANNEL_PEER_NAME, *m->name ? m->name : m->peer);
    if (!g->has_key || m->auth == BTNS_A_NONE)
        return;
    attrs_put(o, IPSEC_CHANNEL_PEER_KEY, g->key.raw, sizeof g->key.raw);
    attrs_put_u32(o, IPSEC_CHANNEL_PEER_KEY_TYPE,
                  g->key.hashed ? IPSEC_KEY_SPKI_SHA256 : IPSEC_KEY_ED25519);
    attrs_put_text(o, IPSEC_CHANNEL_PEER_ID, btns_key_str(&g->key, id));
    put_channel_auth(o, m, peer);
    if (peer)
        attrs_put_u64(o, IPSEC_CHANNEL_FIRST_SEEN, peer->first_seen);
    if (g->cert)
        put_channel_certificate(o, m, g->cert);
    else
        put_channel_binding(o, own->raw, g->key.raw);
}

static void put_channel_words(struct attrs_out *o, const struct btns_latch_msg *m,
                              const struct guard *g)
{
    char text[1024], id[BTNS_KEY_STR] = "";
    if (g && g->has_key)
        btns_key_str(&g->key, id);
    if (!g || is_clear_channel(m))
        snprintf(text, sizeof text, "%s",
                 m->state == BTNS_S_LISTENER ? "a listener" : "in the clear");
    else
        snprintf(text, sizeof text, "%s%s%s, %s, esp %s %s", *m->name ? m->name : m->peer,
                 *m->name && *id ? " " : "", id,
                 *auth_name(m->auth) ? auth_name(m->auth)
                 : *m->proof         ? m->proof
                                     : "not proved",
                 guard_is_beet(g) ? "beet" : "transport", m->suite);
    attrs_put_text(o, IPSEC_CHANNEL_INFORMATION, text);
    snprintf(text, sizeof text, "uid=%u pid=%u program=%s state=%s reason=%s peer=%s", m->uid,
             m->pid, m->program, state_name(m->state), reason_name(m->code), id);
    attrs_put_text(o, IPSEC_CHANNEL_AUDIT, text);
}

void channel_attrs(struct attrs_out *o, const struct btnsd *d, const struct btns_latch_msg *m,
                   const struct sad_snapshot *sad, const struct guard *g)
{
    put_channel_latch(o, m);
    put_channel_ends(o, m);
    put_channel_protection(o, m, sad, g);
    if (g && !is_clear_channel(m))
        put_channel_peer(o, d, m, g);
    put_channel_words(o, m, g);
}
