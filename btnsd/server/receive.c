/*
 * Takes one request from a client's connection, with its sender and its descriptor, and has it
 * handled.
 */
#include "btnsd/server/receive.h"

#include "btnsd/server/passed_fds.h"
#include "btnsd/server/rings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef SCM_PIDFD
#define SCM_PIDFD 4 /* Linux 6.5 */
#endif

/* A client that has made its connection itself can set SO_PASSPIDFD on our end. */
static void close_received_pidfd(const void *at)
{
    int fd;
    memcpy(&fd, at, sizeof fd);
    if (fd >= 0)
        close(fd);
}

/* Takes the credentials and at most one descriptor; returns how many descriptors there were. */
static size_t take_received_fds(struct msghdr *m, struct request *r, uid_t uid)
{
    size_t fds = 0;
    for (struct cmsghdr *h = CMSG_FIRSTHDR(m); h; h = CMSG_NXTHDR(m, h)) {
        if (h->cmsg_level != SOL_SOCKET || h->cmsg_len < CMSG_LEN(0))
            continue;
        size_t len = h->cmsg_len - CMSG_LEN(0);
        if (h->cmsg_type == SCM_CREDENTIALS && len == sizeof r->from)
            memcpy(&r->from, CMSG_DATA(h), sizeof r->from);
        if (h->cmsg_type == SCM_PIDFD && len == sizeof(int))
            close_received_pidfd(CMSG_DATA(h));
        for (size_t at = 0; h->cmsg_type == SCM_RIGHTS && at + sizeof(int) <= len;
             at += sizeof(int)) {
            int fd;
            memcpy(&fd, CMSG_DATA(h) + at, sizeof fd);
            if (fds++)
                passed_close(fd, uid);
            else
                r->fd = fd;
        }
    }
    return fds;
}

/* False: no memory. */
static bool keep_received_request(struct client *c, const struct request *r)
{
    c->kept = malloc(sizeof *c->kept + r->len);
    if (!c->kept)
        return false;
    c->kept->about = r->about;
    c->kept->from = r->from;
    c->kept->len = r->len;
    memcpy(c->kept->msg, r->hdr, r->len);
    if (!c->held)
        loop_rewatch(c->server->loop, &c->watch, 0);
    c->held = true;
    return true;
}

void receive_kept(struct client *c)
{
    struct cached_program *kept = c->kept;
    struct request r = {.client = c,
                        .fd = -1,
                        .from = kept->from,
                        .opener = c->opener,
                        .client_netns = c->netns,
                        .hdr = (const void *)kept->msg,
                        .len = kept->len};
    c->kept = NULL;
    if (!c->server->handler(c->server->arg, &r) || (r.early && !keep_received_request(c, &r)))
        client_peer_give_up(c);
    free(kept);
}

int receive_request(struct client *c, size_t *len)
{
    struct server *s = c->server;
    union {
        struct cmsghdr align;
        char buf[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(sizeof(int))];
    } control;
    unsigned char *buf = s->buf[s->draining];
    struct iovec iov = {buf, sizeof s->buf[0]};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control.buf,
                       .msg_controllen = sizeof control.buf};
    struct request r = {.client = c,
                        .fd = -1,
                        .from = {.uid = (uid_t)-1},
                        .opener = c->opener,
                        .client_netns = c->netns};
    if (c->dead || passed_too_many(c->uid))
        return -1;
    ssize_t n;
    passed_begin(); /* the kernel closes the descriptors that do not fit */
    do
        n = recvmsg(c->watch.fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    passed_end();
    if (n < 0)
        return errno == EAGAIN ? 0 : -1;
    c->left -= c->reading ? (int)n : 0;
    size_t fds = take_received_fds(&m, &r, c->uid);
    *len = r.len = (size_t)n;
    r.hdr = (const void *)buf;
    c->passed = &r.fd;
    if (c->speaks.by && r.from.pid == c->speaks.by && r.hdr->type != BTNS_REQ_SPEAK) {
        r.speaker = r.from;
        r.process = c->speaks.process;
        r.from = c->speaks.whose;
    }
    bool ok = !(m.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) && fds <= 1 && r.from.uid != (uid_t)-1 &&
              r.len >= sizeof *r.hdr && s->handler(s->arg, &r);
    c->passed = NULL;
    if (r.fd >= 0)
        passed_close(r.fd, c->uid);
    if (ok && r.early)
        ok = keep_received_request(c, &r);
    if (ok)
        rings_wake(c, r.from.pid);
    return ok ? 1 : -1;
}
