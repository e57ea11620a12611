/* One connection to charon's VICI socket, never blocking: packets in and out, commands in a queue
 * with one outstanding at a time (strongSwan's vici README, "Transport protocol"). */
#include "ike.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define HEADER     4                   /* the 32-bit length before each packet */
#define QUEUED_MAX (16u * 1024 * 1024) /* bytes of commands that wait */
#define IN_FIRST   4096

enum packet {
    CMD_REQUEST,
    CMD_RESPONSE,
    CMD_UNKNOWN,
    EVENT_REGISTER,
    EVENT_UNREGISTER,
    EVENT_CONFIRM,
    EVENT_UNKNOWN,
    EVENT
};

/* A request, from vici_command() until its answer. */
struct request {
    struct request *next;
    enum packet type;
    size_t len;
    uint8_t data[];
};

struct vici_conn {
    int fd;
    const struct vici_ops *ops;
    void *arg;
    struct request *first, **last; /* the first is outstanding */
    size_t queued;                 /* bytes of them all */
    size_t sent;                   /* of the first */
    uint8_t *in;
    size_t in_len, in_cap;
    char why[80]; /* text for a system call's error */
    bool busy;    /* inside vici_conn_io: freeing waits until it is done */
    bool freed;   /* by the owner, while busy */
    bool dead;
};

