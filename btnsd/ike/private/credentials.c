/* Gives charon our key and certificate, the published secret and all connections when it starts. */
#include "btnsd/ike/private/state.h"

static void load_host_certificate(struct ike *k)
{
    struct vici_msg m;
    for (size_t i = 0; k->own && i < k->own->certs; i++) {
        vici_init(&m);
        vici_kv(&m, "type", "X509");
        vici_kv(&m, "flag", "NONE");
        vici_kv(&m, "data", k->own->pem[i]);
        control_command(k, "load-cert", &m);
    }
    if (!k->own || !k->own->key)
        return;
    vici_init(&m);
    vici_kv(&m, "type", "any");
    vici_kv_data(&m, "data", k->own->key, k->own->key_len);
    control_command(k, "load-key", &m);
}

void ike_set_certificate(struct ike *k, const struct own_cert *own)
{
    k->own = own;
    if (!k->control)
        return; /* charon gets it with the other credentials */
    load_host_certificate(k);
    authorities_load(k);
    for (const struct ike_conn *c = k->conns; c; c = c->next)
        if (c->cert)
            ike_load_conn(k, c);
}

bool ike_has_certificate(const struct ike *k)
{
    return k->own && k->own->certs;
}

static void load_host_key(struct ike *k, const struct hostkey *key)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "type", "any");
    vici_kv_data(&m, "data", key->pkcs8, key->pkcs8_len);
    control_command(k, "load-key", &m);
}

void credentials_load_host(struct ike *k)
{
    struct vici_msg m;
    load_host_key(k, k->host);
    vici_init(&m);
    config_responder(&m, RESPONDER, k->host);
    control_command(k, "load-conn", &m);
}

void credentials_load(struct ike *k)
{
    struct vici_msg m;
    credentials_load_host(k);
    if (k->old.pkcs8_len)
        load_host_key(k, &k->old);

    vici_init(&m);
    vici_kv(&m, "id", "introduction");
    vici_kv(&m, "type", "IKE");
    vici_kv(&m, "data", config_published_secret);
    control_command(k, "load-shared", &m);

    load_host_certificate(k);
    authorities_load(k);
    for (const struct ike_conn *c = k->conns; c; c = c->next)
        ike_load_conn(k, c);
}
