/* Builds the connections that btnsd loads into charon, as VICI messages. Pure. */
#include "btnsd/ike/private/config.h"

#include "btnsd/base/hex.h"
#include "btnsd/rules/model/rules.h"

const char config_published_secret[] = "btns introduction, format 1";

static const char ike_suite[] = "aes256gcm16-prfsha256-x25519";

void config_conn_name(char name[IKE_NAME], const struct btns_key *key, bool certified,
                      const struct btns_addr *local, const struct btns_addr *remote,
                      unsigned number)
{
    char from[BTNS_ADDR_STR], to[BTNS_ADDR_STR], hex[17];
    hex_write(hex, key->raw, 8);
    snprintf(name, IKE_NAME, "%s%s-%.45s-%.45s-%u", certified ? CERTIFIED_PREFIX : CONN_PREFIX, hex,
             btns_addr_ip_str(local, from), btns_addr_ip_str(remote, to), number);
}

/* RFC 5386: the raw public key itself is the identity (ID_KEY_ID). */
static void add_conn_identity(struct vici_msg *m, const struct btns_key *key)
{
    char id[8 + 2 * sizeof key->raw] = "keyid:#";
    hex_write(id + 7, key->raw, sizeof key->raw);
    vici_kv(m, "id", id);
}

/* A claim with statements is sent as the text it is: charon reads 511 characters of it. */
static void add_key_claim(struct vici_msg *m, const struct hostkey *own)
{
    uint8_t claim[CLAIM_ID_MAX];
    size_t len = hostkey_claim(own, claim);
    if (len == CLAIM_KEY)
        add_conn_identity(m, &own->pub);
    else
        vici_kvf(m, "id", "keyid:%.*s", (int)len, (const char *)claim);
}

static void add_ike_common(struct vici_msg *m, bool moves)
{
    vici_kv(m, "version", "2");
    vici_list_one(m, "proposals", ike_suite);
    vici_kv(m, "mobike", moves ? "yes" : "no"); /* in transport mode a latch's addresses stay */
}

/*
 * For an IKE SA that carries no child SA and must not stay: it is needed only until the peer's
 * identity is known.
 */
static void add_brief_life(struct vici_msg *m, const char *reauth, const char *over)
{
    add_ike_common(m, false);
    /* An introduction proves nothing, so it must never end a proven IKE SA of the same identity. */
    vici_kv(m, "unique", "never");
    vici_kv(m, "rekey_time", "0");
    vici_kv(m, "reauth_time", reauth);
    vici_kv(m, "over_time", over);
    vici_kv(m, "rand_time", "0");
}

/*
 * Each introduction costs charon some 12 kB, and strangers can make them as fast as charon answers.
 */
static void add_introduction_common(struct vici_msg *m, const struct hostkey *own)
{
    add_brief_life(m, "2s", "2s");
    vici_section(m, "local");
    vici_kv(m, "auth", "psk");
    add_key_claim(m, own);
    vici_section_end(m);
    vici_section(m, "remote");
    vici_kv(m, "auth", "psk");
    vici_kv(m, "id", "%any");
    vici_section_end(m);
}

void config_responder(struct vici_msg *m, const char *name, const struct hostkey *own)
{
    vici_section(m, name);
    vici_kv(m, "childless", "allow");
    add_introduction_common(m, own);
    vici_section_end(m);
}

static void add_conn_addresses(struct vici_msg *m, const struct btns_addr *local,
                               const struct btns_addr *remote)
{
    char ip[BTNS_ADDR_STR];
    vici_list_one(m, "local_addrs", btns_addr_ip_str(local, ip));
    vici_list_one(m, "remote_addrs", btns_addr_ip_str(remote, ip));
}

/* The peer is asked where it is known to be, and is let in from anywhere. */
static void add_outer_address(struct vici_msg *m, const struct ike_conn *c)
{
    char ip[BTNS_ADDR_STR];
    vici_list_open(m, "remote_addrs");
    if (c->outer.family)
        vici_list_item(m, btns_addr_ip_str(&c->outer, ip));
    vici_list_item(m, "%any");
    vici_list_close(m);
}

/*
 * charon treats connections that differ only by their names as one: it would join an exchange to an
 * older one, which began before the peer was there, and which it gives up too early. Different DPD
 * times make the connections different; DPD never starts in their short lives.
 */
static void add_conn_number(struct vici_msg *m, unsigned number)
{
    vici_kvf(m, "dpd_delay", "%us", 3600 + number % 1000000);
}

