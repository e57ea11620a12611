/* Reads from the program's memory and socket the facts that judge() needs. */
#include "shim/supervise/look.h"

#include "libapi/wire/wire.h"
#include "shim/supervise/nameservers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined __x86_64__
#define FOREIGN AUDIT_ARCH_I386
#elif defined __aarch64__
#define FOREIGN AUDIT_ARCH_ARM
#else
#define FOREIGN 0
#endif

/* Go and musl connect a datagram socket to these ports to see which source address they would get.
 */
enum { DISCARD = 9, HIGHEST = 65535 };

/* Which arguments of each call hold the descriptor, the address and the flags. */
static const struct place {
    long call;
    enum call_kind kind;
    int address; /* the address's argument, whose length is in the next one; -1: none */
    int message; /* a struct msghdr; -1: none */
    int flags;   /* -1: none */
} places[] = {
    {SYS_connect, KIND_CONNECT, 1, -1, -1},    {SYS_listen, KIND_LISTEN, -1, -1, -1},
#ifdef SYS_accept
    {SYS_accept, KIND_ACCEPT, -1, -1, -1},
#endif
    {SYS_accept4, KIND_ACCEPT, -1, -1, -1},    {SYS_bind, KIND_BIND, 1, -1, -1},
    {SYS_sendto, KIND_SEND, 4, -1, 3},         {SYS_sendmsg, KIND_SEND, -1, 1, 2},
    {SYS_sendmmsg, KIND_SEND, -1, 1, 3},       {SYS_socket, KIND_SOCKET, -1, -1, -1},
    {SYS_setsockopt, KIND_UNSIGN, -1, -1, -1},
};

static const struct place *look_call_place(int call)
{
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (places[i].call == call)
            return &places[i];
    return NULL;
}

static int look_at_option(int fd, int level, int name)
{
    int value = 0;
    socklen_t len = sizeof value;
    return getsockopt(fd, level, name, &value, &len) ? -1 : value;
}

static bool look_is_socket_idle(int fd)
{
    uint8_t state = 0; /* the first byte of struct tcp_info */
    socklen_t len = sizeof state;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &len) || state == TCP_CLOSE;
}

/*
 * Has btnsd shut or limited the socket, as libbtns asked? Two signs are needed, btnsd's bits in the
 * mark and a filter that drops or takes everything, because a program of root's may use those bits
 * for its own routes.
 */
static void look_at_limits(struct sight *s)
{
    uint32_t mark = 0;
    struct sock_filter filter = {0};
    socklen_t size = sizeof mark, steps = 1; /* the kernel reports no steps of a longer filter */
    if (getsockopt(s->fd, SOL_SOCKET, SO_MARK, &mark, &size) || !(mark & BTNS_POLICY_MARKS) ||
        getsockopt(s->fd, SOL_SOCKET, SO_GET_FILTER, &filter, &steps) || steps != 1 ||
        filter.code != (BPF_RET | BPF_K))
        return;
    s->facts.shut = mark & BTNS_SHUT_MARK && !filter.k;
    s->facts.limited = mark & BTNS_UNGUARDED_MARK && filter.k == UINT32_MAX;
}

bool look_is_socket_nonblocking(int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_NONBLOCK);
}

bool look_socket_local(int fd, struct btns_addr *local)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    return !getsockname(fd, (struct sockaddr *)&ss, &len) &&
           btns_addr_from_sa(local, (struct sockaddr *)&ss, len);
}

static int look_at_socket(const struct caller *c, struct sight *s)
{
    socklen_t len = sizeof s->cookie;
    s->number = (int)c->call.data.args[0];
    s->fd = caller_descriptor(c, s->number);
    if (s->fd < 0)
        return s->fd;
    s->facts.type = look_at_option(s->fd, SOL_SOCKET, SO_TYPE);
    if (s->facts.type < 0)
        return -ENOTSOCK;
    s->facts.family = look_at_option(s->fd, SOL_SOCKET, SO_DOMAIN);
    s->facts.protocol = look_at_option(s->fd, SOL_SOCKET, SO_PROTOCOL);
    if (getsockopt(s->fd, SOL_SOCKET, SO_COOKIE, &s->cookie, &len))
        s->cookie = 0;
    s->facts.idle = look_is_socket_idle(s->fd);
    if (s->facts.type == SOCK_DGRAM)
        look_at_limits(s);
    return 0;
}

/* As a destination, the address "any" means this host. */
static void look_to_loopback(struct btns_addr *a)
{
    if (a->family == AF_INET)
        memcpy(a->ip, (const uint8_t[]){127, 0, 0, 1}, 4);
    else
        a->ip[15] = 1;
}

/*
 * The kernel treats AF_UNSPEC as AF_INET in a datagram's address (udp_sendmsg), and in the address
 * "any" that a socket is bound to (inet_bind).
 */
static void look_at_family(struct sight *s)
{
    const bool any = !((const struct sockaddr_in *)&s->address)->sin_addr.s_addr;
    const bool taken = s->facts.kind == KIND_SEND || (s->facts.kind == KIND_BIND && any);
    if (taken && s->facts.family == AF_INET && s->address.ss_family == AF_UNSPEC)
        s->address.ss_family = AF_INET;
}

