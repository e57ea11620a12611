/* connect() and accept(), blocking or not, in success and in failure. */
#include "test/programs/calls/calls.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/time.h>
#include <sys/un.h>

void connect_failures(void)
{
    struct sockaddr_in a, good = v4(9);
    struct sockaddr_in6 b = v6(9);
    struct sockaddr_un path = {.sun_family = AF_UNIX, .sun_path = "/nonexistent/socket"};
    int reserved = nothing_listens_at(&a), fd = tcp();
    TRY(connect(fd, SA(a)));
    TRY(connect(fd, SA(a))); /* once more on the same socket */
    TRY(__connect(fd, SA(a)));
    TRY(connect(fd, SA(b)));
    TRY(connect(fd, SA(path)));
    TRY(connect(fd, (const struct sockaddr *)&good, 3));
    TRY(connect(fd, (const struct sockaddr *)&good, 0));
    TRY(connect(fd, (const struct sockaddr *)&good, 200));
    TRY(connect(fd, (const struct sockaddr *)&good, (socklen_t)-1));
    TRY(connect(fd, NULL, 16));
    TRY(connect(fd, (const struct sockaddr *)-1, 16)); /* NOLINT */
    TRY(connect(-1, SA(a)));
    TRY(connect(0, SA(a)));
    int local = socket(AF_UNIX, SOCK_STREAM, 0);
    TRY(connect(local, SA(path)));
    TRY(connect(local, SA(a)));
    close(fd), close(reserved), close(local);
}

void connect_successes(void)
{
    int server = listener(), fd = tcp(), six = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in a = v4(port_of(server)), any = a;
    struct sockaddr_in6 mapped = v6(port_of(server));
    struct sockaddr unspec = {.sa_family = AF_UNSPEC};
    any.sin_addr.s_addr = htonl(INADDR_ANY);
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &mapped.sin6_addr);
    TRY(connect(fd, SA(a)));
    TRY(connect(fd, SA(a)));
    TRY(connect(fd, &unspec, sizeof unspec));
    TRY(connect(fd, SA(any)));
    TRY(fcntl(fd, F_GETFL));
    TRY(connect(six, SA(mapped)));
    TRY(connect(server, SA(a)));
    int udp = socket(AF_INET, SOCK_DGRAM, 0), raw = socket(AF_INET, SOCK_RAW, IPPROTO_TCP);
    TRY(connect(udp, SA(a)));
    TRY(connect(raw, SA(a)));
    close(fd), close(six), close(server), close(udp), close(raw);
}

void connect_v6(void)
{
    struct sockaddr_in6 b = v6(0);
    int server = socket(AF_INET6, SOCK_STREAM, 0), fd = socket(AF_INET6, SOCK_STREAM, 0);
    bind(server, SA(b));
    listen(server, 8);
    b = v6(port_of(server));
    TRY(connect(fd, SA(b)));
    TRY(connect(fd, SA(b)));
    int old = socket(AF_INET6, SOCK_STREAM, 0);
    TRY(connect(old, (const struct sockaddr *)&b,
                24)); /* an old structure without a scope id (before RFC 2553) */
    TRY(connect(old, (const struct sockaddr *)&b, 23));
    close(fd), close(old), close(server);
}

static int so_error(int fd)
{
    int error = -1;
    socklen_t len = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) ? -1 : error;
}

void connect_nonblocking(void)
{
    int server = listener(), fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in a = v4(port_of(server)), closed;
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    TRY(connect(fd, SA(a)));
    TRY(poll(&p, 1, 60000));
    TRY(so_error(fd));
    TRY(connect(fd, SA(a)));
    TRY(connect(fd, SA(a)));
    TRY(fcntl(fd, F_GETFL));
    int reserved = nothing_listens_at(&closed);
    int refused = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    p = (struct pollfd){.fd = refused, .events = POLLOUT};
    TRY(connect(refused, SA(closed)));
    TRY(poll(&p, 1, 60000));
    TRY(p.revents);
    TRY(so_error(refused));
    TRY(so_error(refused));
    close(fd), close(server), close(refused), close(reserved);
}

/* A listener whose queue is full does not answer: EALREADY, and SO_SNDTIMEO's EINPROGRESS. */
void connect_unanswered(void)
{
    int server = tcp(), fill[2] = {tcp(), tcp()};
    struct sockaddr_in a = v4(0);
    struct timeval limit = {.tv_usec = 200000};
    socklen_t len = sizeof limit;
    bind(server, SA(a));
    listen(server, 0);
    a = v4(port_of(server));
    fcntl(fill[1], F_SETFL, O_NONBLOCK);
    TRY(connect(fill[0], SA(a)));
    TRY(connect(fill[1], SA(a)));
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), slow = tcp();
    TRY(connect(fd, SA(a)));
    TRY(connect(fd, SA(a)));
    TRY(setsockopt(slow, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
    TRY(connect(slow, SA(a)));
    TRY(getsockopt(slow, SOL_SOCKET, SO_SNDTIMEO, &limit, &len));
    TRY(limit.tv_usec);
    close(fd), close(slow), close(server), close(fill[0]), close(fill[1]);
}

void accepting(void)
{
    int server = listener(), fd = tcp(), other = tcp();
    struct sockaddr_in a = v4(port_of(server));
    struct sockaddr_storage from;
    socklen_t len = sizeof from, little = 4;
    connect(fd, SA(a));
    connect(other, SA(a));
    int in = (int)TRY(accept(server, (struct sockaddr *)&from, &len));
    TRY(len);
    TRY(from.ss_family);
    TRY(fcntl(in, F_GETFL));
    int in4 =
        (int)TRY(accept4(server, (struct sockaddr *)&from, &little, SOCK_NONBLOCK | SOCK_CLOEXEC));
    TRY(little);
    TRY(fcntl(in4, F_GETFL));
    TRY(fcntl(in4, F_GETFD));
    TRY(accept4(server, NULL, NULL, 12345));
    TRY(fcntl(server, F_SETFL, O_NONBLOCK));
    TRY(accept(server, NULL, NULL));
    TRY(accept4(server, NULL, NULL, SOCK_CLOEXEC));
    TRY(accept(fd, NULL, NULL));
    TRY(accept(-1, NULL, NULL));
    TRY(accept(0, NULL, NULL));
    close(server), close(fd), close(other), close(in), close(in4);
}