void config_introduction(struct vici_msg *m, unsigned number, const char *name,
                         const struct hostkey *own, const struct btns_addr *local,
                         const struct btns_addr *remote)
{
    vici_section(m, name);
    add_conn_number(m, number);
    add_conn_addresses(m, local, remote);
    vici_kv(m, "childless", "force");
    add_introduction_common(m, own);
    vici_section_end(m);
}

static void add_raw_key(struct vici_msg *m, const struct btns_key *key)
{
    char pem[256];
    key_to_pem(key, pem, sizeof pem);
    vici_list_one(m, "pubkeys", pem);
}

/*
 * In BEET mode the identity is the inner address, which names the same key (ID_IPV6_ADDR). So
 * charon never takes the connection of one mode for that of the other.
 */
static void add_raw_end(struct vici_msg *m, const char *end, const struct btns_key *key,
                        const struct btns_addr *inner)
{
    char ip[BTNS_ADDR_STR];
    vici_section(m, end);
    vici_kv(m, "auth", "pubkey");
    if (inner)
        vici_kv(m, "id", btns_addr_ip_str(inner, ip));
    else
        add_conn_identity(m, key);
    add_raw_key(m, key);
    vici_section_end(m);
}

static void add_raw_ends(struct vici_msg *m, const struct ike_conn *c)
{
    const bool beet = conn_is_beet(c);
    add_raw_end(m, "local", &c->own, beet ? &c->local : NULL);
    add_raw_end(m, "remote", &c->key, beet ? &c->remote : NULL);
}

/* We identify ourselves by the subject of our certificate. */
static void add_certified_end(struct vici_msg *m, const struct own_cert *own)
{
    vici_kv(m, "send_cert", "always");
    vici_section(m, "local");
    vici_kv(m, "auth", "pubkey");
    if (own && own->certs)
        vici_list_one(m, "certs", own->pem[0]);
    vici_section_end(m);
}

/*
 * The peer must use exactly this certificate, and so exactly its key, issued by this authority and
 * valid now.
 */
static void add_certified_ends(struct vici_msg *m, const struct ike_conn *c,
                               const struct own_cert *own)
{
    add_certified_end(m, own);
    vici_section(m, "remote");
    vici_kv(m, "auth", "pubkey");
    vici_kv(m, "id", c->cert->subject_id);
    vici_list_one(m, "certs", c->cert->pem);
    vici_list_one(m, "cacerts", c->cert->ca_pem);
    vici_section_end(m);
}

/* Any peer with a certificate of that authority; btnsd reads the certificate and decides. */
static void add_certify_common(struct vici_msg *m, const struct own_cert *own, const char *ca)
{
    add_brief_life(
        m, "30s",
        "5s"); /* strangers cannot make these IKE SAs, and the peer's identity is read later */
    add_certified_end(m, own);
    vici_section(m, "remote");
    vici_kv(m, "auth", "pubkey");
    vici_kv(m, "id", "%any");
    vici_list_one(m, "cacerts", ca);
    vici_section_end(m);
}

void config_certify(struct vici_msg *m, unsigned number, const char *name,
                    const struct own_cert *own, const struct btns_addr *local,
                    const struct btns_addr *remote, const char *ca)
{
    vici_section(m, name);
    add_conn_number(m, number);
    add_conn_addresses(m, local, remote);
    vici_kv(m, "childless", "force");
    add_certify_common(m, own, ca);
    vici_section_end(m);
}

void config_certify_responder(struct vici_msg *m, const char *name, const struct own_cert *own,
                              const char *ca)
{
    vici_section(m, name);
    vici_kv(m, "childless", "allow");
    add_certify_common(m, own, ca);
    vici_section_end(m);
}

void config_key_conn(struct vici_msg *m, const struct ike_conn *c, const struct own_cert *cert)
{
    vici_section(m, c->name);
    if (conn_is_beet(c))
        add_outer_address(m, c);
    else
        add_conn_addresses(m, &c->local, &c->remote);
    add_ike_common(m, conn_is_beet(c));
    vici_kv(m, "unique",
            "never"); /* simultaneous openings from both ends must not kill each other */
    vici_kv(m, "dpd_delay", "10s");
    /*
     * charon reuses an IKE SA for any connection that differs only by its name; this makes a
     * difference.
     */
    vici_kvf(m, "rand_time", "%us", 1440 - c->generation % 1000);
    if (c->cert)
        add_certified_ends(m, c, cert);
    else
        add_raw_ends(m, c);
    config_children(m, c);
    vici_section_end(m);
}