static int connect_to(const char *path)
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
    int fd = c && in ? connect_to(path) : -ENOMEM;
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
    for (struct request *r = c->first, *next; r; r = next) {
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

bool vici_conn_wants_write(const struct vici_conn *c)
{
    return !c->dead && c->first && c->sent < c->first->len;
}

static void die(struct vici_conn *c, const char *why)
{
    if (c->dead || c->freed)
        return;
    c->dead = true;
    c->ops->closed(c->arg, why);
}

/* ---- out ---- */

/* Sends what it can of the outstanding request; 0 or -errno. */
static int flush_out(struct vici_conn *c)
{
    while (vici_conn_wants_write(c)) {
        const struct request *r = c->first;
        ssize_t n = send(c->fd, r->data + c->sent, r->len - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? 0 : -errno;
        c->sent += (size_t)n;
    }
    return 0;
}

static int enqueue(struct vici_conn *c, enum packet type, const char *name, const void *body,
                   size_t body_len)
{
    size_t name_len = strlen(name), payload = 2 + name_len + body_len;
    if (!name_len || name_len > 255)
        return -EINVAL;
    if (payload > VICI_MAX)
        return -EMSGSIZE;
    if (c->dead || c->freed)
        return -ENOTCONN;
    if (payload > QUEUED_MAX - c->queued)
        return -ENOBUFS;
    struct request *r = malloc(sizeof *r + HEADER + payload);
    if (!r)
        return -ENOMEM;
    *r = (struct request){.type = type, .len = HEADER + payload};
    uint8_t *p = r->data;
    for (int shift = 24; shift >= 0; shift -= 8)
        *p++ = (uint8_t)(payload >> shift);
    *p++ = (uint8_t)type;
    *p++ = (uint8_t)name_len;
    memcpy(p, name, name_len);
    if (body_len)
        memcpy(p + name_len, body, body_len);
    *c->last = r;
    c->last = &r->next;
    c->queued += payload;
    /* At once if it is the only one. A failure shows again in vici_conn_io, which may call back. */
    if (c->first == r)
        flush_out(c);
    return 0;
}

int vici_command(struct vici_conn *c, const char *name, const struct vici_msg *msg)
{
    if (msg && !vici_ok(msg))
        return -EINVAL;
    return enqueue(c, CMD_REQUEST, name, msg ? msg->data : NULL, msg ? msg->len : 0);
}

int vici_register(struct vici_conn *c, const char *event)
{
    return enqueue(c, EVENT_REGISTER, event, NULL, 0);
}

/* ---- in ---- */

static bool well_formed(const uint8_t *body, size_t len)
{
    struct vici_reader r;
    struct vici_item it;
    vici_reader_init(&r, body, len);
    while (vici_next(&r, &it) > VICI_END)
        ;
    return it.type == VICI_END;
}

/* An answer to the outstanding request, which is then done. known false: unknown name. */
static const char *take_answer(struct vici_conn *c, enum packet request, bool known,
                               const uint8_t *body, size_t len)
{
    struct request *r = c->first;
    if (!r || c->sent < r->len || r->type != request)
        return "charon answered a request that was not made";
    if (!known ? len != 0 : !well_formed(body, len))
        return "charon sent a malformed answer";
    c->first = r->next;
    if (!c->first)
        c->last = &c->first;
    c->queued -= r->len - HEADER;
    c->sent = 0;
    free(r);
    flush_out(c);
    c->ops->answer(c->arg, known ? body : NULL, len);
    return NULL;
}

static const char *take_event(struct vici_conn *c, const uint8_t *p, size_t len)
{
    char name[256];
    if (!len || !p[0] || (size_t)p[0] + 1 > len || memchr(p + 1, '\0', p[0]))
        return "charon sent an event without a name";
    size_t name_len = p[0];
    memcpy(name, p + 1, name_len);
    name[name_len] = '\0';
    p += 1 + name_len;
    len -= 1 + name_len;
    if (!well_formed(p, len))
        return "charon sent a malformed event";
    c->ops->event(c->arg, name, p, len);
    return NULL;
}

/* One whole packet, without its length; returns why the connection must end, or NULL. */
static const char *take_packet(struct vici_conn *c, const uint8_t *p, size_t len)
{
    static const struct {
        bool answer, known;
        enum packet request;
    } kinds[] = {
        [CMD_RESPONSE] = {true, true, CMD_REQUEST},
        [CMD_UNKNOWN] = {true, false, CMD_REQUEST},
        [EVENT_CONFIRM] = {true, true, EVENT_REGISTER},
        [EVENT_UNKNOWN] = {true, false, EVENT_REGISTER},
        [EVENT] = {0},
    };
    if (p[0] == EVENT)
        return take_event(c, p + 1, len - 1);
    if (p[0] < EVENT && kinds[p[0]].answer)
        return take_answer(c, kinds[p[0]].request, kinds[p[0]].known, p + 1, len - 1);
    return "charon sent a packet of an unknown type";
}

static uint32_t packet_len(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* Calls back for every whole packet; returns why the connection must end, or NULL. */
static const char *take_packets(struct vici_conn *c)
{
    size_t at = 0, len = 0;
    const char *why = NULL;
    while (!why && !c->freed && c->in_len - at >= HEADER) {
        len = packet_len(c->in + at);
        if (!len || len > VICI_MAX)
            return "charon sent a packet of a bad length";
        if (c->in_len - at - HEADER < len)
            break;
        why = take_packet(c, c->in + at + HEADER, len);
        at += HEADER + len;
    }
    c->in_len -= at;
    memmove(c->in, c->in + at, c->in_len);
    return why;
}

static const char *system_error(struct vici_conn *c, int error)
{
    snprintf(c->why, sizeof c->why, "charon's VICI socket: %s", strerror(error));
    return c->why;
}

/* Room for more: whatever is in the buffer is less than one packet of at most VICI_MAX. */
static bool make_room(struct vici_conn *c)
{
    if (c->in_len < c->in_cap)
        return true;
    uint8_t *in = realloc(c->in, c->in_cap * 2);
    if (!in)
        return false;
    c->in = in;
    c->in_cap *= 2;
    return true;
}

/* One read and what it brought; returns why the connection must end, or NULL. *more: read again. */
static const char *read_some(struct vici_conn *c, bool *more)
{
    *more = false;
    if (!make_room(c))
        return system_error(c, ENOMEM);
    ssize_t n = recv(c->fd, c->in + c->in_len, c->in_cap - c->in_len, 0);
    if (n == 0)
        return "charon closed its VICI connection";
    if (n < 0) {
        *more = errno == EINTR;
        return *more || errno == EAGAIN ? NULL : system_error(c, errno);
    }
    *more = (size_t)n == c->in_cap - c->in_len;
    c->in_len += (size_t)n;
    return take_packets(c);
}

void vici_conn_io(struct vici_conn *c)
{
    if (c->busy || c->dead)
        return;
    c->busy = true;
    int error = flush_out(c);
    const char *why = NULL;
    for (bool more = true; more && !why && !c->freed;)
        why = read_some(c, &more);
    /* What charon still had to say was read first: its last words may name the reason. */
    if (!why && error)
        why = system_error(c, -error);
    if (why)
        die(c, why);
    c->busy = false;
    if (c->freed)
        vici_conn_free(c);
}
