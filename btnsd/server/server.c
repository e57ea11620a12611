/* btnsd's socket: accepts clients, and reads their messages before a guard is deleted. */
#include "btnsd/server/client.h"

#include "btnsd/base/log.h"
#include "btnsd/server/passed_fds.h"
#include "btnsd/server/rings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG  4096
#define PAUSE_MS 100
#define ACCEPTS  64 /* in one round, before other clients' requests */
/* Also a limit in time: the first request of an accepted client is handled at once. */
#define ACCEPTS_NS 5000000

static struct client *client_new(struct server *s, int fd, const struct ucred *who)
{
    struct client *c = calloc(1, sizeof *c);
    if (!c || loop_watch(s->loop, &c->watch, fd, EPOLLIN, client_ready, c)) {
        free(c);
        close(fd);
        return NULL;
    }
    c->server = s;
    c->opener = *who;
    c->uid = who->uid;
    c->netns = netns_of_socket(fd);
    c->next = s->clients;
    c->link = &s->clients;
    if (c->next)
        c->next->link = &c->next;
    s->clients = c;
    s->count++;
    return c;
}

static void accept_client(struct server *s, int fd)
{
    struct ucred who;
    socklen_t len = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) || passed_too_many(who.uid)) {
        close(fd);
        return;
    }
    struct client *c = client_new(s, fd, &who);
    if (!c)
        return;
    const bool counted = count_by_user_add(s->users, who.uid, NULL);
    c->counted = counted;
    if (counted && !s->draining)
        client_ready(&c->watch, EPOLLIN); /* as a rule its first request is there; may free c */
    if (counted)
        return;
    /* connect()s that the client has announced may go on; its later announcements fail. */
    shutdown(fd, SHUT_RD);
    client_read_until(c, s->mark); /* handles as much as there is time for */
    client_free(c);
}

void server_take_in(struct server *s, int fd, const struct ucred *who)
{
    struct client *c = client_new(s, fd, who);
    if (!c)
        return;
    c->counted = count_by_user_add(s->users, who->uid, NULL);
    if (!c->counted)
        client_free(c);
}

static void resume_accepting_clients(struct timer *t)
{
    struct server *s = t->arg;
    loop_rewatch(s->loop, &s->watch, EPOLLIN);
}

/* Accepts the clients that wait now; later ones may wait for the next turn. */
static void accept_clients(struct server *s, int most, uint64_t ns)
{
    int fd = 0;
    const uint64_t began = turn_clock();
    for (int i = 0; i < most && fd >= 0 && turn_clock() - began < ns; i++) {
        fd = accept4(s->watch.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0)
            accept_client(s, fd);
    }
    if (fd >= 0 || (errno != EMFILE && errno != ENFILE && errno != ENOMEM && errno != ENOBUFS))
        return;
    /* Otherwise epoll would report the socket again at once, for ever. */
    loop_rewatch(s->loop, &s->watch, 0);
    loop_after(s->loop, &s->pause, PAUSE_MS, resume_accepting_clients, s);
}

static void server_ready(struct watch *w, uint32_t events)
{
    (void)events;
    accept_clients(w->arg, ACCEPTS, ACCEPTS_NS);
}

void server_hold(struct server *s, bool (*hold)(void *arg, uid_t uid))
{
    s->hold = hold;
}

void server_release(struct server *s, uid_t uid)
{
    for (struct client *c = s->clients; c; c = c->next)
        if (c->kept ? c->kept->about == uid : c->uid == uid)
            client_unhold(c);
}

uint64_t server_mark(struct server *s)
{
    return ++s->mark;
}

bool server_read_until(struct server *s, uint64_t mark)
{
    bool all = true;
    if (s->draining)
        return false;
    s->draining = true;
    accept_clients(s, BACKLOG + 1, UINT64_MAX);
    /* No client is freed during this: handlers only close clients, and the loop frees them. */
    for (struct client *c = s->clients; c; c = c->next)
        all &= client_read_until(c, mark);
    all &= rings_read_until(s, mark);
    s->draining = false;
    return all;
}

void server_look(struct server *s)
{
    rings_look(s);
}

static int listen_for_clients(const char *path, struct err *err)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int on = 1;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || strlen(path) >= sizeof sa.sun_path) {
        err_set(err, "%s: no socket can be made there", path);
        goto fail;
    }
    if (netns_of_socket(fd) != NETNS_OURS) {
        err_set(err, "this kernel does not tell of which network namespace a socket is (it needs "
                     "SO_NETNS_COOKIE of Linux 5.14, or SIOCGSKNS of 4.10)");
        goto fail;
    }
    strcpy(sa.sun_path, path);
    /* EAGAIN: somebody listens, with a full backlog */
    if (!connect(fd, (struct sockaddr *)&sa, sizeof sa) || errno == EAGAIN) {
        err_set(err, "%s: another btnsd is running", path);
        goto fail;
    }
    unlink(path);
    /*
     * Any user may connect. What each may do is decided by the credentials that the kernel gives.
     */
    mode_t old = umask(0111);
    int rc = bind(fd, (struct sockaddr *)&sa, sizeof sa);
    umask(old);
    /*
     * Accepted sockets inherit the option, so that even the first message has its sender's
     * credentials.
     */
    rc = rc ? rc : setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    if (rc || listen(fd, BACKLOG)) {
        err_set(err, "%s: %s", path, strerror(errno));
        goto fail;
    }
    return fd;
fail:
    if (fd >= 0)
        close(fd);
    return -1;
}

struct server *server_new(struct loop *l, const char *path, request_handler *handler, void *arg,
                          struct err *err)
{
    struct server *s = calloc(1, sizeof *s);
    if (!s)
        return NULL;
    s->loop = l;
    s->mark = 1; /* clients and rings begin with 0: nothing was read */
    s->handler = handler;
    s->arg = arg;
    s->users = count_by_user_new(LIMIT_CLIENTS);
    s->lists = count_by_user_new(LIMIT_LISTS);
    s->rings_of = count_by_user_new(LIMIT_RINGS);
    snprintf(s->path, sizeof s->path, "%s", path);
    passed_init();
    int fd = s->users && s->lists && s->rings_of ? listen_for_clients(path, err) : -1;
    if (fd >= 0 && !loop_watch(l, &s->watch, fd, EPOLLIN, server_ready, s))
        return s;
    if (fd >= 0)
        close(fd);
    count_by_user_free(s->users);
    count_by_user_free(s->lists);
    count_by_user_free(s->rings_of);
    free(s);
    return NULL;
}

void server_free(struct server *s)
{
    if (!s)
        return;
    while (s->clients) {
        s->clients->dead = true; /* none of its messages is handled any more */
        client_free(s->clients);
    }
    loop_unwatch(s->loop, &s->watch);
    loop_cancel(s->loop, &s->pause);
    loop_cancel(s->loop, &s->look);
    close(s->watch.fd);
    unlink(s->path);
    count_by_user_free(s->users);
    count_by_user_free(s->lists);
    count_by_user_free(s->rings_of);
    free(s);
}
