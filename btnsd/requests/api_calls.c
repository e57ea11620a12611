/* connect() and listen() of a socket with a policy of its own (libbtns). */
#include "btnsd/plan/facts.h"
#include "btnsd/requests/api_answer.h"
#include "btnsd/requests/connect.h"
#include "btnsd/requests/listen.h"
#include "btnsd/users/socket_wishes.h"

#include <errno.h>
#include <string.h>

/* The message as the shim would have sent it. False: it is answered already. */
static bool flow_of(struct btnsd *d, struct request *r, struct btns_flow *q)
{
    struct socket_facts f;
    struct err err = {""};
    struct attr a;
    uint32_t fd = UINT16_MAX;
    const size_t size = r->len - sizeof *r->hdr;
    struct sockaddr_storage ss = {0};
    int rc = facts_socket(r->fd, &f, &err);
    *q = (struct btns_flow){.hdr = *r->hdr};
    if (!rc && !socket_wish_find(d->wishes, f.cookie)) {
        err_set(&err,
                "this socket has no policy that btnsd knows: if it had one, btnsd was started "
                "again since, or the kernel lost reports of ended sockets; set it anew");
        rc = -ENODATA;
    }
    if (rc) {
        api_answer(r->client, r->hdr, -rc, err.text);
        return false;
    }
    q->protocol = (uint16_t)f.number;
    q->cookie = f.cookie;
    if (attrs_find(r->hdr + 1, size, BTNS_API_FLAGS, &a))
        attr_u32(&a, &q->flags);
    if (attrs_find(r->hdr + 1, size, BTNS_API_FD, &a) && attr_u32(&a, &fd) && fd < UINT16_MAX)
        q->fd_plus_1 = (uint16_t)(fd + 1);
    if (attrs_find(r->hdr + 1, size, BTNS_API_REMOTE, &a) && a.len <= sizeof ss) {
        memcpy(&ss, a.value, a.len);
        btns_addr_from_sa(&q->remote, (const struct sockaddr *)&ss, (socklen_t)a.len);
    }
    return true;
}

bool on_api_connect(struct btnsd *d, struct request *r)
{
    struct btns_flow q;
    return !flow_of(d, r, &q) || connect_as(d, r, q, NULL);
}

bool on_api_listen(struct btnsd *d, struct request *r)
{
    struct btns_flow q;
    return !flow_of(d, r, &q) || listen_as(d, r, &q);
}
