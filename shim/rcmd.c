/*
 * rcmd(), rexec() and their _af forms: libc connects internally, to each of a host's addresses in
 * turn. So btnsd is asked about each address with a socket of the shim's own, and libc is given one
 * permitted address at a time.
 */
#include "shim/calls.h"
#include "shim/channel.h"
#include "shim/flow.h"
#include "shim/link.h"
#include "shim/permit.h"
#include "shim/sock.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

/* The arguments of the real call, except the host. */
struct remote {
    int (*call)(const struct remote *r, char **host);
    int port; /* in network order, as the program gives it */
    const char *user, *secret, *command;
    int *fd2;
    sa_family_t family;
};

static int open_rcmd_socket(const struct addrinfo *at)
{
    long fd = RAW(socket, at->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd < 0 ? (int)fd : channel_move_up((int)fd);
}

/* The shim's own socket keeps the guard alive until btnsd has been told of libc's socket. */
static int permit_rcmd_address(const struct remote *r, const struct addrinfo *at,
                               struct btns_addr *to, int *fd)
{
    int error = 0;
    *fd = open_rcmd_socket(at);
    if (*fd < 0)
        return -*fd;
    if (!btns_addr_from_sa(to, at->ai_addr, at->ai_addrlen))
        return EAFNOSUPPORT;
    to->port = ntohs((uint16_t)r->port);
    return permit_connect(*fd, to, PERMIT_HOLD, &error) == PERMIT_GO ? 0 : error;
}

static void tell_btnsd_of_rcmd(int fd, const struct btns_addr *to)
{
    struct btns_flow flow;
    flow_init(&flow, BTNS_MSG_CONNECTING, IPPROTO_TCP, sock_cookie(fd));
    flow.remote = *to;
    link_send(link_get(true), &flow);
}

static int try_rcmd_address(const struct remote *r, const struct addrinfo *at)
{
    char text[NI_MAXHOST], *host = text;
    struct btns_addr to;
    int own = -1, rc = -1, error = permit_rcmd_address(r, at, &to, &own);
    if (!error &&
        getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST))
        error = EADDRNOTAVAIL;
    if (!error) {
        rc = r->call(r, &host);
        error = errno;
        if (rc >= 0)
            tell_btnsd_of_rcmd(rc, &to);
    }
    if (own >= 0)
        RAW(close, own);
    errno = error;
    return rc;
}

/* The name that the program gets back is in static memory, as libc's is. */
static int try_rcmd_addresses(const struct remote *r, char **host)
{
    static char name[NI_MAXHOST];
    struct addrinfo *all = NULL, hints = {.ai_family = r->family,
                                          .ai_socktype = SOCK_STREAM,
                                          .ai_flags = AI_CANONNAME};
    int rc = -1;
    if (getaddrinfo(*host, NULL, &hints, &all)) {
        errno = ENOENT;
        return -1;
    }
    for (const struct addrinfo *at = all; rc < 0 && at; at = at->ai_next)
        rc = try_rcmd_address(r, at);
    int error = errno;
    if (all->ai_canonname) {
        strncpy(name, all->ai_canonname, sizeof name - 1);
        *host = name;
    }
    freeaddrinfo(all);
    errno = error;
    return rc;
}

static int call_rcmd(const struct remote *r, char **host)
{
    return REAL(rcmd_af, host, (unsigned short)r->port, r->user, r->secret, r->command, r->fd2,
                r->family);
}

static int call_rexec(const struct remote *r, char **host)
{
    return REAL(rexec_af, host, r->port, r->user, r->secret, r->command, r->fd2, r->family);
}

int shim_rcmd_af(char **host, unsigned short port, const char *own_user, const char *user,
                 const char *command, int *fd2, sa_family_t family)
{
    return try_rcmd_addresses(
        &(struct remote){call_rcmd, port, own_user, user, command, fd2, family}, host);
}

int shim_rcmd(char **host, unsigned short port, const char *own_user, const char *user,
              const char *command, int *fd2)
{
    return shim_rcmd_af(host, port, own_user, user, command, fd2, AF_INET);
}

int shim_rexec_af(char **host, int port, const char *user, const char *password,
                  const char *command, int *fd2, sa_family_t family)
{
    return try_rcmd_addresses(
        &(struct remote){call_rexec, port, user, password, command, fd2, family}, host);
}

int shim_rexec(char **host, int port, const char *user, const char *password, const char *command,
               int *fd2)
{
    return shim_rexec_af(host, port, user, password, command, fd2, AF_INET);
}
