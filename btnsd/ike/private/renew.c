/*
 * Makes a new IKE SA with a peer that may have lost its present one, as after a power cut. charon
 * would reuse the present IKE SA, on which the peer never answers. So the new one belongs to a
 * connection with another name, which replaces the old connection once the peer has proved its key.
 */
#include "btnsd/ike/private/state.h"

#include "btnsd/base/log.h"

#include <stdlib.h>
#include <string.h>

static const struct task_step renew_initiate, renew_end, renew_unload;

static void renew_build_load(struct ike_task *t, struct vici_msg *m)
{
    struct ike_conn next = *t->conn;
    snprintf(next.name, sizeof next.name, "%s", t->name);
    next.generation++;
    config_key_conn(m, &next, t->ike->own);
}

static const struct task_step *renew_loaded(struct ike_task *t, const void *body, size_t len)
{
    if (!step_succeeded(t, body, len))
        return NULL;
    return t->done ? &renew_initiate : &renew_unload;
}

/* The connection under the old name is of no use any more. */
static void renew_replace_conn(struct ike_task *t)
{
    struct ike *k = t->ike;
    struct ike_conn *c = t->conn;
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "name", c->name);
    control_command(k, "unload-conn", &m);
    ike_end_sa(k, "ike", c->name);
    c->sas.n = 0;
    c->generation++;
    c->renewed = loop_now();
    conn_rename(k, c, t->name);
    ike_load_conn(k, c); /* the connection may have changed meanwhile */
}

static const struct task_step *renew_initiated(struct ike_task *t, const void *body, size_t len)
{
    /* The guard may have ended meanwhile, so that no SA is needed. */
    if (!step_succeeded(t, body, len) || !t->done)
        return &renew_end;
    renew_replace_conn(t);
    t->result = IKE_OK;
    snprintf(t->why, sizeof t->why, "proved");
    return NULL;
}

static const struct task_step *renew_ended(struct ike_task *t, const void *body, size_t len)
{
    (void)t;
    (void)body;
    (void)len;
    return &renew_unload;
}

const struct task_step task_renew = {"load-conn", renew_build_load, renew_loaded, NULL, NULL};
static const struct task_step renew_initiate = {"initiate", step_build_initiate, renew_initiated,
                                                step_log, "control-log"};
static const struct task_step renew_end = {"terminate", step_build_end, renew_ended, NULL, NULL};
static const struct task_step renew_unload = {"unload-conn", step_build_unload, step_finished, NULL,
                                              NULL};

static bool may_renew(const struct ike_conn *c, unsigned pause)
{
    return !c->renewing && (!c->renewed || loop_now() - c->renewed >= pause);
}

struct ike_task *ike_renew(struct ike *k, const struct ike_service *s, unsigned pause, unsigned ms,
                           ike_done *done, void *arg)
{
    const struct ike_entry e = {
        .local = s->local, .remote = s->remote, .key = s->key, .cert = s->cert};
    struct ike_conn *c = k->loaded ? conn_find(k, &e) : NULL;
    struct ike_task *t = c && may_renew(c, pause) ? task_new(ms, done, arg) : NULL;
    if (!t)
        return NULL;
    t->conn = c;
    c->tasks++;
    t->renews = c->renewing = true;
    config_conn_name(t->name, &c->key, c->cert != NULL, &c->local, &c->remote, ++k->names);
    config_child_name(t->child, s);
    return task_start(k, t, &task_renew);
}
