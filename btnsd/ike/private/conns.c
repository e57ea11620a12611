/* The key connections that charon has from us: one for each peer key between two addresses. */
#include "btnsd/ike/private/state.h"

#include "libapi/wire/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct ike_conn *conn_find(const struct ike *k, const struct ike_entry *e)
{
    for (struct ike_conn *c = k->conns; c; c = c->next)
        if (btns_key_equal(&c->key, &e->key) && btns_addr_ip_equal(&c->remote, &e->remote) &&
            btns_addr_ip_equal(&c->local, &e->local) && !c->cert == !e->cert)
            return c;
    return NULL;
}

struct ike_conn *conn_named(struct ike *k, const char *name)
{
    struct ike_conn *c = k->conns;
    while (c && strcmp(c->name, name))
        c = c->next;
    return c;
}

/* A certificate is immutable, so the connection shares it. */
static struct credential *share_certificate(const struct credential *cert)
{
    return credential_ref((struct credential *)(uintptr_t)cert);
}

struct ike_conn *conn_get(struct ike *k, const struct ike_entry *e)
{
    struct ike_conn *c = conn_find(k, e);
    if (c)
        return c;
    c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->key = e->key;
    c->local = e->local;
    c->remote = e->remote;
    c->cert = share_certificate(e->cert);
    config_conn_name(c->name, &e->key, e->cert != NULL, &e->local, &e->remote, ++k->names);
    c->next = k->conns;
    k->conns = c;
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
    c->cert = share_certificate(e->cert);
    credential_unref(old);
    return 0;
}

static size_t service_index(const struct ike_conn *c, const struct ike_service *s)
{
    size_t i = 0;
    while (i < c->services &&
           (!service_same(c->service[i].to, s->to) || c->service[i].reqid != s->reqid))
        i++;
    return i;
}

int conn_add_service(struct ike_conn *c, const struct ike_service *s)
{
    size_t i = service_index(c, s);
    if (i < c->services) {
        c->service[i].lifetime = s->lifetime; /* for SAs that are made from now on */
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
    size_t i = service_index(c, s);
    if (i < c->services)
        c->service[i] = c->service[--c->services];
}

void conn_free(struct ike *k, struct ike_conn *c)
{
    for (struct ike_conn **p = &k->conns; *p; p = &(*p)->next)
        if (*p == c) {
            *p = c->next;
            break;
        }
    inlets_free(&c->inlets);
    credential_unref(c->cert);
    free(c->service);
    free(c);
}
