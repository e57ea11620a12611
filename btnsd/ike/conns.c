/* The pinned connections we have given to charon, one for each peer key at an address. */
#include "state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct ike_conn *conn_find(const struct ike *k, const struct btns_key *key,
                           const struct btns_addr *local, const struct btns_addr *remote)
{
    for (struct ike_conn *c = k->conns; c; c = c->next)
        if (btns_key_equal(&c->key, key) && btns_addr_ip_equal(&c->remote, remote) &&
            btns_addr_ip_equal(&c->local, local))
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

struct ike_conn *conn_get(struct ike *k, const struct btns_key *key, const struct btns_addr *local,
                          const struct btns_addr *remote)
{
    struct ike_conn *c = conn_find(k, key, local, remote);
    if (c)
        return c;
    c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->key = *key;
    c->local = *local;
    c->remote = *remote;
    config_conn_name(c->name, key, local, remote, ++k->names);
    c->next = k->conns;
    k->conns = c;
    return c;
}

static size_t service_index(const struct ike_conn *c, const struct ike_service *s)
{
    size_t i = 0;
    while (i < c->services && (c->service[i].port != s->port || c->service[i].reqid != s->reqid))
        i++;
    return i;
}

int conn_add_service(struct ike_conn *c, const struct ike_service *s)
{
    if (service_index(c, s) < c->services)
        return 0;
    struct ike_service *more = realloc(c->service, (c->services + 1) * sizeof *more);
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
    free(c->service);
    free(c);
}
