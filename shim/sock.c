/* Asks the kernel about one of the program's sockets. */
#include "shim/sock.h"

#include "libapi/wire/protocol.h"
#include "shim/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/time.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

#define GET(fd, level, name, value)                                                                \
    (RAW(getsockopt, fd, level, name, value, &(socklen_t){sizeof *(value)}) == 0)

int sock_protocol_number(int fd)
{
    int protocol = 0;
    if (!GET(fd, SOL_SOCKET, SO_PROTOCOL, &protocol))
        protocol = 0;
    return protocol_known(protocol) || protocol == IPPROTO_MPTCP ? protocol : 0;
}

int sock_protocol(int fd)
{
    int type = 0;
    int protocol = sock_protocol_number(fd);
    int wanted = protocol_is_datagrams(protocol) ? SOCK_DGRAM : SOCK_STREAM;
    if (protocol && (!GET(fd, SOL_SOCKET, SO_TYPE, &type) || type != wanted))
        protocol = 0;
    return protocol;
}

uint64_t sock_cookie(int fd)
{
    uint64_t cookie = 0;
    if (!GET(fd, SOL_SOCKET, SO_COOKIE, &cookie))
        cookie = 0;
    return cookie;
}

uint64_t sock_netns(int fd)
{
    uint64_t cookie = 0;
    if (!GET(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie))
        cookie = 0;
    return cookie;
}

static int sock_state(int fd)
{
    uint8_t state = 0; /* the first byte of struct tcp_info */
    if (!GET(fd, IPPROTO_TCP, TCP_INFO, &state))
        state = 0;
    return state;
}

/*
 * If the kernel does not tell the state, the socket counts as idle, and btnsd may be asked once too
 * often.
 */
bool sock_idle(int fd)
{
    int state = sock_state(fd);
    return state == TCP_CLOSE || !state;
}

bool sock_listening(int fd)
{
    return sock_state(fd) == TCP_LISTEN;
}

/* tcp_diag and TCP_INFO report a listener's queue length in this field. */
unsigned sock_backlog(int fd)
{
    struct tcp_info info = {0};
    if (!GET(fd, IPPROTO_TCP, TCP_INFO, &info))
        info.tcpi_unacked = 0;
    return info.tcpi_unacked;
}

static bool read_sock_name(long nr, int fd, struct btns_addr *a)
{
    struct sockaddr_storage ss = {0};
    socklen_t len = sizeof ss;
    long rc = raw_syscall(nr, fd, (long)&ss, (long)&len, 0, 0, 0);
    return btns_addr_from_sa(a, (struct sockaddr *)&ss, rc < 0 ? 0 : len);
}

bool sock_local(int fd, struct btns_addr *local)
{
    return read_sock_name(SYS_getsockname, fd, local);
}

bool sock_remote(int fd, struct btns_addr *remote)
{
    return read_sock_name(SYS_getpeername, fd, remote);
}

bool sock_unbound(int fd)
{
    struct btns_addr local;
    return sock_local(fd, &local) && !local.port && btns_addr_is_any(&local);
}

bool sock_filtered(int fd)
{
    socklen_t instructions = 0;
    long rc = RAW(getsockopt, fd, SOL_SOCKET, SO_GET_FILTER, NULL, &instructions);
    return rc == -EACCES || (rc == 0 && instructions); /* an eBPF program cannot be read */
}

bool sock_nonblocking(int fd)
{
    long flags = RAW(fcntl, fd, F_GETFL, 0);
    return flags >= 0 && (flags & O_NONBLOCK);
}

int64_t sock_timeout(int fd)
{
    struct timeval t = {0};
    if (!GET(fd, SOL_SOCKET, SO_SNDTIMEO, &t))
        t = (struct timeval){0};
    return t.tv_sec * 1000 + (t.tv_usec + 999) / 1000;
}
