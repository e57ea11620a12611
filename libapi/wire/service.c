/* A service at an address, named by transport protocol and port; and the names of protocols. */
#include "libapi/wire/service.h"

#include <stddef.h>
#include <string.h>

static const struct {
    uint8_t number;
    const char *name;
    bool known; /* btnsd can protect this protocol */
} protocols[] = {{IPPROTO_TCP, "tcp", true}, {IPPROTO_UDP, "udp", true}};

#define PROTOCOLS (sizeof protocols / sizeof *protocols)

bool service_same(struct service a, struct service b)
{
    return a.protocol == b.protocol && a.port == b.port;
}

bool protocol_known(int protocol)
{
    for (size_t i = 0; i < PROTOCOLS; i++)
        if (protocols[i].number == protocol)
            return protocols[i].known;
    return false;
}

bool protocol_is_datagrams(int protocol)
{
    return protocol == IPPROTO_UDP;
}

bool service_is_ike(struct service s)
{
    return s.protocol == IPPROTO_UDP && (s.port == IKE_PORT || s.port == IKE_NAT_PORT);
}

const char *protocol_name(int protocol)
{
    for (size_t i = 0; i < PROTOCOLS; i++)
        if (protocols[i].number == protocol)
            return protocols[i].name;
    return NULL;
}

uint8_t protocol_number(const char *name)
{
    for (size_t i = 0; i < PROTOCOLS; i++)
        if (!strcmp(protocols[i].name, name))
            return protocols[i].number;
    return 0;
}
