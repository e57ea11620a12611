/* A service at an address, named by transport protocol and port. */
#ifndef BTNS_LIBAPI_WIRE_SERVICE_H
#define BTNS_LIBAPI_WIRE_SERVICE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

struct service {
    uint8_t protocol; /* IPPROTO_TCP, ...; as in IP headers */
    uint16_t port;    /* host order; 0: any */
};

/* The protocol of a question that does not name one. */
#define PROTOCOL_UNSAID IPPROTO_TCP

bool service_same(struct service a, struct service b);
/* Can btnsd protect this protocol? */
bool protocol_known(int protocol);
/* Does it have datagrams and no connections? */
bool protocol_is_datagrams(int protocol);
/*
 * IKE's own ports, and the port of UDP-encapsulated ESP: nothing protects them, because they carry
 * the protection itself.
 */
#define IKE_PORT       500
#define IKE_NAT_PORT   4500
#define IKE_PORTS_TEXT "UDP ports 500 and 4500 are IKE's own, which nothing protects"
bool service_is_ike(struct service s);
/* The protocol's name, "tcp" or "udp", in static storage; NULL if this build knows no name. */
const char *protocol_name(int protocol);
/* The number of the protocol called "tcp" or "udp"; 0: another name. */
uint8_t protocol_number(const char *name);

#endif
