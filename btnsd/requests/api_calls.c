/* connect(), listen() and one sendmsg() of a socket, with a policy of its own (libbtns). */
#include "btnsd/plan/facts.h"
#include "btnsd/requests/api_answer.h"
#include "btnsd/requests/connect.h"
#include "btnsd/requests/listen.h"
#include "btnsd/state/view_for.h"
#include "btnsd/users/socket_wishes.h"
#include "btnsd/users/wish_read.h"
#include "libapi/btns/ipsec.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <string.h>

/* A question about a call, as the shim would have sent it, and the policy for a single message. */
struct call {
    struct btns_flow q;
    struct wish message;
    bool for_message; /* `message` is set */
};

static void read_api_call_flow(struct call *c, const struct socket_facts *f, const void *list,
                               size_t size)
{
    struct attr a;
    uint32_t fd = UINT16_MAX;
    c->q.protocol = (uint16_t)f->number;
    c->q.cookie = f->cookie;
    if (attrs_find(list, size, BTNS_API_FLAGS, &a))
        attr_u32(&a, &c->q.flags);
    if (attrs_find(list, size, BTNS_API_FD, &a) && attr_u32(&a, &fd) && fd < UINT16_MAX)
        c->q.fd_plus_1 = (uint16_t)(fd + 1);
    if (attrs_find(list, size, BTNS_API_REMOTE, &a))
        attr_addr(&a, &c->q.remote);
}

/* The message's policy overrides that of its socket; the expected peer may come from either. */
static int read_api_call_message(const struct btnsd *d, struct call *c,
                                 const struct socket_wish *own, const void *list, size_t size,
                                 struct err *err)
{
    struct view v;
    struct attr a;
    int rc = 0;
    bool policy = attrs_find(list, size, BTNS_API_POLICY, &a);
    bool peer = attrs_find(list, size, IPSEC_CHANNEL_PEER_KEY, &(struct attr){0});
    c->for_message = policy || peer;
    if (own)
        c->message = own->wish;
    view_for_socket(d, 0, &v);
    if (policy && wish_asks_bypass(a.value, a.len)) {
        err_set(err, "only a rule can let a datagram bypass protection, or btns-run --bypass");
        return -EPERM;
    }
    if (policy)
        rc = wish_read_policy(&c->message, a.value, a.len, v.named, v.names, err);
    return rc || !peer ? rc : wish_read_peer(&c->message, list, size, err);
}

static int read_api_call(struct btnsd *d, const struct request *r, struct call *c, struct err *err)
{
    struct socket_facts f;
    const void *list = r->hdr + 1;
    const size_t size = r->len - sizeof *r->hdr;
    *c = (struct call){.q = {.hdr = *r->hdr}};
    int rc = facts_transport(r->fd, &f, err);
    if (rc)
        return rc;
    const struct socket_wish *own = socket_wish_find(d->wishes, f.cookie);
    read_api_call_flow(c, &f, list, size);
    rc = read_api_call_message(d, c, own, list, size, err);
    if (rc)
        return rc;
    if ((c->q.flags & BTNS_F_SENDS || c->for_message) &&
        !protocol_is_datagrams((uint8_t)f.protocol)) {
        err_set(err, "only a datagram has a policy of its own");
        return -EINVAL;
    }
    if (own || c->for_message)
        return 0;
    err_set(err, "this socket has no policy that btnsd knows: if it had one, btnsd was started "
                 "again since, or the kernel lost reports of ended sockets; set it anew");
    return -ENODATA;
}

/* Reads the request into a call. False: it was answered already. */
static bool api_call_of(struct btnsd *d, struct request *r, struct call *c)
{
    struct err err = {""};
    int rc = read_api_call(d, r, c, &err);
    if (rc)
        api_answer(r->client, r->hdr, -rc, err.text);
    return !rc;
}

bool on_api_connect(struct btnsd *d, struct request *r)
{
    struct call c;
    return !api_call_of(d, r, &c) || connect_as(d, r, c.q, NULL, c.for_message ? &c.message : NULL);
}

bool on_api_listen(struct btnsd *d, struct request *r)
{
    struct call c;
    return !api_call_of(d, r, &c) || listen_as(d, r, &c.q);
}
