/* The connections charon is given, as VICI messages (pure). */
#include "config.h"

#include "../rules/rules.h"

#include <string.h>

const char config_published_secret[] = "btns introduction, format 1";

static const char ike_suite[] = "aes256gcm16-prfsha256-x25519";

void config_conn_name(char name[IKE_NAME], const struct btns_key *key,
                      const struct btns_addr *local, const struct btns_addr *remote,
                      unsigned number)
{
    char from[BTNS_ADDR_STR], to[BTNS_ADDR_STR], hex[17];
    for (int i = 0; i < 8; i++)
        snprintf(hex + 2 * i, 3, "%02x", key->raw[i]);
    snprintf(name, IKE_NAME, CONN_PREFIX "%s-%.45s-%.45s-%u", hex, btns_addr_ip_str(local, from),
             btns_addr_ip_str(remote, to), number);
}

void config_child_name(char name[IKE_NAME], const struct ike_service *s)
{
    snprintf(name, IKE_NAME, "tcp-%u-%u", s->port, s->reqid);
}

/* RFC 5386: the raw public key itself is the identity (ID_KEY_ID). */
static void identity(struct vici_msg *m, const struct btns_key *key)
{
    char id[80] = "keyid:#";
    for (int i = 0; i < 32; i++)
        snprintf(id + 7 + 2 * i, 3, "%02x", key->raw[i]);
    vici_kv(m, "id", id);
}

static void one_item_list(struct vici_msg *m, const char *name, const char *item)
{
    const char *items[] = {item, NULL};
    vici_list(m, name, items);
}

static void ike_common(struct vici_msg *m)
{
    vici_kv(m, "version", "2");
    one_item_list(m, "proposals", ike_suite);
    vici_kv(m, "mobike", "no"); /* a latch's addresses never change */
}

/*
 * The SA carries nothing, and must not linger: who was at the other end is known when it is up.
 * Each costs charon some 12 kB, and strangers can make them as fast as it can answer.
 */
static void introduction_common(struct vici_msg *m, const struct btns_key *own)
{
    ike_common(m);
    /* An introduction proves nothing, so it must never end a proven IKE SA of the same identity. */
    vici_kv(m, "unique", "never");
    vici_kv(m, "rekey_time", "0");
    vici_kv(m, "reauth_time", "2s");
    vici_kv(m, "over_time", "2s");
    vici_kv(m, "rand_time", "0");
    vici_section(m, "local");
    vici_kv(m, "auth", "psk");
    identity(m, own);
    vici_section_end(m);
    vici_section(m, "remote");
    vici_kv(m, "auth", "psk");
    vici_kv(m, "id", "%any");
    vici_section_end(m);
}

void config_responder(struct vici_msg *m, const char *name, const struct btns_key *own)
{
    vici_section(m, name);
    vici_kv(m, "childless", "allow");
    introduction_common(m, own);
    vici_section_end(m);
}

static void addresses(struct vici_msg *m, const struct btns_addr *local,
                      const struct btns_addr *remote)
{
    char ip[BTNS_ADDR_STR];
    one_item_list(m, "local_addrs", btns_addr_ip_str(local, ip));
    one_item_list(m, "remote_addrs", btns_addr_ip_str(remote, ip));
}

void config_introduction(struct vici_msg *m, const char *name, const struct btns_key *own,
                         const struct btns_addr *local, const struct btns_addr *remote)
{
    vici_section(m, name);
    addresses(m, local, remote);
    vici_kv(m, "childless", "force");
    introduction_common(m, own);
    vici_section_end(m);
}

static void child_common(struct vici_msg *m, uint32_t reqid)
{
    vici_kv(m, "mode", "transport");
    vici_kvf(m, "reqid", "%u", reqid);
    vici_kvf(m, "priority", "%u", 50000u); /* PRIO_CHARON: between guards and floors */
    vici_kv(m, "start_action", "none");
    vici_kv(m, "close_action", "none");
    vici_kv(m, "dpd_action", "clear");
}

static void child_out(struct vici_msg *m, const struct ike_service *s)
{
    char name[IKE_NAME], ts[32];
    config_child_name(name, s);
    vici_section(m, name);
    child_common(m, s->reqid);
    one_item_list(m, "local_ts", "dynamic[tcp]");
    snprintf(ts, sizeof ts, "dynamic[tcp/%u]", s->port);
    one_item_list(m, "remote_ts", ts);
    one_item_list(m, "esp_proposals", s->suite);
    vici_section_end(m);
}

/* The peer names the service; we narrow to it. */
static void child_in(struct vici_msg *m, uint32_t reqid)
{
    const char *names[16];
    size_t n = 0;
    for (const struct suite *s = suites; s->name && n < 15; s++)
        names[n++] = s->name;
    names[n] = NULL;
    vici_section(m, "in");
    child_common(m, reqid);
    one_item_list(m, "local_ts", "dynamic[tcp]");
    one_item_list(m, "remote_ts", "dynamic[tcp]");
    vici_list(m, "esp_proposals", names);
    vici_section_end(m);
}

/* Accepted by nobody, as both ends have it this way round; by whoever does all the same, unused. */
static void child_inner(struct vici_msg *m)
{
    char ts[32];
    vici_section(m, INNER_CHILD);
    vici_kv(m, "mode", "transport");
    vici_kv(m, "policies", "no");
    vici_kv(m, "start_action", "none");
    vici_kv(m, "close_action", "none");
    snprintf(ts, sizeof ts, "dynamic[udp/%d]", INNER_FROM);
    one_item_list(m, "local_ts", ts);
    snprintf(ts, sizeof ts, "dynamic[udp/%d]", INNER_TO);
    one_item_list(m, "remote_ts", ts);
    vici_section_end(m);
}

static void raw_key(struct vici_msg *m, const struct btns_key *key)
{
    char pem[256];
    key_to_pem(key, pem, sizeof pem);
    one_item_list(m, "pubkeys", pem);
}

void config_pinned(struct vici_msg *m, const struct ike_conn *c, const struct btns_key *own)
{
    vici_section(m, c->name);
    addresses(m, &c->local, &c->remote);
    ike_common(m);
    vici_kv(m, "unique",
            "never"); /* simultaneous openings from both ends must not kill each other */
    vici_kv(m, "dpd_delay", "10s");
    vici_section(m, "local");
    vici_kv(m, "auth", "pubkey");
    identity(m, own);
    raw_key(m, own);
    vici_section_end(m);
    vici_section(m, "remote");
    vici_kv(m, "auth", "pubkey");
    identity(m, &c->key);
    raw_key(m, &c->key);
    vici_section_end(m);
    vici_section(m, "children");
    for (size_t i = 0; i < c->services; i++)
        child_out(m, &c->service[i]);
    if (c->in_reqid)
        child_in(m, c->in_reqid);
    child_inner(m);
    vici_section_end(m);
    vici_section_end(m);
}