static void look_at_remote(struct sight *s)
{
    look_at_family(s);
    s->facts.addressed = btns_addr_from_sa(&s->remote, (struct sockaddr *)&s->address, s->len);
    if (!s->facts.addressed)
        return;
    s->facts.chosen = s->remote.port;
    s->facts.probed = s->remote.port == DISCARD || s->remote.port == HIGHEST;
    if (s->facts.kind != KIND_BIND && btns_addr_is_any(&s->remote))
        look_to_loopback(&s->remote);
    s->facts.loopback = btns_addr_is_loopback(&s->remote);
    s->facts.nameserver = s->facts.kind != KIND_BIND && nameserver_is(&s->remote);
}

/* An address that the kernel would refuse is passed on for the kernel to refuse. */
static int look_at_address(const struct caller *c, uint64_t at, uint64_t len, struct sight *s)
{
    s->len = 0;
    if (!at || len > sizeof s->address)
        return !at ? 0 : -EINVAL;
    int rc = len ? caller_read(c, at, &s->address, len) : 0;
    if (rc)
        return rc;
    s->len = (socklen_t)len;
    if (len >= sizeof(sa_family_t))
        look_at_remote(s);
    return 0;
}

/* If a name is longer than any address, the kernel uses only its beginning. */
static int look_at_name(const struct caller *c, const struct msghdr *msg, struct sight *s)
{
    uint64_t len = msg->msg_name ? msg->msg_namelen : 0;
    bool longer = len > sizeof s->address && len <= INT_MAX;
    return look_at_address(c, (uint64_t)(uintptr_t)msg->msg_name, longer ? sizeof s->address : len,
                           s);
}

/*
 * The first message is judged, and sent alone if it has an address. If it has none the kernel may
 * send them all, unless one of the others has.
 */
static int look_at_messages(const struct caller *c, const struct place *p, struct sight *s)
{
    const __u64 *args = c->call.data.args;
    bool many = p->call == SYS_sendmmsg;
    uint64_t count = many ? (uint32_t)args[2] : 1;
    struct sight first = *s;
    for (uint64_t i = 0; i < count && i < 1024; i++) { /* UIO_MAXIOV, the kernel's own limit */
        struct mmsghdr m;
        uint64_t at = args[p->message] + i * sizeof m;
        int rc = caller_read(c, at, &m, many ? sizeof m : sizeof m.msg_hdr);
        if (!rc)
            rc = look_at_name(c, &m.msg_hdr, s);
        if (rc == -EFAULT && i)
            break; /* the kernel goes no further either, and sends those before it */
        if (rc)
            return rc;
        s->message = m.msg_hdr;
        if (!i)
            first = *s;
        /* A message with control data may be diverted, so the supervisor sends it. */
        first.facts.further |=
            (i && s->facts.addressed) || (s->facts.type == SOCK_DGRAM && m.msg_hdr.msg_controllen);
        if (s->facts.addressed)
            break;
    }
    *s = first;
    return 0;
}

/* A key that the kernel would refuse is left for the kernel to refuse. */
static int look_at_key(const struct caller *c, struct sight *s)
{
    const __u64 *args = c->call.data.args;
    if ((uint32_t)args[4] < sizeof(struct tcp_md5sig))
        return 0;
    uint16_t len = 0;
    int rc = caller_read(c, args[3] + offsetof(struct tcp_md5sig, tcpm_keylen), &len, sizeof len);
    s->facts.keyless = !rc && !len;
    return rc;
}

/*
 * A call that libc makes within itself: the shim does not see it. What the shim leaves to the
 * supervisor carries the mark's complement.
 */
static bool look_is_within_libc(const struct caller *c, const struct supervision *v,
                                const struct sight *s)
{
    return v->require && s->facts.kind == KIND_CONNECT && s->facts.type == SOCK_DGRAM &&
           s->facts.addressed && !s->facts.loopback && c->call.data.args[5] != ~v->mark &&
           caller_maps(c, "/" SHIM_NAME);
}

static int look_at_destination(const struct caller *c, const struct supervision *v,
                               const struct place *p, struct sight *s)
{
    const __u64 *args = c->call.data.args;
    int rc = look_at_address(c, args[p->address], (uint32_t)args[p->address + 1], s);
    s->facts.within = !rc && look_is_within_libc(c, v, s);
    return rc;
}

int look_at_caller(const struct caller *c, const struct supervision *v, struct sight *s)
{
    const __u64 *args = c->call.data.args;
    const struct place *p = look_call_place(c->call.data.nr);
    *s = (struct sight){.fd = -1, .facts = {.require = v->require}};
    s->facts.foreign = FOREIGN && c->call.data.arch == FOREIGN;
    if (s->facts.foreign)
        return 0;
    if (!p)
        return -ENOSYS;
    s->facts.kind = p->kind;
    if (p->kind == KIND_SOCKET) {
        s->facts.family = (int)args[0];
        s->facts.type = (int)args[1] & 0xf;
        s->facts.protocol = (int)args[2];
        return 0;
    }
    s->flags = p->flags >= 0 ? (int)args[p->flags] : 0;
    s->facts.fastopen = s->flags & MSG_FASTOPEN;
    int rc = look_at_socket(c, s);
    if (rc || (s->facts.family != AF_INET && s->facts.family != AF_INET6))
        return rc;
    if (p->kind == KIND_UNSIGN)
        return look_at_key(c, s);
    if (p->address >= 0)
        return look_at_destination(c, v, p, s);
    return p->message >= 0 ? look_at_messages(c, p, s) : 0;
}

void look_end(struct sight *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}
