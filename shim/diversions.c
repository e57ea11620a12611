/* Finds source routes and foreign source addresses in options and in messages (diversions.h). */
#include "shim/diversions.h"

#include "libapi/wire/protocol.h"
#include "libapi/wire/source_route.h"
#include "libapi/wire/wire.h"
#include "shim/foreign_source.h"
#include "shim/memory.h"
#include "shim/settings.h"
#include "shim/sock.h"

#include <linux/in6.h>
#include <netinet/in.h>
#include <stdint.h>

static bool is_source_route(int fd, const void *options, size_t len)
{
    unsigned char own[MAX_IPOPTLEN];
    len = len < sizeof own ? len : sizeof own;
    return len && memory_read(fd, own, options, len) && has_source_route(own, len);
}

static bool is_diverted_connected(int fd)
{
    struct btns_addr remote;
    return protocol_is_datagrams(sock_protocol(fd)) ? sock_remote(fd, &remote) : !sock_idle(fd);
}

/* Does the option allow datagrams with any source address? */
static bool diverts_by_any_source(int fd, int level, int name, const void *value, socklen_t len)
{
    int on = 0;
    bool names_one = (level == IPPROTO_IP && name == IP_TRANSPARENT) ||
                     (level == IPPROTO_IPV6 && name == IPV6_TRANSPARENT);
    /* The kernel also accepts an int of one byte. */
    return names_one && len && memory_read(fd, &on, value, len < sizeof on ? 1 : sizeof on) && on &&
           protocol_is_datagrams(sock_protocol(fd));
}

static bool diverts_by_source_route(int fd, int level, int name, const void *value, socklen_t len)
{
    return level == IPPROTO_IP && name == IP_OPTIONS && is_source_route(fd, value, len) &&
           sock_protocol(fd);
}

bool diverts_connected(int fd, int level, int name, const void *value, socklen_t len)
{
    return (diverts_by_source_route(fd, level, name, value, len) ||
            diverts_by_any_source(fd, level, name, value, len)) &&
           !(settings()->flags & BTNS_F_BYPASS) && is_diverted_connected(fd);
}

static const char *diverts_by_header(int fd, const struct cmsghdr *c, const char *data, size_t len)
{
    struct in6_pktinfo from;
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_RETOPTS && is_source_route(fd, data, len))
        return "a source route (IP_RETOPTS) would lead the datagram past its guard: send it "
               "without";
    bool named = c->cmsg_level == IPPROTO_IPV6 &&
                 (c->cmsg_type == IPV6_PKTINFO || c->cmsg_type == IPV6_2292PKTINFO) &&
                 len >= sizeof from && memory_read(fd, &from, data, sizeof from);
    return named && source_is_foreign(fd, &from.ipi6_addr)
               ? "the datagram's source (IPV6_PKTINFO) is no address of this host, so that no "
                 "guard is for it: name another"
               : NULL;
}

const char *diverts_message(int fd, const struct msghdr *msg)
{
    struct cmsghdr c;
    const char *at = msg->msg_control, *why;
    size_t left = at ? msg->msg_controllen : 0;
    if (settings()->flags & BTNS_F_BYPASS)
        return NULL;
    while (left >= sizeof c && memory_read(fd, &c, at, sizeof c)) {
        if (c.cmsg_len < sizeof c || c.cmsg_len > left)
            return NULL;
        why = diverts_by_header(fd, &c, at + CMSG_LEN(0), c.cmsg_len - CMSG_LEN(0));
        if (why)
            return why;
        size_t step = CMSG_ALIGN(c.cmsg_len);
        if (step >= left)
            return NULL;
        at += step;
        left -= step;
    }
    return NULL;
}
