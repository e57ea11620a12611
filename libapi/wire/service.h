/* A service at an address, named by transport protocol and port. */
#ifndef BTNS_LIBAPI_WIRE_SERVICE_H
#define BTNS_LIBAPI_WIRE_SERVICE_H

#include "libapi/wire/protocol.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct service {
    uint8_t protocol; /* IPPROTO_TCP, ...; as in IP headers */
    uint16_t port;    /* host order; 0: any */
};

bool service_same(struct service a, struct service b);
/*
 * IKE's own ports, and the port of UDP-encapsulated ESP: nothing protects them, because they carry
 * the protection itself.
 */
#define IKE_PORT       500
#define IKE_NAT_PORT   4500
#define IKE_PORTS_TEXT "UDP ports 500 and 4500 are IKE's own, which nothing protects"
bool service_is_ike(struct service s);

#endif
