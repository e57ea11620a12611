/* The benchmarks' server: epoll, one process. */
#include "test/bench/net/net.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static const struct kind {
    const char *name;
    int type;
    int echo;
} kinds[] = {{"echo", SOCK_STREAM, 1}, {"sink", SOCK_STREAM, 0}, {"udp", SOCK_DGRAM, 1}};

static const struct kind *kind_of[65536]; /* by descriptor */
static char listens[65536];

static void watch_fd(int epoll, int fd, const struct kind *k, char listening)
{
    struct epoll_event ev = {.events = EPOLLIN, .data.fd = fd};
    kind_of[fd] = k;
    listens[fd] = listening;
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev))
        err(1, "epoll_ctl");
}

/* WHAT is KIND:PORT. */
static void offer(int epoll, const char *what)
{
    const char *port = strchr(what, ':');
    size_t i = 0;
    while (port && i < 3 && strncmp(kinds[i].name, what, (size_t)(port - what)) != 0)
        i++;
    if (!port || i == 3)
        errx(2, "not KIND:PORT: '%s'", what);
    struct sockaddr_in sa = address("0.0.0.0", port + 1);
    int on = 1, fd = socket(AF_INET, kinds[i].type, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) ||
        bind(fd, (struct sockaddr *)&sa, sizeof sa) ||
        (kinds[i].type == SOCK_STREAM && listen(fd, CONNS)))
        err(1, "%s", what);
    watch_fd(epoll, fd, &kinds[i], kinds[i].type == SOCK_STREAM);
}

static void take(int epoll, int listener)
{
    int on = 1, fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch_fd(epoll, fd, kind_of[listener], 0);
}

static void answer_datagram(int fd)
{
    char ping[PING];
    struct sockaddr_storage from;
    socklen_t len = sizeof from;
    ssize_t n = recvfrom(fd, ping, sizeof ping, 0, (struct sockaddr *)&from, &len);
    if (n > 0)
        sendto(fd, ping, (size_t)n, 0, (struct sockaddr *)&from, len);
}

static void answer(int fd)
{
    static char buf[4 * CHUNK];
    if (kind_of[fd]->type == SOCK_DGRAM) {
        answer_datagram(fd);
        return;
    }
    ssize_t n = recv(fd, buf, sizeof buf, 0);
    if (n <= 0 || (kind_of[fd]->echo && send(fd, buf, (size_t)n, MSG_NOSIGNAL) != n))
        close(fd);
}

int serve(char **what)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event ev[64];
    for (; *what; what++)
        offer(epoll, *what);
    puts("ready");
    fflush(stdout);
    int n;
    while ((n = epoll_wait(epoll, ev, 64, -1)) >= 0)
        for (int i = 0; i < n; i++) {
            if (listens[ev[i].data.fd])
                take(epoll, ev[i].data.fd);
            else
                answer(ev[i].data.fd);
        }
    return 1;
}
