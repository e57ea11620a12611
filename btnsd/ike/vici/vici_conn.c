/*
 * A connection to charon's VICI socket, which never blocks: it opens, reads and closes it, and
 * sends one command at a time (strongSwan's vici README, "Transport protocol").
 */
#include "btnsd/ike/vici/vici_conn.h"

#include "libapi/wire/array.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define IN_FIRST 4096 /* bytes; the buffer for packets grows */

static int connect_to_vici(const char *path)
{
    struct sockaddr_un sun = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof sun.sun_path)
        return -ENAMETOOLONG;
    strcpy(sun.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)&sun, sizeof sun)) {
        int error = -errno;
        close(fd);
        return error;
    }
    return fd;
}

struct vici_conn *vici_conn_new(const char *path, const struct vici_ops *ops, void *arg,
                                struct err *err)
{
    struct vici_conn *c = calloc(1, sizeof *c);
    uint8_t *in = malloc(IN_FIRST);
    int fd = c && in ? connect_to_vici(path) : -ENOMEM;
    if (fd < 0) {
        err_set(err, "%s: %s", path, strerror(-fd));
        free(c);
        free(in);
        return NULL;
    }
    *c = (struct vici_conn){
        .fd = fd, .ops = ops, .arg = arg, .in = in, .in_cap = IN_FIRST, .last = &c->first};
    return c;
}

void vici_conn_free(struct vici_conn *c)
{
    if (!c)
        return;
    if (c->busy) {
        c->freed = true;
        return;
    }
    for (struct vici_request *r = c->first, *next; r; r = next) {
        next = r->next;
        free(r);
    }
    close(c->fd);
    free(c->in);
    free(c);
}

int vici_conn_fd(const struct vici_conn *c)
{
    return c->fd;
}

static void report_vici_closed(struct vici_conn *c, const char *why)
{
    if (c->dead || c->freed)
        return;
    c->dead = true;
    c->ops->closed(c->arg, why);
}

static const char *vici_system_error(struct vici_conn *c, int error)
{
    snprintf(c->why, sizeof c->why, "charon's VICI socket: %s", strerror(error));
    return c->why;
}

/* Makes room in the buffer, which holds less than one packet of at most VICI_MAX. */
static bool make_vici_room(struct vici_conn *c)
{
    uint8_t *in = array_grow(c->in, &c->in_cap, c->in_len + 1, 1);
    if (in)
        c->in = in;
    return in;
}

/*
 * Reads once and handles the packets. Returns why the connection must end, or NULL. *more: read
 * again.
 */
static const char *read_vici(struct vici_conn *c, bool *more)
{
    *more = false;
    if (!make_vici_room(c))
        return vici_system_error(c, ENOMEM);
    ssize_t n = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len, 0);
    if (n == 0)
        return "charon closed its VICI connection";
    if (n < 0) {
        *more = errno == EINTR;
        return *more || errno == EAGAIN ? NULL : vici_system_error(c, errno);
    }
    *more = (size_t)n == c->in_cap - c->in_len;
    c->in_len += (size_t)n;
    return vici_conn_take(c);
}

void vici_conn_io(struct vici_conn *c)
{
    if (c->busy || c->dead)
        return;
    c->busy = true;
    int error = vici_conn_flush(c);
    const char *why = NULL;
    for (bool more = true; more && !why && !c->freed;)
        why = read_vici(c, &more);
    /* Reads first, then reports the error of sending: charon's last answer may name the reason. */
    if (!why && error)
        why = vici_system_error(c, -error);
    if (why)
        report_vici_closed(c, why);
    c->busy = false;
    if (c->freed)
        vici_conn_free(c);
}
