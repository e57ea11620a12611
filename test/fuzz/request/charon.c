/* Stands in for charon: the input says when an exchange with a peer ends, and with which result. */
#include "btnsd/ike/system/system.h"
#include "test/fuzz/request/played.h"

struct ike_task {
    struct ike_task *next;
    ike_done *done;
    void *arg;
};
static struct ike_task *tasks;

static struct ike_task *task_new(ike_done *done, void *arg)
{
    struct ike_task *t = calloc(1, sizeof *t);
    demand(t != NULL);
    *t = (struct ike_task){tasks, done, arg};
    tasks = t;
    return t;
}

bool ike_task_answered(const struct ike_task *t)
{
    return t->arg == NULL;
}

bool ike_room(const struct ike *k, uid_t user, bool stranger, struct err *err)
{
    (void)stranger;
    (void)k, (void)user, (void)err;
    return true;
}

void ike_charge(struct ike_task *t, uid_t user)
{
    (void)t, (void)user;
}

struct ike_task *ike_introduce(struct ike *k, const struct btns_addr *local,
                               const struct btns_addr *remote, unsigned ms, ike_done *done,
                               void *arg)
{
    (void)k, (void)ms;
    demand(local->family == remote->family);
    return task_new(done, arg);
}

struct ike_task *ike_prove(struct ike *k, const struct ike_service *s, unsigned ms, ike_done *done,
                           void *arg)
{
    (void)k, (void)ms;
    demand(s->to.port && s->suite && reqid_is_ours(s->reqid));
    return task_new(done, arg);
}

struct ike_task *ike_close(struct ike *k, const struct ike_service *s, uid_t user, ike_done *done,
                           void *arg)
{
    (void)k, (void)s, (void)user;
    return done ? task_new(done, arg) : NULL;
}

bool ike_close_unanswered(const struct ike_task *t, unsigned ms)
{
    (void)t, (void)ms;
    return false;
}

bool ike_close_keep(struct ike_task *t)
{
    (void)t;
    return false;
}

void ike_cancel(struct ike_task *t)
{
    struct ike_task **p = &tasks;
    while (*p && *p != t)
        p = &(*p)->next;
    demand(!t || *p == t);
    if (t)
        *p = t->next;
    free(t);
}

int ike_allow(struct ike *k, const struct ike_entry *e)
{
    (void)k;
    demand(e->inlets.n && reqid_is_ours(e->reqid));
    return 0;
}

int ike_allow_claimed(struct ike *k, const struct ike_entry *e)
{
    return ike_allow(k, e);
}

void ike_proved(struct ike *k, const struct ike_entry *e)
{
    (void)k, (void)e;
}

void ike_release(struct ike *k, const struct ike_service *s, bool stays)
{
    (void)k, (void)s, (void)stays;
}

void ike_forgotten(struct ike *k, const struct btns_key *key)
{
    (void)k, (void)key;
}

bool ike_knows(const struct ike *k, const struct btns_key *key)
{
    (void)k, (void)key;
    return false;
}

void ike_disallow(struct ike *k, const struct ike_entry *e)
{
    (void)k, (void)e;
}

void ike_shut(struct ike *k, const struct ike_entry *e)
{
    (void)k, (void)e;
}

void ike_hang_up(struct ike *k, const struct ike_entry *e)
{
    (void)k, (void)e;
}

void ike_each_entry(struct ike *k, void (*cb)(void *arg, const struct ike_entry *e), void *arg)
{
    (void)k, (void)cb, (void)arg;
}

struct credential *ike_credential(struct ike *k, const struct btns_addr *local,
                                  const struct btns_addr *remote, const struct btns_key *key)
{
    (void)k, (void)local, (void)remote, (void)key;
    return NULL;
}

struct ike_task *ike_certify(struct ike *k, const struct ike_entry *e, const char *ca_file,
                             const char *ca_pem, unsigned ms, ike_done *done, void *arg)
{
    (void)k, (void)e, (void)ms;
    demand(ca_file && ca_pem);
    return task_new(done, arg);
}

struct credentials ike_task_credentials(const struct ike_task *t)
{
    (void)t;
    return (struct credentials){0};
}

bool ike_has_certificate(const struct ike *k)
{
    (void)k;
    return true;
}

void ike_authorities_begin(struct ike *k)
{
    (void)k;
}

void ike_authority_want(struct ike *k, const char *file, const char *pem)
{
    (void)k, (void)file, (void)pem;
}

void ike_authorities_end(struct ike *k)
{
    (void)k;
}

void ike_set_certificate(struct ike *k, const struct own_cert *own)
{
    (void)k, (void)own;
}

bool ike_is_ready(const struct ike *k)
{
    (void)k;
    return true;
}

bool ike_is_off(const struct ike *k)
{
    (void)k;
    return false;
}

bool ike_expects(const struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
                 const struct btns_key *key)
{
    (void)k, (void)local, (void)remote, (void)key;
    return true;
}

void ike_hang_up_key(struct ike *k, const struct btns_key *key)
{
    (void)k, (void)key;
}

void ike_shut_key(struct ike *k, const struct btns_key *key)
{
    (void)k, (void)key;
}

const char *system_text(const struct system_ike *s, char *buf, size_t size)
{
    (void)s;
    snprintf(buf, size, "none");
    return buf;
}

pid_t ike_charon_pid(const struct ike *k)
{
    (void)k;
    return 0;
}

void exchange_end(unsigned how)
{
    struct btns_key key = {.raw = {(uint8_t)(how >> 2 & 1)}};
    struct ike_task *t = tasks;
    if (!t)
        return;
    ike_done *done = t->done;
    void *arg = t->arg;
    tasks = t->next;
    free(t);
    enum ike_result result = (enum ike_result)(how & 3);
    done(arg, result, result == IKE_OK ? &key : NULL, "as the fuzzer says");
}

bool exchanges_none(void)
{
    return !tasks;
}
