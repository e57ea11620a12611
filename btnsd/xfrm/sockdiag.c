/* Asks the kernel for its sockets of one protocol, and reports when one is destroyed. */
#include "btnsd/xfrm/sockdiag.h"

#include "btnsd/xfrm/decode.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

#define EVENTS_A_CALL 1024
/* Linux 6.7 also lists sockets that are bound, and neither connected nor listening. */
#define BOUND_INACTIVE 13
#define CONNECTIONS    (~(1u << TCP_LISTEN | 1u << TCP_CLOSE | 1u << BOUND_INACTIVE))
#define NEW_SYN_RECV   12
#define ESTABLISHED                                                                                \
    (CONNECTIONS &                                                                                 \
     ~(1u << TCP_SYN_SENT | 1u << TCP_SYN_RECV | 1u << NEW_SYN_RECV | 1u << TCP_TIME_WAIT))

/* A datagram socket "listens" as soon as it is bound, connected or not. */
#define DATAGRAMS (1u << TCP_CLOSE | 1u << TCP_ESTABLISHED)

static const struct {
    int protocol;
    int destroyed[2]; /* the kernel's multicast groups, for IPv4 and IPv6 */
} groups[] = {{IPPROTO_TCP, {SKNLGRP_INET_TCP_DESTROY, SKNLGRP_INET6_TCP_DESTROY}},
              {IPPROTO_UDP, {SKNLGRP_INET_UDP_DESTROY, SKNLGRP_INET6_UDP_DESTROY}}};

static int join_sockdiag_groups(struct nl *events, int protocol)
{
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        if (groups[i].protocol == protocol)
            return nl_join(events, groups[i].destroyed, 2);
    return -EPROTONOSUPPORT;
}

struct sockdiag *sockdiag_open(int protocol, struct err *err)
{
    struct sockdiag *d = calloc(1, sizeof *d);
    if (!d) {
        err_set(err, "out of memory");
        return NULL;
    }
    d->protocol = (uint8_t)protocol;
    int error = nl_open(&d->requests, NETLINK_SOCK_DIAG, 0);
    if (!error)
        error = nl_open(&d->events, NETLINK_SOCK_DIAG, SOCK_NONBLOCK);
    if (!error)
        error = join_sockdiag_groups(&d->events, protocol);
    if (error) {
        err_set(err, "cannot open NETLINK_SOCK_DIAG: %s", strerror(-error));
        sockdiag_close(d);
        return NULL;
    }
    return d;
}

void sockdiag_close(struct sockdiag *d)
{
    if (!d)
        return;
    nl_close(&d->requests);
    nl_close(&d->events);
    free(d);
}

int sockdiag_event_fd(const struct sockdiag *d)
{
    return mnl_socket_get_fd(d->events.sock);
}

static int report_sockdiag_socket(const struct nlmsghdr *nlh, void *arg)
{
    struct sock_entry e;
    return sockdiag_decode(nlh, &e) ? nl_found_add(arg, &e) : 0;
}

struct query {
    unsigned char program[SOCK_FILTER_MAX];
    size_t len;
};

static int dump_sockdiag_family(struct sockdiag *d, int family, uint32_t states,
                                const struct query *q, struct nl_found *found)
{
    union nl_request r;
    struct nlmsghdr *nlh = nl_request(&r, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
    struct inet_diag_req_v2 req = {
        .sdiag_family = (uint8_t)family,
        .sdiag_protocol = d->protocol,
        .idiag_states = states,
    };

    memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof req), &req, sizeof req);
    if (q->len)
        mnl_attr_put(nlh, INET_DIAG_REQ_BYTECODE, q->len, q->program);
    return nl_dump(&d->requests, nlh, report_sockdiag_socket, found);
}

static void hand_sockdiag_over(const struct sockdiag *d, struct nl_found *found, int error,
                               void (*cb)(void *arg, const struct sock_entry *e), void *arg)
{
    struct sock_entry *e = (void *)found->items;
    for (size_t i = 0; !error && i < found->count; i++) {
        e[i].protocol = d->protocol; /* the message does not name the protocol */
        cb(arg, &e[i]);
    }
    nl_found_free(found);
}

static int dump_sockdiag_connections(struct sockdiag *d, uint32_t states,
                                     const struct btns_addr *local, const struct btns_addr *remote,
                                     void (*cb)(void *arg, const struct sock_entry *e), void *arg)
{
    struct nl_found found = {.size = sizeof(struct sock_entry)};
    struct query q;
    int error = 0;

    if (local->family && remote->family && local->family != remote->family)
        return -EINVAL;
    q.len = sock_filter(local, remote, q.program);
    if (local->family != AF_INET6 && remote->family != AF_INET6)
        error = dump_sockdiag_family(d, AF_INET, states, &q, &found);
    /* Asks for IPv4 addresses too: an IPv6 socket may have them, mapped. */
    if (!error)
        error = dump_sockdiag_family(d, AF_INET6, states, &q, &found);

    hand_sockdiag_over(d, &found, error, cb, arg);
    return error;
}

int sockdiag_connections(struct sockdiag *d, const struct btns_addr *local,
                         const struct btns_addr *remote,
                         void (*cb)(void *arg, const struct sock_entry *e), void *arg)
{
    return dump_sockdiag_connections(d, CONNECTIONS, local, remote, cb, arg);
}

int sockdiag_established(struct sockdiag *d, const struct btns_addr *local,
                         const struct btns_addr *remote,
                         void (*cb)(void *arg, const struct sock_entry *e), void *arg)
{
    return dump_sockdiag_connections(d, ESTABLISHED, local, remote, cb, arg);
}

int sockdiag_attempts(struct sockdiag *d, const struct btns_addr *local,
                      const struct btns_addr *remote,
                      void (*cb)(void *arg, const struct sock_entry *e), void *arg)
{
    return dump_sockdiag_connections(d, 1u << TCP_SYN_SENT, local, remote, cb, arg);
}

int sockdiag_listeners(struct sockdiag *d, void (*cb)(void *arg, const struct sock_entry *e),
                       void *arg)
{
    struct nl_found found = {.size = sizeof(struct sock_entry)};
    struct query q = {.len = 0};
    uint32_t states = protocol_is_datagrams(d->protocol) ? DATAGRAMS : 1u << TCP_LISTEN;
    int error = dump_sockdiag_family(d, AF_INET, states, &q, &found);
    if (!error)
        error = dump_sockdiag_family(d, AF_INET6, states, &q, &found);
    hand_sockdiag_over(d, &found, error, cb, arg);
    return error;
}

int sockdiag_events(struct sockdiag *d, void (*cb)(void *arg, const struct sock_entry *e),
                    void *arg)
{
    union nl_reply buf;
    struct sock_entry e;

    for (int i = 0; i < EVENTS_A_CALL; i++) {
        int len = nl_read(&d->events, &buf);
        if (len <= 0)
            return len == -ENOSPC ? -ENOBUFS : len;
        const struct nlmsghdr *nlh;
        nl_for_each_message(nlh, &buf, len)
        {
            if (!sockdiag_decode(nlh, &e))
                continue;
            e.protocol = d->protocol;
            cb(arg, &e);
        }
    }
    return 0;
}
