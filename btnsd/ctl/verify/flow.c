/* Makes one connection as the shim would, on behalf of the program that a rule matches. */
#include "btnsd/ctl/verify/verify.h"
#include "libapi/client/ask.h"
#include "libapi/wire/service.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECT_MS 5000

static int open_flow_socket(const struct subject *s)
{
    int type = protocol_is_datagrams(s->protocol) ? SOCK_DGRAM : SOCK_STREAM;
    return socket(s->to.family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* 0, or the errno of connect(). */
static int connect_flow_within(int fd, const struct btns_addr *to, int ms)
{
    struct sockaddr_storage ss;
    int error = 0;
    socklen_t len = btns_addr_to_sa(to, to->family, &ss), size = sizeof error;
    if (!connect(fd, (struct sockaddr *)&ss, len))
        return 0;
    if (errno != EINPROGRESS)
        return errno;
    struct pollfd p = {fd, POLLOUT, 0};
    if (poll(&p, 1, ms) <= 0)
        return ETIMEDOUT;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) ? errno : error;
}

/* Connects, and sends an empty datagram if connecting sends nothing. 0, or an errno. */
static int flow_reach(int fd, const struct subject *s)
{
    int error = connect_flow_within(fd, &s->to, CONNECT_MS);
    if (!error && protocol_is_datagrams(s->protocol) && send(fd, "", 0, MSG_NOSIGNAL))
        error = errno;
    return error;
}

static int ask_flow_verdict(const char *socket, const struct subject *s, int fd, struct outcome *o,
                            struct err *err)
{
    struct btns_try m = {.flow = {.protocol = s->protocol, .remote = s->to}};
    union btns_reply r;
    socklen_t len = sizeof o->cookie;
    if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &o->cookie, &len)) {
        err_set(err, "cannot ask for the socket's cookie: %s", strerror(errno));
        return -errno;
    }
    m.flow.cookie = o->cookie;
    memcpy(m.program, s->program, sizeof m.program);
    m.program[sizeof m.program - 1] = '\0';
    int rc =
        ask_with_socket(socket, &m.flow.hdr, sizeof m, BTNS_REQ_TRY, BTNS_REP_VERDICT, fd, &r, err);
    if (rc)
        return rc;
    o->verdict = r.verdict.verdict;
    snprintf(o->text, sizeof o->text, "%s", r.verdict.text);
    o->connected = (int)r.verdict.error;
    return 0;
}

int flow_try(const char *socket, const struct subject *s, struct capture *c, struct outcome *o,
             int *fd, struct err *err)
{
    *o = (struct outcome){0};
    capture_read(c); /* discards earlier packets */
    *fd = open_flow_socket(s);
    int rc = *fd < 0 ? -errno : 0;
    if (rc)
        err_set(err, "cannot make a socket: %s", strerror(-rc));
    else
        rc = ask_flow_verdict(socket, s, *fd, o, err);
    if (!rc && o->verdict != BTNS_V_DENIED)
        o->connected = flow_reach(*fd, s);
    if (!rc)
        o->seen = capture_read(c);
    return rc;
}

int flow_plain(const struct subject *s)
{
    int fd = open_flow_socket(s);
    if (fd < 0)
        return errno;
    int error = flow_reach(fd, s);
    close(fd);
    return error;
}
