/* The transport protocols that btnsd knows: their numbers and names, and which it can protect. */
#include "libapi/wire/protocol.h"

#include <stddef.h>
#include <string.h>

static const struct {
    uint8_t number;
    const char *name;
    bool known; /* btnsd can protect this protocol */
} protocols[] = {{IPPROTO_TCP, "tcp", true}, {IPPROTO_UDP, "udp", true}};

#define PROTOCOLS (sizeof protocols / sizeof *protocols)

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
