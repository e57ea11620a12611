/* The policy of one socket (libbtns): set before connect() or listen(), and read again. */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/plan/facts.h"
#include "btnsd/requests/api_answer.h"
#include "btnsd/requests/gate.h"
#include "btnsd/requests/table.h"
#include "btnsd/running/shut_sockets.h"
#include "btnsd/users/socket_wishes.h"
#include "btnsd/users/wish_read.h"
#include "btnsd/xfrm/xfrm.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>

static const struct btns_key *policy_peer_named(const void *peers, const char *name)
{
    const struct peer *p = peers_by_name(peers, name);
    return p ? &p->key : NULL;
}

/*
 * Looks at the socket that a policy is for. It must be unused, or the policy would come too late.
 */
static int check_policy_socket(const struct request *r, struct socket_facts *f, struct err *err)
{
    struct btns_addr peer;
    int rc = facts_transport(r->fd, f, err);
    if (rc)
        return rc;
    if (f->state != TCP_CLOSE || facts_peer(r->fd, &peer)) {
        err_set(err, "the socket is connected, connects or listens already: its policy has to be "
                     "set before");
        return -EISCONN;
    }
    return facts_beyond_protection(f, err) ? -EPROTONOSUPPORT : 0;
}

/* A change of a socket's policy: what the request contains, and the former policy. */
struct change {
    struct socket_facts f;
    const void *list; /* of the request, without the header */
    size_t size;
    const struct socket_wish *old; /* the former policy, or NULL */
    struct wish wish;              /* its former value */
};

static int check_policy_change(struct btnsd *d, const struct request *r, struct change *c,
                               struct err *err)
{
    *c = (struct change){.list = r->hdr + 1, .size = r->len - sizeof *r->hdr};
    int rc = check_policy_socket(r, &c->f, err);
    if (rc)
        return rc;
    c->old = socket_wish_find(d->wishes, c->f.cookie);
    if (c->old)
        c->wish = c->old->wish;
    return 0;
}

static int read_api_policy(struct btnsd *d, struct wish *w, const void *list, size_t size,
                           struct err *err)
{
    if (size > SOCKET_WISH_TEXT) {
        err_set(err, "the policy is longer than %d octets", SOCKET_WISH_TEXT);
        return -EINVAL;
    }
    if (wish_asks_bypass(list, size)) {
        err_set(err, "only a rule can let a connection bypass protection, or btns-run --bypass");
        return -EPERM;
    }
    return wish_read_policy(w, list, size, policy_peer_named, d->peers, err);
}

/* Stores the new policy, and shuts the socket until btnsd is asked about it. */
static int keep_policy_wish(struct btnsd *d, const struct request *r, const struct change *c,
                            const void *policy, size_t len, struct err *err)
{
    uint64_t cookie = c->f.cookie;
    struct socket_wish *w = socket_wish_get(d->wishes, cookie, r->from.uid, err);
    if (!w)
        return -ENOSPC;
    struct err why = {""};
    int rc = shut_sockets_begin(d, &why);
    rc = rc ? rc : socket_policy_shut(r->fd);
    if (rc) {
        socket_wish_drop(d->wishes, cookie);
        err_set(err, "the kernel does not let btnsd block the socket: %s",
                why.text[0] ? why.text : strerror(-rc));
        return rc;
    }
    w->wish = c->wish;
    w->datagrams = protocol_is_datagrams(c->f.protocol);
    w->len = len;
    if (len)
        memmove(w->policy, policy, len);
    return 0;
}

/* Once its policy is gone, a socket that waits for its listen() is blocked again, as before. */
static bool policy_stays_blocked(struct btnsd *d, uint64_t cookie)
{
    const struct latch *l = registry_next(d->latches, cookie, NULL);
    while (l && !l->not_listening)
        l = registry_next(d->latches, cookie, l);
    return l != NULL;
}

static int drop_policy_wish(struct btnsd *d, const struct request *r, uint64_t cookie)
{
    if (!socket_wish_find(d->wishes, cookie))
        return 0;
    socket_wish_drop(d->wishes, cookie);
    return policy_stays_blocked(d, cookie) ? socket_policy_unfilter(r->fd)
                                           : socket_policy_open(r->fd);
}

static int set_socket_policy(struct btnsd *d, const struct request *r, struct err *err)
{
    struct change c;
    int rc = check_policy_change(d, r, &c, err);
    if (rc)
        return rc;
    if (!c.size && !c.wish.expects)
        return drop_policy_wish(d, r, c.f.cookie);
    rc = read_api_policy(d, &c.wish, c.list, c.size, err);
    return rc ? rc : keep_policy_wish(d, r, &c, c.list, c.size, err);
}

static int set_expected_peer(struct btnsd *d, const struct request *r, struct err *err)
{
    struct change c;
    int rc = check_policy_change(d, r, &c, err);
    if (rc)
        return rc;
    const void *policy = c.old ? c.old->policy : NULL;
    size_t len = c.old ? c.old->len : 0;
    c.wish.expects = false;
    if (!c.size && !len)
        return drop_policy_wish(d, r, c.f.cookie);
    if (c.size)
        rc = wish_read_peer(&c.wish, c.list, c.size, err);
    else /* also removes what the expected peer added */
        rc = wish_read_policy(&c.wish, policy, len, policy_peer_named, d->peers, err);
    return rc ? rc : keep_policy_wish(d, r, &c, policy, len, err);
}

bool on_api_set_policy(struct btnsd *d, struct request *r)
{
    struct err err = {""};
    int rc = set_socket_policy(d, r, &err);
    api_answer(r->client, r->hdr, -rc, err.text);
    return true;
}

bool on_api_set_peer(struct btnsd *d, struct request *r)
{
    struct err err = {""};
    int rc = set_expected_peer(d, r, &err);
    api_answer(r->client, r->hdr, -rc, err.text);
    return true;
}

bool on_api_get_policy(struct btnsd *d, struct request *r)
{
    struct api_answer a;
    struct socket_facts f;
    struct err err = {""};
    struct attr attr;
    size_t at = 0;
    int rc = facts_transport(r->fd, &f, &err);
    const struct socket_wish *w = rc ? NULL : socket_wish_find(d->wishes, f.cookie);
    if (!rc && (!w || !w->len)) {
        err_set(&err, "no policy is attached to this socket");
        rc = -ENODATA;
    }
    api_answer_begin(&a, r->hdr, -rc, err.text);
    while (!rc && attrs_next(w->policy, w->len, &at, &attr) > 0)
        attrs_put(&a.out, attr.type, attr.value, attr.len);
    api_answer_send(r->client, &a);
    return true;
}
