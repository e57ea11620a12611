/*
 * Talks to the system's IKE daemon, which the administrator runs, over one VICI connection: reads
 * its state and its events.
 */
#include "btnsd/ike/system/system.h"

#include "btnsd/ike/private/state.h"
#include "btnsd/ike/vici/vici.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define AGAIN_MS  1000  /* between attempts to connect to the daemon again */
#define ANSWER_MS 10000 /* a daemon that hangs is treated as absent */

struct system_ike {
    struct ike ike; /* only the fields that tasks need: loop, socket, tasks */
    const struct system_ops *ops;
    void *arg;
    struct vici_conn *vici; /* NULL: not connected */
    struct watch watch;
    struct timer again, limit;
    struct system_view view; /* the view that is being read */
    unsigned awaited;        /* answers to come; the last one completes the view */
    bool once_more; /* the daemon's state changed while it was read, so it is read once more */
    bool failed;    /* a message could not be read: the view is not complete */
    bool dead;
    char why[128];
    struct attempt *attempts;
};

/* An initiation that is under way. */
struct attempt {
    struct attempt *next;
    struct system_ike *system;
    char connection[64], child[64];
};

static void watch_system_again(struct system_ike *s)
{
    uint32_t out = vici_conn_wants_write(s->vici) ? EPOLLOUT : 0;
    loop_rewatch(s->ike.loop, &s->watch, EPOLLIN | out);
}

static void disconnect_system(struct system_ike *s)
{
    if (!s->vici)
        return;
    loop_unwatch(s->ike.loop, &s->watch);
    vici_conn_free(s->vici);
    s->vici = NULL;
    s->awaited = 0;
    s->once_more = s->failed = s->dead = false;
    system_view_free(&s->view);
    loop_cancel(s->ike.loop, &s->limit);
}

static void on_system_again(struct timer *t)
{
    struct system_ike *s = t->arg;
    struct err err;
    if (s->vici)
        return;
    if (!system_refresh(s, &err))
        s->ops->back(s->arg);
    else if (s->ops->lost(s->arg, err.text))
        loop_after(s->ike.loop, &s->again, AGAIN_MS, on_system_again, s);
}

static void lose_system_daemon(struct system_ike *s, const char *why)
{
    char text[128];
    snprintf(text, sizeof text, "%s", why);
    disconnect_system(s);
    if (s->ops->lost(s->arg, text))
        loop_after(s->ike.loop, &s->again, AGAIN_MS, on_system_again, s);
}

static void on_system_limit(struct timer *t)
{
    lose_system_daemon(t->arg, "it does not answer");
}

/* Queues the commands that make a whole view; on_system_answer() ends it when none is awaited. */
static void ask_system_view(struct system_ike *s)
{
    s->once_more = s->failed = false;
    system_view_free(&s->view);
    if (vici_command(s->vici, "list-conns", NULL) || vici_command(s->vici, "list-sas", NULL)) {
        s->dead = true;
        snprintf(s->why, sizeof s->why, "it does not take commands");
        return;
    }
    s->awaited += 2;
    loop_after(s->ike.loop, &s->limit, ANSWER_MS, on_system_limit, s);
}

static void on_system_answer(void *arg, const void *body, size_t len)
{
    struct system_ike *s = arg;
    (void)len;
    if (!body) { /* an unknown command or event */
        s->dead = true;
        snprintf(s->why, sizeof s->why, "it is no strongSwan that we know");
        return;
    }
    if (!s->awaited || --s->awaited)
        return;
    loop_cancel(s->ike.loop, &s->limit);
    if (!s->failed)
        s->ops->seen(s->arg, &s->view);
    if (s->failed || s->once_more)
        ask_system_view(s);
}

static void on_system_event(void *arg, const char *name, const void *body, size_t len)
{
    struct system_ike *s = arg;
    int rc = 0;
    if (!strcmp(name, "list-sa"))
        rc = system_read_sa(&s->view, body, len);
    else if (!strcmp(name, "list-conn"))
        rc = system_read_conn(&s->view, body, len);
    else if (s->awaited)
        s->once_more = true;
    else
        ask_system_view(s);
    if (rc) {
        s->dead = true;
        snprintf(s->why, sizeof s->why, "what it says cannot be read: %s", strerror(-rc));
    }
}

static void on_system_closed(void *arg, const char *why)
{
    struct system_ike *s = arg;
    s->dead = true;
    snprintf(s->why, sizeof s->why, "%s", why);
}

static void on_system_io(struct watch *w, uint32_t events)
{
    struct system_ike *s = w->arg;
    (void)events;
    vici_conn_io(s->vici);
    if (!s->vici)
        return;
    if (s->dead)
        lose_system_daemon(s, s->why);
    else
        watch_system_again(s);
}

