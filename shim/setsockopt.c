/*
 * setsockopt(): notices options that change routing, because verdicts cached for other sockets do
 * not apply then, and options that send a datagram in parts.
 */
#include "shim/setsockopt.h"

#include "libapi/wire/wire.h"
#include "shim/calls.h"
#include "shim/datagram_parts.h"
#include "shim/diversions.h"
#include "shim/memory.h"
#include "shim/settings.h"
#include "shim/sock.h"
#include "shim/socket_keys.h"

#include <errno.h>
#include <linux/in6.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif
#ifndef IP_UNICAST_IF
#define IP_UNICAST_IF 50
#endif

static const struct {
    int level;
    int name;
} special[] = {
    {SOL_SOCKET, SO_BINDTODEVICE},
    {SOL_SOCKET, SO_BINDTOIFINDEX},
    {SOL_SOCKET, SO_MARK},
    {SOL_SOCKET, SO_DONTROUTE},
    {IPPROTO_IP, IP_UNICAST_IF},
    {IPPROTO_IP, IP_OPTIONS},
    {IPPROTO_IP, IP_TRANSPARENT},
    {IPPROTO_IP, IP_XFRM_POLICY},
    {IPPROTO_IP, IP_IPSEC_POLICY},
    {IPPROTO_IPV6, IPV6_UNICAST_IF},
    {IPPROTO_IPV6, IPV6_ADDR_PREFERENCES},
    {IPPROTO_IPV6, IPV6_RTHDR},
    {IPPROTO_IPV6, IPV6_PKTINFO},
    {IPPROTO_IPV6, IPV6_TRANSPARENT},
    {IPPROTO_IPV6, IPV6_IPSEC_POLICY},
    {IPPROTO_IPV6, IPV6_XFRM_POLICY},
};

/*
 * Never reset: programs set such options so rarely that it is not recorded which sockets have them.
 */
static bool seen;

bool setsockopt_has_special_route(void)
{
    return __atomic_load_n(&seen, __ATOMIC_RELAXED);
}

static void setsockopt_note_route(int level, int name)
{
    for (size_t i = 0; i < sizeof special / sizeof *special; i++)
        if (special[i].level == level && special[i].name == name)
            __atomic_store_n(&seen, true, __ATOMIC_RELAXED);
}

/*
 * With TCP_FASTOPEN_CONNECT, connect() sends nothing: the SYN leaves with the first data, perhaps
 * long after the verdict. So the option is refused as by a kernel that lacks it, for which programs
 * are prepared.
 */
static bool is_setsockopt_of_late_connect(int level, int name)
{
    return level == IPPROTO_TCP && name == TCP_FASTOPEN_CONNECT &&
           !(settings()->flags & BTNS_F_BYPASS);
}

int shim_setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
    int on = 0, saved = errno;
    setsockopt_note_route(level, name);
    if (level == IPPROTO_UDP && name == UDP_CORK)
        datagram_parts_note(MSG_MORE);
    if (socket_key_removed_by(fd, level, name, value, len)) {
        errno = ENOPROTOOPT;
        return -1;
    }
    if (diverts_connected(fd, level, name, value, len)) {
        errno = ENOPROTOOPT;
        return -1;
    }
    if (!is_setsockopt_of_late_connect(level, name) || len < sizeof on)
        return REAL(setsockopt, fd, level, name, value, len);
    if (!memory_read(fd, &on, value, sizeof on))
        return REAL(setsockopt, fd, level, name, MEMORY_NONE, len);
    if (on && sock_protocol_number(fd)) {
        errno = ENOPROTOOPT;
        return -1;
    }
    errno = saved;
    return REAL(setsockopt, fd, level, name, &on, sizeof on);
}
