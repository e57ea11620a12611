/* Decides about one call by its facts; does no I/O. */
#include "shim/supervise/judge.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#define UNPROTECTED(what) what " cannot be protected: refused by btns-run --require"

enum nature { NATURE_LOCAL, NATURE_STREAM, NATURE_DATAGRAM, NATURE_OTHER };

/* Classifies a socket: reaches no other host, can be protected, is UDP, or is anything else. */
static enum nature nature_of(const struct call_facts *f)
{
    if (f->family != AF_INET && f->family != AF_INET6)
        return f->family == AF_UNIX || f->family == AF_NETLINK || f->family == AF_ALG ||
                       f->family == AF_KEY
                   ? NATURE_LOCAL
                   : NATURE_OTHER;
    if (f->type == SOCK_STREAM &&
        (!f->protocol || f->protocol == IPPROTO_TCP || f->protocol == IPPROTO_MPTCP))
        return NATURE_STREAM;
    if (f->type == SOCK_DGRAM && (!f->protocol || f->protocol == IPPROTO_UDP))
        return NATURE_DATAGRAM;
    return NATURE_OTHER;
}

static const char *name_other(const struct call_facts *f)
{
    switch (f->family) {
    case AF_PACKET:
        return UNPROTECTED("what is sent by a packet socket (AF_PACKET)");
    case AF_VSOCK:
        return UNPROTECTED("AF_VSOCK");
    case AF_INET:
    case AF_INET6:
        break;
    default:
        return UNPROTECTED("a socket of this address family");
    }
    switch (f->protocol) {
    case IPPROTO_SCTP:
        return UNPROTECTED("SCTP");
    case IPPROTO_UDPLITE:
        return UNPROTECTED("UDP-Lite");
    case IPPROTO_ICMP:
    case IPPROTO_ICMPV6:
        return UNPROTECTED("ICMP");
    default:
        return f->type == SOCK_RAW ? UNPROTECTED("what is sent by a raw socket")
                                   : UNPROTECTED("a socket of this protocol");
    }
}

static struct decision fail(int error, const char *why)
{
    return (struct decision){DEED_FAIL, error, why};
}

static struct decision decide_to(enum deed deed)
{
    return (struct decision){.deed = deed};
}

static struct decision judge_stream(const struct call_facts *f)
{
    switch (f->kind) {
    case KIND_CONNECT:
        return decide_to(f->addressed && f->idle ? DEED_ASK : DEED_CONNECT);
    case KIND_LISTEN:
        return decide_to(f->idle ? DEED_LISTEN : DEED_GO_ON);
    case KIND_ACCEPT:
        return decide_to(DEED_ADMIT);
    case KIND_SEND: /* as if TCP Fast Open were switched off: programs then call connect() */
        return f->fastopen ? fail(EOPNOTSUPP, NULL) : decide_to(DEED_GO_ON);
    case KIND_UNSIGN: /* as if the kernel had no TCP-MD5 */
        return f->keyless ? fail(ENOPROTOOPT, NULL) : decide_to(DEED_GO_ON);
    default:
        return decide_to(DEED_GO_ON);
    }
}

/* Lets the datagram go, and tells the person once that it is not protected. */
static struct decision judge_clear_datagram(const struct call_facts *f)
{
    struct decision d = decide_to(DEED_GO_ON);
    bool sends = f->kind == KIND_SEND || (f->kind == KIND_CONNECT && f->chosen && !f->probed);
    if (f->addressed && !f->permitted && !f->shut && !f->limited &&
        (sends || (f->kind == KIND_BIND && f->chosen)))
        d.why = "UDP of a program without the shim is not protected (--require refuses it)";
    return d;
}

/*
 * The supervisor makes the call itself: another thread could exchange the address before the kernel
 * reads it.
 */
static struct decision judge_permitted(const struct call_facts *f)
{
    switch (f->kind) {
    case KIND_CONNECT:
        return decide_to(DEED_CONNECT);
    case KIND_BIND:
        return decide_to(DEED_BIND);
    case KIND_SEND:
        return decide_to(DEED_SEND);
    default:
        return decide_to(DEED_GO_ON);
    }
}

static struct decision judge_datagram(const struct call_facts *f)
{
    static const char udp[] = UNPROTECTED("UDP");
    if (!f->require)
        return judge_clear_datagram(f);
    bool kept =
        f->limited ||
        (f->shut && f->kind == KIND_BIND); /* the kernel keeps it from sending in the clear */
    if (!f->addressed || f->permitted)
        return judge_permitted(f);
    if (kept)
        return decide_to(f->kind == KIND_CONNECT ? DEED_CONNECT : DEED_GO_ON);
    switch (f->kind) {
    case KIND_CONNECT:
        return decide_to(DEED_PROBE);
    case KIND_BIND: /* clients bind to any port; a chosen port is a server's */
        return f->chosen ? fail(EACCES, udp) : decide_to(DEED_BIND);
    case KIND_SEND:
        return fail(EPERM, udp);
    default:
        return decide_to(DEED_GO_ON);
    }
}

struct decision judge(const struct call_facts *f)
{
    if (f->foreign)
        return fail(ENOSYS, "the sockets of 32-bit programs cannot be protected: refused");
    switch (nature_of(f)) {
    case NATURE_STREAM:
        return judge_stream(f);
    case NATURE_DATAGRAM:
        return judge_datagram(f);
    case NATURE_LOCAL:
        return decide_to(DEED_GO_ON);
    case NATURE_OTHER:
        break;
    }
    return f->require ? fail(EACCES, name_other(f)) : decide_to(DEED_GO_ON);
}
