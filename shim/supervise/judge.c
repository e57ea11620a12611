/* Decides about one call by its facts; does no I/O. */
#include "shim/supervise/judge.h"

#include <errno.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

#define UNPROTECTED(what) what " cannot be protected: refused by btns-run --require"

enum nature { NATURE_LOCAL, NATURE_STREAM, NATURE_DATAGRAM, NATURE_OTHER };

/* Classifies a socket: reaches no other host, can be protected, is UDP, or is anything else. */
static enum nature judged_nature(const struct call_facts *f)
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

static const char *judged_foreign_call_name(const struct call_facts *f)
{
    switch (f->family) {
    case AF_PACKET:
        return UNPROTECTED("packets of a packet socket (AF_PACKET)");
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
        return f->type == SOCK_RAW ? UNPROTECTED("packets of a raw socket")
                                   : UNPROTECTED("a socket of this protocol");
    }
}

static struct decision judge_failed(int error, const char *why)
{
    return (struct decision){DEED_FAIL, error, why};
}

static struct decision judge_deed(enum deed deed)
{
    return (struct decision){.deed = deed};
}

static struct decision judge_stream(const struct call_facts *f)
{
    switch (f->kind) {
    case KIND_CONNECT:
        return judge_deed(f->addressed && f->idle ? DEED_ASK : DEED_CONNECT);
    case KIND_LISTEN:
        return judge_deed(f->idle ? DEED_LISTEN : DEED_GO_ON);
    case KIND_ACCEPT:
        return judge_deed(DEED_ADMIT);
    case KIND_SEND: /* as if TCP Fast Open were switched off: programs then call connect() */
        return f->fastopen ? judge_failed(EOPNOTSUPP, NULL) : judge_deed(DEED_GO_ON);
    case KIND_UNSIGN: /* as if the kernel had no TCP-MD5 */
        return f->keyless ? judge_failed(ENOPROTOOPT, NULL) : judge_deed(DEED_GO_ON);
    default:
        return judge_deed(DEED_GO_ON);
    }
}

/*
 * A call to this host, to no address, or to the peer to which the socket is connected: btnsd need
 * not be asked. If the call has an address, the supervisor makes the call itself, as another thread
 * of the program could exchange the address meanwhile.
 */
static struct decision judge_unasked(const struct call_facts *f)
{
    switch (f->kind) {
    case KIND_CONNECT:
        return judge_deed(DEED_CONNECT);
    case KIND_BIND:
        return judge_deed(DEED_BIND);
    case KIND_SEND:
        return judge_deed(f->addressed || f->further || f->require ? DEED_SEND : DEED_GO_ON);
    default:
        return judge_deed(DEED_GO_ON);
    }
}

/*
 * getaddrinfo() connects datagram sockets to see which source address the kernel would choose: to
 * protect each such address, as --require demands, would begin IKE with hosts to which nothing is
 * sent.
 */
static enum deed judge_deed_of_connect(const struct call_facts *f)
{
    bool searches = !f->chosen || f->probed || f->within;
    if (f->require && !f->nameserver && searches)
        return DEED_PROBE;
    return f->chosen ? DEED_ASK : DEED_CONNECT;
}

static struct decision judge_datagram(const struct call_facts *f)
{
    /* Does the kernel keep the socket from sending in the clear? */
    bool kept = f->limited || (f->shut && f->kind == KIND_BIND);
    if (!f->addressed || f->loopback)
        return judge_unasked(f);
    if (kept)
        return judge_deed(f->kind == KIND_CONNECT ? DEED_CONNECT : DEED_GO_ON);
    switch (f->kind) {
    case KIND_CONNECT:
        return judge_deed(judge_deed_of_connect(f));
    case KIND_BIND: /* a client's port is any; a chosen one is a server's */
        return judge_deed(f->chosen ? DEED_HEAR : DEED_BIND);
    case KIND_SEND:
        return judge_deed(DEED_ASK);
    default:
        return judge_deed(DEED_GO_ON);
    }
}

struct decision judge(const struct call_facts *f)
{
    if (f->foreign)
        return judge_failed(ENOSYS, "the sockets of 32-bit programs cannot be protected: refused");
    switch (judged_nature(f)) {
    case NATURE_STREAM:
        return judge_stream(f);
    case NATURE_DATAGRAM:
        return judge_datagram(f);
    case NATURE_LOCAL:
        return judge_deed(DEED_GO_ON);
    case NATURE_OTHER:
        break;
    }
    return f->require ? judge_failed(EACCES, judged_foreign_call_name(f)) : judge_deed(DEED_GO_ON);
}
