/*
 * Finds a source route among IP options (RFC 791). The kernel routes the packet by the first
 * address of the source route, so the packet bypasses the guard for its destination. (For IPv6 the
 * kernel uses the last address.)
 */
#ifndef BTNS_LIBAPI_WIRE_SOURCE_ROUTE_H
#define BTNS_LIBAPI_WIRE_SOURCE_ROUTE_H

#include <netinet/ip.h>
#include <stdbool.h>
#include <stddef.h>

/* Truncated options are left to the kernel to refuse. */
static inline bool has_source_route(const unsigned char *options, size_t len)
{
    for (size_t i = 0; i < len && options[i] != IPOPT_EOL;) {
        if (options[i] == IPOPT_LSRR || options[i] == IPOPT_SSRR)
            return true;
        if (options[i] != IPOPT_NOP && (len - i < 2 || options[i + 1] < 2))
            return false;
        i += options[i] == IPOPT_NOP ? 1 : options[i + 1];
    }
    return false;
}

#endif
