#include "shim/diversions.h"

#include "libapi/wire/service.h"
#include "libapi/wire/source_route.h"
#include "libapi/wire/wire.h"
#include "shim/memory.h"
#include "shim/settings.h"
#include "shim/sock.h"

#include <linux/in6.h>
#include <netinet/in.h>
#include <stdint.h>

static bool is_route(int fd, const void *options, size_t len)
{
    unsigned char own[MAX_IPOPTLEN];
    len = len < sizeof own ? len : sizeof own;
    return len && memory_read(fd, own, options, len) && has_source_route(own, len);
}

static bool is_connected(int fd)
{
    struct btns_addr remote;
    return protocol_is_datagrams(sock_protocol(fd)) ? sock_remote(fd, &remote) : !sock_idle(fd);
}

/* An option by which datagrams may have any source. */
static bool frees_source(int fd, int level, int name, const void *value, socklen_t len)
{
    int on = 0;
    bool names_one = (level == IPPROTO_IP && name == IP_TRANSPARENT) ||
                     (level == IPPROTO_IPV6 && name == IPV6_TRANSPARENT);
    /* The kernel takes a single octet, too. */
    return names_one && len && memory_read(fd, &on, value, len < sizeof on ? 1 : sizeof on) && on &&
           protocol_is_datagrams(sock_protocol(fd));
}

static bool adds_route(int fd, int level, int name, const void *value, socklen_t len)
{
    return level == IPPROTO_IP && name == IP_OPTIONS && is_route(fd, value, len) &&
           sock_protocol(fd);
}

bool diverts_connected(int fd, int level, int name, const void *value, socklen_t len)
{
    return (adds_route(fd, level, name, value, len) || frees_source(fd, level, name, value, len)) &&
           !(settings()->flags & BTNS_F_BYPASS) && is_connected(fd);
}

bool diverts_message(int fd, const struct msghdr *msg)
{
    struct cmsghdr c;
    const char *at = msg->msg_control;
    size_t left = at ? msg->msg_controllen : 0;
    if (settings()->flags & BTNS_F_BYPASS)
        return false;
    while (left >= sizeof c && memory_read(fd, &c, at, sizeof c)) {
        if (c.cmsg_len < sizeof c || c.cmsg_len > left)
            return false;
        if (c.cmsg_level == IPPROTO_IP && c.cmsg_type == IP_RETOPTS &&
            is_route(fd, at + CMSG_LEN(0), c.cmsg_len - CMSG_LEN(0)))
            return true;
        size_t step = CMSG_ALIGN(c.cmsg_len);
        if (step >= left)
            return false;
        at += step;
        left -= step;
    }
    return false;
}
