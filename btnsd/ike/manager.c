/* The key manager: a supervised charon, its credentials, and the jobs it is given. */
#include "manager.h"

#include "../log.h"
#include "state.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define RESPONDER  "introductions"
#define START_MS   20 /* between looks for charon's socket, while it starts */
#define START_MAX  250
#define RESTART_MS 1000
#define END_MS     5000

static void try_control(struct timer *t);
static int start_charon(struct ike *k, struct err *err);

static void rewatch(struct ike *k)
{
    uint32_t out = vici_conn_wants_write(k->control) ? EPOLLOUT : 0;
    loop_rewatch(k->loop, &k->watch, EPOLLIN | out);
}

static int command(struct ike *k, const char *name, struct vici_msg *m)
{
    int rc = !k->control ? -ENOTCONN : vici_ok(m) ? vici_command(k->control, name, m) : -EINVAL;
    if (!rc) {
        k->answers++;
        rewatch(k);
    }
    vici_free(m);
    return rc;
}

int ike_load_conn(struct ike *k, const struct ike_conn *c)
{
    struct vici_msg m;
    vici_init(&m);
    config_pinned(&m, c, &k->host->pub);
    return command(k, "load-conn", &m);
}

static void load_credentials(struct ike *k)
{
    struct vici_msg m;
    vici_init(&m);
    vici_kv(&m, "type", "any");
    vici_kv_data(&m, "data", k->host->pkcs8, k->host->pkcs8_len);
    command(k, "load-key", &m);

    vici_init(&m);
    vici_kv(&m, "id", "introduction");
    vici_kv(&m, "type", "IKE");
    vici_kv(&m, "data", config_published_secret);
    command(k, "load-shared", &m);

    vici_init(&m);
    config_responder(&m, RESPONDER, &k->host->pub);
    command(k, "load-conn", &m);

    for (const struct ike_conn *c = k->conns; c; c = c->next)
        ike_load_conn(k, c);
}

static void on_answer(void *arg, const void *body, size_t len)
{
    struct ike *k = arg;
    char why[200];
    if (k->answers)
        k->answers--;
    if (body && vici_find_str(body, len, "success", why, sizeof why) && strcmp(why, "yes")) {
        vici_find_str(body, len, "errmsg", why, sizeof why);
        log_note("the IKE daemon refused a setting: %s", why);
    }
    if (!k->answers && !k->loaded) {
        k->loaded = true;
        k->ops->ready(k->arg);
    }
}

/* ike-updown: somebody introduced itself to us. */
static void introduced(struct ike *k, const void *body, size_t len)
{
    struct btns_key key;
    struct btns_addr local, remote;
    char text[80];
    if (!vici_find_str(body, len, "up", text, sizeof text) || strcmp(text, "yes"))
        return;
    if (vici_find_str(body, len, RESPONDER ".initiator", text, sizeof text) && !strcmp(text, "yes"))
        return;
    if (!vici_find_str(body, len, RESPONDER ".remote-host", text, sizeof text) ||
        !btns_addr_parse(&remote, text) ||
        !vici_find_str(body, len, RESPONDER ".local-host", text, sizeof text) ||
        !btns_addr_parse(&local, text))
        return;
    if (ike_claimed_key(body, len, RESPONDER ".remote-id", &key))
        k->ops->introduced(k->arg, &local, &remote, &key);
}

static void child_updown(struct ike *k, const void *body, size_t len)
{
    char up[8], reqid[16], spi[16];
    if (!vici_find_str(body, len, "up", up, sizeof up) || strcmp(up, "yes"))
        return;
    if (vici_find_str(body, len, "*.child-sas.*.reqid", reqid, sizeof reqid) &&
        vici_find_str(body, len, "*.child-sas.*.spi-out", spi, sizeof spi))
        k->ops->child_up(k->arg, (uint32_t)strtoul(reqid, NULL, 10),
                         (uint32_t)strtoul(spi, NULL, 16));
}

static void on_event(void *arg, const char *name, const void *body, size_t len)
{
    struct ike *k = arg;
    if (!strcmp(name, "ike-updown"))
        introduced(k, body, len);
    else if (!strcmp(name, "child-updown"))
        child_updown(k, body, len);
}

