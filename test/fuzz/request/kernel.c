/* Stands in for the kernel: an SPD, some routes, and no connections. */
#include "btnsd/latch/guard/entries.h"
#include "test/fuzz/request/played.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define SPD_MAX 65536
static struct spd_entry spd[SPD_MAX];
static size_t spd_n;

size_t spd_size(void)
{
    return spd_n;
}

static struct spd_entry *spd_find(const struct spd_entry *e)
{
    for (struct spd_entry *p = spd; p < spd + spd_n; p++)
        if (p->dir == e->dir && p->priority == e->priority && p->protocol == e->protocol &&
            btns_addr_equal(&p->local, &e->local) && btns_addr_equal(&p->remote, &e->remote) &&
            p->local_bits == e->local_bits && p->remote_bits == e->remote_bits &&
            p->local_ports.port == e->local_ports.port && p->mark == e->mark)
            return p;
    return NULL;
}

/*
 * Does the entry block some types of ICMP errors between two hosts? The types stand in the ports'
 * place.
 */
static bool blocks_icmp_errors(const struct spd_entry *e)
{
    bool v6 = e->local.family == AF_INET6;
    return e->priority == PRIO_ICMP_ERROR && e->dir == SPD_OUT && e->action == SPD_BLOCK &&
           e->protocol == (v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP) &&
           (e->local.port || e->local_ports.mask) && !e->remote.port &&
           e->local_bits == btns_addr_bits(&e->local) &&
           e->remote_bits == btns_addr_bits(&e->remote);
}

/*
 * Does the entry let ICMP errors about one host's unprotected packets out (the last entry of all)?
 */
static bool allows_icmp_errors(const struct spd_entry *e)
{
    return e->priority == PRIO_LAST && e->dir == SPD_OUT && e->action == SPD_ALLOW &&
           e->icmp_errors && !e->protocol && e->remote_bits == btns_addr_bits(&e->remote);
}

/* Does the entry block what a shut socket, or a limited datagram socket, sends? */
static bool blocks_shut_sockets(const struct spd_entry *e)
{
    bool shut = e->priority == PRIO_SHUT && e->mark == BTNS_SHUT_MARK;
    bool limited = e->priority == PRIO_UNGUARDED && e->mark == BTNS_UNGUARDED_MARK;
    return (shut || limited) && e->dir == SPD_OUT && e->action == SPD_BLOCK && !e->protocol &&
           !e->local_bits && !e->remote_bits;
}

int spd_set(struct xfrm *x, const struct spd_entry *e, struct err *err)
{
    (void)x;
    demand(e->dir == SPD_IN || e->dir == SPD_OUT);
    demand(e->action != SPD_OTHER);
    demand(e->local.family == e->remote.family);
    /*
     * Every entry of btnsd's is about one service, or about errors that could quote protected
     * packets.
     */
    demand((protocol_known(e->protocol) && (e->local.port || e->remote.port)) ||
           blocks_icmp_errors(e) || allows_icmp_errors(e) || blocks_shut_sockets(e));
    demand(e->local_bits <= btns_addr_bits(&e->local));
    demand(e->remote_bits <= btns_addr_bits(&e->remote));
    demand(e->action != SPD_ESP || e->reqid);
    struct spd_entry *p = spd_find(e);
    if (!p && spd_n == SPD_MAX) {
        err_set(err, "full");
        return -ENOSPC;
    }
    *(p ? p : &spd[spd_n++]) = *e;
    return 0;
}

int spd_del(struct xfrm *x, const struct spd_entry *e)
{
    struct spd_entry *p = spd_find(e);
    (void)x;
    if (!p)
        return -ENOENT;
    *p = spd[--spd_n];
    return 0;
}

int spd_dump(struct xfrm *x, void (*cb)(void *arg, const struct spd_entry *e), void *arg)
{
    (void)x, (void)cb, (void)arg;
    return 0;
}

int sad_dump(struct xfrm *x, void (*cb)(void *arg, const struct sad_entry *e), void *arg)
{
    (void)x, (void)cb, (void)arg;
    return 0;
}

int sad_del(struct xfrm *x, const struct sad_entry *e)
{
    (void)x, (void)e;
    return 0;
}

int sad_drop_larval(struct xfrm *x, const struct larval *l)
{
    (void)x, (void)l;
    return 0;
}

int sockdiag_connections(struct sockdiag *s, const struct btns_addr *local,
                         const struct btns_addr *remote,
                         void (*cb)(void *arg, const struct sock_entry *e), void *arg)
{
    (void)s, (void)local, (void)remote, (void)cb, (void)arg;
    return 0;
}

int sockdiag_attempts(struct sockdiag *s, const struct btns_addr *local,
                      const struct btns_addr *remote,
                      void (*cb)(void *arg, const struct sock_entry *e), void *arg)
{
    (void)s, (void)local, (void)remote, (void)cb, (void)arg;
    return 0;
}

int sockdiag_listeners(struct sockdiag *s, void (*cb)(void *arg, const struct sock_entry *e),
                       void *arg)
{
    (void)s, (void)cb, (void)arg;
    return 0;
}

int socket_policy_block(int fd, int family)
{
    demand(fd >= 0 && (family == AF_INET || family == AF_INET6));
    return 0;
}

int socket_policy_shut(int fd)
{
    return socket_policy_block(fd, AF_INET);
}

int socket_policy_unfilter(int fd)
{
    demand(fd >= 0);
    return 0;
}

int socket_policy_open(int fd)
{
    return socket_policy_unblock(fd);
}

int socket_policy_deafen(int fd, int family)
{
    return socket_policy_block(fd, family);
}

int socket_policy_bypass(int fd, int family)
{
    return socket_policy_block(fd, family);
}

int sockdiag_find(struct sockdiag *s, const struct btns_addr *local, const struct btns_addr *remote,
                  uint64_t cookie, struct sock_entry *e)
{
    (void)s;
    *e = (struct sock_entry){.cookie = cookie,
                             .protocol = IPPROTO_TCP,
                             .uid = owner_of(cookie),
                             .inode = 1,
                             .local = *local,
                             .remote = *remote};
    return 0;
}
int sockdiag_destroy(struct sockdiag *s, const struct btns_addr *local,
                     const struct btns_addr *remote, uint64_t cookie)
{
    (void)s, (void)local, (void)remote;
    demand(somebody_may_act(cookie));
    return 0;
}

bool spd_snapshot_mend(const struct spd_snapshot *s, struct xfrm *x, const struct spd_entry *e)
{
    (void)s;
    return spd_set(x, e, NULL) == 0;
}

int socket_policy_unblock(int fd)
{
    demand(fd >= 0);
    return 0;
}

/* 10.0.0.1 and fd00::1, on a network without 10.9.0.0/16. */
struct btns_addr own_address(int family)
{
    struct btns_addr a;
    demand(btns_addr_parse(&a, family == AF_INET ? "10.0.0.1" : "fd00::1"));
    return a;
}

int route_lookup(const struct route_query *q, struct route *r)
{
    const struct btns_addr *remote = &q->remote;
    memset(r, 0, sizeof *r);
    demand(remote->family == AF_INET || remote->family == AF_INET6);
    if (remote->ip[0] == 10 && remote->ip[1] == 9)
        return -ENETUNREACH;
    r->local = own_address(remote->family);
    r->to_self = btns_addr_ip_equal(&r->local, remote);
    return 0;
}
