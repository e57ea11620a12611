/*
 * Asks a host whether anybody has UDP port 500, by a datagram that IKE daemons ignore: a host
 * without one says so by an ICMP error. The socket is connected, from a port of the kernel's
 * choice, so that who is not on the path cannot forge the error without guessing that port.
 */
#ifndef BTNS_XFRM_PORT_PROBE_H
#define BTNS_XFRM_PORT_PROBE_H

#include "libapi/wire/addr.h"

enum port_answer {
    PORT_SILENT, /* nothing came, as from an IKE daemon */
    PORT_CLOSED, /* the host is there, and nobody has the port */
    PORT_NO_WAY, /* a router, or this host, does not reach it */
};

/* Ports of the addresses do not count. A descriptor that is readable when there is an answer, or
 * -errno. */
int port_probe_open(const struct btns_addr *local, const struct btns_addr *remote);
/* Sends it (again). PORT_NO_WAY: it cannot be sent. */
enum port_answer port_probe_send(int fd);
/* Does not wait. */
enum port_answer port_probe_read(int fd);

#endif