static void on_closed(void *arg, const char *why)
{
    struct ike *k = arg;
    log_debug("charon's control connection closed: %s", why);
    k->dead = true;
}

static void drop_control(struct ike *k)
{
    if (!k->control)
        return;
    loop_unwatch(k->loop, &k->watch);
    vici_conn_free(k->control);
    k->control = NULL;
    k->answers = 0;
    k->loaded = false;
    k->dead = false;
}

static void on_io(struct watch *w, uint32_t events)
{
    struct ike *k = w->arg;
    (void)events;
    vici_conn_io(k->control);
    if (k->dead)
        drop_control(k); /* charon's end is seen by SIGCHLD, which starts it again */
    else
        rewatch(k);
}

static void retry(struct ike *k, const char *why)
{
    if (++k->attempts < START_MAX) {
        loop_after(k->loop, &k->start, START_MS, try_control, k);
        return;
    }
    log_note("charon does not answer on its control socket: %s", why);
    if (k->charon)
        kill(k->charon, SIGKILL); /* started again when it is reaped */
}

/* charon opens its socket some time after it was started; nothing announces that. */
static void try_control(struct timer *t)
{
    static const struct vici_ops ops = {on_answer, on_event, on_closed};
    struct ike *k = t->arg;
    struct err err = {""};
    if (!k->charon) {
        if (start_charon(k, &err))
            log_note("cannot start charon: %s", err.text);
        return;
    }
    k->control = vici_conn_new(k->socket, &ops, k, &err);
    if (!k->control) {
        retry(k, err.text);
        return;
    }
    if (loop_watch(k->loop, &k->watch, vici_conn_fd(k->control), EPOLLIN, on_io, k)) {
        vici_conn_free(k->control);
        k->control = NULL;
        retry(k, "epoll");
        return;
    }
    static const char *const events[] = {"ike-updown", "child-updown"};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++)
        if (!vici_register(k->control, events[i]))
            k->answers++;
    load_credentials(k);
}

static int start_charon(struct ike *k, struct err *err)
{
    charon_end_stale(&k->paths);
    unlink(k->socket);
    pid_t pid = charon_start(&k->paths, err);
    if (pid < 0)
        return (int)pid;
    k->charon = pid;
    k->attempts = 0;
    loop_after(k->loop, &k->start, START_MS, try_control, k);
    return 0;
}

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

int ike_start(struct ike *k, struct err *err)
{
    return start_charon(k, err);
}

pid_t ike_charon_pid(const struct ike *k)
{
    return k->charon;
}

bool ike_is_ready(const struct ike *k)
{
    return k->loaded;
}

bool ike_reaped(struct ike *k, pid_t pid, int status)
{
    char why[64];
    if (pid != k->charon)
        return false;
    k->charon = 0;
    if (WIFSIGNALED(status))
        snprintf(why, sizeof why, "killed by signal %d", WTERMSIG(status));
    else
        snprintf(why, sizeof why, "exit status %d", WEXITSTATUS(status));
    drop_control(k);
    loop_after(k->loop, &k->start, RESTART_MS, try_control, k);
    k->ops->died(k->arg, why);
    return true;
}

/* Told to end, charon deletes its SAs with the peers; one that hangs is killed. */
static void end_charon(pid_t pid)
{
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    kill(pid, SIGTERM);
    if (fd < 0 || poll(&p, 1, END_MS) != 1)
        kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    if (fd >= 0)
        close(fd);
}

void ike_free(struct ike *k)
{
    if (!k)
        return;
    loop_cancel(k->loop, &k->start);
    while (k->tasks)
        task_free(k->tasks);
    drop_control(k);
    while (k->conns)
        conn_free(k, k->conns);
    if (k->charon) {
        end_charon(k->charon);
    }
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
    command(k, "terminate", &m);
}

void ike_hang_up(struct ike *k, const struct btns_addr *local, const struct btns_addr *remote,
                 const struct btns_key *key)
{
    struct ike_conn *c = conn_find(k, key, local, remote);
    if (c)
        terminate(k, c);
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
    command(k, "unload-conn", &m);
    terminate(k, c);
    c->in_reqid = 0;
    if (!c->services && !conn_in_use(k, c))
        conn_free(k, c);
}
