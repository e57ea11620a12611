/* As responder: accepts certificates of the authorities that rules of listeners here name. */
#include "btnsd/ike/private/state.h"

#include <stdlib.h>
#include <string.h>

#define LEARN_MS 5000

struct ike_authority {
    struct ike_authority *next;
    char name[32]; /* charon's connection that accepts this authority's certificates */
    char *file, *pem;
    bool wanted;
};

/*
 * A peer that has authenticated itself by certificate, until the certificate is read from charon.
 */
struct ike_arrival {
    struct ike_arrival *next;
    struct ike *ike;
    struct btns_addr local, remote;
    struct ike_task *task;
};

static void free_authority(struct ike_authority *a)
{
    free(a->file);
    free(a->pem);
    free(a);
}

void authorities_load(struct ike *k)
{
    for (const struct ike_authority *a = k->authorities; a && k->own && k->own->certs;
         a = a->next) {
        struct vici_msg m;
        vici_init(&m);
        config_certify_responder(&m, a->name, k->own, a->pem);
        control_command(k, "load-conn", &m);
    }
}

static void free_learnt_certificate(struct ike_arrival *a)
{
    struct ike_arrival **p = &a->ike->arrivals;
    while (*p != a)
        p = &(*p)->next;
    *p = a->next;
    free(a);
}

void authorities_free(struct ike *k)
{
    while (k->arrivals)
        free_learnt_certificate(k->arrivals);
    while (k->authorities) {
        struct ike_authority *next = k->authorities->next;
        free_authority(k->authorities);
        k->authorities = next;
    }
}

void ike_authorities_begin(struct ike *k)
{
    for (struct ike_authority *a = k->authorities; a; a = a->next)
        a->wanted = false;
}

void ike_authority_want(struct ike *k, const char *file, const char *pem)
{
    struct ike_authority *a = k->authorities;
    while (a && strcmp(a->pem, pem))
        a = a->next;
    if (!a && (a = calloc(1, sizeof *a))) {
        a->file = strdup(file);
        a->pem = strdup(pem);
        if (!a->file || !a->pem) {
            free_authority(a);
            return; /* out of memory: no peer can use a certificate of this authority */
        }
        snprintf(a->name, sizeof a->name, "authority-%u", ++k->names);
        a->next = k->authorities;
        k->authorities = a;
        k->new_authorities = true;
    }
    if (a)
        a->wanted = true;
}

void ike_authorities_end(struct ike *k)
{
    for (struct ike_authority **p = &k->authorities; *p;) {
        struct ike_authority *a = *p;
        struct vici_msg m;
        if (a->wanted) {
            p = &a->next;
            continue;
        }
        *p = a->next;
        vici_init(&m);
        vici_kv(&m, "name", a->name);
        control_command(k, "unload-conn", &m);
        free_authority(a);
    }
    if (k->new_authorities && k->control)
        authorities_load(k);
    k->new_authorities = false;
}

static void on_certificate_learnt(void *arg, enum ike_result result, const struct btns_key *key,
                                  const char *why)
{
    struct ike_arrival *a = arg;
    struct credentials found = ike_task_credentials(a->task);
    (void)key, (void)why;
    for (size_t i = 0; result == IKE_OK && i < found.n; i++)
        a->ike->ops->certified(a->ike->arg, &a->local, &a->remote, found.at[i]);
    credentials_free(&found);
    free_learnt_certificate(a);
}

static void learn_authority_certificate(struct ike *k, const struct ike_authority *by,
                                        const struct btns_addr *local,
                                        const struct btns_addr *remote, const char *subject)
{
    struct ike_arrival *a = calloc(1, sizeof *a);
    if (!a)
        return;
    *a = (struct ike_arrival){k->arrivals, k, *local, *remote, NULL};
    k->arrivals = a;
    a->task = task_of_authority(k, by->file, by->pem, LEARN_MS, on_certificate_learnt, a);
    if (a->task)
        snprintf(a->task->subject, sizeof a->task->subject, "%s", subject);
    if (!a->task || !task_start(k, a->task, &task_learn))
        free_learnt_certificate(a);
}

static bool find_authority_text(const void *body, size_t len, const char *name, const char *what,
                                char *buf, size_t size)
{
    char path[64];
    snprintf(path, sizeof path, "%s.%s", name, what);
    return vici_find_str(body, len, path, buf, size);
}

bool authorities_updown(struct ike *k, const void *body, size_t len)
{
    struct btns_addr local, remote;
    char text[80], subject[512];
    for (const struct ike_authority *a = k->authorities; a; a = a->next) {
        if (!find_authority_text(body, len, a->name, "remote-host", text, sizeof text))
            continue;
        if (btns_addr_parse(&remote, text) &&
            find_authority_text(body, len, a->name, "local-host", text, sizeof text) &&
            btns_addr_parse(&local, text) &&
            find_authority_text(body, len, a->name, "remote-id", subject, sizeof subject) &&
            vici_find_str(body, len, "up", text, sizeof text) && !strcmp(text, "yes"))
            learn_authority_certificate(k, a, &local, &remote, subject);
        return true;
    }
    return false;
}
