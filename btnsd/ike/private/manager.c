/* The requests to the key manager: introduce, prove, close, allow a peer, and take that back. */
#include "btnsd/ike/private/manager.h"

#include "btnsd/ike/private/state.h"

#include <errno.h>
#include <stdlib.h>

bool ike_task_answered(const struct ike_task *t)
{
    return t->answered;
}

bool ike_task_asked(const struct ike_task *t)
{
    return t->began;
}

void ike_abort_introduction(struct ike_task *t)
{
    if (!t->conn)
        ike_end_sa(t->ike, "ike", t->name);
    ike_cancel(t);
}

void ike_hand_over(struct ike_task *t, ike_done *done, void *arg)
{
    t->done = done;
    t->arg = arg;
}

bool ike_room(const struct ike *k, uid_t user, bool stranger, struct err *err)
{
    return count_by_user_room(k->asked, user, err) &&
           (!stranger || count_by_user_room(k->strangers, user, err));
}

void ike_charge(struct ike_task *t, uid_t user)
{
    t->user = user;
    t->charged = count_by_user_add(t->ike->asked, user, NULL);
    t->stranger = !t->conn && count_by_user_add(t->ike->strangers, user, NULL);
}

struct ike_task *ike_introduce(struct ike *k, const struct btns_addr *local,
                               const struct btns_addr *remote, unsigned ms, ike_done *done,
                               void *arg)
{
    struct ike_task *t = k->loaded ? task_new(ms, done, arg) : NULL;
    if (!t)
        return NULL;
    t->local = *local;
    t->remote = *remote;
    t->number = ++k->names;
    snprintf(t->name, sizeof t->name, "introduction-%u", t->number);
    return task_start(k, t, &task_introduce);
}

struct ike_task *ike_certify(struct ike *k, const struct ike_entry *e, const char *ca_file,
                             const char *ca_pem, unsigned ms, ike_done *done, void *arg)
{
    struct ike_task *t =
        ike_has_certificate(k) ? task_of_authority(k, ca_file, ca_pem, ms, done, arg) : NULL;
    if (!t)
        return NULL;
    t->local = e->local;
    t->remote = e->remote;
    t->number = ++k->names;
    snprintf(t->name, sizeof t->name, "certification-%u", t->number);
    return task_start(k, t, &task_certify);
}

static struct ike_entry ike_entry_of(const struct ike_service *s)
{
    struct ike_entry e = {.local = s->local,
                          .remote = s->remote,
                          .outer = s->outer,
                          .key = s->key,
                          .cert = s->cert,
                          .reqid = s->in_reqid};
    if (s->inlets)
        e.inlets = *s->inlets;
    return e;
}

struct ike_task *task_of_service(struct ike *k, const struct ike_service *s, unsigned ms,
                                 ike_done *done, void *arg)
{
    const struct ike_entry e = ike_entry_of(s);
    struct ike_conn *c = k->loaded ? conn_get(k, &e) : NULL;
    struct ike_task *t = c ? task_new(ms, done, arg) : NULL;
    if (!t)
        return NULL;
    t->conn = c;
    c->tasks++;
    t->service = *s;
    t->service.cert = NULL; /* the connection holds the certificate */
    t->service.inlets = NULL;
    snprintf(t->name, sizeof t->name, "%s", c->name);
    config_child_name(t->child, s);
    return t;
}

struct ike_task *ike_prove(struct ike *k, const struct ike_service *s, unsigned ms, ike_done *done,
                           void *arg)
{
    bool changed; /* ignored: the task loads the connection anyway */
    const struct ike_entry e = ike_entry_of(s);
    struct ike_task *t = task_of_service(k, s, ms, done, arg);
    if (!t)
        return NULL;
    if ((s->inlets && conn_take(t->conn, &e, &changed)) || conn_add_service(t->conn, s)) {
        task_drop(t);
        return NULL;
    }
    closes_needless(k, t->conn, t->child); /* it would delete the new SA */
    return task_start(k, t, s->replace ? &task_prove_again : &task_prove);
}

int ike_allow(struct ike *k, const struct ike_entry *e)
{
    bool changed;
    struct ike_conn *c = conn_get(k, e);
    int rc = c ? conn_take(c, e, &changed) : -ENOMEM;
    if (rc || !changed)
        return rc;
    return k->control ? ike_load_conn(k, c) : 0; /* otherwise charon gets it with the credentials */
}

