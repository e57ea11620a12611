/*
 * The tasks for peers with certificates. A childless IKE SA (RFC 6023), authenticated by a
 * certificate of one authority, shows which peer is there; its certificate is then read from
 * charon's cache. That IKE SA carries no data: a proof with exactly that certificate brings the
 * child SA (config_key_conn).
 */
#include "btnsd/ike/private/state.h"

#include <string.h>

/* ---- reading the certificate ---- */

static void certify_build_list(struct ike_task *t, struct vici_msg *m)
{
    (void)t;
    vici_kv(m, "type", "X509");
}

static void certify_take_one(struct ike_task *t, const char *name, const void *body, size_t len)
{
    const uint8_t *der;
    size_t n;
    char flag[16], own[8];
    if (strcmp(name, "list-cert") || !vici_find(body, len, "data", &der, &n) ||
        (vici_find_str(body, len, "flag", flag, sizeof flag) && strcmp(flag, "NONE")) ||
        (vici_find_str(body, len, "has_privkey", own, sizeof own) && !strcmp(own, "yes")))
        return;
    struct credential *c = credential_new(der, n, t->ca_file, t->ca_pem);
    if (!c)
        return;
    bool named = credential_has_id(c, t->subject);
    if (named && !t->named) /* others were kept only because none had that subject */
        credentials_free(&t->found);
    t->named |= named;
    if (named == t->named)
        credentials_add(&t->found, c);
    else
        credential_unref(c);
}

static void certify_report(struct ike_task *t)
{
    t->result = t->found.n ? IKE_OK : IKE_REFUSED;
    t->has_claim = t->found.n > 0;
    if (t->found.n)
        t->claimed = t->found.at[0]->key;
    task_report(t, t->result, t->found.n ? "certified" : "its certificate is not to be found");
}

/* ---- certify: which certificate does the peer at this address have? ---- */

static const struct task_step certify_initiate, certify_list, certify_read, certify_end,
    certify_unload;

static void certify_build_load(struct ike_task *t, struct vici_msg *m)
{
    config_certify(m, t->number, t->name, t->ike->own, &t->local, &t->remote, t->ca_pem);
}

static const struct task_step *certify_loaded(struct ike_task *t, const void *body, size_t len)
{
    return step_succeeded(t, body, len) ? &certify_initiate : NULL;
}

static const struct task_step *certify_initiated(struct ike_task *t, const void *body, size_t len)
{
    return step_succeeded(t, body, len) ? &certify_list : &certify_end;
}

static void certify_sa(struct ike_task *t, const char *name, const void *body, size_t len)
{
    if (!strcmp(name, "list-sa"))
        vici_find_str(body, len, "*.remote-id", t->subject, sizeof t->subject);
}

static const struct task_step *certify_listed(struct ike_task *t, const void *body, size_t len)
{
    (void)t, (void)body, (void)len;
    return &certify_read;
}

static const struct task_step *certify_has(struct ike_task *t, const void *body, size_t len)
{
    (void)body, (void)len;
    certify_report(t);
    task_rest(t);
    return &certify_end;
}

static const struct task_step *certify_ended(struct ike_task *t, const void *body, size_t len)
{
    (void)t, (void)body, (void)len;
    return &certify_unload;
}

const struct task_step task_certify = {"load-conn", certify_build_load, certify_loaded, NULL, NULL};
static const struct task_step certify_initiate = {"initiate", step_build_initiate,
                                                  certify_initiated, step_log, "control-log"};
static const struct task_step certify_list = {"list-sas", step_build_ike, certify_listed,
                                              certify_sa, "list-sa"};
static const struct task_step certify_read = {"list-certs", certify_build_list, certify_has,
                                              certify_take_one, "list-cert"};
static const struct task_step certify_end = {"terminate", step_build_end, certify_ended, NULL,
                                             NULL};
static const struct task_step certify_unload = {"unload-conn", step_build_unload, step_finished,
                                                NULL, NULL};

/* ---- learn: as responder, the certificate of a peer that has just authenticated itself ---- */

static const struct task_step *certify_certs_listed(struct ike_task *t, const void *body,
                                                    size_t len)
{
    (void)body, (void)len;
    certify_report(t);
    return NULL;
}

const struct task_step task_learn = {"list-certs", certify_build_list, certify_certs_listed,
                                     certify_take_one, "list-cert"};