/* Answers on this socket decide about latches, so the process that listens on it must be root's. */
static int check_system_owner(struct system_ike *s, struct err *err)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    if (getsockopt(vici_conn_fd(s->vici), SOL_SOCKET, SO_PEERCRED, &peer, &len))
        return -errno;
    if (!peer.uid)
        return 0;
    err_set(err, "%s belongs to user %u, not to root", s->ike.socket, peer.uid);
    return -EPERM;
}

static int open_system_conn(struct system_ike *s, struct err *err)
{
    static const struct vici_ops ops = {on_system_answer, on_system_event, on_system_closed};
    static const char *const events[] = {"list-conn",  "list-sa",     "child-updown",
                                         "ike-updown", "child-rekey", "ike-rekey"};
    s->vici = vici_conn_new(s->ike.socket, &ops, s, err);
    if (!s->vici)
        return -ENOTCONN;
    int rc = check_system_owner(s, err);
    if (!rc)
        rc = loop_watch(s->ike.loop, &s->watch, vici_conn_fd(s->vici), EPOLLIN, on_system_io, s);
    if (rc) {
        vici_conn_free(s->vici);
        s->vici = NULL;
        return rc;
    }
    for (size_t i = 0; !rc && i < sizeof events / sizeof *events; i++) {
        rc = vici_register(s->vici, events[i]);
        s->awaited++;
    }
    if (rc) {
        disconnect_system(s);
        err_set(err, "it does not take commands");
    }
    return rc;
}

int system_refresh(struct system_ike *s, struct err *err)
{
    err_set(err, "%s", "");
    if (!s->vici) {
        int rc = open_system_conn(s, err);
        if (rc)
            return rc;
        ask_system_view(s);
    } else if (s->awaited) {
        s->once_more = true;
    } else {
        ask_system_view(s);
    }
    watch_system_again(s);
    return 0;
}

void system_need(struct system_ike *s)
{
    struct err err;
    if (s->vici && system_refresh(s, &err))
        lose_system_daemon(s, err.text);
    else if (!s->vici)
        loop_after(s->ike.loop, &s->again, 0, on_system_again, s);
}

bool system_connected(const struct system_ike *s)
{
    return s->vici != NULL;
}

/* ---- initiating ---- */

static void system_attempt_free(struct attempt *a)
{
    for (struct attempt **p = &a->system->attempts; *p; p = &(*p)->next)
        if (*p == a) {
            *p = a->next;
            break;
        }
    free(a);
}

static void on_system_initiated(void *arg, enum ike_result result, const struct btns_key *key,
                                const char *why)
{
    struct attempt *a = arg, copy = *a;
    struct err err;
    (void)key;
    system_attempt_free(a);
    copy.system->ops->initiated(copy.system->arg, copy.connection, copy.child, result, why);
    if (result == IKE_OK)
        system_refresh(copy.system, &err);
}

int system_initiate(struct system_ike *s, const char *connection, const char *child, unsigned ms)
{
    for (struct attempt *a = s->attempts; a; a = a->next)
        if (!strcmp(a->connection, connection) && !strcmp(a->child, child))
            return 0;
    struct attempt *a = calloc(1, sizeof *a);
    struct ike_task *t = calloc(1, sizeof *t);
    if (!a || !t) {
        free(a);
        free(t);
        return -ENOMEM;
    }
    a->system = s;
    snprintf(a->connection, sizeof a->connection, "%s", connection);
    snprintf(a->child, sizeof a->child, "%s", child);
    snprintf(t->name, sizeof t->name, "%s", connection);
    snprintf(t->child, sizeof t->child, "%s", child);
    t->ms = ms;
    t->done = on_system_initiated;
    t->arg = a;
    a->next = s->attempts;
    s->attempts = a;
    if (task_start(&s->ike, t, &task_initiate))
        return 0;
    system_attempt_free(a);
    return -ENOTCONN;
}

/* ---- beginning and end ---- */

struct system_ike *system_new(struct loop *l, const char *socket, const struct system_ops *ops,
                              void *arg)
{
    struct system_ike *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->ike.loop = l;
    snprintf(s->ike.socket, sizeof s->ike.socket, "%s", socket);
    s->ops = ops;
    s->arg = arg;
    return s;
}

void system_free(struct system_ike *s)
{
    if (!s)
        return;
    loop_cancel(s->ike.loop, &s->again);
    disconnect_system(s);
    while (s->ike.tasks)
        task_free(s->ike.tasks);
    while (s->attempts)
        system_attempt_free(s->attempts);
    free(s);
}

const char *system_text(const struct system_ike *s, char *buf, size_t size)
{
    snprintf(buf, size, "%s: %s", s->ike.socket, s->vici ? "connected" : "not connected");
    return buf;
}
