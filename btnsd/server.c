/* Clients on btnsd's socket: who they are, what they sent, and the answers to them. */
#include "server.h"

#include "log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MAX      8192
#define CLIENTS_PER_USER 2048 /* of one uid that is not root's */
#define BACKLOG          4096

struct client {
    struct client *next, **link;
    struct server *server;
    struct watch watch;
    uid_t uid;
    bool dead; /* closed outside of its own reading; freed there */
    void (*gone)(void *arg);
    void *gone_arg;
};

struct server {
    struct loop *loop;
    struct watch watch;
    request_handler *handler;
    void *arg;
    struct client *clients;
    unsigned count;
    bool draining;
    unsigned char buf[BTNS_MSG_MAX];
    char path[108];
};

static void client_free(struct client *c)
{
    struct server *s = c->server;
    void (*gone)(void *) = c->gone;
    loop_unwatch(s->loop, &c->watch);
    close(c->watch.fd);
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
    s->count--;
    c->gone = NULL;
    if (gone)
        gone(c->gone_arg);
    free(c);
}

void client_on_gone(struct client *c, void (*cb)(void *arg), void *arg)
{
    c->gone = cb;
    c->gone_arg = arg;
}

/* Freed when the loop comes to it, because its owner may be in use right now. */
static void give_up(struct client *c)
{
    c->dead = true;
    shutdown(c->watch.fd, SHUT_RDWR);
}

void client_send(struct client *c, const void *msg, size_t len, int fd)
{
    union {
        struct cmsghdr align;
        char buf[CMSG_SPACE(sizeof(int))];
    } control = {.buf = {0}};
    struct iovec iov = {(void *)(uintptr_t)msg, len};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    if (fd >= 0) {
        m.msg_control = control.buf;
        m.msg_controllen = sizeof control.buf;
        struct cmsghdr *h = CMSG_FIRSTHDR(&m);
        h->cmsg_level = SOL_SOCKET;
        h->cmsg_type = SCM_RIGHTS;
        h->cmsg_len = CMSG_LEN(sizeof fd);
        memcpy(CMSG_DATA(h), &fd, sizeof fd);
    }
    if (sendmsg(c->watch.fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)len)
        give_up(c); /* a client that does not read its answers is of no use */
}

/* Takes credentials and at most one descriptor; any more are closed. */
static void take_control(struct msghdr *m, struct request *r)
{
    r->fd = -1;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
        if (h->cmsg_level != SOL_SOCKET)
            continue;
        if (h->cmsg_type == SCM_CREDENTIALS)
            memcpy(&r->from, CMSG_DATA(h), sizeof r->from);
        if (h->cmsg_type != SCM_RIGHTS)
            continue;
        size_t n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(h) + i * sizeof fd, sizeof fd);
            if (r->fd < 0)
                r->fd = fd;
            else
                close(fd);
        }
    }
}

/* 1: handled one; 0: nothing there; -1: the client is to be closed. */
static int receive(struct client *c)
{
    struct server *s = c->server;
    union {
        struct cmsghdr align;
        char buf[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(4 * sizeof(int))];
    } control;
    struct iovec iov = {s->buf, sizeof s->buf};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control.buf,
                       .msg_controllen = sizeof control.buf};
    struct request r = {.client = c, .fd = -1, .from = {.uid = (uid_t)-1}};
    ssize_t n = recvmsg(c->watch.fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -1;
    take_control(&m, &r);
    r.hdr = (const void *)s->buf;
    r.len = (size_t)n;
    bool ok = !(m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) && r.from.uid != (uid_t)-1 &&
              (size_t)n >= sizeof *r.hdr && s->handler(s->arg, &r);
    if (r.fd >= 0)
        close(r.fd);
    return ok ? 1 : -1;
}

static void client_read(struct client *c)
{
    int rc;
    while ((rc = c->dead ? -1 : receive(c)) > 0)
        ;
    if (rc < 0)
        client_free(c);
}

static void client_ready(struct watch *w, uint32_t events)
{
    (void)events;
    client_read(w->arg);
}

static unsigned count_of(const struct server *s, uid_t uid)
{
    unsigned n = 0;
    for (const struct client *c = s->clients; c; c = c->next)
        n += c->uid == uid;
    return n;
}

static void accept_one(struct server *s, int fd)
{
    struct ucred who;
    socklen_t len = sizeof who;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) || s->count >= CLIENTS_MAX ||
        (who.uid && count_of(s, who.uid) >= CLIENTS_PER_USER)) {
        close(fd);
        return;
    }
    struct client *c = calloc(1, sizeof *c);
    if (!c || loop_watch(s->loop, &c->watch, fd, EPOLLIN, client_ready, c)) {
        free(c);
        close(fd);
        return;
    }
    c->server = s;
    c->uid = who.uid;
    c->next = s->clients;
    c->link = &s->clients;
    if (c->next)
        c->next->link = &c->next;
    s->clients = c;
    s->count++;
}

static void accept_all(struct server *s)
{
    int fd;
    while ((fd = accept4(s->watch.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
        accept_one(s, fd);
}

static void server_ready(struct watch *w, uint32_t events)
{
    (void)events;
    accept_all(w->arg);
}

void server_drain(struct server *s)
{
    if (s->draining)
        return;
    s->draining = true;
    accept_all(s);
    /* A handler may close other clients, so each round starts over from what is left. */
    for (struct client *c = s->clients, *next; c; c = next) {
        next = c->next;
        int rc;
        while ((rc = c->dead ? -1 : receive(c)) > 0)
            ;
        if (rc < 0)
            give_up(c);
    }
    s->draining = false;
}

static int listen_at(const char *path, struct err *err)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int on = 1;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || strlen(path) >= sizeof sa.sun_path) {
        err_set(err, "%s: no socket can be made there", path);
        goto fail;
    }
    strcpy(sa.sun_path, path);
    if (!connect(fd, (struct sockaddr *)&sa, sizeof sa)) {
        err_set(err, "%s: another btnsd is running", path);
        goto fail;
    }
    unlink(path);
    /* Everybody may ask: what each may do is decided by who the kernel says it is. */
    mode_t old = umask(0111);
    int rc = bind(fd, (struct sockaddr *)&sa, sizeof sa);
    umask(old);
    /* Accepted sockets inherit it, so that not even a first message comes without its sender. */
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
    s->handler = handler;
    s->arg = arg;
    snprintf(s->path, sizeof s->path, "%s", path);
    int fd = listen_at(path, err);
    if (fd < 0 || loop_watch(l, &s->watch, fd, EPOLLIN, server_ready, s)) {
        free(s);
        return NULL;
    }
    return s;
}

void server_free(struct server *s)
{
    if (!s)
        return;
    while (s->clients)
        client_free(s->clients);
    loop_unwatch(s->loop, &s->watch);
    close(s->watch.fd);
    unlink(s->path);
    free(s);
}
