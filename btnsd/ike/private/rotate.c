/* After a new host key: decides which connections keep the old one, and until when. */
#include "btnsd/ike/private/state.h"

#include "btnsd/base/hex.h"
#include "btnsd/base/log.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

/*
 * A peer that restarts ends its SAs, and then proves itself anew for its latches to our old key. So
 * the old key is given up only when nothing has been latched to the peer for several ticks.
 */
#define RETIRE_MS    2000
#define RETIRE_TICKS 5

static struct ike_conn *old_peer_conn(const struct ike *k, const struct old_peer *p)
{
    const struct ike_entry e = {.local = p->local, .remote = p->remote, .key = p->key};
    return conn_find(k, &e);
}

/* Its IKE SAs are ended: child SAs that came up on them would still be under the old key. */
static void rotate_to_new_key(struct ike *k, struct ike_conn *c)
{
    if (k->control)
        ike_end_sa(k, "ike", c->name);
    c->sas.n = 0;
    c->own = k->host->pub;
    c->generation++;
    if (k->control)
        ike_load_conn(k, c);
}

/* charon names a private key by the SHA-1 of its public half. */
static void unload_old_key(struct ike *k, const struct btns_key *key)
{
    unsigned char sha1[EVP_MAX_MD_SIZE];
    char id[2 * EVP_MAX_MD_SIZE + 1] = "";
    unsigned n = 0;
    struct vici_msg m;
    if (!k->control || !EVP_Digest(key->raw, sizeof key->raw, sha1, &n, EVP_sha1(), NULL))
        return;
    hex_write(id, sha1, n);
    vici_init(&m);
    vici_kv(&m, "id", id);
    control_command(k, "unload-key", &m);
}

static bool old_key_is_needed(const struct ike *k, const struct old_peer *p)
{
    const struct ike_conn *c = old_peer_conn(k, p);
    return (c && (c->tasks || c->services)) || k->ops->latched(k->arg, &p->key);
}

static void retire_old_peer(struct ike *k, size_t i)
{
    struct ike_conn *c = old_peer_conn(k, &k->old_peer[i]);
    old_peers_drop(k, i);
    if (c)
        rotate_to_new_key(k, c);
}

static void on_retire_old_key(struct timer *t)
{
    struct ike *k = t->arg;
    const size_t before = k->old_peers;
    for (size_t i = before; i-- > 0;) {
        struct old_peer *p = &k->old_peer[i];
        p->unneeded = old_key_is_needed(k, p) ? 0 : p->unneeded + 1;
        if (p->unneeded >= RETIRE_TICKS)
            retire_old_peer(k, i);
    }
    if (k->old_peers != before)
        old_peers_write(k);
    if (ike_old_key_needed(k)) {
        loop_after(k->loop, &k->retire, RETIRE_MS, on_retire_old_key, k);
        return;
    }
    log_note("nothing is latched to the old host key any more: it is given up");
    unload_old_key(k, &k->old.pub);
    OPENSSL_cleanse(&k->old, sizeof k->old);
    k->ops->retired(k->arg);
}

bool ike_old_key_needed(const struct ike *k)
{
    return k->old_peers > 0;
}

/* The peer sees the old key only if it has a latch now. */
static void see_old_key(struct ike *k, struct ike_conn *c)
{
    const struct old_peer p = {c->local, c->remote, c->key, RETIRE_TICKS - 1};
    if (!c->cert && !old_peers_add(k, &p))
        rotate_to_new_key(k, c);
}

void ike_rotated(struct ike *k, const struct hostkey *old)
{
    k->old = *old;
    if (k->control)
        credentials_load_host(k);
    for (struct ike_conn *c = k->conns; c; c = c->next)
        see_old_key(k, c);
    old_peers_write(k);
    loop_after(k->loop, &k->retire, 0, on_retire_old_key, k);
}

void ike_old_key(struct ike *k, const struct hostkey *old, const char *path)
{
    k->old_path = path;
    if (!old)
        return;
    k->old = *old;
    old_peers_read(k);
    loop_after(k->loop, &k->retire, RETIRE_MS, on_retire_old_key, k);
}

const struct btns_key *ike_own_key(const struct ike *k, const struct btns_addr *local,
                                   const struct btns_addr *remote, const struct btns_key *key)
{
    const struct ike_conn *c = conn_at(k, local, remote, key, NULL);
    while (c && c->cert)
        c = conn_at(k, local, remote, key, c);
    return c ? &c->own : &k->host->pub;
}
