/* The sockets that come with messages. */
#include "btnsd/server/passed_fds.h"
#include "test/fuzz/request/played.h"

#include <netinet/in.h>
#include <sys/socket.h>

int sockets[6];

static int bound(int family)
{
    struct sockaddr_in6 sa = {.sin6_family = (sa_family_t)family};
    int fd = socket(family, SOCK_STREAM, 0);
    socklen_t len = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof sa;
    demand(bind(fd, (struct sockaddr *)&sa, len) == 0);
    return fd;
}

static int connected(void)
{
    struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof sa;
    int listening = socket(AF_INET, SOCK_STREAM, 0), fd = socket(AF_INET, SOCK_STREAM, 0);
    demand(!bind(listening, (struct sockaddr *)&sa, len) && !listen(listening, 1));
    demand(!getsockname(listening, (struct sockaddr *)&sa, &len));
    demand(!connect(fd, (struct sockaddr *)&sa, len));
    return fd;
}

void sockets_make(void)
{
    sockets[0] = bound(AF_INET);
    sockets[1] = bound(AF_INET6);
    sockets[2] = socket(AF_INET, SOCK_DGRAM, 0);
    sockets[3] = socket(AF_INET, SOCK_STREAM, 0);
    sockets[4] = bound(AF_INET);
    sockets[5] = connected();
    demand(sockets[1] >= 0);
}

uint64_t cookie_of(int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
    return cookie;
}

enum netns netns_of_socket(int fd)
{
    uint64_t cookie = cookie_of(fd);
    return !cookie ? NETNS_UNKNOWN : cookie == cookie_of(sockets[4]) ? NETNS_OTHER : NETNS_OURS;
}

/* Half of all sockets are root's. */
uid_t owner_of(uint64_t cookie)
{
    return cookie & 1 ? 1000 : 0;
}

bool somebody_may_act(uint64_t cookie)
{
    struct latch *l = registry_next(d.latches, cookie, NULL);
    while (l && !l->shown && l->uid != owner_of(cookie))
        l = registry_next(d.latches, cookie, l);
    return l != NULL;
}
