/* Looks through this process's descriptors for sockets of TCP and UDP. */
#include "shim/run/sockets.h"

#include <dirent.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

enum { LOOKED_AT = 256 }; /* descriptors, where there is no /proc */

static int socket_option_of(int fd, int name)
{
    int value = -1;
    socklen_t len = sizeof value;
    return getsockopt(fd, SOL_SOCKET, name, &value, &len) ? -1 : value;
}

static bool is_tcp_socket(int fd)
{
    int protocol = socket_option_of(fd, SO_PROTOCOL);
    return protocol == IPPROTO_TCP || protocol == IPPROTO_MPTCP;
}

static bool is_connected_socket(int fd)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    return !getpeername(fd, (struct sockaddr *)&ss, &len);
}

/* A UDP socket that is bound or connected, so that it can receive datagrams. */
static bool is_udp_socket(int fd)
{
    struct sockaddr_storage ss = {0};
    socklen_t len = sizeof ss;
    return socket_option_of(fd, SO_PROTOCOL) == IPPROTO_UDP &&
           socket_option_of(fd, SO_TYPE) == SOCK_DGRAM &&
           !getsockname(fd, (struct sockaddr *)&ss, &len) &&
           ((struct sockaddr_in *)&ss)->sin_port; /* sin6_port is at the same place */
}

static bool is_listening_socket(int fd)
{
    return is_tcp_socket(fd) && socket_option_of(fd, SO_ACCEPTCONN) == 1;
}

struct found {
    char *text;
    size_t len;
    int alone; /* sockets that only the shim can ask about; the supervisor sees accept() */
    bool full;
};

static void list_inherited_socket(struct found *f, int fd)
{
    uint64_t cookie = 0;
    socklen_t len = sizeof cookie;
    bool alone = is_udp_socket(fd) || (is_tcp_socket(fd) && is_connected_socket(fd));
    if ((!alone && !is_listening_socket(fd)) ||
        getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len))
        return;
    int n = snprintf(f->text + f->len, SOCKETS_TEXT - f->len, "%s%d:%" PRIx64, f->len ? "," : "",
                     fd, cookie);
    f->full |= n >= (int)(SOCKETS_TEXT - f->len);
    f->text[f->full ? f->len : f->len + (size_t)n] = '\0';
    f->len += f->full ? 0 : (size_t)n;
    f->alone += alone;
}

int sockets_list(char text[SOCKETS_TEXT])
{
    struct found f = {.text = text};
    *text = '\0';
    DIR *d = opendir("/proc/self/fd");
    for (struct dirent *e; d && (e = readdir(d));)
        if (*e->d_name != '.')
            list_inherited_socket(&f, atoi(e->d_name));
    for (int fd = 0; !d && fd < LOOKED_AT; fd++)
        list_inherited_socket(&f, fd);
    if (d)
        closedir(d);
    return f.full ? -1 : f.alone;
}
