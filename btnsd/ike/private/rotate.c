/* A new host key: which connections go on with the old one, and until when. */
#include "btnsd/ike/private/state.h"

#include "btnsd/base/log.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

/*
 * A peer that restarts ends its SAs, and proves itself anew for what it has latched to our old key:
 * so that key is given up only when nothing has been latched to the peer for several ticks.
 */
#define RETIRE_MS    2000
#define RETIRE_TICKS 5

bool conn_is_outdated(const struct ike *k, const struct ike_conn *c)
{
    return !c->cert && !btns_key_equal(&c->own, &k->host->pub);
}

/* Child SAs that came up on its IKE SAs would still be under the old key. */
static void use_new_key(struct ike *k, struct ike_conn *c)
{
    if (k->control)
        ike_end_sa(k, "ike", c->name);
    c->sas.n = 0;
    c->own = k->host->pub;
    c->generation++;
    if (k->control)
        ike_load_conn(k, c);
}

/* charon calls a private key by the SHA-1 of its public half. */
static void unload_key(struct ike *k, const struct btns_key *key)
{
    unsigned char sha1[EVP_MAX_MD_SIZE];
    char id[2 * EVP_MAX_MD_SIZE + 1] = "";
    unsigned n = 0;
    struct vici_msg m;
    if (!k->control || !EVP_Digest(key->raw, sizeof key->raw, sha1, &n, EVP_sha1(), NULL))
        return;
    for (unsigned i = 0; i < n; i++)
        snprintf(id + 2 * i, 3, "%02x", sha1[i]);
    vici_init(&m);
    vici_kv(&m, "id", id);
    control_command(k, "unload-key", &m);
}

static void on_retire(struct timer *t)
{
    struct ike *k = t->arg;
    bool changed = old_peers_settle(k);
    for (struct ike_conn *c = k->conns; c; c = c->next) {
        bool needed = c->tasks || c->services || k->ops->latched(k->arg, &c->key);
        c->unneeded = needed ? 0 : c->unneeded + 1;
        if (!conn_is_outdated(k, c) || c->unneeded < RETIRE_TICKS)
            continue;
        use_new_key(k, c);
        changed = true;
    }
    if (changed)
        old_peers_write(k);
    if (ike_old_key_needed(k)) {
        loop_after(k->loop, &k->retire, RETIRE_MS, on_retire, k);
        return;
    }
    log_note("nothing is latched to the old host key any more: it is given up");
    unload_key(k, &k->old.pub);
    OPENSSL_cleanse(&k->old, sizeof k->old);
    k->ops->retired(k->arg);
}

bool ike_old_key_needed(const struct ike *k)
{
    const struct ike_conn *c = k->conns;
    if (k->old_peers)
        return true;
    while (c && !conn_is_outdated(k, c))
        c = c->next;
    return c != NULL;
}

void ike_rotated(struct ike *k, const struct hostkey *old)
{
    k->old = *old;
    if (k->control)
        credentials_load_host(k);
    for (struct ike_conn *c = k->conns; c; c = c->next)
        c->unneeded = RETIRE_TICKS - 1; /* without a latch now, there is none to go on with */
    old_peers_write(k);
    loop_after(k->loop, &k->retire, 0, on_retire, k);
}

void ike_old_key(struct ike *k, const struct hostkey *old, const char *path)
{
    k->old_path = path;
    if (!old)
        return;
    k->old = *old;
    old_peers_read(k);
    loop_after(k->loop, &k->retire, RETIRE_MS, on_retire, k);
}

const struct btns_key *ike_own_key(const struct ike *k, const struct btns_addr *local,
                                   const struct btns_addr *remote, const struct btns_key *key)
{
    const struct ike_conn *c = conn_at(k, local, remote, key, NULL);
    while (c && c->cert)
        c = conn_at(k, local, remote, key, c);
    return c ? &c->own : &k->host->pub;
}
