/* A service: what a program offers or reaches at an address, named by transport protocol and port.
 */
#ifndef BTNS_SERVICE_H
#define BTNS_SERVICE_H

#include <stdbool.h>
#include <stdint.h>

struct service {
    uint8_t protocol; /* IPPROTO_TCP, ...; as in IP headers */
    uint16_t port;    /* host order; 0: any */
};

bool service_same(struct service a, struct service b);
/* Can btns protect this protocol? */
bool protocol_known(int protocol);
/* "tcp", "udp"; NULL: a protocol without a name here. Static storage. */
const char *protocol_name(int protocol);
/* The number of "tcp" or "udp", or 0. */
uint8_t protocol_number(const char *name);

#endif
