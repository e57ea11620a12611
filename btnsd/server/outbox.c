/* Queues messages that a client has not taken yet. */
#include "btnsd/server/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct parcel {
    struct parcel *next;
    size_t len;
    int fd; /* the queue's own copy, or -1 */
    unsigned char msg[];
};

int outbox_send(int sock, const void *msg, size_t len, int fd)
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
    ssize_t n;
    do
        n = sendmsg(sock, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    return n == (ssize_t)len ? 0 : -EMSGSIZE;
}

int outbox_put(struct outbox *o, const void *msg, size_t len, int fd, size_t most)
{
    if (o->bytes + len > most)
        return -ENOBUFS;
    struct parcel *p = malloc(sizeof *p + len);
    if (!p)
        return -ENOMEM;
    p->next = NULL;
    p->len = len;
    p->fd = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (fd >= 0 && p->fd < 0) {
        free(p);
        return -EMFILE;
    }
    memcpy(p->msg, msg, len);
    *(o->first ? o->last : &o->first) = p;
    o->last = &p->next;
    o->bytes += len;
    return 0;
}

static void drop_first_in_outbox(struct outbox *o)
{
    struct parcel *p = o->first;
    o->first = p->next;
    o->bytes -= p->len;
    if (p->fd >= 0)
        close(p->fd);
    free(p);
}

int outbox_flush(struct outbox *o, int sock, unsigned *sent)
{
    for (*sent = 0; o->first; ++*sent) {
        int rc = outbox_send(sock, o->first->msg, o->first->len, o->first->fd);
        if (rc)
            return rc;
        drop_first_in_outbox(o);
    }
    return 0;
}

void outbox_clear(struct outbox *o)
{
    while (o->first)
        drop_first_in_outbox(o);
}
