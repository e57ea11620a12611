/* The key manager: the jobs it is given. */
#include "manager.h"

#include "state.h"

#include <errno.h>
#include <stdlib.h>

struct ike *ike_new(struct loop *l, const struct charon_paths *paths, const struct hostkey *host,
                    const struct ike_ops *ops, void *arg)
{
    struct ike *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    k->loop = l;
    k->paths = *paths;
    k->host = host;
    k->ops = ops;
    k->arg = arg;
    snprintf(k->socket, sizeof k->socket, "%s/charon.vici", paths->run);
    return k;
}

void ike_free(struct ike *k)
{
    if (!k)
        return;
    loop_cancel(k->loop, &k->start);
    loop_cancel(k->loop, &k->sweep);
    loop_cancel(k->loop, &k->tick);
    loop_cancel(k->loop, &k->lost);
    while (k->tasks)
        task_free(k->tasks);
    control_close(k);
    while (k->conns)
        conn_free(k, k->conns);
    ike_end_charon(k);
    free(k);
}

static struct ike_task *new_task(unsigned ms, ike_done *done, void *arg)
{
    struct ike_task *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->ms = ms;
    t->done = done;
    t->arg = arg;
    return t;
}

struct ike_task *ike_introduce(struct ike *k, const struct btns_addr *local,
                               const struct btns_addr *remote, unsigned ms, ike_done *done,
                               void *arg)
{
    struct ike_task *t = k->loaded ? new_task(ms, done, arg) : NULL;
    if (!t)
        return NULL;
    t->local = *local;
    t->remote = *remote;
    snprintf(t->name, sizeof t->name, "introduction-%u", ++k->names);
    return task_start(k, t, &task_introduce);
}

static struct ike_task *service_task(struct ike *k, const struct ike_service *s, unsigned ms,
                                     ike_done *done, void *arg)
{
    struct ike_conn *c = k->loaded ? conn_get(k, &s->key, &s->local, &s->remote) : NULL;
    struct ike_task *t = c ? new_task(ms, done, arg) : NULL;
    if (!t)
        return NULL;
    t->conn = c;
    t->service = *s;
    snprintf(t->name, sizeof t->name, "%s", c->name);
    config_child_name(t->child, s);
    return t;
}

struct ike_task *ike_prove(struct ike *k, const struct ike_service *s, unsigned ms, ike_done *done,
                           void *arg)
{
    struct ike_task *t = service_task(k, s, ms, done, arg);
    if (!t)
        return NULL;
    t->conn->in_reqid = s->in_reqid;
    if (conn_add_service(t->conn, s)) {
        free(t);
        return NULL;
    }
    return task_start(k, t, s->replace ? &task_prove_again : &task_prove);
}

struct ike_task *ike_close(struct ike *k, const struct ike_service *s, ike_done *done, void *arg)
{
    struct ike_task *t = service_task(k, s, 5000, done, arg);
    if (!t)
        return NULL;
    conn_drop_service(t->conn, s); /* what charon has of it goes with the next load */
    return task_start(k, t, &task_close);
}

int ike_allow(struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
              const struct btns_key *key, uint32_t reqid)
{
    struct ike_conn *c = conn_get(k, key, local, remote);
    if (!c)
        return -ENOMEM;
    if (c->in_reqid == reqid)
        return 0;
    c->in_reqid = reqid;
    return k->control ? ike_load_conn(k, c) : 0; /* else with the credentials */
}

int ike_allow_claimed(struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
                      const struct btns_key *key, uint32_t reqid)
{
    struct ike_conn *c = conn_find(k, key, local, remote);
    bool fresh = !c;
    if (fresh && !provisional_room(k, remote))
        return -ENOBUFS;
    int rc = ike_allow(k, local, remote, key, reqid);
    c = conn_find(k, key, local, remote);
    if (c && (fresh || c->claimed))
        provisional_conn(k, c);
    return rc;
}

void ike_proved(struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
                const struct btns_key *key)
{
    struct ike_conn *c = conn_find(k, key, local, remote);
    if (c)
        c->claimed = 0;
}

void ike_release(struct ike *k, const struct ike_service *s, bool stays)
{
    struct ike_conn *c = conn_find(k, &s->key, &s->local, &s->remote);
    if (!c)
        return;
    conn_drop_service(c, s);
    if (!stays && !c->claimed)
        provisional_conn(k, c);
}

void ike_forgotten(struct ike *k, const struct btns_key *key)
{
    for (struct ike_conn *c = k->conns; c; c = c->next)
        if (btns_key_equal(&c->key, key) && !c->claimed)
            provisional_conn(k, c);
}

bool ike_knows(const struct ike *k, const struct btns_key *key)
{
    const struct ike_conn *c = k->conns;
    while (c && !btns_key_equal(&c->key, key))
        c = c->next;
    return c != NULL;
}

static bool conn_in_use(const struct ike *k, const struct ike_conn *c)
{
    const struct ike_task *t = k->tasks;
    while (t && t->conn != c)
        t = t->next;
    return t != NULL;
}

static void terminate(struct ike *k, const struct ike_conn *c)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "ike", c->name);
    vici_kv(&m, "timeout", "-1");
    control_command(k, "terminate", &m);
}

void ike_hang_up(struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
                 const struct btns_key *key)
{
    struct ike_conn *c = conn_find(k, key, local, remote);
    if (c)
        terminate(k, c);
}

void ike_hang_up_key(struct ike *k, const struct btns_key *key)
{
    for (const struct ike_conn *c = k->conns; c; c = c->next)
        if (btns_key_equal(&c->key, key))
            terminate(k, c);
}

bool ike_expects(const struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
                 const struct btns_key *key)
{
    return conn_find(k, key, local, remote) != NULL;
}

void ike_disallow(struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
                  const struct btns_key *key)
{
    struct vici_msg m;
    struct ike_conn *c = conn_find(k, key, local, remote);
    if (!c)
        return;
    vici_init(&m);
    vici_kv(&m, "name", c->name);
    control_command(k, "unload-conn", &m);
    terminate(k, c);
    c->in_reqid = 0;
    if (!c->services && !conn_in_use(k, c))
        conn_free(k, c);
}
