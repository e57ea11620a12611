/* A task: one job for charon that takes several VICI commands, on a connection of its own. */
#include "btnsd/ike/private/task.h"

#include "btnsd/ike/private/state.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#define REST_MS 1000

struct ike_task *task_new(unsigned ms, ike_done *done, void *arg)
{
    struct ike_task *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    t->ms = ms;
    t->done = done;
    t->arg = arg;
    return t;
}

struct ike_task *task_of_authority(struct ike *k, const char *file, const char *pem, unsigned ms,
                                   ike_done *done, void *arg)
{
    struct ike_task *t = k->loaded ? task_new(ms, done, arg) : NULL;
    if (!t)
        return NULL;
    t->ca_file = strdup(file);
    t->ca_pem = strdup(pem);
    if (t->ca_file && t->ca_pem)
        return t;
    free(t->ca_file);
    free(t->ca_pem);
    free(t);
    return NULL;
}

static void finish_task(struct ike_task *t);

static void on_unsent(struct timer *timer)
{
    struct ike_task *t = timer->arg;
    t->result = IKE_BROKEN;
    snprintf(t->why, sizeof t->why, "the IKE daemon does not take commands");
    finish_task(t);
}

/* A task whose command cannot be sent ends soon, but not before whoever starts it has it. */
static void send_task_step(struct ike_task *t)
{
    struct vici_msg m;
    vici_init(&m);
    if (t->step->build)
        t->step->build(t, &m);
    int rc = vici_ok(&m) ? 0 : -1;
    if (!rc && t->step->stream)
        rc = vici_register(t->vici, t->step->stream);
    if (!rc)
        rc = vici_command(t->vici, t->step->command, &m);
    vici_free(&m);
    if (rc)
        loop_after(t->ike->loop, &t->limit, 0, on_unsent, t);
}

static void rewatch_task(struct ike_task *t)
{
    uint32_t out = vici_conn_wants_write(t->vici) ? EPOLLOUT : 0;
    loop_rewatch(t->ike->loop, &t->watch, EPOLLIN | out);
}

static void send_next_task(struct ike_task *t)
{
    t->registering = t->step->stream != NULL;
    send_task_step(t);
}

static void on_task_rested(struct timer *timer)
{
    struct ike_task *t = timer->arg;
    send_next_task(t);
    rewatch_task(t);
}

static void uncharge_task(struct ike_task *t)
{
    if (t->charged)
        count_by_user_sub(t->ike->asked, t->user);
    if (t->stranger)
        count_by_user_sub(t->ike->strangers, t->user);
    t->charged = t->stranger = false;
}

/* For this time, charon has nothing to do for the task. */
static void begin_rest(struct ike_task *t)
{
    t->rests = false;
    uncharge_task(t);
    loop_after(t->ike->loop, &t->rest, REST_MS, on_task_rested, t);
}

void task_rest(struct ike_task *t)
{
    t->rests = true;
}

static void end_rests(struct ike *k, const struct ike_conn *c)
{
    for (struct ike_task *t = k->tasks; t; t = t->next)
        if (t->rest.slot && btns_addr_ip_equal(&t->remote, &c->remote) &&
            btns_addr_ip_equal(&t->local, &c->local))
            loop_after(k->loop, &t->rest, 0, on_task_rested, t);
}

static void finish_task(struct ike_task *t)
{
    task_report(t, t->result, t->why[0] ? t->why : "done");
    if (t->conn)
        end_rests(t->ike, t->conn);
    task_free(t);
}

static void on_task_answer(void *arg, const void *body, size_t len)
{
    struct ike_task *t = arg;
    if (t->registering) {
        t->registering = false;
        return;
    }
    t->step = t->step->answer(t, body, len);
    if (!t->step) {
        t->over = true;
        return;
    }
    if (t->rests)
        begin_rest(t);
    else
        send_next_task(t);
}

static void on_task_event(void *arg, const char *name, const void *body, size_t len)
{
    struct ike_task *t = arg;
    if (t->step && t->step->event)
        t->step->event(t, name, body, len);
}

static void on_task_closed(void *arg, const char *why)
{
    struct ike_task *t = arg;
    snprintf(t->why, sizeof t->why, "the IKE daemon went away: %s", why);
    t->result = IKE_BROKEN;
    t->over = true;
}

static void on_task_io(struct watch *w, uint32_t events)
{
    struct ike_task *t = w->arg;
    (void)events;
    vici_conn_io(t->vici);
    if (t->over)
        finish_task(t);
    else
        rewatch_task(t);
}

static void on_task_limit(struct timer *timer)
{
    struct ike_task *t = timer->arg;
    t->result = IKE_SILENT;
    snprintf(t->why, sizeof t->why, "no answer within %u.%u s", t->ms / 1000, t->ms % 1000 / 100);
    finish_task(t);
}

void task_drop(struct ike_task *t)
{
    close_ended(t);
    if (t->conn)
        t->conn->tasks--;
    if (t->renews)
        t->conn->renewing = false;
    credentials_free(&t->found);
    free(t->ca_file);
    free(t->ca_pem);
    free(t);
}

struct credentials ike_task_credentials(const struct ike_task *t)
{
    return t ? credentials_share(&t->found) : (struct credentials){0};
}

struct ike_task *task_start(struct ike *k, struct ike_task *t, const struct task_step *first)
{
    static const struct vici_ops ops = {on_task_answer, on_task_event, on_task_closed};
    struct err err;
    t->ike = k;
    t->step = first;
    t->result = IKE_BROKEN;
    t->vici = vici_conn_new(k->socket, &ops, t, &err);
    if (!t->vici) {
        task_drop(t);
        return NULL;
    }
    if (loop_watch(k->loop, &t->watch, vici_conn_fd(t->vici), EPOLLIN, on_task_io, t)) {
        vici_conn_free(t->vici);
        task_drop(t);
        return NULL;
    }
    /* charon has its own limit (initiate's timeout); this one is for a charon that hangs */
    loop_after(k->loop, &t->limit, t->ms + 1000, on_task_limit, t);
    t->next = k->tasks;
    k->tasks = t;
    t->registering = first->stream != NULL;
    send_task_step(t);
    rewatch_task(t);
    return t;
}

void task_report(struct ike_task *t, enum ike_result r, const char *why)
{
    ike_done *done = t->done;
    t->done = NULL;
    if (done)
        done(t->arg, r, t->has_claim ? &t->claimed : NULL, why);
}

void task_free(struct ike_task *t)
{
    for (struct ike_task **p = &t->ike->tasks; *p; p = &(*p)->next)
        if (*p == t) {
            *p = t->next;
            break;
        }
    uncharge_task(t);
    loop_cancel(t->ike->loop, &t->limit);
    loop_cancel(t->ike->loop, &t->rest);
    loop_unwatch(t->ike->loop, &t->watch);
    vici_conn_free(t->vici);
    task_drop(t);
}

void ike_cancel(struct ike_task *t)
{
    if (t)
        t->done = NULL; /* the task ends by itself; the SA that it brought up is found in the SAD */
}
