/*
 * The key connections that btnsd has loaded into charon: one for each peer key between two
 * addresses.
 */
#include "btnsd/ike/private/state.h"

#include "libapi/wire/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define AT(table) offsetof(struct ike_conn, at_##table)

static uint64_t hash_conn_ends(const struct btns_addr *local, const struct btns_addr *remote,
                               const struct btns_key *key)
{
    uint64_t hash = hash_more(hash_begin(), key->raw, sizeof key->raw);
    hash = hash_more(hash, local->ip, sizeof local->ip);
    return hash_more(hash, remote->ip, sizeof remote->ip);
}

static uint64_t hash_conn_key(const struct btns_key *key)
{
    return hash_more(hash_begin(), key->raw, sizeof key->raw);
}

static uint64_t hash_conn_name(const char *name)
{
    return hash_more(hash_begin(), name, strlen(name));
}

struct ike_conn *conn_at(const struct ike *k, const struct btns_addr *local,
                         const struct btns_addr *remote, const struct btns_key *key,
                         const struct ike_conn *after)
{
    const struct hash_link *l =
        after ? hash_table_next(&after->at_end)
              : hash_table_first(&k->by_end, hash_conn_ends(local, remote, key));
    struct ike_conn *c = hash_item(l, AT(end));
    while (c && !(btns_key_equal(&c->key, key) && btns_addr_ip_equal(&c->remote, remote) &&
                  btns_addr_ip_equal(&c->local, local)))
        c = hash_item(hash_table_next(&c->at_end), AT(end));
    return c;
}

struct ike_conn *conn_find(const struct ike *k, const struct ike_entry *e)
{
    struct ike_conn *c = conn_at(k, &e->local, &e->remote, &e->key, NULL);
    while (c && !c->cert != !e->cert)
        c = conn_at(k, &e->local, &e->remote, &e->key, c);
    return c;
}

struct ike_conn *conn_with_key(const struct ike *k, const struct btns_key *key,
                               const struct ike_conn *after)
{
    const struct hash_link *l =
        after ? hash_table_next(&after->at_key) : hash_table_first(&k->by_key, hash_conn_key(key));
    struct ike_conn *c = hash_item(l, AT(key));
    while (c && !btns_key_equal(&c->key, key))
        c = hash_item(hash_table_next(&c->at_key), AT(key));
    return c;
}

static struct ike_conn *conn_renewed_as(const struct ike *k, const char *name)
{
    const struct ike_task *t = k->tasks;
    while (t && !(t->renews && !strcmp(t->name, name)))
        t = t->next;
    return t ? t->conn : NULL;
}

struct ike_conn *conn_named(const struct ike *k, const char *name)
{
    struct ike_conn *c = hash_item(hash_table_first(&k->by_name, hash_conn_name(name)), AT(name));
    while (c && strcmp(c->name, name))
        c = hash_item(hash_table_next(&c->at_name), AT(name));
    return c ? c : conn_renewed_as(k, name);
}

/* A certificate is immutable, so the connection shares it. */
static struct credential *share_conn_certificate(const struct credential *cert)
{
    return credential_ref((struct credential *)(uintptr_t)cert);
}

static void enter_conn(struct ike *k, struct ike_conn *c)
{
    c->next = k->conns;
    c->link = &k->conns;
    if (c->next)
        c->next->link = &c->next;
    k->conns = c;
    hash_table_enter(&k->by_end, &c->at_end, hash_conn_ends(&c->local, &c->remote, &c->key));
    hash_table_enter(&k->by_key, &c->at_key, hash_conn_key(&c->key));
    hash_table_enter(&k->by_name, &c->at_name, hash_conn_name(c->name));
}

static void leave_conn(struct ike *k, struct ike_conn *c)
{
    conn_claim(k, c, 0);
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    hash_table_leave(&k->by_end, &c->at_end);
    hash_table_leave(&k->by_key, &c->at_key);
    hash_table_leave(&k->by_name, &c->at_name);
}

void conn_claim(struct ike *k, struct ike_conn *c, uint64_t when)
{
    if (c->claim) {
        *c->claim = c->next_claim;
        if (c->next_claim)
            c->next_claim->claim = c->claim;
        c->claim = NULL;
    }
    c->claimed = when;
    if (!when)
        return;
    c->next_claim = k->claims;
    c->claim = &k->claims;
    if (c->next_claim)
        c->next_claim->claim = &c->next_claim;
    k->claims = c;
}

struct ike_conn *conn_get(struct ike *k, const struct ike_entry *e)
{
    struct ike_conn *c = conn_find(k, e);
    if (c && e->outer.family)
        c->outer = e->outer;
    if (c)
        return c;
    c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    const bool beet = btns_addr_is_inner(&e->remote);
    if (!beet && k->ops && k->ops->connection &&
        k->ops->connection(k->arg, &e->local, &e->remote)) {
        free(c);
        return NULL;
    }
    c->key = e->key;
    c->own = !beet && !e->cert && old_peers_have(k, e) ? k->old.pub : k->host->pub;
    c->local = e->local;
    c->remote = e->remote;
    c->outer = e->outer;
    c->cert = share_conn_certificate(e->cert);
    config_conn_name(c->name, &e->key, e->cert != NULL, &e->local, &e->remote, ++k->names);
    enter_conn(k, c);
    return c;
}

int conn_take(struct ike_conn *c, const struct ike_entry *e, bool *changed)
{
    struct inlets l;
    *changed = c->in_reqid != e->reqid || !inlets_equal(&c->inlets, &e->inlets) ||
               !credential_same(c->cert, e->cert);
    if (!*changed)
        return 0;
    if (inlets_copy(&l, &e->inlets))
        return -ENOMEM;
    inlets_free(&c->inlets);
    c->inlets = l;
    c->in_reqid = e->reqid;
    struct credential *old = c->cert;
    c->cert = share_conn_certificate(e->cert);
    credential_unref(old);
    return 0;
}

static size_t conn_service_index(const struct ike_conn *c, const struct ike_service *s)
{
    size_t i = 0;
    while (i < c->services &&
           (!service_same(c->service[i].to, s->to) || c->service[i].reqid != s->reqid))
        i++;
    return i;
}

int conn_add_service(struct ike_conn *c, const struct ike_service *s)
{
    size_t i = conn_service_index(c, s);
    if (i < c->services) {
        c->service[i].lifetime = s->lifetime; /* takes effect for SAs that are made from now on */
        return 0;
    }
    struct ike_service *more =
        array_grow(c->service, &c->service_room, c->services + 1, sizeof *more);
    if (!more)
        return -ENOMEM;
    c->service = more;
    c->service[c->services++] = *s;
    return 0;
}

void conn_drop_service(struct ike_conn *c, const struct ike_service *s)
{
    size_t i = conn_service_index(c, s);
    if (i < c->services)
        c->service[i] = c->service[--c->services];
}

void conn_rename(struct ike *k, struct ike_conn *c, const char *name)
{
    hash_table_leave(&k->by_name, &c->at_name);
    snprintf(c->name, sizeof c->name, "%s", name);
    hash_table_enter(&k->by_name, &c->at_name, hash_conn_name(c->name));
}

void conn_free(struct ike *k, struct ike_conn *c)
{
    leave_conn(k, c);
    if (!conn_is_beet(c) && k->ops && k->ops->connection_gone)
        k->ops->connection_gone(k->arg, &c->local, &c->remote);
    inlets_free(&c->inlets);
    credential_unref(c->cert);
    free(c->service);
    free(c);
}
