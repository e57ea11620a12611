/*
 * Tells libbtns what a socket is latched to. The kernel says which two addresses the socket has and
 * which guard protects them; only the rule comes from what the program announced.
 */
#include "btnsd/ike/peers/peers.h"
#include "btnsd/latch/guard/table.h"
#include "btnsd/plan/facts.h"
#include "btnsd/requests/api_answer.h"
#include "btnsd/requests/channel_attrs.h"
#include "btnsd/requests/datagram_sender.h"
#include "btnsd/requests/latch_fill.h"
#include "btnsd/requests/table.h"
#include "libapi/btns/ipsec.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>

enum { SK_SYN_SENT = 2, SK_CLOSE = 7, SK_LISTEN = 10 }; /* as in linux/tcp_states.h */

/* A latch for this socket that the sender has, or another user who has passed the socket. */
static const struct latch *inquired_latch(struct btnsd *d, const struct socket_facts *f, uid_t uid,
                                          const struct btns_addr *remote)
{
    bool flow = protocol_is_datagrams((uint8_t)f->protocol) && remote->family;
    const struct latch *l = flow ? registry_find_flow(d->latches, f->cookie, uid, remote)
                                 : registry_find(d->latches, f->cookie, uid);
    for (const struct latch *o = l ? NULL : registry_next(d->latches, f->cookie, NULL); o;
         o = registry_next(d->latches, f->cookie, o))
        if (o->shown && (!flow || (o->flow && btns_addr_equal(&o->remote, remote))))
            l = o;
    return l;
}

/*
 * Both ends have closed the connection, or btnsd ended it: the program may still read data that
 * came under the latch, or ask why the connection ended. A socket that was never connected has
 * received and sent nothing.
 */
static bool channel_has_ended(int fd, const struct latch *l)
{
    struct tcp_info i = {0};
    socklen_t len = sizeof i;
    if (!l || l->state == BTNS_S_CLOSED || latch_state(l) == BTNS_S_FAILED)
        return l;
    return !getsockopt(fd, IPPROTO_TCP, TCP_INFO, &i, &len) &&
           (i.tcpi_segs_in || i.tcpi_data_segs_out);
}

/* Is there a connection, a listener, or an ended connection to report? */
static bool socket_has_channel(int fd, const struct socket_facts *f, const struct latch *l,
                               bool connected)
{
    if (protocol_is_datagrams((uint8_t)f->protocol))
        return connected || (l && l->state == BTNS_S_LISTENER);
    return connected || f->state == SK_LISTEN || (f->state == SK_SYN_SENT && l) ||
           (f->state == SK_CLOSE && channel_has_ended(fd, l));
}

static void fill_inquiry_answer(struct btns_latch_msg *m, const struct sad_snapshot *sad,
                                const struct socket_facts *f, const struct btns_addr *remote,
                                const struct latch *l, const struct guard *g)
{
    const struct sock_entry e = {.cookie = f->cookie,
                                 .protocol = (uint8_t)f->protocol,
                                 .uid = f->owner,
                                 .local = f->local,
                                 .remote = *remote};
    if (l && (!remote->family || l->guard == g))
        latch_fill(sad, m, l);
    else if (g)
        latch_fill_other(sad, m, &e, g);
    else
        m->state = BTNS_S_UNPROTECTED;
    if (f->state == SK_SYN_SENT && m->state == BTNS_S_ESTABLISHED)
        m->state = BTNS_S_LARVAL;
    m->protocol = (uint32_t)f->protocol;
    m->local = f->local;
    if (remote->family)
        m->remote = *remote;
}

/* The end of the guard does not change how a datagram was protected when it came. */
static void mark_channel_ended(struct btns_latch_msg *m)
{
    m->code = BTNS_R_ENDED;
    snprintf(m->reason, sizeof m->reason, "the guard that it came by has ended since");
}

/* The datagram that a question is about. */
struct datagram {
    struct btns_addr remote, local; /* family 0: not given */
    bool came;                      /* it was received, at `stamp` */
    uint64_t stamp;
};

static bool read_inquired_address(const struct request *r, uint32_t type, struct btns_addr *to)
{
    struct attr a;
    return attrs_find(r->hdr + 1, r->len - sizeof *r->hdr, type, &a) && attr_addr(&a, to);
}

static void read_inquired_datagram(const struct request *r, const struct socket_facts *f,
                                   struct datagram *g)
{
    struct attr a;
    *g = (struct datagram){.came = false};
    if (!protocol_is_datagrams((uint8_t)f->protocol))
        return;
    read_inquired_address(r, BTNS_API_REMOTE, &g->remote);
    read_inquired_address(r, BTNS_API_LOCAL, &g->local);
    g->came = attrs_find(r->hdr + 1, r->len - sizeof *r->hdr, BTNS_API_CAME, &a) &&
              attr_u64(&a, &g->stamp);
}

static void set_inquired_local(struct socket_facts *f, const struct btns_addr *to)
{
    uint16_t port = f->local.port;
    f->local = *to;
    f->local.port = port;
}