int ike_allow_claimed(struct ike *k, const struct ike_entry *e)
{
    struct ike_conn *c = conn_find(k, e);
    bool fresh = !c;
    struct ike_entry claim = *e;
    if (fresh && !provisional_room(k, e->outer.family ? &e->outer : &e->remote))
        return -ENOBUFS;
    if (!fresh && !c->claimed) /* a peer that only claims the key cannot move its host */
        claim.outer = c->outer;
    int rc = ike_allow(k, &claim);
    c = conn_find(k, e);
    if (c && (fresh || c->claimed))
        provisional_conn(k, c);
    return rc;
}

void ike_proved(struct ike *k, const struct ike_entry *e)
{
    struct ike_conn *c = conn_find(k, e);
    if (c)
        conn_claim(k, c, 0);
}

void ike_release(struct ike *k, const struct ike_service *s, bool stays)
{
    const struct ike_entry e = ike_entry_of(s);
    struct ike_conn *c = conn_find(k, &e);
    if (!c)
        return;
    conn_drop_service(c, s);
    if (!stays && !c->claimed)
        provisional_conn(k, c);
}

void ike_forgotten(struct ike *k, const struct btns_key *key)
{
    for (struct ike_conn *c = NULL; (c = conn_with_key(k, key, c));)
        if (!c->cert && !c->claimed)
            provisional_conn(k, c);
}

bool ike_knows(const struct ike *k, const struct btns_key *key)
{
    return conn_with_key(k, key, NULL) != NULL;
}

void ike_each_entry(struct ike *k, void (*cb)(void *arg, const struct ike_entry *e), void *arg)
{
    for (struct ike_conn *c = k->conns, *next; c; c = next) {
        const struct ike_entry e = {.local = c->local,
                                    .remote = c->remote,
                                    .outer = c->outer,
                                    .key = c->key,
                                    .cert = c->cert,
                                    .reqid = c->in_reqid};
        next = c->next;
        if (c->in_reqid)
            cb(arg, &e);
    }
}

struct credential *ike_credential(struct ike *k, const struct btns_addr *local,
                                  const struct btns_addr *remote, const struct btns_key *key)
{
    struct ike_conn *c = conn_at(k, local, remote, key, NULL);
    while (c && !c->cert)
        c = conn_at(k, local, remote, key, c);
    return c ? credential_ref(c->cert) : NULL;
}

static void terminate_ike_sa(struct ike *k, const struct ike_conn *c)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "ike", c->name);
    vici_kv(&m, "timeout", "-1");
    control_command(k, "terminate", &m);
}

void ike_hang_up(struct ike *k, const struct ike_entry *e)
{
    struct ike_conn *c = conn_find(k, e);
    if (c)
        terminate_ike_sa(k, c);
}

void ike_end(struct ike *k, const struct ike_entry *e)
{
    const struct ike_conn *c = conn_find(k, e);
    if (!c)
        return;
    ike_end_sa(k, "ike", c->name);
    closes_needless(k, c, NULL); /* their SAs end with it */
}

void ike_hang_up_key(struct ike *k, const struct btns_key *key)
{
    for (const struct ike_conn *c = NULL; (c = conn_with_key(k, key, c));)
        terminate_ike_sa(k, c);
}

bool ike_expects(const struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
                 const struct btns_key *key)
{
    return conn_at(k, local, remote, key, NULL) != NULL;
}

static void disallow_service(struct ike *k, struct ike_conn *c)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "name", c->name);
    control_command(k, "unload-conn", &m);
    terminate_ike_sa(k, c);
    inlets_free(&c->inlets);
    c->in_reqid = 0;
    if (!c->services && !c->tasks)
        conn_free(k, c);
}

void ike_disallow(struct ike *k, const struct ike_entry *e)
{
    struct ike_conn *c = conn_find(k, e);
    if (c)
        disallow_service(k, c);
}

void ike_shut(struct ike *k, const struct ike_entry *e)
{
    struct ike_conn *c = conn_find(k, e);
    if (c && c->in_reqid)
        disallow_service(k, c);
}

void ike_shut_key(struct ike *k, const struct btns_key *key)
{
    for (struct ike_conn *c = conn_with_key(k, key, NULL), *next; c; c = next) {
        next = conn_with_key(k, key, c);
        if (c->in_reqid)
            disallow_service(k, c);
        else
            terminate_ike_sa(k, c);
    }
}
