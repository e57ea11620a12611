/* Sends charon commands and registrations for events on a VICI connection, from a queue. */
#include "btnsd/ike/vici/vici_conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define QUEUED_MAX (16u * 1024 * 1024) /* of commands that wait, in bytes */

bool vici_conn_wants_write(const struct vici_conn *c)
{
    return !c->dead && c->first && c->sent < c->first->len;
}

int vici_conn_flush(struct vici_conn *c)
{
    while (vici_conn_wants_write(c)) {
        const struct vici_request *r = c->first;
        ssize_t n = send(c->fd, r->data + c->sent, r->len - c->sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? 0 : -errno;
        c->sent += (size_t)n;
    }
    return 0;
}

static int queue_vici_request(struct vici_conn *c, enum packet type, const char *name,
                              const void *body, size_t body_len)
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
    struct vici_request *r = malloc(sizeof *r + VICI_HEADER + payload);
    if (!r)
        return -ENOMEM;
    *r = (struct vici_request){.type = type, .len = VICI_HEADER + payload};
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
    /* vici_conn_io() meets a failure again, and may call back. */
    vici_conn_flush(c);
    return 0;
}

int vici_command(struct vici_conn *c, const char *name, const struct vici_msg *msg)
{
    if (msg && !vici_ok(msg))
        return -EINVAL;
    return queue_vici_request(c, CMD_REQUEST, name, msg ? msg->data : NULL, msg ? msg->len : 0);
}

int vici_register(struct vici_conn *c, const char *event)
{
    return queue_vici_request(c, EVENT_REGISTER, event, NULL, 0);
}
