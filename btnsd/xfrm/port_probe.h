/*
 * Asks whether a host runs an IKE daemon, by a datagram to UDP port 500 that IKE daemons ignore: a
 * host without one answers with an ICMP error. The socket is connected, from a port that the kernel
 * chose, so that an attacker who is not on the path would have to guess that port to forge the
 * error.
 */
#ifndef BTNS_XFRM_PORT_PROBE_H
#define BTNS_XFRM_PORT_PROBE_H

#include "libapi/wire/addr.h"

enum port_answer {
    PORT_SILENT, /* no answer, as from a host that runs an IKE daemon */
    PORT_CLOSED, /* the host answers that nobody listens at the port */
    PORT_NO_WAY, /* a router, or this host, has no route to it */
};

/*
 * Opens the probe; the ports of the addresses are ignored. Returns a descriptor that is readable
 * when there is an answer, or -errno.
 */
int port_probe_open(const struct btns_addr *local, const struct btns_addr *remote);
/* Sends the datagram (again). PORT_NO_WAY: it cannot be sent. */
enum port_answer port_probe_send(int fd);
/* Reads an answer, without waiting for one. */
enum port_answer port_probe_read(int fd);

#endif
