/* A probe reaches the peer of a living connection, and changes nothing else. TAP. */
#include "btnsd/tcp/window_probe.h"
#include "test/unit/check.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static int option(int fd, int level, int name)
{
    int value = -1;
    socklen_t len = sizeof value;
    return getsockopt(fd, level, name, &value, &len) ? -errno : value;
}

static unsigned segments_in(int fd)
{
    struct tcp_info info = {0};
    socklen_t len = sizeof info;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) ? 0 : info.tcpi_segs_in;
}

/* On loopback the segment has arrived when the call that sent it returns, or soon after. */
static bool arrives(int fd, unsigned before)
{
    for (int i = 0; i < 1000 && segments_in(fd) == before; i++)
        poll(NULL, 0, 10);
    return segments_in(fd) > before;
}

int main(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof to;
    const int on = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0), peer = -1;
    if (!bind(listener, (struct sockaddr *)&to, len) && !listen(listener, 1) &&
        !getsockname(listener, (struct sockaddr *)&to, &len) &&
        !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) &&
        !connect(fd, (struct sockaddr *)&to, sizeof to))
        peer = accept(listener, NULL, NULL);
    if (peer < 0) {
        check(false, "a connection on loopback");
        return check_end();
    }
    unsigned before = segments_in(peer);
    int rc = tcp_window_probe(fd);
    if (rc == -EPERM) {
        printf("1..0 # skip it needs CAP_NET_ADMIN\n");
        return 0;
    }
    check(!rc && arrives(peer, before), "the peer gets a segment (%d)", rc);
    check(option(fd, SOL_SOCKET, SO_REUSEADDR) == 1, "SO_REUSEADDR is as it was");
    check(option(fd, IPPROTO_TCP, TCP_REPAIR) == 0, "the socket is not in repair mode");
    char c = 0;
    check(send(fd, "x", 1, 0) == 1 && recv(peer, &c, 1, 0) == 1 && c == 'x' &&
              send(peer, "y", 1, 0) == 1 && recv(fd, &c, 1, 0) == 1 && c == 'y',
          "the connection goes on");
    close(listener);
    check(tcp_window_probe(listener) < 0, "another descriptor is refused");
    close(fd);
    close(peer);
    return check_end();
}