/*
 * Finds the other end: that of the datagram, or of the connection. A datagram from a socket without
 * a local address leaves from its guard's local address.
 */
static bool find_inquired_ends(const struct request *r, const struct datagram *g,
                               struct socket_facts *f, struct btns_addr *remote)
{
    if (g->local.family)
        set_inquired_local(f, &g->local);
    if (!g->remote.family)
        return facts_peer(r->fd, remote);
    *remote = g->remote;
    return true;
}

static struct guard *guard_of_datagram(struct btnsd *d, const struct datagram *at,
                                       struct socket_facts *f, const struct btns_addr *remote,
                                       const struct latch *l)
{
    if (!at->came && btns_addr_is_any(&f->local) && l && l->guard)
        set_inquired_local(f, &l->guard->local);
    return guard_of(&d->guards, (uint8_t)f->protocol, &f->local, remote);
}

/*
 * After somebody set the clock, only this is known: at present the guard is up, or none has ended.
 */
static void follow_guard_clock(struct instant *t, const struct instant *now)
{
    if (t->mono && instant_clock_was_set(t, now))
        *t = *now;
}

static void follow_clock_with(struct btnsd *d, struct guard *g, const struct instant *now)
{
    struct past_guards *past = &d->guards.past;
    follow_guard_clock(&past->whole, now);
    for (struct past_guard *p = past->item; p < past->item + PAST_GUARDS; p++)
        follow_guard_clock(&p->gone, now);
    if (g)
        follow_guard_clock(&g->up_since, now);
}

/*
 * For a received datagram: sets *g to the guard by which it came, which may have ended. 0; -EAGAIN
 * with err: its sender cannot be told.
 */
static int inquire_sender(struct btnsd *d, const struct datagram *at, const struct socket_facts *f,
                          struct guard **g, struct err *err)
{
    const struct instant now = instant_now();
    const struct datagram_came m = {.protocol = (uint8_t)f->protocol,
                                    .local = f->local,
                                    .remote = at->remote,
                                    .stamp = (int64_t)at->stamp};
    struct guard *by = NULL;
    enum sent_by sent = btns_addr_is_any(&f->local)
                            ? SENT_BY_UNKNOWN
                            : datagram_sent_by(*g, &d->guards.past, &now, &m, &by);
    follow_clock_with(d, *g, &now);
    if (!at->came)
        return 0;
    if (sent == SENT_BY_PEER)
        *g = by;
    if (sent != SENT_BY_UNKNOWN)
        return 0;
    err_set(err,
            "the sender of this datagram is not certain: it came before the guard that now stands "
            "between the two addresses, or as one ended or failed, or the kernel has not "
            "noted when and to which address it came");
    return -EAGAIN;
}

/* why: the reason, if the socket has no connection because btnsd has refused it; or NULL. */
static int inquire_socket(struct btnsd *d, const struct request *r, struct api_answer *a,
                          const char **why, struct err *err)
{
    struct socket_facts f;
    struct datagram at;
    struct btns_addr remote = {0};
    struct btns_latch_msg m = {.state = 0};
    struct sad_snapshot sad = {0};
    int rc = facts_transport(r->fd, &f, err);
    if (rc)
        return rc;
    read_inquired_datagram(r, &f, &at);
    bool connected = find_inquired_ends(r, &at, &f, &remote);
    const struct latch *l = inquired_latch(d, &f, r->from.uid, &remote);
    if (!socket_has_channel(r->fd, &f, l, connected)) {
        err_set(err, "the socket is not connected, and does not listen");
        *why = refused_socket_find(&d->refused_sockets, f.cookie);
        return -ENOTCONN;
    }
    struct guard *g = connected ? guard_of_datagram(d, &at, &f, &remote, l) : l ? l->guard : NULL;
    const struct guard *now = g;
    rc = inquire_sender(d, &at, &f, &g, err);
    if (rc)
        return rc;
    if (g && g == now && d->xfrm && sad_snapshot_between(&sad, d->xfrm, &g->local, &g->remote))
        rc = -ENOBUFS;
    if (!rc)
        fill_inquiry_answer(&m, &sad, &f, &remote, l, g);
    if (!rc && g != now)
        mark_channel_ended(&m);
    else
        err_set(err, "the kernel's SAD could not be read");
    if (!rc)
        channel_attrs(&a->out, d, &m, &sad, g);
    if (!rc && l && g && l->guard == g && l->profile)
        attrs_put_text(&a->out, IPSEC_CHANNEL_PROFILE, l->profile);
    sad_snapshot_free(&sad);
    return rc;
}

bool on_api_inquire(struct btnsd *d, struct request *r)
{
    struct api_answer a;
    struct err err = {""};
    const char *why = NULL;
    api_answer_begin(&a, r->hdr, 0, NULL);
    int rc = inquire_socket(d, r, &a, &why, &err);
    if (rc)
        api_answer_begin(&a, r->hdr, -rc, err.text);
    if (why)
        attrs_put_text(&a.out, IPSEC_CHANNEL_REASON, why);
    api_answer_send(r->client, &a);
    return true;
}
