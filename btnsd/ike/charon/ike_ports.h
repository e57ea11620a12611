/*
 * The UDP ports of IKE (500 and 4500). charon starts even if another program has one of them, so
 * btnsd checks first, and holds the ports while no charon runs.
 */
#ifndef BTNS_IKE_CHARON_IKE_PORTS_H
#define BTNS_IKE_CHARON_IKE_PORTS_H

#include "libapi/wire/err.h"

#include <sys/types.h>

#define IKE_PORTS 4 /* 500 and 4500, IPv4 and IPv6 */

/* Zeroed and then ike_ports_init(): holds no port. */
struct ike_ports {
    int fd[IKE_PORTS];
};

void ike_ports_init(struct ike_ports *p);
/* Binds all ports that are free. 0, or -EADDRINUSE with err that says which user has another. */
int ike_ports_hold(struct ike_ports *p, struct err *err);
void ike_ports_release(struct ike_ports *p);
/*
 * Does the process `pid` have the ports? Another program may have bound one between
 * ike_ports_release() and charon's start. 0, or -EADDRINUSE with err as above. A port that nobody
 * has (on a host without IPv6) is no fault.
 */
int ike_ports_belong(pid_t pid, struct err *err);

#endif
